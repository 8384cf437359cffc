"""Which check-ins a PMS was told of, and what kept it from taking them."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from mappers.sentences import keep_together
from store.engine import ConnectionRepository, Database, put, row_of
from store.tables import check_ins as table

KEEP = timedelta(days=60)


@dataclass(frozen=True, slots=True)
class CheckIn:
    """Of one booking."""

    connection: str
    booking_id: str
    told_at: datetime | None
    """UTC: when the PMS took it, or had it already; None: not yet."""
    trouble: str | None
    retry_at: datetime | None
    """None: not to be tried again."""
    at: datetime
    said: Any = field(default=None, repr=False)
    """What the trouble was put together from; goes with it by itself."""

    def __post_init__(self) -> None:
        keep_together(self, "trouble")


def troubled_check_ins(store: Database, since: datetime) -> dict[str, list[CheckIn]]:
    """Those that a PMS has not taken, by connection, the newest first. Raises `StoreFailed`."""
    columns = [table.c[name] for name in CheckIn.__dataclass_fields__]
    wanted = (table.c.told_at.is_(None), table.c.trouble.is_not(None), table.c.at >= since)
    found: dict[str, list[CheckIn]] = {}
    for row in store.rows(select(*columns).where(*wanted).order_by(table.c.at.desc())):
        if row.trouble:
            found.setdefault(row.connection, []).append(CheckIn(*row))
    return found


class CheckInBook(ConnectionRepository):
    """Those of one connection. Raises `StoreFailed`."""

    def of(self, booking_ids: Collection[str]) -> dict[str, CheckIn]:
        """By booking id."""
        columns = [table.c[name] for name in CheckIn.__dataclass_fields__]
        mine = select(*columns).where(table.c.connection == self._connection)
        rows = self._store.rows_of(sorted(booking_ids), lambda some: mine.where(table.c.booking_id.in_(some)))
        return {row.booking_id: CheckIn(*row) for row in rows}

    def note(self, one: CheckIn) -> None:
        self._store.write(put(self._store.dialect, table), [row_of(one)])

    def forget_old(self, now: datetime) -> None:
        self._store.write(delete(table).where(table.c.connection == self._connection, table.c.at <= now - KEEP))
