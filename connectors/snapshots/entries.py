"""What an event of a feed says of a booking, and stays that are written as two events.

Some calendars have an event for the day on which somebody comes, and one for the day on which she goes. Beside an event
for the whole stay they say nothing new. Alone, the two make the stay; of one whose beginning has left the feed, what is
remembered is the other half.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from enum import IntEnum, StrEnum
from typing import Any

from connectors.formats.calendars.events import CalendarEvent
from connectors.records import BookingStatus, Guest, day_in
from connectors.stays.stay import Part, Stay, day_of
from connectors.stays.who import Who, who


class Half(StrEnum):
    ARRIVAL = "arrival"
    DEPARTURE = "departure"


class Says(IntEnum):
    """What an event says of who sleeps there, the more the higher."""

    NOTHING = 0
    ONE_WORD = 1
    """A title of one word, which may be a name."""
    RESERVED = 2
    """That it is reserved, as channels do; or a name of several words."""
    SURELY = 3
    """A booking code, or a guest's contact."""


@dataclass(frozen=True, slots=True)
class Feed:
    """One address of a room."""

    room: str
    url: str = field(repr=False)
    name: str
    """For sentences: "the feed of room 12", "feed 2 of room 12"."""

    @property
    def key(self) -> str:
        """By which it is remembered; does not tell the address."""
        return hashlib.sha256(self.url.encode("utf-8", "surrogatepass")).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Entry:
    """What one event says."""

    feed: Feed
    uid: str
    code: str
    status: BookingStatus = BookingStatus.CONFIRMED
    word: str = ""
    """By which the status was known, where it may be told; see `Verdict`."""
    where: str = ""
    """Where that stands: "the title", "the description", "the status"."""
    arrival: datetime | date = date.min
    departure: datetime | date = date.min
    guest: Guest = field(default_factory=lambda: Guest(""))
    half: Half | None = None
    says: Says = Says.NOTHING
    """What it says of who sleeps there."""
    trouble: str = ""
    """Why it cannot be used, if so, as the end of a sentence."""

    @property
    def person(self) -> Who:
        guest = self.guest
        return who(f"{guest.first_name} {guest.last_name}", guest.email, guest.phone)


_WORDS = {
    Half.ARRIVAL: (
        "check in, checkin, check-in, arrival, arrives, arriving, anreise, ankunft, arrivée, arrivee, arrivées, "
        "entrée, entrada, llegada, arrivo, arrivi, chegada, aankomst, inchecken, incheck, przyjazd, zameldowanie, "
        "příjezd, prijezd, dolazak, ankomst, inflyttning, saapuminen, érkezés, sosire, příchod, prihod, giriş, "
        "заезд, заїзд, príchod, άφιξη, saabumine, ierašanās, atvykimas, nhận phòng, เช็คอิน, وصول, הגעה, "
        "チェックイン, 到着, 入住, 到达, 체크인, 입실, move in, einzug"
    ),
    Half.DEPARTURE: (
        "check out, checkout, check-out, departure, departs, departing, abreise, abfahrt, départ, depart, sortie, "
        "salida, partenza, partenze, partida, saída, vertrek, uitchecken, uitcheck, wyjazd, wymeldowanie, odjezd, "
        "odlazak, afrejse, avresa, avreise, lähtö, távozás, plecare, odhod, çıkış, выезд, виїзд, odchod, αναχώρηση, "
        "lahkumine, izbraukšana, išvykimas, trả phòng, เช็คเอาท์, مغادرة, עזיבה, チェックアウト, 出発, 退房, "
        "离开, 체크아웃, 퇴실, move out, auszug"
    ),
}
_EITHER = "(?:{})".format(
    "|".join(
        f"(?P<{name}>{'|'.join(map(re.escape, sorted(_WORDS[half].split(', '), key=len, reverse=True)))})"
        for name, half in (("arrival", Half.ARRIVAL), ("departure", Half.DEPARTURE))
    )
)
"""Any of the words, the longest first."""
_HALF = re.compile(
    rf"^\W{{0,9}}{_EITHER}"
    r"(?!\w)(?:\s{0,3}(?:day|of|von|de|di|tag))?\s{0,3}[:|–—-]?\s{0,3}",
    re.IGNORECASE,
)
_HALF_BEHIND = re.compile(
    r"^(?P<rest>[^\n]{1,200}?)\s{0,3}(?:\s[–—-]\s|[:|/(\[])\s{0,3}" + _EITHER + r"\s{0,3}[)\]]?\s{0,3}$",
    re.IGNORECASE,
)
"""The word behind the name, with a sign between them: people are called Partida."""
_HALF_IN_SHORT = re.compile(
    r"^\W{0,9}(?:(?P<arrival>IN|In(?=\s?:)|C/I|CI)|(?P<departure>OUT|Out(?=\s?:)|C/O|CO))"
    r"(?:\s{0,3}[:|–—-]\s{0,3}|\s{1,3}(?=\S{0,40}[^\W\d_A-Z]))"
)
"""In capitals, or before a colon; without a sign only before a name that is not in capitals itself ("IN SOO KIM")."""
LONGEST = timedelta(days=1)
"""A half is no longer than a day."""


