"""What of a lock's name a room's name explains, sign by sign, and how much that tells.

"KH01B" is "Kelham House, Flat 1, Room B": KH are the initials, 01 is the flat, B the room. A sign that all rooms
explain tells nothing, one that a single room explains tells most.
"""

import bisect
import functools
import heapq
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from lock_names import words as say
from lock_names.mistyping import is_a_slip, sound_of
from lock_names.numerals import value_of
from lock_names.shares import FEW
from lock_names.tokens import Token, is_within
from lock_names.vocabulary import meanings
from lock_names.words import folded

STRONG = 0.7
"""From this likeness on a word by itself says which is meant; less is a code, which others must bear out."""
_INITIALS = "*"
"""Behind initials of several words."""
_MOST_TOKENS = 16
_SAYS_A_DOOR = say.DOOR | say.ENTRY
_LONGEST_RUN = 4
_LONGEST_CODE = 5
_LONGEST = 24
_COMPARED = 10
"""So many of the rooms that explain a name best are looked at closely."""
_ALIKE = 0.8
_ENDINGS = frozenset({"s", "n", "e", "es", "en"})
_WEAK = 0.5
_AS_LIKE = 0.05
_OF_A_TYPE = 0.5
"""How much a number counts that says how many sleep in a room, where the rooms are told apart without those."""
_A_PART_OF_A_NUMBER = 0.5
"""How like "13" is to "13A"."""
_WEAK_CODE = 0.6
"""How like a lock's word is to a room's code of its consonants."""
_A_PART_OF_A_CODE = 0.7
"""How like "K" and "H" are when they are taken apart from "KH"."""


@dataclass(frozen=True, slots=True)
class Sign:
    """How one token of a lock's name is explained."""

    like: float
    told: float
    """In bits: none if all rooms explain it."""
    by: tuple[int, ...]
    """The places of tokens in the room's name."""


@dataclass(frozen=True, slots=True)
class Explained:
    """What of a lock's name one room explains."""

    room: int
    by: Mapping[int, Sign]
    """By the place of a token in the lock's name."""

    @property
    def told(self) -> float:
        return sum(sign.told for sign in self.by.values())


Part = tuple[str, tuple[int, ...], float]
"""What one or several tokens say together; their places; and how much it counts."""


def parts_of(tokens: Sequence[Token], is_room: bool) -> Iterator[Part]:
    """The tokens of a name, and what several of them may say together: "1-04" for 104, "school house", "13A"; of a
    room its initials."""
    for at, token in enumerate(tokens):
        behind = tokens[at + 1] if at + 1 < len(tokens) else None
        is_cut = token.is_number and behind is not None and behind.glued and len(behind.text) == 1
        for text in {token.text, token.text if token.is_number else folded(token.raw)}:
            yield text, (at,), _A_PART_OF_A_NUMBER if is_cut else 1.0
        if behind is None:
            continue
        if token.is_number and behind.is_number:
            yield token.text + behind.text.zfill(2), (at, at + 1), 1.0
        elif token.is_letter and behind.is_letter and ("-" in behind.gap or behind.gap[-1:].isspace()):
            # "B-G-1" is in block B, and no "bg"; "J. u." are two words cut short.
            continue
        elif behind.is_letter and behind.gap and at + 2 < len(tokens) and tokens[at + 2].glued:
            # In "G/F3" the F is the flat's.
            continue
        elif token.is_number == behind.is_number or (behind.glued and len(behind.text) == 1):
            text = token.text if token.is_number else folded(token.raw)
            if len(text) + len(behind.raw) < _LONGEST:
                yield text + folded(behind.raw), (at, at + 1), 1.0
    for first in range(len(tokens)) if is_room else ():
        letters = ""
        for at in range(first, min(len(tokens), first + _LONGEST_RUN)):
            if tokens[at].is_number:
                break
            letters += folded(tokens[at].raw)[:1]
            if at > first:
                yield letters + _INITIALS, tuple(range(first, at + 1)), 1.0


