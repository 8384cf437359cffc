"""Cloudbeds at the wire: what is asked, what is understood, and what happens when it does not answer as it should."""

import json
import re
import threading
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import responses
import yaml

from connectors.cloudbeds.connector import CloudbedsConnector
from connectors.cloudbeds.webhooks import EVENTS
from connectors.errors import PmsError, PmsRefused, PmsUnreachable
from connectors.ports import BookingsRead, NotUnderstood
from connectors.records import BookingStatus, Property, Span
from connectors.session import Access
from settings import SettingsError, load_settings
from tests.connectors.fixture import read_bookings
from tests.simulated.cloudbeds_house import CloudbedsHouse
from tests.world import Clock, Indoors

HOTEL = Property("210001", "Harbor Inn", "America/New_York", "US")
START, END = datetime(2026, 9, 1, tzinfo=UTC), datetime(2026, 9, 30, tzinfo=UTC)
SPEC = Path(__file__).parents[3] / "shared" / "specs" / "cloudbeds-openapi.json"
BEYOND_THE_SPEC = {"getReservationsWithRateDetails"}
"""The copy that tests may find is trimmed."""
TURNS = Clock()
"""What the rate limit waits by, which all tests with the same key share."""
Json = dict[str, Any]


def connect(access: Access, token: str | None = None, **given: Any) -> CloudbedsConnector:
    settings = {setting.name: setting.default for setting in CloudbedsConnector.SETTINGS}
    settings |= {"property_id": "210001", **(given or {"api_key": "cbat_SANDBOX-KEY"})}
    return CloudbedsConnector.open("harbor", settings, access, token)


class House(CloudbedsHouse):
    """A house with a room and a guest, and the connector that reads it."""

    def __init__(self) -> None:
        self.time = Clock()
        super().__init__(now=self.time.now, clock=self.time.monotonic, record=True)
        self.access = Indoors(pms=self, clock=self.time.now, sleep=self.time.sleep, monotonic=self.time.monotonic)
        self.connector = connect(self.access)
        self.room = self.add_room("201")
        self.guest = self.add_guest("Ana", "Example", "ana@example.com", "+15550100")

    def stay(self, **rest: Any) -> str:
        rooms = rest.pop("rooms", [self.room])
        return self.book(self.guest, date(2026, 9, 20), date(2026, 9, 23), rooms, **rest)

    def asked(self, operation: str) -> list[dict[str, str]]:
        return [fields for _, name, fields in self.requests if name == operation]


@pytest.fixture
def house() -> House:
    return House()


class Wire:
    """Scripted answers by operation."""

    def __init__(self, wire: responses.RequestsMock):
        self.asked: list[requests.PreparedRequest] = []
        self.answers: dict[str, Callable[[Json], Any]] = {}
        self.waited: list[float] = []
        for method in ("GET", "POST", "DELETE"):
            wire.add_callback(method, re.compile("https://api.cloudbeds.com/api/v1.3/.*"), self._answer)
        self.access = Access(
            sleep=self.waited.append,
            wait_for_turn=TURNS.sleep,
            monotonic=TURNS.monotonic,
            clock=lambda: START,
            attempts=2,
        )

    def _answer(self, request: requests.PreparedRequest) -> tuple[int, dict[str, str], str]:
        self.asked.append(request)
        address = urlsplit(str(request.url))
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        answer = self.answers[address.path.rpartition("/")[2]](asked)
        if isinstance(answer, tuple):
            return answer[0], {}, answer[1]
        return 200, {"Content-Type": "application/json"}, json.dumps(answer)


@pytest.fixture
def wire() -> Any:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        yield Wire(mock)


def make_line(part: str = "8176", **rest: Any) -> Json:
    days = {"roomCheckIn": "2026-09-20", "roomCheckOut": "2026-09-23"}
    line = {"subReservationID": part, "roomID": "405001-7", "guestID": "163", "roomStatus": "not_checked_in"}
    return {**line, **days, "somethingNew": {"that": "nobody knows"}, **rest}


def make_reservation(*lines: Json, **rest: Any) -> Json:
    """With whole numbers for texts, as PHP likes it."""
    guest = {"guestID": 163, "guestFirstName": "Ana", "guestLastName": "Example", "isMainGuest": "1"}
    return {
        "propertyID": 210001,
        "reservationID": 8176,
        "status": "confirmed",
        "guestID": 163,
        "dateModified": "2026-09-18 08:12:53",
        "startDate": "2026-09-20",
        "endDate": "2026-09-23",
        "rooms": list(lines) or [make_line()],
        "guestList": {"163": guest},
        **rest,
    }


def read(wire: Wire, *reservations: Json, **answer: Any) -> Any:
    told = {"success": True, "data": list(reservations), "count": len(reservations), "total": len(reservations)}
    wire.answers["getReservations"] = lambda _: told | answer
    wire.answers.setdefault("getGuest", lambda _: {"success": False, "message": "Guest not found"})
    return connect(wire.access).reader().bookings_within(HOTEL, (START, END))


# --- signing in -------------------------------------------------------------------------------------------------------


def test_the_key_and_the_property_are_in_every_request(wire: Wire) -> None:
    read(wire)
    (request,) = wire.asked
    assert (request.headers["x-api-key"], request.headers["X-PROPERTY-ID"]) == ("cbat_SANDBOX-KEY", "210001")
    assert "Authorization" not in request.headers


def test_settings_with_no_complete_way_to_sign_in_are_refused_in_a_sentence(tmp_path: Path) -> None:
    path = tmp_path / "config.yaml"
    oauth = {"client_id": "c", "client_secret": "s", "refresh_token": "r"}
    for block, said in (
        ({}, "needs an api_key, or client_id"),
        ({"client_id": "c", "refresh_token": "r"}, "needs an api_key, or client_id"),
        ({"api_key": "k", **oauth}, "one way to sign in is enough"),
    ):
        connection = {"connector": "cloudbeds", "cloudbeds": {"property_id": "210001", **block}}
        path.write_text(yaml.safe_dump({"seam": {"api_key": "x"}, "connections": {"harbor": connection}}))
        with pytest.raises(SettingsError, match=rf"connections\.harbor\.cloudbeds: .*{said}"):
            load_settings(path, {})
        with pytest.raises(PmsRefused, match=f"^harbor: .*{said}"):
            connect(Access(), **{"api_key": None, **block})
    connection = {"connector": "cloudbeds", "cloudbeds": {"property_id": "210001", **oauth}}
    path.write_text(yaml.safe_dump({"seam": {"api_key": "x"}, "connections": {"harbor": connection}}))
    vendor = load_settings(path, {}).connections["harbor"].vendor
    assert vendor["base_url"] == "https://api.cloudbeds.com/api/v1.3"


def oauth(house: House) -> Json:
    names = ("client_id", "client_secret", "refresh_token")
    # Different for every test: connections of the same account share their tokens.
    house.client_id = f"CLIENT-{id(house)}"
    return {name: getattr(house, name) for name in names}


