"""How the locks are, as Seam last said: state, causes, battery, connection. No codes, nobody's name."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from itertools import chain, repeat
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, bindparam, case, delete, func, select, update

from mappers.sentences import as_it_was, kept
from store.engine import ConnectionRepository, Database, among, chunks, put, row_of
from store.outgoing import Happened, emit_in
from store.tables import lock_health
from store.trends import Figure, add_in, by_days, zones_in

LOOKED_AT_LEAST = timedelta(hours=2)
"""Of the time between two looks that are further apart nothing is known."""


@dataclass(frozen=True, slots=True)
class Cause:
    """One thing that is wrong with a lock, or worth knowing."""

    code: str
    """Seam's, or a word of ours."""
    sentence: str
    since: datetime
    """UTC: since when it was seen to be so."""


@dataclass(frozen=True, slots=True)
class LockHealth:
    """One lock, as Seam last said."""

    connection: str
    property_id: str
    door_id: str
    name: str
    rooms: list[str]
    """Names of its Spaces."""
    space_ids: list[str]
    state: str
    """`broken`, `warning`, `unknown` or `good`."""
    causes: list[Cause]
    """The gravest first."""
    battery_level: float | None
    """From 0 to 1."""
    battery_status: str | None
    """`critical`, `low`, `good` or `full`."""
    days_left: int | None
    """Until the battery is flat, by its trend."""
    readings: list[tuple[date, float]] = field(repr=False)
    """The battery's level, by day."""
    online: bool | None
    """None: the lock system does not say."""
    online_changed_at: datetime
    """UTC: since when it was seen so."""
    last_seen_at: datetime | None
    """UTC: when Seam last spoke with it, as far as it says."""
    told: Mapping[str, datetime]
    """What only an event has said, by its name, and when (UTC)."""
    looked_at: datetime
    """UTC."""
    can_unlock: bool = False
    """Whether it can be opened from afar."""
    slots: int | None = None
    """How many PINs it holds at once; None where Seam does not say."""
    other_pins: int | None = None
    """PINs on it that Seam does not manage: set at the lock, or by another system; None where nobody has asked."""
    pins_asked_at: datetime | None = None
    """UTC: when Seam was asked for them."""
    changed_at: datetime | None = None
    """UTC: when it was last seen to have changed in a way that may matter to whoever has access."""


def locks_by_id(store: Database, door_ids: Collection[str]) -> list[LockHealth]:
    """Those of these locks that are known, of whatever connection. Raises `StoreFailed`."""
    rows = store.rows_of(sorted(door_ids), lambda some: select(lock_health).where(lock_health.c.door_id.in_(some)))
    return [_read(row) for row in rows]


def locks_at(store: Database, places: Collection[tuple[str, str]], state: str | None = None) -> list[LockHealth]:
    """The locks of these properties (connection, id), without the readings of their batteries. `state`: those only that
    were in it when Seam was asked last. Raises `StoreFailed`."""
    place = (lock_health.c.connection, lock_health.c.property_id)
    asked = _BRIEF if state is None else _BRIEF.where(lock_health.c.state == state)
    return [_read(row) for row in store.rows_of(places, lambda some: asked.where(among(store.dialect, place, some)))]


def locks_in_state(store: Database, states: Collection[str]) -> list[LockHealth]:
    """The locks of all properties that are in one of these states, without the readings of their batteries. Raises
    `StoreFailed`."""
    return [_read(row) for row in store.rows(_BRIEF.where(lock_health.c.state.in_(states)))]


_BRIEF = select(*(one for one in lock_health.c if one.name != "readings"))


def numbers_by_state(
    store: Database, cuts: Sequence[datetime], places: Collection[tuple[str, str]] | None = None
) -> list[tuple[str, str, str, int, Sequence[int]]]:
    """Connection, property, state, how many locks these are, and of how many of them Seam was asked for the last time
    before each of the `cuts` (UTC). `places`: of these properties (connection, id) only. Raises `StoreFailed`."""
    of = lock_health.c
    before = [func.sum(case((of.looked_at < cut, 1), else_=0)) for cut in cuts]
    asked = select(of.connection, of.property_id, of.state, func.count(), *before)
    asked = asked.group_by(of.connection, of.property_id, of.state)
    parts = [asked]
    if places is not None:
        parts = [
            asked.where(among(store.dialect, (of.connection, of.property_id), chunk))
            for chunk in chunks(sorted(places))
        ]
    with store.reading() as db:
        return [(row[0], row[1], row[2], row[3], row[4:]) for part in parts for row in db.execute(part)]


