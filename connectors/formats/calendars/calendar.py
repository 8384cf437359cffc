"""All that a feed says: its events, as they stand in its newest version, and what was wrong with it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from connectors.formats.calendars.events import CalendarEvent, event_of
from connectors.formats.calendars.lines import charset_of, components_of, unfolded_lines
from connectors.formats.calendars.times import place_of, zones_of
from connectors.records import day_in
from mappers.sentences import say


@dataclass(frozen=True, slots=True)
class CalendarRead:
    """What a feed says."""

    events: list[CalendarEvent] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """Sentences about what was wrong and did not matter; without guests' data."""
    is_whole: bool = True
    """Otherwise it breaks off before its end: what it does not list may be listed all the same."""


def read_calendar(body: bytes, content_type: str | None, house: ZoneInfo) -> CalendarRead:
    """The events of an answer, those that cannot be used as well, in their order.

    `content_type` is the answer's header, whose charset counts where the bytes are not UTF-8. `house` is the zone in
    which floating hours are read where the calendar names no other (X-WR-TIMEZONE), and in which midnight is a day.
    Raises `NoCalendar` (a `ValueError`).
    """
    remarks: list[str] = []
    lines = unfolded_lines(body, charset_of(content_type), remarks)
    parts = components_of(lines, remarks)
    zones = zones_of(parts.zones)
    events = [
        event_of(one, zones | {"": place_of(head.zone)}, house, head.cancels, remarks)
        for one, head in zip(parts.events, parts.heads, strict=True)
    ]
    return CalendarRead(_newest(events, remarks), list(dict.fromkeys(remarks)), parts.is_whole)


def _newest(events: Sequence[CalendarEvent], remarks: list[str]) -> list[CalendarEvent]:
    """The events without former versions of themselves: of one UID and at one time, the highest SEQUENCE counts; of
    one title as well and without another SEQUENCE, what was modified last.

    Source: RFC 5545, 3.8.7.3 and 3.8.7.4. A UID that stands for stays at several times says nothing of them, and where
    the titles differ, it may stand for two people.
    """
    by_uid: dict[str, list[CalendarEvent]] = {}
    for one in events:
        if one.uid and one.problem is None:
            by_uid.setdefault(one.uid, []).append(one)
    former = set()
    for several in by_uid.values():
        newest: CalendarEvent | None = None
        for one in sorted(several, key=_version, reverse=True):
            if newest is not None and _is_former(one, newest) and _are_at_one_time(one, newest):
                former.add(id(one))
            elif newest is None:
                newest = one
    if former:
        remarks.append(say("Of an event there are several versions: the newest (SEQUENCE, LAST-MODIFIED) counts."))
    return [one for one in events if id(one) not in former]


def _version(event: CalendarEvent) -> tuple[int, datetime]:
    return event.sequence, event.modified or datetime.min.replace(tzinfo=UTC)


def _is_former(one: CalendarEvent, newest: CalendarEvent) -> bool:
    if one.sequence != newest.sequence:
        return one.sequence < newest.sequence
    tells_when = one.modified is not None and newest.modified is not None
    return tells_when and _version(one) < _version(newest) and one.summary == newest.summary


def _are_at_one_time(one: CalendarEvent, other: CalendarEvent) -> bool:
    own, others = ([day_in(event.starts), day_in(event.ends or date.max)] for event in (one, other))
    return own[0] < others[1] and others[0] < own[1]
