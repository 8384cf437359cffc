"""Override locks know one reservation at a time: whoever comes later joins it, and throws nobody out."""

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mappers.policy import CommonArea, Policy
from seam_workspace.errors import SeamRefused
from tests.world import START, World


@pytest.fixture
def world(tmp_path: Path) -> World:
    policy = Policy(guests="everyone", common_areas=(CommonArea("lobby", "Lobby"),))
    world = World(tmp_path, policy)
    for room in (0, 1):
        world.equip(room, override=True)
    world.seam.add_entrance("Lobby", "lobby", customer_key=world.property)
    return world


def refuse(world: World, when: Callable[[str | None], bool]) -> list[str | None]:
    """Seam refuses these reservations from now on; returns what it is asked for."""
    create = world.workspace.create_access_grant
    asked: list[str | None] = []

    def refused(*args: Any, reservation_key: str | None, **rest: Any) -> Any:
        asked.append(reservation_key)
        if when(reservation_key):
            raise SeamRefused("no", status=409, words="reservation_conflict reservation entrance change")
        return create(*args, reservation_key=reservation_key, **rest)

    world.workspace.create_access_grant = refused  # type: ignore[method-assign]
    return asked


def in_house(world: World) -> str:
    booking = world.book(0, arrival=START + timedelta(minutes=5))
    world.sync(full=True)
    world.clock.pass_(minutes=10)
    return booking


def who_opens(world: World, room: int = 0) -> set[str | None]:
    door = next(one for one, door in world.seam.entrances.items() if door["display_name"] == f"Door {room}")
    return {held.access_grant_key for held in world.seam.opens().get(door, [])}


def test_a_companion_who_comes_later_joins_the_reservation_that_the_first_guest_holds(world: World) -> None:
    booking = in_house(world)
    friend = world.guest("Otto", "Weiss")
    world.hotel.add_companion(booking, friend)
    world.tick()
    world.clock.pass_(minutes=1)
    assert who_opens(world) == {booking, f"{booking}:{friend}"}
    assert {grant["reservation_key"] for grant in world.seam.live_grants()} == {booking}


def test_a_reservation_that_lives_on_is_joined_though_another_was_asked_for(world: World) -> None:
    booking = in_house(world)
    world.seam.edit_grant(booking, reservation_key=f"{booking}.2")
    friend = world.guest("Otto", "Weiss")
    world.hotel.add_companion(booking, friend)
    asked = refuse(world, lambda key: key != f"{booking}.2")
    world.tick()
    world.clock.pass_(minutes=1)
    assert asked[-1] == f"{booking}.2"
    assert who_opens(world) >= {f"{booking}:{friend}"}
    assert {one["reservation_key"] for one in world.seam.live_grants()} == {f"{booking}.2"}


def test_nobody_is_thrown_out_for_somebody_whom_seam_does_not_let_join(world: World) -> None:
    booking = in_house(world)
    friend = world.guest("Otto", "Weiss")
    world.hotel.add_companion(booking, friend)
    asked = refuse(world, lambda key: key == booking)
    report = world.tick()
    world.clock.pass_(minutes=1)
    assert asked == [booking]
    assert who_opens(world) == {booking}
    assert any("would lock that guest out" in (item.error or "") for item in report.items)


def test_a_reservation_on_its_way_out_makes_way_for_the_next(world: World) -> None:
    booking = in_house(world)
    world.seam.delete_delay = timedelta(hours=1)
    world.hotel.assign(booking, world.rooms[1])
    world.tick()
    world.clock.pass_(minutes=1)
    (living,) = [grant for grant in world.seam.live_grants() if grant["access_grant_key"].startswith(booking)]
    assert living["reservation_key"] == f"{booking}.2"
    assert who_opens(world, 1) == {f"{booking}.2"}
