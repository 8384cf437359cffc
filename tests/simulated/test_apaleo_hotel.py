"""The simulated Apaleo refuses what Apaleo refuses, and tells what Apaleo tells."""

import base64
import json
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from sandbox.http import Answer
from sandbox.webhooks import WebhookSender
from tests.simulated.apaleo_hotel import ApaleoHotel

NOW = datetime(2026, 9, 18, 10, 0, tzinfo=UTC)
ARRIVAL, DEPARTURE = datetime(2026, 9, 20, 13, tzinfo=UTC), datetime(2026, 9, 23, 9, tzinfo=UTC)
RESERVATIONS = "/booking/v1/reservations"


class Guestbook:
    """A hotel with one room and one reservation, and somebody who asks."""

    def __init__(self) -> None:
        self.now = NOW
        self.hotel = ApaleoHotel(now=lambda: self.now, clock=lambda: 0.0)
        self.property = self.hotel.add_property()
        self.group = self.hotel.add_group(self.property)
        self.unit = self.hotel.add_unit(self.group, "101")
        self.booking = self.hotel.book(self.group, ARRIVAL, DEPARTURE, self.unit, {"lastName": "Novak"})
        self.token = self.sign_in()["access_token"]

    def sign_in(self, secret: str | None = None, grant: str = "client_credentials") -> Any:
        client = base64.b64encode(f"{self.hotel.client_id}:{secret or self.hotel.client_secret}".encode()).decode()
        headers = {"Authorization": f"Basic {client}", "Content-Type": "application/x-www-form-urlencoded"}
        answer = self.hotel.handle("POST", "/connect/token", {}, headers, f"grant_type={grant}".encode())
        return json.loads(answer.body)

    def ask(self, address: str, method: str = "GET", body: Any = None) -> Answer:
        parts = urlsplit(address)
        headers = {"authorization": f"Bearer {self.token}"}
        data = b"" if body is None else json.dumps(body).encode()
        return self.hotel.handle(method, parts.path, parse_qs(parts.query, keep_blank_values=True), headers, data)

    def get(self, address: str) -> Any:
        answer = self.ask(address)
        assert answer.status == 200, answer
        return json.loads(answer.body)


@pytest.fixture
def book() -> Guestbook:
    return Guestbook()


def test_only_the_client_gets_a_token(book: Guestbook) -> None:
    assert book.sign_in()["expires_in"] == 3600
    assert book.sign_in("wrong") == {"error": "invalid_client"}
    assert book.sign_in(grant="password") == {"error": "unsupported_grant_type"}


def test_a_token_grows_old(book: Guestbook) -> None:
    assert book.ask(RESERVATIONS).status == 200
    book.now += timedelta(hours=1)
    assert book.ask(RESERVATIONS).status == 401
    book.token = book.sign_in()["access_token"]
    assert book.ask(RESERVATIONS).status == 200
    book.hotel.expire_tokens()
    assert book.ask(RESERVATIONS).status == 401


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("pageSize=200", 200),
        ("pageSize=201", 422),
        ("pageSize=0", 422),
        ("pageNumber=0&pageSize=10", 422),
        ("pageNumber=2&pageSize=10", 204),
        ("dateFilter=Stay&from=2026-09-20T15:00:00%2B02:00", 200),
        ("dateFilter=Stay&from=2026-09-20T15:00:00.5Z", 422),
        ("dateFilter=Stay&from=2026-09-20T15:00:00", 422),
        ("dateFilter=Stay&from=2026-09-20", 422),
        ("dateFilter=Stay", 422),
        ("dateFilter=Sleep&from=2026-09-20T15:00:00Z", 422),
        ("dateFilter=Stay&from=2026-09-20T15:00:00Z&to=2026-09-20T15:00:00Z", 422),
        ("status=Confirmed,InHouse", 200),
        ("status=Sleeping", 422),
        ("sort=nonsense&expand=nonsense", 200),
        ("status=Confirmed&status=InHouse", 400),
        ("nonsense=1", 400),
    ],
)
def test_questions_that_apaleo_does_not_take_are_refused(book: Guestbook, query: str, status: int) -> None:
    assert book.ask(f"{RESERVATIONS}?{query}").status == status


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("POST", RESERVATIONS, 405),
        ("GET", "/booking/v2/reservations", 404),
        ("GET", f"{RESERVATIONS}/NOSUCHID-1", 404),
        ("GET", "/inventory/v1/units?status=Old", 422),
    ],
)
def test_what_is_not_there_is_not_found(book: Guestbook, method: str, path: str, status: int) -> None:
    assert book.ask(path, method).status == status


