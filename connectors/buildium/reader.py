"""Buildium, by its Open API (version 1): rentals, units, leases and tenants.

Only GET is used. Lists are bare JSON arrays with their length in X-Total-Count, in pages of at most 1000, and may be
filtered by property and by the time of the last change, not by ids. Leases and people have days, never hours, and no
time zone. Facts: Buildium's Open API guide and the operations named below.

UNVERIFIED, for no document says it: which changes count as an update of a lease (a tenant who joins or leaves, a day
that comes). So the leases of every tenant who changed are read as well, and only a read of everything is the truth.
"""

from collections.abc import Callable, Iterable, Sequence, Set
from datetime import UTC, date, datetime
from typing import Any, TypeVar
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from marshmallow import ValidationError

from connectors.buildium.leases import ANOTHER, NOT_GIVEN, STATUSES, Unreadable, booking_of, touches, with_tenants
from connectors.buildium.wire import (
    PAGE,
    BuildiumWire,
    Json,
    LeaseSchema,
    RentalSchema,
    TenantSchema,
    UnitSchema,
    could_be_id,
    id_in,
    number_of,
)
from connectors.by_id import AnotherRecord, broken_records, each_by_id
from connectors.errors import PmsRefused, PmsUnreachable
from connectors.ports import BookingsRead, Reader, Window
from connectors.reading import batches, complaint, load_each, not_readable, part_of, properties_of
from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Property, Room
from mappers.sentences import say, sentence_of

IDS_IN_A_QUERY = 100
"""A query string of more than 4,096 characters is answered 500; an id takes at most 23 of them."""
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

T = TypeVar("T")


_RENTAL, _UNIT, _LEASE, _TENANT = RentalSchema(), UnitSchema(), LeaseSchema(), TenantSchema()


