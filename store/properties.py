"""The properties that the PMSs list."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select

from store.engine import Database
from store.tables import properties

KEEP_PROPERTIES = timedelta(days=1)


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

    def note(self, known: Collection[KnownProperty], now: datetime) -> None:
        with self._store.writing() as db:
            for one in known:
                values = {"name": one.name[:200], "time_zone": one.time_zone[:64], "seen_at": now}
                db.execute(
                    self._store.upsert(properties)
                    .values(connection=one.connection, property_id=one.property_id, **values)
                    .on_conflict_do_update(index_elements=["connection", "property_id"], set_=values)
                )

    def known(self) -> list[KnownProperty]:
        """Those that their PMS still lists, or did a day before it was last asked."""
        last = select(func.max(_properties.c.seen_at)).where(_properties.c.connection == properties.c.connection)
        statement = select(properties, last.scalar_subquery().label("asked_at"))
        with self._store.reading() as db:
            return [
                KnownProperty(row.connection, row.property_id, row.name, row.time_zone)
                for row in db.execute(statement.order_by(properties.c.connection, properties.c.name))
                if row.seen_at >= row.asked_at - KEEP_PROPERTIES
            ]

    def zones(self) -> dict[tuple[str, str], str]:
        """Time zones by connection and property."""
        return {(one.connection, one.property_id): one.time_zone for one in self.known()}


_properties = properties.alias()
