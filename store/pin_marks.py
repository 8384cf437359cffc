"""Which guests have the same PIN. Never a PIN: a mark is made of it with the workspace's API key, and tells nothing to
whoever has not that (`seam_workspace.seal`)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, bindparam, delete, select, update

from mappers.outcomes import Kind
from store.engine import ConnectionRepository, chunks, put, row_of
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


class PinMarks(ConnectionRepository):
    """Those of one connection. Raises `StoreFailed`."""

    def of(self, grant_ids: Collection[str]) -> dict[str, PinMark]:
        """By the grant's id."""
        found = [one for chunk in chunks(sorted(grant_ids)) for one in self._read(_OF_GRANTS, chunk)]
        return {one.grant_id: one for one in found}

    def alike(self, marks: Collection[str]) -> list[PinMark]:
        """All that have one of these marks, those of grants that are gone as well."""
        return [one for chunk in chunks(sorted(marks)) for one in self._read(_ALIKE, chunk)]

    def of_others(self) -> list[PinMark]:
        """Grants with the PIN of another guest; few, those that are gone as well."""
        return self._read(_OF_OTHERS)

    def to_be_made_anew(self) -> list[PinMark]:
        """Those of them that are there, and ours."""
        return self._read(_TO_BE_MADE_ANEW)

    def _read(self, statement: Select[Any], values: Collection[str] = ()) -> list[PinMark]:
        asked = {"of": self._connection, **({"values": list(values)} if values else {})}
        return [PinMark(*row) for row in self._store.rows(statement, asked)]

    def note(self, marks: Collection[PinMark]) -> None:
        rows = [row_of(one) | {"connection": self._connection, "gone_at": None} for one in marks]
        self._store.write_rows(put(self._store.dialect, table), rows)

    def forget_old(self, now: datetime) -> None:
        """What is gone for long; what is gone by now begins to be."""
        mine = table.c.connection == self._connection
        with self._store.writing() as db:
            is_gone = table.c.gone_at.is_(None) & table.c.grant_id.not_in(_LINKED)
            db.execute(update(table).where(mine, is_gone).values(gone_at=now), {"of": self._connection})
            db.execute(delete(table).where(mine, table.c.gone_at <= now - KEEP))


# Asked by every run of each connection: put together once.
_LINKED = select(links.c.seam_id).where(links.c.connection == bindparam("of"), links.c.kind == Kind.ACCESS_GRANT)
_ALL = select(*(table.c[name] for name in PinMark.__dataclass_fields__)).where(table.c.connection == bindparam("of"))
_OF_GRANTS = _ALL.where(table.c.grant_id.in_(bindparam("values")))
_ALIKE = _ALL.where(table.c.mark.in_(bindparam("values")))
_OF_OTHERS = _ALL.where(table.c.is_of_another)
_TO_BE_MADE_ANEW = _OF_OTHERS.where(table.c.grant_id.in_(_LINKED))
