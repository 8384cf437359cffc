"""A process that goes on for weeks does not look through what it is made of again and again."""

import gc
from collections.abc import Iterator

import pytest

from cli.garbage import look_rarely


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    threshold = gc.get_threshold()
    yield
    gc.unfreeze()
    gc.set_threshold(*threshold)


def test_what_is_there_when_a_process_is_assembled_is_not_looked_through_again_and_what_comes_later_is() -> None:
    there: list[object] = []
    there.append(there)
    look_rarely()
    assert not any(one is there for one in gc.get_objects())
    later: list[object] = []
    later.append(later)
    assert any(one is later for one in gc.get_objects())
    assert gc.get_threshold()[0] > 5_000
