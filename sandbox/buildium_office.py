"""A simulated Buildium account that speaks the Open API, version 1: rentals, units, leases and tenants.

It refuses what Buildium refuses: other verbs and paths, missing keys, `Limit` and `Offset` in the wrong case, query
strings of more than 4,096 characters, more than 10 requests at once or in a second. Parameters that it does not know it
ignores without a word. State is in memory, behind one lock, and is changed by methods named after what staff do in the
office; some changes come by themselves, because a day has come. Most changes are told by a signed webhook, once there
is somebody to tell. Facts: Buildium's Open API guide and description; what they leave open is marked UNVERIFIED.

It stands in one file: what staff do, what the API answers and what is refused are three views of the same records.
"""

import base64
import hashlib
import hmac
import json
import random
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

from sandbox import server
from sandbox.http import Answer
from sandbox.server import MISSING, Json, Refusal, Request, SimulatedPms
from sandbox.sparse import Sparse

T = TypeVar("T")
Test = Callable[[Json], bool]
LONGEST_QUERY = 4096
AT_ONCE = 10
_PREFIX = "/v1/"
_NEVER = date(9999, 12, 31)


@dataclass(slots=True)
class Faults(server.Faults):
    refuse_keys: bool = False
    forbid_tenants: bool = False
    """The key lacks the permission to view tenants."""


