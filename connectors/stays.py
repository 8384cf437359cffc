"""One stay, however it is written: which events or rows are one stay, and which stay of before each of them is.

Feeds and files have no ids that can be relied upon: a calendar's UIDs may change with every read or count from nought,
a number may stand for two flats, and one stay may be a row a night. The rule is in `docs/identity.md`; this module is
the rule, and both connectors use it. Pure: what was read and what is remembered come in, stays with ids go out.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, tzinfo
from hashlib import sha256
from typing import Any
from urllib.parse import unquote

LONGEST_ID = 100
"""Characters of an id, as it stands in a key."""
_AT_MOST = 20
"""So many pieces that end on one day are compared with the one that begins there: beyond that nobody writes stays."""
_RESERVED = re.compile(r"[%:]|[/.](?=\d+$)")

Moment = datetime | date


# --- ids --------------------------------------------------------------------------------------------------------------


def safe_id(text: str) -> str:
    """An id of any shape as one that cannot be taken for a part of our own keys; reversed by `plain_id`.

    `:` parts a booking from a guest in a grant's key, a last `/2` is a span and a last `.2` a generation: these
    characters, and the percent sign, are percent-encoded. All other ids stay as they are.
    """
    return _RESERVED.sub(lambda found: f"%{ord(found[0]):02X}", text)


def plain_id(text: str) -> str:
    """The id that `safe_id` was given."""
    return unquote(text)


def short_id(text: str) -> str:
    """A safe id as it is; of one that is too long for a key, or not printable, a digest: made after the encoding, which
    makes ids longer."""
    if len(text) <= LONGEST_ID and text.isprintable() and text == text.strip():
        return text
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def could_be_booking(text: str) -> bool:
    """Whether a text has the shape of a booking's id of these connectors."""
    return bool(text) and short_id(text) == text and safe_id(plain_id(text)) == text


# --- who --------------------------------------------------------------------------------------------------------------


def _digest(text: str) -> str:
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


@dataclass(frozen=True, slots=True)
class Who:
    """A person, as far as one event or row tells; nothing by which anybody could be known without being told first."""

    id: str = ""
    """The vendor's own, where it gives one."""
    words: frozenset[str] = frozenset()
    """A digest of each word of the name."""
    contacts: frozenset[str] = frozenset()
    """Digests of e-mail and phone."""
    last_4: str = ""
    """A digest of the last four digits of the phone."""

    @property
    def is_nobody(self) -> bool:
        return not (self.id or self.words or self.contacts or self.last_4)

    def is_same(self, other: "Who") -> bool:
        """Whether both are certainly one person: by id, else by a contact, else by a name of two words or more."""
        if self.id and other.id:
            return self.id == other.id
        return bool(self.contacts & other.contacts) or (len(self.words) > 1 and self.words == other.words)

    def is_another(self, other: "Who") -> bool:
        """Whether they are certainly two: names of which neither is a part of the other, or other digits."""
        if self.id and other.id:
            return self.id != other.id
        if self.contacts & other.contacts:
            return False
        if self.words and other.words:
            return not (self.words <= other.words or other.words <= self.words)
        return bool(self.last_4 and other.last_4 and self.last_4 != other.last_4)


