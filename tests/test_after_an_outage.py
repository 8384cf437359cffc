"""Whatever waits because the other side was away is tried at once when it answers again."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from sandbox.http import Answer
from tests.night import Night
from tests.world import START

WRITES = ("/create", "/update", "/delete", "/request_access_methods")


def _refuse_writes(night: Night, status: int) -> Callable[[], None]:
    """Seam answers reads, and refuses what would change something; returns what ends that."""
    handle = night.seam.handle

    def refusing(method: str, path: str, query: Any, headers: Any, body: bytes) -> Answer:
        if path.endswith(WRITES):
            return Answer(status, b"{}", {"Retry-After": "1"})
        return handle(method, path, query, headers, body)

    night.seam.handle = refusing  # type: ignore[method-assign]

    def over() -> None:
        night.seam.handle = handle  # type: ignore[method-assign]

    return over


@pytest.mark.parametrize("status", [503, *(pytest.param(one, marks=pytest.mark.slow) for one in (429, 403))])
def test_in_step_within_one_interval_after_seam_takes_writes_again(tmp_path: Path, status: int) -> None:
    night = Night(tmp_path)
    leaving = [
        night.book(room, arrival=START - timedelta(days=1), departure=START + timedelta(days=2)) for room in range(2)
    ]
    night.do("full")
    assert all(night.doors(one) for one in leaving)
    over = _refuse_writes(night, status)
    for one in leaving:
        night.hotel.cancel(one)
    arriving = [night.book(room, arrival=START + timedelta(minutes=10)) for room in range(2)]
    start = night.clock.now()
    while night.clock.now() < start + timedelta(minutes=20):
        night.minute()
    over()
    back = night.clock.now()
    while any(night.doors(one) for one in leaving) or not all(night.doors(one) for one in arriving):
        night.minute()
        assert night.clock.now() - back <= night.timetable.incremental + timedelta(minutes=1)


def test_a_broken_record_is_tried_ever_more_rarely_beside_others_that_go_well(tmp_path: Path) -> None:
    night = Night(tmp_path)
    bad = night.book(0)
    handle, tries = night.seam.handle, []

    def refusing(method: str, path: str, query: Any, headers: Any, body: bytes) -> Answer:
        if path == "/access_grants/create" and bad.encode() in body:
            tries.append(night.clock.now())
            return Answer(400, b"{}")
        return handle(method, path, query, headers, body)

    night.seam.handle = refusing  # type: ignore[method-assign]
    night.do("full")
    for _ in range(50):
        night.minute()
    assert 3 <= len(tries) < 16


def test_whoever_should_be_out_comes_first_and_then_whoever_should_have_been_in_the_longest(tmp_path: Path) -> None:
    night = Night(tmp_path)
    out = night.book(0, arrival=START - timedelta(days=1), departure=START + timedelta(days=2))
    night.do("full")
    over = _refuse_writes(night, 503)
    night.hotel.cancel(out)
    late = night.book(1, arrival=START + timedelta(days=1))
    early = night.book(2, arrival=START - timedelta(hours=1))
    for _ in range(6):
        night.minute()
    over()
    before = len(night.seam.requests)
    night.do("incremental")
    written = [
        (path, body)
        for path, body in ((one[1], str(one)) for one in night.seam.requests[before:])
        if path.endswith(("access_grants/delete", "access_grants/create"))
    ]
    assert [path.rpartition("/")[2] for path, _ in written] == ["delete", "create", "create"]
    assert early in written[1][1]
    assert late in written[2][1]
