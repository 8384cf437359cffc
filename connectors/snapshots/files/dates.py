"""How a file writes its dates, where they are not written YYYY-MM-DD and nobody has said how: told by all of them
together, and only where there is one way to read them all. 13/01/2027 has its day first, and with it every other date
of the file; 03/04/2027 alone may be two days, and is not guessed. With dots the day comes first everywhere. What says
itself how it is to be read (`months`) needs no others. Of years of two digits, a reading by which somebody would stay
for half a year or go before coming is none.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from connectors.formats.tables import Row
from connectors.snapshots.files.cells import ISO
from connectors.snapshots.files.months import in_plain_words
from mappers.sentences import Said, message, say

_NAMES = ("arrival", "departure", "lease_end")
_CELL = re.compile(
    r"(?P<day>\d{1,4}(?P<sep>[./-])\d{1,2}(?P=sep)\d{1,4}|\d{1,2}[ -][a-z]{3,9}[ -]\d{4}|[a-z]{3,9} \d{1,2}, ?\d{4})"
    r"(?:,?[ T]+(?P<hour>\d{1,2})[:.h](?P<minute>\d\d)(?:[:.](?P<second>\d\d)(?:[.,]\d+)?)?"
    r"(?: ?(?P<half>[ap])\.?m\.?)?)?",
    re.IGNORECASE | re.ASCII,
)
_FORMATS = {
    "%d.%m.%Y": message("the day first"),
    "%Y.%m.%d": message("the year first"),
    "%d/%m/%Y": message("the day first"),
    "%m/%d/%Y": message("the month first"),
    "%Y/%m/%d": message("the year first"),
    "%d-%m-%Y": message("the day first"),
    "%m-%d-%Y": message("the month first"),
    "%Y-%m-%d": message("the year first"),
    "%d %b %Y": message("the day first"),
    "%d %B %Y": message("the day first"),
    "%d-%b-%Y": message("the day first"),
    "%d.%m.%y": message("the day first"),
    "%d/%m/%y": message("the day first"),
    "%m/%d/%y": message("the month first"),
    "%y/%m/%d": message("the year first"),
    "%d-%m-%y": message("the day first"),
    "%m-%d-%y": message("the month first"),
    "%y-%m-%d": message("the year first"),
    "%b %d, %Y": message("the month first"),
    "%B %d, %Y": message("the month first"),
}


@dataclass(frozen=True, slots=True)
class Way:
    """How every date of a file is written."""

    format: str
    """As `strptime` has it, without the time of day."""
    example: str

    @property
    def words(self) -> Said:
        return say(
            "writes dates as {example}, which is read with {way}, for all of its dates can be read so and in no other "
            'way: set date_format: "{format}" so that it stays so.',
            example=self.example,
            way=say(_FORMATS[self.format]),
            format=self.format,
        )


def way_of(rows: Iterable[Row]) -> Way | None:
    """The one way to read every date of the rows; None where there are several or none, and where they are written
    YYYY-MM-DD."""
    rows = [row for row in rows if not row.trouble]
    cells = dict.fromkeys(text for row in rows for text in _dates_of(row))
    told = list(dict.fromkeys(day for text in cells if (day := _day_in(text)) is not None))
    if all(ISO.fullmatch(day) for day in told):
        return None
    fitting = [
        form
        for form in _FORMATS
        if told
        and all(_read(day, form) is not None for day in told)
        and ((form[-1] != "y" and form[:2] != "%y") or _may_be(form, rows))
    ]
    # May is a short and a whole name of a month.
    if len({_read(day, form) for day in told[:1] for form in fitting}) != 1 or not _agree(fitting, told):
        return None
    return Way(fitting[0], told[0])


def _may_be(form: str, rows: Iterable[Row]) -> bool:
    """Whether a reading of years of two digits makes stays of the rows."""
    for row in rows:
        days = [_day_in(row[name]) for name in ("arrival", "departure")]
        came, went = (_read(day, form) if day is not None else None for day in days)
        if came is not None and went is not None and not timedelta() <= went - came < timedelta(days=180):
            return False
    return True


def in_plain_dates(rows: Iterable[Row]) -> list[Row]:
    """The rows, with those dates YYYY-MM-DD that can be read in one way only whatever the others are."""
    plain = []
    for row in rows:
        cells = {} if row.trouble else {name: in_plain_words(row[name]) for name in _NAMES if row[name]}
        # What stands behind the day is read as the time of day of any other.
        iso = {name: _iso(text, Way("%Y-%m-%d", text)) for name, text in cells.items() if not ISO.fullmatch(text)}
        plain.append(replace(row, cells={**row.cells, **cells, **iso}) if cells else row)
    return plain


def in_iso(rows: Sequence[Row], way: Way) -> list[Row]:
    """The rows with their dates as `Row`s of other files have them."""
    return [
        row
        if row.trouble
        else replace(row, cells={name: _iso(text, way) if name in _NAMES else text for name, text in row.cells.items()})
        for row in rows
    ]


def _dates_of(row: Row) -> Iterator[str]:
    for name in _NAMES:
        # Nothing and noughts are no dates.
        if not re.fullmatch(r"[0\W_]*", row[name]):
            yield row[name]


def _day_in(text: str) -> str | None:
    """The date of a cell without its time of day; None where it holds something else."""
    match = _CELL.fullmatch(text)
    return text[:10] if ISO.fullmatch(text) else match["day"] if match is not None else None


def _read(day: str, form: str) -> datetime | None:
    try:
        return datetime.strptime(re.sub(r", ?", ", ", day), form)  # noqa: DTZ007 - a day.
    except ValueError:
        return None


def _agree(forms: Sequence[str], days: Iterable[str]) -> bool:
    return all(len({_read(day, form) for form in forms}) == 1 for day in days)


def _iso(text: str, way: Way) -> str:
    match = _CELL.fullmatch(text)
    day = _read(match["day"], way.format) if match is not None else None
    if match is None or day is None:
        return text
    if match["hour"] is None:
        return f"{day:%Y-%m-%d}"
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"] in "pP" else 0) if hour <= 12 else 99
    return f"{day:%Y-%m-%d}T{hour:02}:{match['minute']}:{match['second'] or '00'}"
