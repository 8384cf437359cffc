"""An urgent run in one process overtakes a long one in another: what each has begun with stands in the database."""

import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta

import pytest

from reconciler.precedence_over_processes import PrecedenceOverProcesses
from store.engine import Database, StoreFailed, TurnLost
from store.readings import RESERVATION, ReadingBook
from store.turns import Turn, take, turn_of, urgent_turn_of
from store.under_way import UnderWay

NOW = datetime(2026, 9, 21, 12, tzinfo=UTC)


class StillWaiting(Exception):
    """Whoever would wait for the other lane."""


def waits(seconds: float) -> None:
    raise StillWaiting


class Process:
    """One lane in a process of its own."""

    def __init__(self, store: Database, urgent: bool = False, sleep: Callable[[float], None] = waits):
        name = urgent_turn_of("alpen") if urgent else turn_of("alpen")
        self.turn: Turn = take(store, name, beside_others=True)
        self.book = ReadingBook(store.fenced(self.turn), "alpen")
        self.precedence = PrecedenceOverProcesses(
            lambda booking: booking.split("/")[0],
            UnderWay(store, "alpen"),
            turn_of("alpen"),
            urgent_turn_of("alpen"),
            sleep,
        )

    @contextmanager
    def urgent_run(self, *booking_ids: str) -> Iterator[None]:
        def note(mine: Collection[str]) -> None:
            self.book.note(RESERVATION, mine, self.turn.reading(NOW))

        with self.precedence.urgent_run(booking_ids, note, self.turn):
            yield

    @contextmanager
    def long_run(self) -> Iterator[None]:
        with self.precedence.long_run(self.turn):
            self.reading = self.turn.reading(NOW)
            self.precedence.let_urgent_runs_end()
            yield

    def begin(self, *booking_ids: str) -> list[str]:
        return self.precedence.begin(booking_ids, lambda asked: self.book.newer(RESERVATION, asked, self.reading))


@pytest.fixture
def long(store: Database) -> Iterator[Process]:
    process = Process(store)
    yield process
    process.turn.release()


@pytest.fixture
def urgent(store: Database) -> Iterator[Process]:
    process = Process(store, urgent=True)
    yield process
    process.turn.release()


def test_what_the_long_run_has_begun_with_is_waited_for_and_what_it_has_not_begun_it_leaves_alone(
    long: Process, urgent: Process, store: Database
) -> None:
    if store.is_sqlite:
        pytest.skip("a fleet needs PostgreSQL: in a file the two turns' readings have no order")
    with long.long_run():
        assert long.begin("b1/room1", "b3") == ["b1/room1", "b3"]
        with pytest.raises(StillWaiting), urgent.urgent_run("b1/room2"):
            pass
        with urgent.urgent_run("b2"):
            assert long.begin("b2/room1") == [], "the urgent run reads it later"
        assert long.begin("b2/room1") == [], "and has read it later"
        assert long.begin("b1/room3") == ["b1/room3"], "with this reservation it has begun already"
        long.precedence.end(["b1/room1", "b3"])
        with pytest.raises(StillWaiting), urgent.urgent_run("b1/room2"):
            pass
        long.precedence.end(["b1/room3"])
        with urgent.urgent_run("b1/room2"):
            pass


def test_a_long_run_begins_when_the_urgent_ones_of_the_moment_have_ended(long: Process, urgent: Process) -> None:
    with urgent.urgent_run("b1"), pytest.raises(StillWaiting), long.long_run():
        pass
    with long.long_run():
        pass


def test_what_a_process_that_died_had_begun_with_is_waited_for_no_longer_than_its_turn(
    urgent: Process, store: Database
) -> None:
    died = take(store, turn_of("alpen"), lasts=60.0, beside_others=True)
    UnderWay(store, "alpen").begin(died, ["b1"])
    with pytest.raises(StillWaiting), urgent.urgent_run("b1"):
        pass
    died.release()
    with urgent.urgent_run("b1"):
        pass
    # Whoever comes after it clears up.
    after = Process(store)
    with after.long_run():
        assert UnderWay(store, "alpen").of(turn_of("alpen")) == set()
    after.turn.release()


def test_whoever_has_lost_the_turn_begins_with_nothing(long: Process) -> None:
    with long.long_run():
        long.turn.release()
        with pytest.raises(TurnLost):
            long.begin("b1")


def test_the_end_of_a_long_run_leaves_nothing_behind_whatever_it_had_begun(long: Process, store: Database) -> None:
    with suppress(ValueError), long.long_run():
        long.begin("b1", "b2")
        raise ValueError
    assert UnderWay(store, "alpen").of(turn_of("alpen")) == set()


def test_a_database_that_fails_while_it_is_asked_leaves_nobody_waiting(long: Process, urgent: Process) -> None:
    def fails(reservations: Collection[str]) -> Collection[str]:
        raise StoreFailed("gone")

    with long.long_run():
        with pytest.raises(StoreFailed):
            long.precedence.begin(["b1"], fails)
        with urgent.urgent_run("b1"):
            pass


def test_two_bookings_of_a_reservation_wait_for_one_answer(long: Process) -> None:
    asked, answer = threading.Event(), threading.Event()
    found: list[list[str]] = []

    def slow(reservations: Collection[str]) -> Collection[str]:
        asked.set()
        assert answer.wait(20)
        return set(reservations)

    with long.long_run():
        first = threading.Thread(target=lambda: found.append(long.precedence.begin(["b1/1"], slow)))
        first.start()
        assert asked.wait(20)
        second = threading.Thread(target=lambda: found.append(long.precedence.begin(["b1/2"], set)))
        second.start()
        answer.set()
        first.join(20)
        second.join(20)
        # The first was overtaken, so the second has asked for itself.
        assert sorted(found) == [[], []]


def test_readings_of_two_turns_are_in_the_order_in_which_they_began(store: Database) -> None:
    if store.is_sqlite:
        pytest.skip("a fleet needs PostgreSQL")
    one = take(store, turn_of("alpen"), beside_others=True)
    other = take(store, urgent_turn_of("alpen"), beside_others=True)
    # By clocks of two machines, one of which is an hour behind.
    readings = [
        one.reading(NOW),
        one.reading(NOW),
        other.reading(NOW - timedelta(hours=1)),
        one.reading(NOW),
        other.reading(NOW - timedelta(hours=1)),
    ]
    assert [one.turn for one in readings] == sorted({one.turn for one in readings})
    book = ReadingBook(store, "alpen")
    for reading in reversed(readings[1:3]):
        book.note(RESERVATION, ["b1"], reading)
    assert book.newer(RESERVATION, ["b1"], readings[1]) == {"b1"}
    assert book.newer(RESERVATION, ["b1"], readings[2]) == set()
    one.release()
    # A process in which both lanes share a turn, or a command, is in the same order.
    after = take(store, turn_of("alpen"))
    assert after.reading(NOW - timedelta(days=1)).turn > readings[-1].turn
    after.release()
    other.release()


def test_what_a_long_run_had_begun_before_it_waited_it_begins_with_anew(long: Process, store: Database) -> None:
    with long.long_run():
        assert long.begin("b1") == ["b1"]
        long.precedence.let_urgent_runs_end()
        assert long.begin("b1") == ["b1"]
        assert UnderWay(store, "alpen").of(turn_of("alpen")) == {"b1"}
