"""Which lock is in which room's Space: decided by people, kept in Seam, told when somebody else changes it."""

from pathlib import Path

import pytest

from mappers.policy import CommonArea, Policy
from reconciler.lock_placement import FileWrong, LockPlacement
from store.locks import NO_ROOM, DecidedBy
from store.properties import KnownProperty
from store.work import Work
from tests.world import World


@pytest.fixture
def world(tmp_path: Path) -> World:
    """Rooms 101 to 103 with a lock each by name, a lobby, and a lock that fits nothing."""
    made = World(tmp_path, Policy(common_areas=(CommonArea("lobby", "Lobby"),)))
    made.locks = [  # type: ignore[attr-defined]
        made.seam.add_entrance(name, customer_key=made.property)
        for name in ("Room 101", "Room 102", "Room 103", "Lobby", "Staff only")
    ]
    made.sync(full=True)
    return made


def desk(world: World) -> LockPlacement:
    of = KnownProperty("alpen", world.property, "Hotel", "Europe/Vienna")
    made = LockPlacement("alpen", world.keys, world.policy, world.store, of)
    made.refresh(world.workspace, world.clock.now())
    return made


def locks_in(world: World, key: str) -> list[str]:
    space = world.seam.space_by_key(key)
    assert space is not None
    return sorted(
        str(door["display_name"]) for door in world.seam.entrances.values() if space["space_id"] in door["space_ids"]
    )


def place(world: World, **rest: object) -> None:
    world.sync(doors=True, **rest)


def test_sure_locks_are_put_into_their_rooms_once_and_never_again(world: World) -> None:
    assert desk(world).accept_sure("nina", world.clock.now()) == 4
    place(world)
    assert [locks_in(world, room) for room in world.rooms] == [["Room 101"], ["Room 102"], ["Room 103"]]
    assert locks_in(world, "lobby") == ["Lobby"]
    view = desk(world).view()
    assert (view.without_door, view.count("decided"), view.count("nothing fits")) == ([], 4, 1)
    with world.no_writes():
        place(world)
        world.sync(full=True)
        assert desk(world).accept_sure("nina", world.clock.now()) == 0


def test_nothing_is_placed_before_somebody_says_so(world: World) -> None:
    with world.no_writes():
        desk(world).view()
        place(world)
        world.sync(full=True)
    assert locks_in(world, world.rooms[0]) == []


def test_a_lock_that_was_added_or_removed_behind_our_back_is_put_back_and_told(world: World) -> None:
    desk(world).accept_sure("nina", world.clock.now())
    place(world)
    first, second = (world.seam.space_by_key(room) for room in world.rooms[:2])
    assert first is not None
    assert second is not None
    world.seam._set_doors(first, {"acs_entrance_ids": [world.locks[0], world.locks[4]]})  # type: ignore[attr-defined]
    world.seam._set_doors(second, {"acs_entrance_ids": []})
    report = world.sync(full=True)
    assert [locks_in(world, room) for room in world.rooms[:2]] == [["Room 101"], ["Room 102"]]
    told = {item.label: item.reason for item in report.items if item.cause == "drift"}
    assert told == {
        "101": "changed in Seam by somebody else; put back; loses the lock Staff only",
        "102": "changed in Seam by somebody else; put back; gets the lock Room 102",
    }


def test_a_thermostat_stays_in_its_room_when_the_locks_are_put_right(world: World) -> None:
    desk(world).accept_sure("nina", world.clock.now())
    place(world)
    thermostat = world.seam.add_device("101 climate", customer_key=world.property, able=["thermostat"])
    space = world.seam.space_by_key(world.rooms[0])
    assert space is not None
    world.seam._set_doors(space, {"device_ids": [thermostat], "acs_entrance_ids": []})
    world.sync(full=True)
    assert locks_in(world, world.rooms[0]) == ["Room 101"]
    assert world.seam.devices[thermostat]["space_ids"] == [space["space_id"]]
    with world.no_writes():
        world.sync(full=True)


