"""Rooms' words in another language on the locks: "garden bungalow 4" of "Bungalow Giardino Quattro"."""

import re
from collections import defaultdict
from collections.abc import Collection, Mapping

from lock_names import words as say
from lock_names.numerals import with_plain_numerals
from lock_names.shares import FEW
from lock_names.tokens import tokens_of, words_in
from lock_names.vocabulary import meanings


def with_rooms_language(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of one account's locks, by id, with the rooms' word for one that says the same in another language and by
    itself sounds like no room's: "Garden shed" is none. `rooms`: the names of those let.

    The numbers must prove it: all locks that say it beside a number have the number of a room with that word, each
    another one that no lock says with the rooms' own word.
    """
    of_rooms: dict[str, set[str]] = defaultdict(set)
    for room in rooms:
        numbers, words = _parts(room)
        for word in words:
            of_rooms[word] |= numbers
    of_locks: dict[str, dict[str, tuple[str, set[str]]]] = defaultdict(dict)
    said: dict[str, set[str]] = defaultdict(set)
    for door_id, name in names.items():
        numbers, words = _parts(name)
        for token in tokens_of(name):
            if numbers and token.text in say.NO_ROOM and token.text not in of_rooms:
                of_locks[token.text][door_id] = token.raw, numbers
        for word in words:
            said[word] |= numbers
    known = words_in(rooms)
    result = dict(names)
    for word, there in of_locks.items():
        same = [one for one in of_rooms if one in known and not meanings(one).isdisjoint(meanings(word))]
        beside = [next(iter(mine)) for _, mine in there.values() if len(mine) == 1]
        if (
            len(same) == 1
            and FEW <= len(there) == len(set(beside))
            and len(of_rooms[same[0]]) >= FEW
            and set(beside) <= of_rooms[same[0]] - said[same[0]]
        ):
            for door_id, (raw, _) in there.items():
                result[door_id] = re.sub(rf"(?<![^\W_]){re.escape(raw)}(?![^\W_])", same[0], result[door_id], count=1)
    return result


def _parts(name: str) -> tuple[set[str], set[str]]:
    tokens = tokens_of(with_plain_numerals(name))
    return {token.text for token in tokens if token.is_number}, {
        token.text for token in tokens if not token.is_number and len(token.text) > 1
    }
