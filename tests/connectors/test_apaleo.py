"""Apaleo at the wire: what is asked, what is understood, and what happens when Apaleo does not answer as it should.

What every connector has to do is in the conformance kit; here is what only Apaleo does.
"""

import itertools
import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses
from hypothesis import given
from hypothesis import strategies as st

from connectors.apaleo.connector import ApaleoConnector
from connectors.errors import PmsRefused, PmsUnreachable
from connectors.ports import NotUnderstood
from connectors.records import Booking, BookingStatus, Guest, Property, Room, Span
from connectors.session import Access
from tests.connectors.fixture import read_bookings

API, IDENTITY, HOOKS = "https://api.example", "https://identity.example", "https://webhook.example"
MUC = Property("MUC", "Hotel Isar", "Europe/Berlin", "DE")
START, END = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 30, tzinfo=UTC)
Json = dict[str, Any]
Reply = tuple[int, Any]
_clients = itertools.count(1)


class Apaleo:
    """Scripted answers by path, and what was asked."""

    def __init__(self, wire: responses.RequestsMock):
        self.asked: list[tuple[str, str, dict[str, str]]] = []
        self.bodies: list[Any] = []
        self.waited: list[float] = []
        self.answers: dict[str, Callable[[dict[str, str]], Reply]] = {}
        self.reservations: list[Json] = []
        self.answers["/booking/v1/reservations"] = lambda query: page("reservations", self.reservations, query)
        for host in (API, HOOKS):
            for method in ("GET", "POST", "PUT", "DELETE"):
                wire.add_callback(method, re.compile(f"{host}/.*"), self._answer)
        wire.post(f"{IDENTITY}/connect/token", json={"access_token": "T", "expires_in": 3600})
        self.connector = ApaleoConnector.open(
            "isar",
            {
                "base_url": API + "/",
                "identity_url": IDENTITY,
                "webhook_url": HOOKS,
                "client_id": f"CLIENT-{next(_clients)}",
                "client_secret": "SECRET",
            },
            Access(sleep=self.waited.append, clock=lambda: START),
            "TOKEN",
        )

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        address = urlsplit(str(request.url))
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.asked.append((str(request.method), address.path, query))
        self.bodies.append(json.loads(request.body) if request.body else None)
        known = self.answers.get(f"{request.method} {address.path}") or self.answers.get(address.path)
        status, document = known(query) if known else (404, None)
        return status, {}, "" if document is None else json.dumps(document)

    def questions(self, path: str) -> list[dict[str, str]]:
        return [query for _, asked, query in self.asked if asked == path]

    def read(self, *reservations: Json, **question: Any) -> list[Booking]:
        self.reservations = list(reservations)
        read = read_bookings(self.connector.reader(), MUC, **(question or {"colliding": (START, END)}))
        assert read.broken == []
        return read.bookings


def page(name: str, rows: list[Json], query: dict[str, str]) -> Reply:
    number, size = int(query["pageNumber"]), int(query["pageSize"])
    rows_here = rows[(number - 1) * size : number * size]
    return (200, {name: rows_here, "count": len(rows)}) if rows_here else (204, None)


@pytest.fixture
def apaleo() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        yield Apaleo(wire)


def make_reservation(item_id: str = "XPGMSXGF-1", **rest: Any) -> Json:
    """From 20 September 15:00 to 23 September 11:00 in Munich, in unit MUC-A."""
    return {
        "id": item_id,
        "bookingId": item_id.partition("-")[0],
        "status": "Confirmed",
        "property": {"id": "MUC", "code": "MUC", "name": "Hotel Isar"},
        "unitGroup": {"id": "MUC-DBL", "code": "DBL", "name": "Double", "type": "BedRoom"},
        "arrival": "2026-09-20T15:00:00+02:00",
        "departure": "2026-09-23T11:00:00+02:00",
        "modified": "2026-09-18T12:00:05+02:00",
        "primaryGuest": {
            "firstName": "Jana",
            "lastName": "Novak",
            "email": "jana@example.com",
            "phone": "+420123456789",
        },
        "booker": {"firstName": "An", "lastName": "Agency", "email": "agency@example.com"},
        "assignedUnits": [assigned("MUC-A", ("20T15", "23T11"))],
        "somethingNew": {"that": "nobody knows"},
    } | rest


def moment(text: str) -> str:
    """ "20T15" is 20 September 15:00 in Munich."""
    day, _, hour = text.partition("T")
    return f"2026-09-{day}T{hour}:00:00+02:00"


def utc(text: str) -> datetime:
    return datetime.fromisoformat(moment(text)).astimezone(UTC)


def assigned(unit: str, *ranges: tuple[str, str]) -> Json:
    times = [{"from": moment(start), "to": moment(end)} for start, end in ranges]
    return {"unit": {"id": unit, "name": unit}, "timeRanges": times}


def night(start: str, end: str, unit: str | None = None) -> Json:
    return {"from": moment(start), "to": moment(end), **({"unit": {"id": unit}} if unit else {})}


def nights(*units: str | None) -> list[Json]:
    return [night(f"{20 + n}T15", f"{21 + n}T11", unit) for n, unit in enumerate(units)]


# --- reservations -----------------------------------------------------------------------------------------------------


