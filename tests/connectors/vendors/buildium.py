"""Buildium for the conformance kit: the simulated office of the demo."""

from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from typing import Any, ClassVar

import requests

from connectors.buildium.connector import BuildiumConnector
from connectors.records import BookingStatus
from sandbox.buildium_office import BuildiumOffice
from tests.connectors.fixture import House, Json, Part, Person, RoomState, ServerFixture, Stay, Webhook

STATUSES = {
    BookingStatus.CONFIRMED: "Future",
    BookingStatus.IN_HOUSE: "Active",
    BookingStatus.CHECKED_OUT: "Past",
    BookingStatus.UNKNOWN: "Teleported",
}
TENANTS = {"Future": "Future", "Active": "Current", "Past": "MovedOut"}
SECRET = "HOOK-BODY-SECRET"


class Fixture(ServerFixture):
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

    def make_server(self, now: Callable[[], datetime]) -> BuildiumOffice:
        return BuildiumOffice(now=now, zone=self.TIME_ZONE)

    def admit(self) -> None:
        for name in ("client_id", "client_secret", "webhook_secret"):
            setattr(self.server, name, self.settings()[name])

    def listed(self, request: requests.PreparedRequest, document: Any) -> list[Any] | None:
        return document if "/v1/leases?" in str(request.url) else None

    def enter(self, record: Any) -> str:
        office = self.server
        match record:
            case House():
                return str(office.add_rental(record.name))
            case RoomState():
                return str(office.add_unit(int(record.house.id), record.name))
            case Person():
                phones = [("Fax", "(617) 555-0100"), ("Cell", record.phone)]
                return str(office.add_tenant(record.first_name, record.last_name, record.email, phones))
        tenants = [int(one.id) for one in record.people]
        record.reservation_id = str(office.lease(int(record.room.id), tenants, record.arrival))
        return str(record.reservation_id)

    def alter(self, record: Any) -> None:
        office = self.server
        match record:
            case RoomState():
                broken: Json = {"BuildingName": {"en": "?"}} if record.is_broken else {}
                office.edit("RentalUnit", int(record.id), UnitNumber=record.name, **broken)
            case Person():
                first: Any = {"en": record.first_name} if record.is_broken else record.first_name
                office.edit_tenant(int(record.id), FirstName=first, LastName=record.last_name)
            case Stay() if not record.exists:
                office.delete_lease(int(record.id))
            case Stay():
                office.edit_lease(int(record.id), **self._lease(record))

    def _lease(self, stay: Stay) -> Json:
        assert stay.room is not None
        status = STATUSES[stay.status]
        begins = None if stay.is_broken else stay.arrival.isoformat()
        leaves = (stay.departure - timedelta(days=1)).isoformat() if stay.departure else None
        people = [int(one.id) for one in stay.people]
        return {
            "PropertyId": int(stay.house.id),
            "UnitId": int(stay.room.id),
            "LeaseFromDate": begins,
            "LeaseToDate": leaves,
            "LeaseType": "Fixed" if leaves else "AtWill",
            "LeaseStatus": status,
            "MoveOutData": [{"TenantId": one, "MoveOutDate": leaves} for one in people if leaves],
            "Tenants": [{"Id": one, "Status": TENANTS.get(status, "Current"), "MoveInDate": begins} for one in people],
        }

    def subscribe(self, url: str) -> None:
        self.server.webhook_url = url

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
