"""Mews, by its Connector API.

Every operation is a POST with the tokens in its body; lists come newest first, in pages of at most 1000; time filters
take at most three months. Facts: Mews Connector API documentation (guidelines, and the operations named below).
"""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Self

import isodate
from marshmallow import ValidationError, fields, validate

from connectors.base import BookingsRead, Connector, NotOffered, NotUnderstood, Setting, Subscription, WebhookNews
from connectors.errors import PmsUnreachable
from connectors.mews.door_codes import Notes, Tokens
from connectors.mews.wire import UUID, Json, MewsId, MewsInstant, MewsSchema, MewsWire, mews_id
from connectors.reading import (
    Optional,
    complaint,
    is_child,
    load_each,
    optional_text,
    part_of,
    properties_of,
    windows,
)
from connectors.records import AccessWritten, Booking, BookingStatus, BrokenRecord, DoorCode, Guest, Property, Room
from connectors.session import Access, PmsSession
from connectors.shown_clock import ShownClock
from connectors.webhook_token import bears_token

CLIENT = "Night Porter 0.4.0"
LONGEST_WINDOW = timedelta(days=89)
"""Mews refuses time filters over three months; the shortest three months have 89 days."""
REQUESTS, SECONDS = 200, 30.0
"""Mews allows 200 requests in 30 seconds per access token."""
"""So many ids that Mews does not take, and it is not asked for others: it may block those who do not take a no."""
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


class EnterpriseSchema(MewsSchema):
    Id = MewsId(required=True)
    Name = optional_text()
    ChainId = MewsId(load_default=None, allow_none=True)
    TimeZoneIdentifier = optional_text()
    Address = Optional(fields.Dict())


class ResourceSchema(MewsSchema):
    Id = MewsId(required=True)
    Name = fields.String(required=True)
    IsActive = fields.Boolean(load_default=True, allow_none=True)
    ParentResourceId = MewsId(load_default=None, allow_none=True)


class ReservationSchema(MewsSchema):
    Id = MewsId(required=True)
    AccountId = MewsId(load_default=None, allow_none=True)
    AccountType = optional_text()
    Number = fields.Raw(load_default="", allow_none=True)
    State = fields.String(required=True)
    GroupId = MewsId(load_default=None, allow_none=True)
    CancellationReason = optional_text()
    RequestedResourceCategoryId = Optional(MewsId())
    AssignedResourceId = MewsId(load_default=None, allow_none=True)
    ScheduledStartUtc = MewsInstant(load_default=None, allow_none=True)
    ScheduledEndUtc = MewsInstant(load_default=None, allow_none=True)
    StartUtc = Optional(MewsInstant())
    EndUtc = Optional(MewsInstant())
    ActualStartUtc = Optional(MewsInstant())


class CustomerSchema(MewsSchema):
    Id = MewsId(required=True)
    FirstName = fields.String(load_default=None, allow_none=True)
    LastName = fields.String(load_default=None, allow_none=True)
    Email = fields.String(load_default=None, allow_none=True)
    Phone = fields.String(load_default=None, allow_none=True)
    BirthDate = Optional(fields.Date())
    MergeTargetId = MewsId(load_default=None, allow_none=True)


class WebhookValueSchema(MewsSchema):
    Id = fields.String(required=True, validate=validate.Length(min=1, max=128))


class WebhookEventSchema(MewsSchema):
    Discriminator = fields.String(required=True, validate=validate.Length(min=1, max=80))
    Value = fields.Nested(WebhookValueSchema, required=True)


class GeneralWebhookSchema(MewsSchema):
    EnterpriseId = fields.String(required=True, validate=validate.Length(min=1, max=128))
    Events = fields.List(fields.Raw(), required=True)


class IntegrationDataSchema(MewsSchema):
    Enterprise = fields.Nested(WebhookValueSchema, load_default=None, allow_none=True)


