"""The queue: what is due is rows. Each says of which connection, what, from when on, how often it failed, and why.

Whatever is enqueued twice is one row. Whoever takes a row puts a name into it; one that is enqueued again meanwhile is
nobody's again, and stays when its former taker ends: there may be news that the taker did not see. What was taken by a
process that died is given back by whoever works next: nothing is lost between taking and ending.
"""

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

from sqlalchemy import (
    Connection,
    Executable,
    and_,
    bindparam,
    case,
    delete,
    func,
    or_,
    select,
    tuple_,
    update,
)

from store.engine import INSERT, Repository, chunks, put, row_of
from store.tables import queue

LARGEST_BATCH = 1000
AHEAD = timedelta(seconds=5)
"""By so much the clocks of two machines may differ without anybody's notice."""


class TaskKind(StrEnum):
    """What is to be done. Of a connection's, the most urgent first."""

    BOOKING_NEWS = "booking_news"
    """A delivery of the inbox, by its id, is to be acted upon."""
    RETRY = "retry"
    """Bookings that failed and are due, and grants that no lock has confirmed."""
    INCREMENTAL = "incremental"
    LOCK_HEALTH = "lock_health"
    FULL = "full"
    ARRIVAL_CHECK = "arrival_check"
    NIGHT_AUDIT = "night_audit"
    RETRY_BOOKING = "retry_booking"
    """A booking that failed, or was in the middle of being changed, is to be tried again."""
    WATCH_STAY = "watch_stay"
    """A booking is to be read again though the PMS has no news of it: somebody's access begins, or waits."""
    WRITE_DOOR_CODE = "write_door_code"
    """The PMS has yet to be told a booking's door code."""
    SEAM_EVENT = "seam_event"
    """An event of Seam, by its delivery's id: nobody knows yet whose it is."""
    SEND_ALERT = "send_alert"
    """A message about an alert: `<alert id>/<begin or end>/<channel>`."""


JOBS = (
    TaskKind.RETRY,
    TaskKind.INCREMENTAL,
    TaskKind.LOCK_HEALTH,
    TaskKind.FULL,
    TaskKind.ARRIVAL_CHECK,
    TaskKind.NIGHT_AUDIT,
)
"""What the clock asks for; the subject is a property, or empty for the whole connection."""
BOOKINGS = (TaskKind.RETRY_BOOKING, TaskKind.WATCH_STAY, TaskKind.WRITE_DOOR_CODE)
"""What runs look at; the subject is a booking."""
NOBODYS = ""
"""The connection of what is nobody's yet."""
_URGENCY: dict[str, int] = {kind: place for place, kind in enumerate(TaskKind)}


@dataclass(frozen=True, slots=True)
class Task:
    """A row of the queue."""

    connection: str
    kind: str
    subject: str
    """What it is about: an id."""
    not_before: datetime
    property_id: str = ""
    attempts: int = 0
    """In vain, in a row; an outage of the other side is none."""
    why: str | None = None
    """Why it was put off."""
    enqueued_at: datetime | None = None
    taken_by: str | None = None


