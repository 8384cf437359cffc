"""A room as somebody has it: which doors it opens, what of it is closed, and why it may be opened to nobody new."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from connectors.records import Property, Room
from mappers.keys import Keys
from mappers.outcomes import Outcome
from mappers.policy import Policy
from mappers.sentences import message, say
from mappers.spaces import BED, has_doors

_LIKE_AN_ID = re.compile(r"(?=.{0,99}\d)[^\s@+]{1,90}(?: [^\s@+]{1,20})?")
"""Of one word or two, with a figure in it."""


@dataclass(frozen=True, slots=True)
class Place:
    room_id: str
    room_key: str
    """The key of the room's own Space."""
    name: str
    doors: tuple[str, ...]
    """Keys of every Space that it opens, sorted."""
    closed: tuple["ClosedRoom", ...] = ()
    trouble: tuple[str, Outcome] | None = None
    """Why nobody new gets in, and how the report lists that."""


def place_of(
    room_id: str,
    rooms: Mapping[str, Room],
    of: Property,
    policy: Policy,
    keys: Keys,
    unlisted: Mapping[str, str] | None,
) -> Place:
    """What whoever has this room opens; `rooms` are the property's, by id, and `unlisted` names of those that the PMS
    does not list."""
    room, room_key = rooms.get(room_id), keys.room(room_id)
    if room is None:
        # Hotels retire rooms, they do not delete them: a room that is not listed was lost on the way to us.
        named = (unlisted or {}).get(room_id) or _told_id(room_id)
        why = say("the PMS does not list the assigned room: check it there, or assign another")
        if named:
            why = say("the PMS does not list the assigned room {room}: check it there, or assign another", room=named)
        return Place(room_id, room_key, "", (room_key,), trouble=(why, Outcome.FAILED))
    doors, closed = doors_of(room, rooms, of, policy, keys), closed_rooms(room, rooms, policy, keys)
    return Place(room_id, room_key, room.name, doors, closed, _trouble(room, rooms))


def _told_id(room_id: str) -> str:
    """Where columns have slipped, a guest's name or contact stands in place of a room, and is told to nobody."""
    return say("whose id is {id}", id=room_id) if _LIKE_AN_ID.fullmatch(room_id) else ""


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
            why = say("the PMS does not list room {part}, of which {room} consists", part=room_id, room=room.name)
        elif connected.kind in policy.room_types and not connected.is_active:
            why = say(
                "room {part}, of which {room} consists, is out of use in the PMS (inactive)",
                part=connected.name,
                room=room.name,
            )
        else:
            continue
        found.append(
            ClosedRoom(keys.room(room_id), say("{why}: whoever has access keeps it, nobody new gets any", why=why))
        )
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


def _trouble(room: Room, rooms: Mapping[str, Room]) -> tuple[str, Outcome] | None:
    """Why an assigned room cannot be opened to anybody, if so."""
    if not room.is_active:
        return say("room {room} is out of use in the PMS (inactive)", room=room.name), Outcome.ALERT
    if room.kind is None:
        return say("room {room} has no type in the PMS", room=room.name), Outcome.ALERT
    if not parent_is_listed(room, rooms):
        return say("the PMS does not list the room in which bed {bed} stands", bed=room.name), Outcome.FAILED
    dorm = rooms.get(room.parent_id) if room.kind == BED and room.parent_id is not None else None
    if dorm is not None and not dorm.is_active:
        # A bed behind a closed door is no access; and whoever sleeps there goes on opening both.
        told = message("room {room}, in which bed {bed} stands, is out of use in the PMS (inactive)")
        return say(told, room=dorm.name, bed=room.name), Outcome.ALERT
    return None