class BuildiumOffice(SimulatedPms):
    """One account. Days begin by the clocks of `zone`, where the office and all of its houses are."""

    faults: Faults
    request_id = "x-amzn-RequestId"
    down_page = (b"<html>Maintenance</html>", "text/html")
    tells_when_to_retry = False

    def __init__(
        self,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 7,
        zone: str = "America/New_York",
        rate_limit: int | None = 10,
        clock: Callable[[], float] = time.monotonic,
        record: bool = False,
    ):
        super().__init__(now, random.Random(seed), rate_limit, 1, clock, record)
        self.zone = zone
        self.sparse = Sparse(
            frozenset({"Tenants"}),
            frozenset(
                {"StructureDescription", "NumberUnits", "OperatingBankAccountId", "Reserve", "YearBuilt", "TermType"}
            )
            | frozenset({"RentalType", "RentalManager", "Description", "MarketRent", "UnitBedrooms", "UnitBathrooms"})
            | frozenset({"UnitSize", "IsUnitListed", "IsUnitOccupied", "CurrentTenants", "CurrentNumberOfOccupants"})
            | frozenset({"AccountDetails", "Cosigners", "RenewalOfferStatus", "PaymentDueDay", "CreatedDateTime"})
            | frozenset({"AlternateEmail", "MailingPreference", "SMSOptInStatus", "Comment", "TaxId", "DateOfBirth"}),
        )
        self.account_id = 123456
        self.client_id = "SANDBOX-CLIENT-ID"
        self.client_secret = "SANDBOX-CLIENT-SECRET"
        self.faults = Faults()
        self.days_count_as_updates = True
        """Whether what a new day brings moves a lease's LastUpdatedDateTime. UNVERIFIED, so it can be either."""
        self.moves_out_by_itself = True
        """Whether a tenant whose day has passed is moved out without anybody's doing. UNVERIFIED likewise."""
        self.answers: list[tuple[str, str]] = []
        """Path and body of every answer with status 200."""
        self.rentals: dict[int, Json] = {}
        self.units: dict[int, Json] = {}
        self.tenants: dict[int, Json] = {}
        self.leases: dict[int, Json] = {}
        self._items = {
            "Rental": self.rentals,
            "RentalUnit": self.units,
            "LeaseTenant": self.tenants,
            "Lease": self.leases,
        }
        self.hidden: dict[int, bool] = {}
        """Rentals that the key may not see, each with whether that goes for its units and leases as well. UNVERIFIED:
        what an answer to a key with fewer properties leaves out."""
        self._last_ids: dict[str, int] = {}
        self._updated: dict[tuple[str, int], datetime] = {}
        self._busy = 0
        self._counting = threading.Lock()
        self._arrival = threading.local()
        self._day: date | None = None
        self.webhook_url: str | None = None
        self.webhook_secret = "sandbox-webhook-secret"

    # --- what the account consists of -------------------------------------------------------------------------------

    def add_rental(
        self, name: str = "Maple Court", kind: str = "MultiFamily", active: bool = True, country: str = "UnitedStates"
    ) -> int:
        """A house; `kind` is its RentalSubType."""
        business = kind in ("Industrial", "Office", "Retail", "ShoppingCenter", "Storage", "ParkingSpace")
        return self._add(
            "Rental",
            Name=name,
            StructureDescription=None,
            NumberUnits=0,
            IsActive=active,
            OperatingBankAccountId=9,
            Reserve=0.0,
            Address=_address(country),
            YearBuilt=1988,
            RentalType="Commercial" if business else "Residential",
            RentalSubType=kind,
            RentalManager=None,
        )

    def add_unit(self, rental: int, number: str | None, building: str | None = None) -> int:
        """`building`: as the house is called, unless told otherwise."""
        house = self.rentals[rental]
        house["NumberUnits"] += 1
        return self._add(
            "RentalUnit",
            PropertyId=rental,
            BuildingName=house["Name"] if building is None else building,
            UnitNumber=number,
            Description=None,
            MarketRent=1450.0,
            Address=_address("UnitedStates"),
            UnitBedrooms="TwoBed",
            UnitBathrooms="OneBath",
            UnitSize=820,
            IsUnitListed=False,
            IsUnitOccupied=False,
        )

    def add_tenant(
        self,
        first: str = "Ana",
        last: str = "Ruiz",
        email: str | None = None,
        phones: Iterable[tuple[str, str]] = (),
    ) -> int:
        """`phones`: pairs of a type (Cell, Home, Fax, ...) and a number as somebody typed it."""
        return self._add(
            "LeaseTenant",
            FirstName=first,
            LastName=last,
            Email=email,
            PhoneNumbers=[{"Number": number, "Type": kind} for kind, number in phones],
            **self._contact(),
            **dict.fromkeys(("EmergencyContact", "SMSOptInStatus", "Comment")),
            DateOfBirth="1990-05-17",
            TaxId="123-45-6789",
        )

    def _contact(self) -> Json:
        """What is the same of all who are on a lease."""
        none = dict.fromkeys(("AlternateEmail", "AlternateAddress"))
        post = {"Address": _address("UnitedStates"), "MailingPreference": "PrimaryAddress"}
        return {"CreatedDateTime": _utc(self.changed_at()), **post, **none}

    # --- what happens in the office ---------------------------------------------------------------------------------

    def today(self) -> date:
        """By the office's own clock."""
        return self.now().astimezone(ZoneInfo(self.zone)).date()

    def lease(
        self,
        unit: int,
        tenants: Iterable[int],
        begins: date,
        ends: date | None = None,
        kind: str = "Fixed",
        moves_out_automatically: bool = False,
        moves_in: Mapping[int, date] | None = None,
    ) -> int:
        """A lease, active from its first day on; `kind` is its LeaseType, `moves_in` for those who come later."""
        with self._lock:
            home = self.units[unit]
            lease_id = self._add(
                "Lease",
                PropertyId=home["PropertyId"],
                UnitId=unit,
                UnitNumber=home["UnitNumber"],
                LeaseFromDate=begins.isoformat(),
                LeaseToDate=ends.isoformat() if ends else None,
                LeaseType=kind,
                LeaseStatus="Future",
                IsEvictionPending=False,
                TermType="Standard" if ends else "MonthToMonth",
                RenewalOfferStatus="NotSet",
                AccountDetails={"SecurityDeposit": 1450.0, "Rent": 1450.0},
                Cosigners=[],
                AutomaticallyMoveOutTenants=moves_out_automatically,
                CreatedDateTime=_utc(self.changed_at()),
                MoveOutData=[],
                PaymentDueDay=1,
                Tenants=[
                    {"Id": one, "Status": "Future", "MoveInDate": ((moves_in or {}).get(one) or begins).isoformat()}
                    for one in tenants
                ],
            )
            self._days_pass(only=lease_id)
            return lease_id

    def move_in(self, lease: int, tenant: int, on: date | None = None) -> None:
        """Somebody who is on the lease lives there from now on (or from a day on)."""
        self._tenant_of(lease, tenant).update(Status="Current", MoveInDate=(on or self.today()).isoformat())
        self._change("Lease", lease)

    def begin_lease(self, lease: int) -> None:
        """A lease to come begins today, with everybody on it."""
        with self._lock:
            today = self.today().isoformat()
            for tenant in self.leases[lease]["Tenants"]:
                if tenant["Status"] == "Future":
                    tenant["MoveInDate"] = today
            self._change("Lease", lease, LeaseFromDate=today)
            self._days_pass(only=lease)

    def give_notice(self, lease: int, tenant: int, leaves: date) -> None:
        """A planned move-out, or another day for one that was planned; the one that Buildium has an event of its own
        for."""
        with self._lock:
            item = self.leases[lease]
            rows = _with_move_out(item, tenant, leaves.isoformat(), self.today().isoformat())
            self._change("Lease", lease, is_told=False, MoveOutData=rows)
            self._tell("Lease.MoveOut.Created", LeaseId=lease, TenantId=tenant)
            self._days_pass(only=lease)

    def undo_move_out(self, lease: int, tenant: int) -> None:
        """She stays after all. Buildium has no event for this."""
        with self._lock:
            item = self.leases[lease]
            rows = [one for one in item["MoveOutData"] if one["TenantId"] != tenant]
            row = self._tenant_of(lease, tenant)
            row["Status"] = "Current" if _day(row["MoveInDate"]) <= self.today() else "Future"
            status = "Active" if _day(item["LeaseFromDate"]) <= self.today() else "Future"
            self._change("Lease", lease, is_told=False, MoveOutData=rows, LeaseStatus=status)

    def move_out(self, lease: int, tenant: int, on: date | None = None) -> None:
        """Somebody is out, as of a day (today, unless told otherwise)."""
        with self._lock:
            self.give_notice(lease, tenant, on or self.today())
            self._tenant_of(lease, tenant)["Status"] = "MovedOut"
            self._close(lease)

    def end_lease(self, lease: int, on: date | None = None) -> None:
        """Everybody moves out on a day, and the lease ends on it."""
        with self._lock:
            day = on or self.today()
            for tenant in self.leases[lease]["Tenants"]:
                if tenant["Status"] != "MovedOut":
                    self.give_notice(lease, tenant["Id"], day)
                    if day <= self.today():
                        tenant["Status"] = "MovedOut"
            self._change("Lease", lease, LeaseToDate=day.isoformat())
            self._close(lease)

    def renew(self, lease: int, ends: date | None, kind: str | None = None) -> None:
        """The same lease, with another end (None: month to month). Buildium has no event for this."""
        item = self.leases[lease]
        self._change(
            "Lease",
            lease,
            is_told=False,
            LeaseToDate=ends.isoformat() if ends else None,
            LeaseType=kind or ("AtWill" if ends is None else item["LeaseType"]),
        )

    def transfer(self, lease: int, unit: int, moves: date, leaves: date) -> int:
        """To another home: a new lease from `moves` on, and notice on the old one for `leaves`; returns the new one."""
        with self._lock:
            people = [one["Id"] for one in self.leases[lease]["Tenants"] if one["Status"] != "MovedOut"]
            for tenant in people:
                self.give_notice(lease, tenant, leaves)
            self._change("Lease", lease, LeaseToDate=leaves.isoformat())
            return self.lease(unit, people, moves, moves + timedelta(days=364))

    def add_roommate(self, lease: int, tenant: int, moves_in: date | None = None, counts: bool = True) -> None:
        """`counts`: whether the lease counts as updated. UNVERIFIED, so it can be either."""
        with self._lock:
            day = moves_in or self.today()
            status = "Current" if day <= self.today() else "Future"
            row = {"Id": tenant, "Status": status, "MoveInDate": day.isoformat()}
            self.leases[lease]["Tenants"].append(row)
            if counts:
                self._change("Lease", lease)
            self._change("LeaseTenant", tenant)

    def add_cosigner(self, lease: int, first: str = "Rosa", last: str = "Ruiz") -> int:
        """A guarantor, with an id of a kind of her own: it may be a tenant's as well."""
        with self._lock:
            cosigner_id = 101 + len(self.leases[lease]["Cosigners"])
            cosigner = {
                "Id": cosigner_id,
                "FirstName": first,
                "LastName": last,
                "Email": None,
                "PhoneNumbers": [],
                **self._contact(),
            }
            self.leases[lease]["Cosigners"].append(cosigner)
            self._change("Lease", lease)
            return cosigner_id

    def set_eviction(self, lease: int, pending: bool = True) -> None:
        self._change("Lease", lease, IsEvictionPending=pending)

    def change_unit(self, lease: int, unit: int) -> None:
        """The same lease in another home, corrected in place."""
        home = self.units[unit]
        self._change("Lease", lease, UnitId=unit, UnitNumber=home["UnitNumber"], PropertyId=home["PropertyId"])

    def edit(self, kind: str, item_id: int, **fields: Any) -> None:
        """Fields in Buildium's spelling; `kind` as for `corrupt`."""
        self._change(kind, item_id, **fields)

    def edit_tenant(self, tenant: int, **fields: Any) -> None:
        """FirstName, Email, PhoneNumbers, ..."""
        self.edit("LeaseTenant", tenant, **fields)

    def edit_lease(self, lease: int, **fields: Any) -> None:
        """LeaseStatus, LeaseFromDate, ..."""
        self.edit("Lease", lease, **fields)

    def rename_unit(self, unit: int, number: str) -> None:
        self._change("RentalUnit", unit, UnitNumber=number)

    def set_active(self, rental: int, active: bool) -> None:
        self._change("Rental", rental, IsActive=active)

    def hide(self, rental: int, whole: bool = True) -> None:
        """The key may not see a house any more; `whole`: nor its units and leases."""
        self.hidden[rental] = whole

    def show(self, rental: int) -> None:
        del self.hidden[rental]

    def delete_lease(self, lease: int) -> None:
        with self._lock:
            del self.leases[lease]
            self._tell("Lease.Deleted", LeaseId=lease)

    def delete_rental(self, rental: int) -> None:
        """Gone from every list, as when the key may not see it any more."""
        with self._lock:
            del self.rentals[rental]
            for items in (self.units, self.leases):
                for one in [key for key, item in items.items() if item["PropertyId"] == rental]:
                    del items[one]

    def corrupt(self, kind: str, item_id: int, field: str, value: Any = MISSING) -> None:
        """Makes a record that cannot be read; `kind` is Rental, RentalUnit, LeaseTenant or Lease."""
        with self._lock:
            item = self._items[kind][item_id]
            if value is MISSING:
                item.pop(field, None)
            else:
                item[field] = value
            self._change(kind, item_id)

    def _tenant_of(self, lease: int, tenant: int) -> Json:
        found: Json = next(one for one in self.leases[lease]["Tenants"] if one["Id"] == tenant)
        return found

    def _close(self, lease: int) -> None:
        """A lease with nobody on it is past, once its own end is as well; until then it stays active."""
        item = self.leases[lease]
        everybody_is_out = all(one["Status"] == "MovedOut" for one in item["Tenants"])
        # An end day that is today is over for the office: whoever moved out today handed in the keys.
        if everybody_is_out and _day(item["LeaseToDate"]) <= self.today():
            self._change("Lease", lease, LeaseStatus="Past")

    def _days_pass(self, only: int | None = None) -> None:
        """What comes by itself: a lease begins, somebody moves in, a planned day of moving out has passed."""
        today = self.today()
        if only is None and self._day == today:
            return
        if only is None:
            self._day = today
        for lease_id, item in self.leases.items() if only is None else [(only, self.leases[only])]:
            try:
                self._day_comes(lease_id, item, today)
            except (KeyError, TypeError, ValueError):
                continue  # Made so by `corrupt`.

    def _day_comes(self, lease_id: int, item: Json, today: date) -> None:
        before = json.dumps([item["LeaseStatus"], item["Tenants"], item["MoveOutData"]])
        if item["LeaseStatus"] == "Future" and date.fromisoformat(item["LeaseFromDate"]) <= today:
            item["LeaseStatus"] = "Active"
        if item["LeaseStatus"] == "Active":
            leaves = {one["TenantId"]: date.fromisoformat(one["MoveOutDate"]) for one in item["MoveOutData"]}
            for tenant in item["Tenants"]:
                if tenant["Status"] == "Future" and date.fromisoformat(tenant["MoveInDate"]) <= today:
                    tenant["Status"] = "Current"
                if self.moves_out_by_itself and leaves.get(tenant["Id"], _NEVER) < today:
                    tenant["Status"] = "MovedOut"
            is_over = _day(item["LeaseToDate"]) < today
            if item["AutomaticallyMoveOutTenants"] and is_over:
                for tenant in item["Tenants"]:
                    if tenant["Status"] != "MovedOut":
                        tenant["Status"] = "MovedOut"
                        item["MoveOutData"] = _with_move_out(item, tenant["Id"], item["LeaseToDate"], None)
            if is_over and item["Tenants"] and all(one["Status"] == "MovedOut" for one in item["Tenants"]):
                item["LeaseStatus"] = "Past"
        after = json.dumps([item["LeaseStatus"], item["Tenants"], item["MoveOutData"]])
        if after != before and self.days_count_as_updates:
            self._updated["Lease", lease_id] = self.changed_at()

    # --- the API ----------------------------------------------------------------------------------------------------

    def handle(
        self, method: str, path: str, query: dict[str, list[str]], headers: Mapping[str, str], body: bytes
    ) -> Answer:
        with self._counting:
            self._busy += 1
            self._arrival.at_once = self._busy
        try:
            return super().handle(method, path, query, headers, body)
        finally:
            with self._counting:
                self._busy -= 1

    def refused(self, refusal: Refusal) -> Answer:
        error: Json = {"UserMessage": str(refusal), "ErrorCode": None, "Errors": []}
        return Answer(refusal.status, json.dumps(error).encode())

    def answer(self, request: Request) -> Answer:
        if self._arrival.at_once > AT_ONCE:
            raise self.too_many()
        text, total = self._answer(request.method, request.path, request.query, request.headers)
        if self.sparse.share:
            text = json.dumps(self.sparse.thinned(json.loads(text)))
        if self.record:
            self.answers.append((request.path, text))
        return Answer(200, text.encode(), {} if total is None else {"X-Total-Count": str(total)})

    def _answer(
        self, method: str, path: str, query: dict[str, list[str]], headers: Mapping[str, str]
    ) -> tuple[str, int | None]:
        operation, _, number = path.removeprefix(_PREFIX).rpartition("/")
        by_id = number.isascii() and number.isdecimal()
        if not by_id:
            operation = path.removeprefix(_PREFIX)
        if not path.startswith(_PREFIX) or operation not in _LISTS:
            raise Refusal(404, "No resource was found.")
        if method != "GET":
            raise Refusal(403, "The key may only view.")
        self.calls[operation + ("/{id}" if by_id else "")] += 1
        if (
            self.faults.refuse_keys
            or headers.get("x-buildium-client-id") != self.client_id
            or headers.get("x-buildium-client-secret") != self.client_secret
        ):
            raise Refusal(401, "The client id and secret are not valid.")
        if len(urlencode(query, doseq=True)) > LONGEST_QUERY:
            raise Refusal(500, "Something went wrong.")
        self.count_against_limit()
        if self.faults.forbid_tenants and operation == "leases/tenants":
            raise Refusal(403, "The key lacks a permission: Rentals > Tenants.")
        if self.record:
            self.requests.append((path, query))
        self._days_pass()
        kind = _LISTS[operation]
        if by_id:
            item = self._items[kind].get(int(number))
            if item is None or not self._may_see(kind, item):
                raise Refusal(404, "No record was found with the id.")
            return json.dumps(self._rendered(kind, item)), None
        return self._page(kind, query)

    def _page(self, kind: str, query: dict[str, list[str]]) -> tuple[str, int]:
        if any(name not in ("limit", "offset") and name.lower() in ("limit", "offset") for name in query):
            raise Refusal(404, "No resource was found.")
        limit, offset = _number(query, "limit", 50), _number(query, "offset", 0)
        if not 1 <= limit <= 1000:
            raise Refusal(400, "limit is not valid.")
        tests = {
            "Rental": self._rental_tests,
            "RentalUnit": self._unit_tests,
            "Lease": self._lease_tests,
            "LeaseTenant": self._tenant_tests,
        }[kind](query)
        tests += [self._updated_test(kind, query), lambda item: self._may_see(kind, item)]
        found = [item for item in self._items[kind].values() if all(test(item) for test in tests)]
        if kind == "Lease" and self.faults.lose_rows:
            found = [item for item in found if self._luck.random() >= self.faults.lose_rows]
        found = _ordered(found, query.get("orderby", [""])[-1])
        page = found[offset : offset + limit]
        return json.dumps([self._rendered(kind, item) for item in page]), len(found)

    def _may_see(self, kind: str, item: Json) -> bool:
        if kind == "Rental":
            return item["Id"] not in self.hidden
        return not self.hidden.get(item.get("PropertyId", 0), False)

    def _rental_tests(self, query: dict[str, list[str]]) -> list[Test]:
        return [
            _among(query, "propertyids", "Id"),
            _among(query, "types", "RentalType", {"None", "Residential", "Commercial"}),
            _among(query, "subtypes", "RentalSubType", _SUBTYPES),
            _flag(query, "status"),
        ]

    def _unit_tests(self, query: dict[str, list[str]]) -> list[Test]:
        return [_among(query, "propertyids", "PropertyId")]

    def _lease_tests(self, query: dict[str, list[str]]) -> list[Test]:
        begins, ends = _date(query, "leasedatefrom"), _date(query, "leasedateto")
        return [
            _among(query, "propertyids", "PropertyId"),
            _among(query, "leasestatuses", "LeaseStatus", _STATUSES),
            _among(query, "leasetypes", "LeaseType", {"None", "Fixed", "FixedWithRollover", "AtWill"}),
            _contains(query, "unitnumber", "UnitNumber"),
            lambda item: begins is None or (item["LeaseFromDate"] or "") >= begins,
            lambda item: ends is None or (item["LeaseToDate"] or "9") <= ends,
        ]

    def _tenant_tests(self, query: dict[str, list[str]]) -> list[Test]:
        statuses = _values(query, "leasetermstatuses", _STATUSES)
        units, properties = _numbers(query, "unitids"), _numbers(query, "propertyids")
        of: dict[int, list[Json]] = {}
        for lease in self.leases.values():
            for tenant in lease.get("Tenants") or ():
                of.setdefault(tenant["Id"], []).append(lease)

        def fits(item: Json) -> bool:
            if statuses is None and units is None and properties is None:
                return True
            return any(
                (statuses is None or lease["LeaseStatus"] in statuses)
                and (units is None or lease["UnitId"] in units)
                and (properties is None or lease["PropertyId"] in properties)
                for lease in of.get(item["Id"], ())
            )

        return [fits, _contains(query, "email", "Email")]

    def _updated_test(self, kind: str, query: dict[str, list[str]]) -> Test:
        """Both ends belong to it."""
        since, until = _instant(query, "lastupdatedfrom"), _instant(query, "lastupdatedto")
        if since is not None and until is not None and until - since > timedelta(days=365):
            raise Refusal(422, "The window is longer than 365 days.")

        def test(item: Json) -> bool:
            changed = self._updated[kind, item["Id"]].replace(microsecond=0)
            return (since is None or changed >= since) and (until is None or changed <= until)

        return test

    def _rendered(self, kind: str, item: Json) -> Json:
        if kind == "Lease":
            current: list[Json] = []
            if item.get("LeaseStatus") == "Active":
                living = (one["Id"] for one in item.get("Tenants") or () if one.get("Status") == "Current")
                current = [self.tenants[one] for one in living if one in self.tenants]
            occupants = {"CurrentTenants": current, "CurrentNumberOfOccupants": len(current)}
            return {**item, **occupants, "LastUpdatedDateTime": _utc(self._updated[kind, item["Id"]])}
        if kind == "LeaseTenant":
            on = [one for one in self.leases.values() if any(t["Id"] == item["Id"] for t in one.get("Tenants") or ())]
            seen = (lease for lease in on if self._may_see("Lease", lease))
            return {**item, "Leases": [{**lease, "CurrentTenants": None} for lease in seen]}
        return item

    def _add(self, kind: str, **fields: Any) -> int:
        """Ids are unique in their kind only: a unit, a tenant and a lease may well have the same. What is deleted takes
        its id along: nothing gets it again."""
        with self._lock:
            items = self._items[kind]
            item_id = self._last_ids[kind] = max(self._last_ids.get(kind, 100), max(items, default=100)) + 1
            items[item_id] = {"Id": item_id, **fields}
            self._updated[kind, item_id] = self.changed_at()
            self._tell(f"{kind}.Created", **{_ID_FIELDS[kind]: item_id})
            return item_id

    def _change(self, kind: str, item_id: int, is_told: bool = True, **fields: Any) -> None:
        with self._lock:
            self._items[kind][item_id].update(fields)
            self._updated[kind, item_id] = self.changed_at()
            if is_told:
                self._tell(f"{kind}.Updated", **{_ID_FIELDS[kind]: item_id})

    def _tell(self, event: str, **ids: int) -> None:
        """Ids only. Signed over the compact body, sent as it pleases the sender: with white space."""
        if self.webhook_url is None or self.sender is None:
            return
        moment = self.now()
        message = {
            "EventName": event,
            "EventDateTime": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
            "AccountId": self.account_id,
            **ids,
        }
        headers = {"Content-Type": "application/json", **sign(self.webhook_secret, moment, message)}
        self.sender.send(self.webhook_url, json.dumps(message, indent=2).encode(), headers)


