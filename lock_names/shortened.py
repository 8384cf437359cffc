"""Words before a name that locks shorten: "R. Rosa 12" and "Tv. S. Bento 3" of "Rua da Rosa 12" and "Travessa de São
Bento 3"."""

import itertools
import re
from collections import defaultdict
from collections.abc import Collection, Mapping

from lock_names import words as say
from lock_names.tokens import is_within, tokens_of
from lock_names.words import folded

_WORD = re.compile(r"[^\W\d_]+")
_LONGEST = 4


def with_words_before_names(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of locks, by id, with the rooms' word for one that is shortened with a dot behind it, where the rooms have
    one word that may be meant before the same name. `rooms`: the names of those let."""
    before: dict[str, set[str]] = defaultdict(set)
    words: set[str] = set()
    for room in rooms:
        told = [token.text for token in tokens_of(room) if not token.is_number]
        words.update(told)
        names_alone = [word for word in told if word not in say.JOINING or len(word) == 1]
        for word, name in itertools.pairwise(names_alone):
            before[name].add(word)
    return {door_id: _spelled_out(name, before, words) for door_id, name in names.items()}


def _spelled_out(name: str, before: Mapping[str, set[str]], words: Collection[str]) -> str:
    behind = ""
    result = name
    for found in reversed(list(_WORD.finditer(name))):
        word = folded(found[0])
        is_short = len(word) <= _LONGEST and name[found.end() : found.end() + 1] == "." and word not in words
        if is_short and behind:
            meant = [
                one
                for one in before.get(behind, ())
                if one.startswith(word) or (one[0] == word[0] and is_within(word, one))
            ]
            if len(meant) == 1:
                word = meant[0]
                result = f"{result[: found.start()]}{word} {result[found.end() + 1 :]}"
        if word not in say.JOINING or len(word) == 1:
            behind = word
    return result
