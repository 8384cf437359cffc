"""Buildium at the wire: what is asked, what is understood, and what happens when an answer is not what it should be."""

import itertools
import json
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses

from connectors.buildium.connector import BuildiumConnector
from connectors.errors import PmsRefused, PmsUnreachable
from connectors.ports import NotOffered, NotUnderstood
from connectors.records import Booking, BookingStatus, Property, Term
from connectors.session import Access
from settings import load_settings

BASE = "https://api.buildium.com/v1/"
HOUSE = Property("23", "Maple Court", "America/New_York", "US")
NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
WINDOW = (NOW - timedelta(days=1), NOW + timedelta(days=60))
LATELY = (NOW - timedelta(minutes=5), NOW + timedelta(minutes=5))
SECRET = "whsec-test"
_keys = itertools.count(1)
Json = dict[str, Any]


class Buildium:
    """Lists of records by path, and what was asked. Filters are not applied: the connector looks for itself."""

    def __init__(self, wire: responses.RequestsMock):
        self.asked: list[tuple[str, dict[str, list[str]]]] = []
        self.lists: dict[str, list[Json]] = {
            "rentals": [make_rental()],
            "rentals/units": [make_unit()],
            "leases": [make_lease()],
            "leases/tenants": [make_tenant()],
        }
        self.answers: dict[str, Callable[[dict[str, list[str]]], tuple[int, dict[str, str], str]]] = {}
        """Instead of the lists, by path."""
        wire.add_callback(responses.GET, re.compile(re.escape(BASE) + ".*"), self._answer)
        # Requests are counted by the key, in the whole process: a key of its own for every test.
        self.key = f"ID-{next(_keys)}"
        settings = {"base_url": BASE.removesuffix("/v1/"), "client_id": self.key, "client_secret": "S"}
        seconds = itertools.count()
        access = Access(
            sleep=lambda _: None, wait_for_turn=lambda _: None, clock=lambda: NOW, monotonic=lambda: next(seconds)
        )
        self.connector = BuildiumConnector.open("elm", settings | {"webhook_secret": SECRET}, access, None)

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        address = urlsplit(str(request.url))
        assert request.headers["x-buildium-client-id"] == self.key
        assert request.headers["x-buildium-client-secret"] == "S"
        assert len(address.query) <= 4096
        path, query = address.path.removeprefix("/v1/"), parse_qs(address.query)
        self.asked.append((path, query))
        if path in self.answers:
            return self.answers[path](query)
        if path in self.lists:
            items = self.lists[path]
            start = int(query.get("offset", ["0"])[0])
            page = items[start : start + int(query["limit"][0])]
            return 200, {"X-Total-Count": str(len(items))}, json.dumps(page)
        kind, _, number = path.rpartition("/")
        found = [item for item in self.lists.get(kind, []) if str(item["Id"]) == number]
        return (200, {}, json.dumps(found[0])) if found else (404, {}, '{"UserMessage": "No lease found."}')

    def questions(self, path: str) -> list[dict[str, list[str]]]:
        return [query for asked, query in self.asked if asked == path]

    def booking(self, **fields: Any) -> Booking:
        """What becomes of the one lease, with these fields."""
        self.lists["leases"] = [make_lease(**fields)]
        (booking,) = self.connector.reader().bookings_by_id(HOUSE, ["36005"]).bookings
        return booking


@pytest.fixture
def buildium() -> Iterator[Buildium]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Buildium(wire)


def make_rental(item_id: int = 23, **rest: Any) -> Json:
    address = {"AddressLine1": "12 Maple St", "City": "Boston", "State": "MA", "Country": "UnitedStates"}
    return {
        "Id": item_id,
        "Name": "Maple Court",
        "NumberUnits": 12,
        "IsActive": True,
        "Address": address,
        "RentalType": "Residential",
        "RentalSubType": "MultiFamily",
        **rest,
    }


def make_unit(item_id: int = 70, **rest: Any) -> Json:
    return {"Id": item_id, "PropertyId": 23, "BuildingName": "Maple Court", "UnitNumber": "2F", **rest}


def make_tenant(item_id: int = 501, **rest: Any) -> Json:
    return {
        "Id": item_id,
        "FirstName": "Ana",
        "LastName": "Ruiz",
        "Email": "ana@example.com",
        "PhoneNumbers": [{"Number": "(617) 555-0101", "Type": "Cell"}],
        "TaxId": "123-45-6789",
        "Leases": [],
        **rest,
    }


