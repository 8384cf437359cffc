"""What all locks of one family of rooms say behind the number of where these are."""

import pytest

from lock_names.places import without_places_behind
from tests.lock_names.test_propose import sure

OTHERS = {"Trullo Grande": "Trullo Grande", "Trullo Piccolo": "Trullo Piccolo", "SUITE TORRE": "Suite della Torre"}
LAMIE = {f"LAMIA {number} {'giardino' if number < 4 else 'piscina'}": f"Lamia {number}" for number in range(1, 7)}
TENTS = {"RT": ("Riverside Tent", "river path", 6), "HT": ("Hilltop Tent", "hill path", 7)}


def _tents() -> dict[str, str]:
    return {
        f"{code}{number} ({path})": f"{tent} {number}"
        for code, (tent, path, count) in TENTS.items()
        for number in range(1, count + 1)
    }


def test_one_of_several_places_behind_each_number_of_a_family_says_where_the_room_is() -> None:
    doors = LAMIE | OTHERS
    assert sure(list(doors.values()), [*doors, "PISCINA cancello", "SPA"]) == doors


def test_what_each_family_has_behind_its_numbers_says_no_more_than_its_own_word() -> None:
    doors = _tents() | {f"Banda No. {number}": f"Banda {number}" for number in range(1, 6)}
    assert sure(list(doors.values()), [*doors, "Askari post"]) == doors


def test_a_bath_behind_a_letter_and_a_stroke_is_no_part_of_the_name() -> None:
    doors = {f"Priv{number} b/{'privado' if number < 4 else 'comp'}": f"Private {number}" for number in range(1, 7)}
    doors |= {f"Pod-{number:02}": f"Pod {number}" for number in range(1, 7)}
    assert sure(list(doors.values()), list(doors)) == doors


@pytest.mark.parametrize(
    "locks",
    [
        pytest.param(list(LAMIE)[1:], id="a room without a lock"),
        pytest.param([*LAMIE, "LAMIA 2"], id="a room with two"),
        pytest.param(["LAMIA 1", *list(LAMIE)[1:]], id="a lock without"),
        pytest.param([lock.replace("piscina", "giardino") for lock in LAMIE], id="second doors of all"),
        pytest.param([lock.replace("piscina", "safe") for lock in LAMIE], id="no place"),
        pytest.param([lock.replace("piscina", "Kapelle") for lock in LAMIE], id="a word that may be an annex's"),
        pytest.param([lock.replace("piscina", "annexe") for lock in LAMIE], id="an annex"),
        pytest.param([lock.replace("LAMIA", "VILLA") for lock in LAMIE], id="another family"),
        pytest.param([lock for lock in _tents() if lock.startswith("RT")], id="one family alone"),
        pytest.param([f"{lock[:3]} (path)" for lock in _tents()], id="the same behind all"),
        pytest.param([lock.replace("hill path", "safe") for lock in _tents()], id="something else than a room"),
    ],
)
def test_what_may_be_another_door_or_house_stays(locks: list[str]) -> None:
    names = {lock: lock for lock in locks}
    assert without_places_behind(names, [*LAMIE.values(), *_tents().values()]) == names


@pytest.mark.parametrize(
    ("lock", "room", "sides"),
    [
        pytest.param("{storey} {word}", "{storey}º{letter}", {"Esq": "E", "Dto": "D"}, id="Portuguese"),
        pytest.param("{storey}º {word}", "{storey}º {letter}", {"Izq": "I", "Dcha": "D"}, id="Spanish"),
        pytest.param("{storey}e {word}", "{storey}{letter}", {"gauche": "G", "droite": "D"}, id="French"),
        pytest.param("{storey} {word}", "{storey}{letter}", {"Ouest": "W", "Est": "E"}, id="letters in English"),
    ],
)
def test_the_first_letter_of_a_side_is_that_side(lock: str, room: str, sides: dict[str, str]) -> None:
    doors = {
        lock.format(storey=storey, word=word): room.format(storey=storey, letter=letter)
        for storey in range(1, 5)
        for word, letter in sides.items()
    }
    assert sure(list(doors.values()), list(doors)) == doors


def test_letters_that_are_of_no_side_are_guessed_for_none() -> None:
    rooms = [f"{storey}º{letter}" for storey in range(1, 5) for letter in "AB"]
    assert sure(rooms, [f"{storey} {word}" for storey in range(1, 5) for word in ("Izq", "Der")]) == {}


def test_what_each_lock_has_for_front_door_says_nothing() -> None:
    doors = {f"Flat {number} FD": f"Flat {number}" for number in range(1, 9)}
    assert sure(list(doors.values()), list(doors)) == doors
