"""Cloudbeds for the conformance kit: the simulated house of the tests."""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any, ClassVar

import requests

from connectors.cloudbeds.connector import CloudbedsConnector
from connectors.records import BookingStatus
from tests.connectors.fixture import Fault, House, Json, Part, Person, RoomState, ServerFixture, SpanState, Stay
from tests.simulated.cloudbeds_house import CloudbedsHouse

STATES = {
    BookingStatus.TENTATIVE: "not_confirmed",
    BookingStatus.CONFIRMED: "confirmed",
    BookingStatus.IN_HOUSE: "checked_in",
    BookingStatus.CHECKED_OUT: "checked_out",
    BookingStatus.CANCELLED: "canceled",
    BookingStatus.NO_SHOW: "no_show",
    BookingStatus.UNKNOWN: "teleported",
}
ROOM_STATES = {
    BookingStatus.IN_HOUSE: "in_house",
    BookingStatus.CHECKED_OUT: "checked_out",
    BookingStatus.CANCELLED: "cancelled",
}


class Fixture(ServerFixture):
    """Signs in by OAuth, the way in which more can go wrong."""

    CONNECTOR = CloudbedsConnector
    HOSTS = ("https://cloudbeds.example/api/v1.3/",)
    PAGE = 100
    MOST_IDS = 50
    LACKS: ClassVar[Mapping[Part, str]] = {
        Part.PORTFOLIO: "A connection is for the one property that its settings name.",
        Part.LONG_WINDOWS: "Cloudbeds documents no limit of the window of changes.",
        Part.EXACT_CHANGES: "In which zone the moment of a change is told is not documented, so the windows overlap.",
        Part.ROOM_CHANGES: "Cloudbeds does not tell when a room changed.",
        Part.INACTIVE_ROOMS: "Cloudbeds only lists the rooms that are in use.",
        Part.OTHER_KINDS: "What Cloudbeds calls a room is one, as far as it tells.",
        Part.BEDS: "The room of a bed is nothing but a name in Cloudbeds, and a name is no key.",
        Part.OPEN_END: "A room of a reservation always has a last day.",
        Part.SIGNED_BODY: "Cloudbeds signs nothing: the token in the address is all there is.",
        Part.WEBHOOK_AGE: "Nobody could tell by the time in an unsigned body whether it is old.",
        Part.EVENT_IDS: "Cloudbeds's events have no numbers.",
        Part.HEALTH_CHECK: "Cloudbeds does not ask whether we are there.",
    }

    def make_id(self, kind: str, number: int, part: int = 1) -> str:
        match kind:
            case "property":
                return str(210000 + number)
            case "room":
                return f"405001-{number}"
            case "guest":
                return str(163000000 + number)
            case "booking" if part > 1:
                return f"{8176000000000 + number}-{part - 1}"
        return str(8176000000000 + number)

    def settings(self) -> Json:
        return {
            "base_url": self.HOSTS[0],
            "property_id": self.house.id,
            "client_id": f"CLIENT-ID-{self.account}",
            "client_secret": "CLIENT-SECRET",
            "refresh_token": f"REFRESH-SECRET-{self.account}",
        }

    def wrong_shapes(self) -> list[str]:
        told = (
            {"success": True},
            {"success": True, "data": None},
            {"success": True, "data": {}},
            {"success": False, "message": "Internal error"},
            {"success": "no", "data": [], "total": 0},
        )
        return [*super().wrong_shapes(), "[]", *map(json.dumps, told)]

    def make_server(self, now: Callable[[], datetime]) -> CloudbedsHouse:
        return CloudbedsHouse(now=now, zone=self.TIME_ZONE)

    def admit(self) -> None:
        for name in ("client_id", "client_secret", "refresh_token"):
            setattr(self.server, name, self.settings()[name])

    def is_sign_in(self, request: requests.PreparedRequest) -> bool:
        return str(request.url).endswith("/access_token")

    def refusal(self) -> Fault:
        return Fault(401, '{"error": "access_denied", "message": "The resource owner denied the request."}')

    def listed(self, request: requests.PreparedRequest, document: Any) -> list[Any] | None:
        return document.get("data", []) if "/getReservations?" in str(request.url) else None

    def enter(self, record: Any) -> str:
        match record:
            case House():
                self.server.name = record.name
                return self.server.property_id
            case RoomState():
                return self.server.add_room(record.name, consists_of=[one.id for one in record.connected])
            case Person():
                return self.server.add_guest(record.first_name, record.last_name, record.email, record.phone)
        same = [one for one in self.stays if one.number == record.number and one is not record]
        if same:
            record.reservation_id = same[0].reservation_id
            return self.server.add_line(record.reservation_id, None, record.arrival, record.departure)
        main = record.people[0].id if record.people else ""
        record.reservation_id = self.server.book(main, record.arrival, record.departure)
        return record.reservation_id

    def alter(self, record: Any) -> None:
        match record:
            case RoomState():
                self.server.rooms[record.id]["roomName"] = None if record.is_broken else record.name
            case Person() if record.is_anonymous:
                self.server.anonymise(record.id)
            case Person():
                first: Any = {"en": record.first_name} if record.is_broken else record.first_name
                self.server.edit_guest(record.id, first=first, last=record.last_name)
            case Stay():
                self._alter(record)

    def _alter(self, stay: Stay) -> None:
        found = self.server.reservations[stay.reservation_id]
        others = [one for one in found.lines if one.part != stay.id]
        line = next(one for one in found.lines if one.part == stay.id)
        guests, status = [one.id for one in stay.people], ROOM_STATES.get(stay.status, "not_checked_in")
        spans = stay.spans or [SpanState(stay.room, stay.arrival, stay.departure)]  # type: ignore[arg-type]
        mine = [
            replace(
                line,
                room=span.room.id if span.room else None,
                arrival=span.arrival,
                departure=span.departure,
                guests=guests,
                status=status,
            )
            for span in spans
        ]
        found.lines = [*others, *mine] if stay.exists else others
        if not found.lines:
            self.server.purge(stay.reservation_id)
            return
        found.lacks = {"roomCheckIn"} if stay.is_broken else set()
        together = [one for one in self.stays if one.reservation_id == stay.reservation_id and one.exists]
        # One room that is cancelled does not cancel the others.
        standing = [one.status for one in together if one.status is not BookingStatus.CANCELLED]
        self.server.set_status(stay.reservation_id, STATES[(standing or [stay.status])[0]])