class BuildiumReader(Reader):
    """One run's reading of a Buildium account.

    A rental that is inactive keeps its tenants' access and gets no new one; one that is not listed any more (more
    likely a permission that was taken away than a house that was torn down) keeps everything.
    """

    def __init__(self, wire: BuildiumWire, clock: Callable[[], datetime]):
        """`clock` gives aware UTC: whether a lease is past its end."""
        self._wire = wire
        self._clock = clock
        self._rentals: dict[str, Json] = {}
        self._shared = _Shared()
        self._busy: tuple[str, ...] = ()
        """The properties of which leases changed, as far as this run knows: their units are read in one go."""
        self._property_of: dict[str, str] = {}
        """Where each lease is that was seen in this run."""
        self._people: dict[str, Guest] = {}
        self._changed_units: set[str] = set()
        """Of the leases that changed: their tenants are read in one go, whatever the property."""

    def close(self) -> None:
        self._wire.close()

    def could_be_id(self, kind: str, text: str, /) -> bool:
        return could_be_id(text)

    def read_properties(self) -> list[Property]:
        """Source: Retrieve all rental properties. Buildium tells no time zone."""
        rentals = properties_of(_RENTAL, self._wire.list("rentals"), self._wire.name, "rentals")
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
        items = {id_in(item, otherwise=f"? {place}"): item for place, item in enumerate(self._units(of))}
        units, broken = load_each(_UNIT, items.values(), "room", "The unit in Buildium", id_in)
        rooms: list[Room] = []
        for unit in units:
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
        found, strange = each_by_id(ids, lambda one: self._wire.one("rentals/units", one))
        # Of those to which the answer was something else, nobody has said that there is no such unit.
        return {one for one, unit in found.items() if _is_of(unit, of)} | strange.keys()

    def changed_rooms(self, of: Property, window: Window, /) -> set[str]:
        """Source: Retrieve all units, by lastupdatedfrom and lastupdatedto. Whether a unit is let moves neither."""
        changed = self._shared.get(("units", window), of.id, lambda: self._wire.changed("rentals/units", window))
        return {id_in(item) for item in changed if _is_of(item, of)} - {"?"}

    def _units(self, of: Property) -> Iterable[Json]:
        """Those of this property, read together with those of the properties that will be asked for next."""
        together = self._busy if of.id in self._busy and len(self._busy) <= IDS_IN_A_QUERY else ()
        filters = [("propertyids", one) for one in together]
        units = self._shared.get(("units", together), of.id, lambda: self._wire.list("rentals/units", filters))
        return (item for item in units if _is_of(item, of))

    def _rental(self, of: Property) -> Json:
        if of.id not in self._rentals:
            self.read_properties()
        try:
            return self._rentals[of.id]
        except KeyError:
            gone = say("{who}: Buildium does not list this rental property any more", who=self._wire.name)
            raise PmsUnreachable(gone, operation="rentals") from None

    def _kind(self, rental: Json) -> str:
        return NO_HOMES.get(rental["RentalSubType"] or "", APARTMENT)

    # --- tenants ------------------------------------------------------------------------------------------------------

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        """Source: Retrieve a tenant."""
        found, strange = each_by_id(ids, lambda one: self._wire.one("leases/tenants", one))
        guests, broken = _guests(found.values())
        return list(guests.values()), [*broken, *broken_records("guest", strange, "Buildium", "tenant")]

    def changed_guests(self, of: Property, window: Window, /) -> set[str]:
        """Source: Retrieve all tenants, by lastupdatedfrom and lastupdatedto."""
        return {id_in(item) for item in self._changed_tenants(of, window, "guests")} - {"?"}

    def _changed_tenants(self, of: Property, updated: Window, purpose: str) -> list[Json]:
        """`purpose`: a run needs them for themselves, and for the leases that they are on."""

        def read() -> list[Json]:
            changed = self._wire.changed("leases/tenants", updated)
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
                found = self._shared.get("tenants", of.id, lambda: self._wire.list("leases/tenants", live))
            else:
                filters = ([("unitids", one) for one in batch] for batch in batches(sorted(units), IDS_IN_A_QUERY))
                found = [item for some in filters for item in self._wire.list("leases/tenants", [*live, *some])]
            guests, broken = _guests(found)
            broken = [one for one in broken if one.id in wanted]
            self._people.update(guests)
            missing = sorted(wanted - self._people.keys() - {one.id for one in broken})
            more, also_broken = self.read_guests(of, missing)
            self._people.update((guest.id, guest) for guest in more)
            broken += also_broken
        return {one: self._people[one] for one in wanted & self._people.keys()}, broken

    # --- leases -------------------------------------------------------------------------------------------------------

    def bookings_within(self, of: Property, window: Window, /) -> BookingsRead:
        """Sources: Retrieve all leases, Retrieve all tenants. The leases that are active or to come; past ones have to
        be asked for by id."""
        items = self._shared.get("leases", of.id, lambda: self._note(self._wire.list("leases", _live_leases())))
        return self._bookings(of, (one for one in items if self._is_here(one, of)), [], window)

    def bookings_changed(self, of: Property, window: Window, /) -> BookingsRead:
        """Sources: Retrieve all leases, Retrieve a lease, Retrieve all tenants."""
        broken: list[BrokenRecord] = []
        items = self._changed_leases(of, window, broken)
        return self._bookings(of, (one for one in items if self._is_here(one, of)), broken)

    def bookings_by_id(self, of: Property, ids: Sequence[str], /) -> BookingsRead:
        """Sources: Retrieve a lease, Retrieve all leases, Retrieve all tenants."""
        broken: list[BrokenRecord] = []
        self._rental(of)
        here = {one for one in ids if self._property_of.get(one, of.id) == of.id}
        return self._bookings(of, self._leases_by_id(of, here, {of.id}, broken), broken)

    def _bookings(
        self, of: Property, items: Iterable[Json], broken: list[BrokenRecord], window: Window | None = None
    ) -> BookingsRead:
        """`window`: in which they are looked for, where everything is read."""
        today = self._today(of)
        leases: list[Json] = []
        bookings: list[Booking] = []
        for item in items:
            if not _is_of(item, of):
                continue
            try:
                lease = with_tenants(_LEASE.load(item))
                booking = booking_of(lease, of, self._kind(self._rental(of)), today)
            except (ValidationError, Unreadable) as problem:
                wrong = complaint(problem) if isinstance(problem, ValidationError) else sentence_of(problem)
                told = not_readable("The lease in Buildium", wrong)
                broken.append(BrokenRecord("booking", id_in(item), told, _status_alone(item)))
            else:
                if window is None or touches(booking, *window):
                    bookings.append(booking)
                    if booking.status in (BookingStatus.IN_HOUSE, BookingStatus.CONFIRMED):
                        leases.append(lease)
        guests, broken_guests = self._profiles(of, leases, everybody=window is not None)
        return BookingsRead(bookings, [*broken, *broken_guests], guests)

    def _is_here(self, item: Json, of: Property) -> bool:
        """Whether a lease that does not say in which property it is belongs into this one, by its unit."""
        self._rental(of)
        if number_of(item.get("PropertyId")) is not None or len(self._rentals) == 1:
            return True
        if number_of(item.get("UnitId")) is None:
            return of.id == min(self._rentals)
        return id_in(item, "UnitId") in {id_in(unit) for unit in self._units(of)}

    def _changed_leases(self, of: Property, updated: Window, broken: list[BrokenRecord]) -> list[Json]:
        """Those that count as updated, and those of the tenants who do; of all properties at once."""

        def read() -> tuple[list[Json], list[tuple[str, BrokenRecord]]]:
            self._rental(of)
            changed = self._wire.changed("leases", updated)
            seen = {id_in(item) for item in changed} | {"?"}
            others = {
                id_in(lease): place
                for tenant in self._changed_tenants(of, updated, "leases")
                for lease in _objects(tenant.get("Leases"))
                if (place := str(number_of(lease.get("PropertyId")) or of.id)) in self._rentals
                and lease.get("LeaseStatus") != "Past"
            }
            unreadable: list[BrokenRecord] = []
            more = self._leases_by_id(of, others.keys() - seen, set(others.values()), unreadable)
            changed = self._note([*changed, *more])
            where = {self._property_of.get(id_in(item), "") for item in changed} - {""}
            self._busy = tuple(sorted({*self._busy, *where}))
            self._changed_units |= {id_in(item, "UnitId") for item in changed if item.get("LeaseStatus") in _LIVE} - {
                "?"
            }
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
            found = {one: item for item in self._wire.list("leases", filters) if (one := id_in(item)) in wanted}
        for one in sorted(wanted - found.keys()):
            try:
                found.update((one, item) for item in self._lease(of, one))
            except PmsRefused as problem:
                if problem.status != 403:
                    raise
                broken.append(BrokenRecord("booking", one, NOT_GIVEN))
            except AnotherRecord:
                if len(wanted) == 1:
                    raise
                broken.append(BrokenRecord("booking", one, ANOTHER))
        return self._note(found.values())

    def _lease(self, of: Property, number: str) -> list[Json]:
        """One or none: a webhook does not say whose it is, so that every property asks."""

        def read() -> list[Json]:
            lease = self._wire.one("leases", number)
            return [] if lease is None else [lease]

        return self._shared.get(("lease", number), of.id, read)

    def _note(self, leases: Iterable[Json]) -> list[Json]:
        read = list(leases)
        self._property_of.update(
            (id_in(item), id_in(item, "PropertyId")) for item in read if number_of(item.get("PropertyId"))
        )
        return read

    def _today(self, of: Property) -> date:
        """The day at the property; in UTC where its time zone is unknown."""
        try:
            there = ZoneInfo(of.time_zone) if of.time_zone else None
        except (ZoneInfoNotFoundError, ValueError, OSError):
            there = None
        return self._clock().astimezone(there or UTC).date()


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


def _guests(items: Iterable[Json]) -> tuple[dict[str, Guest], list[BrokenRecord]]:
    tenants, broken = load_each(_TENANT, items, "guest", "The tenant in Buildium", id_in)
    guests: dict[str, Guest] = {}
    for tenant in tenants:
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
    number = number_of(item.get("PropertyId"))
    return number is None or str(number) == of.id


def _objects(several: Any) -> list[Json]:
    return [one for one in several if isinstance(one, dict)] if isinstance(several, list) else []
