"""Cloudbeds, by its PMS API v1.3.

One path per method; what changes something is a form, what comes back is JSON, and an error is often a 200 that says
`success: false`. A reservation has one line for each room, with an id of its own (`subReservationID`): each becomes a
booking. Facts: Cloudbeds's OpenAPI description of v1.3 and developers.cloudbeds.com. What neither of them says is
marked UNVERIFIED.
"""

import re
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any, Self
from zoneinfo import ZoneInfo

from marshmallow import ValidationError, fields, validate

from connectors.base import BookingsRead, Connector, NotUnderstood, Setting, Subscription, WebhookNews
from connectors.cloudbeds.door_codes import Fields, Notes, Reservations
from connectors.cloudbeds.wire import (
    PAGE,
    Clock,
    CloudbedsSchema,
    CloudbedsWire,
    Day,
    Id,
    Json,
    ListOrMap,
    RecordId,
    Unsuccessful,
    flag,
    id_in,
    is_true,
    optional_id,
    optional_text,
    text_in,
    values,
)
from connectors.errors import PmsRefused, PmsUnreachable
from connectors.oauth import LONGEST_LIFE, is_token
from connectors.reading import MOST_PAGES, ListWeight, Optional, batches, complaint, is_child, part_of, rows, text_id
from connectors.records import (
    AccessWritten,
    Booking,
    BookingStatus,
    BrokenRecord,
    DoorCode,
    Guest,
    Property,
    Room,
    Span,
)
from connectors.session import Access, Fixed, PmsSession, SignIn
from connectors.shown_clock import ShownClock
from connectors.webhook_token import bears_token

MOST_IDS = 50
"""So many reservations are asked for by id at once: their ids stand in the address."""
REQUESTS, SECONDS = 4, 1.0
"""Cloudbeds allows 5 requests a second per property key, and suspends keys that ask more. Source: API FAQ."""
TOKEN_MARGIN = timedelta(minutes=1)
OVERLAP = timedelta(hours=26)
"""In which zone `modifiedFrom` and `modifiedTo` are is UNVERIFIED; no zone is further away from any other."""
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
_OVER = frozenset({BookingStatus.CHECKED_OUT, BookingStatus.CANCELLED, BookingStatus.NO_SHOW})
_WITHOUT_GUESTS = _OVER | {BookingStatus.TENTATIVE}
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
EVENTS = (
    "reservation/created",
    "reservation/status_changed",
    "reservation/dates_changed",
    "reservation/accommodation_changed",
    "reservation/accommodation_status_changed",
    "reservation/accommodation_type_changed",
    "reservation/accommodation_removed",
    "reservation/deleted",
    "guest/assigned",
    "guest/removed",
    "guest/details_changed",
    "guest/accommodation_changed",
)
"""What is subscribed to. UNVERIFIED beyond `created` and `status_changed`: names that public receivers agree on."""
SAYS_NOTHING = frozenset({"reservation/notes_changed", "reservation/custom_fields_changed"})
"""News of reservations that change no access; the second is what our own writing causes."""
_BOOKING_ID = re.compile(r"\d{1,20}(-\d{1,6})?")
_ROOM_ID = re.compile(r"\d{1,20}(-\d{1,6})?")
_GUEST_ID = re.compile(r"\d{1,20}")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_PART = re.compile(r"(?P<reservation>.+)-\d+", re.DOTALL)


class HotelSchema(CloudbedsSchema):
    propertyID = RecordId(required=True)
    propertyName = optional_text()
    propertyTimezone = Id(required=True)


class PolicySchema(CloudbedsSchema):
    propertyCheckInTime = Clock(load_default=None, allow_none=True)
    propertyCheckOutTime = Clock(load_default=None, allow_none=True)


class RoomSchema(CloudbedsSchema):
    roomID = RecordId(required=True)
    roomName = Id(required=True)
    dormRoomName = optional_text()
    isPrivate = flag(True)
    isVirtual = flag()
    linkedRoomIDs = fields.List(RecordId(required=True), load_default=list, allow_none=True)


class ReservationSchema(CloudbedsSchema):
    reservationID = RecordId(required=True)
    status = Id(required=True)
    isDeleted = flag()
    guestID = optional_id()
    rooms = ListOrMap(required=True)


class LineSchema(CloudbedsSchema):
    """One room of a reservation, assigned or not."""

    subReservationID = RecordId(required=True)
    roomID = optional_id()
    guestID = optional_id()
    roomCheckIn = Day(required=True)
    roomCheckOut = Day(required=True)
    roomStatus = optional_text()


