"""When and where: a piece of what was read, a stay of one or more of them, and how it is remembered."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, tzinfo
from typing import Any, Self

from connectors.records import Span
from connectors.stays.who import Who

Moment = datetime | date


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

    @classmethod
    def at(cls, room: str | None, arrival: Moment, departure: Moment | None, zone: tzinfo) -> Self:
        """With its days by the clocks of the property."""
        last = date.max if departure is None else day_of(departure, zone)
        return cls(room, arrival, departure, day_of(arrival, zone), last)

    def overlaps(self, other: "Part") -> bool:
        """Whether both want the room at one time; by the day, unless both tell hours. A day on which one leaves and
        another comes is no such time."""
        return not _is_over_by(self, other) and not _is_over_by(other, self)

    def touches(self, other: "Part") -> bool:
        """Whether one begins on the day on which the other ends."""
        return not self.overlaps(other) and (self.last == other.first or other.last == self.first)

    def meets(self, other: "Part") -> bool:
        return self.overlaps(other) or self.touches(other)


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
    def spans(self) -> tuple[Span, ...]:
        """The parts of a stay in several rooms, one after the other; none where it is all in one room."""
        if len(self.parts) < 2:
            return ()
        return tuple(Span(one.room, one.arrival, one.departure) for one in self.parts if one.departure is not None)

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
        "people": [_written(one) for one in stay.people],
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


def _written(person: Who) -> list[Any]:
    return [person.id, sorted(person.words), sorted(person.contacts), person.last_4, sorted(person.spelled)]


def from_memory(document: Mapping[str, Any]) -> Stay:
    """The reverse of `to_memory`. Raises `ValueError`, `KeyError` or `TypeError`."""
    return Stay(
        realm=document["realm"],
        number=document["number"],
        uids=frozenset((source, uid) for source, uid in document["uids"]),
        people=tuple(
            Who(one, frozenset(words), frozenset(contacts), last, frozenset(*spelled[:1]))
            for one, words, contacts, last, *spelled in document["people"]
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
