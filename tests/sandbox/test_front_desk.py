"""The front desk does what its buttons say, refuses what makes no sense, and lets nobody write into the page."""

import re
from datetime import UTC, datetime, timedelta
from html import unescape
from urllib.parse import urlencode

import pytest

from sandbox.desk import DELETE_GRANT
from sandbox.front_desk import FrontDesk
from sandbox.house import believable_house, equip_with_locks
from sandbox.http import Answer
from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace

NOW = datetime(2026, 10, 23, 10, tzinfo=UTC)
"""Two days before summer time ends in Vienna."""


class Visitor:
    """A hotel with one booking, and somebody in front of the page."""

    def __init__(self) -> None:
        self.hotel = MewsHotel(now=lambda: NOW)
        self.seam = SeamWorkspace(now=lambda: NOW)
        self.property = self.hotel.add_property()
        self.double = self.hotel.add_category(self.hotel.add_service(self.property))
        self.rooms = [self.hotel.add_room(self.property, name, self.double) for name in ("101", "102", "103")]
        self.jana = self.hotel.add_customer()
        # 15:00 to 11:00 in Vienna.
        self.booking = self.book(self.rooms[0])
        self.number = self.hotel.reservations[self.booking]["Number"]
        self.desk = FrontDesk(self.hotel, self.seam, lambda: NOW)

    def book(self, room: str | None, nights: int = 2, guest: str | None = None) -> str:
        arrival = NOW.replace(hour=13)
        departure = NOW.replace(hour=9) + timedelta(days=nights)
        return self.hotel.book(guest or self.jana, self.double, arrival, departure, room)

    def see(self, **query: str) -> str:
        answer = self.desk.handle("GET", "/", {name: [value] for name, value in query.items()}, {}, b"")
        assert answer.status == 200
        return answer.body.decode()

    def press(self, do: str, **fields: str) -> Answer:
        return self.desk.handle("POST", "/", {}, {}, urlencode({"do": do, **fields}).encode())

    def state(self) -> str:
        return str(self.hotel.reservations[self.booking]["State"])

    def departure(self) -> str:
        return str(self.hotel.reservations[self.booking]["ScheduledEndUtc"])[:16]


@pytest.fixture
def visitor() -> Visitor:
    return Visitor()


def test_the_page_shows_a_booking_in_the_time_of_the_hotel(visitor: Visitor) -> None:
    page = visitor.see()
    assert "<title>The sandbox hotel</title>" in page
    assert "Jana Novak" in page
    assert ">101<" in page
    assert "Fri 23 Oct 15:00 to Sun 25 Oct 10:00" in page
    assert "2 nights" in page
    assert "Expected" in page
    assert "<script" not in page


def test_a_booking_is_searched_by_guest_room_and_number(visitor: Visitor) -> None:
    other = visitor.book(visitor.rooms[1], guest=visitor.hotel.add_customer("Otto", "Weiss"))
    number = visitor.hotel.reservations[other]["Number"]
    for words in ("weiss", "102", number, " OTTO "):
        page = visitor.see(q=words)
        assert "Otto Weiss" in page
        assert "Jana Novak" not in page
    assert "No bookings." in visitor.see(q="nobody")


def test_the_buttons_of_a_stay(visitor: Visitor) -> None:
    def press(do: str, **fields: str) -> int:
        return visitor.press(do, id=visitor.booking, **fields).status

    assert press("check_out") == 400
    assert press("cancel") == 303
    assert visitor.state() == "Canceled"
    assert "Reinstate" in visitor.see()
    assert press("extend") == 400
    assert press("reinstate") == 303
    assert press("check_in") == 303
    assert visitor.state() == "Started"
    assert press("check_in") == 400
    assert press("cancel") == 400
    assert press("check_out") == 303
    assert visitor.state() == "Processed"


def test_a_night_more_or_less_keeps_the_hour_on_the_wall(visitor: Visitor) -> None:
    assert visitor.departure() == "2026-10-25T09:00"
    visitor.press("shorten", id=visitor.booking)
    # Saturday is still in summer time.
    assert visitor.departure() == "2026-10-24T08:00"
    answer = visitor.press("shorten", id=visitor.booking)
    assert answer.status == 400
    assert b"has only one night" in answer.body
    visitor.press("extend", id=visitor.booking)
    assert visitor.departure() == "2026-10-25T09:00"


def test_a_guest_moves_only_to_a_free_room(visitor: Visitor) -> None:
    visitor.book(visitor.rooms[1])
    spot = visitor.hotel.add_room(
        visitor.property,
        "P1",
        visitor.hotel.add_category(visitor.hotel.add_service(visitor.property, "Parking"), "ParkingSpot"),
    )
    page = visitor.see(q=visitor.number)
    assert re.findall(r"<option[^>]*>([^<]*)", page) == ["103", "no room"]
    assert visitor.press("move", id=visitor.booking, room=visitor.rooms[1]).status == 400
    assert visitor.press("move", id=visitor.booking, room=spot).status == 400
    assert visitor.press("move", id=visitor.booking, room="nonsense").status == 400
    assert visitor.press("move", id=visitor.booking).status == 400
    assert visitor.press("move", id=visitor.booking, room=visitor.rooms[2]).status == 303
    assert visitor.hotel.reservations[visitor.booking]["AssignedResourceId"] == visitor.rooms[2]
    assert visitor.press("move", id=visitor.booking, room="none").status == 303
    assert visitor.hotel.reservations[visitor.booking]["AssignedResourceId"] is None


