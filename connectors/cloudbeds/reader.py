"""Cloudbeds, by its PMS API v1.3.

One path per method; what changes something is a form, what comes back is JSON, and an error is often a 200 that says
`success: false`. What a door needs to know of Cloudbeds's rooms:

- A bed in a dorm is a room of its own; the dorm is nothing but a name (`dormRoomName`). A key made of a name would
  change with it, so the dorm gets no Space: its door belongs into the Space of each of its beds.
- A virtual room consists of the physical ones that it is linked with, and opens them.

Days only: the property's check-in and check-out times are added to them. When a guest really came is not told. Facts:
Cloudbeds's OpenAPI description of v1.3 and developers.cloudbeds.com. What neither of them says is marked UNVERIFIED.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from marshmallow import ValidationError

from connectors.cloudbeds.by_id import ReservationsById
from connectors.cloudbeds.stays import WITHOUT_GUESTS, Reservations
from connectors.cloudbeds.wire import (
    PAGE,
    CloudbedsWire,
    GuestSchema,
    HotelSchema,
    Json,
    PolicySchema,
    RoomSchema,
    Unsuccessful,
    id_in,
    is_true,
    property_id,
    reservation_id_of,
)
from connectors.errors import PmsRefused
from connectors.mergers import Mergers, Profiles
from connectors.paging import Page, whole_list
from connectors.ports import BookingsRead, Reader, Window
from connectors.reading import complaint, load_each, not_readable, part_of, rows
from connectors.records import BrokenRecord, Guest, Property, Room
from mappers.sentences import say

OVERLAP = timedelta(hours=26)
"""In which zone `modifiedFrom` and `modifiedTo` are is UNVERIFIED; no zone is further away from any other."""
_BOOKING_ID = re.compile(r"\d{1,20}(-\d{1,6})?")
_ROOM_ID = re.compile(r"\d{1,20}(-\d{1,6})?")
_GUEST_ID = re.compile(r"\d{1,20}")
_PART = re.compile(r"(?P<reservation>.+)-\d+", re.DOTALL)
_HOTEL, _POLICY, _ROOM, _GUEST = HotelSchema(), PolicySchema(), RoomSchema(), GuestSchema()


class CloudbedsReader(Reader):
    """One run's reading of a property in Cloudbeds."""

    def __init__(self, wire: CloudbedsWire, mergers: Mergers):
        self._wire = wire
        self._mergers = mergers
        self._times: tuple[time | None, time | None] | None = None
        self.by_id = ReservationsById(wire, self._listed)

    def close(self) -> None:
        self._wire.close()

    def could_be_id(self, kind: str, text: str, /) -> bool:
        shape = {"booking": _BOOKING_ID, "room": _ROOM_ID, "guest": _GUEST_ID}[kind]
        return shape.fullmatch(text) is not None

    def reservation_of(self, booking_id: str, /) -> str:
        """`8176000000001-2` is a part of `8176000000001`, and so is `8176000000001`, the first one. UNVERIFIED, and
        therefore checked of every room that is read: one whose id has another shape is a broken record."""
        match = _PART.fullmatch(booking_id)
        return match["reservation"] if match is not None else booking_id

    # --- property and rooms -------------------------------------------------------------------------------------------

    def read_properties(self) -> list[Property]:
        """Sources: getHotels (the only one that names the time zone), getHotelDetails."""
        operation = "getHotels"
        for item in self._wire.read(operation, {"propertyIDs": self._wire.property_id}, property_id):
            if property_id(item) != self._wire.property_id:
                continue
            try:
                hotel = _HOTEL.load(item)
            except ValidationError as problem:
                raise self._wire.unusable(
                    operation,
                    say("describes the property so that it cannot be read: it {wrong}", wrong=complaint(problem)),
                ) from None
            country = part_of(self._details(), "propertyAddress").get("propertyCountry")
            is_code = isinstance(country, str) and re.fullmatch(r"[A-Za-z]{2}", country) is not None
            return [
                Property(
                    id=hotel["propertyID"],
                    name=hotel["propertyName"] or hotel["propertyID"],
                    time_zone=hotel["propertyTimezone"],
                    country=country.upper() if isinstance(country, str) and is_code else None,
                )
            ]
        raise PmsRefused.saying(
            "{who}: the PMS does not list property {property_id}: check property_id, and what the credentials are for",
            who=self._wire.name,
            property_id=self._wire.property_id,
            operation=operation,
        )

    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        """Sources: getRooms, getHotelDetails. Rooms that are blocked for a time stay in use."""
        read, broken = self._loaded_rooms(of)
        loaded = {room["roomID"]: room for room in read}
        check_in, check_out = self._check_times()
        rooms = []
        for room_id, room in loaded.items():
            # Relations are told of both sides, with all that follows from them: only the physical ones have a door. One
            # that is not listed stays: somebody may have its door.
            linked = (one for one in room["linkedRoomIDs"] or () if one not in loaded or not loaded[one]["isVirtual"])
            rooms.append(
                Room(
                    id=room_id,
                    property_id=of.id,
                    name=_name_of(room),
                    kind="Bed" if room["dormRoomName"] or room["isPrivate"] is False else "Room",
                    check_in=check_in,
                    check_out=check_out,
                    connected_ids=tuple(dict.fromkeys(linked)) if room["isVirtual"] else (),
                )
            )
        return rooms, broken

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        """Cloudbeds cannot be asked for rooms by id: all are listed."""
        return {id_in(item, "roomID") for item in self._rooms(of)} & set(ids) if ids else set()

    def room_names(self, of: Property) -> dict[str, str]:
        """By id, of the rooms that can be read."""
        return {room["roomID"]: _name_of(room) for room in self._loaded_rooms(of)[0]}

    def _loaded_rooms(self, of: Property) -> tuple[list[dict[str, Any]], list[BrokenRecord]]:
        return load_each(
            _ROOM, self._rooms(of), "room", "The room in Cloudbeds", lambda item: id_in(item, "roomID") or "?"
        )

    def _rooms(self, of: Property) -> list[Json]:
        """Source: getRooms. A day in the question would leave out the rooms that are taken on it."""
        operation = "getRooms"

        def page(number: int, offset: int) -> Page:
            params = {"propertyIDs": of.id, "includeRoomRelations": 1, "pageNumber": number, "pageSize": PAGE}
            answer = self._wire.answered("GET", operation, params=params)
            groups = [one for one in self._wire.rows(operation, answer.document) if property_id(one) in ("", of.id)]
            items = [item for group in groups for item in rows(group, "rooms", self._wire.name, operation)]
            return Page(items, answer)

        # `count` and `total` are of properties, so only a page without news is known to be the last one.
        found = whole_list(page, self._wire.name, operation, lambda item: id_in(item, "roomID"), size=None)
        return list(found.values())

    def _check_times(self) -> tuple[time | None, time | None]:
        if self._times is None:
            self._details()
        assert self._times is not None
        return self._times

    def _details(self) -> Json:
        operation = "getHotelDetails"
        details = self._wire.data(operation, {"propertyID": self._wire.property_id})
        try:
            times = _POLICY.load(part_of(details, "propertyPolicy"))
        except ValidationError as problem:
            raise self._wire.unusable(
                operation, say("describes the property so that it cannot be read: it {wrong}", wrong=complaint(problem))
            ) from None
        self._times = (times["propertyCheckInTime"], times["propertyCheckOutTime"])
        return details

    # --- guests -------------------------------------------------------------------------------------------------------

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        """Source: getGuest, once for each."""
        read = self._profiles(of, ids, one_may_fail=False)
        return list(self._mergers.told(read.guests).values()), read.broken

    def changed_guests(self, of: Property, window: Window, /) -> set[str]:
        """Source: getGuestsModified, a row for each guest and room."""
        params = {"propertyIDs": of.id, **_naive_window("results", window)}
        items = self._wire.read(
            "getGuestsModified", params, lambda item: f"{id_in(item, 'guestID')} {id_in(item, 'roomID')}"
        )
        for item in items:
            if is_true(item.get("isMerged")) and id_in(item, "guestID"):
                self._mergers.note(id_in(item, "guestID"), id_in(item, "newGuestID"))
        return {id_in(item, "guestID") for item in items if _changed_in(item, window, of)} - {""}

    def _profiles(self, of: Property, ids: Iterable[str], one_may_fail: bool) -> Profiles:
        """The profiles by their own ids, without those that were merged, and those that cannot be read."""
        read = Profiles()
        waiting = list(dict.fromkeys(ids))
        asked: set[str] = set()
        while waiting:
            guest_id = waiting.pop()
            if guest_id in asked:
                continue
            asked.add(guest_id)
            try:
                item = self._wire.data("getGuest", {"propertyID": of.id, "guestID": guest_id})
            except Unsuccessful as problem:
                if not problem.is_absent and not one_may_fail:
                    raise
                if not problem.is_absent:
                    read.broken.append(
                        BrokenRecord("guest", guest_id, say("Cloudbeds could not tell who this guest is."))
                    )
                continue
            try:
                person = _GUEST.load(item)
            except ValidationError as problem:
                read.broken.append(
                    BrokenRecord("guest", guest_id, not_readable("The guest in Cloudbeds", complaint(problem)))
                )
                continue
            if _is_merged(person):
                self._mergers.note(guest_id, person["newGuestID"])
                waiting.append(person["newGuestID"])
                continue
            _take(read, guest_id, person)
        return read

    # --- bookings -----------------------------------------------------------------------------------------------------

    def bookings_within(self, of: Property, window: Window, /) -> BookingsRead:
        """Source: getReservations. Cloudbeds compares days, the property's own: a day more on either side, and no zone
        matters."""
        day = timedelta(days=1)
        start, end = window[0].astimezone(UTC) - day, window[1].astimezone(UTC) + day
        items = self._listed(of, {"checkOutFrom": start.date().isoformat(), "checkInTo": end.date().isoformat()})
        return self._with_guests(of, Reservations(of.id, items))

    def bookings_changed(self, of: Property, window: Window, /) -> BookingsRead:
        """Sources: getReservations and, of what was deleted, getReservationsWithRateDetails. Some changes do not move
        the moment of the last change (getReservations says so): only a full read finds them."""
        items = [one for one in self._listed(of, _naive_window("modified", window)) if _changed_in(one, window, of)]
        return self._with_guests(of, Reservations(of.id, [*items, *self._deleted(of, window)]))

    def _listed(self, of: Property, filters: Json) -> list[Json]:
        params = {"propertyID": of.id, "includeAllRooms": "true", "includeGuestsDetails": "true", **filters}
        return self._wire.read("getReservations", params, reservation_id_of)

    def _deleted(self, of: Property, updated: Window) -> list[Json]:
        """What was deleted in a window, of which getReservations says nothing. Source: getReservationsWithRateDetails;
        where there is none, a full read finds it."""
        params = {"propertyID": of.id, "includeDeleted": "true", **_naive_window("modified", updated)}
        try:
            items = self.by_id.rate_details(params) or []
        except PmsRefused as problem:
            if problem.status != 400:
                raise
            return []
        return [one for one in items if is_true(one.get("isDeleted")) and _changed_in(one, updated, of)]

    def bookings_by_id(self, of: Property, ids: Sequence[str], /) -> BookingsRead:
        """Sources: getReservationsWithRateDetails, getReservation, getReservationRoomDetails. `ids` may be those of
        reservations as well as those of their rooms: a reservation's brings all of its rooms."""
        wanted = set(ids)
        reservations = sorted({self.reservation_of(one) for one in wanted})
        found = self.by_id.listed(of, reservations)
        # Where it has others than those that were asked for, nobody can tell which it left out.
        are_listed = self.by_id.are_listed and found.keys() <= set(reservations)
        reading = Reservations(of.id)
        for reservation_id in reservations:
            asked = {one for one in wanted if self.reservation_of(one) == reservation_id}
            item = found.get(reservation_id)
            try:
                item = item or self.by_id.single(of, reservation_id, are_listed)
            except Unsuccessful:
                reason = say("Cloudbeds neither has this reservation nor says that it is gone: look at it there.")
                reading.broken.extend(BrokenRecord("booking", one, reason) for one in sorted(asked))
                continue
            if item is not None:
                reading.take(item, asked)
        return self._with_guests(of, reading)

    def _with_guests(self, of: Property, reading: Reservations) -> BookingsRead:
        staying = [one for one in reading.stays if one.booking.status not in WITHOUT_GUESTS]
        profiles = Profiles()
        broken: dict[str, BrokenRecord] = {}
        missing: dict[str, None] = {}
        for stay in staying:
            for guest_id in stay.booking.guest_ids:
                item = stay.listed.get(guest_id)
                try:
                    person = _GUEST.load(_without_prefix(item)) if item is not None else None
                except ValidationError as problem:
                    reason = not_readable("The guest in Cloudbeds", complaint(problem))
                    broken.setdefault(guest_id, BrokenRecord("guest", guest_id, reason))
                    continue
                if person is not None and _is_merged(person):
                    # Which profile she is now is told already; the former one may be gone.
                    self._mergers.note(guest_id, person["newGuestID"])
                    missing[person["newGuestID"]] = None
                elif person is None:
                    missing[guest_id] = None
                else:
                    _take(profiles, guest_id, person)
        if missing:
            asked = self._profiles(of, [one for one in missing if one not in profiles.guests], one_may_fail=True)
            profiles.guests = asked.guests | profiles.guests
            profiles.born |= asked.born
            broken.update((one.id, one) for one in asked.broken)
        bookings = []
        for stay in reading.stays:
            present = self._mergers.targets(stay.booking.guest_ids)
            children = profiles.children(present, stay.booking.arrival)
            bookings.append(replace(stay.booking, guest_ids=present, child_ids=children))
        return BookingsRead(bookings, [*reading.broken, *broken.values()], self._mergers.told(profiles.guests))


