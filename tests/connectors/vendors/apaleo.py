"""Apaleo for the conformance kit, after its developer guides and OpenAPI descriptions."""

import base64
import json
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any, ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import requests

from connectors.apaleo.connector import ApaleoConnector
from connectors.records import BookingStatus
from tests.connectors.fixture import (
    House,
    HttpFixture,
    Json,
    Part,
    Person,
    RoomState,
    SpanState,
    Stay,
    Webhook,
    as_json,
)

STATES = {
    BookingStatus.CONFIRMED: "Confirmed",
    BookingStatus.IN_HOUSE: "InHouse",
    BookingStatus.CHECKED_OUT: "CheckedOut",
    BookingStatus.CANCELLED: "Canceled",
    BookingStatus.NO_SHOW: "NoShow",
    BookingStatus.UNKNOWN: "Teleported",
}
GROUPS = {"room": "BedRoom", "parking": "ParkingLot"}


class Fixture(HttpFixture):
    CONNECTOR = ApaleoConnector
    HOSTS = ("https://api.apaleo.example/", "https://identity.apaleo.example/")
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
            "client_id": f"CLIENT-{self.account}",
            "client_secret": "CLIENT-SECRET",
        }

    def wrong_shapes(self) -> list[str]:
        return [*super().wrong_shapes(), "[]", '{"count": 0}', '{"reservations": [], "units": []}']

    # --- the wire -----------------------------------------------------------------------------------------------------

    def is_sign_in(self, request: requests.PreparedRequest) -> bool:
        return str(request.url).startswith(self.HOSTS[1])

    def answer(self, request: requests.PreparedRequest) -> tuple[int, Mapping[str, str], str]:
        address = urlsplit(str(request.url))
        if self.is_sign_in(request):
            settings = self.settings()
            client = base64.b64encode(f"{settings['client_id']}:{settings['client_secret']}".encode()).decode()
            assert (request.method, address.path) == ("POST", "/connect/token")
            assert request.body == "grant_type=client_credentials"
            if request.headers["Authorization"] != f"Basic {client}":
                return as_json({"error": "invalid_client"}, 400)
            return as_json({"access_token": f"TOKEN-{self.account}", "expires_in": 3600, "token_type": "Bearer"})
        assert request.method == "GET"
        if request.headers.get("Authorization") != f"Bearer TOKEN-{self.account}":
            return 401, {}, ""
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        resource, _, record_id = unquote(address.path).removeprefix("/").partition("/v1/")[2].partition("/")
        match resource:
            case "properties":
                return self._list(query, "properties", [self._property(house) for house in self.houses])
            case "unit-groups":
                return self._list(query, "unitGroups", [self._group(kind) | {"type": GROUPS[kind]} for kind in GROUPS])
            case "units":
                rooms = [one for one in self.rooms if record_id or one.house.id == query["propertyId"]]
                rooms = [one for one in rooms if record_id or one.is_active or query.get("status") == "All"]
                return self._answer_with(query, "units", record_id, [self._unit(one, query) for one in rooms])
            case "reservations":
                stays = [stay for stay in self.stays if stay.exists]
                if not record_id:
                    stays = self._filtered(query, stays)
                rows = [self._reservation(stay, query) for stay in stays]
                return self._answer_with(query, "reservations", record_id, rows)
        raise AssertionError(f"Apaleo has no {address.path}")

    def _answer_with(
        self, query: Json, name: str, record_id: str, rows: list[Json]
    ) -> tuple[int, Mapping[str, str], str]:
        if not record_id:
            return self._list(query, name, rows)
        found = next((row for row in rows if row["id"] == record_id), None)
        return (404, {}, "") if found is None else as_json(found)

    def _list(self, query: Json, name: str, rows: list[Json]) -> tuple[int, Mapping[str, str], str]:
        number, size = int(query["pageNumber"]), int(query["pageSize"])
        if size > 200:
            return as_json({"messages": ["pageSize is too large."]}, 422)
        offset = (number - 1) * size
        page = self.page_of(rows, offset, size) if name == "reservations" else rows[offset : offset + size]
        return as_json({name: page, "count": len(rows)}) if page else (204, {}, "")

    def _filtered(self, query: Json, stays: Iterable[Stay]) -> list[Stay]:
        assert query["sort"] == "created:asc"
        found = [stay for stay in stays if stay.house.id == query["propertyIds"]]
        if "bookingId" in query:
            found = [stay for stay in found if stay.reservation_id == query["bookingId"]]
        if "dateFilter" in query:
            start, end = datetime.fromisoformat(query["from"]), datetime.fromisoformat(query["to"])
            assert start < end
            assert "." not in query["from"] + query["to"]
            if query["dateFilter"] == "Stay":
                found = [one for one in found if self.begins(one) < end and self._leaves(one) > start]
            else:
                assert query["dateFilter"] == "Modification"
                found = [one for one in found if start <= self._modified(one) < end]
        return found

    def _leaves(self, stay: Stay | SpanState) -> datetime:
        ends = self.ends(stay)
        assert ends is not None
        return ends

    def _modified(self, stay: Stay) -> datetime:
        return max([stay.changed_at, *(one.changed_at for one in stay.people)])

    def _property(self, house: House) -> Json:
        return {
            "id": house.id,
            "code": house.id,
            "isTemplate": False,
            "name": house.name,
            "location": {"city": "Wien", "countryCode": "AT"},
            "timeZone": self.TIME_ZONE,
            "status": "Live",
        }

    def _group(self, kind: str) -> Json:
        """As a part of something else: the OpenAPI description has no type there."""
        return {"id": f"MUC1-{kind.upper()}", "code": kind.upper(), "name": kind}

    def _unit(self, room: RoomState, query: Json) -> Json:
        unit = {
            "id": room.id,
            "name": room.name,
            "property": {"id": room.house.id},
            "unitGroup": self._group(room.kind),
            "status": {"isOccupied": False, "condition": "Clean"},
            "isArchived": not room.is_active,
        }
        if room.connected and "connectedUnits" in query.get("expand", ""):
            unit["connectedUnits"] = [{"id": one.id, "name": one.name} for one in room.connected]
        if room.is_broken:
            del unit["name"]
        return unit

    def _person(self, person: Person) -> Json:
        if person.is_broken:
            return {"firstName": {"en": person.first_name}, "lastName": person.last_name}
        if person.is_anonymous:
            return {"lastName": "Anonymous"}  # What the hotel writes over it.
        return {
            "firstName": person.first_name,
            "lastName": person.last_name,
            "email": person.email,
            "phone": person.phone,
        }

    def _reservation(self, stay: Stay, query: Json) -> Json:
        kind = stay.room.kind if stay.room else "room"
        reservation = {
            "id": stay.id,
            "bookingId": stay.reservation_id,
            "status": STATES[stay.status],
            "property": {"id": stay.house.id, "code": stay.house.id, "name": stay.house.name},
            "unitGroup": self._group(kind),
            "arrival": self.begins(stay).isoformat(),
            "departure": self._leaves(stay).isoformat(),
            "modified": self._modified(stay).astimezone(UTC).isoformat(timespec="seconds"),
            "booker": {"firstName": "Agency", "lastName": "of Travels", "email": "agency@example.com"},
            "additionalGuests": [self._person(one) for one in stay.people[1:]],
        }
        if stay.people:
            reservation["primaryGuest"] = self._person(stay.people[0])
        if stay.came_at:
            reservation["checkInTime"] = stay.came_at.isoformat(timespec="seconds")
        spans = stay.spans or (
            [SpanState(stay.room, stay.arrival, stay.departure or date.max)] if stay.room is not None else []
        )
        if spans:
            reservation["unit"] = {"id": spans[0].room.id, "name": spans[0].room.name}
        if spans and "assignedUnits" in query["expand"]:
            reservation["assignedUnits"] = [
                {
                    "unit": {"id": span.room.id, "name": span.room.name},
                    "timeRanges": [{"from": self.begins(span).isoformat(), "to": self._leaves(span).isoformat()}],
                }
                for span in spans
            ]
        if "timeSlices" in query["expand"]:
            reservation["timeSlices"] = self._nights(stay, spans)
        if stay.is_broken:
            del reservation["arrival"]
        return reservation

    def _nights(self, stay: Stay, spans: Iterable[SpanState]) -> list[Json]:
        assert stay.departure is not None
        nights = []
        day = stay.arrival
        while day < stay.departure:
            following = day + timedelta(days=1)
            room = next((one.room for one in spans if one.arrival <= day < one.departure), None)
            nights.append(
                {
                    "from": self.moment(day, self.CHECK_IN).isoformat(),
                    "to": self.moment(following, self.CHECK_OUT).isoformat(),
                    "serviceDate": day.isoformat(),
                    **({"unit": {"id": room.id, "name": room.name}} if room else {}),
                }
            )
            day = following
        return nights

    # --- webhooks -----------------------------------------------------------------------------------------------------

    def webhook(self, stay: Stay, event: int = 1, at: datetime | None = None) -> Webhook:
        return self._event(
            {
                "topic": "Reservation",
                "type": "changed",
                "id": f"eb1c6b1e-7a0e-4b3e-9b9c-{event:012}",
                "accountId": "HOTL",
                "propertyId": self.house.id,
                "timestamp": 1789733405000,
                "data": {"entityId": stay.id},
            }
        )

    def _event(self, document: dict[str, Any]) -> Webhook:
        return Webhook({"token": self.WEBHOOK_TOKEN}, {}, json.dumps(document).encode(), document)

    def health_check(self) -> Webhook:
        return self._event({"topic": "system", "type": "healthcheck", "id": "5b2f9a0c", "propertyIds": []})

    def forgeries(self, genuine: Webhook) -> list[Webhook]:
        tokens = ("", self.WEBHOOK_TOKEN[:-1], self.WEBHOOK_TOKEN + "x", "TOKEN")
        queries: list[dict[str, str]] = [{}, *({"token": token} for token in tokens)]
        return [Webhook(query, genuine.headers, genuine.body, genuine.document) for query in queries]
