"""Mews, by its Connector API.

Every operation is a POST with the tokens in its body; lists come newest first, in pages of at most 1000; time filters
take at most three months. Facts: Mews Connector API documentation (guidelines, and the operations named below).
"""

import hashlib
import hmac
import re
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any, ClassVar, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import isodate
from marshmallow import EXCLUDE, Schema, ValidationError, fields, validate

from connectors.base import BookingsRead, Connector, NotOffered, NotUnderstood, Setting, Subscription, WebhookNews
from connectors.errors import PmsError, PmsRefused, PmsUnreachable
from connectors.reading import batches, complaint, id_of, load_each, rows, windows
from connectors.records import AccessWritten, Booking, BookingStatus, BrokenRecord, DoorCode, Guest, Property, Room
from connectors.session import Access, PmsSession

CLIENT = "Night Porter 0.4.0"
PAGE = 1000
SMALLEST_PAGE = 50
LONGEST_WINDOW = timedelta(days=89)
"""Mews refuses time filters over three months; the shortest three months have 89 days."""
REQUESTS, SECONDS = 200, 30.0
"""Mews allows 200 requests in 30 seconds per access token."""
LOOKS = 4
"""How often at most it is read what Mews holds of the door codes: an answer that is lost is looked up."""
REFUSALS_IN_A_ROW = 20
"""So many, and Mews is not asked for the rest: it blocks those who do not take a no."""
ROOM_LIKE = ("Room", "Bed", "Dorm", "Apartment", "Suite", "Villa")
"""Category types in which people sleep, the likeliest first; decides where a resource has several categories."""
STATES = {
    "Inquired": BookingStatus.TENTATIVE,
    "Requested": BookingStatus.TENTATIVE,
    "Optional": BookingStatus.TENTATIVE,
    "Confirmed": BookingStatus.CONFIRMED,
    "Started": BookingStatus.IN_HOUSE,
    "Processed": BookingStatus.CHECKED_OUT,
    "Canceled": BookingStatus.CANCELLED,
}
_WITHOUT_GUESTS = frozenset(
    {BookingStatus.CHECKED_OUT, BookingStatus.CANCELLED, BookingStatus.NO_SHOW, BookingStatus.TENTATIVE}
)
"""Bookings that give no access: nobody's profile is read for them."""
_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)

Json = Mapping[str, Any]


