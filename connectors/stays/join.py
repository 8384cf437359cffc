"""One reading: which events or rows are one stay. The rule is in `docs/identity.md`."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import Any

from connectors.stays.stay import Moment, Part, Piece, Stay
from connectors.stays.who import Who, are_others, are_same

AT_MOST = 20
"""So many pieces that end on one day are compared with the one that begins there: beyond that nobody writes stays."""


class _Sets:
    """Pieces that belong together; those of two numbers only where that is sure by more than the time."""

    def __init__(self, numbers: Sequence[str]):
        self._up = list(range(len(numbers)))
        self._numbers = [frozenset({one} if one else ()) for one in numbers]

    def top(self, one: int) -> int:
        while self._up[one] != one:
            self._up[one] = self._up[self._up[one]]
            one = self._up[one]
        return one

    def unite(self, one: int, other: int, goes_on: bool = False) -> None:
        """`goes_on`: whether the one is an extension of the other, whatever their numbers."""
        one, other = self.top(one), self.top(other)
        these, those = self._numbers[one], self._numbers[other]
        if one == other or (these and those and not these & those and not goes_on):
            return
        self._up[other] = one
        self._numbers[one] = these | those

    def all(self, members: Iterable[int]) -> list[list[int]]:
        found: dict[int, list[int]] = defaultdict(list)
        for one in members:
            found[self.top(one)].append(one)
        return list(found.values())


def join(pieces: Sequence[Piece]) -> list[Stay]:
    """The stays that these pieces tell of, of one reading of all sources.

    What does not live (cancelled, not confirmed) belongs to the living stay that it stands beside, so that a row of a
    stay that was cancelled and made again ends nothing.
    """
    sets = _Sets([one.number for one in pieces])
    living = [place for place, one in enumerate(pieces) if one.lives]
    dead = [place for place, one in enumerate(pieces) if not one.lives]
    for members in (living, dead):
        _unite(pieces, members, sets)
    groups = [part for group in sets.all(living) for part in _without_gaps(pieces, group)]
    stays = _in_one_room_after_the_other([_stay(pieces, group) for group in groups])

    def rank(stay: Stay) -> Any:
        return min(_rank(pieces[place]) for place in stay.pieces)

    gone = [_stay(pieces, group) for group in sets.all(dead)]
    found = _with_the_dead(sorted(stays, key=rank), sorted(gone, key=rank))
    return sorted(found, key=lambda one: min(one.pieces))


def _unite(pieces: Sequence[Piece], members: Sequence[int], sets: _Sets) -> None:
    by_number: dict[Any, list[int]] = defaultdict(list)
    by_uid: dict[Any, list[int]] = defaultdict(list)
    by_person: dict[Any, list[int]] = defaultdict(list)
    by_time: dict[Any, list[int]] = defaultdict(list)
    for place in sorted(members, key=lambda one: _rank(pieces[one])):
        piece = pieces[place]
        room = (piece.realm, piece.part.room)
        if piece.number:
            by_number[room, piece.number].append(place)
        if piece.uid:
            by_uid[room, piece.source, piece.uid].append(place)
        for contact in piece.who.contacts:
            by_person[room, contact].append(place)
        if piece.who.id:
            by_person[room, "id", piece.who.id].append(place)
        if len(piece.who.words) > 1:
            by_person[room, piece.who.words].append(place)
        if piece.who.words:
            by_time[room, piece.part.first, piece.part.last].append(place)

    def not_others(one: int, other: int) -> bool:
        return not pieces[one].who.is_another(pieces[other].who)

    def are_one(one: int, other: int) -> bool:
        return pieces[one].who.is_same(pieces[other].who)

    for group in by_number.values():
        _sweep(pieces, group, sets, lambda one, other: True, not_others)
    for group in by_uid.values():
        # A UID that stands for several times apart tells nothing of those that touch.
        is_loose = _has_gaps(pieces, group)
        _sweep(pieces, group, sets, not_others, are_one if is_loose else not_others)
    for group in by_person.values():
        _sweep(pieces, group, sets, not_others, not_others, _goes_on)
    for group in by_time.values():
        for place, one in enumerate(group):
            for other in group[place + 1 : place + 1 + AT_MOST]:
                # One channel tells the whole name and another the first.
                if pieces[one].source != pieces[other].source and not_others(one, other):
                    sets.unite(one, other)


def _rank(piece: Piece) -> Any:
    """In order of time; the rest makes the order of the lines mean nothing."""
    part, person = piece.part, piece.who
    told = (piece.source, piece.uid, person.id, sorted(person.words), sorted(person.contacts), person.last_4)
    return (part.first, part.last, not piece.number, piece.number, told, str(part.arrival), str(part.departure))


def _sweep(
    pieces: Sequence[Piece],
    group: Sequence[int],
    sets: _Sets,
    overlapping: Callable[[int, int], bool],
    touching: Callable[[int, int], bool],
    goes_on: Callable[[Piece, Piece], bool] = lambda one, other: False,
) -> None:
    """Unites what overlaps and what touches, in a group in order of time."""
    latest: int | None = None
    ends: dict[date, list[int]] = defaultdict(list)
    for place in group:
        part = pieces[place].part
        if latest is not None and pieces[latest].part.overlaps(part) and overlapping(latest, place):
            sets.unite(latest, place)
        for other in ends[part.first][-AT_MOST:]:
            if pieces[other].part.touches(part) and touching(other, place):
                sets.unite(other, place, goes_on(pieces[other], pieces[place]))
        ends[part.last].append(place)
        if latest is None or part.last > pieces[latest].part.last:
            latest = place


def _goes_on(one: Piece, other: Piece) -> bool:
    """Whether one begins in the room on the day on which the other ends, and is surely of the same person: by id, by a
    contact and the name, or by the name where one number is the other's with something behind it ("B1", "B1-EXT")."""
    first, second = one.who, other.who
    if first.words and second.words and not (first.words <= second.words or second.words <= first.words):
        # Whoever shares an address or a profile with her, such as an agency.
        return False
    if first.id and second.id:
        return first.id == second.id
    if first.contacts & second.contacts:
        return bool(first.words and second.words)
    return first.is_same(second) and _is_extension(one.number, other.number)


