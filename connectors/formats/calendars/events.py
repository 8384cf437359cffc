"""The lines of a component become an event: what it is called, what is written in it, when it is."""

import base64
import quopri
import re
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from connectors.formats.calendars.lines import CUT_OFF, DECISIVE, KNOWN, LONGEST_TEXT, NamedValue, Unusable, property_in
from connectors.formats.calendars.times import LAST_VALUE, MOMENT, Zones, days_of, stamp_of
from connectors.formats.code_pages import decoded
from mappers.sentences import say, sentence_of

_TEXTS = ("SUMMARY", "DESCRIPTION", "LOCATION", "COMMENT", "CONTACT")
_STATUS = re.compile(r"(?:X-(?:[A-Z]+-)?(?:BOOKING-|RESERVATION-)?)?STATUS")
_ESCAPED = re.compile(r"\\([nN,;:\\\"])")


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


def event_of(lines: Sequence[str], zones: Zones, house: ZoneInfo, cancels: bool, remarks: list[str]) -> CalendarEvent:
    found: dict[str, list[NamedValue]] = {}
    last: NamedValue | None = None
    problem: str | None = None
    extra: list[str] = []
    unreadable: list[str] = []
    has_other_date = False
    for line in lines:
        if line == CUT_OFF:
            problem = say("is cut off: the feed breaks off in the middle of it")
            continue
        one = property_in(line)
        if one is None or one.name not in KNOWN:
            ending = LAST_VALUE.search(line[-60:])
            has_other_date = has_other_date or bool(ending and MOMENT.fullmatch(ending[1].strip()))
        if one is not None and (one.name in KNOWN or one.name.startswith("X-")):
            found.setdefault(one.name, []).append(one)
            last = one
        elif (broken := DECISIVE.match(line)) is not None:
            unreadable.append(broken[1].upper())
        elif last is not None and last.name in _TEXTS:
            # Whoever wrote the feed put a line break into a text as it is.
            if len(last.value) < LONGEST_TEXT:
                last.value += "\\n" + line
        elif one is not None:
            extra.append(line)
        else:
            remarks.append(say("An event has a line that is no property: it was passed over."))
    lost = next((name for name in unreadable if name not in found), None)
    if lost is not None:
        problem = problem or say("has a {name} that cannot be read", name=lost)
    elif has_other_date and not found.keys() & {"DTEND", "DURATION"}:
        # The end itself, under a name with a wrong letter: not one night.
        problem = problem or say("has a date in a line that cannot be read, and no end (DTEND)")
    summary, description, location, comment, contact = (texts_of(found.get(name, [])) for name in _TEXTS)
    told = [one for name, several in found.items() if _STATUS.fullmatch(name) for one in several]
    status = ", ".join(dict.fromkeys(_plain(one.value).strip() for one in told))[:200]
    event = CalendarEvent(
        uid=first_of(found, "UID"),
        summary=summary,
        description="\n".join(filter(None, (description, comment, contact, *extra)))[:LONGEST_TEXT],
        location=location,
        url=first_of(found, "URL"),
        status="CANCELLED" if cancels else status,
        sequence=number_in(first_of(found, "SEQUENCE")),
        modified=stamp_of(found, house),
        problem=problem,
        categories=texts_of(found.get("CATEGORIES", [])),
        busy=first_of(found, "X-MICROSOFT-CDO-BUSYSTATUS").upper(),
    )
    try:
        starts, ends = days_of(found, zones, house)
    except Unusable as reason:
        return replace(event, problem=problem or sentence_of(reason))
    return replace(event, starts=starts, ends=ends)


def first_of(found: dict[str, list[NamedValue]], name: str) -> str:
    return next((text for one in found.get(name, []) if (text := _plain(one.value).strip())), "")[:LONGEST_TEXT]


def texts_of(several: Sequence[NamedValue]) -> str:
    texts = [_as_meant(one) for one in several]
    return "\n".join(dict.fromkeys(filter(None, (_plain(one).strip() for one in texts))))[:LONGEST_TEXT]


def _as_meant(one: NamedValue) -> str:
    """Source: vCalendar 1.0, which some exports still are; BASE64 also RFC 5545, 3.2.7."""
    text = one.value[: 2 * LONGEST_TEXT]
    encoding = one.params.get("ENCODING", "").upper()
    if encoding == "QUOTED-PRINTABLE":
        # A line that goes on ends with the sign.
        content = quopri.decodestring(text.replace("=\\n", "").encode())
    elif encoding in ("BASE64", "B"):
        try:
            content = base64.b64decode(text.strip(), validate=True)
        except ValueError:
            return text
    else:
        return text
    return decoded(content, one.params.get("CHARSET"))[0]


def _plain(value: str) -> str:
    """Source: RFC 5545, 3.3.11."""
    return _ESCAPED.sub(lambda one: "\n" if one[1] in "nN" else one[1], value[: 2 * LONGEST_TEXT])


def number_in(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
