"""Words by which locks say a part of the house or a type of room otherwise than the rooms do: "Nordfløj vær. 5" of
N05, "Vh rum 6" of "Vandrarhem rum 6", "S306" of "Suite 306".

A lock's word is a room's where it is like it, by its first letter at the least, and where the numbers prove it: the
locks with the one have just the numbers of the rooms with the other, and no other word may be meant.
"""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from lock_names import words as say
from lock_names.explaining import likeness
from lock_names.read import is_known
from lock_names.shares import FEW, MANY, MOST, OFTEN, USUAL
from lock_names.slots import POSSESSIVE
from lock_names.tokens import Token, is_within, plain_number, tokens_of, words_in
from lock_names.words import folded

_JOINING = {word for word in say.JOINING if len(word) > 1}
"""The "l" of "102L" may be "Lower"."""
_NEVER = say.NO_ROOM | say.NAMES_A_BUILDING | say.DOOR | say.ENTRY | say.FLOOR | say.BUILDING | _JOINING | say.NEW
_KINDS_BEHIND = tuple(word for word in say.KINDS if len(word) > 3)
_LIKE = 0.5
_STRONG = 0.7
_SHARED = 5
"""So many first letters two words of two languages have in common: "privada" and "private"."""
_SHORTEST_PART = 4
_LONGEST_CODE = 4
_VOWELS = "aeo"


@dataclass(frozen=True, slots=True)
class _Word:
    """A word or letter, and the numbers beside it."""

    numbers: frozenset[str]
    is_distinct: bool
    """Whether no two names with it have the same number."""