def sign(secret: str, moment: datetime, message: Json) -> dict[str, str]:
    """The headers by which a receiver knows that a message is Buildium's."""
    sent = str(int(moment.timestamp()))
    signed = f"{sent}.{json.dumps(message, separators=(',', ':'))}".encode()
    signature = base64.b64encode(hmac.new(secret.encode(), signed, hashlib.sha256).digest()).decode()
    return {"buildium-webhook-timestamp": sent, "buildium-webhook-signature": signature}


_ID_FIELDS = {"Rental": "PropertyId", "RentalUnit": "UnitId", "Lease": "LeaseId", "LeaseTenant": "TenantId"}
_LISTS = {"rentals": "Rental", "rentals/units": "RentalUnit", "leases": "Lease", "leases/tenants": "LeaseTenant"}
_STATUSES = {"Active", "Past", "Future"}
_SUBTYPES = {
    "CondoTownhome",
    "MultiFamily",
    "SingleFamily",
    "Industrial",
    "Office",
    "Retail",
    "ShoppingCenter",
    "Storage",
    "ParkingSpace",
}


def _with_move_out(lease: Json, tenant: int, leaves: str, noticed: str | None) -> list[Json]:
    """Its planned moves with this one, which stands for another of the same tenant."""
    others = [one for one in lease["MoveOutData"] if one["TenantId"] != tenant]
    return [*others, {"TenantId": tenant, "MoveOutDate": leaves, "NoticeGivenDate": noticed}]


