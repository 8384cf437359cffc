"""Mews at the wire: what is asked, what is understood, and what happens when Mews does not answer as it should."""

import itertools
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import requests
import responses

from connectors.account_state import RateLimit
from connectors.errors import PmsError, PmsRefused, PmsUnreachable
from connectors.mews.connector import MewsConnector
from connectors.records import BookingStatus, Property
from connectors.session import Access, PmsSession

BASE = "https://mews.example/api/connector/v1/"
HOTEL = Property("3fa85f64-5717-4562-b3fc-2c963f66afa6", "Alpenblick", "Europe/Vienna", "AT")
START, END = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 30, tzinfo=UTC)
Json = dict[str, Any]


class Mews:
    """Scripted answers by operation, and what was asked."""

    def __init__(self, wire: responses.RequestsMock):
        self.asked: list[tuple[str, Json]] = []
        self.waited: list[float] = []
        self.answers: dict[str, Callable[[Json], Json]] = {
            "services/getAll": lambda _: {"Services": [make_service()]},
            "resourceCategories/getAll": lambda _: {"ResourceCategories": [make_category()]},
            "resourceCategoryAssignments/getAll": lambda _: {"ResourceCategoryAssignments": [make_assignment()]},
            "companionships/getAll": lambda _: {"Companionships": []},
            "customers/getAll": lambda body: {"Customers": [make_customer(one) for one in body.get("CustomerIds", [])]},
        }
        wire.add_callback(responses.POST, re.compile(re.escape(BASE) + ".*"), self._answer)
        waited = self.waited

        class Patient(Access):
            def session(self, account: str, requests: int, seconds: float, **rest: Any) -> PmsSession:
                limit = RateLimit(requests, seconds, lambda: sum(waited), waited.append)
                return PmsSession(limit, sleep=waited.append, jitter=lambda low, high: high, clock=lambda: START)

        tokens = {"client_token": "CLIENT-SECRET", "access_token": "ACCESS-SECRET"}
        self.connector = MewsConnector("alpen", {"base_url": "https://mews.example", **tokens}, Patient(), None)

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        operation = str(request.url).removeprefix(BASE)
        body = json.loads(request.body or b"")
        self.asked.append((operation, body))
        answer = self.answers[operation](body)
        if "status" in answer:
            return answer["status"], {"Request-Id": "r-1", **answer.get("headers", {})}, answer.get("text", "{}")
        return 200, {"Content-Type": "application/json"}, json.dumps({"Cursor": None, **answer})

    def questions(self, operation: str) -> list[Json]:
        return [body for asked, body in self.asked if asked == operation]


@pytest.fixture
def mews() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Mews(wire)


def make_service(**rest: Any) -> Json:
    value = {"StartOffset": "P0M0DT15H0M0S", "EndOffset": "P0M0DT11H0M0S", "TimeUnitPeriod": "Day"}
    return {"Id": "s1", "IsActive": True, "Data": {"Discriminator": "Bookable", "Value": value}, **rest}


def make_category(item_id: str = "c1", kind: str = "Room", service: str = "s1") -> Json:
    return {"Id": item_id, "IsActive": True, "Type": kind, "ServiceId": service}


def make_assignment(resource: str = "r101", category: str = "c1", **rest: Any) -> Json:
    return {"Id": f"{resource}-{category}", "ResourceId": resource, "CategoryId": category, "IsActive": True, **rest}


def make_resource(item_id: str = "r101", **rest: Any) -> Json:
    space = {"Discriminator": "Space", "Value": {"FloorNumber": "1"}}
    return {"Id": item_id, "Name": "101", "IsActive": True, "ParentResourceId": None, "Data": space, **rest}


def make_customer(item_id: str = "g1", **rest: Any) -> Json:
    return {"Id": item_id, "FirstName": "Jana", "LastName": "Novak", "Email": f"{item_id}@example.com", **rest}


