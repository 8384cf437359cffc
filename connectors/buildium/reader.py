"""Buildium, by its Open API (version 1): rentals, units, leases and tenants.

Only GET is used. Lists are bare JSON arrays with their length in X-Total-Count, in pages of at most 1000, and may be
filtered by property and by the time of the last change, not by ids. Leases and people have days, never hours, and no
time zone. Facts: Buildium's Open API guide and the operations named below.

UNVERIFIED, for no document says it: which changes count as an update of a lease (a tenant who joins or leaves, a day
that comes). So the leases of every tenant who changed are read as well, and only a read of everything is the truth.
"""

import base64
import hashlib
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import UTC, date, datetime, timedelta
from typing import Any, Self, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from connectors.base import BookingsRead, Connector, NotOffered, NotUnderstood, Setting, Subscription, WebhookNews
from connectors.errors import PmsRefused, PmsUnreachable
from connectors.reading import (
    FEWEST_FIELDS,
    MOST_PAGES,
    YEARS,
    ListWeight,
    Optional,
    batches,
    complaint,
    optional_text,
    part_of,
    properties_of,
    rows,
    windows,
)
from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Property, Room, Term
from connectors.session import Access, Fixed, PmsSession
from connectors.shown_clock import ShownClock
from connectors.wording import counted

PAGE = 1000
REQUESTS, SECONDS = 5, 1.0
"""Buildium allows 10 requests at once and in a second; a steady 10 has been seen refused, so half of it."""
AT_ONCE = 10
IDS_IN_A_QUERY = 100
"""A query string of more than 4,096 characters is answered 500; an id takes at most 23 of them."""
LONGEST_WINDOW = timedelta(days=364)
"""Some of Buildium's lists refuse longer ones."""
STATUSES = {
    "Active": BookingStatus.IN_HOUSE,
    "Future": BookingStatus.CONFIRMED,
    "Past": BookingStatus.CHECKED_OUT,
}
_LIVE = ("Active", "Future")
APARTMENT = "Apartment"
NO_HOMES = {"ParkingSpace": "ParkingSpot", "Storage": "Storage"}
"""Kinds of rentals in which nobody lives, by their RentalSubType; units have no type of their own."""
PHONES = ("Cell", "Personal", "Home", "Office", "Other", "NotSet")
"""Types of phone numbers, the likeliest to reach a person's pocket first. Never a fax."""
COUNTRIES = {
    "UnitedStates": "US",
    "PuertoRico": "PR",
    "VirginIslands": "VI",
    "Guam": "GU",
    "Canada": "CA",
    "Mexico": "MX",
    "UnitedKingdom": "GB",
    "Ireland": "IE",
    "Australia": "AU",
    "NewZealand": "NZ",
}
"""Where Buildium is in use, in its spelling: how local phone numbers are read. Elsewhere they need their +."""
WEBHOOK_MAX_AGE = timedelta(minutes=5)
_ID = re.compile(r"[1-9]\d{0,9}")
_LARGEST_ID = 2**31 - 1
_STRING_OR_SPACE = re.compile(rb'("(?:[^"\\]|\\.)*+(?:"|\\?\Z))|[ \t\r\n]+', re.DOTALL)
"""A string that never ends goes to the end: hostile input costs linear time."""

Json = Mapping[str, Any]
T = TypeVar("T")


class _BuildiumSchema(Schema):
    class Meta:
        unknown = EXCLUDE  # Buildium adds fields without notice; tax ids and birthdays stay outside as well.


class BuildiumId(fields.Field[int]):
    """A positive number of 32 bits, at times written as text."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        found = _number(value)
        if found is None:
            raise ValidationError("is no id")
        return found


class Day(fields.Field[date]):
    """ "2026-02-01". A year in which nobody lives yet is somebody's "never", as far away as can be."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        try:
            day = datetime.fromisoformat(value).date()
        except (TypeError, ValueError):
            raise ValidationError("is no date") from None
        if day.year < YEARS.start:
            raise ValidationError("is no date on which anybody lives")
        return day if day.year in YEARS else date.max


class RentalSchema(_BuildiumSchema):
    Id = BuildiumId(required=True)
    Name = optional_text()
    NumberUnits = Optional(fields.Integer(), 0)
    IsActive = fields.Raw(load_default=None, allow_none=True)
    """Left out of a rental that is in use like any other; of one that says something else there is no more to know."""
    Address = Optional(fields.Dict())
    RentalSubType = optional_text()


class UnitSchema(_BuildiumSchema):
    Id = BuildiumId(required=True)
    BuildingName = fields.String(load_default=None, allow_none=True)
    UnitNumber = fields.String(load_default=None, allow_none=True)