def half_of(event: CalendarEvent) -> tuple[Half | None, str]:
    """Which half of a stay an event is, by its title, and the rest of the title. Whoever has such a title and more than
    a day is the whole stay."""
    title = event.summary[:300]
    if (found := _HALF.match(title) or _HALF_IN_SHORT.match(title)) is not None:
        rest = event.summary[found.end() :].strip()
    elif (found := _HALF_BEHIND.match(title)) is not None:
        rest = found["rest"].strip()
    else:
        return None, event.summary
    if event.problem is None and event.ends is not None and _length(event) > LONGEST:
        return None, rest
    return (Half.ARRIVAL if found["arrival"] else Half.DEPARTURE), rest


def _length(event: CalendarEvent) -> timedelta:
    starts, ends = event.starts, event.ends
    if isinstance(starts, datetime) and isinstance(ends, datetime):
        return ends - starts
    days = [day_in(one) for one in (starts, ends) if one is not None]
    return days[1] - days[0]


def one_stay(entries: Sequence[Entry], known: Sequence[Stay], zone: tzinfo) -> tuple[list[Entry], list[Entry]]:
    """The entries, every pair of halves as one, those beside a whole stay left out; and the halves that are alone.

    `known` are the stays that are remembered: of one that has begun, the departure alone is enough.
    """
    found = [one for one in entries if one.half is None or one.trouble]
    halves = [one for one in entries if one.half is not None and not one.trouble]
    if not halves:
        return found, []
    wholes: dict[Any, list[Part]] = defaultdict(list)
    for one in found:
        if not one.trouble:
            part = Part.at(one.feed.room, one.arrival, one.departure, zone)
            for mark in _marks(one):
                wholes[mark].append(part)
    open_: dict[Any, list[Entry]] = defaultdict(list)
    alone: list[Entry] = []
    for one in sorted(halves, key=lambda half: (day_of(half.arrival, zone), half.half is Half.ARRIVAL)):
        day = day_of(one.arrival, zone)
        if any(part.first <= day <= part.last for mark in _marks(one) for part in wholes.get(mark, ())):
            continue
        if one.half is Half.ARRIVAL:
            for mark in _marks(one):
                open_[mark].append(one)
            alone.append(one)
            continue
        begun = next((half for mark in _marks(one) for half in open_[mark] if half in alone), None)
        if begun is not None:
            alone.remove(begun)
            found.append(replace(begun, departure=one.arrival, half=None, code=begun.code or one.code))
            continue
        before = _remembered(one, known, zone)
        if before is not None:
            found.append(replace(one, arrival=before.parts[0].arrival, departure=one.arrival, half=None))
        else:
            alone.append(one)
    return found, alone


def _marks(entry: Entry) -> list[Any]:
    """By what two halves know each other: the code, else the guest; without either, the feed has one stay at a time."""
    place = (entry.feed.key, entry.status)
    if entry.code:
        return [(*place, "code", entry.code)]
    person: Who = entry.person
    marks = [(*place, "name", person.words)] if person.words else []
    return [*marks, *((*place, "contact", one) for one in sorted(person.contacts))] or [(*place, "nobody")]


def _remembered(entry: Entry, known: Sequence[Stay], zone: tzinfo) -> Stay | None:
    day = day_of(entry.arrival, zone)
    return next(
        (
            stay
            for stay in known
            if entry.feed.key in stay.sources
            and stay.first < day
            and (
                (entry.code and stay.number == entry.code)
                or (not entry.code and any(one.words == entry.person.words and one.words for one in stay.people))
            )
        ),
        None,
    )