def make_reservation(item_id: str = "b1", **rest: Any) -> Json:
    return {
        "Id": item_id,
        "ServiceId": "s1",
        "AccountId": "g1",
        "AccountType": "Customer",
        "Number": "52",
        "State": "Confirmed",
        "GroupId": "group",
        "RequestedResourceCategoryId": "c1",
        "AssignedResourceId": "r101",
        "ScheduledStartUtc": "2026-09-20T13:00:00Z",
        "ScheduledEndUtc": "2026-09-23T09:00:00Z",
        "ActualStartUtc": None,
        "UpdatedUtc": "2026-09-18T17:00:00Z",
        "SomethingNew": {"that": "nobody knows"},
        **rest,
    }


def test_a_reservation_becomes_a_booking(mews: Mews) -> None:
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {"Reservations": [make_reservation()]}
    read = mews.connector.reader().bookings_within(HOTEL, (START, END))
    (booking,) = read.bookings
    assert (booking.id, booking.number, booking.status, booking.room_id) == (
        "b1",
        "52",
        BookingStatus.CONFIRMED,
        "r101",
    )
    assert booking.arrival == datetime(2026, 9, 20, 13, tzinfo=UTC)
    assert booking.requested_kind == "Room"
    assert booking.guest_ids == ("g1",)
    assert read.guests["g1"].email == "g1@example.com"
    (question,) = mews.questions("reservations/getAll/2023-06-06")
    assert question["CollidingUtc"] == {"StartUtc": "2026-09-01T00:00:00.000Z", "EndUtc": "2026-09-30T00:00:00.000Z"}
    assert question["EnterpriseIds"] == [HOTEL.id]
    assert question["Limitation"] == {"Count": 1000}
    assert question["Client"].startswith("Night Porter ")
    assert mews.questions("companionships/getAll")[0]["Extent"] is not None


@pytest.mark.parametrize(
    ("state", "reason", "status"),
    [
        ("Inquired", None, "tentative"),
        ("Requested", None, "tentative"),
        ("Optional", None, "tentative"),
        ("Started", None, "in_house"),
        ("Processed", None, "checked_out"),
        ("Canceled", "Other", "cancelled"),
        ("Canceled", "NoShow", "no_show"),
        ("Teleported", None, "unknown"),
    ],
)
def test_every_state_has_a_meaning(mews: Mews, state: str, reason: str | None, status: str) -> None:
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {
        "Reservations": [make_reservation(State=state, CancellationReason=reason)]
    }
    (booking,) = mews.connector.reader().bookings_by_id(HOTEL, ["b1"]).bookings
    assert (booking.status, booking.status_word) == (status, state)


def test_pages_are_followed_until_one_is_not_full(mews: Mews) -> None:
    def page(body: Json) -> Json:
        cursor = body["Limitation"].get("Cursor")
        start = 0 if cursor is None else int(cursor.removeprefix("b")) + 1
        items = [make_reservation(f"b{n}") for n in range(start, min(start + 1000, 2500))]
        return {"Reservations": items, "Cursor": items[-1]["Id"] if items else None}

    mews.answers["reservations/getAll/2023-06-06"] = page
    assert len(mews.connector.reader().bookings_within(HOTEL, (START, END)).bookings) == 2500
    assert len(mews.questions("reservations/getAll/2023-06-06")) == 3
    assert [len(body["ReservationIds"]) for body in mews.questions("companionships/getAll")[:3]] == [1000, 1000, 500]
    assert len(mews.questions("customers/getAll")) == 1


def test_pages_that_do_not_end_are_an_error_and_not_a_loop(mews: Mews) -> None:
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {
        "Reservations": [make_reservation(f"b{n}") for n in range(1000)],
        "Cursor": "b999",
    }
    with pytest.raises(PmsUnreachable, match="do not end"):
        mews.connector.reader().bookings_within(HOTEL, (START, END))