def test_a_reservation_becomes_a_booking(apaleo: Apaleo) -> None:
    (booking,) = apaleo.read(make_reservation())
    assert booking == Booking(
        id="XPGMSXGF-1",
        property_id="MUC",
        number="XPGMSXGF-1",
        status=BookingStatus.CONFIRMED,
        status_word="Confirmed",
        arrival=utc("20T15"),
        departure=utc("23T11"),
        room_id="MUC-A",
        requested_kind="Room",
        guest_ids=("XPGMSXGF-1:primary",),
    )
    (question,) = apaleo.questions("/booking/v1/reservations")
    assert question == {
        "propertyIds": "MUC",
        "dateFilter": "Stay",
        "from": "2026-09-01T00:00:00Z",
        "to": "2026-09-30T00:00:00Z",
        "expand": "assignedUnits,timeSlices",
        "sort": "created:asc",
        "pageNumber": "1",
        "pageSize": "200",
    }


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("Confirmed", "confirmed"),
        ("InHouse", "in_house"),
        ("CheckedOut", "checked_out"),
        ("Canceled", "cancelled"),
        ("NoShow", "no_show"),
        ("Teleported", "unknown"),
    ],
)
def test_every_status_has_a_meaning(apaleo: Apaleo, word: str, status: str) -> None:
    (booking,) = apaleo.read(make_reservation(status=word, isPreCheckedIn=True))
    assert (booking.status, booking.status_word) == (status, word)


def test_a_check_in_counts_as_long_as_the_guest_is_in_the_house(apaleo: Apaleo) -> None:
    came = {"checkInTime": "2026-09-20T13:10:00+02:00"}
    in_house, reverted = apaleo.read(
        make_reservation(status="InHouse", **came), make_reservation("XPGMSXGF-2", status="Confirmed", **came)
    )
    assert in_house.actual_arrival == datetime(2026, 9, 20, 11, 10, tzinfo=UTC)
    assert reverted.actual_arrival is None


def test_a_time_without_an_offset_could_be_any_and_is_not_guessed(apaleo: Apaleo) -> None:
    apaleo.reservations = [make_reservation(arrival="2026-09-20T15:00:00"), make_reservation("B-1")]
    read = apaleo.connector.reader().bookings_within(MUC, (START, END))
    assert [one.id for one in read.bookings] == ["B-1"]
    assert [(one.kind, one.id) for one in read.broken] == [("booking", "XPGMSXGF-1")]
    assert "arrival" in read.broken[0].reason


def test_seconds_are_whole(apaleo: Apaleo) -> None:
    (booking,) = apaleo.read(make_reservation(arrival="2026-09-20T13:00:00.9289333Z"))
    assert booking.arrival == utc("20T15")


def test_windows_are_asked_in_parts_of_whole_seconds_that_lose_nothing(apaleo: Apaleo) -> None:
    window = (START + timedelta(milliseconds=400), START + timedelta(days=70, milliseconds=1))
    assert len(apaleo.read(make_reservation(), updated=window)) == 1
    questions = apaleo.questions("/booking/v1/reservations")
    assert [(one["from"], one["to"]) for one in questions] == [
        ("2026-09-01T00:00:00Z", "2026-10-01T00:00:00Z"),
        ("2026-10-01T00:00:00Z", "2026-10-31T00:00:00Z"),
        ("2026-10-31T00:00:00Z", "2026-11-10T00:00:01Z"),
    ]
    assert {one["dateFilter"] for one in questions} == {"Modification"}


def test_a_reservation_of_another_property_is_not_this_ones(apaleo: Apaleo) -> None:
    apaleo.reservations = [make_reservation(property={"id": "BER"}), make_reservation("B-1")]
    assert [one.id for one in apaleo.connector.reader().bookings_within(MUC, (START, END)).bookings] == ["B-1"]
    apaleo.answers["/booking/v1/reservations/XPGMSXGF-1"] = lambda _: (200, make_reservation(property={"id": "BER"}))
    assert apaleo.connector.reader().bookings_by_id(MUC, ["XPGMSXGF-1"]).bookings == []


# --- where a guest is, and when ---------------------------------------------------------------------------------------

A, B, NOWHERE = "MUC-A", "MUC-B", None


@pytest.mark.parametrize(
    ("plan", "spans"),
    [
        pytest.param(
            {"assignedUnits": [assigned(A, ("20T15", "21T11")), assigned(B, ("21T11", "23T11"))]},
            [(A, "20T15", "21T11"), (B, "21T11", "23T11")],
            id="moves",
        ),
        pytest.param(
            {"assignedUnits": [assigned(B, ("21T15", "22T11"), ("22T15", "23T11")), assigned(A, ("20T15", "21T11"))]},
            [(A, "20T15", "21T11"), (B, "21T15", "23T11")],
            id="moves, told by nights and in another order",
        ),
        pytest.param(
            {"assignedUnits": [assigned(A, ("20T15", "21T11"), ("22T15", "23T11")), assigned(B, ("21T15", "22T11"))]},
            [(A, "20T15", "21T11"), (B, "21T15", "22T11"), (A, "22T15", "23T11")],
            id="there and back",
        ),
        pytest.param(
            {"assignedUnits": None, "timeSlices": nights(A, A, B)},
            [(A, "20T15", "22T11"), (B, "22T15", "23T11")],
            id="only time slices",
        ),
        pytest.param(
            {"assignedUnits": [], "timeSlices": nights(A, NOWHERE, NOWHERE)},
            [(A, "20T15", "21T11"), (NOWHERE, "21T11", "23T11")],
            id="only the first night",
        ),
        pytest.param(
            {"assignedUnits": [assigned(A, ("20T15", "21T11"))]},
            [(A, "20T15", "21T11"), (NOWHERE, "21T11", "23T11")],
            id="only the first night, no time slices",
        ),
        pytest.param(
            {"assignedUnits": [assigned(B, ("22T15", "23T11"))], "timeSlices": nights(NOWHERE, NOWHERE, B)},
            [(NOWHERE, "20T15", "22T15"), (B, "22T15", "23T11")],
            id="only the last night",
        ),
        pytest.param(
            {"assignedUnits": [assigned(A, ("20T15", "21T11"), ("22T15", "23T11"))]},
            [(A, "20T15", "21T11"), (NOWHERE, "21T11", "22T15"), (A, "22T15", "23T11")],
            id="not the night between",
        ),
        pytest.param(
            {
                "arrival": moment("20T23"),
                "assignedUnits": [assigned(A, ("21T15", "23T11"))],
                "timeSlices": [night("20T23", "21T11"), *nights(NOWHERE, A, A)[1:]],
            },
            [(NOWHERE, "20T23", "21T15"), (A, "21T15", "23T11")],
            id="a short first night without a unit",
        ),
        pytest.param(
            {"assignedUnits": [assigned(A, ("20T15", "22T15")), assigned(B, ("22T11", "23T11"))]},
            [(A, "20T15", "22T11"), (B, "22T11", "23T11")],
            id="the first ends when the second begins",
        ),
        pytest.param(
            {"assignedUnits": [assigned(A, ("18T15", "22T11")), assigned(B, ("22T15", "25T11"))]},
            [(A, "20T15", "22T11"), (B, "22T15", "23T11")],
            id="not before the arrival, not beyond the departure",
        ),
    ],
)
def test_a_guest_who_moves_has_spans(apaleo: Apaleo, plan: Json, spans: list[tuple[str | None, str, str]]) -> None:
    (booking,) = apaleo.read(make_reservation(**({"unit": {"id": "MUC-WRONG"}} | plan)))
    assert booking.spans == tuple(Span(unit, utc(start), utc(end)) for unit, start, end in spans)
    assert booking.room_id is None


