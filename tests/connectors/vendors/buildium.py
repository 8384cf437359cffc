"""Buildium for the conformance kit, after the Open API's guide and description."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import requests

from connectors.buildium.connector import BuildiumConnector
from connectors.records import BookingStatus
from tests.connectors.fixture import House, HttpFixture, Json, Part, Person, RoomState, Stay, Webhook, as_json

STATUSES = {
    BookingStatus.CONFIRMED: "Future",
    BookingStatus.IN_HOUSE: "Active",
    BookingStatus.CHECKED_OUT: "Past",
    BookingStatus.UNKNOWN: "Teleported",
}
TENANTS = {"Future": "Future", "Active": "Current", "Past": "MovedOut"}
SECRET = "HOOK-BODY-SECRET"


class Fixture(HttpFixture):
    CONNECTOR = BuildiumConnector
    HOSTS = ("https://buildium.example/v1/",)
    TIME_ZONE = "America/New_York"
    CLOCK_CHANGE = date(2026, 11, 1)
    CHECK_IN = time(0)
    CHECK_OUT = time(0)
    PAGE = 1000
    LONGEST_WINDOW = timedelta(days=365)
    LACKS: ClassVar[Mapping[Part, str]] = {
        Part.RENEWAL: "Buildium's keys are in every request and do not grow old.",
        Part.ANONYMISED: "Buildium documents no way to forget a tenant.",
        Part.INACTIVE_ROOMS: "A unit in Buildium is in use as long as its rental is.",
        Part.OTHER_KINDS: "Units in Buildium are what their rental is: homes, parking or storage.",
        Part.BEDS: "A bed in Buildium is a unit like any other.",
        Part.CONNECTED_ROOMS: "A unit in Buildium consists of nothing.",
        Part.TENTATIVE: "A lease in Buildium is active, future or past; applicants are no tenants.",
        Part.CANCELLED: "A lease in Buildium that comes to nothing is deleted or past.",
        Part.NO_SHOW: "A lease in Buildium knows nobody who did not come.",
        Part.REINSTATED: "A lease in Buildium cannot be cancelled in the first place.",
        Part.UNASSIGNED: "A lease in Buildium always has its unit.",
        Part.SPLIT: "Whoever moves to another home has two leases in Buildium.",
        Part.MULTI_ROOM: "A lease in Buildium is of one unit.",
        Part.EVENT_IDS: "Buildium's events have no numbers.",
        Part.HEALTH_CHECK: "Buildium does not ask whether we are there.",
    }

    def make_id(self, kind: str, number: int, part: int = 1) -> str:
        return str(100 + number)

    def settings(self) -> Json:
        return {
            "base_url": "https://buildium.example",
            "client_id": f"ID-SECRET-{self.account}",
            "client_secret": "CLIENT-SECRET",
            "webhook_secret": SECRET,
        }

    def wrong_shapes(self) -> list[str]:
        return [*super().wrong_shapes(), '{"UserMessage": "Something went wrong."}', '["text"]']

    # --- the wire -----------------------------------------------------------------------------------------------------

    def answer(self, request: requests.PreparedRequest) -> tuple[int, Mapping[str, str], str]:
        assert request.method == "GET"
        settings = self.settings()
        for name, value in (("id", settings["client_id"]), ("secret", settings["client_secret"])):
            if request.headers.get(f"x-buildium-client-{name}") != value:
                return as_json({"UserMessage": "Not authorized."}, 401)
        address = urlsplit(str(request.url))
        if len(address.query) > 4096:
            return as_json({"UserMessage": "Something went wrong."}, 500)
        query = parse_qs(address.query)
        operation, _, number = address.path.removeprefix("/v1/").rpartition("/")
        if not number.isdecimal():
            return self._list(address.path.removeprefix("/v1/"), query)
        found = [item for item in self._items(operation, {}) if str(item["Id"]) == number]
        return as_json(found[0]) if found else as_json({"UserMessage": "No record was found."}, 404)

    def _list(self, operation: str, query: Mapping[str, list[str]]) -> tuple[int, Mapping[str, str], str]:
        bounds = [datetime.fromisoformat(query[one][0]) for one in ("lastupdatedfrom", "lastupdatedto") if one in query]
        if len(bounds) == 2 and bounds[1] - bounds[0] > self.LONGEST_WINDOW:
            return as_json({"UserMessage": "The dates are too far apart."}, 422)
        limit, offset = int(query["limit"][0]), int(query.get("offset", ["0"])[0])
        assert 1 <= limit <= 1000
        assert limit == 1 or query["orderby"] == ["Id asc"]
        items = self._items(operation, query)
        page = self.page_of(items, offset, limit) if operation == "leases" else items[offset : offset + limit]
        return as_json(page, X_Total_Count=str(len(items)))

    def _items(self, operation: str, query: Mapping[str, list[str]]) -> list[Json]:
        match operation:
            case "rentals":
                return [self._rental(house) for house in self.houses]
            case "rentals/units":
                return [self._unit(room) for room in self._updated(self.rooms, query)]
            case "leases":
                return [self._lease(stay) for stay in self._leases(query)]
            case "leases/tenants":
                units = query.get("unitids")
                on = [stay for stay in self.stays if units is None or (stay.room and stay.room.id in units)]
                there = {person.id for stay in on for person in stay.people}
                people = [one for one in self.people if one.id in there or units is None]
                return [self._tenant(person) for person in self._updated(people, query)]
        raise AssertionError(f"Buildium has no {operation}")

    def _leases(self, query: Mapping[str, list[str]]) -> list[Stay]:
        statuses = query.get("leasestatuses")
        stays = [one for one in self.stays if one.exists and one.house.id in query.get("propertyids", [one.house.id])]
        return [one for one in self._updated(stays, query) if statuses is None or STATUSES[one.status] in statuses]

    def _updated(self, records: Iterable[Any], query: Mapping[str, list[str]]) -> list[Any]:
        """Both ends belong to it."""
        since, until = (query.get(name, [""])[0] for name in ("lastupdatedfrom", "lastupdatedto"))
        return [one for one in records if since <= _utc(one.changed_at) <= (until or "9")]

    def _rental(self, house: House) -> Json:
        return {
            "Id": int(house.id),
            "Name": house.name,
            "NumberUnits": sum(room.house is house for room in self.rooms),
            "IsActive": True,
            "Address": {"Country": "Austria"},
            "RentalType": "Residential",
            "RentalSubType": "MultiFamily",
        }

    def _unit(self, room: RoomState) -> Json:
        return {
            "Id": int(room.id),
            "PropertyId": int(room.house.id),
            "BuildingName": {"en": "?"} if room.is_broken else room.house.name,
            "UnitNumber": room.name,
        }

    def _tenant(self, person: Person) -> Json:
        on = [stay for stay in self.stays if person in stay.people and stay.exists]
        return {
            "Id": int(person.id),
            "FirstName": {"en": person.first_name} if person.is_broken else person.first_name,
            "LastName": person.last_name,
            "Email": person.email,
            "PhoneNumbers": [{"Number": "(617) 555-0100", "Type": "Fax"}, {"Number": person.phone, "Type": "Cell"}],
            "TaxId": "123-45-6789",
            "Leases": [{"Id": int(stay.id), "LeaseStatus": STATUSES[stay.status]} for stay in on],
        }

    def _lease(self, stay: Stay) -> Json:
        status = STATUSES[stay.status]
        begins = None if stay.is_broken else stay.arrival.isoformat()
        leaves = (stay.departure - timedelta(days=1)).isoformat() if stay.departure else None
        assert stay.room is not None
        return {
            "Id": int(stay.id),
            "PropertyId": int(stay.house.id),
            "UnitId": int(stay.room.id),
            "UnitNumber": stay.room.name,
            "LeaseFromDate": begins,
            "LeaseToDate": leaves,
            "LeaseType": "Fixed" if leaves else "AtWill",
            "LeaseStatus": status,
            "IsEvictionPending": False,
            "CurrentTenants": [],
            "Cosigners": [{"Id": 999, "FirstName": "Rosa"}],
            "AutomaticallyMoveOutTenants": False,
            "LastUpdatedDateTime": _utc(stay.changed_at),
            "MoveOutData": [{"TenantId": int(one.id), "MoveOutDate": leaves} for one in stay.people if leaves],
            "Tenants": [
                {"Id": int(one.id), "Status": TENANTS.get(status, "Current"), "MoveInDate": begins}
                for one in stay.people
            ],
        }

    # --- webhooks -----------------------------------------------------------------------------------------------------

    def webhook(self, stay: Stay, event: int = 1, at: datetime | None = None) -> Webhook:
        moment = at or self.now
        document = {
            "EventName": "Lease.Updated",
            "EventDateTime": f"2026-09-18T10:00:{event:02d}.1234567Z",
            "AccountId": 123456,
            "LeaseId": int(stay.id),
        }
        sent = str(int(moment.timestamp()))
        compact = json.dumps(document, separators=(",", ":"))
        signature = hmac.new(SECRET.encode(), f"{sent}.{compact}".encode(), hashlib.sha256).digest()
        headers = {
            "buildium-webhook-timestamp": sent,
            "buildium-webhook-signature": base64.b64encode(signature).decode(),
        }
        return Webhook({}, headers, json.dumps(document, indent=2).encode(), document)

    def forgeries(self, genuine: Webhook) -> list[Webhook]:
        stamp, signature = (genuine.headers[f"buildium-webhook-{name}"] for name in ("timestamp", "signature"))
        pairs = [
            (stamp, signature[:-2] + "x="),
            (stamp, signature.lower()),
            (stamp, ""),
            ("", signature),
            (str(int(stamp) + 1), signature),
            (f" {stamp}", signature),
        ]
        return [
            Webhook(
                genuine.query,
                {"buildium-webhook-timestamp": one, "buildium-webhook-signature": other},
                genuine.body,
                genuine.document,
            )
            for one, other in pairs
        ]


def _utc(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
