"""Numbers in words, where a whole house counts in them."""

import pytest

from lock_names.counting import with_counted
from lock_names.typecodes import without_type_codes, without_typologies
from tests.lock_names.test_numberings import sure

SWEDISH = ["ett", "två", "tre", "fyra", "fem", "sex", "sju", "åtta", "nio", "tio", "elva", "tolv", "tjugoett"]
TURKISH = ["bir", "iki", "üç", "dört", "beş", "altı", "yedi", "sekiz", "dokuz", "on", "onbir", "oniki", "yirmibir"]
FINNISH = [
    "yksi",
    "kaksi",
    "kolme",
    "neljä",
    "viisi",
    "kuusi",
    "seitsemän",
    "kahdeksan",
    "yhdeksän",
    "kymmenen",
    "yksitoista",
    "kaksitoista",
    "kaksikymmentäyksi",
]
VALUES = [*range(1, 13), 21]


@pytest.mark.parametrize("words", [SWEDISH, TURKISH, FINNISH])
def test_rooms_that_are_counted_in_words_are_the_locks_with_these_numbers(words: list[str]) -> None:
    rooms = [f"Stuga {word.title()}" for word in words]
    locks = [f"Cabin {value:02}" for value in VALUES]
    assert sure(rooms, locks) == dict(zip(locks, rooms, strict=True))


def test_locks_may_say_storey_and_door_by_ordinals() -> None:
    floors = ("primero", "segundo", "tercero", "cuarto")
    doors = ("primera", "segunda", "tercera")
    flats = [(street, floor, door) for street in ("Aragó", "Valencia") for floor in range(1, 5) for door in range(1, 4)]
    rooms = [f"C/ {street} 88, {floor}º {door}ª" for street, floor, door in flats]
    locks = [f"{street}_{floors[floor - 1]}_{doors[door - 1]}" for street, floor, door in flats]
    assert sure(rooms, locks) == dict(zip(locks, rooms, strict=True))


def test_a_slip_in_such_a_word_is_understood_where_no_other_number_is_near() -> None:
    names = {word: f"Valencia {word}" for word in ("primero", "segndo", "tercero", "cuarto", "quinto")}
    assert with_counted(names)["segndo"] == "Valencia 2"


@pytest.mark.parametrize(
    "names",
    [
        ["Sex", "Fem Rum", "Amsel", "Drossel", "Fink", "Star"],
        ["Quarto Azul", "Quarto Verde", "Quarto Rosa", "Quarto Branco"],
        ["Stuga 1 ett", "Stuga 2 två", "Stuga 3 tre", "Stuga 4 fyra"],
    ],
)
def test_words_of_a_few_names_or_of_all_or_beside_digits_are_no_numbers(names: list[str]) -> None:
    given = {name: name for name in names}
    assert with_counted(given) == given


def test_a_code_by_which_rooms_are_sold_is_none_of_a_room_s_numbers() -> None:
    rooms = [f"{kind} {number}" for number, kind in zip(range(101, 113), ["NQQ2", "SNK1", "NK1"] * 4, strict=True)]
    locks = [f"Rm {number}" for number in range(101, 113)]
    assert without_type_codes(rooms, locks) == [str(number) for number in range(101, 113)]
    assert sure(rooms, locks) == dict(zip(locks, rooms, strict=True))


@pytest.mark.parametrize(
    "locks", [["NQQ2 101", "SNK1 102"], ["NQQ2 door"]], ids=["the locks say it too", "a lock is called by it"]
)
def test_a_code_that_a_lock_says_stays(locks: list[str]) -> None:
    rooms = [f"{kind} {number}" for number, kind in zip(range(101, 113), ["NQQ2", "SNK1", "NK1"] * 4, strict=True)]
    assert without_type_codes(rooms, locks) == rooms


def test_a_code_without_which_rooms_share_a_number_stays() -> None:
    rooms = [f"{block}{number}" for block in ("AV1 ", "AV2 ", "AV3 ") for number in range(1, 5)]
    assert without_type_codes(rooms, []) == rooms


def test_how_many_rooms_a_flat_has_goes_where_no_lock_says_it() -> None:
    rooms = ["T3 Pâquier", "T2 Les Cygnes A12", "T1 bis Rue Royale 8", "T2 Rue Royale 8 bis", "Chalet Tournette"]
    bare = ["Pâquier", "Les Cygnes A12", "Rue Royale 8", "Rue Royale 8 bis", "Chalet Tournette"]
    assert without_typologies(rooms, ["Paquier", "Royale 8"]) == bare
    assert without_typologies(rooms, ["T3 Paquier"]) == rooms
    assert without_typologies(rooms, ["Tower 2 - 8"]) == rooms
    assert without_typologies([*rooms, "T4 Pâquier"], ["Paquier"]) == [*rooms, "T4 Pâquier"]
