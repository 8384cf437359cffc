"""Apaleo, by its Inventory and Booking APIs.

Lists come in pages of at most 200 by number, 204 stands for an empty one; instants carry an offset. Guests have no ids:
they are parts of a reservation. Facts: Apaleo's developer guides (apaleo.dev) and its OpenAPI descriptions of the
Booking and Inventory APIs; what neither says is marked UNVERIFIED.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

from marshmallow import ValidationError

from connectors.apaleo.plan_of_units import TwoUnits, whereabouts
from connectors.apaleo.wire import (
    ApaleoWire,
    Json,
    PersonSchema,
    PropertySchema,
    ReservationSchema,
    UnitGroupSchema,
    UnitSchema,
    apaleo_id,
    is_of,
)
from connectors.by_id import broken_records, each_by_id
from connectors.errors import PmsRefused
from connectors.ports import BookingsRead, Reader, Window
from connectors.reading import complaint, is_child, load_each, not_readable, part_of, properties_of, windows
from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Property, Room
from mappers.sentences import say

LONGEST_WINDOW = timedelta(days=30)
"""No limit is documented (UNVERIFIED): long windows are asked in parts, for they are heavy."""
CHILDREN = frozenset({"child", "grandchild", "infant"})
"""LocalizedText for somebody who is a child, where no birthday says so."""
STATES = {
    "Confirmed": BookingStatus.CONFIRMED,
    "InHouse": BookingStatus.IN_HOUSE,
    "CheckedOut": BookingStatus.CHECKED_OUT,
    "Canceled": BookingStatus.CANCELLED,
    "NoShow": BookingStatus.NO_SHOW,
}
KINDS = {"BedRoom": "Room"}
"""Types of unit groups in our words; all others (ParkingLot, MeetingRoom, ...) are no rooms and keep their own."""
_WITHOUT_GUESTS = frozenset({BookingStatus.CHECKED_OUT, BookingStatus.CANCELLED, BookingStatus.NO_SHOW})
_BOOKING = re.compile(r"(?=.*[A-Za-z])(?P<booking>[A-Za-z0-9]{1,32})(-\d{1,4})?")
_UNIT_ID = re.compile(r"(?=.*[A-Za-z])\w{1,32}(-\w{1,32}){0,2}", re.ASCII)
_GUEST = re.compile(r"(?P<reservation>[^:]+):(primary|additional:[1-9]\d{0,2})")


_PROPERTY, _UNIT_GROUP, _UNIT, _PERSON, _RESERVATION = (
    PropertySchema(),
    UnitGroupSchema(),
    UnitSchema(),
    PersonSchema(),
    ReservationSchema(),
)


class ApaleoReader(Reader):
    """One run's reading of an Apaleo account."""

    def __init__(self, wire: ApaleoWire, assigned: dict[str, set[str]]):
        """`assigned`: units of stays, by property, of all that were read: a list of units may leave archived ones
        out."""
        self._wire = wire
        self._kinds: dict[str, dict[str, str]] = {}
        self._assigned = assigned

    def close(self) -> None:
        self._wire.close()

    def could_be_id(self, kind: str, text: str, /) -> bool:
        shape = {"booking": _BOOKING, "guest": _GUEST}.get(kind, _UNIT_ID)
        return shape.fullmatch(text) is not None

    def reservation_of(self, booking_id: str, /) -> str:
        """ "XPGMSXGF" of "XPGMSXGF-1": the booking, in Apaleo's words, whose reservations are room-stays."""
        match = _BOOKING.fullmatch(booking_id)
        return match["booking"] if match else booking_id

    # --- properties and rooms -----------------------------------------------------------------------------------------

    def read_properties(self) -> list[Property]:
        """Source: Inventory API, properties; templates and archived ones are left out."""
        path = "inventory/v1/properties"
        found = properties_of(_PROPERTY, [*self._wire.list(path, "properties", {}).values()], self._wire.name, path)
        properties = [one for one in found if not one["isTemplate"]]
        return [
            Property(
                id=one["id"],
                name=one["name"] or one["id"],
                time_zone=one["timeZone"] or "",
                country=_country(part_of(one, "location").get("countryCode")),
                shares_connection=len(properties) > 1,
            )
            for one in properties
        ]

    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        """Source: Inventory API, units; their times are the reservations' own."""
        items, strange = self._units(of)
        units, broken = load_each(
            _UNIT, (one for one in items if is_of(one, of)), "room", "The unit in Apaleo", apaleo_id
        )
        broken += broken_records("room", strange, "Apaleo", "unit")
        connected: dict[str, list[str]] = {}
        for unit in units:
            connected.setdefault(unit["id"], []).extend(one["id"] for one in unit["connectedUnits"] or ())
            if unit["connectingUnit"] is not None:
                connected.setdefault(unit["connectingUnit"]["id"], []).append(unit["id"])
        rooms = [
            Room(
                id=unit["id"],
                property_id=of.id,
                name=unit["name"],
                kind=self._kind(of, unit["unitGroup"]),
                is_active=not unit["isArchived"],
                connected_ids=tuple(one for one in dict.fromkeys(connected[unit["id"]]) if one != unit["id"]),
            )
            for unit in units
        ]
        return rooms, broken

    def _units(self, of: Property) -> tuple[list[Json], Iterable[str]]:
        """Archived ones as well: without a status they may be left out (UNVERIFIED), so that those of stays are asked
        for by id where they are. And the ids to which the answer was something else."""
        path, expand = "inventory/v1/units", "property,unitGroup,connectedUnits"
        filters = {"propertyId": of.id, "expand": expand}
        try:
            listed = self._wire.list(path, "units", {**filters, "status": "All"})
        except PmsRefused as problem:
            if problem.status not in (400, 422):
                raise
            listed = self._wire.list(path, "units", filters)
        more = sorted(self._assigned.get(of.id, set()) - listed.keys())
        alone, strange = each_by_id(more, lambda one: self._wire.one(path, one, {"expand": expand}))
        return [*listed.values(), *alone.values()], strange

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        """Source: Inventory API, units by id."""
        found, strange = each_by_id(ids, lambda one: self._wire.one("inventory/v1/units", one, {}))
        # Of those to which the answer was something else, nobody has said that there is no such unit.
        return {one for one, item in found.items() if is_of(item, of)} | strange.keys()

    def _kind(self, of: Property, group: Json | None) -> str | None:
        """The type of a unit group. Source: Inventory API, unit groups; read once a run, where types are left out."""
        if group is None:
            return None
        kind = group["type"]
        if kind is None:
            if of.id not in self._kinds:
                kinds = self._kinds[of.id] = {}
                for item in self._wire.list("inventory/v1/unit-groups", "unitGroups", {"propertyId": of.id}).values():
                    try:
                        found = _UNIT_GROUP.load(item)
                    except ValidationError:
                        continue  # Its units have no type then, and the report says so of each.
                    kinds[found["id"]] = found["type"]
            kind = self._kinds[of.id].get(group["id"])
        return KINDS.get(kind, kind) if kind else None

    # --- guests -------------------------------------------------------------------------------------------------------

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        """Guests are parts of their reservations: those are read."""
        matches = [match for one in ids if (match := _GUEST.fullmatch(one))]
        guests: list[Guest] = []
        broken: list[BrokenRecord] = []
        for item in self._by_id(of, [match["reservation"] for match in matches])[0]:
            if is_of(item, of):
                people, unreadable, _ = _guests(apaleo_id(item), _people(item))
                guests.extend(guest for guest in people if guest.id in ids)
                broken.extend(one for one in unreadable if one.id in ids)
        return guests, broken

    # --- bookings -----------------------------------------------------------------------------------------------------

    def bookings_within(self, of: Property, window: Window, /) -> BookingsRead:
        return self._listed(of, window, "Stay")

    def bookings_changed(self, of: Property, window: Window, /) -> BookingsRead:
        return self._listed(of, window, "Modification")

    def _listed(self, of: Property, window: Window, by: str) -> BookingsRead:
        """Source: Booking API, reservations."""
        listed: dict[str, Json] = {}
        for begin, until in windows(*_outwards(*window), LONGEST_WINDOW):
            listed |= self._reservations(of, {"dateFilter": by, "from": _utc(begin), "to": _utc(until)})
        return self._bookings(of, listed.values())

    def bookings_by_id(self, of: Property, ids: Sequence[str], /) -> BookingsRead:
        """Source: Booking API, reservations. `ids` may be those of Apaleo's bookings as well: all of their
        reservations then."""
        found, strange = self._by_id(of, ids)
        read = self._bookings(of, found)
        read.broken.extend(broken_records("booking", strange, "Apaleo", "reservation"))
        return read

    def _reservations(self, of: Property, filters: Json) -> Mapping[str, Json]:
        # In the order of their creation: what changes while the pages are read keeps its place.
        common = {"propertyIds": of.id, "expand": "assignedUnits,timeSlices", "sort": "created:asc"}
        return self._wire.list("booking/v1/reservations", "reservations", {**common, **filters})

    def _by_id(self, of: Property, ids: Sequence[str]) -> tuple[list[Json], list[str]]:
        """Each by its id; several of one booking together. And the ids to which the answer was something else; raises
        `PmsUnreachable` where that is all that came."""
        found: dict[str, Json] = {}
        missing: list[str] = []
        parties: dict[str, list[str]] = {}
        for one in dict.fromkeys(ids):
            parties.setdefault(self.reservation_of(one), []).append(one)
        for booking_id, asked in parties.items():
            together: Mapping[str, Json] = {}
            if len(asked) > 1 or asked == [booking_id]:
                try:
                    together = self._reservations(of, {"bookingId": booking_id})
                except PmsRefused as problem:
                    if problem.status != 404:
                        raise
            found.update((one, item) for one, item in together.items() if one in asked or booking_id in asked)
            # Only what is asked for by itself and not found is gone.
            missing += [one for one in asked if one not in together and not (one == booking_id and together)]
        expand = {"expand": "assignedUnits,timeSlices"}
        alone, strange = each_by_id(missing, lambda one: self._wire.one("booking/v1/reservations", one, expand))
        found |= alone
        if strange and not found:
            raise next(iter(strange.values()))
        return list(found.values()), list(strange)

    def _bookings(self, of: Property, items: Iterable[Json]) -> BookingsRead:
        read = BookingsRead()
        for item in items:
            if not is_of(item, of):
                continue
            try:
                reservation = _RESERVATION.load(item)
                room_id, spans = whereabouts(reservation)
            except (ValidationError, TwoUnits) as problem:
                wrong = say("has two units at the same time")
                if isinstance(problem, ValidationError):
                    wrong = complaint(problem)
                reason = not_readable("The reservation in Apaleo", wrong)
                read.broken.append(BrokenRecord("booking", apaleo_id(item), reason, _status_alone(item)))
                continue
            status = STATES.get(reservation["status"], BookingStatus.UNKNOWN)
            people = _people(reservation)
            children: set[str] = set()
            if status not in _WITHOUT_GUESTS:
                guests, broken, born = _guests(reservation["id"], people)
                read.guests.update((guest.id, guest) for guest in guests)
                read.broken.extend(broken)
                # Who books is none, whatever is said of her.
                children = {
                    one
                    for one, birthday in born.items()
                    if one != f"{reservation['id']}:primary"
                    and (birthday is None or is_child(birthday, reservation["arrival"]))
                }
                units = (room_id, *(span.room_id for span in spans))
                self._assigned.setdefault(of.id, set()).update(one for one in units if one is not None)
            read.bookings.append(
                Booking(
                    id=reservation["id"],
                    property_id=of.id,
                    number=reservation["id"],
                    status=status,
                    status_word=reservation["status"],
                    arrival=reservation["arrival"],
                    departure=reservation["departure"],
                    room_id=room_id,
                    requested_kind=self._kind(of, reservation["unitGroup"]),
                    guest_ids=tuple(f"{reservation['id']}:{role}" for role in people),
                    child_ids=tuple(sorted(children)),
                    # A check-in that was reverted leaves a reservation that is Confirmed.
                    actual_arrival=reservation["checkInTime"] if status is BookingStatus.IN_HOUSE else None,
                    spans=spans,
                )
            )
        return read


