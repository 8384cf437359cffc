"""A simulated Apaleo account: identity server, Inventory, Booking and Webhook APIs, all behind one address.

It refuses what Apaleo refuses: other clients and old tokens, pages of more than 200, dates without an offset or with
fractions of seconds, filters and words that there are not. Beyond the last page there is a 204 without a body. State is
in memory, behind one lock, and is changed by methods named after what staff do at the desk; each change is told to the
webhook subscriptions. Facts: Apaleo's developer guides and OpenAPI descriptions. How far a range of an assigned unit
goes where the guest moves is not documented: see `ranges_meet`.
"""

import base64
import itertools
import json
import random
import re
import time
import uuid
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from datetime import time as time_of_day
from typing import Any
from urllib.parse import parse_qs, unquote
from zoneinfo import ZoneInfo

from sandbox import server
from sandbox.http import Answer
from sandbox.server import Json, Refusal, Request, SimulatedPms
from sandbox.sparse import Sparse

Query = Mapping[str, str]
GROUP_TYPES = ("BedRoom", "MeetingRoom", "EventSpace", "ParkingLot", "Other")
_STATUSES = ("Confirmed", "InHouse", "CheckedOut", "Canceled", "NoShow")
_DATE_FILTERS = (
    "Arrival",
    "Departure",
    "Stay",
    "Creation",
    "Modification",
    "Cancellation",
    "ArrivalAndCheckIn",
    "DepartureAndCheckOut",
)
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")
_PAGING = {"pageNumber", "pageSize", "expand"}
_PARAMETERS = {
    "properties": _PAGING | {"status", "includeArchived", "countryCode"},
    "unit-groups": _PAGING | {"propertyId", "unitGroupTypes"},
    "units": _PAGING | {"propertyId", "unitGroupId", "isOccupied", "condition", "textSearch", "status"},
    "reservations": _PAGING | {"bookingId", "propertyIds", "unitIds", "status", "dateFilter", "from", "to", "sort"},
}
_TOPICS = {
    "reservation",
    "booking",
    "unit",
    "unitgroup",
    "property",
    "maintenance",
    "folio",
    "invoice",
    "group",
    "block",
    "company",
    "nightaudit",
    "account",
}
_FOR_THE_ACCOUNT = {"booking", "account"}
"""Told to subscriptions of all properties only."""
CHECK_IN, CHECK_OUT = time_of_day(15), time_of_day(11)
_clients = itertools.count(1)
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(slots=True)
class Faults(server.Faults):
    """The identity server knows only `down` and `refuse_client`."""

    refuse_client: bool = False


