"""The let rooms of a house as its locks may say them: by slots put together, and by words that are like theirs."""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from lock_names import words as say
from lock_names.shares import FEW, MOST, OFTEN
from lock_names.slots import MAX_CHOSEN, MAX_SLOTS, Choice, choices, taken_apart


class LetRooms:
    """The let rooms, by whatever their slots make when they are put together."""

    def __init__(self, rooms: Mapping[int, str]):
        self.names = {at: taken_apart(clean) for at, clean in rooms.items()}
        self._told: dict[int, list[tuple[str, set[str]]]] = {}
        self._coded: dict[tuple[str, int], str] = {}
        self.rest = {at: name.rest(()) for at, name in self.names.items()}
        borne = Counter(word for words in self.rest.values() for word in set(words))
        self.vocabulary = {word for word, count in borne.items() if count < MOST * len(rooms)}
        self.of_all = borne.keys() - self.vocabulary
        self.telling = {at: [word for word in words if word in self.vocabulary] for at, words in self.rest.items()}
        self.index: dict[str, list[tuple[Choice, int]]] = defaultdict(list)
        shapes: dict[str, list[int]] = defaultdict(list)
        for at, name in self.names.items():
            if len(name.slots) <= MAX_SLOTS:
                shapes[name.shape].append(at)
        for shape, members in shapes.items():
            for choice in choices(shape, turned=False):
                keys = {at: (choice.of(self.names[at]), self.rest[at]) for at in members}
                borne_by = Counter(keys.values())
                if not choice.at or len(borne_by) >= OFTEN * len(keys):
                    for at, key in keys.items():
                        if choice.at or borne_by[key] == 1:
                            self.index[key[0]].append((choice, at))
        self.by_word: dict[str, set[int]] = defaultdict(set)
        self.by_beginning: dict[str, set[int]] = defaultdict(set)
        self.by_kind: dict[str, set[int]] = defaultdict(set)
        self.by_code: dict[str, set[int]] = defaultdict(set)
        self.by_initials: dict[str, set[int]] = defaultdict(set)
        for at, words in self.rest.items():
            for word in {*words, *self.names[at].spelled}:
                self.by_word[word].add(at)
                self.by_kind[_kind(word)].add(at)
                for length in range(1, min(len(word), _LONGEST)):
                    self.by_beginning[word[:length]].add(at)
            for code in {code for one in self._told_words(at) for code in one[1]}:
                self.by_code[code].add(at)
            for one in _initials(self.names[at].spelled):
                self.by_initials[one].add(at)

    def likeness(self, words: Sequence[str]) -> Counter[int]:
        """How much a lock's words are like each room's, in hundredths."""
        found: Counter[int] = Counter()
        for word in words:
            if word in TELLS_NO_ROOM:
                # "Lodge front door" is no "Lodge Room D - F. Austin", and "porte d'entrée" no "Casa del Guarda".
                found.update(dict.fromkeys(self.by_word.get(word, ()), 100))
                continue
            best = dict.fromkeys(self.by_code.get(word, ()), _CODE)
            if kind := _kind(word):
                best.update(dict.fromkeys(self.by_kind.get(kind, ()), _KIND))
            for at in self.by_beginning.get(word, ()):
                best[at] = max(best.get(at, 0), _STRENGTH[min(len(word), FEW)])
            for length in range(1, min(len(word), _LONGEST)):
                # "Pers." in each room's name is no beginning of "Persil".
                for at in self.by_word.get(word[:length], ()) if word[:length] not in self.of_all else ():
                    best[at] = max(best.get(at, 0), _STRENGTH[min(length, FEW)])
            for at in self.by_initials.get(word, ()) if len(word) > 1 else ():
                best[at] = max(best.get(at, 0), _INITIALS)
            for at in self.by_word.get(word, ()):
                best[at] = 100
            found.update(best)
        for one in _initials(words):
            found.update(dict.fromkeys(self.by_word.get(one, ()), _INITIALS))
        return found

    def explains(self, word: str, at: int) -> bool:
        """Whether a room has a word, or one that begins so."""
        mine = self.rest[at]
        return (
            word in mine
            or (len(word) > 1 and word in _initials(self.names[at].spelled))
            or any(
                (len(word) >= FEW and one.startswith(word)) or (len(one) >= FEW and word.startswith(one))
                for one in mine
            )
        )

    def plainest(self, rooms: Iterable[int], words: Sequence[str]) -> list[int]:
        """Of rooms that words are equally like, the one of which they say all: "DG left" is no "Attic rear left"
        where there is an "Attic left". Empty if none or several are."""
        said = {
            at
            for at in rooms
            if all(
                any(one.startswith(word) or word.startswith(one) or one == self.coded(word, at) for word in words)
                for one in self.telling[at]
            )
        }
        return list(said) if words and len(said) == 1 else []

    def coded(self, code: str, at: int) -> str:
        """The word by which a room is told from others, of which this may be a code: "p" of "Pokój"; empty if none."""
        if (code, at) not in self._coded:
            told = ((one, codes) for one, codes in self._told_words(at) if one not in self.of_all)
            self._coded[code, at] = next((one for one, codes in told if one.startswith(code) or code in codes), "")
        return self._coded[code, at]

    def _told_words(self, at: int) -> list[tuple[str, set[str]]]:
        """A room's words, each with its codes, by itself or with the word behind: "sft" of "Safari Tent"."""
        if at not in self._told:
            self._told[at] = list(self._words_with_codes(at))
        return self._told[at]

    def _words_with_codes(self, at: int) -> Iterator[tuple[str, set[str]]]:
        for words in (self.rest[at], self.names[at].spelled):
            for word, behind in itertools.zip_longest(words, words[1:], fillvalue=""):
                yield (
                    word,
                    _codes(word) | {word[0] + letter + behind[:1] for letter in word[1:_LONGEST_CODED] if behind},
                )


TELLS_NO_ROOM = say.DOOR | say.ENTRY | say.JOINING
_STRENGTH = {1: 40, 2: 50, 3: 70}
"""Of a beginning of so many letters."""
_INITIALS = 70
_LONGEST = 24
"""Of more letters no beginning is looked up."""
_KIND = 60
_CODE = 30
CLEARLY = 25
"""By how much the words must be liker one room's than the next one's."""


def _kind(word: str) -> str:
    """What kind of place a word says; a double is a room. Empty for what is none."""
    kind = say.KINDS.get(word, "")
    return "room" if kind in say.TYPES else kind


def _codes(word: str) -> set[str]:
    """Two or three letters of a word, the first first: "ln" of "Lane", "th" of "Treehouse"."""
    rest = word[1:_LONGEST_CODED]
    return {word[0] + "".join(more) for size in (1, 2) for more in itertools.combinations(rest, size)}


_LONGEST_CODED = 12


def _initials(words: Sequence[str]) -> set[str]:
    return {
        "".join(word[0] for word in words[first:end])
        for first in range(len(words))
        for end in range(first + 2, min(len(words), first + MAX_CHOSEN) + 1)
    }
