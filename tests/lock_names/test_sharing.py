"""Words that nobody knows, on a part of the locks: noise where the locks share one house out, and nowhere else."""

import pytest

from lock_names.propose import propose
from lock_names.read import NamedDoor, NamedRoom
from tests.lock_names.test_propose import sure

ROOMS = [f"{floor}{number:02}" for floor in range(1, 5) for number in range(1, 26)]
ALTERNATELY = [f"{room} kbd" if at % 3 else f"slpk {room}" for at, room in enumerate(ROOMS)]


def test_two_unknown_words_that_share_the_house_out_are_noise() -> None:
    assert sure(ROOMS, ALTERNATELY) == dict(zip(ALTERNATELY, ROOMS, strict=True))


def test_an_unknown_word_on_a_part_of_the_locks_is_noise_where_the_others_are_the_other_rooms() -> None:
    doors = [f"{room} kbd" if at % 4 == 1 else room for at, room in enumerate(ROOMS)]
    assert sure(ROOMS, doors) == dict(zip(doors, ROOMS, strict=True))


def test_names_without_numbers_are_shared_out_likewise() -> None:
    firsts, seconds = ("Old", "New", "Long", "Broad", "Outer"), ("Thames", "Tyne", "Exe", "Wye")
    rooms = [f"{one} {two}" for one in firsts for two in seconds]
    doors = [f"{room} kbd" if at % 2 else f"slpk {room}" for at, room in enumerate(rooms)]
    assert sure(rooms, doors) == dict(zip(doors, rooms, strict=True))


def test_an_annex_that_has_the_numbers_of_a_storey_without_locks_stays_a_question() -> None:
    doors = [f"Orchard {room}" if room < "200" else room for room in ROOMS]
    assert set(sure(ROOMS, doors)) == set(doors[25:])


def test_an_annex_is_seen_by_its_word_whatever_else_alternates_in_it() -> None:
    doors = [f"Orchard {door}" if room < "200" else door for door, room in zip(ALTERNATELY, ROOMS, strict=True)]
    assert not [door for door in sure(ROOMS, doors) if "Orchard" in door]


def test_a_second_house_that_names_some_rooms_again_stays_a_question() -> None:
    doors = [*ROOMS[::2], *(f"Orchard {room}" for room in ROOMS[1::2]), *(f"Orchard {room}" for room in ROOMS[::10])]
    assert not [door for door in sure(ROOMS, doors) if "Orchard" in door]


def test_of_two_words_with_the_same_rooms_neither_is_noise() -> None:
    doors = [*ALTERNATELY, *(f"Kapelle {room}" for room in ROOMS[::2])]
    assert not [door for door in sure(ROOMS, doors) if "kbd" in door or "Kapelle" in door]


def test_an_unknown_word_stays_a_question_where_rooms_are_without_lock() -> None:
    assert sure(ROOMS, [door for at, door in enumerate(ALTERNATELY) if at % 5]) == {}


def test_odd_doors_with_numbers_of_rooms_leave_the_rooms_locks_sure() -> None:
    odd = [f"Kabuff {room}" for room in ROOMS[::10]]
    assert set(sure(ROOMS, [*ALTERNATELY, *odd])) == set(ALTERNATELY)


@pytest.mark.parametrize("word", ["Annex", "old", "Safe", "Minibar", "North"])
def test_a_word_for_something_else_never_becomes_noise(word: str) -> None:
    doors = [f"{word} {room}" if at % 2 else room for at, room in enumerate(ROOMS)]
    assert set(sure(ROOMS, doors)) == set(ROOMS[::2])


def test_what_is_shared_out_in_one_account_is_no_noise_in_another() -> None:
    ours = [NamedDoor(door, door, "Salto KS") for door in ALTERNATELY]
    theirs = [NamedDoor(f"x{room}", f"Kapelle {room}", "Nuki") for room in ROOMS[::2]]
    assert not [door for door in sure(ROOMS, [*ours, *theirs]) if door.startswith("x")]


def test_a_running_number_beside_the_rooms_is_none() -> None:
    doors = [f"Keypad {at} - {room}" for at, room in enumerate(ROOMS, 1)]
    assert sure(ROOMS, doors) == dict(zip(doors, ROOMS, strict=True))


def test_a_storey_and_a_longer_number_are_made_one_where_all_rooms_are_found_so() -> None:
    for write in ("L{0}-0{1}", "L{0}0{1}", "BV-F{0}-R{1}"):
        doors = [write.format(room[0], room[1:]) for room in ROOMS]
        assert sure(ROOMS, doors) == dict(zip(doors, ROOMS, strict=True))


