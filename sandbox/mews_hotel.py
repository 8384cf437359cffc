"""A simulated Mews account that speaks the Connector API: one or several properties behind one access token.

It refuses what Mews refuses: other verbs and paths, loose JSON, missing tokens, lists without a Limitation, windows
over three months, more than 1000 ids, more than 200 requests in 30 seconds. Lists come newest first. State is in
memory, behind one lock, and is changed by methods named after what staff do at the desk; each change is told by a
webhook, once there is somebody to tell. Facts: Mews Connector API documentation.

It stands in one file: what staff do, what the API answers and what is refused are three views of the same records.
"""

import json
import random
import time
import uuid
from calendar import monthrange
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sandbox import server
from sandbox.http import Answer
from sandbox.server import MISSING, Json, Refusal, Request, SimulatedPms
from sandbox.sparse import Sparse

_PREFIX = "/api/connector/v1/"


@dataclass(slots=True)
class Faults(server.Faults):
    timeout: float = 0.0
    """408: the question is too heavy."""
    refuse_tokens: bool = False
    lose_rows_by_id_too: bool = False
    lose_answer: float = 0.0
    """The work is done, and the connection breaks before the answer."""
    lose_answers_of: Counter[str] = field(default_factory=Counter)
    """The same for the next so many answers of an operation."""
    not_granted: frozenset[str] = frozenset()
    """Operations that the integration has no right to: 401."""