def _without_prefix(item: Json) -> Json:
    """`guestFirstName` as `firstName`."""
    return {re.sub("^guest(.)", lambda match: match[1].lower(), name): value for name, value in item.items()}


def _is_merged(person: Json) -> bool:
    return bool(person["isMerged"] and person["newGuestID"])


def _take(read: Profiles, guest_id: str, person: Json) -> None:
    """Of a guest who was made anonymous nothing is taken but the id."""
    if person["isAnonymized"]:
        read.guests[guest_id] = Guest(guest_id)
        return
    phone = person["cellPhone"] or person["phone"]
    names = (person["firstName"], person["lastName"])
    read.guests[guest_id] = Guest(guest_id, *names, person["email"] or None, phone or None)
    read.born[guest_id] = person["birthDate"] or person["birthdate"]


def _name_of(room: Json) -> str:
    dorm, name = room["dormRoomName"], room["roomName"]
    return str(name if not dorm or dorm in name else f"{dorm} {name}")


def _changed_in(item: Json, window: tuple[datetime, datetime], of: Property) -> bool:
    """Whether a row may have changed in a window. `dateModified` is the property's time or UTC, UNVERIFIED which."""
    try:
        moment = datetime.fromisoformat(str(item.get("dateModified")))
        zone = ZoneInfo(of.time_zone)
        readings = (moment.replace(tzinfo=UTC), moment.replace(tzinfo=zone), moment.replace(tzinfo=zone, fold=1))
        return any(window[0] <= one < window[1] for one in readings)
    except (ValueError, OSError, OverflowError):
        return True


def _naive_window(name: str, window: tuple[datetime, datetime]) -> dict[str, str]:
    start, end = window[0].astimezone(UTC) - OVERLAP, window[1].astimezone(UTC) + OVERLAP
    return {f"{name}From": f"{start:%Y-%m-%d %H:%M:%S}", f"{name}To": f"{end:%Y-%m-%d %H:%M:%S}"}