def with_words_of_rooms(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of one account's locks, by id, with the rooms' words for theirs. `rooms`: the names of those let."""
    of_rooms = _by_word({room: room for room in rooms})
    of_locks = _by_word({door_id: name for door_id, name in names.items() if not _is_no_room(name, of_rooms)})
    meant = {}
    for word, ours in of_locks.items():
        if word in of_rooms or word in _NEVER or not ours.is_distinct or len(ours.numbers) < FEW:
            continue
        is_kind = word in say.KINDS
        may_be = {
            other: like
            for other, theirs in of_rooms.items()
            if (like := _like(word, other))
            # A word for a room is a part of the house's own word alone.
            and (not is_kind or (other[-len(word) : -1] == word[:-1] and ours.numbers == theirs.numbers))
            and theirs.is_distinct
            and ours.numbers <= theirs.numbers
            and (other in of_locks or len(ours.numbers) >= len(theirs.numbers) * (USUAL if like >= _LIKE else 1))
            and _is_missing(ours, theirs, of_locks.get(other))
        }
        best = max(may_be, key=lambda other: may_be[other], default="")
        if best and all(may_be[best] > like or other == best for other, like in may_be.items()):
            meant[word] = best
    meant |= _abbreviated(of_locks, len(rooms))
    claims: dict[str, set[str]] = defaultdict(set)
    for word, other in meant.items():
        claims[other].add(word)
    meant = {word: other for word, other in meant.items() if len(claims[other]) == 1}
    return {door_id: _rewritten(name, meant) for door_id, name in names.items()}


def without_labels(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of one account's locks, by id, without what it calls a part of the house and its own rooms do not: "A 7" of
    "Kuća A - 7" for room A7.

    Half of the locks must say it, each right before a letter of the rooms, two letters at the least, and all locks that
    say those letters: an annex's locks have the letters as well.
    """
    letters = {token.text for room in rooms for token in tokens_of(room) if token.is_letter}
    words = words_in(rooms)
    tokens = {door_id: tokens_of(name) for door_id, name in names.items() if not _is_no_room(name, words)}
    numbered = {door_id: found for door_id, found in tokens.items() if any(token.is_number for token in found)}
    labelled: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    lettered: dict[str, set[str]] = defaultdict(set)
    for door_id, found in numbered.items():
        for before, token in itertools.pairwise((None, *found)):
            if token is not None and token.text in letters and token.is_letter:
                lettered[token.text].add(door_id)
                if before is not None and len(before.text) > 1 and not before.is_number:
                    labelled[before.text][token.text].add(door_id)
    gone = set()
    for label, there in labelled.items():
        bearers = {door_id for door_id, found in numbered.items() if any(token.text == label for token in found)}
        if (
            label not in words
            and label not in _NEVER
            and len(there) > 1
            and bearers == {door_id for letter in there for door_id in lettered[letter]}
            and sum(map(len, there.values())) == len(bearers) >= max(FEW, OFTEN * len(numbered))
        ):
            gone.add(label)
    result = dict(names)
    for door_id, found in tokens.items():
        for token in found:
            if token.text in gone:
                result[door_id] = re.sub(
                    rf"(?<![^\W\d_]){re.escape(token.raw)}(?![^\W\d_])", " ", result[door_id], count=1
                )
    return result


def without_first_words(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of one account's locks, by id, without the first word of all, which no room has: the "PRL" of "PRL #006"
    and "PRL Laundry". As they are where the account has locks for less than three quarters of the rooms: they may be an
    annex's.
    """
    words = words_in(rooms)
    firsts = Counter(tokens_of(name)[0].text for name in names.values() if tokens_of(name))
    ((first, count),) = firsts.most_common(1) or (("", 0),)
    if (
        count < max(MANY, USUAL * len(rooms), _ALL * len(names))
        or first in words
        or first.isdecimal()
        or len(first) < FEW - 1
        or first in say.NAMES_A_BUILDING
        or is_known(first)
    ):
        return dict(names)
    return {
        door_id: re.sub(r"^[\W_]*[^\W\d_]+", "", name) if tokens_of(name) and tokens_of(name)[0].text == first else name
        for door_id, name in names.items()
    }


_ALL = 0.95


def without_house_numbers(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of one account's locks, by id, without the number of the house beside its street, where the rooms have the
    street alone: "Valencia - B" of "1482 Valencia - B" for "Valencia House - Room B". `rooms`: the names of those let.

    Three locks at the least must say it, and all with that street the same number, which no room has.
    """
    words = words_in(rooms)
    found: dict[str, dict[str, tuple[str, str]]] = defaultdict(dict)
    bearers: dict[str, set[str]] = defaultdict(set)
    for door_id, name in names.items():
        tokens = tokens_of(name)
        streets = [at for at, token in enumerate(tokens) if _may_be_a_street(token, words)]
        for at in streets:
            bearers[tokens[at].text].add(door_id)
        for at in (at for at in streets if at == 1 and tokens[0].is_number and len(tokens[0].raw) > 1):
            found[tokens[at].text][door_id] = (tokens[0].text, tokens[0].raw)
    result = dict(names)
    for street, there in found.items():
        numbers = {number for number, _ in there.values()}
        if len(there) >= FEW and there.keys() == bearers[street] and len(numbers) == 1 and numbers.isdisjoint(words):
            result |= {door_id: names[door_id].replace(raw, "", 1).lstrip() for door_id, (_, raw) in there.items()}
    return result


def _may_be_a_street(token: Token, room_words: Collection[str]) -> bool:
    return len(token.text) > 2 and token.text in room_words and not token.is_number and not is_known(token.text)


_LETTERED = re.compile(r"^[\W_]*(?P<letter>[A-Za-z])[\s_.:/-]{0,3}(?P<number>\d{1,4})(?![^\W_])(?P<rest>.*)$")
_PART_AND_NUMBER = re.compile(r"^(?P<part>[^\d]*[^\W\d_])[\W_]+(?P<number>\d+)(?![^\W_])")


def with_parts_for_letters(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names of one account's locks, by id, with the part of the house for the letter that stands for it in no language:
    "Main Building 33" for "A-33", "Garden Wing 14" for "B-14". `rooms`: the names of those let.

    The numbers must prove it. All parts have a letter, each letter has just those of its part's numbers beside which no
    lock says the part itself, and if the letters stood for other parts, three numbers at the least would be no room's.
    """
    parts: dict[str, dict[str, str]] = defaultdict(dict)
    for room in rooms:
        if found := _PART_AND_NUMBER.match(room):
            parts[folded(found["part"])][plain_number(found["number"])] = found["part"]
    said = {door_id: found for door_id, name in names.items() if (found := _LETTERED.match(name))}
    letters: dict[str, list[str]] = defaultdict(list)
    for found in said.values():
        letters[folded(found["letter"])].append(plain_number(found["number"]))
    are_parts = sum(map(len, parts.values())) >= MOST * len(rooms) and min(map(len, parts.values()), default=0) >= FEW
    if (
        not 2 <= len(parts) == len(letters) <= _MOST_PARTS
        or not are_parts
        or any(token.text in letters for room in rooms for token in tokens_of(room))
        or any(len(set(numbers)) < max(FEW, len(numbers)) for numbers in letters.values())
    ):
        return dict(names)
    by_own_word = _said_by_part(parts, {door_id: name for door_id, name in names.items() if door_id not in said})
    order = sorted(parts)
    strangers = {
        chosen: sum(len(set(letters[one]) - parts[part].keys()) for one, part in zip(chosen, order, strict=True))
        for chosen in itertools.permutations(letters)
    }
    best = min(strangers, key=lambda one: strangers[one])
    meant = dict(zip(best, order, strict=True))
    if any(count < FEW for chosen, count in strangers.items() if chosen != best) or any(
        set(letters[one]) & by_own_word[part] or set(letters[one]) | by_own_word[part] != parts[part].keys()
        for one, part in meant.items()
    ):
        return dict(names)
    result = dict(names)
    for door_id, found in said.items():
        part = parts[meant[folded(found["letter"])]]
        number = plain_number(found["number"])
        words = {token.text for token in tokens_of(part[number])}
        rest = found["rest"]
        for token in tokens_of(rest):
            # "gdn" of "B-14 gdn"
            if any(likeness(token.text, word) >= _LIKE for word in words) and len(token.text) > 1:
                rest = rest.replace(token.raw, " ", 1)
        result[door_id] = f"{part[number]} {found['number']}{rest}".rstrip()
    return result | _named_by_letters(names, rooms, {one: parts[part] for one, part in meant.items()})


_LETTER_AND_NAME = re.compile(r"^[\W_]*(?P<letter>[A-Za-z])[\W_]+(?P<name>[^\W\d_]+)(?P<rest>[^\d]*)$")


def _named_by_letters(
    names: Mapping[str, str], rooms: Collection[str], parts: Mapping[str, Mapping[str, str]]
) -> dict[str, str]:
    """The rooms' own names for those of locks that say a letter of a part and a room without a number there: "Main
    Building Penthouse" for "A-PH"."""
    found: dict[str, list[str]] = defaultdict(list)
    for door_id, name in names.items():
        said = _LETTER_AND_NAME.match(name)
        if not said or folded(said["letter"]) not in parts:
            continue
        word = folded(said["name"])
        part = tokens_of(next(iter(parts[folded(said["letter"])].values())))
        may_be = []
        for room in rooms:
            *before, last = tokens_of(room) or [part[0]]
            if [token.text for token in before] != [token.text for token in part] or last.is_number:
                continue
            if likeness(word, last.text) >= _STRONG or say.KINDS.get(word, word) == say.KINDS.get(last.text):
                may_be.append(room)
        rest = [token.text for token in tokens_of(said["rest"])]
        if len(may_be) == 1 and all(any(likeness(one, other.text) >= _LIKE for other in part) for one in rest):
            found[may_be[0]].append(door_id)
    return {doors[0]: room for room, doors in found.items() if len(doors) == 1}


_MOST_PARTS = 6


def _said_by_part(parts: Mapping[str, Mapping[str, str]], names: Mapping[str, str]) -> dict[str, set[str]]:
    """By part, the numbers that locks say beside a word of it that no other part has."""
    words = {part: {token.text for token in tokens_of(part)} for part in parts}
    borne = Counter(word for mine in words.values() for word in mine)
    found: dict[str, set[str]] = {part: set() for part in parts}
    for name in names.values():
        tokens = tokens_of(name)
        numbers = [token.text for token in tokens if token.is_number]
        for part, mine in words.items():
            if len(numbers) == 1 and any(token.text in mine and borne[token.text] == 1 for token in tokens):
                found[part].add(numbers[0])
    return found


def _abbreviated(of_locks: Mapping[str, _Word], rooms: int) -> dict[str, str]:
    """Letters that a part of the locks has for a word for a room or a flat which the others have: "b.305" beside "byt
    204", where both together are as many as the rooms."""
    return {
        word: kind
        for kind, theirs in of_locks.items()
        if say.KINDS.get(kind) in say.GENERIC_KINDS
        for word, ours in of_locks.items()
        if len(word) < len(kind)
        and kind.startswith(word)
        and ours.is_distinct
        and theirs.is_distinct
        and min(len(ours.numbers), len(theirs.numbers)) >= FEW
        and not ours.numbers & theirs.numbers
        and MOST * rooms <= len(ours.numbers) + len(theirs.numbers) <= rooms
    }


def _is_missing(ours: _Word, theirs: _Word, said: _Word | None) -> bool:
    """Whether the rooms with these numbers are just those of which no lock says the word that all have: what locks say
    in the rooms' own word they do not say again in another."""
    return said is None or (
        said.is_distinct and not said.numbers & ours.numbers and said.numbers | ours.numbers == theirs.numbers
    )


def _by_word(names: Mapping[str, str]) -> dict[str, _Word]:
    """The words and letters of names with one number, by text."""
    numbers: dict[str, list[str]] = defaultdict(list)
    for name in names.values():
        # The "s" of "Shepherd's" is no word.
        tokens = tokens_of(POSSESSIVE.sub("", name))
        there = [at for at, token in enumerate(tokens) if token.is_number]
        if len(there) != 1:
            continue
        behind = tokens[there[0] + 1 : there[0] + 2]
        # "4A" and "4B" are two.
        letter = "".join(token.text for token in behind if token.glued and token.is_letter)
        for text in {token.text for token in tokens if not token.is_number}:
            numbers[text].append(tokens[there[0]].text + (letter if text != letter else ""))
    return {text: _Word(frozenset(found), len(set(found)) == len(found)) for text, found in numbers.items()}


def _is_no_room(name: str, room_words: Collection[str]) -> bool:
    return any(
        (say.is_no_room(token.text) or token.text in say.NAMES_A_BUILDING) and token.text not in room_words
        for token in tokens_of(name)
    )


def _like(word: str, other: str) -> float:
    """How like a lock's word is to a room's, with a first letter for the least."""
    if word == other or other in _JOINING:
        return 0.0
    like = likeness(word, other)
    if like >= _LIKE:
        return like
    if len(word) == 1 or len(other) == 1:
        # K is a "Privékamer" too.
        is_kind = any(other.endswith(kind) and kind[0] == word for kind in _KINDS_BEHIND)
        return 0.3 if word[0] == other[0] or is_kind else like
    if len(other) > len(word) >= _SHORTEST_PART and (other.endswith(word) or _ends_alike(word, other)):
        return 0.75
    if word[:_SHARED] == other[:_SHARED]:
        return 0.6
    return 0.55 if len(word) < _LONGEST_CODE and word[0] == other[0] and is_within(word, other) else like


def _ends_alike(word: str, other: str) -> bool:
    """Whether the longer ends in the shorter but for its last vowel: "Fjellhytta" in "Hytte"."""
    return other[-1] in _VOWELS and word[-1] in _VOWELS and other[:-1].endswith(word[:-1])


def _rewritten(name: str, meant: Mapping[str, str]) -> str:
    for token in tokens_of(name) if meant else ():
        if token.text in meant:
            name = re.sub(rf"(?<![^\W\d_]){re.escape(token.raw)}(?![^\W\d_])", meant[token.text], name, count=1)
    return name
