"""Urgent news of one booking does not wait for a long run over all of them."""

import threading
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from reconciler.precedence import Precedence
from schedules.jobs import Job, Jobs
from store.engine import StoreFailed
from store.queue import TaskKind
from store.readings import RESERVATION, ReadingBook
from store.stays import Stays
from store.tables import readings
from tests.night import Night
from tests.world import START


class Gate:
    """Stops the long run in the middle: when something of a name is first created, as one booking's grant."""

    def __init__(self, night: Night, named: str, path: str = "/access_grants/create"):
        self.reached, self.open = threading.Event(), threading.Event()
        handle = night.seam.handle

        def slow(method: str, asked: str, query: Any, headers: Any, body: bytes) -> Any:
            if asked == path and named.encode() in body and not self.reached.is_set():
                self.reached.set()
                assert self.open.wait(20)
            return handle(method, asked, query, headers, body)

        night.seam.handle = slow  # type: ignore[method-assign]


def test_a_guest_who_extends_during_a_long_run_does_not_wait_for_its_end(tmp_path: Path) -> None:
    night = Night(tmp_path)
    bookings = [night.book(room) for room in range(3)]
    # The run works in the order of the PMS's list: newest first.
    gate = Gate(night, bookings[2])
    long_run = threading.Thread(target=night.jobs.do, args=(Job(TaskKind.FULL),))
    long_run.start()
    assert gate.reached.wait(20)
    night.hotel.move_dates(bookings[0], departure=START + timedelta(days=8))
    night.mews_webhook(("ServiceOrderUpdated", bookings[0]))
    night.jobs.do(Job(TaskKind.BOOKING_NEWS))
    grant = night.seam.grant_by_key(bookings[0])
    assert grant is not None, "the urgent run waited for the long one"
    assert grant["ends_at"].startswith("2026-09-26T10:00")
    gate.open.set()
    long_run.join(20)
    # The long run had read the old departure: it leaves the booking alone.
    grant = night.seam.grant_by_key(bookings[0])
    assert grant is not None
    assert grant["ends_at"].startswith("2026-09-26T10:00")
    assert all(night.doors(booking) for booking in bookings)
    with night.no_writes():
        night.do("full")


def test_a_long_run_that_has_nothing_to_do_for_a_guest_notes_nothing_older_of_her(tmp_path: Path) -> None:
    night = Night(tmp_path)
    extended = night.book(0)
    night.do("full")
    gate = Gate(night, night.book(1))
    long_run = threading.Thread(target=night.jobs.do, args=(Job(TaskKind.FULL),))
    long_run.start()
    assert gate.reached.wait(20)
    until = START + timedelta(days=8)
    night.hotel.move_dates(extended, departure=until)
    night.mews_webhook(("ServiceOrderUpdated", extended))
    night.jobs.do(Job(TaskKind.BOOKING_NEWS))
    gate.open.set()
    long_run.join(20)
    stay = Stays(night.store).get("alpen", extended)
    assert stay is not None
    assert stay.ends_at is not None
    assert stay.ends_at.date() == until.date()


def test_a_long_run_gives_nobody_the_name_that_it_read_before_she_was_renamed(tmp_path: Path) -> None:
    night = Night(tmp_path)
    booking = night.book(0)
    night.do("full")
    night.hotel.rename_room(night.rooms[1], "Gate")
    gate = Gate(night, "Gate", "/spaces/update")
    long_run = threading.Thread(target=night.jobs.do, args=(Job(TaskKind.FULL),))
    long_run.start()
    assert gate.reached.wait(20)
    guest = night.owner(booking)
    night.hotel.edit_customer(guest, LastName="Dvorak")
    night.mews_webhook(("CustomerUpdated", guest))
    night.jobs.do(Job(TaskKind.BOOKING_NEWS))
    assert [one["full_name"] for one in night.seam.user_identities.values()] == ["Jana Dvorak"]
    gate.open.set()
    long_run.join(20)
    assert [one["full_name"] for one in night.seam.user_identities.values()] == ["Jana Dvorak"]


class Desk:
    """Precedence, and what the database would know of who has read what later."""

    def __init__(self, precedence: Precedence | None = None) -> None:
        self.precedence = precedence or Precedence()
        self.newer: set[str] = set()

    def urgent_run(self, booking_ids: Collection[str]) -> AbstractContextManager[None]:
        return self.precedence.urgent_run(booking_ids, self.newer.update)

    def enter(self, *booking_ids: str) -> list[str]:
        return self.precedence.begin(booking_ids, self.newer.intersection)


def test_what_the_long_run_has_begun_is_waited_for() -> None:
    desk, order = Desk(), []
    waiting = threading.Event()

    def urgent() -> None:
        waiting.set()
        with desk.urgent_run(["b1"]):
            order.append("urgent")

    with desk.precedence.long_run():
        assert desk.enter("b1")
        thread = threading.Thread(target=urgent)
        thread.start()
        assert waiting.wait(10)
        assert desk.enter("b2")
        order.append("long")
        desk.precedence.end(["b1"])
        thread.join(10)
        assert not desk.enter("b1"), "overtaken: the long run has read the PMS earlier"
    assert order == ["long", "urgent"]


