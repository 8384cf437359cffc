"""What stands beside each other: the same days told twice, and two stays in one room."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from connectors.stays.join import AT_MOST
from connectors.stays.stay import Part, Stay
from connectors.stays.who import are_same
from mappers.sentences import all_of, say


def echoes(stays: Mapping[str, Stay], told: Iterable[Stay]) -> dict[str, bool]:
    """Stays that name nobody and have no number, at whose time another feed has somebody in the room: by id, whether
    all of their days are so. One channel shows as taken what another has sold.

    `told`: stays of other feeds that are not among these because they could not be read, or are missing.
    """
    by_room: dict[Any, list[tuple[date, date, Stay]]] = defaultdict(list)
    for one in (*stays.values(), *told):
        if one.lives and not one.is_anonymous:
            for part in one.parts:
                by_room[one.realm, part.room].append((part.first, part.last, one))
    for several in by_room.values():
        several.sort(key=lambda one: one[:2])
    found = {}
    for booking_id, one in stays.items():
        if not one.is_anonymous or not one.lives:
            continue
        here, touched = one.first, False
        for first, last, other in by_room.get((one.realm, one.parts[0].room), ()):
            if first >= one.last:
                break
            if last <= one.first or other.sources & one.sources:
                continue
            touched = True
            if first <= here:
                here = max(here, last)
        if touched:
            found[booking_id] = here >= one.last
    return found


def double_bookings(stays: Mapping[str, Stay]) -> dict[str, list[str]]:
    """By id, the other stays that have the same room at the same time and belong to somebody else; a few at most."""
    by_room: dict[Any, list[tuple[date, str, Part]]] = defaultdict(list)
    for booking_id, one in stays.items():
        if one.lives:
            for part in one.parts:
                if part.room is not None:
                    by_room[one.realm, part.room].append((part.first, booking_id, part))
    found: dict[str, list[str]] = defaultdict(list)
    for several in by_room.values():
        several.sort(key=lambda one: one[:2])
        open_: list[tuple[date, str, Part]] = []
        for first, booking_id, part in several:
            open_ = [one for one in open_ if one[2].last > first or one[2].overlaps(part)][-AT_MOST:]
            for _, other, before in open_:
                is_one = other == booking_id or are_same(stays[booking_id].people, stays[other].people)
                if not is_one and before.overlaps(part):
                    found[booking_id].append(other)
                    found[other].append(booking_id)
            open_.append((first, booking_id, part))
    return {one: list(dict.fromkeys(others))[:3] for one, others in found.items()}


def double_booking(others: Sequence[str]) -> str:
    """What is told of a booking that others, by their numbers, stand beside."""
    return say(
        "a double booking: {numbers} has the same room at the same time, and both have access", numbers=all_of(others)
    )
