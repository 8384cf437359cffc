"""Rooms and common areas become Spaces."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from connectors.records import Property, Room
from mappers.keys import Keys
from mappers.policy import Policy
from mappers.resources import DesiredSpace
from mappers.stay_window import zone

BED = "Bed"


@dataclass(frozen=True, slots=True)
class RoomWithoutSpace:
    """A room that gets no Space."""

    key: str
    name: str
    reason: str
    needs_a_person: bool
    """Somebody may expect a Space for it; otherwise the PMS says plainly that nobody sleeps there."""


def has_doors(room: Room, policy: Policy) -> bool:
    """Whether guests sleep there: an active room of a type that the policy names."""
    return room.is_active and room.kind in policy.room_types


def desired_spaces(
    of: Property, rooms: Iterable[Room], policy: Policy, keys: Keys
) -> tuple[list[DesiredSpace], list[RoomWithoutSpace]]:
    """The Spaces of one property: its rooms, its beds and their rooms, and the policy's common areas.

    And the rooms that get none: one without a type needs a person, for nobody can tell whether guests sleep there.
    """
    rooms = list(rooms)
    by_id = {room.id: room for room in rooms}
    parents = {room.parent_id for room in rooms if room.kind == BED and has_doors(room, policy)}
    time_zone = of.time_zone if zone(of.time_zone) else None
    spaces: list[DesiredSpace] = []
    without: list[RoomWithoutSpace] = []
    for room in by_id.values():
        if not room.is_active:
            without.append(RoomWithoutSpace(keys.room(room.id), room.name, "out of use in the PMS", False))
            continue
        if room.kind is None and room.id not in parents:
            without.append(
                RoomWithoutSpace(
                    keys.room(room.id),
                    room.name,
                    f"room {room.name} has no type in the PMS, so it gets no Space: put it in a room category",
                    True,
                )
            )
            continue
        if has_doors(room, policy) or room.id in parents:
            spaces.append(
                DesiredSpace(
                    key=keys.room(room.id),
                    name=room.name.strip() or room.id,
                    customer_key=keys.customer(of.id),
                    time_zone=time_zone,
                    check_in=policy.check_in or room.check_in,
                    check_out=policy.check_out or room.check_out,
                    is_shared=room.id in parents,
                )
            )
        else:
            without.append(RoomWithoutSpace(keys.room(room.id), room.name, f"no room but a {room.kind}", False))
    for area in policy.common_areas:
        spaces.append(
            DesiredSpace(
                key=keys.common_area(area.key, of.id, of.shares_connection),
                name=area.name,
                customer_key=keys.customer(of.id),
                time_zone=time_zone,
                is_shared=True,
            )
        )
    return spaces, without


def parent_is_listed(room: Room, rooms: Mapping[str, Room]) -> bool:
    """Whether the room of a bed is known (it may be out of use); for everything but a bed there is nothing to know."""
    return room.kind != BED or room.parent_id is None or room.parent_id in rooms


@dataclass(frozen=True, slots=True)
class ClosedRoom:
    """A room that another one consists of, and that is opened to nobody new."""

    key: str
    reason: str


def closed_rooms(room: Room, rooms: Mapping[str, Room], policy: Policy, keys: Keys) -> tuple[ClosedRoom, ...]:
    """Those that a room consists of and that are out of use, or that the PMS does not list; sorted by key."""
    found = []
    for room_id in room.connected_ids:
        connected = rooms.get(room_id)
        if connected is None:
            why = f"the PMS does not list room {room_id}, of which {room.name} consists"
        elif connected.kind in policy.room_types and not connected.is_active:
            why = f"room {connected.name}, of which {room.name} consists, is out of use in the PMS (inactive)"
        else:
            continue
        found.append(ClosedRoom(keys.room(room_id), f"{why}: whoever has its door keeps it, nobody new gets it"))
    return tuple(sorted(found, key=lambda one: one.key))


def doors_of(room: Room, rooms: Mapping[str, Room], of: Property, policy: Policy, keys: Keys) -> tuple[str, ...]:
    """The Space keys that a booking of this room opens, sorted: the room, those that it consists of and that are in
    use, a bed's room, the common areas."""
    doors = {keys.room(room.id)}
    for room_id in room.connected_ids:
        connected = rooms.get(room_id)
        if connected is not None and has_doors(connected, policy):
            doors.add(keys.room(connected.id))
    if room.kind == BED and room.parent_id is not None and room.parent_id in rooms:
        doors.add(keys.room(room.parent_id))
    doors.update(keys.common_area(area.key, of.id, of.shares_connection) for area in policy.common_areas)
    return tuple(sorted(doors))
