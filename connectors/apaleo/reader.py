"""Apaleo, by its Inventory, Booking and Webhook APIs.

Lists come in pages of at most 200 by number, 204 stands for an empty one; instants carry an offset. Guests have no ids:
they are parts of a reservation. Facts: Apaleo's developer guides (apaleo.dev) and its OpenAPI descriptions of the
Booking and Inventory APIs; what neither says is marked UNVERIFIED.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple, Self
from urllib.parse import quote, urlsplit

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from connectors.base import BookingsRead, Connector, NotUnderstood, Setting, Subscription, WebhookNews
from connectors.errors import PmsRefused, PmsUnreachable
from connectors.oauth import ClientCredentials
from connectors.reading import (
    FEWEST_FIELDS,
    MOST_PAGES,
    ListWeight,
    Optional,
    complaint,
    in_utc,
    is_child,
    optional_text,
    part_of,
    properties_of,
    rows,
    text_id,
    windows,
)
from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Property, Room, Span
from connectors.session import Access, PmsSession
from connectors.shown_clock import ShownClock
from connectors.webhook_token import bears_token

PAGE = 200
"""The most that Apaleo gives; more is refused."""
LONGEST_WINDOW = timedelta(days=30)
"""No limit is documented (UNVERIFIED): long windows are asked in parts, for they are heavy."""
PASSES = 3
"""So often a list is read anew that changes while it is read."""
REQUESTS, SECONDS = 50, 1.0
"""Apaleo allows 3500 requests a minute and bursts of 200, per client and account."""
TRIAL_REQUESTS, TRIAL_SECONDS = 5, 1.5
"""To development and trial accounts 200 a minute, and 5 a second."""
CHILDREN = frozenset({"child", "grandchild", "infant"})
"""LocalizedText for somebody who is a child, where no birthday says so."""
SHORTEST_NIGHT = timedelta(hours=16)
"""A gap in the plan of units that is shorter is the time between check-out and check-in, where no nights are told."""
EVENTS = ("booking/*", "property/*", "reservation/*", "unit/*", "unitgroup/*")
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
_UNIT = re.compile(r"(?=.*[A-Za-z])\w{1,32}(-\w{1,32}){0,2}", re.ASCII)
_GUEST = re.compile(r"(?P<reservation>[^:]+):(primary|additional:[1-9]\d{0,2})")

Json = Mapping[str, Any]


class Instant(fields.Field[datetime]):
    """ "2026-09-20T15:00:00+02:00", as UTC and in whole seconds; a time without its offset could be any."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            return in_utc(value).replace(microsecond=0)
        except ValueError:
            raise ValidationError("is not an instant") from None


class ApaleoId(fields.Field[str]):
    """ "MUC-JQI", in capitals: Apaleo makes its ids of them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        found = _as_id(value)
        if found is None:
            raise ValidationError("required" if value == "" else "is no id")
        return found


class LocalizedText(fields.Field[str]):
    """A text, or the same in several languages: lists give the one, single records the other."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, dict) and value:
            value = value.get("en", next(iter(value.values())))
        if not isinstance(value, str):
            raise ValidationError("is not a text")
        return value


class _ApaleoSchema(Schema):
    class Meta:
        unknown = EXCLUDE  # Apaleo adds fields without notice.


class ReferenceSchema(_ApaleoSchema):
    id = ApaleoId(required=True)


class UnitGroupSchema(ReferenceSchema):
    """Also as part of a unit or a reservation, where the type may be left out."""

    type = optional_text()


class PropertySchema(ReferenceSchema):
    name = Optional(LocalizedText())
    timeZone = optional_text()
    location = Optional(fields.Dict())
    isTemplate = Optional(fields.Boolean(), False)


class UnitSchema(ReferenceSchema):
    name = LocalizedText(required=True)
    unitGroup = Optional(fields.Nested(UnitGroupSchema))
    connectedUnits = fields.List(fields.Nested(ReferenceSchema), load_default=None, allow_none=True)
    connectingUnit = fields.Nested(ReferenceSchema, load_default=None, allow_none=True)
    isArchived = fields.Boolean(load_default=False, allow_none=True)


