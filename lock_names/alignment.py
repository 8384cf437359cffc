"""Two inventories laid side by side: how a lock system's names say what the rooms' names say, whatever the words.

A name is taken apart into slots (numbers, and letters glued to them) and words. Which of the slots, put together in
which order, make "A132" of "Core A - L1 - Flat 3 - Bed 2" is found by trying: the choice with which nearly all names
that are written alike become rooms, each another one, and no other choice makes nearly as many of them other rooms.
Where several rooms have the same numbers the words tell: the same word, its beginning, or the initials; and where no
word is like another, the numbers themselves ("A" is "North" where just the northern rooms' numbers have an A).

What is left of a name must be explained, as everywhere: a word that only some locks have may be an annex's.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from lock_names import words as say
from lock_names.shares import FEW, MOST, OFTEN, USUAL
from lock_names.sharing import SMALL, TWICE, alternates, is_rare
from lock_names.tokens import Token, tokens_of

_MAX_SLOTS = 6
_MAX_CHOSEN = 4
_LETTERS = 3
"""The longest code that is glued to a number: "AG11", "ST3"."""
_SAMPLE = 24
_BEST = 6
_POSSESSIVE = re.compile(r"(?<=\w)['’´`]s?(?![^\W_])")
_GROUND = re.compile(r"^([a-z]?)(?:g|e|p|eg|gf|rc|rdc|pb|bg)(?=\d)")
_NO_ROOM = say.NOT_A_ROOM | say.INSIDE | say.FORMER
_SAYS_NOTHING = (
    say.DOOR | say.ENTRY | say.BRANDS | say.FLOOR | say.GROUND | say.BELOW | say.ORDINALS | say.KEY | say.INSTALLATION
)
_SIDES = frozenset(say.LEFT_AND_RIGHT.values())


@dataclass(frozen=True, slots=True)
class _Slot:
    text: str
    raw: str
    at: int
    """Its place among the tokens."""

    @property
    def is_number(self) -> bool:
        return self.text.isdecimal()


@dataclass(frozen=True, slots=True)
class _Name:
    tokens: tuple[Token, ...]
    slots: tuple[_Slot, ...]

    @property
    def shape(self) -> str:
        return "".join("#" if slot.is_number else "@" for slot in self.slots)

    def rest(self, chosen: Iterable[int]) -> tuple[str, ...]:
        """The words and letters that are not among the chosen slots."""
        gone = {self.slots[one].at for one in chosen}
        return tuple(token.text for at, token in enumerate(self.tokens) if at not in gone and not token.is_number)


def _taken_apart(clean: str) -> _Name:
    tokens = tokens_of(_POSSESSIVE.sub("", clean))
    slots = []
    for at, token in enumerate(tokens):
        beside = (at and token.glued and tokens[at - 1].is_number) or (
            at + 1 < len(tokens) and tokens[at + 1].glued and tokens[at + 1].is_number
        )
        if token.text in say.GROUND and not beside:
            token = tokens[at] = Token("0", "0", token.gap)
        if token.is_number or token.is_letter or (beside and len(token.text) <= _LETTERS and token.text.isalpha()):
            raw = token.raw if token.raw.isdecimal() else token.text
            slots.append(_Slot(token.text, raw, at))
    return _Name(tuple(tokens), tuple(slots))


# --- slots put together ---

_PADS = ("raw", "plain", "last two", "two", "three", "ground")


def _together(slots: Sequence[_Slot], pad: str) -> str:
    """Slots as one text, with noughts as written, without, or with so many that numbers are two or three digits long."""
    numbers = [at for at, slot in enumerate(slots) if slot.is_number]
    parts = []
    for at, slot in enumerate(slots):
        width = 0
        if slot.is_number and pad in ("last two", "three") and at == numbers[-1]:
            width = 3 if pad == "three" else 2
        elif slot.is_number and pad == "two" and at != numbers[0]:
            width = 2
        parts.append(slot.raw if pad in ("raw", "ground") else slot.text.zfill(width))
    joined = "".join(parts).casefold()
    return _GROUND.sub(r"\g<1>0", joined) if pad == "ground" else joined


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which slots of names of one shape are put together, in which order."""

    shape: str
    at: tuple[int, ...]
    pad: str

    def of(self, name: _Name, shift: tuple[int, int] = (0, 0)) -> str:
        """`shift`: the place in `at` of a number that is counted otherwise, and by how many."""
        slots = [name.slots[one] for one in self.at]
        place, by = shift
        if by:
            number = int(slots[place].text) + by
            if number < 0:
                return "-"
            slots[place] = _Slot(f"{number}", f"{number:0{len(slots[place].raw)}}", slots[place].at)
        return _together(slots, self.pad)

    @property
    def is_in_order(self) -> bool:
        return list(self.at) == sorted(self.at)


