"""Which records of bookings were brought in step of late, for all processes that work on a connection."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, select

from store.engine import ConnectionRepository, put
from store.tables import dealt_with as table


class DealtWithDigests(ConnectionRepository):
    """Those of one connection: of a record no more than a digest. Times in UTC. Raises `StoreFailed`."""

    def of(self, booking_ids: Collection[str], since: datetime) -> dict[str, tuple[str, str]]:
        """By booking, what was noted since then: in which property, and the digest."""
        mine = {"of": self._connection, "since": since}
        rows = self._store.rows_of(sorted(booking_ids), lambda some: (_OF, mine | {"bookings": some}))
        return {one: (of, digest) for one, of, digest in rows}

    def note(self, property_id: str, digests: Mapping[str, str], now: datetime) -> None:
        """By booking; an empty digest is like no other one: of a record that is not in step."""
        of = {"connection": self._connection, "property_id": property_id, "at": now}
        # In this order, so that two processes which note the same wait for each other at most.
        rows = [of | {"booking_id": one, "digest": digest} for one, digest in sorted(digests.items())]
        self._store.write_rows(put(self._store.dialect, table), rows)

    def forget_old(self, before: datetime) -> None:
        self._store.write(_FORGET, {"of": self._connection, "before": before})


# Asked by every run: put together once.
_MINE = table.c.connection == bindparam("of")
_OF = select(table.c.booking_id, table.c.property_id, table.c.digest).where(
    _MINE, table.c.booking_id.in_(bindparam("bookings")), table.c.at >= bindparam("since")
)
_FORGET = delete(table).where(_MINE, table.c.at < bindparam("before"))
