"""A calendar's bytes become events: whatever is wrong in one line costs that event, never the feed.

The rules of RFC 5545 are the start, and what platforms and people make of them is the rest: other code pages, folds in
the middle of a letter, several calendars in one answer, text around them, components that nobody closed. Days are days
however they are written: midnight is no hour at which anybody arrives.

Nothing here knows rooms, bookings or what an event means. Everything runs in time that grows with the text, no faster.
"""

import html
import quopri
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from connectors.code_pages import decoded, is_wide
from connectors.time_zones import DefinedZone, UnknownZone, known_zone, zone_named

LONGEST_TEXT = 10_000
"""Characters of a summary, description or any other text; the rest of it is left out."""
LONGEST_NAME = 60
YEARS = range(1900, 2200)
"""A moment outside of them is nobody's arrival."""
PLAUSIBLE_ARRIVAL, PLAUSIBLE_DEPARTURE = (time(10), time(23)), (time(5), time(18))
"""Local hours at which 00:00 UTC, beside a real hour at the other end, may be meant as an hour."""

_KNOWN = frozenset(
    "ACTION ATTACH ATTENDEE CALSCALE CATEGORIES CLASS COLOR COMMENT COMPLETED CONCEPT CONFERENCE CONTACT CREATED "
    "DESCRIPTION DTEND DTSTAMP DTSTART DUE DURATION EXDATE EXRULE GEO IMAGE LAST-MODIFIED LINK LOCATION LOCATION-TYPE "
    "METHOD NAME ORGANIZER PARTICIPANT-TYPE PERCENT-COMPLETE PRIORITY PRODID RDATE RECURRENCE-ID REFID "
    "REFRESH-INTERVAL RELATED-TO REQUEST-STATUS RESOURCES RESOURCE-TYPE RRULE SEQUENCE SOURCE STATUS "
    "STRUCTURED-DATA STYLED-DESCRIPTION SUMMARY TRANSP UID URL VERSION".split()
)
"""Names of properties (RFC 5545, 7986, 9073). Another name at the start of a line is a line of the text before it."""
_TEXTS = ("SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT")
_DECISIVE = re.compile(r"(DTSTART|DTEND|DURATION|RRULE|RDATE|RECURRENCE-ID|STATUS)(?![A-Za-z0-9-])", re.IGNORECASE)
"""A line that begins so and has no value must not pass for one that is not there."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")
_MOMENT = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d\d)(?P<day>\d\d)|[-/](?P<a_month>\d{1,2})[-/](?P<a_day>\d{1,2}))"
    r"(?:[T ] ?(?:(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]\d{1,9})?)?"
    r"\s?(?P<offset>Z|[+-]\d\d(?::?\d\d)?)?)?)?",
    re.IGNORECASE,
)
_LAST_VALUE = re.compile(r"[:;]([^:;]{1,40})$")
_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?", re.IGNORECASE
)
_ESCAPED = re.compile(r"\\([nN,;:\\\"])")
_ONCE = re.compile(r"(?:^|;)COUNT=1(?:;|$)", re.IGNORECASE)
_TAG = re.compile(r"<[^<>]{0,300}>")
_BREAK = re.compile(r"<(?:br|/p|/div)\b[^<>]{0,100}>", re.IGNORECASE)


Zones = dict[str, DefinedZone | tzinfo | None]
"""What a calendar itself says of zones, by the name in folded case; None for what cannot be read. By the empty name
the zone of its floating hours, where it names one."""


class NoCalendar(ValueError):
    """The bytes are no calendar at all; the message says what they are instead, as the end of "it is ..."."""


GUESSED = "is not written in UTF-8"
"""Of a feed whose code page is told nowhere."""


@dataclass(frozen=True, slots=True)
class CalendarEvent:
    """One VEVENT, its texts without their escapes; what is not there is empty."""

    uid: str = ""
    summary: str = field(default="", repr=False)
    description: str = field(default="", repr=False)
    location: str = field(default="", repr=False)
    url: str = field(default="", repr=False)
    status: str = ""
    """As it is written; several with a comma between them. "CANCELLED" where its calendar cancels (METHOD:CANCEL)."""
    starts: date | datetime = date.min
    """A date, or an aware UTC datetime where the event tells a real hour. No meaning where there is a `problem`."""
    ends: date | datetime | None = None
    """The first day that is no part of it, or an aware UTC datetime."""
    sequence: int = 0
    modified: datetime | None = None
    """Aware UTC, where the event tells it (LAST-MODIFIED, else CREATED)."""
    problem: str | None = None
    """Why it cannot be used, as the end of a sentence that begins with "The event": never passed over in silence."""
    categories: str = ""
    busy: str = ""
    """Microsoft's word for it (X-MICROSOFT-CDO-BUSYSTATUS): FREE, TENTATIVE, BUSY, OOF."""