def make_lease(item_id: int = 36005, **rest: Any) -> Json:
    return {
        "Id": item_id,
        "PropertyId": 23,
        "UnitId": 70,
        "UnitNumber": "2F",
        "LeaseFromDate": "2026-02-01",
        "LeaseToDate": "2027-01-31",
        "LeaseType": "Fixed",
        "LeaseStatus": "Active",
        "IsEvictionPending": False,
        "CurrentTenants": [],
        "Cosigners": [{"Id": 501, "FirstName": "Rosa"}],
        "AutomaticallyMoveOutTenants": False,
        "LastUpdatedDateTime": "2026-09-18T09:58:00Z",
        "MoveOutData": [],
        "Tenants": [make_person()],
        "SomethingNew": {"that": "nobody knows"},
        **rest,
    }


def make_person(item_id: int = 501, status: str | None = "Current", moves_in: str | None = "2026-02-01") -> Json:
    return {"Id": item_id, "Status": status, "MoveInDate": moves_in}


def leaves(day: str, tenant: int = 501) -> Json:
    return {"TenantId": tenant, "MoveOutDate": day, "NoticeGivenDate": None}


# --- what is asked ----------------------------------------------------------------------------------------------------


def test_a_full_read_asks_for_the_leases_that_live_in_the_largest_pages_in_the_order_of_ids(buildium: Buildium) -> None:
    buildium.connector.reader().bookings_within(HOUSE, WINDOW)
    (question,) = buildium.questions("leases")
    assert question == {
        "leasestatuses": ["Active", "Future"],
        "orderby": ["Id asc"],
        "offset": ["0"],
        "limit": ["1000"],
    }


def test_changes_are_asked_for_by_whole_seconds_in_utc(buildium: Buildium) -> None:
    start = datetime(2026, 9, 18, 9, 55, 0, 250000, tzinfo=UTC)
    buildium.connector.reader().bookings_changed(HOUSE, (start, NOW))
    question = buildium.questions("leases")[0]
    assert question["lastupdatedfrom"] == ["2026-09-18T09:55:00Z"]
    assert question["lastupdatedto"] == ["2026-09-18T10:00:01Z"]


def test_many_houses_are_asked_together_and_each_gets_its_own(buildium: Buildium) -> None:
    numbers = range(1, 251)
    buildium.lists["rentals"] = [make_rental(one) for one in numbers]
    buildium.lists["rentals/units"] = [make_unit(1000 + one, PropertyId=one) for one in numbers]
    buildium.lists["leases"] = [make_lease(2000 + one, PropertyId=one, UnitId=1000 + one) for one in numbers]
    reader = buildium.connector.reader()
    properties = reader.read_properties()
    for of in properties:
        ((room,), _), read = reader.read_rooms(of), reader.bookings_within(of, WINDOW)
        assert int(room.id) == 1000 + int(of.id)
        assert [booking.id for booking in read.bookings] == [str(2000 + int(of.id))]
    assert len(properties) == 250
    assert len(buildium.asked) == 4
    del buildium.asked[:]
    for of in properties:
        reader.bookings_changed(of, LATELY)
        reader.changed_guests(of, LATELY)
        reader.changed_rooms(of, LATELY)
    assert len(buildium.questions("leases")) == len(buildium.questions("rentals/units")) == 1


@pytest.mark.parametrize("number", ["36005", "36006"])
def test_a_lease_is_asked_for_once_by_all_houses_and_again_by_who_doubts_it(buildium: Buildium, number: str) -> None:
    houses = [replace(HOUSE, id=str(one)) for one in (21, 22, 23, 24)]
    buildium.lists["rentals"] = [make_rental(int(of.id)) for of in houses]
    reader = buildium.connector.reader()
    found = [reader.bookings_by_id(of, [number]).bookings for of in houses]
    assert [len(one) for one in found] == [0, 0, number == "36005", 0]
    assert len(buildium.questions(f"leases/{number}")) == 1
    reader.bookings_by_id(houses[2], [number])
    assert len(buildium.questions(f"leases/{number}")) == 2


def test_tenants_of_a_few_homes_are_read_by_their_homes_and_a_query_is_never_too_long(buildium: Buildium) -> None:
    number = 2_000_000_000
    buildium.lists["leases"] = [
        make_lease(number + one, UnitId=number + one, Tenants=[make_person(number + one)]) for one in range(250)
    ]
    buildium.lists["leases/tenants"] = [make_tenant(number + one) for one in range(250)]
    read = buildium.connector.reader().bookings_by_id(HOUSE, [str(number + one) for one in range(250)])
    assert len(read.guests) == 250
    by_home = [query for query in buildium.questions("leases/tenants") if "unitids" in query]
    assert [len(query["unitids"]) for query in by_home] == [100, 100, 50]


def test_a_tenant_whom_the_list_leaves_out_is_asked_for_by_id(buildium: Buildium) -> None:
    buildium.answers["leases/tenants"] = lambda _: (200, {"X-Total-Count": "0"}, "[]")
    read = buildium.connector.reader().bookings_by_id(HOUSE, ["36005"])
    assert read.guests["501"].first_name == "Ana"
    assert buildium.asked[-1][0] == "leases/tenants/501"