def _is_extension(one: str, other: str) -> bool:
    short, long = sorted((one, other), key=len)
    return bool(short) and long.startswith(short) and not long[len(short) :][:1].isalnum()


def _has_gaps(pieces: Sequence[Piece], group: Sequence[int]) -> bool:
    end = pieces[group[0]].part.last
    for place in group:
        if pieces[place].part.first > end:
            return True
        end = max(end, pieces[place].part.last)
    return False


def _without_gaps(pieces: Sequence[Piece], group: Sequence[int]) -> list[list[int]]:
    """A group, but of somebody who goes and comes again while others stay, every coming is a group of its own."""
    by_person: dict[Who, list[int]] = defaultdict(list)
    for place in group:
        by_person[pieces[place].who].append(place)
    if len(by_person) < 2:
        return [list(group)]
    kept: list[int] = []
    apart: list[list[int]] = []
    for person, several in by_person.items():
        several.sort(key=lambda one: (pieces[one].part.first, pieces[one].part.last))
        runs: list[list[int]] = []
        end = date.min
        for place in several:
            part = pieces[place].part
            if runs and (person.is_nobody or part.first <= end):
                runs[-1].append(place)
            else:
                runs.append([place])
            end = max(end, part.last)
        kept += runs[0]
        apart += runs[1:]
    return [sorted(kept), *apart]


def _stay(pieces: Sequence[Piece], group: Sequence[int]) -> Stay:
    several = [pieces[place] for place in sorted(group, key=lambda one: _rank(pieces[one]))]
    first = min(several, key=lambda one: (one.part.first, _order(one.part.arrival)))
    last = max(several, key=lambda one: (one.part.last, _order(one.part.departure)))
    return Stay(
        realm=first.realm,
        number=(number := next((one.number for one in several if one.number), "")),
        uids=frozenset((one.source, one.uid) for one in several if one.uid),
        people=tuple(dict.fromkeys(one.who for one in several if not one.who.is_nobody)),
        parts=(Part(first.part.room, first.part.arrival, last.part.departure, first.part.first, last.part.last),),
        sources=frozenset(one.source for one in several),
        pieces=tuple(group),
        lives=first.lives,
        also=frozenset(one.number for one in several if one.number) - {number},
    )


