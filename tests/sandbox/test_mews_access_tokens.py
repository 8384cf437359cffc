"""The simulated hotel keeps access tokens and notes as Mews documents them, and refuses what does not fit."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from sandbox.mews_hotel import MewsHotel

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
NOBODY = "0f515589-99b4-423d-b83a-b237009f0509"
PAGE = {"Limitation": {"Count": 1000}}
Json = dict[str, Any]


class Front:
    """A hotel with a reservation, and a client that asks it."""

    def __init__(self, portfolio: bool = False) -> None:
        self.hotel = MewsHotel(now=lambda: NOW, rate_limit=None, portfolio=portfolio)
        self.of = self.hotel.add_property()
        category = self.hotel.add_category(self.hotel.add_service(self.of))
        self.room = self.hotel.add_room(self.of, "101", category)
        other = self.hotel.add_property("Hotel Seeblick")
        self.elsewhere = self.hotel.add_room(other, "9", None)
        self.booking = self.hotel.book(self.hotel.add_customer(), category, NOW, NOW + timedelta(days=2), self.room)

    def ask(self, operation: str, **body: Any) -> tuple[int, Json]:
        signed = {"ClientToken": self.hotel.client_token, "AccessToken": self.hotel.access_token, "Client": "Test 1.0"}
        text = json.dumps(signed | body).encode()
        answer = self.hotel.handle("POST", f"/api/connector/v1/{operation}", {}, {}, text)
        return answer.status, json.loads(answer.body)

    def token(self, **rest: Any) -> Json:
        return {
            "ServiceOrderId": self.booking,
            "CompanionshipId": None,
            "ResourceId": self.room,
            "Type": "PinCode",
            "Value": "1234#",
            "SerialNumber": None,
            "ValidityStartUtc": "2026-09-18T10:00:00Z",
            "ValidityEndUtc": "2026-09-20T10:00:00Z",
            "Permissions": {name: {"Value": name == "Room"} for name in ("Bed", "Room", "Floor", "Building")},
            **rest,
        }

    def add(self, **rest: Any) -> tuple[int, Json]:
        return self.ask("resourceAccessTokens/add", ResourceAccessTokenParameters=[self.token(**rest)])

    def added(self, **rest: Any) -> str:
        return str(self.add(**rest)[1]["ResourceAccessTokens"][0]["Id"])


@pytest.fixture
def front() -> Front:
    return Front()


@pytest.mark.parametrize(
    "wrong",
    [
        {"ServiceOrderId": NOBODY},
        {"ServiceOrderId": None},
        {"ResourceId": NOBODY},
        {"ResourceId": None},
        {"CompanionshipId": NOBODY},
        {"Type": "Code"},
        {"Value": ""},
        {"Value": 1234},
        {"Value": "1" * 256},
        {"SerialNumber": 7},
        {"ValidityEndUtc": "2026-09-18T10:00:00Z"},
        {"ValidityStartUtc": None},
        {"ValidityStartUtc": "2026-09-18T10:00:00"},
        {"Permissions": {"Room": {"Value": True}}},
        {"Permissions": dict.fromkeys(("Bed", "Room", "Floor", "Building"), True)},
        {"Permissions": {name: {"Value": "yes"} for name in ("Bed", "Room", "Floor", "Building")}},
    ],
)
def test_a_token_that_does_not_fit_is_refused_with_all_that_came_with_it(front: Front, wrong: Json) -> None:
    both = [front.token(), front.token(**wrong)]
    assert front.ask("resourceAccessTokens/add", ResourceAccessTokenParameters=both)[0] == 400
    assert front.hotel.tokens_of(front.booking) == []


def test_a_token_for_another_propertys_room_is_refused(front: Front) -> None:
    assert front.add(ResourceId=front.elsewhere)[0] == 400


@pytest.mark.parametrize(
    ("operation", "body", "status"),
    [
        ("resourceAccessTokens/add", {}, 400),
        ("resourceAccessTokens/add", {"ResourceAccessTokenParameters": []}, 400),
        ("resourceAccessTokens/add", {"ResourceAccessTokenParameters": [{}] * 1001}, 413),
        ("resourceAccessTokens/getAll", PAGE, 400),
        ("resourceAccessTokens/getAll", {"ServiceOrderIds": [NOBODY]}, 400),
        ("resourceAccessTokens/getAll", PAGE | {"ServiceOrderIds": ["52"]}, 400),
        ("resourceAccessTokens/getAll", PAGE | {"ServiceOrderIds": [NOBODY] * 1001}, 400),
        ("resourceAccessTokens/getAll", PAGE | {"ServiceOrderIds": [NOBODY], "ActivityStates": ["Living"]}, 400),
        ("resourceAccessTokens/getAll", PAGE | {"ServiceOrderIds": [NOBODY], "EnterpriseIds": [NOBODY]}, 400),
        ("resourceAccessTokens/getAll", PAGE | {"ServiceOrderIds": [NOBODY]}, 200),
        ("resourceAccessTokens/update", {"ResourceAccessTokenUpdates": [{"ResourceAccessTokenId": NOBODY}]}, 400),
        ("resourceAccessTokens/delete", {}, 400),
        ("resourceAccessTokens/delete", {"Ids": [NOBODY]}, 400),
        ("serviceOrderNotes/getAll", PAGE, 400),
        ("serviceOrderNotes/getAll", {"ServiceOrderIds": [NOBODY]}, 400),
        ("serviceOrderNotes/add", {"ServiceOrderNotes": [{"ServiceOrderId": NOBODY, "Text": "a"}]}, 400),
        ("serviceOrderNotes/update", {"ServiceOrderNoteUpdates": [{"ServiceOrderNoteId": NOBODY}]}, 400),
        ("serviceOrderNotes/delete", {"ServiceOrderNoteIds": [NOBODY]}, 400),
        ("serviceOrderNotes/delete", {}, 400),
    ],
)
def test_it_refuses_what_mews_refuses(front: Front, operation: str, body: Json, status: int) -> None:
    assert front.ask(operation, **body)[0] == status


def test_answers_have_plain_permissions(front: Front) -> None:
    (token,) = front.add()[1]["ResourceAccessTokens"]
    assert token["Permissions"] == {"Bed": False, "Room": True, "Floor": False, "Building": False}
    assert (token["EnterpriseId"], token["IsActive"]) == (front.of, True)


def test_pages_come_newest_first(front: Front) -> None:
    ids = [front.added(Value=str(number)) for number in range(3)]
    asked = {"ServiceOrderIds": [front.booking]}
    _, first = front.ask("resourceAccessTokens/getAll", **asked, Limitation={"Count": 2})
    _, second = front.ask("resourceAccessTokens/getAll", **asked, Limitation={"Count": 2, "Cursor": first["Cursor"]})
    assert [one["Id"] for one in first["ResourceAccessTokens"] + second["ResourceAccessTokens"]] == ids[::-1]


def test_a_deleted_token_is_shown_to_those_who_ask_for_deleted_ones(front: Front) -> None:
    token = front.added()
    asked = PAGE | {"ServiceOrderIds": [front.booking]}
    assert front.ask("resourceAccessTokens/delete", Ids=[token]) == (200, {})
    assert front.hotel.tokens_of(front.booking) == []
    for states, found in ((None, []), (["Active"], []), (["Deleted"], [False]), (["Active", "Deleted"], [False])):
        more = {} if states is None else {"ActivityStates": states}
        _, answer = front.ask("resourceAccessTokens/getAll", **asked, **more)
        assert [one["IsActive"] for one in answer["ResourceAccessTokens"]] == found
    assert front.ask("resourceAccessTokens/delete", Ids=[token])[0] == 400
    update = {"ResourceAccessTokenUpdates": [{"ResourceAccessTokenId": token}]}
    assert front.ask("resourceAccessTokens/update", **update)[0] == 400


def test_an_update_changes_what_it_names(front: Front) -> None:
    token = front.added()
    update: Json = {"ResourceAccessTokenId": token, "Value": {"Value": "77"}}
    assert front.ask("resourceAccessTokens/update", ResourceAccessTokenUpdates=[update])[0] == 200
    (held,) = front.hotel.tokens_of(front.booking)
    assert (held["Value"], held["ValidityEndUtc"]) == ("77", "2026-09-20T10:00:00Z")
    for wrong in ({"ValidityEndUtc": {"Value": "2026-09-18T09:00:00Z"}}, {"Value": "77"}, {"Value": {"Value": ""}}):
        assert front.ask("resourceAccessTokens/update", ResourceAccessTokenUpdates=[update | wrong])[0] == 400


def test_a_portfolio_has_to_name_the_property_of_an_update() -> None:
    front = Front(portfolio=True)
    updates = {"ResourceAccessTokenUpdates": [{"ResourceAccessTokenId": front.added(), "Value": {"Value": "77"}}]}
    assert front.ask("resourceAccessTokens/update", **updates)[0] == 400
    assert front.ask("resourceAccessTokens/update", **updates, EnterpriseId=NOBODY)[0] == 400
    assert front.ask("resourceAccessTokens/update", **updates, EnterpriseId=front.of)[0] == 200


@pytest.mark.parametrize(("start", "found"), [("2026-09-20T09:00:00Z", 1), ("2026-09-20T10:00:00Z", 0)])
def test_tokens_are_found_by_when_they_open(front: Front, start: str, found: int) -> None:
    front.added()
    window = {"StartUtc": start, "EndUtc": "2026-09-21T00:00:00Z"}
    _, answer = front.ask("resourceAccessTokens/getAll", **PAGE, CollidingUtc=window)
    assert len(answer["ResourceAccessTokens"]) == found


def test_notes_are_added_changed_and_deleted(front: Front) -> None:
    for text in ("one", "two"):
        notes = [{"ServiceOrderId": front.booking, "Text": text}]
        assert front.ask("serviceOrderNotes/add", ServiceOrderNotes=notes)[0] == 200
    _, answer = front.ask("serviceOrderNotes/getAll", **PAGE, ServiceOrderIds=[front.booking])
    two, one = answer["ServiceOrderNotes"]
    assert (two["Text"], two["OrderId"], two["Type"]) == ("two", front.booking, "General")
    update = {"ServiceOrderNoteId": one["Id"], "Text": {"Value": "uno"}}
    assert front.ask("serviceOrderNotes/update", ServiceOrderNoteUpdates=[update])[0] == 200
    assert front.ask("serviceOrderNotes/delete", ServiceOrderNoteIds=[two["Id"]]) == (200, {})
    assert front.hotel.notes_of(front.booking) == ["uno"]


def test_an_answer_can_get_lost_after_the_work(front: Front) -> None:
    front.hotel.faults.lose_answers_of["resourceAccessTokens/add"] = 1
    body = json.dumps(
        {
            "ClientToken": front.hotel.client_token,
            "AccessToken": front.hotel.access_token,
            "Client": "Test 1.0",
            "ResourceAccessTokenParameters": [front.token()],
        }
    ).encode()
    assert front.hotel.handle("POST", "/api/connector/v1/resourceAccessTokens/add", {}, {}, body).drop
    assert len(front.hotel.tokens_of(front.booking)) == 1
    assert not front.hotel.handle("POST", "/api/connector/v1/resourceAccessTokens/add", {}, {}, body).drop