def test_a_token_is_renewed_once_for_all_and_a_rotated_refresh_token_is_used_next(house: House) -> None:
    settings = oauth(house)
    first, second = (connect(house.access, **settings) for _ in range(2))
    for connector in (first, second, first):
        connector.check()
    assert house.calls["access_token"] == 1
    house.access_token = "another"
    first.check()
    second.check()
    assert house.calls["access_token"] == 2
    house.time.pass_(hours=8)
    first.check()
    assert house.calls["access_token"] == 3
    assert house.refresh_token == "SANDBOX-REFRESH-4"


def test_many_threads_renew_a_token_once(house: House) -> None:
    house.rate_limit = None
    connector = connect(house.access, **oauth(house))
    threads = [threading.Thread(target=connector.check) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert house.calls["access_token"] == 1
    assert house.calls["getHotels"] == 8


def test_a_refresh_token_that_is_refused_is_a_matter_for_a_person(house: House) -> None:
    connector = connect(house.access, **oauth(house) | {"refresh_token": "WRONG-SECRET"})
    with pytest.raises(PmsRefused, match=r"^harbor: .*401 at access_token") as caught:
        connector.check()
    assert "WRONG-SECRET" not in str(caught.value) + repr(connector)


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"access_token": ""},
        {"access_token": "\u00e9\u4e00"},
        {"access_token": "a\r\nX-Own: 1"},
    ],
)
def test_an_answer_without_a_token_is_no_sign_in(wire: Wire, answer: Json) -> None:
    wire.answers["access_token"] = lambda _: answer
    settings = {"client_id": json.dumps(answer), "client_secret": "s", "refresh_token": "r"}
    with pytest.raises(PmsUnreachable, match="answered without a token at access_token"):
        connect(wire.access, **settings).check()


def test_a_token_is_taken_however_long_and_for_however_long_and_a_refresh_token_that_cannot_be_sent_is_not(
    house: House,
) -> None:
    settings = oauth(house)
    house.rotates = False
    renew, asked = house._token, []

    def answer(asking: Any) -> Any:
        asked.append(asking["refresh_token"])
        found = renew(asking)
        house.access_token = "t" * 2_000
        return {**found, "access_token": house.access_token, "expires_in": 10**400, "refresh_token": "\ud83d"}

    house._token = answer  # type: ignore[method-assign]
    connector = connect(house.access, **settings)
    connector.check()
    house.access_token = "another"
    connector.check()
    assert asked == [settings["refresh_token"]] * 2


# --- answers that are none --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("message", "kind", "said"),
    [
        ("User who approved this connection is not active anymore", PmsRefused, "has to approve it anew"),
        ("Your request could not be completed. The property(ies) have an invalid status.", PmsRefused, "not active"),
        ('Please specify "propertyID" parameter for this call', PmsRefused, "check property_id"),
        ("The guest Ana Example has no scope", PmsRefused, "scopes"),
        ("Something broke for Ana Example", PmsUnreachable, "could not do getReservations"),
        (None, PmsUnreachable, "could not do getReservations"),
    ],
)
def test_no_success_is_an_error_whose_words_are_ours(wire: Wire, message: str, kind: type, said: str) -> None:
    with pytest.raises(kind, match=f"^harbor: .*{said}") as caught:
        read(wire, success=False, message=message)
    assert "Ana" not in str(caught.value)
    assert len(wire.asked) == 1


@pytest.mark.parametrize("answer", [{"data": None}, {"data": "none"}, {"data": {}}, {"data": ["x"]}])
def test_a_list_that_is_none_is_an_error_and_not_an_empty_house(wire: Wire, answer: Json) -> None:
    with pytest.raises(PmsError, match="without a list"):
        read(wire, **answer)


@pytest.mark.parametrize("success", [True, 1, "true", "1"])
def test_success_may_be_told_in_several_ways(wire: Wire, success: Any) -> None:
    assert len(read(wire, make_reservation(), success=success).bookings) == 1


# --- statuses ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "room_status", "meaning"),
    [
        ("confirmed", "not_checked_in", "confirmed"),
        ("confirmed", "in_house", "in_house"),
        ("confirmed", "cancelled", "cancelled"),
        ("confirmed", "canceled", "cancelled"),
        ("confirmed", "checked_out", "checked_out"),
        ("confirmed", None, "confirmed"),
        ("confirmed", "teleported", "unknown"),
        ("checked_in", "not_checked_in", "confirmed"),
        ("checked_in", "in_house", "in_house"),
        ("checked_in", "checked_out", "checked_out"),
        ("checked_in", "", "in_house"),
        ("checked_out", "not_checked_in", "checked_out"),
        ("canceled", "not_checked_in", "cancelled"),
        ("cancelled", "cancelled", "cancelled"),
        ("no_show", "not_checked_in", "no_show"),
        ("not_confirmed", "not_checked_in", "tentative"),
        ("in_progress", "not_checked_in", "tentative"),
        ("teleported", "not_checked_in", "unknown"),
        ("teleported", "in_house", "in_house"),
        ("canceled", "in_house", "unknown"),
        ("no_show", "in_house", "unknown"),
        ("checked_out", "in_house", "unknown"),
        ("teleported", "cancelled", "cancelled"),
    ],
)
def test_a_rooms_own_word_wins_where_it_says_something(wire: Wire, status: str, room_status: str, meaning: str) -> None:
    (booking,) = read(wire, make_reservation(make_line(roomStatus=room_status), status=status)).bookings
    assert booking.status == meaning
    assert booking.status_word in (status, room_status, f"{status}, and its room {room_status}")


# --- rooms of a reservation -------------------------------------------------------------------------------------------


def test_a_reservation_becomes_a_booking_for_each_room(wire: Wire) -> None:
    second = make_line("8176-1", roomID=None, guestID="", roomCheckIn="2026-09-21", roomCheckOut="2026-09-24 00:00:00")
    first, other = read(wire, make_reservation(make_line(), second)).bookings
    assert (first.id, first.number, first.room_id, first.guest_ids) == ("8176", "8176", "405001-7", ("163",))
    assert (first.arrival, first.departure) == (date(2026, 9, 20), date(2026, 9, 23))
    # The booker is not taken for the guest of a room that names nobody.
    assert (other.id, other.number, other.room_id, other.guest_ids) == ("8176-1", "8176", None, ())
    assert (other.arrival, other.departure) == (date(2026, 9, 21), date(2026, 9, 24))
    assert wire.asked[0].url is not None
    question = parse_qs(urlsplit(wire.asked[0].url).query)
    assert (question["checkOutFrom"], question["checkInTo"]) == (["2026-08-31"], ["2026-10-01"])


