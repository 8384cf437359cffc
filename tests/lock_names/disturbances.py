"""What goes wrong in the locks of a house: their numbers do not tell the rooms, some are missing, some are named twice.

Each takes a house as it should be and gives the locks as they are, with the truth about them. A name that is another
room's by mistake stands for the room where its lock is.
"""

import dataclasses
import random
import re
from collections.abc import Callable

from lock_names.read import NamedDoor
from tests.lock_names.naming_styles import House

_DIGITS = re.compile(r"\d+")


def _rooms_doors(house: House) -> list[NamedDoor]:
    return [door for door in house.doors if door.id in house.truth]


def _renamed(house: House, names: dict[str, str]) -> House:
    doors = [dataclasses.replace(door, name=names.get(door.id, door.name)) for door in house.doors]
    return dataclasses.replace(house, doors=doors)


def _only(house: House, doors: list[NamedDoor]) -> House:
    ids = {door.id for door in doors}
    return dataclasses.replace(
        house, doors=doors, truth={door_id: room for door_id, room in house.truth.items() if door_id in ids}
    )


def _counted_up(name: str, number: str, by: int) -> str | None:
    """A lock's name with a higher number of its room; None where its number is not the room's as it stands."""
    if not number:
        return None
    number = str(int(number))
    there = list(_DIGITS.finditer(name))
    same = [found for found in there if str(int(found[0])) == number]
    ends = [found for found in there if by < 100 and len(number) > 2 and int(found[0]) == int(number[-2:])]
    if not same and not ends:
        return None
    found = (same or ends)[-1]
    return f"{name[: found.start()]}{int(found[0]) + by:0{len(found[0])}}{name[found.end() :]}"


def _shifted(house: House, by: int) -> House | None:
    """The house with other numbers on its locks; None where some of its names do not have the rooms' numbers."""
    if house.untold:
        return None
    rooms = {room.key: room.name for room in house.rooms if not room.is_common}
    names = {}
    for door in _rooms_doors(house):
        if house.truth[door.id] not in rooms:
            continue
        number = (_DIGITS.findall(rooms[house.truth[door.id]]) or [""])[-1]
        name = _counted_up(door.name, number, by)
        if name is None or (
            by == 100 and (len(number) < 3 or int(number[:-2]) in map(int, _DIGITS.findall(door.name)))
        ):
            return None
        names[door.id] = name
    return _renamed(house, names)


def one_higher(house: House, chance: random.Random) -> House | None:
    """Every lock has the number of the next room."""
    return _shifted(house, 1)


def a_storey_higher(house: House, chance: random.Random) -> House | None:
    """Storeys are counted from another one."""
    return _shifted(house, 100)


def half_of_them(house: House, chance: random.Random) -> House:
    """Half of the locks are not connected yet; not of those by which one sees that a house counts otherwise."""
    known = {number for room in house.rooms for number in _DIGITS.findall(room.name)[-1:]}
    streets = {number for room in house.rooms for number in _DIGITS.findall(room.name)[:-1]}
    return _only(
        house,
        [
            door
            for door in house.doors
            if chance.random() < 0.5
            or (
                door.id in house.truth
                and known.isdisjoint({number.lstrip("0") for number in _DIGITS.findall(door.name)} - streets)
            )
        ],
    )


def another_house_as_well(house: House, chance: random.Random) -> House:
    """The locks of another house of the same numbers are in the same accounts."""
    others = [
        dataclasses.replace(door, id=f"other-{door.id}")
        for door in house.doors
        if door.id in house.truth or chance.random() < 0.5
    ]
    doors = [*house.doors, *others]
    chance.shuffle(doors)
    return dataclasses.replace(house, doors=doors)


def some_named_twice(house: House, chance: random.Random) -> House:
    """A dozen names stand on two locks, and nobody knows which is the room's."""
    doors = _rooms_doors(house)
    twice = chance.sample(doors, min(12, len(doors)))
    return dataclasses.replace(
        house, doors=[*house.doors, *(dataclasses.replace(door, id=f"other-{door.id}") for door in twice)]
    )


