"""When an event is: days and hours as platforms write them, by whatever clocks, with whatever end."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from connectors.formats.calendars.lines import LONGEST_NAME, NamedValue, Unusable, property_in
from connectors.formats.time_zones import DefinedZone, UnknownZone, days_by_one_offset, known_zone, zone_named
from mappers.sentences import message, say, sentence_of

_PLAUSIBLE_ARRIVAL, _PLAUSIBLE_DEPARTURE = (time(10), time(23)), (time(5), time(18))
"""Local hours at which 00:00 UTC, beside a real hour at the other end, may be meant as an hour."""
_ONCE = re.compile(r"(?:^|;)COUNT=1(?:;|$)", re.IGNORECASE)
_ZONE_LIKE = re.compile(r"/|\btime\b|\b(?:UTC|GMT)\b", re.IGNORECASE)
"""What a name of a time zone has in it, whoever made it up."""
Zones = dict[str, DefinedZone | tzinfo | None]
"""What a calendar itself says of zones, by the name in folded case; None for what cannot be read. By the empty name
the zone of its floating hours, where it names one."""

YEARS = range(1900, 2200)
"""A moment outside of them is nobody's arrival."""

MOMENT = re.compile(
    r"(?P<year>\d{4})(?:(?P<month>\d\d)(?P<day>\d\d)|[-/](?P<a_month>\d{1,2})[-/](?P<a_day>\d{1,2}))"
    r"(?:[T ] ?(?:(?P<hour>\d\d):?(?P<minute>\d\d)(?::?(?P<second>\d\d)(?:[.,]\d{1,9})?)?"
    r"\s?(?P<offset>Z|[+-]\d\d(?::?\d\d)?)?)?)?",
    re.IGNORECASE,
)

LAST_VALUE = re.compile(r"[:;]([^:;]{1,40})$")