def test_lines_that_share_an_id_are_parts_of_one_stay(wire: Wire) -> None:
    lines = [
        make_line(roomID="405001-8", roomCheckIn="2026-09-22", roomCheckOut="2026-09-25"),
        make_line(roomStatus="in_house", roomCheckOut="2026-09-22"),
    ]
    (booking,) = read(wire, make_reservation(*lines)).bookings
    moves = date(2026, 9, 22)
    assert booking.status is BookingStatus.IN_HOUSE
    assert booking.spans == (
        Span("405001-7", date(2026, 9, 20), moves),
        Span("405001-8", moves, date(2026, 9, 25)),
    )


def test_lines_of_one_room_that_follow_one_another_are_one_stay_without_a_gap(wire: Wire) -> None:
    lines = [make_line(roomCheckOut="2026-09-22"), make_line(roomCheckIn="2026-09-22", roomCheckOut="2026-09-25")]
    (booking,) = read(wire, make_reservation(*lines)).bookings
    assert (booking.room_id, booking.departure, booking.spans) == ("405001-7", date(2026, 9, 25), ())


def test_a_line_told_twice_is_one_and_a_cancelled_one_beside_another_is_none(wire: Wire) -> None:
    lines = [make_line(roomID="405001-6", roomStatus="cancelled"), make_line(), make_line()]
    (booking,) = read(wire, make_reservation(*lines)).bookings
    assert (booking.status, booking.room_id, booking.spans) == (BookingStatus.CONFIRMED, "405001-7", ())


@pytest.mark.parametrize(
    ("line", "broken", "said"),
    [
        (make_line("8176-1", roomCheckIn=None), "8176-1", "has no roomCheckIn"),
        (make_line("8176-1", roomCheckIn=""), "8176-1", "has no roomCheckIn"),
        (make_line("8176-1", roomCheckOut="soon"), "8176-1", "has a roomCheckOut that cannot be read"),
        (make_line("8176-1", roomID={"id": 7}), "8176-1", "has a roomID that cannot be read"),
        (make_line(""), "?", "has no subReservationID"),
        (make_line("9999-1"), "9999-1", "is not the reservation's"),
        ("text", "?", "cannot be read"),
    ],
)
def test_one_room_that_cannot_be_read_is_one_broken_record(wire: Wire, line: Json, broken: str, said: str) -> None:
    found = read(wire, make_reservation(make_line(), line), make_reservation(reservationID="5", rooms=[make_line("5")]))
    assert [booking.id for booking in found.bookings] == ["8176", "5"]
    assert [(one.kind, one.id) for one in found.broken] == [("booking", broken)]
    assert said in found.broken[0].reason


def test_two_rooms_at_once_under_one_id_are_a_broken_record(wire: Wire) -> None:
    found = read(wire, make_reservation(make_line(), make_line(roomID="405001-8")))
    assert (found.bookings, [one.id for one in found.broken]) == ([], ["8176"])


def test_a_reservation_without_rooms_is_broken_unless_it_is_over(wire: Wire) -> None:
    found = read(wire, make_reservation(rooms=[]), make_reservation(reservationID="5", rooms={}, status="canceled"))
    assert [(one.id, one.status) for one in found.bookings] == [("5", BookingStatus.CANCELLED)]
    assert [one.id for one in found.broken] == ["?"]


def test_reservations_of_another_property_are_none_of_ours(wire: Wire) -> None:
    assert read(wire, make_reservation(propertyID="210002")).bookings == []


# --- guests -----------------------------------------------------------------------------------------------------------


def test_a_rooms_own_guest_comes_first_then_the_others_in_it(house: House) -> None:
    ben, eva = house.add_guest("Ben"), house.add_guest("Eva")
    booking = house.stay(rooms=[house.room, None], guests=[house.guest, ben])
    house.put_guest(booking, eva)
    house.put_guest(f"{booking}-1", house.guest)
    found = house.connector.reader().bookings_within(HOTEL, (START, END))
    assert [one.guest_ids for one in found.bookings] == [(house.guest, eva), (ben, house.guest)]
    assert found.guests[house.guest].phone == "+15550100"
    assert found.guests.keys() == {house.guest, ben, eva}


@pytest.mark.parametrize("guest_list", [[], {}, None, [{"guestID": "163", "guestFirstName": "Ana"}]])
def test_a_guest_list_comes_in_several_shapes(wire: Wire, guest_list: Any) -> None:
    wire.answers["getGuest"] = lambda asked: {"success": True, "data": {"firstName": "Ana", "email": None}}
    found = read(wire, make_reservation(guestList=guest_list))
    assert found.bookings[0].guest_ids == ("163",)
    assert found.guests["163"].first_name == "Ana"


def test_the_only_room_is_the_bookers(wire: Wire) -> None:
    (booking,) = read(wire, make_reservation(make_line(guestID=None))).bookings
    assert booking.guest_ids == ("163",)


def test_a_guest_whom_cloudbeds_cannot_tell_costs_nobody_else_anything(wire: Wire) -> None:
    wire.answers["getGuest"] = lambda _: {"success": False, "message": "Internal error"}
    lines = [make_line(guestID="164"), make_line("8176-1")]
    found = read(wire, make_reservation(*lines))
    assert [booking.guest_ids for booking in found.bookings] == [("164",), ("163",)]
    assert found.guests.keys() == {"163"}
    assert [(one.kind, one.id) for one in found.broken] == [("guest", "164")]


def test_merged_guests_are_followed_to_the_end_and_round_in_no_circle(house: House) -> None:
    old, older, one, other = (house.add_guest(name) for name in ("Old", "Older", "One", "Other"))
    for guest, into in ((older, old), (old, house.guest), (one, other), (other, one)):
        house.merge_guests(guest, into)
    house.book(older, date(2026, 9, 20), date(2026, 9, 23), [house.room])
    house.book(one, date(2026, 9, 24), date(2026, 9, 25), [house.room])
    found = house.connector.reader().bookings_within(HOTEL, (START, END))
    assert sorted(booking.guest_ids[0] == house.guest for booking in found.bookings) == [False, True]
    assert found.guests.keys() == {house.guest}
    assert [guest.id for guest in house.connector.reader().read_guests(HOTEL, [older])[0]] == [house.guest]


def test_a_guest_of_a_list_who_was_merged_is_who_she_is_now_though_her_former_profile_is_gone(wire: Wire) -> None:
    now = {"guestID": "170", "firstName": "Ana", "lastName": "Example", "email": "ana@example.com", "phone": ""}

    def guest(asked: Json) -> Json:
        found = asked["guestID"] == "170"
        return {"success": True, "data": now} if found else {"success": False, "message": "Guest not found"}

    wire.answers["getGuest"] = guest
    merged = {"guestID": "163", "guestFirstName": "Ana", "isMerged": True, "newGuestID": "170"}
    result = read(wire, make_reservation(guestList={"163": merged}))
    assert [one.guest_ids for one in result.bookings] == [("170",)]
    assert (result.guests["170"].merged_ids, result.broken) == (("163",), [])