@pytest.mark.parametrize(
    ("start", "end", "found"),
    [
        (ARRIVAL - timedelta(days=1), ARRIVAL, 0),
        (ARRIVAL - timedelta(days=1), ARRIVAL + timedelta(seconds=1), 1),
        (DEPARTURE - timedelta(seconds=1), DEPARTURE + timedelta(days=1), 1),
        (DEPARTURE, DEPARTURE + timedelta(days=1), 0),
    ],
)
def test_stay_is_whatever_overlaps(book: Guestbook, start: datetime, end: datetime, found: int) -> None:
    window = f"from={start:%Y-%m-%dT%H:%M:%SZ}&to={end:%Y-%m-%dT%H:%M:%SZ}"
    answer = book.ask(f"{RESERVATIONS}?dateFilter=Stay&{window}")
    assert (json.loads(answer.body)["count"] if answer.status == 200 else 0) == found


def test_changes_are_found_by_their_time_from_included_to_excluded(book: Guestbook) -> None:
    address = f"{RESERVATIONS}?dateFilter=Modification&from=2026-09-18T10:01:00Z&to=2026-09-18T10:02:00Z"
    for seconds, status in ((59, 204), (60, 200), (119, 200), (120, 204)):
        book.now = NOW + timedelta(seconds=seconds)
        book.hotel.change(book.booking, isPreCheckedIn=True)
        assert book.ask(address).status == status


def test_a_plan_shows_where_the_guest_is_each_night_when_asked_for(book: Guestbook) -> None:
    other = book.hotel.add_unit(book.group, "102")
    book.hotel.assign(book.booking, other, first=datetime(2026, 9, 22).date())
    plain = book.get(f"{RESERVATIONS}/{book.booking}")
    assert plain["unit"]["name"] == "101"
    assert not {"assignedUnits", "timeSlices", "booker"} & plain.keys()
    found = book.get(f"{RESERVATIONS}/{book.booking}?expand=assignedUnits,timeSlices,booker")
    assert [one["unit"]["name"] for one in found["timeSlices"]] == ["101", "101", "102"]
    assert (found["timeSlices"][0]["from"], found["timeSlices"][2]["to"]) == (
        "2026-09-20T15:00:00+02:00",
        "2026-09-23T11:00:00+02:00",
    )
    assert found["assignedUnits"][1]["timeRanges"] == [
        {"from": "2026-09-22T15:00:00+02:00", "to": "2026-09-23T11:00:00+02:00"}
    ]
    assert found["booker"]["lastName"] == "of Travels"


def test_a_longer_stay_goes_on_in_the_same_unit(book: Guestbook) -> None:
    book.hotel.amend(book.booking, departure=DEPARTURE + timedelta(days=2))
    found = book.get(f"{RESERVATIONS}/{book.booking}?expand=timeSlices")
    assert [one["unit"]["name"] for one in found["timeSlices"]] == ["101"] * 5


def test_archived_units_are_left_out_unless_asked_for(book: Guestbook) -> None:
    book.hotel.archive_unit(book.unit)
    assert book.ask("/inventory/v1/units?propertyId=MUC").status == 204
    assert book.get("/inventory/v1/units?propertyId=MUC&status=All")["units"][0]["isArchived"]
    assert book.get(f"/inventory/v1/units/{book.unit}")["isArchived"]