@dataclass(frozen=True, slots=True)
class CalendarRead:
    """What a feed says."""

    events: list[CalendarEvent] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    """Sentences about what was wrong and did not matter; without guests' data."""
    is_whole: bool = True
    """Otherwise it breaks off before its end: what it does not list may be listed all the same."""


@dataclass(slots=True)
class _Property:
    name: str
    params: dict[str, str]
    value: str


@dataclass(frozen=True, slots=True)
class _Moment:
    """A DTSTART or DTEND, understood."""

    written: datetime
    """As it is written, naive."""
    at: datetime | None
    """Aware UTC; None for a day."""
    in_utc: bool = False
    is_day: bool = False
    """Says of itself that it is a day (VALUE=DATE), or tells no hour."""


class _Unusable(Exception):
    """The message: why an event cannot be used, as the end of a sentence."""


def read_calendar(body: bytes, content_type: str | None, house: ZoneInfo) -> CalendarRead:
    """The events of an answer, those that cannot be used as well, in their order.

    `content_type` is the answer's header, whose charset counts where the bytes are not UTF-8. `house` is the zone in
    which floating hours are read where the calendar names no other (X-WR-TIMEZONE), and in which midnight is a day.
    Raises `NoCalendar` (a `ValueError`).
    """
    remarks: list[str] = []
    lines = _lines(body, _charset(content_type), remarks)
    parts = _split(lines, remarks)
    zones = _zones(parts.zones)
    events = [
        _event(one, zones | {"": _place(head.zone)}, house, head.cancels, remarks)
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
        remarks.append("Of an event there are several versions: the newest (SEQUENCE, LAST-MODIFIED) counts.")
    return [one for one in events if id(one) not in former]


def _version(event: CalendarEvent) -> tuple[int, datetime]:
    return event.sequence, event.modified or datetime.min.replace(tzinfo=UTC)


def _is_former(one: CalendarEvent, newest: CalendarEvent) -> bool:
    if one.sequence != newest.sequence:
        return one.sequence < newest.sequence
    tells_when = one.modified is not None and newest.modified is not None
    return tells_when and _version(one) < _version(newest) and one.summary == newest.summary


def _are_at_one_time(one: CalendarEvent, other: CalendarEvent) -> bool:
    def days(event: CalendarEvent) -> tuple[date, date]:
        first, last = (
            moment.date() if isinstance(moment, datetime) else moment
            for moment in (event.starts, event.ends or date.max)
        )
        return first, last

    return days(one)[0] < days(other)[1] and days(other)[0] < days(one)[1]


# --- from bytes to lines ----------------------------------------------------------------------------------------------


def _charset(content_type: str | None) -> str | None:
    found = re.search(r"charset\s{0,5}=\s{0,5}[\"']?([\w.:-]{1,40})", (content_type or "")[:500], re.IGNORECASE)
    return found[1] if found else None


def _lines(body: bytes, charset: str | None, remarks: list[str]) -> list[str]:
    """Content lines, put together again from their folds, in letters.

    A fold may stand within a letter (RFC 5545, 3.1), so bytes are unfolded before they are decoded.
    """
    if is_wide(body):
        text, guessed = decoded(body, charset)
        body = text.encode("utf-8", "replace")
    elif body.startswith(b"\xef\xbb\xbf"):
        body = body[3:]
    upper = body.upper()
    start = min((at for at in (upper.find(b"BEGIN:VCALENDAR"), upper.find(b"BEGIN:VEVENT")) if at >= 0), default=-1)
    if start < 0:
        raise NoCalendar(_what_it_is(body))
    before = body[:start]
    if b"<" in before:
        inside = _BREAK.sub("\n", decoded(body[start:], charset)[0])
        body = html.unescape(_TAG.sub("", inside)).encode("utf-8", "replace")
        remarks.append("The calendar is wrapped into a page of HTML.")
    else:
        body = body[start:]
        if before.strip():
            remarks.append("There is text before the calendar.")
    whole = b"\n".join(_unfolded(body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")))
    text, guessed = decoded(whole, charset)
    if guessed:
        remarks.append(f"The feed {GUESSED}, as calendars are: it was read as {guessed}.")
    return text.replace("\0", "").split("\n")


def _unfolded(raw: Iterable[bytes]) -> list[bytes]:
    raw = list(raw)
    is_indented = not any(one[:9].upper() == b"BEGIN:VEV" for one in raw)
    lines: list[list[bytes]] = []
    for one in raw:
        bare = one.strip()
        if not bare:
            continue
        is_edge = bare[:6].upper() == b"BEGIN:" or bare[:4].upper() == b"END:"
        if one[:1] in (b" ", b"\t") and lines and not is_edge and not is_indented:
            lines[-1].append(one[1:])
        else:
            lines.append([bare if is_edge or is_indented else one])
    return [b"".join(several) for several in lines]


def _what_it_is(body: bytes) -> str:
    start = body[:2_000].strip().lower()
    if not start:
        return "empty"
    if start[:1] in (b"{", b"["):
        return "JSON and no calendar"
    if b"<html" in start or b"<!doctype" in start or b"<head" in start or start.startswith(b"<"):
        return "a web page and no calendar: perhaps one to sign in"
    if start.startswith((b"pk\x03\x04", b"%pdf")):
        return "a document and no calendar"
    return "no calendar"


# --- from lines to components -----------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Head:
    """What a calendar says of all its events; it may say so below them."""

    cancels: bool = False
    """METHOD:CANCEL."""
    zone: str = ""
    """X-WR-TIMEZONE: whose clocks its floating hours tell."""


@dataclass(slots=True)
class _Parts:
    events: list[list[str]] = field(default_factory=list)
    zones: list[list[str]] = field(default_factory=list)
    heads: list["_Head"] = field(default_factory=list)
    """Of each event: its calendar's."""
    is_whole: bool = True


_CUT_OFF = "X-NIGHTPORTER-CUT-OFF:1"
"""Behind the lines of an event at which the feed breaks off."""


def _split(lines: Sequence[str], remarks: list[str]) -> _Parts:
    """The lines of each event and each definition of a zone, without what is nested in the events."""
    parts = _Parts()
    event: list[str] | None = None
    zone: list[str] | None = None
    nested: list[str] = []
    loose: list[str] = []
    """Lines since the last edge, in nothing that is known."""
    calendars, is_open, head = 0, False, _Head()

    def close_event() -> None:
        nonlocal event
        if event is not None:
            parts.events.append(event)
            parts.heads.append(head)
        event = None
        nested.clear()

    for line in lines:
        edge, _, name = line.partition(":")
        edge, name = edge.strip().upper(), name.strip().upper()
        if edge == "END" and name == "VEVENT" and event is None and any(map(_DECISIVE.match, loose)):
            # Where it begins, a letter may be wrong.
            remarks.append("An event ends (END:VEVENT) that does not begin.")
            event = list(loose)
        if edge in ("BEGIN", "END"):
            loose.clear()
        if edge == "BEGIN":
            if name == "VCALENDAR":
                calendars, is_open = calendars + 1, True
                close_event()
                zone, head = None, _Head()
            elif name == "VEVENT":
                if event is not None:
                    remarks.append("An event is not closed (END:VEVENT) before the next one begins.")
                close_event()
                zone = None
                event = []
            elif event is not None:
                nested.append(name)
            elif name == "VTIMEZONE":
                zone = []
                parts.zones.append(zone)
            elif zone is not None:
                zone.append(line)
        elif edge == "END":
            if name == "VCALENDAR":
                if event is not None:
                    remarks.append("An event is not closed (END:VEVENT) before the calendar ends.")
                close_event()
                zone, is_open = None, False
            elif name == "VEVENT":
                close_event()
            elif name == "VTIMEZONE":
                zone = None
            elif name in nested:
                del nested[nested.index(name) :]
            elif zone is not None:
                zone.append(line)
        elif event is not None:
            if not nested:
                event.append(line)
        elif zone is not None:
            zone.append(line)
        elif edge == "METHOD" and name == "CANCEL":
            head.cancels = True
        elif edge.partition(";")[0] == "X-WR-TIMEZONE":
            head.zone = head.zone or line.partition(":")[2].strip()
        else:
            loose.append(line)
            if not is_open:
                remarks.append("There is text after the calendar.")
    if event is not None:
        event.append(_CUT_OFF)
        close_event()
    if not calendars and not parts.events:
        raise NoCalendar("no calendar")
    if is_open or not calendars:
        parts.is_whole = not is_open and lines[-1:] != [] and lines[-1].strip().upper() == "END:VCALENDAR"
        if not parts.is_whole:
            remarks.append("The feed breaks off before its end.")
    if calendars > 1:
        remarks.append(f"There are {calendars} calendars in one feed.")
    return parts


def _property(line: str) -> _Property | None:
    """A content line, or None for what is none. A colon within quotes belongs to a parameter."""
    quoted, at = False, -1
    for found in re.finditer(r'[":]', line):
        if found[0] == '"':
            quoted = not quoted
        elif not quoted:
            at = found.start()
            break
    if at < 0:
        at = line.find(":")
    if at < 0:
        return None
    head, value = line[:at], line[at + 1 :]
    name, _, rest = head.partition(";")
    name = name.strip().upper()
    if len(name) > LONGEST_NAME or not _NAME.fullmatch(name):
        return None
    params: dict[str, str] = {}
    for one in re.findall(r'(?:"[^"]*"|[^";])+', rest[:2_000]):
        key, _, text = one.partition("=")
        params.setdefault(key.strip().upper(), text.strip().strip('"').strip())
    return _Property(name, params, value)


# --- from components to events ----------------------------------------------------------------------------------------


def _event(lines: Sequence[str], zones: Zones, house: ZoneInfo, cancels: bool, remarks: list[str]) -> CalendarEvent:
    found: dict[str, list[_Property]] = {}
    last: _Property | None = None
    problem: str | None = None
    extra: list[str] = []
    unreadable: list[str] = []
    has_other_date = False
    for line in lines:
        if line == _CUT_OFF:
            problem = "is cut off: the feed breaks off in the middle of it"
            continue
        one = _property(line)
        if one is None or one.name not in _KNOWN:
            ending = _LAST_VALUE.search(line[-60:])
            has_other_date = has_other_date or bool(ending and _MOMENT.fullmatch(ending[1].strip()))
        if one is not None and (one.name in _KNOWN or one.name.startswith("X-")):
            found.setdefault(one.name, []).append(one)
            last = one
        elif (broken := _DECISIVE.match(line)) is not None:
            unreadable.append(broken[1].upper())
        elif last is not None and last.name in _TEXTS:
            # Whoever wrote the feed put a line break into a text as it is.
            if len(last.value) < LONGEST_TEXT:
                last.value += "\\n" + line
        elif one is not None:
            extra.append(line)
        else:
            remarks.append("An event has a line that is no property: it was passed over.")
    lost = next((name for name in unreadable if name not in found), None)
    if lost is not None:
        problem = problem or f"has a {lost} that cannot be read"
    elif has_other_date and not found.keys() & {"DTEND", "DURATION"}:
        # The end itself, under a name with a wrong letter: not one night.
        problem = problem or "has a date in a line that cannot be read, and no end (DTEND)"
    summary, description, location, comment, contact = (_texts(found.get(name, [])) for name in _TEXTS)
    status = ", ".join(dict.fromkeys(_plain(one.value).strip() for one in found.get("STATUS", [])))[:200]
    event = CalendarEvent(
        uid=_first(found, "UID"),
        summary=summary,
        description="\n".join(filter(None, (description, comment, contact, *extra)))[:LONGEST_TEXT],
        location=location,
        url=_first(found, "URL"),
        status="CANCELLED" if cancels else status,
        sequence=_number(_first(found, "SEQUENCE")),
        modified=_stamp(found, house),
        problem=problem,
        categories=_texts(found.get("CATEGORIES", [])),
        busy=_first(found, "X-MICROSOFT-CDO-BUSYSTATUS").upper(),
    )
    try:
        starts, ends = _days(found, zones, house)
    except _Unusable as reason:
        return replace(event, problem=problem or str(reason))
    return replace(event, starts=starts, ends=ends)


def _first(found: dict[str, list[_Property]], name: str) -> str:
    return next((text for one in found.get(name, []) if (text := _plain(one.value).strip())), "")[:LONGEST_TEXT]


def _texts(several: Sequence[_Property]) -> str:
    texts = [_quoted_printable(one) for one in several]
    return "\n".join(dict.fromkeys(filter(None, (_plain(one).strip() for one in texts))))[:LONGEST_TEXT]


def _quoted_printable(one: _Property) -> str:
    """Source: vCalendar 1.0, which some exports still are."""
    text = one.value[: 2 * LONGEST_TEXT]
    if one.params.get("ENCODING", "").upper() != "QUOTED-PRINTABLE":
        return text
    return quopri.decodestring(text.encode()).decode("utf-8", "replace")


def _plain(value: str) -> str:
    """Source: RFC 5545, 3.3.11."""
    return _ESCAPED.sub(lambda one: "\n" if one[1] in "nN" else one[1], value[: 2 * LONGEST_TEXT])


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0


def _stamp(found: dict[str, list[_Property]], house: ZoneInfo) -> datetime | None:
    for name in ("LAST-MODIFIED", "CREATED"):
        for one in found.get(name, []):
            try:
                return _moment(one, {}, house).at
            except (_Unusable, UnknownZone):
                continue
    return None


def _days(found: dict[str, list[_Property]], zones: Zones, house: ZoneInfo) -> tuple[date | datetime, date | datetime]:
    """Source: RFC 5545, 3.6.1: the end is no part of the event; without an end, a day lasts a day."""
    for name in ("RRULE", "EXRULE", "RDATE", "RECURRENCE-ID"):
        values = [one.value[:200].strip() for one in found.get(name, [])]
        if any(value and not _ONCE.search(value) for value in values):
            raise _Unusable(f"repeats itself ({name}), which no stay does: write it as single events")
    start, end = (_only(found, name, zones, house) for name in ("DTSTART", "DTEND"))
    if start is None:
        raise _Unusable("has no start (DTSTART)")
    starts = _start_of(start, end, house)
    if end is not None:
        ends = _end_of(end, start, isinstance(starts, datetime) or _is_last(start, house), house)
    elif (duration := _duration(found)) is not None:
        ends = _end_after(start, duration, house)
    elif isinstance(starts, datetime):
        raise _Unusable("has a start with an hour and no end (DTEND)")
    else:
        ends = starts + timedelta(days=1)
    if not isinstance(starts, datetime) and starts == ends:
        ends = starts + timedelta(days=1)
    if not _is_before(starts, ends, house):
        raise _Unusable("ends before it begins, or at the same moment")
    return starts, ends


def _only(found: dict[str, list[_Property]], name: str, zones: Zones, house: ZoneInfo) -> _Moment | None:
    moments = []
    for one in found.get(name, []):
        try:
            moments.append(_moment(one, zones, house))
        except UnknownZone:
            told = one.params["TZID"][:60]
            raise _Unusable(
                f'names the time zone "{told}", which nobody knows: give it an IANA name, such as {house.key}'
            ) from None
        except _Unusable as problem:
            raise _Unusable(f"has a {name} that {problem}") from None
    if len(set(moments)) > 1:
        raise _Unusable(f"has {len(moments)} different values of {name}")
    return moments[0] if moments else None


def _moment(one: _Property, zones: Zones, house: ZoneInfo) -> _Moment:
    value = one.value.strip()
    match = _MOMENT.fullmatch(value) if len(value) <= 60 else None
    tzid = one.params.get("TZID", "")
    if match is None and (last := _LAST_VALUE.search(value[-60:])) is not None:
        # A parameter with a colon that nobody put into quotes, such as (UTC+01:00).
        match = _MOMENT.fullmatch(last[1].strip())
        tzid = f"{tzid}:{value[: -len(last[0])]}" if tzid else ""
    if match is None:
        raise _Unusable("cannot be read")
    year, month, day = int(match["year"]), int(match["month"] or match["a_month"]), int(match["day"] or match["a_day"])
    hours, minutes, seconds = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    if year not in YEARS:
        raise _Unusable(f"lies in the year {year}")
    try:
        written = datetime(year, month, day) + timedelta(days=1) * (hours == 24)  # noqa: DTZ001 - as it is written.
        written = written.replace(hour=hours % 24, minute=minutes, second=min(seconds, 59))
    except (ValueError, OverflowError):
        raise _Unusable("is no day of the calendar, or no time of day") from None
    if match["hour"] is None:
        return _Moment(written, None, is_day=True)
    is_day = one.params.get("VALUE", "").upper() == "DATE"
    offset = (match["offset"] or "").upper()
    if offset:
        ahead = timedelta() if offset == "Z" else _offset(offset)
        return _Moment(written, (written - ahead).replace(tzinfo=UTC), not ahead, is_day)
    try:
        zone = zone_named(tzid, zones) if tzid else zones.get("") or house
    except UnknownZone:
        if is_day or _is_midnight(written.time()):
            # The day is the same, whatever the zone.
            return _Moment(written, None, is_day=True)
        raise
    return _Moment(written, _instant(written, zone), _is_utc(zone, written), is_day)


def _instant(written: datetime, zone: tzinfo | DefinedZone) -> datetime:
    if isinstance(zone, DefinedZone):
        return (written - zone.offset_at(written)).replace(tzinfo=UTC)
    return written.replace(tzinfo=zone).astimezone(UTC)


def _is_utc(zone: tzinfo | DefinedZone, written: datetime) -> bool:
    return zone is UTC or (isinstance(zone, ZoneInfo) and zone.key in ("UTC", "Etc/UTC", "Zulu", "Etc/Zulu"))


def _offset(text: str) -> timedelta:
    digits = re.sub(r"\D", "", text)
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    if ahead > timedelta(hours=14):
        raise _Unusable("has an offset from UTC that no place has")
    return -ahead if text[0] == "-" else ahead


def _is_midnight(at: time) -> bool:
    """The first minute after it as well: whole days are written 00:01 to 23:59, and nobody arrives then."""
    return at.hour == 0 and at.minute <= 1


def _is_last_minute(at: time) -> bool:
    return (at.hour, at.minute) == (23, 59)


def _is_last(moment: _Moment, house: ZoneInfo) -> bool:
    """Whether a moment is the last minute of a day, as it is written or at the house."""
    return moment.at is not None and any(_is_last_minute(one.time()) for one in (_there(moment, house), moment.written))


def _there(moment: _Moment, house: ZoneInfo) -> datetime:
    """The moment by the house's clocks; of a day its beginning."""
    return moment.written if moment.at is None else moment.at.astimezone(house).replace(tzinfo=None)


def _day_of(moment: _Moment, house: ZoneInfo) -> date | None:
    """The day of what is a midnight, as it is written or at the house; None for a real hour."""
    if moment.at is None:
        return moment.written.date()
    there = _there(moment, house)
    if _is_midnight(there.time()):
        return there.date()
    if _is_midnight(moment.written.time()) or moment.is_day:
        return moment.written.date()
    return None


def _is_hour(moment: _Moment, other: _Moment | None, plausible: tuple[time, time], house: ZoneInfo) -> bool:
    """Whether a 00:00 UTC may be an hour of the house: the other end has a real one, and people come or go then.

    A house in Tokyo whose guests leave at 9:00 writes 00:00Z; whole days that a program wrote as UTC are midnights at
    both ends.
    """
    if not moment.in_utc or moment.is_day or other is None or other.at is None:
        return False
    there = _there(moment, house).time()
    return not _is_midnight(there) and plausible[0] <= there <= plausible[1] and _day_of(other, house) is None


def _start_of(start: _Moment, end: _Moment | None, house: ZoneInfo) -> date | datetime:
    """The last minute of a day is that day: nobody arrives then, and the hour is not known."""
    day = _day_of(start, house)
    if day is None and _is_last(start, house):
        return next(one.date() for one in (_there(start, house), start.written) if _is_last_minute(one.time()))
    if day is None or _is_hour(start, end, PLAUSIBLE_ARRIVAL, house):
        assert start.at is not None
        return start.at
    return day


def _end_of(end: _Moment, start: _Moment, starts_with_hour: bool, house: ZoneInfo) -> date | datetime:
    """The last minute of a day is the midnight behind it where whole days are meant.

    Behind a real hour of arrival it says that the hour of departure is not known.
    """
    day = _day_of(end, house)
    if day is not None and not _is_hour(end, start, PLAUSIBLE_DEPARTURE, house):
        return day
    for written in (_there(end, house), end.written):
        if _is_last_minute(written.time()):
            return written.date() + timedelta(days=0 if starts_with_hour else 1)
    assert end.at is not None
    return end.at


def _end_after(start: _Moment, duration: tuple[int, timedelta], house: ZoneInfo) -> date | datetime:
    """Source: RFC 5545, 3.3.6: days are counted by the calendar, hours by the clock."""
    days, rest = duration
    written = start.written + timedelta(days=days)
    if start.at is None:
        end = _Moment(written, None, is_day=True)
        if rest:
            written += rest
            end = _Moment(written, written.replace(tzinfo=house).astimezone(UTC))
    else:
        ahead = start.written - start.at.replace(tzinfo=None)
        end = _Moment(written + rest, (written + rest - ahead).replace(tzinfo=UTC), start.in_utc)
        there = _there(start, house) + timedelta(days=days)
        if rest == timedelta() and not _is_midnight(there.time()):
            end = replace(end, at=there.replace(tzinfo=house).astimezone(UTC))
    return _end_of(end, start, _day_of(start, house) is None, house)


def _duration(found: dict[str, list[_Property]]) -> tuple[int, timedelta] | None:
    """Days, and the rest as time by the clock."""
    for one in found.get("DURATION", []):
        value = one.value.strip()
        match = _DURATION.fullmatch(value) if len(value) <= 60 else None
        if match is None or not any(match.groups()[1:]):
            raise _Unusable("has a DURATION that cannot be read")
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
        rest = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        whole = 7 * weeks + days + rest.days
        if match[1] == "-":
            raise _Unusable("ends before it begins")
        if whole > 3_660:
            raise _Unusable("lasts more than ten years")
        return whole, rest - timedelta(days=rest.days)
    return None


def _is_before(starts: date | datetime, ends: date | datetime, house: ZoneInfo) -> bool:
    if isinstance(starts, datetime) and isinstance(ends, datetime):
        return starts < ends
    first, last = (one.astimezone(house).date() if isinstance(one, datetime) else one for one in (starts, ends))
    return first < last


def _place(name: str) -> tzinfo | None:
    """The zone of a place; none for UTC, which programs write where nobody has set anything."""
    zone = known_zone(name[:LONGEST_NAME]) if name else None
    return zone if isinstance(zone, ZoneInfo) and zone.key.partition("/")[0] not in ("UTC", "Etc", "Zulu") else None


def _zones(several: Sequence[Sequence[str]]) -> Zones:
    """The zones that the calendar defines, by each of their names."""
    zones: Zones = {}
    for lines in several[:200]:
        read: list[tuple[str, dict[str, str], str]] = []
        for line in lines[:2_000]:
            one = _property(line)
            if one is not None:
                read.append((one.name, one.params, one.value.strip()))
        names = [value.strip('"').strip() for name, _, value in read if name == "TZID"]
        defined = DefinedZone.read(read)
        place = next((value for name, _, value in read if name == "X-LIC-LOCATION"), "")
        for name in names:
            zones.setdefault(name.casefold(), known_zone(place) or defined)
    return zones
