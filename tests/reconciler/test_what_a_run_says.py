"""What a run says of what it did not have to do."""

from pathlib import Path

from mappers.outcomes import Kind
from store.links import Links
from store.work import Work
from tests.world import World


def test_a_space_that_this_run_has_made_is_not_among_those_that_were_as_they_should_be(tmp_path: Path) -> None:
    world = World(tmp_path)
    assert world.sync(full=True).totals["space"] == {"created": 3}
    world.rooms.append(world.hotel.add_room(world.property, "104", world.double))
    assert world.tick(full=True).totals["space"] == {"created": 1, "unchanged": 3}
    assert world.tick(full=True).totals["space"] == {"unchanged": 4}


def test_of_lists_that_lose_nothing_nothing_else_is_remembered(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.book(0)
    for _ in range(2):
        world.tick(full=True)
    assert not Work(world.store).loses_rows(world.name, world.property)


def test_a_person_whom_nobody_needs_and_somebody_has_deleted_in_seam_is_told_once_and_forgotten(
    tmp_path: Path,
) -> None:
    world = World(tmp_path)
    booking = world.book(0)
    world.sync(full=True)
    guest = world.owner(booking)
    world.hotel.cancel(booking)
    world.tick()
    world.seam.user_identities_delete({"user_identity_id": world.seam.id_of("user_identity", guest)})
    told = [item for item in world.tick(night_audit=True).items if item.kind == Kind.USER_IDENTITY]
    assert [(item.key, item.action, item.cause) for item in told] == [(guest, "keep", "drift")]
    assert "not needed at the moment" in told[0].reason
    assert (Kind.USER_IDENTITY, guest) not in Links(world.store).of_connection(world.name)
    assert [item for item in world.tick(night_audit=True).items if item.kind == Kind.USER_IDENTITY] == []
