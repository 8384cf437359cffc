"""A house's locks and rooms laid side by side: names that say a room only if the house is taken as a whole."""

import pytest

from tests.lock_names.test_propose import sure

CORES = [
    *("AG11", "AG12", "AG21", "A131", "A132", "A133", "A141", "A251", "A252"),
    *("BG11", "BG12", "B121", "B122", "B131", "B241", "B242", "DG21", "DG22", "D111", "D112", "D211", "D212"),
]
NORTH = [f"{number}" for number in (*range(101, 108), *range(201, 207))]
SOUTH = [f"{number}" for number in (*range(101, 105), *range(201, 209))]
BIRDS = ["Amsel", "Drossel", "Fink", "Star", "Meise", "Specht", "Eule", "Kuckuck", "Lerche", "Storch", "Reiher", "Rabe"]
STOREYS = ("EG links", "EG rechts", "1. OG links", "1. OG rechts")


def _of_core(room: str) -> str:
    core, storey, flat, bed = room
    return f"Core {core} - L{'0' if storey == 'G' else storey} - Flat {flat} - Bed {bed}"


def test_a_rooms_code_is_put_together_from_the_parts_that_its_lock_names_one_by_one() -> None:
    doors = {_of_core(room): room for room in CORES}
    assert sure(CORES, [*doors, "Core A - L0 - Lobby", "Core A - L1 - Flat 3 - Kitchen", "Gym"]) == doors


def test_a_letter_is_a_wing_where_just_that_wings_numbers_have_it() -> None:
    rooms = [*(f"North {number}" for number in NORTH), *(f"South {number}" for number in SOUTH)]
    doors = {f"A-{number}": f"North {number}" for number in NORTH}
    doors |= {f"B-{number}": f"South {number}" for number in SOUTH}
    assert sure(rooms, [*doors, "A-Entrance", "Gym"]) == doors


def test_a_letter_that_may_be_either_wing_stays_a_question() -> None:
    rooms = [f"{wing} {number}" for wing in ("North", "South") for number in NORTH]
    assert not sure(rooms, [f"{letter}-{number}" for letter in "AB" for number in NORTH])


def test_a_letter_of_an_annex_is_no_wing_where_the_other_wing_is_called_by_its_name() -> None:
    rooms = [*(f"North {number}" for number in NORTH), *(f"South {number}" for number in SOUTH)]
    ours = {f"North {number}": f"North {number}" for number in NORTH}
    assert sure(rooms, [*ours, *(f"X-{number}" for number in SOUTH)]) == ours


def test_a_rooms_name_is_found_beside_the_storeys_that_the_rooms_do_not_say() -> None:
    rooms = [f"FeWo {bird}{' (2 Pers.)' if at % 3 else ''}" for at, bird in enumerate(BIRDS)]
    doors = {f"Nuki {bird} {STOREYS[at % 4]}": room for at, (bird, room) in enumerate(zip(BIRDS, rooms, strict=True))}
    assert sure(rooms, [*doors, "Nuki Haustür Vorderhaus", "Nuki Fahrradkeller"]) == doors


def test_initials_and_beginnings_are_the_kinds_of_rooms_where_the_house_has_all_of_them() -> None:
    kinds = {"Safari Tent": "ST", "Shepherd's Hut": "SH", "Yurt": "Y", "Log Cabin": "LC", "Treehouse": "TH"}
    doors = {f"{code}{number}": f"{kind} {number}" for kind, code in kinds.items() for number in range(1, 6)}
    assert sure(list(doors.values()), [*doors, "Gate", "Shower Block 1"]) == doors
    doors = {
        f"tedee {kind[0]}{number}": f"{kind} {number}" for kind in ("Pokój", "Apartament") for number in range(1, 9)
    }
    assert sure(list(doors.values()), list(doors)) == doors


@pytest.mark.parametrize("by", [1, -1, 100])
def test_parts_that_would_fit_as_well_counted_otherwise_stay_a_question(by: int) -> None:
    rooms = [f"AV{block}.{floor}{number:02}" for block in (1, 2) for floor in (1, 2, 3) for number in range(1, 8)]
    doors = {
        f"Block {block} Floor {floor + by // 100} Room {number + by % 100 if by > 0 else number + by:02}"
        for block in (1, 2)
        for floor in (1, 2, 3)
        for number in range(1, 8)
    }
    assert not sure(rooms, sorted(doors))


@pytest.mark.parametrize("mark", ["Orchard {}", "ORC-{}", "{} Kapelle", "Annexe {}"])
def test_a_mark_that_a_part_of_such_locks_have_is_no_custom(mark: str) -> None:
    theirs = {mark.format(_of_core(room)) for room in CORES[1::3]}
    ours = {_of_core(room): room for at, room in enumerate(CORES) if at % 3 != 1}
    assert sure(CORES, [*ours, *theirs]) == ours


def test_another_houses_locks_in_the_account_leave_no_such_lock_sure() -> None:
    ours = [_of_core(room) for room in CORES]
    theirs = [name.replace("Flat", "flat") for name in ours[::3]]
    assert not sure(CORES, [*ours, *theirs])


def test_words_of_which_each_lock_has_one_tell_nothing() -> None:
    rooms = [f"AP-{floor}-{number:02}" for floor in (3, 4) for number in range(1, 13)]
    doors = {
        f"{room[3]}{room[5:]} | {'Studio' if at % 3 else '1-Bed'} | {'West' if at % 2 else 'East'}": room
        for at, room in enumerate(rooms)
    }
    assert sure(rooms, [*doors, "Back Door | West"]) == doors


def test_people_who_chose_other_rooms_are_believed() -> None:
    doors = {_of_core(room): room for room in CORES}
    decided = {_of_core(CORES[0]): CORES[1], _of_core(CORES[1]): CORES[0]}
    assert not sure(CORES, list(doors), decided)
