"""Words of locks for a part of the house or a type of room, where the rooms have other words for it."""

import pytest

from lock_names.parts import (
    with_parts_for_letters,
    with_words_of_rooms,
    without_first_words,
    without_house_numbers,
)
from tests.lock_names.test_propose import sure

WINGS = {"N": ("Nordfløj", 8), "S": ("Sydfløj", 6), "Ø": ("Oestfloej", 7), "H": ("Hovedhus", 4)}


def test_a_wing_is_the_letter_that_it_begins_with_where_the_numbers_are_just_that_wing_s() -> None:
    doors = {
        f"{wing} vær. {number}": f"{letter}{number:02} Dobbelt"
        for letter, (wing, rooms) in WINGS.items()
        for number in range(1, rooms + 1)
    }
    assert sure(list(doors.values()), [*doors, "Depot 1", "Nordfløj dør"]) == doors


def test_codes_and_ends_of_words_are_the_rooms_words() -> None:
    kinds = {"Vh rum": ("Vandrarhem rum", 8), "St": ("Stuga", 9), "Hytt": ("Campinghytt", 6)}
    doors = {
        f"{code} {number}": f"{kind} {number}"
        for code, (kind, rooms) in kinds.items()
        for number in range(1, rooms + 1)
    }
    assert sure(list(doors.values()), [*doors, "Bastu", "Vh entré"]) == doors


def test_another_house_with_the_same_first_letter_stays_a_question() -> None:
    doors = {f"{side}fløj vær. {number}": f"{side[0]}{number:02}" for side in ("Nord", "Syd") for number in range(1, 9)}
    others = [f"Niels hus vær. {number}" for number in range(1, 9)]
    left = [door for door in doors if not door.startswith("Nord")]
    assert sure(list(doors.values()), [*doors, *others]).items() <= doors.items()
    # Fewer of its numbers than the wing has.
    assert not any(door in others for door in sure(list(doors.values()), [*left, *others[:5]]))


def test_two_ways_of_writing_in_one_account_are_one_where_together_they_say_all_rooms() -> None:
    doors = {f"Pokoj {number}" if number < 9 else f"p{number}": f"Pokoj č. {number}" for number in range(1, 21)}
    assert sure(list(doors.values()), [*doors, "Sklep"]) == doors
    flats = {
        f"{'byt' if storey < 3 else 'b.'} {storey}0{number}": f"{storey}.0{number} Studio"
        for storey in range(1, 6)
        for number in range(1, 5)
    }
    assert sure(list(flats.values()), list(flats)) == flats


@pytest.mark.parametrize(
    "locks",
    [
        pytest.param(["Orchard 1", "Orchard 2", "Orchard 3"], id="no word like it"),
        pytest.param(["Gate 1", "Gate 2", "Gate 3"], id="a word for no room"),
        pytest.param(["Gart 1", "Gart 2", "Gart 9"], id="other numbers"),
        pytest.param(["Gart 1", "Gart 2", "Gart 3", "Garten 1", "Garten 2", "Garten 3"], id="the word itself too"),
    ],
)
def test_what_the_numbers_or_the_word_do_not_prove_stays_as_it_is(locks: list[str]) -> None:
    names = {lock: lock for lock in locks}
    assert with_words_of_rooms(names, ["Garten 1", "Garten 2", "Garten 3", "Hof 1", "Hof 2"]) == names


def _with_labels(label: str) -> dict[str, str]:
    houses = {"A": 7, "B": 8, "C": 6}
    return {
        f"{label if house != 'C' else ''} {house} - Apartman {number}".strip(): f"{house}{number} Apartment"
        for house, rooms in houses.items()
        for number in range(1, rooms + 1)
    }


def test_what_half_of_the_locks_say_before_the_letters_of_the_rooms_is_a_word_for_such_a_part() -> None:
    doors = _with_labels("Kuća")
    assert sure(list(doors.values()), [*doors, "Kuća A - ulaz"]) == doors


def test_it_is_none_where_a_part_of_the_locks_with_that_letter_has_it() -> None:
    doors = _with_labels("")
    others = {door.replace("A - ", "Orchard A - "): room for door, room in doors.items() if door in [*doors][3:7]}
    left = [door for door in doors if door not in [*doors][3:7]]
    assert not sure(list(doors.values()), [*left, *others]).keys() & others.keys()


def test_the_first_word_of_all_locks_says_nothing_but_in_an_account_that_may_be_an_annex_s() -> None:
    names = {f"{at}": f"PRL {at}" for at in range(1, 25)}
    rooms = [f"{at}" for at in range(1, 25)]
    assert without_first_words(names, rooms) == {at: f" {at}" for at in names}
    assert without_first_words(names, [f"{at}" for at in range(1, 60)]) == names


