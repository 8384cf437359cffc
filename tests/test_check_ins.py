"""Guests are checked in at the PMS by their own first entry, or when their access begins: never too early, never
without a room, never twice, and never because somebody else went in."""

from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.records import Booking, BookingStatus, Property
from mappers.policy import Policy, SpareCodes
from reconciler.check_ins import may_be_told
from store.spare_keys import SpareKeys
from tests.night import Night
from tests.world import START

ENTRY, WINDOW = Policy(write_status="first_entry"), Policy(write_status="window_start")


def a_night(path: Path, policy: Policy) -> Night:
    night = Night(path, policy)
    night.seam.add_device("Lock 101", night.rooms[0], customer_key=night.property)
    night.listen()
    return night


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return a_night(tmp_path, ENTRY)


def arriving(night: Night, **stay: Any) -> str:
    """She may open 101 from 11:00 UTC on; it is 11:30."""
    booking = night.book(0, arrival=START + timedelta(hours=1), **stay)
    night.do("full")
    night.do("lock_health")
    night.clock.pass_(hours=1, minutes=30)
    night.settle()
    return booking


def enters(night: Night, booking: str) -> None:
    pin = night.seam.code_of(booking)
    assert pin is not None
    (lock,) = night.seam.devices
    assert night.seam.use_code(lock, pin)


def passes(night: Night, minutes: int = 3) -> None:
    for _ in range(minutes):
        night.minute()


def state(night: Night, booking: str) -> str:
    return str(night.hotel.reservations[booking]["State"])


def started(night: Night) -> int:
    return night.hotel.calls["reservations/start"]


def test_nobody_is_checked_in_unless_the_policy_says_so(tmp_path: Path) -> None:
    night = a_night(tmp_path, Policy())
    booking = arriving(night)
    enters(night, booking)
    passes(night)
    assert (state(night, booking), started(night)) == ("Confirmed", 0)


def test_her_first_entry_checks_her_in_once(night: Night) -> None:
    booking = arriving(night)
    passes(night)
    assert state(night, booking) == "Confirmed", "nobody has entered yet"
    enters(night, booking)
    night.sender.deliver_all()
    enters(night, booking)
    passes(night)
    assert state(night, booking) == "Started"
    passes(night, 6)
    assert started(night) == 1
    entries = [one for one in night.people.audit_entries() if one.action == "checked in at the PMS"]
    assert [(one.who, one.target) for one in entries] == [("Night Porter", booking)]


def test_the_beginning_of_her_access_checks_her_in_where_the_policy_says_so(tmp_path: Path) -> None:
    night = a_night(tmp_path, WINDOW)
    booking = arriving(night)
    passes(night)
    assert (state(night, booking), started(night)) == ("Started", 1)


def test_before_her_arrival_nothing_is_told(tmp_path: Path) -> None:
    night = a_night(tmp_path, Policy(write_status="window_start", early=timedelta(hours=20)))
    booking = night.book(0, arrival=START + timedelta(hours=18), departure=START + timedelta(days=3))
    night.do("full")
    passes(night, 4)
    assert (state(night, booking), started(night)) == ("Confirmed", 0), "her day is tomorrow"


def test_a_spare_key_that_opens_her_room_checks_nobody_in(tmp_path: Path) -> None:
    night = a_night(tmp_path, Policy(write_status="first_entry", spare_codes=SpareCodes(1)))
    booking = arriving(night)
    night.do("lock_health")
    (one,) = SpareKeys(night.store, "alpen").of()
    pin = night.workspace.pin_of(one.seam_id)
    assert pin is not None
    (lock,) = night.seam.devices
    assert night.seam.use_code(lock, pin)
    passes(night)
    assert (state(night, booking), started(night)) == ("Confirmed", 0)


