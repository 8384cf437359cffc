"""Words that are mistyped, numbers in words and letters for noughts."""

import pytest

from lock_names.mistyping import corrected
from lock_names.numerals import value_of, with_plain_numerals
from lock_names.propose import propose
from lock_names.read import NamedDoor, NamedRoom

ROOMS = [f"{floor}{number:02}" for floor in (1, 2) for number in range(1, 21)]


def sure(rooms: list[str], doors: list[str]) -> dict[str, str]:
    """Rooms by the names of the doors that are sure."""
    named = [NamedDoor(f"{at}", door) for at, door in enumerate(doors)]
    found = propose([NamedRoom(room, room) for room in rooms], named, {})
    return {doors[int(one.door_id)]: one.room_key or "" for one in found if one.sure}


@pytest.mark.parametrize("slip", ["voordeug", "vordeur", "voordeeur", "voodreur"])
def test_one_slip_of_a_word_that_other_locks_have_is_understood(slip: str) -> None:
    doors = [f"voordeur {room}" for room in ROOMS[:-1]] + [f"{slip} {ROOMS[-1]}"]
    assert sure(ROOMS, doors) == dict(zip(doors, ROOMS, strict=True))


def test_a_lock_that_is_written_as_it_should_be_goes_before_a_mistyped_one() -> None:
    doors = [f"voordeur {room}" for room in ROOMS] + [f"voordeug {ROOMS[-1]}"]
    assert sure(ROOMS, doors) == dict(zip(doors, ROOMS, strict=False))


def test_two_of_three_letters_in_the_wrong_order_are_at_one_lock_a_slip() -> None:
    doors = {f"{'Apt' if at else 'Atp'} {room}": room for at, room in enumerate(ROOMS)}
    assert sure(ROOMS, list(doors)) == doors
    of_several = {f"{at}": f"{'Apt' if at > 1 else 'Atp'} {room}" for at, room in enumerate(ROOMS)}
    assert corrected(of_several, set()) == {}
    assert corrected({f"{at}": name for at, name in enumerate(["apt"] * 3 + ["atp"])}, {"atp"}) == {}
    assert corrected({f"{at}": name for at, name in enumerate(["apt"] * 3 + ["tap"])}, set()) == {}


def test_a_slip_is_one_though_a_word_stands_behind_its_first_letter() -> None:
    # "alt" is a word of ours.
    assert corrected({f"{at}": name for at, name in enumerate(["flat"] * 3 + ["falt"])}, set()) == {"3": "flat"}


@pytest.mark.parametrize("slip", ["Romm", "Rooom", "Zimemr", "Zimmr", "Appartemnt", "Habitacin"])
def test_a_word_for_a_room_is_understood_where_no_other_lock_has_it(slip: str) -> None:
    doors = {f"{'Rm' if at else slip} {room}": f"Unit {room}" for at, room in enumerate(ROOMS)}
    assert sure(list(doors.values()), list(doors)) == doors


@pytest.mark.parametrize("name", ["Roos", "Boom", "Simmer", "Unix", "Float"])
def test_a_word_that_is_like_one_for_a_room_may_be_a_house_s_name(name: str) -> None:
    names = {f"{at}": f"{'Rm' if at else name} {room}" for at, room in enumerate(ROOMS)}
    assert corrected(names, set()) == {}


def test_what_may_be_two_words_is_not_corrected() -> None:
    names = {f"{at}": name for at, name in enumerate(["north"] * 3 + ["worth"] * 3 + ["dorth"])}
    assert corrected(names, set()) == {}
    assert corrected(names | {"7": "norrth"}, set()) == {"7": "north"}


def test_a_word_of_what_is_no_room_is_not_corrected_to_a_rooms() -> None:
    names = {f"{at}": "lockets" for at in range(3)} | {"3": "lockes"}
    assert corrected(names, set()) == {}


def test_numbers_are_never_corrected() -> None:
    assert sure(ROOMS, [*ROOMS[:-1], "221"]) == {room: room for room in ROOMS[:-1]}


@pytest.mark.parametrize(
    ("words", "number"),
    [
        ("twenty one", 21),
        ("einundzwanzig", 21),
        ("quatre vingt dix", 90),
        ("soixante et onze", 71),
        ("treinta y dos", 32),
        ("ventuno", 21),
        ("eenentwintig", 21),
        ("vinte e um", 21),
        ("one hundred four", 104),
        ("un", None),
        ("ten one", None),
        ("oak", None),
    ],
)
def test_numbers_are_read_from_words(words: str, number: int | None) -> None:
    assert value_of(words.split()) == number


def test_words_are_numbers_only_in_names_without_digits() -> None:
    assert with_plain_numerals("Cottage Twenty-one door") == "Cottage 21 door"
    assert with_plain_numerals("Hotel One 101") == "Hotel One 101"


def test_a_letter_between_digits_is_a_nought() -> None:
    doors = [f"{room[0]}O{room[2]}" if room[1] == "0" else room for room in ROOMS]
    assert sure(ROOMS, doors) == dict(zip(doors, ROOMS, strict=True))


def test_a_letter_o_of_a_room_stays_a_letter() -> None:
    rooms = [f"{number} O" for number in range(1, 11)]
    assert set(sure(rooms, [f"{number}O" for number in range(1, 11)]).values()) == set(rooms)


def test_letters_of_the_rooms_names_are_understood_where_no_two_begin_alike() -> None:
    rooms = [f"{name} {room}" for name in ("Azur", "Mistral") for room in ROOMS]
    doors = [f"{room[0]}-{room[-3:]}" for room in rooms]
    assert sure(rooms, doors) == dict(zip(doors, rooms, strict=True))
    alike = [room.replace("Mistral", "Amande") for room in rooms]
    assert sure(alike, [f"{room[0]}-{room[-3:]}" for room in alike]) == {}


def test_kinds_that_are_alike_are_told_apart_where_the_rooms_do() -> None:
    rooms = [f"{kind} {number}" for kind in ("Lodge", "Cabin") for number in range(1, 11)]
    assert sure(rooms, rooms) == dict(zip(rooms, rooms, strict=True))