class MewsHotel(SimulatedPms):
    """One account."""

    faults: Faults
    down_page = (b"down", "text/plain")

    def __init__(
        self,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 7,
        portfolio: bool = False,
        rate_limit: int | None = 200,
        clock: Callable[[], float] = time.monotonic,
        record: bool = False,
    ):
        super().__init__(now, random.Random(seed + 1), rate_limit, 30, clock, record)
        self.portfolio = portfolio
        self.sparse = Sparse(
            frozenset({"Enterprises", "Services", "Resources", "ResourceCategories", "ResourceCategoryAssignments"})
            | frozenset({"Reservations", "Customers", "Companionships", "ResourceAccessTokens", "ServiceOrderNotes"}),
            frozenset({"ChainName", "ShortName", "Address", "Descriptions", "ExternalNames", "Options", "Origin"})
            | frozenset({"StartUtc", "EndUtc", "PersonCounts", "Number", "Capacity", "ShortNames"}),
        )
        self.client_token = "SANDBOX-CLIENT-TOKEN"
        self.access_token = "SANDBOX-ACCESS-TOKEN"
        self.faults = Faults()
        self.enterprises: dict[str, Json] = {}
        self.services: dict[str, Json] = {}
        self.categories: dict[str, Json] = {}
        self.resources: dict[str, Json] = {}
        self.assignments: dict[str, Json] = {}
        self.customers: dict[str, Json] = {}
        self.companies: dict[str, Json] = {}
        self.reservations: dict[str, Json] = {}
        self.companionships: dict[str, Json] = {}
        self.access_tokens: dict[str, Json] = {}
        self.notes: dict[str, Json] = {}
        self.keeps_serial_numbers = True
        """Mews does not say whether a PIN code's `SerialNumber` stays."""
        self._random = random.Random(seed)
        self._numbers = 1000
        self._texts: dict[str, str] = {}
        self.chain_id = self._id()
        self.webhook_url: str | None = None
        """Complete, with the token that Mews appends: its webhooks carry no signature."""
        # Not from the house's own randomness: the same seed keeps making the same house.
        self.integration_id = str(uuid.UUID(int=random.Random(seed + 2).getrandbits(128), version=4))

    # --- what the house consists of ---------------------------------------------------------------------------------

    def add_property(
        self, name: str = "Hotel Alpenblick", zone: str = "Europe/Vienna", country: str | None = "AT"
    ) -> str:
        return self._add(
            self.enterprises,
            ChainId=self.chain_id,
            ChainName="Alpen Hotels",
            Name=name,
            **_empty("ShortName", "ExternalIdentifier", "Phone"),
            TimeZoneIdentifier=zone,
            LinkedUtc=_utc(self.now()),
            Email="info@hotel.example",
            AddressId=self._id(),
            Address={"Id": self._id(), "Line1": "Seestr. 1", "City": "Innsbruck", "CountryCode": country},
        )

    def add_service(
        self,
        enterprise_id: str,
        name: str = "Accommodation",
        start: str = "P0M0DT15H0M0S",
        end: str = "P0M0DT11H0M0S",
        bookable: bool = True,
    ) -> str:
        value = {"StartOffset": start, "EndOffset": end, "TimeUnitPeriod": "Day"} if bookable else {}
        return self._add(
            self.services,
            EnterpriseId=enterprise_id,
            IsActive=True,
            Names={"en-US": name},
            Data={"Discriminator": "Bookable" if bookable else "Additional", "Value": value},
            ExternalIdentifier=None,
        )

    def add_category(self, service_id: str, kind: str = "Room", name: str = "Double") -> str:
        return self._add(
            self.categories,
            EnterpriseId=self.services[service_id]["EnterpriseId"],
            ServiceId=service_id,
            IsActive=True,
            Type=kind,
            Names={"en-US": name},
            ShortNames={},
            Capacity=2,
            ExternalIdentifier=None,
        )

    def add_room(
        self,
        enterprise_id: str,
        name: str,
        category_id: str | None,
        parent: str | None = None,
        active: bool = True,
        discriminator: str = "Space",
    ) -> str:
        room_id = self._add(
            self.resources,
            EnterpriseId=enterprise_id,
            IsActive=active,
            ParentResourceId=parent,
            Name=name,
            State="Clean",
            Descriptions={},
            Data={"Discriminator": discriminator, "Value": {"FloorNumber": name[:1], "LocationNotes": None}},
            ExternalNames={},
            Directions={},
        )
        if category_id is not None:
            self._add(self.assignments, ResourceId=room_id, CategoryId=category_id, IsActive=True)
        return room_id

    def add_customer(
        self, first: str = "Jana", last: str = "Novak", email: str | None = None, phone: str | None = None
    ) -> str:
        return self._add(
            self.customers,
            ChainId=self.chain_id,
            Number=str(len(self.customers) + 1),
            FirstName=first,
            LastName=last,
            **_empty("SecondLastName", "CompanyId", "MergeTargetId"),
            Email=email,
            HasOtaEmail=False,
            Phone=phone,
            IsActive=True,
            Classifications=[],
            Options=[],
        )

    def add_company(self, name: str = "Acme") -> str:
        return self._add(self.companies, Name=name)

    # --- what happens at the desk -----------------------------------------------------------------------------------

    def book(
        self,
        owner: str,
        category_id: str,
        arrival: datetime,
        departure: datetime,
        room: str | None = None,
        state: str = "Confirmed",
        companions: Iterable[str] = (),
        group: str | None = None,
    ) -> str:
        """A reservation of one room; returns its id."""
        with self._lock:
            self._numbers += 1
            reservation_id = self._add(
                self.reservations,
                ServiceId=self.categories[category_id]["ServiceId"],
                AccountId=owner,
                AccountType="Company" if owner in self.companies else "Customer",
                **_empty("BookerId", "CancelledUtc", "CancellationReason", "ChannelNumber"),
                **_empty("ReleasedUtc", "ActualStartUtc", "ActualEndUtc"),
                Number=str(self._numbers),
                State=state,
                Origin="ChannelManager",
                Options={"OwnerCheckedIn": False},
                GroupId=group or self._id(),
                RequestedResourceCategoryId=category_id,
                AssignedResourceId=room,
                AssignedResourceLocked=False,
                ScheduledStartUtc=_utc(arrival),
                ScheduledEndUtc=_utc(departure),
                StartUtc=_utc(arrival),
                EndUtc=_utc(departure),
                PersonCounts=[],
            )
            for customer in companions:
                self.add_companion(reservation_id, customer)
            return reservation_id

    def assign(self, reservation_id: str, room: str | None) -> None:
        self._change(self.reservations, reservation_id, AssignedResourceId=room)

    def move_dates(
        self, reservation_id: str, arrival: datetime | None = None, departure: datetime | None = None
    ) -> None:
        fields: dict[str, str] = {}
        if arrival is not None:
            fields.update(ScheduledStartUtc=_utc(arrival), StartUtc=_utc(arrival))
        if departure is not None:
            fields.update(ScheduledEndUtc=_utc(departure), EndUtc=_utc(departure))
        self._change(self.reservations, reservation_id, **fields)

    def check_in(self, reservation_id: str, at: datetime | None = None) -> None:
        moment = _utc(at or self.now())
        self._change(self.reservations, reservation_id, State="Started", ActualStartUtc=moment, StartUtc=moment)

    def undo_check_in(self, reservation_id: str) -> None:
        self._change(self.reservations, reservation_id, State="Confirmed", ActualStartUtc=None)

    def check_out(self, reservation_id: str, at: datetime | None = None) -> None:
        moment = _utc(at or self.now())
        self._change(self.reservations, reservation_id, State="Processed", ActualEndUtc=moment, EndUtc=moment)

    def cancel(self, reservation_id: str, reason: str = "Other") -> None:
        """`NoShow` is the reason of a guest who did not come."""
        fields = {"CancellationReason": reason, "CancelledUtc": _utc(self.now())}
        self._change(self.reservations, reservation_id, State="Canceled", **fields)

    def reinstate(self, reservation_id: str) -> None:
        self._change(self.reservations, reservation_id, State="Confirmed", CancellationReason=None, CancelledUtc=None)

    def set_state(self, reservation_id: str, word: str) -> None:
        self._change(self.reservations, reservation_id, State=word)

    def change_owner(self, reservation_id: str, customer_id: str) -> None:
        self._change(self.reservations, reservation_id, AccountId=customer_id, AccountType="Customer")

    def add_companion(self, reservation_id: str, customer_id: str, whole_group: bool = False) -> str:
        """Mews has no event for this: the reservation does not count as updated."""
        return self._add(
            self.companionships,
            CustomerId=customer_id,
            ReservationId=None if whole_group else reservation_id,
            ReservationGroupId=self.reservations[reservation_id]["GroupId"],
        )

    def remove_companion(self, reservation_id: str, customer_id: str) -> None:
        with self._lock:
            for key, item in list(self.companionships.items()):
                if (item["ReservationId"], item["CustomerId"]) == (reservation_id, customer_id):
                    del self.companionships[key]

    def edit(self, kind: str, item_id: str, **fields: Any) -> None:
        """Fields in Mews's spelling; `kind` is `reservations`, `resources` or `customers`."""
        self._change(getattr(self, kind), item_id, **fields)

    def edit_customer(self, customer_id: str, **fields: Any) -> None:
        """FirstName, Email, Phone, ..."""
        self.edit("customers", customer_id, **fields)

    def merge_customers(self, customer_id: str, into: str) -> None:
        self._change(self.customers, customer_id, MergeTargetId=into, IsActive=False)

    def rename_room(self, room_id: str, name: str) -> None:
        self._change(self.resources, room_id, Name=name)

    def retire_room(self, room_id: str) -> None:
        self._change(self.resources, room_id, IsActive=False)

    def tokens_of(self, reservation_id: str) -> list[Json]:
        """The access tokens that count, the oldest first: what the hotel tells the guest."""
        with self._lock:
            return [
                dict(item)
                for item in self.access_tokens.values()
                if item["ServiceOrderId"] == reservation_id and item["IsActive"]
            ]

    def notes_of(self, reservation_id: str) -> list[str]:
        """The texts of a reservation's notes, the oldest first."""
        with self._lock:
            return [str(item["Text"]) for item in self.notes.values() if item["OrderId"] == reservation_id]

    def write_note(self, reservation_id: str, text: str) -> str:
        return self._add(self.notes, OrderId=reservation_id, Text=text, Type="General")

    def delete_reservation(self, reservation_id: str) -> None:
        """Gone without a trace; Mews does not do this, other PMSs do."""
        with self._lock:
            del self.reservations[reservation_id]

    def corrupt(self, kind: str, item_id: str, field: str, value: Any = MISSING) -> None:
        """Makes a record that cannot be read; `kind` is `reservations`, `resources` or `customers`."""
        with self._lock:
            items: dict[str, Json] = getattr(self, kind)
            items[item_id]["UpdatedUtc"] = _utc(self.now() + self.clock_skew)
            if value is MISSING:
                items[item_id].pop(field, None)
            else:
                items[item_id][field] = value
            self._texts.pop(item_id, None)
            self._tell(items, item_id, "Updated")

    # --- the API ----------------------------------------------------------------------------------------------------

    def more_faults(self) -> Iterator[tuple[float, Refusal]]:
        yield self.faults.timeout, Refusal(408, "The request timed out")

    def loses_answer(self, request: Request, luck: float) -> bool:
        operation = request.path.removeprefix(_PREFIX)
        if self.faults.lose_answers_of[operation] > 0:
            self.faults.lose_answers_of[operation] -= 1
            return True
        return luck > 1 - self.faults.lose_answer

    def refused(self, refusal: Refusal) -> Answer:
        told = {"Message": str(refusal), "RequestId": f"sandbox-{self._count}", "Details": None}
        return Answer(refusal.status, json.dumps(told).encode())

    def answer(self, request: Request) -> Answer:
        text = self._text_of(request.method, request.path, request.body)
        if self.sparse.share:
            text = json.dumps(self.sparse.thinned(json.loads(text)))
        return Answer(200, text.encode())

    def _text_of(self, method: str, path: str, body: bytes) -> str:
        lists: dict[str, Callable[[Json], str]] = {
            "enterprises/getAll": self._enterprises,
            "services/getAll": self._services,
            "resources/getAll": self._resources,
            "resourceCategories/getAll": self._categories,
            "resourceCategoryAssignments/getAll": self._assignments,
            "reservations/getAll/2023-06-06": self._reservations,
            "customers/getAll": self._customers,
            "companionships/getAll": self._companionships,
            "configuration/get": self._configuration,
            "resourceAccessTokens/getAll": self._access_tokens,
            "resourceAccessTokens/add": self._add_access_tokens,
            "resourceAccessTokens/update": self._update_access_tokens,
            "resourceAccessTokens/delete": self._delete_access_tokens,
            "reservations/start": self._start,
            "serviceOrderNotes/getAll": self._notes,
            "serviceOrderNotes/add": self._add_notes,
            "serviceOrderNotes/update": self._update_notes,
            "serviceOrderNotes/delete": self._delete_notes,
        }
        operation = path.removeprefix(_PREFIX)
        if method != "POST" or not path.startswith(_PREFIX) or operation not in lists:
            raise Refusal(404, "Not found")
        self.calls[operation] += 1
        try:
            question = json.loads(body)
        except ValueError:
            raise Refusal(400, "Invalid JSON") from None
        if not isinstance(question, dict):
            raise Refusal(400, "Invalid JSON")
        for name in ("ClientToken", "AccessToken", "Client"):
            _expect(isinstance(question.get(name), str) and question[name], name)
        tokens = question["ClientToken"], question["AccessToken"]
        if self.faults.refuse_tokens or tokens != (self.client_token, self.access_token):
            raise Refusal(401, "Invalid AccessToken")
        if operation in self.faults.not_granted:
            raise Refusal(401, "The operation is not granted")
        _expect(("LanguageCode" in question) == ("CultureCode" in question), "LanguageCode")
        self.count_against_limit()
        if self.record:
            hidden = {"ClientToken", "AccessToken"}
            self.requests.append((operation, {name: value for name, value in question.items() if name not in hidden}))
        return lists[operation](question)

    def _configuration(self, question: Json) -> str:
        enterprise = next(iter(self.enterprises.values()))
        return json.dumps({"NowUtc": _utc(self.now() + self.clock_skew), "Enterprise": enterprise, "Service": None})

    def _enterprises(self, question: Json) -> str:
        return self._page("Enterprises", question, self.enterprises.values(), [_ids(question, "EnterpriseIds", "Id")])

    def _services(self, question: Json) -> str:
        tests = [self._enterprise(question), _window(question, "UpdatedUtc")]
        return self._page("Services", question, self.services.values(), tests)

    def _resources(self, question: Json) -> str:
        extent = _object_of(question, "Extent")
        tests = [
            self._enterprise(question),
            _ids(question, "ResourceIds", "Id"),
            _ids(question, "Names", "Name"),
            _window(question, "UpdatedUtc"),
            None if extent.get("Inactive") else lambda item: bool(item.get("IsActive")),
        ]
        items = self.resources.values() if extent.get("Resources") else ()
        return self._page("Resources", question, items, tests)

    def _categories(self, question: Json) -> str:
        _require(question, "ServiceIds")
        tests = [self._enterprise(question), _ids(question, "ServiceIds", "ServiceId"), _window(question, "UpdatedUtc")]
        return self._page("ResourceCategories", question, self.categories.values(), tests)

    def _assignments(self, question: Json) -> str:
        _require(question, "ResourceCategoryIds")
        tests = [_ids(question, "ResourceCategoryIds", "CategoryId"), _window(question, "UpdatedUtc")]
        return self._page("ResourceCategoryAssignments", question, self.assignments.values(), tests)

    def _reservations(self, question: Json) -> str:
        colliding = _interval(question, "CollidingUtc")
        by_id = _ids(question, "ReservationIds", "Id")
        enterprises = question.get("EnterpriseIds")
        tests = [
            by_id,
            None
            if enterprises is None
            else lambda item: self.services.get(item.get("ServiceId", ""), {}).get("EnterpriseId") in enterprises,
            _ids(question, "ReservationGroupIds", "GroupId"),
            *(_ids(question, f"{name}s", name) for name in ("ServiceId", "AccountId", "AssignedResourceId")),
            *(_ids(question, f"{name}s", name) for name in ("State", "Number")),
            *(_window(question, f"{name}Utc") for name in ("Created", "Updated", "ScheduledStart", "ScheduledEnd")),
        ]
        if colliding is not None:
            start, end = colliding

            def collides(item: Json) -> bool:
                arrival = item.get("StartUtc") or item.get("ScheduledStartUtc") or ""
                departure = item.get("EndUtc") or item.get("ScheduledEndUtc") or "9"
                return str(arrival) < end and str(departure) > start

            tests.append(collides)
        ids = question.get("ReservationIds")
        items: Iterable[Json] = (
            (self.reservations[one] for one in self._in_order(ids)) if ids else self.reservations.values()
        )
        lost = self.faults.lose_rows
        if lost and (by_id is None or self.faults.lose_rows_by_id_too):
            tests.append(lambda item: self._luck.random() >= lost)
        return self._page("Reservations", question, items, tests)

    def _start(self, question: Json) -> str:
        """Marks a reservation as started. What stands against it is a 403 with a sentence."""
        unknown = question.keys() - {"ClientToken", "AccessToken", "Client", "EnterpriseId", "ReservationId"}
        if unknown:
            raise Refusal(400, f"Invalid {', '.join(sorted(unknown))}")
        reservation = _known(self.reservations, question.get("ReservationId"), "ReservationId")
        if reservation["State"] != "Confirmed":
            raise Refusal(403, "Only a confirmed reservation can be started")
        if reservation["AssignedResourceId"] is None:
            raise Refusal(403, "The reservation has no space assigned")
        if reservation["ScheduledStartUtc"] > _utc(self.now()):
            raise Refusal(403, "The reservation starts in the future")
        self.check_in(reservation["Id"])
        return "{}"

    def _in_order(self, ids: Iterable[str]) -> list[str]:
        return sorted(
            (one for one in ids if one in self.reservations), key=lambda one: self.reservations[one]["_order"]
        )

    def _customers(self, question: Json) -> str:
        extent = _object_of(question, "Extent")
        times, names = ("CreatedUtc", "UpdatedUtc", "DeletedUtc"), ("Emails", "FirstNames", "LastNames", "CompanyIds")
        _require(question, "CustomerIds", *times, *names)
        if self.portfolio:
            _require(question, "ChainIds")
        states = _states(question.get("ActivityStates") or ["Active"])
        tests = [
            _ids(question, "CustomerIds", "Id"),
            _ids(question, "Emails", "Email"),
            _window(question, "CreatedUtc"),
            _window(question, "UpdatedUtc"),
            lambda item: ("Active" if item.get("IsActive") else "Deleted") in states,
        ]
        items = self.customers.values() if extent.get("Customers") else ()
        return self._page("Customers", question, items, tests)

    def _companionships(self, question: Json) -> str:
        _object_of(question, "Extent")
        _require(question, "ReservationIds", "CompanionshipIds", "CustomerIds", "ReservationGroupIds")
        tests = [
            _ids(question, "CompanionshipIds", "Id"),
            *(_ids(question, f"{name}s", name) for name in ("CustomerId", "ReservationId", "ReservationGroupId")),
        ]
        return self._page("Companionships", question, self.companionships.values(), tests, newest_first=False)

    def _access_tokens(self, question: Json) -> str:
        _require(question, "ResourceAccessTokenIds", "ServiceOrderIds", "CollidingUtc", "UpdatedUtc")
        states = _states(question.get("ActivityStates", ["Active"]))
        tests = [
            self._enterprise(question),
            _ids(question, "ResourceAccessTokenIds", "Id"),
            _ids(question, "ServiceOrderIds", "ServiceOrderId"),
            _window(question, "UpdatedUtc"),
            lambda item: ("Active" if item["IsActive"] else "Deleted") in states,
        ]
        colliding = _interval(question, "CollidingUtc")
        if colliding is not None:
            start, end = colliding

            def is_valid(item: Json) -> bool:
                begins, ends = (datetime.fromisoformat(item[f"Validity{side}Utc"]) for side in ("Start", "End"))
                return _utc(begins) < end and _utc(ends) > start

            tests.append(is_valid)
        return self._page("ResourceAccessTokens", question, self.access_tokens.values(), tests)

    def _add_access_tokens(self, question: Json) -> str:
        """All of them, or none."""
        given = _objects(question, "ResourceAccessTokenParameters")
        for one in given:
            enterprise_id = self._enterprise_of(one.get("ServiceOrderId"))
            resource = _known(self.resources, one.get("ResourceId"), "ResourceId")
            _expect(resource["EnterpriseId"] == enterprise_id, "ResourceId")
            companionship_id = one.get("CompanionshipId")
            _expect(companionship_id is None or companionship_id in self.companionships, "CompanionshipId")
            _expect(one.get("Type") in ("PinCode", "RfidTag"), "Type")
            _expect(1 <= len(_text_of(one, "Value")) <= 255, "Value")
            _expect(isinstance(one.get("SerialNumber"), str | None), "SerialNumber")
            _validity(one.get("ValidityStartUtc"), one.get("ValidityEndUtc"))
            _permissions(one.get("Permissions"))
        added = []
        for one in given:
            start, end = _validity(one["ValidityStartUtc"], one["ValidityEndUtc"])
            added.append(
                self._add(
                    self.access_tokens,
                    EnterpriseId=self._enterprise_of(one["ServiceOrderId"]),
                    ServiceOrderId=one["ServiceOrderId"],
                    CompanionshipId=one.get("CompanionshipId"),
                    ResourceId=one["ResourceId"],
                    Type=one["Type"],
                    Value=one["Value"],
                    SerialNumber=one.get("SerialNumber") if self.keeps_serial_numbers else None,
                    ValidityStartUtc=start,
                    ValidityEndUtc=end,
                    IsActive=True,
                    Permissions=_permissions(one["Permissions"]),
                )
            )
        return self._listed("ResourceAccessTokens", self.access_tokens, added)

    def _update_access_tokens(self, question: Json) -> str:
        if self.portfolio:
            _require(question, "EnterpriseId")
        given = _objects(question, "ResourceAccessTokenUpdates")
        changes: list[tuple[str, Json]] = []
        for one in given:
            token = self._live_token(one.get("ResourceAccessTokenId"), "ResourceAccessTokenId")
            _expect(not self.portfolio or token["EnterpriseId"] == question["EnterpriseId"], "EnterpriseId")
            start, end = _validity(
                _new_value(one, "ValidityStartUtc", token["ValidityStartUtc"]),
                _new_value(one, "ValidityEndUtc", token["ValidityEndUtc"]),
            )
            value = _new_value(one, "Value", token["Value"])
            _expect(isinstance(value, str) and 1 <= len(value) <= 255, "Value")
            change: Json = {"ValidityStartUtc": start, "ValidityEndUtc": end, "Value": value}
            if one.get("Permissions") is not None:
                change["Permissions"] = _permissions(one["Permissions"])
            changes.append((token["Id"], change))
        for token_id, change in changes:
            self._change(self.access_tokens, token_id, **change)
        return self._listed("ResourceAccessTokens", self.access_tokens, [token_id for token_id, _ in changes])

    def _delete_access_tokens(self, question: Json) -> str:
        _require(question, "Ids")
        _ids(question, "Ids", "Id")
        tokens = [self._live_token(one, "Ids") for one in question["Ids"]]
        for token in tokens:
            self._change(self.access_tokens, token["Id"], IsActive=False)
        return "{}"

    def _live_token(self, token_id: Any, name: str) -> Json:
        token = _known(self.access_tokens, token_id, name)
        _expect(token["IsActive"], name)
        return token

    def _enterprise_of(self, reservation_id: Any) -> str:
        reservation = _known(self.reservations, reservation_id, "ServiceOrderId")
        return str(self.services[reservation["ServiceId"]]["EnterpriseId"])

    def _notes(self, question: Json) -> str:
        _require(question, "ServiceOrderIds")
        enterprises = question.get("EnterpriseIds")
        tests = [
            _ids(question, "ServiceOrderIds", "OrderId"),
            _ids(question, "ServiceOrderNoteIds", "Id"),
            _window(question, "UpdatedUtc"),
            None if enterprises is None else lambda item: self._enterprise_of(item["OrderId"]) in enterprises,
        ]
        self._enterprise(question)
        return self._page("ServiceOrderNotes", question, self.notes.values(), tests)

    def _add_notes(self, question: Json) -> str:
        given = _objects(question, "ServiceOrderNotes")
        for one in given:
            self._enterprise_of(one.get("ServiceOrderId"))
            _expect(_text_of(one, "Text"), "Text")
        added = [self.write_note(one["ServiceOrderId"], one["Text"]) for one in given]
        return self._listed("ServiceOrderNotes", self.notes, added)

    def _update_notes(self, question: Json) -> str:
        """The documents' table says `ServiceOrderNoteId`, an older sample `Id`: only the first is taken."""
        given = _objects(question, "ServiceOrderNoteUpdates")
        for one in given:
            _known(self.notes, one.get("ServiceOrderNoteId"), "ServiceOrderNoteId")
            _expect(_new_value(one, "Text", "unchanged"), "Text")
        for one in given:
            note = self.notes[one["ServiceOrderNoteId"]]
            self._change(self.notes, note["Id"], Text=_new_value(one, "Text", note["Text"]))
        return self._listed("ServiceOrderNotes", self.notes, [one["ServiceOrderNoteId"] for one in given])

    def _delete_notes(self, question: Json) -> str:
        _require(question, "ServiceOrderNoteIds")
        _ids(question, "ServiceOrderNoteIds", "Id")
        _expect(self.notes.keys() >= set(question["ServiceOrderNoteIds"]), "ServiceOrderNoteIds")
        for one in set(question["ServiceOrderNoteIds"]):
            del self.notes[one]
            self._texts.pop(one, None)
        return "{}"

    def _listed(self, name: str, items: Mapping[str, Json], ids: Iterable[str]) -> str:
        return f'{{"{name}":[{",".join(self._text(items[one]) for one in ids)}]}}'

    def _enterprise(self, question: Json) -> Callable[[Json], bool] | None:
        for enterprise_id in question.get("EnterpriseIds") or ():
            _expect(enterprise_id in self.enterprises, "EnterpriseIds")
        return _ids(question, "EnterpriseIds", "EnterpriseId")

    def _page(
        self,
        name: str,
        question: Json,
        items: Iterable[Json],
        tests: Iterable[Callable[[Json], bool] | None],
        newest_first: bool = True,
    ) -> str:
        limitation = _object_of(question, "Limitation")
        count, cursor = limitation.get("Count"), limitation.get("Cursor")
        _expect(isinstance(count, int) and 1 <= count <= 1000, "Limitation.Count")
        checks = [test for test in tests if test is not None]
        found = [item for item in items if all(check(item) for check in checks)]
        if newest_first:
            found.reverse()
        if cursor is not None:
            ids = [item.get("Id") for item in found]
            _expect(cursor in ids, "Limitation.Cursor")
            found = found[ids.index(cursor) + 1 :]
        page = found[:count]
        last = json.dumps(page[-1].get("Id")) if page else "null"
        return f'{{"{name}":[{",".join(self._text(item) for item in page)}],"Cursor":{last}}}'

    def _text(self, item: Json) -> str:
        key = item.get("Id") or ""
        text = self._texts.get(key)
        if text is None:
            text = json.dumps({name: value for name, value in item.items() if name != "_order"})
            if key:
                self._texts[key] = text
        return text

    def _add(self, items: dict[str, Json], **fields: Any) -> str:
        with self._lock:
            item_id = self._id()
            now = _utc(self.changed_at())
            items[item_id] = {"Id": item_id, "CreatedUtc": now, "UpdatedUtc": now, **fields, "_order": len(items)}
            self._tell(items, item_id, "Added")
            return item_id

    def _change(self, items: dict[str, Json], item_id: str, **fields: Any) -> None:
        with self._lock:
            items[item_id].update(fields, UpdatedUtc=_utc(self.changed_at()))
            self._texts.pop(item_id, None)
            self._tell(items, item_id, "Updated")

    def _tell(self, items: dict[str, Json], item_id: str, what: str) -> None:
        """Ids only. Mews says `Updated` of new bookings and rooms too, and nothing at all of companions."""
        if self.webhook_url is None or self.sender is None:
            return
        item = items[item_id]
        # A guest's profile belongs to the whole chain, a message to one property.
        properties = list(self.enterprises)
        if items is self.reservations:
            event = "ServiceOrderUpdated"
            service = self.services.get(item.get("ServiceId", ""))
            properties = [service["EnterpriseId"]] if service else properties
        elif items is self.resources:
            event = "ResourceUpdated"
            properties = [item["EnterpriseId"]] if "EnterpriseId" in item else properties
        elif items is self.customers:
            event = f"Customer{what}"
        else:
            return
        for property_id in properties:
            message = {
                "EnterpriseId": property_id,
                "IntegrationId": self.integration_id,
                "Events": [{"Discriminator": event, "Value": {"Id": item_id}}],
            }
            self.sender.send(self.webhook_url, json.dumps(message).encode(), {"Content-Type": "application/json"})

    def _id(self) -> str:
        return str(uuid.UUID(int=self._random.getrandbits(128), version=4))