@pytest.mark.parametrize(
    ("plan", "unit"),
    [
        pytest.param({"timeSlices": nights(A, A, A), "assignedUnits": None}, A, id="nights"),
        pytest.param({"assignedUnits": [assigned(A, ("20T15", "21T11"), ("21T15", "23T11"))]}, A, id="overnight"),
        pytest.param({"assignedUnits": [assigned(A, ("20T15", "23T11"))], "arrival": moment("20T10")}, A, id="early"),
        pytest.param({"assignedUnits": [assigned(A, ("20T15", "23T11"))], "departure": moment("23T16")}, A, id="late"),
        pytest.param({"assignedUnits": None, "unit": {"id": A}}, A, id="no plan"),
        pytest.param({"assignedUnits": [], "timeSlices": nights(None, None, None)}, None, id="unassigned"),
        pytest.param({"assignedUnits": None}, None, id="nothing at all"),
        pytest.param({"assignedUnits": [], "unit": {"id": A}}, None, id="a plan without units"),
        pytest.param({"assignedUnits": [], "timeSlices": [], "unit": {"id": A}}, A, id="a plan that is lost"),
        pytest.param({"assignedUnits": [assigned(B, ("10T15", "12T11"))]}, None, id="a plan of other days"),
        pytest.param(
            {
                "arrival": moment("20T09"),
                "departure": moment("20T18"),
                "assignedUnits": [assigned(A, ("20T09", "20T18"))],
            },
            A,
            id="day use",
        ),
    ],
)
def test_a_guest_who_does_not_move_has_one_room(apaleo: Apaleo, plan: Json, unit: str | None) -> None:
    (booking,) = apaleo.read(make_reservation(**plan))
    assert (booking.room_id, booking.spans) == (unit, ())


@given(
    st.lists(st.sampled_from([A, B, "MUC-C", NOWHERE]), min_size=1, max_size=7),
    st.sampled_from(["slices", "ranges", "ranges that meet", "long ranges"]),
    st.sampled_from(["20T09", "20T15", "20T23"]),
)
def test_whatever_the_plan_is_each_night_is_spent_where_it_says(plan: list[str | None], told: str, came: str) -> None:
    slices = nights(*plan)
    slices[0]["from"] = moment(came)
    ranges: list[tuple[str | None, str, str]] = []
    for unit, part in zip(plan, slices, strict=True):
        before = ranges[-1] if ranges else None
        if told == "long ranges" and before is not None and before[0] == unit:
            ranges[-1] = (unit, before[1], part["to"])
        else:
            starts = before[2] if told == "ranges that meet" and before is not None else part["from"]
            ranges.append((unit, starts, part["to"]))
    document = make_reservation(arrival=moment(came), departure=slices[-1]["to"], timeSlices=slices, assignedUnits=[])
    if told != "slices":
        document["assignedUnits"] = [
            {"unit": {"id": unit}, "timeRanges": [{"from": starts, "to": ends}]}
            for unit, starts, ends in ranges
            if unit
        ]
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        (booking,) = Apaleo(wire).read(document)
    spans = booking.spans or (Span(booking.room_id, booking.arrival, booking.departure),)  # type: ignore[arg-type]
    assert (spans[0].arrival, spans[-1].departure) == (booking.arrival, booking.departure)
    for before, after in itertools.pairwise(spans):
        assert before.departure <= after.arrival
        assert before.room_id != after.room_id
    for number, unit in enumerate(plan):
        midnight = utc(f"{20 + number}T23") + timedelta(hours=1)
        assert [one.room_id for one in spans if one.arrival <= midnight < one.departure] == [unit]


@pytest.mark.parametrize(
    "plan",
    [
        [assigned(A, ("20T15", "23T11")), assigned(B, ("20T15", "23T11"))],
        [assigned(A, ("20T15", "23T11")), assigned(B, ("21T15", "22T11"))],
    ],
)
def test_a_guest_in_two_rooms_at_once_is_not_understood(apaleo: Apaleo, plan: list[Json]) -> None:
    apaleo.reservations = [make_reservation(assignedUnits=plan)]
    read = apaleo.connector.reader().bookings_within(MUC, (START, END))
    assert [one.reason for one in read.broken] == ["The reservation in Apaleo has two units at the same time."]
    assert read.bookings == []


# --- people -----------------------------------------------------------------------------------------------------------


def test_people_are_numbered_within_their_reservation(apaleo: Apaleo) -> None:
    people = [{"firstName": "Petr", "lastName": "Novak"}, None, {"lastName": "Svoboda"}]
    apaleo.reservations = [make_reservation(additionalGuests=people)]
    read = apaleo.connector.reader().bookings_within(MUC, (START, END))
    assert read.bookings[0].guest_ids == (
        "XPGMSXGF-1:primary",
        "XPGMSXGF-1:additional:1",
        "XPGMSXGF-1:additional:3",
    )
    assert read.guests["XPGMSXGF-1:primary"] == Guest(
        "XPGMSXGF-1:primary", "Jana", "Novak", "jana@example.com", "+420123456789", has_id=False
    )
    assert read.guests["XPGMSXGF-1:additional:3"].last_name == "Svoboda"