Place = tuple[int, int]
"""How many numbers a name has, and which of them it is."""


def place_of(tokens: Sequence[Token], at: int) -> Place:
    numbers = [one for one, token in enumerate(tokens) if token.is_number]
    return len(numbers), numbers.index(at)


@functools.lru_cache(maxsize=100_000)
def likeness(word: str, other: str) -> float:
    """How like a lock's word or number is to a room's, 0..1."""
    if word == other:
        return 1.0
    if not word or not other:
        return 0.0
    if other.endswith(_INITIALS):
        return (0.75 if len(word) >= FEW else 0.55) if other[:-1] == word else 0.0
    if not meanings(word).isdisjoint(meanings(other)):
        return 0.9
    if word[0].isdecimal() or other[0].isdecimal():
        return 0.9 if _value(word) == other or word == _value(other) else 0.0
    shorter, longer = sorted((word, other), key=len)
    if len(shorter) == 1:
        if word in say.FLOOR and word != shorter:
            # "2nd fl rear" is not 2F.
            return 0.0
        if longer[0] == shorter and (shorter == word or len(word) == 2 or is_side_of(shorter, word)):
            return 0.4
        is_a_letter_of_it = any(one[0] == shorter for meaning in meanings(other) for one in meaning.split())
        return 0.35 if shorter == word and is_a_letter_of_it else 0.0
    if longer.startswith(shorter):
        if longer == word and longer.removeprefix(shorter) not in _ENDINGS:
            # A clubhouse is no club, and "Palmerasb" may be another house's.
            return 0.6
        return (0.55, 0.8, 0.9)[min(len(shorter), 4) - 2]
    if len(shorter) > FEW and is_a_slip(word, other) and not longer.endswith(shorter):
        return 0.8
    if _sound_alike(word, other):
        return 0.75
    if len(word) > FEW and word == _consonants_of(other) and word not in _SHORT_FOR_NO_ROOM:
        return 0.8
    if len(shorter) >= FEW and is_short_for(shorter, longer):
        return STRONG if shorter == other else _WEAK_CODE
    if shorter[0] == longer[0] and is_within(shorter, longer):
        return 0.5 if len(shorter) < FEW else 0.6
    return 0.0


def _sound_alike(word: str, other: str) -> bool:
    """Whether two words may be one that came from another script."""
    if abs(len(word) - len(other)) > 1:
        # "KH-Enzian" sounds like "Enzian", and KH may be another house's.
        return False
    one, another = sound_of(word), sound_of(other)
    return min(len(one), len(another)) >= FEW and (
        one == another or (min(len(one), len(another)) > _LONGEST_CODE and is_a_slip(one, another))
    )


def is_side_of(letter: str, word: str) -> bool:
    """Whether a room's letter may be the side of the house that a lock says: R of 2R for "rear"."""
    return len(letter) == 1 and word[0] == letter and word in _SIDES


_SIDES = frozenset(["front", "rear", "back", "left", "right", "north", "south", "east", "west"])


@functools.lru_cache(maxsize=10_000)
def _consonants_of(word: str) -> str:
    """A word without its vowels, the first letter kept: "frngpn" of "frangipani"; all of them tell more than some."""
    return word[:1] + "".join(letter for letter in word[1:] if letter not in "aeiou")


_SHORT_FOR_NO_ROOM = frozenset(map(_consonants_of, say.NO_ROOM | _SAYS_A_DOOR | {"street"}))
"""The garden's and the street's locks without vowels are no "Gordon" and no "Strata"."""


def is_short_for(code: str, word: str) -> bool:
    """Whether a code is of a word's consonants, the first and the last among them: GDN for "garden"."""
    return (
        len(word) > len(code)
        and (code[0], code[-1]) == (word[0], word[-1])
        and not any(letter in "aeiou" for letter in code)
        and is_within(code, word)
    )


