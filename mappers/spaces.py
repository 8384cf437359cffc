"""Rooms and common areas become Spaces."""

from collections.abc import Iterable
from dataclasses import dataclass

from connectors.records import Property, Room
from mappers.keys import Keys
from mappers.policy import Policy
from mappers.resources import DesiredSpace
from mappers.sentences import say
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
            without.append(RoomWithoutSpace(keys.room(room.id), room.name, say("out of use in the PMS"), False))
            continue
        if room.kind is None and room.id not in parents:
            without.append(
                RoomWithoutSpace(
                    keys.room(room.id),
                    room.name,
                    say(
                        "room {name} has no type in the PMS, so it gets no Space: put it in a room category",
                        name=room.name,
                    ),
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
            without.append(
                RoomWithoutSpace(
                    keys.room(room.id), room.name, say("no room but a {kind}", kind=room.kind or ""), False
                )
            )
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
