"""Names that say a room's number and are not that room's: the form as a whole does not fit the house."""

import dataclasses
import random
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lock_names.propose import propose
from lock_names.read import NamedDoor, NamedRoom
from tests.lock_names.disturbances import FEWER_OR_MORE, UNTOLD, Disturbance, another_house_as_well, half_of_them
from tests.lock_names.naming_styles import (
    AFTERTHOUGHTS,
    NOISY,
    NOT_TUNED,
    STYLES,
    House,
    build,
    overlapping_systems,
)
from tests.lock_names.styles_of_judges import OF_JUDGES
from tests.lock_names.styles_of_makers import OF_MAKERS
from tests.lock_names.styles_with_strays import WITH_STRAYS
from tests.lock_names.unseen_styles import UNSEEN

SIX_STOREYS = [f"{floor}{number:02}" for floor in range(1, 7) for number in range(1, 51)]


def sure(rooms: Sequence[str], doors: Sequence[str | NamedDoor], decided: dict[str, str] | None = None) -> set[str]:
    """Names of the doors that are sure."""
    named = [door if isinstance(door, NamedDoor) else NamedDoor(door, door) for door in doors]
    names = {door.id: door.name for door in named}
    found = propose([NamedRoom(room, room) for room in rooms], named, decided or {})
    return {names[one.door_id] for one in found if one.sure}


def test_a_running_number_is_no_rooms_number() -> None:
    doors = [NamedDoor(f"{at}", f"Lock {at}") for at in range(1, 301)]
    assert sure(SIX_STOREYS, doors) == set()
    found = propose([NamedRoom(room, room) for room in SIX_STOREYS], doors, {})
    of_101 = next(one for one in found if one.door_id == "101")
    assert (of_101.room_key, of_101.sure) == ("101", False)
    assert "running number" in of_101.reason


def test_a_running_number_that_starts_at_the_first_room_is_none_either() -> None:
    assert sure(SIX_STOREYS, [f"Lock {at}" for at in range(101, 155)]) == set()


def test_other_names_of_the_same_account_stay_sure_beside_a_running_number() -> None:
    doors = [*(f"Lock {at}" for at in range(1, 101)), *(f"Zimmer {room}" for room in SIX_STOREYS[100:])]
    assert sure(SIX_STOREYS, doors) == {f"Zimmer {room}" for room in SIX_STOREYS[100:]}


@pytest.mark.parametrize("by", [1, -1, 100, -100, 10])
def test_locks_that_are_counted_from_another_number_are_nobodys(by: int) -> None:
    assert sure(SIX_STOREYS, [f"Room {int(room) + by}" for room in SIX_STOREYS]) == set()


def test_storeys_that_one_system_shows_to_be_counted_otherwise_are_so_in_the_other_too() -> None:
    doors = [NamedDoor(room, f"Room {int(room) + 100}", "Salto KS" if room < "400" else "Nuki") for room in SIX_STOREYS]
    assert sure(SIX_STOREYS, doors) == set()


def test_a_few_locks_of_no_room_leave_the_others_sure() -> None:
    doors = [*SIX_STOREYS, "651", "777", "999"]
    assert sure(SIX_STOREYS, doors) == set(SIX_STOREYS)
    assert sure(SIX_STOREYS[::2], SIX_STOREYS[::2]) == set(SIX_STOREYS[::2])
    assert sure(["101", "102"], ["101", "102", "103"]) == {"101", "102"}


def test_locks_of_another_house_in_the_account_make_those_without_a_double_wait_too() -> None:
    ours = [NamedDoor(f"ours {room}", room) for room in SIX_STOREYS[::2]]
    theirs = [NamedDoor(f"theirs {room}", room) for room in SIX_STOREYS[::3]]
    assert sure(SIX_STOREYS, [*ours, *theirs]) == set()
    beside = [NamedDoor(f"theirs {room}", room, "Nuki") for room in SIX_STOREYS[::3]]
    assert sure(SIX_STOREYS, [*ours, *beside]) == set()


def test_rooms_that_people_chose_against_the_names_make_the_other_names_of_that_form_wait() -> None:
    doors = [f"Lock {at}" for at in range(101, 121)]
    assert sure(SIX_STOREYS, doors) == set(doors)
    decided = {f"Lock {at}": f"{at + 100}" for at in range(101, 104)}
    assert sure(SIX_STOREYS, doors, decided) == set()