def test_an_anonymous_guest_is_an_id_and_nothing_else(house: House) -> None:
    house.anonymise(house.guest)
    house.stay()
    found = house.connector.reader().bookings_within(HOTEL, (START, END)).guests[house.guest]
    (profile,), _ = house.connector.reader().read_guests(HOTEL, [house.guest])
    assert found == profile
    assert (found.first_name, found.last_name, found.email, found.phone) == ("", "", None, None)


def test_nobodys_profile_is_read_for_a_booking_without_access(house: House) -> None:
    house.leave_out(house.stay(status="canceled"), "guestList")
    assert house.connector.reader().bookings_within(HOTEL, (START, END)).guests == {}
    assert house.calls["getGuest"] == 0


def test_guests_who_changed_are_found_in_either_zone(house: House) -> None:
    other = house.add_guest()
    house.stay(rooms=[house.room, None], guests=[house.guest, other])
    house.time.pass_(hours=9)
    house.edit_guest(other, email="new@example.com")
    now = house.now()
    assert house.connector.reader().changed_guests(HOTEL, (now - timedelta(minutes=5), now + timedelta(minutes=5))) == {
        other
    }


# --- by id ------------------------------------------------------------------------------------------------------------


def test_a_reservations_id_brings_all_of_its_rooms_and_a_rooms_id_that_room(house: House) -> None:
    booking = house.stay(rooms=[house.room, None, None])
    other = house.stay()

    def ids(*asked: str) -> list[str]:
        return [one.id for one in house.connector.reader().bookings_by_id(HOTEL, asked).bookings]

    assert ids(booking) == [booking, f"{booking}-1", f"{booking}-2"]
    assert ids(f"{booking}-1", other) == [f"{booking}-1", other]
    assert ids(f"{booking}-7") == []
    house.remove_room(booking)
    assert ids(booking) == [f"{booking}-1", f"{booking}-2"]
    assert house.calls["getReservation"] == 0


def test_many_ids_are_asked_for_in_few_questions(house: House) -> None:
    bookings = [house.stay() for _ in range(120)]
    assert len(house.connector.reader().bookings_by_id(HOTEL, bookings).bookings) == 120
    assert [len(one["reservationID"].split(",")) for one in house.asked("getReservationsWithRateDetails")] == [
        50,
        50,
        20,
    ]


def test_a_deleted_reservation_is_cancelled_and_one_that_never_was_is_left_out(house: House) -> None:
    booking = house.stay(rooms=[house.room, None])
    house.delete(booking)
    found = house.connector.reader().bookings_by_id(HOTEL, [booking, "8176000009999"])
    assert [(one.id, one.status, one.status_word) for one in found.bookings] == [
        (booking, BookingStatus.CANCELLED, "deleted"),
        (f"{booking}-1", BookingStatus.CANCELLED, "deleted"),
    ]
    assert [one["reservationID"] for one in house.asked("getReservation")] == ["8176000009999"]


def test_without_a_list_by_id_each_is_read_by_itself_with_the_status_of_its_rooms(house: House) -> None:
    booking = house.stay(rooms=[house.room, house.add_room("202"), None])
    ben = house.add_guest("Ben")
    house.put_guest(booking, ben)
    house.check_in(f"{booking}-1")
    whole = house.connector.reader().bookings_by_id(HOTEL, [booking])
    house.offers_lists_by_id = False
    assert house.connector.reader().bookings_by_id(HOTEL, [booking]) == whole
    assert [one.status for one in whole.bookings] == ["confirmed", "in_house", "confirmed"]
    assert house.connector.reader().bookings_by_id(HOTEL, ["8176000009999"]).bookings == []
    assert house.calls["getReservationRoomDetails"] == 2
    house.cancel(booking)
    house.connector.reader().bookings_by_id(HOTEL, [booking])
    assert house.calls["getReservationRoomDetails"] == 2


def test_one_by_one_a_split_stay_is_read_as_the_list_of_its_days_has_it(house: House) -> None:
    """getReservationRoomDetails tells of one room by an id, and a split stay has two."""
    booking = house.stay(rooms=[house.room, None])
    house.split(booking, date(2026, 9, 22), house.add_room("202"))
    house.check_in(booking)
    house.check_out(booking)
    whole = house.connector.reader().bookings_by_id(HOTEL, [booking])
    assert (whole.bookings[0].status, whole.bookings[0].spans[0].room_id) == (BookingStatus.CONFIRMED, None)
    house.offers_lists_by_id = False
    assert house.connector.reader().bookings_by_id(HOTEL, [booking]) == whole


def test_of_a_split_stay_that_no_list_has_the_parts_cannot_be_told_apart_and_nothing_is_concluded(house: House) -> None:
    booking = house.stay(rooms=[house.room, None])
    house.split(booking, date(2026, 9, 22), house.add_room("202"))
    house.check_in(booking)
    (_, other) = house.connector.reader().bookings_by_id(HOTEL, [booking]).bookings
    house.offers_lists_by_id = False
    house.faults.lose_rows = 1.0
    alone, same = house.connector.reader().bookings_by_id(HOTEL, [booking]).bookings
    assert (alone.status, len(alone.spans), same) == (BookingStatus.UNKNOWN, 2, other)


@pytest.mark.parametrize(
    ("message", "is_gone"),
    [
        ("Reservation not found", True),
        ("Reservation does not exist", True),
        ("The reservation doesn't exist.", True),
        ("No reservation was found for this property", True),
        ("Unable to find reservation", True),
        ("Invalid reservationID", True),
        ("Not found.", True),
        ("Internal error", False),
        ("Service not found", False),
        ("Reservation is locked", False),
        ("Please try again", False),
        ("", False),
    ],
)
def test_only_what_is_said_to_be_gone_is_gone(wire: Wire, message: str, is_gone: bool) -> None:
    """Where there is no list by id to bear it out."""
    wire.answers["getReservationsWithRateDetails"] = lambda _: (404, "{}")
    wire.answers["getReservation"] = lambda _: {"success": False, "message": message}
    found = connect(wire.access).reader().bookings_by_id(HOTEL, ["8176", "8176-1"])
    assert found.bookings == []
    assert [one.id for one in found.broken] == ([] if is_gone else ["8176", "8176-1"])


@pytest.mark.parametrize("status", [400, 404])
def test_a_refusal_of_one_reservation_is_no_word_that_it_is_gone_unless_the_list_bears_it_out(
    wire: Wire, status: int
) -> None:
    wire.answers["getReservationsWithRateDetails"] = lambda _: (404, "{}")
    wire.answers["getReservation"] = lambda _: (status, "{}")
    connector = connect(wire.access)
    assert [one.id for one in connector.reader().bookings_by_id(HOTEL, ["8176"]).broken] == ["8176"]
    wire.answers["getReservationsWithRateDetails"] = lambda _: {"success": True, "data": [], "total": 0}
    assert connector.reader().bookings_by_id(HOTEL, ["8176"]) == BookingsRead()


