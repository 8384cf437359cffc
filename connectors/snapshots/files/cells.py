"""Cells of a row: what each of them says, or why it cannot be read."""

import re
from collections.abc import Iterable
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from connectors.formats.tables import UNKNOWN, Row
from connectors.formats.time_zones import days_by_one_offset
from connectors.plain_text import without_unseen
from connectors.records import Guest, day_in
from connectors.snapshots.files.snapshot import Unreadable
from connectors.stays.ids import LONGEST_ID
from connectors.words.not_a_stay import is_nobodys_name
from connectors.words.text_fields import fields_of
from mappers.sentences import say

_KINDS = {kind.casefold(): kind for kind in ("Room", "Bed", "Dorm", "Apartment", "Suite", "Villa")}

_YES = ("", "1", "true", "t", "yes", "y", "x", "active", "in use")

_NO = ("0", "false", "f", "no", "n", "inactive", "out of use", "closed")

ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
COMPACT = re.compile(r"(?:19|20)\d{6}(?:T\d{4}(?:\d\d)?Z?)?", re.ASCII)
"""As calendars write days and times."""

MIDNIGHT = re.compile(r"(?<![ T])[ T]+0?0:00(:00([.,]0+)?)?$")
"""What programs write behind a day; it is no hour."""

_SHORTENED = re.compile(r"\d+([.,]\d+)?E\+\d+", re.IGNORECASE)
"""What a spreadsheet makes of a long number: the rest of it is lost."""


_TITLE = re.compile(
    r"^([^,]+,[^,]+),\s?(?:mrs?|mme|mlle|ms|miss|dr|prof|herr|frau|hr|fr|sra?|sig|sig\.ra|dhr|mevr|m)\.?\s*$",
    re.IGNORECASE,
)
"""How front desks write a title: "Novak,Anna,Mrs"."""

OTHERS = re.compile(r"(?<![\s;])(?=[^\S\n]*[;\n])[\s;]++(?=[^\W\d_][^\d@;\n]*(?:[;\n]|$))")
"""What parts the people of a cell; each may have a comma of her own. A row of such signs is looked at once, from its
beginning: from each of them anew, it would take its length by the power of three."""


def from_excel(text: str) -> datetime:
    """A day as spreadsheets number them, and a part of it, to the nearest minute. Raises `ValueError`."""
    if not re.fullmatch(r"\d{1,7}([.,]\d{1,20})?", text):
        raise ValueError
    minutes = round(float(text.replace(",", ".")) * 24 * 60)
    try:
        return datetime(1899, 12, 30) + timedelta(minutes=minutes)  # noqa: DTZ001 - the property's time, or a day.
    except OverflowError:
        raise ValueError from None


def whole_days(arrival: datetime | date, departure: datetime | date | None, house: tzinfo) -> tuple[Any, Any]:
    """Both, as days where programs write these with the first or the last minute of one: nobody comes or goes then. The
    last minute of a whole day is the day behind it; behind a real hour of arrival, the hour of departure is not known.
    Of an instant that is none by the clocks of the house only where the other end is none either."""
    if (days := _by_one_offset(arrival, departure, house)) is not None:
        return days
    arrival, departure = _there(arrival, house), _there(departure, house)

    def is_day(moment: datetime | date, other: datetime | date | None) -> bool:
        return _is_edge(moment) and (not isinstance(moment, datetime) or moment.tzinfo is None or _is_edge(other))

    starts = day_in(arrival) if is_day(arrival, departure) else arrival
    if departure is None or not is_day(departure, arrival):
        return starts, departure
    came_by_day = not isinstance(arrival, datetime) or arrival.hour == 0
    is_last = isinstance(departure, datetime) and departure.hour == 23
    return starts, day_in(departure) + timedelta(days=is_last and _is_edge(arrival) and came_by_day)


def _is_edge(moment: datetime | date | None) -> bool:
    return not isinstance(moment, datetime) or (moment.hour, moment.minute) in ((0, 0), (0, 1), (23, 59))


