"""What stands behind a name and says no room."""

import pytest

from lock_names.notes import without_notes, without_sizes
from tests.lock_names.test_propose import sure


@pytest.mark.parametrize(
    ("name", "left"),
    [
        ("#002 batt 05/23", "#002"),
        ("#007 LOW BATT", "#007"),
        ("Zi 106 EZ (Zyl. getauscht 03/24)", "Zi 106 EZ"),
        ("2 - 124 (replaced 6/12)", "2 - 124"),
        ("St 3 (ny cylinder)", "St 3"),
        ("Huone 306 (uusi lukko)", "Huone 306"),
        ("Appt 24 Lavande (pile changée)", "Appt 24 Lavande"),
        ("Maple front door (new Sept)", "Maple front door"),
        ("1-04 batt", "1-04"),
        ("12 bajo pila", "12 bajo"),
        ("A-16 repl. 05/23", "A-16"),
        ("Net loft keybox (battery 9v spare in office)", "Net loft keybox"),
        ("5 Cliff Terr - driftwood - code changed Apr", "5 Cliff Terr - driftwood"),
        ("105 ADA", "105"),
        ("Zi 8 rollstuhlgerecht", "Zi 8"),
    ],
)
def test_a_note_about_the_lock_is_no_part_of_its_name(name: str, left: str) -> None:
    assert without_notes(name, ()) == left


@pytest.mark.parametrize(
    "name",
    [
        "New 101",
        "101 new",
        "101 lock",
        "Mar 12",
        "101 May",
        "battery",
        "101 Battery Park",
        "Batt 12",
        "byt 204",
        "12 Rep. 4",
    ],
)
def test_what_may_say_a_place_is_no_note(name: str) -> None:
    assert without_notes(name, ()) == name


def test_a_word_of_the_rooms_is_no_note() -> None:
    assert without_notes("Villa Nova Sept", {"villa", "nova", "sept"}) == "Villa Nova Sept"
    assert without_notes("Door (battery lane)", {"lane"}) == "Door (battery lane)"


def test_locks_with_notes_find_their_rooms_and_an_annex_s_do_not() -> None:
    rooms = [f"{storey}{number:02}" for storey in (1, 2) for number in range(1, 11)]
    notes = ("", " batt 05/23", " (pila cambiada)", " neue Batterie")
    doors = {f"Zi {room}{notes[int(room) % 4]}": room for room in rooms[:-2]}
    assert sure(rooms, [*doors, "Zi 209 Remise batt 05/23", "Remise Zi 210 (neue Batterie)"]) == doors


def test_a_former_number_behind_a_name_is_none() -> None:
    rooms = ["The Yeats Room", "The Wilde Room", "The Joyce Room", "The Swift Suite"]
    doors = {f"{room.split()[1]} (was {at})": room for at, room in enumerate(rooms, 4)}
    assert sure(rooms, list(doors)) == doors


def test_what_a_room_was_before_says_no_more_than_its_number() -> None:
    rooms = [f"Einzelzimmer 2.0{at}" for at in range(1, 8)]
    doors = {f"Tür 2.0{at}": room for at, room in enumerate(rooms[:-1], 1)} | {"Tür 2.07 (alt: Lager)": rooms[-1]}
    assert sure(rooms, list(doors)) == doors


@pytest.mark.parametrize(
    ("rooms", "left"),
    [
        (["Private 26 (2p)", "Private 27 (4p)"], ["Private 26", "Private 27"]),
        (["A7 Penthouse (4+2)", "A8 Studio (2+0)"], ["A7 Penthouse", "A8 Studio"]),
        (["C 25 kolmio 78 m²", "C 26 yksiö 24 m²"], ["C 25 kolmio", "C 26 yksiö"]),
        (["Stuga 1 - 4 bäddar", "Stuga 2 - 4 bäddar"], ["Stuga 1", "Stuga 2"]),
        ([f"Pokoj {at} ({2 + at % 2})" for at in range(1, 6)], [f"Pokoj {at}" for at in range(1, 6)]),
        (["Israëls (10)", "Appel (8)"], ["Israëls (10)", "Appel (8)"]),
        (["Dorm (4 beds)", "Dorm (6 beds)"], ["Dorm (4 beds)", "Dorm (6 beds)"]),
        (["Dorm 3 Bed 4", "Dorm 3 Bed 5"], ["Dorm 3 Bed 4", "Dorm 3 Bed 5"]),
    ],
)
def test_how_many_sleep_in_a_room_is_no_part_of_its_name_where_it_tells_none_apart(
    rooms: list[str], left: list[str]
) -> None:
    assert without_sizes(rooms, ()) == left


def test_it_is_where_a_lock_says_it_too() -> None:
    rooms = ["Dorm 3 (4 beds)", "Dorm 5 (6 beds)"]
    assert without_sizes(rooms, ["Dorm 3 (4 beds)"]) == rooms


def test_what_a_lock_calls_its_serial_number_is_none_of_a_room() -> None:
    doors = {
        f"{100 + at} (SN {71000 + 37 * at})" if at % 3 else f"Smartlock {100 + at} / S/N {95000 + 41 * at}": (
            f"Zimmer {100 + at}{' Balkon' if at % 2 else ''}"
        )
        for at in range(1, 9)
    }
    doors |= {f"SALTO {200 + at} #SN-{92000 + 53 * at}": f"Zimmer {200 + at}" for at in range(1, 7)}
    doors |= {f"Nuki {300 + at} [SN{58000 + 29 * at}]": f"Zimmer {300 + at}" for at in range(1, 7)}
    assert sure(list(doors.values()), [*doors, "Nuki Tiefgarage [SN20117]"]) == doors


def test_which_key_a_lock_has_is_none_of_a_room() -> None:
    doors = {"moe (key 1)": "萌 Moe", "kaze (key 1)": "風 Kaze", "Tsubaki": "椿 Tsubaki", "SUGI": "杉 Sugi"}
    assert sure(list(doors.values()), [*doors, "Onsen"]) == doors
