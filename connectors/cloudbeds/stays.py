"""Reservations of Cloudbeds as room-stays: which rooms are one stay, who stays in each, and how it stands.

A reservation has one line for each room, with an id of its own (`subReservationID`): each becomes a booking.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from marshmallow import ValidationError

from connectors.cloudbeds.wire import (
    Json,
    LineSchema,
    ReservationSchema,
    id_in,
    is_true,
    property_id,
    reservation_id_of,
    text_in,
    values,
)
from connectors.reading import complaint, not_readable, text_id
from connectors.records import Booking, BookingStatus, BrokenRecord, Span
from mappers.sentences import say

STATES = {
    "not_confirmed": BookingStatus.TENTATIVE,
    "in_progress": BookingStatus.TENTATIVE,
    "confirmed": BookingStatus.CONFIRMED,
    "checked_in": BookingStatus.IN_HOUSE,
    "checked_out": BookingStatus.CHECKED_OUT,
    "canceled": BookingStatus.CANCELLED,
    "cancelled": BookingStatus.CANCELLED,
    "no_show": BookingStatus.NO_SHOW,
}
"""Of a reservation."""
ROOM_STATES = {
    "in_house": BookingStatus.IN_HOUSE,
    "checked_out": BookingStatus.CHECKED_OUT,
    "canceled": BookingStatus.CANCELLED,
    "cancelled": BookingStatus.CANCELLED,
}
"""Of a room of a reservation; `not_checked_in` says nothing of whether the reservation still stands."""
ONE_OF_SEVERAL = "one of several rooms"
"""In place of a room's status where the PMS does not tell which of a stay's rooms it is telling of."""
OVER = frozenset({BookingStatus.CHECKED_OUT, BookingStatus.CANCELLED, BookingStatus.NO_SHOW})
WITHOUT_GUESTS = OVER | {BookingStatus.TENTATIVE}
"""Bookings that give no access: nobody's profile is needed for them."""
_STANDS = frozenset({BookingStatus.CONFIRMED, BookingStatus.IN_HOUSE, BookingStatus.CHECKED_OUT})
"""What a room may be that is a part of a stay in several, one after the other."""
_OF_SEVERAL = (
    BookingStatus.UNKNOWN,
    BookingStatus.IN_HOUSE,
    BookingStatus.CONFIRMED,
    BookingStatus.TENTATIVE,
    BookingStatus.CHECKED_OUT,
    BookingStatus.NO_SHOW,
    BookingStatus.CANCELLED,
)
"""What a stay is whose parts differ: the first of these that one of them is."""
_RESERVATION, _LINE = ReservationSchema(), LineSchema()


@dataclass(frozen=True, slots=True)
class RoomStay:
    booking: Booking
    listed: Mapping[str, Json]
    """What its reservation says of guests, by their ids."""
    parts: frozenset[str]
    """The rooms of the reservation that it is, by their ids."""