def some_mistyped(house: House, chance: random.Random) -> House:
    """A dozen locks have the name of another room, whose own lock has it too."""
    common = {room.key for room in house.rooms if room.is_common}
    doors = [door for door in _rooms_doors(house) if house.truth[door.id] not in common]
    chosen = chance.sample(doors, min(24, len(doors)) // 2 * 2)
    return _renamed(house, {one.id: other.name for one, other in zip(chosen[::2], chosen[1::2], strict=True)})


def an_annex_for_a_storey(house: House, chance: random.Random) -> House | None:
    """A fifth of the rooms in a row have no lock, and an annex's locks have their numbers, under a word of its own."""
    doors = _rooms_doors(house)
    if house.untold or any(not _DIGITS.search(door.name) for door in doors):
        return None
    of_room = {room.key: at for at, room in enumerate(sorted(house.rooms, key=lambda room: _natural(room.name)))}
    doors.sort(key=lambda door: of_room[house.truth[door.id]])
    first = chance.randrange(len(doors) * 4 // 5)
    block = {door.id for door in doors[first : first + len(doors) // 5]}
    return _of_another_house(house, block, chance.choice(("Orchard {}", "{} Kapelle", "ORC-{}")))


def another_house_for_some(house: House, chance: random.Random) -> House | None:
    """Another house's locks are in the account under a word of its own, for a third of the numbers; half of those rooms
    have their own lock as well."""
    doors = _rooms_doors(house)
    if house.untold or any(not _DIGITS.search(door.name) for door in doors):
        return None
    theirs = {door.id for door in chance.sample(doors, len(doors) // 3)}
    gone = {door_id for door_id in sorted(theirs) if chance.random() < 0.5}
    return _of_another_house(house, theirs, chance.choice(("Orchard {}", "{} Kapelle", "ORC-{}")), gone)


def odd_doors_for_missing(house: House, chance: random.Random) -> House | None:
    """A tenth of the rooms have no lock, and cupboards beside some of them have one, under a word that nobody knows."""
    doors = _rooms_doors(house)
    if house.untold or any(not _DIGITS.search(door.name) for door in doors):
        return None
    gone = {door.id for door in chance.sample(doors, len(doors) // 10)}
    cupboards = {door.id for door in chance.sample(doors, len(doors) // 10)} | set(sorted(gone)[: len(gone) // 3])
    return _of_another_house(house, cupboards, "Kabuff {}", gone)


def an_annex_for_missing(house: House, chance: random.Random) -> House | None:
    """Some rooms all over the house have no lock, and an annex's locks have just their numbers, under a mark."""
    doors = _rooms_doors(house)
    if house.untold or any(not _DIGITS.search(door.name) for door in doors):
        return None
    gone = {door.id for door in chance.sample(doors, max(2, int(chance.choice((0.03, 0.06, 0.1)) * len(doors))))}
    return _of_another_house(house, gone, chance.choice(_MARKS))


_MARKS = ("Kutscherhaus {}", "KH-{}", "{} Remise", "DEP {}", "{} (Anx)", "2/{}", "K{}", "Villa Rosa {}", "{}b")


def _of_another_house(house: House, names_of: set[str], write: str, gone: set[str] | None = None) -> House:
    """The house with further locks, called like some of its own and a word more, and without some of its own."""
    gone = names_of if gone is None else gone
    others = [
        dataclasses.replace(door, id=f"other-{door.id}", name=write.format(door.name))
        for door in house.doors
        if door.id in names_of
    ]
    return _only(house, [*(door for door in house.doors if door.id not in gone), *others])


def _natural(name: str) -> list[tuple[int, str]]:
    return [(len(part) if part.isdecimal() else 0, part) for part in re.split(r"(\d+)", name)]


def _running(house: House, chance: random.Random, first: int, write: str) -> House | None:
    """Locks in any order with running numbers; None where the rooms have such numbers themselves."""
    doors = _rooms_doors(house)
    rooms = {number for room in house.rooms for number in _DIGITS.findall(room.name)[-1:]}
    if sum(f"{number}" in rooms for number in range(first, first + len(doors))) > 0.95 * len(doors):
        return None
    chance.shuffle(doors)
    return _renamed(house, {door.id: write.format(at) for at, door in enumerate(doors, first)})


def running_numbers(house: House, chance: random.Random) -> House | None:
    """The locks are numbered as they were put in."""
    return _running(house, chance, 1, "Lock {}")


def running_numbers_from_101(house: House, chance: random.Random) -> House | None:
    """The locks are numbered as they were put in, from the first room's number on."""
    return _running(house, chance, 101, "{}")


def serial_numbers(house: House, chance: random.Random) -> House:
    """The locks have three digits of their serial number."""
    doors = _rooms_doors(house)
    numbers = chance.sample(range(100, 1000), len(doors))
    return _renamed(house, {door.id: f"Lock {number}" for door, number in zip(doors, numbers, strict=True)})


Disturbance = Callable[[House, random.Random], House | None]
"""None: it cannot befall that house."""
UNTOLD: tuple[Disturbance, ...] = (
    one_higher,
    a_storey_higher,
    running_numbers,
    running_numbers_from_101,
    serial_numbers,
)
"""The locks' numbers do not tell the rooms."""
FEWER_OR_MORE: tuple[Disturbance, ...] = (
    half_of_them,
    another_house_as_well,
    some_named_twice,
    some_mistyped,
    an_annex_for_a_storey,
    another_house_for_some,
    odd_doors_for_missing,
    an_annex_for_missing,
)