def who(name: str = "", email: str | None = None, phone: str | None = None, guest_id: str = "") -> Who:
    """A person from what is told; letter case, accents, signs and the order of the words make no difference."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    words = re.findall(r"\w+", "".join(one for one in plain if not unicodedata.combining(one)))
    digits = "".join(one for one in phone or "" if one.isascii() and one.isdigit())
    contacts = {_digest(email.strip().casefold())} if email and email.strip() else set()
    if len(digits) > 6:
        # The last digits are the same with a country's code and without.
        contacts.add(_digest(digits[-7:]))
    return Who(
        guest_id,
        frozenset(map(_digest, words)),
        frozenset(contacts),
        _digest(digits[-4:]) if len(digits) >= 4 else "",
    )


def are_same(some: Collection[Who], others: Collection[Who]) -> bool:
    return any(one.is_same(other) for one in some for other in others)


def are_others(some: Collection[Who], others: Collection[Who]) -> bool:
    """Whether nobody of the one party can be anybody of the other."""
    return bool(some) and bool(others) and all(one.is_another(other) for one in some for other in others)


def _share_a_first_name(some: Collection[Who], others: Collection[Who]) -> bool:
    """Whether all that makes the two parties one is a single word of a name, and the digits of their phones differ: two
    guests called Anna. Under one UID it may be a phone that was corrected."""
    return (
        bool(some)
        and bool(others)
        and all(
            one.is_another(other)
            or (
                not (one.id and other.id)
                and not one.contacts & other.contacts
                and min(len(one.words), len(other.words)) <= 1
                and bool(one.last_4 and other.last_4 and one.last_4 != other.last_4)
            )
            for one in some
            for other in others
        )
    )


def _are_one_by_name(one: Who, other: Who) -> bool:
    """Whether they are certainly one person, by more than a contact."""
    if one.id and other.id:
        return one.id == other.id
    digits_differ = bool(one.last_4 and other.last_4) and one.last_4 != other.last_4
    return len(one.words) > 1 and one.words == other.words and not digits_differ


def _are_nearly_same(some: Collection[Who], others: Collection[Who]) -> bool:
    """Whether a word of the name is the same: the rest may have been corrected."""
    return any(one.words & other.words for one in some for other in others)


# --- when and where ---------------------------------------------------------------------------------------------------


def day_of(moment: Moment, zone: tzinfo) -> date:
    """The day of a moment, at the property; an hour without a zone is the property's own."""
    if not isinstance(moment, datetime):
        return moment
    return (moment.astimezone(zone) if moment.tzinfo is not None else moment).date()


@dataclass(frozen=True, slots=True)
class Part:
    """A room and from when until when. `first` and `last` are the days of `arrival` and `departure`, local."""

    room: str | None
    arrival: Moment
    departure: Moment | None
    first: date
    last: date
    """`date.max` where there is no departure."""

    def overlaps(self, other: "Part") -> bool:
        """Whether both want the room at one time; by the day, unless both tell hours. A day on which one leaves and
        another comes is no such time."""
        return not _is_over_by(self, other) and not _is_over_by(other, self)

    def touches(self, other: "Part") -> bool:
        """Whether one begins on the day on which the other ends."""
        return not self.overlaps(other) and (self.last == other.first or other.last == self.first)

    def meets(self, other: "Part") -> bool:
        return self.overlaps(other) or self.touches(other)

    def is_same_time(self, other: "Part") -> bool:
        return (self.first, self.last) == (other.first, other.last)


def _is_over_by(one: Part, other: Part) -> bool:
    end, start = one.departure, other.arrival
    if isinstance(end, datetime) and isinstance(start, datetime) and (end.tzinfo is None) == (start.tzinfo is None):
        return end <= start
    return one.last <= other.first


@dataclass(frozen=True, slots=True)
class Piece:
    """What one event or row says."""

    source: str
    """The feed or file in which it stands: a UID means something there only."""
    realm: str
    """The property: a number means something there only."""
    number: str
    """The booking's number; empty where none is told."""
    uid: str
    """The event's own id; empty where there is none."""
    part: Part
    who: Who = field(default_factory=Who)
    lives: bool = True
    """Whether it is confirmed or in the house."""


