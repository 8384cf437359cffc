"""Alerts: something that a person should know of. Each is told once when it begins and once when it ends."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, and_, delete, select, true, update

from store.engine import Database, chunks
from store.outgoing import EventKind, Happened, emit_in
from store.queue import TASK, Queue, Task, TaskKind, enqueue_in
from store.tables import alerts, queue

KINDS = (
    "booking",
    "bookings",
    "connection",
    "full",
    "night_audit",
    "held",
    "account",
    "locks",
    "batteries",
    "write_back",
    "clock",
)
"""What alerts are about; `bookings` are many with one trouble."""


BROKEN = frozenset({"connection", "full", "account", "clock"})
"""Alerts that say of a whole property, or of all of a connection, that it is not kept in step."""


@dataclass(frozen=True, slots=True)
class Alert:
    id: int
    connection: str
    kind: str
    """One of `KINDS`."""
    subject: str
    """The id of what it is about."""
    text: str
    began_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, slots=True)
class Cause:
    """A reason for an alert that holds now."""

    connection: str
    kind: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """Something to be told, by one channel."""

    task: Task
    """Of the queue."""
    alert: Alert
    phase: str
    """`begin` or `end`."""
    channel: str


class AlertBook:
    """Open alerts, and what has yet to be told of them. Safe to use from many threads."""

    def __init__(self, store: Database):
        self._store = store
        self._queue = Queue(store)

    def compare(
        self,
        causes: Collection[Cause],
        channels: Sequence[str],
        now: datetime,
        connections: Collection[str] | None = None,
    ) -> tuple[int, int]:
        """Begins an alert for every new cause and ends those whose cause is gone; returns how many of each.

        `connections`: whose alerts are looked at; those of others, whom other processes on the same database look
        after, are left alone. None: everybody's.

        What is to be told is stored in the same transaction, so that a crash neither loses nor repeats it.
        """
        wanted = {(one.connection, one.kind, one.subject): one for one in causes}
        with self._store.writing() as db:
            open_now = {
                (row.connection, row.kind, row.subject): row
                for row in db.execute(select(alerts).where(alerts.c.ended_at.is_(None), _of(connections)))
            }
            new = [one for key, one in wanted.items() if key not in open_now]
            gone = [row for key, row in open_now.items() if key not in wanted]
            for one in new:
                begun = db.execute(
                    self._store.upsert(alerts)
                    .values(
                        connection=one.connection,
                        kind=one.kind,
                        subject=one.subject,
                        open_as=f"{one.kind}:{one.connection}:{one.subject}",
                        text=one.text,
                        began_at=now,
                    )
                    .on_conflict_do_nothing(index_elements=["open_as"])
                    .returning(alerts.c.id)
                ).scalar()
                if begun is not None:
                    enqueue_in(db, _messages(one.connection, begun, "begin", channels, now), now)
                    emit_in(db, _of_alert(EventKind.PROPERTY_BROKEN, one), now)
            for row in gone:
                emit_in(db, _of_alert(EventKind.PROPERTY_RECOVERED, row), now)
                db.execute(update(alerts).where(alerts.c.id == row.id).values(ended_at=now, open_as=None))
                enqueue_in(db, _messages(row.connection, row.id, "end", channels, now), now)
            for key, row in open_now.items():
                if key in wanted and wanted[key].text != row.text:
                    db.execute(update(alerts).where(alerts.c.id == row.id).values(text=wanted[key].text))
        return len(new), len(gone)

    def open(self) -> list[Alert]:
        """The oldest first."""
        with self._store.reading() as db:
            return [Alert(*row) for row in db.execute(_alerts.where(alerts.c.ended_at.is_(None)).order_by(alerts.c.id))]

    def recent(
        self,
        limit: int = 100,
        *,
        connection: str | None = None,
        kind: str | None = None,
        is_open: bool | None = None,
        before: int | None = None,
    ) -> list[Alert]:
        """Those that are open first, then those that have ended; the newest first. `before`: begun before that one (its
        id)."""
        wanted: list[ColumnElement[bool]] = [true()]
        if connection:
            wanted.append(alerts.c.connection == connection)
        if kind:
            wanted.append(alerts.c.kind == kind)
        if is_open is not None:
            wanted.append(alerts.c.ended_at.is_(None) if is_open else alerts.c.ended_at.is_not(None))
        if before is not None:
            wanted.append(alerts.c.id < before)
        order = (alerts.c.id.desc(),) if before is not None else (alerts.c.ended_at.is_not(None), alerts.c.id.desc())
        with self._store.reading() as db:
            return [Alert(*row) for row in db.execute(_alerts.where(*wanted).order_by(*order).limit(limit))]

    def to_tell(self, now: datetime, limit: int = 50, connections: Collection[str] | None = None) -> list[Message]:
        """What should be told by now, the oldest first; nobody hears of an end before the beginning. `connections`: see
        `compare`."""
        whose = true() if connections is None else queue.c.connection.in_(list(connections))
        waiting = select(*TASK).where(queue.c.kind == TaskKind.SEND_ALERT, whose)
        with self._store.reading() as db:
            due = [Task(*row) for row in db.execute(waiting.where(queue.c.not_before <= now))]
            begins = {one.subject.replace("/end/", "/begin/") for one in due}
            untold = {
                row.subject for part in chunks(sorted(begins)) for row in db.execute(waiting.where(_in(part))).all()
            }
            told_of = {int(one.subject.partition("/")[0]) for one in due}
            found = {
                row.id: Alert(*row)
                for part in chunks(sorted(told_of))
                for row in db.execute(_alerts.where(alerts.c.id.in_(part)))
            }
        messages = []
        for one in due:
            alert_id, phase, channel = one.subject.split("/", 2)
            if phase == "begin" or one.subject.replace("/end/", "/begin/") not in untold:
                messages.append(Message(one, found[int(alert_id)], phase, channel))
        return sorted(messages, key=lambda one: (one.alert.id, one.phase, one.channel))[:limit]

    def told(self, message: Message) -> None:
        """It got through, or nobody will try any more."""
        self._queue.done([message.task])

    def not_told(self, message: Message, again_at: datetime, trouble: str) -> None:
        self._queue.put_off([message.task], again_at, trouble, failed=True)

    def forget_old(self, before: datetime, connections: Collection[str] | None = None) -> None:
        """Drops alerts that ended before an instant. `connections`: see `compare`."""
        is_old = and_(alerts.c.ended_at < before, _of(connections))
        with self._store.writing() as db:
            old = {str(one) for one in db.execute(select(alerts.c.id).where(is_old)).scalars()}
            if old:
                untold = select(queue.c.subject).where(queue.c.kind == TaskKind.SEND_ALERT)
                subjects = [one for one in db.execute(untold).scalars() if one.partition("/")[0] in old]
                for part in chunks(subjects):
                    db.execute(delete(queue).where(queue.c.kind == TaskKind.SEND_ALERT, _in(part)))
                db.execute(delete(alerts).where(is_old))


def _messages(connection: str, alert_id: int, phase: str, channels: Iterable[str], now: datetime) -> list[Task]:
    return [Task(connection, TaskKind.SEND_ALERT, f"{alert_id}/{phase}/{channel}", now) for channel in channels]


def _in(subjects: Sequence[str]) -> ColumnElement[bool]:
    return queue.c.subject.in_(subjects)


_alerts = select(*(alerts.c[name] for name in Alert.__dataclass_fields__))


def _of(connections: Collection[str] | None) -> ColumnElement[bool]:
    return true() if connections is None else alerts.c.connection.in_(list(connections))


def _of_alert(event: EventKind, one: Cause | Row[Any]) -> list[Happened]:
    if one.kind not in BROKEN:
        return []
    data = {"alert": one.kind, "about": one.subject, "reason": one.text}
    return [Happened(event, one.connection, "", f"{one.kind}/{one.subject}", data)]
