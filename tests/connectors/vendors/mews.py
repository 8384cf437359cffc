"""Mews for the conformance kit: the simulated hotel of the demo."""

import uuid
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import requests

from connectors.mews.connector import MewsConnector
from connectors.records import BookingStatus
from sandbox.mews_hotel import MewsHotel
from tests.connectors.fixture import House, Json, Part, Person, RoomState, ServerFixture, Stay

STATES = {
    BookingStatus.TENTATIVE: "Optional",
    BookingStatus.CONFIRMED: "Confirmed",
    BookingStatus.IN_HOUSE: "Started",
    BookingStatus.CHECKED_OUT: "Processed",
    BookingStatus.CANCELLED: "Canceled",
    BookingStatus.NO_SHOW: "Canceled",
    BookingStatus.UNKNOWN: "Teleported",
}
KINDS = {"room": "Room", "bed": "Bed", "parking": "ParkingSpot"}


class Fixture(ServerFixture):
    CONNECTOR = MewsConnector
    HOSTS = ("https://mews.example/api/connector/v1/",)
    PAGE = 1000
    LONGEST_WINDOW = timedelta(days=89)
    MOST_IDS = 1000
    LACKS: ClassVar[Mapping[Part, str]] = {
        Part.RENEWAL: "Mews's tokens are in every request and do not grow old.",
        Part.SPLIT: "A guest who moves during the stay has two reservations in Mews.",
        Part.OPEN_END: "A reservation in Mews always has an end.",
        Part.CONNECTED_ROOMS: "Mews's resources have a parent, but consist of nothing.",
        Part.SIGNED_BODY: "Mews signs nothing: the token in the address is all there is.",
        Part.WEBHOOK_AGE: "Mews's webhooks carry no time.",
        Part.EVENT_IDS: "Mews's events have no numbers.",
        Part.HEALTH_CHECK: "Mews does not ask whether we are there.",
    }

    def make_server(self, now: Callable[[], datetime]) -> MewsHotel:
        self.categories: dict[tuple[str, str], str] = {}
        return MewsHotel(now=now)

    def admit(self) -> None:
        self.server.client_token, self.server.access_token = self.settings()["client_token"], self._token()

    def _token(self) -> str:
        return f"ACCESS-SECRET-{self.account}"

    def make_id(self, kind: str, number: int, part: int = 1) -> str:
        return str(uuid.uuid5(uuid.NAMESPACE_OID, f"{kind} {number} {part}"))

    def settings(self) -> Json:
        return {
            "base_url": "https://mews.example",
            "client_token": "CLIENT-SECRET",
            "access_token": self._token(),
        }

    def wrong_shapes(self) -> list[str]:
        return [*super().wrong_shapes(), "[]"]

    def listed(self, request: requests.PreparedRequest, document: Any) -> list[Any] | None:
        is_list = str(request.url).endswith("reservations/getAll/2023-06-06")
        return document.get("Reservations", []) if is_list else None

    def enter(self, record: Any) -> str:
        hotel = self.server
        match record:
            case House():
                house_id = str(hotel.add_property(record.name, self.TIME_ZONE))
                service = hotel.add_service(house_id)
                self.categories |= {(house_id, one): hotel.add_category(service, kind) for one, kind in KINDS.items()}
                return house_id
            case RoomState():
                category, parent = self.categories[record.house.id, record.kind], record.parent
                return str(hotel.add_room(record.house.id, record.name, category, parent.id if parent else None))
            case Person():
                return str(hotel.add_customer(record.first_name, record.last_name, record.email, record.phone))
        return self._book(record)

    def _book(self, stay: Stay) -> str:
        together = [one for one in self.stays if one.number == stay.number and one is not stay]
        group = self.server.reservations[together[0].id]["GroupId"] if together else None
        owner, *others = [one.id for one in stay.people] or [None]
        category = self.categories[stay.house.id, "room"]
        ends = self.ends(stay)
        stay.reservation_id = self.server.book(owner, category, self.begins(stay), ends, companions=others, group=group)
        return stay.reservation_id

    def alter(self, record: Any) -> None:
        match record:
            case RoomState():
                name = None if record.is_broken else record.name
                self.server.edit("resources", record.id, Name=name, IsActive=record.is_active)
            case Person():
                self.server.edit("customers", record.id, **self._profile(record))
            case Stay() if not record.exists:
                self.server.delete_reservation(record.id)
            case Stay():
                self.server.move_dates(record.id, self.begins(record), self.ends(record))
                came = record.came_at and {"ActualStartUtc": record.came_at.isoformat()}
                self.server.edit(
                    "reservations",
                    record.id,
                    State=STATES[record.status],
                    CancellationReason="NoShow" if record.status is BookingStatus.NO_SHOW else None,
                    AssignedResourceId=record.room.id if record.room else None,
                    **(came or {}),
                    **({"ScheduledStartUtc": None, "StartUtc": None} if record.is_broken else {}),
                )

    def _profile(self, person: Person) -> Json:
        """Source of what is left of a deleted profile: Get all customers, `ActivityStates`."""
        if person.is_anonymous:
            return {"FirstName": None, "LastName": "Deleted", "Email": None, "Phone": None, "IsActive": False}
        first: Any = {"en": person.first_name} if person.is_broken else person.first_name
        return {"FirstName": first, "LastName": person.last_name, "Email": person.email, "Phone": person.phone}

    def subscribe(self, url: str) -> None:
        self.server.webhook_url = url
