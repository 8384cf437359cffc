"""What is remembered of a source that only tells what is there now: an export, a calendar.

Such a source has no word for *changed* or *deleted*. So what was seen in it is noted in a small JSON file: ids, digests
of what was said of them, and the times of the stays; nothing by which a guest could be known. An id that is not there
any more is missing; how often it has to be missing before it is gone, the connector says. Without the file (a first
start, or a lost one) everything counts as changed, and nothing as gone, until there were so many looks again.
"""

import hashlib
import json
import os
import re
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from connectors.errors import PmsRefused
from connectors.records import Booking, BookingStatus

VERSION = 1
_NEVER = datetime.min.replace(tzinfo=UTC)
_RESERVED = re.compile(r"[%:]|[/.](?=\d+$)")


def safe_id(text: str) -> str:
    """An id of any shape as one that cannot be taken for a part of our own keys; reversed by `plain_id`.

    `:` parts a booking from a guest in a grant's key, a last `/2` is a span and a last `.2` a generation: these
    characters, and the percent sign, are percent-encoded. All other ids stay as they are.
    """
    return _RESERVED.sub(lambda found: f"%{ord(found[0]):02X}", text)


def plain_id(text: str) -> str:
    """The id that `safe_id` was given."""
    return unquote(text)


def digest(*records: Any) -> str:
    """Tells whether records are the same as before, without telling what is in them."""
    told = repr([astuple(one) if hasattr(one, "__dataclass_fields__") else one for one in records])
    return hashlib.sha256(told.encode()).hexdigest()[:20]


@dataclass(slots=True)
class Sighting:
    """A booking as it was last seen."""

    source: str
    """Where it stands: a property's id, a room's."""
    digest: str
    arrival: datetime | date
    departure: datetime | date | None
    room_id: str | None
    number: str = ""
    traits: dict[str, str] = field(default_factory=dict)
    """By which the connector knows it again."""
    changed_at: datetime = _NEVER
    """When it was first seen as it is, or first believed to be gone (aware UTC)."""
    missing: int = 0
    """In how many looks in a row it was not there."""
    is_kept: bool = False
    """It is missing, and this ends nothing."""


@dataclass(slots=True)
class Source:
    """What is known of looks at one source."""

    address: str
    """Of which what was seen is true: another address, and everything begins anew."""
    mark: str = ""
    """Of the last look: the same mark is the same look."""
    looks: int = 0


