"""Remarks: what one lock alone says behind its room, in whatever words: "204 (hinge rubs)", "C3/4 new tenant".

An unknown word may be a cupboard's or an annex's. So a remark is believed only where, all remarks taken away, hardly a
room of the house is without a lock and none has two: then there is nothing else that such a lock may be.
"""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence

from lock_names import words as say
from lock_names.shares import SELDOM
from lock_names.tokens import CHUNK, texts_of, tokens_of
from lock_names.vocabulary import meanings
from lock_names.words import folded

COMPLETE = 0.95
"""So many of the rooms must have a lock, those with remarks among them."""
_LEAST = 8
_SHORTEST = 3
_STOREYS = meanings("dg") | meanings("eg") | meanings("upper") | meanings("lower")
_WHERE = say.of_text(
    "by over near behind above beside under opposite bei neben über hinter am sur près derrière junto sobre detrás "
    "vicino sopra dietro przy nad vid bij naast"
)
"""What follows says where the room is: "by pool"."""
_NO_REMARK = say.NO_ROOM | say.BUILDING | say.NAMES_A_BUILDING | say.PLACES | frozenset(say.DIRECTIONS.values())


def without_remarks(
    names: Mapping[str, str], open_doors: Collection[str], rooms: Sequence[str], sure: int
) -> dict[str, str]:
    """Names of locks, by id, for those of `open_doors` that have a remark behind, without it.

    `names`: all locks' names, cleaned; `rooms`: those of the rooms that are let; `sure`: how many of them have a lock
    for sure. Empty where the house is too small, or more rooms are open than remarks may explain.
    """
    if len(rooms) < _LEAST or sure < (1 - 2 * SELDOM) * len(rooms) - 1:
        return {}
    borne = Counter(word for name in names.values() for word in {folded(chunk) for chunk in CHUNK.findall(name)})
    of_rooms = Counter(token.text for room in rooms for token in {*tokens_of(room)})
    found = {}
    for door_id in open_doors:
        name = names[door_id]
        if (left := _left(name, borne, of_rooms)) and left != name:
            found[door_id] = left
    taken = Counter(texts_of(name) for door_id, name in (dict(names) | found).items())
    return {door_id: left for door_id, left in found.items() if taken[texts_of(left)] == 1}


def is_room_like(name: str) -> bool:
    """Whether no word of a lock's name says something else than a room."""
    return not any(say.is_no_room(folded(chunk)) for chunk in CHUNK.findall(name))


def _left(name: str, borne: Mapping[str, int], of_rooms: Mapping[str, int]) -> str:
    """A name without the remark behind it; as it is where it has none."""
    chunks = list(CHUNK.finditer(name))
    first = len(chunks)
    while first > 1 and _may_be_of_a_remark(chunks[first - 1][0], borne, of_rooms):
        first -= 1
    for at in range(1, len(chunks)):
        if folded(chunks[at][0]) in _WHERE:
            first = min(first, at)
            break
    rest = [folded(chunk[0]) for chunk in chunks[:first]]
    if first == len(chunks) or any(say.is_no_room(word) for word in rest):
        return name
    return name[: chunks[first - 1].end()]


def _may_be_of_a_remark(chunk: str, borne: Mapping[str, int], of_rooms: Mapping[str, int]) -> bool:
    word = folded(chunk)
    if not _STOREYS.isdisjoint(meanings(word)) and len(word) > 1 and word not in of_rooms:
        return True
    if word in say.JOINING | say.DOOR | say.BRANDS | say.NEW and len(word) > 1 and word not in of_rooms:
        return True
    is_a_code = any(map(str.isdecimal, word)) and any(map(str.isalpha, word)) and len(word) > _SHORTEST
    return (
        borne[word] == 1
        and len(word) > 1
        and (word.isalpha() or is_a_code)
        and word not in of_rooms
        and word not in _NO_REMARK
        and not say.is_no_room(word)
    )
