"""The locks of every property, and which room each belongs to: decisions of people, kept by Seam's ids."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, Table, delete, func, insert, select, tuple_

from mappers.outcomes import Kind
from store.engine import ConnectionRepository, Database, among, chunks, put, row_of
from store.tables import doors, links, placements

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


class Locks(ConnectionRepository):
    """The locks of one connection's properties."""

    def note_doors(self, property_id: str, found: Collection[Lock]) -> None:
        """What Seam lists now; locks that it lists no more are forgotten, decisions about them are not."""
        ids = {one.door_id for one in found}
        before = {one.door_id: one for one in self.doors(property_id)}
        gone = before.keys() - ids
        # A lock that is as it was costs nothing: only its time would be new.
        news = [one for one in found if (old := before.get(one.door_id)) is None or _says(old) != _says(one)]
        if not gone and not news:
            return
        statement = put(self._store.dialect, doors, "name", "system", "online", "room_keys", "seen_at")
        with self._store.writing() as db:
            for door_id in gone:
                db.execute(delete(doors).where(*self._of(doors, property_id), doors.c.door_id == door_id))
            rows = [
                row_of(one)
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
        rows = self._store.rows(select(*(doors.c[name] for name in names)).where(*self._of(doors, property_id)))
        return [Lock(*row) for row in rows]

    def placements(self, property_id: str) -> list[Placement]:
        names = ("door_id", "room_key", "decided_by", "who", "at")
        rows = self._store.rows(
            select(*(placements.c[name] for name in names)).where(*self._of(placements, property_id))
        )
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
        self._store.write(
            placements.update()
            .where(*self._of(placements, property_id), placements.c.decided_by == DecidedBy.SEAM)
            .values(decided_by=DecidedBy.PERSON, who=who, at=now)
        )

    def _of(self, table: Table, property_id: str) -> tuple[ColumnElement[bool], ...]:
        columns = table.c
        return columns.connection == self._connection, columns.property_id == property_id


def rooms_without_lock(
    store: Database,
    of: Collection[tuple[str, str]],
    areas: Mapping[tuple[str, str], Mapping[str, str]],
) -> dict[tuple[str, str], tuple[int, int, list[str]]]:
    """Of these properties (connection, id): how many rooms no lock belongs to, how many locks belong to no room yet,
    and the names of common areas without a lock; nothing of a property where all is well, or no lock is known at all.
    `areas`: names of the common areas by the key of their Space."""
    found: dict[tuple[str, str], tuple[int, int, list[str]]] = {}
    with store.reading() as db:
        for chunk in chunks(sorted(of)):
            undecided = _numbers(db, _UNDECIDED, chunk)
            without: dict[tuple[str, str], list[str]] = {}
            for place, key in _spaces_without_lock(db, chunk):
                without.setdefault(place, []).append(key)
            for place in undecided.keys() | without.keys():
                keys, mine = without.get(place, []), areas.get(place, {})
                names = [mine[key] for key in keys if key in mine]
                found[place] = (len(keys) - len(names), undecided.get(place, 0), names)
    return found


@dataclass(frozen=True, slots=True)
class LocksSummary:
    """How far a property is with its locks, at little cost: no name is compared."""

    locks: int = 0
    placed: int = 0
    undecided: int = 0
    rooms: int = 0
    without_door: int = 0
    """Rooms that no lock belongs to; 0 where no lock is known at all."""


def summaries_of_locks(
    store: Database, of: Collection[tuple[str, str]], areas: Mapping[tuple[str, str], Collection[str]]
) -> dict[tuple[str, str], LocksSummary]:
    """Of each of these properties (connection, id). `areas`: keys of the common areas' Spaces, which are no rooms."""
    found: dict[tuple[str, str], LocksSummary] = {}
    with store.reading() as db:
        for chunk in chunks(sorted(of)):
            locks, placed, undecided = (_numbers(db, each, chunk) for each in (_KNOWN, _PLACED, _UNDECIDED))
            without: Counter[tuple[str, str]] = Counter()
            for place, key in _spaces_without_lock(db, chunk):
                without[place] += key not in areas.get(place, ())
            rooms = Counter(_numbers(db, _SPACES, chunk))
            for part in chunks(sorted({key for place in chunk for key in areas.get(place, ())})):
                rooms.subtract(_numbers(db, _SPACES.where(links.c.key.in_(part)), chunk))
            for place in chunk:
                numbers = (one.get(place, 0) for one in (locks, placed, undecided, rooms, without))
                found[place] = LocksSummary(*numbers)
    return found


def _of_lock(*, placed: bool = False) -> Select[Any]:
    """Decisions about a lock; `placed`: those for a room."""
    decided = select(placements.c.door_id).where(
        placements.c.connection == doors.c.connection,
        placements.c.property_id == doors.c.property_id,
        placements.c.door_id == doors.c.door_id,
    )
    return decided.where(placements.c.room_key != NO_ROOM) if placed else decided


def _counted(table: Table) -> Select[Any]:
    by = (table.c.connection, table.c.property_id)
    return select(*by, func.count()).group_by(*by)


_KNOWN = _counted(doors)
_PLACED = _counted(doors).where(_of_lock(placed=True).exists())
_UNDECIDED = _counted(doors).where(~_of_lock().exists())
_SPACES = _counted(links).where(links.c.kind == Kind.SPACE)


def _numbers(db: Connection, counted: Select[Any], chunk: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """By connection and property."""
    connection, property_id = counted.selected_columns[0], counted.selected_columns[1]
    rows = db.execute(counted.where(among(db.dialect.name, (connection, property_id), chunk)))
    return {(connection, property_id): number for connection, property_id, number in rows}


def _spaces_without_lock(db: Connection, chunk: Sequence[tuple[str, str]]) -> Iterator[tuple[tuple[str, str], str]]:
    """(connection, property) and key of the Spaces that no lock belongs to, where any lock is known."""
    # What is taken is read once and kept: asked of each Space by itself, PostgreSQL looks through all that its property
    # has decided, for as many Spaces.
    taken = select(placements.c.connection, placements.c.property_id, placements.c.room_key).where(
        among(db.dialect.name, (placements.c.connection, placements.c.property_id), chunk)
    )
    known = select(doors.c.door_id).where(
        doors.c.connection == links.c.connection, doors.c.property_id == links.c.property_id
    )
    spaces = select(links.c.connection, links.c.property_id, links.c.key).where(
        links.c.kind == Kind.SPACE,
        among(db.dialect.name, (links.c.connection, links.c.property_id), chunk),
        known.exists(),
        tuple_(links.c.connection, links.c.property_id, links.c.key).not_in(taken),
    )
    for connection, property_id, key in db.execute(spaces):
        yield (connection, property_id), key


def is_managed(found: Iterable[Placement]) -> bool:
    """Whether anybody has decided anything: then Seam is kept as decided, otherwise it is only watched."""
    return any(one.decided_by is not DecidedBy.SEAM for one in found)


def _says(door: Lock) -> tuple[str, str, bool | None, list[str]]:
    return door.name[:200], door.system[:200], door.online, sorted(door.room_keys)