def _keys(text: str) -> Iterator[str]:
    """What texts have in common that may be like one another: their first letter, a meaning, a value."""
    yield f"value {text}" if text.isdecimal() else text[:1]
    yield f"sound {sound_of(text)[:1]}"
    for meaning in meanings(text):
        yield meaning
        yield from {one[0] for one in meaning.split()}
    if not text.isdecimal() and (value := _value(text)):
        yield f"value {value}"


@functools.lru_cache(maxsize=10_000)
def _value(word: str) -> str:
    """The number that a word says: "two", "second", "ii"; empty if it is none."""
    if len(word) > 1 and word.upper() in say.ROMAN:
        return say.ROMAN[word.upper()]
    return say.ORDINAL_WORDS.get(word) or f"{value_of([word]) or ''}"


def says_how_many(tokens: Sequence[Token], at: int) -> bool:
    """Whether a number says how many sleep in a room or how large it is: "4 pers.", "2BR", "6-Bed"."""
    if not tokens[at].is_number or at + 1 == len(tokens):
        return False
    behind = tokens[at + 1]
    return behind.text in say.HOW_MANY and (behind.text not in say.KINDS or behind.gap in ("", "-"))


def _but_for_types(tokens: Sequence[Token]) -> tuple[str, ...]:
    return tuple(token.text for at, token in enumerate(tokens) if not says_how_many(tokens, at))


_There = dict[int, list[tuple[float, tuple[int, ...]]]]


