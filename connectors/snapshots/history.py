"""What is remembered of a source that only tells what is there now: an export, a calendar.

Such a source has no word for *changed* or *deleted*. So what was seen in it is noted in a small JSON file: ids, digests
of what was said of them, and the times of the stays; nothing by which a guest could be known, but for the records
themselves, sealed with a key that stands elsewhere. A booking that is not
there any more is missing; when it is gone, `AbsenceRule` says: by readings and by time. Without the file (a first
start, or a lost one) everything counts as changed, and nothing as gone, until there were readings enough again.
"""

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

from connectors.account_state import Memory
from connectors.errors import PmsRefused
from connectors.snapshots.seen import (
    VERSION,
    AbsenceRule,
    Reading,
    SeenBooking,
    Source,
    is_long_over,
    is_over,
    moments,
    of_version_1,
    plain,
)
from connectors.stays.recognise import Known
from connectors.stays.stay import from_memory, to_memory
from connectors.stays.who import are_same
from mappers.sentences import message, say

APART = timedelta(seconds=30)
"""Readings that are closer together count as one."""

A_FEW = 3
"""So many bookings that go missing at once are never an ordinary day, when they are more than are left."""


_MOST_READINGS = 9

_AT_MOST = 20
"""So many bookings of one name are looked at."""


NOT_READ = message(
    "{who}: what was seen is remembered in {file}, which cannot be read ({reason}): name another file in the setting "
    "`memory`"
)
NOT_WRITTEN = message(
    "{who}: what was seen is remembered in {file}, which cannot be written ({reason}): name another file in the "
    "setting "
    "`memory`"
)