def test_the_leases_of_a_tenant_who_changed_are_read_whether_or_not_they_count_as_changed(buildium: Buildium) -> None:
    long_ago = "2026-01-01T00:00:00Z"
    buildium.lists["leases"] = [
        make_lease(LastUpdatedDateTime=long_ago),
        make_lease(36006, LastUpdatedDateTime=long_ago),
    ]
    buildium.lists["leases/tenants"] = [make_tenant(Leases=[{"Id": 36006, "LeaseStatus": "Active"}])]
    read = buildium.connector.reader().bookings_changed(HOUSE, LATELY)
    assert [booking.id for booking in read.bookings] == ["36006"]


# --- filters that Buildium ignores without a word ---------------------------------------------------------------------


def test_what_was_not_asked_for_is_left_out_though_buildium_sends_it(buildium: Buildium) -> None:
    buildium.lists["leases"] = [
        make_lease(1, PropertyId=24),
        make_lease(2, LeaseStatus="Past", LeaseToDate="2025-01-31", MoveOutData=[leaves("2025-01-31")]),
        make_lease(3, LeaseStatus="Future", LeaseFromDate="2027-02-01", Tenants=[]),
        make_lease(4),
    ]
    read = buildium.connector.reader().bookings_within(HOUSE, WINDOW)
    assert [booking.id for booking in read.bookings] == ["4"]
    buildium.lists["leases"] = [make_lease(5, LastUpdatedDateTime="2026-09-18T08:00:00Z"), make_lease(6)]
    read = buildium.connector.reader().bookings_changed(HOUSE, LATELY)
    assert [booking.id for booking in read.bookings] == ["6"]


# --- lists that are not whole -----------------------------------------------------------------------------------------


def test_a_list_that_is_shorter_than_buildium_says_is_no_list(buildium: Buildium) -> None:
    buildium.answers["leases"] = lambda _: (200, {"X-Total-Count": "2"}, json.dumps([make_lease()]))
    with pytest.raises(PmsUnreachable, match=r"^elm: the PMS does not give all of leases that it counts$"):
        buildium.connector.reader().bookings_within(HOUSE, WINDOW)


def test_a_list_whose_length_nobody_tells_ends_with_a_page_that_is_not_full(buildium: Buildium) -> None:
    leases = [make_lease(one) for one in range(1, 1502)]

    def page(query: dict[str, list[str]]) -> tuple[int, dict[str, str], str]:
        start = int(query["offset"][0])
        return 200, {}, json.dumps(leases[start : start + 1000])

    buildium.answers["leases"] = page
    assert len(buildium.connector.reader().bookings_within(HOUSE, WINDOW).bookings) == 1501


def test_smaller_pages_than_asked_for_are_followed_to_the_end(buildium: Buildium) -> None:
    leases = [make_lease(one) for one in range(1, 121)]

    def page(query: dict[str, list[str]]) -> tuple[int, dict[str, str], str]:
        start = int(query["offset"][0])
        return 200, {"X-Total-Count": "120"}, json.dumps(leases[start : start + 50])

    buildium.answers["leases"] = page
    assert len(buildium.connector.reader().bookings_within(HOUSE, WINDOW).bookings) == 120


# --- houses and homes -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("building", "number", "name"),
    [
        ("Maple Court", "2F", "Maple Court 2F"),
        (None, "2F", "2F"),
        ("Maple Court ", " ", "Maple Court"),
        ("", None, "Maple Court"),
    ],
)
def test_a_home_is_called_by_its_building_and_number(
    buildium: Buildium, building: str | None, number: str | None, name: str
) -> None:
    buildium.lists["rentals/units"] = [make_unit(BuildingName=building, UnitNumber=number)]
    ((room,), _) = buildium.connector.reader().read_rooms(HOUSE)
    assert (room.id, room.name, room.kind, room.is_active) == ("70", name, "Apartment", True)


@pytest.mark.parametrize(
    ("subtype", "kind"),
    [("CondoTownhome", "Apartment"), ("ParkingSpace", "ParkingSpot"), ("Storage", "Storage"), (None, "Apartment")],
)
def test_what_a_unit_is_its_rental_says(buildium: Buildium, subtype: str | None, kind: str) -> None:
    buildium.lists["rentals"] = [make_rental(RentalSubType=subtype, IsActive=False)]
    ((room,), _) = buildium.connector.reader().read_rooms(HOUSE)
    assert (room.kind, room.is_active) == (kind, False)
    assert buildium.booking().requested_kind == kind


