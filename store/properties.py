"""The properties that the PMSs list."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, func, select

from store.engine import Database
from store.tables import properties

KEEP_PROPERTIES = timedelta(days=1)
NOTED_AGAIN = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class KnownProperty:
    connection: str
    property_id: str
    name: str
    time_zone: str


class Properties:
    """Queries and writes of properties."""

    def __init__(self, store: Database):
        self._store = store

    def note(self, connection: str, known: Collection[KnownProperty], now: datetime) -> None:
        """These are what a connection's PMS lists now. Written where it is news, or was noted long ago."""
        with self._store.reading() as db:
            before = {row.property_id: row for row in db.execute(_MINE, {"of": connection})}
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
        with self._store.reading() as db:
            return [
                KnownProperty(row.connection, row.property_id, row.name, row.time_zone)
                for row in db.execute(_LISTED if connection is None else _LISTED_OF, {"of": connection})
                if row.seen_at >= row.asked_at - KEEP_PROPERTIES
            ]

    def of(self, connection: str, property_id: str) -> KnownProperty | None:
        """One of those."""
        return next((one for one in self.known(connection) if one.property_id == property_id), None)

    def zones(self) -> dict[tuple[str, str], str]:
        """Time zones by connection and property."""
        return {(one.connection, one.property_id): one.time_zone for one in self.known()}


_properties = properties.alias()
_MINE = select(properties).where(properties.c.connection == bindparam("of"))
_LAST = select(func.max(_properties.c.seen_at)).where(_properties.c.connection == properties.c.connection)
_LISTED = select(properties, _LAST.scalar_subquery().label("asked_at")).order_by(
    properties.c.connection, properties.c.name
)
_LISTED_OF = _LISTED.where(properties.c.connection == bindparam("of"))


def _is_noted(row: Any, one: KnownProperty, now: datetime) -> bool:
    noted = row is not None and (row.name, row.time_zone) == (one.name[:200], one.time_zone[:64])
    return noted and abs(now - row.seen_at) < NOTED_AGAIN
