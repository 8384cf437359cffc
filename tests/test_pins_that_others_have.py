"""A PIN that goes along to another door is nobody else's there: neither at that time, nor before or after."""

import random
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.policy import CommonArea, Policy
from tests.at_the_doors import openers
from tests.world import START, World

SAME = 471_100
"""The PIN that several guests happen to have, each at a door of her own."""
LATER = {"arrival": START.replace(hour=13) + timedelta(days=7), "departure": START.replace(hour=9) + timedelta(days=9)}


class SamePins(random.Random):
    """The first `several` PINs are one and the same."""

    def __init__(self, several: int):
        super().__init__(1)
        self.left = several

    def randrange(self, start: int, *rest: int) -> int:  # type: ignore[override]
        if start == 10**6 and self.left:
            self.left -= 1
            return SAME
        return super().randrange(start, *rest)


def hotel_of(path: Path, several: int, **policy: Any) -> World:
    world = World(path, Policy(replace_wait=timedelta(seconds=20), **policy))
    for room in range(3):
        world.equip(room)
    world.seam._random = SamePins(several)
    return world


def pins(world: World) -> dict[str, str]:
    """By room and first name."""
    world.clock.pass_(minutes=5)
    return {" ".join(one): pin for one, pin in openers(world.seam, world.clock.now()).items()}


def told(world: World, report: Any) -> list[str]:
    return [str(item.reason) for item in report.items if item.kind == "access_grant"]


@pytest.mark.parametrize("when", [LATER, {}], ids=["in turn", "at one time"])
def test_who_moves_to_a_door_where_another_guest_has_her_pin_gets_a_new_one_and_is_told(
    tmp_path: Path, when: dict[str, Any]
) -> None:
    world = hotel_of(tmp_path, 2)
    booking = world.book(0, world.guest("Anna", "Novak"))
    world.book(1, world.guest("Ben", "Meyer"), **when)
    world.sync(full=True)
    assert pins(world) == {"101 Anna": "471100", "102 Ben": "471100"}
    world.hotel.assign(booking, world.rooms[1])
    report = world.tick()
    after = pins(world)
    assert after.keys() == {"102 Anna", "102 Ben"}
    assert after["102 Ben"] == "471100" != after["102 Anna"]
    assert any("new PIN: another guest has the former PIN at this door" in line for line in told(world, report))
    # And it stays what it is now.
    with world.no_writes():
        world.sync(full=True)
    assert pins(world) == after


def test_who_moves_to_a_door_where_nobody_has_her_pin_keeps_it(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 2)
    booking = world.book(0, world.guest("Anna", "Novak"))
    world.book(1, world.guest("Ben", "Meyer"))
    world.book(2, world.guest("Cleo", "Park"), **LATER)
    world.sync(full=True)
    world.hotel.assign(booking, world.rooms[2])
    report = world.tick()
    assert pins(world)["103 Anna"] == "471100"
    assert not any("new PIN:" in line for line in told(world, report))


def test_who_has_been_at_the_door_with_that_pin_is_not_let_in_by_the_next_guest(tmp_path: Path) -> None:
    """Ben has left; he still knows his PIN."""
    world = hotel_of(tmp_path, 2)
    booking = world.book(0, world.guest("Anna", "Novak"), departure=START.replace(hour=9) + timedelta(days=9))
    ben = world.book(1, world.guest("Ben", "Meyer"), arrival=START, departure=START + timedelta(days=1))
    world.sync(full=True)
    assert set(pins(world).values()) == {"471100"}
    world.clock.pass_(days=2)
    world.sync(full=True)
    world.hotel.assign(booking, world.rooms[1])
    world.tick()
    assert world.hotel.reservations[ben]["State"] == "Confirmed"
    after = pins(world)
    assert after.keys() == {"102 Anna"}
    assert after["102 Anna"] != "471100"


def test_two_guests_who_move_to_one_door_in_one_run_do_not_bring_the_same_pin(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 2)
    first = world.book(0, world.guest("Anna", "Novak"))
    second = world.book(1, world.guest("Ben", "Meyer"), **LATER)
    world.sync(full=True)
    for booking in (first, second):
        world.hotel.assign(booking, world.rooms[2])
    world.tick()
    after = pins(world)
    assert after.keys() == {"103 Anna", "103 Ben"}
    assert len(set(after.values())) == 2


def test_a_guest_who_goes_back_to_her_room_has_her_pin_again(tmp_path: Path) -> None:
    world = hotel_of(tmp_path, 2)
    booking = world.book(0, world.guest("Anna", "Novak"))
    world.book(1, world.guest("Ben", "Meyer"))
    world.sync(full=True)
    for room in (2, 0, 2):
        world.hotel.assign(booking, world.rooms[room])
        world.tick()
        assert set(pins(world).values()) == {"471100"}


def test_the_lobby_that_she_opens_already_is_no_reason_for_another_pin(tmp_path: Path) -> None:
    """Where all meet, PINs of other days are many; hers opened there before as well."""
    world = hotel_of(tmp_path, 2, common_areas=(CommonArea("lobby", "Lobby"),))
    world.seam.add_entrance("Lobby", "lobby", customer_key=world.property)
    booking = world.book(0, world.guest("Anna", "Novak"))
    world.book(1, world.guest("Ben", "Meyer"), **LATER)
    world.sync(full=True)
    world.hotel.assign(booking, world.rooms[2])
    world.tick()
    assert pins(world)["103 Anna"] == "471100"