@dataclass(frozen=True, slots=True)
class Stay:
    """One or several people in a room, or in one room after the other."""

    realm: str
    number: str
    uids: frozenset[tuple[str, str]]
    """By source."""
    people: tuple[Who, ...]
    parts: tuple[Part, ...]
    """In order of time."""
    sources: frozenset[str]
    pieces: tuple[int, ...] = ()
    """The places, in the sequence that was joined, of what it was made of."""
    lives: bool = True
    also: frozenset[str] = frozenset()
    """Other numbers: of extensions that got one of their own."""

    @property
    def numbers(self) -> tuple[str, ...]:
        """All of them, its own first."""
        return (self.number, *sorted(self.also)) if self.number else tuple(sorted(self.also))

    @property
    def rooms(self) -> frozenset[str | None]:
        return frozenset(one.room for one in self.parts)

    @property
    def first(self) -> date:
        return self.parts[0].first

    @property
    def last(self) -> date:
        return max(one.last for one in self.parts)

    @property
    def is_anonymous(self) -> bool:
        return not self.number and not self.people

    def overlaps(self, other: "Stay") -> bool:
        return any(one.overlaps(two) for one in self.parts for two in other.parts)

    def shares_room_and_time(self, other: "Stay") -> bool:
        return any(one.room == two.room and one.overlaps(two) for one in self.parts for two in other.parts)


def to_memory(stay: Stay) -> dict[str, Any]:
    """A stay as JSON can hold it."""
    return {
        "realm": stay.realm,
        "number": stay.number,
        "uids": sorted(map(list, stay.uids)),
        "people": [[one.id, sorted(one.words), sorted(one.contacts), one.last_4] for one in stay.people],
        "parts": [
            [
                one.room,
                one.arrival.isoformat(),
                one.departure.isoformat() if one.departure is not None else None,
                one.first.isoformat(),
                one.last.isoformat(),
            ]
            for one in stay.parts
        ],
        "sources": sorted(stay.sources),
        "lives": stay.lives,
        "also": sorted(stay.also),
    }


def from_memory(document: Mapping[str, Any]) -> Stay:
    """The reverse of `to_memory`. Raises `ValueError`, `KeyError` or `TypeError`."""
    return Stay(
        realm=document["realm"],
        number=document["number"],
        uids=frozenset((source, uid) for source, uid in document["uids"]),
        people=tuple(
            Who(one, frozenset(words), frozenset(contacts), last) for one, words, contacts, last in document["people"]
        ),
        parts=tuple(
            Part(
                room,
                moment(arrival),
                moment(departure) if departure else None,
                date.fromisoformat(first),
                date.fromisoformat(last),
            )
            for room, arrival, departure, first, last in document["parts"]
        ),
        sources=frozenset(document["sources"]),
        lives=document["lives"],
        also=frozenset(document.get("also", ())),
    )


def moment(text: str) -> Moment:
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


# --- one reading: which pieces are one stay ---------------------------------------------------------------------------


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
        _sweep(pieces, group, sets, lambda one, other: True, lambda one, other: True, _goes_on)
    for group in by_time.values():
        for place, one in enumerate(group):
            for other in group[place + 1 : place + 1 + _AT_MOST]:
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
        for other in ends[part.first][-_AT_MOST:]:
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
        for mark in _marks(one):
            by_mark[mark].append(place)
    for one in dead:
        beside = {place for mark in _marks(one) for place in by_mark[mark]}
        homes = [
            (not living[place].shares_room_and_time(one), place)
            for place in beside
            if any(part.room == two.room and part.meets(two) for part in one.parts for two in living[place].parts)
        ]
        if homes:
            _, home = min(homes)
            living[home] = replace(living[home], pieces=(*living[home].pieces, *one.pieces))
        else:
            living.append(one)
    return living


def _marks(stay: Stay) -> list[Any]:
    return [(stay.realm, one) for one in stay.numbers] or list(stay.uids)