def test_serial_numbers_of_several_parts_are_seen_one_after_the_other() -> None:
    doors = [f"{room} [{int(room) * 7919 % 65536:04x}-{int(room) * 104729 % 65536:04x}]" for room in ROOMS]
    assert len(sure(ROOMS, doors)) >= 0.95 * len(ROOMS)


def test_a_building_that_is_named_so_is_a_word_though_a_letter_stands_behind_it() -> None:
    rooms = [f"Quarto {room} Cama {bed}" for room in range(1, 21) for bed in "ABC"]
    doors = [f"{'Annexe ' if at < 12 else ''}Q{name.split()[1]}{name[-1]}" for at, name in enumerate(rooms)]
    named = [NamedDoor(f"{at}", door) for at, door in enumerate(doors)]
    found = propose([NamedRoom(room, room) for room in rooms], named, {})
    assert not any(one.sure for one in found if doors[int(one.door_id)].startswith("Annexe"))


def test_a_number_that_a_part_of_the_names_has_in_front_is_another_houses() -> None:
    rooms = [f"{floor}{number:02}" for floor in range(1, 7) for number in range(1, 51)]
    doors = [f"{'9/' if room < '200' else ''}{room} lock" for room in rooms]
    named = [NamedDoor(f"{at}", door) for at, door in enumerate(doors)]
    found = propose([NamedRoom(room, room) for room in rooms], named, {})
    assert not any(one.sure for one in found if doors[int(one.door_id)].startswith("9/"))


def _listed_again(written: str) -> tuple[list[NamedDoor], list[NamedDoor]]:
    ours = [NamedDoor(room, f"{'Casa Mia ' if at % 3 else 'Tür '}{room}", "Salto KS") for at, room in enumerate(ROOMS)]
    return ours, [NamedDoor(f"x{room}", written.format(room), "Nuki") for room in ROOMS[::10]]


@pytest.mark.parametrize("written", ["{}", "Room {} Entrance"])
def test_locks_that_a_small_account_lists_again_leave_those_of_the_other_rooms_sure(written: str) -> None:
    ours, again = _listed_again(written)
    found = propose([NamedRoom(room, room) for room in ROOMS], [*ours, *again], {})
    assert {one.door_id for one in found if one.sure} == set(ROOMS) - set(ROOMS[::10])


def test_where_rooms_are_without_lock_a_small_account_with_numbers_of_others_makes_all_wait() -> None:
    ours, again = _listed_again("{}")
    found = propose([NamedRoom(room, room) for room in ROOMS], [*ours[:80], *again[:8]], {})
    assert not any(one.sure for one in found)


def test_the_hotels_name_is_noise_in_its_main_house_and_in_its_annexe() -> None:
    rooms = [*ROOMS, *(f"Annexe {room}" for room in ROOMS[:50])]
    doors = {(f"Bellavista {name}" if at % 3 else f"{name} Bellavista Albergo"): name for at, name in enumerate(rooms)}
    assert sure(rooms, list(doors)) == doors


@pytest.mark.parametrize(
    ("rooms", "written"),
    [
        ([f"{room} {wing} Wing" for wing in ("North", "South") for room in ROOMS[:40]], "Elba {1}{0}"),
        ([f"Dorm {room} - Bed {bed}" for room in ROOMS[:20] for bed in range(1, 5)], "Elba D{0} B{2}"),
    ],
)
def test_the_hotels_name_is_noise_where_kinds_and_wings_are_letters(rooms: list[str], written: str) -> None:
    doors = {}
    for at, room in enumerate(rooms):
        parts = room.replace("Dorm ", "").split()
        doors[written.format(parts[0], parts[1][0], parts[-1]) if at % 2 else f"{room} Elba Hotel"] = room
    assert sure(rooms, list(doors)) == doors


def test_the_hotels_name_is_noise_beside_towers_by_their_initials_and_berths_by_a_letter() -> None:
    rooms = [f"Torre {tower} {room}" for tower in ("Mar", "Serra") for room in ROOMS[:50]]
    doors = {
        (f"T{room[6]}{room[-3:]} Vista Praia" if at % 3 == 1 else f"Vista Praia {room}"): room
        for at, room in enumerate(rooms)
    }
    assert sure(rooms, list(doors)) == doors
    rooms = [f"Capsule {number} {berth}" for number in range(101, 141) for berth in ("Upper", "Lower")]
    doors = {
        (f"NapLab capsule {room[8:11]}{room[12]}" if at % 5 in (2, 3) else f"NapLab {room[8:]}"): room
        for at, room in enumerate(rooms)
    }
    assert sure(rooms, list(doors)) == doors