def test_a_booking_that_is_overtaken_while_the_long_run_asks_is_waited_for_or_left_alone() -> None:
    desk, precedence = Desk(), Precedence()
    begun: list[str] = []

    def asks(reservations: Collection[str]) -> Collection[str]:
        # The long run has said that it begins, and has not heard yet of anything newer.
        with pytest.raises(TimeoutError), precedence.urgent_run(["b1"], desk.newer.update):
            begun.append("urgent")
        return desk.newer & set(reservations)

    def impatient(predicate: Callable[[], bool], timeout: float | None = None) -> bool:
        if not predicate():
            raise TimeoutError
        return True

    precedence._changed.wait_for = impatient  # type: ignore[method-assign]
    assert precedence.begin(["b1", "b2"], asks) == ["b2"]
    assert begun == []
    with precedence.urgent_run(["b1"], desk.newer.update):
        begun.append("urgent")
    assert begun == ["urgent"]


def test_a_database_that_fails_while_it_is_asked_leaves_nobody_waiting() -> None:
    precedence = Precedence()

    def fails(reservations: Collection[str]) -> Collection[str]:
        raise StoreFailed("gone")

    with pytest.raises(StoreFailed):
        precedence.begin(["b1"], fails)
    with precedence.urgent_run(["b1"], lambda mine: None):
        pass


def test_whatever_was_read_before_an_urgent_run_began_is_older_by_what_the_database_says(tmp_path: Path) -> None:
    night = Night(tmp_path)
    with night.jobs._only_one() as turn:
        book, now = ReadingBook(night.store, "alpen"), night.clock.now()
        long_run = turn.reading(now)
        # The clock stands still, and is set back: what comes later is newer all the same.
        urgent = turn.reading(now - timedelta(hours=1))
        with night.jobs._precedence.urgent_run(["b1"], lambda mine: book.note(RESERVATION, mine, urgent)):
            assert book.newer(RESERVATION, ["b1", "b2"], long_run) == {"b1"}
        assert book.newer(RESERVATION, ["b1"], turn.reading(now)) == set()


def test_a_long_run_that_fails_lets_everybody_go_on() -> None:
    desk = Desk()

    def long_run() -> None:
        with desk.precedence.long_run():
            desk.enter("b1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        long_run()
    with desk.urgent_run(["b1"]):
        pass


def test_a_long_run_begins_when_the_urgent_ones_of_the_moment_have_ended() -> None:
    desk, begun = Desk(), threading.Event()

    def long_run() -> None:
        with desk.precedence.long_run():
            desk.precedence.let_urgent_runs_end()
            begun.set()

    with desk.urgent_run(["b1"]):
        thread = threading.Thread(target=long_run)
        thread.start()
        assert not begun.is_set()
    thread.join(10)
    assert begun.is_set()


def test_news_that_comes_while_a_long_run_is_about_to_begin_is_acted_upon_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = Night(tmp_path)
    night.do("full")
    booking = night.book()
    gate = Gate(night, booking)
    about_to_begin, go_on = threading.Event(), threading.Event()
    report = Jobs._report

    def held_up(jobs: Jobs, run: Any, precedence: Any) -> Any:
        if precedence is not None:
            about_to_begin.set()
            assert go_on.wait(20)
        return report(jobs, run, precedence)

    monkeypatch.setattr(Jobs, "_report", held_up)
    long_run = threading.Thread(target=night.jobs.do, args=(Job(TaskKind.FULL),))
    long_run.start()
    assert about_to_begin.wait(20)
    night.mews_webhook(("ServiceOrderUpdated", booking))
    urgent = threading.Thread(target=night.jobs.do, args=(Job(TaskKind.BOOKING_NEWS),))
    urgent.start()
    assert gate.reached.wait(20)
    # The urgent run has looked at Seam, and has yet to write: what the long one does now it would do once more.
    go_on.set()
    long_run.join(1)
    gate.open.set()
    urgent.join(20)
    long_run.join(20)
    assert night.seam.calls["/access_grants/create"] == 1
    assert night.doors(booking) == ["101"]


def test_a_long_run_that_was_left_in_the_middle_is_waited_for_by_nobody() -> None:
    desk = Desk()
    with desk.precedence.long_run():
        assert desk.enter("b1")
        desk.precedence.let_urgent_runs_end()
        with desk.urgent_run(["b1"]):
            pass


def test_the_rooms_of_one_reservation_are_overtaken_together() -> None:
    desk = Desk(Precedence(lambda booking_id: booking_id.partition("-")[0]))
    with desk.precedence.long_run():
        with desk.urgent_run({"A"}):
            pass
        assert desk.enter("A-1", "A-2", "B-1") == ["B-1"]
        desk.precedence.end(["B-1"])
        with desk.urgent_run({"B-2"}):
            assert not desk.enter("B-1")


def test_whoever_has_begun_with_a_booking_goes_on_with_it_though_news_has_come_since() -> None:
    precedence = Precedence()
    with precedence.long_run():
        assert precedence.begin(["b1"], lambda asked: ()) == ["b1"]
        assert precedence.begin(["b1"], lambda asked: asked) == ["b1"]
        precedence.end(["b1", "b1"])
        assert precedence.begin(["b1"], lambda asked: asked) == []


def test_a_run_over_everything_is_itself_the_reading_and_notes_none_for_each_booking(tmp_path: Path) -> None:
    night = Night(tmp_path)
    booking = night.book(0)
    night.do("full")
    with night.store.reading() as db:
        assert booking not in set(db.scalars(select(readings.c.key)))
    night.clock.pass_(minutes=1)
    night.mews_webhook(("ServiceOrderUpdated", booking))
    night.settle()
    with night.store.reading() as db:
        assert booking in set(db.scalars(select(readings.c.key)))
