"""The simulated hotel refuses what Mews refuses, and lives the same life for the same seed."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from sandbox.hotel_life import HotelLife
from sandbox.house import believable_house, big_house
from sandbox.http import serve
from sandbox.mews_hotel import MewsHotel
from sandbox.webhooks import WebhookSender

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
RESERVATIONS = "reservations/getAll/2023-06-06"
PAGE = {"Limitation": {"Count": 1000}}


@pytest.fixture
def hotel() -> MewsHotel:
    clock = [0.0]
    hotel = MewsHotel(now=lambda: NOW, clock=lambda: clock[0])
    hotel.clock_hand = clock  # type: ignore[attr-defined]
    of = hotel.add_property()
    category = hotel.add_category(hotel.add_service(of))
    room = hotel.add_room(of, "101", category)
    for day in range(5):
        arrival = NOW + timedelta(days=day)
        hotel.book(hotel.add_customer(), category, arrival, arrival + timedelta(days=1), room)
    return hotel


def ask(hotel: MewsHotel, operation: str, **body: Any) -> tuple[int, dict[str, Any]]:
    signed = {"ClientToken": hotel.client_token, "AccessToken": hotel.access_token, "Client": "Test 1.0"} | body
    answer = hotel.handle("POST", f"/api/connector/v1/{operation}", {}, {}, json.dumps(signed).encode())
    return answer.status, json.loads(answer.body)


def window(days: int) -> dict[str, str]:
    return {"StartUtc": NOW.isoformat(), "EndUtc": (NOW + timedelta(days=days)).isoformat()}


@pytest.mark.parametrize(
    ("operation", "body", "status"),
    [
        (RESERVATIONS, {}, 400),
        (RESERVATIONS, {"Limitation": {"Count": 1001}}, 400),
        (RESERVATIONS, PAGE | {"CollidingUtc": window(100)}, 400),
        (RESERVATIONS, PAGE | {"UpdatedUtc": {"StartUtc": "yesterday"}}, 400),
        (RESERVATIONS, PAGE | {"ReservationIds": ["52"]}, 400),
        (RESERVATIONS, PAGE | {"ReservationIds": ["0f515589-99b4-423d-b83a-b237009f0509"] * 1001}, 400),
        (RESERVATIONS, PAGE | {"AccessToken": "wrong"}, 401),
        (RESERVATIONS, PAGE | {"Client": ""}, 400),
        (RESERVATIONS, PAGE | {"LanguageCode": "de"}, 400),
        (RESERVATIONS + "/", PAGE, 404),
        ("Reservations/getAll", PAGE, 404),
        ("resources/getAll", PAGE, 400),
        ("customers/getAll", PAGE | {"Extent": {"Customers": True}}, 400),
        ("companionships/getAll", PAGE | {"Extent": {}}, 400),
        ("resourceCategories/getAll", PAGE, 400),
        ("resourceCategoryAssignments/getAll", PAGE, 400),
        (RESERVATIONS, PAGE | {"CollidingUtc": window(89)}, 200),
    ],
)
def test_it_refuses_what_mews_refuses(hotel: MewsHotel, operation: str, body: dict[str, Any], status: int) -> None:
    assert ask(hotel, operation, **body)[0] == status


def test_pages_come_newest_first_and_end_with_an_empty_one(hotel: MewsHotel) -> None:
    seen: list[str] = []
    cursor = None
    while True:
        _, answer = ask(hotel, RESERVATIONS, Limitation={"Count": 2, **({"Cursor": cursor} if cursor else {})})
        seen += [item["Id"] for item in answer["Reservations"]]
        cursor = answer["Cursor"]
        if cursor is None:
            break
    assert seen == list(reversed(hotel.reservations))


def test_a_window_holds_what_touches_it(hotel: MewsHotel) -> None:
    _, answer = ask(hotel, RESERVATIONS, **PAGE, CollidingUtc=window(1))
    assert len(answer["Reservations"]) == 1
    _, answer = ask(hotel, RESERVATIONS, **PAGE, UpdatedUtc=window(1))
    assert len(answer["Reservations"]) == 5


def test_two_hundred_requests_in_thirty_seconds_and_then_429(hotel: MewsHotel) -> None:
    assert [ask(hotel, "enterprises/getAll", **PAGE)[0] for _ in range(201)] == [200] * 200 + [429]
    hotel.clock_hand[0] = 30.1  # type: ignore[attr-defined]
    assert ask(hotel, "enterprises/getAll", **PAGE)[0] == 200


def test_only_posts_of_json_are_answered(hotel: MewsHotel) -> None:
    assert hotel.handle("GET", "/api/connector/v1/enterprises/getAll", {}, {}, b"").status == 404
    assert hotel.handle("POST", "/api/connector/v1/enterprises/getAll", {}, {}, b"{,}").status == 400


def test_it_answers_over_http_and_can_lose_an_answer(hotel: MewsHotel) -> None:
    with serve(hotel) as server:
        signed = {"ClientToken": hotel.client_token, "AccessToken": hotel.access_token, "Client": "Test 1.0", **PAGE}
        url = f"{server.url}/api/connector/v1/enterprises/getAll"
        answer = requests.post(url, json=signed, timeout=5)
        assert answer.status_code == 200
        assert answer.headers["Request-Id"]
        hotel.faults.drop = 1.0
        with pytest.raises(requests.ConnectionError):
            requests.post(url, json=signed, timeout=5)


def test_the_same_seed_and_clock_make_the_same_house_and_the_same_life() -> None:
    def told() -> tuple[str, list[str]]:
        house = believable_house(now=lambda: NOW)
        life = HotelLife(house)
        events = [sentence for _ in range(40) for sentence in life.step(NOW)]
        return json.dumps(house.hotel.reservations), events

    first, second = told(), told()
    assert first == second
    assert len(first[1]) > 30


def test_the_house_has_everything_that_hotels_have() -> None:
    hotel = believable_house(now=lambda: NOW).hotel
    states = {one["State"] for one in hotel.reservations.values()}
    assert states >= {"Confirmed", "Started", "Processed", "Canceled", "Optional"}
    assert sum(one["ParentResourceId"] is not None for one in hotel.resources.values()) == 6
    assert any(one["AssignedResourceId"] is None for one in hotel.reservations.values())
    assert any(one["AccountType"] == "Company" for one in hotel.reservations.values())
    emails = [one["Email"] for one in hotel.customers.values() if one["Email"]]
    assert len(emails) > len(set(emails))


def test_the_house_for_measuring_has_as_many_bookings_as_it_says() -> None:
    assert len(big_house(10, 50).hotel.reservations) == 50


def test_every_change_at_the_desk_is_told_except_companions(hotel: MewsHotel) -> None:
    sender = WebhookSender(background=False)
    hotel.sender = sender
    hotel.add_customer()
    hotel.webhook_url = "http://porter/mews?token=secret"
    assert not sender.waiting
    booking, room = next(iter(hotel.reservations)), next(iter(hotel.resources))
    customer = hotel.add_customer()
    hotel.edit_customer(customer, Phone="1")
    hotel.rename_room(room, "101a")
    hotel.add_companion(booking, customer)
    hotel.remove_companion(booking, customer)
    hotel.check_in(booking)
    told = [json.loads(one.body) for one in sender.waiting]
    assert {one.url for one in sender.waiting} == {"http://porter/mews?token=secret"}
    (of,) = hotel.enterprises
    assert {(one["EnterpriseId"], one["IntegrationId"]) for one in told} == {(of, hotel.integration_id)}
    assert [(one["Discriminator"], one["Value"]["Id"]) for message in told for one in message["Events"]] == [
        ("CustomerAdded", customer),
        ("CustomerUpdated", customer),
        ("ResourceUpdated", room),
        ("ServiceOrderUpdated", booking),
    ]
