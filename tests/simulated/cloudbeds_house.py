"""A simulated Cloudbeds property that speaks the PMS API v1.3.

It refuses what Cloudbeds refuses: other verbs and paths, parameters that are not described, other properties, bodies
that are no forms, more than 100 rows a page, more than 5 requests a second. It says most of its errors with status 200
and `success: false`, gives `[]` for an empty map and numbers as text, and forgets to move the moment of the last change
when it is asked to. State is in memory, behind one lock, and is changed by methods named after what staff do at the
desk; each change is told by a webhook to whoever subscribed. Facts: Cloudbeds's OpenAPI description of v1.3.
"""

import json
import random
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qsl, urlencode
from zoneinfo import ZoneInfo

from sandbox import server
from sandbox.http import Answer
from sandbox.server import Json, Request, SimulatedPms
from sandbox.sparse import Sparse

_PREFIX = "/api/v1.3/"
_EVENTS = {
    "reservation": {"created", "deleted", "status_changed", "dates_changed", "notes_changed", "custom_fields_changed"}
    | {f"accommodation_{what}" for what in ("changed", "removed", "status_changed", "type_changed")},
    "guest": {"created", "assigned", "removed", "details_changed", "accommodation_changed"},
    "integration": {"appstate_changed"},
}
_PAGES = frozenset({"pageNumber", "pageSize"})
_METHODS: dict[str, tuple[str, frozenset[str]]] = {
    "access_token": ("POST", frozenset({"grant_type", "client_id", "client_secret", "refresh_token"})),
    "getHotels": ("GET", _PAGES | {"propertyIDs"}),
    "getHotelDetails": ("GET", frozenset({"propertyID"})),
    "getRooms": ("GET", _PAGES | {"propertyIDs", "startDate", "endDate", "includeRoomRelations"}),
    "getReservations": (
        "GET",
        _PAGES
        | {"propertyID", "status", "modifiedFrom", "modifiedTo", "checkInFrom", "checkInTo", "checkOutFrom"}
        | {"checkOutTo", "includeGuestsDetails", "includeAllRooms"},
    ),
    "getReservationsWithRateDetails": (
        "GET",
        _PAGES
        | {"propertyID", "reservationID", "includeDeleted", "includeGuestsDetails", "modifiedFrom", "modifiedTo"}
        | {"resultsFrom", "resultsTo", "sortByRecent", "reservationCheckOutFrom", "reservationCheckOutTo"}
        | {"excludeStatuses"},
    ),
    "getReservation": ("GET", frozenset({"propertyID", "reservationID"})),
    "getReservationRoomDetails": ("GET", frozenset({"propertyID", "subReservationID"})),
    "getGuest": ("GET", frozenset({"propertyID", "guestID"})),
    "getGuestsModified": ("GET", _PAGES | {"propertyIDs", "resultsFrom", "resultsTo"}),
    "getWebhooks": ("GET", frozenset({"propertyID"})),
    "postWebhook": ("POST", frozenset({"propertyID", "object", "action", "endpointUrl"})),
    "deleteWebhook": ("DELETE", frozenset({"propertyIDs", "subscriptionID"})),
    "getCustomFields": ("GET", frozenset({"propertyID", "customFieldID", "shortcode"})),
    "postCustomField": (
        "POST",
        frozenset({"propertyID", "name", "shortcode", "applyTo", "required", "maxCharacters", "type", "displayed"})
        | {"isPersonal"},
    ),
    "putReservation": (
        "PUT",
        frozenset({"propertyID", "reservationID", "estimatedArrivalTime", "status", "checkoutDate", "customFields"})
        | {"rooms", "dateCreated", "sendStatusChangeEmail"},
    ),
    "getReservationNotes": ("GET", frozenset({"propertyID", "reservationID"})),
    "postReservationNote": (
        "POST",
        frozenset({"propertyID", "reservationID", "reservationNote", "userID", "dateCreated"}),
    ),
    "putReservationNote": (
        "PUT",
        frozenset({"propertyID", "reservationID", "reservationNoteID", "reservationNote"}),
    ),
    "deleteReservationNote": ("DELETE", frozenset({"propertyID", "reservationID", "reservationNoteID"})),
}
"""The verb and the parameters (or fields of the form) of each operation; lists in a form without their brackets."""
_BRACKETS = re.compile(r"\[\d*\](\[(?P<name>\w+)\])?$")
_LONG_NUMBER = re.compile(r"\d{13,}")


class Refusal(server.Refusal):
    """A status and a document; 200 with `success: false` where nothing else is said."""

    def __init__(self, message: str, status: int = 200, **document: Any):
        super().__init__(status, message)
        self.document = {**({"success": False} if status == 200 else {}), "message": message, **document}


@dataclass(slots=True)
class Faults(server.Faults):
    unsuccessful: float = 0.0
    """200, with `success: false`."""
    refuse_key: bool = False
    unsuccessful_operations: frozenset[str] = frozenset()
    """These always fail with `success: false`."""
    unsuccessful_pages: frozenset[int] = frozenset()
    """These pages of every list fail with `success: false`."""
    lose_answer: float = 0.0
    """The connection breaks after something was written."""
    lose_answers_of: dict[str, int] = field(default_factory=dict)
    """So many answers of these operations are lost after they did their work."""
    not_granted: frozenset[str] = frozenset()
    """These operations are not in the scopes of the credentials."""
    says_not_granted: int = 403
    """With which status; 200: with `success: false`."""


