"""How it went over some days: by property, by day and altogether, and in sentences. From `store.trends`; asks nobody.

Quantiles come from sums of histograms, so that those of many properties can be put together: each is the bound that
so many did not exceed.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction

from mappers.sentences import messages, say, say_number, together
from reconciler.arrivals_due import words_of
from reconciler.spreadsheet import as_csv
from store.engine import Database
from store.properties import Properties
from store.trends import BOUNDS, LONGER, Figure, Of, TrendLine, Trends

UNITS = (
    (86400, messages("{number} day", "{number} days")),
    (3600, messages("{number} hour", "{number} hours")),
    (60, messages("{number} minute", "{number} minutes")),
)
COULD_OPEN = {
    "guest": messages(
        "{ready} of {number} guest could open their door when they arrived.",
        "{ready} of {number} guests could open their door when they arrived.",
    ),
    "tenant": messages(
        "{ready} of {number} tenant could open their door when they arrived.",
        "{ready} of {number} tenants could open their door when they arrived.",
    ),
}
MORE = BOUNDS[-1] + 1
"""Stands for more than the last bound."""
FURTHEST_EAST = timedelta(hours=14)
"""So far is the clock of some property ahead of UTC."""
COLUMNS = (
    *("first_day", "last_day", "connection", "property", "property_id", "arrivals", "ready", "not_ready", "causes"),
    *("changes", "p50_seconds", "p99_seconds", "offline_hours"),
)


@dataclass(frozen=True, slots=True)
class CauseNumber:
    """How many arrivals were not ready for one cause."""

    cause: str
    """A word of ours, or Seam's code."""
    words: str
    number: int


@dataclass(frozen=True, slots=True)
class BoundNumber:
    """How many changes were at the door within so many seconds, and not within the bound before."""

    seconds: int
    """`MORE`: more than a day."""
    words: str
    number: int


@dataclass(frozen=True, slots=True)
class Figures:
    """What was counted."""

    arrivals: int = 0
    """That were due."""
    ready: int = 0
    """Of which it was known, when they were due, that the door opens."""
    causes: list[CauseNumber] = field(default_factory=list)
    """Of the others; the most frequent first."""
    changes: int = 0
    """Of access that a lock had to be told at once, and has confirmed."""
    p50: int | None = None
    """Seconds within which half of them were at the door; None where there was none, `MORE`: more than a day."""
    p99: int | None = None
    offline_hours: float = 0.0
    """Of all locks together."""
    bounds: list[BoundNumber] = field(default_factory=list)

    @property
    def not_ready(self) -> int:
        return self.arrivals - self.ready


@dataclass(frozen=True, slots=True)
class DayTrend:
    """One day of all properties together."""

    day: date
    """Of each property by its own clock."""
    figures: Figures


@dataclass(frozen=True, slots=True)
class PropertyTrend:
    """All days of one property."""

    connection: str
    property_id: str
    name: str
    figures: Figures


@dataclass(frozen=True, slots=True)
class TrendsReport:
    """How it went from one day to another, both included."""

    first: date
    last: date
    counted_since: date | None
    """The first day of which there is a number of any property at all; None where there is none yet."""
    total: Figures
    days: list[DayTrend]
    """Every day since then."""
    properties: list[PropertyTrend]
    """The worst first: who kept the most guests waiting."""


def last_days(days: int, now: datetime) -> tuple[date, date]:
    """The first and the last of so many days up to today (UTC)."""
    today = now.astimezone(UTC).date()
    return today - timedelta(days=days - 1), today


def trends_report(store: Database, of: Of, first: date, last: date, now: datetime) -> TrendsReport:
    """The report over some connections, or some of their properties. `now` is aware: where today is the last day, what
    of tomorrow has begun further east is of today. Raises `StoreFailed`."""
    trends = Trends(store)
    until = last
    if last == now.astimezone(UTC).date():
        until = (now + FURTHEST_EAST).astimezone(UTC).date()
    names = {(one.connection, one.property_id): one.name for one in Properties(store).known()}
    by_property: dict[tuple[str, str], list[TrendLine]] = {}
    since = trends.counted_since()
    shown = (last - min(max(first, since or first), last)).days + 1
    by_day: dict[date, list[TrendLine]] = {last - timedelta(days=n): [] for n in range(shown)}
    for line in trends.by_property(first, until, of):
        by_property.setdefault((line.connection, line.property_id), []).append(line)
    for line in trends.by_day(first, until, of):
        by_day[min(line.day or last, last)].append(line)
    found = [
        PropertyTrend(*place, names.get(place, place[1]), figures_of(lines)) for place, lines in by_property.items()
    ]
    return TrendsReport(
        first,
        last,
        since,
        figures_of(line for lines in by_property.values() for line in lines),
        [DayTrend(day, figures_of(lines)) for day, lines in sorted(by_day.items())],
        sorted(found, key=_how_bad),
    )