def test_the_booker_is_nobody_who_stays(apaleo: Apaleo) -> None:
    apaleo.reservations = [make_reservation(primaryGuest=None)]
    read = apaleo.connector.reader().bookings_within(MUC, (START, END))
    assert (read.bookings[0].guest_ids, read.guests) == ((), {})


def test_a_guest_whose_data_apaleo_hides_is_still_there(apaleo: Apaleo) -> None:
    apaleo.reservations = [make_reservation(primaryGuest={})]
    read = apaleo.connector.reader().bookings_within(MUC, (START, END))
    assert read.guests == {"XPGMSXGF-1:primary": Guest("XPGMSXGF-1:primary", has_id=False)}


@pytest.mark.parametrize("person", ["Jana Novak", 7, ["Jana"], {"lastName": {"en": "Novak"}}])
def test_a_guest_who_cannot_be_read_is_broken_and_the_booking_is_not(apaleo: Apaleo, person: Any) -> None:
    apaleo.reservations = [make_reservation(primaryGuest=person)]
    read = apaleo.connector.reader().bookings_within(MUC, (START, END))
    assert [(one.kind, one.id) for one in read.broken] == [("guest", "XPGMSXGF-1:primary")]
    assert read.bookings[0].guest_ids == ("XPGMSXGF-1:primary",)
    assert "Novak" not in read.broken[0].reason


@pytest.mark.parametrize(("contact", "said"), [(49891234567, "49891234567"), ({}, None), (True, None), (["x"], None)])
def test_contacts_that_cannot_be_read_keep_nobody_out(apaleo: Apaleo, contact: Any, said: str | None) -> None:
    apaleo.reservations = [make_reservation(primaryGuest={"lastName": "Novak", "phone": contact, "email": contact})]
    read = apaleo.connector.reader().bookings_within(MUC, (START, END))
    guest = read.guests["XPGMSXGF-1:primary"]
    assert (read.broken, guest.phone, guest.email) == ([], said, said)


def test_nobody_is_read_of_a_stay_that_gives_no_access(apaleo: Apaleo) -> None:
    apaleo.reservations = [make_reservation(status="Canceled", primaryGuest="Jana Novak")]
    read = apaleo.connector.reader().bookings_within(MUC, (START, END))
    assert (read.guests, read.broken) == ({}, [])


# --- by id ------------------------------------------------------------------------------------------------------------


def test_one_reservation_is_asked_for_by_its_id(apaleo: Apaleo) -> None:
    apaleo.answers["/booking/v1/reservations/XPGMSXGF-1"] = lambda _: (200, make_reservation())
    assert len(apaleo.read(ids=["XPGMSXGF-1", "XPGMSXGF-1"])) == 1
    assert apaleo.asked == [
        ("GET", "/booking/v1/reservations/XPGMSXGF-1", {"expand": "assignedUnits,timeSlices"}),
    ]


def test_reservations_of_one_booking_are_asked_for_together_and_the_missing_one_alone(apaleo: Apaleo) -> None:
    rows = [make_reservation(f"XPGMSXGF-{number}") for number in (1, 2, 4)]
    found = apaleo.read(*rows, ids=["XPGMSXGF-1", "XPGMSXGF-2", "XPGMSXGF-3"])
    assert [one.id for one in found] == ["XPGMSXGF-1", "XPGMSXGF-2"]
    assert [path for _, path, _ in apaleo.asked] == [
        "/booking/v1/reservations",
        "/booking/v1/reservations/XPGMSXGF-3",
    ]
    assert apaleo.asked[0][2]["bookingId"] == "XPGMSXGF"


def test_a_bookings_own_id_stands_for_all_of_its_reservations(apaleo: Apaleo) -> None:
    rows = [make_reservation(f"XPGMSXGF-{number}") for number in (1, 2)]
    assert [one.id for one in apaleo.read(*rows, ids=["XPGMSXGF"])] == ["XPGMSXGF-1", "XPGMSXGF-2"]
    assert len(apaleo.asked) == 1
    assert apaleo.connector.reservation_of("XPGMSXGF-2") == apaleo.connector.reservation_of("XPGMSXGF") == "XPGMSXGF"


def test_a_booking_that_there_is_not_has_no_reservations(apaleo: Apaleo) -> None:
    assert apaleo.read(ids=["NOSUCHID"]) == []
    apaleo.answers["/booking/v1/reservations"] = lambda _: (404, None)
    assert apaleo.read(ids=["NOSUCHID", "NOSUCHID-1"]) == []


def test_a_refusal_is_not_taken_for_a_booking_that_is_gone(apaleo: Apaleo) -> None:
    apaleo.answers["/booking/v1/reservations/XPGMSXGF-1"] = lambda _: (403, None)
    with pytest.raises(PmsRefused, match=r"^isar: .*403 at booking/v1/reservations/\{id\}"):
        apaleo.read(ids=["XPGMSXGF-1"])


@pytest.mark.parametrize("document", [{}, {"id": "OTHER-1"}, [], "text"])
def test_an_answer_that_is_not_the_record_is_no_answer(apaleo: Apaleo, document: Any) -> None:
    apaleo.answers["/booking/v1/reservations/XPGMSXGF-1"] = lambda _: (200, document)
    with pytest.raises(PmsUnreachable, match="another record than was asked for"):
        apaleo.read(ids=["XPGMSXGF-1"])


def test_ids_are_encoded(apaleo: Apaleo) -> None:
    assert apaleo.connector.reader().known_rooms(MUC, ["../../v1/x?y=z"]) == set()
    assert apaleo.asked == [("GET", "/inventory/v1/units/..%2F..%2Fv1%2Fx%3Fy%3Dz", {})]


