"""What came of each day, by property: arrivals, how soon doors were told, locks offline. Numbers only, of nobody.

Whoever learns something adds it (`add_in`) in the transaction that takes away what it was learnt from: the mark of a
stay whose arrival is due or whose change is on its way, the time of the last look at a lock. So a run that is repeated
finds nothing to count, and one that is killed has counted nothing. Days are the property's own.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, select

from mappers.stay_window import zone
from store.engine import Repository, adding, among, chunks
from store.tables import properties, trends

KEEP = timedelta(days=400)
"""Thirteen months, so that a month can be compared with that of the year before."""
BOUNDS = (5, 10, 20, 30, 45, 60, 90, 120, 180, 300, 600, 1200, 1800, 3600, 7200, 86400)
"""Seconds: each change of access that a lock has confirmed counts under the first of these that it did not exceed."""
LONGER = ""
"""What took longer than the last of them."""


class Figure(StrEnum):
    """What is counted."""

    READY = "ready"
    """Arrivals whose access the locks were known to hold when it began."""
    NOT_READY = "not_ready"
    """Those of which that was not known; the detail is the cause."""
    TO_DOOR = "to_door"
    """Changes of access that locks had to be told at once, when they had confirmed them; the detail is a bound."""
    OFFLINE = "offline"
    """Seconds for which locks were offline, those of all locks together."""


@dataclass(frozen=True, slots=True)
class Counted:
    """Something to be added."""

    property_id: str
    at: datetime
    """UTC; it decides the day."""
    figure: Figure
    number: int = 1
    detail: str = ""


@dataclass(frozen=True, slots=True)
class TrendLine:
    """How much of something there was."""

    connection: str
    property_id: str
    day: date | None
    """None: of all days that were asked for."""
    figure: Figure
    detail: str
    number: int


Of = Collection[tuple[str, str | None]]
"""Connections by name, each with the id of a property; None: with all of them."""


def bound_of(seconds: float) -> str:
    """The detail under which a time counts."""
    return next((str(bound) for bound in BOUNDS if seconds <= bound), LONGER)


def by_days(property_id: str, figure: Figure, start: datetime, end: datetime, time_zone: str) -> Iterator[Counted]:
    """The seconds of a span, those of each day of that zone by themselves."""
    place = zone(time_zone) or UTC
    while start < end:
        there = start.astimezone(place).date() + timedelta(days=1)
        until = min(end, max(datetime.combine(there, time.min, place).astimezone(UTC), start + timedelta(seconds=1)))
        yield Counted(property_id, start, figure, round((until - start).total_seconds()))
        start = until


def zones_in(db: Connection, connection: str, property_ids: Collection[str]) -> Mapping[str, str]:
    """The time zones of properties, within a transaction that is open."""
    mine = properties.c.connection == connection
    found: dict[str, str] = {}
    for chunk in chunks(sorted(property_ids)):
        rows = db.execute(
            select(properties.c.property_id, properties.c.time_zone).where(mine, properties.c.property_id.in_(chunk))
        )
        found.update((row.property_id, row.time_zone) for row in rows)
    return found


def add_in(db: Connection, connection: str, counted: Collection[Counted]) -> None:
    """Adds to the numbers, as a part of a transaction that is open."""
    if not counted:
        return
    zones = zones_in(db, connection, {one.property_id for one in counted})
    sums: Counter[tuple[date, str, str, str]] = Counter()
    for one in counted:
        day = one.at.astimezone(zone(zones.get(one.property_id, "")) or UTC).date()
        sums[day, one.property_id, one.figure, one.detail[:80]] += one.number
    # In one order, or two transactions would wait for each other.
    names = ("day", "property_id", "figure", "detail")
    rows = [
        {"connection": connection, "number": number, **dict(zip(names, key, strict=True))}
        for key, number in sorted(sums.items())
        if number
    ]
    for chunk in chunks(rows):
        db.execute(adding(db.dialect.name, trends, "number"), chunk)


class Trends(Repository):
    """Queries of what was counted. Raises `StoreFailed`."""

    def add(self, connection: str, counted: Collection[Counted]) -> None:
        """Adds to the numbers; nothing is written where there is nothing to add."""
        if counted:
            with self._store.writing() as db:
                add_in(db, connection, counted)

    def by_property(self, first: date, last: date, of: Of) -> list[TrendLine]:
        """From one day to another, both included, those of all days together."""
        columns = (trends.c.connection, trends.c.property_id, trends.c.figure, trends.c.detail)
        statement = select(*columns, func.sum(trends.c.number)).group_by(*columns)
        return [
            TrendLine(connection, property_id, None, Figure(figure), detail, int(number))
            for connection, property_id, figure, detail, number in self._asked(statement, first, last, of)
        ]

    def by_day(self, first: date, last: date, of: Of) -> list[TrendLine]:
        """The same by day, those of all properties together (their names are empty)."""
        columns = (trends.c.day, trends.c.figure, trends.c.detail)
        statement = select(*columns, func.sum(trends.c.number)).group_by(*columns)
        return [
            TrendLine("", "", day, Figure(figure), detail, int(number))
            for day, figure, detail, number in self._asked(statement, first, last, of)
        ]

    def arrivals(
        self, first: date, places: Collection[tuple[str, str]]
    ) -> dict[tuple[str, str], dict[date, dict[Figure, int]]]:
        """From that day on, how many arrivals were ready and were not, by connection and property, and by day."""
        columns = (trends.c.connection, trends.c.property_id, trends.c.day, trends.c.figure)
        found: dict[tuple[str, str], dict[date, dict[Figure, int]]] = {}
        with self._store.reading() as db:
            for chunk in chunks(sorted(places)):
                statement = select(*columns, func.sum(trends.c.number)).where(
                    among(self._store.dialect, columns[:2], chunk),
                    trends.c.figure.in_([Figure.READY, Figure.NOT_READY]),
                    trends.c.day >= first,
                )
                for connection, property_id, day, figure, number in db.execute(statement.group_by(*columns)):
                    of_day = found.setdefault((connection, property_id), {}).setdefault(day, {})
                    of_day[Figure(figure)] = int(number)
        return found

    def counted_since(self) -> date | None:
        """The first day of which there is a number, of whatever is seen; None where there is none."""
        found: date | None = self._store.value(select(func.min(trends.c.day)))
        return found

    def _asked(self, statement: Select[Any], first: date, last: date, of: Of) -> Iterable[Any]:
        whole = sorted(connection for connection, property_id in of if property_id is None)
        single = sorted((connection, property_id) for connection, property_id in of if property_id is not None)
        place = (trends.c.connection, trends.c.property_id)
        # By one statement, however many there are: each goes through all of the days.
        wanted: list[ColumnElement[bool]] = [trends.c.connection.in_(whole)] if whole else []
        wanted += [among(self._store.dialect, place, chunk) for chunk in chunks(single)]
        found: list[Any] = []
        with self._store.reading() as db:
            for mine in wanted:
                found.extend(db.execute(statement.where(trends.c.day >= first, trends.c.day <= last, mine)))
        return found

    def forget_old(self, connection: str, now: datetime) -> None:
        """Of one connection, what was counted longer ago than is kept."""
        old = (trends.c.connection == connection, trends.c.day < (now - KEEP).astimezone(UTC).date())
        if self._store.row(select(trends.c.day).where(*old).limit(1)) is None:
            return
        self._store.write(delete(trends).where(*old))
