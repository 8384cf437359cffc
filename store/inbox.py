"""The inbox: what PMSs, Seam and staff ask to be looked at again. Stored before it is answered, kept until it is done.

Nothing in it is trusted beyond ids: whoever acts upon a delivery reads the PMS again.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, bindparam, delete, func, insert, or_, select, update

from mappers.sentences import keep_together, kept
from store.costs import Cost, count
from store.engine import INSERT, Repository, chunks
from store.queue import NOBODYS, Queue, Task, TaskKind, drop_in, enqueue_in
from store.tables import inbox, inbox_attempts

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
    said: Any = field(default=None, repr=False)
    """What the note was put together from; goes with it by itself."""

    def __post_init__(self) -> None:
        keep_together(self, "note")


PUT_OFF, REPLAYED = "put_off", "replayed"
"""Of attempts that did not end it."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of acting upon a delivery, or that somebody asked for it once more."""

    at: datetime
    last_at: datetime
    """Of several that were put off for the same reason."""
    times: int
    outcome: str
    """That of a delivery, or `PUT_OFF`, or `REPLAYED`."""
    note: str | None
    """Why."""
    run_id: str | None
    who: str | None
    """Replayed: by whom."""
    said: Any = field(default=None, repr=False)
    """What the note was put together from; goes with it by itself."""

    def __post_init__(self) -> None:
        keep_together(self, "note")