def test_a_guest_is_read_with_the_reservation(apaleo: Apaleo) -> None:
    apaleo.answers["/booking/v1/reservations/XPGMSXGF-1"] = lambda _: (
        200,
        make_reservation(additionalGuests=[{"lastName": "Svoboda"}, "text"]),
    )
    ids = ["XPGMSXGF-1:additional:1", "XPGMSXGF-1:additional:2", "XPGMSXGF-1:additional:9", "NOBODY-1:primary", "x"]
    guests, broken = apaleo.connector.reader().read_guests(MUC, ids)
    assert guests == [Guest("XPGMSXGF-1:additional:1", "", "Svoboda", has_id=False)]
    assert [one.id for one in broken] == ["XPGMSXGF-1:additional:2"]


@pytest.mark.parametrize(
    ("kind", "text", "could_be"),
    [
        ("booking", "XPGMSXGF-1", True),
        ("booking", "XPGMSXGF", True),
        ("booking", "3fa85f64-5717-4562-b3fc-2c963f66afa6", False),
        ("booking", "4711", False),
        ("booking", "XPGMSXGF-1:primary", False),
        ("room", "MUC-JQI", True),
        ("room", "3fa85f64-5717-4562-b3fc-2c963f66afa6", False),
        ("room", "4711", False),
        ("guest", "XPGMSXGF-1:primary", True),
        ("guest", "XPGMSXGF-1:additional:12", True),
        ("guest", "XPGMSXGF-1:booker", False),
        ("guest", "XPGMSXGF-1", False),
    ],
)
def test_ids_of_other_systems_are_told_apart(apaleo: Apaleo, kind: str, text: str, could_be: bool) -> None:
    assert apaleo.connector.could_be_id(kind, text) is could_be


# --- lists ------------------------------------------------------------------------------------------------------------


def test_a_list_that_changes_while_it_is_read_is_read_again(apaleo: Apaleo) -> None:
    rows = [make_reservation(f"B{number}-1") for number in range(250)]
    asked = itertools.count(1)

    def answer(query: dict[str, str]) -> Reply:
        reply = page("reservations", rows, query)
        if next(asked) == 1:
            # The first row leaves the list, so the 201st moves to the page that has been read.
            del rows[0]
        return reply

    apaleo.answers["/booking/v1/reservations"] = answer
    read = apaleo.connector.reader().bookings_within(MUC, (START, END))
    assert {one.id for one in read.bookings} == {f"B{number}-1" for number in range(250)}
    assert len(apaleo.asked) == 4


@pytest.mark.parametrize("last", [(204, None), (200, {"reservations": [], "count": 250})])
def test_a_list_that_ends_before_all_is_there_is_no_list(apaleo: Apaleo, last: Reply) -> None:
    rows = [make_reservation(f"B{number}-1") for number in range(250)]
    apaleo.answers["/booking/v1/reservations"] = lambda query: (
        page("reservations", rows, query) if query["pageNumber"] == "1" else last
    )
    with pytest.raises(PmsUnreachable, match="does not give all"):
        apaleo.connector.reader().bookings_within(MUC, (START, END))


def test_reservations_without_an_id_are_told_one_by_one(apaleo: Apaleo) -> None:
    rows = [make_reservation(), {"status": "Confirmed"}, {"id": 7}]
    apaleo.reservations = rows
    read = apaleo.connector.reader().bookings_within(MUC, (START, END))
    assert len(read.bookings) == 1
    assert [one.id for one in read.broken] == ["?", "?"]


# --- properties and units ---------------------------------------------------------------------------------------------


def make_property(**rest: Any) -> Json:
    location = {"city": "Munich", "countryCode": "de"}
    return {"id": "MUC", "name": "Hotel Isar", "timeZone": "Europe/Berlin", "location": location, **rest}


def make_unit(item_id: str = A, **rest: Any) -> Json:
    group = {"id": "MUC-DBL", "code": "DBL", "name": "Double", "type": "BedRoom"}
    return {"id": item_id, "name": "101", "property": {"id": "MUC"}, "unitGroup": group, "isArchived": False, **rest}


def test_properties_have_their_zone_and_templates_are_none(apaleo: Apaleo) -> None:
    rows = [make_property(), make_property(id="TEMPLATE", isTemplate=True)]
    apaleo.answers["/inventory/v1/properties"] = lambda query: page("properties", rows, query)
    assert apaleo.connector.reader().read_properties() == [Property("MUC", "Hotel Isar", "Europe/Berlin", "DE")]
    assert apaleo.connector.check() == "Hotel Isar (Europe/Berlin): 1 property"
    rows.append(make_property(id="BER", name={"de": "Hotel Spree"}, location=None))
    first, second = apaleo.connector.reader().read_properties()
    assert (second.name, second.country, second.shares_connection) == ("Hotel Spree", None, True)
    assert first.shares_connection


def test_a_property_without_an_id_is_an_error_and_one_without_a_zone_has_none(apaleo: Apaleo) -> None:
    rows = [make_property(timeZone=None), make_property(id="BER", name=None)]
    apaleo.answers["/inventory/v1/properties"] = lambda query: page("properties", rows, query)
    assert [(one.name, one.time_zone) for one in apaleo.connector.reader().read_properties()] == [
        ("Hotel Isar", ""),
        ("BER", "Europe/Berlin"),
    ]
    rows.append(make_property(id=""))
    assert len(apaleo.connector.reader().read_properties()) == 2
    del rows[:2]
    with pytest.raises(PmsUnreachable, match="it has no id"):
        apaleo.connector.reader().read_properties()