@pytest.mark.parametrize(
    ("address", "country"), [({"Country": "Canada"}, "CA"), ({"Country": "Atlantis"}, None), (None, None)]
)
def test_a_rental_tells_its_country_and_no_time_zone(buildium: Buildium, address: Any, country: str | None) -> None:
    buildium.lists["rentals"] = [make_rental(Address=address)]
    (of,) = buildium.connector.reader().read_properties()
    assert of == Property("23", "Maple Court", "", country)


def test_a_unit_of_another_rental_is_not_known_here(buildium: Buildium) -> None:
    buildium.lists["rentals/units"] = [make_unit(), make_unit(71, PropertyId=24)]
    assert buildium.connector.reader().known_rooms(HOUSE, ["70", "71", "72"]) == {"70"}


# --- tenants ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("phones", "phone"),
    [
        ([("Home", "1"), ("Cell", "2"), ("Personal", "3"), ("Cell", "4")], "2"),
        ([("Office", "1"), ("Personal", "2")], "2"),
        ([("Home", "1"), ("Cell", None)], "1"),
        ([("Fax", "1")], None),
        ([], None),
    ],
)
def test_a_cell_phone_comes_first_and_a_fax_never(buildium: Buildium, phones: Any, phone: str | None) -> None:
    numbers = [{"Type": kind, "Number": number} for kind, number in phones]
    buildium.lists["leases/tenants"] = [make_tenant(PhoneNumbers=numbers or None)]
    ((guest,), _) = buildium.connector.reader().read_guests(HOUSE, ["501"])
    assert guest.phone == phone


# --- leases -----------------------------------------------------------------------------------------------------------


def test_a_lease_becomes_a_booking_of_equals(buildium: Buildium) -> None:
    booking = buildium.booking(Tenants=[make_person(), make_person(502), make_person(503, "MovedOut")])
    assert booking == Booking(
        id="36005",
        property_id="23",
        number="36005",
        status=BookingStatus.IN_HOUSE,
        status_word="Active",
        arrival=date(2026, 2, 1),
        departure=None,
        room_id="70",
        requested_kind="Apartment",
        guest_ids=("501", "502"),
        left_guest_ids=("503",),
        has_primary=False,
        word="Lease",
    )


@pytest.mark.parametrize(
    ("word", "status"),
    [("Active", "in_house"), ("Future", "confirmed"), ("Past", "checked_out"), ("Expired", "unknown")],
)
def test_every_status_has_a_meaning(buildium: Buildium, word: str, status: str) -> None:
    booking = buildium.booking(LeaseStatus=word)
    assert (booking.status, booking.status_word) == (status, word)


@pytest.mark.parametrize(
    ("fields", "arrival", "departure"),
    [
        ({}, date(2026, 2, 1), None),
        ({"Tenants": [make_person(moves_in="2026-03-05")]}, date(2026, 3, 5), None),
        ({"Tenants": [make_person(moves_in=None)]}, date(2026, 2, 1), None),
        ({"MoveOutData": [leaves("2026-10-31")]}, date(2026, 2, 1), date(2026, 11, 1)),
        ({"MoveOutData": [leaves("2026-10-31", 502)]}, date(2026, 2, 1), None),
        ({"MoveOutData": None}, date(2026, 2, 1), None),
        ({"AutomaticallyMoveOutTenants": True}, date(2026, 2, 1), date(2027, 2, 1)),
        (
            {"AutomaticallyMoveOutTenants": True, "MoveOutData": [leaves("2026-10-31")]},
            date(2026, 2, 1),
            date(2026, 11, 1),
        ),
        ({"AutomaticallyMoveOutTenants": True, "LeaseToDate": None, "LeaseType": "AtWill"}, date(2026, 2, 1), None),
        ({"AutomaticallyMoveOutTenants": True, "LeaseToDate": "9999-12-31"}, date(2026, 2, 1), None),
        # She lived there before, on the same lease.
        ({"MoveOutData": [leaves("2025-10-31")]}, date(2026, 2, 1), None),
    ],
)
def test_from_when_until_when_a_tenant_lives_there(
    buildium: Buildium, fields: Json, arrival: date, departure: date | None
) -> None:
    booking = buildium.booking(**fields)
    assert (booking.arrival, booking.departure, booking.terms) == (arrival, departure, {})


def test_whose_time_is_another_has_a_term_of_her_own(buildium: Buildium) -> None:
    people = [make_person(), make_person(502, "Future", "2026-10-01")]
    booking = buildium.booking(Tenants=people, MoveOutData=[leaves("2026-11-30")])
    assert (booking.arrival, booking.departure) == (date(2026, 2, 1), None)
    assert booking.terms == {
        "501": Term(date(2026, 2, 1), date(2026, 12, 1)),
        "502": Term(date(2026, 10, 1), None),
    }