class Inbox(Repository):
    """Deliveries, in the database. Safe to use from many threads and processes."""

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
        payload: Any = None,
    ) -> None:
        """Stores a delivery, committed when this returns. `payload`: what was sent, as JSON has it, without people and
        secrets (see `web.payloads`).

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
                    "payload": payload,
                },
            ).one()
            if stored.handled_at is None:
                enqueue_in(db, [_task(stored.id, connection, property_id, now)], now)

    def known(self, source: str, event_ids: Collection[str]) -> set[str]:
        """Those of these events that have come in, as far back as deliveries are kept."""
        mine = select(inbox.c.event_id).where(inbox.c.source == source)
        rows = self._store.rows_of(sorted(event_ids), lambda some: mine.where(inbox.c.event_id.in_(some)))
        return {row.event_id for row in rows}

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
                numbered = [one.id for one in taken if one.subjects.get("for_ever")]
                for mine, statement in (
                    ([one for one in ids if one not in set(numbered)], _BEGIN),
                    (numbered, _BEGIN_NUMBERED),
                ):
                    for chunk in chunks(mine):
                        db.execute(statement, {"ids": list(chunk), "now": now})
        return taken

    def waiting(self, connection: str, now: datetime) -> list[Delivery]:
        """What a connection should act upon by now, the oldest first."""
        return self._of(Queue(self._store).waiting(connection, [TaskKind.BOOKING_NEWS], until=now))

    def unread_of_pms(self, connection: str) -> list[tuple[datetime, Subjects]]:
        """When what came in by a connection's PMS, and what it names, of all that was not dealt with yet: also what
        somebody is at, and what was put off."""
        return [(row.received_at, row.subjects) for row in self._store.rows(_UNREAD_OF_PMS, {"of": connection})]

    def without_connection(self, limit: int = 500) -> list[Delivery]:
        """Events of Seam of which nobody has found out yet whose they are."""
        return self._of(Queue(self._store).waiting(NOBODYS, [TaskKind.SEAM_EVENT]))[:limit]

    def last_of_pms(self, connection: str, since: datetime) -> datetime | None:
        """When a connection's PMS last sent a webhook (UTC), where that was no longer ago than `since`."""
        found: datetime | None = self._store.value(_LAST_OF_PMS, {"of": connection, "since": since})
        return found

    def _of(self, tasks: Sequence[Task]) -> list[Delivery]:
        by_id = {int(one.subject): one for one in tasks}
        rows = self._store.rows_of(sorted(by_id), lambda some: (_BY_ID, {"ids": some})) if by_id else ()
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
                    .values(**values, **_noted(note if delivery_id in later else None))
                )
            enqueue_in(db, [_task(one[0], one[1], one[2], later.get(one[0], now)) for one in routed], now)

    def held(self, kind: str) -> list[Delivery]:
        """Deliveries of a kind that are assigned and wait."""
        statement = _DELIVERIES.where(
            inbox.c.handled_at.is_(None), inbox.c.kind == kind, inbox.c.connection.is_not(None)
        )
        return [_delivery(row) for row in self._store.rows(statement)]

    def done(
        self, deliveries: Collection[Delivery], now: datetime, outcome: str, note: str | None, run_id: str | None = None
    ) -> None:
        """They have been dealt with: `outcome` is `done`, `ignored` or `failed`, `note` says why."""
        values = {"handled_at": now, "outcome": outcome, **_noted(note), "run_id": run_id}
        if not deliveries:
            return
        ids: dict[str, list[int]] = {}
        for one in deliveries:
            ids.setdefault(one.connection or NOBODYS, []).append(one.id)
        with self._store.writing() as db:
            for connection, mine in ids.items():
                drop_in(db, connection, [TaskKind.BOOKING_NEWS, TaskKind.SEAM_EVENT], [str(one) for one in mine])
                for chunk in chunks(mine):
                    db.execute(_THESE, {"ids": list(chunk), **values})
            _attempted(db, [one.id for one in deliveries], now, outcome, note, run_id)

    def put_off(
        self, deliveries: Collection[Delivery], now: datetime, until: datetime, note: str, *, failed: bool
    ) -> None:
        """They could not be dealt with, and are tried again. `failed`: see `Queue.put_off`."""
        Queue(self._store).put_off([one.task for one in deliveries if one.task], until, note, failed=failed)
        again = [one.id for one in deliveries if one.attempts and one.note == note]
        with self._store.writing() as db:
            for chunk in chunks([one.id for one in deliveries]):
                db.execute(update(inbox).where(inbox.c.id.in_(chunk)).values(**_noted(note)))
            for chunk in chunks(again):
                # An outage of hours is one line.
                newest = select(func.max(inbox_attempts.c.id)).where(inbox_attempts.c.delivery_id.in_(chunk))
                mine = inbox_attempts.c.id.in_(newest.group_by(inbox_attempts.c.delivery_id))
                values = {"last_at": now, "times": inbox_attempts.c.times + 1}
                db.execute(update(inbox_attempts).where(mine, inbox_attempts.c.outcome == PUT_OFF).values(values))
            _attempted(db, {one.id for one in deliveries}.difference(again), now, PUT_OFF, note)

    def replay(self, deliveries: Collection[Delivery], who: str, now: datetime) -> None:
        """Looks at what these named once more."""
        again = {"handled_at": None, "outcome": None, **_noted(None), "run_id": None, "attempts": 0}
        with self._store.writing() as db:
            for chunk in chunks([one.id for one in deliveries]):
                db.execute(update(inbox).where(inbox.c.id.in_(chunk)).values(**again))
            enqueue_in(db, [_task(one.id, one.connection, one.property_id, now) for one in deliveries], now)
            _attempted(db, [one.id for one in deliveries], now, REPLAYED, None, who=who)

    def get(self, delivery_id: int) -> Delivery | None:
        row = self._store.row(_DELIVERIES.where(inbox.c.id == delivery_id))
        return _delivery(row) if row is not None else None

    def payload(self, delivery_id: int) -> Any:
        """What was sent, as it was kept; None where nothing was: of what staff asked for, and of older ones."""
        return self._store.value(select(inbox.c.payload).where(inbox.c.id == delivery_id))

    def attempts(self, delivery_id: int) -> list[Attempt]:
        """Every attempt at a delivery, the newest first."""
        columns = [inbox_attempts.c[name] for name in Attempt.__dataclass_fields__]
        mine = select(*columns).where(inbox_attempts.c.delivery_id == delivery_id)
        return [Attempt(*row) for row in self._store.rows(mine.order_by(inbox_attempts.c.id.desc()))]

    def page(self, *, before: int | None = None, limit: int = 50, **filter: Any) -> list[Delivery]:
        """The newest deliveries, newest first. `before`: received before that one (its id); `filter`: see `_like`."""
        with self._store.reading() as db:
            listed = _like(db, _DELIVERIES, **filter).order_by(inbox.c.id.desc()).limit(limit)
            if before is not None:
                listed = listed.where(inbox.c.id < before)
            return [_delivery(row) for row in db.execute(listed)]

    def number(self, at_most: int, **filter: Any) -> int:
        """How many such deliveries there are, as far as that. `filter`: see `_like`."""
        with self._store.reading() as db:
            return len(db.execute(_like(db, select(inbox.c.id), **filter).limit(at_most)).all())

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
            old = and_(whose, inbox.c.handled_at < now - KEEP)
            db.execute(delete(inbox_attempts).where(inbox_attempts.c.delivery_id.in_(select(inbox.c.id).where(old))))
            db.execute(delete(inbox).where(old))
            found = db.execute(select(inbox.c.id, inbox.c.connection).where(waits, in_vain).limit(AT_ONCE)).all()
            for of in {row.connection for row in found}:
                subjects = [str(row.id) for row in found if row.connection == of]
                drop_in(db, of or NOBODYS, [TaskKind.BOOKING_NEWS, TaskKind.SEAM_EVENT], subjects)
            for ids in chunks([row.id for row in found]):
                db.execute(delete(inbox_attempts).where(inbox_attempts.c.delivery_id.in_(ids)))
                db.execute(delete(inbox).where(inbox.c.id.in_(ids)))