class MewsInstant(fields.Field[datetime]):
    """ "2026-09-20T13:00:00Z": always UTC, whether or not the Z is there."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            instant = datetime.fromisoformat(value)
        except (TypeError, ValueError):
            raise ValidationError("is not a date and time") from None
        return instant.astimezone(UTC) if instant.tzinfo else instant.replace(tzinfo=UTC)


class _MewsSchema(Schema):
    class Meta:
        unknown = EXCLUDE  # Mews adds fields without notice.


class EnterpriseSchema(_MewsSchema):
    Id = fields.String(required=True)
    Name = fields.String(required=True)
    ChainId = fields.String(load_default=None, allow_none=True)
    TimeZoneIdentifier = fields.String(required=True)
    Address = fields.Dict(load_default=None, allow_none=True)


class ResourceSchema(_MewsSchema):
    Id = fields.String(required=True)
    Name = fields.String(required=True)
    IsActive = fields.Boolean(required=True)
    ParentResourceId = fields.String(load_default=None, allow_none=True)


class ReservationSchema(_MewsSchema):
    Id = fields.String(required=True)
    AccountId = fields.String(load_default=None, allow_none=True)
    AccountType = fields.String(load_default="Customer", allow_none=True)
    Number = fields.Raw(load_default="", allow_none=True)
    State = fields.String(required=True)
    GroupId = fields.String(load_default=None, allow_none=True)
    CancellationReason = fields.String(load_default=None, allow_none=True)
    RequestedResourceCategoryId = fields.String(load_default=None, allow_none=True)
    AssignedResourceId = fields.String(load_default=None, allow_none=True)
    ScheduledStartUtc = MewsInstant(load_default=None, allow_none=True)
    ScheduledEndUtc = MewsInstant(load_default=None, allow_none=True)
    StartUtc = MewsInstant(load_default=None, allow_none=True)
    EndUtc = MewsInstant(load_default=None, allow_none=True)
    ActualStartUtc = MewsInstant(load_default=None, allow_none=True)


class CustomerSchema(_MewsSchema):
    Id = fields.String(required=True)
    FirstName = fields.String(load_default="", allow_none=True)
    LastName = fields.String(load_default="", allow_none=True)
    Email = fields.String(load_default=None, allow_none=True)
    Phone = fields.String(load_default=None, allow_none=True)
    MergeTargetId = fields.String(load_default=None, allow_none=True)


class WebhookValueSchema(_MewsSchema):
    Id = fields.String(required=True, validate=validate.Length(min=1, max=128))


class WebhookEventSchema(_MewsSchema):
    Discriminator = fields.String(required=True, validate=validate.Length(min=1, max=80))
    Value = fields.Nested(WebhookValueSchema, required=True)


class GeneralWebhookSchema(_MewsSchema):
    EnterpriseId = fields.String(required=True, validate=validate.Length(min=1, max=128))
    Events = fields.List(fields.Raw(), required=True)


class IntegrationDataSchema(_MewsSchema):
    Enterprise = fields.Nested(WebhookValueSchema, load_default=None, allow_none=True)


class IntegrationWebhookSchema(_MewsSchema):
    Action = fields.String(required=True, validate=validate.Length(min=1, max=80))
    Data = fields.Nested(IntegrationDataSchema, required=True)


WEBHOOK_SUBJECTS = {
    "ServiceOrderUpdated": "bookings",
    "CustomerUpdated": "guests",
    "CustomerAdded": "guests",
    "ResourceUpdated": "rooms",
}
"""What the events of a general webhook are about; the others (payments, messages, blocks) say nothing of access."""
_GENERAL_WEBHOOK, _WEBHOOK_EVENT, _INTEGRATION_WEBHOOK = (
    GeneralWebhookSchema(),
    WebhookEventSchema(),
    IntegrationWebhookSchema(),
)
_ENTERPRISE, _RESOURCE, _RESERVATION, _CUSTOMER = (
    EnterpriseSchema(),
    ResourceSchema(),
    ReservationSchema(),
    CustomerSchema(),
)


class MewsConnector(Connector):
    """One Mews integration: a single property's access token, or a portfolio's."""

    SETTINGS = (
        Setting("base_url", "url"),
        Setting("client_token", "secret"),
        Setting("access_token", "secret"),
    )

    @classmethod
    def open(cls, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None) -> Self:
        return cls(
            name,
            base_url=settings["base_url"],
            client_token=settings["client_token"],
            access_token=settings["access_token"],
            webhook_token=webhook_token,
            session=access.session(settings["access_token"], REQUESTS, SECONDS),
        )

    def __init__(
        self,
        name: str,
        *,
        base_url: str,
        client_token: str,
        access_token: str,
        webhook_token: str | None = None,
        session: PmsSession | None = None,
    ):
        """`name` is the connection's, for errors. Tokens are in no error and no `repr`."""
        self._name = name
        self._base = f"{base_url.rstrip('/')}/api/connector/v1/"
        self._sign_in = {"ClientToken": client_token, "AccessToken": access_token, "Client": CLIENT}
        self._webhook_token = webhook_token
        self._session = session or Access().session(access_token, REQUESTS, SECONDS)
        self._chains: dict[str, str] = {}
        self._catalogues: dict[str, _Catalogue] = {}
        self._rights_denied: set[str] = set()

    def __repr__(self) -> str:
        return f"MewsConnector({self._name!r})"

    def refresh(self) -> None:
        self._chains.clear()
        self._catalogues.clear()

    def check(self) -> str:
        """Source: Get configuration."""
        configuration = self._post("configuration/get", {})
        enterprise = configuration.get("Enterprise") or {}
        properties = self.read_properties()
        named = f"{enterprise.get('Name', 'Mews')} ({enterprise.get('TimeZoneIdentifier', 'time zone unknown')})"
        return f"{named}, {len(properties)} propert{'y' if len(properties) == 1 else 'ies'}"

    def could_be_id(self, kind: str, text: str, /) -> bool:
        return _UUID.fullmatch(text) is not None

    # --- properties and rooms -----------------------------------------------------------------------------------------

    def read_properties(self) -> list[Property]:
        """Source: Get all enterprises. A portfolio token lists all of its enterprises."""
        enterprises = []
        for item in self._list("enterprises/getAll", "Enterprises", {}):
            try:
                enterprises.append(_ENTERPRISE.load(item))
            except ValidationError as problem:
                raise PmsUnreachable(
                    f"{self._name}: Mews describes a property in a way that cannot be read: {complaint(problem)}",
                    operation="enterprises/getAll",
                ) from None
        properties = []
        for enterprise in enterprises:
            if enterprise["ChainId"]:
                self._chains[enterprise["Id"]] = enterprise["ChainId"]
            country = (enterprise["Address"] or {}).get("CountryCode")
            properties.append(
                Property(
                    id=enterprise["Id"],
                    name=enterprise["Name"],
                    time_zone=enterprise["TimeZoneIdentifier"],
                    country=country.upper() if isinstance(country, str) and country else None,
                    shares_connection=len(enterprises) > 1,
                )
            )
        return properties

    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        """Sources: Get all resources, Get all resource categories, Get all resource category assignments."""
        catalogue = self._catalogue(of)
        rooms: list[Room] = []
        filters = {"EnterpriseIds": [of.id], "Extent": {"Resources": True, "Inactive": True}}
        categories = self._categories_of_resources(of, catalogue)
        items = [one for one in self._list("resources/getAll", "Resources", filters) if not _is_no_space(one)]
        resources, broken = load_each(_RESOURCE, items, "room", "The resource in Mews", "Id")
        for resource in resources:
            category = categories.get(resource["Id"])
            rooms.append(
                Room(
                    id=resource["Id"],
                    property_id=of.id,
                    name=resource["Name"],
                    kind=catalogue.kinds.get(category) if category else None,
                    parent_id=resource["ParentResourceId"],
                    is_active=resource["IsActive"],
                    check_in=catalogue.check_in(category),
                    check_out=catalogue.check_out(category),
                )
            )
        return rooms, broken

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        """Source: Get all resources, by ResourceIds."""
        found: set[str] = set()
        for batch in batches(ids, PAGE):
            filters = {
                "EnterpriseIds": [of.id],
                "ResourceIds": batch,
                "Extent": {"Resources": True, "Inactive": True},
            }
            found.update(_id(item) for item in self._list("resources/getAll", "Resources", filters))
        return found

    def _categories_of_resources(self, of: Property, catalogue: "_Catalogue") -> dict[str, str]:
        found: dict[str, list[str]] = {}
        for batch in batches(sorted(catalogue.kinds), PAGE):
            for item in self._list(
                "resourceCategoryAssignments/getAll",
                "ResourceCategoryAssignments",
                {"EnterpriseIds": [of.id], "ResourceCategoryIds": batch},
            ):
                if item.get("IsActive", True) and item.get("ResourceId") and item.get("CategoryId"):
                    found.setdefault(item["ResourceId"], []).append(item["CategoryId"])
        return {
            resource_id: min(ids, key=lambda one: (_preference(catalogue.kinds.get(one)), one))
            for resource_id, ids in found.items()
        }

    def _catalogue(self, of: Property) -> "_Catalogue":
        """The property's bookable services and their categories; read once a run. Source: Get all services."""
        known = self._catalogues.get(of.id)
        if known is not None:
            return known
        offsets: dict[str, tuple[time | None, time | None]] = {}
        for item in self._list("services/getAll", "Services", {"EnterpriseIds": [of.id]}):
            data = item.get("Data") or {}
            if data.get("Discriminator") == "Bookable" and item.get("IsActive", True) and item.get("Id"):
                value = data.get("Value") or {}
                offsets[item["Id"]] = (_time_of_day(value.get("StartOffset")), _time_of_day(value.get("EndOffset")))
        kinds: dict[str, str] = {}
        services: dict[str, str] = {}
        for batch in batches(sorted(offsets), PAGE):
            for item in self._list(
                "resourceCategories/getAll", "ResourceCategories", {"EnterpriseIds": [of.id], "ServiceIds": batch}
            ):
                if item.get("IsActive", True) and item.get("Id") and item.get("Type"):
                    kinds[item["Id"]] = str(item["Type"])
                    services[item["Id"]] = str(item.get("ServiceId"))
        catalogue = self._catalogues[of.id] = _Catalogue(offsets, kinds, services)
        return catalogue

    def read_changed_rooms(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        """Source: Get all resources, by UpdatedUtc."""
        filters = {"EnterpriseIds": [of.id], "Extent": {"Resources": True, "Inactive": True}}
        return self._changed("resources/getAll", "Resources", filters, updated)

    # --- guests -------------------------------------------------------------------------------------------------------

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        """Source: Get all customers, in batches of 1000 ids; `MergeTargetId` is followed."""
        targets, guests, broken = self._profiles(of, ids)
        wanted = {targets.get(one, one) for one in ids}
        return [guest for guest in guests.values() if guest.id in wanted], broken

    def _profiles(
        self, of: Property, ids: Iterable[str]
    ) -> tuple[dict[str, str], dict[str, Guest], list[BrokenRecord]]:
        """Which profile each id stands for after all mergers, and the profiles."""
        merged: dict[str, str] = {}
        guests: dict[str, Guest] = {}
        broken: list[BrokenRecord] = []
        asked: set[str] = set()
        wanted = set(ids)
        while wanted:
            asked |= wanted
            for batch in batches(sorted(wanted), PAGE):
                items = self._list("customers/getAll", "Customers", self._customers(of) | {"CustomerIds": batch})
                customers, unread = load_each(_CUSTOMER, items, "guest", "The profile in Mews", "Id")
                broken += unread
                for customer in customers:
                    if customer["MergeTargetId"] and customer["MergeTargetId"] != customer["Id"]:
                        merged[customer["Id"]] = customer["MergeTargetId"]
                        continue
                    guests[customer["Id"]] = Guest(
                        id=customer["Id"],
                        first_name=customer["FirstName"] or "",
                        last_name=customer["LastName"] or "",
                        email=customer["Email"],
                        phone=customer["Phone"],
                    )
            wanted = set(merged.values()) - asked
        return {one: _end_of(merged, one) for one in merged}, guests, broken

    def _customers(self, of: Property) -> dict[str, Any]:
        filters: dict[str, Any] = {
            "Extent": {"Customers": True, "Addresses": False},
            # A merged or deleted profile is inactive, and would be left out otherwise.
            "ActivityStates": ["Active", "Deleted"],
        }
        if of.id in self._chains:
            filters["ChainIds"] = [self._chains[of.id]]
        return filters

    def read_changed_guests(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        """Source: Get all customers, by UpdatedUtc. Profiles are the chain's, so more than this property's come."""
        return self._changed("customers/getAll", "Customers", self._customers(of), updated)

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
        """Sources: Get all reservations (ver 2023-06-06), Get all companionships, Get all customers."""
        base: dict[str, Any] = {"EnterpriseIds": [of.id]}
        questions: list[dict[str, Any]]
        if ids is not None:
            questions = [base | {"ReservationIds": batch} for batch in batches(ids, PAGE)]
        else:
            name, window = ("CollidingUtc", colliding) if colliding is not None else ("UpdatedUtc", updated)
            if window is None:
                raise ValueError("say which bookings: colliding, updated or ids")
            questions = [base | {name: _interval(*part)} for part in windows(*window, LONGEST_WINDOW)]
        items: dict[str, Json] = {}
        nameless: list[Json] = []
        for question in questions:
            for item in self._list("reservations/getAll/2023-06-06", "Reservations", question):
                known = items.get(_id(item))
                if _id(item) == "?":
                    nameless.append(item)
                elif known is None or str(item.get("UpdatedUtc")) >= str(known.get("UpdatedUtc")):
                    items[_id(item)] = item
        if not items and not nameless:
            return BookingsRead()
        return self._bookings(of, [*items.values(), *nameless])

    def _bookings(self, of: Property, items: Iterable[Json]) -> BookingsRead:
        loaded: list[tuple[dict[str, Any], BookingStatus]] = []
        reservations, broken = load_each(_RESERVATION, items, "booking", "The reservation in Mews", "Id")
        for reservation in reservations:
            missing = [
                name
                for name, old in (("ScheduledStartUtc", "StartUtc"), ("ScheduledEndUtc", "EndUtc"))
                if reservation[name] is None and reservation[old] is None
            ]
            if missing:
                reason = f"The reservation in Mews has no {' and no '.join(missing)}."
                broken.append(BrokenRecord("booking", reservation["Id"], reason))
                continue
            loaded.append((reservation, _status(reservation)))
        catalogue = self._catalogue(of)
        staying = [reservation for reservation, status in loaded if status not in _WITHOUT_GUESTS]
        companions = self._companions(of, staying)
        people = {
            reservation["Id"]: _people(reservation, companions.get(reservation["Id"], ())) for reservation in staying
        }
        targets, guests, broken_guests = self._profiles(of, {one for several in people.values() for one in several})
        bookings = []
        for reservation, status in loaded:
            present = people.get(reservation["Id"], ())
            bookings.append(
                Booking(
                    id=reservation["Id"],
                    property_id=of.id,
                    number=str(reservation["Number"] or ""),
                    status=status,
                    status_word=reservation["State"],
                    arrival=reservation["ScheduledStartUtc"] or reservation["StartUtc"],
                    departure=reservation["ScheduledEndUtc"] or reservation["EndUtc"],
                    room_id=reservation["AssignedResourceId"] or None,
                    requested_kind=catalogue.kinds.get(reservation["RequestedResourceCategoryId"] or ""),
                    guest_ids=tuple(dict.fromkeys(targets.get(one, one) for one in present)),
                    primary_is_any=reservation["AccountType"] == "Company",
                    actual_arrival=reservation["ActualStartUtc"],
                )
            )
        return BookingsRead(bookings, [*broken, *broken_guests], guests)

    def _companions(self, of: Property, reservations: Sequence[Json]) -> dict[str, list[str]]:
        """Customer ids by reservation, in the order in which Mews lists them; those of a whole group in each."""
        found: dict[str, list[str]] = {}
        members: dict[str, list[str]] = {}
        for reservation in reservations:
            if reservation["GroupId"]:
                members.setdefault(reservation["GroupId"], []).append(reservation["Id"])
        seen: set[str] = set()
        questions: list[dict[str, Any]] = [
            {"ReservationIds": batch} for batch in batches([one["Id"] for one in reservations], PAGE)
        ]
        # A companionship without a reservation belongs to every room of its group.
        questions += [{"ReservationGroupIds": batch} for batch in batches(sorted(members), PAGE)]
        for question in questions:
            filters = {
                "EnterpriseIds": [of.id],
                "Extent": {"Customers": False, "Reservations": False, "ReservationGroups": False},
            }
            for item in self._list("companionships/getAll", "Companionships", filters | question):
                customer_id = item.get("CustomerId")
                if not customer_id or _id(item) in seen:
                    continue
                seen.add(_id(item))
                if item.get("ReservationId"):
                    found.setdefault(item["ReservationId"], []).append(customer_id)
                else:
                    for reservation_id in members.get(item.get("ReservationGroupId") or "", ()):
                        found.setdefault(reservation_id, []).append(customer_id)
        return found

    # --- door codes ---------------------------------------------------------------------------------------------------

    def write_access(self, of: Property, codes: Mapping[str, Sequence[DoorCode]], how: str, /) -> AccessWritten:
        """Sources: Resource access tokens, Service order notes.

        Where one kind is written anew for a booking, what it may have of the other kind is taken away, so a change of
        `how` costs one more question in runs that write, and none in those that find everything as it should be.
        """
        wanted, other = (_Notes, _Tokens) if how == "note" else (_Tokens, _Notes)
        handover = wanted(self, of, codes)
        handover.run()
        added = handover.added
        if added and other.RIGHT not in self._rights_denied:
            former = other(self, of, dict.fromkeys(added, ()))
            try:
                former.run()
            except PmsRefused:
                # Whoever may not touch them has never written any.
                self._rights_denied.add(other.RIGHT)
            except PmsUnreachable as problem:
                former.failed.update(dict.fromkeys(added, str(problem)))
            handover.failed.update(former.failed)
        return AccessWritten(frozenset(handover.changed), handover.failed)

    # --- webhooks -----------------------------------------------------------------------------------------------------

    def subscribe_webhooks(self, url: str, /) -> list[Subscription]:
        raise NotOffered(
            f"Mews takes no subscriptions: ask its support to send General and Integration webhooks to {url}"
        )

    def verify_webhook(
        self, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime, /
    ) -> bool:
        """Mews signs nothing: it only appends the token that it was given to the URL. Source: Webhooks."""
        expected, given = (self._webhook_token or "").encode(), query.get("token", "").encode()
        # Digests, so that not even the length can be found out by the time that it takes.
        same = hmac.compare_digest(hashlib.sha256(given).digest(), hashlib.sha256(expected).digest())
        return bool(expected) and same

    def read_webhook(self, document: Any, /) -> WebhookNews | None:
        """Sources: General webhooks, Integration webhooks."""
        if not isinstance(document, dict):
            raise NotUnderstood("the body is not a JSON object")
        try:
            if "Action" in document and "Events" not in document:
                return _integration_news(_INTEGRATION_WEBHOOK.load(document))
            return _general_news(_GENERAL_WEBHOOK.load(document))
        except ValidationError as problem:
            raise NotUnderstood(f"this is no webhook of Mews: it {complaint(problem)}") from None

    # --- the wire -----------------------------------------------------------------------------------------------------

    def _changed(self, operation: str, name: str, filters: Json, window: tuple[datetime, datetime]) -> set[str]:
        found: set[str] = set()
        for part in windows(*window, LONGEST_WINDOW):
            question = {**filters, "UpdatedUtc": _interval(*part)}
            found.update(_id(item) for item in self._list(operation, name, question))
        return found - {"?"}

    def _list(self, operation: str, name: str, filters: Json) -> Iterator[dict[str, Any]]:
        """Every item of a paged list. Source: Pagination. A page that is too heavy for Mews (408) is asked smaller."""
        count = PAGE
        cursor: str | None = None
        seen: set[str] = set()
        while True:
            limitation: dict[str, Any] = {"Count": count}
            if cursor is not None:
                limitation["Cursor"] = cursor
            try:
                answer = self._post(operation, {**filters, "Limitation": limitation})
            except PmsUnreachable as problem:
                if problem.status == 408 and count > SMALLEST_PAGE:
                    count //= 2
                    continue
                raise
            items = rows(answer, name, self._name, operation)
            yield from items
            cursor = answer.get("Cursor")
            if not cursor or len(items) < count:
                return
            if cursor in seen:
                raise PmsUnreachable(f"{self._name}: the pages of {operation} do not end", operation=operation)
            seen.add(cursor)

    def _post(self, operation: str, body: Json) -> dict[str, Any]:
        return self._session.post(
            self._base + operation, {**self._sign_in, **body}, who=self._name, operation=operation
        )


class AccessTokenSchema(_MewsSchema):
    Id = fields.String(required=True)
    ServiceOrderId = fields.String(required=True)
    CompanionshipId = fields.String(load_default=None, allow_none=True)
    ResourceId = fields.String(load_default=None, allow_none=True)
    Type = fields.String(required=True)
    Value = fields.String(required=True)
    SerialNumber = fields.String(load_default=None, allow_none=True)
    ValidityStartUtc = MewsInstant(required=True)
    ValidityEndUtc = MewsInstant(required=True)
    IsActive = fields.Boolean(load_default=True)


class NoteSchema(_MewsSchema):
    Id = fields.String(required=True)
    Text = fields.String(load_default="", allow_none=True)


_ACCESS_TOKEN, _NOTE = AccessTokenSchema(), NoteSchema()
_MARKED_NOTE = re.compile(r"\[Night Porter (?P<key>.+)\]$")


@dataclass(frozen=True, slots=True)
class _Step:
    """Writes of one sort: what is sent, by booking."""

    operation: str
    name: str
    items: Mapping[str, Sequence[Any]] = field(repr=False)
    also: Mapping[str, str] = field(default_factory=dict)
    repeatable: bool = False
    """Adding would double, and what is deleted already is refused: after a lost answer it is looked up what is so."""


class _Handover(ABC):
    """Door codes on their way to Mews: reads what it holds, plans, writes, and looks again where that is in doubt.

    Every text that leaves it names bookings and operations, and no code.
    """

    RIGHT: ClassVar[str]
    """What Mews has to grant, as its documents call it."""

    def __init__(self, mews: MewsConnector, of: Property, codes: Mapping[str, Sequence[DoorCode]]):
        self._mews = mews
        self._of = of
        self._codes = codes
        self.changed: set[str] = set()
        self._adding: set[str] = set()
        self.failed: dict[str, str] = {}
        self._given_up: set[str] = set()
        self._refusals = 0

    @abstractmethod
    def _plan(self, booking_ids: Sequence[str]) -> list[_Step]:
        """What is to be written for these bookings, after reading what is there; the steps in their order."""

    @property
    def added(self) -> set[str]:
        """Bookings that have something new, and all that they should have."""
        return self._adding & self.changed - self.failed.keys()

    def run(self) -> None:
        """Raises `PmsError` where nothing was written."""
        doubtful: dict[str, str] = dict.fromkeys(self._codes, "")
        for look in range(LOOKS):
            steps: list[_Step] = []
            try:
                steps = self._plan([one for one in self._codes if one in doubtful])
                if look:
                    # What is as it should be now was written, though no answer said so.
                    planned = {booking_id for step in steps for booking_id in step.items}
                    self.changed |= doubtful.keys() - planned - self._given_up
                doubtful = {}
                while steps:
                    self._write(steps[0], doubtful)
                    del steps[0]
            except PmsError as problem:
                told = self._in_words(problem)
                if not look and not self.changed:
                    raise told from None
                rest = {booking_id for step in steps for booking_id in step.items}
                self.failed.update(dict.fromkeys(rest | doubtful.keys(), str(told)))
                return
            for booking_id in self._given_up:
                doubtful.pop(booking_id, None)
            if not doubtful:
                return
        self.failed.update(doubtful)

    def _read(self, operation: str, name: str, filters: Json, booking_ids: Sequence[str]) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = []

        def ask(part: Sequence[tuple[str, Any]]) -> None:
            asked = {"EnterpriseIds": [self._of.id], **filters, "ServiceOrderIds": [one for one, _ in part]}
            found.extend(self._mews._list(operation, name, asked))

        self._in_parts([(one, None) for one in booking_ids], ask, hopeless=(401, 403, 404))
        return found

    def _write(self, step: _Step, doubtful: dict[str, str]) -> None:
        """Bookings of which nobody knows what became of it join `doubtful`: nothing more is written for them now."""

        def send(part: Sequence[tuple[str, Any]]) -> None:
            booking_ids = {one for one, _ in part}
            if step.operation.endswith("/add"):
                self._adding |= booking_ids
            try:
                self._mews._session.request(
                    "POST",
                    self._mews._base + step.operation,
                    json={**self._mews._sign_in, **step.also, step.name: [item for _, item in part]},
                    who=self._mews._name,
                    operation=step.operation,
                    repeatable=step.repeatable,
                )
            except PmsUnreachable as problem:
                doubtful.update(dict.fromkeys(booking_ids, str(problem)))
                return
            except PmsRefused as problem:
                # Whether Mews does a part of what it refuses, it does not say.
                doubtful.update(dict.fromkeys(booking_ids, str(problem)))
                raise
            self.changed.update(booking_ids)

        skipped = self._given_up | doubtful.keys()
        items = [(one, item) for one, several in step.items.items() if one not in skipped for item in several]
        self._in_parts(items, send, hopeless=(401, 404))

    def _in_parts(
        self,
        items: Sequence[tuple[str, Any]],
        ask: Callable[[Sequence[tuple[str, Any]]], None],
        hopeless: tuple[int, ...],
    ) -> None:
        """One that Mews refuses stops no other: what it refuses is tried in halves, down to the single one.

        Not for ever: where it refuses many in a row, all the rest is given up. `hopeless`: statuses that say no to the
        operation itself.
        """
        parts = [list(items[start : start + PAGE]) for start in range(0, len(items), PAGE)]
        while parts:
            part = parts.pop(0)
            try:
                ask(part)
            except PmsRefused as problem:
                if problem.status in hopeless:
                    raise
                self._refusals += 1
                if self._refusals >= REFUSALS_IN_A_ROW:
                    part, parts = [*part, *(one for each in parts for one in each)], []
                elif len(part) > 1:
                    parts[:0] = [part[: len(part) // 2], part[len(part) // 2 :]]
                    continue
                self._give_up((booking_id for booking_id, _ in part), str(self._in_words(problem)))
            else:
                self._refusals = 0

    def _asked_for(self, booking_id: Any) -> list[str]:
        return [booking_id] if isinstance(booking_id, str) and booking_id in self._codes else []

    def _give_up(self, booking_ids: Iterable[str], sentence: str) -> None:
        for booking_id in booking_ids:
            self._given_up.add(booking_id)
            self.failed[booking_id] = sentence

    def _in_words(self, problem: PmsError) -> PmsError:
        if problem.status not in (401, 403):
            return problem
        return PmsRefused(
            f"{problem}. Writing door codes back needs the right to {self.RIGHT}: have Mews grant it to this "
            "integration, or set write_back: off in the policy",
            operation=problem.operation,
            status=problem.status,
            request_id=problem.request_id,
        )

    def _places(self, codes: Iterable[DoorCode]) -> dict[str, Json]:
        """Resources by id. Source: Get all resources, by ResourceIds."""
        found: dict[str, Json] = {}
        for batch in batches(sorted({code.room_id for code in codes}), PAGE):
            filters = {
                "EnterpriseIds": [self._of.id],
                "ResourceIds": batch,
                "Extent": {"Resources": True, "Inactive": True},
            }
            found.update((_id(item), item) for item in self._mews._list("resources/getAll", "Resources", filters))
        return found


class _Tokens(_Handover):
    """One access token per code.

    Ours carry the code's key as `SerialNumber`. UNVERIFIED: that Mews keeps it for PIN codes. Where it does not, a
    token of the same booking, room and PIN is taken for ours, and one whose PIN or room has changed stays.
    """

    RIGHT = "Resource access tokens"

    def _plan(self, booking_ids: Sequence[str]) -> list[_Step]:
        held = self._held(booking_ids)
        gone: dict[str, list[str]] = {}
        updates: dict[str, list[Json]] = {}
        missing: dict[str, list[DoorCode]] = {}
        for booking_id in booking_ids:
            if booking_id in self._given_up:
                continue
            tokens = held.get(booking_id, [])
            ours = {one["Id"] for one in tokens if booking_id in (one["SerialNumber"] or "")}
            kept: set[str] = set()
            for code in self._codes[booking_id]:
                if code.pin is None or code.ends_at is None:
                    what = "a key without a PIN" if code.pin is None else "a code without an end"
                    self.failed[booking_id] = f"Mews takes no access token for {what}: set write_back: note"
                    continue
                unmarked = {one["Id"] for one in tokens if _is_as_good_as_ours(one, code)} - kept
                ours |= unmarked
                fitting = [
                    one
                    for one in tokens
                    if one["Id"] in unmarked or (one["SerialNumber"] == code.key and one["ResourceId"] == code.room_id)
                ]
                if not fitting:
                    missing.setdefault(booking_id, []).append(code)
                    continue
                best = min(fitting, key=lambda one: (one["Id"] in unmarked, _differs(one, code), one["Id"]))
                kept.add(best["Id"])
                if _differs(best, code):
                    updates.setdefault(booking_id, []).append(_token_update(best["Id"], code))
            if ours - kept:
                gone[booking_id] = sorted(ours - kept)
        places = self._places(code for codes in missing.values() for code in codes)
        adds = {
            booking_id: [_token_parameters(code, places.get(code.room_id, {})) for code in codes]
            for booking_id, codes in missing.items()
        }
        # A guest never reads two living codes: the wrong one goes first.
        return [
            _Step("resourceAccessTokens/delete", "Ids", gone),
            _Step(
                "resourceAccessTokens/update",
                "ResourceAccessTokenUpdates",
                updates,
                also={"EnterpriseId": self._of.id},  # For portfolio tokens; ignored otherwise.
                repeatable=True,
            ),
            _Step("resourceAccessTokens/add", "ResourceAccessTokenParameters", adds),
        ]

    def _held(self, booking_ids: Sequence[str]) -> dict[str, list[Json]]:
        """The living PIN codes by booking, whosesoever they are. Source: Get all resource access tokens."""
        held: dict[str, list[Json]] = {}
        for item in self._read(
            "resourceAccessTokens/getAll", "ResourceAccessTokens", {"ActivityStates": ["Active"]}, booking_ids
        ):
            try:
                token = _ACCESS_TOKEN.load(item)
            except ValidationError as problem:
                mine = self._asked_for(item.get("ServiceOrderId"))
                self._give_up(mine, f"An access token in Mews {complaint(problem)}.")
                continue
            if token["IsActive"] and token["Type"] == "PinCode":
                held.setdefault(token["ServiceOrderId"], []).append(token)
        return held


class _Notes(_Handover):
    """One note per code, which ends in a marker with the code's key.

    A note that should say something else is replaced: Mews's documents contradict each other on how to update one.
    The new one comes first: the desk reads the newest note on top, and an old code beside it for a moment, or until
    the next run, is better than none at all.
    """

    RIGHT = "Service order notes"

    def _plan(self, booking_ids: Sequence[str]) -> list[_Step]:
        held: dict[str, list[tuple[str, str]]] = {}
        for item in self._read("serviceOrderNotes/getAll", "ServiceOrderNotes", {}, booking_ids):
            # The answer names the reservation in `OrderId`, or `ServiceOrderId` in older documents.
            mine = self._asked_for(item.get("OrderId") or item.get("ServiceOrderId"))
            try:
                note = _NOTE.load(item)
            except ValidationError as problem:
                self._give_up(mine, f"A note in Mews {complaint(problem)}.")
                continue
            text = (note["Text"] or "").strip()
            marker = _MARKED_NOTE.search(text)
            for booking_id in mine:
                if marker is not None and booking_id in marker["key"]:
                    held.setdefault(booking_id, []).append((note["Id"], text))
        places = self._places(code for one in booking_ids for code in self._codes[one])
        gone: dict[str, list[str]] = {}
        adds: dict[str, list[Json]] = {}
        for booking_id in booking_ids:
            if booking_id in self._given_up:
                continue
            missing = {
                _note(code, places.get(code.room_id, {}), self._of)
                for code in self._codes[booking_id]
                if code.pin is not None or code.link is not None
            }
            for note_id, text in held.get(booking_id, ()):
                if text in missing:
                    missing.remove(text)
                else:
                    gone.setdefault(booking_id, []).append(note_id)
            if missing:
                adds[booking_id] = [{"ServiceOrderId": booking_id, "Text": text} for text in sorted(missing)]
        return [
            _Step("serviceOrderNotes/add", "ServiceOrderNotes", adds),
            _Step("serviceOrderNotes/delete", "ServiceOrderNoteIds", gone),
        ]


def _is_as_good_as_ours(token: Json, code: DoorCode) -> bool:
    """Whether a token that carries no mark is as good as ours."""
    marked = token["SerialNumber"] or token["CompanionshipId"]
    return not marked and (token["ResourceId"], token["Value"]) == (code.room_id, code.pin)


def _differs(token: Json, code: DoorCode) -> bool:
    held = (token["Value"], _seconds(token["ValidityStartUtc"]), _seconds(token["ValidityEndUtc"]))
    return held != (code.pin, _seconds(code.starts_at), _seconds(code.ends_at))


def _token_update(token_id: str, code: DoorCode) -> Json:
    return {
        "ResourceAccessTokenId": token_id,
        "ValidityStartUtc": {"Value": _seconds(code.starts_at)},
        "ValidityEndUtc": {"Value": _seconds(code.ends_at)},
        "Value": {"Value": code.pin},
    }


def _token_parameters(code: DoorCode, resource: Json) -> Json:
    return {
        "ServiceOrderId": code.booking_id,
        "CompanionshipId": None,
        "ResourceId": code.room_id,
        "Type": "PinCode",
        "Value": code.pin,
        "SerialNumber": code.key,
        "ValidityStartUtc": _seconds(code.starts_at),
        "ValidityEndUtc": _seconds(code.ends_at),
        "Permissions": {
            "Bed": {"Value": bool(resource.get("ParentResourceId"))},
            "Room": {"Value": True},
            "Floor": {"Value": False},
            "Building": {"Value": False},
        },
    }


def _note(code: DoorCode, resource: Json, of: Property) -> str:
    try:
        there: tzinfo = ZoneInfo(of.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        there = UTC
    starts, ends = (
        one.astimezone(there).strftime("%Y-%m-%d %H:%M") if one else None for one in (code.starts_at, code.ends_at)
    )
    room = f"Room {resource['Name']}" if resource.get("Name") else "Room"
    what = f"door code {code.pin}" if code.pin is not None else f"mobile key {code.link}"
    until = f" to {ends}" if ends else ""
    return f"{room}: {what}, valid from {starts}{until} ({there}) [Night Porter {code.key}]"


def _seconds(instant: datetime | None) -> str | None:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if instant else None


def _general_news(general: Json) -> WebhookNews | None:
    subjects: dict[str, set[str]] = {}
    words: Counter[str] = Counter()
    for item in general["Events"]:
        try:
            event = _WEBHOOK_EVENT.load(item)
        except ValidationError:
            continue  # An event of a kind yet to come may have any shape: the others are no worse for it.
        kind = WEBHOOK_SUBJECTS.get(event["Discriminator"])
        if kind is not None:
            subjects.setdefault(kind, set()).add(event["Value"]["Id"])
            words[event["Discriminator"]] += 1
    if not subjects:
        return None
    return WebhookNews(
        general["EnterpriseId"],
        {kind: sorted(ids) for kind, ids in sorted(subjects.items())},
        ", ".join(f"{word} x{number}" if number > 1 else word for word, number in sorted(words.items())),
    )


def _integration_news(integration: Json) -> WebhookNews:
    """The integration was switched on or off: what that means shows as soon as the property is read."""
    enterprise = integration["Data"]["Enterprise"]
    return WebhookNews(enterprise["Id"] if enterprise else None, {"rooms": ["*"]}, integration["Action"])


class _Catalogue:
    """The bookable services of a property, and the categories of what they sell."""

    def __init__(
        self,
        offsets: Mapping[str, tuple[time | None, time | None]],
        kinds: Mapping[str, str],
        services: Mapping[str, str],
    ):
        self.kinds = kinds
        self._offsets = offsets
        self._services = services
        usual = Counter(services[one] for one, kind in kinds.items() if kind in ROOM_LIKE)
        self._usual = min(usual, key=lambda one: (-usual[one], one)) if usual else None

    def check_in(self, category_id: str | None) -> time | None:
        return self._times(category_id)[0]

    def check_out(self, category_id: str | None) -> time | None:
        return self._times(category_id)[1]

    def _times(self, category_id: str | None) -> tuple[time | None, time | None]:
        # A dorm's room is often in no category of its own: it has the times of the beds, the usual ones.
        service = self._services.get(category_id, self._usual) if category_id else self._usual
        return self._offsets.get(service or "", (None, None))


def _status(reservation: Json) -> BookingStatus:
    status = STATES.get(reservation["State"], BookingStatus.UNKNOWN)
    if status is BookingStatus.CANCELLED and reservation["CancellationReason"] == "NoShow":
        return BookingStatus.NO_SHOW
    return status


def _people(reservation: Json, companions: Iterable[str]) -> tuple[str, ...]:
    """Who stays: the owner where she is a person, then the companions."""
    owner = reservation["AccountId"]
    first = (owner,) if owner and reservation["AccountType"] != "Company" else ()
    return tuple(dict.fromkeys((*first, *companions)))


def _is_no_space(item: Json) -> bool:
    data = item.get("Data")
    return isinstance(data, dict) and data.get("Discriminator") in ("Object", "Person")


def _preference(kind: str | None) -> int:
    return ROOM_LIKE.index(kind) if kind in ROOM_LIKE else len(ROOM_LIKE)


def _end_of(merged: Mapping[str, str], one: str) -> str:
    seen = set()
    while one in merged and one not in seen:
        seen.add(one)
        one = merged[one]
    return one


def _id(item: Json) -> str:
    return id_of(item, "Id")


def _interval(start: datetime, end: datetime) -> dict[str, str]:
    return {"StartUtc": _utc(start), "EndUtc": _utc(end)}


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _time_of_day(offset: object) -> time | None:
    """A service's StartOffset (from the start of the day) or EndOffset (from its end) as a local time of day.

    P0M0DT15H0M0S is 15:00; as EndOffset, P0M0DT12H is noon of the next day and a negative six hours are 18:00.
    """
    # Both count from a midnight, so what is left after whole days is the time of day, for negative offsets too.
    if not isinstance(offset, str):
        return None
    try:
        duration = isodate.parse_duration(offset)
    except (isodate.ISO8601Error, ValueError):
        return None
    days = duration.tdelta if isinstance(duration, isodate.Duration) else duration
    minutes = int(days.total_seconds() // 60) % (24 * 60)
    return time(minutes // 60, minutes % 60)
