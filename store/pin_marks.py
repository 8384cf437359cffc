"""Which guests have the same PIN. Never a PIN: a mark is made of it with the workspace's API key, and tells nothing to
whoever has not that (`seam_workspace.seal`)."""

from collections.abc import Collection
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, delete, select, update

from mappers.outcomes import Kind
from store.engine import Database, chunks, put
from store.tables import links
from store.tables import pin_marks as table

KEEP = timedelta(days=30)
"""So long a PIN is remembered after its grant is gone: whoever had it may still know it."""


@dataclass(frozen=True, slots=True)
class PinMark:
    """Of one grant."""

    grant_id: str
    """Seam's."""
    key: str
    """The grant's, without its generation."""
    booking_id: str
    person: str
    """The key of her identity."""
    space_ids: frozenset[str]
    mark: str | None
    """None: Seam has not told the PIN yet."""
    is_of_another: bool = False
    """Another one is to be made."""


class PinMarks:
    """Those of one connection. Raises `StoreFailed`."""

    def __init__(self, store: Database, connection: str):
        self._store = store
        self._connection = connection

    def of(self, grant_ids: Collection[str]) -> dict[str, PinMark]:
        """By the grant's id."""
        found = [one for chunk in chunks(sorted(grant_ids)) for one in self._read(table.c.grant_id.in_(chunk))]
        return {one.grant_id: one for one in found}

    def alike(self, marks: Collection[str]) -> list[PinMark]:
        """All that have one of these marks, those of grants that are gone as well."""
        return [one for chunk in chunks(sorted(marks)) for one in self._read(table.c.mark.in_(chunk))]

    def of_others(self) -> list[PinMark]:
        """Grants with the PIN of another guest; few, those that are gone as well."""
        return self._read(table.c.is_of_another)

    def to_be_made_anew(self) -> list[PinMark]:
        """Those of them that are there, and ours."""
        return self._read(table.c.is_of_another & table.c.grant_id.in_(self._linked()))

    def _linked(self) -> Select[tuple[str]]:
        return select(links.c.seam_id).where(links.c.connection == self._connection, links.c.kind == Kind.ACCESS_GRANT)

    def _read(self, wanted: ColumnElement[bool]) -> list[PinMark]:
        columns = (table.c[name] for name in PinMark.__dataclass_fields__)
        with self._store.reading() as db:
            rows = db.execute(select(*columns).where(table.c.connection == self._connection, wanted))
            return [PinMark(*row) for row in rows]

    def note(self, marks: Collection[PinMark]) -> None:
        rows = [asdict(one) | {"connection": self._connection, "gone_at": None} for one in marks]
        if rows:
            with self._store.writing() as db:
                for chunk in chunks(rows):
                    db.execute(put(self._store.dialect, table), chunk)

    def forget_old(self, now: datetime) -> None:
        """What is gone for long; what is gone by now begins to be."""
        mine = table.c.connection == self._connection
        with self._store.writing() as db:
            is_gone = table.c.gone_at.is_(None) & table.c.grant_id.not_in(self._linked())
            db.execute(update(table).where(mine, is_gone).values(gone_at=now))
            db.execute(delete(table).where(mine, table.c.gone_at <= now - KEEP))
