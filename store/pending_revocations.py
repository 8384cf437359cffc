"""Access that was taken away and that a lock may not have forgotten yet: until Seam has it no more, or its time is
over.

A lock that is offline keeps what it was told. Whoever had access may have it still: the pages say so, and until when.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, delete, or_, select, update

from store.engine import Repository, chunks, row_of
from store.tables import pending_revocations as table


@dataclass(frozen=True, slots=True)
class PendingRevocation:
    """A grant that was deleted, and that Seam may still be taking out of its locks."""

    connection: str
    seam_id: str
    key: str
    booking_id: str
    property_id: str
    rooms: list[str]
    """Names of the Spaces that it opened."""
    space_ids: list[str]
    ends_at: datetime | None
    """UTC: when it ends by itself; None: never."""
    since: datetime
    """UTC: when it was deleted."""
    looked_at: datetime | None = None
    """UTC: when Seam last said that it is still there."""


class PendingRevocations(Repository):
    """Of all connections, or of one. Raises `StoreFailed`."""

    def note(self, found: Iterable[PendingRevocation]) -> None:
        rows = [row_of(one) for one in found]
        statement = self._store.upsert(table).on_conflict_do_nothing(index_elements=["connection", "seam_id"])
        self._store.write_rows(statement, rows)

    def of(
        self, now: datetime, connection: str | None = None, booking_ids: Collection[str] | None = None
    ) -> list[PendingRevocation]:
        """Those whose time is not over, the oldest first."""
        statement, asked = _GOING if connection is None else _GOING_OF, {"now": now, "of": connection}
        parts = (
            [statement]
            if booking_ids is None
            else [statement.where(table.c.booking_id.in_(part)) for part in chunks(sorted(booking_ids))]
        )
        with self._store.reading() as db:
            found = [PendingRevocation(*row) for part in parts for row in db.execute(part, asked)]
        return sorted(found, key=lambda one: (one.since, one.seam_id))

    def still_there(self, connection: str, seam_ids: Collection[str], now: datetime) -> None:
        """Seam has just said that it is still taking these away."""
        with self._store.writing() as db:
            for chunk in chunks(sorted(seam_ids)):
                mine = (table.c.connection == connection, table.c.seam_id.in_(chunk))
                db.execute(update(table).where(*mine).values(looked_at=now))

    def forget(self, connection: str, seam_ids: Collection[str], now: datetime) -> None:
        """These are gone; those whose time is over open nothing either."""
        over = (table.c.connection == connection, table.c.ends_at <= now)
        if not seam_ids and self._store.row(_IS_OVER, {"of": connection, "now": now}) is None:
            return
        with self._store.writing() as db:
            db.execute(delete(table).where(*over))
            for chunk in chunks(sorted(seam_ids)):
                db.execute(delete(table).where(table.c.connection == connection, table.c.seam_id.in_(chunk)))


# Asked every few seconds: put together once.
_GOING = select(*(table.c[name] for name in PendingRevocation.__dataclass_fields__)).where(
    or_(table.c.ends_at.is_(None), table.c.ends_at > bindparam("now"))
)
_GOING_OF = _GOING.where(table.c.connection == bindparam("of"))
_IS_OVER = (
    select(table.c.seam_id).where(table.c.connection == bindparam("of"), table.c.ends_at <= bindparam("now")).limit(1)
)
