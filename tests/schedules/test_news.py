"""What has come in becomes runs over the bookings that it names."""

from collections.abc import Collection
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

from reconciler.scopes import RunOptions
from schedules.news import News
from store.engine import Database
from store.holds import Hold, Holds
from store.inbox import Delivery
from store.runs import Runs
from store.turns import take
from tests.world import START


def test_an_approval_of_some_overtakes_no_other_bookings(store: Database) -> None:
    Runs(store).begin("run 1", "alpen", "full", START, None)
    held = [Hold(f"b{number}", "hotel", f"b{number}", "too many at once") for number in (1, 2)]
    Holds(store).add("run 1", "alpen", held, START)
    taken: list[Collection[str]] = []

    def run(turn: Any, options: RunOptions, booking_ids: Collection[str]) -> Any:
        taken.append(booking_ids)
        return SimpleNamespace(broken_off=None, items=[], run_id="run 2"), lambda: None

    connection: Any = SimpleNamespace(
        name="alpen", keys=None, timetable=SimpleNamespace(incremental=timedelta(minutes=1))
    )
    checks: Any = None
    news = News(connection, store, checks, run, lambda: START, lambda source, seconds: None)
    subjects = {"runs": ["run 1"], "keys": ["b1"]}
    turn = take(store, "run alpen")
    news.act_upon_all(turn, [Delivery(1, "staff", "alpen", "1", "approve", None, subjects, START)])
    turn.release()
    assert taken == [{"b1"}]