def test_who_leaves_before_she_comes_is_not_on_the_lease(buildium: Buildium) -> None:
    people = [make_person(), make_person(502, "Future", "2026-10-01")]
    booking = buildium.booking(Tenants=people, MoveOutData=[leaves("2026-09-25", 502)])
    assert (booking.guest_ids, booking.unclear_guest_ids, booking.terms) == (("501",), (), {})


def test_of_whom_buildium_says_something_unknown_nothing_is_made_and_nothing_taken(buildium: Buildium) -> None:
    booking = buildium.booking(Tenants=[make_person(), make_person(502, "OnLeave"), make_person(503, None)])
    assert (booking.guest_ids, booking.unclear_guest_ids) == (("501",), ("502", "503"))


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"LeaseToDate": "2026-09-17"}, "holding over"),
        ({"LeaseToDate": "2026-09-18"}, None),
        ({"LeaseToDate": "2026-09-17", "LeaseType": "FixedWithRollover"}, None),
        ({"LeaseToDate": None, "LeaseType": "AtWill"}, None),
        ({"LeaseToDate": "2026-09-17", "Tenants": [make_person(status="MovedOut")]}, "a forgotten lease"),
        ({"LeaseToDate": "2026-09-17", "Tenants": [make_person(status="Future")]}, None),
        ({"MoveOutData": [leaves("2026-09-17")]}, "1 tenant is still current"),
        ({"MoveOutData": [leaves("2026-09-18")]}, None),
        ({"IsEvictionPending": True}, "an eviction is pending"),
        ({"IsEvictionPending": True, "LeaseToDate": "2026-09-17"}, "; an eviction is pending"),
        ({"IsEvictionPending": True, "LeaseStatus": "Past"}, None),
    ],
)
def test_what_a_person_should_look_at_is_said(buildium: Buildium, fields: Json, said: str | None) -> None:
    review = buildium.booking(**fields).review
    assert review is None if said is None else said in (review or "")


def test_a_lease_that_buildium_forbids_to_read_is_a_broken_record_and_not_gone(buildium: Buildium) -> None:
    buildium.answers["leases/36005"] = lambda _: (403, {}, '{"UserMessage": "No access to property Maple Court."}')
    read = buildium.connector.reader().bookings_by_id(HOUSE, ["36005"])
    ((broken,), bookings) = read.broken, read.bookings
    assert (broken.id, bookings) == ("36005", [])
    assert "forbids" in broken.reason


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"Tenants": [{"Status": "Current"}]}, "has a Tenants that cannot be read"),
        ({"UnitId": None}, "has no UnitId"),
        ({"LeaseToDate": "31.1.2027"}, "has a LeaseToDate that cannot be read"),
        ({"LeaseFromDate": None, "Tenants": [make_person(moves_in=None)]}, "no LeaseFromDate"),
        ({"PropertyId": None, "LeaseStatus": None}, "has no LeaseStatus"),
    ],
)
def test_a_lease_that_cannot_be_read_says_why(buildium: Buildium, fields: Json, reason: str) -> None:
    buildium.lists["leases"] = [make_lease(**fields)]
    (broken,) = buildium.connector.reader().bookings_within(HOUSE, WINDOW).broken
    assert (broken.kind, broken.id) == ("booking", "36005")
    assert reason in broken.reason


def test_another_record_than_asked_for_is_no_answer(buildium: Buildium) -> None:
    buildium.answers["leases/36005"] = lambda _: (200, {}, json.dumps({"UserMessage": "Something went wrong."}))
    with pytest.raises(PmsUnreachable, match="another record"):
        buildium.connector.reader().bookings_by_id(HOUSE, ["36005"])


# --- signing in -------------------------------------------------------------------------------------------------------


def test_a_check_says_what_the_key_may_see_and_fails_where_it_may_not(buildium: Buildium) -> None:
    assert buildium.connector.check() == "Buildium: 1 rental property, 1 unit, 1 lease, 1 tenant"
    buildium.answers["leases/tenants"] = lambda _: (403, {}, "{}")
    with pytest.raises(PmsRefused):
        buildium.connector.check()


