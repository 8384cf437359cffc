"""How new is what was read: an older reading of a booking or a person never overwrites a newer one.

Only readings of few things are noted: those of a full run are as old as the run, which asks here before it
writes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache

from sqlalchemy import Executable, and_, delete, or_, select

from store.engine import INSERT, ConnectionRepository
from store.tables import readings

RESERVATION = "reservation"
"""The kind of what an urgent run is about to read: from then on, whoever has read it before leaves it alone."""
KEEP = timedelta(days=2)
"""Longer than any run."""


@dataclass(frozen=True, slots=True)
class Reading:
    """When the PMS was read (UTC), and in which turn: the clocks of two machines are not compared."""

    turn: int
    """A number that rises from turn to turn; from reading to reading, where two turns of a connection go on at once."""
    read_at: datetime


class ReadingBook(ConnectionRepository):
    """Of one connection. Safe to use from many threads."""

    def note(self, kind: str, keys: Collection[str], reading: Reading) -> None:
        """These are about to be acted upon as they were read."""
        rows = [
            {"connection": self._connection, "kind": kind, "key": key, "turn": reading.turn, "read_at": reading.read_at}
            for key in sorted(keys)
        ]
        self._store.write_rows(_noting(self._store.dialect), rows)

    def newer(self, kind: str, keys: Collection[str], than: Reading) -> set[str]:
        """Those of which something newer was read."""
        if not keys:
            return set()
        newer = select(readings.c.key).where(
            readings.c.connection == self._connection,
            readings.c.kind == kind,
            or_(readings.c.turn > than.turn, and_(readings.c.turn == than.turn, readings.c.read_at > than.read_at)),
        )
        return {
            row.key for row in self._store.rows_of(sorted(keys), lambda some: newer.where(readings.c.key.in_(some)))
        }

    def forget_old(self, now: datetime) -> None:
        self._store.write(
            delete(readings).where(readings.c.connection == self._connection, readings.c.read_at < now - KEEP)
        )


@cache
def _noting(dialect: str) -> Executable:
    statement = INSERT[dialect](readings)
    new = statement.excluded
    put: Executable = statement.on_conflict_do_update(
        index_elements=["connection", "kind", "key"],
        set_={"turn": new.turn, "read_at": new.read_at},
        where=or_(readings.c.turn < new.turn, and_(readings.c.turn == new.turn, readings.c.read_at < new.read_at)),
    )
    return put