def _address(country: str) -> Json:
    return {
        "AddressLine1": "12 Maple St",
        "AddressLine2": None,
        "AddressLine3": None,
        "City": "Boston",
        "State": "MA",
        "PostalCode": "02110",
        "Country": country,
    }


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _day(text: str | None) -> date:
    """A lease without an end never ends."""
    return _NEVER if text is None else date.fromisoformat(text)


def _number(query: dict[str, list[str]], name: str, usual: int) -> int:
    return int(query[name][-1]) if _numbers(query, name) else usual


def _values(query: dict[str, list[str]], name: str, allowed: Iterable[str] | None = None) -> set[str] | None:
    if name not in query:
        return None
    if allowed is not None and not set(query[name]) <= set(allowed):
        raise Refusal(400, f"{name} is not valid.")
    return set(query[name])


def _numbers(query: dict[str, list[str]], name: str) -> set[int] | None:
    values = _values(query, name)
    if values is None:
        return None
    if not all(one.isascii() and one.isdecimal() for one in values):
        raise Refusal(400, f"{name} is not valid.")
    return {int(one) for one in values}


def _among(query: dict[str, list[str]], name: str, field: str, words: Iterable[str] | None = None) -> Test:
    wanted: Any = _numbers(query, name) if words is None else _values(query, name, words)
    return lambda item: wanted is None or item.get(field) in wanted