def test_units_become_rooms(apaleo: Apaleo) -> None:
    rows = [
        make_unit(),
        make_unit(B, name="102", isArchived=True, status={"maintenance": {"type": "OutOfOrder"}}),
        make_unit("MUC-P", name="P1", unitGroup={"id": "MUC-PARK", "type": "ParkingLot"}),
        make_unit("MUC-X", name={"en": "Attic", "de": "Dachboden"}, unitGroup=None),
    ]
    apaleo.answers["/inventory/v1/units"] = lambda query: page("units", rows, query)
    rooms, broken = apaleo.connector.reader().read_rooms(MUC)
    assert rooms == [
        Room(A, "MUC", "101", "Room"),
        Room(B, "MUC", "102", "Room", is_active=False),
        Room("MUC-P", "MUC", "P1", "ParkingLot"),
        Room("MUC-X", "MUC", "Attic", None),
    ]
    assert broken == []
    (question,) = apaleo.questions("/inventory/v1/units")
    assert (question["propertyId"], question["status"]) == ("MUC", "All")


def test_a_type_that_is_left_out_is_looked_up_in_the_unit_groups_once_a_run(apaleo: Apaleo) -> None:
    groups = [{"id": "MUC-DBL", "type": "BedRoom", "name": {"en": "Double"}}, {"id": "MUC-NEW"}, {"code": "no id"}]
    rows = [make_unit(A, unitGroup={"id": "MUC-DBL"}), make_unit(B, unitGroup={"id": "MUC-NEW"})]
    apaleo.answers["/inventory/v1/units"] = lambda query: page("units", rows, query)
    apaleo.answers["/inventory/v1/unit-groups"] = lambda query: page("unitGroups", groups, query)
    apaleo.reservations = [make_reservation(unitGroup={"id": "MUC-DBL"})]
    reader = apaleo.connector.reader()
    rooms, _ = reader.read_rooms(MUC)
    assert [room.kind for room in rooms] == ["Room", None]
    (booking,) = reader.bookings_within(MUC, (START, END)).bookings
    assert booking.requested_kind == "Room"
    assert len(apaleo.questions("/inventory/v1/unit-groups")) == 1
    apaleo.connector.reader().read_rooms(MUC)
    assert len(apaleo.questions("/inventory/v1/unit-groups")) == 2


@pytest.mark.parametrize("told_by", ["parent", "children", "both"])
def test_a_unit_that_connects_others_consists_of_them(apaleo: Apaleo, told_by: str) -> None:
    suite = make_unit("MUC-S", name="101+102")
    doors = [make_unit(A), make_unit(B)]
    if told_by != "children":
        suite["connectedUnits"] = [{"id": A, "name": "101"}, {"id": B, "name": "102"}]
    if told_by != "parent":
        doors = [one | {"connectingUnit": {"id": "MUC-S"}} for one in doors]
    apaleo.answers["/inventory/v1/units"] = lambda query: page("units", [suite, *doors], query)
    rooms, _ = apaleo.connector.reader().read_rooms(MUC)
    assert {room.id: room.connected_ids for room in rooms} == {"MUC-S": (A, B), A: (), B: ()}


def test_a_unit_of_another_property_is_not_known_here(apaleo: Apaleo) -> None:
    for unit, of in ((A, "MUC"), (B, "BER")):
        apaleo.answers[f"/inventory/v1/units/{unit}"] = lambda _, unit=unit, of=of: (  # type: ignore[misc]
            200,
            make_unit(unit, property={"id": of}),
        )
    assert apaleo.connector.reader().known_rooms(MUC, [A, B, "MUC-C"]) == {A}


# --- webhooks ---------------------------------------------------------------------------------------------------------


def make_event(topic: str = "Reservation", word: str = "created", entity: str = "XPGMSXGF-1", **rest: Any) -> Json:
    event = {
        "topic": topic,
        "type": word,
        "id": "eb1c6b1e-7a0e-4b3e-9b9c-0d7b8f6f2a11",
        "accountId": "HOTL",
        "propertyId": "MUC",
        "timestamp": 1789733405000,
        "data": {"entityId": entity},
    }
    return event | rest


@pytest.mark.parametrize(
    ("topic", "word", "entity", "subjects"),
    [
        ("Reservation", "unit-assigned", "XPGMSXGF-1", {"bookings": ["XPGMSXGF-1"]}),
        ("reservation", "deleted", "XPGMSXGF-1", {"bookings": ["XPGMSXGF-1"]}),
        ("Booking", "changed", "XPGMSXGF", {"bookings": ["XPGMSXGF"]}),
        ("Unit", "changed", "MUC-JQI", {"rooms": ["MUC-JQI"]}),
        ("UnitGroup", "changed", "MUC-DBL", {"rooms": ["*"]}),
        ("Property", "archived", "MUC", {"rooms": ["*"]}),
    ],
)
def test_an_event_names_what_to_look_at(apaleo: Apaleo, topic: str, word: str, entity: str, subjects: Json) -> None:
    for document in (make_event(topic, word, entity), _in_pascal_case(make_event(topic, word, entity))):
        news = apaleo.connector.webhooks.read(document)
        assert news is not None
        assert (news.property_id, news.subjects) == ("MUC", subjects)
        assert news.words == f"{topic.lower()}/{word}"
        assert news.event_id == "eb1c6b1e-7a0e-4b3e-9b9c-0d7b8f6f2a11"


def _in_pascal_case(document: Json) -> Json:
    return {
        name[0].upper() + name[1:]: _in_pascal_case(value) if isinstance(value, dict) else value
        for name, value in document.items()
    }


@pytest.mark.parametrize(
    "document",
    [
        {"topic": "system", "type": "healthcheck", "id": "5b2f", "accountId": "HOTL", "propertyIds": ["MUC"]},
        make_event("Folio", "created", "F1"),
        make_event("Maintenance", "created", "MUC-JQI-M1"),
        make_event("NightAudit", "started", data=None),
    ],
)
def test_what_says_nothing_of_access_is_about_nothing(apaleo: Apaleo, document: Json) -> None:
    assert apaleo.connector.webhooks.read(document) is None