class GuestSchema(CloudbedsSchema):
    """As getGuest tells it; in the list of a reservation's guests most names begin with `guest`."""

    firstName = optional_text()
    lastName = optional_text()
    email = optional_text()
    phone = optional_text()
    cellPhone = optional_text()
    isAnonymized = flag()
    isMerged = flag()
    newGuestID = optional_id()
    birthDate = Optional(fields.Date())
    birthdate = Optional(fields.Date())
    """The same, in the list of a reservation's guests."""


def _check_token(text: str) -> None:
    if not is_token(text):
        raise ValidationError("no token")


class TokenSchema(CloudbedsSchema):
    access_token = fields.String(required=True, validate=_check_token)
    expires_in = fields.Integer(load_default=3600, validate=validate.Range(min=0))
    refresh_token = Optional(fields.String(validate=_check_token))


_HOTEL, _POLICY, _ROOM, _RESERVATION, _LINE, _GUEST, _TOKEN = (
    HotelSchema(),
    PolicySchema(),
    RoomSchema(),
    ReservationSchema(),
    LineSchema(),
    GuestSchema(),
    TokenSchema(),
)


class RefreshingSignIn:
    """OAuth 2 by a refresh token: one access token for all threads and connectors of the process.

    Cloudbeds may hand out a new refresh token with each access token. It is kept in memory only: after a restart the
    one in the settings has to be good still (it is for 365 days after its last use). Source: POST /access_token.
    """

    def __init__(
        self,
        who: str,
        session: PmsSession,
        url: str,
        clock: Callable[[], datetime],
        *,
        client_id: str,
        client_secret: str,
        refresh_token: str,
    ):
        """`who` names the connection in errors, `clock` gives aware instants. The session does not sign in."""
        self._who = who
        self._session = session
        self._url = url
        self._clock = clock
        self._client = {"client_id": client_id, "client_secret": client_secret}
        self._refresh_token = refresh_token
        self._header: str | None = None
        self._good_until = datetime.min.replace(tzinfo=UTC)
        self._lock = threading.Lock()

    def headers(self) -> Mapping[str, str]:
        """Raises `PmsError`."""
        with self._lock:
            if self._header is None or self._clock() >= self._good_until:
                self._header = self._renewed()
            return {"Authorization": self._header}

    def refused(self, headers: Mapping[str, str]) -> bool:
        """Another thread may have renewed the token meanwhile: then only the old one was refused."""
        with self._lock:
            if headers.get("Authorization") == self._header:
                self._header = None
            return True

    def _renewed(self) -> str:
        form = {"grant_type": "refresh_token", "refresh_token": self._refresh_token, **self._client}
        operation = "access_token"
        answer = self._session.request("POST", self._url, form=form, who=self._who, operation=operation, wants=dict)
        try:
            token = _TOKEN.load(answer.document)
        except ValidationError as problem:
            raise PmsUnreachable(
                f"{self._who}: the PMS gave no access token: its answer {complaint(problem)}", operation=operation
            ) from None
        life = timedelta(seconds=min(token["expires_in"], LONGEST_LIFE))
        self._good_until = self._clock() + life - TOKEN_MARGIN
        self._refresh_token = token["refresh_token"] or self._refresh_token
        return f"Bearer {token['access_token']}"


_sign_ins: dict[tuple[str, str, str], RefreshingSignIn] = {}
_sign_ins_lock = threading.Lock()


