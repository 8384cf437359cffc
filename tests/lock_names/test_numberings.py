"""Two numberings of one house: a lock's number is one room's by the one, and another's by the other."""

import pytest

from lock_names.propose import propose
from lock_names.read import NamedDoor, NamedRoom

OLD = [7, 3, 9, 12, 1, 10, 2, 6, 11, 4, 8, 5]
"""What the rooms 1 to 12 were called before."""


def sure(rooms: list[str], locks: list[str]) -> dict[str, str]:
    """Locks to the rooms that are sure, by name."""
    proposals = propose(
        [NamedRoom(f"{at}", name) for at, name in enumerate(rooms)],
        [NamedDoor(f"{at}", name, "Salto") for at, name in enumerate(locks)],
        {},
    )
    return {
        locks[int(one.door_id)]: rooms[int(one.room_key)] for one in proposals if one.sure and one.room_key is not None
    }


def _written(write: str) -> list[str]:
    return [write.format(new=new, old=old) for new, old in enumerate(OLD, 1)]


ROOMS = ("EZ {new} (alt {old})", "Room {new} [was {old}]", "{new}号室(旧{old})", "Room {new} ({old} old)")


@pytest.mark.parametrize("room", [*ROOMS, "Chambre {new} - ancien n° {old}", "Pokój {new} (dawniej {old})"])
@pytest.mark.parametrize(
    "lock", ["{old} alt", "Tür alt Nr. {old}", "Door {old} (old)", "ex {old}", "旧{old}", "antes {old}"]
)
def test_a_lock_that_says_a_former_number_is_the_room_s_that_had_it(room: str, lock: str) -> None:
    assert sure(_written(room), _written(lock)) == dict(zip(_written(lock), _written(room), strict=True))


@pytest.mark.parametrize("room", [*ROOMS, "{new} - {old}", "Villa {new}, plot {old}"])
@pytest.mark.parametrize("lock", ["{old}", "Lock {old}", "{new}", "Tür {new}"])
def test_a_number_that_may_be_of_either_numbering_is_not_sure(room: str, lock: str) -> None:
    assert sure(_written(room), _written(lock)) == {}


@pytest.mark.parametrize(
    ("room", "lock"),
    [
        ("Apt {new} / Top {old}", "Top {old}"),
        ("Apt {new} / Top {old}", "Apartment {new}"),
        ("Unit {old} - Listing {new}", "Unit {old}"),
        ("EZ {new} (alt {old})", "{old}/{new}"),
        ("EZ {new} (alt {old})", "{new} (alt {old})"),
    ],
)
def test_the_word_beside_it_or_both_numbers_tell_which_it_is(room: str, lock: str) -> None:
    assert sure(_written(room), _written(lock)) == dict(zip(_written(lock), _written(room), strict=True))


def test_all_locks_together_tell_it_where_the_numbers_of_one_numbering_alone_are_there() -> None:
    rooms = [f"Room {100 + new} (was {old})" for new, old in enumerate(OLD, 1)]
    locks = [f"Door {old}" for old in OLD]
    assert sure(rooms, locks) == dict(zip(locks, rooms, strict=True))
    one_more = [f"Door {old + 1}" for old in OLD]
    assert sure(rooms, one_more) == {}


@pytest.mark.parametrize("lock", ["früher {old}", "antes {old}", "{old} vecchia", "旧{old}", "anc. {old}"])
def test_a_former_number_is_no_room_s_where_the_rooms_do_not_say_theirs(lock: str) -> None:
    assert sure([f"Zimmer {new}" for new in range(1, 13)], _written(lock)) == {}


def test_of_a_few_rooms_that_changed_their_numbers_those_alone_wait() -> None:
    rooms = [*(f"Zimmer {new}" for new in range(1, 11)), "Zimmer 11 (früher 12)", "Zimmer 12 (früher 11)"]
    assert sure(rooms, [f"{new}" for new in range(1, 13)]) == {f"{new}": f"Zimmer {new}" for new in range(1, 11)}


@pytest.mark.parametrize("write", ["Soba {} (stara {})", "Zi {} (alt {})", "Hab. {} (antigua {})", "{} [旧{}]"])
def test_a_former_number_in_a_bracket_behind_the_room_s_own_says_nothing(write: str) -> None:
    rooms = [f"Soba {storey}0{at}" for storey in (1, 2, 3) for at in range(1, 8)]
    locks = {write.format(room[5:], at): room for at, room in enumerate(rooms, 1)}
    assert sure(rooms, list(locks)) == locks


def test_a_number_that_a_lock_calls_new_is_the_rooms_own() -> None:
    rooms = {203: 210, 210: 312, 302: 209, 307: 208, 213: 202, 304: 307, 209: 205}
    names = {number: f"{number} (formerly {before})" for number, before in rooms.items()}
    doors = {"302 new": names[302], "307 new": names[307], "213 new": names[213], "formerly 210": names[203]}
    doors |= {"formerly 307": names[304], "formerly 312": names[210], "Room 209 ex 205": names[209]}
    assert sure(list(names.values()), [*doors, "Store opposite 204 new"]) == doors
