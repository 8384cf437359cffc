"""A calendar's bytes become lines, and the lines of each component: other code pages, folds, what nobody closed."""

import html
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from connectors.formats.code_pages import decoded, is_wide
from mappers.sentences import say

_TAG = re.compile(r"<[^<>]{0,300}>")
_BREAK = re.compile(r"<(?:br|/p|/div)\b[^<>]{0,100}>", re.IGNORECASE)

LONGEST_TEXT = 10_000
"""Characters of a summary, description or any other text; the rest of it is left out."""

LONGEST_NAME = 60

KNOWN = frozenset(
    "ACTION ATTACH ATTENDEE CALSCALE CATEGORIES CLASS COLOR COMMENT COMPLETED CONCEPT CONFERENCE CONTACT CREATED "
    "DESCRIPTION DTEND DTSTAMP DTSTART DUE DURATION EXDATE EXRULE GEO IMAGE LAST-MODIFIED LINK LOCATION LOCATION-TYPE "
    "METHOD NAME ORGANIZER PARTICIPANT-TYPE PERCENT-COMPLETE PRIORITY PRODID RDATE RECURRENCE-ID REFID "
    "REFRESH-INTERVAL RELATED-TO REQUEST-STATUS RESOURCES RESOURCE-TYPE RRULE SEQUENCE SOURCE STATUS "
    "STRUCTURED-DATA STYLED-DESCRIPTION SUMMARY TRANSP UID URL VERSION".split()
)
"""Names of properties (RFC 5545, 7986, 9073). Another name at the start of a line is a line of the text before it."""

DECISIVE = re.compile(r"(DTSTART|DTEND|DURATION|RRULE|RDATE|RECURRENCE-ID|STATUS)(?![A-Za-z0-9-])", re.IGNORECASE)
"""A line that begins so and has no value must not pass for one that is not there."""

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9-]*")


class NoCalendar(ValueError):
    """The bytes are no calendar at all; the message says what they are instead, as the end of "it is ..."."""


GUESSED = "is not written in UTF-8"
"""Of a feed whose code page is told nowhere."""


@dataclass(slots=True)
class NamedValue:
    name: str
    params: dict[str, str]
    value: str


class Unusable(Exception):
    """The message: why an event cannot be used, as the end of a sentence."""


def charset_of(content_type: str | None) -> str | None:
    found = re.search(r"charset\s{0,5}=\s{0,5}[\"']?([\w.:-]{1,40})", (content_type or "")[:500], re.IGNORECASE)
    return found[1] if found else None


def unfolded_lines(body: bytes, charset: str | None, remarks: list[str]) -> list[str]:
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
        remarks.append(say("The calendar is wrapped into a page of HTML."))
    else:
        body = body[start:]
        if before.strip():
            remarks.append(say("There is text before the calendar."))
    whole = b"\n".join(_unfolded(body.replace(b"\r\n", b"\n").replace(b"\r", b"\n").split(b"\n")))
    text, guessed = decoded(whole, charset)
    if guessed:
        remarks.append(
            say("The feed is not written in UTF-8, as calendars are: it was read as {guessed}.", guessed=guessed)
        )
    return text.replace("\0", "").split("\n")


def _unfolded(raw: Iterable[bytes]) -> list[bytes]:
    raw = list(raw)
    # Nothing goes on from the line with which an event begins.
    is_indented = not any(one[:9].upper() == b"BEGIN:VEV" for one in raw) or any(
        line.strip().upper() == b"BEGIN:VEVENT" and after[:1] in (b" ", b"\t") and after.strip()
        for line, after in pairwise(raw)
    )
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
        return say("empty")
    if start[:1] in (b"{", b"["):
        return say("JSON and no calendar")
    if b"<html" in start or b"<!doctype" in start or b"<head" in start or start.startswith(b"<"):
        return say("a web page and no calendar: perhaps one to sign in")
    if start.startswith((b"pk\x03\x04", b"%pdf")):
        return say("a document and no calendar")
    return say("no calendar")


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


CUT_OFF = "X-NIGHTPORTER-CUT-OFF:1"
"""Behind the lines of an event at which the feed breaks off."""


def components_of(lines: Sequence[str], remarks: list[str]) -> _Parts:
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
        if edge == "END" and name == "VEVENT" and event is None and any(map(DECISIVE.match, loose)):
            # Where it begins, a letter may be wrong.
            remarks.append(say("An event ends (END:VEVENT) that does not begin."))
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
                    remarks.append(say("An event is not closed (END:VEVENT) before the next one begins."))
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
                    remarks.append(say("An event is not closed (END:VEVENT) before the calendar ends."))
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
                remarks.append(say("There is text after the calendar."))
    if event is not None:
        event.append(CUT_OFF)
        close_event()
    if not calendars and not parts.events:
        raise NoCalendar(say("no calendar"))
    if is_open or not calendars:
        parts.is_whole = not is_open and lines[-1:] != [] and lines[-1].strip().upper() == "END:VCALENDAR"
        if not parts.is_whole:
            remarks.append(say("The feed breaks off before its end."))
    if calendars > 1:
        remarks.append(say("There are {number} calendars in one feed.", number=calendars))
    return parts


def property_in(line: str) -> NamedValue | None:
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
    return NamedValue(name, params, value)