class CloudbedsConnector(Connector):
    """One property in Cloudbeds, by a property's key or by OAuth.

    What a door needs to know of Cloudbeds's rooms:

    - A bed in a dorm is a room of its own; the dorm is nothing but a name (`dormRoomName`). A key made of a name would
      change with it, so the dorm gets no Space: its door belongs into the Space of each of its beds.
    - A virtual room consists of the physical ones that it is linked with, and opens them.

    Days only: the property's check-in and check-out times are added to them. When a guest really came is not told.
    """

    SETTINGS = (
        Setting("base_url", "url", required=False, default="https://api.cloudbeds.com/api/v1.3"),
        Setting("property_id"),
        Setting("api_key", "secret", required=False),
        Setting("client_id", "secret", required=False),
        Setting("client_secret", "secret", required=False),
        Setting("refresh_token", "secret", required=False),
    )

    @classmethod
    def check_settings(cls, settings: Mapping[str, Any], /) -> str | None:
        oauth = [name for name in ("client_id", "client_secret", "refresh_token") if settings.get(name)]
        if settings.get("api_key"):
            return f"has an api_key and {' and '.join(oauth)}: one way to sign in is enough." if oauth else None
        if len(oauth) == 3:
            return None
        return "needs an api_key, or client_id, client_secret and refresh_token together."

    @classmethod
    def open(cls, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None) -> Self:
        problem = cls.check_settings(settings)
        if problem is not None:
            raise PmsRefused(f"{name}: the connection {problem}")
        base = str(settings["base_url"]).rstrip("/")
        sign_in: SignIn
        if settings["api_key"]:
            account = settings["api_key"]
            sign_in = Fixed({"x-api-key": account})
        else:
            key = (base, settings["client_id"], settings["refresh_token"])
            account = "\n".join(key)
            with _sign_ins_lock:
                shared = _sign_ins.get(key)
                if shared is None:
                    shared = _sign_ins[key] = RefreshingSignIn(
                        name,
                        access.session(account, REQUESTS, SECONDS),
                        f"{base}/access_token",
                        access.clock,
                        client_id=settings["client_id"],
                        client_secret=settings["client_secret"],
                        refresh_token=settings["refresh_token"],
                    )
            sign_in = shared
        session = access.session(account, REQUESTS, SECONDS, sign_in=sign_in)
        return cls(name, base, settings["property_id"], session, webhook_token)

    def __init__(self, name: str, base_url: str, property_id: str, session: PmsSession, webhook_token: str | None):
        """`name` is the connection's, for errors. `session` signs in."""
        self._name = name
        self._wire = CloudbedsWire(name, base_url, property_id, session)
        self._property_id = property_id
        self._webhook_token = webhook_token
        self._times: tuple[time | None, time | None] | None = None
        self._lists_by_id = True
        self._scopes_denied: set[str] = set()
        self._merged: dict[str, str] = {}
        """Into which profile each was merged, of all that were ever seen: a merger is not undone."""

    def __repr__(self) -> str:
        return f"CloudbedsConnector({self._name!r})"

    @property
    def shown_clock(self) -> ShownClock:
        return self._wire.shown_clock

    def refresh(self) -> None:
        self._times = None
        self._lists_by_id = True

    def check(self) -> str:
        (of,) = self.read_properties()
        return f"{of.name} ({of.time_zone}), property {of.id}"

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
        for item in self._wire.read(operation, {"propertyIDs": self._property_id}, _property_id):
            if _property_id(item) != self._property_id:
                continue
            try:
                hotel = _HOTEL.load(item)
            except ValidationError as problem:
                raise self._wire.unusable(
                    operation, f"describes the property so that it cannot be read: it {complaint(problem)}"
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
        raise PmsRefused(
            f"{self._name}: the PMS does not list property {self._property_id}: check property_id, and what the "
            "credentials are for",
            operation=operation,
        )

    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        """Sources: getRooms, getHotelDetails. Rooms that are blocked for a time stay in use."""
        broken: list[BrokenRecord] = []
        loaded: dict[str, dict[str, Any]] = {}
        for item in self._rooms(of):
            try:
                room = _ROOM.load(item)
            except ValidationError as problem:
                reason = f"The room in Cloudbeds {complaint(problem)}."
                broken.append(BrokenRecord("room", id_in(item, "roomID") or "?", reason))
                continue
            loaded[room["roomID"]] = room
        check_in, check_out = self._check_times()
        rooms = []
        for room_id, room in loaded.items():
            dorm, name = room["dormRoomName"], room["roomName"]
            # Relations are told of both sides, with all that follows from them: only the physical ones have a door. One
            # that is not listed stays: somebody may have its door.
            linked = (one for one in room["linkedRoomIDs"] or () if one not in loaded or not loaded[one]["isVirtual"])
            rooms.append(
                Room(
                    id=room_id,
                    property_id=of.id,
                    name=name if not dorm or dorm in name else f"{dorm} {name}",
                    kind="Bed" if dorm or room["isPrivate"] is False else "Room",
                    check_in=check_in,
                    check_out=check_out,
                    connected_ids=tuple(dict.fromkeys(linked)) if room["isVirtual"] else (),
                )
            )
        return rooms, broken

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        """Cloudbeds cannot be asked for rooms by id: all are listed."""
        return {id_in(item, "roomID") for item in self._rooms(of)} & set(ids) if ids else set()

    def read_changed_rooms(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        """Cloudbeds does not tell when a room changed: every full read reads all of them."""
        return set()

    def _rooms(self, of: Property) -> list[Json]:
        """Source: getRooms. A day in the question would leave out the rooms that are taken on it."""
        operation = "getRooms"
        found: dict[str, Json] = {}
        nameless: list[Json] = []
        weight = ListWeight(self._name, operation)
        for page in range(1, MOST_PAGES + 1):
            params = {"propertyIDs": of.id, "includeRoomRelations": 1, "pageNumber": page, "pageSize": PAGE}
            before = len(found)
            unnamed: list[Json] = []
            for group in self._wire.rows(operation, self._wire.ask("GET", operation, params=params, weight=weight)):
                if _property_id(group) not in ("", of.id):
                    continue
                for item in rows(group, "rooms", self._name, operation):
                    if id_in(item, "roomID"):
                        found.setdefault(id_in(item, "roomID"), item)
                    else:
                        unnamed.append(item)
            # `count` and `total` are of properties, so only a page without news is known to be the last one.
            if page == 1 or len(found) > before:
                nameless.extend(unnamed)
            if len(found) == before:
                return [*found.values(), *nameless]
        raise self._wire.unusable(operation, "gives pages that do not end")

    def _check_times(self) -> tuple[time | None, time | None]:
        if self._times is None:
            self._details()
        assert self._times is not None
        return self._times

    def _details(self) -> Json:
        operation = "getHotelDetails"
        details = self._wire.data(operation, {"propertyID": self._property_id})
        try:
            times = _POLICY.load(part_of(details, "propertyPolicy"))
        except ValidationError as problem:
            raise self._wire.unusable(
                operation, f"describes the property so that it cannot be read: it {complaint(problem)}"
            ) from None
        self._times = (times["propertyCheckInTime"], times["propertyCheckOutTime"])
        return details

    # --- guests -------------------------------------------------------------------------------------------------------

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        """Source: getGuest, once for each."""
        read = self._profiles(of, ids, one_may_fail=False)
        return list(self._with_mergers(read.guests).values()), read.broken

    def read_changed_guests(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        """Source: getGuestsModified, a row for each guest and room."""
        params = {"propertyIDs": of.id, **_naive_window("results", updated)}
        items = self._wire.read(
            "getGuestsModified", params, lambda item: f"{id_in(item, 'guestID')} {id_in(item, 'roomID')}"
        )
        for item in items:
            one, target = id_in(item, "guestID"), id_in(item, "newGuestID")
            if is_true(item.get("isMerged")) and one and target and one != target:
                self._merged[one] = target
        return {id_in(item, "guestID") for item in items if _changed_in(item, updated, of)} - {""}

    def _profiles(self, of: Property, ids: Iterable[str], one_may_fail: bool) -> "_Profiles":
        """The profiles by their own ids, without those that were merged, and those that cannot be read."""
        read = _Profiles()
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
                    read.broken.append(BrokenRecord("guest", guest_id, "Cloudbeds could not tell who this guest is."))
                continue
            try:
                person = _GUEST.load(item)
            except ValidationError as problem:
                read.broken.append(BrokenRecord("guest", guest_id, f"The guest in Cloudbeds {complaint(problem)}."))
                continue
            if _is_merged(person):
                self._merged[guest_id] = person["newGuestID"]
                waiting.append(person["newGuestID"])
                continue
            read.take(guest_id, person)
        return read

    def _with_mergers(self, guests: Mapping[str, Guest]) -> dict[str, Guest]:
        """The profiles, each with the ids of those that were merged into it, of all that were ever seen."""
        sources: dict[str, list[str]] = {}
        for one in sorted(self._merged):
            sources.setdefault(_end_of(self._merged, one), []).append(one)
        return {
            one: replace(guest, merged_ids=tuple(sources[one])) if one in sources else guest
            for one, guest in guests.items()
        }

    # --- bookings -----------------------------------------------------------------------------------------------------

    def read_bookings(
        self,
        of: Property,
        /,
        *,
        colliding: tuple[datetime, datetime] | None = None,
        updated: tuple[datetime, datetime] | None = None,
        ids: Sequence[str] | None = None,
    ) -> BookingsRead:
        """Sources: getReservations and, of what was deleted, getReservationsWithRateDetails; by id:
        getReservationsWithRateDetails, getReservation, getReservationRoomDetails.

        `ids` may be those of reservations as well as those of their rooms: a reservation's brings all of its rooms.
        Some changes do not move the moment of the last change (getReservations says so): only a full read finds them.
        """
        if ids is not None:
            return self._bookings_by_id(of, ids)
        params: dict[str, Any] = {
            "propertyID": of.id,
            "includeAllRooms": "true",
            "includeGuestsDetails": "true",
        }
        if colliding is not None:
            # Cloudbeds compares days, the property's own: a day more on either side, and no zone matters.
            day = timedelta(days=1)
            params["checkOutFrom"] = (colliding[0].astimezone(UTC) - day).date().isoformat()
            params["checkInTo"] = (colliding[1].astimezone(UTC) + day).date().isoformat()
        elif updated is not None:
            params.update(_naive_window("modified", updated))
        else:
            raise ValueError("say which bookings: colliding, updated or ids")
        reading = _Reading(of.id)
        for item in self._wire.read("getReservations", params, _reservation_id):
            if updated is None or _changed_in(item, updated, of):
                reading.take(item)
        if updated is not None:
            for item in self._deleted(of, updated):
                reading.take(item)
        return self._with_guests(of, reading)

    def _deleted(self, of: Property, updated: tuple[datetime, datetime]) -> list[Json]:
        """What was deleted in a window, of which getReservations says nothing. Source: getReservationsWithRateDetails;
        where there is none, a full read finds it."""
        params = {"propertyID": of.id, "includeDeleted": "true", **_naive_window("modified", updated)}
        try:
            items = self._rate_details(params) or []
        except PmsRefused as problem:
            if problem.status != 400:
                raise
            return []
        return [one for one in items if is_true(one.get("isDeleted")) and _changed_in(one, updated, of)]

    def _rate_details(self, params: Json) -> list[Json] | None:
        """None where Cloudbeds does not offer such a list."""
        if not self._lists_by_id:
            return None
        try:
            return self._wire.read("getReservationsWithRateDetails", params, _reservation_id)
        except PmsRefused as problem:
            if problem.status not in (404, 405):
                raise
            self._lists_by_id = False
            return None

    def _bookings_by_id(self, of: Property, ids: Sequence[str]) -> BookingsRead:
        wanted = set(ids)
        reservations = sorted({self.reservation_of(one) for one in wanted})
        found = self._listed_by_id(of, reservations)
        # Where it has others than those that were asked for, nobody can tell which it left out.
        are_listed = self._lists_by_id and found.keys() <= set(reservations)
        reading = _Reading(of.id)
        for reservation_id in reservations:
            asked = {one for one in wanted if self.reservation_of(one) == reservation_id}
            item = found.get(reservation_id)
            try:
                item = item or self._single(of, reservation_id, are_listed)
            except Unsuccessful:
                reason = "Cloudbeds neither has this reservation nor says that it is gone: look at it there."
                reading.broken.extend(BrokenRecord("booking", one, reason) for one in sorted(asked))
                continue
            if item is not None:
                reading.take(item, asked)
        return self._with_guests(of, reading)

    def _listed_by_id(self, of: Property, reservations: Sequence[str]) -> dict[str, Json]:
        """Reservations, deleted ones as well, in one question for many. Source: getReservationsWithRateDetails."""
        found: dict[str, Json] = {}
        for batch in batches(reservations, MOST_IDS):
            params = {
                "propertyID": of.id,
                "reservationID": ",".join(batch),
                "includeDeleted": "true",
                "includeGuestsDetails": "true",
            }
            items = self._rate_details(params)
            if items is None:
                return {}
            found.update((_reservation_id(item), item) for item in items if _property_id(item) in ("", of.id))
        return found

    def _single(self, of: Property, reservation_id: str, was_left_out: bool) -> Json | None:
        """A reservation that the list by id has not; None: the PMS does not know it.

        What getReservation answers to an id that is not there is UNVERIFIED, and a read that failed must never look
        like it. So it takes two words: the list, asked for that very id, did not have it (`was_left_out`), and
        getReservation has it neither. Where there is no such list, getReservation itself has to say so in words; any
        other failure is raised. Sources: getReservation, getReservationRoomDetails, getReservations.
        """
        params = {"propertyID": of.id, "reservationID": reservation_id}
        operation = "getReservation"
        try:
            item = self._wire.data(operation, params)
        except Unsuccessful as problem:
            if was_left_out or problem.is_absent:
                return None
            raise
        except PmsRefused as problem:
            if problem.status not in (400, 404):
                raise
            if was_left_out:
                return None
            # Half a deployment answers 404 as well.
            raise Unsuccessful(str(problem), operation=operation, is_absent=False) from None
        if _reservation_id(item) != reservation_id:
            said = f"{self._name}: the PMS answered {operation} with another reservation than was asked for"
            raise Unsuccessful(said, operation=operation, is_absent=False)
        is_over = STATES.get(text_in(item, "status")) in _OVER
        assigned = item.get("assigned")
        # What is no list stays as a line that cannot be read: a room that is not told is not one that was taken away.
        told = values(assigned) if isinstance(assigned, list | dict) else [assigned]
        told += values(item.get("unassigned"))
        times = Counter(id_in(line, "subReservationID") for line in told if isinstance(line, dict))
        if not is_over and any(number > 1 for number in times.values()):
            listed = self._among_those_of_its_days(of, item)
            if listed is not None:
                return listed
        lines: list[Any] = []
        for line in told:
            if not isinstance(line, dict):
                lines.append(line)
                continue
            known = {**line, "roomCheckIn": line.get("startDate"), "roomCheckOut": line.get("endDate")}
            part = id_in(line, "subReservationID")
            if times[part] > 1 and not is_over:
                known["roomStatus"] = ONE_OF_SEVERAL
            elif id_in(line, "roomID") and part and not is_over:
                details = self._wire.data("getReservationRoomDetails", {"propertyID": of.id, "subReservationID": part})
                known |= {key: details[key] for key in ("roomStatus", "guestID") if key in details}
            else:
                known["roomStatus"] = "not_checked_in"
            lines.append(known)
        return {**item, "rooms": lines}

    def _among_those_of_its_days(self, of: Property, item: Json) -> Json | None:
        """A reservation as the list of those with its arrival and departure has it, with the status of every room; None
        where that list does not have it. getReservationRoomDetails tells of one room by an id, and somebody who moves
        during the stay has several. Source: getReservations."""
        arrival, departure = text_in(item, "startDate"), text_in(item, "endDate")
        if not _DAY.fullmatch(arrival) or not _DAY.fullmatch(departure):
            return None
        params = {
            "propertyID": of.id,
            "includeAllRooms": "true",
            "includeGuestsDetails": "true",
            "checkInFrom": arrival,
            "checkInTo": arrival,
            "checkOutFrom": departure,
            "checkOutTo": departure,
        }
        for one in self._wire.read("getReservations", params, _reservation_id):
            if _reservation_id(one) == _reservation_id(item):
                return one
        return None

    def _with_guests(self, of: Property, reading: "_Reading") -> BookingsRead:
        staying = [one for one in reading.stays if one.booking.status not in _WITHOUT_GUESTS]
        profiles = _Profiles()
        broken: dict[str, BrokenRecord] = {}
        missing: dict[str, None] = {}
        for stay in staying:
            for guest_id in stay.booking.guest_ids:
                item = stay.listed.get(guest_id)
                try:
                    person = _GUEST.load(_without_prefix(item)) if item is not None else None
                except ValidationError as problem:
                    reason = f"The guest in Cloudbeds {complaint(problem)}."
                    broken.setdefault(guest_id, BrokenRecord("guest", guest_id, reason))
                    continue
                if person is None or _is_merged(person):
                    missing[guest_id] = None
                else:
                    profiles.take(guest_id, person)
        if missing:
            asked = self._profiles(of, [one for one in missing if one not in profiles.guests], one_may_fail=True)
            profiles.guests = asked.guests | profiles.guests
            profiles.born |= asked.born
            broken.update((one.id, one) for one in asked.broken)
        bookings = []
        for stay in reading.stays:
            present = dict.fromkeys(_end_of(self._merged, one) for one in stay.booking.guest_ids)
            # Who has the room is none, whatever is said of her.
            children = (
                one
                for place, one in enumerate(present)
                if place and is_child(profiles.born.get(one), stay.booking.arrival)
            )
            bookings.append(replace(stay.booking, guest_ids=tuple(present), child_ids=tuple(children)))
        return BookingsRead(bookings, [*reading.broken, *broken.values()], self._with_mergers(profiles.guests))

    # --- door codes ---------------------------------------------------------------------------------------------------

    def write_access(self, of: Property, codes: Mapping[str, Sequence[DoorCode]], how: str, /) -> AccessWritten:
        """In the custom field `door_code` of the reservation, or as notes on it. Source: putReservation."""
        house = Reservations(
            self._wire,
            of,
            self.reservation_of,
            room_names=lambda: {room.id: room.name for room in self.read_rooms(of)[0]},
            is_gone=lambda reservation_id: self._is_gone(of, reservation_id),
        )
        wanted, other = (Notes, Fields) if how == "note" else (Fields, Notes)
        writer = wanted(house, codes)
        former = other(house, codes)
        writer.run_instead_of(former.taking_away, other.SCOPES, self._scopes_denied)
        return writer.written()

    def _is_gone(self, of: Property, reservation_id: str) -> bool:
        try:
            found = self._listed_by_id(of, [reservation_id])
        except Unsuccessful:
            return False
        item = found.get(reservation_id)
        return self._lists_by_id and (item is None or is_true(item.get("isDeleted")))

    # --- webhooks -----------------------------------------------------------------------------------------------------

    def subscribe_webhooks(self, url: str, /) -> list[Subscription]:
        """Sources: getWebhooks, postWebhook: one subscription for each kind of event.

        A kind that this Cloudbeds does not know is not subscribed, and not in what comes back.
        """
        there = [one for one in self.list_webhooks() if one.url == url]
        known = {one.events for one in there}
        for event in EVENTS:
            if event not in known:
                entity, action = event.split("/")
                form = {"propertyID": self._property_id, "object": entity, "action": action, "endpointUrl": url}
                operation = "postWebhook"
                try:
                    made = self._wire.ask("POST", operation, form=form, repeatable=False).get("data")
                except Unsuccessful:
                    continue
                subscription_id = id_in(made, "subscriptionID") if isinstance(made, dict) else ""
                if not subscription_id:
                    raise self._wire.unusable(operation, "answered without a subscriptionID")
                there.append(Subscription(subscription_id, url, event))
        return there

    def list_webhooks(self) -> list[Subscription]:
        """Source: getWebhooks; the address stands under `endpoint`, or (UNVERIFIED) under `url`."""
        found = []
        operation = "getWebhooks"
        for item in self._wire.rows(
            operation, self._wire.ask("GET", operation, params={"propertyID": self._property_id})
        ):
            data, event = (item.get(name) for name in ("subscriptionData", "event"))
            if not isinstance(data, dict) or not isinstance(event, dict) or not id_in(item, "id"):
                continue
            url = data.get("endpoint") or data.get("url")
            if isinstance(url, str):
                found.append(Subscription(id_in(item, "id"), url, f"{event.get('entity')}/{event.get('action')}"))
        return found

    def unsubscribe_webhooks(self, url: str, /) -> list[Subscription]:
        """Source: deleteWebhook."""
        ended = [one for one in self.list_webhooks() if one.url == url]
        for one in ended:
            params = {"propertyIDs": self._property_id, "subscriptionID": one.id}
            self._wire.ask("DELETE", "deleteWebhook", params=params)
        return ended

    def may_be_called(self, query: Mapping[str, str], /) -> bool:
        return bears_token(query, self._webhook_token)

    def verify_webhook(
        self, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime, /
    ) -> bool:
        """Cloudbeds signs nothing: the token is a part of the address that was subscribed."""
        return self.may_be_called(query)

    def read_webhook(self, document: Any, /) -> WebhookNews | None:
        """Source: Webhooks. How names are written differs from event to event, and numbers come with a twin of text."""
        if not isinstance(document, dict):
            raise NotUnderstood("the body is neither a JSON object nor a form")
        told = {str(name).lower(): value for name, value in document.items()}
        event = told.get("event")
        if not isinstance(event, str) or "/" not in event or len(event) > 80:
            raise NotUnderstood("this is no webhook of Cloudbeds: it has no event")
        kind = event.split("/", 1)[0]
        if kind == "integration":
            # The connection was made or ended: what that means shows as soon as the property is read.
            return WebhookNews(_told_id(told, "propertyid"), {"rooms": ["*"]}, event)
        if kind not in ("reservation", "guest") or event in SAYS_NOTHING:
            return None
        subjects = {}
        for name, about in (("reservationid", "bookings"), ("guestid", "guests")):
            found = _told_id(told, name)
            if found is not None:
                subjects[about] = [found]
        if not subjects:
            raise NotUnderstood("this is no webhook of Cloudbeds: it names neither a reservation nor a guest")
        return WebhookNews(_told_id(told, "propertyid"), subjects, event)


@dataclass(frozen=True, slots=True)
class _Stay:
    booking: Booking
    listed: Mapping[str, Json]
    """What its reservation says of guests, by their ids."""
    parts: frozenset[str]
    """The rooms of the reservation that it is, by their ids."""


class _Reading:
    """Collects the bookings that rows of reservations give."""

    def __init__(self, property_id: str):
        self._property_id = property_id
        self.stays: list[_Stay] = []
        self.broken: list[BrokenRecord] = []

    def take(self, item: Json, asked: Collection[str] = ()) -> None:
        """Adds a reservation's rooms: those that were asked for by id, or all of them."""
        if _property_id(item) not in ("", self._property_id):
            return
        stays, broken = self._read(item)
        wanted = None if not asked or _reservation_id(item) in asked else set(asked)
        self.stays.extend(one for one in stays if wanted is None or one.parts & wanted)
        self.broken.extend(one for one in broken if one.id != "?" and (wanted is None or one.id in wanted))
        nameless = [one for one in broken if one.id == "?"]
        if nameless:
            # One of them may be what was asked for and not found: nobody can tell.
            missing = set(asked) - {one.booking.id for one in stays} - {one.id for one in broken}
            ids = sorted(missing) or ["?"]
            self.broken.extend(BrokenRecord("booking", one, nameless[0].reason, nameless[0].status) for one in ids)

    def _read(self, item: Json) -> tuple[list[_Stay], list[BrokenRecord]]:
        if _is_block(item):
            return [], []
        try:
            reservation = _RESERVATION.load(item)
        except ValidationError as problem:
            reason = f"The reservation in Cloudbeds {complaint(problem)}."
            parts = [id_in(line, "subReservationID") for line in values(item.get("rooms")) if isinstance(line, dict)]
            status = _status_alone(item, {})
            # One that is over stands for all of its rooms; which rooms another has, nobody can tell.
            parts = parts or [_reservation_id(item) if status in _OVER else ""]
            return [], [BrokenRecord("booking", one or "?", reason, status) for one in dict.fromkeys(parts)]
        reservation_id = reservation["reservationID"]
        lines = reservation["rooms"]
        if not lines:
            if not reservation["isDeleted"] and STATES.get(reservation["status"]) not in _OVER:
                return [], [
                    BrokenRecord("booking", "?", f"The reservation {reservation_id} in Cloudbeds has no rooms.")
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
                reason = f"A room of the reservation {reservation_id} in Cloudbeds {complaint(problem)}."
                cannot_be_read(part, reason, statuses_of[part])
                continue
            parts_of.setdefault(part, []).append(loaded)
            if part != reservation_id and re.fullmatch(re.escape(reservation_id) + r"-\d+", part) is None:
                reason = "The room of a reservation in Cloudbeds has a subReservationID that is not the reservation's."
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
                reason = "Two rooms at the same time have the same subReservationID in Cloudbeds."
                cannot_be_read(stay, reason, statuses_of[stay])
                continue
            stays.append(_Stay(booking, listed, frozenset(parts)))
            for part in parts:
                if part != stay:
                    stays.append(_Stay(_joined(booking, part), listed, frozenset({part})))
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
        review=f"the same people stay there after or before another room: it is one stay with {stay.id}",
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
            (line["roomCheckIn"], line["roomCheckOut"], "" if status in _WITHOUT_GUESTS else line["roomID"])
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

    The room's own word wins. `not_checked_in` is none: of a reservation that was cancelled, or whose guests never came,
    every room is.
    """
    if reservation["isDeleted"]:
        return BookingStatus.CANCELLED, "deleted"
    word, room_word = reservation["status"], line["roomStatus"]
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


def _without_prefix(item: Json) -> Json:
    """`guestFirstName` as `firstName`."""
    return {re.sub("^guest(.)", lambda match: match[1].lower(), name): value for name, value in item.items()}


@dataclass(slots=True)
class _Profiles:
    """What was read of people; by id, without those who were merged into others."""

    guests: dict[str, Guest] = field(default_factory=dict)
    born: dict[str, date | None] = field(default_factory=dict)
    broken: list[BrokenRecord] = field(default_factory=list)

    def take(self, guest_id: str, person: Json) -> None:
        self.guests[guest_id] = _guest(guest_id, person)
        self.born[guest_id] = None if person["isAnonymized"] else person["birthDate"] or person["birthdate"]


def _is_merged(person: Json) -> bool:
    return bool(person["isMerged"] and person["newGuestID"])


def _guest(guest_id: str, person: Json) -> Guest:
    """Of a guest who was made anonymous nothing is taken but the id."""
    if person["isAnonymized"]:
        return Guest(guest_id)
    phone = person["cellPhone"] or person["phone"]
    return Guest(guest_id, person["firstName"], person["lastName"], person["email"] or None, phone or None)


def _end_of(targets: Mapping[str, str], one: str) -> str:
    seen = set()
    while one in targets and one not in seen:
        seen.add(one)
        one = targets[one]
    return one


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


def _told_id(told: Json, name: str) -> str | None:
    """An id of a webhook, by its lower-case name."""
    return next((found[:128] for one in (f"{name}_str", name) if (found := id_in(told, one))), None)


def _property_id(item: Json) -> str:
    return id_in(item, "propertyID")


def _reservation_id(item: Json) -> str:
    return id_in(item, "reservationID")