_DURATION = re.compile(
    r"([+-]?)P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,6})M)?(?:(\d{1,6})S)?)?", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Moment:
    """A DTSTART or DTEND, understood."""

    written: datetime
    """As it is written, naive."""
    at: datetime | None
    """Aware UTC; None for a day."""
    in_utc: bool = False
    is_day: bool = False
    """Says of itself that it is a day (VALUE=DATE), or tells no hour."""


UNKNOWN_ZONE = message('names the time zone "{zone}", which nobody knows: give it an IANA name, such as {example}')
ANY_UNKNOWN_ZONE = message("names a time zone, which nobody knows: give it an IANA name, such as {example}")


def stamp_of(found: dict[str, list[NamedValue]], house: ZoneInfo) -> datetime | None:
    for name in ("LAST-MODIFIED", "CREATED"):
        for one in found.get(name, []):
            try:
                return moment_in(one, {}, house).at
            except (Unusable, UnknownZone):
                continue
    return None


def days_of(
    found: dict[str, list[NamedValue]], zones: Zones, house: ZoneInfo
) -> tuple[date | datetime, date | datetime]:
    """Source: RFC 5545, 3.6.1: the end is no part of the event; without an end, a day lasts a day."""
    for name in ("RRULE", "EXRULE", "RDATE", "RECURRENCE-ID"):
        values = [one.value[:200].strip() for one in found.get(name, [])]
        if any(value and not _ONCE.search(value) for value in values):
            raise Unusable(say("repeats itself ({name}), which no stay does: write it as single events", name=name))
    start, end = (_only(found, name, zones, house) for name in ("DTSTART", "DTEND"))
    if start is None:
        raise Unusable(say("has no start (DTSTART)"))
    if end is not None and (whole := days_by_one_offset(start.at, end.at, house)) is not None:
        return whole
    starts = _start_of(start, end, house)
    if end is not None:
        ends = _end_of(end, start, isinstance(starts, datetime) or _is_last(start, house), house)
    elif (duration := duration_of(found)) is not None:
        ends = _end_after(start, duration, house)
    elif isinstance(starts, datetime):
        raise Unusable(say("has a start with an hour and no end (DTEND)"))
    else:
        ends = starts + timedelta(days=1)
    if not isinstance(starts, datetime) and starts == ends:
        ends = starts + timedelta(days=1)
    if not is_before(starts, ends, house):
        raise Unusable(say("ends before it begins, or at the same moment"))
    return starts, ends


def _only(found: dict[str, list[NamedValue]], name: str, zones: Zones, house: ZoneInfo) -> Moment | None:
    moments = []
    for one in found.get(name, []):
        try:
            moments.append(moment_in(one, zones, house))
        except UnknownZone:
            told = one.params["TZID"][:60]
            # Anything may stand there, a guest's name as well: what does not look like a zone is told to nobody.
            what = UNKNOWN_ZONE if _ZONE_LIKE.search(told) else ANY_UNKNOWN_ZONE
            raise Unusable(say(what, zone=told, example=house.key)) from None
        except Unusable as problem:
            raise Unusable(say("has a {name} that {why}", name=name, why=sentence_of(problem))) from None
    if len(set(moments)) > 1:
        raise Unusable(say("has {number} different values of {name}", number=len(moments), name=name))
    return moments[0] if moments else None


def moment_in(one: NamedValue, zones: Zones, house: ZoneInfo) -> Moment:
    value = one.value.strip()
    match = MOMENT.fullmatch(value) if len(value) <= 60 else None
    tzid = one.params.get("TZID", "")
    if match is None and (last := LAST_VALUE.search(value[-60:])) is not None:
        # A parameter with a colon that nobody put into quotes, such as (UTC+01:00).
        match = MOMENT.fullmatch(last[1].strip())
        tzid = f"{tzid}:{value[: -len(last[0])]}" if tzid else ""
    if match is None:
        raise Unusable(say("cannot be read"))
    year, month, day = int(match["year"]), int(match["month"] or match["a_month"]), int(match["day"] or match["a_day"])
    hours, minutes, seconds = (int(match[part] or 0) for part in ("hour", "minute", "second"))
    if year not in YEARS:
        raise Unusable(say("lies in the year {year}", year=f"{year}"))
    try:
        written = datetime(year, month, day) + timedelta(days=1) * (hours == 24)  # noqa: DTZ001 - as it is written.
        written = written.replace(hour=hours % 24, minute=minutes, second=min(seconds, 59))
    except (ValueError, OverflowError):
        raise Unusable(say("is no day of the calendar, or no time of day")) from None
    if match["hour"] is None:
        return Moment(written, None, is_day=True)
    is_day = one.params.get("VALUE", "").upper() == "DATE"
    offset = (match["offset"] or "").upper()
    if offset:
        ahead = timedelta() if offset == "Z" else _offset(offset)
        return Moment(written, (written - ahead).replace(tzinfo=UTC), not ahead, is_day)
    try:
        zone = zone_named(tzid, zones) if tzid else zones.get("") or house
    except UnknownZone:
        if is_day or _is_midnight(written.time()):
            # The day is the same, whatever the zone.
            return Moment(written, None, is_day=True)
        raise
    return Moment(written, _instant(written, zone), _is_utc(zone), is_day)


def _instant(written: datetime, zone: tzinfo | DefinedZone) -> datetime:
    if isinstance(zone, DefinedZone):
        return (written - zone.offset_at(written)).replace(tzinfo=UTC)
    return written.replace(tzinfo=zone).astimezone(UTC)


def _is_utc(zone: tzinfo | DefinedZone) -> bool:
    return zone is UTC or (isinstance(zone, ZoneInfo) and zone.key in ("UTC", "Etc/UTC", "Zulu", "Etc/Zulu"))


def _offset(text: str) -> timedelta:
    digits = re.sub(r"\D", "", text)
    ahead = timedelta(hours=int(digits[:2]), minutes=int(digits[2:] or 0))
    if ahead > timedelta(hours=14):
        raise Unusable(say("has an offset from UTC that no place has"))
    return -ahead if text[0] == "-" else ahead


def _is_midnight(at: time) -> bool:
    """The first minute after it as well: whole days are written 00:01 to 23:59, and nobody arrives then."""
    return at.hour == 0 and at.minute <= 1


def _is_last_minute(at: time) -> bool:
    return (at.hour, at.minute) == (23, 59)


def _is_last(moment: Moment, house: ZoneInfo) -> bool:
    """Whether a moment is the last minute of a day, as it is written or at the house."""
    return moment.at is not None and any(_is_last_minute(one.time()) for one in (_there(moment, house), moment.written))


def _there(moment: Moment, house: ZoneInfo) -> datetime:
    """The moment by the house's clocks; of a day its beginning."""
    return moment.written if moment.at is None else moment.at.astimezone(house).replace(tzinfo=None)


def _day_of(moment: Moment, house: ZoneInfo) -> date | None:
    """The day of what is a midnight, as it is written or at the house; None for a real hour."""
    if moment.at is None:
        return moment.written.date()
    there = _there(moment, house)
    if _is_midnight(there.time()):
        return there.date()
    if _is_midnight(moment.written.time()) or moment.is_day:
        return moment.written.date()
    return None


def _is_hour(moment: Moment, other: Moment | None, plausible: tuple[time, time], house: ZoneInfo) -> bool:
    """Whether a 00:00 UTC may be an hour of the house: the other end has a real one, and people come or go then.

    A house in Tokyo whose guests leave at 9:00 writes 00:00Z; whole days that a program wrote as UTC are midnights at
    both ends.
    """
    if not moment.in_utc or moment.is_day or other is None or other.at is None:
        return False
    there = _there(moment, house).time()
    return not _is_midnight(there) and plausible[0] <= there <= plausible[1] and _day_of(other, house) is None


def _start_of(start: Moment, end: Moment | None, house: ZoneInfo) -> date | datetime:
    """The last minute of a day is that day: nobody arrives then, and the hour is not known."""
    day = _day_of(start, house)
    if day is None and _is_last(start, house):
        return next(one.date() for one in (_there(start, house), start.written) if _is_last_minute(one.time()))
    if day is None or _is_hour(start, end, _PLAUSIBLE_ARRIVAL, house):
        assert start.at is not None
        return start.at
    return day


def _end_of(end: Moment, start: Moment, starts_with_hour: bool, house: ZoneInfo) -> date | datetime:
    """The last minute of a day is the midnight behind it where whole days are meant.

    Behind a real hour of arrival it says that the hour of departure is not known.
    """
    day = _day_of(end, house)
    if day is not None and not _is_hour(end, start, _PLAUSIBLE_DEPARTURE, house):
        return day
    for written in (_there(end, house), end.written):
        if _is_last_minute(written.time()):
            return written.date() + timedelta(days=0 if starts_with_hour else 1)
    assert end.at is not None
    return end.at


def _end_after(start: Moment, duration: tuple[int, timedelta], house: ZoneInfo) -> date | datetime:
    """Source: RFC 5545, 3.3.6: days are counted by the calendar, hours by the clock."""
    days, rest = duration
    written = start.written + timedelta(days=days)
    if start.at is None:
        end = Moment(written, None, is_day=True)
        if rest:
            written += rest
            end = Moment(written, written.replace(tzinfo=house).astimezone(UTC))
    else:
        ahead = start.written - start.at.replace(tzinfo=None)
        end = Moment(written + rest, (written + rest - ahead).replace(tzinfo=UTC), start.in_utc)
        there = _there(start, house) + timedelta(days=days)
        if rest == timedelta() and not _is_midnight(there.time()):
            end = replace(end, at=there.replace(tzinfo=house).astimezone(UTC))
    return _end_of(end, start, _day_of(start, house) is None, house)


def duration_of(found: dict[str, list[NamedValue]]) -> tuple[int, timedelta] | None:
    """Days, and the rest as time by the clock."""
    for one in found.get("DURATION", []):
        value = one.value.strip()
        match = _DURATION.fullmatch(value) if len(value) <= 60 else None
        if match is None or not any(match.groups()[1:]):
            raise Unusable(say("has a DURATION that cannot be read"))
        weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups()[1:])
        rest = timedelta(hours=hours, minutes=minutes, seconds=seconds)
        whole = 7 * weeks + days + rest.days
        if match[1] == "-":
            raise Unusable(say("ends before it begins"))
        if whole > 3_660:
            raise Unusable(say("lasts more than ten years"))
        return whole, rest - timedelta(days=rest.days)
    return None