@pytest.mark.parametrize("assigned", [None, "none", ["garbage"], [{"roomID": "405001-7"}]])
def test_a_room_that_a_reservation_does_not_tell_is_not_one_that_was_taken_out(wire: Wire, assigned: Any) -> None:
    other = {"subReservationID": "8176-1", "startDate": "2026-09-20", "endDate": "2026-09-23"}
    told = {"status": "confirmed", "reservationID": "8176", "assigned": assigned, "unassigned": [other]}
    wire.answers["getReservationsWithRateDetails"] = lambda _: (404, "{}")
    wire.answers["getReservation"] = lambda _: {"success": True, "data": told}
    found = connect(wire.access).reader().bookings_by_id(HOTEL, ["8176-2", "8176-1"])
    assert ([one.id for one in found.bookings], [one.id for one in found.broken]) == (["8176-1"], ["8176-2"])


def test_what_the_list_left_out_and_the_detail_has_is_there(wire: Wire) -> None:
    wire.answers["getReservationsWithRateDetails"] = lambda _: {"success": True, "data": [], "total": 0}
    line = {"subReservationID": "8176", "roomID": "405001-7", "startDate": "2026-09-20", "endDate": "2026-09-23"}
    details = {"status": "confirmed", "reservationID": "8176", "assigned": [line], "unassigned": [], "guestList": []}
    wire.answers["getReservation"] = lambda _: {"success": True, "data": details}
    wire.answers["getReservationRoomDetails"] = lambda _: {"success": True, "data": {"roomStatus": "in_house"}}
    (booking,) = connect(wire.access).reader().bookings_by_id(HOTEL, ["8176"]).bookings
    assert (booking.status, booking.room_id) == (BookingStatus.IN_HOUSE, "405001-7")


@pytest.mark.parametrize("names", [("subReservationID",), ("status",), ("rooms",), ("roomCheckIn",)])
def test_a_room_asked_for_in_a_reservation_that_cannot_be_read_is_broken_and_not_gone(
    house: House, names: tuple[str]
) -> None:
    booking = house.stay(rooms=[house.room, None])
    house.leave_out(booking, *names)
    found = house.connector.reader().bookings_by_id(HOTEL, [f"{booking}-1"])
    assert [one.id for one in found.broken] == [f"{booking}-1"]


def test_ids_have_a_shape(house: House) -> None:
    could_be = house.connector.could_be_id
    assert could_be("booking", "8176000000001-12")
    assert could_be("room", "405001-7")
    assert could_be("guest", "163000001")
    assert not any(could_be("booking", one) for one in ("staff-7", "8176/2", "8176-", "0f515589-99b4-423d-b83a"))
    assert house.connector.reservation_of("8176-12") == house.connector.reservation_of("8176") == "8176"


# --- what changed -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("zone", ["America/New_York", "Pacific/Auckland", "UTC"])
def test_what_changed_is_found_wherever_the_house_is(house: House, zone: str) -> None:
    house.zone = zone
    of = Property("210001", "Harbor Inn", zone)
    old = house.stay()
    house.time.pass_(days=3)
    new = house.stay()
    now = house.now()
    window = (now - timedelta(minutes=5), now + timedelta(minutes=5))
    assert [one.id for one in house.connector.reader().bookings_changed(of, window).bookings] == [new] != [old]


def test_in_the_hour_that_comes_twice_nothing_is_missed(house: House) -> None:
    for moment in (datetime(2026, 11, 1, 5, 30, tzinfo=UTC), datetime(2026, 11, 1, 6, 30, tzinfo=UTC)):
        house.time.time = moment
        booking = house.stay()
        found = house.connector.reader().bookings_changed(HOTEL, (moment, moment + timedelta(seconds=1)))
        assert booking in [one.id for one in found.bookings]


# --- property and rooms -----------------------------------------------------------------------------------------------


def test_the_property_has_its_zone_from_one_list_and_its_hours_from_another(house: House) -> None:
    house.check_in_time, house.check_out_time = "16:30:00", ""
    (of,) = house.connector.reader().read_properties()
    assert of == HOTEL
    (room,), _ = house.connector.reader().read_rooms(of)
    assert (room.check_in, room.check_out) == (time(16, 30), None)
    assert house.connector.check() == "Harbor Inn (America/New_York), property 210001"


def test_hours_that_cannot_be_read_are_an_error_and_no_guess(house: House) -> None:
    house.check_in_time = "three"
    with pytest.raises(PmsUnreachable, match="propertyCheckInTime that cannot be read"):
        house.connector.reader().read_rooms(HOTEL)


def test_a_property_that_the_key_does_not_open_is_refused(house: House, wire: Wire) -> None:
    house.property_id = "210002"
    with pytest.raises(PmsRefused, match="check property_id"):
        house.connector.reader().read_properties()
    wire.answers["getHotels"] = lambda _: {"success": True, "data": [], "total": 0}
    with pytest.raises(PmsRefused, match="does not list property 210001"):
        connect(wire.access).reader().read_properties()


def test_rooms_are_read_to_the_last_page_however_long_a_page_is(wire: Wire) -> None:
    rooms = [{"roomID": f"405001-{n}", "roomName": str(n)} for n in range(45)]

    def page(asked: Json) -> Json:
        start = 20 * (int(asked["pageNumber"]) - 1)
        told = [{"propertyID": 210001, "rooms": rooms[start : start + 20]}]
        return {"success": True, "count": 1, "total": 1, "data": told}

    wire.answers["getRooms"] = page
    wire.answers["getHotelDetails"] = lambda _: {"success": True, "data": {"propertyID": "210001"}}
    assert len(connect(wire.access).reader().read_rooms(HOTEL)[0]) == 45
    rooms.append({"roomName": "no id"})
    read_rooms, broken = connect(wire.access).reader().read_rooms(HOTEL)
    assert (len(read_rooms), [one.id for one in broken]) == (45, ["?"])


def test_beds_and_virtual_rooms(house: House) -> None:
    suite = house.add_room("Suite", consists_of=[house.room])
    bed, dorm_in_name = house.add_room("1", dorm="Cabin"), house.add_room("Cabin 2", dorm="Cabin")
    rooms = {room.id: room for room in house.connector.reader().read_rooms(HOTEL)[0]}
    assert (rooms[suite].kind, rooms[suite].connected_ids, rooms[house.room].connected_ids) == (
        "Room",
        (house.room,),
        (),
    )
    assert (rooms[bed].kind, rooms[bed].name, rooms[bed].parent_id) == ("Bed", "Cabin 1", None)
    assert rooms[dorm_in_name].name == "Cabin 2"


# --- webhooks ---------------------------------------------------------------------------------------------------------


