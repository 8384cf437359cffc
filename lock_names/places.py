"""What all locks of one family of rooms say behind the number of where these are: "Lamia 1 garden" beside "Lamia 4
pool", "RT3 (river path)" beside "HT3 (hill path)", and of their baths: "Priv4 b/comp"."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lock_names import words as say
from lock_names.explaining import likeness
from lock_names.shares import FEW
from lock_names.slots import POSSESSIVE
from lock_names.tokens import plain_number, tokens_of, words_in
from lock_names.vocabulary import meanings

_FAMILY = re.compile(r"^(?P<head>[^\d]*)(?P<number>\d{1,4})(?![^\W_])(?P<tail>.*)$")
_WITH = re.compile(r"^\s+[A-Za-z]/\s?[^\W\d_]{3,}$")
""" "b/privado", "c/ hidro": with a bath of its own, with a tub."""
_PLACES = frozenset().union(
    *(
        meanings(word)
        for word in ("garden", "terrace", "courtyard", "street", "sea", "lake", "river", "mountain", "forest")
    )
)
_POOL = say.of_text("pool piscina piscine schwimmbad zwembad basen uima-allas bazén basseng swimmingpool poolside")
_NEVER = (
    say.BUILDING | say.NAMES_A_BUILDING | say.FORMER | say.NEW | frozenset(say.DIRECTIONS.values())
    | frozenset(say.KINDS) | say.ENTRY
)  # fmt: skip
_LIKE = 0.5
_LONGEST = 3


@dataclass(frozen=True, slots=True)
class _Lock:
    door_id: str
    end: int
    """Where the number ends."""
    tail: tuple[str, ...]
    """The words behind it."""
    is_with: bool


def without_places_behind(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of one account's locks, by id, without what those of a family have behind the number. `rooms`: the names of
    those let.

    A family's locks must be its rooms one to one, and each must have something there: an annex has the numbers of a
    part of the rooms. It is one of several words for a place, each at two locks at the least; or whatever it is, where
    another family has something else. A second door of each room would not be here with some and there with others.
    """
    of_rooms: dict[tuple[str, ...], list[str]] = defaultdict(list)
    room_words = words_in(rooms)
    for room in rooms:
        if found := _FAMILY.match(room):
            of_rooms[_words(found["head"])].append(plain_number(found["number"]))
    families: dict[tuple[str, ...], dict[str, _Lock]] = defaultdict(dict)
    doubles = set()
    for door_id, name in names.items():
        if found := _FAMILY.match(name):
            head, number, tail = _words(found["head"]), plain_number(found["number"]), found["tail"] or ""
            if number in families[head]:
                doubles.add(head)
            families[head][number] = _Lock(door_id, found.end("number"), _words(tail), bool(_WITH.match(tail)))
    gone: dict[str, int] = {}
    alike: dict[tuple[str, ...], list[_Lock]] = {}
    for head, there in families.items():
        locks = list(there.values())
        if head in doubles or len(locks) < FEW or not all(_may_go(one, room_words) for one in locks):
            continue
        if not _is_one_family(head, there.keys(), of_rooms):
            continue
        tails = Counter(one.tail for one in locks)
        if all(one.is_with for one in locks) or (
            len(tails) > 1 and min(tails.values()) > 1 and all(_says_a_place(one.tail) for one in locks)
        ):
            gone |= {one.door_id: one.end for one in locks}
        elif len(tails) == 1 and not any(say.is_no_room(word) for word in locks[0].tail):
            alike.setdefault(locks[0].tail, []).extend(locks)
    if len(alike) > 1:
        gone |= {one.door_id: one.end for locks in alike.values() for one in locks}
    return {**names, **{door_id: names[door_id][:end] for door_id, end in gone.items()}}


def _words(text: str) -> tuple[str, ...]:
    return tuple(token.text for token in tokens_of(POSSESSIVE.sub("", text)))


def _may_go(lock: _Lock, room_words: Collection[str]) -> bool:
    return lock.is_with or (
        0 < len(lock.tail) <= _LONGEST
        and _NEVER.isdisjoint(lock.tail)
        and all(len(word) > 2 and word.isalpha() and word not in room_words for word in lock.tail)
    )


def _says_a_place(tail: Collection[str]) -> bool:
    return all(word in _POOL or not _PLACES.isdisjoint(meanings(word)) for word in tail)


def _is_one_family(
    head: tuple[str, ...], numbers: Collection[str], of_rooms: Mapping[tuple[str, ...], Collection[str]]
) -> bool:
    """Whether the numbers are just those of the one family of rooms that is called so."""
    called = [theirs for theirs in of_rooms if _is_called(head, theirs)]
    return len(called) == 1 and sorted(of_rooms[called[0]]) == sorted(numbers)


def _is_called(head: tuple[str, ...], room: tuple[str, ...]) -> bool:
    if not head or not room:
        return False
    if head == room or "".join(head) == "".join(word[0] for word in room):
        return True
    return len(head) == len(room) and all(likeness(one, other) >= _LIKE for one, other in zip(head, room, strict=True))