class PersonSchema(_ApaleoSchema):
    firstName = fields.String(load_default=None, allow_none=True)
    lastName = fields.String(load_default=None, allow_none=True)
    email = fields.String(load_default=None, allow_none=True)
    phone = fields.String(load_default=None, allow_none=True)
    birthDate = Optional(fields.Date())
    type = optional_text()
    relationshipToPrimaryGuest = optional_text()


class TimeRangeSchema(_ApaleoSchema):
    starts = Instant(required=True, data_key="from")
    ends = Instant(required=True, data_key="to")


class AssignedUnitSchema(_ApaleoSchema):
    unit = fields.Nested(ReferenceSchema, required=True)
    timeRanges = fields.List(fields.Nested(TimeRangeSchema), load_default=None, allow_none=True)


class TimeSliceSchema(TimeRangeSchema):
    unit = fields.Nested(ReferenceSchema, load_default=None, allow_none=True)


class ReservationSchema(ReferenceSchema):
    status = fields.String(required=True)
    property = fields.Nested(ReferenceSchema, required=True)
    arrival = Instant(required=True)
    departure = Instant(required=True)
    checkInTime = Optional(Instant())
    unitGroup = Optional(fields.Nested(UnitGroupSchema))
    unit = fields.Nested(ReferenceSchema, load_default=None, allow_none=True)
    assignedUnits = fields.List(fields.Nested(AssignedUnitSchema), load_default=None, allow_none=True)
    timeSlices = fields.List(fields.Nested(TimeSliceSchema), load_default=None, allow_none=True)
    primaryGuest = fields.Raw(load_default=None, allow_none=True)
    additionalGuests = fields.List(fields.Raw(allow_none=True), load_default=None, allow_none=True)


class SubscriptionSchema(_ApaleoSchema):
    id = fields.String(required=True, validate=validate.Length(min=1))
    endpointUrl = fields.String(required=True)
    events = fields.List(fields.String(), load_default=list, allow_none=True)
    propertyIds = fields.List(fields.String(), load_default=None, allow_none=True)


class EventDataSchema(_ApaleoSchema):
    entityid = ApaleoId(required=True)


class EventSchema(_ApaleoSchema):
    """With all names in lower case: some events come in PascalCase."""

    topic = fields.String(required=True, validate=validate.Length(min=1, max=40))
    type = fields.String(required=True, validate=validate.Length(min=1, max=40))
    id = fields.String(load_default=None, allow_none=True, validate=validate.Length(min=1, max=128))
    propertyid = Optional(ApaleoId())
    data = fields.Nested(EventDataSchema, load_default=None, allow_none=True)


WEBHOOK_SUBJECTS = {
    "reservation": "bookings",
    "booking": "bookings",
    "unit": "rooms",
    "unitgroup": "rooms",
    "property": "rooms",
}
"""What events are about, by their topic; the others (folios, maintenance, blocks, audits) say nothing of access."""
_PROPERTY, _UNIT_GROUP, _UNIT_RECORD, _PERSON, _RESERVATION, _SUBSCRIPTION, _EVENT = (
    PropertySchema(),
    UnitGroupSchema(),
    UnitSchema(),
    PersonSchema(),
    ReservationSchema(),
    SubscriptionSchema(),
    EventSchema(),
)


