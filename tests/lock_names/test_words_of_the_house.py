"""What the locks of a whole house say besides the room, and what a part of them says."""

import pytest

from tests.lock_names.test_propose import sure

POETS = ("Hugo", "Musset", "Villon", "Ronsard", "Char", "Ponge", "Desnos", "Aragon")


def test_first_letters_of_people_say_nothing_beside_the_name_of_one_room() -> None:
    doors = {f"{letter}. {name}": f"Chambre {name} - Double" for letter, name in zip("VAF", POETS, strict=False)}
    doors |= {name: f"Chambre {name} - Double" for name in POETS[3:]}
    assert sure(doors.values(), [*doors, "Porte cour"]) == doors


HERBS = ("Ulivo", "Girasole", "Lavanda", "Salvia", "Ginestra", "Glicine", "Malva", "Timo")
ENDS = ("a41f", "0c9e", "77b2", "e1d0", "5f18", "d86a", "40e5", "9a2d")


def test_what_locks_have_behind_a_name_as_nobody_counts_is_a_serial_number() -> None:
    doors = {f"{name.upper()}_{end}": f"Camera {name}" for name, end in zip(HERBS, ENDS, strict=True)}
    assert sure(doors.values(), [*doors, "PISCINA_d40a"]) == doors


STAIRS = {
    f"Escalera {stairs} Planta {floor} Puerta {door}": f"Studio {stairs}{floor}.{door:02}"
    for stairs in "AB"
    for floor in range(3)
    for door in (1, 2)
}


def test_a_staircase_that_most_locks_say_is_where_the_rooms_are() -> None:
    assert sure(STAIRS.values(), [*STAIRS, "Portal Escalera A", "Terraza"]) == STAIRS


def test_locks_that_say_a_staircase_and_its_number_alone_are_nobody_s() -> None:
    assert not sure([f"Studio {number}" for number in range(1, 9)], [f"Escalera {number}" for number in range(1, 9)])


def test_a_letter_that_all_locks_with_a_number_have_tells_nothing() -> None:
    beds = {f"{dorm} L{bed}": f"Dorm {dorm} / Bed {bed}" for dorm in ("Ruby", "Opal") for bed in range(1, 7)}
    rooms = {name: f"Private {name}" for name in ("Amber", "Topaz", "Onyx", "Coral", "Beryl", "Pearl")}
    assert sure([*beds.values(), *rooms.values()], [*beds, *rooms, "Ruby door"]) == beds | rooms


def test_a_word_for_a_cabin_is_the_end_of_the_house_s_own_word_for_it() -> None:
    cabins = {f"Hytte {at}{letter} inngang": f"Fjellhytta {at}{letter}" for at in (4, 5, 6) for letter in "AB"}
    flats = {f"Toppen {at}": f"Toppen leil. {at}" for at in (101, 102, 201, 202)}
    assert sure([*cabins.values(), *flats.values()], [*cabins, *flats, "Hytte 4 bod"]) == cabins | flats


PARK = {
    f"{street} {number}": f"{kind} {sleeps}p - {number}"
    for street, numbers, kind, sleeps in (
        ("Duinlaan", range(101, 106), "Zeehond", 6),
        ("Duinlaan", range(110, 114), "Bruinvis", 4),
        ("Helmpad", range(201, 206), "Tureluur", 8),
        ("Strandweg", range(301, 305), "Kluut", 10),
    )
    for number in numbers
}


def test_streets_that_share_the_numbers_out_tell_nothing_where_all_locks_say_one() -> None:
    assert sure(PARK.values(), [*PARK, "Slagboom", "Sanitair Helmpad"]) == PARK


@pytest.mark.parametrize(
    "locks",
    [
        [*PARK][1:-2],
        [*PARK, "Zeeweg 101"],
        [*PARK, "102"],
        [name.removeprefix("Strandweg ") for name in PARK],
    ],
)
def test_streets_may_be_other_houses_where_a_number_is_missing_or_said_twice_or_bare(locks: list[str]) -> None:
    assert not sure(PARK.values(), locks).keys() & PARK.keys()


@pytest.mark.parametrize("word", ["portail", "gate", "cancello", "portón", "Gartentor"])
def test_the_gate_of_a_villa_is_not_its_door(word: str) -> None:
    doors = {f"Villa {name}": f"Villa {name}" for name in POETS[1:]}
    assert sure(["Villa Hugo", *doors.values()], [*doors, f"Villa Hugo {word}"]) == doors