class SnapshotHistory:
    """The memory of one connection."""

    def __init__(self, memory: Memory, who: str, rule: AbsenceRule, realm: str = ""):
        """`realm`: the property, where there is one only; for what was remembered before 0.5."""
        self._realm = realm
        self._memory = memory
        self._who = who
        self._rule = rule
        self._sources: dict[str, Source] = {}
        self._bookings: dict[str, SeenBooking] = {}
        self._others: dict[str, dict[str, tuple[str, datetime]]] = {}
        self._sealed: dict[str, tuple[str, str]] = {}
        """By booking: the digest of the record, and the record sealed."""
        self._written = ""

    # --- the file -----------------------------------------------------------------------------------------------------

    def recall(self) -> None:
        """Reads it; one that is not there or cannot be understood is empty. Raises `PmsRefused`."""
        self._sources, self._bookings, self._others, self._sealed, self._written = {}, {}, {}, {}, ""
        try:
            text = self._memory.read()
        except (OSError, UnicodeDecodeError) as problem:
            raise self._trouble(NOT_READ, problem) from None
        if text is None:
            return
        try:
            document = json.loads(text)
            if document["version"] == 1:
                document = of_version_1(document, self._realm)
            if document["version"] != VERSION:
                return
            sources = {name: Source(**moments(one)) for name, one in document["sources"].items()}
            bookings = {
                booking_id: SeenBooking(**moments(one) | {"stay": from_memory(one["stay"])})
                for booking_id, one in document["bookings"].items()
            }
            others = {
                kind: {one: (print_, datetime.fromisoformat(at)) for one, (print_, at) in records.items()}
                for kind, records in document["others"].items()
            }
            closed = {one: (str(print_), str(text)) for one, (print_, text) in document.get("sealed", {}).items()}
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError, OverflowError):
            return
        self._sources, self._bookings, self._others, self._written = sources, bookings, others, text
        self._sealed = closed

    def keep(self) -> None:
        """Writes it, where something has changed. Raises `PmsRefused`."""
        document = {
            "version": VERSION,
            "sources": {name: plain(one) for name, one in self._sources.items()},
            "bookings": {
                booking_id: plain(one) | {"stay": to_memory(one.stay)} for booking_id, one in self._bookings.items()
            },
            "others": {
                kind: {one: [print_, at.isoformat()] for one, (print_, at) in records.items()}
                for kind, records in self._others.items()
            },
            "sealed": {
                one: list(closed)
                for one, closed in self._sealed.items()
                if one in self._bookings and not self._bookings[one].is_gone
            },
        }
        text = json.dumps(document, ensure_ascii=True, separators=(",", ":"))
        if text == self._written:
            return
        try:
            self._memory.write(text)
        except OSError as problem:
            raise self._trouble(NOT_WRITTEN, problem) from None
        self._written = text

    def _trouble(self, told: str, problem: Exception) -> PmsRefused:
        reason = getattr(problem, "strerror", None) or say("it is no text")
        return PmsRefused.saying(told, who=self._who, file=str(self._memory), reason=reason)

    # --- what is known ------------------------------------------------------------------------------------------------

    def of(self, booking_id: str) -> SeenBooking | None:
        """What is known of a booking, there or missing."""
        return self._bookings.get(booking_id)

    def sealed_of(self, booking_id: str) -> str | None:
        """The record of a booking, sealed, as it was last seen; None where that was not kept."""
        known, closed = self._bookings.get(booking_id), self._sealed.get(booking_id)
        return closed[1] if known is not None and closed is not None and closed[0] == known.digest else None

    def keep_sealed(self, booking_id: str, text: str) -> None:
        """Takes up the record of a booking that was seen, sealed."""
        self._sealed[booking_id] = self._bookings[booking_id].digest, text

    def all(self) -> dict[str, SeenBooking]:
        return dict(self._bookings)

    def known(self) -> dict[str, Known]:
        """For the rule of identity."""
        return {one: Known(seen.stay, seen.is_gone, seen.readings) for one, seen in self._bookings.items()}

    def has_settled(self, sources: Collection[str], now: datetime) -> bool:
        """Whether there were readings enough, and for long enough, to say of an unknown id that no source has it."""
        for name in sources:
            known = self._sources.get(name)
            if known is None or known.readings < self._rule.gone_readings:
                return False
            if now - known.since < self._rule.gone_for:
                return False
        return True

    # --- a reading ----------------------------------------------------------------------------------------------------

    def look(
        self,
        sources: Mapping[str, Reading],
        used: Collection[str],
        present: Mapping[str, SeenBooking],
        untold: Collection[str],
        now: datetime,
        day: Callable[[datetime], date],
        is_kept: Callable[[SeenBooking, date], bool],
        ends_today: Callable[[SeenBooking], bool],
    ) -> None:
        """Notes what is there now, and what is missing.

        `sources`: those that were read well and whole; nothing is missing from the others. `used`: all that the
        settings name. `present`: what is there, of good and other sources. `untold`: ids that are there and cannot be
        read. `day`: an instant's day at the property. `is_kept` decides, once a booking has been missing for long
        enough, whether it goes on all the same, as of a day; `ends_today` whether the hour of departures is past.
        """
        today = day(now)
        for booking_id, seen in present.items():
            before = self._bookings.get(booking_id)
            seen.seen_at = before.seen_at if before is not None else now
            seen.readings = 1
            same = before is not None and before.digest == seen.digest and not before.is_gone
            if before is not None and same:
                seen.changed_at = before.changed_at
                seen.readings = min(before.readings + 1, _MOST_READINGS)
            else:
                seen.changed_at = now
            self._bookings[booking_id] = seen
        fresh = {name for name, reading in sources.items() if self._begin(name, reading.mark, now)}
        told = present.keys() | set(untold)
        missing: dict[str, SeenBooking] = {}
        for booking_id, known in list(self._bookings.items()):
            if is_long_over(known, now, today):
                del self._bookings[booking_id]
            elif booking_id not in told and not is_over(known, today) and self._is_missing_from(known, sources, used):
                missing[booking_id] = known
        ill = self._much_shorter(sources, present, missing, today)
        rivals = _elsewhere(missing, present) | _rivals(missing, present)
        for booking_id, known in missing.items():
            self._miss(known, rivals.get(booking_id), fresh, ill, now, day, is_kept, ends_today)

    def _begin(self, name: str, mark: str, now: datetime) -> bool:
        """Whether this is a reading that was not counted yet."""
        known = self._sources.get(name)
        if known is None:
            self._sources[name] = Source(mark, 1, now, now)
            return True
        if known.mark == mark:
            return False
        known.mark = mark
        if now - known.counted_at >= APART:
            known.readings = min(known.readings + 1, _MOST_READINGS)
            known.counted_at = now
        return True

    def _is_missing_from(self, known: SeenBooking, sources: Mapping[str, Reading], used: Collection[str]) -> bool:
        """Whether every source in which it stood was read, and one at least."""
        where = known.stay.sources & set(used)
        return bool(where) and where <= sources.keys()

    def _much_shorter(
        self,
        sources: Mapping[str, Reading],
        present: Mapping[str, SeenBooking],
        missing: Mapping[str, SeenBooking],
        today: date,
    ) -> set[str]:
        """Sources that are empty all at once, or have lost more than half and more than two of their bookings that have
        not ended; all of them where this is so of all together."""
        there: dict[str, int] = defaultdict(int)
        lost: dict[str, int] = defaultdict(int)
        living = [one for one in present.values() if not is_over(one, today)]
        waited_for = [one for one in missing.values() if not one.is_gone]
        for one in living:
            for source in one.stay.sources:
                there[source] += 1
        for one in waited_for:
            for source in one.stay.sources:
                lost[source] += 1
        if len(waited_for) >= A_FEW and len(waited_for) > len(living):
            return set(sources)
        return {
            source
            for source, number in lost.items()
            if (source in sources and not sources[source].entries) or (number >= A_FEW and number > there[source])
        }

    def _miss(
        self,
        known: SeenBooking,
        rival: str | None,
        fresh: Collection[str],
        ill: Collection[str],
        now: datetime,
        day: Callable[[datetime], date],
        is_kept: Callable[[SeenBooking, date], bool],
        ends_today: Callable[[SeenBooking], bool],
    ) -> None:
        if known.is_gone:
            return
        counts = bool(known.stay.sources & set(fresh))
        if known.missing_since is None:
            if not counts:
                return
            known.missing_since, known.missing, known.counted_at, known.changed_at = now, 1, now, now
        elif counts and now - known.counted_at >= APART:
            known.missing, known.counted_at = min(known.missing + 1, _MOST_READINGS), now
        known.is_among_many = bool(known.stay.sources & set(ill))
        if counts:
            self._note_rival(known, rival)
        if known.rival_readings >= 2 and self._has_to_go(known, day(now), ends_today):
            known.is_gone, known.is_kept, known.changed_at = True, False, now
            return
        if known.is_kept:
            return
        rule = self._rule
        waited, readings = now - known.missing_since, known.missing
        if known.is_among_many:
            enough = waited >= rule.empty_for and readings >= rule.empty_readings
            as_of = day(now)
        else:
            enough = waited >= rule.gone_for and readings >= rule.gone_readings
            as_of = day(known.missing_since)
        if enough:
            known.is_kept = is_kept(known, as_of)
            known.is_gone = not known.is_kept
            known.changed_at = now

    def _note_rival(self, known: SeenBooking, rival: str | None) -> None:
        """Another booking of the same time and room proves that this one is over, when a second reading says so too:
        one that came after it; where its source is well, any."""
        if rival is not None:
            other = self._bookings[rival]
            is_newer = other.seen_at > known.seen_at
            if not is_newer and known.is_among_many:
                rival = None
        if rival is None:
            known.rival, known.rival_readings = "", 0
        else:
            known.rival_readings = min(known.rival_readings + 1, 2) if known.rival == rival else 1
            known.rival = rival

    def _has_to_go(self, known: SeenBooking, today: date, ends_today: Callable[[SeenBooking], bool]) -> bool:
        """At once, where its stay has not begun; otherwise on the day on which the other begins, as on any day of
        departure."""
        begins = self._bookings[known.rival].stay.first if known.rival in self._bookings else today
        if known.stay.first > today or begins <= known.stay.first or begins < today:
            return True
        return begins == today and ends_today(known)

    # --- records of other kinds ---------------------------------------------------------------------------------------

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


