"""Half a day with the documents of a PMS in hand (`fjordbok.md`): a connector, and the conformance kit is green."""

import base64
import hashlib
import hmac
import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
import requests

from connectors.errors import PmsUnreachable
from connectors.records import BookingStatus
from tests.connectors import fjordbok
from tests.connectors.conformance import Contract
from tests.connectors.fixture import Fault, HttpFixture, Json, Part, Person, Stay, VendorFixture, Webhook, as_json

STATES = {status: word for word, status in fjordbok.STATES.items()} | {BookingStatus.UNKNOWN: 55}
KINDS = {"room": "rom", "bed": "seng", "parking": "parkering"}


class Fixture(HttpFixture):
    CONNECTOR = fjordbok.FjordbokConnector
    HOSTS = ("https://fjord.example/",)
    PAGE = 40
    LONGEST_WINDOW = fjordbok.LONGEST_WINDOW
    GUESTS_HAVE_IDS = False
    LACKS: ClassVar[Mapping[Part, str]] = {
        Part.GUEST_CHANGES: "Fjordbok's guests are parts of an order, which changes with them.",
        Part.CONNECTED_ROOMS: "Fjordbok knows no rooms that consist of others.",
        Part.SPLIT: "Whoever moves during the stay has two legs in Fjordbok.",
        Part.OPEN_END: "A leg in Fjordbok always has an end.",
    }

    def make_id(self, kind: str, number: int, part: int = 1) -> str:
        return {"booking": f"{4000 + number}-{part}", "reservation": str(4000 + number)}.get(
            kind, f"{4000 + number}-1:1" if kind == "guest" else str(number)
        )

    def guest_id(self, stay: Stay, person: Person) -> str:
        return f"{stay.id}:{stay.people.index(person) + 1}"

    def settings(self) -> Json:
        return {"base_url": "https://fjord.example", "user": f"USER-{self.account}", "password": "PASS-SECRET"}

    def is_sign_in(self, request: requests.PreparedRequest) -> bool:
        return str(request.url).endswith("/login")

    def answer(self, request: requests.PreparedRequest) -> tuple[int, Mapping[str, str], str]:
        if self.is_sign_in(request):
            given = json.loads(request.body or b"")
            assert given == {"bruker": self.settings()["user"], "passord": "PASS-SECRET"}
            return as_json({"nokkel": f"KEY-{self.account}", "minutter": 30})
        if request.headers.get("X-Fjord-Key") != f"KEY-{self.account}":
            return as_json({"feil": "nøkkel"}, 401)
        address = urlsplit(str(request.url))
        _, *place = address.path.split("/")
        query = dict(parse_qsl(address.query))
        house = place[1] if len(place) > 1 else None
        if house is None:
            return self._list(request, [self._hotel(one) for one in self.houses], query)
        if place[2] == "rom":
            found = [self._room(one) for one in self.rooms if one.house.id == house]
        else:
            found = self._orders([one for one in self.stays if one.exists and one.house.id == house], query)
        if len(place) == 3:
            return self._list(request, found, query, is_of_bookings=place[2] == "ordrer")
        alone = [one for one in found if str(one["nr"]) == place[3]]
        return as_json(alone[0]) if alone else as_json({"feil": "finnes ikke"}, 404)

    def _list(
        self, request: requests.PreparedRequest, found: list[Json], query: Json, is_of_bookings: bool = False
    ) -> tuple[int, Mapping[str, str], str]:
        left = [one for one in found if one["nr"] > int(query.get("etter", 0))]
        if self.repeats_pages and is_of_bookings:
            left = found
        page = self.page_of(left, 0, self.PAGE) if is_of_bookings else left[: self.PAGE]
        more = {"Link": f'<?etter={page[-1]["nr"]}>; rel="next"'} if len(left) > self.PAGE else {}
        filters = "".join(f"&{name}={query[name]}" for name in ("dager", "endret") if name in query)
        return as_json({"rader": page}, **{name: text.replace(">;", f"{filters}>;") for name, text in more.items()})

    def _hotel(self, house: Any) -> Json:
        return {"nr": int(house.id), "navn": house.name, "tidssone": self.TIME_ZONE, "land": "AT"}

    def _room(self, room: Any) -> Json:
        return {
            "nr": int(room.id),
            **({} if room.is_broken else {"navn": room.name}),
            "slag": KINDS[room.kind],
            "i_bruk": room.is_active,
            "del_av": int(room.parent.id) if room.parent else None,
            "endret": int(room.changed_at.timestamp()),
        }

    def _orders(self, stays: list[Stay], query: Json) -> list[Json]:
        orders: dict[str, list[Stay]] = {}
        for stay in stays:
            orders.setdefault(stay.reservation_id, []).append(stay)
        if "dager" in query:
            first, last = (date(*map(int, reversed(one.split(".")))) for one in query["dager"].split("-"))
            touches = {one.reservation_id for one in stays if one.arrival <= last and (one.departure or last) >= first}
            orders = {one: legs for one, legs in orders.items() if one in touches}
        changed = {one: max(int(leg.changed_at.timestamp()) for leg in legs) for one, legs in orders.items()}
        if "endret" in query:
            start, end = map(int, query["endret"].split("-"))
            assert end - start <= self.LONGEST_WINDOW.total_seconds()
            orders = {one: legs for one, legs in orders.items() if start <= changed[one] < end}
        return [
            {"nr": int(one), "endret": changed[one], "strekninger": [self._leg(leg) for leg in legs]}
            for one, legs in sorted(orders.items(), key=lambda item: int(item[0]))
        ]

    def _leg(self, stay: Stay) -> Json:
        begins, ends = self.begins(stay), self.ends(stay)
        return {
            "nr": stay.part,
            "tilstand": STATES[stay.status],
            "fra": None if stay.is_broken else f"{begins:%d.%m.%Y %H:%M}",
            "til": f"{ends:%d.%m.%Y %H:%M}",
            "rom": int(stay.room.id) if stay.room else None,
            "kom": int(stay.came_at.timestamp()) if stay.came_at else None,
            "gjester": [self._guest(person) for person in stay.people],
        }

    def _guest(self, person: Person) -> Json:
        if person.is_anonymous:
            return {"fornavn": "", "etternavn": "", "epost": None, "mobil": None}
        first: Any = {"en": person.first_name} if person.is_broken else person.first_name
        return {"fornavn": first, "etternavn": person.last_name, "epost": person.email, "mobil": person.phone}

    def webhook(self, stay: Stay, event: int = 1, at: datetime | None = None) -> Webhook:
        return self._signed({"id": f"E{event}", "hotell": 1, "ordre": int(stay.reservation_id)}, at)

    def health_check(self) -> Webhook:
        return self._signed({"ping": True})

    def _signed(self, document: Json, at: datetime | None = None) -> Webhook:
        sent, body = str(int((at or self.now).timestamp())), json.dumps(document).encode()
        signature = hmac.new(self.WEBHOOK_TOKEN.encode(), f"{sent}.".encode() + body, hashlib.sha256).digest()
        headers = {"x-fjord-time": sent, "x-fjord-sign": base64.b64encode(signature).decode()}
        return Webhook({}, headers, body, document)

    def forgeries(self, genuine: Webhook) -> list[Webhook]:
        sent, sign = genuine.headers["x-fjord-time"], genuine.headers["x-fjord-sign"]
        pairs = (("", sign), (sent, ""), (sent, sign[:-1]), (str(int(sent) + 1), sign), (sent, sign.lower()))
        return [
            Webhook({}, {"x-fjord-time": one, "x-fjord-sign": other}, genuine.body, genuine.document)
            for one, other in pairs
        ]