def _people(reservation: Json) -> dict[str, Any]:
    """Who stays, by what they are to the reservation, the primary guest first. The booker is not one of them: that is
    who "makes the booking, while the guest is the person actually staying". Source: Introduction to Bookings and
    Reservations, in Apaleo's help center."""
    people = {"primary": reservation.get("primaryGuest")}
    additional = reservation.get("additionalGuests")
    for number, person in enumerate(additional if isinstance(additional, list) else (), start=1):
        people[f"additional:{number}"] = person
    return {role: person for role, person in people.items() if person is not None}


def _guests(
    reservation_id: str, people: Mapping[str, Any]
) -> tuple[list[Guest], list[BrokenRecord], dict[str, date | None]]:
    """People, who have no ids of their own in Apaleo; those who cannot be read; and who may be a child, by id, with
    their birthdays (None: a child by another word)."""
    guests: list[Guest] = []
    broken: list[BrokenRecord] = []
    born: dict[str, date | None] = {}
    for role, item in people.items():
        guest_id = f"{reservation_id}:{role}"
        try:
            person = _PERSON.load(item)
        except ValidationError as problem:
            reason = say("The {role} guest in Apaleo {wrong}.", role=role.partition(":")[0], wrong=complaint(problem))
            broken.append(BrokenRecord("guest", guest_id, reason))
            continue
        words = {(person[one] or "").lower() for one in ("type", "relationshipToPrimaryGuest")}
        if person["birthDate"] is not None or words & CHILDREN:
            born[guest_id] = person["birthDate"]
        guests.append(
            Guest(
                id=guest_id,
                first_name=person["firstName"] or "",
                last_name=person["lastName"] or "",
                email=person["email"],
                phone=person["phone"],
                has_id=False,
            )
        )
    return guests, broken, born


def _country(code: Any) -> str | None:
    return code.upper() if isinstance(code, str) and code else None


def _status_alone(item: Json) -> BookingStatus | None:
    """The status of a reservation of which nothing else may be readable."""
    word = item.get("status")
    return STATES.get(word) if isinstance(word, str) else None


def _outwards(start: datetime, end: datetime) -> tuple[datetime, datetime]:
    """The window in whole seconds, which is all that Apaleo takes: rather a little more than a little less."""
    up = end.replace(microsecond=0)
    return start.replace(microsecond=0), up if up == end else up + timedelta(seconds=1)


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
