"""What Seam and a PMS's API are asked for, by day, connection and property: what their makers may bill.

Whatever costs something says so where it happens (`count`). It is added up in memory, on the bill of whoever works
(`Bill`), and written with the end of a run, in a transaction that there is anyway. A process that is killed loses what
it had not written yet: these are numbers to plan with, no invoice.
"""

import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Select, delete, func, or_, select

from mappers.outcomes import Kind
from store.engine import INSERT, Database, Repository, adding, among, chunks, keep_listing
from store.tables import costs, links, spare_keys

KEEP = timedelta(days=731)
"""24 months."""
STILL_WRITTEN = timedelta(days=2)
"""So long after a day has begun it may be that somebody writes of it, whose clock is behind."""
Counts = Mapping[tuple[str, "Cost"], int]
"""Numbers by property ("": of none alone) and what is counted."""


class Cost(StrEnum):
    """What is counted."""

    SEAM_CALLS = "seam_calls"
    """Requests that were sent to Seam, whatever came of them; so with the PMS."""
    PMS_CALLS = "pms_calls"
    CODES = "codes"
    """Grants with a PIN that were made in Seam; spare keys too."""
    CODE_DAYS = "code_days"
    """Grants with a PIN, by days (UTC) that their time touches."""
    SEAM_WEBHOOKS = "seam_webhooks"
    """Webhooks that concern something of ours."""
    PMS_WEBHOOKS = "pms_webhooks"


class Bill:
    """What somebody's work has cost so far. Safe to use from many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: Counter[tuple[str, Cost]] = Counter()

    def add(self, property_id: str, cost: Cost, number: int = 1) -> None:
        with self._lock:
            self._counts[property_id, cost] += number

    @contextmanager
    def taken(self) -> Iterator[Counts]:
        """What is on it, which is off it afterwards; if what is done with it fails, it is on it again."""
        with self._lock:
            counts, self._counts = self._counts, Counter()
        try:
            yield counts
        except BaseException:
            with self._lock:
                self._counts.update(counts)
            raise


_current: ContextVar[tuple[Bill, str] | None] = ContextVar("bill", default=None)


def current_bill() -> Bill | None:
    """The one on which this thread's work goes."""
    found = _current.get()
    return found[0] if found is not None else None


@contextmanager
def on_bill(bill: Bill, property_id: str = "") -> Iterator[Bill]:
    """What costs something meanwhile goes on this bill. A thread of its own has to be started in a copy of the
    context."""
    before = _current.set((bill, property_id))
    try:
        yield bill
    finally:
        _current.reset(before)


@contextmanager
def taken_now() -> Iterator[Counts]:
    """What is on the current bill: see `Bill.taken`."""
    with (current_bill() or Bill()).taken() as counts:
        yield counts


@contextmanager
def for_property(property_id: str) -> Iterator[None]:
    """What costs something meanwhile is for that property ("": for all of the connection), on whichever bill."""
    bill = current_bill()
    if bill is None:
        yield
        return
    with on_bill(bill, property_id):
        yield


def count(cost: Cost, number: int = 1, property_id: str | None = None) -> None:
    """Something was asked for; nothing where nobody keeps a bill. `property_id`: for that one."""
    found = _current.get()
    if found is not None and number:
        bill, current = found
        bill.add(current if property_id is None else property_id, cost, number)


def counting(
    cost: Cost, observe: Callable[[str, str, float], None] = lambda endpoint, status, seconds: None
) -> Callable[[str, str, float], None]:
    """For a client's `observe`: counts every call, and tells `observe` of it."""

    def observed(endpoint: str, status: str, seconds: float) -> None:
        count(cost)
        observe(endpoint, status, seconds)

    return observed


@dataclass(frozen=True, slots=True)
class CostLine:
    """How much of something a property had within some days."""

    connection: str
    property_id: str
    """Empty: for all properties of the connection together."""
    kind: Cost
    number: int
    first_day: date
    """The first of the days on which any was counted."""


