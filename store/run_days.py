"""What the runs of each day came to, by property: the chart of *Runs*. Written by the run that ends, as a part of the
transaction that says so, so that nobody has to add up the totals of every run for a page.

A run is of the day on which it began, as its property's time zone has it; over properties of several zones, of UTC.
Those over one property only are counted as that property's, all others as the whole connection's (`property_id` is
empty).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import Connection, bindparam, func, select

from mappers.stay_window import zone
from store.engine import Repository, adding
from store.tables import properties, run_days

CHANGES = ("created", "updated", "replaced", "revoked")
NUMBERS = ("runs", "changes", "failures", "broken_off")


@dataclass(frozen=True, slots=True)
class RunDay:
    """What all runs came to that began on one day."""

    day: date
    runs: int
    changes: int
    failures: int
    broken_off: int


class RunDays(Repository):
    """Raises `StoreFailed`."""

    def since(self, first: date) -> list[RunDay]:
        """From that day on, those of all that is seen together; days without a run are left out."""
        sums = [func.sum(run_days.c[name]) for name in NUMBERS]
        statement = select(run_days.c.day, *sums).where(run_days.c.day >= first).group_by(run_days.c.day)
        return [RunDay(row[0], *(int(number) for number in row[1:])) for row in self._store.rows(statement)]


def counted_in(totals: Mapping[str, Mapping[str, int]], broken_off: str | None) -> dict[str, int]:
    """What one run adds to its day."""
    return {
        "runs": 1,
        "changes": sum(counts.get(word, 0) for counts in totals.values() for word in CHANGES),
        "failures": sum(counts.get("failed", 0) for counts in totals.values()),
        "broken_off": int(broken_off is not None),
    }


def count_in(db: Connection, ended: Iterable[Any]) -> None:
    """Takes up runs that have ended (rows of `runs`), as a part of a transaction that is open."""
    rows = [
        {
            "day": _day_of(db, run.connection, run.property_id, run.started_at),
            "connection": run.connection,
            "property_id": run.property_id or "",
            **counted_in(run.totals or {}, run.broken_off),
        }
        for run in ended
    ]
    for row in rows:
        db.execute(adding(db.dialect.name, run_days, *NUMBERS), row)


def _day_of(db: Connection, connection: str, property_id: str | None, began: datetime) -> date:
    """The day there on which it began."""
    statement = _ZONES if property_id is None else _ZONES_OF_PROPERTY
    zones = list(db.execute(statement, {"of": connection, "place": property_id}).scalars())
    there = zone(zones[0]) if len(zones) == 1 else None
    return began.astimezone(there or UTC).date()


# Asked at the end of every run: put together once.
_ZONES = select(properties.c.time_zone).where(properties.c.connection == bindparam("of")).distinct().limit(2)
_ZONES_OF_PROPERTY = _ZONES.where(properties.c.property_id == bindparam("place"))