def test_where_nobody_has_decided_anything_seam_is_left_as_it_is_and_changes_are_told(world: World) -> None:
    space = world.seam.space_by_key(world.rooms[0])
    assert space is not None
    world.seam._set_doors(space, {"acs_entrance_ids": [world.locks[0]]})  # type: ignore[attr-defined]
    with world.no_writes():
        assert not [item for item in world.sync(full=True).items if item.cause]
        world.seam._set_doors(space, {"acs_entrance_ids": [world.locks[4]]})  # type: ignore[attr-defined]
        told = [item.reason for item in world.sync(full=True).items if item.cause == "drift"]
    assert len(told) == 2
    assert any("Staff only was put into this room in Seam by somebody else: left so" in one for one in told)
    assert not [item for item in world.sync(full=True).items if item.cause]


def test_what_was_found_in_seam_is_kept_with_the_first_decision(world: World) -> None:
    space = world.seam.space_by_key(world.rooms[0])
    assert space is not None
    world.seam._set_doors(space, {"acs_entrance_ids": [world.locks[4]]})  # type: ignore[attr-defined]
    found = desk(world)
    assert [line.rooms for line in found.view().lines if line.door.name == "Staff only"] == [("101",)]
    found.accept_sure("nina", world.clock.now())
    place(world)
    assert locks_in(world, world.rooms[0]) == ["Staff only"], "its room has a lock already, so 101 is doubtful"
    assert locks_in(world, world.rooms[1]) == ["Room 102"]


def test_decisions_survive_renamed_locks_and_a_lost_database(world: World) -> None:
    desk(world).accept_sure("nina", world.clock.now())
    place(world)
    world.seam.entrances[world.locks[0]]["display_name"] = "Zimmer A"  # type: ignore[attr-defined]
    with world.no_writes():
        world.sync(full=True)
    assert [line.rooms for line in desk(world).view().lines if line.door.name == "Zimmer A"] == [("101",)]
    world.lose_the_database()
    with world.no_writes():
        world.sync(full=True)
    assert [line.rooms for line in desk(world).view().lines if line.door.name == "Zimmer A"] == [("101",)]


def test_after_a_lost_database_the_sure_ones_are_kept_again_as_soon_as_somebody_applies_them(world: World) -> None:
    desk(world).accept_sure("nina", world.clock.now())
    place(world)
    world.lose_the_database()
    world.sync(full=True)
    assert desk(world).accept_sure("nina", world.clock.now()) == 0
    space = world.seam.space_by_key(world.rooms[0])
    assert space is not None
    world.seam._set_doors(space, {"acs_entrance_ids": []})
    world.sync(full=True)
    assert locks_in(world, world.rooms[0]) == ["Room 101"]


def test_a_person_may_put_a_lock_into_several_rooms_or_none(world: World) -> None:
    made = desk(world)
    staff = world.locks[4]  # type: ignore[attr-defined]
    made.decide({staff: world.rooms[:2]}, DecidedBy.PERSON, "nina", world.clock.now())
    place(world)
    assert [locks_in(world, room) for room in world.rooms] == [["Staff only"], ["Staff only"], []]
    made.decide({staff: [NO_ROOM]}, DecidedBy.PERSON, "nina", world.clock.now())
    place(world)
    assert [locks_in(world, room) for room in world.rooms] == [[], [], []]
    assert [line.state for line in desk(world).view().lines if line.door.door_id == staff] == ["no room"]