class Reservations:
    """Collects the bookings that rows of reservations give."""

    def __init__(self, property_id: str, items: Iterable[Json] = ()):
        self._property_id = property_id
        self.stays: list[RoomStay] = []
        self.broken: list[BrokenRecord] = []
        for item in items:
            self.take(item)

    def take(self, item: Json, asked: Collection[str] = ()) -> None:
        """Adds a reservation's rooms: those that were asked for by id, or all of them."""
        if property_id(item) not in ("", self._property_id):
            return
        stays, broken = self._read(item)
        wanted = None if not asked or reservation_id_of(item) in asked else set(asked)
        self.stays.extend(one for one in stays if wanted is None or one.parts & wanted)
        self.broken.extend(one for one in broken if one.id != "?" and (wanted is None or one.id in wanted))
        nameless = [one for one in broken if one.id == "?"]
        if nameless:
            # One of them may be what was asked for and not found: nobody can tell.
            missing = set(asked) - {one.booking.id for one in stays} - {one.id for one in broken}
            ids = sorted(missing) or ["?"]
            self.broken.extend(BrokenRecord("booking", one, nameless[0].reason, nameless[0].status) for one in ids)

    def _read(self, item: Json) -> tuple[list[RoomStay], list[BrokenRecord]]:
        if _is_block(item):
            return [], []
        try:
            reservation = _RESERVATION.load(item)
        except ValidationError as problem:
            reason = not_readable("The reservation in Cloudbeds", complaint(problem))
            parts = [id_in(line, "subReservationID") for line in values(item.get("rooms")) if isinstance(line, dict)]
            status = _status_alone(item, {})
            # One that is over stands for all of its rooms; which rooms another has, nobody can tell.
            its_id = reservation_id_of(item)
            if not parts and its_id:
                reason = say("The reservation {id} in Cloudbeds {wrong}.", id=its_id, wrong=complaint(problem))
            parts = parts or [its_id if status in OVER else ""]
            return [], [BrokenRecord("booking", one or "?", reason, status) for one in dict.fromkeys(parts)]
        reservation_id = reservation["reservationID"]
        lines = reservation["rooms"]
        if not lines:
            if not reservation["isDeleted"] and STATES.get(reservation["status"]) not in OVER:
                return [], [
                    BrokenRecord(
                        "booking", "?", say("The reservation {id} in Cloudbeds has no rooms.", id=reservation_id)
                    )
                ]
            # It stands for all of its rooms, which are asked for now.
            arrival = item.get("startDate") or item.get("reservationCheckIn")
            departure = item.get("endDate") or item.get("reservationCheckOut")
            lines = [{"subReservationID": reservation_id, "roomCheckIn": arrival, "roomCheckOut": departure}]
        parts_of: dict[str, list[Json]] = {}
        broken: dict[str, BrokenRecord] = {}

        def cannot_be_read(part: str, reason: str, statuses: Iterable[BookingStatus | None]) -> None:
            told = set(statuses)
            status = min(told - {None}, key=_OF_SEVERAL.index) if told and None not in told else None
            broken[part or "?"] = BrokenRecord("booking", part or "?", reason, status)

        statuses_of: dict[str, list[BookingStatus | None]] = {}
        for line in lines:
            raw: Json = line if isinstance(line, dict) else {}
            part = id_in(raw, "subReservationID")
            statuses_of.setdefault(part, []).append(_status_alone(item, raw))
            try:
                loaded = _LINE.load(line)
            except ValidationError as problem:
                reason = say(
                    "A room of the reservation {id} in Cloudbeds {wrong}.", id=reservation_id, wrong=complaint(problem)
                )
                cannot_be_read(part, reason, statuses_of[part])
                continue
            parts_of.setdefault(part, []).append(loaded)
            if part != reservation_id and re.fullmatch(re.escape(reservation_id) + r"-\d+", part) is None:
                reason = say(
                    "The room of a reservation in Cloudbeds has a subReservationID that is not the reservation's."
                )
                cannot_be_read(part, reason, ())
        listed = _listed_guests(item.get("guestList"))
        people_of: dict[str, tuple[str, ...]] = {}
        for part, several in parts_of.items():
            people_of[part] = _people(part, several, listed)
            if not people_of[part] and len(parts_of) == 1:
                main = reservation["guestID"] or next((one for one in listed if _is_main(listed[one])), "")
                people_of[part] = (main,) if main else ()
        whole = {part: several for part, several in parts_of.items() if part not in broken}
        stays = []
        for parts in _in_turn(reservation, whole, people_of):
            stay = reservation_id if reservation_id in parts else parts[0]
            several = [line for part in parts for line in whole[part]]
            booking = _booking(reservation, stay, several, people_of[parts[0]], self._property_id)
            if booking is None:
                reason = say("Two rooms at the same time have the same subReservationID in Cloudbeds.")
                cannot_be_read(stay, reason, statuses_of[stay])
                continue
            stays.append(RoomStay(booking, listed, frozenset(parts)))
            for part in parts:
                if part != stay:
                    stays.append(RoomStay(_joined(booking, part), listed, frozenset({part})))
        return stays, list(broken.values())


def _in_turn(
    reservation: Json, parts_of: Mapping[str, Sequence[Json]], people_of: Mapping[str, tuple[str, ...]]
) -> list[list[str]]:
    """The rooms of a reservation, by their ids; those in which the same people stay one after the other together.

    Only where it is beyond doubt: nobody of them is in two rooms at once, and none of the rooms was cancelled.
    """
    candidates: dict[frozenset[str], list[str]] = {}
    alone: list[list[str]] = []
    for part, lines in parts_of.items():
        stands = all(_status(reservation, line)[0] in _STANDS for line in lines)
        if stands and people_of[part]:
            candidates.setdefault(frozenset(people_of[part]), []).append(part)
        else:
            alone.append([part])
    found: list[list[str]] = []
    for parts in candidates.values():
        days = {
            part: (
                min(line["roomCheckIn"] for line in parts_of[part]),
                max(line["roomCheckOut"] for line in parts_of[part]),
            )
            for part in parts
        }
        parts.sort(key=lambda part: days[part])
        if any(days[later][0] < days[part][1] for part, later in pairwise(parts)):
            found.extend([part] for part in parts)
            continue
        for part in parts:
            if found and found[-1][-1] in days and days[found[-1][-1]][1] == days[part][0]:
                found[-1].append(part)
            else:
                found.append([part])
    order = list(parts_of)
    return sorted([*found, *alone], key=lambda several: min(order.index(part) for part in several))


