"""What an event of a feed says of a booking: who, when, and whether it is anybody's stay."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from connectors.formats.calendars.events import CalendarEvent
from connectors.records import BookingStatus, Guest
from connectors.snapshots.entries import Entry, Feed, Says, half_of
from connectors.stays.stay import day_of
from connectors.words.not_a_stay import Verdict, is_reserved, standing
from connectors.words.text_fields import TextFields, fields_of, lines_of
from connectors.words.words_of_status import Standing
from mappers.sentences import messages, say_number

_STATUSES = {
    Standing.STAY: BookingStatus.CONFIRMED,
    Standing.NOT_CONFIRMED: BookingStatus.TENTATIVE,
    Standing.CANCELLED: BookingStatus.CANCELLED,
    Standing.OVER: BookingStatus.CHECKED_OUT,
    Standing.UNCLEAR: BookingStatus.UNKNOWN,
}

ENDED = (BookingStatus.CANCELLED, BookingStatus.CHECKED_OUT)


TOO_LONG = messages(
    "lasts {number} day, and no stay may last more than {most}: correct it there, or set longest_stay",
    "lasts {number} days, and no stay may last more than {most}: correct it there, or set longest_stay",
)


class EventReader:
    """What the events of the feeds say. `words`: those that the settings add; `longest_stay`: no stay lasts longer."""

    def __init__(self, words: Mapping[str, Sequence[str]], longest_stay: timedelta):
        self._words = words
        self._longest_stay = longest_stay

    def entry(self, feed: Feed, event: CalendarEvent, zone: ZoneInfo) -> Entry | None:
        """What an event says of a booking; None where it is nobody's stay."""
        half, summary = half_of(event)
        told = self._fields(summary, event)
        verdict = self._standing(summary, event, told.code, self._words["is_a_stay"])
        if verdict.standing is Standing.STAY and self._words["is_a_stay"]:
            by_the_table = self._standing(summary, event, told.code, ())
            if by_the_table.standing is not Standing.STAY:
                # A title that only the settings make a stay is nobody's name.
                told = self._fields("", event)
        if verdict.standing is Standing.BLOCKED:
            return None
        status = _STATUSES[verdict.standing]
        entry = Entry(feed, event.uid, told.code, status, verdict.word, verdict.where, half=half)
        if event.problem is not None:
            return replace(entry, trouble=event.problem)
        arrival, departure = event.starts, event.ends
        if departure is None:
            departure = (arrival.astimezone(zone).date() if isinstance(arrival, datetime) else arrival) + timedelta(1)
        nights = (day_of(departure, zone) - day_of(arrival, zone)).days
        if nights > self._longest_stay.days and entry.status not in ENDED:
            return replace(entry, trouble=say_number(nights, *TOO_LONG, most=self._longest_stay.days))
        first, last = told.first_name, told.last_name
        if not first and not last:
            first, _, last = told.name.partition(" ")
        return replace(
            entry,
            arrival=_at(arrival, told.arrival_time, zone),
            departure=_at(departure, told.departure_time, zone),
            says=_says(told, event, bool(self._words["is_a_stay"])),
            guest=Guest("", first, last, told.email, told.phone or told.phone_last_4, has_id=False),
        )

    def _fields(self, summary: str, event: CalendarEvent) -> TextFields:
        return fields_of(
            summary,
            event.description,
            event.location,
            event.url,
            arrival_words=self._words["arrival_time_words"],
            departure_words=self._words["departure_time_words"],
        )

    def _standing(self, summary: str, event: CalendarEvent, code: str, is_a_stay: Sequence[str]) -> Verdict:
        return standing(
            summary,
            "\n".join(lines_of(event.description)),
            event.status,
            categories=event.categories,
            busy=event.busy,
            code=code,
            extra_not=self._words["not_a_stay"],
            extra_is=is_a_stay,
        )


def _says(told: TextFields, event: CalendarEvent, has_own_words: bool) -> Says:
    if told.code or told.email or told.phone or told.phone_last_4:
        return Says.SURELY
    words = [one for one in told.name.split() if any(map(str.isalpha, one))]
    if len(words) > 1 or not told.name.isascii() or is_reserved(event.summary, event.description) or has_own_words:
        return Says.RESERVED
    if words and ":" not in event.summary:
        return Says.ONE_WORD
    # What is left out of names says that somebody has booked, or how many.
    return Says.RESERVED if any(map(str.isalpha, event.summary)) else Says.NOTHING


def _at(moment: datetime | date, hour: time | None, zone: ZoneInfo) -> datetime | date:
    """A day at an hour that the text tells for it."""
    if hour is None or isinstance(moment, datetime):
        return moment
    return datetime.combine(moment, hour.replace(tzinfo=None), zone).astimezone(UTC)
