"""Whose access a connection has taken away in the last day, and whose is held: what the safety limit counts.

What is about to be revoked is noted before it is, so that two runs at the same time cannot both believe that there is
room; what did not happen is taken off again.
"""

import threading
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select

from store.engine import ConnectionRepository, chunks
from store.tables import holds, revocations

KEEP = timedelta(days=2)


@dataclass(frozen=True, slots=True)
class Revocation:
    """A grant that was revoked (or is about to be), and when (UTC)."""

    key: str
    property_id: str
    reservation: str
    by_absence: bool
    starts_at: datetime
    at: datetime


@dataclass(frozen=True, slots=True)
class Waiting:
    """A revocation that is held."""

    key: str
    property_id: str
    booking_id: str
    by_absence: bool


class RevocationBook(ConnectionRepository):
    """Of one connection. Safe to use from many threads."""

    _weighing = threading.Lock()

    @contextmanager
    def alone(self) -> Iterator[None]:
        """Nobody else in this process decides meanwhile. (Of several processes, one works on a connection.)"""
        with self._weighing:
            yield

    def since(self, moment: datetime) -> list[Revocation]:
        wanted = select(*(revocations.c[name] for name in Revocation.__dataclass_fields__)).where(
            revocations.c.connection == self._connection, revocations.c.at > moment
        )
        return [Revocation(*row) for row in self._store.rows(wanted)]

    def waiting(self) -> list[Waiting]:
        """Every revocation that waits for somebody's word, once; not those that are in doubt only."""
        wanted = (
            select(*(holds.c[name] for name in Waiting.__dataclass_fields__))
            .where(holds.c.connection == self._connection, holds.c.settled_at.is_(None), ~holds.c.in_doubt)
            .order_by(holds.c.held_at)
        )
        return list({row.key: Waiting(*row) for row in self._store.rows(wanted)}.values())

    def note(self, planned: Iterable[Revocation], now: datetime) -> None:
        """Notes what is about to be done; what is older than two days is forgotten."""
        rows = [
            {name: getattr(one, name) for name in Revocation.__dataclass_fields__} | {"connection": self._connection}
            for one in planned
        ]
        if not rows:
            return
        with self._store.writing() as db:
            mine = revocations.c.connection == self._connection
            db.execute(delete(revocations).where(mine, revocations.c.at <= now - KEEP))
            for chunk in chunks(rows):
                db.execute(delete(revocations).where(mine, revocations.c.key.in_([row["key"] for row in chunk])))
                db.execute(revocations.insert(), chunk)

    def take_off(self, keys: Collection[str]) -> None:
        """These were not revoked after all."""
        wanted = list(keys)
        with self._store.writing() as db:
            for chunk in chunks(wanted):
                db.execute(
                    delete(revocations).where(
                        revocations.c.connection == self._connection,
                        revocations.c.key.in_(chunk),
                    )
                )

    def seen_by_a_person(self, property_ids: Collection[str]) -> None:
        """Somebody has looked at what became of these properties, and approved: they are counted from here on."""
        self._store.write(
            delete(revocations).where(
                revocations.c.connection == self._connection, revocations.c.property_id.in_(list(property_ids))
            )
        )