class LeaseTenantSchema(_BuildiumSchema):
    Id = BuildiumId(required=True)
    Status = fields.String(load_default=None, allow_none=True)
    MoveInDate = Day(load_default=None, allow_none=True)


class CurrentTenantSchema(_BuildiumSchema):
    Id = BuildiumId(required=True)


class MoveOutSchema(_BuildiumSchema):
    TenantId = BuildiumId(required=True)
    MoveOutDate = Day(load_default=None, allow_none=True)


class LeaseSchema(_BuildiumSchema):
    Id = BuildiumId(required=True)
    UnitId = BuildiumId(required=True)
    LeaseFromDate = Day(load_default=None, allow_none=True)
    LeaseToDate = Day(load_default=None, allow_none=True)
    LeaseType = optional_text()
    LeaseStatus = fields.String(required=True)
    IsEvictionPending = Optional(fields.Boolean(), False)
    AutomaticallyMoveOutTenants = Optional(fields.Boolean(), False)
    MoveOutData = fields.List(fields.Nested(MoveOutSchema), load_default=None, allow_none=True)
    Tenants = fields.List(fields.Nested(LeaseTenantSchema), load_default=None, allow_none=True)
    CurrentTenants = Optional(fields.List(fields.Nested(CurrentTenantSchema)))


class PhoneSchema(_BuildiumSchema):
    Number = optional_text()
    Type = optional_text()


class TenantSchema(_BuildiumSchema):
    Id = BuildiumId(required=True)
    FirstName = fields.String(load_default=None, allow_none=True)
    LastName = fields.String(load_default=None, allow_none=True)
    Email = fields.String(load_default=None, allow_none=True)
    PhoneNumbers = fields.List(fields.Nested(PhoneSchema), load_default=None, allow_none=True)


class EventSchema(_BuildiumSchema):
    EventName = fields.String(required=True, validate=validate.Length(min=1, max=80))
    LeaseId = BuildiumId()
    TenantId = BuildiumId()
    UnitId = BuildiumId()
    PropertyId = BuildiumId()


WEBHOOK_SUBJECTS = {
    "Lease": ("bookings", "LeaseId"),
    "Lease.MoveOut": ("bookings", "LeaseId"),
    "LeaseTenant": ("guests", "TenantId"),
    "Tenant": ("guests", "TenantId"),
    "RentalUnit": ("rooms", "UnitId"),
    "Rental": ("rooms", "PropertyId"),
}
"""What the events are about, by their names without the last word (Created, Updated, Deleted), and the field that names
it. Others of the same beginning (Rental.MeterReading.Created) tell of something else. The guide's table says
LeaseTenant, its prose Tenant."""
_RENTAL, _UNIT, _LEASE, _TENANT, _EVENT = RentalSchema(), UnitSchema(), LeaseSchema(), TenantSchema(), EventSchema()


class _Another(PmsUnreachable):
    """An answer with another record than was asked for."""


class _Unreadable(Exception):
    """A record that cannot be used; the message is the end of a sentence about it."""


