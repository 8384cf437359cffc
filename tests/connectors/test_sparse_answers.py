"""Vendors that leave out what they may: the same records come of it, in every reading."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from connectors.connector import Connector
from connectors.records import Booking, DoorCode, Guest, Property, Room
from tests.residence import Residence, days
from tests.test_apaleo_stays import SUNDAY, ApaleoWorld, at
from tests.test_cloudbeds_stays import Harbor, on
from tests.world import START, AnyWorld, World

WINDOW = (START - timedelta(days=2), START + timedelta(days=60))


def mews(path: Path) -> tuple[AnyWorld, Any]:
    world = World(path)
    bed = world.hotel.add_category(world.service, "Bed")
    dorm = world.hotel.add_room(world.property, "7", None)
    world.rooms.append(world.hotel.add_room(world.property, "7A", bed, parent=dorm))
    world.book(companions=[world.guest("Petr")])
    world.book(3, category=bed, state="Started")
    world.hotel.cancel(world.book(1), "NoShow")
    world.book(None, guest=world.hotel.add_company())
    world.hotel.merge_customers(world.owner(world.book(2)), world.guest("Ina", phone="+436601234567"))
    return world, world.hotel


def apaleo(path: Path) -> tuple[AnyWorld, Any]:
    world = ApaleoWorld(path)
    world.book(others=[{"lastName": "Novak", "birthDate": "2015-01-01"}])
    split = world.book(1, arrival=at(SUNDAY - timedelta(days=2), 15))
    world.hotel.assign(split, world.units[2], SUNDAY)
    world.hotel.check_in(split)
    world.hotel.cancel(world.book(2))
    world.book(None, guest=None)
    world.hotel.archive_unit(world.units[2])
    return world, world.hotel


def cloudbeds(path: Path) -> tuple[AnyWorld, Any]:
    world = Harbor(path)
    world.book(0, 1)
    world.house.split(world.book(2), on(4), world.rooms[3])
    world.house.check_in(world.book(None, 3, arrival=0))
    world.house.cancel(world.book(0, arrival=9, departure=10))
    second = world.book(1, arrival=9, departure=11)
    world.house.add_line(second, world.rooms[2], on(11), on(13))
    world.house.add_room("Any", consists_of=(world.rooms[0],))
    return world, world.house


def buildium(path: Path) -> tuple[AnyWorld, Any]:
    world = Residence(path)
    world.lease(world.tenant(), world.tenant("Ben", "Cole", email=""))
    leaving = world.lease(unit=1)
    world.office.give_notice(leaving, world.tenants(leaving)[0], days(20))
    world.lease(unit=2, begins=days(10), kind="AtWill", ends=None)
    garage = world.office.add_rental("Garage", kind="ParkingSpace", active=False)
    world.office.add_unit(garage, "P1")
    return world, world.office


VENDORS: dict[str, Callable[[Path], tuple[AnyWorld, Any]]] = {
    "mews": mews,
    "apaleo": apaleo,
    "cloudbeds": cloudbeds,
    "buildium": buildium,
}
Records = dict[str, tuple[list[Room], list[Booking], dict[str, Guest]]]


def everything(connector: Connector) -> Records:
    """All records, by property, whatever property and status are called."""
    found: Records = {}
    for of in connector.reader().read_properties():
        rooms, broken = connector.reader().read_rooms(of)
        read = connector.reader().bookings_within(of, WINDOW)
        assert (broken, read.broken) == ([], [])
        bookings = sorted(read.bookings, key=lambda one: one.id)
        again = connector.reader().bookings_by_id(of, [one.id for one in bookings])
        assert again.broken == []
        assert sorted((one.id, one.status) for one in again.bookings) == [(one.id, one.status) for one in bookings]
        guests = {one: replace(guest, email=guest.email or None) for one, guest in read.guests.items()}
        found[of.id] = rooms, [replace(one, number="") for one in bookings], guests
    return found


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_a_vendor_leaves_out_changes_no_record(tmp_path: Path, vendor: str) -> None:
    world, pms = VENDORS[vendor](tmp_path)
    connector: Connector = world.connector
    whole = everything(connector)
    assert all(bookings or not rooms[0].is_active for rooms, bookings, _ in whole.values())
    pms.sparse.share = 0.7
    for _ in range(6):
        world.clock.pass_(minutes=5)
        assert everything(connector) == whole


@pytest.mark.parametrize("how", ["token", "note"])
@pytest.mark.parametrize("vendor", ["mews", "cloudbeds"])
def test_codes_are_handed_over_to_a_vendor_that_leaves_things_out(tmp_path: Path, vendor: str, how: str) -> None:
    world, pms = VENDORS[vendor](tmp_path)
    pms.sparse.share = 0.7
    connector: Connector = world.connector
    of: Property = connector.reader().read_properties()[0]
    read = connector.reader().bookings_within(of, WINDOW)
    booking = next(one for one in read.bookings if one.room_id is not None and one.status == "confirmed")
    assert booking.room_id is not None
    code = DoorCode(booking.id, booking.id, booking.room_id, START, START + timedelta(days=3), pin="4821")
    assert connector.door_codes.write(of, {booking.id: [code]}, how).changed == {booking.id}
    assert connector.door_codes.write(of, {booking.id: [code]}, how).changed == frozenset()
    assert connector.door_codes.write(of, {booking.id: []}, how).changed == {booking.id}