def _joined(stay: Booking, part: str) -> Booking:
    """What remains of a room of a reservation that is a part of another's stay: nothing that opens a door."""
    return replace(
        stay,
        id=part,
        status=BookingStatus.CANCELLED,
        status_word="one stay",
        room_id=None,
        spans=(),
        guest_ids=(),
        review=say(
            "the same people stay there after or before another room: it is one stay with {booking}", booking=stay.id
        ),
    )


def _is_block(item: Json) -> bool:
    """Whether it is a group's block, of which no room is anybody's yet. Source: getReservations, groupInventory."""
    told = [one for name in ("rooms", "assigned", "unassigned") for one in values(item.get(name))]
    return not told and bool(values(item.get("groupInventory")) or text_in(item, "allotmentBlockCode"))


def _status_alone(item: Json, line: Json) -> BookingStatus | None:
    """The status of a room of which nothing else may be readable."""
    told = {"isDeleted": is_true(item.get("isDeleted")), "status": text_in(item, "status")}
    status, _ = _status(told, {"roomStatus": text_in(line, "roomStatus")})
    return None if status is BookingStatus.UNKNOWN else status


def _booking(
    reservation: Json, part: str, lines: Sequence[Json], people: tuple[str, ...], property_id: str
) -> Booking | None:
    """One room-stay; None where its lines do not follow one another in time."""
    known = [(*_status(reservation, line), line) for line in lines]
    # A line that was cancelled beside one that was not is what a change left behind.
    known = [one for one in known if one[0] is not BookingStatus.CANCELLED] or known[-1:]
    # A part that is over opens nothing any more, and keeps its place: the numbers of the others count on it.
    in_order = sorted(
        {
            (line["roomCheckIn"], line["roomCheckOut"], "" if status in WITHOUT_GUESTS else line["roomID"])
            for status, _, line in known
        }
    )
    spans: list[Span] = []
    for arrival, departure, room_id in in_order:
        if spans and arrival < spans[-1].departure:
            return None
        if spans and room_id and room_id == spans[-1].room_id and arrival == spans[-1].departure:
            spans[-1] = replace(spans[-1], departure=departure)
        else:
            spans.append(Span(room_id or None, arrival, departure))
    status, word, _ = min(known, key=lambda one: _OF_SEVERAL.index(one[0]))
    return Booking(
        id=part,
        property_id=property_id,
        number=reservation["reservationID"],
        status=status,
        status_word=word,
        arrival=spans[0].arrival,
        departure=spans[-1].departure,
        room_id=known[0][2]["roomID"] or None,
        guest_ids=people,
        spans=tuple(spans) if len(spans) > 1 else (),
    )


def _status(reservation: Json, line: Json) -> tuple[BookingStatus, str]:
    """The status of a room of a reservation, and the word that decided it.

    The room's own word wins, but for somebody in the house whose reservation is over. `not_checked_in` is none: of a
    reservation that was cancelled, or whose guests never came, every room is.
    """
    if reservation["isDeleted"]:
        return BookingStatus.CANCELLED, "deleted"
    word, room_word = reservation["status"], line["roomStatus"]
    if room_word == "in_house" and STATES.get(word) in OVER:
        # One of the two words is wrong, and nobody can tell which.
        return BookingStatus.UNKNOWN, f"{word}, and its room {room_word}"
    if room_word not in ("", "not_checked_in"):
        return ROOM_STATES.get(room_word, BookingStatus.UNKNOWN), room_word
    status = STATES.get(word, BookingStatus.UNKNOWN)
    if status is BookingStatus.IN_HOUSE and room_word:
        return BookingStatus.CONFIRMED, room_word
    return status, word


def _people(part: str, lines: Iterable[Json], listed: Mapping[str, Json]) -> tuple[str, ...]:
    """Who stays in a room: its own main guest, then all others whom the reservation puts there."""
    own = [line["guestID"] for line in lines if line["guestID"]]
    there = [
        guest_id
        for guest_id, item in listed.items()
        for room in (*values(item.get("rooms")), *values(item.get("unassignedRooms")))
        if isinstance(room, dict) and id_in(room, "subReservationID") == part
    ]
    return tuple(dict.fromkeys([*own, *sorted(there, key=lambda one: not _is_main(listed[one]))]))


def _listed_guests(guest_list: Any) -> dict[str, Json]:
    """The guests of a reservation by id; an empty map comes as an empty list."""
    items = guest_list.items() if isinstance(guest_list, dict) else enumerate(values(guest_list))
    keyed = isinstance(guest_list, dict)
    named = (
        (id_in(item, "guestID") or (text_id(key) if keyed else None), item)
        for key, item in items
        if isinstance(item, dict)
    )
    return {one: item for one, item in named if one}


def _is_main(item: Json) -> bool:
    return is_true(item.get("isMainGuest"))