class IntegrationWebhookSchema(MewsSchema):
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
        self._wire = MewsWire(
            name,
            base_url,
            {"ClientToken": client_token, "AccessToken": access_token, "Client": CLIENT},
            session or Access().session(access_token, REQUESTS, SECONDS),
        )
        self._webhook_token = webhook_token
        self._chains: dict[str, str] = {}
        self._catalogues: dict[str, _Catalogue] = {}
        self._rights_denied: set[str] = set()
        self._merged: dict[str, str] = {}
        """Into which profile each was merged, of all that were ever seen: a merger is not undone, and a profile does
        not say which ones were merged into it."""

    def __repr__(self) -> str:
        return f"MewsConnector({self._name!r})"

    @property
    def shown_clock(self) -> ShownClock:
        return self._wire.shown_clock

    def refresh(self) -> None:
        self._chains.clear()
        self._catalogues.clear()

    def check(self) -> str:
        """Source: Get configuration."""
        configuration = self._wire.post("configuration/get", {})
        enterprise = part_of(configuration, "Enterprise")
        properties = self.read_properties()
        named = f"{enterprise.get('Name', 'Mews')} ({enterprise.get('TimeZoneIdentifier', 'time zone unknown')})"
        return f"{named}, {len(properties)} propert{'y' if len(properties) == 1 else 'ies'}"

    def could_be_id(self, kind: str, text: str, /) -> bool:
        return UUID.fullmatch(text) is not None

    # --- properties and rooms -----------------------------------------------------------------------------------------

    def read_properties(self) -> list[Property]:
        """Source: Get all enterprises. A portfolio token lists all of its enterprises."""
        operation = "enterprises/getAll"
        items = list(self._wire.read(operation, "Enterprises", {}))
        enterprises = properties_of(_ENTERPRISE, items, self._name, operation)
        properties = []
        for enterprise in enterprises:
            if enterprise["ChainId"]:
                self._chains[enterprise["Id"]] = enterprise["ChainId"]
            country = part_of(enterprise, "Address").get("CountryCode")
            properties.append(
                Property(
                    id=enterprise["Id"],
                    name=enterprise["Name"] or enterprise["Id"],
                    time_zone=enterprise["TimeZoneIdentifier"] or "",
                    country=country.upper() if isinstance(country, str) and country else None,
                    shares_connection=len(enterprises) > 1,
                )
            )
        return properties

    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        """Sources: Get all resources, Get all resource categories, Get all resource category assignments."""
        catalogue = self._catalogue(of)
        rooms: dict[str, Room] = {}
        filters = {"EnterpriseIds": [of.id], "Extent": {"Resources": True, "Inactive": True}}
        categories = self._categories_of_resources(of, catalogue)
        items = [
            item
            for item in self._wire.read("resources/getAll", "Resources", filters)
            # What a resource is, its category says. `Data` is an optional part, and speaks where there is none.
            if mews_id(item) in categories or part_of(item, "Data").get("Discriminator") not in ("Object", "Person")
        ]
        resources, broken = load_each(_RESOURCE, items, "room", "The resource in Mews", mews_id)
        for resource in resources:
            category = categories.get(resource["Id"])
            rooms[resource["Id"]] = Room(
                id=resource["Id"],
                property_id=of.id,
                name=resource["Name"],
                kind=catalogue.kinds.get(category) if category else None,
                parent_id=resource["ParentResourceId"],
                is_active=resource["IsActive"] is not False,
                check_in=catalogue.check_in(category),
                check_out=catalogue.check_out(category),
            )
        return list(rooms.values()), broken

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        """Source: Get all resources, by ResourceIds."""
        filters = {"EnterpriseIds": [of.id], "Extent": {"Resources": True, "Inactive": True}}
        items, refused = self._wire.read_by_id("resources/getAll", "Resources", filters, "ResourceIds", ids)
        # Of what Mews takes for no id, it has not said that there is no such room.
        return {*(mews_id(item) for item in items), *refused}

    def _categories_of_resources(self, of: Property, catalogue: "_Catalogue") -> dict[str, str]:
        found: dict[str, list[str]] = {}
        items, _ = self._wire.read_by_id(
            "resourceCategoryAssignments/getAll",
            "ResourceCategoryAssignments",
            {"EnterpriseIds": [of.id]},
            "ResourceCategoryIds",
            sorted(catalogue.kinds),
        )
        for item in items:
            category, resource = mews_id(item, "CategoryId"), mews_id(item, "ResourceId")
            if item.get("IsActive") is not False and category in catalogue.kinds and resource != "?":
                found.setdefault(resource, []).append(category)
        # A room may be sold by several services: by the hour and by the night, or as a whole and by the bed.
        return {resource: min(ids, key=catalogue.preference) for resource, ids in found.items()}

    def _catalogue(self, of: Property) -> "_Catalogue":
        """The property's bookable services and their categories; read once a run. Source: Get all services."""
        known = self._catalogues.get(of.id)
        if known is not None:
            return known
        offsets: dict[str, tuple[time | None, time | None]] = {}
        for item in self._wire.read("services/getAll", "Services", {"EnterpriseIds": [of.id]}):
            data = part_of(item, "Data")
            if data.get("Discriminator") == "Bookable" and item.get("IsActive") is not False and mews_id(item) != "?":
                value = part_of(data, "Value")
                offsets[mews_id(item)] = (
                    _time_of_day(value.get("StartOffset")),
                    _time_of_day(value.get("EndOffset")),
                )
        kinds: dict[str, str] = {}
        services: dict[str, str] = {}
        items, _ = self._wire.read_by_id(
            "resourceCategories/getAll", "ResourceCategories", {"EnterpriseIds": [of.id]}, "ServiceIds", sorted(offsets)
        )
        for item in items:
            kind = item.get("Type")
            if item.get("IsActive") is not False and mews_id(item) != "?" and isinstance(kind, str) and kind:
                kinds[mews_id(item)] = kind
                services[mews_id(item)] = mews_id(item, "ServiceId")
        catalogue = self._catalogues[of.id] = _Catalogue(offsets, kinds, services)
        return catalogue

    def read_changed_rooms(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        """Source: Get all resources, by UpdatedUtc."""
        filters = {"EnterpriseIds": [of.id], "Extent": {"Resources": True, "Inactive": True}}
        return self._changed("resources/getAll", "Resources", filters, updated)

    # --- guests -------------------------------------------------------------------------------------------------------

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        """Source: Get all customers, in batches of 1000 ids; `MergeTargetId` is followed."""
        read = self._profiles(of, [mews_id({"Id": one}) for one in ids])
        wanted = {_end_of(self._merged, mews_id({"Id": one})) for one in ids}
        return [guest for guest in read.guests.values() if guest.id in wanted], read.broken

    def _profiles(self, of: Property, ids: Iterable[str]) -> "_Profiles":
        """The profiles that these ids stand for after all mergers."""
        read = _Profiles()
        asked: set[str] = set()
        wanted = set(ids) - {"?"}
        while wanted:
            asked |= wanted
            found: dict[str, Json] = {}
            items, refused = self._wire.read_by_id(
                "customers/getAll", "Customers", self._customers(of), "CustomerIds", sorted(wanted)
            )
            customers, broken = load_each(_CUSTOMER, items, "guest", "The profile in Mews", mews_id)
            reason = "What Mews names as the guest is no id."
            read.broken += [*broken, *(BrokenRecord("guest", one, reason) for one in refused)]
            found.update((customer["Id"], customer) for customer in customers)
            for customer_id, customer in found.items():
                if customer["MergeTargetId"] and customer["MergeTargetId"] != customer_id:
                    self._merged[customer_id] = customer["MergeTargetId"]
                    continue
                read.born[customer_id] = customer["BirthDate"]
                read.guests[customer_id] = Guest(
                    id=customer_id,
                    first_name=customer["FirstName"] or "",
                    last_name=customer["LastName"] or "",
                    email=customer["Email"],
                    phone=customer["Phone"],
                )
            wanted = {self._merged[one] for one in found if one in self._merged} - asked
        sources: dict[str, list[str]] = {}
        for one in sorted(self._merged):
            sources.setdefault(_end_of(self._merged, one), []).append(one)
        for customer_id in read.guests.keys() & sources.keys():
            merged_ids = tuple(one for one in sources[customer_id] if one != customer_id)
            read.guests[customer_id] = replace(read.guests[customer_id], merged_ids=merged_ids)
        return read

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
        return self._changed("customers/getAll", "Customers", self._customers(of), updated, self._note_merger)

    def _note_merger(self, item: Json) -> None:
        one, target = mews_id(item), mews_id(item, "MergeTargetId")
        if "?" not in (one, target) and one != target:
            self._merged[one] = target

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
        operation = "reservations/getAll/2023-06-06"
        found: list[dict[str, Any]] = []
        refused: list[str] = []
        if ids is not None:
            found, refused = self._wire.read_by_id(operation, "Reservations", base, "ReservationIds", ids)
        else:
            name, window = ("CollidingUtc", colliding) if colliding is not None else ("UpdatedUtc", updated)
            if window is None:
                raise ValueError("say which bookings: colliding, updated or ids")
            for part in windows(*window, LONGEST_WINDOW):
                found += self._wire.read(operation, "Reservations", base | {name: _interval(*part)})
        items: dict[str, Json] = {}
        nameless: list[Json] = []
        for item in found:
            known = items.get(mews_id(item))
            if mews_id(item) == "?":
                nameless.append(item)
            elif known is None or str(item.get("UpdatedUtc")) >= str(known.get("UpdatedUtc")):
                items[mews_id(item)] = item
        refusals = [BrokenRecord("booking", one, "Mews takes this for no id of a reservation.") for one in refused]
        if not items and not nameless:
            return BookingsRead(broken=refusals)
        read = self._bookings(of, [*items.values(), *nameless])
        read.broken.extend(refusals)
        if ids is not None:
            asked = {mews_id({"Id": one}): one for one in ids}
            if nameless or items.keys() - asked.keys():
                # One of them may be what was asked for and not found: nobody can tell.
                reason = "Mews, asked for this reservation, answered with others."
                lost = asked.keys() - items.keys() - set(refused)
                read.broken.extend(BrokenRecord("booking", asked[one], reason) for one in sorted(lost))
        return read

    def _bookings(self, of: Property, items: Iterable[Json]) -> BookingsRead:
        loaded: list[tuple[dict[str, Any], BookingStatus]] = []
        reservations, broken = load_each(
            _RESERVATION, items, "booking", "The reservation in Mews", mews_id, _status_alone
        )
        for reservation in reservations:
            missing = [
                name
                for name, old in (("ScheduledStartUtc", "StartUtc"), ("ScheduledEndUtc", "EndUtc"))
                if reservation[name] is None and reservation[old] is None
            ]
            if missing:
                reason = f"The reservation in Mews has no {' and no '.join(missing)}."
                broken.append(BrokenRecord("booking", reservation["Id"], reason, _status_alone(reservation)))
                continue
            loaded.append((reservation, _status(reservation)))
        catalogue = self._catalogue(of)
        staying = [reservation for reservation, status in loaded if status not in _WITHOUT_GUESTS]
        companions, unclear = self._companions(of, staying)
        for reservation, status in loaded:
            if reservation["Id"] in unclear:
                broken.append(BrokenRecord("booking", reservation["Id"], unclear[reservation["Id"]], status))
        loaded = [one for one in loaded if one[0]["Id"] not in unclear]
        people = {
            reservation["Id"]: _people(reservation, companions.get(reservation["Id"], ())) for reservation in staying
        }
        profiles = self._profiles(of, {one for several in people.values() for one in several})
        bookings = []
        for reservation, status in loaded:
            arrival = reservation["ScheduledStartUtc"] or reservation["StartUtc"]
            owner = reservation["AccountType"] != "Company" and reservation["AccountId"]
            present = dict.fromkeys(_end_of(self._merged, one) for one in people.get(reservation["Id"], ()))
            bookings.append(
                Booking(
                    id=reservation["Id"],
                    property_id=of.id,
                    number=str(reservation["Number"] or ""),
                    status=status,
                    status_word=reservation["State"],
                    arrival=arrival,
                    departure=reservation["ScheduledEndUtc"] or reservation["EndUtc"],
                    room_id=reservation["AssignedResourceId"],
                    requested_kind=catalogue.kinds.get(reservation["RequestedResourceCategoryId"] or ""),
                    guest_ids=tuple(present),
                    # Who books is none, whatever is said of her.
                    child_ids=tuple(
                        one
                        for place, one in enumerate(present)
                        if (place or not owner) and is_child(profiles.born.get(one), arrival)
                    ),
                    primary_is_any=reservation["AccountType"] == "Company",
                    actual_arrival=reservation["ActualStartUtc"],
                )
            )
        guests = {
            one: profiles.guests[one] for booking in bookings for one in booking.guest_ids if one in profiles.guests
        }
        return BookingsRead(bookings, [*broken, *profiles.broken], guests)

    def _companions(self, of: Property, reservations: Sequence[Json]) -> tuple[dict[str, list[str]], dict[str, str]]:
        """Customer ids by reservation, in the order in which Mews lists them; those of a whole group in each. And the
        reservations of which one cannot be read, each with why: whoever that is, she stays somewhere."""
        found: dict[str, list[str]] = {}
        unclear: dict[str, str] = {}
        members: dict[str, list[str]] = {}
        for reservation in reservations:
            if reservation["GroupId"]:
                members.setdefault(reservation["GroupId"], []).append(reservation["Id"])
        filters = {
            "EnterpriseIds": [of.id],
            "Extent": {"Customers": False, "Reservations": False, "ReservationGroups": False},
        }
        question = ("companionships/getAll", "Companionships", filters)
        items, refused = self._wire.read_by_id(*question, "ReservationIds", [one["Id"] for one in reservations])
        unclear.update(dict.fromkeys(refused, "Mews takes the reservation's Id for none."))
        # A companionship without a reservation belongs to every room of its group.
        of_groups, refused = self._wire.read_by_id(*question, "ReservationGroupIds", sorted(members))
        for group in refused:
            unclear.update(dict.fromkeys(members[group], "The reservation in Mews has a GroupId that is none to Mews."))
        seen: set[str] = set()
        for item in [*items, *of_groups]:
            customer_id, companionship_id = mews_id(item, "CustomerId"), mews_id(item)
            if companionship_id in seen:
                continue
            if companionship_id != "?":
                seen.add(companionship_id)
            reservation_id = mews_id(item, "ReservationId")
            together = members.get(mews_id(item, "ReservationGroupId"), ())
            meant = (reservation_id,) if reservation_id != "?" else together
            if customer_id == "?":
                reason = "A companion on the reservation in Mews has no CustomerId."
                unclear.update(dict.fromkeys(meant, reason))
                if not meant:
                    raise PmsUnreachable(
                        f"{self._name}: Mews describes a companion in a way that cannot be read",
                        operation="companionships/getAll",
                    )
                continue
            for one in meant:
                found.setdefault(one, []).append(customer_id)
        return found, unclear

    # --- door codes ---------------------------------------------------------------------------------------------------

    def write_access(self, of: Property, codes: Mapping[str, Sequence[DoorCode]], how: str, /) -> AccessWritten:
        """Sources: Resource access tokens, Service order notes."""
        wanted, other = (Notes, Tokens) if how == "note" else (Tokens, Notes)
        writer = wanted(self._wire, of, codes)
        writer.run_instead_of(
            lambda added: other(self._wire, of, dict.fromkeys(added, ())), other.RIGHT, self._rights_denied
        )
        return AccessWritten(frozenset(writer.changed), writer.failed)

    def _changed(
        self,
        operation: str,
        name: str,
        filters: Json,
        window: tuple[datetime, datetime],
        look: Callable[[Json], None] = lambda item: None,
    ) -> set[str]:
        """Ids; `look` is shown every item."""
        found: set[str] = set()
        for part in windows(*window, LONGEST_WINDOW):
            for item in self._wire.read(operation, name, {**filters, "UpdatedUtc": _interval(*part)}):
                look(item)
                found.add(mews_id(item))
        return found - {"?"}

    # --- webhooks -----------------------------------------------------------------------------------------------------

    def subscribe_webhooks(self, url: str, /) -> list[Subscription]:
        raise NotOffered(
            f"Mews takes no subscriptions: ask its support to send General and Integration webhooks to {url}"
        )

    def may_be_called(self, query: Mapping[str, str], /) -> bool:
        return bears_token(query, self._webhook_token)

    def verify_webhook(
        self, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime, /
    ) -> bool:
        """Mews signs nothing: it only appends the token that it was given to the URL. Source: Webhooks."""
        return self.may_be_called(query)

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
            subjects.setdefault(kind, set()).add(_told_id(event["Value"], "Id"))
            words[event["Discriminator"]] += 1
    if not subjects:
        return None
    return WebhookNews(
        _told_id(general, "EnterpriseId"),
        {kind: sorted(ids) for kind, ids in sorted(subjects.items())},
        ", ".join(f"{word} x{number}" if number > 1 else word for word, number in sorted(words.items())),
    )


def _integration_news(integration: Json) -> WebhookNews:
    """The integration was switched on or off: what that means shows as soon as the property is read."""
    enterprise = integration["Data"]["Enterprise"]
    return WebhookNews(_told_id(enterprise, "Id") if enterprise else None, {"rooms": ["*"]}, integration["Action"])


def _told_id(item: Json, name: str) -> str:
    """An id of a webhook; what is none is handed on as it is, for the inbox to refuse."""
    found = mews_id(item, name)
    return str(item[name]) if found == "?" else found


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

    def preference(self, category_id: str) -> tuple[int, bool, str]:
        """The category by which a resource is known that has several: the smallest."""
        kind = self.kinds[category_id]
        likely = ROOM_LIKE.index(kind) if kind in ROOM_LIKE else len(ROOM_LIKE)
        return likely, self._services[category_id] != self._usual, category_id

    def check_in(self, category_id: str | None) -> time | None:
        return self._times(category_id)[0]

    def check_out(self, category_id: str | None) -> time | None:
        return self._times(category_id)[1]

    def _times(self, category_id: str | None) -> tuple[time | None, time | None]:
        # A dorm's room is often in no category of its own: it has the times of the beds, the usual ones.
        service = self._services.get(category_id, self._usual) if category_id else self._usual
        return self._offsets.get(service or "", (None, None))


@dataclass(slots=True)
class _Profiles:
    """What was read of people; by id, without those who were merged into others."""

    guests: dict[str, Guest] = field(default_factory=dict)
    born: dict[str, date | None] = field(default_factory=dict)
    broken: list[BrokenRecord] = field(default_factory=list)


def _status_alone(item: Json) -> BookingStatus | None:
    """The status of a reservation of which nothing else may be readable."""
    word = item.get("State")
    if not isinstance(word, str) or word not in STATES:
        return None
    return _status({"State": word, "CancellationReason": item.get("CancellationReason")})


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


def _end_of(merged: Mapping[str, str], one: str) -> str:
    seen = set()
    while one in merged and one not in seen:
        seen.add(one)
        one = merged[one]
    return one


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
        days = duration.tdelta if isinstance(duration, isodate.Duration) else duration
        minutes = int(days.total_seconds() // 60) % (24 * 60)
    except (isodate.ISO8601Error, ValueError, ArithmeticError):
        return None
    return time(minutes // 60, minutes % 60)
