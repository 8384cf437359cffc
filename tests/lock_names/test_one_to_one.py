"""Locks whose numbers are the rooms' one to one, and remarks behind a name."""

import pytest

from lock_names.propose import propose
from lock_names.read import NamedDoor, NamedRoom
from tests.lock_names.test_propose import sure

NUMBERS = [101, 102, 103, 104, 105, 106, 201, 202, 203, 204, 205, 206, 301, 302]
HOTEL = {f"{number}": f"Hab. {number} {'Doble' if number % 2 else 'King'}" for number in NUMBERS}
NAMES = {"Iguana": "Bungalow Iguana", "Tucán": "Bungalow Tucán", "Perla": "Suite Perla", "Marea": "Suite Marea"}
ROOMS = [*HOTEL.values(), *NAMES.values()]


def _hotel(write: str) -> dict[str, str]:
    return {write.format(number): room for number, room in HOTEL.items()} | NAMES


@pytest.mark.parametrize("write", ["A-{}", "a {}", "Dörr 1{}", "Ala {}", "QX {} Kwikset"])
def test_what_all_locks_of_the_rooms_with_these_numbers_say_need_not_be_explained(write: str) -> None:
    doors = _hotel(write)
    assert sure(ROOMS, [*doors, "Lavandería", "Bodega piso 2"]) == doors


def test_a_part_of_the_house_without_a_name_in_the_pms_is_no_mark() -> None:
    rooms = [f"Apartment {storey}.{at:02}" for storey in (0, 1, 2, 3) for at in (1, 2, 3)] + ["Gartenhaus", "Remise"]
    front = {f"VH {'EG' if room[10] == '0' else room[10] + '.OG'} {room[-2:]}": room for room in rooms[:9]}
    doors = front | {f"Nuki App. {room[10:]}": room for room in rooms[9:12]} | {room: room for room in rooms[12:]}
    assert sure(rooms, [*doors, "VH Haustür", "Keller VH"]) == doors


@pytest.mark.parametrize("by", [1, -1, 100])
def test_numbers_that_are_counted_otherwise_are_not_one_to_one(by: int) -> None:
    doors = [f"A-{int(number) + by}" for number in HOTEL]
    assert not sure(ROOMS, [*doors, *NAMES]).keys() & set(doors)


def test_a_number_that_another_lock_says_as_well_is_not_one_to_one() -> None:
    doors = [f"A-{number}" for number in HOTEL]
    assert not sure(ROOMS, [*doors, *(f"B-{number}" for number in HOTEL), *NAMES]).keys() & set(doors)


def test_two_words_that_share_the_numbers_out_stay_questions() -> None:
    doors = [f"{'Linde' if int(number) < 200 else 'Ahorn'} {number}" for number in HOTEL]
    assert not sure(ROOMS, [*doors, *NAMES]).keys() & set(doors)


INN = [f"Room {number}" for number in (*range(1, 13), 14, 15)] + [f"Annexe {number}" for number in range(1, 9)]
OF_INN = {f"{'ANX' if 'Ann' in room else 'Mill'} {int(room.split()[1]):02}": room for room in INN}


def test_of_numbers_that_two_parts_have_those_beside_a_part_s_own_word_are_its() -> None:
    assert sure(INN, [*OF_INN, "Mill Front Door", "ANX Main Entrance"]) == OF_INN


def test_they_are_not_where_one_of_those_is_missing_or_there_again() -> None:
    for locks in ([lock for lock in OF_INN if lock != "ANX 03"], [*OF_INN, "Annex 3"]):
        assert not [lock for lock in sure(INN, locks) if lock.startswith("Mill")]


def test_a_part_with_a_name_of_its_own_is_not_what_is_left_for_another_word() -> None:
    rooms = [room.replace("Room", "South") for room in INN]
    locks = [lock.replace("Mill", "X") for lock in OF_INN]
    assert not [lock for lock in sure(rooms, locks) if lock.startswith("X")]


