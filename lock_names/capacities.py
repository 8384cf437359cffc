"""How many sleep in a room, where locks say it beside the room's number: "P3 8os" of "8-Bed Female Dorm (3)"."""

import re
from collections.abc import Mapping

from lock_names import words as say
from lock_names.shares import FEW
from lock_names.tokens import plain_number
from lock_names.words import folded

_COUNT = re.compile(r"(?<![^\W_])(?P<count>\d{1,2})[\s-]{0,2}(?P<unit>[^\W\d_]{1,12})(?![^\W_])")
_NUMBER = re.compile(r"\d+")
_SLEEP = say.HOW_MANY - say.of_text("m2 qm sqm 畳 br bdr bedroom bedrooms ba bath baths p")


def without_capacities(rooms: Mapping[str, str], doors: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The names of rooms that are let and of locks, by key and id, without how many sleep there.

    As they are unless several locks say it; each room has one number beside it, which no other has; and each such lock
    has one of these numbers, another one than the others, and no other capacity than its room, where that says one.
    """
    counts: dict[str, int] = {}
    bare_rooms = {key: _without(name) for key, name in rooms.items()}
    numbers = {key: _numbers(bare) for key, (bare, _) in bare_rooms.items()}
    if any(len(there) != 1 for there in numbers.values()) or len({there[0] for there in numbers.values()}) < len(rooms):
        return dict(rooms), dict(doors)
    for key, (_, count) in bare_rooms.items():
        counts[numbers[key][0]] = count
    bare_doors = {door_id: found for door_id, name in doors.items() if (found := _without(name))[1]}
    said = [_numbers(bare) for bare, _ in bare_doors.values()]
    is_told = len(said) >= FEW and all(len(there) == 1 and there[0] in counts for there in said)
    if (
        not is_told
        or len({there[0] for there in said}) < len(said)
        or any(counts[_numbers(bare)[0]] not in (0, count) for bare, count in bare_doors.values())
    ):
        return dict(rooms), dict(doors)
    return (
        {key: bare for key, (bare, _) in bare_rooms.items()},
        {**doors, **{door_id: bare for door_id, (bare, _) in bare_doors.items()}},
    )


def _without(name: str) -> tuple[str, int]:
    """A name without it, and how many; nought where it says none, or several."""
    found = [one for one in _COUNT.finditer(name) if folded(one["unit"]) in _SLEEP]
    if len(found) != 1:
        return name, 0
    return f"{name[: found[0].start()]} {name[found[0].end() :]}".strip(), int(found[0]["count"])


def _numbers(name: str) -> list[str]:
    return [plain_number(number) for number in _NUMBER.findall(name)]
