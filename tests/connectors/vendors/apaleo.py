"""Apaleo for the conformance kit: the simulated hotel of the tests."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, ClassVar

import requests

from connectors.apaleo.connector import ApaleoConnector
from connectors.records import BookingStatus
from sandbox.webhooks import WebhookSender
from tests.connectors.fixture import House, Json, Part, Person, RoomState, ServerFixture, SpanState, Stay, Webhook
from tests.simulated.apaleo_hotel import ApaleoHotel

STATES = {
    BookingStatus.CONFIRMED: "Confirmed",
    BookingStatus.IN_HOUSE: "InHouse",
    BookingStatus.CHECKED_OUT: "CheckedOut",
    BookingStatus.CANCELLED: "Canceled",
    BookingStatus.NO_SHOW: "NoShow",
    BookingStatus.UNKNOWN: "Teleported",
}
GROUPS = {"room": "BedRoom", "parking": "ParkingLot"}


class Fixture(ServerFixture):
    CONNECTOR = ApaleoConnector
    HOSTS = tuple(f"https://{one}.apaleo.example/" for one in ("api", "identity", "webhook"))
    PAGE = 200
    GUESTS_HAVE_IDS = False
    LACKS: ClassVar[Mapping[Part, str]] = {
        Part.LONG_WINDOWS: "Apaleo documents no limit of its windows.",
        Part.BEDS: "Apaleo knows no beds: a bed that is sold alone is a unit.",
        Part.ROOM_CHANGES: "Apaleo's units do not tell when they changed.",
        Part.GUEST_CHANGES: "Apaleo's guests are parts of a reservation, which changes with them.",
        Part.TENTATIVE: "Apaleo holds rooms with blocks, which are no reservations.",
        Part.REINSTATED: "A cancelled reservation of Apaleo cannot be opened again.",
        Part.OPEN_END: "A reservation of Apaleo always has an end.",
        Part.SIGNED_BODY: "Apaleo signs nothing: the token in the address is all there is.",
        Part.WEBHOOK_AGE: "Apaleo sends events for up to a day: their age says nothing.",
    }

    def make_id(self, kind: str, number: int, part: int = 1) -> str:
        match kind:
            case "property":
                return f"MUC{number}"
            case "room":
                return f"MUC1-U{number}"
            case "reservation":
                return f"XPGM{number}"
            case "booking":
                return f"XPGM{number}-{part}"
        return f"NONE{number}-1:primary"

    def guest_id(self, stay: Stay, person: Person) -> str:
        place = stay.people.index(person)
        return f"{stay.id}:additional:{place}" if place else f"{stay.id}:primary"

    def settings(self) -> Json:
        return {
            "base_url": "https://api.apaleo.example",
            "identity_url": "https://identity.apaleo.example",
            "webhook_url": "https://webhook.apaleo.example",
            "client_id": f"CLIENT-{self.account}",
            "client_secret": "CLIENT-SECRET",
        }

    def wrong_shapes(self) -> list[str]:
        return [*super().wrong_shapes(), "[]", '{"count": 0}', '{"reservations": [], "units": []}']

    def make_server(self, now: Callable[[], datetime]) -> ApaleoHotel:
        hotel = ApaleoHotel(now=now)
        hotel.types_in_parts = False
        return hotel

    def admit(self) -> None:
        self.server.client_id, self.server.client_secret = f"CLIENT-{self.account}", "CLIENT-SECRET"

    def is_sign_in(self, request: requests.PreparedRequest) -> bool:
        return str(request.url).startswith(self.HOSTS[1])

    def listed(self, request: requests.PreparedRequest, document: Any) -> list[Any] | None:
        is_list = "/booking/v1/reservations?" in str(request.url)
        return document.get("reservations", []) if is_list else None

    def enter(self, record: Any) -> str:
        hotel = self.server
        match record:
            case House():
                hotel.add_property(record.id, record.name, self.TIME_ZONE, "AT")
                for one, kind in GROUPS.items():
                    hotel.add_group(record.id, one.upper(), kind)
                return str(record.id)
            case RoomState():
                group = f"{record.house.id}-{record.kind.upper()}"
                return str(hotel.add_unit(group, record.name, of=[one.id for one in record.connected]))
            case Stay():
                group = f"{record.house.id}-{record.room.kind.upper() if record.room else 'ROOM'}"
                same = [one for one in self.stays if one.number == record.number and one is not record]
                booking = same[0].reservation_id if same else None
                stay_id = hotel.book(group, self.begins(record), self.ends(record), booking=booking)
                record.reservation_id = stay_id.partition("-")[0]
                return str(stay_id)
        return str(record.id)

    def alter(self, record: Any) -> None:
        hotel = self.server
        match record:
            case RoomState():
                hotel.units[record.id] |= {"name": record.name, "isArchived": not record.is_active}
                hotel.lacks[record.id] = {"name"} if record.is_broken else set()
            case Person():
                for stay in self.stays:
                    if record in stay.people:
                        self.alter(stay)
            case Stay() if not record.exists:
                hotel.delete(record.id)
            case Stay():
                found = hotel.reservations[record.id]
                found |= {"_arrival": self.begins(record), "_departure": self.ends(record), "_nights": {}}
                whole = SpanState(record.room, record.arrival, record.departure) if record.room else None
                for span in record.spans or [whole] if whole else ():
                    hotel.assign(record.id, span.room.id, span.arrival, span.departure - timedelta(days=1))
                hotel.lacks[record.id] = {"arrival"} if record.is_broken else set()
                people = [_person(one) for one in record.people] or [None]
                hotel.change(
                    record.id,
                    status=STATES[record.status],
                    checkInTime=record.came_at.isoformat(timespec="seconds") if record.came_at else None,
                    primaryGuest=people[0],
                    additionalGuests=people[1:],
                )

    def health_check(self) -> Webhook:
        """It comes before a subscription is accepted."""
        asked: list[tuple[str, bytes, Mapping[str, str]]] = []
        self.server.sender = WebhookSender(post=lambda *call: asked.append(call) or 204, background=False)  # type: ignore[func-returns-value]
        self.subscribe(f"{self.URL}?token={self.WEBHOOK_TOKEN}")
        return self.hook(*asked[0])


def _person(person: Person) -> Json:
    if person.is_broken:
        return {"firstName": {"en": person.first_name}, "lastName": person.last_name}
    if person.is_anonymous:
        return {"lastName": "Anonymous"}  # What the hotel writes over it.
    names = {"firstName": person.first_name, "lastName": person.last_name}
    return {**names, "email": person.email, "phone": person.phone}
