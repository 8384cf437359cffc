"""Flats that are told by how many bedrooms they have and counted within each size: "2-bed apt 04" of "2BR - 04"."""

import re
from collections.abc import Mapping

from lock_names.shares import FEW
from lock_names.tokens import plain_number
from lock_names.words import folded

_COUNTS = {word: at for at, word in enumerate(("one", "two", "three", "four", "five", "six"), 1)}
_WORDS = {at: f"{word}bedroom" for word, at in _COUNTS.items()}
"""A word that no name has by itself."""
_SIZE = re.compile(
    rf"^[\W_]*(?P<size>(?P<count>[1-6]|{'|'.join(_COUNTS)})[\W_]{{0,3}}(?:br|bdr|bdrm|bd|beds?|bedrooms?)(?![^\W\d_])"
    r"(?:[\W_]{1,3}(?:apartment|apt|appt|flat|unit|suite|condo)(?![^\W\d_]))?)[^\d]{0,12}(?P<number>\d{1,4})(?!.*\d)",
    re.IGNORECASE,
)


def with_sizes_as_words(rooms: Mapping[str, str], doors: Mapping[str, str]) -> tuple[dict[str, str], dict[str, str]]:
    """The names of rooms that are let and of locks, by key and id, with "twobedroom 04" for "2BR - 04" and for "2-bed
    apt 04".

    As they are unless several rooms are called so, no two by the same size and number, and all locks that are called so
    are such a room's, each another one.
    """
    of_rooms = {key: found for key, name in rooms.items() if (found := _SIZE.match(name))}
    of_doors = {door_id: found for door_id, name in doors.items() if (found := _SIZE.match(name))}
    there = {_said(found) for found in of_rooms.values()}
    said = {_said(found) for found in of_doors.values()}
    is_told = FEW <= len(of_rooms) == len(there) and FEW <= len(of_doors) == len(said) and said <= there
    if not is_told:
        return dict(rooms), dict(doors)
    return {**rooms, **_spelled_out(rooms, of_rooms)}, {**doors, **_spelled_out(doors, of_doors)}


def _said(found: re.Match[str]) -> tuple[int, str]:
    count = folded(found["count"])
    return _COUNTS.get(count) or int(count), plain_number(found["number"])


def _spelled_out(names: Mapping[str, str], of: Mapping[str, re.Match[str]]) -> dict[str, str]:
    return {key: f"{_WORDS[_said(found)[0]]} {names[key][found.end('size') :].lstrip()}" for key, found in of.items()}