@dataclass(slots=True)
class _Line:
    """One room of a reservation."""

    part: str
    number: str
    room: str | None
    arrival: date
    departure: date
    guests: list[str] = field(default_factory=list)
    status: str = "not_checked_in"


@dataclass(slots=True)
class _Reservation:
    id: str
    guest: str
    lines: list[_Line]
    created: datetime
    modified: datetime
    status: str = "confirmed"
    is_deleted: bool = False
    custom_fields: dict[str, str] = field(default_factory=dict)
    """By shortcode."""
    notes: dict[str, str] = field(default_factory=dict)
    """By id."""
    lacks: set[str] = field(default_factory=set)
    """Names that are left out of what is told of it and its rooms."""


class CloudbedsHouse(SimulatedPms):
    """One property."""

    faults: Faults
    request_id = "X-Request-ID"
    down_page = (b"down", "text/plain")

    def __init__(
        self,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 7,
        name: str = "Harbor Inn",
        zone: str = "America/New_York",
        rate_limit: int | None = 5,
        clock: Callable[[], float] = time.monotonic,
        record: bool = False,
    ):
        super().__init__(now, random.Random(seed), rate_limit, 1, clock, record)
        self.sparse = Sparse(
            frozenset({"data", "success", "rooms", "assigned", "unassigned", "customFields", "roomID", "guestList"})
            | frozenset({"customFieldValue", "reservationNote"}),
            frozenset({"organizationID", "propertyImage", "propertyDescription", "propertyCurrency", "propertyName"})
            | frozenset(
                {"roomTypeName", "roomTypeNameShort", "roomTypeIsVirtual", "isRoomLocked", "guestName", "adults"}
            )
            | frozenset(
                {"children", "balance", "sourceName", "roomDescription", "maxGuests", "dateCreated", "userName"}
            )
            | frozenset({"roomBlocked", "doorlockID", "assignedRoom", "propertyAddress1", "propertyCity"}),
        )
        self.tells_shortcodes = True
        """Whether a reservation's custom fields come with their shortcodes, or with their names alone."""
        self.name = name
        self.zone = zone
        self.property_id = "210001"
        self.check_in_time, self.check_out_time = "15:00:00", "11:00:00"
        self.api_key = "cbat_SANDBOX-KEY"
        self.client_id, self.client_secret = "SANDBOX-CLIENT", "SANDBOX-CLIENT-SECRET"
        self.refresh_token = "SANDBOX-REFRESH-1"
        self.access_token: str | None = None
        self.rotates = True
        """Whether a refresh token is good only once."""
        self.offers_lists_by_id = True
        self.faults = Faults()
        self.rooms: dict[str, Json] = {}
        self.guests: dict[str, Json] = {}
        self.reservations: dict[str, _Reservation] = {}
        self.events = {entity: set(actions) for entity, actions in _EVENTS.items()}
        """What can be subscribed to."""
        self.custom_fields: dict[str, Json] = {}
        """By shortcode."""
        self.subscriptions: dict[str, Json] = {}
        self.sends_forms = False
        self._is_unnoticed = False
        self._numbers = Counter[str]()

    # --- what the house consists of ---------------------------------------------------------------------------------

    def add_room(self, name: str, room_type: str = "King", dorm: str = "", consists_of: Iterable[str] = ()) -> str:
        """A room; a bed of the dorm of that name; a virtual room that consists of others."""
        with self._lock:
            type_id = str(405001 + sum(map(ord, room_type)) % 900)
            linked = list(consists_of)
            room_id = f"{type_id}-{self._number(type_id)}"
            self.rooms[room_id] = {
                "roomID": room_id,
                "roomName": name,
                "dormRoomName": dorm,
                "roomDescription": "",
                "maxGuests": 2,
                "isPrivate": not dorm,
                "isVirtual": bool(linked),
                "roomBlocked": False,
                "roomTypeID": type_id,
                "roomTypeName": room_type,
                "roomTypeNameShort": room_type[:1],
                "doorlockID": "",
                "linkedRoomIDs": linked,
            }
            for one in linked:
                self.rooms[one]["linkedRoomIDs"].append(room_id)
            return room_id

    def add_guest(self, first: str = "Ana", last: str = "Example", email: str = "", phone: str = "") -> str:
        with self._lock:
            guest_id = str(163000000 + self._number("guest"))
            self.guests[guest_id] = {
                "first": first,
                "last": last,
                "email": email,
                "phone": phone,
                "modified": self.changed_at(),
            }
            return guest_id

    # --- what happens at the desk -----------------------------------------------------------------------------------

    @contextmanager
    def unnoticed(self) -> Iterator[None]:
        """Changes that do not move the moment of the last change, and of which no webhook tells."""
        self._is_unnoticed = True
        try:
            yield
        finally:
            self._is_unnoticed = False

    def book(
        self,
        guest: str,
        arrival: date,
        departure: date,
        rooms: Iterable[str | None] = (None,),
        guests: Iterable[str] = (),
        status: str = "confirmed",
    ) -> str:
        """A reservation; `guests` are the main guests of the rooms, the booker where they run out. Returns its id."""
        with self._lock:
            reservation_id = str(8176000000000 + self._number("reservation"))
            moment = self.changed_at()
            made = _Reservation(reservation_id, guest, [], moment, moment, status)
            self.reservations[reservation_id] = made
            own = iter(guests)
            for room in rooms:
                self._add_line(made, room, arrival, departure, next(own, guest))
            self._tell("reservation/created", made, startDate=str(arrival), endDate=str(departure))
            return reservation_id

    def add_line(self, reservation_id: str, room: str | None, arrival: date, departure: date, guest: str = "") -> str:
        """One more room; returns its subReservationID."""
        with self._lock:
            found = self.reservations[reservation_id]
            line = self._add_line(found, room, arrival, departure, guest or found.guest)
            self._changed(found, "reservation/dates_changed")
            return line.part

    def split(self, part: str, on: date, room: str | None) -> None:
        """From that day on in another room: a second line with the same subReservationID."""
        with self._lock:
            found, line = self._of(part)
            second = _Line(part, str(213000000 + self._number("line")), room, on, line.departure, list(line.guests))
            line.departure = on
            found.lines.insert(found.lines.index(line) + 1, second)
            self._changed(found, "reservation/accommodation_changed", subReservationId=part, roomId=room)

    def assign(self, part: str, room: str | None) -> None:
        with self._lock:
            found, line = self._of(part)
            before, line.room = line.room, room
            self._changed(
                found, "reservation/accommodation_changed", subReservationId=part, roomId=room, roomIdPrev=before
            )

    def change_dates(self, part: str, arrival: date | None = None, departure: date | None = None) -> None:
        with self._lock:
            found, line = self._of(part)
            line.arrival, line.departure = arrival or line.arrival, departure or line.departure
            self._changed(found, "reservation/dates_changed", subReservations=[])

    def check_in(self, part: str) -> None:
        """One room; the others of the reservation have to be checked in themselves."""
        with self._lock:
            found, line = self._of(part)
            line.status = "in_house"
            self._set(found, "checked_in")

    def check_out(self, part: str) -> None:
        with self._lock:
            found, line = self._of(part)
            line.status = "checked_out"
            is_last = all(one.status in ("checked_out", "cancelled") for one in found.lines)
            self._set(found, "checked_out" if is_last else found.status)

    def cancel_room(self, part: str) -> None:
        with self._lock:
            found, line = self._of(part)
            line.status = "cancelled"
            self._changed(found, "reservation/accommodation_changed", subReservationId=part)

    def remove_room(self, part: str) -> None:
        """The room's line vanishes."""
        with self._lock:
            found, line = self._of(part)
            found.lines.remove(line)
            self._changed(found, "reservation/accommodation_removed", subReservationId=part)

    def cancel(self, reservation_id: str) -> None:
        self._set_all(reservation_id, "canceled", "cancelled")

    def mark_no_show(self, reservation_id: str) -> None:
        self._set_all(reservation_id, "no_show", "not_checked_in")

    def reinstate(self, reservation_id: str) -> None:
        self._set_all(reservation_id, "confirmed", "not_checked_in")

    def set_status(self, reservation_id: str, word: str) -> None:
        with self._lock:
            self._set(self.reservations[reservation_id], word)

    def delete(self, reservation_id: str) -> None:
        with self._lock:
            found = self.reservations[reservation_id]
            found.is_deleted = True
            self._changed(found, "reservation/deleted")

    def purge(self, reservation_id: str) -> None:
        """Gone without a trace."""
        with self._lock:
            del self.reservations[reservation_id]

    def put_guest(self, part: str, guest: str) -> None:
        """One more guest in a room."""
        with self._lock:
            found, line = self._of(part)
            line.guests.append(guest)
            self._changed(found, "guest/assigned", guestId=int(guest), guestId_str=guest)

    def take_guest(self, part: str, guest: str) -> None:
        with self._lock:
            found, line = self._of(part)
            line.guests.remove(guest)
            self._changed(found, "guest/removed", guestId=int(guest), guestId_str=guest)

    def edit_guest(self, guest: str, **fields: str) -> None:
        """`first`, `last`, `email`, `phone`."""
        with self._lock:
            self.guests[guest] |= {**fields, "modified": self.changed_at()}
            self._send("guest/details_changed", guestId=int(guest), guestId_str=guest)

    def anonymise(self, guest: str) -> None:
        self.edit_guest(guest, first="Anonymized", last="", anonymised="yes")

    def merge_guests(self, guest: str, into: str) -> None:
        """Reservations go on naming the old profile, and have no details of it."""
        self.edit_guest(guest, into=into)

    def leave_out(self, reservation_id: str, *names: str) -> None:
        """From now on these names are missing where the reservation and its rooms are told."""
        with self._lock:
            found = self.reservations[reservation_id]
            found.lacks.update(names)
            self._changed(found, "reservation/notes_changed")

    def write_note(self, reservation_id: str, text: str) -> str:
        """As the desk does; returns its id."""
        with self._lock:
            found = self.reservations[reservation_id]
            note_id = str(7000 + self._number("note"))
            found.notes[note_id] = text
            self._changed(found, "reservation/notes_changed")
            return note_id

    def notes_of(self, reservation_id: str) -> list[str]:
        return list(self.reservations[reservation_id].notes.values())

    def add_custom_field(self, shortcode: str, apply_to: str = "reservation", longest: int = 40) -> None:
        with self._lock:
            self.custom_fields[shortcode] = {
                "customFieldID": str(self._number("custom field")),
                "propertyID": self.property_id,
                "name": shortcode.replace("_", " ").capitalize(),
                "shortcode": shortcode,
                "applyTo": apply_to,
                "required": False,
                "isPersonal": False,
                "maxCharacters": longest,
                "type": "input",
                "displayed": ["reservation"],
            }

    def fill_in(self, reservation_id: str, shortcode: str, text: str) -> None:
        """A custom field of a reservation; empty, it is not told any more."""
        with self._lock:
            found = self.reservations[reservation_id]
            found.custom_fields[shortcode] = text
            if not text:
                del found.custom_fields[shortcode]
            self._changed(found, "reservation/custom_fields_changed")

    def custom_field_of(self, reservation_id: str, shortcode: str = "door_code") -> str:
        return self.reservations[reservation_id].custom_fields.get(shortcode, "")

    def _set_all(self, reservation_id: str, word: str, room_word: str) -> None:
        with self._lock:
            found = self.reservations[reservation_id]
            for line in found.lines:
                line.status = room_word
            self._set(found, word)

    def _set(self, found: _Reservation, word: str) -> None:
        found.status = word
        self._changed(found, "reservation/status_changed", status=word)

    def _changed(self, found: _Reservation, event: str, **fields: Any) -> None:
        if not self._is_unnoticed:
            found.modified = self.changed_at()
            self._tell(event, found, **fields)

    def _add_line(self, found: _Reservation, room: str | None, arrival: date, departure: date, guest: str) -> _Line:
        number = self._number(found.id)
        part = found.id if number == 1 else f"{found.id}-{number - 1}"
        line = _Line(part, str(213000000 + self._number("line")), room, arrival, departure, [guest])
        found.lines.append(line)
        return line

    def _of(self, part: str) -> tuple[_Reservation, _Line]:
        """A room's last line that still stands, and its reservation."""
        found = self.reservations[part.partition("-")[0]]
        lines = [one for one in found.lines if one.part == part]
        return found, next((one for one in lines if one.status not in ("checked_out", "cancelled")), lines[-1])

    def _number(self, of: str) -> int:
        self._numbers[of] += 1
        return self._numbers[of]

    # --- the API ----------------------------------------------------------------------------------------------------

    def too_many(self, seconds: int = 1) -> Refusal:
        return Refusal("Too many requests", 429)

    def more_faults(self) -> Iterator[tuple[float, server.Refusal]]:
        yield self.faults.unsuccessful, Refusal("Internal error")

    def loses_answer(self, request: Request, luck: float) -> bool:
        operation = request.path.removeprefix(_PREFIX)
        if self.faults.lose_answers_of.get(operation, 0) > 0:
            self.faults.lose_answers_of[operation] -= 1
            return True
        # No draw where nothing depends on it: the luck of all others would change.
        is_write = request.method != "GET" and self.faults.lose_answer
        return bool(is_write) and self._luck.random() < self.faults.lose_answer

    def refused(self, refusal: server.Refusal) -> Answer:
        assert isinstance(refusal, Refusal)
        return Answer(refusal.status, json.dumps(refusal.document).encode())

    def answer(self, request: Request) -> Answer:
        document = self._document(request.method, request.path, request.query, request.headers, request.body)
        return Answer(200, json.dumps(self.sparse.thinned(document)).encode())

    def _document(
        self, method: str, path: str, query: dict[str, list[str]], headers: Mapping[str, str], body: bytes
    ) -> Json:
        operation = path.removeprefix(_PREFIX)
        verb, names = _METHODS.get(operation, ("", frozenset[str]()))
        is_there = self.offers_lists_by_id or operation != "getReservationsWithRateDetails"
        if not path.startswith(_PREFIX) or method != verb or not is_there:
            raise Refusal("Method not found", 404)
        self.calls[operation] += 1
        self.count_against_limit()
        if any(len(values) > 1 for values in query.values()):
            raise Refusal("A parameter stands twice", 400)
        asked = {name: values[0] for name, values in query.items()}
        if method in ("POST", "PUT"):
            if headers.get("content-type") != "application/x-www-form-urlencoded" or asked:
                raise Refusal("Send a form", 400)
            pairs = parse_qsl(body.decode(), keep_blank_values=True)
            asked = dict(pairs)
            if len(asked) < len(pairs):
                raise Refusal("A field stands twice", 400)
        elif body:
            raise Refusal("A body is not expected", 400)
        unknown = {_BRACKETS.sub("", name) for name in asked} - names
        if unknown:
            raise Refusal(f"Unknown parameters {sorted(unknown)}", 400)
        if self.record:
            hidden = {"client_secret", "refresh_token"}
            self.requests.append((method, operation, {k: v for k, v in asked.items() if k not in hidden}))
        if operation == "access_token":
            return self._token(asked)
        self._admit(headers)
        if headers.get("x-property-id", self.property_id) != self.property_id:
            raise Refusal("None of the included property id's match")
        properties = asked.get("propertyID", asked.get("propertyIDs", self.property_id))
        if properties != self.property_id:
            raise Refusal("None of the included property id's match")
        if operation in self.faults.not_granted:
            words = "The credentials do not have the scope for this call."
            status = self.faults.says_not_granted
            raise Refusal(words, status, **({} if status == 200 else {"error": "access_denied"}))
        is_page_lost = asked.get("pageNumber", "") in map(str, self.faults.unsuccessful_pages)
        if is_page_lost or operation in self.faults.unsuccessful_operations:
            raise Refusal("Internal error")
        answer: Json = getattr(self, f"_{operation}")(asked)
        return {"success": True, **answer}

    def _token(self, asked: Json) -> Json:
        wanted = ("refresh_token", self.client_id, self.client_secret, self.refresh_token)
        if tuple(asked.get(n) for n in ("grant_type", "client_id", "client_secret", "refresh_token")) != wanted:
            raise Refusal("The refresh token is invalid.", 401, error="invalid_request")
        number = self._number("token")
        self.access_token = f"SANDBOX-ACCESS-{number}"
        if self.rotates:
            self.refresh_token = f"SANDBOX-REFRESH-{number + 1}"
        return {
            "access_token": self.access_token,
            "token_type": "Bearer",
            "expires_in": 28800,
            "refresh_token": self.refresh_token,
            "resources": [{"type": "property", "id": self.property_id}],
        }

    def _admit(self, headers: Mapping[str, str]) -> None:
        keys = {self.api_key} if self.access_token is None else {self.api_key, self.access_token}
        given = headers.get("x-api-key") or headers.get("authorization", "").removeprefix("Bearer ")
        if self.faults.refuse_key or given not in keys:
            words = "The resource owner or authorization server denied the request."
            raise Refusal(words, 401, error="access_denied")

    def _getHotels(self, asked: Json) -> Json:
        currency = [{"currencyCode": "USD", "currencySymbol": "$", "currencyPosition": "before"}]
        hotel = {
            "propertyID": self.property_id,
            "organizationID": "9001",
            "propertyName": self.name,
            "propertyImage": "",
            "propertyDescription": "",
            "propertyTimezone": self.zone,
            "propertyCurrency": currency,
        }
        return self._page(asked, [hotel], 20)

    def _getHotelDetails(self, asked: Json) -> Json:
        policy = {"propertyCheckInTime": self.check_in_time, "propertyCheckOutTime": self.check_out_time}
        return {
            "data": {
                "propertyID": self.property_id,
                "propertyName": self.name,
                "propertyAddress": {
                    "propertyAddress1": "1 Quay St",
                    "propertyCity": "Portland",
                    "propertyCountry": "US",
                },
                "propertyPolicy": {**policy, "propertyLateCheckOutAllowed": False},
            }
        }

    def _getRooms(self, asked: Json) -> Json:
        rooms: list[Json] = list(self.rooms.values())
        if "startDate" in asked:
            taken = {line.room for one in self.reservations.values() for line in one.lines}
            rooms = [room for room in rooms if room["roomID"] not in taken]
        if asked.get("includeRoomRelations") not in ("1", "true"):
            rooms = [{k: v for k, v in room.items() if k != "linkedRoomIDs"} for room in rooms]
        page = self._page(asked, rooms, 20)["data"]
        return {"data": [{"propertyID": self.property_id, "rooms": page}], "count": 1, "total": "1"}

    def _getReservations(self, asked: Json) -> Json:
        found = [one for one in self.reservations.values() if not one.is_deleted and one.lines]
        tests: tuple[tuple[str, Callable[[_Reservation, str], bool]], ...] = (
            ("status", lambda one, value: one.status == value),
            ("modifiedFrom", lambda one, value: self._local(one.modified) >= value),
            ("modifiedTo", lambda one, value: self._local(one.modified) <= value),
            ("checkInFrom", lambda one, value: str(_first(one)) >= value),
            ("checkInTo", lambda one, value: str(_first(one)) <= value),
            ("checkOutFrom", lambda one, value: str(_last(one)) >= value),
            ("checkOutTo", lambda one, value: str(_last(one)) <= value),
        )
        for name, test in tests:
            if name in asked:
                wanted = _checked_time(name, asked[name])
                found = [one for one in found if test(one, wanted)]
        found = [one for one in found if self._luck.random() >= self.faults.lose_rows]
        found.sort(key=lambda one: one.modified, reverse=True)
        page = self._page(asked, found, 100)
        page["data"] = [self._reservation(one, asked) for one in page["data"]]
        return page

    def _reservation(self, one: _Reservation, asked: Json) -> Json:
        told = {
            **self._head(one),
            "guestName": self._name(one.guest),
            "startDate": str(_first(one)),
            "endDate": str(_last(one)),
            "adults": "2",
            "children": "0",
            "balance": 0,
        }
        if asked.get("includeAllRooms") == "true":
            told["rooms"] = [self._line(one, line) for line in one.lines]
        if asked.get("includeGuestsDetails") == "true":
            told["guestList"] = self._guest_list(one)
        return _without(told, one.lacks)

    def _head(self, one: _Reservation) -> Json:
        return {
            "propertyID": self.property_id,
            "reservationID": one.id,
            "dateCreated": self._local(one.created),
            "dateModified": self._local(one.modified),
            "status": one.status,
            "guestID": one.guest,
            "sourceName": "Phone",
            "thirdPartyIdentifier": "",
        }

    def _line(self, one: _Reservation, line: _Line) -> Json:
        return _without(
            {
                "roomTypeID": line.room.partition("-")[0] if line.room else "405001",
                "roomTypeName": self.rooms[line.room]["roomTypeName"] if line.room in self.rooms else "King",
                "roomTypeIsVirtual": False,
                "subReservationID": line.part,
                "isRoomLocked": False,
                "guestID": line.guests[0] if line.guests else "",
                "guestName": self._name(line.guests[0]) if line.guests else "",
                "adults": "2",
                "children": "0",
                "reservationRoomID": line.number,
                "roomID": line.room,
                **({"roomName": self.rooms[line.room]["roomName"]} if line.room in self.rooms else {}),
                "roomCheckIn": str(line.arrival),
                "roomCheckOut": str(line.departure),
                "roomStatus": line.status,
            },
            one.lacks,
        )

    def _guest_list(self, one: _Reservation) -> Json | list[Any]:
        """An empty map is an empty list. Guests who were merged into others are not in it."""
        found: Json = {}
        for line in one.lines:
            for guest_id in line.guests:
                guest = self.guests[guest_id]
                if "into" in guest or "guestList" in one.lacks:
                    continue
                item = found.setdefault(
                    guest_id,
                    {
                        "guestID": guest_id,
                        "guestFirstName": guest["first"],
                        "guestLastName": guest["last"],
                        "guestEmail": guest["email"],
                        "guestPhone": "",
                        "guestCellPhone": guest["phone"],
                        "isAnonymized": "anonymised" in guest,
                        "isMainGuest": guest_id == one.guest,
                        "assignedRoom": line.room is not None,
                        "roomID": line.room,
                        "rooms": [],
                        "unassignedRooms": [],
                    },
                )
                place = {"reservationRoomID": line.number, "subReservationID": line.part}
                if line.room is None:
                    item["unassignedRooms"].append(place)
                else:
                    item["rooms"].append({**place, "roomID": line.room})
        return found or []

    def _getReservationsWithRateDetails(self, asked: Json) -> Json:
        ids = asked.get("reservationID")
        found = [one for one in self.reservations.values() if ids is None or one.id in ids.split(",")]
        if asked.get("includeDeleted") != "true":
            found = [one for one in found if not one.is_deleted]
        for name in ("modifiedFrom", "modifiedTo"):
            if name in asked:
                wanted = _checked_time(name, asked[name])
                found = [
                    one
                    for one in found
                    if (self._local(one.modified) >= wanted) == (name == "modifiedFrom")
                    or self._local(one.modified) == wanted
                ]
        if asked.keys() & {"resultsFrom", "resultsTo", "reservationCheckOutFrom", "reservationCheckOutTo"}:
            raise Refusal("The sandbox does not filter by these", 400)
        page = self._page(asked, found, 100)
        rows = []
        for one in page["data"]:
            told = {
                **self._head(one),
                "isDeleted": one.is_deleted,
                "dateModifiedUTC": f"{one.modified:%Y-%m-%d %H:%M:%S}",
                "reservationCheckIn": f"{_first(one)} 00:00:00",
                "reservationCheckOut": f"{_last(one)} 00:00:00",
                "rooms": [self._line(one, line) for line in one.lines],
            }
            if asked.get("includeGuestsDetails") == "true":
                told["guestList"] = self._guest_list(one)
            rows.append(_without(told, one.lacks))
        return {**page, "data": rows}

    def _getReservation(self, asked: Json) -> Json:
        one = self.reservations.get(asked.get("reservationID", ""))
        if one is None or one.is_deleted:
            raise Refusal("Reservation not found")
        assigned, unassigned = [], []
        for line in one.lines:
            told = {
                "reservationRoomID": line.number,
                "subReservationID": line.part,
                "startDate": str(line.arrival),
                "endDate": str(line.departure),
                "adults": "2",
                "children": "0",
            }
            if line.room is None:
                unassigned.append(told)
            else:
                assigned.append({**told, "roomID": line.room, "roomName": self.rooms[line.room]["roomName"]})
        head = {name: value for name, value in self._head(one).items() if name not in ("guestID", "sourceName")}
        days = {"startDate": str(_first(one)), "endDate": str(_last(one)), "estimatedArrivalTime": None}
        rooms = {
            "assigned": assigned,
            "unassigned": unassigned,
            "guestList": self._guest_list(one),
            "customFields": [
                {
                    **(
                        {
                            "customFieldID": self.custom_fields[shortcode]["customFieldID"],
                            "shortcode": shortcode,
                            "isActive": True,
                        }
                        if self.tells_shortcodes
                        else {}
                    ),
                    "customFieldName": self.custom_fields[shortcode]["name"],
                    "customFieldValue": text,
                }
                for shortcode, text in one.custom_fields.items()
            ],
        }
        return {"data": _without({**head, **days, **rooms}, one.lacks)}

    def _getReservationRoomDetails(self, asked: Json) -> Json:
        part = asked.get("subReservationID", "")
        for one in self.reservations.values():
            for line in one.lines:
                if line.part == part and line.room is not None and not one.is_deleted:
                    told = self._line(one, line)
                    names = ("subReservationID", "roomID", "roomName", "guestID", "guestName", "roomStatus")
                    guests = [{"guestID": guest, "isMainGuest": guest == one.guest} for guest in line.guests]
                    details = {name: told.get(name) for name in names}
                    return {"data": {"reservationID": one.id, **details, "guests": guests}}
        raise Refusal("Room not found")

    def _getGuest(self, asked: Json) -> Json:
        guest = self.guests.get(asked.get("guestID", ""))
        if guest is None:
            raise Refusal("Guest not found")
        return {
            "data": {
                "firstName": guest["first"],
                "lastName": guest["last"],
                "email": guest["email"],
                "phone": "",
                "cellPhone": guest["phone"],
                "isAnonymized": "anonymised" in guest,
                "isMerged": "into" in guest,
                "newGuestID": guest.get("into", ""),
            }
        }

    def _getGuestsModified(self, asked: Json) -> Json:
        start, end = (_checked_time(name, asked.get(name, "")) for name in ("resultsFrom", "resultsTo"))
        rows = [
            {
                "guestID": guest_id,
                "reservationID": one.id,
                "roomID": line.room,
                "guestFirstName": self.guests[guest_id]["first"],
                "dateModified": self._local(self.guests[guest_id]["modified"]),
                "isMerged": "into" in self.guests[guest_id],
            }
            for one in self.reservations.values()
            for line in one.lines
            for guest_id in line.guests
            if start <= self._local(self.guests[guest_id]["modified"]) <= end
        ]
        return self._page(asked, rows, 100)

    # --- custom fields and notes --------------------------------------------------------------------------------------

    def _getCustomFields(self, asked: Json) -> Json:
        wanted = asked.get("shortcode")
        found = [one for one in self.custom_fields.values() if wanted in (None, one["shortcode"])]
        return {"data": [{k: v for k, v in one.items() if k != "customFieldID"} for one in found]}

    def _postCustomField(self, asked: Json) -> Json:
        shortcode, longest = asked.get("shortcode", ""), asked.get("maxCharacters", "40")
        if not asked.get("name") or re.fullmatch(r"\w+", shortcode) is None or "isPersonal" not in asked:
            raise Refusal("name, shortcode and isPersonal are required")
        if shortcode in self.custom_fields:
            raise Refusal("Shortcode is used already")
        if not longest.isdigit() or asked.get("type", "input") not in ("input", "text"):
            raise Refusal("maxCharacters is a number, type is input or text")
        if not {value for name, value in asked.items() if name.startswith("displayed")} <= {
            "reservation",
            "booking",
            "card",
        }:
            raise Refusal("displayed is reservation, booking or card")
        self.add_custom_field(shortcode, asked.get("applyTo", "reservation"), int(longest))
        self.custom_fields[shortcode]["name"] = asked["name"]
        made = self.custom_fields[shortcode]
        return {"data": {"fieldID": made["customFieldID"], "name": made["name"], "shortcode": shortcode}}

    def _putReservation(self, asked: Json) -> Json:
        """Custom fields, and the status of whoever arrives: whatever else it can do changes a stay."""
        one = self._living(asked)
        if "status" in asked:
            self._check_in_all(one, asked)
            return {}
        told: dict[str, Json] = {}
        for name, value in asked.items():
            match = _BRACKETS.search(name)
            if name not in ("propertyID", "reservationID"):
                if match is None or not name.startswith("customFields[") or match["name"] is None:
                    raise Refusal(f"The sandbox takes only custom fields, and no {name}", 400)
                told.setdefault(name[: match.start(1)], {})[match["name"]] = value
        if not told or any(item.keys() != {"customFieldName", "customFieldValue"} for item in told.values()):
            raise Refusal("customFieldName and customFieldValue are required")
        for item in told.values():
            shortcode, text = item["customFieldName"], item["customFieldValue"]
            known = self.custom_fields.get(shortcode)
            if known is None or known["applyTo"] != "reservation":
                raise Refusal("Custom field does not exist")
            if len(text) > known["maxCharacters"]:
                raise Refusal(f"Custom field is limited to {known['maxCharacters']} characters")
            if any(_could_be_a_card(number) for number in _LONG_NUMBER.findall(text)):
                raise Refusal("Credit card data is not allowed")
        for item in told.values():
            self.fill_in(one.id, item["customFieldName"], item["customFieldValue"])
        return {}

    def _check_in_all(self, one: _Reservation, asked: Json) -> None:
        if asked.keys() - {"propertyID", "reservationID", "status"}:
            raise Refusal("The sandbox takes a status by itself", 400)
        if asked["status"] != "checked_in":
            raise Refusal("The sandbox takes no other status than checked_in", 400)
        if one.status != "confirmed":
            raise Refusal("Reservation status can not be changed")
        if any(line.room is None for line in one.lines):
            raise Refusal("All rooms have to be assigned before check-in")
        today = self.now().astimezone(ZoneInfo(self.zone)).date()
        if any(line.arrival > today for line in one.lines):
            raise Refusal("Reservation can not be checked in before its arrival")
        for line in list(one.lines):
            self.check_in(line.part)

    def _living(self, asked: Json) -> _Reservation:
        one = self.reservations.get(asked.get("reservationID", ""))
        if one is None or one.is_deleted:
            raise Refusal("Reservation not found")
        return one

    def _note(self, asked: Json) -> tuple[_Reservation, str]:
        one = self._living(asked)
        if asked.get("reservationNoteID") not in one.notes:
            raise Refusal("Reservation note not found")
        return one, asked["reservationNoteID"]

    def _getReservationNotes(self, asked: Json) -> Json:
        stamp = self._local(self.now())
        notes = [
            {
                "reservationNoteID": note_id,
                "userName": "API",
                "dateCreated": stamp,
                "dateModified": stamp,
                "reservationNote": text,
            }
            for note_id, text in self._living(asked).notes.items()
        ]
        return {"data": notes}

    def _postReservationNote(self, asked: Json) -> Json:
        one = self._living(asked)
        if not asked.get("reservationNote"):
            raise Refusal("reservationNote is required")
        return {"reservationNoteID": self.write_note(one.id, asked["reservationNote"])}

    def _putReservationNote(self, asked: Json) -> Json:
        one, note_id = self._note(asked)
        if not asked.get("reservationNote"):
            raise Refusal("reservationNote is required")
        one.notes[note_id] = asked["reservationNote"]
        self._changed(one, "reservation/notes_changed")
        return {}

    def _deleteReservationNote(self, asked: Json) -> Json:
        one, note_id = self._note(asked)
        del one.notes[note_id]
        self._changed(one, "reservation/notes_changed")
        return {}

    # --- webhooks as a resource ---------------------------------------------------------------------------------------

    def _getWebhooks(self, asked: Json) -> Json:
        return {"data": list(self.subscriptions.values())}

    def _postWebhook(self, asked: Json) -> Json:
        if not all(asked.get(name) for name in ("propertyID", "object", "action", "endpointUrl")):
            raise Refusal("object, action and endpointUrl are required")
        if asked["action"] not in self.events.get(asked["object"], ()):
            raise Refusal("Unknown event")
        subscription_id = f"sub-{self._number('subscription')}"
        self.subscriptions[subscription_id] = {
            "id": subscription_id,
            "key": {"type": "property", "id": self.property_id},
            "event": {"entity": asked["object"], "action": asked["action"]},
            "owner": {"type": "user", "id": "55"},
            "subscriptionType": "webhook",
            "subscriptionData": {"endpoint": asked["endpointUrl"]},
        }
        return {"data": {"subscriptionID": subscription_id}}

    def _deleteWebhook(self, asked: Json) -> Json:
        if self.subscriptions.pop(asked.get("subscriptionID", ""), None) is None:
            raise Refusal("Subscription not found")
        return {}

    def _page(self, asked: Json, rows: list[Any], usual: int) -> Json:
        try:
            number, size = int(asked.get("pageNumber", 1)), int(asked.get("pageSize", usual))
        except ValueError:
            raise Refusal("pageNumber and pageSize are numbers") from None
        if number < 1 or not 1 <= size <= 100:
            raise Refusal("pageSize is at most 100")
        page = rows[(number - 1) * size : number * size]
        return {"data": page, "count": len(page), "total": str(len(rows))}

    def _name(self, guest_id: str) -> str:
        guest = self.guests[guest_id]
        return f"{guest['first']} {guest['last']}".strip()

    def _local(self, moment: datetime) -> str:
        return f"{moment.astimezone(ZoneInfo(self.zone)):%Y-%m-%d %H:%M:%S}"

    # --- webhooks -----------------------------------------------------------------------------------------------------

    def _tell(self, event: str, one: _Reservation, **fields: Any) -> None:
        # How names are written differs from event to event.
        is_old = event.removeprefix("reservation/") in ("created", "status_changed", "dates_changed")
        self._send(event, **{"reservationID" if is_old else "reservationId": one.id}, **fields)

    def _send(self, event: str, **fields: Any) -> None:
        """As JSON, or as a form; not signed."""
        if self.sender is None or self._is_unnoticed:
            return
        body = {
            "version": "1.0",
            "event": event,
            "timestamp": self.now().timestamp(),
            "propertyId": int(self.property_id),
            "propertyId_str": self.property_id,
            **fields,
        }
        raw = urlencode(body) if self.sends_forms else json.dumps(body)
        kind = "x-www-form-urlencoded" if self.sends_forms else "json"
        for one in self.subscriptions.values():
            if f"{one['event']['entity']}/{one['event']['action']}" == event:
                url = one["subscriptionData"]["endpoint"]
                self.sender.send(url, raw.encode(), {"Content-Type": f"application/{kind}"})


def _first(one: _Reservation) -> date:
    return min((line.arrival for line in one.lines), default=date.max)


def _last(one: _Reservation) -> date:
    return max((line.departure for line in one.lines), default=date.max)


def _without(told: Json, names: set[str]) -> Json:
    return {name: value for name, value in told.items() if name not in names}


def _checked_time(name: str, value: str) -> str:
    """A day, or a local date and time without a zone."""
    form = "%Y-%m-%d" if name.startswith("check") else "%Y-%m-%d %H:%M:%S"
    if name == "status":
        return value
    try:
        datetime.strptime(value, form)  # noqa: DTZ007 - local, as the whole protocol
    except ValueError:
        raise Refusal(f"{name} should look like {form}", 400) from None
    return value


def _could_be_a_card(number: str) -> bool:
    """By Luhn's sum."""
    digits = [int(digit) for digit in reversed(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[1::2]]
    return (sum(digits[::2]) + sum(doubled)) % 10 == 0