def _like(
    db: Connection,
    statement: Select[Any],
    *,
    source: str | None = None,
    state: str | None = None,
    connection: str | None = None,
    property_id: str | None = None,
    kind: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
) -> Select[Any]:
    """Those of these only. `state`: `waiting`, `handled` or an outcome; `kind`: in the sender's words, or a part of
    them; `since`, `until`: received between."""
    same = {"source": source, "connection": connection, "property_id": property_id}
    wanted: list[ColumnElement[bool]] = [inbox.c[name] == value for name, value in same.items() if value]
    if kind:
        # There are few kinds: looked for among those, and not in every delivery.
        known = db.execute(select(inbox.c.kind).distinct()).scalars()
        wanted.append(inbox.c.kind.in_(sorted(one for one in known if kind.lower() in one.lower())))
    if since is not None:
        wanted.append(inbox.c.received_at >= since)
    if until is not None:
        wanted.append(inbox.c.received_at < until)
    if state == "waiting":
        wanted.append(inbox.c.handled_at.is_(None))
    elif state == "handled":
        wanted.append(inbox.c.handled_at.is_not(None))
    elif state:
        wanted.append(inbox.c.outcome == state)
    return statement.where(*wanted)


def _attempted(
    db: Connection,
    ids: Collection[int],
    now: datetime,
    outcome: str,
    note: str | None,
    run_id: str | None = None,
    who: str | None = None,
) -> None:
    same = {"at": now, "last_at": now, "times": 1, "outcome": outcome, **_noted(note), "run_id": run_id, "who": who}
    for chunk in chunks(sorted(ids)):
        db.execute(_ATTEMPT, [{"delivery_id": one, **same} for one in chunk])


_ATTEMPT = insert(inbox_attempts)


def _noted(note: str | None) -> dict[str, Any]:
    return {"note": note, "said": kept(note) if note else None}


_UNREAD_OF_PMS = select(inbox.c.received_at, inbox.c.subjects).where(
    inbox.c.connection == bindparam("of"), inbox.c.source == "pms", inbox.c.handled_at.is_(None)
)
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
# What was sent is looked at one by one, and by nobody who works.
_DELIVERIES = select(*(inbox.c[name] for name in Delivery.__dataclass_fields__ if name != "task"))
_BY_ID = _DELIVERIES.where(inbox.c.id.in_(bindparam("ids"))).order_by(inbox.c.id)
_THESE = update(inbox).where(inbox.c.id.in_(bindparam("ids")))
_BEGIN_NUMBERED = _THESE.values(begun_at=bindparam("now"), attempts=inbox.c.attempts + 1)
_BEGIN = _BEGIN_NUMBERED.values(waiting_as=None)
_PUT = {
    # Made once: webhooks come by the thousand.
    dialect: put_new(inbox)
    .on_conflict_do_update(index_elements=["waiting_as"], set_={"times": inbox.c.times + 1})
    .returning(inbox.c.id, inbox.c.handled_at)
    for dialect, put_new in INSERT.items()
}


def _task(delivery_id: int, connection: str | None, property_id: str | None, when: datetime) -> Task:
    kind = TaskKind.SEAM_EVENT if connection is None else TaskKind.BOOKING_NEWS
    return Task(connection or NOBODYS, kind, str(delivery_id), when, property_id or "")


def _delivery(row: Any, task: Task | None = None) -> Delivery:
    return Delivery(**row._mapping, task=task)