def _there(moment: Any, house: tzinfo) -> Any:
    """An instant that is the edge of a day by the clocks of the house, as these show it; anything else as it is."""
    if not isinstance(moment, datetime) or moment.tzinfo is None:
        return moment
    there = moment.astimezone(house)
    return there.replace(tzinfo=None) if _is_edge(there) else moment


def _by_one_offset(arrival: Any, departure: Any, house: tzinfo) -> tuple[date, date] | None:
    both = (arrival, departure)
    if not all(isinstance(one, datetime) and one.tzinfo is not None for one in both):
        return None
    return days_by_one_offset(arrival, departure, house)


def worded(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def plain_word(room: str) -> str:
    return re.sub(r"^0+(?=\d)", "", re.sub(r"\.0$", "", " ".join(room.casefold().split())))


def unambiguous(words: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for word, one in words:
        found.setdefault(word, []).append(one)
    return {word: several[0] for word, several in found.items() if len(several) == 1}


def id_in(row: Row, name: str) -> str:
    """An id as the file has it; without the .0 that spreadsheets add to numbers."""
    text = re.sub(r"^(\d+)\.0$", r"\1", row[name])
    if not text:
        raise Unreadable(say("has no {name}", name=name))
    if _SHORTENED.fullmatch(text):
        raise Unreadable(say("has a {name} that a spreadsheet has shortened", name=name))
    if len(text) > LONGEST_ID or not _is_whole(text):
        raise Unreadable(
            say("has a {name} that is longer than {number} characters, or no text", name=name, number=LONGEST_ID)
        )
    return text


def kind_in(row: Row) -> str | None:
    """The type of the room; a Room where the file does not tell types, none where it has a blank."""
    if "kind" not in row.cells:
        return "Room"
    return _KINDS.get(row["kind"].casefold(), row["kind"]) or None


def flag_in(row: Row, name: str) -> bool:
    word = worded(row[name])
    if word in _YES or word in _NO:
        return word in _YES
    raise Unreadable(say("has a word for {name} that is neither yes nor no", name=name))


def clock_in(row: Row, name: str) -> time | None:
    if not row[name]:
        return None
    try:
        return time.fromisoformat(row[name].zfill(5)).replace(tzinfo=None)
    except ValueError:
        raise Unreadable(say("has a {name} that is no time of day such as 15:00", name=name)) from None


def guest_in(row: Row, guest_id: str) -> Guest:
    first, last = row["first_name"], row["last_name"]
    phone, email = row["phone"], row["email"]
    if not first and not last and row["name"]:
        told = fields_of(OTHERS.split(_TITLE.sub(r"\1", row["name"]))[0])
        first, last = told.first_name, told.last_name
        if not told.name:
            first, _, last = row["name"].partition(" ")
        phone, email = phone or told.phone or "", email or told.email or ""
    if not guest_id and is_nobodys_name(f"{first} {last}"):
        first, last = "", ""
    # Never a number or an address: the rest of it would be somebody else's.
    # Copied out of a phone's address book, numbers bring marks that nobody sees; a cell may hold a number a line.
    phone = " / ".join(one for line in re.split(r"[\r\n]+", phone) if (one := without_unseen(line).strip()))
    if _SHORTENED.fullmatch(phone):
        phone = "shortened by a spreadsheet"
    elif not _is_whole(phone):
        phone = "has letters that are none"
    if not _is_whole(email):
        email = "has letters that are none"
    return Guest(guest_id, first.strip(), last.strip(), email or None, phone or None)


def after_nights(arrival: datetime | date, nights: str) -> date:
    found = re.fullmatch(r"(\d{1,4})([.,]0+)?(?:\s?[^\W\d_]{1,12}\.?)?", nights)
    if found is None or int(found[1]) < 1:
        raise Unreadable(say("has a value for nights that is no number of nights"))
    try:
        return day_in(arrival) + timedelta(days=int(found[1]))
    except OverflowError:
        raise Unreadable(say("has more nights than there are days")) from None


def _is_whole(text: str) -> bool:
    """Whether there is nothing in a text that stands for something else."""
    return text.isprintable() and UNKNOWN not in text
