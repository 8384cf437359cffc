"""Which door codes the PMS was told of. The codes themselves are nowhere in the database."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, select

from mappers.sentences import keep_together
from store.engine import ConnectionRepository, Database, chunks, put, row_of
from store.tables import handed_over


@dataclass(frozen=True, slots=True)
class DoorCodeRecord:
    """One grant's code, as far as the PMS is concerned."""

    key: str
    property_id: str
    booking_id: str
    mark: str | None
    """Of the grant, room and window that the PMS was told of; None: it was told of none yet."""
    trouble: str | None
    at: datetime
    ends_at: datetime | None = None
    said: Any = field(default=None, repr=False)
    """What the trouble was put together from; goes with it by itself."""

    def __post_init__(self) -> None:
        keep_together(self, "trouble")


def troubled_codes(store: Database) -> dict[str, list[DoorCodeRecord]]:
    """Those that a PMS could not be told, by connection, the newest first. Raises `StoreFailed`."""
    columns = [handed_over.c[name] for name in DoorCodeRecord.__dataclass_fields__]
    mine = select(handed_over.c.connection, *columns).where(handed_over.c.trouble.is_not(None))
    found: dict[str, list[DoorCodeRecord]] = {}
    for row in store.rows(mine.order_by(handed_over.c.at.desc())):
        found.setdefault(row[0], []).append(DoorCodeRecord(*row[1:]))
    return found


class DoorCodeRecords(ConnectionRepository):
    """What one connection's PMS was told."""

    def of_bookings(self, booking_ids: Collection[str]) -> dict[str, DoorCodeRecord]:
        """By key."""
        mine = [
            row
            for chunk in chunks(sorted(booking_ids))
            for row in self._read(handed_over.c.booking_id.in_(chunk), handed_over.c.key)
        ]
        return {row.key: row for row in mine}

    def ended(self, property_id: str, now: datetime) -> set[str]:
        """Bookings of which the PMS holds a code whose access has ended by now."""
        ended = and_(handed_over.c.property_id == property_id, handed_over.c.ends_at <= now)
        return {row.booking_id for row in self._read(ended, handed_over.c.key)}

    def _read(self, wanted: ColumnElement[bool], order: ColumnElement[Any]) -> list[DoorCodeRecord]:
        columns = (handed_over.c[name] for name in DoorCodeRecord.__dataclass_fields__)
        mine = select(*columns).where(handed_over.c.connection == self._connection, wanted).order_by(order)
        return [DoorCodeRecord(*row) for row in self._store.rows(mine)]

    def note(self, told: Sequence[DoorCodeRecord], gone: Collection[str] = ()) -> None:
        """Takes up what became of these keys; of those in `gone` the PMS holds nothing any more."""
        written = ("property_id", "booking_id", "mark", "trouble", "said", "at", "ends_at")
        statement = put(self._store.dialect, handed_over, *written)
        rows = [row_of(one) | {"connection": self._connection} for one in told]
        keys = list(gone)
        with self._store.writing() as db:
            for chunk in chunks(rows):
                db.execute(statement, chunk)
            for chunk in chunks(keys):
                db.execute(
                    delete(handed_over).where(
                        handed_over.c.connection == self._connection, handed_over.c.key.in_(chunk)
                    )
                )