def test_a_long_window_is_asked_for_in_parts_of_less_than_three_months(mews: Mews) -> None:
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {"Reservations": []}
    mews.connector.reader().bookings_changed(HOTEL, (START - timedelta(days=200), START))
    windows = [body["UpdatedUtc"] for body in mews.questions("reservations/getAll/2023-06-06")]
    edges = [(datetime.fromisoformat(one["StartUtc"]), datetime.fromisoformat(one["EndUtc"])) for one in windows]
    assert edges[0][0] == START - timedelta(days=200)
    assert edges[-1][1] == START
    assert all(end - start <= timedelta(days=89) for start, end in edges)
    assert all(before[1] == after[0] for before, after in itertools.pairwise(edges))


def test_ids_are_asked_for_in_batches_of_a_thousand(mews: Mews) -> None:
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {"Reservations": []}
    mews.connector.reader().bookings_by_id(HOTEL, [f"b{n}" for n in range(1001)])
    assert [len(body["ReservationIds"]) for body in mews.questions("reservations/getAll/2023-06-06")] == [1000, 1]


def test_a_companys_booking_has_its_companions_and_a_groups_companion_is_in_every_room(mews: Mews) -> None:
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {
        "Reservations": [make_reservation("b1", AccountId="acme", AccountType="Company"), make_reservation("b2")]
    }
    mews.answers["companionships/getAll"] = lambda body: {
        "Companionships": [
            {"Id": "x", "CustomerId": "g2", "ReservationId": "b1", "ReservationGroupId": "group"},
            {"Id": "y", "CustomerId": "g3", "ReservationId": None, "ReservationGroupId": "group"},
        ]
        if "ReservationGroupIds" in body
        else [{"Id": "x", "CustomerId": "g2", "ReservationId": "b1", "ReservationGroupId": "group"}]
    }
    company, person = mews.connector.reader().bookings_within(HOTEL, (START, END)).bookings
    assert (company.guest_ids, company.primary_is_any) == (("g2", "g3"), True)
    assert (person.guest_ids, person.primary_is_any) == (("g1", "g3"), False)


def test_merged_profiles_are_followed_to_the_end_and_round_in_no_circle(mews: Mews) -> None:
    targets = {"g1": "g2", "g2": "g3", "x": "y", "y": "x"}
    mews.answers["customers/getAll"] = lambda body: {
        "Customers": [make_customer(one, MergeTargetId=targets.get(one)) for one in body["CustomerIds"]]
    }
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {
        "Reservations": [make_reservation(), make_reservation("b2", AccountId="x")]
    }
    read = mews.connector.reader().bookings_within(HOTEL, (START, END))
    assert read.bookings[0].guest_ids == ("g3",)
    assert set(read.guests) == {"g3"}
    assert all("Deleted" in body["ActivityStates"] for body in mews.questions("customers/getAll"))


def test_nobodys_profile_is_read_for_a_booking_without_access(mews: Mews) -> None:
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {"Reservations": [make_reservation(State="Canceled")]}
    assert mews.connector.reader().bookings_by_id(HOTEL, ["b1"]).guests == {}
    assert mews.questions("customers/getAll") == []


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"ScheduledStartUtc": None}, "has no ScheduledStartUtc"),
        ({"State": None}, "has no State"),
        ({"ScheduledEndUtc": "tomorrow"}, "has a ScheduledEndUtc that cannot be read"),
        ({"AssignedResourceId": 7}, "has a AssignedResourceId that cannot be read"),
    ],
)
def test_one_broken_reservation_among_good_ones_is_one_broken_record(mews: Mews, fields: Json, said: str) -> None:
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {
        "Reservations": [make_reservation("good"), make_reservation("bad", **fields)]
    }
    read = mews.connector.reader().bookings_within(HOTEL, (START, END))
    assert [booking.id for booking in read.bookings] == ["good"]
    (broken,) = read.broken
    assert (broken.kind, broken.id) == ("booking", "bad")
    assert said in broken.reason