def test_webhooks_are_subscribed_once_for_each_event_and_ended_again(house: House) -> None:
    url, other = "https://night.example/webhooks/harbor?token=T", "https://other.example/"
    connector = house.connector
    house.subscriptions["x"] = {
        "id": "x",
        "event": {"entity": "reservation", "action": "created"},
        "subscriptionData": {"url": other},
    }
    assert sorted(one.events for one in connector.webhooks.subscribe(url)) == sorted(EVENTS)
    made = house.calls["postWebhook"]
    assert len(connector.webhooks.subscribe(url)) == len(EVENTS) == made == house.calls["postWebhook"]
    assert {one.url for one in connector.webhooks.subscriptions()} == {url, other}
    assert len(connector.webhooks.unsubscribe(url)) == len(EVENTS)
    assert [one.url for one in connector.webhooks.subscriptions()] == [other]
    assert house.asked("postWebhook")[0] == {
        "propertyID": "210001",
        "object": "reservation",
        "action": "created",
        "endpointUrl": url,
    }


def test_an_event_that_this_cloudbeds_does_not_know_keeps_nobody_from_the_others(house: House) -> None:
    house.events["guest"].clear()
    made = house.connector.webhooks.subscribe("https://night.example/")
    assert {one.events for one in made} == {event for event in EVENTS if not event.startswith("guest/")}


def test_a_subscription_whose_answer_is_lost_is_not_made_twice(wire: Wire) -> None:
    wire.answers["getWebhooks"] = lambda _: {"success": True, "data": []}
    wire.answers["postWebhook"] = lambda _: (503, "")
    with pytest.raises(PmsUnreachable):
        connect(wire.access).webhooks.subscribe("https://night.example/")
    assert len(wire.asked) == 2


@pytest.mark.parametrize(
    ("event", "fields", "subjects"),
    [
        ("reservation/created", {"reservationID": "8176"}, {"bookings": ["8176"]}),
        ("reservation/accommodation_changed", {"reservationId": 8176, "roomId": "1-2"}, {"bookings": ["8176"]}),
        ("reservation/something_new", {"RESERVATIONID_STR": "8176"}, {"bookings": ["8176"]}),
        ("guest/details_changed", {"guestId": 163, "guestId_str": "163"}, {"guests": ["163"]}),
        ("guest/assigned", {"guestId": 1, "reservationId": "8"}, {"bookings": ["8"], "guests": ["1"]}),
        ("integration/appstate_changed", {"newState": "disabled"}, {"rooms": ["*"]}),
        ("reservation/notes_changed", {"reservationID": "8176"}, None),
        ("reservation/custom_fields_changed", {"reservationID": "8176"}, None),
        ("roomblock/created", {"roomBlockID": "5"}, None),
        ("night_audit/completed", {}, None),
    ],
)
def test_an_event_names_what_to_look_at(house: House, event: str, fields: Json, subjects: Json | None) -> None:
    document = {"version": "1.0", "event": event, "timestamp": 1769.4, "propertyId": 210001, **fields}
    news = house.connector.webhooks.read(document)
    assert (news and news.subjects) == subjects
    if news is not None:
        assert (news.property_id, news.words) == ("210001", event)


@pytest.mark.parametrize("document", [{"event": 5}, {"event": "created"}, {"event": "reservation/created"}, "event=x"])
def test_what_is_no_event_is_not_understood(house: House, document: Any) -> None:
    with pytest.raises(NotUnderstood):
        house.connector.webhooks.read(document)


# --- the vendor's own description -------------------------------------------------------------------------------------


@pytest.mark.skipif(not SPEC.exists(), reason="needs the vendor's OpenAPI description beside the repository")
def test_every_request_is_one_that_the_vendor_describes(house: House) -> None:
    described = json.loads(SPEC.read_text())
    connector = house.connector
    booking = house.stay(rooms=[house.room, None])
    (of,) = connector.reader().read_properties()
    connector.reader().read_rooms(of)
    for question in ({"colliding": (START, END)}, {"updated": (START, END)}, {"ids": [booking, "8176000009999"]}):
        read_bookings(connector.reader(), of, **question)
    house.offers_lists_by_id = False
    connector.reader().bookings_by_id(of, [booking])
    connector.reader().read_guests(of, [house.guest])
    connector.reader().changed_guests(of, (START, END))
    connector.webhooks.subscribe("https://night.example/")
    connector.webhooks.unsubscribe("https://night.example/")
    connect(house.access, **oauth(house)).check()
    asked = {operation for _, operation, _ in house.requests}
    assert asked - BEYOND_THE_SPEC == {
        *("getHotels", "getHotelDetails", "getRooms", "getReservations", "getReservation"),
        *("getReservationRoomDetails", "getGuest", "getGuestsModified", "getWebhooks", "postWebhook"),
        *("deleteWebhook", "access_token"),
    }
    for method, operation, fields in house.requests:
        if operation in BEYOND_THE_SPEC:
            continue
        verb = described["paths"][f"/{operation}"][method.lower()]
        parameters = {one["name"]: one for one in verb.get("parameters", ())}
        names = set(parameters)
        if method == "POST":
            schema = verb["requestBody"]["content"]["application/x-www-form-urlencoded"]["schema"]
            names = set(described["components"]["schemas"][schema["$ref"].rpartition("/")[2]]["properties"])
        assert fields.keys() <= names, operation
        assert {one for one in parameters if parameters[one].get("required")} <= fields.keys(), operation


@pytest.mark.skipif(not SPEC.exists(), reason="needs the vendor's OpenAPI description beside the repository")
def test_the_sandbox_answers_with_names_that_the_vendor_describes(house: House) -> None:
    schemas = json.loads(SPEC.read_text())["components"]["schemas"]
    booking = house.stay(rooms=[house.room, None])
    whole = {"includeAllRooms": ["true"], "includeGuestsDetails": ["true"]}
    for operation, query in (
        ("getHotels", {}),
        ("getHotelDetails", {}),
        ("getRooms", {"includeRoomRelations": ["1"]}),
        ("getReservations", whole),
        ("getReservation", {"reservationID": [booking]}),
        ("getReservationRoomDetails", {"subReservationID": [booking]}),
        ("getGuest", {"guestID": [house.guest]}),
        ("getGuestsModified", {"resultsFrom": ["2026-09-01 00:00:00"], "resultsTo": ["2026-10-01 00:00:00"]}),
        ("getWebhooks", {}),
    ):
        house.time.pass_(seconds=1)
        answer = house.handle("GET", f"/api/v1.3/{operation}", query, {"x-api-key": house.api_key}, b"")
        name = operation[0].upper() + operation[1:] + "Response"
        unknown = list(strangers(json.loads(answer.body), schemas[name], schemas, operation))
        assert unknown == []


def strangers(told: Any, schema: Json, schemas: Json, path: str) -> Any:
    """Names in an answer that the description does not have."""
    if "$ref" in schema:
        schema = schemas[schema["$ref"].rpartition("/")[2]]
    if isinstance(told, list):
        for one in told:
            yield from strangers(one, schema.get("items", {}), schemas, path)
    elif isinstance(told, dict):
        below = schema.get("additionalProperties")
        for name, value in told.items():
            if isinstance(below, dict):
                yield from strangers(value, below, schemas, path)
            elif name not in schema.get("properties", {}):
                yield f"{path}.{name}"
            else:
                yield from strangers(value, schema["properties"][name], schemas, f"{path}.{name}")


