"""Spare keys: which lie ready on which lock, who was shown one and why, and when it was used. Never a PIN."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from store.engine import ConnectionRepository, Database, row_of
from store.tables import spare_keys as table

KEEP = timedelta(days=90)
"""Who was shown which, after it is gone."""


@dataclass(frozen=True, slots=True)
class SpareKey:
    """One PIN without a guest."""

    connection: str
    seam_id: str
    """Of its grant."""
    property_id: str
    room: str
    """The Space's name."""
    space_id: str
    made_at: datetime
    """UTC, as all that follow."""
    ready_at: datetime | None = None
    """When its lock was known to have it."""
    code_ids: tuple[str, ...] = ()
    """Seam's ids of its codes in the locks: an event that tells of its use names one."""
    shown_at: datetime | None = None
    shown_by: str | None = None
    booking_id: str | None = None
    """For whom it was shown."""
    reason: str | None = None
    valid_until: datetime | None = None
    """Of one that was shown."""
    used_at: datetime | None = None
    gone_at: datetime | None = None

    @property
    def is_ready(self) -> bool:
        """Whether it may be shown to somebody."""
        return self.ready_at is not None and self.shown_at is None and self.used_at is None and self.gone_at is None

    @property
    def state(self) -> str:
        """`gone`, `used`, `shown`, `ready` or `being made`."""
        for name, at in (("gone", self.gone_at), ("used", self.used_at), ("shown", self.shown_at)):
            if at is not None:
                return name
        return "ready" if self.ready_at is not None else "being made"


def used_since(store: Database, since: datetime) -> list[SpareKey]:
    """Those of all connections that were used since then, gone or not. Raises `StoreFailed`."""
    return [_read(row) for row in store.rows(_SELECT.where(table.c.used_at >= since))]


def spare_keys_of_all(store: Database) -> list[SpareKey]:
    """Those of all connections, gone or not, the newest of each first. Raises `StoreFailed`."""
    return [_read(row) for row in store.rows(_SELECT.order_by(table.c.connection, table.c.made_at.desc()))]


class SpareKeys(ConnectionRepository):
    """Those of one connection. Raises `StoreFailed`."""

    def of(self, property_id: str | None = None, with_gone: bool = False) -> list[SpareKey]:
        """Of one property or of all, the newest first."""
        asked, property_of = (_MINE, {}) if property_id is None else (_MINE_AT, {"at": property_id})
        rows = self._store.rows(asked[with_gone], {"of": self._connection, **property_of})
        return [_read(row) for row in rows]

    def made(self, one: SpareKey) -> None:
        self._store.write(insert(table).values(row_of(one) | {"code_ids": list(one.code_ids)}))

    def ready(self, seam_id: str, code_ids: Collection[str], now: datetime) -> None:
        """Its lock has it."""
        self._set(seam_id, ready_at=now, code_ids=sorted(code_ids))

    def show(self, seam_id: str, who: str, booking_id: str, reason: str, now: datetime, until: datetime) -> bool:
        """Notes that somebody is shown one that is ready; False where somebody else was a moment before."""
        with self._store.writing() as db:
            wanted = (*self._one(seam_id), table.c.shown_at.is_(None), table.c.gone_at.is_(None))
            values = {"shown_at": now, "shown_by": who[:80], "booking_id": booking_id, "reason": reason}
            return db.execute(update(table).where(*wanted).values(valid_until=until, **values)).rowcount == 1

    def used(self, code_ids: Collection[str], at: datetime) -> list[SpareKey]:
        """Notes that codes have opened a lock; those of them that are spare keys."""
        found = [one for one in self.of() if not set(one.code_ids).isdisjoint(code_ids)]
        for one in found:
            if one.used_at is None:
                self._set(one.seam_id, used_at=at)
        return found

    def gone(self, seam_id: str, now: datetime) -> None:
        """It was taken away."""
        self._set(seam_id, gone_at=now)

    def forget_old(self, now: datetime) -> None:
        old = (table.c.connection == self._connection, table.c.gone_at <= now - KEEP)
        self._store.write(delete(table).where(*old))

    def _one(self, seam_id: str) -> tuple[Any, ...]:
        return table.c.connection == self._connection, table.c.seam_id == seam_id

    def _set(self, seam_id: str, **values: Any) -> None:
        self._store.write(update(table).where(*self._one(seam_id)).values(values))


_SELECT = select(*(table.c[name] for name in SpareKey.__dataclass_fields__))
# Asked with every look at the locks: put together once; without those that are gone, and with them.
_ALL_MINE = _SELECT.where(table.c.connection == bindparam("of")).order_by(table.c.made_at.desc())
_MINE = _ALL_MINE.where(table.c.gone_at.is_(None)), _ALL_MINE
_MINE_AT = tuple(one.where(table.c.property_id == bindparam("at")) for one in _MINE)


def _read(row: Row[Any]) -> SpareKey:
    return SpareKey(**{**row._mapping, "code_ids": tuple(row.code_ids)})