def _empty(*names: str) -> Json:
    """Fields that are there, and say nothing yet."""
    return dict.fromkeys(names)


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _expect(is_valid: object, name: str) -> None:
    """Raises the refusal of a field that is not as it has to be."""
    if not is_valid:
        raise Refusal(400, f"Invalid {name}")


def _require(question: Json, *names: str) -> None:
    """At least one of these has to be there."""
    _expect(any(question.get(name) for name in names), names[0])


def _object_of(question: Json, name: str) -> Json:
    found = question.get(name)
    if not isinstance(found, dict):
        raise Refusal(400, f"Invalid {name}")
    return found


def _known(items: Mapping[str, Json], item_id: Any, name: str) -> Json:
    """The item that is named under this name."""
    item = items.get(item_id) if isinstance(item_id, str) else None
    if item is None:
        raise Refusal(400, f"Invalid {name}")
    return item


def _states(given: Any) -> list[str]:
    if not isinstance(given, list) or not given or not set(given) <= {"Active", "Deleted"}:
        raise Refusal(400, "Invalid ActivityStates")
    return given


def _ids(question: Json, name: str, field: str) -> Callable[[Json], bool] | None:
    ids = question.get(name)
    if ids is None:
        return None
    _expect(isinstance(ids, list) and len(ids) <= 1000, name)
    if name.endswith("Ids"):
        for one in ids:
            try:
                uuid.UUID(one)
            except (ValueError, TypeError, AttributeError):
                raise Refusal(400, f"Invalid {name}") from None
    wanted = set(ids)
    return lambda item: item.get(field) in wanted