class Queue(Repository):
    """Safe to use from many threads and processes. Raises `StoreFailed`."""

    # --- whoever wants something done -------------------------------------------------------------------------------

    def enqueue(self, tasks: Collection[Task], now: datetime) -> None:
        """Has these done from `not_before` on, or earlier where that was asked for."""
        if tasks:
            with self._store.writing() as db:
                enqueue_in(db, tasks, now)

    def plan(self, tasks: Collection[Task], now: datetime) -> None:
        """Has these done at their time. What is there already is moved to it, but for what is due."""
        if not tasks:
            return
        with self._store.writing() as db:
            statement = INSERT[db.dialect.name](queue)
            values = {"not_before": statement.excluded.not_before, "why": None}
            _insert(
                db,
                statement.on_conflict_do_update(index_elements=KEY, set_=values, where=queue.c.not_before > now),
                tasks,
                now,
            )

    def replace(
        self, connection: str, kinds: Sequence[str], subjects: Collection[str], tasks: Iterable[Task], now: datetime
    ) -> None:
        """Instead of what was to be done about these subjects, in these kinds, there is now this."""
        tasks = list(tasks)
        if not subjects and not tasks:
            return
        with self._store.writing() as db:
            drop_in(db, connection, kinds, subjects)
            statement = put(db.dialect.name, queue, "property_id", "not_before", "attempts", "why")
            _insert(db, statement, tasks, now)

    def hasten(self, connection: str, kinds: Sequence[str], now: datetime) -> None:
        """What waits although nothing is wrong with it, because the other side was away, waits no longer."""
        asked = {"of": connection, "kinds": list(kinds), "now": now}
        if self._store.row(_SOME_AWAY, asked) is None:
            return
        self._store.write(_HASTEN, asked)

    # --- whoever does it --------------------------------------------------------------------------------------------

    def take(
        self, connection: str, kinds: Sequence[str], now: datetime, taker: str, limit: int = LARGEST_BATCH
    ) -> list[Task]:
        """Takes what is due: the most urgent kind first, then what has been due for longest. `taker` does one batch at
        a time: what it took before and never ended is taken again. Whoever asks often asks `is_due` first, which
        locks nothing."""
        asked = {"of": connection, "kinds": list(kinds), "now": now, "taker": taker, "most": limit}
        with self._store.writing() as db:
            rows = db.execute(_TAKE, asked).all()
        return sorted((Task(*row) for row in rows), key=lambda one: (_URGENCY[one.kind], one.not_before, one.subject))

    def done(self, tasks: Collection[Task]) -> None:
        """They have been done, and are no more, unless they were enqueued again meanwhile."""
        with self._store.writing() as db:
            for mine in _taken(tasks):
                db.execute(_DONE, mine)

    def repeat(self, tasks: Collection[Task], at: datetime, why: str | None = None) -> None:
        """They have been done, and are due again at that time, or at once where they were enqueued again meanwhile.
        `why`: why no sooner, where that is later than usual."""
        with self._store.writing() as db:
            for mine in _taken(tasks):
                db.execute(_REPEAT, mine | {"at": at, "reason": why})

    def release(self, tasks: Collection[Task]) -> None:
        """They were not begun, or cut off: they are due as before."""
        with self._store.writing() as db:
            for mine in _taken(tasks):
                db.execute(_RELEASE, mine)

    def put_off(self, tasks: Collection[Task], until: datetime, why: str, *, failed: bool) -> None:
        """They are tried again, unless they were enqueued again meanwhile: then at once. `failed`: something is wrong
        with them, and not with the other side only."""
        with self._store.writing() as db:
            for mine in _taken(tasks):
                db.execute(_PUT_OFF, mine | {"at": until, "reason": why, "more": int(failed)})

    def rescue(self, connections: Collection[str], kinds: Sequence[str] | None = None) -> None:
        """Gives back what was taken by processes that are no more. Asked by the one process that works from now on;
        where another is still in the middle of something, the connection's turn keeps this one away. `kinds`: of these
        only."""
        with self._store.writing() as db:
            for chunk in chunks(sorted(connections)):
                stalled = and_(queue.c.connection.in_(chunk), queue.c.taken_by.is_not(None))
                if kinds is not None:
                    stalled = and_(stalled, queue.c.kind.in_(kinds))
                db.execute(update(queue).where(stalled).values(taken_by=None, taken_at=None))

    def heed(self, connections: Collection[str], now: datetime) -> None:
        """What was enqueued on a machine whose clock is ahead of this one's, to be done at once, is due at once."""
        ahead = and_(
            queue.c.enqueued_at > now + AHEAD,
            queue.c.not_before > now,
            queue.c.not_before <= queue.c.enqueued_at,
            queue.c.why.is_(None),
        )
        found = set(self._store.values(select(queue.c.connection).where(ahead).distinct()))
        if mine := found.intersection(connections):
            with self._store.writing() as db:
                for chunk in chunks(sorted(mine)):
                    theirs = and_(queue.c.connection.in_(chunk), ahead)
                    db.execute(update(queue).where(theirs).values(not_before=now, enqueued_at=now))

    # --- questions --------------------------------------------------------------------------------------------------

    def is_due(self, connection: str, kinds: Sequence[str], now: datetime, taker: str) -> bool:
        """Whether `take` would find something."""
        asked = {"of": connection, "kinds": list(kinds), "now": now, "taker": taker}
        return self._store.row(_IS_DUE, asked) is not None

    def due(self, kinds: Sequence[str], now: datetime) -> list[tuple[str, str]]:
        """(connection, kind) of all that could be taken by now; what has been due for longest comes first."""
        rows = self._store.rows(_ALL_DUE, {"kinds": list(kinds), "now": now})
        return [(row.connection, row.kind) for row in rows]

    def taken(self, kinds: Sequence[str]) -> set[tuple[str, str]]:
        """(connection, kind) of all that somebody has taken."""
        statement = select(queue.c.connection, queue.c.kind).where(
            queue.c.kind.in_(kinds), queue.c.taken_by.is_not(None)
        )
        return {(row.connection, row.kind) for row in self._store.rows(statement.distinct())}

    def times(self, kinds: Sequence[str]) -> dict[tuple[str, str, str], datetime]:
        """From when on everybody's are due, taken or not, by connection, kind and subject."""
        found = self._store.rows(_TIMES, {"kinds": list(kinds)})
        return {(row.connection, row.kind, row.subject): row.not_before for row in found}

    def put_back(self, kind: str) -> dict[str, datetime]:
        """When such a thing is due of each connection of which it is due later than usual."""
        return {row.connection: row.not_before for row in self._store.rows(_PUT_BACK, {"kind": kind})}

    def waiting(
        self,
        connection: str,
        kinds: Sequence[str],
        *,
        until: datetime | None = None,
        subjects: Collection[str] | None = None,
    ) -> list[Task]:
        """What is there, taken or not. `until`: what is due by then; `subjects`: of these only."""
        if subjects is not None and not subjects:
            return []
        statement, asked = _WAITING, {"of": connection, "kinds": list(kinds), "now": until}
        if until is not None:
            statement = _WAITING_UNTIL
        with self._store.reading() as db:
            if subjects is None:
                return [Task(*row) for row in db.execute(statement, asked)]
            statement = statement.where(_SUBJECTS) if until is not None else _WAITING_OF_SUBJECTS
            parts = [asked | {"subjects": list(part)} for part in chunks(sorted(subjects))]
            return [Task(*row) for part in parts for row in db.execute(statement, part)]


