"""A house's locks and rooms laid side by side: names that say a room only if the house is taken as a whole."""

import time

import pytest

from lock_names.alignment import aligned
from tests.lock_names.small_houses import HERBS, SMALL_HOUSES, SmallHouse, of_core
from tests.lock_names.test_propose import sure

CORES = [*SMALL_HOUSES[0].rooms.values()]
NORTH = [f"{number}" for number in (*range(101, 108), *range(201, 207))]
SOUTH = [f"{number}" for number in (*range(101, 105), *range(201, 209))]


@pytest.mark.parametrize("style", SMALL_HOUSES, ids=lambda style: style.says)
def test_every_room_of_a_small_house_finds_its_lock_and_none_another_ones(style: SmallHouse) -> None:
    assert len(style.rooms) == len(set(style.rooms.values())) == 25
    assert sure([*style.rooms.values()], [*style.rooms, *style.strays]) == style.rooms


def test_a_letter_that_may_be_either_wing_stays_a_question() -> None:
    rooms = [f"{wing} {number}" for wing in ("North", "South") for number in NORTH]
    assert not sure(rooms, [f"{letter}-{number}" for letter in "AB" for number in NORTH])


def test_a_letter_of_an_annex_is_no_wing_where_the_other_wing_is_called_by_its_name() -> None:
    rooms = [*(f"North {number}" for number in NORTH), *(f"South {number}" for number in SOUTH)]
    ours = {f"North {number}": f"North {number}" for number in NORTH}
    assert sure(rooms, [*ours, *(f"X-{number}" for number in SOUTH)]) == ours


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
    theirs = {mark.format(of_core(room)) for room in CORES[1::3]}
    ours = {of_core(room): room for at, room in enumerate(CORES) if at % 3 != 1}
    assert sure(CORES, [*ours, *theirs]) == ours


def test_another_houses_locks_in_the_account_leave_no_such_lock_sure() -> None:
    ours = [of_core(room) for room in CORES]
    theirs = [name.replace("Flat", "flat") for name in ours[::3]]
    assert not sure(CORES, [*ours, *theirs])


def test_words_of_which_each_lock_has_one_tell_nothing() -> None:
    rooms = [f"AP-{floor}-{number:02}" for floor in (3, 4) for number in range(1, 13)]
    doors = {
        f"{room[3]}{room[5:]} | {'Studio' if at % 3 else '1-Bed'} | {'West' if at % 2 else 'East'}": room
        for at, room in enumerate(rooms)
    }
    assert sure(rooms, [*doors, "Back Door | West"]) == doors


def test_a_few_doors_of_dormitories_are_no_beds_of_that_letter() -> None:
    beds = [f"Dorm {dorm} Bed {letter}" for dorm in range(1, 6) for letter in "ABCDE"]
    assert not sure(beds, ["D1 door", "D2 door", "D3 door", "Luggage room"])


def test_a_running_number_before_rooms_names_says_nothing() -> None:
    rooms = [f"Gîte {herb}" for herb in HERBS]
    running = {f"{at} {herb}": f"Gîte {herb}" for at, herb in enumerate(HERBS, 31)}
    assert sure(rooms, list(running)) == running


@pytest.mark.parametrize("storeys", [4, 5])
def test_a_storey_under_the_roof_does_not_take_the_ground_floors_numbers(storeys: int) -> None:
    """It is the rooms' fifth storey, or none of theirs."""
    written = ["EG", "1OG", "2OG", "3OG", "DG"]
    doors = {
        f"{written[storey]}{number:02}": f"Zimmer {storey}{number:02}" for storey in range(5) for number in range(1, 6)
    }
    theirs = {door: room for door, room in doors.items() if int(room[7]) < storeys}
    assert sure(list(theirs.values()), [*doors, "EG Sauna"]) == theirs


def test_people_who_chose_other_rooms_are_believed() -> None:
    doors = {of_core(room): room for room in CORES}
    decided = {of_core(CORES[0]): CORES[1], of_core(CORES[1]): CORES[0]}
    assert not sure(CORES, list(doors), decided)


def test_rooms_that_have_no_word_are_told_by_no_code() -> None:
    rooms = [f"{nought}{number}" for nought in ("", "0") for number in range(1, 11)]
    assert not sure(rooms, [f"{letter}-{number}" for letter in "AB" for number in range(1, 11)])


def test_names_may_be_as_long_as_they_like() -> None:
    rooms = [f"{sign * 2_000}-{number}" for sign in ("a", "9", "a ") for number in range(1, 6)]
    doors = [f"X{sign * 2_000}{number}" for sign in ("b", "8", "b ", "a-1 ") for number in range(1, 6)]
    began = time.process_time()
    assert not aligned(dict(enumerate(rooms)), {door: ("", door) for door in doors}, {})
    assert time.process_time() - began < 10


@pytest.mark.parametrize("lock", ["Parking 1", "Barrier 1"])
def test_a_word_for_no_room_is_none_of_a_street_that_begins_so(lock: str) -> None:
    rooms = [f"Flat {flat}, 7 Park Row" for flat in (1, 2)] + ["Bar Harbor 1", "Bar Harbor 2"]
    assert lock not in sure(rooms, [lock, "Flat 2, 7 Park Row", "Bar Harbor 2"])