def test_an_event_of_the_account_has_no_property(apaleo: Apaleo) -> None:
    for event in (make_event("Booking", propertyId=None), make_event("Booking", propertyId="")):
        news = apaleo.connector.webhooks.read(event)
        assert news is not None
        assert news.property_id is None


@pytest.mark.parametrize(
    "document",
    [
        make_event(data=None),
        make_event(data={}),
        make_event(data={"entityId": {"nested": "secret"}}),
        make_event(entity="x" * 200),
        make_event(id="x" * 200),
        make_event(topic=""),
        {"topic": "Reservation"},
    ],
)
def test_an_event_of_another_shape_is_not_understood(apaleo: Apaleo, document: Json) -> None:
    with pytest.raises(NotUnderstood, match="no event of Apaleo") as caught:
        apaleo.connector.webhooks.read(document)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("status", [204, 404])
def test_no_subscriptions_are_no_error(apaleo: Apaleo, status: int) -> None:
    apaleo.answers["/v1/subscriptions"] = lambda _: (status, None)
    assert apaleo.connector.webhooks.subscriptions() == []
    assert apaleo.connector.webhooks.unsubscribe("https://porter.example/webhooks/isar?token=T") == []


@pytest.mark.parametrize("document", [{}, [{"id": "s1"}], ["s1"], None])
def test_an_answer_without_subscriptions_is_not_none_of_them(apaleo: Apaleo, document: Any) -> None:
    apaleo.answers["/v1/subscriptions"] = lambda _: (200, document)
    with pytest.raises(PmsUnreachable, match="without a list of subscriptions"):
        apaleo.connector.webhooks.subscriptions()


def test_a_subscription_whose_answer_is_lost_is_not_made_twice(apaleo: Apaleo) -> None:
    apaleo.answers["GET /v1/subscriptions"] = lambda _: (204, None)
    apaleo.answers["POST /v1/subscriptions"] = lambda _: (503, None)
    with pytest.raises(PmsUnreachable, match="503 at v1/subscriptions"):
        apaleo.connector.webhooks.subscribe("https://porter.example/webhooks/isar?token=T")
    assert [method for method, _, _ in apaleo.asked] == ["GET", "POST"]


def test_a_subscription_that_ended_meanwhile_has_ended(apaleo: Apaleo) -> None:
    url = "https://porter.example/webhooks/isar?token=T"
    one = {"id": "s/1", "endpointUrl": url, "events": ["unit/*", "reservation/*"], "propertyIds": None}
    apaleo.answers["/v1/subscriptions"] = lambda _: (200, [one])
    (ended,) = apaleo.connector.webhooks.unsubscribe(url)
    assert (ended.id, ended.events) == ("s/1", "reservation/*, unit/*")
    assert apaleo.asked[-1][:2] == ("DELETE", "/v1/subscriptions/s%2F1")
    assert "token" not in repr(ended)


# --- what the documents leave open ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("CheckedOut", BookingStatus.CHECKED_OUT),
        ("Canceled", BookingStatus.CANCELLED),
        ("NoShow", BookingStatus.NO_SHOW),
        ("InHouse", BookingStatus.IN_HOUSE),
        ("Teleported", None),
        (7, None),
    ],
)
@pytest.mark.parametrize(
    "wrong",
    [
        {"assignedUnits": [assigned(A, ("20T15", "23T11")), assigned(B, ("20T15", "23T11"))]},
        {"departure": None},
        {"arrival": "0001-01-01T00:00:00+14:00"},
        {"departure": "9999-12-31T23:59:59-12:00"},
    ],
)
def test_a_reservation_that_cannot_be_read_still_says_whether_it_is_over(
    apaleo: Apaleo, word: Any, status: BookingStatus | None, wrong: Json
) -> None:
    apaleo.reservations = [make_reservation(status=word, **wrong)]
    (broken,) = apaleo.connector.reader().bookings_within(MUC, (START, END)).broken
    assert (broken.id, broken.status) == ("XPGMSXGF-1", status)


@pytest.mark.parametrize(
    ("person", "is_child"),
    [
        ({"birthDate": "2008-09-21"}, True),
        ({"birthDate": "2008-09-20"}, False),
        ({"birthDate": "1980-01-01", "relationshipToPrimaryGuest": "Child"}, False),
        ({"relationshipToPrimaryGuest": "Child"}, True),
        ({"type": "Infant"}, True),
        ({"relationshipToPrimaryGuest": "Spouse"}, False),
        ({"birthDate": "soon"}, False),
        ({}, False),
    ],
)
def test_an_additional_guest_under_age_is_told_from_the_others(apaleo: Apaleo, person: Json, is_child: bool) -> None:
    (booking,) = apaleo.read(make_reservation(additionalGuests=[{"lastName": "Novak", **person}]))
    assert booking.guest_ids == ("XPGMSXGF-1:primary", "XPGMSXGF-1:additional:1")
    assert booking.child_ids == (("XPGMSXGF-1:additional:1",) if is_child else ())


def test_who_books_is_no_child(apaleo: Apaleo) -> None:
    (booking,) = apaleo.read(make_reservation(primaryGuest={"lastName": "Novak", "birthDate": "2010-01-01"}))
    assert booking.child_ids == ()


def test_an_id_in_small_letters_is_the_same_id(apaleo: Apaleo) -> None:
    (booking,) = apaleo.read(
        make_reservation("xpgmsxgf-1", property={"id": "muc"}, assignedUnits=[assigned("muc-a", ("20T15", "23T11"))])
    )
    assert (booking.id, booking.room_id, booking.guest_ids) == ("XPGMSXGF-1", A, ("XPGMSXGF-1:primary",))


