"""Two numberings of one house: rooms that say a former number beside their own ("EZ 23 (alt 14)"), or two numbers of
two kinds ("Apt 5 / Top 7").

A lock's number is then another room's in each of the two. Which is meant is told by the word beside it, by both numbers
together, or by all locks of the account; nothing else makes it sure.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from lock_names import words as say
from lock_names.shares import FEW, MOST, OFTEN, RATHER
from lock_names.tokens import is_within, plain_number
from lock_names.words import folded

FORMER, CURRENT = "former", "new"
_SAYS_NUMBER = say.of_text("no nr num number nummer numero número numéro n nº № č")
_SIGN = re.compile(r"\d+|[^\W\d_]+")
_SHIFTS = (-2, -1, 1, 2, -100, 100)
_LONGEST = 9
_SHORTEST_NAME = 3
_LONGEST_CODE = 3


@dataclass(frozen=True, slots=True)
class _Number:
    value: str
    first: int
    end: int
    """Where it stands in the name, with the word beside it."""
    label: str
    """The word before it; `FORMER` for any word for what was before, `CURRENT` for what is new; empty if none."""
    at: int
    """Where its digits stand."""


@dataclass(slots=True)
class OneNumbering:
    """Names in which each room has one numbering."""

    rooms: list[str]
    doors: dict[str, str]
    unclear: set[str]
    """The locks of which nobody knows by which numbering they are called."""


def with_one_numbering(
    rooms: Sequence[str], let: Collection[int], doors: Mapping[str, tuple[str, str]]
) -> OneNumbering:
    """The names with each lock's number in the rooms' own numbering, and the rooms without the other one.

    `rooms`: all names by place; `let`: the places of those that are let; `doors`: lock system and name by id. All
    are as they stand where no room has two numbers that might be taken for one another.
    """
    house = _House({at: rooms[at] for at in let})
    result = OneNumbering(list(rooms), {door_id: name for door_id, (_, name) in doors.items()}, set())
    if not house.is_mixed:
        return result
    by_system: dict[str, dict[str, str]] = defaultdict(dict)
    for door_id, (system, name) in doors.items():
        by_system[system][door_id] = name
    is_secondary = bool(house.columns.get(FORMER))
    for names in by_system.values():
        said, unclear = house.read(names)
        result.unclear |= unclear
        for door_id, (number, at) in said.items():
            is_secondary = True
            result.doors[door_id] = house.in_own_numbers(names[door_id], number, at)
    if is_secondary:
        bare = {at: house.without_others(at) for at in let}
        if len(set(bare.values())) == len(set(house.names.values())):
            for at, name in bare.items():
                result.rooms[at] = name
    return result


class _House:
    def __init__(self, names: Mapping[int, str]):
        self.names = names
        self.numbers = {at: list(_numbers_of(name)) for at, name in names.items()}
        self.columns: dict[str, dict[int, str]] = defaultdict(dict)
        """By numbering: each room's number in it."""
        self.labels: dict[str, Counter[str]] = defaultdict(Counter)
        self.places: dict[str, dict[int, _Number]] = defaultdict(dict)
        for at, numbers in self.numbers.items():
            own = [number for number in numbers if number.label != FORMER]
            former = [number for number in numbers if number.label == FORMER]
            for key, number in [(f"{place}", one) for place, one in enumerate(own)] + [
                (FORMER, one) for one in former[:1]
            ]:
                if own and at not in self.columns[key]:
                    self.columns[key][at] = number.value
                    self.labels[key][number.label] += 1
                    self.places[key][at] = number
        self.columns = {key: there for key, there in self.columns.items() if self._is_a_numbering(key, there)}
        self.own = min((key for key in self.columns if key != FORMER), default="")
        self.is_everywhere = OFTEN * len(names) <= len(self.columns.get(FORMER, ()))
        if self.own:
            # What was not numbered anew has its number in both.
            self.columns = {key: self.columns[self.own] | there for key, there in self.columns.items()}
        self.rooms_of = {key: _by_value(there) for key, there in self.columns.items()}
        values = {value for rooms in self.rooms_of.values() for value in rooms}
        self.is_mixed = (
            bool(self.own)
            and len(self.columns) > 1
            and (FORMER in self.columns or any(len(self.meant(value)) > 1 for value in values))
        )

    def _is_a_numbering(self, key: str, there: Mapping[int, str]) -> bool:
        is_usual = key == FORMER or len(there) >= max(FEW, RATHER * len(self.names))
        return is_usual and len(set(there.values())) >= MOST * len(there)

    def meant(self, value: str) -> set[int]:
        """The rooms that have a number in whichever numbering."""
        return {at for rooms in self.rooms_of.values() for at in rooms.get(value, ())}

    def read(self, names: Mapping[str, str]) -> tuple[dict[str, tuple[_Number, int]], set[str]]:
        """Of the locks of one account: those that say a room by another number than its own, with that number and the
        room's place; and those of which nobody knows which number they say."""
        said: dict[str, tuple[_Number, int]] = {}
        open_: dict[str, _Number] = {}
        taken: set[int] = set()
        unclear: set[str] = set()
        by_label: dict[str, dict[str, _Number]] = defaultdict(dict)
        for door_id, name in names.items():
            numbers = list(_numbers_of(name))
            if len(numbers) > 1:
                numbers = [number for number in numbers if self.meant(number.value) or number.label == FORMER]
            if not numbers:
                continue
            if (at := self._by_several(numbers)) is not None:
                taken.add(at)
                own = self.columns[self.own][at]
                said[door_id] = (next(number for number in numbers if number.value != own), at)
                continue
            labelled = [(key, number) for number in numbers if (key := self._by_label(number))]
            if labelled and len(numbers) == 1:
                by_label[labelled[0][0]][door_id] = numbers[0]
            elif len(numbers) > 1 or numbers[0].label == FORMER:
                unclear.add(door_id)
            else:
                open_[door_id] = numbers[0]
        for key, there in by_label.items():
            rooms = self.rooms_of[key]
            if self._may_be_counted_otherwise(key, there):
                unclear.update(there)
                continue
            for door_id, number in there.items():
                meant = rooms.get(number.value, frozenset())
                if len(meant) != 1:
                    unclear.add(door_id)
                    continue
                taken |= meant
                if key != self.own:
                    said[door_id] = (number, next(iter(meant)))
        key = self._by_all(open_, taken)
        for door_id, number in open_.items():
            meant = self.rooms_of[key].get(number.value, frozenset()) if key else frozenset()
            if len(meant) == 1:
                if key != self.own:
                    said[door_id] = (number, next(iter(meant)))
            elif not self._is_told_by_a_word(names[door_id]) and (
                key or self.is_everywhere or len(self.meant(number.value)) > 1
            ):
                unclear.add(door_id)
        return said, unclear

    def _by_several(self, numbers: Sequence[_Number]) -> int | None:
        """The one room of which all numbers of a lock are, each in another numbering."""
        if len(numbers) < 2:
            return None
        found: set[int] = set()
        keys = list(self.columns)
        for at in self.names:
            mine = [self.columns[key].get(at) for key in keys]
            if all(number.value in mine for number in numbers) and not any(
                number.label == FORMER and number.value != self.columns.get(FORMER, {}).get(at) for number in numbers
            ):
                found.add(at)
        return next(iter(found)) if len(found) == 1 and len({number.value for number in numbers}) > 1 else None

    def _by_label(self, number: _Number) -> str:
        """The numbering that the word beside a number says; empty if none or several."""
        if number.label == FORMER:
            return FORMER if FORMER in self.columns else ""
        if FORMER in self.columns and number.label == CURRENT:
            return self.own
        if FORMER in self.columns or not number.label:
            # A lock that was not renamed has the same words.
            return ""
        found = [
            key
            for key in self.columns
            if any(
                _is_short_for(number.label, label) or _is_short_for(label, number.label) for label in self.labels[key]
            )
        ]
        if len(found) != 1 or sum(count for label, count in self.labels[found[0]].items() if label) < MOST * sum(
            self.labels[found[0]].values()
        ):
            return ""
        return found[0]

    def _by_all(self, doors: Mapping[str, _Number], taken: Collection[int]) -> str:
        """The numbering in which nearly all of some locks say a room that no other says, and in every other one clearly
        fewer do; empty if there is none."""
        if len(doors) < FEW:
            return ""
        missed = {key: len(doors) - len(self._said(key, doors.values()) - set(taken)) for key in self.columns}
        key = min(missed, key=lambda one: missed[one])
        margin = missed[key] + max(FEW, RATHER * len(doors))
        if missed[key] > max(1, (1 - MOST) * len(doors)) or any(
            count < margin for other, count in missed.items() if other != key
        ):
            return ""
        return "" if key != self.own and self._may_be_counted_otherwise(key, doors) else key

    def _said(self, key: str, numbers: Collection[_Number], by: int = 0) -> set[int]:
        rooms = self.rooms_of[key]
        return {
            next(iter(there))
            for number in numbers
            if len(there := rooms.get(f"{int(number.value[:_LONGEST]) + by}", frozenset())) == 1
        }

    def _may_be_counted_otherwise(self, key: str, doors: Mapping[str, _Number]) -> bool:
        """Whether some of these numbers are no room's, and all would fit as well with one or two more or less."""
        fitting = len(self._said(key, doors.values()))
        return fitting < len(doors) and any(
            len(self._said(key, doors.values(), by)) >= max(1, fitting - fitting // 50) for by in _SHIFTS
        )

    def _is_told_by_a_word(self, name: str) -> bool:
        """Whether a lock says a word that one room alone has."""
        mine = {word for word in _words_of(name) if len(word) >= _SHORTEST_NAME}
        return any(
            sum(word in _words_of(room) for room in self.names.values()) == 1
            for word in mine - say.KINDS.keys() - say.DOOR - say.FORMER
        )

    def in_own_numbers(self, name: str, number: _Number, at: int) -> str:
        """A lock's name with the number that its room has now."""
        own = self.places[self.own][at]
        mine = self.names[at][own.at : own.end] if self._is_plain(at) else self.without_others(at)
        if any(one.value == own.value for one in _numbers_of(name) if one != number):
            mine = ""
        return _tidy(f"{name[: number.first]} {mine} {name[number.end :]}")

    def _is_plain(self, at: int) -> bool:
        return sum(one.label != FORMER for one in self.numbers[at]) == 1

    def without_others(self, at: int) -> str:
        """A room's name without its number in other numberings than its own."""
        name = self.names[at]
        for number in sorted(self.numbers[at], key=lambda one: -one.first):
            is_other = any(key != self.own and self.places[key].get(at) == number for key in self.columns)
            if is_other or (number.label == FORMER and FORMER in self.columns):
                name = f"{name[: number.first]} {name[number.end :]}"
        return _tidy(name) or self.names[at]


def _by_value(there: Mapping[int, str]) -> dict[str, frozenset[int]]:
    found: dict[str, set[int]] = defaultdict(set)
    for at, value in there.items():
        found[value].add(at)
    return {value: frozenset(rooms) for value, rooms in found.items()}


def _words_of(name: str) -> set[str]:
    return {folded(sign[0]) for sign in _SIGN.finditer(name)}


def _is_short_for(short: str, word: str) -> bool:
    """Whether a word's letters are in another one in this order, with the same first: "lgh" of "lagenhet"."""
    return bool(short and word) and (
        word.startswith(short) or (len(short) <= _LONGEST_CODE and short[0] == word[0] and is_within(short, word))
    )


_EMPTY = re.compile(r"[(\[{（][\s:.,/|–—-]*[)\]}）]")
_LOOSE_ENDS = " \t:.,/|–—-"


def _tidy(name: str) -> str:
    return re.sub(r"\s{2,}", " ", _EMPTY.sub(" ", name)).strip(_LOOSE_ENDS)


def _numbers_of(name: str) -> Iterator[_Number]:
    """The numbers of a name, each with the word beside it."""
    signs = list(_SIGN.finditer(name))
    texts = [folded(sign[0]) for sign in signs]
    for at, sign in enumerate(signs):
        if not sign[0].isdecimal():
            continue
        before = at - 1
        while before >= 0 and (texts[before] in _SAYS_NUMBER or say.KINDS.get(texts[before]) in say.GENERIC_KINDS):
            before -= 1
        if before >= 1 and texts[before - 1 : before + 1] == ["f", "d"]:
            before -= 1
            is_former = True
        else:
            is_former = before >= 0 and texts[before] in say.BEFORE and _is_of_next(name, signs, before)
        if is_former:
            yield _Number(plain_number(sign[0]), signs[before].start(), sign.end(), FORMER, sign.start())
        elif at + 1 < len(signs) and texts[at + 1] in say.BEFORE and not _is_of_next(name, signs, at + 1):
            yield _Number(plain_number(sign[0]), sign.start(), signs[at + 1].end(), FORMER, sign.start())
        else:
            near = at - 1
            while near >= 0 and texts[near] in _SAYS_NUMBER:
                near -= 1
            has_label = near >= 0 and not texts[near].isdecimal()
            label = texts[near] if has_label else ""
            if label in say.NEW or (at + 1 < len(signs) and texts[at + 1] in say.NEW):
                label = CURRENT
            first = signs[near].start() if has_label else sign.start()
            yield _Number(plain_number(sign[0]), first, sign.end(), label, sign.start())


def _is_of_next(name: str, signs: Sequence[re.Match[str]], at: int) -> bool:
    """Whether a word for what was before belongs to the number behind it: "14 (alt 24)", not "24 alt / 14"."""
    if at == 0 or not signs[at - 1][0].isdecimal():
        return True
    if at + 1 == len(signs):
        return False
    follows = next((one for one in signs[at + 1 :] if one[0].isdecimal()), None)
    if follows is None:
        return False
    before = name[signs[at - 1].end() : signs[at].start()].strip()
    behind = name[signs[at].end() : signs[at + 1].start()].strip(" .:")
    return bool(before) or not behind
