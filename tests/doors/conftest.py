"""What is not mended yet: these may fail, until they are taken off this list."""

import pytest

AWAITED: frozenset[str] = frozenset(
    {
        "test_a_week_without_a_wrong_minute",
        "test_one_bad_answer_after_another_takes_nothing_away",
    }
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if getattr(item, "originalname", "") in AWAITED:
            item.add_marker(pytest.mark.xfail(strict=False, reason="not mended yet"))