@pytest.mark.parametrize(
    ("plan", "room", "spans"),
    [
        # Which of the unit's nights are told is optional; a unit alone is that of the whole stay.
        ({"assignedUnits": [{"unit": {"id": A}}]}, A, []),
        ({"assignedUnits": [{"unit": {"id": A}, "timeRanges": None}]}, A, []),
        ({"assignedUnits": [{"unit": {"id": B}}], "timeSlices": nights(A, A, A)}, A, []),
        # In the house and moved: the nights that are over keep their place.
        ({"status": "InHouse", "assignedUnits": None, "timeSlices": nights(A, B, B)}, None, [A, B]),
        ({"status": "InHouse", "assignedUnits": None, "timeSlices": nights(A, B, A)}, None, [A, B, A]),
        # A plan without a night is none.
        ({"assignedUnits": None, "timeSlices": [], "unit": {"id": A}}, A, []),
        ({"assignedUnits": None, "unit": {"id": A}}, A, []),
    ],
)
def test_where_somebody_stays_is_read_of_what_is_told(
    apaleo: Apaleo, plan: Json, room: str | None, spans: list[str]
) -> None:
    (booking,) = apaleo.read(make_reservation(**plan))
    assert (booking.room_id, [one.room_id for one in booking.spans]) == (room, spans)


def test_an_archived_unit_that_the_list_leaves_out_is_asked_for_where_somebody_stays_in_it(apaleo: Apaleo) -> None:
    apaleo.answers["/inventory/v1/units"] = lambda query: (
        (400, None) if "status" in query else page("units", [make_unit(B)], query)
    )
    apaleo.answers[f"/inventory/v1/units/{A}"] = lambda _: (200, make_unit(A, isArchived=True, name={"en": "101"}))
    apaleo.read(make_reservation())
    rooms, broken = apaleo.connector.reader().read_rooms(MUC)
    assert [(room.id, room.is_active) for room in rooms] == [(B, True), (A, False)]
    assert broken == []


def test_a_list_that_never_ends_is_an_error_and_not_a_loop(apaleo: Apaleo, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("connectors.reading.MOST_PAGES", 20)
    apaleo.answers["/booking/v1/reservations"] = lambda query: (
        200,
        {"reservations": [make_reservation(f"X{query['pageNumber']}Y-{n}") for n in range(2)], "count": 10**9},
    )
    with pytest.raises(PmsUnreachable, match="do not end"):
        apaleo.connector.reader().bookings_within(MUC, (START, END))


@pytest.mark.parametrize("is_trial", [False, True])
def test_a_trial_account_is_asked_as_seldom_as_it_allows(is_trial: bool) -> None:
    waited: list[float] = []
    now = itertools.count()
    settings = {"base_url": API, "identity_url": IDENTITY, "webhook_url": HOOKS, "client_secret": "SECRET"}
    connector = ApaleoConnector.open(
        "isar",
        {**settings, "client_id": f"CLIENT-{next(_clients)}", "trial": is_trial},
        Access(wait_for_turn=waited.append, clock=lambda: START, monotonic=lambda: next(now) * 0.01),
        None,
    )
    with responses.RequestsMock() as wire:
        wire.post(f"{IDENTITY}/connect/token", json={"access_token": "T", "expires_in": 3600})
        wire.get(f"{API}/inventory/v1/properties", status=204)
        for _ in range(8):
            connector.reader().read_properties()
    assert bool(waited) == is_trial


NEEDED: dict[str, set[str]] = {
    "reservation": {"id", "status", "property", "arrival", "departure"},
    "unit": {"id", "name"},
    "property": {"id"},
}
"""What nothing can be said without; all else is optional, and may be null."""
RECORDS = {
    "reservation": lambda: make_reservation(timeSlices=nights(A, A, A), checkInTime=moment("20T15"), unit={"id": A}),
    "unit": lambda: make_unit(connectedUnits=[], connectingUnit={"id": B}),
    "property": lambda: make_property(isTemplate=False),
}


@pytest.mark.parametrize(
    ("kind", "name"), [(one, name) for one, make in RECORDS.items() for name in sorted(make().keys() - NEEDED[one])]
)
@pytest.mark.parametrize("how", ["null", "left out"])
def test_what_apaleo_may_leave_out_breaks_nothing(apaleo: Apaleo, kind: str, name: str, how: str) -> None:
    told = {one: make() for one, make in RECORDS.items()}
    told[kind].pop(name)
    told[kind] |= {name: None} if how == "null" else {}
    apaleo.answers["/inventory/v1/properties"] = lambda query: page("properties", [told["property"]], query)
    apaleo.answers["/inventory/v1/units"] = lambda query: page("units", [told["unit"]], query)
    apaleo.answers["/inventory/v1/unit-groups"] = lambda query: page("unitGroups", [], query)
    (of,) = apaleo.connector.reader().read_properties()
    (booking,) = apaleo.read(told["reservation"])
    rooms, broken = apaleo.connector.reader().read_rooms(of)
    assert (len(rooms), broken, booking.status, booking.room_id) == (1, [], BookingStatus.CONFIRMED, A)


@pytest.mark.parametrize("name", ["firstName", "lastName", "email", "phone", "birthDate", "type"])
def test_of_a_person_apaleo_may_leave_anything_out(apaleo: Apaleo, name: str) -> None:
    person = {"firstName": "Jana", "lastName": "Novak", "email": "j@example.com", "phone": "1", "type": "Adult"}
    apaleo.read(make_reservation(primaryGuest={**person, name: None}))
    apaleo.read(make_reservation(primaryGuest={one: text for one, text in person.items() if one != name}))


def test_something_else_than_asked_for_costs_the_others_nothing(apaleo: Apaleo) -> None:
    for item_id in ("XPGMSXGF-1", "OTHER-1"):
        apaleo.answers[f"/booking/v1/reservations/{item_id}"] = lambda _: (200, make_reservation())
    read = apaleo.connector.reader().bookings_by_id(MUC, ["XPGMSXGF-1", "OTHER-1"])
    assert ([one.id for one in read.bookings], [one.id for one in read.broken]) == (["XPGMSXGF-1"], ["OTHER-1"])
