"""The zone that a calendar means: by its IANA name, by the many other names in use, or by what the calendar defines."""

import html
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, timezone, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

LONGEST = 200
"""Characters of a zone's name."""

_NAMES_OF_ZONES = {
    "UTC": "z, coordinated universal time, utc time, tzone://microsoft/utc, microsoft/utc",
    "Europe/London": "gmt standard time, british time, british summer time, edinburgh",
    "Etc/GMT": "greenwich mean time",
    "America/New_York": "eastern, eastern time",
    "America/Chicago": "central time",
    "America/Denver": "mountain time",
    "America/Los_Angeles": "pacific, pacific time",
    "America/Halifax": "atlantic time",
    "America/St_Johns": "newfoundland",
    "America/Phoenix": "arizona",
    "America/Anchorage": "alaska",
    "Pacific/Honolulu": "hawaii",
    "America/Indiana/Indianapolis": "indiana",
    "Europe/Brussels": "central european time, central european summer time",
    "Europe/Berlin": "mitteleuropäische zeit, mitteleuropäische normalzeit, mitteleuropäische sommerzeit, w. europe",
    "Europe/Paris": "heure d'europe centrale, romance",
    "Europe/Lisbon": "western european time",
    "Europe/Athens": "eastern european time",
    "Europe/Dublin": "irish standard time",
    "Europe/Budapest": "central europe",
    "Europe/Moscow": "moscow, st. petersburg, msk",
    "Europe/Kyiv": "kyiv, kyev",
    "Europe/Zurich": "bern",
    "Asia/Tokyo": "osaka, sapporo, jst",
    "Asia/Shanghai": "beijing",
    "Asia/Kolkata": "mumbai, new delhi, chennai, india",
    "Asia/Dubai": "abu dhabi",
    "Asia/Bangkok": "hanoi",
    "Australia/Sydney": "canberra",
    "Pacific/Auckland": "wellington",
    "America/Sao_Paulo": "brasilia",
    "Africa/Johannesburg": "pretoria, sast",
    "CET": "mez, mesz",
    "Asia/Seoul": "kst",
    "+10:00": "aest",
    "+11:00": "aedt",
    "+12:00": "nzst",
    "+13:00": "nzdt",
    "Asia/Singapore": "sgt",
    "Asia/Hong_Kong": "hkt",
    "Asia/Jakarta": "wib",
    "Africa/Nairobi": "eat",
    "-03:00": "brt, art",
    "-09:00": "akst",
    "-08:00": "akdt, pst",
    "+02:00": "cest",
    "+01:00": "west",
    "+03:00": "eest",
    "-04:00": "edt",
    "-05:00": "cdt",
    "-06:00": "mdt",
    "-07:00": "pdt",
}
"""Names that are neither IANA's nor Windows', in small letters. What may be two zones (CST, IST, BST) is none."""
_OTHER_NAMES = {name: zone for zone, names in _NAMES_OF_ZONES.items() for name in names.split(", ")}
_OFFSET = re.compile(r"(?:(?:utc|gmt) ?)?([+\-−]) ?(\d{1,2})(?::?(\d\d))?(?: ?(?:hours?|h))?", re.IGNORECASE)
_BRACKETED = re.compile(r"\((?:utc|gmt) ?(?:([+\-−])? ?(\d{1,2})[:.]?(\d\d))?\) ?", re.IGNORECASE)
_IN_BRACKETS = re.compile(r"\(([^()]{2,60})\)$")
_REMARK = re.compile(r" ?\([^()]{0,60}\)$")


class UnknownZone(Exception):
    """Nobody knows which zone this name means."""


