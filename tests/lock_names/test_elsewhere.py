"""A mark that a part of the locks have and no room's name does: they may be an annex's or another house's."""

import pytest

from lock_names.propose import propose
from lock_names.read import NamedDoor, NamedRoom
from tests.lock_names.test_propose import sure

ROOMS = [f"{floor}{number:02}" for floor in range(1, 6) for number in range(1, 17)]
MARKS = (
    "Annexe {}", "{} Neubau", "Nordhaus - {}", "H2 {}", "{} (villa)", "Lodge {}", "2nd house {}", "{}/Dépendance",
    "Garten{}", "X-{}", "9/{}", "{} / 9", "Casa 2 - {}", "пристройка {}",
)  # fmt: skip
WAYS_OF_WRITING = ("{}", "Tür {} Beschlag", "{} lock", "Encode Plus Gen3 Rm {}", "{} - GW2 - 33%", "Nuki {} (4)")


@pytest.mark.parametrize("mark", MARKS)
@pytest.mark.parametrize("written", WAYS_OF_WRITING)
def test_an_annex_with_the_numbers_of_a_storey_without_locks_stays_a_question(mark: str, written: str) -> None:
    ours = {written.format(room): room for room in ROOMS if not "300" < room < "400"}
    annex = [mark.format(written.format(room)) for room in ROOMS if "300" < room < "400"]
    assert sure(ROOMS, [*ours, *annex]) == ours


@pytest.mark.parametrize("mark", MARKS)
def test_a_second_house_with_the_numbers_of_rooms_without_locks_stays_a_question(mark: str) -> None:
    ours = [f"Tür {room}" for at, room in enumerate(ROOMS) if at % 5]
    theirs = [mark.format(f"Tür {room}") for at, room in enumerate(ROOMS) if at % 5 < 2]
    found = sure(ROOMS, [*ours, *theirs])
    assert not [door for door in found if door in theirs]


def test_a_person_reads_which_mark_it_is() -> None:
    doors = [f"{'9/' if room < '200' else ''}{room} - GW2" for room in ROOMS]
    found = propose([NamedRoom(room, room) for room in ROOMS], [NamedDoor(door, door) for door in doors], {})
    of_101 = next(one for one in found if one.door_id == "9/101 - GW2")
    assert (of_101.room_key, of_101.sure) == ("101", False)
    assert of_101.reason.startswith('no room\'s name says "9", and only a part of the locks does')
    assert "annex" in of_101.reason


def test_a_mark_of_which_people_have_said_the_rooms_is_trusted() -> None:
    doors = [f"{'Annexe ' if room < '200' else ''}Tür {room}" for room in ROOMS]
    decided = {door: door[-3:] for door in doors[:3]}
    named = [NamedDoor(door, door) for door in doors]
    found = propose([NamedRoom(room, room) for room in ROOMS], named, decided)
    assert all(one.sure for one in found)


def test_an_annex_that_is_written_in_two_ways_itself_stays_a_question() -> None:
    annex = [f"{'Gästehaus' if int(room) % 2 else 'GH'} {room} - GW2" for room in ROOMS[:16]]
    doors = {f"{room} - GW2": room for room in ROOMS[16:]}
    assert sure(ROOMS, [*annex, *doors]) == doors