class Sightings:
    """The memory of one connection, in a file; `needed` looks in a row without it make a booking gone."""

    def __init__(self, path: Path, who: str, needed: int):
        self._path = path
        self._who = who
        self._needed = needed
        self._sources: dict[str, Source] = {}
        self._bookings: dict[str, Sighting] = {}
        self._others: dict[str, dict[str, tuple[str, datetime]]] = {}
        self._written = ""

    def recall(self) -> None:
        """Reads the file; one that is not there or cannot be understood is an empty memory. Raises `PmsRefused`."""
        self._sources, self._bookings, self._others, self._written = {}, {}, {}, ""
        try:
            text = self._path.read_text(encoding="utf-8")
        except FileNotFoundError:
            return
        except (OSError, UnicodeDecodeError) as problem:
            raise self._trouble("read", problem) from None
        try:
            document = json.loads(text)
            if document["version"] != VERSION:
                return
            sources = {name: Source(**one) for name, one in document["sources"].items()}
            bookings = {
                booking_id: Sighting(
                    **one
                    | {
                        "arrival": _moment(one["arrival"]),
                        "departure": _moment(one["departure"]) if one["departure"] else None,
                        "changed_at": datetime.fromisoformat(one["changed_at"]),
                    }
                )
                for booking_id, one in document["bookings"].items()
            }
            others = {
                kind: {one: (print_, datetime.fromisoformat(at)) for one, (print_, at) in records.items()}
                for kind, records in document["others"].items()
            }
        except (ValueError, TypeError, KeyError, AttributeError):
            return
        self._sources, self._bookings, self._others, self._written = sources, bookings, others, text

    def look(
        self,
        sources: Mapping[str, tuple[str, str]],
        present: Mapping[str, Sighting],
        untold: frozenset[str],
        now: datetime,
        keeps: Callable[[Sighting], bool] = lambda sighting: False,
    ) -> None:
        """Notes what is there now, and what is missing.

        `sources`: address and mark of each that was read well and completely; nothing is missing from the others.
        `present`: what is there, of good and other sources. `untold`: ids that are there and cannot be read.
        `keeps` decides, once it has been missing often enough, whether a booking goes on all the same; one that is
        over by then was not cancelled, but is of no interest any more.
        """
        for booking_id, seen in present.items():
            before = self._bookings.get(booking_id)
            same = before is not None and before.digest == seen.digest and before.missing < self._needed
            seen.changed_at = before.changed_at if before is not None and same else now
            self._bookings[booking_id] = seen
        fresh = {name for name, (address, mark) in sources.items() if self._begin_look(name, address, mark)}
        for booking_id, known in list(self._bookings.items()):
            if booking_id in present or booking_id in untold:
                continue
            if known.source in fresh and known.missing < self._needed:
                known.missing += 1
                if known.missing == self._needed:
                    known.is_kept = is_over(known, now) or keeps(known)
                    known.changed_at = now
            if _is_long_over(known, now):
                del self._bookings[booking_id]

    def _begin_look(self, name: str, address: str, mark: str) -> bool:
        """Whether this is a look that was not counted yet, at the same thing as before."""
        known = self._sources.get(name)
        if known is None or known.address != address:
            self._sources[name] = Source(address, mark, 1)
            return False
        if known.mark == mark:
            return False
        known.mark = mark
        known.looks = min(known.looks + 1, self._needed)
        return True

    def note(self, kind: str, digests: Mapping[str, str], now: datetime) -> None:
        """Notes records of another kind, all that there are."""
        known = self._others.get(kind, {})
        self._others[kind] = {
            one: known[one] if one in known and known[one][0] == print_ else (print_, now)
            for one, print_ in digests.items()
        }

    def changed(self, kind: str, window: tuple[datetime, datetime]) -> set[str]:
        """Ids of other records that were first seen as they are in a half-open window."""
        start, end = window
        return {one for one, (_, at) in self._others.get(kind, {}).items() if start <= at < end}

    def of(self, booking_id: str) -> Sighting | None:
        """What is known of a booking, there or missing."""
        return self._bookings.get(booking_id)

    def all(self) -> dict[str, Sighting]:
        return dict(self._bookings)

    def has_settled(self, source: str) -> bool:
        """Whether there were looks enough to say of an unknown id that the source does not have it."""
        known = self._sources.get(source)
        return known is not None and known.looks >= self._needed

    def is_gone(self, sighting: Sighting) -> bool:
        return sighting.missing >= self._needed and not sighting.is_kept

    def keep(self) -> None:
        """Writes the file, where something has changed. Raises `PmsRefused`."""
        document = {
            "version": VERSION,
            "sources": {name: _plain(one) for name, one in self._sources.items()},
            "bookings": {booking_id: _plain(one) for booking_id, one in self._bookings.items()},
            "others": {
                kind: {one: [print_, at.isoformat()] for one, (print_, at) in records.items()}
                for kind, records in self._others.items()
            },
        }
        text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
        if text == self._written:
            return
        beside = self._path.with_name(self._path.name + ".new")
        try:
            with open(os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(beside, self._path)
        except OSError as problem:
            raise self._trouble("written", problem) from None
        self._written = text

    def _trouble(self, done: str, problem: Exception) -> PmsRefused:
        reason = getattr(problem, "strerror", None) or "it is no text"
        return PmsRefused(
            f"{self._who}: what was seen is remembered in {self._path}, which cannot be {done} ({reason}): name "
            "another file in the setting `memory`"
        )


def stand_in(booking_id: str, of: str, sighting: Sighting, gone: bool, review: str) -> Booking:
    """A booking that is not there any more: cancelled where it is gone, otherwise unclear; `review` says how it is."""
    return Booking(
        id=booking_id,
        property_id=of,
        number=sighting.number,
        status=BookingStatus.CANCELLED if gone else BookingStatus.UNKNOWN,
        status_word="no longer listed",
        arrival=sighting.arrival,
        departure=sighting.departure,
        room_id=sighting.room_id,
        review=review,
    )


def touches(arrival: datetime | date, departure: datetime | date | None, window: tuple[datetime, datetime]) -> bool:
    """Whether a stay touches a window; of a day, any hour of it anywhere on earth."""
    start, end = window
    return _day_of(arrival) <= end.date() + timedelta(days=1) and (
        departure is None or _day_of(departure) >= start.date() - timedelta(days=1)
    )


def is_over(sighting: Sighting, now: datetime) -> bool:
    """Whether the stay has ended; on the day of departure it has not."""
    end = sighting.departure
    if end is None:
        return False
    return _day_of(end) < now.date() or (isinstance(end, datetime) and end.tzinfo is not None and end <= now)


def _is_long_over(sighting: Sighting, now: datetime) -> bool:
    if sighting.departure is not None:
        return _day_of(sighting.departure) < now.date() - timedelta(days=2)
    return sighting.missing > 0 and sighting.changed_at < now - timedelta(days=60)


def _day_of(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _moment(text: str) -> datetime | date:
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


def _plain(record: Sighting | Source) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value := getattr(record, name), date) else value
        for name in record.__dataclass_fields__
    }
