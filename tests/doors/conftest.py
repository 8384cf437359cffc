"""What is not mended yet, or not proved: these may fail, until they are taken off this list."""

import pytest

AWAITED: frozenset[str] = frozenset(
    {
        "test_a_week_without_a_wrong_minute",
    }
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if not AWAITED.isdisjoint((item.name, getattr(item, "originalname", ""))):
            item.add_marker(pytest.mark.xfail(strict=False, reason="not mended yet"))