class ApaleoConnector(Connector):
    """One Apaleo account, by a client of its own (client credentials)."""

    SETTINGS = (
        Setting("base_url", "url", required=False, default="https://api.apaleo.com"),
        Setting("identity_url", "url", required=False, default="https://identity.apaleo.com"),
        Setting("webhook_url", "url", required=False, default="https://webhook.apaleo.com"),
        Setting("client_id"),
        Setting("client_secret", "secret"),
        Setting("trial", "flag", required=False, default=False),
    )

    @classmethod
    def open(cls, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None) -> Self:
        client = settings["client_id"]
        allowed = (TRIAL_REQUESTS, TRIAL_SECONDS) if settings.get("trial") else (REQUESTS, SECONDS)
        sign_in = ClientCredentials(
            name,
            access.session(client, *allowed),
            f"{settings['identity_url'].rstrip('/')}/connect/token",
            client,
            settings["client_secret"],
            clock=access.clock,
            longest_wait=access.attempts * sum(access.timeout),
            operation="connect/token",
        )
        return cls(
            name,
            base_url=settings["base_url"],
            webhook_url=settings["webhook_url"],
            webhook_token=webhook_token,
            session=access.session(client, *allowed, sign_in=sign_in),
        )

    def __init__(self, name: str, *, base_url: str, webhook_url: str, webhook_token: str | None, session: PmsSession):
        """`name` is the connection's, for errors."""
        self._name = name
        self._base = f"{base_url.rstrip('/')}/"
        self._subscriptions = f"{webhook_url.rstrip('/')}/v1/subscriptions"
        self._webhook_token = webhook_token
        self._session = session
        self._kinds: dict[str, dict[str, str]] = {}
        self._assigned: dict[str, set[str]] = {}
        """Units of stays, by property, of all that were read: a list of units may leave archived ones out."""

    def __repr__(self) -> str:
        return f"ApaleoConnector({self._name!r})"

    @property
    def shown_clock(self) -> ShownClock:
        return self._session.shown_clock

    def refresh(self) -> None:
        self._kinds.clear()

    def check(self) -> str:
        names = [f"{of.name} ({of.time_zone})" for of in self.read_properties()]
        return f"{', '.join(names) or 'no property'}: {len(names)} propert{'y' if len(names) == 1 else 'ies'}"

    def could_be_id(self, kind: str, text: str, /) -> bool:
        shape = {"booking": _BOOKING, "guest": _GUEST}.get(kind, _UNIT)
        return shape.fullmatch(text) is not None

    def reservation_of(self, booking_id: str, /) -> str:
        """ "XPGMSXGF" of "XPGMSXGF-1": the booking, in Apaleo's words, whose reservations are room-stays."""
        match = _BOOKING.fullmatch(booking_id)
        return match["booking"] if match else booking_id

    # --- properties and rooms -----------------------------------------------------------------------------------------

    def read_properties(self) -> list[Property]:
        """Source: Inventory API, properties; templates and archived ones are left out."""
        path = "inventory/v1/properties"
        found = properties_of(_PROPERTY, [*self._list(path, "properties", {}).values()], self._name, path)
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
        units: list[dict[str, Any]] = []
        broken: list[BrokenRecord] = []
        items, strange = self._units(of)
        reason = "Apaleo, asked for this unit, answered with something else."
        broken += [BrokenRecord("room", one, reason) for one in strange]
        for item in items:
            if _property_of(item) not in (of.id, None):
                continue
            try:
                units.append(_UNIT_RECORD.load(item))
            except ValidationError as problem:
                broken.append(BrokenRecord("room", _id(item), f"The unit in Apaleo {complaint(problem)}."))
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

    def _units(self, of: Property) -> tuple[list[Json], list[str]]:
        """Archived ones as well: without a status they may be left out (UNVERIFIED), so that those of stays are asked
        for by id where they are. And the ids to which the answer was something else."""
        path, expand = "inventory/v1/units", "property,unitGroup,connectedUnits"
        filters = {"propertyId": of.id, "expand": expand}
        try:
            listed = self._list(path, "units", {**filters, "status": "All"})
        except PmsRefused as problem:
            if problem.status not in (400, 422):
                raise
            listed = self._list(path, "units", filters)
        found: list[Json] = [*listed.values()]
        strange: list[str] = []
        for one in sorted(self._assigned.get(of.id, set()) - listed.keys()):
            try:
                alone = self._one(path, one, {"expand": expand})
            except _Another:
                strange.append(one)
                continue
            if alone is not None:
                found.append(alone)
        return found, strange

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        """Source: Inventory API, units by id."""
        found = set()
        for one in ids:
            try:
                item = self._one("inventory/v1/units", one, {})
            except _Another:
                # Nobody has said that there is no such unit.
                found.add(one)
                continue
            if item is not None and _property_of(item) in (of.id, None):
                found.add(one)
        return found

    def read_changed_rooms(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        """None: Apaleo's units say nothing of when they changed. Its events do, and every run that reads bookings
        reads the units."""
        return set()

    def _kind(self, of: Property, group: Json | None) -> str | None:
        """The type of a unit group. Source: Inventory API, unit groups; read once a run, where types are left out."""
        if group is None:
            return None
        kind = group["type"]
        if kind is None:
            if of.id not in self._kinds:
                kinds = self._kinds[of.id] = {}
                for item in self._list("inventory/v1/unit-groups", "unitGroups", {"propertyId": of.id}).values():
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
            if _property_of(item) in (of.id, None):
                people, unreadable, _ = _guests(_id(item), _people(item))
                guests.extend(guest for guest in people if guest.id in ids)
                broken.extend(one for one in unreadable if one.id in ids)
        return guests, broken

    def read_changed_guests(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        """None: a guest who changes is a reservation that changes."""
        return set()

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
        """Source: Booking API, reservations. `ids` may be those of Apaleo's bookings as well: all of their
        reservations then."""
        if ids is not None:
            found, strange = self._by_id(of, ids)
            read = self._bookings(of, found)
            reason = "Apaleo, asked for this reservation, answered with something else."
            read.broken.extend(BrokenRecord("booking", one, reason) for one in strange)
            return read
        word, window = ("Stay", colliding) if colliding is not None else ("Modification", updated)
        if window is None:
            raise ValueError("say which bookings: colliding, updated or ids")
        listed: dict[str, Json] = {}
        start, end = _outwards(*window)
        for begin, until in windows(start, end, LONGEST_WINDOW):
            listed |= self._reservations(of, {"dateFilter": word, "from": _utc(begin), "to": _utc(until)})
        return self._bookings(of, listed.values())

    def _reservations(self, of: Property, filters: Json) -> Mapping[str, Json]:
        # In the order of their creation: what changes while the pages are read keeps its place.
        common = {"propertyIds": of.id, "expand": "assignedUnits,timeSlices", "sort": "created:asc"}
        return self._list("booking/v1/reservations", "reservations", {**common, **filters})

    def _by_id(self, of: Property, ids: Sequence[str]) -> tuple[list[Json], list[str]]:
        """Each by its id; several of one booking together. And the ids to which the answer was something else; raises
        `PmsUnreachable` where that is all that came."""
        found: dict[str, Json] = {}
        strange: dict[str, PmsUnreachable] = {}
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
            for one in asked:
                if one not in together and not (one == booking_id and together):
                    # Only what is asked for by itself and not found is gone.
                    try:
                        alone = self._one("booking/v1/reservations", one, {"expand": "assignedUnits,timeSlices"})
                    except _Another as problem:
                        strange[one] = problem
                        continue
                    if alone is not None:
                        found[one] = alone
        if strange and not found:
            raise next(iter(strange.values()))
        return list(found.values()), list(strange)

    def _bookings(self, of: Property, items: Iterable[Json]) -> BookingsRead:
        read = BookingsRead()
        for item in items:
            if _property_of(item) not in (of.id, None):
                continue
            try:
                reservation = _RESERVATION.load(item)
                room_id, spans = _whereabouts(reservation)
            except (ValidationError, _TwoUnits) as problem:
                wrong = complaint(problem) if isinstance(problem, ValidationError) else "has two units at the same time"
                reason = f"The reservation in Apaleo {wrong}."
                read.broken.append(BrokenRecord("booking", _id(item), reason, _status_alone(item)))
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

    # --- webhooks -----------------------------------------------------------------------------------------------------

    def subscribe_webhooks(self, url: str, /) -> list[Subscription]:
        """Source: Webhook API, create a new subscription. Of all properties: events of bookings come to no other."""
        ours = [one for one in self._all_subscriptions() if _same_address(one["endpointUrl"], url)]
        wanted = {"endpointUrl": url, "events": list(EVENTS)}
        if not ours:
            self._write("POST", self._subscriptions, "v1/subscriptions", wanted)
        for number, one in enumerate(ours):
            address = f"{self._subscriptions}/{quote(one['id'], safe='')}"
            is_right = one["endpointUrl"] == url and set(one["events"] or ()) == set(EVENTS) and not one["propertyIds"]
            if number:
                self._write("DELETE", address, "v1/subscriptions/{id}", None)
            elif not is_right:
                self._write("PUT", address, "v1/subscriptions/{id}", wanted)
        return [one for one in self.list_webhooks() if _same_address(one.url, url)]

    def list_webhooks(self) -> list[Subscription]:
        """Source: Webhook API, get subscriptions."""
        return [_subscription(one) for one in self._all_subscriptions()]

    def unsubscribe_webhooks(self, url: str, /) -> list[Subscription]:
        """Source: Webhook API, delete a subscription. The token in the address may be an older one."""
        ours = [one for one in self._all_subscriptions() if _same_address(one["endpointUrl"], url)]
        for one in ours:
            address = f"{self._subscriptions}/{quote(one['id'], safe='')}"
            self._write("DELETE", address, "v1/subscriptions/{id}", None)
        return [_subscription(one) for one in ours]

    def may_be_called(self, query: Mapping[str, str], /) -> bool:
        return bears_token(query, self._webhook_token)

    def verify_webhook(
        self, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime, /
    ) -> bool:
        """Apaleo signs nothing: the token in the address is all there is. Source: Webhook API."""
        return self.may_be_called(query)

    def read_webhook(self, document: Any, /) -> WebhookNews | None:
        """Source: Webhooks payload."""
        if not isinstance(document, dict):
            raise NotUnderstood("the body is not a JSON object")
        try:
            event = _EVENT.load(_in_lower_case(document))
            topic, word = event["topic"].lower(), event["type"].lower()
            subject = WEBHOOK_SUBJECTS.get(topic)
            if subject is None:
                return None
            if event["data"] is None:
                raise ValidationError({"data": ["is required"]})
        except ValidationError as problem:
            raise NotUnderstood(f"this is no event of Apaleo: it {complaint(problem)}") from None
        # The units of a changed group or property are not named: all may be meant.
        ids = [event["data"]["entityid"]] if topic in ("reservation", "booking", "unit") else ["*"]
        return WebhookNews(event["propertyid"] or None, {subject: ids}, f"{topic}/{word}", event["id"])

    def _all_subscriptions(self) -> list[dict[str, Any]]:
        operation = "v1/subscriptions"
        try:
            answer = self._session.get(self._subscriptions, who=self._name, operation=operation)
            # No subscription: 204, and 404 has been seen as well.
            return [] if answer.status == 204 else _SUBSCRIPTION.load(answer.document, many=True)
        except PmsRefused as problem:
            if problem.status != 404:
                raise
            return []
        except ValidationError:
            raise PmsUnreachable(
                f"{self._name}: the PMS answered {operation} without a list of subscriptions", operation=operation
            ) from None

    def _write(self, method: str, url: str, operation: str, body: Json | None) -> None:
        try:
            self._session.request(
                method, url, json=body, who=self._name, operation=operation, repeatable=method != "POST"
            )
        except PmsRefused as problem:
            if method == "DELETE" and problem.status == 404:
                return
            if method != "DELETE" and problem.status in (400, 422):
                raise PmsRefused(
                    f"{self._name}: the PMS does not accept the subscription ({problem.status} at {operation}): it "
                    "calls the address once before it does, so `nightporter serve` has to run and be reached there "
                    "from outside",
                    operation=operation,
                    status=problem.status,
                    request_id=problem.request_id,
                ) from None
            raise

    # --- the wire -----------------------------------------------------------------------------------------------------

    def _one(self, path: str, record_id: str, params: Json) -> Json | None:
        """A record by its id; None where the PMS says that there is none."""
        operation = f"{path}/{{id}}"
        url = f"{self._base}{path}/{quote(record_id, safe='')}"
        try:
            answer = self._session.get(url, params, who=self._name, operation=operation)
        except PmsRefused as problem:
            if problem.status == 404:
                return None
            if problem.status in (400, 414, 422):
                # What it takes for no id is one record's fault, and says nothing of any other.
                raise _Another(
                    f"{self._name}: the PMS takes what {operation} asks for as no id", operation=operation
                ) from problem
            raise
        if not isinstance(answer.document, dict) or len(answer.document) < FEWEST_FIELDS:
            raise PmsUnreachable(
                f"{self._name}: the PMS answered {operation} with something else than was asked for",
                operation=operation,
            )
        if _id(answer.document) != _as_id(record_id):
            raise _Another(
                f"{self._name}: the PMS answered {operation} with something else than was asked for",
                operation=operation,
            )
        return answer.document

    def _list(self, path: str, name: str, filters: Json) -> dict[str, dict[str, Any]]:
        """Every item of a list, by its id, or by its place where it has none. Where the list changes
        while its pages are read, so that an item may have slipped between two of them, it is read again, and what any
        reading brought counts."""
        found: dict[str, dict[str, Any]] = {}
        told: list[int] = []
        seen: set[str] = set()
        weight = ListWeight(self._name, path)
        for _ in range(PASSES):
            told = []
            seen = set()
            for number in range(1, MOST_PAGES + 1):
                page = self._page(path, name, {**filters, "pageNumber": number, "pageSize": PAGE}, weight)
                if page is None:
                    break
                here, count = page
                told.append(count)
                found.update(here)
                if here.keys() <= seen:
                    break
                seen |= here.keys()
                if len(seen) >= count:
                    break
            else:
                raise PmsUnreachable(f"{self._name}: the pages of {path} do not end", operation=path)
            if not told or (len(set(told)) == 1 and len(seen) >= told[0]):
                break
        if told and len(found) < told[-1]:
            raise PmsUnreachable(f"{self._name}: the PMS does not give all of {path} that it counts", operation=path)
        return found

    def _page(
        self, path: str, name: str, params: Json, weight: ListWeight
    ) -> tuple[dict[str, dict[str, Any]], int] | None:
        """The items, by their ids, and how many there are on all pages; None beyond the last page."""
        answer = self._session.get(self._base + path, params, who=self._name, operation=path)
        if answer.status == 204:
            return None
        weight.add(answer)
        document = answer.document
        # An answer without its list is no empty list: an empty hotel would be the end of everybody's access.
        items, count = (document.get(name), document.get("count")) if isinstance(document, dict) else (None, None)
        if not isinstance(items, list) or not isinstance(count, int):
            raise PmsUnreachable(
                f"{self._name}: the PMS answered {path} without a list of {name} and their count", operation=path
            )
        page = params["pageNumber"]
        told = rows(document, name, self._name, path)
        return {_id(item, f"? {page}.{place}"): item for place, item in enumerate(told)}, count


class _Another(PmsUnreachable):
    """An answer with another record than was asked for."""


class _Stretch(NamedTuple):
    """A part of a stay in one unit, or in none yet."""

    starts: datetime
    ends: datetime
    unit_id: str | None


class _TwoUnits(Exception):
    """A plan of units that has the guest in two of them at once."""


def _whereabouts(reservation: Json) -> tuple[str | None, tuple[Span, ...]]:
    """The unit of the whole stay, or the spans of a stay in several; a part without a unit is a span without a room.

    The plan is in `assignedUnits`, else in `timeSlices`, one for each night. Between two nights in the same unit the
    guest keeps it. The reservation's own `unit` is only one of several (UNVERIFIED which): it counts where there is no
    plan. Raises `_TwoUnits`.
    """
    arrival, departure = reservation["arrival"], reservation["departure"]
    slices = reservation["timeSlices"] or ()
    pieces = [
        (part["starts"], part["ends"], assigned["unit"]["id"])
        for assigned in reservation["assignedUnits"] or ()
        for part in assigned["timeRanges"] or ()
    ] or [(night["starts"], night["ends"], night["unit"]["id"]) for night in slices if night["unit"] is not None]
    if not pieces:
        assigned_units = {assigned["unit"]["id"] for assigned in reservation["assignedUnits"] or ()}
        if len(assigned_units) == 1:
            return assigned_units.pop(), ()
        # A plan that is there and has not a single night, which every stay has, has been lost on the way to us.
        has_plan = reservation["timeSlices"] != [] and (slices or reservation["assignedUnits"] is not None)
        return None if has_plan else (reservation["unit"] or {}).get("id"), ()

    def is_night(start: datetime, end: datetime) -> bool:
        """Whether a gap in the plan is a night without a unit, and not the time between check-out and check-in."""
        if not slices:
            return end - start >= SHORTEST_NIGHT
        return any(
            min(end, night["ends"]) - max(start, night["starts"]) > (night["ends"] - night["starts"]) / 2
            for night in slices
        )

    stretches: list[_Stretch] = []
    for starts, ends, unit_id in sorted(pieces):
        here = _Stretch(max(starts, arrival), min(ends, departure), unit_id)
        if here.ends <= here.starts:
            continue
        before = stretches[-1] if stretches else None
        if before is not None and before.unit_id == unit_id and not is_night(before.ends, here.starts):
            stretches[-1] = before._replace(ends=max(before.ends, here.ends))
            continue
        if before is not None and before.ends > here.starts:
            if before.starts == here.starts or before.ends > here.ends:
                raise _TwoUnits
            stretches[-1] = before._replace(ends=here.starts)
        stretches.append(here)
    if not stretches:
        return None, ()
    plan: list[_Stretch] = []
    at = arrival
    for stretch in stretches:
        if is_night(at, stretch.starts):
            plan.append(_Stretch(at, stretch.starts, None))
        elif not plan:
            stretch = stretch._replace(starts=arrival)
        plan.append(stretch)
        at = stretch.ends
    if is_night(at, departure):
        plan.append(_Stretch(at, departure, None))
    else:
        plan[-1] = plan[-1]._replace(ends=departure)
    if len(plan) == 1:
        return plan[0].unit_id, ()
    return None, tuple(Span(one.unit_id, one.starts, one.ends) for one in plan)


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
            reason = f"The {role.partition(':')[0]} guest in Apaleo {complaint(problem)}."
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


def _subscription(found: Json) -> Subscription:
    return Subscription(found["id"], found["endpointUrl"], ", ".join(sorted(found["events"] or ())))


def _same_address(one: str, other: str) -> bool:
    """Whether two addresses differ in nothing but their query, where the token is."""
    return urlsplit(one)._replace(query="", fragment="") == urlsplit(other)._replace(query="", fragment="")


def _in_lower_case(document: Json) -> dict[str, Any]:
    """With the names of fields in lower case, those of `data` as well."""
    return {
        name.lower(): _in_lower_case(value) if isinstance(value, dict) else value for name, value in document.items()
    }


def _id(item: Json, otherwise: str = "?") -> str:
    return _as_id(item.get("id")) or otherwise


def _as_id(value: Any) -> str | None:
    found = text_id(value) if isinstance(value, str) else None
    return found.upper() if found is not None else None


def _property_of(item: Json) -> str | None:
    return _as_id(part_of(item, "property").get("id"))


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
