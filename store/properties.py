"""The properties that the PMSs list."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Interval, Select, String, bindparam, func, literal, literal_column, select, type_coerce
from sqlalchemy.dialects.postgresql import aggregate_order_by

from store.engine import Repository, keep_listing
from store.tables import properties

KEEP_PROPERTIES = timedelta(days=1)
NOTED_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class KnownProperty:
    connection: str
    property_id: str
    name: str
    time_zone: str


def common_zone(several: Iterable[KnownProperty]) -> str:
    """The time zone that all of these properties are in; UTC where it is not one."""
    zones = {one.time_zone for one in several}
    return zones.pop() if len(zones) == 1 else "UTC"


class Properties(Repository):
    """Queries and writes of properties."""

    def note(self, connection: str, known: Collection[KnownProperty], now: datetime) -> None:
        """These are what a connection's PMS lists now. Written where it is news, or was noted long ago."""
        before = {row.property_id: row for row in self._store.rows(_MINE, {"of": connection})}
        news = [one for one in known if not _is_noted(before.get(one.property_id), one, now)]
        if not news:
            return
        with self._store.writing() as db:
            # All of them at once: who was not listed when they were is seen by its time.
            for one in known:
                values = {"name": one.name[:200], "time_zone": one.time_zone[:64], "seen_at": now}
                db.execute(
                    self._store.upsert(properties)
                    .values(connection=one.connection, property_id=one.property_id, **values)
                    .on_conflict_do_update(index_elements=["connection", "property_id"], set_=values)
                )

    def known(self, connection: str | None = None) -> list[KnownProperty]:
        """Those that their PMS still lists, or did a day before it was last asked; of one connection, or of all."""
        asked = _ASKED[self._store.dialect]
        with self._store.reading() as db:
            if connection is not None:
                return [KnownProperty(*row) for row in db.execute(asked.of_one, {"of": connection})]
            # Every page asks for all, and they hardly ever change: what they say together is compared, and only what
            # is new is read.
            says, of = db.execute(asked.together).scalar(), ("properties", self._store.visible)
            kept = self._store.kept_listings.get(of)
            if kept is None or kept[0] != says:
                kept = says, [KnownProperty(*row) for row in db.execute(asked.all)]
                keep_listing(self._store, of, kept)
        return list(kept[1])

    def of(self, connection: str, property_id: str) -> KnownProperty | None:
        """One of those."""
        return next((one for one in self.known(connection) if one.property_id == property_id), None)

    def zones(self) -> dict[tuple[str, str], str]:
        """Time zones by connection and property."""
        return {(one.connection, one.property_id): one.time_zone for one in self.known()}


_MINE = select(properties).where(properties.c.connection == bindparam("of"))
_SAID = tuple(properties.c[name] for name in ("connection", "property_id", "name", "time_zone"))


@dataclass(frozen=True, slots=True)
class _Asked:
    """The questions for what is listed still, in the words of one database."""

    all: Select[Any]
    of_one: Select[Any]
    together: Select[Any]
    """What all of them say, as one value."""


def _asked(dialect: str) -> _Asked:
    later = properties.alias()
    until: Any = properties.c.seen_at + literal(KEEP_PROPERTIES, Interval)
    seen_at: Any = later.c.seen_at
    line: Any = _SAID[0]
    for other in _SAID[1:]:
        line = line.concat(literal_column("'/'")).concat(other)
    if dialect == "sqlite":
        # It has no times, only letters; the fraction of the second it would leave out.
        until = func.datetime(type_coerce(properties.c.seen_at, String), "+1 day", type_=String).concat(".999999")
        seen_at = type_coerce(later.c.seen_at, String)
        together: Any = func.group_concat(line)
    else:
        together = func.md5(func.string_agg(line, aggregate_order_by(literal_column("'/'"), *_SAID[:2])))
    listed = ~select(later.c.connection).where(later.c.connection == properties.c.connection, seen_at > until).exists()
    everything = select(*_SAID).where(listed).order_by(properties.c.connection, properties.c.name)
    mine = everything.where(properties.c.connection == bindparam("of"))
    return _Asked(everything, mine, select(together).select_from(properties).where(listed))


_ASKED = {dialect: _asked(dialect) for dialect in ("sqlite", "postgresql")}


def _is_noted(row: Any, one: KnownProperty, now: datetime) -> bool:
    noted = row is not None and (row.name, row.time_zone) == (one.name[:200], one.time_zone[:64])
    return noted and abs(now - row.seen_at) < NOTED_AGAIN