def test_a_button_leads_back_to_where_it_was(visitor: Visitor) -> None:
    assert visitor.press("extend", id=visitor.booking).headers["Location"] == "/"
    answer = visitor.press("extend", id=visitor.booking, q="Böhm & Co", page="2", at="doors")
    assert answer.headers["Location"] == "/?q=B%C3%B6hm+%26+Co&page=2#doors"
    answer = visitor.press("extend", id=visitor.booking, at="x\r\nSet-Cookie: a=b")
    assert answer.headers["Location"] == "/"


def test_doors_and_the_lock_system(visitor: Visitor) -> None:
    device = visitor.seam.add_device("Lock <101>", visitor.rooms[0], customer_key=visitor.property)
    page = visitor.see()
    assert "Lock &lt;101&gt;" in page
    assert "Hotel Alpenblick" in page
    assert visitor.press("unplug", id=device).status == 303
    assert not visitor.seam.is_online(device)
    assert "Plug in" in visitor.see()
    visitor.press("plug_in", id=device)
    assert visitor.seam.is_online(device)
    assert visitor.press("unplug", id="nonsense").status == 400
    assert "Disconnect the lock system" in page
    assert visitor.press("disconnect", customer=visitor.property).status == 303
    assert "Reconnect" in visitor.see()
    assert visitor.press("reconnect", customer=visitor.property).status == 303
    assert "Disconnect the lock system" in visitor.see()
    assert visitor.press("disconnect", customer="nobody").status == 400


def test_a_live_key_is_deleted_behind_night_porters_back(visitor: Visitor) -> None:
    ask = (
        '{"name":"101","space_key":"r"}',
        '{"user_identity":{"full_name":"J"},"space_keys":["r"],"access_grant_key":"KEY",'
        '"requested_access_methods":[{"mode":"code"}]}'.replace("KEY", visitor.booking),
    )
    headers = {"Authorization": f"Bearer {visitor.seam.api_key}"}
    for path, body in zip(("/spaces/create", "/access_grants/create"), ask, strict=True):
        assert visitor.seam.handle("POST", path, {}, headers, body.encode()).status == 200
    page = visitor.see()
    assert DELETE_GRANT in unescape(page)
    assert f"Jana Novak, no. {visitor.number}" in page
    assert visitor.seam.code_of(visitor.booking) in page  # type: ignore[operator]
    assert visitor.press("delete_grant", key=visitor.booking).status == 303
    assert visitor.seam.live_grants() == []
    assert visitor.press("delete_grant", key=visitor.booking).status == 400
    assert visitor.press("delete_grant").status == 400


@pytest.mark.parametrize("body", [b"", b"do=explode", b"do=extend", b"do=extend&id=nobody", b"\xff\xfe", b"do=%ff"])
def test_a_form_that_makes_no_sense_is_refused_with_a_sentence(visitor: Visitor, body: bytes) -> None:
    answer = visitor.desk.handle("POST", "/", {}, {}, body)
    assert answer.status == 400
    assert b"<p>The" in answer.body


def test_other_pages_and_verbs(visitor: Visitor) -> None:
    assert visitor.desk.handle("GET", "/elsewhere", {}, {}, b"").status == 404
    assert visitor.desk.handle("DELETE", "/", {}, {}, b"").status == 405


def test_nobody_writes_into_the_page(visitor: Visitor) -> None:
    evil = '"><script>alert(1)</script>'
    visitor.hotel.edit_customer(visitor.jana, LastName=evil)
    visitor.hotel.rename_room(visitor.rooms[0], evil)
    visitor.hotel.rename_room(visitor.rooms[1], evil)
    visitor.hotel.set_state(visitor.booking, evil)
    visitor.seam.add_entrance(evil, customer_key=evil)
    for page in (visitor.see(), visitor.see(q=evil)):
        assert "<script" not in page
        assert '""' not in page.replace('value=""', "")


def test_a_whole_house_fits_the_page() -> None:
    house = believable_house(now=lambda: NOW)
    workspace = SeamWorkspace(now=lambda: NOW)
    equip_with_locks(house, workspace)
    some = next(one for one in house.hotel.reservations.values() if one["State"] == "Confirmed")
    house.hotel.corrupt("reservations", some["Id"], "ScheduledEndUtc", "soon")
    house.hotel.corrupt("reservations", some["Id"], "AccountId")
    desk = FrontDesk(house.hotel, workspace, lambda: NOW)
    first, last = (desk.handle("GET", "/", {"page": [page]}, {}, b"").body.decode() for page in ("1", "99"))
    assert "Page 1 of" in first
    assert first.count("<article") == 12
    assert 0 < last.count("<article") <= 12
    assert len(first) < 1_000_000