def test_the_address_has_a_default_and_the_webhooks_secret_may_be_unset(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    path.write_text(
        f"""\
database: sqlite:///{tmp_path}/night.db
seam: {{api_key: key}}
connections:
  elm:
    connector: buildium
    policy: lease
    buildium: {{client_id: env:BUILDIUM_ID, client_secret: env:BUILDIUM_SECRET, webhook_secret: env:BUILDIUM_HOOK}}
policies:
  lease: {{preset: lease, time_zone: America/New_York}}
"""
    )
    settings = load_settings(path, {"BUILDIUM_ID": "id", "BUILDIUM_SECRET": "secret"})
    vendor = settings.connections["elm"].vendor
    assert vendor["base_url"] == "https://api.buildium.com"
    assert vendor["webhook_secret"] is None
    assert settings.connections["elm"].policy.guests == "everyone"


# --- webhooks ---------------------------------------------------------------------------------------------------------

SENT = datetime.fromtimestamp(1767225600, UTC)
BODY = (
    b'{"EventName":"Lease.Updated","EventDateTime":"2026-01-01T00:00:00.1234567Z","AccountId":123456,"LeaseId":36005}'
)
HEADERS = {
    "buildium-webhook-timestamp": "1767225600",
    "buildium-webhook-signature": "AA1aNamlXMqrMpu8pMqCN/PxO/ifAq9lj+6XjSZWJvw=",
}


def test_a_signature_is_over_the_body_without_its_white_space(buildium: Buildium) -> None:
    def passes(body: bytes, now: datetime = SENT, **headers: str) -> bool:
        return buildium.connector.webhooks.verify({}, HEADERS | headers, body, now)

    assert passes(BODY)
    assert passes(json.dumps(json.loads(BODY), indent=2).encode().replace(b"\n", b"\r\n"))
    assert passes(BODY, SENT + timedelta(minutes=5))
    assert passes(BODY, SENT - timedelta(minutes=5))
    assert not passes(BODY, SENT + timedelta(minutes=5, seconds=1))
    assert not passes(BODY, SENT - timedelta(minutes=5, seconds=1))
    assert not passes(BODY.replace(b"36005", b"36006"))
    assert not passes(BODY.replace(b"Lease.Updated", b"Lease. Updated"))
    assert not passes(BODY, **{"buildium-webhook-timestamp": "1767225601"})
    assert not passes(BODY, **{"buildium-webhook-timestamp": "soon"})
    assert not passes(BODY, **{"buildium-webhook-timestamp": "１７６７２２５６００"})
    assert not passes(BODY, **{"buildium-webhook-signature": "ä"})


@pytest.mark.parametrize("body", [b'"' + b'\\"' * 400_000, b'"' * 800_001, b'{"' + b" " * 800_000, b"\\" * 800_000])
def test_a_body_that_was_made_to_take_long_does_not(buildium: Buildium, body: bytes) -> None:
    began = time.process_time()
    assert not buildium.connector.webhooks.verify({}, HEADERS, body, SENT)
    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("event", "subjects", "property_id"),
    [
        ({"EventName": "Lease.Created", "LeaseId": 36005}, {"bookings": ["36005"]}, None),
        ({"EventName": "Lease.MoveOut.Created", "LeaseId": 36005, "TenantId": 502}, {"bookings": ["36005"]}, None),
        ({"EventName": "LeaseTenant.Updated", "TenantId": 501}, {"guests": ["501"]}, None),
        ({"EventName": "Tenant.Created", "TenantId": 501}, {"guests": ["501"]}, None),
        ({"EventName": "RentalUnit.Deleted", "UnitId": 70}, {"rooms": ["70"]}, None),
        ({"EventName": "Rental.Updated", "PropertyId": 23}, {"rooms": ["*"]}, "23"),
        # What else it names may be nothing, or of another kind.
        ({"EventName": "Lease.Updated", "LeaseId": 7, "TenantId": None, "UnitId": "12-B"}, {"bookings": ["7"]}, None),
        ({"EventName": "Rental.Updated", "PropertyId": "23", "UnitId": None}, {"rooms": ["*"]}, "23"),
    ],
)
def test_an_event_names_what_to_look_at(
    buildium: Buildium, event: Json, subjects: Json, property_id: str | None
) -> None:
    news = buildium.connector.webhooks.read({"AccountId": 123456, **event})
    assert news is not None
    assert (news.subjects, news.property_id, news.words) == (subjects, property_id, event["EventName"])


@pytest.mark.parametrize(
    "name",
    [
        "WorkOrder.Created",
        "LeaseTransaction.Created",
        "AssociationTenant.Updated",
        "Rental.MeterReading.Created",
        "RentalUnit.Amenity.Updated",
        "Lease",
        "Lease.MoveOut.Data.Created",
    ],
)
def test_events_that_say_nothing_of_access_are_nothing(buildium: Buildium, name: str) -> None:
    ids = {"LeaseId": 36005, "PropertyId": 23, "UnitId": 70}
    assert buildium.connector.webhooks.read({"EventName": name, "AccountId": 123456, **ids}) is None


def test_an_event_without_its_id_is_not_understood(buildium: Buildium) -> None:
    with pytest.raises(NotUnderstood, match="it has no LeaseId"):
        buildium.connector.webhooks.read({"EventName": "Lease.Updated", "TenantId": 501})


def test_webhooks_are_set_up_by_hand_and_the_sentence_says_how(buildium: Buildium) -> None:
    with pytest.raises(NotOffered, match=r"Developer Tools.*https://night\.example/webhooks/elm"):
        buildium.connector.webhooks.subscribe("https://night.example/webhooks/elm")


