"""What rooms' names say behind what tells the rooms apart."""

import pytest

from lock_names.descriptions import without_descriptions
from tests.lock_names.test_propose import sure


@pytest.mark.parametrize(
    ("room", "left"),
    [
        ("Oak House - Room 5 (Full, ensuite)", "Oak House - Room 5"),
        ("0413 STDQ", "0413"),
        ("Villa Marija - Apartman 3 (A4+1) 1. kat", "Villa Marija - Apartman 3"),
        ("Privékamer 16 - 2 pers. gracht", "Privékamer 16"),
        ("11 Doppelzimmer Kaiserblick", "11"),
    ],
)
def test_a_description_of_which_no_lock_says_a_word_goes(room: str, left: str) -> None:
    assert without_descriptions([room, "Room 77"], ["77", "lobby"]) == [left, "Room 77"]


@pytest.mark.parametrize(
    ("room", "locks"),
    [
        ("Room 5 - Rose", ["Rose", "6"]),
        ("Room 5 - Rose", ["Rse 5", "6"]),
        ("307 - Junior Suite", ["307 JS"]),
        ("301 Dachzimmer", ["DG 301"]),
        ("Bungalow - De Das (nr. 2)", ["bungalow 2"]),
        ("Room 5 - Garden", ["5", "6"]),
        ("Room 5 - North", ["5", "6"]),
        ("Room 5 (Annexe)", ["5", "6"]),
        ("Room 5 (was 12)", ["5", "6"]),
        ("Room 5 Rose", ["5", "Lily 6"]),
        ("Historic Schoolhouse - One of a Kind", ["Schoolhouse"]),
    ],
)
def test_what_a_lock_says_or_where_the_room_is_stays(room: str, locks: list[str]) -> None:
    assert without_descriptions([room, "Room 6 Lily"], locks)[0] == room


def test_a_description_by_which_rooms_are_told_apart_stays() -> None:
    rooms = ["Dorm 1 - Mixed", "Dorm 1 - Blue", "Mill Lane 4, Cosy Loft", "Mill Lane 4, Cosy Loft, 2"]
    assert without_descriptions(rooms, ["4", "1"]) == rooms


def test_locks_that_say_none_of_the_rooms_descriptions_miss_nothing() -> None:
    beds = ("Queen, shared bath", "Full", "Twin XL", "King, bay window", "Full, private")
    rooms = [
        f"{house} House - Room {number} ({beds[number % 5]})" for house in ("Oak", "Elm") for number in range(1, 9)
    ]
    doors = {f"{room.split()[0]} - Rm {room.split()[4]}": room for room in rooms}
    assert sure(rooms, [*doors, "Oak - Front Door", "Elm - Laundry"]) == doors


def test_how_many_desks_an_office_has_is_no_number_of_it() -> None:
    desks = (4, 4, 6, 2, 2, 8)
    rooms = [f"Office {storey}0{at} ({desks[at - 1]} desks)" for storey in (2, 3) for at in range(1, 7)]
    assert without_descriptions(rooms, ["2F Office 2.01", "Kitchen"]) == [room.partition(" (")[0] for room in rooms]
    booths = ["Phone Booth 1", "Phone Booth 2", "Phone Booth 3", "Meeting Room Turing (8p)", "Meeting Room Curie (4p)"]
    doors = {f"{room[7]}F Office {room[7]}.{room[8:10]}": room for room in rooms}
    strays = ["GF Main Entrance", "2F Kitchen", "2F Stair Door", "2F MR Turing", "3F MR Curie"]
    found = sure([*rooms, *booths], [*doors, *strays, "2F Booth 1", "2F Booth 2", "3F Booth 3"])
    assert doors.items() <= found.items()


def test_what_numbers_the_rooms_or_says_a_storey_is_no_count() -> None:
    numbered = [f"Cabin {name} ({at} lake)" for at, name in enumerate(("A1", "B1", "C1", "D1"), 1)]
    assert without_descriptions(numbered, ["1", "2"]) == numbered
    storeys = [f"Room {name} ({at} floor)" for at, name in ((1, "A1"), (1, "B1"), (2, "C1"), (2, "D1"))]
    assert without_descriptions(storeys, ["1st floor A1", "2"]) == storeys


def test_beds_are_counted_in_two_languages() -> None:
    sizes = ((8, "mixed"), (8, "mixed"), (6, "female"), (6, "mixed"), (4, "mixed"), (4, "female"))
    privates = [
        "21 doble",
        "22 doble",
        "23 twin",
        "24 twin",
        "25 doble balcón",
        "31 doble",
        "32 triple",
        "33 familiar",
        "34 doble",
    ]
    dorms = [f"Dormitorio {at} - {size} bed {who}" for at, (size, who) in enumerate(sizes, 1)]
    rooms = [*dorms, *(f"Privada {private}" for private in privates)]
    doors = {f"Puerta Dorm {room[11]} ({room[15]} camas)": room for room in dorms}
    doors |= {f"Puerta Priv {private[:2]}": f"Privada {private}" for private in privates}
    assert sure(rooms, [*doors, "Puerta Calle", "Puerta Cocina"]) == doors
    # The fourth, or one with eight beds?
    swapped = [door.replace("4 (6", "4 (8") for door in doors]
    assert "Puerta Dorm 4 (8 camas)" not in sure(rooms, [*swapped, "Puerta Calle", "Puerta Cocina"])


def test_a_room_is_no_studio_of_the_same_number() -> None:
    houses = ("Šimun", "Marija")
    kinds = ("Soba", "Studio")
    rooms = [f"Kuća {house} - {kind} {number}" for house in houses for kind in kinds for number in (1, 2, 3)]
    doors = {f"{house} soba{number}": f"Kuća {house} - Soba {number}" for house in houses for number in (1, 2, 3)}
    assert sure(rooms, list(doors)).items() <= doors.items()
