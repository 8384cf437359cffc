"""How a connection stands: one row, as the runs that ended have left it."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import event

from store.engine import Database
from store.history import History
from store.lasting import CLOCKS
from store.runs import OutcomeRow, Runs
from store.status import StatusBook
from store.turns import close_open_runs

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


def run(
    store: Database,
    name: str,
    at: int,
    mode: str = "incremental",
    trouble: str | None = None,
    connection: str = "alpen",
    property_id: str | None = None,
    lasts: int = 1,
) -> None:
    began = NOW + at * MINUTE
    Runs(store).begin(name, connection, mode, began, property_id)
    Runs(store).finish(name, mode, began + lasts * MINUTE, 0, {}, trouble)


def test_the_run_that_ends_says_how_its_connection_stands(store: Database) -> None:
    run(store, "r1", 0, "full")
    run(store, "r2", 10)
    run(store, "r3", 20, trouble="the PMS is down")
    run(store, "r4", 25, "bookings")
    run(store, "other", 30, "full", connection="berg")
    status = StatusBook(store).all()["alpen"]
    assert (status.last_run, status.trouble) == ("r4", None)
    assert (status.failures, status.sweep_trouble) == (1, "the PMS is down")
    assert (status.good_started_at, status.good_ended_at) == (NOW + 10 * MINUTE, NOW + 11 * MINUTE)
    assert (status.full_run, status.full_started_at) == ("r1", NOW)
    assert StatusBook(store).ended_last() == "other"


def test_failures_are_counted_in_a_row_and_a_good_run_ends_them(store: Database) -> None:
    for number in range(3):
        run(store, f"r{number}", number, trouble="the PMS is down")
    assert StatusBook(store).all()["alpen"].failures == 3
    run(store, "r3", 3)
    assert StatusBook(store).all()["alpen"].failures == 0


def test_what_began_earlier_and_ends_later_is_older_news(store: Database) -> None:
    run(store, "urgent", 5, "bookings")
    run(store, "long", 0, "full", "the PMS is down", lasts=30)
    status = StatusBook(store).all()["alpen"]
    assert (status.last_run, status.trouble, status.failures) == ("urgent", None, 1)
    assert StatusBook(store).ended_last() == "long"


def test_a_run_that_was_cut_off_has_failed(store: Database) -> None:
    for number in range(3):
        Runs(store).begin(f"r{number}", "alpen", "full", NOW + number * MINUTE)
    close_open_runs(store, "alpen", NOW + 10 * MINUTE)
    status = StatusBook(store).all()["alpen"]
    assert status.failures == 3
    assert "cut off" in str(status.sweep_trouble)
    assert status.last_run == "r2"


def test_a_good_run_over_one_property_keeps_its_connection_in_step(store: Database) -> None:
    run(store, "r1", 0, trouble="the PMS is down")
    run(store, "r2", 1, "night_audit", property_id="p")
    status = StatusBook(store).all()["alpen"]
    assert (status.failures, status.full_run, status.good_started_at) == (0, "r2", NOW + MINUTE)


@pytest.mark.parametrize("number", [1, 40])
def test_however_many_runs_there_have_been_one_question_is_enough(store: Database, number: int) -> None:
    for one in range(number):
        run(store, f"r{one}", one)
    asked: list[str] = []

    def note(connection: object, cursor: object, statement: str, *rest: object) -> None:
        asked.append(statement)

    event.listen(store._engine, "before_cursor_execute", note)
    found = StatusBook(store).all()
    event.remove(store._engine, "before_cursor_execute", note)
    assert (len(asked), found["alpen"].last_run) == (1, f"r{number - 1}")


def test_a_run_by_a_clock_that_is_days_ahead_is_no_news_for_days(store: Database) -> None:
    far = 3 * 24 * 60
    for number in range(3):
        run(store, f"far{number}", far + number, trouble="the clocks are too far apart")
    assert StatusBook(store).all()["alpen"].failures == 3
    run(store, "right", 10, "full")
    status = StatusBook(store).all()["alpen"]
    assert (status.last_run, status.trouble) == ("right", None)
    assert (status.failures, status.sweep_trouble) == (0, None)
    run(store, "next", 12, trouble="the PMS is down")
    assert StatusBook(store).all()["alpen"].failures == 1


def test_what_a_run_by_a_clock_that_is_days_ahead_found_ends_with_the_next_good_run(store: Database) -> None:
    line = OutcomeRow("property", CLOCKS, "read", "failed", "the clocks are too far apart")
    far = NOW + timedelta(days=3)
    Runs(store).begin("far", "alpen", "incremental", far)
    Runs(store).record("far", "alpen", [line], far)
    Runs(store).finish("far", "incremental", far + MINUTE, 1, {}, "the clocks are too far apart")
    assert History(store).clocks().keys() == {"alpen"}
    run(store, "right", 1)
    assert History(store).clocks() == {}