def _contains(query: dict[str, list[str]], name: str, field: str) -> Test:
    part = query.get(name, [""])[-1]
    return lambda item: part in (item.get(field) or "")


def _flag(query: dict[str, list[str]], name: str) -> Test:
    wanted = _values(query, name, ("Active", "InActive"))
    return lambda item: wanted is None or ("Active" if item.get("IsActive") else "InActive") in wanted


def _date(query: dict[str, list[str]], name: str) -> str | None:
    day = _read(query, name, date.fromisoformat)
    return day.isoformat() if day else None


def _instant(query: dict[str, list[str]], name: str) -> datetime | None:
    return _read(query, name, lambda text: datetime.strptime(text, "%Y-%m-%dT%H:%M:%SZ").replace(tzinfo=UTC))


def _read(query: dict[str, list[str]], name: str, read: Callable[[str], T]) -> T | None:
    """What is asked for under a name, the last of several."""
    try:
        return read(query[name][-1]) if name in query else None
    except ValueError:
        raise Refusal(400, f"{name} is not valid.") from None


def _ordered(items: list[Json], order: str) -> list[Json]:
    """`LeaseType desc,Id asc`; the case of the properties does not matter. Without it, no order is promised."""
    if not order:
        return list(reversed(items))
    for part in reversed(order.split(",")):
        words = part.split()
        names = {name.lower(): name for item in items for name in item}
        if len(words) not in (1, 2) or words[-1] not in (words[0], "asc", "desc"):
            raise Refusal(400, "orderby is not valid.")
        name = names.get(words[0].lower())
        if name is None:
            if items:
                raise Refusal(400, "orderby is not valid.")
            continue
        items = sorted(items, key=_by(name), reverse=words[-1] == "desc")
    return items


def _by(name: str) -> Callable[[Json], Any]:
    return lambda item: (item.get(name) is None, item.get(name))
