"""Revocations that wait for somebody's approval."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, insert, select, update

from mappers.sentences import keep_together
from store.engine import Repository, chunks, row_of
from store.tables import holds

DOUBTS_KEPT = timedelta(days=1)
"""For so long an earlier run may be approved as well, of what every run since has held in doubt again."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A revocation that waits for a person's word."""

    key: str
    property_id: str
    booking_id: str
    reason: str
    in_doubt: bool = False
    """The PMS does not have the booking, and denies so much else that it is not believed."""
    said: Any = field(default=None, repr=False)
    """What the reason was put together from; goes with it by itself."""

    def __post_init__(self) -> None:
        keep_together(self, "reason")


@dataclass(frozen=True, slots=True)
class HeldRevocation:
    run_id: str
    connection: str
    hold: Hold
    held_at: datetime
    kept_by: str | None = None
    """Who has decided that the access stays, if anybody has; it does until it ends by itself, or somebody takes it."""
    kept_why: str | None = None


class Holds(Repository):
    """What is held, by whom it was found, and until when it waits."""

    def add(
        self, run_id: str, connection: str, held: Iterable[Hold], now: datetime, by_absence: Collection[str] = ()
    ) -> None:
        """Notes revocations that wait for approval. An earlier run's holds of the same keys wait on, with these.

        `by_absence`: keys of those whose bookings the PMS does not have.
        """
        rows = [
            row_of(one)
            | {"run_id": run_id, "connection": connection, "held_at": now, "by_absence": one.key in by_absence}
            for one in held
        ]
        if not rows:
            return
        doubted = [row["key"] for row in rows if row["in_doubt"]]
        with self._store.writing() as db:
            # A PMS may be in doubt for weeks, and every run says the same again: what a page of today names is enough.
            for chunk in chunks(doubted):
                old = and_(holds.c.connection == connection, holds.c.in_doubt, holds.c.held_at < now - DOUBTS_KEPT)
                old = and_(old, holds.c.kept_at.is_(None))
                db.execute(delete(holds).where(old, holds.c.key.in_(chunk), holds.c.settled_at.is_(None)))
            for batch in chunks(rows):
                db.execute(insert(holds), batch)

    def of_run(self, run_id: str) -> list[tuple[Hold, bool]]:
        """The holds of a run, each with whether it still waits."""
        rows = self._store.rows(select(holds).where(holds.c.run_id == run_id).order_by(holds.c.key))
        return [
            (
                Hold(row.key, row.property_id, row.booking_id, row.reason, row.in_doubt, row.said),
                row.settled_at is None,
            )
            for row in rows
        ]

    def approved(self, run_id: str, keys: Collection[str] | None = None) -> dict[str, Hold]:
        """What waits of a run's holds, by key: of these keys; None: all but what somebody has decided to keep."""
        waiting = {hold.key: hold for hold, waits in self.of_run(run_id) if waits}
        if keys is not None:
            return {key: hold for key, hold in waiting.items() if key in keys}
        kept = and_(holds.c.settled_at.is_(None), holds.c.kept_at.is_not(None))
        mine = select(holds.c.connection).where(holds.c.run_id == run_id).limit(1).scalar_subquery()
        staying = set(self._store.values(select(holds.c.key).where(kept, holds.c.connection == mine)))
        return {key: hold for key, hold in waiting.items() if key not in staying}

    def settle(self, connection: str, keys: Collection[str], now: datetime) -> None:
        if not keys:
            return
        with self._store.writing() as db:
            for chunk in chunks(list(keys)):
                db.execute(
                    update(holds)
                    .where(and_(holds.c.connection == connection, holds.c.key.in_(chunk), holds.c.settled_at.is_(None)))
                    .values(settled_at=now)
                )

    def settle_bookings(self, connection: str, booking_ids: Collection[str], now: datetime) -> None:
        """Nothing of these bookings waits for approval any more."""
        if not booking_ids:
            return
        waiting = set(self._store.values(_WAITING, {"of": connection}))
        mine = sorted(waiting.intersection(booking_ids))
        if not mine:
            return
        with self._store.writing() as db:
            for chunk in chunks(mine):
                db.execute(
                    update(holds)
                    .where(
                        holds.c.connection == connection, holds.c.booking_id.in_(chunk), holds.c.settled_at.is_(None)
                    )
                    .values(settled_at=now)
                )

    def waiting(self, connection: str | None = None) -> list[HeldRevocation]:
        """Revocations that wait for approval: of each grant the newest hold. `connection`: of that one only."""
        statement = select(holds).where(holds.c.settled_at.is_(None)).order_by(holds.c.held_at.desc(), holds.c.key)
        if connection is not None:
            statement = statement.where(holds.c.connection == connection)
        newest: dict[tuple[str, str], HeldRevocation] = {}
        kept: dict[tuple[str, str], tuple[str | None, str | None]] = {}
        for row in self._store.rows(statement):
            hold = Hold(row.key, row.property_id, row.booking_id, row.reason, row.in_doubt, row.said)
            newest.setdefault((row.connection, row.key), HeldRevocation(row.run_id, row.connection, hold, row.held_at))
            if row.kept_at is not None:
                kept.setdefault((row.connection, row.key), (row.kept_by, row.kept_why))
        return [
            replace(one, kept_by=kept[key][0] or "somebody", kept_why=kept[key][1]) if key in kept else one
            for key, one in newest.items()
        ]

    def undecided(self, connection: str | None = None) -> list[HeldRevocation]:
        """Those of them of which nobody has decided that the access stays."""
        return [one for one in self.waiting(connection) if one.kept_by is None]

    def number_undecided(self) -> int:
        """How many these are, without reading them."""
        columns = (holds.c.connection, holds.c.key)
        mine = select(*columns).where(holds.c.settled_at.is_(None)).group_by(*columns)
        return len(self._store.rows(mine.having(func.count(holds.c.kept_at) == 0)))

    def numbers_waiting(self) -> dict[str, int]:
        """How many wait, decided on or not, by connection."""
        mine = select(holds.c.connection, func.count(holds.c.key.distinct())).where(holds.c.settled_at.is_(None))
        return {row[0]: int(row[1]) for row in self._store.rows(mine.group_by(holds.c.connection))}

    def keep(self, connection: str, keys: Collection[str], who: str, why: str, now: datetime) -> None:
        """Somebody has decided that what is held of these grants stays as it is."""
        with self._store.writing() as db:
            for chunk in chunks(sorted(keys)):
                mine = and_(holds.c.connection == connection, holds.c.key.in_(chunk), holds.c.settled_at.is_(None))
                db.execute(update(holds).where(mine).values(kept_at=now, kept_by=who[:80], kept_why=why))

    def kept(self, connection: str) -> set[str]:
        """Keys of the grants of which somebody has decided so."""
        mine = (holds.c.connection == connection, holds.c.settled_at.is_(None), holds.c.kept_at.is_not(None))
        return set(self._store.values(select(holds.c.key).where(*mine)))


_WAITING = select(holds.c.booking_id).where(holds.c.connection == bindparam("of"), holds.c.settled_at.is_(None))