@dataclass(frozen=True, slots=True)
class _Rule:
    """From when on, by the clock before, which offset."""

    ahead: timedelta
    before: timedelta
    onset: datetime
    month: int = 0
    """Of a change that comes every year; 0: once only."""
    week: int = 0
    weekday: int = 0
    month_day: int = 0
    until: datetime | None = None

    def last_onset(self, at: datetime) -> datetime | None:
        """The last change by this rule not after a local time."""
        if not self.month:
            return self.onset if self.onset <= at else None
        for year in (at.year, at.year - 1):
            onset = datetime.combine(self._day(year), self.onset.time())
            if self.until is not None and onset > self.until:
                onset = datetime.combine(self._day(self.until.year - 1), self.onset.time())
            if self.onset.date() <= onset.date() and onset <= at:
                return onset
        return None

    def _day(self, year: int) -> date:
        if self.month_day:
            return date(year, self.month, min(self.month_day, 28))
        if self.week > 0:
            first = date(year, self.month, 1)
            return first + timedelta(days=(self.weekday - first.weekday()) % 7 + 7 * (self.week - 1))
        last = date(year + self.month // 12, self.month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - self.weekday) % 7 + 7 * (-self.week - 1))


@dataclass(frozen=True, slots=True)
class DefinedZone:
    """A zone as a calendar defines it (VTIMEZONE; RFC 5545, 3.6.5): rules for every year, or single changes."""

    rules: tuple[_Rule, ...]

    @classmethod
    def read(cls, lines: Sequence[tuple[str, Mapping[str, str], str]]) -> "DefinedZone | None":
        """`lines`: the name, parameters and value of each line, BEGIN and END among them. None where it cannot be
        read."""
        rules: list[_Rule] = []
        fields: dict[str, str] | None = None
        for name, _, value in lines:
            if name == "BEGIN":
                fields = {}
            elif name == "END":
                rule = _rule(fields or {})
                if rule is None:
                    return None
                rules.append(rule)
                fields = None
            elif fields is not None:
                fields.setdefault(name, value)
        return cls(tuple(rules)) if rules else None

    def offset_at(self, local: datetime) -> timedelta:
        """How far its clocks are ahead of UTC when they show `local` (naive)."""
        changes = [(onset, rule) for rule in self.rules if (onset := rule.last_onset(local)) is not None]
        if not changes:
            return min(self.rules, key=lambda one: one.onset).before
        return max(changes, key=lambda one: one[0])[1].ahead


def zone_named(name: str, defined: Mapping[str, DefinedZone | tzinfo | None]) -> tzinfo | DefinedZone:
    """The zone that a TZID names. `defined`: what the calendar itself defines, by the name in folded case.

    A name that everybody knows (IANA's, Windows') means what it means everywhere, for definitions in calendars are
    wrong more often than names. Raises `UnknownZone`.
    """
    name = " ".join(html.unescape(name[:LONGEST]).replace("\\", "").strip().strip("\"'").split())
    known = _known(name)
    if known is not None:
        return known
    own = defined.get(name.casefold())
    if own is not None:
        return own
    guessed = _by_other_name(name)
    if guessed is None:
        raise UnknownZone
    return guessed


def days_by_one_offset(start: datetime | None, end: datetime | None, house: tzinfo) -> tuple[date, date] | None:
    """The days of two instants that are midnights by one offset that the house has in some part of the year, though
    perhaps not by its clocks: a program that knows of no summer time, or adds days of 24 hours, writes them so. None
    where they are something else."""
    if start is None or end is None or start >= end:
        return None
    for month in (1, 7):
        ahead = datetime(start.year, month, 1, tzinfo=house).utcoffset() or timedelta()
        first, last = ((one.astimezone(UTC) + ahead).replace(tzinfo=None) for one in (start, end))
        if first.time() == last.time() == time():
            return first.date(), last.date()
    return None


def known_zone(name: str) -> tzinfo | None:
    """The zone of an IANA name or one of Windows."""
    return _known(" ".join(name[:LONGEST].split()))


@lru_cache(maxsize=1)
def _names() -> dict[str, str]:
    """IANA's names by their small letters."""
    return {one.casefold(): one for one in available_timezones() if not one.startswith(("posix", "right", "SystemV"))}


@lru_cache(maxsize=1)
def _cities() -> dict[str, str]:
    found: dict[str, str] = {}
    for one in sorted(available_timezones()):
        area, _, city = one.rpartition("/")
        if area.partition("/")[0] in ("Africa", "America", "Asia", "Atlantic", "Australia", "Europe", "Pacific"):
            found.setdefault(city.replace("_", " ").casefold(), one)
    return found


@lru_cache(maxsize=1)
def _windows() -> dict[str, str]:
    return {windows.casefold(): iana for windows, iana in WINDOWS_TO_OLSON.items()}


@lru_cache(maxsize=1_024)
def _known(name: str) -> tzinfo | None:
    folded = name.casefold()
    for one in (folded, folded.replace(" ", "_").replace("%2f", "/")):
        if one in _names():
            return ZoneInfo(_names()[one])
    if folded in _windows():
        return ZoneInfo(_windows()[folded])
    if "/" in name:
        # Some programs write their own path before the name: /citadel.org/20190914_1/Europe/Vienna.
        parts = folded.replace(" ", "_").strip("/").split("/")
        for start in range(max(0, len(parts) - 3), len(parts) - 1):
            if (found := "/".join(parts[start:])) in _names():
                return ZoneInfo(_names()[found])
    return None


@lru_cache(maxsize=1_024)
def _by_other_name(name: str) -> tzinfo | None:
    offset: timedelta | None = None
    bracketed = _BRACKETED.match(name)
    if bracketed is not None:
        offset = _ahead(bracketed[1], bracketed[2], bracketed[3])
        rest = name[bracketed.end() :].strip()
        if not rest:
            return timezone(offset) if offset is not None else None
        name = rest
    inner = _IN_BRACKETS.search(name)
    if inner is not None and (known := _known(inner[1].strip())) is not None:
        # GMT+0100 (Central European Standard Time)
        return known
    plain = _OFFSET.fullmatch(_REMARK.sub("", name))
    if plain is not None:
        ahead = _ahead(plain[1], plain[2], plain[3])
        return timezone(ahead) if ahead is not None else None
    for one in (name, _REMARK.sub("", name)):
        for text in (one, *re.split(r"[,;]|\s/\s", one)):
            folded = text.strip().casefold()
            found = _OTHER_NAMES.get(folded) or _windows().get(folded) or _cities().get(folded)
            if found is None:
                continue
            if found[0] in "+-":
                return timezone(_ahead(found[0], found[1:3], found[4:]) or timedelta())
            zone = ZoneInfo(found)
            if offset is None or _standard_offset(zone) == offset:
                return zone
    if bracketed is not None and offset is not None:
        return None if offset else UTC
    return None


def _standard_offset(zone: ZoneInfo) -> timedelta | None:
    winters = [datetime(2025, month, 1, tzinfo=zone) for month in (1, 7)]
    return min((one.utcoffset() or timedelta()) for one in winters)


def _ahead(sign: str | None, hours: str | None, minutes: str | None) -> timedelta | None:
    ahead = timedelta(hours=int(hours or 0), minutes=int(minutes or 0))
    if ahead > timedelta(hours=14) or int(minutes or 0) > 59:
        return None
    return ahead if sign in ("+", None) else -ahead


_RULE_DAY = re.compile(r"([+-]?[1-5])?(MO|TU|WE|TH|FR|SA|SU)")
_WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


def _rule(fields: Mapping[str, str]) -> _Rule | None:
    """A STANDARD or DAYLIGHT; None where it is not written as calendars write them."""
    ahead, before = _utc_offset(fields.get("TZOFFSETTO", "")), _utc_offset(fields.get("TZOFFSETFROM", ""))
    if ahead is None or before is None:
        return None
    try:
        onset = datetime.strptime(fields.get("DTSTART", "")[:15], "%Y%m%dT%H%M%S")  # noqa: DTZ007 - a local time.
    except ValueError:
        return None
    text = fields.get("RRULE", "").upper()
    if not text:
        return _Rule(ahead, before, onset)
    parts = dict(part.partition("=")[::2] for part in text[:300].split(";"))
    if parts.get("FREQ") != "YEARLY" or parts.get("INTERVAL", "1") != "1" or "COUNT" in parts:
        return None
    month = parts.get("BYMONTH", str(onset.month))
    if not (month.isascii() and month.isdecimal() and len(month) <= 2 and 1 <= int(month) <= 12):
        return None
    until = None
    if "UNTIL" in parts:
        try:
            until = datetime.strptime(parts["UNTIL"][:8], "%Y%m%d")  # noqa: DTZ007
        except ValueError:
            return None
        if until.year <= 1901:
            return None
    if "BYDAY" not in parts:
        return _Rule(ahead, before, onset, int(month), month_day=onset.day, until=until)
    day = _RULE_DAY.fullmatch(parts["BYDAY"])
    if day is None:
        return None
    week = int(day[1]) if day[1] else 1
    if not day[1] and "BYMONTHDAY" in parts:
        # The first Sunday on or after the 8th: BYDAY=SU;BYMONTHDAY=8,9,10,11,12,13,14.
        first = parts["BYMONTHDAY"].split(",")[0]
        if not (first.isascii() and first.isdecimal() and len(first) <= 2):
            return None
        week = min(5, (int(first) - 1) // 7 + 1)
    return _Rule(ahead, before, onset, int(month), week, _WEEKDAYS.index(day[2]), until=until)


def _utc_offset(text: str) -> timedelta | None:
    match = re.fullmatch(r"([+-])(\d\d):?(\d\d)(\d\d)?", text.strip())
    if match is None:
        return None
    ahead = timedelta(hours=int(match[2]), minutes=int(match[3]))
    if ahead > timedelta(hours=16):
        return None
    return -ahead if match[1] == "-" else ahead
