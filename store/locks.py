"""The locks of every property, and which room each belongs to: decisions of people, kept by Seam's ids."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum

from sqlalchemy import ColumnElement, Table, delete, insert, select

from store.engine import Database, chunks
from store.tables import doors, placements

NO_ROOM = ""
"""The room key of a lock that belongs to no room: a person said so, and it is not proposed again."""


class DecidedBy(StrEnum):
    """Who says that a lock belongs to a room."""

    MATCH = "match"
    """Its name, where only one room fits."""
    PERSON = "person"
    FILE = "file"
    SEAM = "seam"
    """It was in the room's Space already, and nobody has decided otherwise."""


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock, as Seam last showed it."""

    door_id: str
    name: str
    system: str
    online: bool | None
    room_keys: list[str]
    """Keys of our Spaces that it is in."""
    seen_at: datetime


@dataclass(frozen=True, slots=True)
class Placement:
    """A lock belongs to a room (or to none)."""

    door_id: str
    room_key: str
    decided_by: DecidedBy
    who: str | None
    at: datetime


class Locks:
    """The locks of one connection's properties."""

    def __init__(self, store: Database, connection: str):
        self._store = store
        self._connection = connection

    def note_doors(self, property_id: str, found: Collection[Lock]) -> None:
        """What Seam lists now; locks that it lists no more are forgotten, decisions about them are not."""
        ids = {one.door_id for one in found}
        before = {one.door_id: one for one in self.doors(property_id)}
        gone = before.keys() - ids
        # A lock that is as it was costs nothing: only its time would be new.
        news = [one for one in found if (old := before.get(one.door_id)) is None or _says(old) != _says(one)]
        if not gone and not news:
            return
        statement = self._store.upsert(doors)
        statement = statement.on_conflict_do_update(
            index_elements=["connection", "property_id", "door_id"],
            set_={name: statement.excluded[name] for name in ("name", "system", "online", "room_keys", "seen_at")},
        )
        with self._store.writing() as db:
            for door_id in gone:
                db.execute(delete(doors).where(*self._of(doors, property_id), doors.c.door_id == door_id))
            rows = [
                asdict(one)
                | {
                    "connection": self._connection,
                    "property_id": property_id,
                    "name": one.name[:200],
                    "system": one.system[:200],
                }
                for one in news
            ]
            for chunk in chunks(rows):
                db.execute(statement, chunk)

    def doors(self, property_id: str) -> list[Lock]:
        names = ("door_id", "name", "system", "online", "room_keys", "seen_at")
        with self._store.reading() as db:
            rows = db.execute(select(*(doors.c[name] for name in names)).where(*self._of(doors, property_id)))
            return [Lock(*row) for row in rows]

    def placements(self, property_id: str) -> list[Placement]:
        names = ("door_id", "room_key", "decided_by", "who", "at")
        with self._store.reading() as db:
            rows = db.execute(select(*(placements.c[name] for name in names)).where(*self._of(placements, property_id)))
            return [Placement(row[0], row[1], DecidedBy(row[2]), row[3], row[4]) for row in rows]

    def decide(
        self,
        property_id: str,
        decisions: Mapping[str, Collection[str]],
        by: DecidedBy,
        who: str | None,
        now: datetime,
    ) -> None:
        """Replaces what was decided of these locks: room keys by door id (`NO_ROOM`: none; empty: undecided)."""
        rows = [
            {
                "connection": self._connection,
                "property_id": property_id,
                "door_id": door_id,
                "room_key": room_key,
                "decided_by": by,
                "who": who[:80] if who else None,
                "at": now,
            }
            for door_id, room_keys in decisions.items()
            for room_key in room_keys
        ]
        with self._store.writing() as db:
            for door_id in decisions:
                db.execute(
                    delete(placements).where(*self._of(placements, property_id), placements.c.door_id == door_id)
                )
            for chunk in chunks(rows):
                db.execute(insert(placements), chunk)

    def confirm(self, property_id: str, who: str | None, now: datetime) -> None:
        """What was merely found in Seam becomes a decision: from now on it is kept so."""
        with self._store.writing() as db:
            db.execute(
                placements.update()
                .where(*self._of(placements, property_id), placements.c.decided_by == DecidedBy.SEAM)
                .values(decided_by=DecidedBy.PERSON, who=who, at=now)
            )

    def _of(self, table: Table, property_id: str) -> tuple[ColumnElement[bool], ...]:
        columns = table.c
        return columns.connection == self._connection, columns.property_id == property_id


def is_managed(found: Iterable[Placement]) -> bool:
    """Whether anybody has decided anything: then Seam is kept as decided, otherwise it is only watched."""
    return any(one.decided_by is not DecidedBy.SEAM for one in found)


def _says(door: Lock) -> tuple[str, str, bool | None, list[str]]:
    return door.name[:200], door.system[:200], door.online, sorted(door.room_keys)
