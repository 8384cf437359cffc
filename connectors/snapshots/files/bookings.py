"""Lines of the file of bookings become bookings: which of them are one stay, who is on it, and what is odd in it."""

import re
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime, time

from connectors.formats.tables import Row
from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Term
from connectors.snapshots.files.cells import id_in
from connectors.snapshots.files.rows import FileRows
from connectors.snapshots.files.snapshot import LIVE, WITHOUT_ACCESS, Line, Snapshot, Unreadable, zone_of
from connectors.snapshots.history import SnapshotHistory
from connectors.snapshots.seen import SeenBooking, digest
from connectors.stays.beside import double_booking, double_bookings
from connectors.stays.ids import safe_id, short_id
from connectors.stays.join import join
from connectors.stays.recognise import recognise
from connectors.stays.stay import Part, Piece, Stay
from connectors.stays.who import Who, are_same
from mappers.sentences import say, sentence_of, together

_LEADING = (*LIVE, BookingStatus.UNKNOWN, BookingStatus.TENTATIVE, BookingStatus.CHECKED_OUT)
"""Where the rows of a booking differ, the first of these is the booking's."""

_MAIN = ("primary", "main", "main guest", "primary guest")

_STAYS = (*_MAIN, "", "guest", "companion", "tenant", "resident", "occupant", "co tenant", "roommate", "adult", "child")

_STAYS_AWAY = ("guarantor", "cosigner", "co signer", "applicant", "owner", "payer", "agent", "company", "staff")

_SEVERAL = re.compile(r"[&/;]|\s(?:and|und|et)\s", re.IGNORECASE)
"""What stands between people who share a cell."""


