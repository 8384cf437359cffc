"""Across readings: which stay of before each stay is. The rule is in `docs/identity.md`."""

import re
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from connectors.stays.ids import safe_id, short_id
from connectors.stays.join import AT_MOST
from connectors.stays.stay import Stay
from connectors.stays.who import are_nearly_same, are_one_by_name, are_others, are_same, share_a_first_name


@dataclass(frozen=True, slots=True)
class Known:
    """A stay that is remembered."""

    stay: Stay
    is_gone: bool = False
    """It was believed to have ended by then."""
    readings: int = 1
    """In how many readings it was seen as it is, a few at most."""


@dataclass(slots=True)
class Recognised:
    ids: list[str] = field(default_factory=list)
    """Of every stay of the reading, in its order; empty where it may be either of several."""
    either: dict[int, tuple[str, ...]] = field(default_factory=dict)
    """By the place of a stay, the ids of those that it may be."""


def recognise(
    present: Sequence[Stay],
    known: Mapping[str, Known],
    today: date,
    used: Collection[str] = (),
    whole: Collection[str] = (),
    untold: Collection[str] = (),
) -> Recognised:
    """Gives every stay of a reading the id under which it is remembered, or a new one.

    By number; else by room, time and guest; else by its UID in its feed; else by guest and room; else by guest and time
    in another room. `today` is the day at the property; `used` are the sources that there are now, `whole` those that
    were read whole, so that what is not among these stays is not there any more, unless it is in `untold`: ids of what
    is there and cannot be read.
    """
    return _Recognition(present, known, today, frozenset(used), frozenset(whole), frozenset(untold)).run()