def _order(moment: Moment | None) -> tuple[date, float]:
    """Of a day, the whole of it: a moment of the same day tells more, and comes after it."""
    if moment is None:
        return date.max, 0.0
    if isinstance(moment, datetime):
        return moment.date(), moment.hour * 3600.0 + moment.minute * 60 + moment.second + 1
    return moment, 0.0


def _in_one_room_after_the_other(stays: list[Stay]) -> list[Stay]:
    """Stays of one number of which one begins elsewhere on the day on which the other ends: a planned move; without a
    number, those of one guest, by name and contact. Where it is not certain which follows which, they stay apart."""
    groups: dict[Any, list[Stay]] = defaultdict(list)
    found: list[Stay] = []
    for one in stays:
        if one.number:
            groups[one.realm, one.number].append(one)
        elif (name := _known_by_name_and_contact(one)) is not None:
            groups[one.realm, name].append(one)
        else:
            found.append(one)
    for several in groups.values():
        follows = {
            (place, after)
            for place, one in enumerate(several)
            for after, other in enumerate(several)
            if one.last == other.first
            and one.rooms != other.rooms
            and not one.overlaps(other)
            and not are_others(one.people, other.people)
            and (one.number or one.people[0].contacts & other.people[0].contacts)
        }
        sure = {
            before: after
            for before, after in follows
            if sum(one == before for one, _ in follows) == 1 and sum(one == after for _, one in follows) == 1
        }
        begun = set(sure.values())
        for place, one in enumerate(several):
            if place in begun:
                continue
            chain, here = one, place
            while here in sure:
                here = sure[here]
                chain = _after(chain, several[here])
            found.append(chain)
    return found


def _known_by_name_and_contact(stay: Stay) -> frozenset[str] | None:
    """Of a stay of one person of whom a contact is told, her name; None where that is not enough to know her by, for a
    name alone, or the address of an agency, is several people's."""
    if len(stay.people) != 1:
        return None
    (person,) = stay.people
    return person.words if len(person.words) > 1 and person.contacts else None


def _after(one: Stay, other: Stay) -> Stay:
    return replace(
        one,
        uids=one.uids | other.uids,
        people=tuple(dict.fromkeys((*one.people, *other.people))),
        parts=(*one.parts, *other.parts),
        sources=one.sources | other.sources,
        pieces=(*one.pieces, *other.pieces),
        also=(one.also | other.also) - {one.number},
    )


def _with_the_dead(living: list[Stay], dead: list[Stay]) -> list[Stay]:
    by_mark: dict[Any, list[int]] = defaultdict(list)
    for place, one in enumerate(living):
        for mark in (*_marks(one), *one.rooms):
            by_mark[mark].append(place)
    for one in dead:
        beside = {place for mark in _marks(one) for place in by_mark[mark]}
        homes = [
            (not living[place].shares_room_and_time(one), place)
            for place in beside
            if any(part.room == two.room and part.meets(two) for part in one.parts for two in living[place].parts)
        ]
        if not homes and not one.numbers:
            # Another channel, or another event of this one, has her there all the same.
            near = [place for room in one.rooms for place in by_mark[room]]
            homes = [(False, place) for place in near if _are_one_persons(one, living[place])]
        if homes:
            _, home = min(homes)
            living[home] = replace(living[home], pieces=(*living[home].pieces, *one.pieces))
        else:
            living.append(one)
    return living


def _are_one_persons(one: Stay, other: Stay) -> bool:
    return one.realm == other.realm and one.shares_room_and_time(other) and are_same(one.people, other.people)


def _marks(stay: Stay) -> list[Any]:
    return [(stay.realm, one) for one in stay.numbers] or list(stay.uids)