def _choices(shape: str, turned: bool) -> Iterator[_Choice]:
    seen = set()
    for size in range(min(len(shape), _MAX_CHOSEN) + 1):
        orders = itertools.permutations if turned and size <= FEW else itertools.combinations
        for at in orders(range(len(shape)), size):
            if size and not any(shape[one] == "#" for one in at):
                continue
            several = sum(shape[one] == "#" for one in at) > 1
            for pad in _PADS if several else ("raw", "plain", "three", "ground"):
                if size or pad == "raw":
                    seen.add(_Choice(shape, at, pad))
    return iter(sorted(seen, key=lambda one: (one.pad == "ground", one.at, one.pad)))


class _Rooms:
    """The let rooms, by whatever their slots make when they are put together."""

    def __init__(self, rooms: Mapping[int, str]):
        self.names = {at: _taken_apart(clean) for at, clean in rooms.items()}
        self.rest = {at: name.rest(()) for at, name in self.names.items()}
        borne = Counter(word for words in self.rest.values() for word in set(words))
        self.vocabulary = {word for word, count in borne.items() if count < MOST * len(rooms)}
        self.of_all = borne.keys() - self.vocabulary
        self.index: dict[str, list[tuple[_Choice, int]]] = defaultdict(list)
        shapes: dict[str, list[int]] = defaultdict(list)
        for at, name in self.names.items():
            if len(name.slots) <= _MAX_SLOTS:
                shapes[name.shape].append(at)
        for shape, members in shapes.items():
            for choice in _choices(shape, turned=False):
                keys = [(choice.of(self.names[at]), self.rest[at]) for at in members]
                if len(set(keys)) == len(keys):
                    for at, (text, _) in zip(members, keys, strict=True):
                        self.index[text].append((choice, at))
        self.by_word: dict[str, set[int]] = defaultdict(set)
        self.by_beginning: dict[str, set[int]] = defaultdict(set)
        self.by_initials: dict[str, set[int]] = defaultdict(set)
        for at, words in self.rest.items():
            for word in words:
                self.by_word[word].add(at)
                for length in range(1, len(word)):
                    self.by_beginning[word[:length]].add(at)
            for one in _initials(words):
                self.by_initials[one].add(at)

    def likeness(self, words: Sequence[str]) -> Counter[int]:
        """How much a lock's words are like each room's, in hundredths."""
        found: Counter[int] = Counter()
        for word in words:
            best: dict[int, int] = {}
            for at in self.by_beginning.get(word, ()):
                best[at] = _STRENGTH[min(len(word), FEW)]
            for length in range(1, len(word)):
                for at in self.by_word.get(word[:length], ()):
                    best[at] = max(best.get(at, 0), _STRENGTH[min(length, FEW)])
            for at in self.by_initials.get(word, ()) if len(word) > 1 else ():
                best[at] = max(best.get(at, 0), _INITIALS)
            for at in self.by_word.get(word, ()):
                best[at] = 100
            found.update(best)
        for one in _initials(words):
            found.update({at: _INITIALS for at in self.by_word.get(one, ())})
        return found

    def explains(self, word: str, at: int) -> bool:
        """Whether a room has a word, or one that begins so and that not all rooms have."""
        mine = self.rest[at]
        if word in mine or (len(word) > 1 and word in _initials(mine)):
            return True
        return any(
            one.startswith(word) or (len(one) >= FEW and word.startswith(one))
            for one in mine
            if one in self.vocabulary or len(word) >= FEW
        )