def figures_of(lines: Iterable[TrendLine]) -> Figures:
    """What these lines come to."""
    sums: Counter[tuple[Figure, str]] = Counter()
    for line in lines:
        sums[line.figure, line.detail] += line.number
    causes = {detail: number for (figure, detail), number in sums.items() if figure is Figure.NOT_READY}
    bounds = {
        MORE if detail == LONGER else int(detail): number
        for (figure, detail), number in sums.items()
        if figure is Figure.TO_DOOR
    }
    ready = sums[Figure.READY, ""]
    return Figures(
        arrivals=ready + sum(causes.values()),
        ready=ready,
        causes=[
            CauseNumber(cause, words_of_cause(cause), number)
            for cause, number in sorted(causes.items(), key=lambda one: (-one[1], one[0]))
        ],
        changes=sum(bounds.values()),
        p50=quantile(bounds, Fraction(1, 2)),
        p99=quantile(bounds, Fraction(99, 100)),
        offline_hours=round(sums[Figure.OFFLINE, ""] / 3600, 1),
        bounds=[
            BoundNumber(bound, words if bound >= MORE else say("up to {time}", time=words), number)
            for bound, number in sorted(bounds.items())
            for words in [seconds_in_words(bound)]
        ],
    )


def quantile(bounds: Mapping[int, int], share: Fraction) -> int | None:
    """The bound that at least this share of all did not exceed; None where there is none."""
    left = sum(bounds.values()) * share
    for bound, number in sorted(bounds.items()):
        left -= number
        if left <= 0:
            return bound
    return None


def _how_bad(one: PropertyTrend) -> tuple[int, float, int, str]:
    figures = one.figures
    return -figures.not_ready, -figures.offline_hours, -(figures.p99 or 0), one.name


# --- words ------------------------------------------------------------------------------------------------------------


def words_of_cause(cause: str) -> str:
    """Why it was not ready, as the rest of a sentence."""
    return words_of(cause) or say("Seam said {code}", code=cause.replace("_", " "))


def seconds_in_words(seconds: int) -> str:
    """ "45 seconds", "2 minutes", "1 hour", "more than a day"."""
    if seconds >= MORE:
        return say("more than a day")
    for size, words in UNITS:
        if seconds % size == 0:
            return say_number(seconds // size, *words)
    return say_number(seconds, "{number} second", "{number} seconds")


def within(seconds: int) -> str:
    """ "within 2 minutes", "after more than a day"."""
    if seconds >= MORE:
        return say("after more than a day")
    return say("within {time}", time=seconds_in_words(seconds))


def sentences(of: Figures, person: str) -> list[str]:
    """What is to be said of it. `person`: "guest" or "tenant"."""
    said: list[str] = [say("No tenants were due.") if person == "tenant" else say("No guests were due.")]
    if of.arrivals:
        said = [say_number(of.arrivals, *COULD_OPEN["tenant" if person == "tenant" else "guest"], ready=of.ready)]
    if of.not_ready:
        causes = [say("{why} ({times})", why=one.words, times=one.number) for one in of.causes]
        one, many = messages("For {number} it was not ready: {causes}.", "For {number} it was not ready: {causes}.")
        said.append(say_number(of.not_ready, one, many, causes=together(causes, ", ")))
    if of.p50 is not None and of.p99 is not None:
        one, many = messages(
            "Of {number} change of access, half were at the door {half}, and 99 of 100 {most}.",
            "Of {number} changes of access, half were at the door {half}, and 99 of 100 {most}.",
        )
        said.append(say_number(of.changes, one, many, half=within(of.p50), most=within(of.p99)))
    if of.offline_hours:
        one, many = messages(
            "Locks were offline for {number} hour, all of them together.",
            "Locks were offline for {number} hours, all of them together.",
        )
        said.append(say_number(max(1, round(of.offline_hours)), one, many))
    return said


def trends_csv(found: TrendsReport) -> str:
    """A line for each property."""
    return as_csv(COLUMNS, trends_lines(found))


def trends_lines(found: TrendsReport) -> Iterator[Sequence[str | None]]:
    """The same as rows."""
    return (
        (
            f"{found.first}",
            f"{found.last}",
            one.connection,
            one.name,
            one.property_id,
            *(str(number) for number in (one.figures.arrivals, one.figures.ready, one.figures.not_ready)),
            "; ".join(f"{cause.cause} {cause.number}" for cause in one.figures.causes),
            *("" if each is None else str(each) for each in (one.figures.changes, one.figures.p50, one.figures.p99)),
            str(one.figures.offline_hours),
        )
        for one in found.properties
    )


def places_of(store: Database, connections: Collection[str] | None, property_name: str | None) -> Of:
    """What a report is over: these connections (None: all of which a property is known), or those of their properties
    with that id, or with that in their name. Raises `StoreFailed`."""
    wanted_ones = None if connections is None else frozenset(connections)
    known = [one for one in Properties(store).known() if wanted_ones is None or one.connection in wanted_ones]
    if property_name is None:
        names = {one.connection for one in known} if wanted_ones is None else wanted_ones
        return [(name, None) for name in sorted(names)]
    wanted = " ".join(property_name.split()).casefold()
    return [
        (one.connection, one.property_id)
        for one in known
        if one.property_id == property_name or wanted in " ".join(one.name.split()).casefold()
    ]