class FileBookings:
    """From the lines of the file of bookings to bookings: which lines are one stay, and who is on it."""

    def __init__(self, rows: FileRows, memory: SnapshotHistory, clock: Callable[[], datetime], holds_leases: bool):
        """`memory`: what was in the files before. `clock` gives aware UTC."""
        self._rows = rows
        self._memory = memory
        self._clock = clock
        self._holds_leases = holds_leases

    def take(self, snapshot: Snapshot, rows: Sequence[Row]) -> None:
        snapshot.entries = len(rows)
        by_number: dict[str, list[Row]] = {}
        uncertain = False
        for row in self._rows.unmerged(rows):
            try:
                number = id_in(row, "booking_id")
            except Unreadable as problem:
                uncertain = True
                broken = BrokenRecord("booking", "?", row.wrong(row.trouble or sentence_of(problem)))
                snapshot.broken.append((next(iter(snapshot.properties), ""), broken))
                continue
            # In a row of another length any cell may be another column's, the id too: then nothing is missing.
            uncertain = uncertain or bool(row.trouble)
            by_number.setdefault(number, []).append(row)
        pieces: list[Piece] = []
        lines: list[Line] = []
        for number, several in by_number.items():
            property_id = next(iter(snapshot.properties), "")
            row = several[0]
            try:
                told = []
                for row in several:
                    property_id = self._rows.property_of(snapshot, row, several)
                    snapshot.there.add(property_id)
                    for one in self._rows.by_room(snapshot, row, property_id):
                        told.append((self._rows.line(snapshot, one, number, property_id), property_id))
            except Unreadable as problem:
                self._leave_out(snapshot, number, property_id, row.wrong(sentence_of(problem)), several)
                continue
            for line, property_id in told:
                lines.append(line)
                pieces.append(self._piece(snapshot, line, property_id))
        self._make_bookings(snapshot, pieces, lines, frozenset() if uncertain else frozenset(snapshot.there))
        if not rows:
            snapshot.there = set(snapshot.properties)
        if uncertain:
            snapshot.there = set()

    def _leave_out(self, snapshot: Snapshot, number: str, property_id: str, reason: str, rows: Sequence[Row]) -> None:
        """Of a number of which one row cannot be read, nothing is known: none of its stays is missing."""
        known = [
            booking_id
            for booking_id, one in self._memory.all().items()
            if number in one.stay.numbers and one.stay.realm == property_id and not one.is_gone
        ]
        status = None
        if rows and all("status" in row.cells and not row.trouble for row in rows):
            told = {self._rows.statuses.status_of(row["status"]) for row in rows}
            status = min(told) if len(told) == 1 or told <= set(WITHOUT_ACCESS) else None
        for booking_id in known or [short_id(safe_id(number))]:
            snapshot.untold.add(booking_id)
            snapshot.broken.append((property_id, BrokenRecord("booking", booking_id, reason, status)))

    def _piece(self, snapshot: Snapshot, line: Line, property_id: str) -> Piece:
        zone = zone_of(snapshot.properties[property_id])
        part = Part.at(line.room_id, line.arrival, line.departure, zone)
        lives = line.status in LIVE
        return Piece(property_id, property_id, line.booking_id, "", part, line.person, lives)

    def _make_bookings(
        self, snapshot: Snapshot, pieces: Sequence[Piece], lines: Sequence[Line], whole: frozenset[str]
    ) -> None:
        stays = join(pieces)
        today = self._clock().astimezone(zone_of(next(iter(snapshot.properties.values()), None))).date()
        recognised = recognise(
            stays, self._memory.known(), today, snapshot.properties.keys(), whole, frozenset(snapshot.untold)
        )
        for stay, booking_id in zip(stays, recognised.ids, strict=True):
            told = [lines[place] for place in stay.pieces]
            if not booking_id:
                self._leave_out(
                    snapshot,
                    stay.number,
                    stay.realm,
                    say("{place} may belong to either of two stays.", place=told[0].place),
                    (),
                )
                continue
            if booking_id in snapshot.untold:
                # A row of it cannot be read, under another number: what it would say is not known.
                continue
            booking = self._booking(snapshot, booking_id, stay, told)
            before = self._memory.of(booking_id)
            if before is not None and booking.status in LIVE and _has_lost_its_beginning(stay, before, today):
                # Rows of nights that are over are left out: the guest in the house has come when she came.
                part = replace(stay.parts[0], arrival=before.arrival, first=before.stay.first)
                stay, booking = replace(stay, parts=(part,)), replace(booking, arrival=before.arrival)
            if before is not None and booking.status in LIVE and not (stay.people or booking.guest_ids):
                stay, booking = self._as_named_before(snapshot, stay, booking, before)
            snapshot.stays[booking_id] = stay
            snapshot.bookings[booking_id] = booking
        if self._holds_leases:
            return
        for booking_id, others in double_bookings(
            {one: stay for one, stay in snapshot.stays.items() if not self._is_shared(snapshot, stay)}
        ).items():
            booking = snapshot.bookings[booking_id]
            told_too = double_booking([snapshot.bookings[one].number for one in others])
            review = together(filter(None, (booking.review, told_too)))
            snapshot.bookings[booking_id] = replace(booking, review=review)

    def _as_named_before(
        self, snapshot: Snapshot, stay: Stay, booking: Booking, before: SeenBooking
    ) -> tuple[Stay, Booking]:
        """A stay of which the file names nobody any more goes on as that of the one guest whom it named before: an
        empty cell puts nobody out, and nobody else in."""
        if len(before.stay.people) != 1 or before.stay.people[0].id or before.is_gone or not before.stay.lives:
            return stay, booking
        guest_id = f"{booking.id}:primary"
        snapshot.guests[guest_id] = Guest(guest_id, has_id=False)
        told = say("the file names nobody any more: whoever had access keeps it until somebody else is named")
        return (
            replace(stay, people=before.stay.people),
            replace(booking, guest_ids=(guest_id,), review=together(filter(None, (booking.review, told)))),
        )

    def _is_shared(self, snapshot: Snapshot, stay: Stay) -> bool:
        """Whether several bookings may have the room at one time: a dorm, or no room at all."""
        rooms = snapshot.rooms.get(stay.realm, {})
        parents = {one.parent_id for one in rooms.values()}
        kinds = {rooms[one].kind for one in stay.rooms if one in rooms}
        return bool(stay.rooms & parents) or not kinds <= {"Room", "Apartment", "Suite", "Villa", "Bed"}

    def _booking(self, snapshot: Snapshot, booking_id: str, stay: Stay, lines: Sequence[Line]) -> Booking:
        lead = min(lines, key=lambda one: _LEADING.index(one.status) if one.status in _LEADING else len(_LEADING))
        lives = lead.status in LIVE
        counting = [one for one in lines if one.status in LIVE] if lives else list(lines)
        people = [one for one in counting if one.guest is not None and one.role not in _STAYS_AWAY]
        people.sort(key=lambda one: one.role not in _MAIN)
        unclear = [one for one in lines if one.guest is not None and one.status is BookingStatus.UNKNOWN and lives]
        unclear += [one for one in people if one.role not in _STAYS]
        people = [one for one in people if one.role in _STAYS]
        ids = _ids_of(booking_id, [*people, *unclear])
        for one in (*people, *unclear):
            # The file of guests has the last word; a row that only names an id is no profile.
            guest_id = ids[one.person]
            if one.guest is not None and guest_id not in snapshot.guests and (not one.guest.id or _tells(one.guest)):
                snapshot.guests[guest_id] = replace(one.guest, id=guest_id, has_id=bool(one.guest.id))
        guest_ids = tuple(dict.fromkeys(ids[one.person] for one in people))
        spans = stay.spans if lives else ()
        arrival, departure = whole_time(counting)
        if lead.status is BookingStatus.IN_HOUSE:
            # The row of the first part may say that it is over, where the guest has stayed on.
            begun = [one for one in lines if one.status is BookingStatus.CHECKED_OUT and one.room_id == lead.room_id]
            people_now = {one.person for one in people}
            arrival = min((arrival, *(one.arrival for one in begun if one.person in people_now)), key=by_time)
        terms: dict[str, Term] = {}
        if not spans:
            for guest_id in guest_ids:
                own = whole_time([one for one in people if ids[one.person] == guest_id])
                whole = whole_time(counting)
                if own != whole:
                    terms[guest_id] = Term(*own)
        return Booking(
            id=booking_id,
            property_id=stay.realm,
            number=lead.number or lead.booking_id,
            status=lead.status,
            status_word=lead.word,
            arrival=arrival,
            departure=departure,
            room_id=None if spans else lead.room_id,
            requested_kind=lead.kind,
            guest_ids=guest_ids,
            primary_is_any=not self._holds_leases and len(guest_ids) > 1 and not any(p.role in _MAIN for p in people),
            has_primary=not self._holds_leases,
            terms=terms,
            spans=spans,
            unclear_guest_ids=tuple(
                dict.fromkeys(ids[one.person] for one in unclear if ids[one.person] not in guest_ids)
            ),
            review=self._review(lead, departure, people),
            word="Lease" if self._holds_leases else "Booking",
        )

    def _review(self, lead: Line, departure: datetime | date | None, people: Sequence[Line]) -> str | None:
        if lead.doubt:
            return lead.doubt
        if "evict" in lead.word.casefold():
            return say("an eviction is under way: access stays until somebody moves out")
        is_over = lead.lease_end is not None and lead.lease_end < self._clock().date()
        if is_over and departure is None and lead.status is BookingStatus.IN_HOUSE:
            return say("the lease has ended, and nobody has moved out: access stays")
        if any(
            one.is_shared or _SEVERAL.search(f"{one.guest.first_name} {one.guest.last_name}")
            for one in people
            if one.guest is not None
        ):
            return say("one row names several people: everybody needs a row to have access")
        return None


