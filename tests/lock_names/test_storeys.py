"""Storeys and buildings that locks say and rooms do not."""

import pytest

from lock_names.storeys import (
    without_codes_of_storeys,
    without_names_of_buildings,
    without_repeated_storeys,
    without_storeys,
)
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


@pytest.mark.parametrize("storeys", [("parter", "I p.", "II p."), ("p.t.", "p.1", "p.2"), ("P.T.", "P. 1", "P. 2")])
def test_a_storey_may_be_cut_short(storeys: tuple[str, ...]) -> None:
    rooms = [f"Pokój {number} - LUX" for number in range(1, 16)]
    doors = {f"P{at} {storeys[(at - 1) // 5]}": room for at, room in enumerate(rooms, 1)}
    assert sure(rooms, list(doors)) == doors
    names = ("Ulivo", "Fico", "Mandorlo", "Cedro", "Limone", "Gelso", "Mirto", "Alloro", "Pino")
    named = {f"{name} {storeys[at // 3]}": f"Camera {name} (Classic)" for at, name in enumerate(names)}
    assert sure(list(named.values()), list(named)) == named


COLONIAL = {f"Hab. {storey}{number:02}": storey for storey in (1, 2, 3) for number in range(1, 7)}
CODES = {1: "PB", 2: "PA", 3: "AZ"}


def _coded() -> dict[str, str]:
    return {f"{CODES[storey]}-{room[-3:]}": room for room, storey in COLONIAL.items()}


def test_a_code_of_each_storey_says_no_more_than_the_number_behind() -> None:
    assert sure(list(COLONIAL), [*_coded(), "PB-bodega", "Portón"]) == _coded()


@pytest.mark.parametrize(
    "locks",
    [
        pytest.param([door for door in _coded() if "PA" not in door], id="two storeys alone"),
        pytest.param([door.replace("AZ", "PA") for door in _coded()], id="one code of two storeys"),
        pytest.param([door.replace("PA-201", "PX-201") for door in _coded()], id="two codes of a storey"),
        pytest.param([door.replace("AZ-", "") for door in _coded()], id="a storey without"),
        pytest.param([*_coded(), "301"], id="a number again"),
        pytest.param([*_coded(), "AZ-309"], id="a number that is no room's"),
        pytest.param([door for door in _coded() if door[-1] in "123"], id="half of the rooms"),
    ],
)
def test_what_may_be_another_house_s_is_no_code_of_a_storey(locks: list[str]) -> None:
    names = {door: door for door in locks}
    assert without_codes_of_storeys(names, COLONIAL) == names


TYROLEAN = [f"{storey}{number} Doppelzimmer" for storey in range(1, 6) for number in range(1, 5)]


def _of_buildings(first: str, second: str) -> dict[str, str]:
    return {f"{first if room < '4' else second} Zi{room[:2]}": room for room in TYROLEAN}


@pytest.mark.parametrize(("first", "second"), [("Stammhaus", "Zubau"), ("Haupthaus", "Gästehaus"), ("Main", "Annex")])
def test_buildings_that_share_the_numbers_out_tell_nothing_where_all_locks_say_one(first: str, second: str) -> None:
    doors = _of_buildings(first, second)
    assert sure(TYROLEAN, [*doors, f"{first} Eingang"]) == doors


@pytest.mark.parametrize(
    "locks",
    [
        pytest.param([door.replace("Zubau ", "") for door in _of_buildings("Stammhaus", "Zubau")], id="one building"),
        pytest.param([*_of_buildings("Stammhaus", "Zubau"), "Zubau Zi12"], id="a number again"),
        pytest.param(list(_of_buildings("Stammhaus", "Zubau"))[3:], id="rooms without a lock"),
        pytest.param(
            [f"{'Stammhaus' if int(room[:2]) % 2 else 'Zubau'} {room[:2]}" for room in TYROLEAN], id="no stretches"
        ),
        pytest.param(list(_of_buildings("Linde", "Ahorn")), id="words that may be other houses"),
    ],
)
def test_buildings_stay_where_they_may_be_other_houses(locks: list[str]) -> None:
    names = {door: door for door in locks}
    assert without_names_of_buildings(names, TYROLEAN) == names


def test_a_storey_is_the_room_s_where_without_it_two_locks_say_the_same() -> None:
    doors = {f"Floor {storey} Room {letter}": f"Room {storey}{letter}" for storey in (1, 2, 3) for letter in "ABC"}
    assert sure(list(doors.values()), [*doors, "Floor 4 Room A", "Floor 1 Store"]) == doors
    left = list(doors.values())[:-3]
    annexe = [f"Annexe {door}" for door in list(doors)[-3:]]
    assert sure([*left, "Room 3A", "Room 3B", "Room 3C"], [*list(doors)[:-3], *annexe]) == dict(
        list(doors.items())[:-3]
    )


def test_a_storey_of_another_house_s_rooms_is_no_room_s() -> None:
    doors = [f"{storey} floor Room {letter}" for storey in (1, 2) for letter in "ABC"]
    assert not sure(["Room A", "Room B", "Room C"], doors)


def test_storeys_in_words_before_names_tell_nothing() -> None:
    names = ("Thistle", "Heather", "Bracken", "Gorse", "Bluebell", "Foxglove", "Primrose", "Cowslip", "Bramble")
    rooms = [f"{name} (Double)" for name in names]
    doors = {
        f"{('Ground', 'First', 'Second')[at % 3]} - {name} bedroom door": room
        for at, (name, room) in enumerate(zip(names, rooms, strict=True))
    }
    assert sure(rooms, [*doors, "First - Linen", "Ground - Kitchen"]) == doors


def test_a_second_door_behind_a_name_is_no_storey() -> None:
    rooms = ["Thistle", "Heather", "Bracken", "Gorse"]
    assert sure(rooms, [*rooms, "Thistle second door", "Gorse second door"]) == {room: room for room in rooms}