MAIN = [11, 12, 14, 15, 16, 21, 22, 23, 31, 32, 33]
GARDEN = [11, 12, 14, 15, 21, 22, 23, 24, 25]
BUILDINGS = [*(f"Main Building {number}" for number in MAIN), *(f"Garden Wing {number}" for number in GARDEN)]


def _lettered(main: list[int], garden: list[int], letters: str = "AB") -> dict[str, str]:
    return {f"{letters[0]}-{number}": f"Main Building {number}" for number in main} | {
        f"{letters[1]}-{number}{' gdn' * (number % 2)}": f"Garden Wing {number}" for number in garden
    }


@pytest.mark.parametrize("letters", ["AB", "BA", "XQ"])
def test_a_letter_in_no_language_is_the_part_of_which_it_has_just_the_numbers(letters: str) -> None:
    doors = _lettered(MAIN, GARDEN, letters)
    assert sure(BUILDINGS, [*doors, f"{letters[0]}-Kitchen", f"{letters[1]}-Front door gdn"]) == doors


def test_it_is_where_the_other_locks_say_the_part_itself() -> None:
    doors = _lettered([number for number in MAIN if number not in (12, 32)], GARDEN[1:])
    doors |= {"Main bldg 32": "Main Building 32", "Main 12": "Main Building 12", "Garden 11": "Garden Wing 11"}
    assert sure(BUILDINGS, list(doors)) == doors


def test_a_room_without_a_number_is_the_one_of_its_letter_s_part() -> None:
    doors = {**_lettered(MAIN, GARDEN), "B-Loft gdn": "Garden Wing Loft", "A-Attic": "Main Building Attic"}
    assert sure([*BUILDINGS, "Garden Wing Loft", "Main Building Attic"], [*doors, "A-Lobby", "B-Attic store"]) == doors


@pytest.mark.parametrize(
    "locks",
    [
        pytest.param([f"{letter}-{number}" for letter in "AB" for number in GARDEN], id="the same numbers"),
        pytest.param(list(_lettered(MAIN[:-2], GARDEN)), id="some have no lock"),
        pytest.param([*_lettered(MAIN, GARDEN), *(f"C-{number}" for number in MAIN[:4])], id="an annex's letter"),
        pytest.param(
            [*_lettered([], GARDEN, "XB"), *(f"Main {number}" for number in MAIN)], id="the other part says its name"
        ),
        pytest.param([*_lettered(MAIN, GARDEN), "B-26", "B-27"], id="numbers of no room"),
        pytest.param([*_lettered(MAIN, GARDEN), "Main 11"], id="a room again"),
    ],
)
def test_what_the_numbers_of_letters_do_not_prove_stays(locks: list[str]) -> None:
    names = {lock: lock for lock in locks}
    assert with_parts_for_letters(names, BUILDINGS) == names


def test_numbers_that_the_other_part_has_too_prove_nothing() -> None:
    rooms = [*(f"Main Building {number}" for number in GARDEN), *(f"Garden Wing {number}" for number in GARDEN[:-2])]
    names = {lock: lock for lock in _lettered(GARDEN, GARDEN[:-2])}
    assert with_parts_for_letters(names, rooms) == names


STREETS = {"Valencia": "1482", "Oak": "617", "Temescal": "4920"}
LET = [f"{street} House - Room {number}" for street in STREETS for number in range(1, 8)]


def _with_house_numbers() -> dict[str, str]:
    return {f"{STREETS[room.split()[0]]} {room.split()[0]} - {room[-1]}": room for room in LET}


def test_the_number_of_a_house_beside_its_street_is_no_room_s() -> None:
    doors = _with_house_numbers()
    assert sure(LET, [*doors, "617 Oak - Front Door", "1482 Valencia - Laundry"]) == doors


@pytest.mark.parametrize(
    "locks",
    [
        pytest.param(["617 Oak - 1", "617 Oak - 2", "619 Oak - 3", "617 Oak - 4"], id="two houses of a street"),
        pytest.param(["617 Oak - 1", "617 Oak - 2", "617 Oak - 3", "Oak - 4"], id="one without"),
        pytest.param(["617 Oak - 1", "617 Oak - 2"], id="two alone"),
        pytest.param(["617 Elm - 1", "617 Elm - 2", "617 Elm - 3"], id="a street that no room says"),
        pytest.param(["617 House - 1", "617 House - 2", "617 House - 3"], id="a word for a house"),
    ],
)
def test_a_number_that_may_be_another_house_s_stays(locks: list[str]) -> None:
    names = {door: door for door in locks}
    assert without_house_numbers(names, LET) == names


def test_a_letter_is_the_end_of_a_word_for_a_room_where_the_numbers_are_just_those() -> None:
    rooms = [f"Privékamer {number}" for number in (11, 12, 14, 15, 16)] + [f"Zaal {bed}" for bed in range(1, 8)]
    doors = {room.replace("Privékamer ", "K"): room for room in rooms}
    assert sure(rooms, list(doors)) == doors