class _Recognition:
    def __init__(
        self,
        present: Sequence[Stay],
        known: Mapping[str, Known],
        today: date,
        used: frozenset[str],
        whole: frozenset[str],
        untold: frozenset[str],
    ):
        self._whole = whole
        self._untold = untold
        self._present = present
        self._known = known
        self._today = today
        self._used = used
        self._ids: dict[int, str] = {}
        self._taken: set[str] = set()
        self._either: dict[int, tuple[str, ...]] = {}
        self._numbers = {(stay.realm, number) for stay in present for number in stay.numbers}
        unread = [known[one].stay for one in untold if one in known]
        self._numbers |= {(stay.realm, number) for stay in unread for number in stay.numbers}
        self._known_numbers = {(one.stay.realm, number) for one in known.values() for number in one.stay.numbers}

    def run(self) -> Recognised:
        self._by_number(living=True)
        self._by_number(living=False)
        self._by_time()
        self._by_uid()
        self._by_guest()
        self._moved()
        self._begun()
        self._in_another_house()
        self._name_the_new()
        return Recognised([self._ids.get(place, "") for place in range(len(self._present))], self._either)

    def _open(self) -> list[tuple[int, Stay]]:
        return [
            (place, one)
            for place, one in enumerate(self._present)
            if place not in self._ids and place not in self._either
        ]

    def _free(self, even_gone: bool = True) -> list[tuple[str, Stay]]:
        return [
            (one, known.stay)
            for one, known in self._known.items()
            if one not in self._taken and (even_gone or not known.is_gone)
        ]

    def _is(self, place: int, booking_id: str) -> None:
        self._ids[place] = booking_id
        self._taken.add(booking_id)

    def _take_certain(self, likely: Mapping[int, Sequence[str]]) -> dict[int, tuple[str, ...]]:
        """Of stays and the bookings that they may be: each that may be one only, which no other may be, is it. The rest
        is returned."""
        claims = Counter(booking_id for several in likely.values() for booking_id in several)
        certain = {place for place, several in likely.items() if len(several) == 1 and claims[several[0]] == 1}
        for place in certain:
            self._is(place, likely[place][0])
        return {place: tuple(several) for place, several in likely.items() if place not in certain}

    def _by_number(self, living: bool) -> None:
        known: dict[tuple[str, str], list[tuple[str, Stay]]] = defaultdict(list)
        for booking_id, stay in self._free():
            for number in stay.numbers:
                known[stay.realm, number].append((booking_id, stay))
        here: dict[tuple[str, str], list[tuple[int, Stay]]] = defaultdict(list)
        for place, stay in self._open():
            for number in stay.numbers if stay.lives is living else ():
                here[stay.realm, number].append((place, stay))
        for mark, stays in here.items():
            pairs = [
                (rank, place, booking_id)
                for place, stay in stays
                for booking_id, before in known.get(mark, ())
                if (rank := _closeness(stay, before, self._today)) is not None
            ]
            for _, place, booking_id in sorted(pairs):
                if place not in self._ids and booking_id not in self._taken:
                    self._is(place, booking_id)

    def _by_time(self) -> None:
        """Same room, same days, and nothing that speaks of another guest. A UID that is new, where the feed's other
        UIDs are as they were, does speak of another booking when nobody says who comes."""
        index: dict[Any, list[str]] = defaultdict(list)
        for booking_id, stay in self._free():
            index[_room_and_time(stay)].append(booking_id)
        steady = self._steady_sources()
        for strict in (True, False):
            for place, stay in self._open():
                candidates = [one for one in index.get(_room_and_time(stay), ()) if one not in self._taken]
                for booking_id in candidates[:AT_MOST]:
                    before = self._known[booking_id].stay
                    same_uid = bool(stay.uids & before.uids)
                    same_guest = are_same(stay.people, before.people) or (
                        bool(stay.people) and set(stay.people) == set(before.people)
                    )
                    may_be = not are_others(stay.people, before.people) or (
                        same_uid and are_nearly_same(stay.people, before.people)
                    )
                    if self._speak_of_two(stay, before) or not may_be:
                        continue
                    if not same_uid and share_a_first_name(stay.people, before.people):
                        continue
                    if strict and not (same_uid or same_guest):
                        continue
                    if not strict and not same_uid and not same_guest:
                        if self._known[booking_id].is_gone or not self._is_one_source(stay, before):
                            continue
                        if (
                            before.uids
                            and before.sources & stay.sources & steady
                            and self._known[booking_id].readings > 1
                        ):
                            continue
                    self._is(place, booking_id)
                    break

    def _speak_of_two(self, stay: Stay, before: Stay) -> bool:
        """Whether their numbers do: two numbers, or one that stands elsewhere in this reading."""
        if stay.number:
            return bool(before.number) and not self._is_renumbered(stay, before)
        return (before.realm, before.number) in self._numbers

    def _is_renumbered(self, stay: Stay, before: Stay) -> bool:
        """Whether a guest has the same room at the same time under a new number, and the former number is nowhere any
        more: a program has numbered anew, or she has cancelled and booked again. A contact may be an agency's."""
        return (
            before.sources <= self._whole
            and before.lives
            and stay.shares_room_and_time(before)
            and not any((before.realm, number) in self._numbers for number in before.numbers)
            and not any((stay.realm, number) in self._known_numbers for number in stay.numbers)
            and any(are_one_by_name(one, other) for one in stay.people for other in before.people)
        )

    def _is_one_source(self, stay: Stay, before: Stay) -> bool:
        """Whether nothing but the time can make them one: another channel's feed has its own days."""
        return bool(stay.sources & before.sources) or not before.sources & self._used

    def _steady_sources(self) -> set[str]:
        """Sources in which a UID of before stands for the same days again, and no other days have another UID."""
        there = {uid: (stay.rooms, stay.first, stay.last) for stay in self._present for uid in stay.uids}
        return {
            uid[0]
            for known in self._known.values()
            for uid in known.stay.uids
            if there.get(uid) == (known.stay.rooms, known.stay.first, known.stay.last)
        }

    def _by_uid(self) -> None:
        index: dict[tuple[str, str], str] = {}
        for booking_id, stay in self._free():
            for uid in stay.uids:
                index[uid] = booking_id
        for place, stay in self._open():
            for uid in sorted(stay.uids):
                booking_id = index.get(uid, "")
                if not booking_id or booking_id in self._taken:
                    continue
                before = self._known[booking_id].stay
                if self._speak_of_two(stay, before):
                    continue
                overlap = stay.shares_room_and_time(before) and not are_others(stay.people, before.people)
                sure = are_same(stay.people, before.people) and before.last >= self._today
                if stay.rooms == before.rooms and (overlap or sure):
                    self._is(place, booking_id)
                    break

    def _by_guest(self) -> None:
        """The same guest in the same room, at days that overlap the former ones, or go on where they end."""
        index: dict[Any, list[str]] = defaultdict(list)
        for booking_id, stay in self._free(even_gone=False):
            for key in _guests_in_room(stay):
                index[key].append(booking_id)
        likely: dict[int, list[str]] = {}
        for place, stay in self._open():
            found = dict.fromkeys(one for key in _guests_in_room(stay) for one in index.get(key, ())[:AT_MOST])
            near = [one for one in found if self._is_likely(stay, self._known[one].stay)]
            if near:
                likely[place] = near
        self._either.update(self._take_certain(likely))

    def _is_likely(self, stay: Stay, before: Stay) -> bool:
        if self._speak_of_two(stay, before) or share_a_first_name(stay.people, before.people):
            return False
        overlap = stay.shares_room_and_time(before)
        return overlap or (
            are_same(stay.people, before.people)
            and any(one.room == two.room and one.touches(two) for one in stay.parts for two in before.parts)
        )

    def _moved(self) -> None:
        """The same guest at the same time in another room, where the former room has nothing of her any more: she has
        moved. Where it is not certain who is who, these are new stays."""
        index: dict[Any, list[str]] = defaultdict(list)
        for booking_id, stay in self._free(even_gone=False):
            if booking_id in self._untold or not stay.sources <= self._whole or stay.last <= self._today:
                continue
            for key in _marks_of_move(stay):
                index[key].append(booking_id)
        likely: dict[int, list[str]] = {}
        for place, stay in self._open():
            found = dict.fromkeys(one for key in _marks_of_move(stay) for one in index.get(key, ())[:AT_MOST])
            near = [one for one in found if stay.lives and self._has_moved(stay, self._known[one].stay)]
            if near:
                likely[place] = near
        self._take_certain(likely)

    def _has_moved(self, stay: Stay, before: Stay) -> bool:
        if self._speak_of_two(stay, before) or are_others(stay.people, before.people) or not before.lives:
            return False
        if stay.rooms & before.rooms or not stay.overlaps(before):
            return False
        same_days = (stay.first, stay.last) == (before.first, before.last)
        return same_days or are_same(stay.people, before.people)

    def _in_another_house(self) -> None:
        """The same number in another property, of the same guest at the same time, where the former property has the
        number no more: she has moved. Another property may have numbers, and ids of guests, of its own."""
        index: dict[str, list[str]] = defaultdict(list)
        for booking_id, stay in self._free(even_gone=False):
            if booking_id not in self._untold and stay.lives:
                for number in stay.numbers:
                    index[number].append(booking_id)
        likely: dict[int, list[str]] = {}
        for place, stay in self._open():
            found = dict.fromkeys(one for number in stay.numbers for one in index.get(number, ())[:AT_MOST])
            near = [one for one in found if stay.lives and self._is_from_elsewhere(stay, self._known[one].stay)]
            if near:
                likely[place] = near
        self._take_certain(likely)

    def _is_from_elsewhere(self, stay: Stay, before: Stay) -> bool:
        return (
            stay.realm != before.realm
            and stay.overlaps(before)
            and not any((before.realm, number) in self._numbers for number in before.numbers)
            and are_same(stay.people, before.people)
            and are_nearly_same(stay.people, before.people)
        )

    def _begun(self) -> None:
        """A stay without number and name that has begun: nobody books a day that has passed, so one that began on the
        same day is the same. One that ends on the same day may be either what is left of it, or another."""
        index: dict[Any, list[str]] = defaultdict(list)
        for booking_id, stay in self._free(even_gone=False):
            if stay.first <= self._today < stay.last:
                index[stay.realm, stay.rooms].append(booking_id)
        for place, stay in self._open():
            if stay.first > self._today or not stay.lives:
                continue
            for booking_id in index.get((stay.realm, stay.rooms), ()):
                before = self._known[booking_id].stay
                if booking_id in self._taken or self._speak_of_two(stay, before):
                    continue
                if not self._is_one_source(stay, before) or are_others(stay.people, before.people):
                    continue
                if not (stay.is_anonymous or before.is_anonymous):
                    continue
                if stay.first == before.first:
                    self._is(place, booking_id)
                    break
                if stay.last == before.last and stay.first > before.first:
                    self._either[place] = (booking_id,)
                    break

    def _name_the_new(self) -> None:
        numbers: dict[tuple[str, str], list[bool]] = defaultdict(list)
        for stay in self._present:
            if stay.number:
                numbers[stay.realm, stay.number].append(stay.lives)
        taken = set(self._known) | set(self._ids.values())
        order = sorted(self._open(), key=lambda one: (not one[1].lives, one[1].first, sorted(map(str, one[1].rooms))))
        for place, stay in order:
            several = numbers.get((stay.realm, stay.number), [])
            alone = sum(several) == 1 if stay.lives else len(several) == 1
            for name in _names(stay, alone):
                if name not in taken:
                    break
            taken.add(name)
            self._ids[place] = name


