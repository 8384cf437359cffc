"""What has come in becomes runs over the bookings that it names."""

from collections.abc import Collection
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from reconciler.scopes import RunOptions
from schedules.news import News
from store.engine import Database
from store.holds import Hold, Holds
from store.inbox import Delivery
from store.runs import Runs
from store.turns import take
from tests.world import START


class Told:
    """News of one connection, whose runs only note what they were asked for."""

    def __init__(self, store: Database, broken_off: str | None = None):
        self.taken: list[Collection[str]] = []
        self.checked: list[str] = []
        self.broken_off = broken_off
        connection: Any = SimpleNamespace(
            name="alpen", keys=None, timetable=SimpleNamespace(incremental=timedelta(minutes=1))
        )
        checks: Any = SimpleNamespace(
            coming=lambda now: [SimpleNamespace(booking_id="b1", property_id="hotel")],
            check=lambda turn, property_id, booking_ids: self.checked.extend(booking_ids),
        )
        self.news: Any = News(connection, store, checks, self.run, lambda: START, lambda source, seconds: None)
        self.news._inbox_in = lambda turn: SimpleNamespace(put_off=lambda *_, **__: None, done=lambda *_, **__: None)
        self.store = store

    def run(self, turn: Any, options: RunOptions, booking_ids: Collection[str]) -> Any:
        self.taken.append(booking_ids)
        return SimpleNamespace(broken_off=self.broken_off, items=[], run_id="run 2"), lambda: None

    def hears(self, kind: str, subjects: dict[str, list[str]]) -> None:
        turn = take(self.store, "run alpen")
        self.news.act_upon_all(turn, [Delivery(1, "staff", "alpen", "1", kind, "hotel", subjects, START)])
        turn.release()


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
