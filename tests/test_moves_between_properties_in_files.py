"""A file of several properties: who moves from one to another keeps her PIN, and opens nothing where she was."""

from datetime import timedelta
from pathlib import Path

import pytest

from mappers.policy import MaxRevocations, Policy
from tests.at_the_doors import ways
from tests.test_files_and_feeds import Export

ROOMS = {"R101": "A", "R102": "A", "R201": "B", "R202": "B"}
POLICY = Policy(replace_wait=timedelta(seconds=20), max_revocations=MaxRevocations(100, 100))


@pytest.fixture
def houses(tmp_path: Path) -> Export:
    export = Export(tmp_path, POLICY)
    rows = (f"{room},{room},{house},House {house}" for room, house in ROOMS.items())
    export.write("rooms.csv", "room_id,room_name,property_id,property_name", *rows)
    return export


def pins(houses: Export, *rows: str, header: str = "booking_id,room_id,arrival,departure,guest_id,name") -> dict:  # type: ignore[type-arg]
    """By room and name, an hour and two new files later."""
    for _ in range(5):
        houses.clock.pass_(minutes=12)
        houses.write("bookings.csv", header, "B9,R101,2026-10-01,2026-10-02,G9,Zoe Last", *rows)
        houses.sync(full=True)
    houses.clock.pass_(minutes=1)
    found = {(way.room, way.who): way.pin for way in ways(houses.seam, houses.clock.now())}
    del found["R101", "Zoe Last"]
    return found


def row(number: int, room: str, name: str, first: int = 20, last: int = 23, guest: str = "") -> str:
    return f"B{number},{room},2026-09-{first},2026-09-{last},{guest or f'G{number}'},{name}"


@pytest.mark.parametrize("first", [17, 20], ids=["in the house", "to come"])
def test_who_moves_to_another_property_keeps_her_pin_and_leaves_the_former_room(houses: Export, first: int) -> None:
    (pin,) = pins(houses, row(1, "R102", "Anna Novak", first)).values()
    assert pins(houses, row(1, "R201", "Anna Novak", first, 24)) == {("R201", "Anna Novak"): pin}
    assert pins(houses, row(1, "R102", "Anna Novak", first, 24)) == {("R102", "Anna Novak"): pin}


def test_two_guests_who_swap_properties_keep_their_pins(houses: Export) -> None:
    before = pins(houses, row(1, "R102", "Anna Novak"), row(2, "R201", "Ben Meyer"))
    after = pins(houses, row(1, "R201", "Anna Novak"), row(2, "R102", "Ben Meyer"))
    assert after == {
        ("R201", "Anna Novak"): before["R102", "Anna Novak"],
        ("R102", "Ben Meyer"): before["R201", "Ben Meyer"],
    }


def test_properties_that_number_for_themselves_share_nobody(houses: Export) -> None:
    """One number, and one id of a guest, of two people in two houses."""
    before = pins(houses, row(1, "R102", "Anna Novak"))
    after = pins(houses, row(1, "R201", "Ben Meyer", guest="G1"))
    assert after.keys() == {("R201", "Ben Meyer")}
    assert set(after.values()).isdisjoint(before.values())
