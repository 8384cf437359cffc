"""Storeys and buildings: attics, which rooms say by a number and locks by a word; a storey that a room's number says
again; storeys and buildings that rooms do not say."""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lock_names import words as say
from lock_names.mistyping import is_a_slip
from lock_names.read import FLOOR, is_floor, is_known, read
from lock_names.shares import FEW, MOST, USUAL
from lock_names.sharing import is_rare
from lock_names.tokens import numbers_in, plain_number, tokens_of, words_in
from lock_names.vocabulary import meanings
from lock_names.words import folded

_WORD = re.compile(r"[^\W\d_]+")
_ATTIC = meanings("dg")
_HIGHEST = 9
"""The highest storey of a house of which the attic is one."""


def with_attics_numbered(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of locks with "3.OG Zi.05" for "DG Zi.05", where the locks say by number just the storeys of the rooms but
    the third. `names` by door id; `rooms` their names as they are written."""
    storeys = {_storey_of(room) for room in rooms}
    said = {storey for name in names.values() for storey in _storeys_said(name)}
    top = max((int(storey) for storey in storeys if storey), default=0)
    if not (0 < top <= _HIGHEST) or "" in storeys or said != storeys - {f"{top}"}:
        return dict(names)
    if any(_is_attic(word) for room in rooms for word in _WORD.findall(room)):
        return dict(names)
    storey = f"{top}{next(filter(None, map(_behind_a_storey, names.values())), '.OG')}"
    return {
        door_id: _WORD.sub(lambda word: storey if _is_attic(word[0]) else word[0], name)
        if any(map(str.isdecimal, name))
        else name
        for door_id, name in names.items()
    }


def _behind_a_storey(name: str) -> str:
    """What a lock has behind the number of its storey: ".OG"; empty if none."""
    for dot, word in _BEHIND_A_NUMBER.findall(name):
        if folded(word) in say.FLOOR:
            return f"{dot}{word}"
    return ""


_BEHIND_A_NUMBER = re.compile(r"(?<=\d)([\W_]{0,2})([^\W\d_]+)")


def _is_attic(word: str) -> bool:
    # An attic alone may be a room for the linen.
    return not _ATTIC.isdisjoint(meanings(folded(word))) and folded(word) not in say.NOT_A_ROOM


def _storey_of(room: str) -> str:
    """The storey that a room's name says, in plain digits: of "A.03.01" and "305" the third; empty if none."""
    floors = [part.removeprefix(FLOOR) for part in read(room).core if is_floor(part)]
    numbers = [token for token in tokens_of(room) if token.is_number]
    if floors or len(numbers) > 1:
        return floors[0] if floors else numbers[-2].text
    return numbers[0].raw[0] if numbers and len(numbers[0].raw) == FEW else ""


def _storeys_said(name: str) -> Collection[str]:
    """The storeys of numbers in a lock's name, but cellars."""
    said = read(name)
    if all(is_floor(part) or not part.isdecimal() for part in said.core):
        return ()
    return [part.removeprefix(FLOOR) for part in said.core if is_floor(part) and not part.startswith(f"{FLOOR}-")]


# --- a storey that the room's number says again ---

_REPEATED = re.compile(r"^[\W_]*(?P<storey>\d{1,2})(?P<word>[\W_]{0,2}[^\W\d_]{2,})[\W_]+(?P<number>\d{3,4})(?!\d)")


def without_repeated_storeys(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of one account's locks, by id, without a storey that the number behind says again, in whatever language and
    however it is spelled: "204" of "2.etg 204" and "2.tge 204". `rooms`: the names of those let.

    As they are unless it is so of nearly all names that begin like this, on several storeys; no other lock says such a
    room and no other room has its number; and the account has so many of them that they are hardly an annex's.
    """
    of_rooms = numbers_in(rooms)
    words = words_in(rooms)
    numbered = {
        door_id: numbers
        for door_id, name in names.items()
        if (numbers := [token.text for token in tokens_of(name) if token.is_number])
    }
    said = Counter(number for numbers in numbered.values() for number in set(numbers))
    found = {door_id: match for door_id in numbered if (match := _REPEATED.match(names[door_id]))}
    beside = {door_id: folded(match["word"].strip(" .-_")) for door_id, match in found.items()}
    told = {
        door_id: match
        for door_id, match in found.items()
        if match["number"][:-2] == plain_number(match["storey"])
        and of_rooms[match["number"]] == said[match["number"]] == 1
        and beside[door_id] not in words
    }
    ((usual, count),) = Counter(beside[door_id] for door_id in told).most_common(1) or (("", 0),)
    if (
        len(told) < MOST * len(found)
        or is_rare(count, len(numbered))
        or len({match["storey"] for match in told.values()}) < 2
    ):
        return dict(names)
    return {
        **names,
        **{
            door_id: names[door_id][match.start("number") :]
            for door_id, match in told.items()
            if is_a_slip(beside[door_id], usual) or sorted(beside[door_id]) == sorted(usual)
        },
    }


_CODED = re.compile(r"^[\W_]*(?P<code>[^\W\d_]{1,3})[\W_]{0,3}(?P<number>\d{3,4})(?!\d)")
_STOREYS = 3
"""So many at the least: two codes may be two houses'."""


def without_codes_of_storeys(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of one account's locks, by id, without a code for the storey that the number behind says again: "104" of
    "PB-104", "203" of "PA-203", "301" of "AZ-301". `rooms`: the names of those let.

    As they are unless each storey has one code for all its rooms, each code one storey, and hardly a room is without a
    lock, none has two: then it says no more than the number, whatever it stands for.
    """
    of_rooms = numbers_in(rooms)
    words = words_in(rooms)
    found = {door_id: match for door_id, name in names.items() if (match := _CODED.match(name))}
    said = numbers_in(names.values())
    codes: dict[str, set[str]] = defaultdict(set)
    borne: Counter[str] = Counter()
    for match in found.values():
        codes[plain_number(match["number"])[:-2]].add(folded(match["code"]))
        borne[folded(match["code"])] += 1
    numbers = {number for number in of_rooms if len(number) >= FEW}
    told = {plain_number(match["number"]) for match in found.values()}
    if (
        len(codes) < _STOREYS
        or any(len(one) > 1 for one in codes.values())
        or len(borne) < len(codes)
        or min(borne.values()) < FEW
        or not told <= numbers
        or len(told) < MOST * max(len(numbers), len(rooms) / 2)
        or any(of_rooms[number] > 1 or said[number] > 1 for number in told)
        or any(code in words or is_known(code) for code in borne)
    ):
        return dict(names)
    return {**names, **{door_id: names[door_id][match.start("number") :] for door_id, match in found.items()}}


# --- a storey or a building beside what tells the room by itself ---

_ATTICS = meanings("dg")
_GROUNDS = meanings("eg")
_CELLARS = meanings("basement")
_FLOORS = say.FLOOR | say.of_text(
    "verd verdiep em emelet pietro ptr etasje sal krs kerroksessa et flr fl om obergeschoß ord spratu nadstropje "
    "poschodie posch våning vån plan katu"
)
_HOUSES = (say.BUILDING - say.NAMES_A_BUILDING) | say.STAIRCASES
_ENDINGS = say.ORDINALS | frozenset({"o", "a", "e", "st", "nd", "rd", "th", "er", "eme", "os", "og"})
_LOWEST, _ATTIC_IS = -1, 99
_SIGN = re.compile(r"\d+|[^\W\d_]+")
_LETTER_BEHIND = re.compile(r"\d[A-EG-Za-eg-z](?![^\W_])")
_GROUND_SAID_TWICE = frozenset({"floor", "fl", "flr", "level", "lvl"})


@dataclass(frozen=True, slots=True)
class _Said:
    """Where a name says a storey or a part of the house."""

    first: int
    end: int
    """From which sign to before which."""
    value: str
    is_house: bool


def _said(signs: Sequence[re.Match[str]], number_is_first: bool) -> _Said | None:
    """The storey or part of the house that a name says with a word for it. `number_is_first`: of two numbers beside the
    word, its own is the first."""
    texts = [folded(sign[0]) for sign in signs]
    says_whole = not _FLOORS.isdisjoint(texts)
    for at, word in enumerate(texts):
        is_short = word == "p" and at > 0 and not says_whole and signs[at].string[signs[at].end() :].startswith(".")
        if is_short and at + 1 < len(texts) and texts[at + 1] == "t":
            # "p.t.": piano terra
            return _Said(at, at + 2, "0", False)
        if is_short or word in _FLOORS or word in _HOUSES:
            is_house = word in _HOUSES and word not in _FLOORS
            before = at - 1
            if before > 0 and texts[before] in _ENDINGS and signs[before].start() == signs[before - 1].end():
                before -= 1
            sides = [(before, at + 1), (at, at + 2)]
            for first, end in sides if number_is_first and not is_house else sides[::-1]:
                near = first if first < at else end - 1
                if 0 <= near < len(texts) and (value := _value(signs[near][0])):
                    return _Said(first, end, value, is_house)
        digit = texts[at - 1] if at and signs[at].start() == signs[at - 1].end() else ""
        if word == "f" and digit.isdecimal() and len(digit) == 1 and (at > 1 or at + 1 < len(texts)):
            return _Said(at - 1, at + 1, digit, False)
    for at, word in enumerate(texts):
        if len(word) > 1 and word not in say.KINDS:
            for means, storey in ((_GROUNDS, 0), (_ATTICS, _ATTIC_IS), (_CELLARS, _LOWEST)):
                if not means.isdisjoint(meanings(word)) or (storey == 0 and word in say.GROUND):
                    end = at + 1 + (at + 1 < len(texts) and texts[at + 1] in _GROUND_SAID_TWICE)
                    return _Said(at, end, f"{storey}", False)
    if len(texts) > 1 and texts[0] in say.ORDINAL_WORDS and texts[0] not in say.KINDS:
        # "Second - Heather"
        return _Said(0, 1, say.ORDINAL_WORDS[texts[0]], False)
    return None


def _value(sign: str) -> str:
    """The number or letter of a storey or house; empty if it is none."""
    if sign.isdecimal():
        return plain_number(sign) if len(sign) < 3 else ""
    if sign.upper() in say.ROMAN and sign.isupper():
        return say.ROMAN[sign.upper()]
    if folded(sign) in say.ORDINAL_WORDS:
        return say.ORDINAL_WORDS[folded(sign)]
    return ""


def without_storeys(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of one account's locks without the storeys or the numbers of buildings that their rooms do not say: "23" of
    "1 piętro 23", "Ajisai" of "2F Ajisai", "127" of "Bldg 2 - 127".

    `names` by door id; `rooms` the names of those that are let. They are as they stand where rooms say such a thing
    themselves, or where what is left does not tell the rooms: nearly each has to be a room's number or name, and higher
    storeys have higher numbers, in each part of the house. Of buildings all locks must say one, and no two have the
    same number: the same number in another building is another room.
    """
    words = {word for room in rooms for word in (folded(sign[0]) for sign in _SIGN.finditer(room))}
    numbers = Counter(_number_of(room) for room in rooms)
    saying = sum(
        sum(token.is_number for token in tokens_of(room)) > 1 or _said(list(_SIGN.finditer(room)), True) is not None
        for room in rooms
    )
    if saying > (1 - MOST) * len(rooms):
        return dict(names)
    # "2F" is no storey beside "2E".
    has_letters = any(_LETTER_BEHIND.search(name) for name in names.values())
    ways = []
    for number_is_first in (True, False):
        said = {}
        for door_id, name in names.items():
            signs = list(_SIGN.finditer(name))
            found = _said(signs, number_is_first)
            if found and has_letters and folded(signs[found.end - 1][0]) == "f":
                continue
            if found and words.isdisjoint(
                folded(sign[0]) for sign in signs[found.first : found.end] if not sign[0].isdecimal()
            ):
                left = f"{name[: signs[found.first].start()]} {name[signs[found.end - 1].end() :]}"
                if _SIGN.search(left):
                    said[door_id] = (found, left)
        if said not in ways:
            ways.append(said)
    fitting = [
        said
        for said in ways
        if len(said) >= FEW
        and len({found.value for found, _ in said.values()}) > 1
        and _tells(said, names, words, numbers)
    ]
    if len(fitting) != 1 or _says_rooms_twice(fitting[0], words):
        return dict(names)
    return {**names, **{door_id: left.strip(" -–/,;.:_|") for door_id, (_, left) in fitting[0].items()}}


def without_names_of_buildings(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of one account's locks, by id, without the buildings or streets of which rooms say nothing: "Zi11" of
    "Stammhaus Zi11" beside "Zubau Zi41", "101" of "Duinlaan 101" beside "Helmpad 201". `rooms`: the names of those let.

    As they are unless all locks that say a room's number say one of several words for a building, or that nobody knows,
    each has a stretch of the numbers, and hardly a room is without a lock, none has two.
    """
    words = words_in(rooms)
    numbers = numbers_in(rooms)
    numbered = sum(any(map(str.isdecimal, room)) for room in rooms)
    said: dict[int, tuple[str, str]] = {}
    saying = 0
    for door_id, name in names.items():
        number = _number_of(name)
        if number and numbers[number]:
            saying += 1
            said_words = [sign[0] for sign in _WORD.finditer(name)]
            there = [word for word in said_words if _is_of_a_building(folded(word))] or [
                word for word in said_words if len(word) > FEW and not is_known(folded(word))
            ]
            if len(there) == 1 and folded(there[0]) not in words and numbers[number] == 1:
                said[int(number)] = (door_id, there[0])
    buildings = Counter(folded(word) for _, word in said.values())
    order = [folded(word) for _, (_, word) in sorted(said.items())]
    runs = [word for at, word in enumerate(order) if not at or word != order[at - 1]]
    if (
        len(buildings) < 2
        or min(buildings.values()) < FEW
        or len(runs) > len(buildings)
        or len(said) < saying
        or len(said) < MOST * numbered
        # Two words that nobody knows may be two houses'.
        or (len(buildings) < _STOREYS and not all(map(_is_of_a_building, buildings)))
    ):
        return dict(names)
    return {**names, **{door_id: names[door_id].replace(word, " ", 1).strip() for door_id, word in said.values()}}


def _is_of_a_building(word: str) -> bool:
    return (
        word == "main"
        or word in say.NAMES_A_BUILDING
        or any(word.endswith(one) and len(word) > len(one) + 1 for one in say.BUILDING_ENDINGS)
    )


def _number_of(name: str) -> str:
    """The only number of a name; empty if it has none or several."""
    there = {plain_number(sign[0]) for sign in _SIGN.finditer(name) if sign[0].isdecimal()}
    return there.pop() if len(there) == 1 else ""


def _tells(
    said: Mapping[str, tuple[_Said, str]], names: Mapping[str, str], words: Collection[str], numbers: Mapping[str, int]
) -> bool:
    borne = Counter(
        folded(sign[0]) for _, left in said.values() for sign in _SIGN.finditer(left) if not sign[0].isdecimal()
    )
    numbered = hits = named = unlike = 0
    parts: dict[object, list[tuple[int, str]]] = defaultdict(list)
    for found, left in said.values():
        texts = [token.text for token in tokens_of(left)]
        if any(say.is_no_room(text) and text not in words for text in texts):
            continue
        if any(map(str.isdecimal, left)):
            numbered += 1
            if number := _number_of(left) if numbers.get(_number_of(left)) else "":
                hits += 1
                part = frozenset(text for text in texts if not text.isdecimal() and borne[text] >= FEW)
                parts[found.is_house or part].append((int(number), found.value))
        elif any(_is_like(text, words) for text in texts):
            named += 1
        else:
            unlike += not all(text in say.ENTRY or text in say.DOOR for text in texts)
    are_houses = any(found.is_house for found, _ in said.values())
    if are_houses:
        everyone = sum(
            any(numbers.get(token.text) for token in tokens_of(name) if token.is_number) for name in names.values()
        )
        if named or hits < MOST * everyone or max(numbers.values()) > 1:
            return False
    return (
        hits + named >= FEW
        and hits >= MOST * numbered
        # Of a house with numbers only, "Linen 3rd floor" is no room.
        and (named >= USUAL * (named + unlike) or (not named and unlike < hits))
        and all(_is_in_order(part, are_houses) for part in parts.values())
    )


def _says_rooms_twice(said: Mapping[str, tuple[_Said, str]], words: Collection[str]) -> bool:
    """Whether what is left is several times the same: "Floor 1 Room A" and "Floor 2 Room A" are two rooms."""
    lefts = [tuple(token.text for token in tokens_of(left)) for _, left in said.values()]
    told = [left for left in lefts if not any(say.is_no_room(text) and text not in words for text in left)]
    return len(told) - len(set(told)) > (1 - MOST) * len(told)


def _is_like(word: str, words: Collection[str]) -> bool:
    return word in words or (len(word) > FEW and any(one.startswith(word[:FEW]) for one in words))


def _is_in_order(numbered: Sequence[tuple[int, str]], are_houses: bool) -> bool:
    """Whether numbers rise with storeys; of houses, whether each has a stretch of them."""
    values = [value for _, value in sorted(numbered)]
    if are_houses:
        runs = [value for at, value in enumerate(values) if not at or value != values[at - 1]]
        return len(runs) - len(set(runs)) <= len(values) * (1 - MOST) and len(set(runs)) > 1
    storeys = [int(value) for value in values]
    falls = sum(before > after for before, after in itertools.pairwise(storeys))
    return falls <= len(values) * (1 - MOST)