class ExplainingRooms:
    """Rooms by what they explain."""

    def __init__(self, names: Mapping[int, Sequence[Token]]):
        self.tokens = {at: tokens[:_MOST_TOKENS] for at, tokens in names.items()}
        self.by_text: dict[str, list[tuple[int, tuple[int, ...], float]]] = defaultdict(list)
        is_told = len({_but_for_types(tokens) for tokens in self.tokens.values()}) == len(self.tokens)
        for at, tokens in self.tokens.items():
            for text, places, counts in parts_of(tokens, is_room=True):
                is_type = is_told and len(places) == 1 and says_how_many(tokens, places[0])
                self.by_text[text].append((at, places, counts * (_OF_A_TYPE if is_type else 1)))
        self._by_key: dict[str, set[str]] = defaultdict(set)
        for text in self.by_text:
            for key in _keys(text):
                self._by_key[key].add(text)
        self.learned: dict[tuple[str, str], float] = {}
        self._coded: set[str] = set()
        """Words of rooms of which a code is known: another code is not theirs."""
        self.places: dict[tuple[Place, int], int] = {}
        self.denied: set[tuple[str, str]] = set()
        self._explaining: dict[str, _There] = {}

    def learn(self, codes: Mapping[tuple[str, str], float], places: Mapping[tuple["Place", int], int]) -> None:
        """Takes words of locks for words of rooms from now on, each as like as it says; and a number in a place of a
        lock's name for one in that place of the names of rooms that have so many numbers."""
        self.learned.update(codes)
        self._coded = {word for _, word in self.learned}
        self.places.update(places)
        self._explaining.clear()

    def deny(self, taken: AbstractSet[int], text: str) -> None:
        """Takes a word of locks no more for a word that only rooms have which are taken by other locks."""
        for other in self._comparable(text):
            there = {at for at, _, _ in self.by_text[other]}
            if text != other and likeness(text, other) and there <= taken:
                self.denied.add((text, other))
        self._explaining.clear()

    def explaining(self, text: str) -> _There:
        """By room, what explains a text: how like, and which tokens of the room's name."""
        if text in self._explaining:
            return self._explaining[text]
        found: _There = defaultdict(list)
        for other in self._comparable(text):
            like = max(likeness(text, other), self.learned.get((text, other), 0.0))
            if (like < STRONG and other in self._coded) or (text, other) in self.denied:
                continue
            is_a_door = like < STRONG and text in _SAYS_A_DOOR
            if like > _WEAK or (like and other not in say.JOINING):
                for at, places, counts in self.by_text[other]:
                    # "Lodge front door" is no "Lodge Room D - F. Austin", but "2nd front" is 2F.
                    if is_a_door and not (is_side_of(other, text) and self.tokens[at][places[0]].glued):
                        continue
                    # "Schoolhouse" is a "school house", and not all that begins so.
                    if len(places) == 1 or like >= _ALIKE or other.endswith(_INITIALS):
                        found[at].append((like * counts, places))
        is_code = 1 < len(text) <= _LONGEST_CODE and text.isalpha()
        if is_code and not any(like >= STRONG for there in found.values() for like, _ in there):
            for cut in range(1, len(text)):
                first, second = self.explaining(text[:cut]), self.explaining(text[cut:])
                for at in first.keys() & second.keys():
                    found[at] += [
                        (min(one, another) * _A_PART_OF_A_CODE, (*places, *theirs))
                        for one, places in first[at]
                        for another, theirs in second[at]
                        if places[-1] < theirs[0]
                    ]
                    if not found[at]:
                        del found[at]
        self._explaining[text] = found
        return found

    def _comparable(self, text: str) -> Iterator[str]:
        """The texts of rooms that may be like one."""
        found = {text} & self.by_text.keys()
        for key in _keys(text):
            found |= self._by_key.get(key, set())
        found.update(other for word, other in self.learned if word == text)
        yield from sorted(found)

    def explain(self, tokens: Sequence[Token]) -> list[Explained]:
        """The rooms that explain a lock's name best, best first."""
        tokens = tokens[:_MOST_TOKENS]
        options: dict[int, list[tuple[float, float, tuple[int, ...], tuple[int, ...]]]] = defaultdict(list)
        most: dict[int, dict[int, float]] = defaultdict(dict)
        for text, mine, counts in parts_of(tokens, is_room=False):
            there = self.explaining(text)
            order = sorted(max(like for like, _ in found) for found in there.values())
            told: dict[float, float] = {}
            is_code = any(map(str.isdecimal, text)) and any(map(str.isalpha, text))
            for at, found in there.items():
                for like, theirs in found:
                    if len(mine) > 1 and len(theirs) > 1 and not is_code:
                        continue
                    if not self._may_be(tokens, mine, at, theirs):
                        continue
                    if like not in told:
                        told[like] = self._told(order, like)
                    bits = counts * like * told[like]
                    options[at].append((bits, like, mine, theirs))
                    for one in mine:
                        most[at][one] = max(most[at].get(one, 0.0), bits / len(mine))
        chosen = heapq.nlargest(_COMPARED, most, key=lambda at: (sum(most[at].values()), -at))
        matched = [self._matched(at, options[at]) for at in chosen]
        return sorted(matched, key=lambda one: (-one.told, one.room))

    def _may_be(self, tokens: Sequence[Token], mine: Sequence[int], at: int, theirs: Sequence[int]) -> bool:
        """Whether numbers of a lock may be those of the room, where it is known which is which."""
        room = self.tokens[at]
        if not self.places or not all(tokens[one].is_number for one in mine) or not room[theirs[0]].is_number:
            return True
        numbers, place = place_of(room, theirs[0])
        known = [self.places.get((place_of(tokens, one), numbers)) for one in mine]
        return known == [None] * len(mine) or (len(mine) == len(theirs) and known[0] == place)

    def _told(self, order: Sequence[float], like: float) -> float:
        """How much a text tells that is so like a room's, and as like to each of some (`order`, least first)."""
        return math.log2(len(self.tokens) / (len(order) - bisect.bisect_right(order, like - _AS_LIKE)))

    def _matched(self, at: int, options: list[tuple[float, float, tuple[int, ...], tuple[int, ...]]]) -> Explained:
        """Each token of either name is used once: what tells most first, in the order of the names."""
        options.sort(key=lambda one: (-one[0], -one[1], -len(one[2]), one[2], one[3]))
        by: dict[int, Sign] = {}
        used: set[int] = set()
        for bits, like, mine, theirs in options:
            if used.isdisjoint(theirs) and not any(one in by for one in mine):
                used.update(theirs)
                by.update(dict.fromkeys(mine, Sign(like, bits / len(mine), theirs)))
        return Explained(at, by)
