"""Two inventories laid side by side: how a lock system's names say what the rooms' names say, whatever the words.

A name is taken apart into slots (numbers, and letters glued to them) and words. Which of the slots, put together in
which order, make "A132" of "Core A - L1 - Flat 3 - Bed 2" is found by trying: the choice with which nearly all names
that are written alike become rooms, each another one, and no other choice makes nearly as many of them other rooms.
Where several rooms have the same numbers the words tell: the same word, its beginning, or the initials; and where no
word is like another, the numbers themselves ("A" is "North" where just the northern rooms' numbers have an A).

What is left of a name must be explained, as everywhere: a word that only some locks have may be an annex's.
"""

import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from lock_names import words as say
from lock_names.forms import Written, doubts_by_system
from lock_names.likeness import CLEARLY, TELLS_NO_ROOM, LetRooms
from lock_names.shares import FEW, MANY, MOST, OFTEN, SELDOM, USUAL
from lock_names.sharing import SMALL, TWICE, alternates, is_rare, said_by_most
from lock_names.slots import MAX_SLOTS, Choice, Slotted, choices, taken_apart
from lock_names.tokens import is_letter

_SAMPLE = 24
"""Locks of one shape with which a choice is tried first."""
_PROMISING = 36
_SAYS_NOTHING = (
    say.DOOR | say.ENTRY | say.BRANDS | say.FLOOR | say.GROUND | say.BELOW | say.ORDINALS | say.KEY | say.INSTALLATION
)
_SAYS_A_PART = say.BUILDING | frozenset(say.DIRECTIONS.values())
_SIDES = frozenset(say.WHICH_OF_TWO.values())
_NEVER = "!"
"""Before a word that may be another room's or house's."""
_KNOWN = "."
"""Before what says nothing: a word for a door, a storey."""
_PART = "~"
"""Before what may be a part of the house, or of another one: a side, a wing."""
_STOREY = "#"
"""Behind the number of the room's storey."""
_RUNNING = "*"
"""Behind a number beside words that tell the room by themselves."""
_FOR = "="
"""Between a code and the word that it may stand for."""


@dataclass(slots=True)
class _Tried:
    """What one choice makes of the locks of a shape."""

    choice: Choice
    rooms: dict[str, int]
    """By door id, the one room that it says, though another may say the same."""
    strangers: set[str]
    """The doors that say no room's numbers, and those without numbers of which no word is a room's."""
    codes: dict[str, frozenset[str]]
    """By door id, words and letters that are a code for the room's."""

    @property
    def said(self) -> int:
        """How many rooms are said."""
        return len(set(self.rooms.values()))