def _interval(question: Json, name: str) -> tuple[str, str] | None:
    window = question.get(name)
    if window is None:
        return None
    try:
        start, end = (datetime.fromisoformat(window[side]) for side in ("StartUtc", "EndUtc"))
    except (KeyError, TypeError, ValueError):
        raise Refusal(400, f"Invalid {name}") from None
    _expect(start.tzinfo and end.tzinfo and start <= end <= _three_months_after(start), name)
    return _utc(start), _utc(end)


def _three_months_after(start: datetime) -> datetime:
    """The same day and hour three months on; the last day of a month that is shorter."""
    year, month = divmod(start.year * 12 + start.month + 2, 12)
    last = monthrange(year, month + 1)[1]
    return start.replace(year=year, month=month + 1, day=min(start.day, last))


def _objects(question: Json, name: str) -> list[Json]:
    """What is to be written: at least one, at most 1000."""
    given = question.get(name)
    if not isinstance(given, list) or not given or not all(isinstance(one, dict) for one in given):
        raise Refusal(400, f"Invalid {name}")
    if len(given) > 1000:
        raise Refusal(413, f"Too many {name}")
    return given


def _text_of(one: Json, name: str) -> str:
    text = one.get(name)
    if not isinstance(text, str):
        raise Refusal(400, f"Invalid {name}")
    return text


