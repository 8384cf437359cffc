"""The inbox: what PMSs, Seam and staff ask to be looked at again. Stored before it is answered, kept until it is done.

Nothing in it is trusted beyond ids: whoever acts upon a delivery reads the PMS again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, delete, func, or_, select, update

from store.engine import INSERT, Database, chunks
from store.tables import inbox

KEEP = timedelta(days=30)
Subjects = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One thing to look at again."""

    id: int
    source: str
    """`pms`, `seam` or `staff`."""
    connection: str | None
    event_id: str
    kind: str
    """What it says, in the sender's words: `ServiceOrderUpdated`, `access_grant.deleted`, `sync now`."""
    property_id: str | None
    subjects: Subjects
    """Ids by what they are: `bookings`, `guests`, `rooms`, `grants` (Seam ids), `grant_keys`, `runs`, ..."""
    received_at: datetime
    times: int = 1
    attempts: int = 0
    due_at: datetime | None = None
    begun_at: datetime | None = None
    handled_at: datetime | None = None
    outcome: str | None = None
    note: str | None = None
    run_id: str | None = field(default=None)


class Inbox:
    """Deliveries, in the database. Safe to use from many threads and processes."""

    def __init__(self, store: Database):
        self._store = store

    def put(
        self,
        source: str,
        event_id: str,
        kind: str,
        subjects: Subjects,
        now: datetime,
        *,
        connection: str | None = None,
        property_id: str | None = None,
        unique_for_ever: bool = False,
    ) -> None:
        """Stores a delivery, committed when this returns.

        A second delivery of the same event only counts, as long as the first waits: once that is acted upon, the same
        words may be news. Where the sender numbers its events (`unique_for_ever`) they never are.
        """
        with self._store.writing() as db:
            db.execute(
                _PUT[self._store.dialect],
                {
                    "source": source,
                    "connection": connection,
                    "event_id": event_id,
                    "waiting_as": f"{source}:{connection or ''}:{event_id}",
                    "kind": kind[:80],
                    "property_id": property_id,
                    "subjects": dict(subjects) | ({"for_ever": True} if unique_for_ever else {}),
                    "received_at": now,
                    "due_at": now,
                    "times": 1,
                    "attempts": 0,
                },
            )

    def waiting(self, connection: str, now: datetime, limit: int = 1000) -> list[Delivery]:
        """What a connection should act upon by now, the oldest first."""
        statement = (
            select(inbox)
            .where(inbox.c.handled_at.is_(None), inbox.c.connection == connection, inbox.c.due_at <= now)
            .order_by(inbox.c.id)
            .limit(limit)
        )
        with self._store.reading() as db:
            return [_delivery(row) for row in db.execute(statement)]

    def anything_waiting(self, connection: str, now: datetime) -> bool:
        """Whether there is anything for a connection to act upon by now."""
        statement = (
            select(inbox.c.id)
            .where(inbox.c.handled_at.is_(None), inbox.c.connection == connection, inbox.c.due_at <= now)
            .limit(1)
        )
        with self._store.reading() as db:
            return db.execute(statement).first() is not None

    def without_connection(self, limit: int = 500) -> list[Delivery]:
        """Events of Seam of which nobody has found out yet whose they are."""
        statement = (
            select(inbox)
            .where(inbox.c.handled_at.is_(None), inbox.c.connection.is_(None))
            .order_by(inbox.c.id)
            .limit(limit)
        )
        with self._store.reading() as db:
            return [_delivery(row) for row in db.execute(statement)]

    def assign(self, routed: Sequence[tuple[int, str, str | None, Subjects]]) -> None:
        """Says of deliveries (id) which connection, property and subjects they are about."""
        with self._store.writing() as db:
            for delivery_id, connection, property_id, subjects in routed:
                db.execute(
                    update(inbox)
                    .where(inbox.c.id == delivery_id)
                    .values(connection=connection, property_id=property_id, subjects=dict(subjects))
                )

    def held(self, kind: str) -> list[Delivery]:
        """Deliveries of a kind that are assigned and wait."""
        statement = select(inbox).where(
            inbox.c.handled_at.is_(None), inbox.c.kind == kind, inbox.c.connection.is_not(None)
        )
        with self._store.reading() as db:
            return [_delivery(row) for row in db.execute(statement)]

    def begin(self, deliveries: Sequence[Delivery], now: datetime) -> None:
        """They are acted upon from now on: the same words, if they come again, are news."""
        with self._store.writing() as db:
            for chunk in chunks([one.id for one in deliveries]):
                db.execute(
                    update(inbox).where(inbox.c.id.in_(chunk)).values(begun_at=now, attempts=inbox.c.attempts + 1)
                )
            for chunk in chunks([one.id for one in deliveries if not one.subjects.get("for_ever")]):
                db.execute(update(inbox).where(inbox.c.id.in_(chunk)).values(waiting_as=None))

    def done(
        self, ids: Collection[int], now: datetime, outcome: str, note: str | None = None, run_id: str | None = None
    ) -> None:
        """They have been dealt with: `outcome` is `done`, `ignored` or `failed`, `note` says why."""
        values = {"handled_at": now, "outcome": outcome, "note": note, "run_id": run_id}
        with self._store.writing() as db:
            for chunk in chunks(list(ids)):
                db.execute(update(inbox).where(inbox.c.id.in_(chunk)).values(**values))

    def postpone(self, deliveries: Sequence[Delivery], until: datetime, note: str) -> None:
        """They could not be dealt with, and are tried again."""
        with self._store.writing() as db:
            for chunk in chunks([one.id for one in deliveries]):
                db.execute(update(inbox).where(inbox.c.id.in_(chunk)).values(due_at=until, note=note))

    def replay(self, delivery_id: int, now: datetime) -> bool:
        """Looks at what a delivery named once more; False where there is no such delivery."""
        with self._store.writing() as db:
            changed = db.execute(
                update(inbox)
                .where(inbox.c.id == delivery_id)
                .values(handled_at=None, outcome=None, note=None, run_id=None, due_at=now, attempts=0)
            )
            return bool(changed.rowcount)

    def page(
        self, *, before: int | None = None, limit: int = 50, source: str | None = None, state: str | None = None
    ) -> list[Delivery]:
        """The newest deliveries, newest first. `state`: `waiting`, or an outcome."""
        statement = select(inbox).order_by(inbox.c.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(inbox.c.id < before)
        if source:
            statement = statement.where(inbox.c.source == source)
        if state == "waiting":
            statement = statement.where(inbox.c.handled_at.is_(None))
        elif state:
            statement = statement.where(inbox.c.outcome == state)
        with self._store.reading() as db:
            return [_delivery(row) for row in db.execute(statement)]

    def backlog(self) -> tuple[int, datetime | None]:
        """How many deliveries wait, and since when the oldest does."""
        statement = select(func.count(), func.min(inbox.c.received_at)).where(inbox.c.handled_at.is_(None))
        with self._store.reading() as db:
            number, oldest = db.execute(statement).one()
            return int(number), oldest

    def forget_old(self, now: datetime, connection: str) -> None:
        """Drops what was dealt with more than 30 days ago, of a connection and of nobody."""
        whose = or_(inbox.c.connection == connection, inbox.c.connection.is_(None))
        with self._store.writing() as db:
            db.execute(
                delete(inbox).where(and_(whose, inbox.c.handled_at.is_not(None), inbox.c.handled_at < now - KEEP))
            )


_PUT = {
    # Made once: webhooks come by the thousand.
    dialect: insert(inbox).on_conflict_do_update(index_elements=["waiting_as"], set_={"times": inbox.c.times + 1})
    for dialect, insert in INSERT.items()
}


def _delivery(row: Any) -> Delivery:
    fields = {name: value for name, value in row._mapping.items() if name != "waiting_as"}
    return Delivery(**fields)