def test_rooms_have_the_type_of_their_category_and_the_times_of_their_service(mews: Mews) -> None:
    day_use = make_service(Id="s2")
    day_use["Data"] = {
        "Discriminator": "Bookable",
        "Value": {"StartOffset": "P0M0DT9H0M0S", "EndOffset": "-P0M0DT6H0M0S"},
    }
    extra = make_service(Id="s3", Data={"Discriminator": "Additional", "Value": {}})
    mews.answers["services/getAll"] = lambda _: {"Services": [make_service(), day_use, extra]}
    mews.answers["resourceCategories/getAll"] = lambda _: {
        "ResourceCategories": [make_category(), make_category("c2", "Bed"), make_category("c3", "Desk", "s2")]
    }
    mews.answers["resourceCategoryAssignments/getAll"] = lambda _: {
        "ResourceCategoryAssignments": [
            make_assignment(),
            make_assignment("bed", "c2"),
            make_assignment("desk", "c3"),
            make_assignment("r101", "c3"),
            make_assignment("old", "c1", IsActive=False),
        ]
    }
    mews.answers["resources/getAll"] = lambda _: {
        "Resources": [
            make_resource(),
            make_resource("bed", ParentResourceId="r101"),
            make_resource("desk", IsActive=False),
            make_resource("old"),
            make_resource("person", Data={"Discriminator": "Person"}),
            make_resource("nameless", Name=None),
        ]
    }
    rooms, broken = mews.connector.reader().read_rooms(HOTEL)
    by_id = {room.id: room for room in rooms}
    assert {one: room.kind for one, room in by_id.items()} == {
        "r101": "Room",
        "bed": "Bed",
        "desk": "Desk",
        "old": None,
    }
    assert (by_id["r101"].check_in, by_id["r101"].check_out) == (time(15), time(11))
    assert (by_id["desk"].check_in, by_id["desk"].check_out, by_id["desk"].is_active) == (time(9), time(18), False)
    assert by_id["bed"].parent_id == "r101"
    assert [one.id for one in broken] == ["nameless"]
    (question,) = mews.questions("resources/getAll")
    assert question["Extent"] == {"Resources": True, "Inactive": True}
    assert mews.questions("resourceCategories/getAll")[0]["ServiceIds"] == ["s1", "s2"]


def test_properties_and_a_portfolios_chain(mews: Mews) -> None:
    def enterprise(item_id: str) -> Json:
        zone = {"TimeZoneIdentifier": "Europe/Vienna", "Address": {"CountryCode": "at"}}
        return {"Id": item_id, "Name": item_id, "ChainId": "chain", **zone}

    mews.answers["enterprises/getAll"] = lambda _: {"Enterprises": [enterprise("a"), enterprise("b")]}
    mews.answers["customers/getAll"] = lambda _: {"Customers": []}
    reader = mews.connector.reader()
    first, second = reader.read_properties()
    assert (first.country, first.shares_connection, second.id) == ("AT", True, "b")
    reader.changed_guests(first, (START, END))
    assert mews.questions("customers/getAll")[0]["ChainIds"] == ["chain"]


def test_too_many_requests_are_waited_out_as_long_as_mews_says(mews: Mews) -> None:
    answers = iter(
        [
            {"status": 429, "headers": {"Retry-After": "7"}},
            {"status": 429, "headers": {"Retry-After": "Tue, 01 Sep 2026 00:00:20 GMT"}},
            {"status": 429},
            {"status": 503},
            {"Enterprises": []},
        ]
    )
    mews.answers["enterprises/getAll"] = lambda _: next(answers)
    assert mews.connector.reader().read_properties() == []
    assert mews.waited[:2] == [7.0, 20.0]
    assert 0 < mews.waited[2] < mews.waited[3]


@pytest.mark.parametrize("status", [400, 401, 403, 404])
def test_a_refusal_is_not_tried_again_and_names_no_token(mews: Mews, status: int) -> None:
    mews.answers["enterprises/getAll"] = lambda _: {"status": status, "text": '{"Message": "ACCESS-SECRET Jana"}'}
    with pytest.raises(PmsRefused) as caught:
        mews.connector.reader().read_properties()
    assert len(mews.asked) == 1
    assert caught.value.status == status
    assert "r-1" in str(caught.value)
    for secret in ("ACCESS-SECRET", "CLIENT-SECRET", "Jana"):
        assert secret not in str(caught.value) + repr(caught.value) + repr(mews.connector)