class Costs(Repository):
    """Queries and writes of what was asked for. Days are of UTC. Raises `StoreFailed`."""

    def add(self, connection: str, counts: Counts, now: datetime) -> None:
        """Adds to the numbers of today; nothing is written where there is nothing to add."""
        if counts:
            with self._store.writing() as db:
                add_in(self._store, db, connection, counts, now)

    def note_code_days(self, connection: str, property_id: str, now: datetime) -> None:
        """Notes how many grants a property has whose time touches this day, all of them with a PIN, and how many spare
        keys. What was more earlier in the day stays."""
        day = datetime.combine(_day(now), time.min, UTC)
        until = day + timedelta(days=1)
        grants = select(func.count()).where(
            links.c.connection == connection,
            links.c.property_id == property_id,
            links.c.kind == Kind.ACCESS_GRANT,
            links.c.starts_at < until,
            or_(links.c.ends_at.is_(None), links.c.ends_at > day),
        )
        spare = select(func.count()).where(
            spare_keys.c.connection == connection,
            spare_keys.c.property_id == property_id,
            spare_keys.c.made_at < until,
            or_(spare_keys.c.gone_at.is_(None), spare_keys.c.gone_at > day),
        )
        with self._store.reading() as db:
            number = sum(int(db.execute(one).scalar_one()) for one in (grants, spare))
        if number:
            with self._store.writing() as db:
                _put(self._store, db, connection, [(property_id, Cost.CODE_DAYS, number)], now, at_least=True)

    def places(self, first: date, last: date) -> list[tuple[str, str]]:
        """Of which connection and property ("": of none alone) anything was counted from one day to another."""
        kept = self._store.kept_listings
        with self._store.reading() as db:
            newest = db.execute(select(func.max(costs.c.day))).scalar()
            if newest is None:
                return []
            # Only today's are written: those of days that are over stay as they are, and are read once.
            over = min(last, newest - STILL_WRITTEN)
            of = ("costs", self._store.visible, first)
            before = kept.get(of)
            if before is None or before[0] != over:
                since, known = before if before is not None and before[0] < over else (first, set[tuple[str, str]]())
                old = _by_leaps(since, over) if self._store.visible is None else _of_each_day(since, over)
                before = over, known.union((row[0], row[1]) for row in db.execute(old))
                keep_listing(self._store, of, before)
            news = db.execute(_of_each_day(max(first, over + timedelta(days=1)), last))
            return [*before[1].union((row[0], row[1]) for row in news)]

    def of_days(self, first: date, last: date, places: Collection[tuple[str, str]] | None = None) -> list[CostLine]:
        """What was counted from one day to another, both included. `places`: of these (connection, property) only."""
        columns = (costs.c.connection, costs.c.property_id, costs.c.kind)
        statement = (
            select(*columns, func.sum(costs.c.number), func.min(costs.c.day))
            .where(costs.c.day >= first, costs.c.day <= last)
            .group_by(*columns)
            .order_by(*columns)
        )
        parts = [statement]
        if places is not None:
            place = (costs.c.connection, costs.c.property_id)
            parts = [statement.where(among(self._store.dialect, place, chunk)) for chunk in chunks(sorted(places))]
        with self._store.reading() as db:
            return [
                CostLine(connection, property_id, Cost(kind), int(number), first_day)
                for part in parts
                for connection, property_id, kind, number, first_day in db.execute(part)
            ]

    def forget_old(self, connection: str, now: datetime) -> None:
        """Of one connection, what was counted more than 24 months ago."""
        old = (costs.c.connection == connection, costs.c.day < _day(now - KEEP))
        if self._store.row(select(costs.c.day).where(*old).limit(1)) is None:
            return
        self._store.write(delete(costs).where(*old))


def add_in(store: Database, db: Connection, connection: str, counts: Counts, now: datetime) -> None:
    """Adds to the numbers of today, as a part of a transaction."""
    rows = [(property_id, kind, number) for (property_id, kind), number in counts.items() if number]
    if rows:
        _put(store, db, connection, rows, now, at_least=False)


def _put(
    store: Database,
    db: Connection,
    connection: str,
    rows: Collection[tuple[str, Cost, int]],
    now: datetime,
    at_least: bool,
) -> None:
    """Adds numbers to those of the day, or makes these the least that it has. In one order, or two transactions would
    wait for each other."""
    statement = _at_least(store.dialect) if at_least else adding(store.dialect, costs, "number")
    written = [
        {"day": _day(now), "connection": connection, "property_id": property_id, "kind": str(kind), "number": number}
        for property_id, kind, number in sorted(rows)
    ]
    for chunk in chunks(written):
        db.execute(statement, chunk)


def _of_each_day(first: date, last: date) -> Select[Any]:
    """Of which connections and properties anything was counted."""
    within = costs.c.day >= first, costs.c.day <= last
    return select(costs.c.connection, costs.c.property_id).where(*within).distinct()


def _by_leaps(first: date, last: date) -> Select[Any]:
    """The same without reading what was counted of each day and kind: from each connection to the next, and from each
    property to the next, by `costs_by_property`; and whether there is anything of it within these days. Not for whoever
    may see a part only."""
    next_name = select(func.min(costs.c.connection))
    names = select(next_name.scalar_subquery().label("connection")).cte("names", recursive=True)
    following = next_name.where(costs.c.connection > names.c.connection).scalar_subquery()
    names = names.union_all(select(following).where(names.c.connection.is_not(None)))
    next_id = select(func.min(costs.c.property_id))
    first_id = next_id.where(costs.c.connection == names.c.connection).scalar_subquery()
    begun = select(names.c.connection, first_id.label("property_id")).where(names.c.connection.is_not(None))
    places = begun.cte("places", recursive=True)
    behind = costs.c.connection == places.c.connection, costs.c.property_id > places.c.property_id
    further = next_id.where(*behind).scalar_subquery()
    places = places.union_all(select(places.c.connection, further).where(places.c.property_id.is_not(None)))
    of_it = costs.c.connection == places.c.connection, costs.c.property_id == places.c.property_id
    within = select(costs.c.day).where(*of_it, costs.c.day >= first, costs.c.day <= last)
    return select(places.c.connection, places.c.property_id).where(
        places.c.property_id.is_not(None), within.correlate(places).exists()
    )


@cache
def _at_least(dialect: str) -> Executable:
    statement = INSERT[dialect](costs)
    greatest = func.max if dialect == "sqlite" else func.greatest
    put: Executable = statement.on_conflict_do_update(
        index_elements=["day", "connection", "property_id", "kind"],
        set_={"number": greatest(statement.excluded.number, costs.c.number)},
    )
    return put


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
