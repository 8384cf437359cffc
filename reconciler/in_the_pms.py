"""What the PMS says now of an id: a property, a room, a guest, a booking and the access that it should have.

Names and contacts of guests are not shown: initials, room and ids are enough to find the booking in the PMS.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.errors import PmsError
from connectors.records import Booking, Guest, Property, Room
from mappers.access import NO_ACCESS, BookingAccess
from mappers.access_grants import booking_access
from mappers.sentences import Said, say
from mappers.stay_window import end_in_words, local, room_at
from mappers.told_status import status_said, told_status
from reconciler.prepare import Preparation, RunConnection
from reconciler.pull import Pulled, ask_for
from seam_workspace.errors import SeamError
from seam_workspace.workspace import Workspace
from store.engine import Database
from store.stays import Stay

Lines = list[tuple[str, str]]
PROPERTY, ROOM, BOOKING = "a property", "a room", "a booking"
NOT_ASKED = "could not be asked"


@dataclass(slots=True)
class InThePms:
    """What the PMS says of an id, by kind."""

    time_zone: str = "UTC"
    """Of the property that it is found in, to show times in."""
    sections: list[tuple[str, Lines]] = field(default_factory=list)
    anything: bool = False
    is_property: bool = False
    booking_in: str | None = None
    """The id of the property in which the booking is."""

    def has(self, what: str) -> bool:
        return any(heading.endswith(what) for heading, _ in self.sections)

    def add(self, heading: str, lines: Lines, of: Property | None) -> None:
        self.sections.append((heading, lines))
        if of is not None:
            if not self.anything:
                self.time_zone = of.time_zone
            self.anything = True


def ask_the_pms(
    connection: RunConnection,
    workspace: Workspace,
    store: Database,
    plain: str | None,
    booking_id: str,
    now: datetime,
    stay: Stay | None = None,
) -> InThePms:
    """Asks the PMS for a property, a room and a guest of the id `plain` (None: for none of them), and for a booking;
    where only Seam knows for which of the booking's people its access is, Seam is asked as well.

    `stay`: where the booking was when it was last read; it is asked for there first.
    """
    reader, keys = connection.connector.reader(), connection.keys
    found = InThePms()
    try:
        properties = connection.read_properties(reader)
        if stay is not None:
            properties = sorted(properties, key=lambda one: one.id != stay.property_id)
        found.time_zone = properties[0].time_zone if properties else "UTC"
        for of in properties:
            if of.id == plain:
                found.add(f"In the PMS: {PROPERTY}", [("name", of.name), ("time zone", of.time_zone)], of)
                found.is_property = True
            pulled = Pulled(of, full=False)
            rooms, _ = reader.read_rooms(of)
            pulled.rooms = {room.id: room for room in rooms}
            if plain is not None and (room := pulled.rooms.get(plain)) is not None:
                found.add(f"In the PMS: {ROOM}", _room_lines(room, pulled), of)
            if reader.could_be_id("booking", booking_id):
                ask_for(reader, pulled, [booking_id])
            shown = _should_have(connection, workspace, store, pulled, now)
            for booking in pulled.bookings.values():
                lines = _booking_lines(connection, pulled, booking, shown[booking.id], now)
                found.add(f"In the PMS: {BOOKING}", lines, of)
                found.booking_in = of.id
            for broken in pulled.broken:
                found.add("In the PMS", [("cannot be read", broken.reason)], None)
            if plain is None and pulled.bookings:
                return found
            person = f"a {connection.policy.person}"
            if plain is not None and not found.has(person) and reader.could_be_id("guest", plain):
                guests, _ = reader.read_guests(of, [plain])
                if guests:
                    found.add(f"In the PMS: {person}", _guest_lines(guests), of)
    except PmsError as problem:
        found.add("In the PMS", [(NOT_ASKED, str(problem))], None)
        return found
    finally:
        reader.close()
    if not found.sections:
        found.add(
            "In the PMS", [("nothing", say("the PMS knows no {id}", id=keys.prefix + (plain or booking_id)))], None
        )
    return found


def _guest_lines(guests: Sequence[Guest]) -> Lines:
    return [
        ("id", ", ".join(guest.id for guest in guests)),
        ("e-mail", "yes" if guests[0].email else "none"),
        ("phone", "yes" if guests[0].phone else "none"),
    ]


def _room_lines(room: Room, pulled: Pulled) -> Lines:
    return [
        ("name", room.name),
        ("type", room.kind or "none"),
        ("in use", "yes" if room.is_active else "no"),
        ("property", pulled.of.name),
        *([("stands in", pulled.rooms[room.parent_id].name)] if room.parent_id in pulled.rooms else []),
    ]


def _should_have(
    connection: RunConnection, workspace: Workspace, store: Database, pulled: Pulled, now: datetime
) -> dict[str, BookingAccess | str]:
    """The access that each of the bookings should have, by id, or why that cannot be told: of a company's, and of
    people whom the PMS only numbers, Seam knows who has it."""
    everybody = [
        pulled.guests[one]
        for booking in pulled.bookings.values()
        for one in (*booking.guest_ids, *booking.unclear_guest_ids)
        if one in pulled.guests
    ]
    by_the_pms = all(guest.has_id for guest in everybody)
    if by_the_pms and not any(booking.primary_is_any for booking in pulled.bookings.values()):
        policy, keys = connection.policy, connection.keys
        return {
            booking.id: booking_access(booking, pulled.of, pulled.rooms, pulled.guests, policy, keys, now)
            for booking in pulled.bookings.values()
        }
    try:
        return dict(Preparation(connection, workspace, store, now).accesses(pulled))
    except SeamError as problem:
        told = say("Seam, which knows who has it now, could not be asked: {problem}", problem=problem.sentence)
        return dict.fromkeys(pulled.bookings, told)


def window_in(should_have: str) -> tuple[str, str] | None:
    """From when until when a line "should have" says that somebody has access, in words; None where it says that nobody
    should."""
    values = should_have.values if isinstance(should_have, Said) else {}
    begins, ends = values.get("begins"), values.get("ends")
    return (begins, ends) if isinstance(begins, str) and isinstance(ends, str) else None


def _booking_lines(
    connection: RunConnection, pulled: Pulled, booking: Booking, access: BookingAccess | str, now: datetime
) -> Lines:
    """`access`: what it should have, or why that cannot be told."""
    of: Property = pulled.of
    room_id = room_at(booking, of, pulled.rooms, connection.policy, now)
    room = pulled.rooms.get(room_id) if room_id else None
    word = told_status(booking, pulled.guests)
    lines = [
        ("number", booking.number),
        (
            "status",
            say("{why} ({word})", why=status_said(booking.status), word=word) if word else status_said(booking.status),
        ),
        ("property", of.name),
        ("room", room.name if room else say("none assigned") if room_id is None else say("not listed")),
        ("arrival", _moment(booking.arrival, of, now)),
        ("departure", _moment(booking.departure, of, now) if booking.departure is not None else say("no end")),
    ]
    if booking.guest_ids or booking.status not in NO_ACCESS:
        # Of a booking that is cancelled the PMS is not asked who was on it.
        lines.append(
            (f"{connection.policy.person}s", str(len(booking.guest_ids)) if booking.guest_ids else say("none is named"))
        )
    if isinstance(access, str):
        return [*lines, ("should have", access)]
    if access.withheld is not None:
        lines.append(("should have", say("no (new) access: {why}", why=access.withheld.reason)))
    for grant in access.grants:
        begins, ends = local(grant.starts_at, of.time_zone, now), end_in_words(grant.ends_at, of.time_zone, now)
        should = say("{who}, {begins} to {ends}", who=grant.label, begins=begins, ends=ends)
        lines.append(("should have", should))
        if grant.due_at is not None and now < grant.due_at:
            lines.append(("", say("made from {at}", at=local(grant.due_at, of.time_zone, now))))
    lines.extend(("note", remark.reason) for remark in access.remarks)
    return lines


def _moment(moment: object, of: Property, now: datetime) -> str:
    return local(moment, of.time_zone, now) if isinstance(moment, datetime) else str(moment)
