"""A sweep of a fleet that gives way to what is urgent, while it reads and between two bookings."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from schedules.jobs import Job
from store.queue import TaskKind
from tests.databases import POSTGRESQL
from tests.night import Night
from tests.world import START


@pytest.fixture
def night(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Night]:
    # In a file the readings of two turns have no order.
    monkeypatch.setenv("WORLD_DATABASE", POSTGRESQL)
    night = Night(tmp_path, own_turns=True)
    for room in (0, 1):
        night.equip(room)
    night.do("full")
    yield night
    night.store.close()


def departure(night: Night, booking: str) -> str:
    grant = night.seam.grant_by_key(booking)
    assert grant is not None
    return str(grant["ends_at"][:10])


def test_what_comes_in_while_a_sweep_gives_way_is_dealt_with_at_once_and_left_alone_by_the_sweep(night: Night) -> None:
    arrival = START + timedelta(days=1)
    longer = arrival + timedelta(days=9)
    bookings = [night.book(room, arrival=arrival, departure=arrival + timedelta(days=2)) for room in (0, 1)]
    night.listen()
    made: list[int] = []
    told: list[str] = []

    def give_way(is_over: Callable[[], bool]) -> None:
        assert not is_over()
        waiting = [booking for booking in bookings if night.seam.grant_by_key(booking) is None]
        made.append(2 - len(waiting))
        if made[-1] == 1 and not told:
            # The guest to whom the sweep has not come yet stays for longer, and her PMS tells.
            told.extend(waiting)
            night.hotel.move_dates(told[0], departure=longer)
            night.sender.deliver_all()
            assert night.worker.step_inbox(), "nothing of the sweep is in its way"
            assert departure(night, told[0]) == f"{longer:%Y-%m-%d}"

    night.give_way = give_way  # type: ignore[method-assign]
    night.worker.enqueue(Job(TaskKind.FULL))
    assert night.worker.step_job()
    assert made[0] == 0, "before it writes anything"
    assert len(told) == 1
    assert departure(night, told[0]) == f"{longer:%Y-%m-%d}"


def test_a_guest_who_has_left_her_room_waits_for_nobody_until_she_has_the_other_one(night: Night) -> None:
    arrival = START + timedelta(days=1)
    one = night.book(0, arrival=arrival, departure=arrival + timedelta(days=2))
    other = night.book(1, arrival=arrival, departure=arrival + timedelta(days=2))
    night.do("full")
    night.hotel.assign(one, night.rooms[1])
    night.hotel.assign(other, night.rooms[0])
    outside: list[str] = []

    def give_way(is_over: Callable[[], bool]) -> None:
        outside.extend(booking for booking in (one, other) if night.seam.grant_by_key(booking) is None)
        gave.append(1)

    gave: list[int] = []
    night.give_way = give_way  # type: ignore[method-assign]
    night.do("full")
    assert gave
    assert outside == []
