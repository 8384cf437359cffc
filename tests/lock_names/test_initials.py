"""First letters of what rooms are called."""

import pytest

from lock_names.initials import with_initials_spelled_out
from tests.lock_names.test_propose import sure

FLATS = [f"{house} Baker Street - {storey} Floor Flat" for house in (12, 14) for storey in ("Ground", "First", "Top")]


def test_several_words_first_letters_are_the_words() -> None:
    doors = {f"Baker {flat[:2]} {flat.split(' - ')[1][0]}FF": flat for flat in FLATS}
    assert sure(FLATS, [*doors, "Baker 12 communal"]) == doors


@pytest.mark.parametrize(
    "locks",
    [
        ["GFF"],  # One alone may be whatever.
        ["BS 12", "BS 14"],  # Two words only.
        ["GFX", "TFX"],
    ],
)
def test_other_letters_stay_as_they_are(locks: list[str]) -> None:
    names = {lock: lock for lock in locks}
    assert with_initials_spelled_out(names, FLATS) == names


def test_letters_of_two_different_parts_tell_nothing() -> None:
    rooms = ["First Floor Front", "First Floor Flat", "Top Floor Flat", "Ground Floor Flat"]
    names = {"FFF": "FFF", "TFF": "TFF", "GFF": "GFF"}
    found = with_initials_spelled_out(names, rooms)
    assert found["FFF"] == "FFF"
    assert found["TFF"].split() == ["top", "floor", "flat"]


def test_a_word_of_the_rooms_own_is_not_spelled_out() -> None:
    rooms = ["TFF Suite", "Top Floor Flat", "Ground Floor Flat"]
    names = {"1": "TFF", "2": "GFF", "3": "TFF Suite"}
    assert with_initials_spelled_out(names, rooms) == names


HOSTEL = {
    **{f"P{number}": f"Private {number} (twin)" for number in (3, 5, 6, 13)},
    **{f"PRIV {number}": f"Private {number} (twin)" for number in (2, 7, 11)},
    **{f"D-{number:02}": f"Dorm {number} (8-bed mixed)" for number in (2, 4, 7)},
    **{f"dormitory {number}": f"Dorm {number} (8-bed mixed)" for number in (1, 3, 5)},
}


def test_the_first_letter_of_what_rooms_are_called_stands_for_it() -> None:
    assert sure(list(HOSTEL.values()), [*HOSTEL, "Kitchen", "Shower 1"]) == HOSTEL


def test_a_letter_is_the_cabins_where_the_lock_says_the_cabins_name_as_well() -> None:
    animals = {2: "Badger", 17: "Curlew", 21: "Magpie"}
    doors = {f"C{number} {name}": f"Cabin {number} - {name}" for number, name in animals.items()}
    doors |= {f"Cabin {number}": f"Cabin {number} - {name}" for number, name in {1: "Fox", 6: "Owl", 9: "Wren"}.items()}
    doors |= {"otter lodge": "Otter (Cabin 3)", "The Heron": "Heron (Cabin 7)"}
    assert sure(list(doors.values()), list(doors)) == doors


@pytest.mark.parametrize(
    "locks",
    [
        pytest.param([*HOSTEL, "P2"], id="a parking space whose number a room has"),
        pytest.param([*HOSTEL, "P99"], id="a number that no room has"),
    ],
)
def test_letters_that_may_be_something_else_stand_for_no_room(locks: list[str]) -> None:
    lettered = {lock for lock in HOSTEL if lock.startswith("P") and not lock.startswith("PRIV")}
    assert not lettered & sure(list(HOSTEL.values()), locks).keys()


def test_first_letters_with_dots_are_those_without() -> None:
    doors = {f"H.H. Room {number}": f"Harbour House {number}" for number in (107, 204, 301)}
    doors |= {f"HH {number}": f"Harbour House {number}" for number in (101, 102, 303)}
    doors |= {f"Harbour House - {number}": f"Harbour House {number}" for number in (103, 104)}
    assert sure(list(doors.values()), [*doors, "GP 102", "Garden Palace - 101"]) == doors