def test_ids_are_numbers_that_fit_into_32_bits(buildium: Buildium) -> None:
    could = [
        one for one in ("1", "2147483647", "2147483648", "0", "01", "-1", "1.2", "a", "١") if could_be(buildium, one)
    ]
    assert could == ["1", "2147483647"]


def could_be(buildium: Buildium, text: str) -> bool:
    return buildium.connector.could_be_id("booking", text)


def test_the_day_is_that_of_the_house(buildium: Buildium) -> None:
    buildium.lists["leases"] = [make_lease(LeaseToDate="2026-09-17")]
    for zone, is_over in (("America/New_York", True), ("", True), ("Nowhere/At_All", True), ("Pacific/Niue", False)):
        of = replace(HOUSE, time_zone=zone)
        (booking,) = buildium.connector.reader().bookings_by_id(of, ["36005"]).bookings
        assert (booking.review is not None) == is_over, zone


# --- what the documents leave open ------------------------------------------------------------------------------------


def test_a_lease_without_tenants_names_nobody_and_takes_nobody_off(buildium: Buildium) -> None:
    booking = buildium.booking(Tenants=None, MoveOutData=None, CurrentTenants=None)
    assert (booking.status, booking.guest_ids, booking.names_people) == (BookingStatus.IN_HOUSE, (), False)
    assert not buildium.booking(Tenants=[]).names_people
    assert buildium.booking(Tenants=[make_person(status="MovedOut")]).names_people


def test_where_the_tenants_are_null_those_who_live_there_now_are_read(buildium: Buildium) -> None:
    booking = buildium.booking(Tenants=None, CurrentTenants=[make_tenant()])
    assert (booking.guest_ids, booking.arrival) == (("501",), date(2026, 2, 1))


def test_who_is_on_a_lease_twice_lives_there_from_the_first_day_to_the_last(buildium: Buildium) -> None:
    twice = [make_person(), make_person(status="Future", moves_in="2026-10-01")]
    for people in (twice, twice[::-1]):
        booking = buildium.booking(Tenants=people)
        assert (booking.guest_ids, booking.arrival, booking.departure) == (("501",), date(2026, 2, 1), None)
        assert booking.terms == {}


def test_contacts_that_cannot_be_read_keep_nobody_out(buildium: Buildium) -> None:
    numbers = [{"Number": 6175550101, "Type": "Cell"}]
    for odd, phone in (
        ({"Email": ["x"], "PhoneNumbers": numbers}, "6175550101"),
        ({"PhoneNumbers": {"Cell": 1}}, None),
    ):
        buildium.lists["leases/tenants"] = [make_tenant(**odd)]
        read = buildium.connector.reader().bookings_within(HOUSE, WINDOW)
        assert (read.broken, read.guests["501"].phone) == ([], phone)


def test_who_moves_out_on_a_day_that_is_not_told_gets_nothing_and_loses_nothing(buildium: Buildium) -> None:
    booking = buildium.booking(
        Tenants=[make_person(), make_person(502)], MoveOutData=[{"TenantId": 502, "MoveOutDate": None}]
    )
    assert (booking.guest_ids, booking.unclear_guest_ids) == (("501",), ("502",))


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Past", BookingStatus.CHECKED_OUT),
        ("Active", BookingStatus.IN_HOUSE),
        ("Teleported", None),
        (["Past"], None),
    ],
)
@pytest.mark.parametrize("wrong", [{"UnitId": None}, {"LeaseToDate": "31.1.2027"}, {"Tenants": {"501": {}}}])
def test_a_lease_that_cannot_be_read_still_says_whether_it_is_over(
    buildium: Buildium, word: Any, status: BookingStatus | None, wrong: Json
) -> None:
    buildium.lists["leases"] = [make_lease(LeaseStatus=word, **wrong)]
    (broken,) = buildium.connector.reader().bookings_by_id(HOUSE, ["36005"]).broken
    assert (broken.id, broken.status) == ("36005", status)


def test_a_number_that_is_written_as_text_is_the_same_id(buildium: Buildium) -> None:
    buildium.lists["rentals"] = [make_rental(Id="23")]
    buildium.lists["rentals/units"] = [make_unit(Id="70", PropertyId="23")]
    buildium.lists["leases/tenants"] = [make_tenant(Id="501")]
    booking = buildium.booking(Id="36005", PropertyId="23", UnitId="70", Tenants=[make_person() | {"Id": "501"}])
    assert (booking.id, booking.room_id, booking.guest_ids) == ("36005", "70", ("501",))
    assert [room.id for room in buildium.connector.reader().read_rooms(HOUSE)[0]] == ["70"]
    assert buildium.connector.reader().known_rooms(HOUSE, ["70"]) == {"70"}