# --- what the documents leave open ------------------------------------------------------------------------------------

BLOCK = [{"subReservationID": "8176-1", "allotmentBlockCode": "B1", "startDate": "2026-09-20", "endDate": "2026-09-23"}]


@pytest.mark.parametrize("rest", [{"groupInventory": BLOCK}, {"groupInventory": None, "allotmentBlockCode": "B1"}])
@pytest.mark.parametrize("rooms", [[], {}, None])
def test_a_groups_block_without_rooms_is_no_booking_and_nothing_broken(wire: Wire, rest: Json, rooms: Any) -> None:
    block = make_reservation(rooms=rooms, guestList=[], **rest)
    wire.answers["getReservationsWithRateDetails"] = lambda _: {"success": True, "data": [block], "total": 1}
    found = read(wire, block)
    assert (found.bookings, found.broken) == ([], [])
    assert connect(wire.access).reader().bookings_by_id(HOTEL, ["8176"]).broken == []


def test_a_room_that_was_taken_out_of_a_block_is_a_booking(wire: Wire) -> None:
    found = read(wire, make_reservation(groupInventory=BLOCK))
    assert ([one.id for one in found.bookings], found.broken) == (["8176"], [])


@pytest.mark.parametrize(
    ("status", "room_status", "meaning"),
    [
        ("canceled", "not_checked_in", BookingStatus.CANCELLED),
        ("checked_in", "checked_out", BookingStatus.CHECKED_OUT),
        ("no_show", "not_checked_in", BookingStatus.NO_SHOW),
        ("confirmed", "not_checked_in", BookingStatus.CONFIRMED),
        ("teleported", None, None),
        ({"is": "canceled"}, None, None),
    ],
)
@pytest.mark.parametrize("wrong", [{"roomCheckIn": None}, {"roomID": {"id": 7}}, {"roomCheckOut": "9999-12-31"}])
def test_a_room_that_cannot_be_read_still_says_whether_it_is_over(
    wire: Wire, status: Any, room_status: Any, meaning: BookingStatus | None, wrong: Json
) -> None:
    (broken,) = read(wire, make_reservation(make_line(roomStatus=room_status, **wrong), status=status)).broken
    assert (broken.id, broken.status) == ("8176", meaning)


def test_two_rooms_at_once_that_were_left_say_so(wire: Wire) -> None:
    lines = [make_line(roomStatus="checked_out"), make_line(roomStatus="checked_out", roomCheckIn="2026-09-21")]
    (broken,) = read(wire, make_reservation(*lines, status="checked_in")).broken
    assert (broken.id, broken.status) == ("8176", BookingStatus.CHECKED_OUT)


def test_a_deleted_reservation_without_a_status_is_over(wire: Wire) -> None:
    (broken,) = read(wire, make_reservation(isDeleted=True, status=None)).broken
    assert (broken.id, broken.status) == ("8176", BookingStatus.CANCELLED)


def test_a_guest_brings_the_profiles_that_were_merged_into_hers(house: House) -> None:
    old, older = house.add_guest("Ana", "Old"), house.add_guest("Ana", "Older")
    stay = house.book(old, date(2026, 9, 20), date(2026, 9, 23), [house.room])
    house.merge_guests(older, old)
    house.merge_guests(old, house.guest)
    read = house.connector.reader().bookings_by_id(HOTEL, [stay])
    assert read.bookings[0].guest_ids == (house.guest,)
    assert read.guests[house.guest].merged_ids == (old,)
    assert house.connector.reader().read_guests(HOTEL, [older])[0][0].merged_ids == (old, older)


def test_a_guest_under_age_is_told_from_the_others(wire: Wire) -> None:
    place = {"rooms": [{"subReservationID": "8176"}]}
    guests = {
        "163": {"guestID": "163", "guestBirthdate": "2012-01-01", "isMainGuest": True, **place},
        "164": {"guestID": "164", "guestBirthdate": "2012-01-01", **place},
        "165": {"guestID": "165", "guestBirthdate": "1980-01-01", **place},
        "166": {"guestID": "166", "guestBirthdate": "", **place},
    }
    (booking,) = read(wire, make_reservation(guestList=guests)).bookings
    assert (booking.guest_ids, booking.child_ids) == (("163", "164", "165", "166"), ("164",))


def test_a_guest_of_a_list_without_an_id_is_not_called_by_her_place(wire: Wire) -> None:
    guests = [{"guestFirstName": "Nobody", "rooms": [{"subReservationID": "8176"}]}]
    assert read(wire, make_reservation(guestList=guests)).bookings[0].guest_ids == ("163",)