def _best(names: Mapping[str, Slotted], rooms: LetRooms) -> _Tried | None:
    """How locks of one shape say their rooms; None where that is not clear."""
    if len(names) < FEW:
        return None
    shape = next(iter(names.values())).shape
    order = sorted(names)
    sample = order[:: max(1, len(order) // _SAMPLE)]
    promising = []
    for choice in choices(shape, turned=True):
        hits: Counter[Choice] = Counter()
        different = set()
        for door_id in sample:
            text = choice.of(names[door_id])
            different.add(text)
            hits.update({theirs for theirs, _ in rooms.index.get(text, ())})
        reached = sum(max(count for theirs, count in hits.items() if theirs.shape == one) for one in _shapes(hits))
        if reached >= OFTEN * len(sample):
            promising.append((len(different), reached, choice.is_in_order, choice))
    promising.sort(key=lambda one: (-min(one[0], one[1]), not one[2], one[3].pad == "ground", -len(one[3].at)))
    found = [_tried(choice, names, rooms) for *_, choice in promising[:_PROMISING]]
    found.sort(key=lambda one: (-one.said, not one.choice.is_in_order))
    if not found:
        return None
    best = found[0]
    # A name without numbers is a room's or it is not; of numbers that are no room's others may be running ones too.
    known = len(names) if best.choice.at else len(names) - len(best.strangers)
    if best.said < max(best.choice.evidence, USUAL * known):
        return None
    if best.choice.at and len(best.strangers) > max(1, (1 - MOST) * len(names)):
        return None
    for rival in found[1:]:
        is_weaker = best.choice.is_in_order and not rival.choice.is_in_order and _is_labelled(best.choice, names)
        apart = sum(best.rooms.get(door_id) not in (None, room) for door_id, room in rival.rooms.items())
        if apart and not is_weaker and rival.said >= USUAL * best.said:
            return None
    return None if _may_be_counted_otherwise(best, names, rooms) else best


def _is_labelled(choice: Choice, names: Mapping[str, Slotted]) -> bool:
    """Whether words or letters say which of the numbers is which."""
    return sum(all(choice.labels(name)[1:]) for name in names.values()) >= MOST * len(names)


def _shapes(choices: Iterable[Choice]) -> set[str]:
    return {choice.shape for choice in choices}


def _tried(choice: Choice, names: Mapping[str, Slotted], rooms: LetRooms, shift: tuple[int, int] = (0, 0)) -> _Tried:
    texts = {door_id: choice.of(name, shift) for door_id, name in names.items()}
    hits = Counter(theirs for text in texts.values() for theirs in {one for one, _ in rooms.index.get(text, ())})
    best: dict[str, Choice] = {}
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
            words = names[door_id].rest(choice.at)
            likeness = rooms.likeness(words)
            first, second = [*sorted((likeness[at] for at in there), reverse=True), 0][:2]
            if not choice.at and all(is_letter(word) or word in TELLS_NO_ROOM for word in words):
                unlike.add(door_id)
            elif not choice.at and first <= max((like for at, like in likeness.items() if at not in there), default=0):
                # "ASH main dr" is no "Ashdown Hall A105 (accessible)": it may be any room of that hall.
                unlike.add(door_id)
            elif first >= second + CLEARLY:
                found[door_id] = max(there, key=lambda at: likeness[at])
            elif at := rooms.plainest((one for one in there if likeness[one] > first - CLEARLY), words):
                found[door_id] = at[0]
            elif not first or (choice.at and len({likeness[at] for at in there}) == 1):
                unlike.add(door_id)
    strangers = {door_id for door_id, there in may_be.items() if not there}
    found = {
        door_id: at
        for door_id, at in found.items()
        if not _is_said_otherwise(choice.labels(names[door_id]), best[rooms.names[at].shape].labels(rooms.names[at]))
    }
    if not choice.at:
        strangers |= unlike
    elif unlike and len(found) + len(unlike) + len(strangers) == len(names):
        more = _by_numbers(choice, names, texts, rooms, set(best.values()))
        codes = {door_id: words for door_id, (words, _) in more.items()}
        found |= {door_id: at for door_id, (_, at) in more.items()}
    return _Tried(choice, found, strangers, codes)


def _is_said_otherwise(ours: Sequence[str], theirs: Sequence[str]) -> bool:
    """Whether a number is the flat's in a lock's name, and another one in the room's."""
    return len(ours) == len(theirs) and any(
        mine and mine != other and (mine in theirs or (other and other in ours))
        for mine, other in zip(ours, theirs, strict=True)
    )


def _by_numbers(
    choice: Choice, names: Mapping[str, Slotted], texts: Mapping[str, str], rooms: LetRooms, theirs: AbstractSet[Choice]
) -> dict[str, tuple[frozenset[str], int]]:
    """Codes and rooms by door id, where only numbers explain a code: what has an "A" has the northern numbers."""
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
    parts: dict[str, dict[str, int]] = defaultdict(dict)
    for at, (words, text) in rooms_rest.items():
        for word in words:
            parts[word][text] = at
    if not parts or not 2 <= len(ours) <= len(names) / FEW or set().union(*ours) & parts.keys():
        return {}
    found: dict[str, tuple[frozenset[str], int]] = {}
    taken: set[int] = set()
    for words, doors in ours.items():
        apart = sorted((len(doors.keys() ^ there.keys()), part) for part, there in parts.items())
        there = parts[apart[0][1]]
        both = doors.keys() & there.keys()
        others = [count for count, part in apart[1:] if parts[part] != there]
        if (
            len(both) < max(FEW, MOST * len(doors), MOST * len(there))
            or (others and others[0] < 2 * apart[0][0] + 2)
            or not taken.isdisjoint(there.values())
        ):
            return {}
        taken.update(there.values())
        found |= {doors[text]: (words, there[text]) for text in both}
    return found if len(taken) == len(rooms_rest) else {}


def _all_but(name: Slotted, choice: Choice) -> Iterator[str]:
    """The words and letters that are not chosen; the numbers with the word before."""
    gone = {name.slots[one].at for one in choice.at}
    for at, token in enumerate(name.tokens):
        if at not in gone:
            yield f"{name.tokens[at - 1].text if at else ''}{token.text}" if token.is_number else token.text


def _may_be_counted_otherwise(best: _Tried, names: Mapping[str, Slotted], rooms: LetRooms) -> bool:
    """Whether the locks would fit as well with one or two more or less in one of their numbers."""
    if not best.strangers:
        return False
    fitting = best.said
    for place, slot in enumerate(best.choice.at):
        if best.choice.shape[slot] != "#":
            continue
        for by in (-2, -1, 1, 2, -100, 100):
            other = _tried(best.choice, names, rooms, (place, by))
            rescued = len(best.strangers & other.rooms.keys())
            if rescued and other.said >= fitting - max(1, fitting // 50):
                return True
    return False


# --- all of them ---


def aligned(
    rooms: Mapping[int, str], doors: Mapping[str, tuple[str, str]], known: Mapping[str, int]
) -> dict[str, tuple[int, bool]]:
    """The rooms of locks of which the house as a whole tells it, by door id, and whether its name says no more than
    others.

    `rooms`: the let rooms' cleaned names by place, in natural order. `doors`: by id, lock system and cleaned name.
    `known`: the doors of which the room is known already. Pure; the order of the input does not matter.
    """
    if len(rooms) < FEW or len(known) >= len(doors):
        return {}
    laid = LetRooms(rooms)
    words = {word for said in laid.rest.values() for word in said}
    by_system: dict[str, dict[str, Slotted]] = defaultdict(dict)
    short = {
        token.text
        for name in laid.names.values()
        for token, behind in itertools.pairwise(name.tokens)
        if behind.gap.startswith(".")
    }
    devices = said_by_most(doors.values())
    for door_id, (system, clean) in doors.items():
        name = taken_apart(clean)
        if len(name.slots) <= MAX_SLOTS and not _is_no_room(name, words | devices[system], short):
            by_system[system][door_id] = name
    found: dict[str, int] = {}
    strange: dict[str, frozenset[str]] = {}
    for _, names in sorted(by_system.items()):
        ways: list[dict[str, int]] = []
        for best in _ways_of_writing(names, laid) if not names.keys() <= known.keys() else ():
            if any(known.get(door_id, at) != at for door_id, at in best.rooms.items()):
                continue
            ways.append(best.rooms)
            for door_id, at in best.rooms.items():
                codes = best.codes.get(door_id, frozenset())
                unexplained = _unexplained(names[door_id], best.choice, at, laid)
                strange[door_id] = frozenset(one for one in unexplained if one.lstrip(_PART) not in codes)
        for rooms_of in _without_rivals(ways, strange):
            found |= rooms_of
    named = Counter((found | dict(known)).values())
    if len(named) < OFTEN * len(rooms):
        return {}
    claims = [
        Written(doors[door_id][0], (), (), (), frozenset({at}), (), at) for door_id, at in (found | dict(known)).items()
    ]
    of_two_houses = doubts_by_system(claims, len(rooms)).keys() | _with_doubles(claims)
    found = {door_id: at for door_id, at in found.items() if doors[door_id][0] not in of_two_houses}
    for system in {doors[door_id][0] for door_id in found}:
        mine = {door_id: at for door_id, at in found.items() if doors[door_id][0] == system}
        customs, among_others = _harmless(mine, strange, named, laid)
        for door_id in mine:
            strange[door_id] = frozenset(word for word in strange[door_id] - customs if not word.startswith(_KNOWN))
            if not strange[door_id] <= among_others:
                del found[door_id]
    return {door_id: (at, not strange[door_id]) for door_id, at in found.items()}


def _ways_of_writing(names: Mapping[str, Slotted], rooms: LetRooms) -> Iterator[_Tried]:
    """How the locks of one account say their rooms: those of each shape in one way, or if that cannot be, each in the
    way of those that have the same of the account's usual words."""
    borne = Counter(word for name in names.values() for word in set(name.rest(())))
    usual = {
        word
        for word, count in borne.items()
        if len(word) > 1 and count >= SELDOM * len(names) and word not in rooms.vocabulary
    }
    shapes: dict[str, dict[tuple[str, ...], dict[str, Slotted]]] = defaultdict(lambda: defaultdict(dict))
    for door_id, name in names.items():
        shapes[name.shape][tuple(sorted(usual.intersection(name.rest(()))))][door_id] = name
    for _, groups in sorted(shapes.items()):
        alike = {door_id: name for group in groups.values() for door_id, name in group.items()}
        if best := _best(alike, rooms):
            yield best
            continue
        for _, group in sorted(groups.items()) if len(groups) > 1 else ():
            if best := _best(group, rooms):
                yield best


def _without_rivals(
    ways: Sequence[dict[str, int]], strange: Mapping[str, AbstractSet[str]]
) -> Iterator[dict[str, int]]:
    """Rooms by door id of each way of writing, but for the ways that have unknown words throughout and name rooms again
    which another way names without: the "DG01" beside the "EG01" of room 001."""
    plain = {
        at
        for rooms in ways
        if all(word.startswith(_KNOWN) for door_id in rooms for word in strange[door_id])
        for at in rooms.values()
    }
    for rooms in ways:
        is_strange = all(any(not word.startswith(_KNOWN) for word in strange[door_id]) for door_id in rooms)
        if not is_strange or sum(at in plain for at in rooms.values()) < OFTEN * len(rooms):
            yield rooms


def _with_doubles(claims: Iterable[Written]) -> set[str]:
    """The lock systems in which more than a mistyped number or two name a room again: fewer than where each name says
    its room by itself."""
    by_system: dict[str, Counter[int]] = defaultdict(Counter)
    for claim in claims:
        by_system[claim.system].update(claim.rooms)
    return {
        system
        for system, rooms in by_system.items()
        if sum(count > 1 for count in rooms.values()) > max(1, TWICE * len(rooms))
    }


def _is_no_room(name: Slotted, rooms: AbstractSet[str], short: AbstractSet[str]) -> bool:
    """Whether a word is for something else, and neither a word of `rooms` nor one that they cut `short`: "Esc. A".
    "Parking 1" is no flat of Park Row."""
    return any(
        say.is_no_room(token.text)
        and token.text not in rooms
        and not any(token.text[:length] in short for length in range(FEW, len(token.text)))
        for token in name.tokens
    )


def _unexplained(name: Slotted, choice: Choice, at: int, rooms: LetRooms) -> Iterator[str]:
    """What a lock's name says besides its room: words of other rooms, words that nobody knows, numbers."""
    gone = {name.slots[one].at for one in choice.at}
    numbers = [token.text for token in rooms.names[at].tokens if token.is_number]
    storeys = {number[:-2] or "0" for number in numbers if len(number) > 1}
    last = max(gone, default=-1)
    words = name.rest(choice.at)
    initials = {
        word
        for first, end in itertools.combinations(range(min(len(words), 2 * MAX_SLOTS) + 1), 2)
        if end > first + 1 and "".join(one[0] for one in words[first:end]) in rooms.rest[at]
        for word in words[first:end]
    }
    for place, token in enumerate(name.tokens):
        if place in gone:
            continue
        before = name.tokens[place - 1].text if place and not name.tokens[place - 1].is_number else ""
        if token.is_number or token.raw in say.ROMAN:
            number = say.ROMAN.get(token.raw, token.text)
            beside = {one.text for one in name.tokens[max(place - 1, 0) : place + 2]}
            says_storey = not beside.isdisjoint(say.FLOOR) or token.raw == "0"
            if number in storeys:
                yield f"{before} {token.text}{_STOREY}"
            elif token.is_number or token.text not in rooms.rest[at]:
                is_known = number in numbers or (says_storey and not choice.at)
                if not choice.at and rooms.explains(before, at):
                    before = ""
                yield f"{_KNOWN if is_known else ''}{before} {token.text}{'' if choice.at else _RUNNING}"
        elif token.text in initials or rooms.explains(token.text, at):
            if (coded := rooms.coded(token.text, at)) and coded != token.text:
                yield f"{_KNOWN}{token.text}{_FOR}{coded}"
        elif coded := rooms.coded(token.text, at):
            # "AE" of "Aile Est" is no "Aile" of another wing.
            is_initials = not rooms.by_initials.get(token.text, {at}) <= {at}
            yield f"{_NEVER}{token.text}" if is_initials else f"{token.text}{_FOR}{coded}"
        elif token.text in rooms.vocabulary or token.text in say.NAMES_A_BUILDING:
            yield f"{_NEVER}{token.text}"
        elif token.text in say.BUILDING and gone & {place - 1, place + 1}:
            yield f"{_KNOWN}{token.text}"
        elif token.text not in say.INSTALLATION and not _SAYS_A_PART.isdisjoint(
            one.text for one in name.tokens[max(place - 1, 0) : place + 2]
        ):
            yield f"{_PART}{token.text}"
        elif (
            token.text in _SAYS_NOTHING
            or token.text in _SIDES
            or token.text in rooms.of_all
            or say.KINDS.get(token.text) in say.TYPES | say.GENERIC_KINDS
            or (token.text in say.NEW and place > last)
        ):
            yield f"{_KNOWN}{token.text}"
        else:
            yield token.text


def _wider(word: str) -> set[str]:
    """What a strange word is without its code; a storey or running number by itself, and by its place."""
    for which in (_STOREY, _RUNNING):
        if word.endswith(which):
            value = word.removesuffix(which)
            return {value, f"{value.rpartition(' ')[0]} {which}"}
    return {word.partition(_FOR)[0]}


def _harmless(
    mine: Mapping[str, int], strange: Mapping[str, frozenset[str]], named: Mapping[int, int], rooms: LetRooms
) -> tuple[set[str], set[str]]:
    """What of it tells no rooms apart: what nearly all locks of the account have, or all those whose rooms have a word
    of which it is the code; and what stands among the others. Neither names a room again. `named`: how many locks each
    room has."""
    borne: dict[str, set[int]] = defaultdict(set)
    values: dict[str, set[str]] = defaultdict(set)
    for door_id, at in mine.items():
        for word in strange[door_id]:
            for one in {word.removeprefix(_KNOWN), *_wider(word)}:
                borne[one].add(at)
                values[one].add(word)
    order = sorted(mine.values())
    told = Counter(word for at in order for word in set(rooms.rest[at]))
    is_large = len(order) >= SMALL * len(rooms.names)
    numbered = {at for at, name in rooms.names.items() if any(token.is_number for token in name.tokens)}
    between = [at for at in rooms.names if order[0] <= at <= order[-1]]
    is_whole = sum(at in named for at in between) >= MOST * len(between) - 1
    customs, among_others = set(), set()
    for word in {word for door_id in mine for word in strange[door_id]}:
        of_room = word.partition(_FOR)[2]
        if of_room and len(borne[word]) >= MOST * told[of_room]:
            customs.add(word)
        for one in _wider(word):
            there = borne[one]
            if one.startswith(_NEVER) or sum(named[at] > 1 for at in there) > TWICE * len(there):
                continue
            # Of running numbers hardly one comes twice; the number of a house does.
            is_told = one.endswith(_RUNNING) and len(values[one]) < MOST * len(there)
            # "Ruby L1", "Opal L1", "Amber": all that have a number have the letter.
            is_usual = len(there) >= USUAL * len(order) or (is_letter(one) and there == numbered)
            if is_large and not one.startswith(_PART) and not is_told and is_usual:
                customs.add(word)
            elif is_whole and not is_rare(len(there), len(order)) and alternates(there, order):
                among_others.add(word)
    # Of words that share the house out each lock has one. What few have and the others nothing of, an annex may have.
    more = {door_id for door_id in mine if any(word not in customs for word in strange[door_id])}
    shared = {
        word
        for word in among_others - customs
        if (len(borne[word]) >= MANY and not word.startswith(_PART))
        or sum(door_id in more for door_id, at in mine.items() if at not in borne[word])
        >= MOST * (len(mine) - len(borne[word]))
    }
    return customs, shared