@pytest.mark.parametrize(
    "style",
    [
        pytest.param(style, marks=[pytest.mark.slow] if at % 6 else [], id=style.says)
        for at, style in enumerate((*UNSEEN, *WITH_STRAYS, *OF_MAKERS, *OF_JUDGES))
    ],
)
def test_a_style_never_seen_gives_no_wrong_door(style: Callable[[House], None]) -> None:
    assert not wrong(build(style))


def wrong(house: House) -> list[str]:
    names = {door.id: door.name for door in house.doors}
    rooms = {room.key: room.name for room in house.rooms}
    return [
        f"{names[one.door_id]} -> {rooms[one.room_key or '']}"
        for one in propose(house.rooms, house.doors, {})
        if one.sure and house.truth.get(one.door_id) != one.room_key
    ]


STRAYS = [dataclasses.replace(style, has_mistyped_numbers=False) for style in (*WITH_STRAYS, *OF_MAKERS, *OF_JUDGES)]
# Two systems that both have a room's lock need a person already when nothing is disturbed.
EVERY_STYLE: list[Callable[[House], None]] = [*STYLES, *AFTERTHOUGHTS, *NOISY, *NOT_TUNED, *UNSEEN, *STRAYS]
ALL_STYLES = [style for style in EVERY_STYLE if style is not overlapping_systems]


_DISTURBED = given(
    st.sampled_from(ALL_STYLES),
    st.sampled_from(UNTOLD + FEWER_OR_MORE),
    st.booleans(),
    st.randoms(use_true_random=False),
)


def _no_wrong_door(
    style: Callable[[House], None], disturb: Disturbance, drops_half: bool, chance: random.Random
) -> None:
    house = disturb(build(style), chance)
    # Where one of two equal names is left out, nothing tells that there were two.
    if house is not None and drops_half and (disturb in UNTOLD or disturb is another_house_as_well):
        house = half_of_them(house, chance)
    assert house is None or not wrong(house)


@settings(max_examples=6, deadline=None)
@_DISTURBED
def test_no_disturbance_of_any_style_makes_a_wrong_door_sure(
    style: Callable[[House], None], disturb: Disturbance, drops_half: bool, chance: random.Random
) -> None:
    _no_wrong_door(style, disturb, drops_half, chance)


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@_DISTURBED
def test_no_disturbance_of_many_styles_makes_a_wrong_door_sure(
    style: Callable[[House], None], disturb: Disturbance, drops_half: bool, chance: random.Random
) -> None:
    _no_wrong_door(style, disturb, drops_half, chance)


@pytest.mark.parametrize("default", ["Lock 1", "Smart Lock 2", "Yale 3", "Door 4"])
def test_a_lock_that_nobody_has_named_yet_is_no_rooms_where_no_other_is_named_so(default: str) -> None:
    rooms = [f"Bungalow {number}" for number in range(1, 31)]
    doors = {f"De Zandhoek bung. {room.split()[1]}": room for room in rooms if not default.endswith(f" {room[-1]}")}
    assert default not in sure(rooms, [*doors, default])
    plain = [f"Lock {number}" for number in range(1, 31)]
    assert sure(rooms, plain) == set(plain)


def test_a_lock_of_an_account_that_nobody_can_trust_still_leaves_its_room_open() -> None:
    rooms = [f"{number}" for number in range(101, 141)]
    ours = [NamedDoor(f"a{room}", f"Tür {room}", "Salto KS") for room in rooms[:30]]
    twice = [NamedDoor(f"b{room}", f"Tür {room}", "Salto KS") for room in rooms[:10]]
    others = [NamedDoor(f"c{room}", f"Tür {room}", "Nuki") for room in rooms[28:]]
    assert sure(rooms, [*ours, *twice, *others]) == {f"Tür {room}" for room in rooms[30:]}


def test_a_mistyped_number_is_no_sure_door_where_the_rooms_own_lock_waits_for_its_form() -> None:
    rooms = [f"{floor}{number:02}" for floor in range(1, 5) for number in range(1, 26)]
    # One of those that are written with "Gang" has another's number; those with "Tür" are counted from 102 on.
    gang = {room: f"Gang {room}" for room in rooms[1::2]} | {"104": "Gang 203"}
    tuer = [f"Tür {int(room) + 1}" for room in rooms[1::2]]
    assert "Gang 203" not in sure(rooms, [*gang.values(), *tuer])