@pytest.mark.parametrize("answer", [{"status": 200, "text": "<html>"}, {"status": 200, "text": "[1]"}, {"status": 502}])
def test_what_is_no_answer_is_tried_again_and_then_a_sentence(mews: Mews, answer: Json) -> None:
    mews.answers["enterprises/getAll"] = lambda _: answer
    with pytest.raises(PmsUnreachable, match=r"alpen: the PMS .* at enterprises/getAll"):
        mews.connector.reader().read_properties()
    assert len(mews.asked) == 6


@pytest.mark.parametrize("answer", [{"Reservations": "none"}, {"Reservations": None}, {}, {"Reservations": ["x"]}])
def test_a_list_that_is_none_is_an_error_and_not_an_empty_hotel(mews: Mews, answer: Json) -> None:
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: answer
    with pytest.raises(PmsError, match="without a list"):
        mews.connector.reader().bookings_within(HOTEL, (START, END))


def test_a_question_that_is_too_heavy_is_asked_in_smaller_pages(mews: Mews) -> None:
    def answer(body: Json) -> Json:
        if body["Limitation"]["Count"] > 250:
            return {"status": 408}
        return {"Reservations": [make_reservation()]}

    mews.answers["reservations/getAll/2023-06-06"] = answer
    assert len(mews.connector.reader().bookings_within(HOTEL, (START, END)).bookings) == 1


def test_two_hundred_requests_in_thirty_seconds_and_no_more() -> None:
    clock = [0.0]

    def sleep(seconds: float) -> None:
        clock[0] += seconds

    limit = RateLimit(200, 30, lambda: clock[0], sleep)
    sent = []
    for _ in range(500):
        limit.wait_for_turn()
        sent.append(clock[0])
    assert all(later - earlier >= 30 for earlier, later in zip(sent, sent[200:], strict=False))
    assert clock[0] < 61


def test_an_id_of_mews_is_a_uuid(mews: Mews) -> None:
    assert mews.connector.could_be_id("booking", "0f515589-99b4-423d-b83a-b237009f0509")
    assert not mews.connector.could_be_id("booking", "staff-7")


def test_what_a_resource_is_its_category_says_whatever_its_data_are(mews: Mews) -> None:
    mews.answers["resourceCategories/getAll"] = lambda _: {
        "ResourceCategories": [make_category(), make_category("c2", "Bed")]
    }
    mews.answers["resourceCategoryAssignments/getAll"] = lambda _: {
        "ResourceCategoryAssignments": [make_assignment(), make_assignment("bed", "c2")]
    }
    mews.answers["resources/getAll"] = lambda _: {
        "Resources": [
            make_resource(Data=None),
            make_resource("bed", ParentResourceId="r101", Data={"Discriminator": "Object", "Value": {}}),
            make_resource("bicycle", Data={"Discriminator": "Object", "Value": {}}),
        ]
    }
    rooms, broken = mews.connector.reader().read_rooms(HOTEL)
    assert {(room.id, room.kind, room.parent_id) for room in rooms} == {("r101", "Room", None), ("bed", "Bed", "r101")}
    assert broken == []


def test_a_room_that_two_services_sell_is_one_room_with_the_times_of_the_usual_one(mews: Mews) -> None:
    by_the_hour = make_service(Id="s0")
    by_the_hour["Data"] = {"Discriminator": "Bookable", "Value": {"StartOffset": "P0M0DT9H0M0S"}}
    mews.answers["services/getAll"] = lambda _: {"Services": [by_the_hour, make_service()]}
    mews.answers["resourceCategories/getAll"] = lambda _: {
        "ResourceCategories": [make_category("c0", service="s0"), make_category(), make_category("c2")]
    }
    mews.answers["resourceCategoryAssignments/getAll"] = lambda _: {
        "ResourceCategoryAssignments": [make_assignment("r101", "c0"), make_assignment()]
    }
    mews.answers["resources/getAll"] = lambda _: {"Resources": [make_resource(), make_resource()]}
    (room,), _ = mews.connector.reader().read_rooms(HOTEL)
    assert (room.id, room.kind, room.check_in) == ("r101", "Room", time(15))