def _tells(guest: Guest) -> bool:
    return any((guest.first_name, guest.last_name, guest.email, guest.phone))


def by_time(moment: datetime | date) -> tuple[date, time]:
    if isinstance(moment, datetime):
        return moment.date(), moment.time()
    return moment, time()


def whole_time(lines: Sequence[Line]) -> tuple[datetime | date, datetime | date | None]:
    """From the first arrival to the last departure; None where one of them has none."""
    arrival = min((one.arrival for one in lines), key=by_time)
    ends = [one.departure for one in lines]
    return arrival, None if None in ends else max((end for end in ends if end is not None), key=by_time)


def _has_lost_its_beginning(stay: Stay, before: SeenBooking, today: date) -> bool:
    """Whether a stay goes on that had begun, in the same room and of the same guest, and seems to begin later now."""
    return (
        not before.is_gone
        and before.stay.lives
        and len(stay.parts) == len(before.stay.parts) == 1
        and stay.rooms == before.stay.rooms
        and before.stay.first < stay.first <= today
        and stay.first <= before.stay.last
        and are_same(stay.people, before.stay.people)
    )


def _ids_of(booking_id: str, lines: Sequence[Line]) -> dict[Who, str]:
    """Everybody's id: the file's own, else one of the booking's: for the first without, and by the name for others."""
    ids: dict[Who, str] = {}
    for one in sorted(lines, key=lambda line: line.guest is None or not line.guest.id):
        if one.guest is None or one.person in ids:
            continue
        if one.guest.id:
            ids[one.person] = one.guest.id
            continue
        same = next((known for known in ids if known.is_same(one.person)), None)
        if same is not None:
            ids[one.person] = ids[same]
        elif f"{booking_id}:primary" not in ids.values():
            ids[one.person] = f"{booking_id}:primary"
        else:
            ids[one.person] = f"{booking_id}:{digest(sorted(one.person.words), sorted(one.person.contacts))[:8]}"
    return ids
