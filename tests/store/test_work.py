"""How far changes are read, and what is half done: of each connection, property and booking by itself."""

from datetime import UTC, datetime, timedelta

from store.engine import Database
from store.queue import Queue, Task, TaskKind
from store.work import Work

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
PLACES = [("alpen", "p1"), ("alpen", "p2"), ("isar", "p1")]


def begin(store: Database, booking: str, connection: str = "alpen", sealed: str | None = None) -> None:
    Work(store).begin_step("r1", connection, f"p of {booking}", booking, "create", NOW)
    if sealed is not None:
        Work(store).seal_step(connection, booking, sealed)


def test_how_far_changes_are_read_and_whether_lists_lose_rows_is_said_of_one_property(store: Database) -> None:
    work = Work(store)
    for place in PLACES:
        work.note_lists(*place, True)
        assert not work.loses_rows(*place), "no run has read it"
        work.advance_cursor(*place, NOW)
    work.advance_cursor("alpen", "p1", NOW + HOUR)
    work.note_lists("alpen", "p1", True)
    assert [work.cursor(*place) for place in PLACES] == [NOW + HOUR, NOW, NOW]
    assert [work.loses_rows(*place) for place in PLACES] == [True, False, False]
    work.note_lists("alpen", "p1", False)
    assert not work.loses_rows("alpen", "p1")
    work.forget_cursor("alpen", "p1")
    assert [work.cursor(*place) for place in PLACES] == [None, NOW, NOW]


def test_what_is_begun_with_is_cut_off_until_it_is_ended(store: Database) -> None:
    work = Work(store)
    for connection in ("alpen", "isar"):
        for booking in ("b1", "b2"):
            begin(store, booking, connection)
    work.end_steps("alpen", ["b1"])
    work.end_steps("alpen", [])
    assert work.cut_off("alpen") == {"b2": "p of b2"}
    assert work.cut_off("isar").keys() == {"b1", "b2"} == work.noted("isar")
    assert work.connections_to_retry(NOW) == {"alpen", "isar"}


def test_pins_are_sealed_into_the_note_of_one_booking_and_stay_when_it_is_begun_again(store: Database) -> None:
    work = Work(store)
    for connection, booking in (("alpen", "b1"), ("alpen", "b2"), ("isar", "b1")):
        begin(store, booking, connection)
    work.seal_step("alpen", "b1", "sealed")
    assert (work.sealed_steps("alpen"), work.sealed_steps("isar")) == ({"b1": "sealed"}, {})
    begin(store, "b1")
    assert work.sealed_steps("alpen") == {"b1": "sealed"}


def test_what_rests_is_not_cut_off_and_only_its_pins_stay(store: Database) -> None:
    work = Work(store)
    for connection in ("alpen", "isar"):
        begin(store, "bare", connection)
        begin(store, "with pin", connection, "sealed")
    begin(store, "under way", sealed="sealed")
    work.rest_steps("alpen", [])
    work.rest_steps("alpen", ["bare", "with pin"])
    assert work.cut_off("alpen").keys() == {"under way"}
    assert work.noted("alpen") == {"with pin", "under way"} == work.sealed_steps("alpen").keys()
    assert work.cut_off("isar").keys() == {"bare", "with pin"}


def test_pins_rest_from_when_they_were_sealed_or_from_when_it_is_said(store: Database) -> None:
    work = Work(store)
    for booking in ("b1", "b2"):
        begin(store, booking, sealed="sealed")
        begin(store, booking, "isar", sealed="sealed")
    work.rest_steps("alpen", ["b1"])
    work.rest_steps("alpen", ["b2"], NOW + HOUR)
    work.rest_steps("isar", ["b1", "b2"])
    work.forget_rested("alpen", NOW)
    assert work.sealed_steps("alpen").keys() == {"b1", "b2"}
    work.forget_rested("alpen", NOW + HOUR)
    assert work.sealed_steps("alpen").keys() == {"b2"}
    assert work.sealed_steps("isar").keys() == {"b1", "b2"}


def test_what_failed_or_was_cut_off_is_tried_again_once_it_is_due(store: Database) -> None:
    work, retry = Work(store), TaskKind.RETRY_BOOKING
    tasks = [
        Task("alpen", retry, "now", NOW, "p1", 2),
        Task("alpen", retry, "later", NOW + HOUR, "p1", 3),
        Task("alpen", TaskKind.WATCH_STAY, "watched", NOW, "p1"),
        Task("alpen", retry, "elsewhere", NOW, "p2", 1),
        Task("isar", retry, "of another", NOW + HOUR, "p1", 1),
    ]
    Queue(store).enqueue(tasks, NOW)
    assert work.retries_due("alpen", NOW) == [("p1", "now"), ("p2", "elsewhere")]
    assert work.watched("alpen", "p1", NOW) == {"now", "watched"}
    assert work.failures("alpen") == {"now": 2, "later": 3, "elsewhere": 1}
    assert work.failures("alpen", ["later", "watched"]) == {"later": 3}
    assert work.connections_to_retry(NOW) == {"alpen"}
    begin(store, "cut off")
    place = "p of cut off"
    assert work.retries_due("alpen", NOW) == [(place, "cut off"), ("p1", "now"), ("p2", "elsewhere")]
    assert (work.watched("alpen", place, NOW), work.watched("alpen", place, NOW, {})) == ({"cut off"}, set())