def test_a_lease_that_names_no_property_is_where_its_unit_is(buildium: Buildium) -> None:
    buildium.lists["rentals"] = [make_rental(), make_rental(24)]
    buildium.lists["rentals/units"] = [make_unit(), make_unit(71, PropertyId=24)]
    buildium.lists["leases"] = [make_lease(PropertyId=None), make_lease(36006, PropertyId=None, UnitId=71)]
    other = replace(HOUSE, id="24")
    here, there = (buildium.connector.reader().bookings_within(of, WINDOW).bookings for of in (HOUSE, other))
    assert ([one.id for one in here], [one.id for one in there]) == (["36005"], ["36006"])


@pytest.mark.parametrize("day", ["9999-12-31", "9998-01-01"])
def test_the_end_of_all_years_is_somebodys_never(buildium: Buildium, day: str) -> None:
    assert buildium.booking(LeaseToDate=day, AutomaticallyMoveOutTenants=True).departure is None
    buildium.lists["leases"] = [make_lease(LeaseFromDate="0001-01-01")]
    assert len(buildium.connector.reader().bookings_by_id(HOUSE, ["36005"]).broken) == 1


NEEDED = {
    "rentals": {"Id"},
    "rentals/units": {"Id"},
    "leases": {"Id", "UnitId", "LeaseStatus"},
    "leases/tenants": {"Id"},
    "leases Tenants": {"Id"},
    "leases MoveOutData": {"TenantId"},
    "leases/tenants PhoneNumbers": set(),
}
"""What nothing can be said without; all else is optional, and may be null."""
EVERYTHING: dict[str, Callable[[], Json]] = {
    "rentals": lambda: make_rental(RentalManager=None, YearBuilt=1988),
    "rentals/units": lambda: make_unit(Address=None, UnitSize=820, IsUnitListed=True),
    "leases": lambda: make_lease(TermType="Standard", RenewalOfferStatus=None, AccountDetails={}),
    "leases/tenants": make_tenant,
    "leases Tenants": make_person,
    "leases MoveOutData": lambda: leaves("2026-12-31"),
    "leases/tenants PhoneNumbers": lambda: {"Number": "(617) 555-0101", "Type": "Cell"},
}


@pytest.mark.parametrize(
    ("kind", "name"), [(one, name) for one, make in EVERYTHING.items() for name in sorted(make().keys() - NEEDED[one])]
)
@pytest.mark.parametrize("how", ["null", "left out"])
def test_what_buildium_may_leave_out_breaks_nothing(buildium: Buildium, kind: str, name: str, how: str) -> None:
    told = {one: make() for one, make in EVERYTHING.items()}
    told[kind].pop(name)
    told[kind] |= {name: None} if how == "null" else {}
    for inner in (one for one in told if " " in one):
        path, part = inner.split()
        if (kind, name) != (path, part):
            told[path][part] = [told[inner]]
    buildium.lists = {one: [record] for one, record in told.items() if " " not in one}
    (of,) = buildium.connector.reader().read_properties()
    rooms, broken = buildium.connector.reader().read_rooms(of)
    read = buildium.connector.reader().bookings_within(of, WINDOW)
    assert ([room.is_active for room in rooms], broken, read.broken) == ([True], [], [])
    assert [booking.room_id for booking in read.bookings] == ["70"]


def test_a_list_that_never_ends_is_an_error_and_not_a_loop(buildium: Buildium, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.reading.MOST_PAGES", 5)
    buildium.answers["rentals"] = lambda query: (
        200,
        {},
        json.dumps([{"Id": 1 + n + int(query["offset"][0])} for n in range(1000)]),
    )
    with pytest.raises(PmsUnreachable, match="do not end"):
        buildium.connector.reader().read_properties()


@pytest.mark.parametrize(
    ("told", "is_active"), [(True, True), ("true", True), (1, True), (None, True), (False, False), ("perhaps", False)]
)
def test_a_rental_that_says_something_odd_gets_no_new_access(buildium: Buildium, told: Any, is_active: bool) -> None:
    buildium.lists["rentals"] = [make_rental(IsActive=told)]
    assert [room.is_active for room in buildium.connector.reader().read_rooms(HOUSE)[0]] == [is_active]


def test_another_record_than_asked_for_costs_the_others_nothing(buildium: Buildium) -> None:
    buildium.lists["rentals"] = [make_rental(NumberUnits=5000)]
    buildium.answers["leases/36006"] = lambda _: (200, {}, json.dumps(make_lease()))
    read = buildium.connector.reader().bookings_by_id(HOUSE, ["36005", "36006"])
    assert ([one.id for one in read.bookings], [one.id for one in read.broken]) == (["36005"], ["36006"])
