"""What rooms' names say behind what tells the rooms apart: types, beds, views, which are for guests and for the price.

"Oak House - Room 5 (Full, garden)", "0413 STDQ", "Villa Marija - Apartman 3 (A4+1) 1. kat": people who name locks write
none of it, and a lock without it misses nothing.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Sequence

from lock_names import words as say
from lock_names.explaining import likeness
from lock_names.read import is_known
from lock_names.shares import FEW
from lock_names.slots import POSSESSIVE
from lock_names.tokens import CHUNK, clean_name, texts_of, tokens_of
from lock_names.words import folded

_PARTED = re.compile(r"[(\[|]|\s[-–/](?=\s)|[,;:]\s|(?<=\d[A-Za-z])\s(?=[^\W\d_]{2})|(?<=\d)\s(?=[^\W_])")
"""Where a description may begin."""
_SIZE = re.compile(r"[A-Z]{1,3}\d{1,2}(?:[+x]\d{1,2})?|\d{1,2}[A-Z]{1,4}\d?[A-Z]{0,2}", re.IGNORECASE)
_SUM = re.compile(r"(?<![^\W_])(?P<first>[A-Z]{0,3}\d{1,2})\+\d{1,2}(?![^\W_])", re.IGNORECASE)
"""So many beds, and so many more: "A4+1"."""
_SERIAL = re.compile(r"(?<![^\W_])(?=[a-f]*\d)[0-9a-f]{6,}(?![^\W_])", re.IGNORECASE)
_LIKE = 0.5
_LONGEST_NUMBER = 8
_NEVER = (
    (say.NO_ROOM - say.FORMER - say.INSIDE) | say.BEFORE | say.BUILDING | say.NAMES_A_BUILDING
    | frozenset(say.DIRECTIONS.values()) | frozenset(say.WHICH_OF_TWO.values()) | say.BEDS
)  # fmt: skip
"""What a description does not say, but where the room is."""


def without_descriptions(rooms: Sequence[str], locks: Collection[str]) -> list[str]:
    """Names of rooms without the descriptions behind them of which no lock says a word, where all names without them
    are still different. `locks`: their names as they are written."""
    said = _Said(rooms, locks)
    shorter = [list(_shortened(room, said)) for room in rooms]
    result = list(rooms)
    for _ in range(max(map(len, shorter), default=0)):
        tried = [left.pop(0) if left else room for left, room in zip(shorter, result, strict=True)]
        # "Mill Lane" tells no flat where others are "Mill Lane 2" and "Mill Lane 3".
        begun = Counter(texts[:end] for texts in map(texts_of, tried) for end in range(1, len(texts) + 1))
        result = [one if begun[texts_of(one)] == 1 else room for one, room in zip(tried, result, strict=True)]
        shorter = [left if one == now else [] for left, one, now in zip(shorter, tried, result, strict=True)]
    return result


class _Said:
    """What the locks say, and which words are the rooms' own names."""

    def __init__(self, rooms: Sequence[str], locks: Collection[str]):
        signs = {token.text for room in rooms for token in tokens_of(room) if token.is_number or token.is_letter}
        numbers = {sign for sign in signs if sign.isdecimal()}
        plain = [_SERIAL.sub(" ", clean_name(lock)) for lock in locks]
        # "05-CLUB LOUNGE" is none of rooms 501 to 525.
        plain = [lock for lock in plain if not _has_other_numbers(lock, numbers)]
        self.texts = {token.text for lock in plain for token in tokens_of(lock)}
        self.texts -= {sign for sign in signs if sign.isalpha()}
        self.codes = {folded(chunk) for lock in plain for chunk in CHUNK.findall(lock)}
        borne = Counter(word for room in rooms for word in {token.text for token in tokens_of(room)})
        self.names = {word for word, count in borne.items() if count == 1 and len(word) > 2 and not is_known(word)}
        if self.names.isdisjoint(self.texts):
            self.names = set()
        self._known: dict[str, bool] = {}
        self.counted = _counted(rooms)

    def has(self, word: str) -> bool:
        """Whether a lock says a word, or one that is like it."""
        if word not in self._known:
            self._known[word] = any(word == other or _is_like(other, word) for other in self.texts)
        return self._known[word]


_BRACKETED = re.compile(r"\((?P<number>\d{1,2})\s?(?P<word>[^\W\d_]{2,})\)\s*$")


def _counted(rooms: Collection[str]) -> set[str]:
    """What rooms have so many of, in whatever language: "(4 desks)". The rooms must have few sorts of it, or it may be
    their number; and it is no storey and no building."""
    numbers: dict[str, list[str]] = defaultdict(list)
    for found in filter(None, map(_BRACKETED.search, rooms)):
        numbers[folded(found["word"])].append(found["number"])
    return {
        word
        for word, said in numbers.items()
        if len(said) >= FEW and 1 < len(set(said)) < len(said) and not is_known(word)
    }


def _shortened(room: str, said: _Said) -> Iterator[str]:
    """A room's name without its last description, then without the one before."""
    end = len(room)
    for at in [found.start() for found in _PARTED.finditer(room)][::-1]:
        if "(" in room[:at].rpartition(")")[2] and room[at : at + 1] != "(":
            continue
        if room[at - 1 : at].isdecimal() and (behind := CHUNK.search(room, at)) and folded(behind[0]) in say.HOW_MANY:
            # "16 - 2 pers. canal": the 2 belongs to what is behind it.
            continue
        # Of two names without a number, either may be what people call it: "Historic Schoolhouse - One of a Kind".
        left = tokens_of(POSSESSIVE.sub("", room[:at]))
        if not any(token.is_number or token.is_letter for token in left) or not _is_description(room[at:end], said):
            return
        end = at
        yield room[:at].rstrip(" -–/|")


def _is_description(text: str, said: _Said) -> bool:
    sizes = {folded(found["first"]) for found in _SUM.finditer(text)}
    if any(size in said.codes and not size.isdecimal() for size in sizes):
        return False
    is_bracketed = text.lstrip().startswith("(")
    text = _SUM.sub(" ", text)
    has_storey = any(token.text in say.FLOOR for token in tokens_of(text)) and said.texts.isdisjoint(say.FLOOR)
    words = []
    for chunk, behind in itertools.zip_longest(found := CHUNK.findall(text), found[1:], fillvalue=""):
        if chunk.isdecimal():
            how_many = folded(behind)
            if not has_storey and how_many not in say.HOW_MANY and not (is_bracketed and how_many in said.counted):
                return False
        elif any(map(str.isdecimal, chunk)):
            if not _SIZE.fullmatch(chunk) or folded(chunk) in said.codes:
                return False
        else:
            words += [token.text for token in tokens_of(chunk)]
    if words and not is_bracketed and said.names.issuperset(words):
        # "103 Arnika" beside "102 Enzian", which a lock says.
        return False
    # "JS" is a junior suite.
    initials = {
        "".join(word[0] for word in words[first:last])
        for first, last in itertools.combinations(range(len(words) + 1), 2)
    }
    return initials.isdisjoint(said.texts) and not any(
        len(word) == 1 or word in _NEVER or say.is_no_room(word) or said.has(word) for word in words
    )


def _has_other_numbers(lock: str, numbers: Collection[str]) -> bool:
    mine = {token.text for token in tokens_of(lock) if token.is_number}
    return bool(mine) and not any(one[at:] in numbers for one in mine for at in range(min(len(one), _LONGEST_NUMBER)))


def _is_like(word: str, other: str) -> bool:
    if len(word) == 1:
        return other[0] == word
    return likeness(word, other) >= _LIKE
