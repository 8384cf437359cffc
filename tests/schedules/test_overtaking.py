"""Urgent news of one booking does not wait for a long run over all of them."""

import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from reconciler.overtaking import Claims
from schedules.jobs import Job, Name
from tests.night import Night
from tests.world import START


class Gate:
    """Stops the long run in the middle: at the creation of one booking's grant."""

    def __init__(self, night: Night, booking: str):
        self.reached, self.open = threading.Event(), threading.Event()
        handle = night.seam.handle

        def slow(method: str, path: str, query: Any, headers: Any, body: bytes) -> Any:
            if path == "/access_grants/create" and booking.encode() in body:
                self.reached.set()
                assert self.open.wait(20)
            return handle(method, path, query, headers, body)

        night.seam.handle = slow  # type: ignore[method-assign]


def test_a_guest_who_extends_during_a_long_run_does_not_wait_for_its_end(tmp_path: Path) -> None:
    night = Night(tmp_path)
    bookings = [night.book(room) for room in range(3)]
    # The run works in the order of the PMS's list: newest first.
    gate = Gate(night, bookings[2])
    long_run = threading.Thread(target=night.jobs.do, args=(Job(Name.FULL),))
    long_run.start()
    assert gate.reached.wait(20)
    night.hotel.move_dates(bookings[0], departure=START + timedelta(days=8))
    night.mews_webhook(("ServiceOrderUpdated", bookings[0]))
    night.jobs.do(Job(Name.INBOX))
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


def test_what_the_long_run_has_begun_is_waited_for() -> None:
    claims, order = Claims(), []
    waiting = threading.Event()

    def urgent() -> None:
        waiting.set()
        with claims.urgent_run(["b1"]):
            order.append("urgent")

    with claims.long_run():
        assert claims.enter("b1")
        thread = threading.Thread(target=urgent)
        thread.start()
        assert waiting.wait(10)
        assert claims.enter("b2")
        order.append("long")
        claims.leave("b1")
        thread.join(10)
        assert not claims.enter("b1"), "overtaken: the long run has read the PMS earlier"
    assert order == ["long", "urgent"]


def test_the_next_long_run_knows_no_more_of_who_overtook_the_last() -> None:
    claims = Claims()
    with claims.long_run(), claims.urgent_run(["b1"]):
        assert not claims.enter("b1")
    with claims.long_run():
        assert claims.enter("b1")


def test_a_long_run_that_fails_lets_everybody_go_on() -> None:
    claims = Claims()

    def long_run() -> None:
        with claims.long_run():
            claims.enter("b1")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        long_run()
    with claims.urgent_run(["b1"]):
        pass


def test_a_long_run_begins_when_the_urgent_ones_of_the_moment_have_ended() -> None:
    claims, begun = Claims(), threading.Event()

    def long_run() -> None:
        with claims.long_run():
            begun.set()

    with claims.urgent_run(["b1"]):
        thread = threading.Thread(target=long_run)
        thread.start()
        assert not begun.is_set()
    thread.join(10)
    assert begun.is_set()


def test_the_rooms_of_one_reservation_are_overtaken_together() -> None:
    claims = Claims(lambda booking_id: booking_id.partition("-")[0])
    with claims.long_run():
        with claims.urgent_run({"A"}):
            pass
        assert not claims.enter("A-1")
        assert not claims.enter("A-2")
        assert claims.enter("B-1")
        claims.leave("B-1")
        with claims.urgent_run({"B-2"}):
            assert not claims.enter("B-1")