class LockHealthBook(ConnectionRepository):
    """The locks of one connection's properties. Raises `StoreFailed`."""

    def of(self, property_id: str | None = None) -> list[LockHealth]:
        """Of one property, or of all."""
        asked = _OF if property_id is None else _AT
        return [_read(row) for row in self._store.rows(asked, self._asked(property_id))]

    def looked_at(self, property_id: str) -> datetime | None:
        """When a property's locks were looked at last (UTC); None: never, or it has none."""
        found: datetime | None = self._store.value(_LOOKED_AT, self._asked(property_id))
        return found

    def note(
        self,
        property_id: str,
        found: Collection[LockHealth],
        before: Mapping[str, LockHealth],
        happened: Collection[Happened],
        now: datetime,
    ) -> None:
        """What Seam says now of all locks of a property; those of `before`, by id, that are not among them are
        forgotten. `happened`: what others are told of."""
        # What came in by an event meanwhile is not overwritten by a look that began before.
        written = (one.name for one in lock_health.c if not one.primary_key and one.name != "told")
        statement = put(self._store.dialect, lock_health, *written)
        # Of most there is nothing new, and one statement says so of all of them.
        rows = [_row(one) for one in found if _as_before(before.get(one.door_id), now) != replace(one, told={})]
        gone = before.keys() - {one.door_id for one in found}
        with self._store.together(), self._store.writing() as db:
            self._count_offline(db, property_id, {one.door_id for one in found if one.online is not None}, now)
            for chunk in chunks(sorted(gone)):
                db.execute(delete(lock_health).where(*self._where(property_id), lock_health.c.door_id.in_(chunk)))
            if len(rows) < len(found):
                db.execute(_LOOKED_AT_AGAIN, self._asked(property_id) | {"now": now})
            for chunk in chunks(rows):
                db.execute(statement, chunk)
            emit_in(db, happened, now)

    def _count_offline(self, db: Connection, property_id: str, door_ids: Collection[str], now: datetime) -> None:
        """Counts the time since the last look of those locks that it had found offline. When one came back meanwhile,
        nobody knows: it counts until somebody has seen it."""
        # Another process that looks at the same moment waits, and finds nothing left to count.
        was = [row for row in db.execute(_WAS_OFFLINE, self._asked(property_id)) if row.door_id in door_ids]
        if not was:
            return
        time_zone = zones_in(db, self._connection, [property_id]).get(property_id, "")
        add_in(
            db,
            self._connection,
            [
                one
                for row in was
                if row.looked_at > now - LOOKED_AT_LEAST
                for one in by_days(property_id, Figure.OFFLINE, row.looked_at, now, time_zone)
            ],
        )

    def tell(self, property_id: str, door_ids: Iterable[str], code: str, at: datetime) -> None:
        """What only an event says of locks."""
        wanted = set(door_ids)
        # Of one event told twice, or late, the newest stays.
        mine = [
            one
            for one in locks_by_id(self._store, wanted)
            if (one.connection, one.property_id) == (self._connection, property_id)
            and (code not in one.told or one.told[code] < at)
        ]
        if not mine:
            return
        with self._store.writing() as db:
            for one in mine:
                told = {name: when.isoformat() for name, when in one.told.items()} | {code: at.isoformat()}
                where = (*self._where(property_id), lock_health.c.door_id == one.door_id)
                db.execute(update(lock_health).where(*where).values(told=told))

    def _asked(self, property_id: str | None) -> dict[str, str]:
        return {"of": self._connection} | ({"at": property_id} if property_id is not None else {})

    def _where(self, property_id: str) -> tuple[ColumnElement[bool], ...]:
        return lock_health.c.connection == self._connection, lock_health.c.property_id == property_id


# Asked with every look at the locks: put together once.
_OF = select(lock_health).where(lock_health.c.connection == bindparam("of"))
_HERE = (lock_health.c.connection == bindparam("of"), lock_health.c.property_id == bindparam("at"))
_AT = select(lock_health).where(*_HERE)
_LOOKED_AT = select(func.max(lock_health.c.looked_at)).where(*_HERE)
_WAS_OFFLINE = (
    select(lock_health.c.door_id, lock_health.c.looked_at)
    .where(*_HERE, lock_health.c.online.is_(False))
    .with_for_update()
)

_NOW = bindparam("now", type_=lock_health.c.looked_at.type)
_SEEN = case((lock_health.c.last_seen_at == lock_health.c.looked_at, _NOW), else_=lock_health.c.last_seen_at)
_LOOKED_AT_AGAIN = update(lock_health).where(*_HERE).values(looked_at=_NOW, last_seen_at=_SEEN)


def _as_before(was: LockHealth | None, now: datetime) -> LockHealth | None:
    """How a lock is written that was looked at again and is as it was."""
    if was is None:
        return None
    seen_at = now if was.last_seen_at == was.looked_at else was.last_seen_at
    return replace(was, looked_at=now, last_seen_at=seen_at, told={})


def _row(one: LockHealth) -> dict[str, object]:
    return row_of(one) | {
        "causes": [[cause.code, str(cause.sentence), cause.since.isoformat()] for cause in one.causes],
        "said": [kept(cause.sentence) for cause in one.causes],
        "readings": [[day.isoformat(), level] for day, level in one.readings],
        "told": {code: at.isoformat() for code, at in one.told.items()},
    }


def _read(row: Row[tuple[object, ...]]) -> LockHealth:
    values: dict[str, Any] = dict(zip(row._fields, row, strict=True))
    said = chain(values.pop("said") or (), repeat(None))
    # Most have neither, and a page reads a thousand of them.
    if values["causes"]:
        values["causes"] = [
            Cause(code, as_it_was(words, one), datetime.fromisoformat(since))
            for (code, words, since), one in zip(values["causes"], said, strict=False)
        ]
    if values["told"]:
        values["told"] = {code: datetime.fromisoformat(at).astimezone(UTC) for code, at in values["told"].items()}
    values["readings"] = [(date.fromisoformat(day), float(level)) for day, level in values.get("readings", ())]
    return LockHealth(**values)
