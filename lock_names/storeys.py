"""Attics: the highest storey of a house, which its rooms say by a number and its locks by a word."""

import re
from collections.abc import Collection, Mapping

from lock_names import words as say
from lock_names.read import FLOOR, is_floor, read
from lock_names.shares import FEW
from lock_names.tokens import tokens_of
from lock_names.vocabulary import meanings
from lock_names.words import folded

_WORD = re.compile(r"[^\W\d_]+")
_ATTIC = meanings("dg")
_HIGHEST = 9
"""The highest storey of a house of which the attic is one."""


def with_attics_numbered(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of locks with "3.OG Zi.05" for "DG Zi.05", where the locks say by number just the storeys of the rooms but
    the third. `names` by door id; `rooms` their names as they are written."""
    storeys = {_storey_of(room) for room in rooms}
    said = {storey for name in names.values() for storey in _storeys_said(name)}
    top = max((int(storey) for storey in storeys if storey), default=0)
    if not (0 < top <= _HIGHEST) or "" in storeys or said != storeys - {f"{top}"}:
        return dict(names)
    if any(_is_attic(word) for room in rooms for word in _WORD.findall(room)):
        return dict(names)
    storey = f"{top}{next(filter(None, map(_behind_a_storey, names.values())), '.OG')}"
    return {
        door_id: _WORD.sub(lambda word: storey if _is_attic(word[0]) else word[0], name)
        if any(map(str.isdecimal, name))
        else name
        for door_id, name in names.items()
    }


def _behind_a_storey(name: str) -> str:
    """What a lock has behind the number of its storey: ".OG"; empty if none."""
    for dot, word in _BEHIND_A_NUMBER.findall(name):
        if folded(word) in say.FLOOR:
            return f"{dot}{word}"
    return ""


_BEHIND_A_NUMBER = re.compile(r"(?<=\d)([\W_]{0,2})([^\W\d_]+)")


def _is_attic(word: str) -> bool:
    # An attic alone may be a room for the linen.
    return not _ATTIC.isdisjoint(meanings(folded(word))) and folded(word) not in say.NOT_A_ROOM


def _storey_of(room: str) -> str:
    """The storey that a room's name says, in plain digits: of "A.03.01" and "305" the third; empty if none."""
    floors = [part.removeprefix(FLOOR) for part in read(room).core if is_floor(part)]
    numbers = [token for token in tokens_of(room) if token.is_number]
    if floors or len(numbers) > 1:
        return floors[0] if floors else numbers[-2].text
    return numbers[0].raw[0] if numbers and len(numbers[0].raw) == FEW else ""


def _storeys_said(name: str) -> Collection[str]:
    """The storeys of numbers in a lock's name, but cellars."""
    said = read(name)
    if all(is_floor(part) or not part.isdecimal() for part in said.core):
        return ()
    return [part.removeprefix(FLOOR) for part in said.core if is_floor(part) and not part.startswith(f"{FLOOR}-")]
