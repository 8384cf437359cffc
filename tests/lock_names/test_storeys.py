"""Storeys and buildings that locks say and rooms do not."""

import pytest

from lock_names.storeys import without_repeated_storeys, without_storeys
from tests.lock_names.test_propose import sure

POLISH = {f"Pokój {storey}{number}": storey for storey in (1, 2, 3) for number in range(1, 8)}
STOREYS = {1: "Parter", 2: "1 piętro", 3: "2 pietro"}


def test_a_storey_beside_a_number_that_is_one_room_s_alone_is_no_part_of_it() -> None:
    doors = {f"{STOREYS[storey]} {room[-2:]}": room for room, storey in POLISH.items()}
    assert sure(list(POLISH), [*doors, "1 piętro pralnia"]) == doors


def test_it_is_where_higher_storeys_have_lower_numbers() -> None:
    doors = {room: f"{STOREYS[1 + int(room[-1]) % 3]} {room[-2:]}" for room in POLISH}
    assert without_storeys(doors, POLISH) == doors


def test_an_annex_with_a_storey_stays_a_question() -> None:
    rooms = list(POLISH)
    doors = {f"{STOREYS[storey]} {room[-2:]}": room for room, storey in POLISH.items()}
    left = {door: room for door, room in doors.items() if room not in rooms[3:7]}
    found = sure(rooms, [*left, *(f"Orchard {door}" for door, room in doors.items() if room in rooms[3:7])])
    assert found == left


@pytest.mark.parametrize("write", ["{number} {name} {storey}e verd", "{storey}F {name}", "{name}, {storey}. OG"])
def test_a_storey_beside_a_name_tells_nothing(write: str) -> None:
    names = ("Appel", "Maris", "Escher", "Mesdag", "Toorop", "Breitner", "Dumas", "Leyster", "Sluyters")
    rooms = {at: f"{name} ({at})" if "number" in write else name for at, name in enumerate(names, 1)}
    doors = {write.format(number=at, name=names[at - 1], storey=1 + (at - 1) // 3): room for at, room in rooms.items()}
    assert sure(list(rooms.values()), list(doors)) == doors


def test_numbers_that_no_two_buildings_have_are_the_rooms_whatever_building_the_locks_say() -> None:
    rooms = [f"#{building}{number} King" for building in (11, 12, 13) for number in range(7)]
    doors = {f"Bldg {room[2]} - {room[1:4]}": room for room in rooms}
    assert sure(rooms, list(doors)) == doors


def test_a_building_that_only_a_part_of_the_locks_says_may_be_another_one() -> None:
    rooms = [f"#{building}{number} King" for building in (11, 12, 13) for number in range(7)]
    doors = {(f"Bldg 3 - {room[1:4]}" if room[2] == "3" else room[1:4]): room for room in rooms}
    assert {door for door in sure(rooms, list(doors)) if door.startswith("Bldg")} == set()


def test_a_letter_f_is_no_storey_beside_other_letters() -> None:
    rooms = [f"Rua da Rosa {number}{letter}" for number in (1, 2, 3) for letter in "DEF"]
    doors = {f"Rosa {room[-2:]}": room for room in rooms}
    assert sure(rooms, list(doors)) == doors


NORDIC = {f"Rom {storey}{number:02} Dobbelt": storey for storey in (1, 2, 3) for number in range(1, 7)}


@pytest.mark.parametrize("word", ["etg", "nonsuch", "sinzu"])
def test_a_storey_that_the_number_says_again_is_none_in_whatever_word(word: str) -> None:
    doors = {
        f"{storey}.{word if number != '204' else word[:-2] + word[-1] + word[-2]} {number}"
        if storey < 3
        else f"rom {number}": room
        for room, storey in NORDIC.items()
        if (number := room.split()[1])
    }
    assert sure(list(NORDIC), [*doors, f"1.{word} lager"]) == doors


@pytest.mark.parametrize(
    "locks",
    [
        pytest.param([f"{1 + at % 2}.Orchard {room.split()[1]}" for at, room in enumerate(NORDIC)], id="other storeys"),
        pytest.param([f"2.Orchard {room.split()[1]}" for room in NORDIC if room[4] == "2"], id="one storey"),
        pytest.param(
            [lock for room in NORDIC for lock in (room, f"{room[4]}.Orchard {room.split()[1]}")], id="rooms again"
        ),
        pytest.param(
            [f"{room[4]}.Orchard {room.split()[1]}" if room[5:7] == "01" else room for room in NORDIC],
            id="as few as of an annex",
        ),
    ],
)
def test_a_number_that_may_be_a_building_s_stays(locks: list[str]) -> None:
    names = {lock: lock for lock in locks}
    assert without_repeated_storeys(names, list(NORDIC)) == names
