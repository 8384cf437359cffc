"""Somebody merges two people in Seam's console: the one who is left is taken up once, and access stays as it is."""

from datetime import timedelta
from pathlib import Path

import pytest

from mappers.policy import Policy
from tests.world import START, World


def two_stays(world: World) -> tuple[str, str, str, str]:
    """Two guests (their ids) in rooms 101 and 102, and their bookings."""
    for room in (0, 1):
        world.equip(room)
    first = world.guest("Jana", "Novak", phone="+436601234567")
    second = world.guest("J.", "Novakova", email=None)
    bookings = world.book(0, first), world.book(1, second)
    world.sync(full=True)
    world.clock.pass_(minutes=1)
    return first, second, *bookings


def access(world: World) -> dict[str, tuple[str, str | None]]:
    return {
        str(grant["access_grant_key"]): (str(grant["access_grant_id"]), world.seam.code_of(grant["access_grant_key"]))
        for grant in world.seam.live_grants()
    }


@pytest.mark.parametrize("survivor", [0, 1])
def test_merged_identities_are_taken_up_once(tmp_path: Path, survivor: int) -> None:
    world = World(tmp_path)
    first, second, *_ = two_stays(world)
    before = access(world)
    guests = (first, second) if survivor == 0 else (second, first)
    world.seam.merge(*guests)
    world.sync(full=True)
    world.clock.pass_(minutes=1)
    assert access(world) == before
    for options in ({"full": True}, {"full": True}, {}):
        with world.no_writes():
            assert world.sync(**options).exit == 0
        world.clock.pass_(minutes=1)
    assert len(world.seam.user_identities) == 1


def test_both_stays_are_kept_in_step_under_the_one_who_is_left(tmp_path: Path) -> None:
    world = World(tmp_path)
    first, second, one, other = two_stays(world)
    world.seam.merge(first, second)
    before = access(world)
    for booking in (one, other):
        world.hotel.move_dates(booking, departure=START + timedelta(days=8))
    world.tick()
    assert access(world) == before
    assert all(grant["ends_at"].startswith("2026-09-26") for grant in world.seam.live_grants())
    third = world.book(2, second)
    world.tick()
    grant = world.seam.grant_by_key(third)
    assert grant is not None
    assert grant["user_identity_id"] == world.seam.id_of("user_identity", first)


def test_after_a_lost_database_the_one_who_is_left_is_found_by_either_key(tmp_path: Path) -> None:
    world = World(tmp_path)
    first, second, *_ = two_stays(world)
    world.seam.merge(second, first)
    world.sync(full=True)
    before = access(world)
    world.lose_the_database()
    world.clock.pass_(minutes=1)
    with world.no_writes():
        assert world.sync(full=True).exit == 0
    assert access(world) == before


def test_nobody_is_forgotten_whose_other_half_still_has_access(tmp_path: Path) -> None:
    world = World(tmp_path, Policy(retain_guests=timedelta(days=1), retain_grants=timedelta(days=1)))
    first, second, one, other = two_stays(world)
    world.seam.merge(first, second)
    world.hotel.move_dates(one, departure=START + timedelta(days=60))
    for _ in range(12):
        world.sync(full=True)
        world.clock.pass_(days=1)
    assert world.doors(one) == ["101"]
    assert world.doors(other) == []
    assert world.seam.identity_by_key(second) is not None


def test_strangers_without_a_key_who_are_merged_stop_no_run(tmp_path: Path) -> None:
    world = World(tmp_path)
    world.equip(0)
    first, second = (_without_a_key(world, name) for name in ("The porter", "The same porter"))
    world.seam.user_identities_merge({"user_identity_id": first, "merged_user_identity_ids": [second]})
    bookings = [
        world.book(0, arrival=START + timedelta(days=day), departure=START + timedelta(days=day, hours=20))
        for day in range(1, 8)
    ]
    assert world.sync(full=True).exit == 0, "so many are looked for in the list of the whole workspace"
    assert sorted(access(world)) == sorted(bookings)


def test_whoever_is_merged_into_one_without_a_key_keeps_her_access_and_is_kept_in_step(tmp_path: Path) -> None:
    world = World(tmp_path)
    first, _, one, _ = two_stays(world)
    before = access(world)
    stranger = _without_a_key(world, "Jana N.")
    hers = world.seam.id_of("user_identity", first)
    world.seam.user_identities_merge({"user_identity_id": stranger, "merged_user_identity_ids": [hers]})
    for options in ({"full": True}, {"full": True}, {}):
        with world.no_writes():
            assert world.sync(**options).exit == 0
        world.clock.pass_(minutes=1)
    assert access(world) == before
    world.hotel.move_dates(one, departure=START + timedelta(days=8))
    world.tick()
    assert access(world) == before
    grant = world.seam.grant_by_key(one)
    assert grant is not None
    assert grant["ends_at"].startswith("2026-09-26")
    world.lose_the_database()
    world.clock.pass_(minutes=1)
    assert world.sync(full=True).exit == 0
    assert access(world) == before


def test_whom_seam_names_among_those_merged_into_herself_is_nobody_else(tmp_path: Path) -> None:
    world = World(tmp_path)
    first, *_ = two_stays(world)
    hers = world.seam.id_of("user_identity", first)
    world.seam.alter(hers, merged_user_identity_keys=[first], merged_user_identity_ids=[hers])
    world.hotel.edit_customer(first, LastName="Dvorak", Phone=None)
    world.tick()
    world.sync(full=True)
    identity = world.seam.user_identities[hers]
    assert (identity["full_name"], identity["phone_number"]) == ("Jana Dvorak", None)


def _without_a_key(world: World, name: str) -> str:
    """Somebody whom others have made in Seam. Returns Seam's id."""
    world.seam.user_identities_create({"full_name": name})
    return next(each for each, one in world.seam.user_identities.items() if one["full_name"] == name)
