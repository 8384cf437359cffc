"""Codes of types in the names of rooms: the "NQQ2" of "203 NQQ2", by which rooms are sold, and which no lock says; and
how many rooms a flat has, as French and Portuguese agents say it: "T3", "F2", "T1 bis"."""

import re
from collections import Counter
from collections.abc import Collection, Sequence

from lock_names import words as say
from lock_names.read import is_known
from lock_names.shares import FEW, MOST
from lock_names.tokens import CHUNK, texts_of, words_in
from lock_names.words import folded

_CODE = re.compile(r"[A-Za-z]{2,4}\d[A-Za-z]{0,3}|\d[A-Za-z]{1,4}\d?[A-Za-z]{0,2}")
_TYPOLOGY = re.compile(r"(?<![^\W_])(?P<code>[TF][0-7](?:\s?bis(?=\s+[^\W\d_]{2}))?)(?![^\W_])", re.IGNORECASE)
_ROOMS_OF_A_TYPE = 3
"""At the least, on average."""


def without_type_codes(rooms: Sequence[str], locks: Collection[str]) -> list[str]:
    """Names of rooms without the code of letters and a digit that nearly each of them has, of few sorts: "203" of "203
    NQQ2", where each is told by the numbers that are left. As they are where a lock says such a code too.
    """
    said = {folded(chunk) for lock in locks for chunk in CHUNK.findall(lock)}
    found = [[one for one in CHUNK.finditer(room) if _is_code(one[0], said)] for room in rooms]
    sorts = Counter(folded(one[0]) for there in found for one in there)
    typed = sum(len(there) == 1 for there in found)
    if (
        typed < max(FEW, MOST * len(rooms))
        or any(len(there) > 1 for there in found)
        or not 2 <= len(sorts) <= typed / _ROOMS_OF_A_TYPE
    ):
        return list(rooms)
    result = [
        f"{room[: there[0].start()]} {room[there[0].end() :]}".strip(" -–/,;:|") if there else room
        for room, there in zip(rooms, found, strict=True)
    ]
    numbered = [re.findall(r"\d+", name) for name in result]
    are_told = len({tuple(numbers) for numbers in numbered}) == len(rooms) and all(numbered)
    return result if are_told else list(rooms)


def without_typologies(rooms: Sequence[str], locks: Collection[str]) -> list[str]:
    """Names of rooms without how many rooms a flat has: "Paquier" of "T3 Paquier", where three say it in two sorts at
    the least, each is told without it, and no lock says such a code or a building: "T2" may be Tower 2."""
    found = {folded(one[0]) for room in rooms for one in _TYPOLOGY.finditer(room)}
    bare = [_TYPOLOGY.sub(" ", room).strip(" -–/,;:|") for room in rooms]
    saying = sum(room != one for room, one in zip(rooms, bare, strict=True))
    may_be_said = any(_TYPOLOGY.search(lock) for lock in locks) or not say.BUILDING.isdisjoint(words_in(locks))
    is_told = len(set(map(texts_of, bare))) == len(rooms) and all(map(texts_of, bare))
    return bare if saying >= FEW and len(found) > 1 and is_told and not may_be_said else list(rooms)


def _is_code(chunk: str, said: Collection[str]) -> bool:
    letters = folded(re.sub(r"\d", "", chunk))
    return _CODE.fullmatch(chunk) is not None and folded(chunk) not in said and not is_known(letters)
