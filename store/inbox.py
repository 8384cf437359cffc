"""The inbox: what PMSs, Seam and staff ask to be looked at again. Stored before it is answered, kept until it is done.

Nothing in it is trusted beyond ids: whoever acts upon a delivery reads the PMS again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, bindparam, delete, func, or_, select, update

from store.costs import Cost, count
from store.engine import INSERT, Database, chunks
from store.queue import NOBODYS, Queue, Task, TaskKind, drop_in, enqueue_in
from store.tables import inbox

KEEP = timedelta(days=30)
KEEP_WAITING = timedelta(days=60)
"""What nobody has dealt with for so long is of a connection that is in nobody's settings any more; one that comes back
reads everything first."""
AT_ONCE = 1000
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
    begun_at: datetime | None = None
    handled_at: datetime | None = None
    outcome: str | None = None
    note: str | None = None
    run_id: str | None = None
    task: Task | None = field(default=None, repr=False)
    """Its row of the queue, while it waits."""


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
            stored = db.execute(
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
                    "times": 1,
                    "attempts": 0,
                },
            ).one()
            if stored.handled_at is None:
                enqueue_in(db, [_task(stored.id, connection, property_id, now)], now)

    def take(self, connection: str, now: datetime, taker: str) -> list[Delivery]:
        """What a connection should act upon by now, the oldest first; from now on the same words, if they come again,
        are news. `taker`: see `Queue.take`."""
        with self._store.together():
            return self._take(connection, now, taker)

    def _take(self, connection: str, now: datetime, taker: str) -> list[Delivery]:
        taken = self._of(Queue(self._store).take(connection, [TaskKind.BOOKING_NEWS], now, taker))
        ids = [one.id for one in taken]
        for one in taken:
            # Those of Seam are counted where it is found out whose they are.
            if one.source == "pms" and one.attempts == 0:
                count(Cost.PMS_WEBHOOKS, one.times, one.property_id or "")
        if ids:
            with self._store.writing() as db:
                begun = {"begun_at": now, "attempts": inbox.c.attempts + 1}
                for chunk in chunks(ids):
                    db.execute(update(inbox).where(inbox.c.id.in_(chunk)).values(begun))
                for chunk in chunks([one.id for one in taken if not one.subjects.get("for_ever")]):
                    db.execute(update(inbox).where(inbox.c.id.in_(chunk)).values(waiting_as=None))
        return taken

    def waiting(self, connection: str, now: datetime) -> list[Delivery]:
        """What a connection should act upon by now, the oldest first."""
        return self._of(Queue(self._store).waiting(connection, [TaskKind.BOOKING_NEWS], until=now))

    def without_connection(self, limit: int = 500) -> list[Delivery]:
        """Events of Seam of which nobody has found out yet whose they are."""
        return self._of(Queue(self._store).waiting(NOBODYS, [TaskKind.SEAM_EVENT]))[:limit]

    def last_of_pms(self, connection: str, since: datetime) -> datetime | None:
        """When a connection's PMS last sent a webhook (UTC), where that was no longer ago than `since`."""
        with self._store.reading() as db:
            return db.execute(_LAST_OF_PMS, {"of": connection, "since": since}).scalar()

    def _of(self, tasks: Sequence[Task]) -> list[Delivery]:
        by_id = {int(one.subject): one for one in tasks}
        if not by_id:
            return []
        with self._store.reading() as db:
            rows = [row for chunk in chunks(sorted(by_id)) for row in db.execute(_BY_ID, {"ids": chunk})]
        return [_delivery(row, by_id[row.id]) for row in rows]

    def assign(
        self,
        routed: Sequence[tuple[int, str, str | None, Subjects]],
        now: datetime,
        later: Mapping[int, datetime] | None = None,
        note: str | None = None,
    ) -> None:
        """Says of deliveries (id) which connection, property and subjects they are about. `later`: when those are to be
        looked at, by id, that are not at once, and a note that says why."""
        later = later or {}
        with self._store.writing() as db:
            drop_in(db, NOBODYS, [TaskKind.SEAM_EVENT], [str(one[0]) for one in routed])
            for delivery_id, connection, property_id, subjects in routed:
                values = {"connection": connection, "property_id": property_id, "subjects": dict(subjects)}
                db.execute(
                    update(inbox)
                    .where(inbox.c.id == delivery_id)
                    .values(**values, note=note if delivery_id in later else None)
                )
            enqueue_in(db, [_task(one[0], one[1], one[2], later.get(one[0], now)) for one in routed], now)

    def held(self, kind: str) -> list[Delivery]:
        """Deliveries of a kind that are assigned and wait."""
        statement = select(inbox).where(
            inbox.c.handled_at.is_(None), inbox.c.kind == kind, inbox.c.connection.is_not(None)
        )
        with self._store.reading() as db:
            return [_delivery(row) for row in db.execute(statement)]

    def done(
        self, deliveries: Collection[Delivery], now: datetime, outcome: str, note: str | None, run_id: str | None = None
    ) -> None:
        """They have been dealt with: `outcome` is `done`, `ignored` or `failed`, `note` says why."""
        values = {"handled_at": now, "outcome": outcome, "note": note, "run_id": run_id}
        if not deliveries:
            return
        ids: dict[str, list[int]] = {}
        for one in deliveries:
            ids.setdefault(one.connection or NOBODYS, []).append(one.id)
        with self._store.writing() as db:
            for connection, mine in ids.items():
                drop_in(db, connection, [TaskKind.BOOKING_NEWS, TaskKind.SEAM_EVENT], [str(one) for one in mine])
                for chunk in chunks(mine):
                    db.execute(update(inbox).where(inbox.c.id.in_(chunk)).values(**values))

    def put_off(self, deliveries: Collection[Delivery], until: datetime, note: str, *, failed: bool) -> None:
        """They could not be dealt with, and are tried again. `failed`: see `Queue.put_off`."""
        Queue(self._store).put_off([one.task for one in deliveries if one.task], until, note, failed=failed)
        with self._store.writing() as db:
            for chunk in chunks([one.id for one in deliveries]):
                db.execute(update(inbox).where(inbox.c.id.in_(chunk)).values(note=note))

    def replay(self, delivery_id: int, now: datetime) -> bool:
        """Looks at what a delivery named once more; False where there is no such delivery."""
        again = {"handled_at": None, "outcome": None, "note": None, "run_id": None, "attempts": 0}
        with self._store.writing() as db:
            found = db.execute(
                update(inbox)
                .where(inbox.c.id == delivery_id)
                .values(**again)
                .returning(inbox.c.connection, inbox.c.property_id)
            ).one_or_none()
            if found is not None:
                enqueue_in(db, [_task(delivery_id, found.connection, found.property_id, now)], now)
            return found is not None

    def page(
        self,
        *,
        before: int | None = None,
        limit: int = 50,
        source: str | None = None,
        state: str | None = None,
        connection: str | None = None,
        kind: str | None = None,
    ) -> list[Delivery]:
        """The newest deliveries, newest first. `state`: `waiting`, or an outcome; `kind`: in the sender's words."""
        statement = select(inbox).order_by(inbox.c.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(inbox.c.id < before)
        wanted = {"source": source, "connection": connection, "kind": kind}
        statement = statement.where(*(inbox.c[name] == value for name, value in wanted.items() if value))
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
        """Drops what was dealt with more than 30 days ago, of a connection and of nobody; what came 60 days ago and
        still waits, whosever it is; and so, after 30, the events of Seam that are known to be nobody's."""
        whose = or_(inbox.c.connection == connection, inbox.c.connection.is_(None))
        waits = inbox.c.handled_at.is_(None)
        in_vain = or_(
            inbox.c.received_at < now - KEEP_WAITING,
            and_(inbox.c.connection.is_(None), inbox.c.received_at < now - KEEP),
        )
        with self._store.writing() as db:
            db.execute(delete(inbox).where(whose, inbox.c.handled_at < now - KEEP))
            found = db.execute(select(inbox.c.id, inbox.c.connection).where(waits, in_vain).limit(AT_ONCE)).all()
            for of in {row.connection for row in found}:
                subjects = [str(row.id) for row in found if row.connection == of]
                drop_in(db, of or NOBODYS, [TaskKind.BOOKING_NEWS, TaskKind.SEAM_EVENT], subjects)
            for ids in chunks([row.id for row in found]):
                db.execute(delete(inbox).where(inbox.c.id.in_(ids)))


_LAST_OF_PMS = (
    select(inbox.c.received_at)
    .where(
        inbox.c.connection == bindparam("of"),
        inbox.c.source == "pms",
        inbox.c.received_at >= bindparam("since"),
    )
    .order_by(inbox.c.received_at.desc())
    .limit(1)
)
_BY_ID = select(inbox).where(inbox.c.id.in_(bindparam("ids", expanding=True))).order_by(inbox.c.id)
_PUT = {
    # Made once: webhooks come by the thousand.
    dialect: insert(inbox)
    .on_conflict_do_update(index_elements=["waiting_as"], set_={"times": inbox.c.times + 1})
    .returning(inbox.c.id, inbox.c.handled_at)
    for dialect, insert in INSERT.items()
}


def _task(delivery_id: int, connection: str | None, property_id: str | None, when: datetime) -> Task:
    kind = TaskKind.SEAM_EVENT if connection is None else TaskKind.BOOKING_NEWS
    return Task(connection or NOBODYS, kind, str(delivery_id), when, property_id or "")


def _delivery(row: Any, task: Task | None = None) -> Delivery:
    fields = {name: value for name, value in row._mapping.items() if name != "waiting_as"}
    return Delivery(**fields, task=task)