UPPER, LOWER = "0F515589-99B4-423D-B83A-B237009F0509", "0f515589-99b4-423d-b83a-b237009f0509"


def test_an_id_in_capitals_is_the_same_id(mews: Mews) -> None:
    person, room = UPPER.replace("0F51", "FADD"), UPPER.replace("0F51", "20E0")
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {
        "Reservations": [
            make_reservation(UPPER, AccountId=person, AssignedResourceId=room),
            make_reservation(LOWER, AccountId=person.lower(), AssignedResourceId=room.lower(), UpdatedUtc="2026-09-19"),
        ]
    }
    mews.answers["resources/getAll"] = lambda _: {"Resources": [make_resource(room)]}
    (booking,) = mews.connector.reader().bookings_by_id(HOTEL, [LOWER]).bookings
    assert (booking.id, booking.room_id, booking.guest_ids) == (LOWER, room.lower(), (person.lower(),))
    assert [one.id for one in mews.connector.reader().read_rooms(HOTEL)[0]] == [room.lower()]
    assert mews.connector.reader().known_rooms(HOTEL, [room.lower()]) == {room.lower()}


def test_a_guest_brings_the_profiles_that_were_merged_into_hers(mews: Mews) -> None:
    targets = {"g0": "g1", "g1": "g2"}
    mews.answers["customers/getAll"] = lambda body: {
        "Customers": [make_customer(one, MergeTargetId=targets.get(one)) for one in body.get("CustomerIds", targets)]
    }
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {"Reservations": [make_reservation()]}
    assert mews.connector.reader().bookings_by_id(HOTEL, ["b1"]).guests["g2"].merged_ids == ("g1",)
    # From then on the reservation names the target itself, and what was seen of mergers is not forgotten.
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {"Reservations": [make_reservation(AccountId="g2")]}
    mews.connector.reader().changed_guests(HOTEL, (START, END))
    assert mews.connector.reader().bookings_by_id(HOTEL, ["b1"]).guests["g2"].merged_ids == ("g0", "g1")


def test_asked_for_a_profile_that_was_merged_mews_tells_into_which(mews: Mews) -> None:
    mews.answers["customers/getAll"] = lambda body: {
        "Customers": [make_customer(one, MergeTargetId="g2" if one == "g1" else None) for one in body["CustomerIds"]]
    }
    ((guest,), _) = mews.connector.reader().read_guests(HOTEL, ["g1"])
    assert (guest.id, guest.merged_ids) == ("g2", ("g1",))


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"State": "Processed"}, BookingStatus.CHECKED_OUT),
        ({"State": "Canceled"}, BookingStatus.CANCELLED),
        ({"State": "Canceled", "CancellationReason": "NoShow"}, BookingStatus.NO_SHOW),
        ({"State": "Confirmed"}, BookingStatus.CONFIRMED),
        ({"State": "Teleported"}, None),
        ({"State": 7}, None),
    ],
)
@pytest.mark.parametrize("wrong", [{"ScheduledEndUtc": None, "EndUtc": None}, {"AssignedResourceId": [7]}])
def test_a_reservation_that_cannot_be_read_still_says_whether_it_is_over(
    mews: Mews, fields: Json, status: BookingStatus | None, wrong: Json
) -> None:
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {"Reservations": [make_reservation(**fields, **wrong)]}
    (broken,) = mews.connector.reader().bookings_by_id(HOTEL, ["b1"]).broken
    assert (broken.id, broken.status) == ("b1", status)


