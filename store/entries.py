"""Who opened which lock when, as Seam's events say: kept for as long as `keep.entries` says, and no longer."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import Connection, delete, func, select

from store.engine import Repository, chunks, row_of
from store.happened import entered
from store.outgoing import Happened, anybody_receives, emit_in
from store.stays import stays_in
from store.tables import entries


class EntryKind(StrEnum):
    """What happened at the lock."""

    OPENED = "opened"
    REFUSED = "refused"
    """A PIN, card or key that it does not take."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event at a lock."""

    event_id: str
    """Seam's."""
    connection: str
    property_id: str
    door_id: str
    door: str
    """The lock's name."""
    kind: str
    method: str
    """How, in Seam's words: `keycode`, `card`, `remote`, `manual`, ...; empty where it does not say."""
    booking_id: str | None
    """Whose access it was; None where that is not known for certain."""
    at: datetime
    """UTC."""
    code_id: str | None = None
    """Seam's id of the PIN that it was; None where the event does not name it."""
    named: bool = False
    """Whether the event says whose access it was."""


class Entries(Repository):
    """Safe to use from many threads. Raises `StoreFailed`."""

    def note(self, found: Iterable[Entry]) -> None:
        """Takes events up; one that is there already stays as it is."""
        news = list(found)
        rows = [row_of(one) for one in news]
        if not rows or not self._store.keep.entries:
            return
        statement = self._store.upsert(entries).on_conflict_do_nothing(index_elements=["event_id", "connection"])
        with self._store.writing() as db:
            if anybody_receives(db):
                emit_in(db, _first_entries(db, news), max(one.at for one in news))
            for chunk in chunks(rows):
                db.execute(statement, chunk)

    def of_booking(self, connection: str, booking_id: str) -> list[Entry]:
        """The newest first."""
        return self._where(entries.c.connection == connection, entries.c.booking_id == booking_id)

    def at_doors(self, connection: str, door_ids: Collection[str], since: datetime, limit: int = 200) -> list[Entry]:
        """Whatever happened at these locks since then, the newest first."""
        found: list[Entry] = []
        for chunk in chunks(sorted(door_ids)):
            found += self._where(
                entries.c.connection == connection, entries.c.door_id.in_(chunk), entries.c.at >= since, limit=limit
            )
        return sorted(found, key=lambda one: one.at, reverse=True)[:limit]

    def first_of(self, connection: str, booking_ids: Collection[str]) -> dict[str, datetime]:
        """When each of these bookings' guests first opened a door (UTC), by booking id; those who have not are left
        out."""
        found: dict[str, datetime] = {}
        first = func.min(entries.c.at)
        with self._store.reading() as db:
            for chunk in chunks(sorted(booking_ids)):
                statement = (
                    select(entries.c.booking_id, first.label("first"))
                    .where(
                        entries.c.connection == connection,
                        entries.c.booking_id.in_(chunk),
                        entries.c.kind == EntryKind.OPENED,
                    )
                    .group_by(entries.c.booking_id)
                )
                found.update({row.booking_id: row.first for row in db.execute(statement)})
        return found

    def forget_old(self, connection: str, now: datetime) -> None:
        """Forgets what is older than the settings keep it."""
        self._forget(connection, now - self._store.keep.entries)

    def _forget(self, connection: str, before: datetime) -> None:
        old = (entries.c.connection == connection, entries.c.at <= before)
        if self._store.row(select(entries.c.event_id).where(*old).limit(1)) is None:
            return
        self._store.write(delete(entries).where(*old))

    def _where(self, *wanted: object, limit: int = 500) -> list[Entry]:
        columns = (entries.c[name] for name in Entry.__dataclass_fields__)
        statement = select(*columns).where(*wanted).order_by(entries.c.at.desc()).limit(limit)  # type: ignore[arg-type]
        return [Entry(*row) for row in self._store.rows(statement)]


def _first_entries(db: Connection, news: Iterable[Entry]) -> list[Happened]:
    """Of the stays that have opened no door before."""
    opened = [one for one in news if one.kind == EntryKind.OPENED and one.booking_id is not None]
    first: dict[tuple[str, str], Entry] = {}
    for one in sorted(opened, key=lambda each: each.at):
        first.setdefault((one.connection, one.booking_id or ""), one)
    found = []
    for (connection, booking_id), one in first.items():
        mine = (entries.c.connection == connection, entries.c.booking_id == booking_id)
        if db.execute(select(entries.c.event_id).where(*mine, entries.c.kind == EntryKind.OPENED).limit(1)).first():
            continue
        stay = stays_in(db, connection, {booking_id}).get(booking_id)
        found.append(entered(one, stay))
    return found


NEVER = timedelta(0)
"""As the setting `keep.entries`: nothing of who opened a lock is kept."""
