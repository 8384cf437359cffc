"""Somebody deletes a room's Space in Seam: nobody is given access that goes with it, and it is made anew."""

from datetime import timedelta
from pathlib import Path

import pytest

from tests.world import World

SLOW = timedelta(minutes=10)


@pytest.fixture
def world(tmp_path: Path) -> World:
    world = World(tmp_path)
    world.equip(0)
    world.sync(full=True)
    world.clock.pass_(minutes=1)
    return world


def delete_space(world: World, room: int = 0) -> str:
    """As in Seam's console; returns the Space's id."""
    world.seam.delete_delay = SLOW
    space_id = world.seam.id_of("space", world.rooms[room])
    world.workspace.delete_space(space_id)
    return space_id


def test_nobody_is_given_access_that_goes_with_the_space(world: World) -> None:
    former = delete_space(world)
    booking = world.book(0)
    report = world.tick()
    assert world.seam.grant_by_key(booking) is None
    assert report.exit == 1
    (failed,) = [item for item in report.items if item.booking_id == booking and item.error]
    assert "Seam is deleting the Space of 101" in (failed.error or "")
    assert any("nobody is given new access" in item.reason for item in report.items)
    world.clock.time += SLOW
    world.sync(full=True)
    assert world.doors(booking) == ["101"]
    assert world.seam.id_of("space", world.rooms[0]) != former


def test_whoever_is_in_there_keeps_access_until_it_goes_and_has_it_again_then(world: World) -> None:
    booking = world.book(0)
    world.tick()
    delete_space(world)
    world.tick(full=True)
    assert world.doors(booking) == ["101"]
    world.clock.time += SLOW + SLOW
    world.seam.tick()
    world.sync(full=True)
    assert world.doors(booking) == ["101"]
    world.clock.pass_(minutes=1)
    with world.no_writes():
        world.sync(full=True)


def test_a_space_that_begins_to_go_while_a_run_is_under_way_is_not_taken_for_a_new_one(world: World) -> None:
    world.seam.remove("space", world.rooms[1])
    listed = world.workspace.list_spaces
    made = world.workspace.create_space

    def make(wanted: object) -> object:
        made(wanted)  # type: ignore[arg-type]
        delete_space(world, 1)
        return made(wanted)  # type: ignore[arg-type]

    world.workspace.create_space = make  # type: ignore[assignment,method-assign]
    booking = world.book(1)
    report = world.sync(full=True)
    assert world.seam.grant_by_key(booking) is None
    assert any("Seam is deleting the Space of 102" in (item.error or "") for item in report.items)
    assert listed(world.property)