@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:59-12:00", "0001-01-01T00:00:00Z"])
def test_an_instant_at_the_end_of_all_years_is_one_that_cannot_be_read(mews: Mews, moment: str) -> None:
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {
        "Reservations": [make_reservation(ScheduledEndUtc=moment), make_reservation("b2", ActualStartUtc=moment)]
    }
    read = mews.connector.reader().bookings_within(HOTEL, (START, END))
    assert [one.id for one in read.broken] == ["b1"]
    assert [(one.id, one.actual_arrival) for one in read.bookings] == [("b2", None)]


def test_a_companion_under_age_is_told_from_the_others(mews: Mews) -> None:
    born = {"g1": "1980-01-01", "g2": "2010-09-21", "g3": "2008-09-20", "g4": None}
    mews.answers["customers/getAll"] = lambda body: {
        "Customers": [make_customer(one, BirthDate=born[one]) for one in body["CustomerIds"]]
    }
    mews.answers["companionships/getAll"] = lambda _: {
        "Companionships": [
            {"Id": one, "CustomerId": one, "ReservationId": "b1", "ReservationGroupId": "group"} for one in born
        ]
    }
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {"Reservations": [make_reservation()]}
    (booking,) = mews.connector.reader().bookings_by_id(HOTEL, ["b1"]).bookings
    assert (booking.guest_ids, booking.child_ids) == (("g1", "g2", "g3", "g4"), ("g2",))


@pytest.mark.parametrize("cursor", [7, ["b0"], {"b0": 1}, "another"])
def test_a_page_that_brings_nothing_new_or_a_cursor_that_is_none_is_the_end_and_an_error(
    mews: Mews, cursor: Any
) -> None:
    asked = itertools.count()
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {
        "Reservations": [make_reservation(f"b{n}") for n in range(1000)],
        "Cursor": f"another {next(asked)}" if cursor == "another" else cursor,
    }
    with pytest.raises(PmsUnreachable, match="do not end"):
        mews.connector.reader().bookings_within(HOTEL, (START, END))
    assert next(asked) <= 2


NEEDED = {
    "services/getAll": {"Id", "Data"},
    "resourceCategories/getAll": {"Id", "Type", "ServiceId"},
    "resourceCategoryAssignments/getAll": {"ResourceId", "CategoryId"},
    "resources/getAll": {"Id", "Name"},
    "customers/getAll": {"Id"},
    "reservations/getAll/2023-06-06": {"Id", "State", "ScheduledStartUtc", "ScheduledEndUtc"},
    "enterprises/getAll": {"Id"},
}
"""What nothing can be said without; all else is optional, and may be null."""
RECORDS: dict[str, tuple[str, Json]] = {
    "services/getAll": ("Services", make_service()),
    "resourceCategories/getAll": ("ResourceCategories", make_category()),
    "resourceCategoryAssignments/getAll": ("ResourceCategoryAssignments", make_assignment()),
    "resources/getAll": ("Resources", make_resource()),
    "customers/getAll": ("Customers", make_customer(Phone="+1", BirthDate="1980-01-01", MergeTargetId=None)),
    "reservations/getAll/2023-06-06": ("Reservations", make_reservation(CancellationReason=None, StartUtc=None)),
    "enterprises/getAll": (
        "Enterprises",
        {"Id": HOTEL.id, "Name": "Alpenblick", "ChainId": "c", "TimeZoneIdentifier": "UTC", "Address": {}},
    ),
}


@pytest.mark.parametrize(
    ("operation", "name"),
    [(one, name) for one, (_, record) in RECORDS.items() for name in sorted(record.keys() - NEEDED[one])],
)
@pytest.mark.parametrize("how", ["null", "left out"])
def test_what_mews_may_leave_out_breaks_nothing(mews: Mews, operation: str, name: str, how: str) -> None:
    for one, (items, record) in RECORDS.items():
        told = dict(record)
        if one == operation:
            told.pop(name)
            told |= {name: None} if how == "null" else {}
        mews.answers[one] = lambda _, items=items, told=told: {items: [told]}  # type: ignore[misc]
    (of,) = mews.connector.reader().read_properties()
    rooms, broken = mews.connector.reader().read_rooms(of)
    read = mews.connector.reader().bookings_within(of, (START, END))
    assert (len(rooms), len(read.bookings), broken, read.broken) == (1, 1, [], [])
    assert read.bookings[0].status is BookingStatus.CONFIRMED