def test_a_pin_of_seam_that_is_nobodys_grant_checks_nobody_in(night: Night) -> None:
    booking = arriving(night)
    (lock,) = night.seam.devices
    account = night.seam.devices[lock]["connected_account_id"]
    staff = "11111111-1111-4111-8111-111111111111"
    fields = {"method": "keycode", "code": "4711", "access_code_is_managed": True, "access_code_id": staff}
    night.seam.tell("lock.unlocked", device_id=lock, connected_account_id=account, **fields)
    passes(night)
    assert (state(night, booking), started(night)) == ("Confirmed", 0)


def test_whom_the_desk_has_checked_in_or_cancelled_is_left_alone(night: Night) -> None:
    booking = arriving(night)
    enters(night, booking)
    night.hotel.check_in(booking)
    passes(night)
    assert started(night) == 0
    night.hotel.undo_check_in(booking)
    night.hotel.assign(booking, None)
    passes(night, 4)
    assert (state(night, booking), started(night)) == ("Confirmed", 0), "it has no room"


def test_with_a_lost_database_nobody_is_checked_in_twice(tmp_path: Path) -> None:
    night = a_night(tmp_path, WINDOW)
    booking = arriving(night)
    passes(night)
    night.lose_the_database()
    night._assemble()
    night.do("full")
    passes(night, 4)
    assert (state(night, booking), started(night)) == ("Started", 1)


def test_an_answer_that_was_lost_is_no_second_check_in(night: Night) -> None:
    booking = arriving(night)
    enters(night, booking)
    night.settle()
    start = night.connector.check_ins.check_in

    def lost(of: Property, booking_id: str) -> None:
        night.connector.check_ins.check_in = start  # type: ignore[method-assign]
        night.hotel.faults.lose_answer = 1.0
        try:
            start(of, booking_id)
        finally:
            night.hotel.faults.lose_answer = 0.0

    night.connector.check_ins.check_in = lost  # type: ignore[method-assign]
    passes(night, 10)
    assert (state(night, booking), started(night)) == ("Started", 1)


def test_a_pms_that_does_not_let_us_is_told_about_once_and_not_asked_each_minute(tmp_path: Path) -> None:
    night = a_night(tmp_path, WINDOW)
    night.hotel.faults.not_granted = {"reservations/start"}
    booking = arriving(night)
    passes(night, 4)
    told = [one for one in night.look_at_alerts() if "checked in" in one]
    assert len(told) == 1
    assert "1 guest as checked in" in told[0]
    passes(night, 8)
    assert started(night) == 1
    night.hotel.faults.not_granted = set()
    passes(night, 10)
    assert state(night, booking) == "Started"
    assert next(one for one in night.look_at_alerts() if "checked in" in one).startswith("end")


VIENNA = Property("p1", "Alpen", "Europe/Vienna")
BOOKING = {"id": "b1", "property_id": "p1", "number": "52", "status_word": "x", "room_id": "101"}


@pytest.mark.parametrize(
    ("changes", "may"),
    [
        ({}, True),
        ({"status": BookingStatus.TENTATIVE}, False),
        ({"status": BookingStatus.IN_HOUSE}, False),
        ({"status": BookingStatus.UNKNOWN}, False),
        ({"room_id": None}, False),
        ({"arrival": date(2026, 9, 20)}, False),
        ({"arrival": datetime(2026, 9, 19, 22, 30, tzinfo=START.tzinfo)}, False),
        ({"arrival": datetime(2026, 9, 19, 21, 30, tzinfo=START.tzinfo)}, True),
        ({"departure": date(2026, 9, 18)}, False),
        ({"departure": None}, True),
    ],
)
def test_what_the_pms_says_of_the_booking_decides_by_its_own_calendar(changes: dict[str, Any], may: bool) -> None:
    now = datetime(2026, 9, 19, 20, 0, tzinfo=START.tzinfo)
    times = {"status": BookingStatus.CONFIRMED, "arrival": date(2026, 9, 19), "departure": date(2026, 9, 21)}
    assert may_be_told(Booking(**{**BOOKING, **times, **changes}), VIENNA, now) is may
