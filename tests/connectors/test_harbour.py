"""A PMS that has little (`harbour.py`): what the guide says of each thing that is missing, and the kit is green."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

import pytest
import requests

from connectors.ports import NotOffered
from connectors.records import BookingStatus
from tests.connectors import harbour
from tests.connectors.conformance import Contract
from tests.connectors.fixture import Fault, HttpFixture, Json, Part, Person, Stay, VendorFixture, as_json

GUIDE = (Path(harbour.__file__).parents[2] / "connectors" / "README.md").read_text()
STATES = {status: word for word, status in harbour.STATES.items()} | {BookingStatus.UNKNOWN: "ASLEEP"}
LETTERS = {"property": "h", "room": "r", "booking": "s", "reservation": "s", "guest": "s"}


class Fixture(HttpFixture):
    CONNECTOR = harbour.HarbourConnector
    HOSTS = ("https://harbour.example/",)
    PAGE = 20
    GUESTS_HAVE_IDS = False
    LACKS: ClassVar[Mapping[Part, str]] = {
        Part.RENEWAL: "Harbour's keys do not grow old.",
        Part.LONG_WINDOWS: "Harbour answers everything since any instant.",
        Part.EXACT_CHANGES: "Harbour tells what changed since an instant, and not until one.",
        Part.PORTFOLIO: "A key of Harbour's opens one house.",
        Part.BEDS: "Harbour knows nothing of beds.",
        Part.CONNECTED_ROOMS: "Harbour knows nothing of rooms in rooms.",
        Part.ROOM_CHANGES: "Harbour does not tell which rooms changed.",
        Part.GUEST_CHANGES: "Harbour's guests are parts of a stay, which changes with them.",
        Part.TENTATIVE: "Harbour holds nothing that is not confirmed.",
        Part.SPLIT: "Harbour has one room for a whole stay.",
        Part.MULTI_ROOM: "Harbour has a stay for every room.",
        Part.OPEN_END: "Harbour is for hotels: every stay ends.",
        Part.WEBHOOK: "Harbour sends no webhooks.",
        Part.SIGNED_BODY: "Harbour sends no webhooks.",
        Part.WEBHOOK_AGE: "Harbour sends no webhooks.",
        Part.EVENT_IDS: "Harbour sends no webhooks.",
        Part.HEALTH_CHECK: "Harbour sends no webhooks.",
    }

    def make_id(self, kind: str, number: int, part: int = 1) -> str:
        return f"{LETTERS[kind]}{number}" + ("/1" if kind == "guest" else "")

    def guest_id(self, stay: Stay, person: Person) -> str:
        return f"{stay.id}/{stay.people.index(person) + 1}"

    def settings(self) -> Json:
        return {
            "base_url": "https://harbour.example",
            "api_key": f"KEY-SECRET-{self.account}",
            "property_id": self.house.id,
            "name": self.house.name,
            "time_zone": self.TIME_ZONE,
        }

    def wrong_shapes(self) -> list[str]:
        return [*super().wrong_shapes(), "[]", '{"items": null}', '{"items": [7]}', '{"items": [], "next": 7}']

    def answer(self, request: requests.PreparedRequest) -> tuple[int, Mapping[str, str], str]:
        if request.headers["X-Api-Key"] != f"KEY-SECRET-{self.account}":
            return as_json({"error": "no such key"}, 403)
        address = urlsplit(str(request.url))
        query, name = dict(parse_qsl(address.query)), address.path.strip("/")
        found: list[Any] = self.rooms if name == "rooms" else [one for one in self.stays if one.exists]
        if since := query.get("modified_after"):
            found = [one for one in found if one.changed_at >= datetime.fromisoformat(since)]
        left = [one for one in found if int(one.id[1:]) > int(query.get("cursor", 0))]
        if self.repeats_pages and name == "stays":
            left = found
        page = self.page_of(left, 0, self.PAGE) if name == "stays" else left[: self.PAGE]
        onward = {"next": page[-1].id[1:]} if len(left) > self.PAGE else {}
        return as_json({"items": [self._room(one) if name == "rooms" else self._stay(one) for one in page], **onward})

    def _room(self, room: Any) -> Json:
        return {
            "ref": room.id,
            **({} if room.is_broken else {"label": room.name}),
            "kind": room.kind,
            "retired": not room.is_active,
        }

    def _stay(self, stay: Stay) -> Json:
        begins, ends = self.begins(stay), self.ends(stay)
        assert ends is not None
        return {
            "ref": stay.id,
            "state": STATES[stay.status],
            "room": stay.room.id if stay.room else None,
            # Booked online, and then put off at the desk.
            "arrives": None if stay.is_broken else begins.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "leaves": f"{ends:%Y-%m-%dT%H:%M}",
            "people": [self._person(person) for person in stay.people],
        }

    def _person(self, person: Person) -> Json:
        if person.is_anonymous:
            return {"first": "", "last": "", "mail": None, "mobile": None}
        first: Any = 7 if person.is_broken else person.first_name
        return {"first": first, "last": person.last_name, "mail": person.email, "mobile": person.phone}


class TestHarbour(Contract):
    @pytest.fixture
    def vendor(self) -> type[VendorFixture]:
        return Fixture


@pytest.fixture
def pms(tmp_path: Path) -> Any:
    with Fixture(tmp_path) as pms:
        yield pms


def test_a_house_that_no_list_names_is_as_the_settings_say_and_a_key_that_opens_nothing_is_refused(pms: Any) -> None:
    (of,) = pms.open().reader().read_properties()
    assert (of.id, of.name, of.time_zone) == ("h1", "Alpenblick", "Europe/Vienna")
    pms.rooms.clear()
    assert pms.open().reader().read_properties() == []


def test_without_records_by_id_the_list_of_everything_is_read_once_a_run(pms: Any) -> None:
    stays = pms.add_stays(3)
    reader = pms.open().reader()
    (of,) = reader.read_properties()
    pms.requests.clear()
    for stay in stays:
        assert [one.id for one in reader.bookings_by_id(of, [stay.id, "s999"]).bookings] == [stay.id]
    assert len(pms.requests) == 1


def test_who_may_be_the_stay_without_an_id_is_not_gone(pms: Any) -> None:
    pms.add_stay()
    body = '{"items": [{"state": "EXPECTED"}]}'
    pms.inject(Fault(200, body, {"Content-Type": "application/json"}))
    (of,) = [harbour.Property("h1", "Alpenblick", "Europe/Vienna")]
    read = pms.open().reader().bookings_by_id(of, ["s1"])
    assert ("booking", "s1") in [(one.kind, one.id) for one in read.broken]


def test_times_with_an_offset_and_local_ones_are_both_what_they_say(pms: Any) -> None:
    pms.add_stay(arrival=date(2026, 10, 24), departure=date(2026, 10, 26))
    reader, vienna = pms.open().reader(), ZoneInfo("Europe/Vienna")
    (of,) = reader.read_properties()
    (booking,) = reader.bookings_by_id(of, ["s1"]).bookings
    assert booking.arrival == datetime(2026, 10, 24, 15, tzinfo=vienna)
    assert booking.departure == datetime(2026, 10, 26, 11, tzinfo=vienna)


def test_a_pms_without_webhooks_says_what_is_done_instead(pms: Any) -> None:
    with pytest.raises(NotOffered, match="Harbour sends no webhooks: the schedule reads what changed"):
        pms.open().webhooks.subscribe("https://night.example/webhooks/elm")
    assert not pms.open().webhooks.verify({"token": pms.WEBHOOK_TOKEN}, {}, b"{}", pms.now)


def test_the_guide_says_what_to_do_where_something_is_missing() -> None:
    said = GUIDE.split("### Where the PMS has less")[1].split("\n## ")[0]
    for missing in ("list of properties", "record by its id", "no end", "UTC and local times", "NoWebhooks"):
        assert missing in said
    assert "`close()`" in GUIDE
