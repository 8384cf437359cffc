"""What has come in becomes runs over the bookings that it names."""

from collections.abc import Collection
from dataclasses import replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from reconciler.scopes import RunOptions, TheseBookings
from schedules.news import News
from schedules.urgent_runs import UrgentRuns
from store import back_off
from store.engine import Database
from store.holds import Hold, Holds
from store.inbox import Delivery
from store.queue import Task, TaskKind
from store.runs import Runs
from store.turns import take
from tests.world import START


class Told:
    """News of one connection, whose runs only note what they were asked for."""

    def __init__(self, store: Database, broken_off: str | None = None):
        self.taken: list[Collection[str]] = []
        self.options: list[RunOptions] = []
        self.put_off: list[timedelta] = []
        self.checked: list[str] = []
        self.asked: list[str | None] = []
        self.broken_off = broken_off
        connection: Any = SimpleNamespace(
            name="alpen", keys=None, timetable=SimpleNamespace(incremental=timedelta(minutes=1))
        )
        checks: Any = SimpleNamespace(
            coming=lambda now: [SimpleNamespace(booking_id="b1", property_id="hotel")],
            check=self._check,
        )
        self.news: Any = News(connection, store, checks, self.run, lambda: START, lambda source, seconds: None)
        self.news._inbox_in = lambda turn: SimpleNamespace(put_off=self._put_off, done=lambda *_, **__: None)
        self.store = store

    def run(self, turn: Any, options: RunOptions, booking_ids: Collection[str]) -> Any:
        self.taken.append(booking_ids)
        self.options.append(options)
        return SimpleNamespace(broken_off=self.broken_off, items=[], run_id="run 2"), lambda: None

    def _check(self, turn: Any, property_id: str | None, booking_ids: Collection[str]) -> None:
        self.asked.append(property_id)
        self.checked += booking_ids

    def _put_off(self, deliveries: Any, now: datetime, until: datetime, note: str, *, failed: bool) -> None:
        self.put_off.append(until - now)

    def hears(self, kind: str, subjects: dict[str, list[str]]) -> None:
        self.hears_all(Delivery(1, "staff", "alpen", "1", kind, "hotel", subjects, START))

    def hears_all(self, *deliveries: Delivery) -> None:
        turn = take(self.store, "run alpen")
        try:
            self.news.act_upon_all(turn, list(deliveries))
        finally:
            turn.release()


def of_b1(source: str, minutes_ago: int = 0, attempts: int = 0) -> Delivery:
    at = START - timedelta(minutes=minutes_ago)
    task = Task("alpen", TaskKind.BOOKING_NEWS, "1", at, attempts=attempts)
    return Delivery(1, source, "alpen", "1", "changed", "hotel", {"bookings": ["b1"]}, at, task=task)


def test_an_approval_of_some_overtakes_no_other_bookings(store: Database) -> None:
    Runs(store).begin("run 1", "alpen", "full", START, None)
    held = [Hold(f"b{number}", "hotel", f"b{number}", "too many at once") for number in (1, 2)]
    Holds(store).add("run 1", "alpen", held, START)
    told = Told(store)
    told.hears("approve", {"runs": ["run 1"], "keys": ["b1"]})
    assert told.taken == [{"b1"}]


@pytest.mark.parametrize(("broken_off", "checked"), [(None, ["b1"]), ("Seam is away", [])])
def test_whoever_may_have_a_door_by_now_is_asked_for_where_the_locks_could_be_looked_at(
    store: Database, broken_off: str | None, checked: list[str]
) -> None:
    told = Told(store, broken_off)
    told.news._by_property = lambda deliveries: {"hotel": deliveries} if deliveries else {}
    told.hears("a lock was added", {"doors": ["lock 1"]})
    assert told.checked == checked
    assert bool(told.put_off) is bool(broken_off), "what could not be looked at is tried again"


def test_of_a_lock_of_which_nobody_knows_the_property_nobody_is_asked_for(store: Database) -> None:
    told = Told(store)
    told.hears_all(replace(of_b1("seam"), property_id=None, subjects={"doors": ["lock 1"]}))
    assert (len(told.options), told.asked) == (1, [])


def test_a_change_is_known_since_the_pms_told_it_first_whatever_staff_asked_for_before(store: Database) -> None:
    told = Told(store)
    told.hears_all(of_b1("staff", 9), of_b1("pms", 2), of_b1("pms", 5), of_b1("pms", 3))
    (options,) = told.options
    assert isinstance(options.scope, TheseBookings)
    assert options.scope.heard == {"b1": START - timedelta(minutes=5)}


def test_news_of_a_property_that_nobody_has_read_yet_is_looked_for_in_all_of_them(store: Database) -> None:
    told = Told(store)
    told.hears_all(of_b1("pms"))
    assert [one.property_id for one in told.options] == [None]


def test_what_waits_for_the_other_side_is_tried_by_how_long_that_is_away_and_what_is_wrong_by_how_often(
    store: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(back_off, "chance", lambda: 0.0)
    away = Told(store, "Seam is away")
    away.hears_all(of_b1("pms", attempts=0), of_b1("pms", 9, attempts=0))
    assert away.put_off == [timedelta(seconds=5), timedelta(minutes=1)]
    broken = Told(store)
    broken.news.runs._run = lambda *_: 1 / 0
    with pytest.raises(ZeroDivisionError):
        broken.hears_all(of_b1("pms", 9, attempts=1))
    assert broken.put_off == [timedelta(seconds=10)]


def test_a_wish_of_staff_ends_with_a_look_at_whether_it_opens_and_a_webhook_does_not(store: Database) -> None:
    told = Told(store)
    told.hears_all(of_b1("pms"))
    assert told.checked == []
    told.hears_all(of_b1("staff"))
    assert told.checked == ["b1"]


def test_the_end_of_a_run_is_noted_before_the_next_one_begins(store: Database) -> None:
    order: list[str] = []

    def run(turn: Any, options: RunOptions, booking_ids: Collection[str]) -> Any:
        name = f"run {len(order)}"
        order.append(f"{name} begins")
        return SimpleNamespace(), lambda: order.append(f"{name} ends")

    runs, turn = UrgentRuns(store, run), take(store, "run alpen")
    for _ in range(2):
        runs.run(turn, RunOptions(), ())
    runs.settle()
    turn.release()
    assert order == ["run 0 begins", "run 0 ends", "run 2 begins", "run 2 ends"]