class BuildiumConnector(Connector):
    """One Buildium account: all of its rentals, inactive ones as well.

    A rental that is inactive keeps its tenants' access and gets no new one; one that is not listed any more (more
    likely a permission that was taken away than a house that was torn down) keeps everything.
    """

    SETTINGS = (
        Setting("base_url", "url", required=False, default="https://api.buildium.com"),
        Setting("client_id", "secret"),
        Setting("client_secret", "secret"),
        Setting("webhook_secret", "secret", required=False),
    )
    TELLS_TIME_ZONE = False
    PRESET = "lease"

    @classmethod
    def open(cls, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None) -> Self:
        keys = {
            "x-buildium-client-id": settings["client_id"],
            "x-buildium-client-secret": settings["client_secret"],
        }
        session = access.session(settings["client_id"], REQUESTS, SECONDS, sign_in=Fixed(keys), at_once=AT_ONCE)
        return cls(name, settings["base_url"], session, settings["webhook_secret"], access.clock)

    def __init__(
        self,
        name: str,
        base_url: str,
        session: PmsSession,
        webhook_secret: str | None,
        clock: Callable[[], datetime],
    ):
        """`name` is the connection's, for errors. `clock` gives aware UTC: whether a lease is past its end."""
        self._name = name
        self._base = f"{base_url.rstrip('/')}/v1/"
        self._session = session
        self._webhook_secret = webhook_secret
        self._clock = clock
        self.refresh()

    def __repr__(self) -> str:
        return f"BuildiumConnector({self._name!r})"

    @property
    def shown_clock(self) -> ShownClock:
        return self._session.shown_clock

    def refresh(self) -> None:
        self._rentals: dict[str, Json] = {}
        self._shared = _Shared()
        self._busy: tuple[str, ...] = ()
        """The properties of which leases changed, as far as this run knows: their units are read in one go."""
        self._property_of: dict[str, str] = {}
        """Where each lease is that was seen in this run."""
        self._people: dict[str, Guest] = {}
        self._changed_units: set[str] = set()
        """Of the leases that changed: their tenants are read in one go, whatever the property."""

    def check(self) -> str:
        """Sources: Retrieve all rental properties, all leases, all tenants."""
        properties = self.read_properties()
        counts = [
            self._page(path, [("limit", 1)], ListWeight(self._name, path))[1]
            for path in ("rentals/units", "leases", "leases/tenants")
        ]
        nouns = ("unit", "lease", "tenant")
        found = [
            f"an unknown number of {noun}s" if number is None else counted(number, noun)
            for number, noun in zip(counts, nouns, strict=True)
        ]
        return f"Buildium: {counted(len(properties), 'rental property', 'rental properties')}, {', '.join(found)}"

    def could_be_id(self, kind: str, text: str, /) -> bool:
        return _ID.fullmatch(text) is not None and int(text) <= _LARGEST_ID

    # --- properties and rooms -----------------------------------------------------------------------------------------

    def read_properties(self) -> list[Property]:
        """Source: Retrieve all rental properties. Buildium tells no time zone."""
        rentals = properties_of(_RENTAL, self._list("rentals"), self._name, "rentals")
        self._rentals = {str(rental["Id"]): rental for rental in rentals}
        return [
            Property(
                id=rental_id,
                name=rental["Name"] or rental_id,
                time_zone="",
                country=COUNTRIES.get(str(part_of(rental, "Address").get("Country"))),
                shares_connection=len(rentals) > 1,
            )
            for rental_id, rental in self._rentals.items()
        ]

    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        """Source: Retrieve all units. Units have neither a type nor a flag that says whether they are in use: both are
        their rental's."""
        rental = self._rental(of)
        rooms: list[Room] = []
        broken: list[BrokenRecord] = []
        seen: set[str] = set()
        for item in self._units(of):
            if _id(item) in seen:
                continue
            seen |= {_id(item)} - {"?"}
            try:
                unit = _UNIT.load(item)
            except ValidationError as problem:
                broken.append(BrokenRecord("room", _id(item), f"The unit in Buildium {complaint(problem)}."))
                continue
            names = ((unit[one] or "").strip() for one in ("BuildingName", "UnitNumber"))
            rooms.append(
                Room(
                    id=str(unit["Id"]),
                    property_id=of.id,
                    name=" ".join(name for name in names if name) or of.name,
                    kind=self._kind(rental),
                    is_active=rental["IsActive"] is None or str(rental["IsActive"]).lower() in ("true", "1"),
                )
            )
        return rooms, broken

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        """Source: Retrieve a unit."""
        found = set()
        for one in ids:
            try:
                unit = self._one("rentals/units", one)
            except _Another:
                # Nobody has said that there is no such unit.
                found.add(one)
                continue
            if unit is not None and _is_of(unit, of):
                found.add(one)
        return found

    def read_changed_rooms(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        """Source: Retrieve all units, by lastupdatedfrom and lastupdatedto. Whether a unit is let moves neither."""
        changed = self._shared.get(("units", updated), of.id, lambda: self._changed("rentals/units", updated))
        return {_id(item) for item in changed if _is_of(item, of)} - {"?"}

    def _units(self, of: Property) -> Iterable[Json]:
        """Those of this property, read together with those of the properties that will be asked for next."""
        together = self._busy if of.id in self._busy and len(self._busy) <= IDS_IN_A_QUERY else ()
        filters = [("propertyids", one) for one in together]
        units = self._shared.get(("units", together), of.id, lambda: self._list("rentals/units", filters))
        return (item for item in units if _is_of(item, of))

    def _rental(self, of: Property) -> Json:
        if of.id not in self._rentals:
            self.read_properties()
        try:
            return self._rentals[of.id]
        except KeyError:
            raise PmsUnreachable(
                f"{self._name}: Buildium does not list this rental property any more", operation="rentals"
            ) from None

    def _kind(self, rental: Json) -> str:
        return NO_HOMES.get(rental["RentalSubType"] or "", APARTMENT)

    # --- tenants ------------------------------------------------------------------------------------------------------

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        """Source: Retrieve a tenant."""
        found: list[Json] = []
        strange: list[str] = []
        for one in dict.fromkeys(ids):
            try:
                tenant = self._one("leases/tenants", one)
            except _Another:
                strange.append(one)
                continue
            if tenant is not None:
                found.append(tenant)
        guests, broken = _guests(found)
        reason = "Buildium, asked for this tenant, answered with something else."
        return list(guests.values()), [*broken, *(BrokenRecord("guest", one, reason) for one in strange)]

    def read_changed_guests(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        """Source: Retrieve all tenants, by lastupdatedfrom and lastupdatedto."""
        return {_id(item) for item in self._changed_tenants(of, updated, "guests")} - {"?"}

    def _changed_tenants(self, of: Property, updated: tuple[datetime, datetime], purpose: str) -> list[Json]:
        """`purpose`: a run needs them for themselves, and for the leases that they are on."""

        def read() -> list[Json]:
            changed = self._changed("leases/tenants", updated)
            self._people.update(_guests(changed)[0])
            return changed

        return self._shared.get(("tenants", updated), f"{of.id} {purpose}", read)

    def _profiles(
        self, of: Property, leases: Iterable[Json], everybody: bool
    ) -> tuple[dict[str, Guest], list[BrokenRecord]]:
        """The tenants of these leases. A lease's own CurrentTenants are not relied upon: those of a lease to come are
        never among them. Sources: Retrieve all tenants, Retrieve a tenant."""
        wanted: set[str] = set()
        units: set[str] = set()
        for lease in leases:
            people = {str(one["Id"]) for one in lease["Tenants"] if one["Status"] in ("Current", "Future")}
            wanted |= people
            # Whoever was read in this run already is not asked for again.
            if everybody or not people <= self._people.keys():
                units.add(str(lease["UnitId"]))
        broken: list[BrokenRecord] = []
        if units:
            if units & self._changed_units:
                units |= self._changed_units
                self._changed_units = set()
            live = [("leasetermstatuses", status) for status in _LIVE]
            found: list[Json]
            if everybody or len(units) > 3 * IDS_IN_A_QUERY:
                found = self._shared.get("tenants", of.id, lambda: self._list("leases/tenants", live))
            else:
                filters = ([("unitids", one) for one in batch] for batch in batches(sorted(units), IDS_IN_A_QUERY))
                found = [item for some in filters for item in self._list("leases/tenants", [*live, *some])]
            guests, broken = _guests(found)
            broken = [one for one in broken if one.id in wanted]
            self._people.update(guests)
            missing = sorted(wanted - self._people.keys() - {one.id for one in broken})
            more, also_broken = self.read_guests(of, missing)
            self._people.update((guest.id, guest) for guest in more)
            broken += also_broken
        return {one: self._people[one] for one in wanted & self._people.keys()}, broken

    # --- leases -------------------------------------------------------------------------------------------------------

    def read_bookings(
        self,
        of: Property,
        /,
        *,
        colliding: tuple[datetime, datetime] | None = None,
        updated: tuple[datetime, datetime] | None = None,
        ids: Sequence[str] | None = None,
    ) -> BookingsRead:
        """Sources: Retrieve all leases, Retrieve a lease, Retrieve all tenants.

        By `colliding` come the leases that are active or to come; past ones have to be asked for by id.
        """
        broken: list[BrokenRecord] = []
        if ids is not None:
            self._rental(of)
            here = {one for one in ids if self._property_of.get(one, of.id) == of.id}
            items = self._leases_by_id(of, here, {of.id}, broken)
        elif colliding is not None:
            items = self._shared.get("leases", of.id, lambda: self._note(self._list("leases", _live_leases())))
        elif updated is not None:
            items = self._changed_leases(of, updated, broken)
        else:
            raise ValueError("say which bookings: colliding, updated or ids")
        today = self._today(of)
        leases: list[Json] = []
        bookings: list[Booking] = []
        for item in items:
            if not _is_of(item, of) or (ids is None and not self._is_here(item, of)):
                continue
            try:
                lease = _with_tenants(_LEASE.load(item))
                booking = _booking(lease, of, self._kind(self._rental(of)), today)
            except (ValidationError, _Unreadable) as problem:
                wrong = complaint(problem) if isinstance(problem, ValidationError) else str(problem)
                broken.append(
                    BrokenRecord("booking", _id(item), f"The lease in Buildium {wrong}.", _status_alone(item))
                )
            else:
                if colliding is None or _touches(booking, *colliding):
                    bookings.append(booking)
                    if booking.status in (BookingStatus.IN_HOUSE, BookingStatus.CONFIRMED):
                        leases.append(lease)
        guests, broken_guests = self._profiles(of, leases, everybody=colliding is not None)
        return BookingsRead(bookings, [*broken, *broken_guests], guests)

    def _is_here(self, item: Json, of: Property) -> bool:
        """Whether a lease that does not say in which property it is belongs into this one, by its unit."""
        self._rental(of)
        if _number(item.get("PropertyId")) is not None or len(self._rentals) == 1:
            return True
        if _number(item.get("UnitId")) is None:
            return of.id == min(self._rentals)
        return _id(item, "UnitId") in {_id(unit) for unit in self._units(of)}

    def _changed_leases(
        self, of: Property, updated: tuple[datetime, datetime], broken: list[BrokenRecord]
    ) -> list[Json]:
        """Those that count as updated, and those of the tenants who do; of all properties at once."""

        def read() -> tuple[list[Json], list[tuple[str, BrokenRecord]]]:
            self._rental(of)
            changed = self._changed("leases", updated)
            seen = {_id(item) for item in changed} | {"?"}
            others = {
                _id(lease): place
                for tenant in self._changed_tenants(of, updated, "leases")
                for lease in _objects(tenant.get("Leases"))
                if (place := str(_number(lease.get("PropertyId")) or of.id)) in self._rentals
                and lease.get("LeaseStatus") != "Past"
            }
            unreadable: list[BrokenRecord] = []
            more = self._leases_by_id(of, others.keys() - seen, set(others.values()), unreadable)
            changed = self._note([*changed, *more])
            where = {self._property_of.get(_id(item), "") for item in changed} - {""}
            self._busy = tuple(sorted({*self._busy, *where}))
            self._changed_units |= {_id(item, "UnitId") for item in changed if item.get("LeaseStatus") in _LIVE} - {"?"}
            return changed, [(others.get(one.id, of.id), one) for one in unreadable]

        changed, unreadable = self._shared.get(("leases", updated), of.id, read)
        broken.extend(one for place, one in unreadable if place == of.id)
        return changed

    def _leases_by_id(
        self, of: Property, wanted: Set[str], properties: Set[str], broken: list[BrokenRecord]
    ) -> list[Json]:
        """Those that Buildium knows of these, which are (or were) in these properties; a few are asked for one by one,
        of many those that live are read as a list. `of`: who asks."""
        found: dict[str, Json] = {}
        units = sum(self._rentals[one]["NumberUnits"] or 0 for one in properties)
        if len(wanted) > units // PAGE + 1 and len(properties) <= IDS_IN_A_QUERY:
            filters = [*_live_leases(), *(("propertyids", one) for one in sorted(properties))]
            found = {one: item for item in self._list("leases", filters) if (one := _id(item)) in wanted}
        for one in sorted(wanted - found.keys()):
            try:
                found.update((one, item) for item in self._lease(of, one))
            except PmsRefused as problem:
                if problem.status != 403:
                    raise
                reason = "Buildium forbids to read this lease: check the properties and permissions of its API key."
                broken.append(BrokenRecord("booking", one, reason))
            except _Another:
                if len(wanted) == 1:
                    raise
                reason = "Buildium, asked for this lease, answered with something else."
                broken.append(BrokenRecord("booking", one, reason))
        return self._note(found.values())

    def _lease(self, of: Property, number: str) -> list[Json]:
        """One or none: a webhook does not say whose it is, so that every property asks."""

        def read() -> list[Json]:
            lease = self._one("leases", number)
            return [] if lease is None else [lease]

        return self._shared.get(("lease", number), of.id, read)

    def _note(self, leases: Iterable[Json]) -> list[Json]:
        read = list(leases)
        self._property_of.update(
            (_id(item), _id(item, "PropertyId")) for item in read if _number(item.get("PropertyId"))
        )
        return read

    def _today(self, of: Property) -> date:
        """The day at the property; in UTC where its time zone is unknown."""
        try:
            there = ZoneInfo(of.time_zone) if of.time_zone else None
        except (ZoneInfoNotFoundError, ValueError, OSError):
            there = None
        return self._clock().astimezone(there or UTC).date()

    # --- webhooks -----------------------------------------------------------------------------------------------------

    def subscribe_webhooks(self, url: str, /) -> list[Subscription]:
        raise NotOffered(
            "Buildium takes no subscriptions from outside: under Settings > Developer Tools > Webhooks add a webhook "
            f"to {url} with all events of Lease, LeaseTenant, Rental and RentalUnit, and put its secret into "
            "webhook_secret"
        )

    def verify_webhook(
        self, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime, /
    ) -> bool:
        """The signature over the moment of sending and the body without insignificant white space; refused when that
        moment is more than 5 minutes from now. Source: the guide, Signature Checks. UNVERIFIED: that the moment is in
        seconds."""
        sent, given = headers.get("buildium-webhook-timestamp", ""), headers.get("buildium-webhook-signature", "")
        if not self._webhook_secret or re.fullmatch(r"[0-9]{1,12}", sent) is None:
            return False
        message = sent.encode() + b"." + _STRING_OR_SPACE.sub(lambda match: match[1] or b"", body)
        signature = base64.b64encode(hmac.new(self._webhook_secret.encode(), message, hashlib.sha256).digest())
        is_genuine = hmac.compare_digest(signature, given.encode())
        return is_genuine and abs(now.timestamp() - int(sent)) <= WEBHOOK_MAX_AGE.total_seconds()

    def read_webhook(self, document: Any, /) -> WebhookNews | None:
        """Source: the guide, Webhooks: Events. One event a message, with ids and no number of its own."""
        if not isinstance(document, dict):
            raise NotUnderstood("the body is not a JSON object")
        try:
            event = _EVENT.load(document)
        except ValidationError as problem:
            raise NotUnderstood(f"this is no webhook of Buildium: it {complaint(problem)}") from None
        known = WEBHOOK_SUBJECTS.get(event["EventName"].rpartition(".")[0])
        if known is None:
            return None
        kind, name = known
        if name not in event:
            raise NotUnderstood(f"this is no webhook of Buildium: it has no {name}")
        if name == "PropertyId":
            # Ids are unique in their kind only. The units of a changed rental are not named: all may be meant.
            return WebhookNews(str(event[name]), {kind: ["*"]}, event["EventName"])
        return WebhookNews(None, {kind: [str(event[name])]}, event["EventName"])

    # --- the wire -----------------------------------------------------------------------------------------------------

    def _changed(self, path: str, window: tuple[datetime, datetime]) -> list[Json]:
        """The filter takes whole seconds and includes both; where a row tells when it changed, that is looked at."""
        found: dict[str, Json] = {}
        for start, end in windows(*window, LONGEST_WINDOW):
            filters = [("lastupdatedfrom", _utc(start)), ("lastupdatedto", _utc(end + timedelta(seconds=1)))]
            found.update((_id(item), item) for item in self._list(path, filters))
        return [item for item in found.values() if _changed_within(item, *window)]

    def _list(self, path: str, filters: Sequence[tuple[str, Any]] = ()) -> list[Json]:
        """Every item of a list, as long as nothing came or went while it was read; otherwise it is read again.

        Source: the guide, Bulk Request Options. Raises `PmsUnreachable` where the list proves incomplete: what it
        leaves out would seem to be gone.
        """
        for _ in range(3):
            found = self._whole_list(path, filters)
            if found is not None:
                return found
        raise PmsUnreachable(f"{self._name}: Buildium's list of {path} is not complete", operation=path)

    def _whole_list(self, path: str, filters: Sequence[tuple[str, Any]]) -> list[Json] | None:
        """None where its pages do not fit together: each has to go on where the last one ended, and the length that
        Buildium tells has to stay the same and to come true."""
        found: list[Json] = []
        total: int | None = None
        last = 0
        weight = ListWeight(self._name, path)
        for _ in range(MOST_PAGES):
            query = [*filters, ("orderby", "Id asc"), ("offset", len(found)), ("limit", PAGE)]
            page, said = self._page(path, query, weight)
            if found and said != total:
                return None
            total = said
            for number in (_number(item.get("Id")) for item in page):
                if number is not None:
                    if number <= last:
                        return None
                    last = number
            found += page
            if total is None and len(page) < PAGE:
                return found
            if total is not None and len(found) >= total:
                return found if len(found) == total else None
            if not page:
                return None
        raise PmsUnreachable(f"{self._name}: the pages of {path} do not end", operation=path)

    def _page(self, path: str, query: Sequence[tuple[str, Any]], weight: ListWeight) -> tuple[list[Json], int | None]:
        """One page, and the length of the whole list where Buildium tells it."""
        answer = self._session.request(
            "GET", self._base + path, params=query, who=self._name, operation=path, wants=list
        )
        weight.add(answer)
        page: list[Json] = [*rows(answer.document, None, self._name, path)]
        said = answer.headers.get("X-Total-Count", "")
        return page, int(said) if said.isdecimal() else None

    def _one(self, path: str, number: str) -> Json | None:
        """A record by its id; None where Buildium says that there is none. Raises `PmsRefused` for other refusals."""
        operation = f"{path}/{{id}}"
        try:
            answer = self._session.request(
                "GET", f"{self._base}{path}/{number}", who=self._name, operation=operation, wants=dict
            )
        except PmsRefused as problem:
            if problem.status == 404:
                return None
            if problem.status in (400, 414, 422):
                # What it takes for no id is one record's fault, and says nothing of any other.
                raise _Another(
                    f"{self._name}: Buildium takes what {operation} asks for as no id", operation=operation
                ) from problem
            raise
        item: Json = answer.document
        if len(item) < FEWEST_FIELDS:
            raise PmsUnreachable(
                f"{self._name}: Buildium answered {operation} with another record than asked for", operation=operation
            )
        if _id(item) != number:
            raise _Another(
                f"{self._name}: Buildium answered {operation} with another record than asked for", operation=operation
            )
        return item


class _Shared:
    """What one question brought for all properties, so that an account of 300 houses is not asked 300 times.

    Whoever asks again gets a new answer: a run asks twice only where it doubts the first one.
    """

    def __init__(self) -> None:
        self._readings: dict[Any, tuple[Any, set[str]]] = {}

    def get(self, question: Any, asker: str, read: Callable[[], T]) -> T:
        _, served = self._readings.get(question, (None, {asker}))
        if asker in served:
            served = set()
            self._readings[question] = read(), served
        served.add(asker)
        answer: T = self._readings[question][0]
        return answer


def _with_tenants(lease: Json) -> Json:
    """The lease with a list of tenants, whatever it tells of them, and whether it names them. Whoever has moved out is
    still in the list: an empty one says nothing."""
    told = lease["Tenants"]
    if told is None and lease["LeaseStatus"] == "Active" and lease["CurrentTenants"]:
        told = [{"Id": one["Id"], "Status": "Current", "MoveInDate": None} for one in lease["CurrentTenants"]]
    return {**lease, "Tenants": told or [], "names_people": bool(told)}


def _booking(lease: Json, of: Property, kind: str, today: date) -> Booking:
    """A lease as a booking of equals. Raises `_Unreadable`."""
    status = STATUSES.get(lease["LeaseStatus"], BookingStatus.UNKNOWN)
    terms: dict[str, Term] = {}
    unclear: list[str] = []
    # Somebody moves out, and on which day is not told: for her nothing is made, and nothing taken.
    some_day = {one["TenantId"] for one in lease["MoveOutData"] or () if one["MoveOutDate"] is None}
    if status is not BookingStatus.CHECKED_OUT:
        for tenant in lease["Tenants"]:
            if tenant["Id"] in some_day and tenant["Status"] != "MovedOut":
                unclear.append(str(tenant["Id"]))
            elif tenant["Status"] in ("Current", "Future"):
                term = _term(tenant, lease)
                if term is not None:
                    terms[str(tenant["Id"])] = term
            elif tenant["Status"] != "MovedOut":
                unclear.append(str(tenant["Id"]))
    begins = lease["LeaseFromDate"] or today
    arrival = min((_day(term.arrival) for term in terms.values()), default=begins)
    departures = [term.departure for term in terms.values()]
    ends = None if None in departures else max((_day(one) for one in departures if one is not None), default=None)
    whole = Term(arrival, ends)
    return Booking(
        id=str(lease["Id"]),
        property_id=of.id,
        number=str(lease["Id"]),
        status=status,
        status_word=lease["LeaseStatus"],
        arrival=arrival,
        departure=ends,
        room_id=str(lease["UnitId"]),
        requested_kind=kind,
        guest_ids=tuple(terms),
        has_primary=False,
        names_people=lease["names_people"],
        terms={one: term for one, term in terms.items() if term != whole},
        unclear_guest_ids=tuple(one for one in unclear if one not in terms),
        review=_review(lease, terms, today) if status is BookingStatus.IN_HOUSE else None,
        word="Lease",
    )


def _term(tenant: Json, lease: Json) -> Term | None:
    """From when until when one person lives there: to the end of the day on which she moves out, or on which Buildium
    moves everybody out by itself. The mere end of a lease is nobody's. None: she leaves before she comes."""
    arrival = tenant["MoveInDate"] or lease["LeaseFromDate"]
    if arrival is None:
        raise _Unreadable("has no LeaseFromDate, and a tenant no MoveInDate")
    own = (one["MoveOutDate"] for one in lease["MoveOutData"] or () if one["TenantId"] == tenant["Id"])
    leaves = max((day for day in own if day is not None), default=None)
    if leaves is not None and leaves >= arrival:
        return Term(arrival, _day_after(leaves))
    if leaves is not None and tenant["Status"] == "Future":
        return None
    # Whoever lives there, and has left before she came, has lived there before, on the same lease.
    if lease["AutomaticallyMoveOutTenants"] and lease["LeaseToDate"] is not None:
        return Term(arrival, _day_after(lease["LeaseToDate"]))
    return Term(arrival, None)


def _review(lease: Json, terms: Mapping[str, Term], today: date) -> str | None:
    """What a person should look at in an active lease, though it changes nobody's access."""
    found = []
    until = lease["LeaseToDate"]
    is_past_its_end = until is not None and until < today
    if is_past_its_end and not terms:
        found.append(
            f"a forgotten lease: it ended on {_said(until)} and nobody lives there any more, end it in Buildium"
        )
    current = {str(one["Id"]) for one in lease["Tenants"] if one["Status"] == "Current"} & terms.keys()
    # After a lease of the other types people stay on by the contract.
    if is_past_its_end and current and lease["LeaseType"] not in ("FixedWithRollover", "AtWill"):
        found.append(
            f"holding over: the lease ended on {_said(until)} and {_people(len(current))} still current, access stays; "
            "renew it or move them out in Buildium"
        )
    overdue = [one for one in current if (leaves := terms[one].departure) is not None and _day(leaves) <= today]
    if overdue:
        found.append(
            f"the day of moving out is over, access has ended, and {_people(len(overdue))} still current: move them "
            "out or correct the date in Buildium"
        )
    if lease["IsEvictionPending"]:
        found.append("an eviction is pending: access stays until Buildium says that they have moved out")
    return "; ".join(found) or None


def _touches(booking: Booking, start: datetime, end: datetime) -> bool:
    """Whether a lease that was asked for may touch a window, wherever on earth its days are."""
    if booking.status is BookingStatus.CHECKED_OUT or _day(booking.arrival) > end.date() + timedelta(days=1):
        return False
    is_over = booking.departure is not None and _day(booking.departure) < start.date() - timedelta(days=1)
    # People who live there past their day are looked at for as long as they do.
    return not is_over or booking.status is BookingStatus.IN_HOUSE


def _guests(items: Iterable[Json]) -> tuple[dict[str, Guest], list[BrokenRecord]]:
    guests: dict[str, Guest] = {}
    broken: list[BrokenRecord] = []
    for item in items:
        try:
            tenant = _TENANT.load(item)
        except ValidationError as problem:
            broken.append(BrokenRecord("guest", _id(item), f"The tenant in Buildium {complaint(problem)}."))
            continue
        numbers = {one["Type"]: one["Number"] for one in reversed(tenant["PhoneNumbers"] or ()) if one["Number"]}
        # A number without a type is as likely as one that says "NotSet".
        numbers.setdefault("NotSet", numbers.get(None))
        guests[str(tenant["Id"])] = Guest(
            id=str(tenant["Id"]),
            first_name=tenant["FirstName"] or "",
            last_name=tenant["LastName"] or "",
            email=tenant["Email"],
            phone=next((number for one in PHONES if (number := numbers.get(one))), None),
        )
    return guests, broken


def _live_leases() -> list[tuple[str, Any]]:
    return [("leasestatuses", status) for status in _LIVE]


def _status_alone(item: Json) -> BookingStatus | None:
    """The status of a lease of which nothing else may be readable."""
    word = item.get("LeaseStatus")
    return STATUSES.get(word) if isinstance(word, str) else None


def _is_of(item: Json, of: Property) -> bool:
    """Whether a record is this property's; one that does not say whose may be everybody's."""
    number = _number(item.get("PropertyId"))
    return number is None or str(number) == of.id


def _id(item: Json, name: str = "Id") -> str:
    found = _number(item.get(name))
    return "?" if found is None else str(found)


def _number(value: Any) -> int | None:
    """An id, whether it is written as a number or as text; None where it is none."""
    if isinstance(value, str) and _ID.fullmatch(value.strip()):
        value = int(value)
    is_id = isinstance(value, int) and not isinstance(value, bool) and 0 < value <= _LARGEST_ID
    return value if is_id else None


def _objects(several: Any) -> list[Json]:
    return [one for one in several if isinstance(one, dict)] if isinstance(several, list) else []


def _day(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _day_after(day: date) -> date | None:
    """None for the last day that there is: somebody's way to say "never"."""
    return None if day == date.max else day + timedelta(days=1)


def _said(day: date) -> str:
    return f"{day.day} {day:%b %Y}"


def _people(number: int) -> str:
    return counted(number, "tenant is", "tenants are")


def _changed_within(item: Json, start: datetime, end: datetime) -> bool:
    try:
        changed = datetime.fromisoformat(item["LastUpdatedDateTime"])
    except (KeyError, TypeError, ValueError):
        return True
    return start <= (changed if changed.tzinfo else changed.replace(tzinfo=UTC)) < end


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