@pytest.mark.parametrize(
    "remark", ["handicap", "(hinge rubs)", "- code pad faded", "zacina się", "by pool", "upstairs", "BE489"]
)
@pytest.mark.parametrize("write", ["Rm {}", "{}"])
def test_a_remark_behind_one_lock_is_none_of_a_room_s_name(write: str, remark: str) -> None:
    doors = _hotel(write)
    with_remark = {lock if room != HOTEL["203"] else f"{lock} {remark}": room for lock, room in doors.items()}
    assert sure(ROOMS, list(with_remark)) == with_remark


@pytest.mark.parametrize("remark", ["handicap", "(door sticks)", "upstairs", "BE489", "over barn"])
def test_a_remark_behind_a_name_is_none_of_it_either(remark: str) -> None:
    doors = _hotel("{}")
    with_remark = {lock if lock != "Perla" else f"Perla {remark}": room for lock, room in doors.items()}
    assert sure(ROOMS, list(with_remark)) == with_remark


@pytest.mark.parametrize("more", ["storage", "Garage", "balcony", "b", "(Anx)", "Perla", "Altbau", "old"])
def test_what_may_be_another_door_is_no_remark(more: str) -> None:
    doors = _hotel("{}")
    locks = [lock if lock not in ("203", "204") else f"{lock} {more}" for lock in doors]
    assert not [lock for lock in sure(ROOMS, locks) if lock not in doors]


def test_a_word_behind_a_number_is_no_remark_where_rooms_have_no_lock() -> None:
    doors = _hotel("{}")
    locks = ["203 kabuff" if lock == "203" else lock for lock in doors if lock not in ("105", "302", "Marea")]
    assert "203 kabuff" not in sure(ROOMS, locks)
    assert "203 kabuff" not in sure(ROOMS, [*doors, "203 kabuff"])


def test_the_entrance_of_a_building_is_no_room_where_another_lock_says_more_of_that_room() -> None:
    flats = ("Obstgarten", "Alpenblick", "Mühlbach")
    rooms = [NamedRoom("Enzian", "Gästehaus Apartment Enzian")]
    rooms += [NamedRoom(str(number), f"Zi. {number} DZ") for number in range(11, 31)]
    rooms += [NamedRoom(flat, f"FeWo {flat} (4 Pers.)") for flat in flats]
    doors = [NamedDoor("entrance", "Gästehaus Eingang"), NamedDoor("flat", "GH App. Enzian")]
    doors += [NamedDoor(f"door {number}", f"Zimmer {number} ({number // 10}. OG)") for number in range(11, 31)]
    doors += [NamedDoor(f"door {flat}", f"FW {flat}") for flat in flats]
    of_entrance = {one.door_id: one for one in propose(rooms, doors, {})}["entrance"]
    assert not of_entrance.sure
    assert of_entrance.reason == "it is an entrance, and another lock says more of this room"


def test_rooms_of_several_types_are_one_to_one_as_one_family() -> None:
    rooms = [f"{'Deluxe Double' if number % 3 else 'Family Suite'} {number}" for number in NUMBERS]
    doors = {f"P{number}": room for number, room in zip(NUMBERS, rooms, strict=True)}
    assert sure([*rooms, "Bungalow Lotus"], [*doors, "BGL Lotus", "Kho 2"]).items() >= doors.items()
    # Of two rooms with the same number nobody knows which is meant.
    assert not sure([*rooms, "Studio 101"], list(doors)).keys() & {"P101"}


def test_a_part_of_the_house_in_a_code_with_a_number_need_not_be_explained() -> None:
    doors = {f"V{2 if number % 100 > 3 else 1}-{number}": f"{number} Dubbel" for number in NUMBERS}
    rooms = list(doors.values())
    assert sure(rooms, [*doors, "V1-Bastu", "V2-Entré", "V2-Städ 3"]) == doors
    assert "V3-301" not in sure(rooms, [*(door for door in doors if door != "V1-301"), "V3-301", "V3-101"])
