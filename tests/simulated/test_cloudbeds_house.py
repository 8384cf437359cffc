"""The simulated Cloudbeds refuses what the real one refuses, and says it in the same way."""

import json
from datetime import UTC, date, datetime
from typing import Any
from urllib.parse import parse_qs

import pytest

from tests.simulated.cloudbeds_house import CloudbedsHouse

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def house() -> CloudbedsHouse:
    return CloudbedsHouse(now=lambda: NOW, rate_limit=None)


def ask(
    house: CloudbedsHouse, operation: str, query: str = "", method: str = "GET", body: str = "", **headers: str
) -> tuple[int, Any]:
    sent = {"x-api-key": house.api_key} | (FORM if body else {}) | headers
    answer = house.handle(method, f"/api/v1.3/{operation}", parse_qs(query), sent, body.encode())
    return answer.status, json.loads(answer.body)


@pytest.mark.parametrize(
    ("operation", "query", "method", "status"),
    [
        ("getHotels", "", "POST", 404),
        ("getEverything", "", "GET", 404),
        ("getHotels", "colour=blue", "GET", 400),
        ("getHotels", "propertyIDs=1&propertyIDs=2", "GET", 400),
        ("getReservations", "modifiedFrom=2026-09-18T10:00:00Z", "GET", 400),
        ("getReservations", "checkInTo=tomorrow", "GET", 400),
    ],
)
def test_what_is_not_described_is_refused(
    house: CloudbedsHouse, operation: str, query: str, method: str, status: int
) -> None:
    assert ask(house, operation, query, method)[0] == status


@pytest.mark.parametrize(
    ("operation", "query"),
    [
        ("getHotels", "propertyIDs=210002"),
        ("getReservations", "pageSize=101"),
        ("getReservation", "reservationID=1"),
        ("getReservationRoomDetails", "subReservationID=1"),
        ("getGuest", "guestID=1"),
    ],
)
def test_most_errors_come_with_status_200(house: CloudbedsHouse, operation: str, query: str) -> None:
    status, document = ask(house, operation, query)
    assert (status, document["success"]) == (200, False)
    assert document["message"]


def test_a_write_is_a_form(house: CloudbedsHouse) -> None:
    form = "propertyID=210001&object=reservation&action=created&endpointUrl=https://night.example/"
    body = json.dumps({"propertyID": "210001"})
    assert ask(house, "postWebhook", method="POST", body=body, **{"Content-Type": "application/json"})[0] == 400
    assert ask(house, "postWebhook", method="POST", body=form)[1]["success"] is True
    assert ask(house, "postWebhook", method="POST", body=form.replace("created", "dreamt"))[1]["success"] is False


def test_without_a_key_nothing_is_told(house: CloudbedsHouse) -> None:
    for headers in ({"x-api-key": "wrong"}, {"x-api-key": "", "Authorization": "Bearer wrong"}):
        status, document = ask(house, "getHotels", **headers)
        assert (status, document["error"]) == (401, "access_denied")
    assert ask(house, "getHotels", **{"x-api-key": "", "Authorization": f"Bearer {house.api_key}"})[0] == 200


def test_a_refresh_token_is_good_once(house: CloudbedsHouse) -> None:
    form = (
        f"grant_type=refresh_token&client_id={house.client_id}&client_secret={house.client_secret}"
        f"&refresh_token={house.refresh_token}"
    )
    status, token = ask(house, "access_token", method="POST", body=form)
    assert status == 200
    assert ask(house, "getHotels", **{"x-api-key": token["access_token"]})[0] == 200
    assert ask(house, "access_token", method="POST", body=form)[0] == 401


def test_more_than_five_requests_a_second_are_too_many() -> None:
    clock = [0.0]
    house = CloudbedsHouse(now=lambda: NOW, clock=lambda: clock[0])
    assert [ask(house, "getHotels")[0] for _ in range(6)] == [200] * 5 + [429]
    clock[0] = 1.1
    assert ask(house, "getHotels")[0] == 200


def test_it_speaks_as_php_does(house: CloudbedsHouse) -> None:
    guest, room = house.add_guest(), house.add_room("201")
    booking = house.book(guest, date(2026, 9, 20), date(2026, 9, 21), [room])
    house.take_guest(booking, guest)
    query = "includeAllRooms=true&includeGuestsDetails=true"
    _, document = ask(house, "getReservations", query)
    (reservation,) = document["data"]
    assert (document["total"], reservation["guestList"]) == ("1", [])
    assert reservation["dateModified"] == "2026-09-18 06:00:00"
    assert "rooms" not in ask(house, "getReservations")[1]["data"][0]
    taken = ask(house, "getRooms", "startDate=2026-09-20&endDate=2026-09-21")[1]["data"][0]["rooms"]
    assert taken == []


def test_an_unnoticed_change_moves_no_time(house: CloudbedsHouse) -> None:
    booking = house.book(house.add_guest(), date(2026, 9, 20), date(2026, 9, 21))
    before = house.reservations[booking].modified
    house.now = lambda: NOW.replace(hour=12)
    with house.unnoticed():
        house.change_dates(booking, departure=date(2026, 9, 25))
    assert house.reservations[booking].modified == before
    house.change_dates(booking, departure=date(2026, 9, 26))
    assert house.reservations[booking].modified > before
