"""Lockers of the beds of dormitories."""

from collections.abc import Collection

import pytest

from tests.lock_names.test_propose import sure

BEDS = {
    f"D{dorm} Locker {bed}": f"{size}-Bed {sort} Dorm {dorm} / Bed {bed}"
    for dorm, size, sort in ((1, 6, "Mixed"), (2, 4, "Female"), (3, 8, "Mixed"))
    for bed in "ABCDEFGH"[:size]
}
PRIVATE = {f"P{number}": f"Private Double {number}" for number in range(21, 28)}
ROOMS = [*BEDS.values(), *PRIVATE.values()]
COMMON = ["Kitchen", "Luggage room", "Street door", "D1 Door", "D2 Door", "D3 Door"]


def _lockers(locks: Collection[str]) -> dict[str, str | None]:
    """The sure rooms of the lockers alone."""
    return {
        lock: room for lock, room in sure(ROOMS, [*locks, *PRIVATE, *COMMON]).items() if room not in PRIVATE.values()
    }


@pytest.mark.parametrize(
    "word",
    ["Locker", "taquilla", "cacifo", "casier", "Spind", "Schließfach", "armadietto", "szafka", "skåp", "kluisje"],
)
def test_the_locker_of_a_bed_is_the_bed_s(word: str) -> None:
    locks = {lock.replace("Locker", word): bed for lock, bed in BEDS.items()}
    assert _lockers(locks) == locks


@pytest.mark.parametrize("write", ["Locker D{}-{}", "Dorm {} locker {}", "D{}-{} locker", "locker dorm {} bed {}"])
def test_a_locker_is_read_however_it_is_written(write: str) -> None:
    locks = {write.format(lock[1], lock[-1]): bed for lock, bed in BEDS.items()}
    assert _lockers(locks) == locks


def test_a_locker_may_say_the_dormitory_by_its_name_and_be_mistyped() -> None:
    beds = {
        f"locker {name} {bed}": f"Dorm {at} {name} - Cama {bed}"
        for at, name in enumerate(("Alfama", "Graça"), 1)
        for bed in "ABCDEF"
    }
    locks = {
        lock.replace("locker", "loker")
        if lock.endswith("B")
        else f"{lock} (pilha fraca)"
        if lock.endswith("C")
        else lock: bed
        for lock, bed in beds.items()
    }
    assert sure([*beds.values(), "Estúdio"], [*locks, "Cozinha"]) == locks


def test_a_dormitory_s_bed_without_a_locker_takes_nothing_from_the_others() -> None:
    locks = {lock: bed for lock, bed in BEDS.items() if lock != "D3 Locker F"}
    assert _lockers(locks) == locks


def test_lockers_are_counted_in_japanese_too() -> None:
    beds = {
        f"ドミトリー{dorm} ロッカー{bed}": f"ドミトリー{dorm} ベッド{bed}" for dorm in (1, 2) for bed in range(1, 9)
    }
    assert sure([*beds.values(), "個室 101"], [*beds]) == beds


@pytest.mark.parametrize(
    "more",
    [
        pytest.param(["D3 Bed F"], id="a bed that has a lock of its own"),
        pytest.param(["D1-B"], id="a bed's lock that does not say the bed"),
        pytest.param(["D2 Locker E"], id="more lockers than beds"),
        pytest.param(["D1 Lockers B"], id="a locker that is there twice"),
    ],
)
def test_lockers_are_nobody_s_where_they_may_not_be_the_beds(more: list[str]) -> None:
    assert not {*_lockers([*BEDS, *more])} & set(BEDS)


@pytest.mark.parametrize(
    "write",
    [
        "Luggage locker {1}",
        "Staff D{0} locker {1}",
        "Locker {1}{0}",
        "D{0} luggage locker {1}",
        "D{0} Locker 1{1}",
        "Crew locker {1}",
    ],
)
def test_other_lockers_are_no_bed_s(write: str) -> None:
    locks = {write.format(lock[1], lock[-1]): bed for lock, bed in BEDS.items()}
    assert not _lockers(locks)


def test_lockers_with_numbers_of_their_own_are_nobody_s() -> None:
    numbers = {bed: at for at, bed in enumerate(BEDS.values(), 1)}
    locks = {f"{lock[:-1]}{numbers[bed]}": bed for lock, bed in BEDS.items()}
    rooms = [*(f"{bed[:-1]}{'ABCDEFGH'.index(bed[-1]) + 1}" for bed in BEDS.values()), *PRIVATE.values()]
    assert not {*sure(rooms, [*locks, *PRIVATE, *COMMON])} & set(locks)


def test_lockers_in_a_dormitory_that_is_let_as_a_whole_are_nobody_s() -> None:
    rooms = ["Dorm 1 (6 beds)", "Dorm 2 (8 beds)", *PRIVATE.values()]
    assert not {*sure(rooms, [*BEDS, *PRIVATE])} & set(BEDS)


def test_a_locker_may_be_of_the_dormitory_that_is_let_as_a_whole() -> None:
    rooms = [*(room for room in ROOMS if "Dorm 2" not in room), "Female Dorm 1"]
    assert not {*sure(rooms, [lock for lock in BEDS if lock[1] == "1"])}


def test_a_locker_that_says_its_dormitory_by_a_number_alone_is_nobody_s() -> None:
    beds = [f"Dorm {dorm} Bed {bed}" for dorm in range(1, 13) for bed in range(1, 7)]
    lockers = [f"Locker {dorm}-{bed}" for dorm in range(1, 13) for bed in range(1, 7)]
    assert not sure([*beds, "Private 201"], [*lockers, "Kitchen"])