def test_a_check_in_needs_a_unit_for_every_night(book: Guestbook) -> None:
    book.hotel.unassign(book.booking, datetime(2026, 9, 21).date())
    with pytest.raises(ValueError, match="for the whole stay"):
        book.hotel.check_in(book.booking)


def test_more_than_the_limit_is_too_much(book: Guestbook) -> None:
    book.hotel.rate_limit = 3
    answers = [book.ask(RESERVATIONS) for _ in range(4)]
    assert [one.status for one in answers] == [200, 200, 200, 429]
    assert answers[3].headers["Retry-After"] == "61"


def test_subscriptions_are_called_once_and_told_what_they_want_to_hear(book: Guestbook) -> None:
    heard: list[tuple[str, Any]] = []

    def post(url: str, body: bytes, headers: dict[str, str]) -> int:
        heard.append((url, json.loads(body)))
        return 500 if "deaf" in url else 204

    book.hotel.sender = WebhookSender(post, background=False)
    path = "/v1/subscriptions"
    assert book.ask(path).status == 204
    all_of_it = {"endpointUrl": "https://all.example", "events": ["reservation/*", "booking/deleted"]}
    of_muc = {"endpointUrl": "https://muc.example", "events": ["reservation/*", "booking/*"], "propertyIds": ["MUC"]}
    assert [book.ask(path, "POST", one).status for one in (all_of_it, of_muc)] == [201, 201]
    assert [(url, event["type"]) for url, event in heard] == [
        ("https://all.example", "healthcheck"),
        ("https://muc.example", "healthcheck"),
    ]
    for wrong in ({"endpointUrl": "https://deaf.example"}, {"events": ["Nonsense/*"]}, {"events": []}):
        assert book.ask(path, "POST", all_of_it | wrong).status == 422
    heard.clear()
    book.hotel.delete(book.booking)
    book.hotel.sender.deliver_all()
    assert [(url, f"{event['topic']}/{event['type']}", event["data"]["entityId"]) for url, event in heard] == [
        ("https://all.example", "Reservation/deleted", book.booking),
        ("https://muc.example", "Reservation/deleted", book.booking),
        ("https://all.example", "Booking/deleted", book.booking.partition("-")[0]),
    ]
    listed = book.get(path)
    assert book.ask(f"{path}/{listed[0]['id']}", "DELETE").status == 204
    assert book.ask(f"{path}/{listed[0]['id']}", "DELETE").status == 404
    assert book.ask(f"{path}/{listed[1]['id']}", "PUT", all_of_it).status == 204
    assert book.get(f"{path}/{listed[1]['id']}")["propertyIds"] == []


@pytest.mark.parametrize(("fault", "status"), [("unavailable", 503), ("too_many", 429), ("no_json", 200)])
def test_faults_happen_as_often_as_wanted(book: Guestbook, fault: str, status: int) -> None:
    setattr(book.hotel.faults, fault, 1.0)
    answer = book.ask(RESERVATIONS)
    assert answer.status == status
    assert not answer.body.startswith(b'{"reservations"')
    book.hotel.faults.drop = 1.0
    setattr(book.hotel.faults, fault, 0.0)
    assert book.ask(RESERVATIONS).drop


def test_a_trial_account_may_ask_five_times_a_second_and_two_hundred_times_a_minute(book: Guestbook) -> None:
    book.hotel.rate_limit, book.hotel.burst = 200, 5
    assert [book.ask(RESERVATIONS).status for _ in range(6)] == [200] * 5 + [429]
    assert book.ask(RESERVATIONS).headers["Retry-After"] == "1"


def test_what_the_client_has_no_scope_for_is_forbidden(book: Guestbook) -> None:
    book.hotel.scopes = frozenset({"setup.read"})
    assert book.ask(RESERVATIONS).status == 403
    assert book.ask("/inventory/v1/units").status == 200