@pytest.mark.parametrize("told", [7, None, "b2", ""])
def test_asked_for_one_reservation_and_answered_with_another_nobody_can_tell(mews: Mews, told: Any) -> None:
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {"Reservations": [make_reservation(Id=told)]}
    broken = mews.connector.reader().bookings_by_id(HOTEL, ["b1"]).broken
    assert "b1" in {one.id for one in broken}
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {"Reservations": []}
    assert mews.connector.reader().bookings_by_id(HOTEL, ["b1"]).broken == []


def test_an_id_that_mews_does_not_take_costs_nobody_else_the_profile(mews: Mews) -> None:
    def customers(body: Json) -> Json:
        if "bad" in body["CustomerIds"]:
            return {"status": 400, "text": '{"Message": "Invalid CustomerIds"}'}
        return {"Customers": [make_customer(one) for one in body["CustomerIds"]]}

    mews.answers["customers/getAll"] = customers
    good = [make_reservation(f"b{n}", AccountId=f"g{n}") for n in range(9)]
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {
        "Reservations": [*good, make_reservation("odd", AccountId="bad")]
    }
    read = mews.connector.reader().bookings_within(HOTEL, (START, END))
    assert (len(read.bookings), set(read.guests)) == (10, {f"g{n}" for n in range(9)})
    assert [(one.kind, one.id) for one in read.broken] == [("guest", "bad")]


def test_a_companion_who_cannot_be_read_takes_nobody_off_the_booking(mews: Mews) -> None:
    nobody = {"Id": "x", "CustomerId": None, "ReservationId": "b1", "ReservationGroupId": "other"}
    mews.answers["companionships/getAll"] = lambda _: {"Companionships": [nobody]}
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {
        "Reservations": [make_reservation(State="Started"), make_reservation("b2")]
    }
    read = mews.connector.reader().bookings_within(HOTEL, (START, END))
    assert [one.id for one in read.bookings] == ["b2"]
    assert [(one.id, one.status) for one in read.broken] == [("b1", BookingStatus.IN_HOUSE)]
    nobody["ReservationId"] = None
    with pytest.raises(PmsUnreachable, match="a companion in a way that cannot be read"):
        mews.connector.reader().bookings_within(HOTEL, (START, END))


def test_a_row_that_is_none_is_one_broken_record(mews: Mews) -> None:
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {"Reservations": [None, make_reservation(), "text"]}
    read = mews.connector.reader().bookings_within(HOTEL, (START, END))
    assert ([one.id for one in read.bookings], [one.id for one in read.broken]) == (["b1"], ["?", "?"])


def test_a_property_that_cannot_be_read_keeps_nobody_from_the_others(mews: Mews) -> None:
    items = [{"Id": None, "Name": "?"}, {"Id": HOTEL.id, "Name": "Alpenblick", "TimeZoneIdentifier": "Europe/Vienna"}]
    mews.answers["enterprises/getAll"] = lambda _: {"Enterprises": items}
    assert [one.id for one in mews.connector.reader().read_properties()] == [HOTEL.id]
    del items[1]
    with pytest.raises(PmsUnreachable, match="it has no Id"):
        mews.connector.reader().read_properties()


@pytest.mark.parametrize(("contact", "said"), [(431234567, "431234567"), ({}, None), (True, None), (["x"], None)])
def test_contacts_that_cannot_be_read_keep_nobody_out(mews: Mews, contact: Any, said: str | None) -> None:
    mews.answers["reservations/getAll/2023-06-06"] = lambda _: {"Reservations": [make_reservation()]}
    mews.answers["customers/getAll"] = lambda _: {"Customers": [make_customer(Email=contact, Phone=contact)]}
    read = mews.connector.reader().bookings_within(HOTEL, (START, END))
    assert (read.broken, read.guests["g1"].phone, read.guests["g1"].email) == ([], said, said)