class TestFjordbok(Contract):
    @pytest.fixture
    def vendor(self) -> type[VendorFixture]:
        return Fixture


def test_it_takes_less_than_350_lines() -> None:
    assert len(Path(fjordbok.__file__).read_text().splitlines()) < 350


def test_a_next_page_on_another_host_is_not_asked_for(tmp_path: Path) -> None:
    with Fixture(tmp_path) as pms:
        pms.add_stay()
        away = {"Link": '<https://elsewhere.example/>; rel="next"'}
        pms.inject(Fault(200, '{"rader": []}', away), times=None)
        with pytest.raises(PmsUnreachable, match="is on another host"):
            pms.open().reader().read_properties()


def test_local_times_are_the_hotels_own(tmp_path: Path) -> None:
    with Fixture(tmp_path) as pms:
        pms.add_stay(arrival=date(2026, 10, 24), departure=date(2026, 10, 26))
        reader = pms.open().reader()
        (of,) = reader.read_properties()
        (booking,) = reader.bookings_by_id(of, [pms.stays[0].id]).bookings
        vienna = ZoneInfo("Europe/Vienna")
        assert booking.arrival == datetime(2026, 10, 24, 15, tzinfo=vienna).astimezone(UTC)
        assert booking.departure == datetime(2026, 10, 26, 11, tzinfo=vienna).astimezone(UTC)