# --- across readings: which stay of before it is ----------------------------------------------------------------------


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
                for booking_id in candidates[:_AT_MOST]:
                    before = self._known[booking_id].stay
                    same_uid = bool(stay.uids & before.uids)
                    same_guest = are_same(stay.people, before.people) or (
                        bool(stay.people) and set(stay.people) == set(before.people)
                    )
                    may_be = not are_others(stay.people, before.people) or (
                        same_uid and _are_nearly_same(stay.people, before.people)
                    )
                    if self._speak_of_two(stay, before) or not may_be:
                        continue
                    if not same_uid and _share_a_first_name(stay.people, before.people):
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
            and any(_are_one_by_name(one, other) for one in stay.people for other in before.people)
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
            found = dict.fromkeys(one for key in _guests_in_room(stay) for one in index.get(key, ())[:_AT_MOST])
            near = [one for one in found if self._is_likely(stay, self._known[one].stay)]
            if near:
                likely[place] = near
        claims: dict[str, int] = defaultdict(int)
        for several in likely.values():
            for booking_id in several:
                claims[booking_id] += 1
        for place, several in likely.items():
            if len(several) == 1 and claims[several[0]] == 1:
                self._is(place, several[0])
            else:
                self._either[place] = tuple(several)

    def _is_likely(self, stay: Stay, before: Stay) -> bool:
        if self._speak_of_two(stay, before) or _share_a_first_name(stay.people, before.people):
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
        claims: dict[str, int] = defaultdict(int)
        for place, stay in self._open():
            found = dict.fromkeys(one for key in _marks_of_move(stay) for one in index.get(key, ())[:_AT_MOST])
            near = [one for one in found if stay.lives and self._has_moved(stay, self._known[one].stay)]
            if near:
                likely[place] = near
            for booking_id in near:
                claims[booking_id] += 1
        for place, several in likely.items():
            if len(several) == 1 and claims[several[0]] == 1:
                self._is(place, several[0])

    def _has_moved(self, stay: Stay, before: Stay) -> bool:
        if self._speak_of_two(stay, before) or are_others(stay.people, before.people) or not before.lives:
            return False
        if stay.rooms & before.rooms or not stay.overlaps(before):
            return False
        same_days = (stay.first, stay.last) == (before.first, before.last)
        return same_days or are_same(stay.people, before.people)

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


# --- what stands beside each other ------------------------------------------------------------------------------------


def echoes(stays: Mapping[str, Stay], told: Iterable[Stay]) -> dict[str, bool]:
    """Stays that name nobody and have no number, at whose time another feed has somebody in the room: by id, whether
    all of their days are so. One channel shows as taken what another has sold.

    `told`: stays of other feeds that are not among these because they could not be read, or are missing.
    """
    by_room: dict[Any, list[tuple[date, date, Stay]]] = defaultdict(list)
    for one in (*stays.values(), *told):
        if one.lives and not one.is_anonymous:
            for part in one.parts:
                by_room[one.realm, part.room].append((part.first, part.last, one))
    for several in by_room.values():
        several.sort(key=lambda one: one[:2])
    found = {}
    for booking_id, one in stays.items():
        if not one.is_anonymous or not one.lives:
            continue
        here, touched = one.first, False
        for first, last, other in by_room.get((one.realm, one.parts[0].room), ()):
            if first >= one.last:
                break
            if last <= one.first or other.sources & one.sources:
                continue
            touched = True
            if first <= here:
                here = max(here, last)
        if touched:
            found[booking_id] = here >= one.last
    return found


def double_bookings(stays: Mapping[str, Stay]) -> dict[str, list[str]]:
    """By id, the other stays that have the same room at the same time and belong to somebody else; a few at most."""
    by_room: dict[Any, list[tuple[date, str, Part]]] = defaultdict(list)
    for booking_id, one in stays.items():
        if one.lives:
            for part in one.parts:
                if part.room is not None:
                    by_room[one.realm, part.room].append((part.first, booking_id, part))
    found: dict[str, list[str]] = defaultdict(list)
    for several in by_room.values():
        several.sort(key=lambda one: one[:2])
        open_: list[tuple[date, str, Part]] = []
        for first, booking_id, part in several:
            open_ = [one for one in open_ if one[2].last > first or one[2].overlaps(part)][-_AT_MOST:]
            for _, other, before in open_:
                is_one = other == booking_id or are_same(stays[booking_id].people, stays[other].people)
                if not is_one and before.overlaps(part):
                    found[booking_id].append(other)
                    found[other].append(booking_id)
            open_.append((first, booking_id, part))
    return {one: list(dict.fromkeys(others))[:3] for one, others in found.items()}
