"""Mews, by its Connector API.

Every operation is a POST with the tokens in its body; lists come newest first, in pages of at most 1000; time filters
take at most three months. Facts: Mews Connector API documentation (guidelines, and the operations named below).
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Any

from connectors.mergers import Mergers, Profiles
from connectors.mews.catalogue import places_of
from connectors.mews.companions import companions_of, people_of
from connectors.mews.enterprises import Enterprises
from connectors.mews.lately import Lately
from connectors.mews.selling import Selling
from connectors.mews.states import WITHOUT_GUESTS, status_alone, status_of
from connectors.mews.wire import UUID, CustomerSchema, Json, MewsWire, ReservationSchema, interval, mews_id, newest
from connectors.ports import BookingsRead, Reader, Window
from connectors.reading import all_wrong, load_each, not_readable, windows
from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Property, Room
from mappers.sentences import say

RESERVATIONS = "reservations/getAll/2023-06-06"
LONGEST_WINDOW = timedelta(days=89)
"""Mews refuses time filters over three months; the shortest three months have 89 days."""
MARGINS = timedelta(minutes=10)
"""By which a window of changes reaches beyond now and further back than the last run, on both sides together."""


_RESERVATION, _CUSTOMER = ReservationSchema(), CustomerSchema()


class MewsReader(Reader):
    """One run's reading of a Mews integration."""

    def __init__(
        self, wire: MewsWire, mergers: Mergers, enterprises: Enterprises | None = None, lately: Lately | None = None
    ):
        self._wire = wire
        self._mergers = mergers
        self._enterprises = enterprises or Enterprises()
        self._lately = lately or Lately()
        self._changed_customers: dict[str, tuple[Window, dict[str, Json]]] = {}
        """By property: those that have changed, by id, and in which window."""
        self._chains: dict[str, str] = {}
        self._selling = Selling(wire, self._lately)

    def close(self) -> None:
        self._wire.close()

    def could_be_id(self, kind: str, text: str, /) -> bool:
        return UUID.fullmatch(text) is not None

    # --- properties and rooms -----------------------------------------------------------------------------------------

    def read_properties(self) -> list[Property]:
        properties, self._chains = self._enterprises.read(self._wire)
        return properties

    def properties_lately(self) -> list[Property] | None:
        properties, self._chains = self._enterprises.lately() or (None, {})
        self._selling.is_content = properties is not None
        return properties

    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        """Sources: Get all resources, Get all resource categories, Get all resource category assignments."""
        return self._selling.rooms(of)

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        """Source: Get all resources, by ResourceIds."""
        items, refused = self._wire.read_by_id("resources/getAll", "Resources", places_of(of), "ResourceIds", ids)
        # Of what Mews takes for no id, it has not said that there is no such room.
        return {*(mews_id(item) for item in items), *refused}

    def changed_rooms(self, of: Property, window: Window, /) -> set[str]:
        """Source: Get all resources, by UpdatedUtc."""
        changed = self._changed("resources/getAll", "Resources", places_of(of), window)
        self._selling.is_content = self._selling.is_content and not changed
        return {mews_id(item) for item in changed} - {"?"}

    def _changed(self, operation: str, name: str, filters: Json, window: Window, by: str = "UpdatedUtc") -> list[Json]:
        return [
            item
            for part in windows(*window, LONGEST_WINDOW)
            for item in self._wire.read(operation, name, {**filters, by: interval(*part)})
        ]

    # --- guests -------------------------------------------------------------------------------------------------------

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        """Source: Get all customers, in batches of 1000 ids; `MergeTargetId` is followed."""
        asked = [mews_id({"Id": one}) for one in ids]
        read = self._profiles(of, asked)
        wanted = self._mergers.targets(asked)
        return [guest for guest in read.guests.values() if guest.id in wanted], read.broken

    def _profiles(self, of: Property, ids: Iterable[str]) -> Profiles:
        """The profiles that these ids stand for after all mergers."""
        read = Profiles()
        asked: set[str] = set()
        wanted = set(ids) - {"?"}
        while wanted:
            asked |= wanted
            at_hand = self._customers_at_hand(of, wanted)
            items, refused = self._wire.read_by_id(
                "customers/getAll", "Customers", self._customers(of), "CustomerIds", sorted(wanted - at_hand.keys())
            )
            self._lately.note_profiles(items)
            items = [*items, *map(dict, at_hand.values())]
            customers, broken = load_each(_CUSTOMER, items, "guest", "The profile in Mews", mews_id)
            reason = say("What Mews names as the guest is no id.")
            read.broken += [*broken, *(BrokenRecord("guest", one, reason) for one in refused)]
            wanted = set()
            for customer in customers:
                if self._mergers.note(customer["Id"], customer["MergeTargetId"]):
                    wanted.add(customer["MergeTargetId"])
                    continue
                read.born[customer["Id"]] = customer["BirthDate"]
                read.guests[customer["Id"]] = Guest(
                    id=customer["Id"],
                    first_name=customer["FirstName"] or "",
                    last_name=customer["LastName"] or "",
                    email=customer["Email"],
                    phone=customer["Phone"],
                )
            wanted -= asked
        read.guests = self._mergers.told(read.guests)
        return read

    def _customers_at_hand(self, of: Property, ids: Iterable[str]) -> Mapping[str, Json]:
        """Those of these that a run over changes need not ask for: they stand in its list of changes, or were read so
        short a time ago that whatever has changed since would stand there."""
        if of.id not in self._changed_customers:
            return {}
        (start, end), changed = self._changed_customers[of.id]
        known = self._lately.profiles(ids, (end - start - MARGINS).total_seconds())
        return known | {one: changed[one] for one in ids if one in changed}

    def _customers(self, of: Property) -> dict[str, Any]:
        filters: dict[str, Any] = {
            "Extent": {"Customers": True, "Addresses": False},
            # A merged or deleted profile is inactive, and would be left out otherwise.
            "ActivityStates": ["Active", "Deleted"],
        }
        if of.id in self._chains:
            filters["ChainIds"] = [self._chains[of.id]]
        return filters

    def changed_guests(self, of: Property, window: Window, /) -> set[str]:
        """Source: Get all customers, by UpdatedUtc. Profiles are the chain's, so more than this property's come. Read
        once a run."""
        known = self._changed_customers.get(of.id)
        if known is None or known[0] != window:
            items = self._changed("customers/getAll", "Customers", self._customers(of), window)
            for item in items:
                one, target = mews_id(item), mews_id(item, "MergeTargetId")
                if "?" not in (one, target):
                    self._mergers.note(one, target)
            known = self._changed_customers[of.id] = window, newest(items)
        return set(known[1])

    # --- bookings -----------------------------------------------------------------------------------------------------

    def bookings_within(self, of: Property, window: Window, /) -> BookingsRead:
        return self._listed(of, window, "CollidingUtc")

    def bookings_changed(self, of: Property, window: Window, /) -> BookingsRead:
        # Before: it says whose profiles need not be asked for.
        self.changed_guests(of, window)
        return self._listed(of, window, "UpdatedUtc")

    def _listed(self, of: Property, window: Window, by: str) -> BookingsRead:
        """Sources: Get all reservations (ver 2023-06-06), Get all companionships, Get all customers."""
        found = self._changed(RESERVATIONS, "Reservations", {"EnterpriseIds": [of.id]}, window, by)
        return self._bookings(of, [*newest(found).values(), *(item for item in found if mews_id(item) == "?")])

    def bookings_by_id(self, of: Property, ids: Sequence[str], /) -> BookingsRead:
        """Sources: the same."""
        found, refused = self._wire.read_by_id(
            RESERVATIONS, "Reservations", {"EnterpriseIds": [of.id]}, "ReservationIds", ids
        )
        items, nameless = newest(found), [item for item in found if mews_id(item) == "?"]
        read = self._bookings(of, [*items.values(), *nameless])
        read.broken.extend(
            BrokenRecord("booking", one, say("Mews takes this for no id of a reservation.")) for one in refused
        )
        asked = {mews_id({"Id": one}): one for one in ids}
        if nameless or items.keys() - asked.keys():
            # One of them may be what was asked for and not found: nobody can tell.
            reason = say("Mews, asked for this reservation, answered with others.")
            lost = asked.keys() - items.keys() - set(refused)
            read.broken.extend(BrokenRecord("booking", asked[one], reason) for one in sorted(lost))
        return read

    def _bookings(self, of: Property, items: Sequence[Json]) -> BookingsRead:
        if not items:
            return BookingsRead()
        loaded: list[tuple[dict[str, Any], BookingStatus]] = []
        reservations, broken = load_each(
            _RESERVATION, items, "booking", "The reservation in Mews", mews_id, status_alone
        )
        for reservation in reservations:
            missing = [
                name
                for name, old in (("ScheduledStartUtc", "StartUtc"), ("ScheduledEndUtc", "EndUtc"))
                if reservation[name] is None and reservation[old] is None
            ]
            if missing:
                reason = not_readable(
                    "The reservation in Mews", all_wrong([say("has no {name}", name=one) for one in missing])
                )
                broken.append(BrokenRecord("booking", reservation["Id"], reason, status_alone(reservation)))
                continue
            loaded.append((reservation, status_of(reservation)))
        categories = {one["RequestedResourceCategoryId"] or "" for one, _ in loaded}
        kinds = self._selling.kinds(of, categories, over_changes=of.id in self._changed_customers)
        staying = [reservation for reservation, status in loaded if status not in WITHOUT_GUESTS]
        companions, unclear = companions_of(self._wire, of, staying)
        for reservation, status in loaded:
            if reservation["Id"] in unclear:
                broken.append(BrokenRecord("booking", reservation["Id"], unclear[reservation["Id"]], status))
        loaded = [one for one in loaded if one[0]["Id"] not in unclear]
        people = {
            reservation["Id"]: people_of(reservation, companions.get(reservation["Id"], ())) for reservation in staying
        }
        profiles = self._profiles(of, {one for several in people.values() for one in several})
        bookings = []
        for reservation, status in loaded:
            arrival = reservation["ScheduledStartUtc"] or reservation["StartUtc"]
            owner = reservation["AccountType"] != "Company" and reservation["AccountId"]
            present = self._mergers.targets(people.get(reservation["Id"], ()))
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
                    requested_kind=kinds.get(reservation["RequestedResourceCategoryId"] or ""),
                    guest_ids=present,
                    child_ids=profiles.children(present, arrival, but_first=bool(owner)),
                    primary_is_any=reservation["AccountType"] == "Company",
                    actual_arrival=reservation["ActualStartUtc"],
                )
            )
        guests = {
            one: profiles.guests[one] for booking in bookings for one in booking.guest_ids if one in profiles.guests
        }
        return BookingsRead(bookings, [*broken, *profiles.broken], guests)