class ApaleoHotel(SimulatedPms):
    """One account."""

    faults: Faults
    request_id = "Apaleo-Tracking-Id"

    def __init__(
        self,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        seed: int = 7,
        rate_limit: int | None = 3500,
        clock: Callable[[], float] = time.monotonic,
        record: bool = False,
    ):
        super().__init__(now, random.Random(seed + 1), rate_limit, 60, clock, record)
        self.burst: int | None = None
        """So many calls a second at most: 5 for a trial account, which has 200 a minute."""
        self.scopes = frozenset({"reservations.read", "setup.read"})
        """What the client may do."""
        self.sparse = Sparse(
            frozenset(
                {"properties", "unitGroups", "units", "reservations", "assignedUnits", "timeRanges", "timeSlices"}
            ),
            frozenset({"description", "code", "maxPersons", "memberCount", "adults", "totalGrossAmount"})
            | frozenset({"guaranteeType", "channelCode", "hasCityTax", "serviceDate", "currencyCode", "created"})
            | frozenset({"isPreCheckedIn", "isTemplate", "addressLine1", "city", "bookingId"}),
        )
        self.client_id = f"HOTL-SP-PORTER{next(_clients)}"
        self.client_secret = "SANDBOX-CLIENT-SECRET"
        self.account_id = "HOTL"
        self.token_life = timedelta(hours=1)
        self.faults = Faults()
        self.properties: dict[str, Json] = {}
        self.groups: dict[str, Json] = {}
        self.units: dict[str, Json] = {}
        self.reservations: dict[str, Json] = {}
        self.subscriptions: dict[str, Json] = {}
        self.ranges_meet = False
        """Whether the ranges of assigned units meet where a night ends; else they end at check-out and go on at
        check-in."""
        self.types_in_parts = True
        """Whether the unit group of a unit or a reservation tells its type."""
        self.lacks: dict[str, set[str]] = {}
        """Names that are left out of what is told of a unit or a reservation, by its id."""
        self._tokens: dict[str, datetime] = {}
        self._random = random.Random(seed)

    # --- what the house consists of ---------------------------------------------------------------------------------

    def add_property(
        self, code: str = "MUC", name: str = "Hotel Isar", zone: str = "Europe/Berlin", country: str = "DE"
    ) -> str:
        with self._lock:
            self.properties[code] = {
                "id": code,
                "code": code,
                "isTemplate": False,
                "name": name,
                "location": {"addressLine1": "Isarstr. 1", "city": "Munich", "countryCode": country},
                "timeZone": zone,
                "currencyCode": "EUR",
                "created": _utc(self.now()),
                "status": "Live",
                "isArchived": False,
            }
            self._tell("Property", "created", code, code)
            return code

    def add_group(self, property_id: str, code: str = "DBL", kind: str = "BedRoom") -> str:
        if kind not in GROUP_TYPES:
            raise ValueError(f"no type of unit groups: {kind}")
        with self._lock:
            group_id = f"{property_id}-{code}"
            self.groups[group_id] = {"id": group_id, "code": code, "name": code, "type": kind, "_property": property_id}
            self._tell("UnitGroup", "created", group_id, property_id)
            return group_id

    def add_unit(self, group_id: str | None, name: str, property_id: str | None = None, of: Iterable[str] = ()) -> str:
        """A unit; `of` are the units that it connects."""
        with self._lock:
            property_id = property_id or self.groups[group_id or ""]["_property"]
            unit_id = self._id(f"{property_id}-", 3, self.units)
            self.units[unit_id] = {
                "id": unit_id,
                "name": name,
                "_group": group_id,
                "_property": property_id,
                "_of": list(of),
                "isArchived": False,
            }
            self._tell("Unit", "created", unit_id, property_id)
            return unit_id

    # --- what happens at the desk -----------------------------------------------------------------------------------

    def book(
        self,
        group_id: str,
        arrival: datetime,
        departure: datetime,
        unit: str | None = None,
        guest: Json | None = None,
        others: Iterable[Json] = (),
        booking: str | None = None,
    ) -> str:
        """A reservation; returns its id. `guest`: {"firstName": ..., "lastName": ...}, or None for nobody named;
        `booking`: of a booking that there is, as its next reservation."""
        with self._lock:
            booking = booking or self._id("", 8, {one["bookingId"] for one in self.reservations.values()})
            number = 1 + sum(one["bookingId"] == booking for one in self.reservations.values())
            reservation_id = f"{booking}-{number}"
            now = self.changed_at()
            self.reservations[reservation_id] = {
                "id": reservation_id,
                "bookingId": booking,
                "status": "Confirmed",
                "_group": group_id,
                "_property": self.groups[group_id]["_property"],
                "_arrival": arrival,
                "_departure": departure,
                "_nights": {},
                "_created": now,
                "_modified": now,
                "primaryGuest": guest,
                "additionalGuests": list(others),
                "booker": {"firstName": "Agency", "lastName": "of Travels", "email": "agency@example.com"},
                "isPreCheckedIn": False,
            }
            if unit is not None:
                self._assign(self.reservations[reservation_id], unit)
            self._tell("Booking", "created", booking, None)
            self._tell("Reservation", "created", reservation_id, self.groups[group_id]["_property"])
            return reservation_id

    def assign(self, reservation_id: str, unit: str, first: date | None = None, last: date | None = None) -> None:
        """A unit for the whole stay, or for the nights that begin on the days from `first` to `last`."""
        with self._lock:
            self._assign(self.reservations[reservation_id], unit, first, last)
            self._change(reservation_id, "unit-assigned")

    def unassign(self, reservation_id: str, *nights: date) -> None:
        """Takes the unit from all nights, or from these."""
        with self._lock:
            plan = self.reservations[reservation_id]["_nights"]
            for night in nights or list(plan):
                plan.pop(night, None)
            self._change(reservation_id, "unit-unassigned")

    def amend(self, reservation_id: str, arrival: datetime | None = None, departure: datetime | None = None) -> None:
        with self._lock:
            reservation = self.reservations[reservation_id]
            if arrival is not None:
                reservation["_arrival"] = arrival
            if departure is not None:
                reservation["_departure"] = departure
            left = dict(reservation["_nights"])
            days = [night for night, _, _ in self._nights(reservation)]
            if left:
                # A stay that is longer goes on in the unit of its last night, or begins in that of its first.
                reservation["_nights"] = {
                    day: left.get(day, left[min(left, key=lambda one: abs(one - day))]) for day in days
                }
            self._change(reservation_id, "amended")

    def check_in(self, reservation_id: str, at: datetime | None = None) -> None:
        with self._lock:
            reservation = self.reservations[reservation_id]
            if any(night not in reservation["_nights"] for night, _, _ in self._nights(reservation)):
                raise ValueError("a check-in needs a unit for the whole stay")
            self._change(reservation_id, "checked-in", status="InHouse", checkInTime=_utc(at or self.now()))

    def revert_check_in(self, reservation_id: str) -> None:
        self._change(reservation_id, "check-in-reverted", status="Confirmed", checkInTime=None)

    def check_out(self, reservation_id: str) -> None:
        self._change(reservation_id, "checked-out", status="CheckedOut", checkOutTime=_utc(self.now()))

    def cancel(self, reservation_id: str) -> None:
        self._change(reservation_id, "canceled", status="Canceled", cancellationTime=_utc(self.now()))

    def no_show(self, reservation_id: str) -> None:
        self._change(reservation_id, "set-to-no-show", status="NoShow", noShowTime=_utc(self.now()))

    def set_status(self, reservation_id: str, word: str) -> None:
        self._change(reservation_id, "changed", status=word)

    def change(self, reservation_id: str, **fields: Any) -> None:
        """Fields in Apaleo's spelling: primaryGuest, additionalGuests, isPreCheckedIn, ..."""
        self._change(reservation_id, "changed", **fields)

    def delete(self, reservation_id: str) -> None:
        """Gone without a trace; the booking with its last reservation."""
        with self._lock:
            gone = self.reservations.pop(reservation_id)
            self._tell("Reservation", "deleted", reservation_id, gone["_property"])
            if all(one["bookingId"] != gone["bookingId"] for one in self.reservations.values()):
                self._tell("Booking", "deleted", gone["bookingId"], None)

    def rename_unit(self, unit_id: str, name: str) -> None:
        with self._lock:
            self.units[unit_id]["name"] = name
            self._tell("Unit", "changed", unit_id, self.units[unit_id]["_property"])

    def archive_unit(self, unit_id: str) -> None:
        with self._lock:
            self.units[unit_id]["isArchived"] = True
            self._tell("Unit", "changed", unit_id, self.units[unit_id]["_property"])

    def set_maintenance(self, unit_id: str, kind: str | None) -> None:
        """`OutOfService`, `OutOfOrder`, `OutOfInventory`, or None."""
        with self._lock:
            self.units[unit_id]["_maintenance"] = kind
            self._tell("Maintenance", "created" if kind else "deleted", unit_id, self.units[unit_id]["_property"])

    def expire_tokens(self) -> None:
        """All tokens are worth nothing any more, whatever was said of their life."""
        with self._lock:
            self._tokens.clear()

    def _assign(self, reservation: Json, unit: str, first: date | None = None, last: date | None = None) -> None:
        for night, _, _ in self._nights(reservation):
            if (first is None or night >= first) and (last is None or night <= last):
                reservation["_nights"][night] = unit

    def _change(self, reservation_id: str, event: str, **fields: Any) -> None:
        with self._lock:
            reservation = self.reservations[reservation_id]
            reservation.update(fields, _modified=self.changed_at())
            self._tell("Reservation", event, reservation_id, reservation["_property"])

    # --- the APIs -----------------------------------------------------------------------------------------------------

    def answered(self, request: Request) -> Answer:
        if request.path != "/connect/token" or self.faults.down:
            return super().answered(request)
        # A draw that decides nothing: what happens to all others is the same, however often a token is asked for.
        self._luck.random()
        status, document = self._token(request.method, request.headers, request.body)
        return Answer(status, json.dumps(document).encode())

    def refused(self, refusal: Refusal) -> Answer:
        if refusal.status in (401, 403, 404):
            return Answer(refusal.status)
        return Answer(refusal.status, json.dumps({"messages": refusal.messages}).encode())

    def answer(self, request: Request) -> Answer:
        self._check_token(request.headers)
        self.count_against_limit()
        status, found = self._route(request.method, unquote(request.path), _single(request.query), request.body)
        found = self.sparse.thinned(found)
        return Answer(status, b"" if found is None else json.dumps(found).encode())

    def _token(self, method: str, headers: Mapping[str, str], body: bytes) -> tuple[int, Json]:
        self.calls[f"{method} /connect/token"] += 1
        form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
        client = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        if method != "POST" or not headers.get("content-type", "").startswith("application/x-www-form-urlencoded"):
            return 400, {"error": "invalid_request"}
        if headers.get("authorization") != f"Basic {client}" or self.faults.refuse_client:
            return 400, {"error": "invalid_client"}
        if form.get("grant_type") != "client_credentials":
            return 400, {"error": "unsupported_grant_type"}
        token = f"eyJ{self._random.getrandbits(128):032x}"
        self._tokens[token] = self.now() + self.token_life
        return 200, {
            "access_token": token,
            "expires_in": int(self.token_life.total_seconds()),
            "token_type": "Bearer",
            "scope": " ".join(sorted(self.scopes)),
        }

    def _check_token(self, headers: Mapping[str, str]) -> None:
        token = headers.get("authorization", "").removeprefix("Bearer ")
        if self._tokens.get(token, datetime.min.replace(tzinfo=UTC)) <= self.now():
            raise Refusal(401)

    def count_against_limit(self) -> None:
        if self.burst is not None and sum(one > self._clock() - 1 for one in self._sent) >= self.burst:
            raise self.too_many()
        super().count_against_limit()

    def _route(self, method: str, path: str, query: Query, body: bytes) -> tuple[int, Any]:
        where, _, record_id = path.removeprefix("/v1/").partition("/")
        if path.startswith("/v1/") and where == "subscriptions":
            self.calls[f"{method} /v1/subscriptions{'/{id}' if record_id else ''}"] += 1
            return self._subscription(method, record_id, body)
        action = re.fullmatch(r"/booking/v1/reservation-actions/([^/]+)/([a-z-]+)", path)
        if action is not None:
            self.calls[f"{method} /booking/v1/reservation-actions/{{id}}/{action[2]}"] += 1
            return self._act(method, action[1], action[2])
        match = re.fullmatch(r"/(inventory|booking)/v1/([a-z-]+)(/([^/]+))?", path)
        lists: dict[tuple[str, str], Callable[[Query, str | None], tuple[str, list[Json]]]] = {
            ("inventory", "properties"): self._properties,
            ("inventory", "unit-groups"): self._unit_groups,
            ("inventory", "units"): self._units,
            ("booking", "reservations"): self._reservations,
        }
        if match is None or (match[1], match[2]) not in lists:
            raise Refusal(404)
        if method != "GET":
            raise Refusal(405)
        if {"booking": "reservations.read", "inventory": "setup.read"}[match[1]] not in self.scopes:
            raise Refusal(403)
        record_id = match[4]
        self.calls[f"GET /{match[1]}/v1/{match[2]}{'/{id}' if record_id else ''}"] += 1
        allowed = {"expand"} if record_id else _PARAMETERS[match[2]]
        if query.keys() - allowed:
            raise Refusal(400, f"Unknown parameters: {', '.join(sorted(query.keys() - allowed))}")
        if self.record:
            self.requests.append((path, dict(query)))
        name, found = lists[match[1], match[2]](query, record_id)
        if record_id:
            if not found:
                raise Refusal(404)
            return 200, found[0]
        number, size = _positive(query, "pageNumber"), _positive(query, "pageSize")
        if size is not None and size > 200:
            raise Refusal(422, "PageSize: must not be greater than 200.")
        count = len(found)
        if size is None:
            size = 20
        start = ((number or 1) - 1) * size
        page = found[start : start + size]
        return (200, {name: page, "count": count}) if page else (204, None)

    def _act(self, method: str, reservation_id: str, action: str) -> tuple[int, Any]:
        if action != "checkin":
            raise Refusal(404)
        if method != "PUT":
            raise Refusal(405)
        if "reservations.manage" not in self.scopes:
            raise Refusal(403)
        reservation = self.reservations.get(reservation_id)
        if reservation is None:
            raise Refusal(404)
        if reservation["status"] != "Confirmed":
            raise Refusal(422, "Only a confirmed reservation can be checked in.")
        nights = self._nights(reservation)
        zone = ZoneInfo(self.properties[reservation["_property"]]["timeZone"])
        if self.now().astimezone(zone).date() < nights[0][0]:
            raise Refusal(422, "A check-in is not possible before the arrival date.")
        try:
            self.check_in(reservation_id)
        except ValueError as problem:
            raise Refusal(422, str(problem)) from None
        return 204, None

    def _properties(self, query: Query, record_id: str | None) -> tuple[str, list[Json]]:
        found = [one for one in self.properties.values() if record_id in (None, one["id"])]
        if record_id:
            return "", [one | {"name": {"en": one["name"]}} for one in found]
        return "properties", [one for one in found if not one["isArchived"] or query.get("includeArchived") == "true"]

    def _unit_groups(self, query: Query, record_id: str | None) -> tuple[str, list[Json]]:
        found = [
            {name: value for name, value in one.items() if name != "_property"}
            | {"property": self._part(self.properties[one["_property"]]), "memberCount": 1, "maxPersons": 2}
            for one in self.groups.values()
            if record_id in (None, one["id"]) and query.get("propertyId", one["_property"]) == one["_property"]
        ]
        return "unitGroups", [one | {"name": {"en": one["name"]}} for one in found] if record_id else found

    def _units(self, query: Query, record_id: str | None) -> tuple[str, list[Json]]:
        status = query.get("status", "Active")
        if status not in ("Active", "Archived", "All"):
            raise Refusal(422, f"Status: {status} is not a valid value.")
        wanted = {"Active": (False,), "Archived": (True,), "All": (False, True)}[status]
        expand = _words(query, "expand")
        return "units", [
            self._unit(one, expand)
            for one in self.units.values()
            if (record_id == one["id"])
            or (
                record_id is None
                and one["isArchived"] in wanted
                and query.get("propertyId", one["_property"]) == one["_property"]
                and query.get("unitGroupId", one["_group"]) == one["_group"]
            )
        ]

    def _unit(self, unit: Json, expand: set[str]) -> Json:
        found: Json = {
            "id": unit["id"],
            "name": unit["name"],
            "description": "",
            "property": {"id": unit["_property"]},
            "status": {"isOccupied": False, "condition": "Clean"},
            "maxPersons": 2,
            "isArchived": unit["isArchived"],
        }
        if "property" in expand:
            found["property"] = self._part(self.properties[unit["_property"]])
        if unit["_group"] is not None:
            group = self.groups[unit["_group"]]
            found["unitGroup"] = self._group_part(group) if "unitGroup" in expand else {"id": group["id"]}
        if unit.get("_maintenance"):
            found["status"]["maintenance"] = {"id": f"{unit['id']}-M1", "type": unit["_maintenance"]}
        if unit["_of"] and "connectedUnits" in expand:
            found["connectedUnits"] = [self._unit_part(one) for one in unit["_of"]]
        parent = next((one["id"] for one in self.units.values() if unit["id"] in one["_of"]), None)
        if parent is not None:
            found["connectingUnit"] = self._unit_part(parent)
        return self._without(found)

    def _reservations(self, query: Query, record_id: str | None) -> tuple[str, list[Json]]:
        expand = _words(query, "expand")
        if record_id is not None:
            one = self.reservations.get(record_id)
            return "", [] if one is None else [self._reservation(one, expand)]
        tests: list[Callable[[Json], bool]] = []
        if "bookingId" in query:
            tests.append(lambda one: one["bookingId"] == query["bookingId"])
        if "propertyIds" in query:
            properties = _words(query, "propertyIds")
            tests.append(lambda one: one["_property"] in properties)
        if "unitIds" in query:
            units = _words(query, "unitIds")
            tests.append(lambda one: bool(units & set(one["_nights"].values())))
        if "status" in query:
            statuses = _words(query, "status")
            if statuses - set(_STATUSES):
                raise Refusal(422, "Status: is not a valid value.")
            tests.append(lambda one: one["status"] in statuses)
        if (test := self._date_test(query)) is not None:
            tests.append(test)
        if self.faults.lose_rows:
            tests.append(lambda one: self._luck.random() >= self.faults.lose_rows)
        found = [one for one in self.reservations.values() if all(test(one) for test in tests)]
        by, _, direction = query.get("sort", "").partition(":")
        field = {"arrival": "_arrival", "departure": "_departure", "created": "_created", "updated": "_modified"}.get(
            by
        )
        if field is not None:
            found.sort(key=lambda one: one[field], reverse=direction == "desc")
        return "reservations", [self._reservation(one, expand) for one in found]

    def _date_test(self, query: Query) -> Callable[[Json], bool] | None:
        word = query.get("dateFilter")
        start, end = _instant(query, "from"), _instant(query, "to")
        if word is None:
            return None
        if word not in _DATE_FILTERS:
            raise Refusal(422, f"DateFilter: {word} is not a valid value.")
        if start is None and end is None:
            raise Refusal(422, "When filtering by date, at least one of 'from' and 'to' has to be specified.")
        since = start or datetime.min.replace(tzinfo=UTC)
        until = end or datetime.max.replace(tzinfo=UTC)
        if until <= since:
            raise Refusal(422, "To: must be larger than 'from'.")
        if word == "Stay":
            return lambda one: bool(one["_arrival"] < until and one["_departure"] > since)
        field = {
            "Arrival": "_arrival",
            "Departure": "_departure",
            "Creation": "_created",
            "Modification": "_modified",
        }.get(word)
        if field is None:
            raise Refusal(400, f"The sandbox does not know how to filter by {word}.")
        return lambda one: bool(since <= one[field].replace(microsecond=0) < until)

    def _reservation(self, one: Json, expand: set[str]) -> Json:
        zone = ZoneInfo(self.properties[one["_property"]]["timeZone"])
        found = {name: value for name, value in one.items() if not name.startswith("_") and value not in (None, [], "")}
        if "booker" not in expand:
            del found["booker"]
        found |= {
            "property": self._part(self.properties[one["_property"]]),
            "unitGroup": self._group_part(self.groups[one["_group"]]),
            "arrival": _there(one["_arrival"], zone),
            "departure": _there(one["_departure"], zone),
            "created": _there(one["_created"], zone),
            "modified": _there(one["_modified"], zone),
            "adults": 1 + len(one["additionalGuests"]),
            "totalGrossAmount": {"amount": 300.0, "currency": "EUR"},
            "guaranteeType": "CreditCard",
            "channelCode": "Direct",
            "hasCityTax": False,
        }
        nights = [(start, end, one["_nights"].get(night)) for night, start, end in self._nights(one)]
        assigned = [unit for _, _, unit in nights if unit is not None]
        if assigned:
            found["unit"] = self._unit_part(assigned[0])
        if "timeSlices" in expand:
            found["timeSlices"] = [
                {
                    "from": _there(start, zone),
                    "to": _there(end, zone),
                    "serviceDate": start.astimezone(zone).date().isoformat(),
                    "unitGroup": self._group_part(self.groups[one["_group"]]),
                    **({"unit": self._unit_part(unit)} if unit is not None else {}),
                }
                for start, end, unit in nights
            ]
        if "assignedUnits" in expand and assigned:
            ranges: dict[str, list[Json]] = {unit: [] for unit in assigned}
            before: datetime | None = None
            for start, end, unit in nights:
                since = before if self.ranges_meet and before is not None else start
                if unit is not None:
                    ranges[unit].append({"from": _there(since, zone), "to": _there(end, zone)})
                before = end
            found["assignedUnits"] = [
                {"unit": self._unit_part(unit), "timeRanges": times} for unit, times in ranges.items()
            ]
        return self._without(found)

    def _without(self, found: Json) -> Json:
        return {name: value for name, value in found.items() if name not in self.lacks.get(found["id"], ())}

    def _nights(self, reservation: Json) -> list[tuple[date, datetime, datetime]]:
        """The nights of a stay by their day, each from when until when; the first and the last are the guest's own."""
        zone = ZoneInfo(self.properties[reservation["_property"]]["timeZone"])
        arrival, departure = reservation["_arrival"], reservation["_departure"]
        first, last = arrival.astimezone(zone).date(), departure.astimezone(zone).date()
        nights = []
        for number in range(max(1, (last - first).days)):
            night = first + timedelta(days=number)
            start = datetime.combine(night, CHECK_IN, zone).astimezone(UTC) if number else arrival
            following = datetime.combine(night + timedelta(days=1), CHECK_OUT, zone).astimezone(UTC)
            nights.append((night, start, departure if night + timedelta(days=1) >= last else following))
        return nights

    def _part(self, record: Json) -> Json:
        return {name: record[name] for name in ("id", "code", "name")}

    def _group_part(self, group: Json) -> Json:
        return self._part(group) | ({"type": group["type"]} if self.types_in_parts else {})

    def _unit_part(self, unit_id: str) -> Json:
        unit = self.units[unit_id]
        return {"id": unit_id, "name": unit["name"], "description": "", "unitGroupId": unit["_group"]}

    # --- webhooks -----------------------------------------------------------------------------------------------------

    def _subscription(self, method: str, record_id: str, body: bytes) -> tuple[int, Any]:
        if not record_id:
            if method == "GET":
                found = list(self.subscriptions.values())
                return (200, found) if found else (204, None)
            if method == "POST":
                made = self._checked(body)
                made_id = str(uuid.UUID(int=self._random.getrandbits(128), version=4))
                self.subscriptions[made_id] = {"id": made_id, "created": _utc(self.now()), **made}
                return 201, {"id": made_id}
            raise Refusal(405)
        if record_id not in self.subscriptions:
            raise Refusal(404)
        if method == "GET":
            return 200, self.subscriptions[record_id]
        if method == "PUT":
            self.subscriptions[record_id].update(self._checked(body))
            return 204, None
        if method == "DELETE":
            del self.subscriptions[record_id]
            return 204, None
        raise Refusal(405)

    def _checked(self, body: bytes) -> Json:
        """What a subscription may be; its address is called once, and has to answer."""
        try:
            wanted = json.loads(body)
            url, events, properties = wanted["endpointUrl"], wanted["events"], wanted.get("propertyIds") or []
        except (ValueError, KeyError, TypeError):
            raise Refusal(422, "EndpointUrl and Events are required.") from None
        for event in events:
            topic, _, word = str(event).partition("/")
            if topic not in _TOPICS or not word:
                raise Refusal(422, f"Events: {event} is not a valid event.")
        if not events or any(one not in self.properties for one in properties):
            raise Refusal(422, "Events or PropertyIds: not valid.")
        check = {"topic": "system", "type": "healthcheck", "propertyIds": properties, **self._event()}
        try:
            status = self.sender.call(url, json.dumps(check).encode()) if self.sender is not None else 0
        except Exception:
            status = 0
        if not 200 <= status < 300:
            raise Refusal(422, "EndpointUrl: the health check was not answered with a success status code.")
        return {"endpointUrl": url, "events": events, "propertyIds": properties}

    def _event(self) -> Json:
        return {
            "id": str(uuid.UUID(int=self._luck.getrandbits(128), version=4)),
            "accountId": self.account_id,
            "timestamp": int(self.now().timestamp() * 1000),
        }

    def _tell(self, topic: str, word: str, entity_id: str, property_id: str | None) -> None:
        """Ids only, to everybody who wants to hear it."""
        if self.sender is None:
            return
        event = {"topic": topic, "type": word, **self._event(), "data": {"entityId": entity_id}}
        if property_id is not None:
            event["propertyId"] = property_id
        lower = topic.lower()
        for one in self.subscriptions.values():
            of_all = not one["propertyIds"]
            is_meant = of_all or (lower not in _FOR_THE_ACCOUNT and property_id in one["propertyIds"])
            if is_meant and {f"{lower}/*", f"{lower}/{word}"} & set(one["events"]):
                self.sender.send(one["endpointUrl"], json.dumps(event).encode(), {"Content-Type": "application/json"})

    def _id(self, prefix: str, length: int, taken: Iterable[str]) -> str:
        while True:
            made = prefix + "".join(self._random.choices(_LETTERS, k=length))
            if made not in taken:
                return made


def _single(query: Mapping[str, list[str]]) -> dict[str, str]:
    for name, values in query.items():
        if len(values) != 1:
            raise Refusal(400, f"{name}: lists are separated by commas.")
    return {name: values[0] for name, values in query.items()}


def _words(query: Query, name: str) -> set[str]:
    return {word for word in query.get(name, "").split(",") if word}


def _positive(query: Query, name: str) -> int | None:
    text = query.get(name)
    if text is None:
        return None
    if not text.isdecimal() or int(text) < 1:
        raise Refusal(422, f"{name}: must be greater than 0.")
    return int(text)


def _instant(query: Query, name: str) -> datetime | None:
    text = query.get(name)
    if text is None:
        return None
    if _INSTANT.fullmatch(text) is None:
        raise Refusal(422, f"{name}: is not a date and time in UTC or with UTC offset, without fractions of seconds.")
    return datetime.fromisoformat(text)


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


def _there(instant: datetime, zone: ZoneInfo) -> str:
    return instant.astimezone(zone).isoformat(timespec="seconds")
