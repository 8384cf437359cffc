"""Models and serial numbers behind the names of a part of the locks."""

import pytest

from lock_names.models import without_codes_of_all, without_models_behind
from tests.lock_names.test_propose import sure

FJORDS = ("Lofoten", "Svolvær", "Henningsvær", "Reine", "Å", "Nusfjord", "Kabelvåg", "Ballstad")
RORBUER = {f"Rorbu {number}": f"Rorbu {number} {name}" for number, name in enumerate(FJORDS, 1)}
SERIALS = ("a31", "a47", "b02", "b6e", "c19", "d88", "e2c", "f70")


@pytest.mark.parametrize("model", ["Doorman V2N", "KW914", "(IGB4e)", "IGB4"])
def test_a_model_that_several_locks_have_is_no_part_of_the_name(model: str) -> None:
    doors = {f"{lock} {model}" if at < 5 else lock: room for at, (lock, room) in enumerate(RORBUER.items())}
    assert sure(list(doors.values()), [*doors, "Naust"]) == doors


@pytest.mark.parametrize("write", ["{} TT-{}", "{} S202_{}", "{} [IGK3-{}]"])
def test_serial_numbers_behind_one_model_are_none_either(write: str) -> None:
    doors = {
        write.format(lock, serial) if at < 5 else lock: room
        for at, ((lock, room), serial) in enumerate(zip(RORBUER.items(), SERIALS, strict=True))
    }
    assert sure(list(doors.values()), [*doors, write.format("Naust", "d91")]) == doors


def test_a_version_behind_its_maker_is_none() -> None:
    names = ("Lavanda", "Rosmarino", "Glicine", "Girasole", "Ulivo", "Melograno")
    doors = {f"{name} Nuki 3.0" if at % 2 else name: f"Camera {name}" for at, name in enumerate(names)}
    assert sure(list(doors.values()), list(doors)) == doors


@pytest.mark.parametrize(
    "behind",
    [
        pytest.param(["H2"] * 5, id="a house"),
        pytest.param(["B1F2"] * 5, id="a storey of a house"),
        pytest.param(["Haus202"] * 5, id="a word for a house"),
        pytest.param(["Remise"] * 5, id="a word"),
        pytest.param(["Yale L3"] * 5, id="one maker and a letter"),
        pytest.param(["DEP-A11", "DEP-A12", "DEP-A13", "DEP-B11", "DEP-B12"], id="codes of rooms elsewhere"),
        pytest.param(["DEP-201", "DEP-202", "DEP-203", "DEP-204", "DEP-205"], id="numbers elsewhere"),
    ],
)
def test_what_may_be_another_house_s_stays(behind: list[str]) -> None:
    names = {lock: f"{lock} {behind[at]}" if at < 5 else lock for at, lock in enumerate(RORBUER)}
    assert without_models_behind(names, list(RORBUER.values())) == names


def test_a_model_stays_beside_a_number_alone_and_beside_a_name_that_another_lock_has() -> None:
    numbered = {f"{number}": f"Room {number} KW914" if number < 6 else f"Room {number}" for number in range(1, 16)}
    assert without_models_behind(numbered, [f"Room {number}" for number in range(1, 16)]) == numbered
    twice = {**{lock: lock for lock in RORBUER}, **{f"{lock} too": f"{lock} KW914" for lock in RORBUER}}
    assert without_models_behind(twice, list(RORBUER.values())) == twice


AIRPORT = {f"0{storey}{number:02}": storey for storey in (2, 3, 4, 5) for number in range(1, 7)}


def _with_codes() -> dict[str, str]:
    return {
        f"{room[:2]}-{room[1:]} {'RT+' if storey > 3 else 'MT'}": f"{room} STDQ" for room, storey in AIRPORT.items()
    }


def test_a_code_behind_the_number_of_all_locks_is_none_where_these_are_all_rooms() -> None:
    doors = _with_codes()
    assert sure(list(doors.values()), [*doors, "02-LINEN", "05-CLUB LOUNGE"]) == doors


@pytest.mark.parametrize(
    "locks",
    [
        pytest.param([door.replace(" MT", "") for door in _with_codes()], id="a part without"),
        pytest.param(list(_with_codes())[2:], id="rooms without a lock"),
        pytest.param([*_with_codes(), "02-201 RT"], id="a number again"),
        pytest.param([door.replace("RT+", "kabuff") for door in _with_codes()], id="a word"),
        pytest.param([f"{door}{at % 7}" for at, door in enumerate(_with_codes())], id="numbers"),
        pytest.param([door.replace("04-401 RT+", "04-401 KH") for door in _with_codes()], id="one alone"),
    ],
)
def test_codes_that_may_be_an_annex_s_stay(locks: list[str]) -> None:
    names = {door: door for door in locks}
    assert without_codes_of_all(names, list(AIRPORT)) == names
