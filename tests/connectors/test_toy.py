"""A newcomer's first connector: Pocket, a PMS that there is not, written by connectors/README.md alone."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit

import pytest
import requests

from connectors.records import BookingStatus
from tests.connectors import toy
from tests.connectors.conformance import Contract
from tests.connectors.fixture import HttpFixture, Json, Part, Stay, VendorFixture, Webhook, as_json

LETTERS = {"property": "H", "room": "R", "guest": "G", "booking": "B", "reservation": "B"}
STATES = {status: word for word, status in toy.STATES.items()} | {BookingStatus.UNKNOWN: "teleported"}
TYPES = {"room": "Room", "parking": "ParkingSpot"}


class Fixture(HttpFixture):
    CONNECTOR = toy.PocketConnector
    HOSTS = ("https://pocket.example/",)
    PAGE = toy.PAGE
    LONGEST_WINDOW = toy.LONGEST_WINDOW
    MOST_IDS = toy.PAGE
    LACKS: ClassVar[Mapping[Part, str]] = {
        Part.RENEWAL: "Pocket's keys do not grow old.",
        Part.PORTFOLIO: "A key of Pocket's opens one house.",
        Part.BEDS: "Pocket knows nothing of beds.",
        Part.CONNECTED_ROOMS: "Pocket knows nothing of rooms in rooms.",
        Part.SPLIT: "Pocket has one room for a whole booking.",
        Part.OPEN_END: "Pocket is for hotels: every booking ends.",
        Part.WEBHOOK_AGE: "Pocket's webhooks carry no time.",
    }

    def make_id(self, kind: str, number: int, part: int = 1) -> str:
        return f"{LETTERS[kind]}{number}" + (f"-{part}" if kind == "booking" else "")

    def settings(self) -> Json:
        return {"base_url": "https://pocket.example", "api_key": f"KEY-SECRET-{self.account}"}

    def wrong_shapes(self) -> list[str]:
        return [*super().wrong_shapes(), "[]", '{"bookings": null, "rooms": [7], "guests": "none", "houses": [[]]}']

    def answer(self, request: requests.PreparedRequest) -> tuple[int, Mapping[str, str], str]:
        address = urlsplit(request.url or "")
        name, query = address.path.strip("/"), dict(parse_qsl(address.query))
        if request.headers["Authorization"] != f"Bearer {self.settings()['api_key']}":
            return as_json({"error": "who are you?"}, 401)
        records: dict[str, list[Any]] = {
            "houses": self.houses,
            "rooms": self.rooms,
            "guests": self.people,
            "bookings": [stay for stay in self.stays if stay.exists],
        }
        found = records[name]
        if "ids" in query:
            wanted = query["ids"].split(",")
            if len(wanted) > toy.PAGE:
                return as_json({"error": "so many ids"}, 400)
            found = [one for one in found if one.id in wanted]
        if "changed_from" in query:
            start, end = (datetime.fromisoformat(query[side]) for side in ("changed_from", "changed_to"))
            if end - start > toy.LONGEST_WINDOW:
                return as_json({"error": "that is too long"}, 400)
            found = [one for one in found if start <= one.changed_at < end]
        if "from" in query:
            first, last = (date.fromisoformat(query[side]) for side in ("from", "to"))
            found = [one for one in found if one.arrival <= last and one.departure >= first]
        ids = [one.id for one in found]
        offset = ids.index(query["after"]) + 1 if query.get("after") in ids else 0
        size = int(query["limit"])
        page = self.page_of(found, offset, size) if name == "bookings" else found[offset : offset + size]
        return as_json({name: [getattr(self, "_" + name)(one) for one in page]})

    def _houses(self, house: Any) -> Json:
        return {"id": house.id, "name": house.name, "zone": self.TIME_ZONE}

    def _rooms(self, room: Any) -> Json:
        named = {} if room.is_broken else {"name": room.name}
        return {"id": room.id, "type": TYPES[room.kind], "closed": not room.is_active, **named}

    def _guests(self, person: Any) -> Json:
        if person.is_anonymous:
            return {"id": person.id, "first": "", "last": "", "email": None, "phone": None}
        last = {} if person.is_broken else {"last": person.last_name}
        return {"id": person.id, "first": person.first_name, "email": person.email, "phone": person.phone, **last}

    def _bookings(self, stay: Any) -> Json:
        return {
            "id": stay.id,
            "number": stay.number,
            "state": STATES[stay.status],
            "arrival": None if stay.is_broken else stay.arrival.isoformat(),
            "departure": stay.departure.isoformat(),
            "room": stay.room.id if stay.room else None,
            "guests": [person.id for person in stay.people],
            "colour": "blue",
        }

    def webhook(self, stay: Stay, event: int = 1, at: datetime | None = None) -> Webhook:
        return self._signed({"id": f"E{event}", "house": self.house.id, "booking": stay.id})

    def health_check(self) -> Webhook:
        return self._signed({"ping": True})

    def forgeries(self, genuine: Webhook) -> list[Webhook]:
        signatures = ("", "0" * 64, genuine.headers["x-pocket-signature"][:-1])
        return [Webhook({}, {"x-pocket-signature": one}, genuine.body, genuine.document) for one in signatures]

    def _signed(self, document: Json) -> Webhook:
        body = json.dumps(document).encode()
        signature = hmac.new(self.WEBHOOK_TOKEN.encode(), body, hashlib.sha256).hexdigest()
        return Webhook({}, {"x-pocket-signature": signature}, body, document)


class TestToy(Contract):
    @pytest.fixture
    def vendor(self) -> type[VendorFixture]:
        return Fixture


def test_the_reading_of_a_toy_takes_less_than_100_lines() -> None:
    text = Path(toy.__file__).read_text()
    assert len(text[text.index("class PocketReader") :].splitlines()) < 100