def _new_value(one: Json, name: str, old: Any) -> Any:
    """{"Value": ...}; what is not there is not changed."""
    given = one.get(name)
    if given is None:
        return old
    if not isinstance(given, dict) or not isinstance(given.get("Value"), str):
        raise Refusal(400, f"Invalid {name}")
    return given["Value"]


def _validity(start: Any, end: Any) -> tuple[str, str]:
    try:
        begins, ends = datetime.fromisoformat(start), datetime.fromisoformat(end)
    except (TypeError, ValueError):
        raise Refusal(400, "Invalid ValidityStartUtc") from None
    _expect(begins.tzinfo and ends.tzinfo and begins < ends, "ValidityEndUtc")
    return _whole_seconds(begins), _whole_seconds(ends)


def _whole_seconds(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _permissions(given: Any) -> Json:
    """Wrapped in requests, plain in answers."""
    names = ("Bed", "Room", "Floor", "Building")
    try:
        flags = {name: given[name]["Value"] for name in names}
    except (KeyError, TypeError):
        raise Refusal(400, "Invalid Permissions") from None
    _expect(all(isinstance(flag, bool) for flag in flags.values()), "Permissions")
    return flags


def _window(question: Json, name: str) -> Callable[[Json], bool] | None:
    """Half-open, [start, end)."""
    interval = _interval(question, name)
    if interval is None:
        return None
    start, end = interval
    return lambda item: start <= str(item.get(name) or "") < end