@pytest.mark.parametrize("written", ["GW{0} {1}", "{1} Bridge {0}", "{1} - {0}. etg", "Zone {0}/{1}"])
def test_numbers_that_share_the_house_out_are_none(written: str) -> None:
    doors = {written.format(int(room) // 200 + 1, room): room for room in ROOMS}
    assert sure(ROOMS, list(doors)) == doors


def test_models_of_two_makers_that_share_the_house_out_are_none() -> None:
    ours = [NamedDoor(room, f"{room} Lever2", "Salto KS") for room in ROOMS[:40]]
    theirs = [NamedDoor(room, f"Encode Gen3 {room}", "Yale") for room in ROOMS[40:]]
    found = propose([NamedRoom(room, room) for room in ROOMS], [*ours, *theirs], {})
    assert all(one.sure for one in found)


def test_another_word_for_the_kind_of_room_is_none_where_all_locks_have_it() -> None:
    rooms = [f"Pod {number}" for number in range(1, 41)]
    doors = {f"Cabin {number} door": f"Pod {number}" for number in range(1, 41)}
    assert sure(rooms, list(doors)) == doors


def test_another_word_for_the_kind_of_room_is_one_where_a_part_has_it() -> None:
    rooms = [f"Pod {number}" for number in range(1, 41)]
    doors = [f"{'Pod' if number < 30 else 'Lodge'} {number} door" for number in range(1, 41)]
    assert set(sure(rooms, doors)) == set(doors[:29])


def test_a_number_in_front_that_is_no_storey_elsewhere_is_none_on_the_storey_of_that_number_either() -> None:
    rooms = [f"{floor}{number:02}" for floor in range(1, 13) for number in range(1, 13)]
    annex = {room for room in rooms if 807 <= int(room) <= 1006}
    doors = [f"9/{room}W" if room in annex else f"{room}W" for room in rooms]
    assert not [door for door in sure(rooms, doors) if door.startswith("9/")]


def test_letters_glued_to_a_serial_number_are_a_mark() -> None:
    serials = {room: f"{int(room) * 7919 % 0xFFFFF + 0x1A0000:06X}" for room in ROOMS}
    doors = [f"{'Garten' if '300' < room < '400' else ''}{serials[room]}_{room}" for room in ROOMS]
    assert not [door for door in sure(ROOMS, doors) if door.startswith("Garten")]


def test_a_number_in_front_is_a_mark_where_all_names_say_their_storey() -> None:
    doors = [f"{'9/' if '300' < room < '400' else ''}{room[0]}/{room}" for room in ROOMS]
    assert set(sure(ROOMS, doors)) == {door for door in doors if not door.startswith("9/")}


def test_numbers_behind_one_word_that_are_storeys_here_and_not_there_are_none() -> None:
    doors = {f"HBR.Z{at // 20 + 1}.R{room}": room for at, room in enumerate(ROOMS)}
    assert sure(ROOMS, list(doors)) == doors


def test_letters_of_towers_that_share_the_house_out_are_none() -> None:
    doors = {f"{'North' if room < '300' else 'South'} Tower | {room}": room for room in ROOMS}
    assert sure(ROOMS, list(doors)) == doors


def test_words_that_share_the_house_out_by_storeys_stay_a_question() -> None:
    doors = [f"{'Linde' if room < '300' else 'Ahorn'} {room} - GW2" for room in ROOMS]
    assert sure(ROOMS, doors) == {}


def test_a_small_account_with_a_mark_on_all_its_locks_stays_a_question() -> None:
    ours = [NamedDoor(room, f"Tür {room}", "Salto KS") for room in ROOMS[16:]]
    annex = [NamedDoor(room, f"Pav. {room}", "Nuki") for room in ROOMS[:16]]
    found = propose([NamedRoom(room, room) for room in ROOMS], [*ours, *annex], {})
    assert {one.door_id for one in found if one.sure} == set(ROOMS[16:])


def test_a_number_that_may_be_the_storey_is_a_mark_where_only_a_stretch_of_the_house_has_it() -> None:
    doors = [f"(2) R{room}" if "110" < room < "213" else f"R{room} plan {room[0]}" for room in ROOMS]
    assert not [door for door in sure(ROOMS, doors) if door.startswith("(2)")]


@pytest.mark.parametrize("mark", ["{}b", "Z{}"])
def test_a_letter_glued_to_whatever_word_stands_there_is_a_mark(mark: str) -> None:
    written = ("Tür {}", "{} Beschlag", "Zimmer {} Etage {storey}")
    ours: list[str] = []
    annex: list[str] = []
    for at, room in enumerate(ROOMS):
        name = written[at % 3].format(room, storey=room[0])
        (annex if "300" < room < "400" else ours).append(mark.format(name) if "300" < room < "400" else name)
    found = sure(ROOMS, [*ours, *annex])
    assert not [door for door in found if door in annex]
    assert len(found) >= 0.95 * len(ours)


def test_a_letter_glued_to_three_words_is_no_slip_of_the_finger() -> None:
    ours = {f"{word} {room}": room for word, room in zip(("Zimmertür", "Beschlag", "Knauf") * 30, ROOMS, strict=False)}
    theirs = ["Zimmertürb 901", "Beschlagb 902", "Knaufb 903"]
    assert sure([*ROOMS, "901", "902", "903"], [*ours, *theirs]) == ours


def test_an_account_of_a_third_of_the_rooms_with_a_word_on_all_its_locks_stays_a_question() -> None:
    ours = [NamedDoor(room, f"Tür {room}", "Salto KS") for room in ROOMS[:52]]
    annex = [NamedDoor(room, f"Pav. {room}", "Nuki") for room in ROOMS[52:]]
    found = propose([NamedRoom(room, room) for room in ROOMS], [*ours, *annex], {})
    assert {one.door_id for one in found if one.sure} == set(ROOMS[:52])


def test_an_account_that_says_the_names_of_its_rooms_is_theirs() -> None:
    rooms = [f"{street} {number}" for street in ("Camden", "Hackney", "Islington") for number in range(1, 31)]
    doors = [
        NamedDoor(room, f"{room} box" if room[0] == "H" else room, "Igloo" if room[0] == "H" else "") for room in rooms
    ]
    found = propose([NamedRoom(room, room) for room in rooms], doors, {})
    assert all(one.sure for one in found)


def test_an_annex_written_in_two_ways_in_two_accounts_stays_a_question() -> None:
    first = "AABBABBAAABABBBAABBABAAB"
    doors = []
    for at, room in enumerate(ROOMS):
        mark = {"A": "GH ", "B": "Gästehaus "}[first[at % len(first)]] if 20 < at < 44 else ""
        doors.append(NamedDoor(room, f"{mark}{room} Tür", "Salto KS" if at % 2 else "Nuki"))
    found = propose([NamedRoom(room, room) for room in ROOMS], doors, {})
    assert not [one for one in found if one.sure and 20 < ROOMS.index(one.door_id) < 44]


@pytest.mark.parametrize("mark", [*MARKS, "{}b", "Z{}"])
def test_an_annex_with_just_the_numbers_of_the_few_rooms_that_have_no_lock_stays_a_question(mark: str) -> None:
    gone = ROOMS[3::10]
    ours = {f"Tür {room} Beschlag": room for room in ROOMS if room not in gone}
    annex = [mark.format(f"Tür {room} Beschlag") for room in gone]
    assert sure(ROOMS, [*ours, *annex]) == ours


def test_a_letter_before_a_number_may_be_the_first_of_its_rooms_name() -> None:
    rooms = [f"{house} {number}" for house in ("Mistral", "Azur") for number in range(101, 121)]
    doors = {f"{name[0]}{name[-3:]} serrure" if at % 6 == 1 else name: name for at, name in enumerate(rooms)}
    assert sure(rooms, list(doors)) == doors


def test_a_new_lock_is_no_new_house() -> None:
    doors = {f"Tür {room} (new)" if at % 8 == 3 else f"Tür {room}": room for at, room in enumerate(ROOMS)}
    assert sure(ROOMS, list(doors)) == doors
    doors = {f"New {room}" if at % 8 == 3 else f"Tür {room}": room for at, room in enumerate(ROOMS)}
    assert set(sure(ROOMS, list(doors))) == {door for door in doors if "New" not in door}


def test_a_number_that_is_the_storey_on_every_storey_is_no_mark() -> None:
    rooms = [f"Apt {floor}.{number:02}" for floor in range(1, 4) for number in range(1, 31)]
    doors = {f"{name} (verd. {name[4]})" if at % 4 == 2 else name: name for at, name in enumerate(rooms)}
    assert sure(rooms, list(doors)) == doors