def _rivals(missing: Mapping[str, SeenBooking], present: Mapping[str, SeenBooking]) -> dict[str, str]:
    """By id of a missing booking, the booking that is there in its room at its time; the earliest of several."""
    by_room: dict[Any, list[tuple[date, date, str]]] = defaultdict(list)
    for booking_id, seen in present.items():
        if seen.stay.lives:
            for part in seen.stay.parts:
                by_room[seen.stay.realm, part.room].append((part.first, part.last, booking_id))
    latest: dict[Any, list[date]] = {}
    for room, several in by_room.items():
        several.sort()
        latest[room] = list(accumulate((last for _, last, _ in several), max))
    found: dict[str, str] = {}
    for booking_id, known in missing.items():
        for part in known.stay.parts:
            room = (known.stay.realm, part.room)
            several = by_room.get(room, [])
            # Those before this place have all ended by then.
            for first, _, other in several[bisect_left(latest.get(room, []), part.first) :]:
                if first > part.last:
                    break
                if present[other].stay.shares_room_and_time(known.stay):
                    found.setdefault(booking_id, other)
                    break
    return found


def _elsewhere(missing: Mapping[str, SeenBooking], present: Mapping[str, SeenBooking]) -> dict[str, str]:
    """By id of a missing booking, the booking of the same guest at the same time in another room, where that has come
    later: she has moved, and one feed told it before the other."""
    by_person: dict[Any, list[str]] = defaultdict(list)
    for booking_id, seen in present.items():
        if seen.stay.lives:
            for person in seen.stay.people:
                for key in (person.id, person.words, *person.contacts):
                    if key:
                        by_person[seen.stay.realm, key].append(booking_id)
    found: dict[str, str] = {}
    for booking_id, known in missing.items():
        for person in known.stay.people:
            for key in (person.id, person.words, *person.contacts):
                for other in by_person.get((known.stay.realm, key), ())[:_AT_MOST] if key else ():
                    seen = present[other]
                    if (
                        seen.seen_at > known.seen_at
                        and are_same(seen.stay.people, known.stay.people)
                        and seen.stay.overlaps(known.stay)
                        and not seen.stay.rooms & known.stay.rooms
                        and not (seen.stay.number and known.stay.number)
                    ):
                        found.setdefault(booking_id, other)
    return found