@pytest.mark.parametrize("operation", ["getReservations", "getRooms"])
def test_a_list_that_never_ends_is_an_error_and_not_a_loop(
    wire: Wire, operation: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.reading.MOST_PAGES", 5)
    rows: dict[str, Callable[[str], list[Json]]] = {
        "getReservations": lambda page: [make_reservation(reservationID=f"{page}{n:03}") for n in range(100)],
        "getRooms": lambda page: [{"propertyID": "210001", "rooms": [{"roomID": page, "roomName": page}]}],
    }
    wire.answers[operation] = lambda asked: {"success": True, "data": rows[operation](asked["pageNumber"])}
    ask: dict[str, Callable[[], Any]] = {
        "getReservations": lambda: connect(wire.access).reader().bookings_within(HOTEL, (START, END)),
        "getRooms": lambda: connect(wire.access).reader().read_rooms(HOTEL),
    }
    with pytest.raises(PmsUnreachable, match=r"the pages of \w+ do not end"):
        ask[operation]()


NEEDED: dict[str, set[str]] = {
    "reservation": {"reservationID", "status", "rooms"},
    "line": {"subReservationID", "roomCheckIn", "roomCheckOut"},
    "guest": set(),
    "room": {"roomID", "roomName"},
    "hotel": {"propertyID", "propertyTimezone"},
    "details": set(),
    "policy": set(),
}
"""What nothing can be said without; all else is optional, and may be null."""
EVERYTHING: dict[str, Callable[[], Json]] = {
    "reservation": lambda: make_reservation(
        adults="2", balance=0, groupInventory=None, customFields=None, allotmentBlockCode=None
    ),
    "line": make_line,
    "guest": lambda: {
        "guestID": "163",
        "guestFirstName": "Ana",
        "guestLastName": "Example",
        "guestEmail": "ana@example.com",
        "guestPhone": "1",
        "guestCellPhone": "2",
        "guestBirthdate": None,
        "isAnonymized": False,
        "isMainGuest": True,
        "isMerged": False,
        "newGuestID": "",
        "rooms": [{"subReservationID": "8176", "roomID": "405001-7"}],
        "unassignedRooms": [],
    },
    "room": lambda: {
        "roomID": "405001-7",
        "roomName": "207",
        "dormRoomName": "",
        "isPrivate": True,
        "isVirtual": False,
        "roomTypeName": "King",
        "linkedRoomIDs": [],
    },
    "hotel": lambda: {"propertyID": "210001", "propertyName": "Harbor Inn", "propertyTimezone": "America/New_York"},
    "details": lambda: {"propertyID": "210001", "propertyAddress": {}, "propertyPolicy": {}},
    "policy": lambda: {"propertyCheckInTime": "15:00:00", "propertyCheckOutTime": "11:00:00"},
}


@pytest.mark.parametrize(
    ("kind", "name"), [(one, name) for one, make in EVERYTHING.items() for name in sorted(make().keys() - NEEDED[one])]
)
@pytest.mark.parametrize("how", ["null", "left out"])
def test_what_cloudbeds_may_leave_out_breaks_nothing(wire: Wire, kind: str, name: str, how: str) -> None:
    told = {one: make() for one, make in EVERYTHING.items()}
    told["reservation"]["rooms"] = [told["line"]]
    told["reservation"]["guestList"] = {"163": told["guest"]}
    told["details"]["propertyPolicy"] = told["policy"]
    told[kind].pop(name)
    told[kind] |= {name: None} if how == "null" else {}

    def listed(*rows: Json) -> Callable[[Json], Json]:
        return lambda _: {"success": True, "data": list(rows), "count": len(rows), "total": len(rows)}

    wire.answers["getHotels"] = listed(told["hotel"])
    wire.answers["getHotelDetails"] = lambda _: {"success": True, "data": told["details"]}
    wire.answers["getRooms"] = listed({"propertyID": "210001", "rooms": [told["room"]]})
    connector = connect(wire.access)
    (of,) = connector.reader().read_properties()
    rooms, broken = connector.reader().read_rooms(of)
    found = read(wire, told["reservation"])
    assert (len(rooms), broken, found.broken) == (1, [], [])
    assert [one.status for one in found.bookings] == [BookingStatus.CONFIRMED]


# --- rooms in turn ----------------------------------------------------------------------------------------------------


def in_turn(number: int, arrival: int, departure: int, room: str, **rest: Any) -> Json:
    days = {"roomCheckIn": f"2026-09-{arrival}", "roomCheckOut": f"2026-09-{departure}"}
    return make_line(f"8176-{number}" if number else "8176", roomID=room, **days, **rest)


def test_rooms_in_which_the_same_guest_stays_in_turn_are_one_stay(wire: Wire) -> None:
    lines = [in_turn(2, 24, 26, "405001-7"), in_turn(0, 20, 22, "405001-7"), in_turn(1, 22, 24, "405001-8")]
    stay, *others = read(wire, make_reservation(*lines)).bookings
    assert (stay.id, stay.status, stay.guest_ids) == ("8176", BookingStatus.CONFIRMED, ("163",))
    assert [(one.room_id, one.arrival.day, one.departure.day) for one in stay.spans] == [
        ("405001-7", 20, 22),
        ("405001-8", 22, 24),
        ("405001-7", 24, 26),
    ]
    assert {(one.id, one.status) for one in others} == {
        ("8176-1", BookingStatus.CANCELLED),
        ("8176-2", BookingStatus.CANCELLED),
    }
    assert all("one stay with 8176" in (one.review or "") for one in others)


@pytest.mark.parametrize(
    "lines",
    [
        # A day between them, another guest, no guest, two rooms at once, a room that was cancelled.
        [in_turn(0, 20, 22, "405001-7"), in_turn(1, 23, 24, "405001-8")],
        [in_turn(0, 20, 22, "405001-7"), in_turn(1, 22, 24, "405001-8", guestID="164")],
        [in_turn(0, 20, 22, "405001-7", guestID=""), in_turn(1, 22, 24, "405001-8", guestID="")],
        [in_turn(0, 20, 22, "405001-7"), in_turn(1, 20, 22, "405001-9"), in_turn(2, 22, 24, "405001-8")],
        [in_turn(0, 20, 22, "405001-7"), in_turn(1, 22, 24, "405001-8", roomStatus="cancelled")],
    ],
)
def test_rooms_of_which_that_is_not_sure_are_a_stay_each(wire: Wire, lines: list[Json]) -> None:
    found = read(wire, make_reservation(*lines)).bookings
    assert [one.id for one in found] == [line["subReservationID"] for line in lines]
    assert all(one.spans == () and one.review is None for one in found)


def test_asked_for_a_room_of_several_in_turn_the_whole_stay_comes(house: House) -> None:
    booking = house.stay()
    second = house.add_line(booking, house.add_room("202"), date(2026, 9, 23), date(2026, 9, 25))
    for asked in (booking, second):
        found = house.connector.reader().bookings_by_id(HOTEL, [asked]).bookings
        told = [(one.id, one.status, len(one.spans)) for one in found]
        assert told == [(booking, "confirmed", 2), (second, "cancelled", 0)]


@pytest.mark.parametrize("told", ["9999", "", None])
def test_asked_for_one_reservation_and_answered_with_another_nobody_can_tell(wire: Wire, told: Any) -> None:
    other = make_reservation(reservationID=told, assigned=[], unassigned=[])
    wire.answers["getReservationsWithRateDetails"] = lambda _: {"success": True, "data": [other], "total": 1}
    wire.answers["getReservation"] = lambda _: {"success": False, "message": "Something went wrong"}
    connector = connect(wire.access)
    with_another = connector.reader().bookings_by_id(HOTEL, ["8176"])
    wire.answers["getReservation"] = lambda _: {"success": True, "data": other}
    assert [one.id for one in with_another.broken] == ["8176"]
    assert [one.id for one in connector.reader().bookings_by_id(HOTEL, ["8176"]).broken] == ["8176"]


def test_what_was_deleted_is_among_what_changed(house: House) -> None:
    gone, other = house.stay(), house.stay(rooms=[None])
    house.time.pass_(days=3)
    house.delete(gone)
    now = house.time.now()
    window = (now - timedelta(minutes=5), now + timedelta(minutes=5))
    assert [(one.id, one.status) for one in house.connector.reader().bookings_changed(HOTEL, window).bookings] == [
        (gone, BookingStatus.CANCELLED)
    ]
    house.offers_lists_by_id = False
    assert house.connector.reader().bookings_changed(HOTEL, window).bookings == []
    assert [one.id for one in house.connector.reader().bookings_within(HOTEL, (START, END)).bookings] == [other]


@pytest.mark.parametrize("rooms", ["..", 7, None])
def test_a_reservation_whose_rooms_cannot_be_read_is_named(wire: Wire, rooms: Any) -> None:
    item = make_reservation() | {"rooms": rooms}
    (broken,) = read(wire, item).broken
    assert f"The reservation {item['reservationID']} in Cloudbeds" in broken.reason