def test_a_file_says_where_locks_belong_and_says_the_same_when_it_is_sent_back(world: World) -> None:
    made = desk(world)
    text = made.as_csv()
    assert text.startswith("room,door,system,state,reason,room_key,door_id\n")
    decisions = made.read_csv(text)
    made.decide(decisions, DecidedBy.FILE, "nina", world.clock.now())
    place(world)
    assert [locks_in(world, room) for room in world.rooms] == [["Room 101"], ["Room 102"], ["Room 103"]]
    with world.no_writes():
        made.decide(made.read_csv(made.as_csv()), DecidedBy.FILE, "nina", world.clock.now())
        place(world)
    made.decide(made.read_csv("room;door\n102;room 101\n-;Room 102\n"), DecidedBy.FILE, "nina", world.clock.now())
    place(world)
    assert [locks_in(world, room) for room in world.rooms] == [[], ["Room 101"], ["Room 103"]]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the file is empty"),
        ("room,lock\n101,x\n", "line 1: the columns room and door are missing"),
        ("room,door\n101,Room 101\n999,Room 102\n", "line 3: there is no room '999'"),
        ("room,door\n101,Nothing\n", "line 2: there is no lock 'Nothing'"),
    ],
)
def test_a_file_that_cannot_be_used_says_why_and_changes_nothing(world: World, text: str, said: str) -> None:
    with pytest.raises(FileWrong, match=said):
        desk(world).read_csv(text)


def test_a_guest_whose_room_gets_its_lock_is_looked_at_again(world: World) -> None:
    booking = world.book(0)
    world.tick()
    assert world.doors(booking) == ["101", "Lobby"]
    desk(world).accept_sure("nina", world.clock.now())
    place(world)
    assert Work(world.store).watched("alpen", world.property, world.clock.now()) == {booking}
    world.tick()
    assert Work(world.store).watched("alpen", world.property, world.clock.now()) == set()


def test_a_lock_that_the_system_took_away_is_no_endless_correction(world: World) -> None:
    desk(world).accept_sure("nina", world.clock.now())
    place(world)
    space = world.seam.space_by_key(world.rooms[0])
    assert space is not None
    world.seam._set_doors(space, {"acs_entrance_ids": []})
    del world.seam.entrances[world.locks[0]]  # type: ignore[attr-defined]
    with world.no_writes():
        world.sync(full=True)
        place(world)


def test_a_lock_of_the_same_name_that_comes_instead_of_another_is_sure_of_its_room(world: World) -> None:
    desk(world).accept_sure("nina", world.clock.now())
    place(world)
    gone = world.seam.entrances.pop(world.locks[0])  # type: ignore[attr-defined]
    world.seam.add_entrance("Room 101", customer_key=world.property)
    assert desk(world).accept_sure("nina", world.clock.now()) == 1
    place(world)
    assert locks_in(world, world.rooms[0]) == ["Room 101"]
    gone["space_ids"] = []
    world.seam.entrances[world.locks[0]] = gone  # type: ignore[attr-defined]
    assert [line.state for line in desk(world).view().lines if line.door.name == "Room 101"].count("decided") == 1
    with world.no_writes():
        desk(world).accept_sure("nina", world.clock.now())
        place(world)


def test_a_lock_that_knows_one_booking_at_a_time_is_told_where_several_share_the_door(tmp_path: Path) -> None:
    world = World(tmp_path, Policy(common_areas=(CommonArea("lobby", "Lobby"),)))
    beds = world.hotel.add_category(world.service, "Bed", "Bed")
    dorm = world.hotel.add_room(world.property, "D1", world.hotel.add_category(world.service, "Dorm", "Dorm"))
    bed = world.hotel.add_room(world.property, "D1-A", beds, parent=dorm)
    for name, key in (("Door 101", world.rooms[0]), ("Dorm", dorm), ("Locker", bed), ("Entrance", "lobby")):
        world.seam.add_entrance(name, key, True, customer_key=world.property)
    world.sync(full=True)
    told = [one.reason for one in world.sync(full=True).items if "one booking at a time" in one.reason]
    assert [one.split(" knows")[0] for one in told] == ["the lock Dorm of D1", "the lock Entrance of Lobby"]
    assert all(one.outcome == "alert" for one in world.sync(doors=True).items)