def enqueue_in(db: Connection, tasks: Iterable[Task], now: datetime) -> None:
    """`Queue.enqueue`, as a part of a transaction."""
    _insert(db, _enqueueing(db.dialect.name), tasks, now)


def drop_in(db: Connection, connection: str, kinds: Sequence[str], subjects: Collection[str]) -> None:
    """As a part of a transaction: nothing of these subjects is to be done any more."""
    for chunk in chunks(list(subjects)):
        db.execute(_DROP, {"of": connection, "kinds": list(kinds), "subjects": list(chunk)})


KEY = ("connection", "kind", "subject")
TASK = [queue.c[name] for name in Task.__dataclass_fields__]


# Asked every few seconds, of every connection: put together once.
_THEIRS = and_(queue.c.connection == bindparam("of"), queue.c.kind.in_(bindparam("kinds")))
_DUE = and_(
    _THEIRS,
    queue.c.not_before <= bindparam("now"),
    or_(queue.c.taken_by.is_(None), queue.c.taken_by == bindparam("taker")),
)
_OF_KINDS = queue.c.kind.in_(bindparam("kinds"))
_TIMES = select(*(queue.c[name] for name in (*KEY, "not_before"))).where(_OF_KINDS)
_ALL_DUE = (
    select(queue.c.connection, queue.c.kind)
    .where(_OF_KINDS, queue.c.not_before <= bindparam("now"), queue.c.taken_by.is_(None))
    .group_by(queue.c.connection, queue.c.kind)
    .order_by(func.min(queue.c.not_before), queue.c.connection)
)
_PUT_BACK = select(queue.c.connection, queue.c.not_before).where(
    queue.c.kind == bindparam("kind"), queue.c.why.is_not(None)
)
_WAITING = select(*TASK).where(_THEIRS)
_SUBJECTS = queue.c.subject.in_(bindparam("subjects"))
_WAITING_OF_SUBJECTS = _WAITING.where(_SUBJECTS)
_DROP = delete(queue).where(_THEIRS, _SUBJECTS)
_WAITING_UNTIL = _WAITING.where(queue.c.not_before <= bindparam("now"))
_AWAY = and_(_THEIRS, queue.c.attempts == 0, queue.c.why.is_not(None), queue.c.not_before > bindparam("now"))
_SOME_AWAY = select(queue.c.subject).where(_AWAY).limit(1)
_HASTEN = update(queue).where(_AWAY).values(not_before=bindparam("now"))
_IS_DUE = select(queue.c.subject).where(_DUE).limit(1)
_NEXT = (
    select(*(queue.c[name] for name in KEY))
    .where(_DUE)
    .order_by(
        case(*((queue.c.kind == kind, place) for kind, place in _URGENCY.items())), queue.c.not_before, queue.c.subject
    )
    .limit(bindparam("most"))
    .with_for_update(skip_locked=True)
)
_MINE = and_(
    queue.c.connection == bindparam("of"),
    queue.c.kind == bindparam("its_kind"),
    queue.c.taken_by.is_not_distinct_from(bindparam("taker")),
    queue.c.subject.in_(bindparam("subjects")),
)
_DONE = delete(queue).where(_MINE)
_RELEASE = update(queue).where(_MINE).values(taken_by=None, taken_at=None)
_REPEAT = _RELEASE.values(not_before=bindparam("at"), attempts=0, why=bindparam("reason"))
_PUT_OFF = _RELEASE.values(
    not_before=bindparam("at"), attempts=queue.c.attempts + bindparam("more"), why=bindparam("reason")
)
# One statement: SQLite, which has one writer at a time, lets nobody else in between either.
_TAKE = (
    update(queue)
    .where(tuple_(*(queue.c[name] for name in KEY)).in_(_NEXT))
    .values(taken_by=bindparam("taker"), taken_at=bindparam("now"))
    .returning(*TASK)
)