_STRENGTH = {1: 40, 2: 50, 3: 80}
"""Of a beginning of so many letters."""
_INITIALS = 70
_CLEARLY = 25
"""By how much the words must be liker one room's than the next one's."""


def _initials(words: Sequence[str]) -> set[str]:
    return {
        "".join(word[0] for word in words[first:end])
        for first in range(len(words))
        for end in range(first + 2, min(len(words), first + _MAX_CHOSEN) + 1)
    }


# --- the locks of one shape ---


@dataclass(slots=True)
class _Written:
    """What one choice makes of the locks of a shape."""

    choice: _Choice
    rooms: dict[str, int]
    """By door id, the one room that it says, though another may say the same."""
    strangers: set[str]
    """The doors that say no room's numbers, and those without numbers of which no word is a room's."""
    codes: dict[str, frozenset[str]]
    """By door id, words and letters that are a code for the room's."""


def _best(names: Mapping[str, _Name], rooms: _Rooms) -> _Written | None:
    """How the locks of one shape say their rooms; None where that is not clear."""
    shape = next(iter(names.values())).shape
    order = sorted(names)
    sample = order[:: max(1, len(order) // _SAMPLE)]
    promising = []
    for choice in _choices(shape, turned=True):
        hits: Counter[_Choice] = Counter()
        different = set()
        for door_id in sample:
            text = choice.of(names[door_id])
            different.add(text)
            hits.update({theirs for theirs, _ in rooms.index.get(text, ())})
        reached = sum(max(count for theirs, count in hits.items() if theirs.shape == one) for one in _shapes(hits))
        if reached >= OFTEN * len(sample):
            promising.append((len(different), reached, choice.is_in_order, choice))
    promising.sort(key=lambda one: (-min(one[0], one[1]), not one[2], one[3].pad == "ground", -len(one[3].at)))
    found = [_tried(choice, names, rooms) for *_, choice in promising[: _BEST * _BEST]]
    found.sort(key=lambda one: (-len(set(one.rooms.values())), not one.choice.is_in_order))
    if not found:
        return None
    best = found[0]
    if len(set(best.rooms.values())) < max(FEW, USUAL * (len(names) - (len(best.strangers) if not best.choice.at else 0))):
        return None
    if best.choice.at and len(best.strangers) > max(1, (1 - MOST) * len(names)):
        return None
    for rival in found[1:]:
        is_weaker = best.choice.is_in_order and not rival.choice.is_in_order
        apart = sum(best.rooms.get(door_id) not in (None, room) for door_id, room in rival.rooms.items())
        if apart and not is_weaker and len(set(rival.rooms.values())) >= USUAL * len(set(best.rooms.values())):
            return None
    return None if _may_be_counted_otherwise(best, names, rooms) else best


def _shapes(choices: Iterable[_Choice]) -> set[str]:
    return {choice.shape for choice in choices}


def _tried(choice: _Choice, names: Mapping[str, _Name], rooms: _Rooms, shift: tuple[int, int] = (0, 0)) -> _Written:
    texts = {door_id: choice.of(name, shift) for door_id, name in names.items()}
    hits = Counter(theirs for text in texts.values() for theirs in {one for one, _ in rooms.index.get(text, ())})
    best: dict[str, _Choice] = {}
    for theirs, _ in sorted(hits.items(), key=lambda one: (-one[1], -len(one[0].at), one[0].at, one[0].pad)):
        best.setdefault(theirs.shape, theirs)
    may_be = {
        door_id: {at for theirs, at in rooms.index.get(text, ()) if best[theirs.shape] == theirs}
        for door_id, text in texts.items()
    }
    found: dict[str, int] = {}
    unlike: set[str] = set()
    codes: dict[str, frozenset[str]] = {}
    for door_id, there in may_be.items():
        if len(there) == 1 and texts[door_id]:
            found[door_id] = next(iter(there))
        elif there:
            likeness = rooms.likeness(names[door_id].rest(choice.at))
            first, second = [*sorted((likeness[at] for at in there), reverse=True), 0][:2]
            if first >= second + _CLEARLY:
                found[door_id] = max(there, key=lambda at: likeness[at])
            elif not first:
                unlike.add(door_id)
    strangers = {door_id for door_id, there in may_be.items() if not there}
    if not choice.at:
        strangers |= unlike
    elif unlike and len(found) + len(unlike) + len(strangers) == len(names):
        more = _by_numbers(choice, names, texts, rooms, set(best.values()))
        codes = {door_id: words for door_id, (words, _) in more.items()}
        found |= {door_id: at for door_id, (_, at) in more.items()}
    return _Written(choice, found, strangers, codes)


def _by_numbers(
    choice: _Choice, names: Mapping[str, _Name], texts: Mapping[str, str], rooms: _Rooms, theirs: AbstractSet[_Choice]
) -> dict[str, tuple[frozenset[str], int]]:
    """The codes and rooms by a code that only the numbers explain: whatever has an "A" has just the northern rooms' numbers."""
    rest = {door_id: frozenset(_all_but(name, choice)) for door_id, name in names.items()}
    of_all = frozenset.intersection(*rest.values())
    ours: dict[frozenset[str], dict[str, str]] = defaultdict(dict)
    for door_id, text in texts.items():
        ours[rest[door_id] - of_all][text] = door_id
    rooms_rest = {
        at: (frozenset(_all_but(rooms.names[at], one)), text)
        for text, entries in rooms.index.items()
        for one, at in entries
        if one in theirs
    }
    all_say = frozenset.intersection(*(words for words, _ in rooms_rest.values()))
    parts: dict[frozenset[str], dict[str, int]] = defaultdict(dict)
    for at, (words, text) in rooms_rest.items():
        parts[words - all_say][text] = at
    if not 2 <= len(parts) == len(ours) <= len(names) / FEW:
        return {}
    if set().union(*ours) & set().union(*parts):
        return {}
    found: dict[str, tuple[frozenset[str], int]] = {}
    taken = set()
    for words, doors in ours.items():
        apart = sorted((len(doors.keys() ^ there.keys()), sorted(part)) for part, there in parts.items())
        part = frozenset(apart[0][1])
        both = doors.keys() & parts[part].keys()
        if (
            len(both) < max(FEW, MOST * len(doors), MOST * len(parts[part]))
            or apart[1][0] < 2 * apart[0][0] + 2
            or part in taken
        ):
            return {}
        taken.add(part)
        found |= {doors[text]: (words, parts[part][text]) for text in both}
    return found


def _all_but(name: _Name, choice: _Choice) -> Iterator[str]:
    gone = {name.slots[one].at for one in choice.at}
    return (token.text for at, token in enumerate(name.tokens) if at not in gone)


def _may_be_counted_otherwise(best: _Written, names: Mapping[str, _Name], rooms: _Rooms) -> bool:
    """Whether the locks would fit as well with one or two more or less in one of their numbers."""
    if not best.strangers:
        return False
    fitting = len(set(best.rooms.values()))
    for place, slot in enumerate(best.choice.at):
        if best.choice.shape[slot] != "#":
            continue
        for by in (-2, -1, 1, 2, -100, 100):
            other = _tried(best.choice, names, rooms, (place, by))
            rescued = len(best.strangers & other.rooms.keys())
            if rescued and len(set(other.rooms.values())) >= fitting - max(1, fitting // 50):
                return True
    return False


# --- all of them ---


def aligned(
    rooms: Mapping[int, str], doors: Mapping[str, tuple[str, str]], known: Mapping[str, int]
) -> dict[str, int]:
    """The rooms of locks of which the house as a whole tells it, by door id.

    `rooms`: the let rooms' cleaned names by place, in natural order. `doors`: by id, lock system and cleaned name.
    `known`: the doors of which the room is known already. Pure; the order of the input does not matter.
    """
    if len(rooms) < FEW or len(known) >= len(doors):
        return {}
    laid = _Rooms(rooms)
    by_shape: dict[tuple[str, str], dict[str, _Name]] = defaultdict(dict)
    for door_id, (system, clean) in doors.items():
        name = _taken_apart(clean)
        if len(name.slots) <= _MAX_SLOTS and not _is_no_room(name, laid.vocabulary):
            by_shape[system, name.shape][door_id] = name
    found: dict[str, int] = {}
    strange: dict[str, frozenset[str]] = {}
    for (_, _), names in sorted(by_shape.items()):
        if len(names) < FEW or all(door_id in known for door_id in names):
            continue
        best = _best(names, laid)
        if best is None or any(known.get(door_id, at) != at for door_id, at in best.rooms.items()):
            continue
        for door_id, at in best.rooms.items():
            found[door_id] = at
            strange[door_id] = frozenset(_unexplained(names[door_id], best.choice, at, laid)) - best.codes.get(
                door_id, frozenset()
            )
    taken = {at: door_id for door_id, at in known.items()}
    named = Counter((found | dict(known)).values())
    if len(set(found.values()) | taken.keys()) < OFTEN * len(rooms):
        return {}
    for system in {doors[door_id][0] for door_id in found}:
        mine = {door_id: at for door_id, at in found.items() if doors[door_id][0] == system}
        harmless = _harmless(mine, strange, named, len(rooms))
        for door_id in mine:
            if not strange[door_id] <= harmless:
                del found[door_id]
    return {door_id: at for door_id, at in found.items() if named[at] == 1 and taken.get(at, door_id) == door_id}


def _is_no_room(name: _Name, vocabulary: AbstractSet[str]) -> bool:
    return any(
        (token.text in _NO_ROOM or (len(token.text) > _MAX_SLOTS and token.text.endswith(say.NOT_A_ROOM_ENDINGS)))
        and token.text not in vocabulary
        for token in name.tokens
    )


def _unexplained(name: _Name, choice: _Choice, at: int, rooms: _Rooms) -> Iterator[str]:
    """What a lock's name says besides its room: words of other rooms, words that nobody knows, numbers."""
    gone = {name.slots[one].at for one in choice.at}
    numbers = [token.text for token in rooms.names[at].tokens if token.is_number]
    storeys = {number[:-2] or "0" for number in numbers if len(number) > 1}
    last = max(gone, default=-1)
    words = name.rest(choice.at)
    initials = {
        word
        for first, end in itertools.combinations(range(len(words) + 1), 2)
        if end > first + 1 and "".join(one[0] for one in words[first:end]) in rooms.rest[at]
        for word in words[first:end]
    }
    for place, token in enumerate(name.tokens):
        if place in gone:
            continue
        if token.is_number:
            beside = {one.text for one in name.tokens[max(place - 1, 0) : place + 2]}
            says_storey = not beside.isdisjoint(say.FLOOR) or token.raw == "0"
            if not (token.text in numbers or token.text in storeys or (says_storey and not choice.at)):
                yield f"{token.text} {name.tokens[place - 1].text if place else ''}"
        elif token.text in initials or rooms.explains(token.text, at):
            continue
        elif token.text in rooms.vocabulary:
            yield f"!{token.text}"
        elif not (
            token.text in _SAYS_NOTHING
            or token.text in _SIDES
            or token.text in rooms.of_all
            or say.KINDS.get(token.text) in say.TYPES | say.GENERIC_KINDS
            or (token.text in say.NEW and place > last)
        ):
            yield token.text


def _harmless(
    mine: Mapping[str, int], strange: Mapping[str, frozenset[str]], named: Mapping[int, int], rooms: int
) -> set[str]:
    """What of it tells no rooms apart: nearly all locks of the account have it, or it stands among the others and
    names hardly a room again. `named`: how many locks each room has."""
    borne: dict[str, set[int]] = defaultdict(set)
    for door_id, at in mine.items():
        for word in strange[door_id]:
            borne[word].add(at)
    order = sorted(mine.values())
    is_large = len(order) >= SMALL * rooms
    return {
        word
        for word, there in borne.items()
        if not word.startswith("!")
        and sum(named[at] > 1 for at in there) <= TWICE * len(there)
        and (
            (is_large and len(there) >= USUAL * len(order))
            or (not is_rare(len(there), len(order)) and alternates(there, order))
        )
    }
