"""Two lanes, and the threads of each: what has come in never waits for the sweeps of the timetable."""

from types import SimpleNamespace
from typing import Any

import pytest

from schedules.fleet_worker import _places
from schedules.lanes import KINDS, Embedded, Lane, lane_of
from store.queue import JOBS, TaskKind


def embedded(threads: int, **workers: Any) -> Embedded:
    queue: Any = SimpleNamespace(rescue=lambda connections: None)
    return Embedded(workers, queue, threads, lambda: True, lambda: 100.0)


@pytest.mark.parametrize(("threads", "urgent", "sweep"), [(1, 1, 1), (2, 1, 1), (4, 1, 3), (7, 1, 6), (8, 2, 6)])
def test_a_quarter_of_the_threads_is_kept_for_what_is_urgent_and_each_lane_has_one(
    threads: int, urgent: int, sweep: int
) -> None:
    pools = embedded(threads).pools
    assert (pools[Lane.URGENT]._counted, pools[Lane.SWEEP]._counted) == (urgent, sweep)


def test_only_what_has_come_in_is_urgent() -> None:
    assert lane_of(TaskKind.BOOKING_NEWS) is Lane.URGENT
    assert {lane_of(kind) for kind in JOBS} == {Lane.SWEEP}
    assert KINDS == {Lane.URGENT: (TaskKind.BOOKING_NEWS,), Lane.SWEEP: JOBS}


@pytest.mark.parametrize("lane", list(Lane))
@pytest.mark.parametrize(("did", "more", "again"), [(True, True, True), (True, False, False), (False, True, False)])
def test_a_lane_goes_on_where_something_was_done_and_more_was_due_then(
    lane: Lane, did: bool, more: bool, again: bool
) -> None:
    worker = SimpleNamespace(step_inbox=lambda: did, step_job=lambda: did, more_news=more, more_jobs=more)
    assert embedded(4, alpen=worker).pools[lane]._step("alpen") is again


def test_each_lane_does_its_own_step_of_the_connection_that_was_woken() -> None:
    did: list[str] = []

    def step(what: str) -> Any:
        return lambda: did.append(what)

    worker = SimpleNamespace(step_inbox=step("inbox"), step_job=step("job"))
    lanes = embedded(4, alpen=worker)
    lanes.pools[Lane.URGENT]._step("alpen")
    lanes.pools[Lane.SWEEP]._step("alpen")
    assert did == ["inbox", "job"]
    lanes.wake([("alpen", Lane.SWEEP)])
    assert [list(lanes.pools[lane]._waiting) for lane in Lane] == [[], ["alpen"]]


def test_both_lanes_end_within_the_same_seconds_and_each_is_given_a_moment() -> None:
    lanes = embedded(4)
    given: list[float] = []
    for lane, ends in zip(Lane, (True, False), strict=True):
        pool: Any = lanes.pools[lane]
        pool.join = lambda seconds, ends=ends: given.append(seconds) or ends
    assert lanes.stop(5.0) is False
    assert lanes.stop(0.0) is False
    assert given == [5.0, 5.0, 0.1, 0.1]
    lanes.pools[Lane.SWEEP].join = lambda seconds: True  # type: ignore[method-assign]
    assert lanes.stop(5.0) is True


@pytest.mark.parametrize(
    ("number", "places"), [(1, (1, 1, 0)), (2, (1, 1, 0)), (3, (1, 1, 1)), (8, (2, 2, 4)), (11, (2, 2, 7))]
)
def test_of_the_places_of_a_fleets_worker_each_lane_has_some_that_the_other_never_takes(
    number: int, places: tuple[int, int, int]
) -> None:
    found = _places(number, tuple(Lane))
    assert [found.get(lanes, 0) for lanes in ((Lane.URGENT,), (Lane.SWEEP,), tuple(Lane))] == list(places)
    assert 0 not in found.values()
    assert _places(number, [Lane.SWEEP]) == {(Lane.SWEEP,): number}
