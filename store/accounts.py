"""The lock systems that properties are connected to, as Seam last said."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from itertools import zip_longest
from typing import Any

from sqlalchemy import bindparam, delete, select

from mappers.sentences import as_it_was
from store.engine import Repository, among, put, row_of
from store.tables import accounts


@dataclass(frozen=True, slots=True)
class Account:
    """A property's connection to its lock system, as Seam last said."""

    connection: str
    account_id: str
    property_id: str
    name: str
    trouble: str | None
    """Codes of why nothing new reaches its locks; None when it does."""
    at: datetime
    remark: str | None = None
    """What is worth knowing while it works."""
    holds: dict[str, Any] | None = None
    """`why` (of the trouble), `devices` and `entrances` (how many), `systems` (names), `troubles` and `causes` (words
    and codes, those of single locks as well)."""

    @property
    def why(self) -> str:
        """The trouble in words; empty where there is none."""
        holds = self.holds or {}
        return as_it_was(holds.get("why") or (self.trouble or "").replace("_", " "), holds.get("said"))

    @property
    def troubles(self) -> list[str]:
        """What is wrong at it, that of single locks as well, in words."""
        holds = self.holds or {}
        words, said = holds.get("troubles") or [], holds.get("troubles_said") or []
        return [as_it_was(one, kept) for one, kept in zip_longest(words, said[: len(words)])]


class LockAccounts(Repository):
    """Queries and writes of lock accounts."""

    def note(self, connection: str, property_id: str, found: Collection[Account]) -> None:
        """What lock systems a property is connected to now; others that it had are forgotten."""
        with self._store.writing() as db:
            db.execute(_FORGET, {"of": connection, "at": property_id})
            for one in found:
                db.execute(put(self._store.dialect, accounts), row_of(one))

    def all(self) -> list[Account]:
        rows = self._store.rows(select(*(accounts.c[name] for name in Account.__dataclass_fields__)))
        return [Account(*row) for row in rows]

    def of(self, places: Collection[tuple[str, str]]) -> dict[tuple[str, str], list[Account]]:
        """Of these properties (connection, id); those that have none are left out."""
        found: dict[tuple[str, str], list[Account]] = {}
        asked = select(*(accounts.c[name] for name in Account.__dataclass_fields__))
        place = (accounts.c.connection, accounts.c.property_id)
        for row in self._store.rows_of(places, lambda some: asked.where(among(self._store.dialect, place, some))):
            found.setdefault((row.connection, row.property_id), []).append(Account(*row))
        return found

    def in_trouble(self) -> set[tuple[str, str]]:
        """The properties (connection, id) of which a lock system does not work."""
        with self._store.reading() as db:
            asked = select(accounts.c.connection, accounts.c.property_id).where(accounts.c.trouble.is_not(None))
            return {(row[0], row[1]) for row in db.execute(asked)}


# With every look at the locks: put together once.
_FORGET = delete(accounts).where(accounts.c.connection == bindparam("of"), accounts.c.property_id == bindparam("at"))
