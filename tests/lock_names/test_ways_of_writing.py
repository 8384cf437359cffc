"""Small houses, each with another way of writing (`ways_of_writing.json`), in some of them locks that could be taken
for a room's: gates, closets, lock boxes, another house's.

They were written one set after the other, before the matcher was tried on it.
"""

import pytest

from tests.lock_names.houses_of_outsiders import OutsidersHouse, houses_in
from tests.lock_names.test_assignment import check_house
from tests.lock_names.test_propose import sure

HOUSES = houses_in("ways_of_writing.json")
VILLAS = [f"Villa {number}" for number in range(1, 5)]
FLATS = [f"Apartment {storey}{letter}" for storey in (2, 3) for letter in "ABC"]


@pytest.mark.parametrize(
    "house",
    [
        pytest.param(house, marks=[pytest.mark.thorough] if at % 4 else [], id=house.says)
        for at, house in enumerate(HOUSES)
    ],
)
def test_the_locks_find_their_rooms_and_no_others(house: OutsidersHouse) -> None:
    check_house(house)


def test_a_garage_is_not_the_flat_above_it() -> None:
    rooms = ["Garage Apartment", "Pool House", "Barn Loft"]
    found = sure(rooms, ["Garage deadbolt", "Garage apt deadbolt", "Pool house deadbolt", "Barn loft deadbolt"])
    assert found == {
        "Garage apt deadbolt": "Garage Apartment",
        "Pool house deadbolt": "Pool House",
        "Barn loft deadbolt": "Barn Loft",
    }


def test_of_two_locks_that_say_no_dwelling_neither_is_surely_the_room_s() -> None:
    rooms = ["Garage Apartment", "Pool House", "Barn Loft"]
    found = sure(rooms, ["Garage front", "Garage", "Pool House", "Barn Loft"])
    assert "Garage Apartment" not in found.values()


def test_gates_beside_the_doors_of_all_villas_are_no_second_house() -> None:
    doors = {f"{villa} door": villa for villa in VILLAS}
    assert sure(VILLAS, [*doors, *(f"{villa} gate" for villa in VILLAS)]) == doors


def test_a_storey_that_tells_flats_of_one_letter_apart_is_a_part_of_them() -> None:
    doors = {f"Level {flat[-2]} Apt {flat[-1]}": flat for flat in FLATS}
    assert sure(FLATS, [*doors, "Level 1 Gym"]) == doors


def test_a_linen_store_on_a_storey_takes_the_storey_from_no_room() -> None:
    rooms = [f"Quarto {storey}{number}" for storey in (1, 2, 3) for number in (1, 2, 3)]
    doors = {f"Qto {room[-2:]} – {room[-2]}º andar": room for room in rooms}
    assert sure(rooms, [*doors, "Rouparia – 3º andar"]) == doors


def test_bedrooms_are_the_rooms_where_a_house_lets_rooms() -> None:
    rooms = [f"Room {number}" for number in range(1, 7)]
    doors = {f"Bedroom {number}": f"Room {number}" for number in range(1, 7)}
    assert sure(rooms, [*doors, "Bathroom 1", "Bathroom 2", "Kitchen"]) == doors


@pytest.mark.parametrize("kind", ["Apartment", "Suite", "Flat"])
def test_bedrooms_are_not_the_flats_of_those_numbers(kind: str) -> None:
    assert sure([f"{kind} {number}" for number in (1, 2, 3)], [f"Bedroom {number}" for number in (1, 2, 3)]) == {}


def test_a_bedroom_beside_the_other_rooms_own_doors_stays_a_question() -> None:
    rooms = [f"Room {number}" for number in range(101, 109)]
    doors = {room.split()[1]: room for room in rooms[1:]}
    assert sure(rooms, [*doors, "101 bedroom"]) == doors


def test_the_side_of_a_danish_stairway_is_no_ordinal() -> None:
    rooms = [f"Vesterbrogade 12, {storey}. {side}" for storey in (1, 2) for side in ("tv", "th")]
    rooms += [f"Istedgade 40, {storey}. {side}" for storey in (1, 3) for side in ("tv", "th")]
    doors = {f"{room[:4]} {room.split(',')[0][-2:]} {room[-5]}{room[-2:]}": room for room in rooms}
    assert sure(rooms, [*doors, "Istedgade port"]) == doors
