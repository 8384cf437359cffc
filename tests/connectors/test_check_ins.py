"""Check-ins, by what each vendor's documents say: once, of one room, and never against a rule of the PMS."""

from datetime import timedelta
from pathlib import Path

import pytest

from connectors.errors import PmsError, PmsRefused
from connectors.ports import CheckIns, NotOffered
from connectors.records import Property
from tests.test_apaleo_stays import SUNDAY, ApaleoWorld, at
from tests.test_cloudbeds_stays import Harbor
from tests.world import World


def test_mews_starts_a_confirmed_reservation_that_has_a_room_and_no_other(tmp_path: Path) -> None:
    world = World(tmp_path)
    (of,) = world.connector.reader().read_properties()
    now = world.clock.now()
    here = world.book(0, arrival=now, departure=now + timedelta(days=1))
    world.connector.check_ins.check_in(of, here)
    assert world.hotel.reservations[here]["State"] == "Started"
    without_room = world.book(None, arrival=now, departure=now + timedelta(days=1))
    for booking in (here, world.book(1), without_room):
        with pytest.raises(PmsRefused):
            world.connector.check_ins.check_in(of, booking)


def test_mews_says_which_right_is_missing(tmp_path: Path) -> None:
    world = World(tmp_path)
    (of,) = world.connector.reader().read_properties()
    world.hotel.faults.not_granted = frozenset({"reservations/start"})
    with pytest.raises(PmsRefused, match="need the right to start reservations"):
        world.connector.check_ins.check_in(of, world.book(0, arrival=world.clock.now()))


def test_apaleo_checks_in_on_the_day_of_arrival_with_a_unit_for_the_whole_stay(tmp_path: Path) -> None:
    world = ApaleoWorld(tmp_path)
    world.hotel.scopes |= {"reservations.manage"}
    (of,) = world.connector.reader().read_properties()
    booking, unassigned = world.book(), world.book(None)
    with pytest.raises(PmsError):
        world.connector.check_ins.check_in(of, booking)
    world.clock.time = at(SUNDAY, 9)
    world.connector.check_ins.check_in(of, booking)
    assert world.hotel.reservations[booking]["status"] == "InHouse"
    for one in (booking, unassigned):
        with pytest.raises(PmsError):
            world.connector.check_ins.check_in(of, one)


def test_apaleo_says_which_scope_is_missing(tmp_path: Path) -> None:
    world = ApaleoWorld(tmp_path)
    (of,) = world.connector.reader().read_properties()
    with pytest.raises(PmsRefused, match=r"need the scope reservations\.manage"):
        world.connector.check_ins.check_in(of, world.book())


def test_cloudbeds_checks_in_a_reservation_of_one_room_and_leaves_those_of_several_to_the_desk(tmp_path: Path) -> None:
    harbor = Harbor(tmp_path)
    (of,) = harbor.connector.reader().read_properties()
    one, two, later = harbor.book(0, arrival=0), harbor.book(1, 2, arrival=0), harbor.book(3, arrival=2)
    harbor.connector.check_ins.check_in(of, one)
    assert harbor.house.reservations[one].status == "checked_in"
    with pytest.raises(NotOffered, match="all rooms of a reservation at once"):
        harbor.connector.check_ins.check_in(of, two)
    for booking in (one, later):
        with pytest.raises(PmsError):
            harbor.connector.check_ins.check_in(of, booking)
    assert [harbor.house.reservations[each].status for each in (two, later)] == ["confirmed", "confirmed"]
    sent = [form for _, operation, form in harbor.house.requests if operation == "putReservation"]
    assert all(form.keys() == {"propertyID", "reservationID", "status"} for form in sent)


def test_a_pms_that_cannot_be_told_says_what_to_do() -> None:
    with pytest.raises(NotOffered, match="write_status: off"):
        CheckIns().check_in(Property("p1", "Elm", "UTC"), "b1")