def is_before(starts: date | datetime, ends: date | datetime, house: ZoneInfo) -> bool:
    if isinstance(starts, datetime) and isinstance(ends, datetime):
        return starts < ends
    first, last = (one.astimezone(house).date() if isinstance(one, datetime) else one for one in (starts, ends))
    return first < last


def place_of(name: str) -> tzinfo | None:
    """The zone of a place; none for UTC, which programs write where nobody has set anything."""
    zone = known_zone(name[:LONGEST_NAME]) if name else None
    return zone if isinstance(zone, ZoneInfo) and zone.key.partition("/")[0] not in ("UTC", "Etc", "Zulu") else None


def zones_of(several: Sequence[Sequence[str]]) -> Zones:
    """The zones that the calendar defines, by each of their names."""
    zones: Zones = {}
    for lines in several[:200]:
        read: list[tuple[str, dict[str, str], str]] = []
        for line in lines[:2_000]:
            one = property_in(line)
            if one is not None:
                read.append((one.name, one.params, one.value.strip()))
        names = [value.strip('"').strip() for name, _, value in read if name == "TZID"]
        defined = DefinedZone.read(read)
        place = next((value for name, _, value in read if name == "X-LIC-LOCATION"), "")
        for name in names:
            zones.setdefault(name.casefold(), known_zone(place) or defined)
    return zones