def _closeness(stay: Stay, before: Stay, today: date) -> tuple[int, int] | None:
    """How well a stay of a number goes with one of before, the best first; None: not at all."""
    apart = are_others(stay.people, before.people)
    touch = any(one.touches(two) for one in stay.parts for two in before.parts)
    if stay.overlaps(before) or (touch and not apart):
        rank = 0 if stay.rooms == before.rooms else 1 if stay.rooms & before.rooms else 2
    elif before.last > today and not apart:
        rank = 3 if stay.rooms & before.rooms else 4
    else:
        return None
    return rank, abs((stay.first - before.first).days)


def _room_and_time(stay: Stay) -> Any:
    return stay.realm, tuple((one.room, one.first, one.last) for one in stay.parts)


def _guests_in_room(stay: Stay) -> list[Any]:
    return [
        (stay.realm, room, key)
        for room in stay.rooms
        for person in stay.people
        for key in (person.id, person.words, *person.contacts)
        if key
    ]


def _marks_of_move(stay: Stay) -> list[Any]:
    """By what a stay is known in another room: its people, and a UID that no two calendars can have by chance."""
    people = [
        (stay.realm, key)
        for person in stay.people
        for key in (person.id, *person.words, person.last_4 and f"last 4: {person.last_4}", *person.contacts)
        if key
    ]
    return [*people, *((stay.realm, f"uid: {uid}") for _, uid in stay.uids if _UNIQUE.match(uid))]


_UNIQUE = re.compile(r"(?=[^@]*[a-z])(?=[^@]*\d)[\w{}.-]{8,}(?:@|$)", re.IGNORECASE)
"""A UID with a long part of letters and digits that nobody counts up."""


def _names(stay: Stay, alone: bool) -> Iterable[str]:
    """Ids for a stay that is new, the best first: its number alone where that has no other stay, else with the room; a
    UID with the room always, for it means nothing outside of its feed."""
    room = str(stay.parts[0].room or "")
    if alone:
        yield short_id(safe_id(stay.number))
    word = stay.number or min((uid for _, uid in stay.uids), default="")
    place = f"{word}@{room}" if word else room
    if word:
        yield short_id(safe_id(place))
    day = f"{place}@{stay.first:%Y%m%d}"
    yield short_id(safe_id(day))
    number = 2
    while True:
        yield short_id(safe_id(f"{day}@{number}"))
        number += 1