@cache
def _enqueueing(dialect: str) -> Executable:
    statement = INSERT[dialect](queue)
    new = statement.excluded
    sooner = case((new.not_before < queue.c.not_before, new.not_before), else_=queue.c.not_before)
    values = {"not_before": sooner, "taken_by": None, "taken_at": None}
    put: Executable = statement.on_conflict_do_update(index_elements=KEY, set_=values)
    return put


def _insert(db: Connection, statement: Any, tasks: Iterable[Task], now: datetime) -> None:
    # One row each, or a statement would touch it twice.
    rows = {(one.connection, one.kind, one.subject): row_of(one) | {"enqueued_at": now} for one in tasks}
    for chunk in chunks(list(rows.values())):
        db.execute(statement, chunk)


def _taken(tasks: Collection[Task]) -> Iterator[dict[str, Any]]:
    """What `_MINE` is asked for the rows of these as they were taken, in few statements."""
    groups: dict[tuple[str, str, str | None], list[str]] = {}
    for one in tasks:
        groups.setdefault((one.connection, one.kind, one.taken_by), []).append(one.subject)
    for (connection, kind, taker), subjects in groups.items():
        for chunk in chunks(subjects):
            yield {"of": connection, "its_kind": kind, "taker": taker, "subjects": list(chunk)}
