"""Alerts: something that a person should know of. Each is told once when it begins and once when it ends, but for what
somebody has acknowledged before, and not as long as it is silenced."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, and_, delete, func, insert, or_, select, true, update

from mappers.sentences import Said, keep_together, kept, message
from store.engine import Database, chunks, one_of
from store.outgoing import EventKind, Happened, emit_in
from store.queue import TASK, Queue, Task, TaskKind, enqueue_in
from store.tables import alert_history, alerts, queue


class AlertKind(StrEnum):
    """What an alert is about."""

    BOOKING = "booking"
    BOOKINGS = "bookings"
    """Many with one trouble."""
    CONNECTION = "connection"
    FULL = "full"
    NIGHT_AUDIT = "night_audit"
    HELD = "held"
    ACCOUNT = "account"
    LOCKS = "locks"
    BATTERIES = "batteries"
    SPARE_KEY = "spare_key"
    SLOTS = "slots"
    MINUTES = "minutes"
    CHECK_INS = "check_ins"
    WRITE_BACK = "write_back"
    CLOCK = "clock"


TITLED = message("{of}: {words}")
"""The message of a text whose first words are a title."""
KINDS = tuple(AlertKind)
BROKEN = frozenset({AlertKind.CONNECTION, AlertKind.FULL, AlertKind.ACCOUNT, AlertKind.CLOCK})
"""Alerts that say of a whole property, or of all of a connection, that it is not kept in step."""
OF_EACH_PROPERTY = frozenset({AlertKind.CONNECTION, AlertKind.FULL, AlertKind.NIGHT_AUDIT, AlertKind.CLOCK})
"""Those of these that name no property are true of every one of the connection, and count nobody's guests: whoever has
a role over one of them may see them."""


@dataclass(frozen=True, slots=True)
class Alert:
    id: int
    connection: str
    kind: str
    """One of `AlertKind`."""
    subject: str
    """The id of what it is about."""
    text: str
    began_at: datetime
    ended_at: datetime | None
    property_id: str = ""
    """Empty: all of the connection."""
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    assigned_to: str | None = None
    silenced_until: datetime | None = None
    silenced_by: str | None = None
    silenced_why: str | None = None
    said: Any = field(default=None, repr=False)
    """What the text was put together from; goes with it by itself."""

    def __post_init__(self) -> None:
        keep_together(self, "text")

    @property
    def parts(self) -> tuple[str, str]:
        """Its first words, and what they mean: "2 locks do not work", and which."""
        text = self.text
        if not isinstance(text, Said):
            title, _, why = text.partition(": ")
            return title, why
        if text.message == TITLED:
            of, words = (text.values[name] for name in ("of", "words"))
            if isinstance(of, str) and isinstance(words, str):
                return of, words
        # Cut in two by its English words, it would be read in English by everybody.
        return text, ""

    def is_silent(self, now: datetime) -> bool:
        return self.silenced_until is not None and self.silenced_until > now


class Did(StrEnum):
    """A line of an alert's history."""

    BEGAN = "began"
    TOLD = "told"
    TOLD_OVER = "told over"
    NOT_TOLD = "not told"
    """By a channel: it was acknowledged before, or is over, or nobody tries any more."""
    ACKNOWLEDGED = "acknowledged"
    ASSIGNED = "assigned"
    SILENCED = "silenced"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Line:
    """What happened to an alert."""

    at: datetime
    what: str
    """One of `Did`."""
    who: str | None
    """None: Night Porter itself."""
    note: str | None
    """Told or not: the channel. Assigned: the user; none: nobody any more. Silenced: why."""
    until: datetime | None = None
    """Silenced; none: no longer."""


class AlertState(StrEnum):
    """As lists are filtered by it."""

    OPEN = "open"
    UNSEEN = "unacknowledged"
    ACKNOWLEDGED = "acknowledged"
    SILENCED = "silenced"
    ENDED = "ended"


@dataclass(frozen=True, slots=True)
class Cause:
    """A reason for an alert that holds now."""

    connection: str
    kind: AlertKind
    subject: str
    text: str
    property_id: str = ""
    """Empty: all of the connection."""


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
        *,
        are_known: bool = False,
    ) -> tuple[int, int]:
        """Begins an alert for every new cause and ends those whose cause is gone; returns how many of each.

        `connections`: whose alerts are looked at; those of others, whom other processes on the same database look
        after, are left alone. None: everybody's. `are_known`: this version has compared them before, so that what an
        alert was put together from is the same where its words are; it is not read.

        What is to be told is stored in the same transaction, so that a crash neither loses nor repeats it.
        """
        wanted = {(one.connection, one.kind, one.subject): one for one in causes}
        theirs = _of(self._store.dialect, connections)
        with self._store.writing() as db:
            open_now = {
                (row.connection, row.kind, row.subject): row
                for row in db.execute(_COMPARED.where(alerts.c.ended_at.is_(None), theirs))
            }
            told = {}
            if not are_known:
                with_words = select(alerts.c.id, alerts.c.said).where(alerts.c.ended_at.is_(None), theirs)
                told = {row.id: row.said for row in db.execute(with_words)}
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
                        text=str(one.text),
                        said=kept(one.text),
                        began_at=now,
                        property_id=one.property_id,
                        **_silence_of_before(db, one, now),
                    )
                    .on_conflict_do_nothing(index_elements=["open_as"])
                    .returning(alerts.c.id)
                ).scalar()
                if begun is not None:
                    enqueue_in(db, _messages(one.connection, begun, "begin", channels, now), now)
                    emit_in(db, _of_alert(EventKind.PROPERTY_BROKEN, one), now)
                    _note(db, begun, now, Did.BEGAN)
            for row in gone:
                emit_in(db, _of_alert(EventKind.PROPERTY_RECOVERED, row), now)
                db.execute(update(alerts).where(alerts.c.id == row.id).values(ended_at=now, open_as=None))
                if row.silenced_until is not None and row.silenced_until > now:
                    # Whom nobody has told of it is not told that it is over.
                    _leave_untold(db, row.id, now)
                unaware = set(db.execute(_NOT_TOLD_BY.where(alert_history.c.alert_id == row.id)).scalars())
                aware = [one for one in channels if one not in unaware]
                enqueue_in(db, _messages(row.connection, row.id, "end", aware, now), now)
                _note(db, row.id, now, Did.ENDED)
            for key, row in open_now.items():
                if (cause := wanted.get(key)) is None:
                    continue
                is_same = (row.text, row.property_id) == (cause.text, cause.property_id)
                if not is_same or (row.id in told and told[row.id] != kept(cause.text)):
                    db.execute(update(alerts).where(alerts.c.id == row.id).values(_as_now(cause)))
        return len(new), len(gone)

    def open(
        self,
        connection: str | None = None,
        kinds: Collection[str] = KINDS,
        *,
        names: Collection[str] | None = None,
        in_english: bool = False,
    ) -> list[Alert]:
        """The oldest first. `connection`: of that one only; `names`: of these only. `in_english`: the words alone,
        which takes a fraction of the time where there are thousands; `of` has the rest of those that are shown."""
        mine = true() if connection is None else alerts.c.connection == connection
        if names is not None:
            mine = and_(mine, one_of(self._store.dialect, alerts.c.connection, names))
        theirs = true() if kinds is KINDS else alerts.c.kind.in_(sorted(kinds))
        wanted = (_in_english if in_english else _alerts).where(alerts.c.ended_at.is_(None), mine, theirs)
        return [Alert(*row) for row in self._store.rows(wanted.order_by(alerts.c.id))]

    def of(self, ids: Collection[int]) -> dict[int, Alert]:
        """Those of these ids that there are, by id."""
        with self._store.reading() as db:
            return _of_ids(db, ids)

    def begun(self) -> dict[tuple[str, str, str], datetime]:
        """When those that are open began, by connection, kind and subject."""
        return {(row[0], row[1], row[2]): row[3] for row in self._store.rows(_BEGUN)}

    def numbers_open(self) -> dict[str, int]:
        """How many are open, by kind."""
        counted = select(alerts.c.kind, func.count()).where(alerts.c.ended_at.is_(None)).group_by(alerts.c.kind)
        return {row[0]: int(row[1]) for row in self._store.rows(counted)}

    def get(self, alert_id: int) -> Alert | None:
        row = self._store.row(_alerts.where(alerts.c.id == alert_id))
        return Alert(*row) if row is not None else None

    def recent(
        self,
        now: datetime,
        limit: int = 100,
        *,
        connection: str | None = None,
        property_id: str | None = None,
        kind: str | None = None,
        state: str | None = None,
        assigned_to: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        before: int | None = None,
    ) -> list[Alert]:
        """Those that are open first, then those that somebody has acknowledged, then those that have ended; the newest
        of each first. `state`: one of `AlertState`; `since`, `until`: open at some time between; `before`: after that
        one (its id) in this order."""
        same = {"connection": connection, "property_id": property_id, "kind": kind, "assigned_to": assigned_to}
        wanted: list[ColumnElement[bool]] = [alerts.c[name] == value for name, value in same.items() if value]
        is_open, acknowledged = alerts.c.ended_at.is_(None), alerts.c.acknowledged_at.is_not(None)
        match state:
            case AlertState.OPEN:
                wanted.append(is_open)
            case AlertState.UNSEEN:
                wanted.append(and_(is_open, ~acknowledged))
            case AlertState.ACKNOWLEDGED:
                wanted.append(and_(is_open, acknowledged))
            case AlertState.SILENCED:
                wanted.append(and_(is_open, alerts.c.silenced_until > now))
            case AlertState.ENDED:
                wanted.append(~is_open)
        if since is not None:
            wanted.append(or_(is_open, alerts.c.ended_at >= since))
        if until is not None:
            wanted.append(alerts.c.began_at < until)
        place, found = 0, list[Alert]()
        if before is not None and (last := self.get(before)) is not None:
            place = 2 if last.ended_at else 1 if last.acknowledged_at else 0
        # One after the other, each in the order of an index: together, all that have ever been would be sorted.
        with self._store.reading() as db:
            for number, at in list(enumerate(_PLACES))[place:]:
                mine = _alerts.where(*wanted, at).order_by(alerts.c.id.desc()).limit(limit - len(found))
                if before is not None and number == place:
                    mine = mine.where(alerts.c.id < before)
                found += [Alert(*row) for row in db.execute(mine)]
                if len(found) >= limit:
                    break
        return found

    def history(self, alert_id: int) -> list[Line]:
        """What happened to an alert, the oldest first."""
        statement = _LINES.where(alert_history.c.alert_id == alert_id).order_by(alert_history.c.id)
        return [Line(*row) for row in self._store.rows(statement)]

    # --- what people do ---------------------------------------------------------------------------------------------

    def acknowledge(self, alert_id: int, who: str, now: datetime) -> bool:
        """Somebody sees to it: whoever has not been told yet is not told any more. False where it has ended, or
        somebody has acknowledged it before."""
        with self._store.writing() as db:
            values = {"acknowledged_at": now, "acknowledged_by": who[:80]}
            done = self._change(db, alert_id, values, alerts.c.acknowledged_at.is_(None))
            if done:
                _note(db, alert_id, now, Did.ACKNOWLEDGED, who)
                _leave_untold(db, alert_id, now)
            return done

    def assign(self, alert_id: int, to: str | None, who: str, now: datetime) -> bool:
        """A user sees to it; none: nobody does any more. False where it has ended."""
        with self._store.writing() as db:
            done = self._change(db, alert_id, {"assigned_to": to})
            if done:
                _note(db, alert_id, now, Did.ASSIGNED, who, to)
            return done

    def silence(self, alert_id: int, until: datetime, why: str, who: str, now: datetime) -> bool:
        """No channel tells of it, nor of the same trouble should it end and begin anew, before that instant; one that
        is not later than `now` ends a silence. False where the alert has ended."""
        lasts = until > now
        values = {"silenced_until": until, "silenced_by": who[:80], "silenced_why": why}
        with self._store.writing() as db:
            done = self._change(db, alert_id, values if lasts else dict.fromkeys(values))
            if done:
                _note(db, alert_id, now, Did.SILENCED, who, why or None, until if lasts else None)
            return done

    def _change(self, db: Connection, alert_id: int, values: Mapping[str, Any], *where: ColumnElement[bool]) -> bool:
        mine = (alerts.c.id == alert_id, alerts.c.ended_at.is_(None), *where)
        return bool(db.execute(update(alerts).where(*mine).values(**values)).rowcount)

    # --- what is told -----------------------------------------------------------------------------------------------

    def to_tell(self, now: datetime, limit: int = 50, connections: Collection[str] | None = None) -> list[Message]:
        """What should be told by now, the oldest first; nobody hears of an end before the beginning, nor of one that is
        silenced. `connections`: see `compare`."""
        whose = true() if connections is None else queue.c.connection.in_(list(connections))
        waiting = select(*TASK).where(queue.c.kind == TaskKind.SEND_ALERT, whose)
        with self._store.reading() as db:
            due = [Task(*row) for row in db.execute(waiting.where(queue.c.not_before <= now))]
            begins = {one.subject.replace("/end/", "/begin/") for one in due}
            untold = {
                row.subject for part in chunks(sorted(begins)) for row in db.execute(waiting.where(_in(part))).all()
            }
            told_of = {int(one.subject.partition("/")[0]) for one in due}
            found = _of_ids(db, told_of)
        messages = []
        for one in due:
            alert_id, phase, channel = one.subject.split("/", 2)
            if found[int(alert_id)].is_silent(now):
                continue
            if phase == "begin" or one.subject.replace("/end/", "/begin/") not in untold:
                messages.append(Message(one, found[int(alert_id)], phase, channel))
        return sorted(messages, key=lambda one: (one.alert.id, one.phase, one.channel))[:limit]

    def told(self, message: Message, now: datetime, trouble: str | None = None) -> None:
        """It got through; or nobody will try any more, because of that trouble."""
        what = Did.NOT_TOLD if trouble else Did.TOLD if message.phase == "begin" else Did.TOLD_OVER
        self._queue.done([message.task])
        with self._store.writing() as db:
            _note(db, message.alert.id, now, what, None, message.channel + (f": {trouble}" if trouble else ""))

    def not_told(self, message: Message, again_at: datetime, trouble: str) -> None:
        self._queue.put_off([message.task], again_at, trouble, failed=True)

    def forget_old(self, before: datetime, connections: Collection[str] | None = None) -> None:
        """Drops alerts that ended before an instant. `connections`: see `compare`."""
        is_old = and_(alerts.c.ended_at < before, _of(self._store.dialect, connections))
        with self._store.writing() as db:
            old = {str(one) for one in db.execute(select(alerts.c.id).where(is_old)).scalars()}
            if old:
                untold = select(queue.c.subject).where(queue.c.kind == TaskKind.SEND_ALERT)
                subjects = [one for one in db.execute(untold).scalars() if one.partition("/")[0] in old]
                for part in chunks(subjects):
                    db.execute(delete(queue).where(queue.c.kind == TaskKind.SEND_ALERT, _in(part)))
                for part in chunks([int(one) for one in old]):
                    db.execute(delete(alert_history).where(alert_history.c.alert_id.in_(part)))
                db.execute(delete(alerts).where(is_old))


def _as_now(one: Cause) -> dict[str, Any]:
    return {"text": str(one.text), "said": kept(one.text), "property_id": one.property_id}


def _messages(connection: str, alert_id: int, phase: str, channels: Iterable[str], now: datetime) -> list[Task]:
    return [Task(connection, TaskKind.SEND_ALERT, f"{alert_id}/{phase}/{channel}", now) for channel in channels]


def _in(subjects: Sequence[str]) -> ColumnElement[bool]:
    return queue.c.subject.in_(subjects)


_PLACES = (
    and_(alerts.c.ended_at.is_(None), alerts.c.acknowledged_at.is_(None)),
    and_(alerts.c.ended_at.is_(None), alerts.c.acknowledged_at.is_not(None)),
    alerts.c.ended_at.is_not(None),
)
"""In lists: what nobody sees to yet comes first."""
_LINES = select(*(alert_history.c[name] for name in Line.__dataclass_fields__))
_NOT_TOLD_BY = select(alert_history.c.note).where(alert_history.c.what == Did.NOT_TOLD)
_COMPARED_BY = ("id", "connection", "kind", "subject", "text", "property_id", "silenced_until")
_SILENCE = ("silenced_until", "silenced_by", "silenced_why")


def _silence_of_before(db: Connection, one: Cause, now: datetime) -> dict[str, Any]:
    """The silence of the same trouble that has ended, where it lasts: one that comes and goes stays silent."""
    same = and_(alerts.c.connection == one.connection, alerts.c.kind == one.kind, alerts.c.subject == one.subject)
    newest = select(*(alerts.c[name] for name in _SILENCE)).where(same).order_by(alerts.c.id.desc()).limit(1)
    row = db.execute(newest).one_or_none()
    return dict(row._mapping) if row is not None and row.silenced_until and row.silenced_until > now else {}


def _leave_untold(db: Connection, alert_id: int, now: datetime) -> None:
    """Channels that have not told of its beginning do not do it any more."""
    begins = queue.c.subject.startswith(f"{alert_id}/begin/", autoescape=True)
    left = delete(queue).where(queue.c.kind == TaskKind.SEND_ALERT, begins).returning(queue.c.subject)
    for subject in db.execute(left).scalars().all():
        _note(db, alert_id, now, Did.NOT_TOLD, None, subject.split("/", 2)[2])


def _note(
    db: Connection,
    alert_id: int,
    now: datetime,
    what: Did,
    who: str | None = None,
    note: str | None = None,
    until: datetime | None = None,
) -> None:
    values = {"at": now, "what": what, "who": (who or "")[:80] or None, "note": note, "until": until}
    db.execute(insert(alert_history).values(alert_id=alert_id, **values))


_alerts = select(*(alerts.c[name] for name in Alert.__dataclass_fields__))
_in_english = select(*(alerts.c[name] for name in Alert.__dataclass_fields__ if name != "said"))
_BEGUN = select(alerts.c.connection, alerts.c.kind, alerts.c.subject, alerts.c.began_at).where(
    alerts.c.ended_at.is_(None)
)
_COMPARED = select(*(alerts.c[name] for name in _COMPARED_BY))


def _of_ids(db: Connection, ids: Collection[int]) -> dict[int, Alert]:
    by_id = (_alerts.where(alerts.c.id.in_(part)) for part in chunks(sorted(ids)))
    return {row.id: Alert(*row) for wanted in by_id for row in db.execute(wanted)}


def _of(dialect: str, connections: Collection[str] | None) -> ColumnElement[bool]:
    return true() if connections is None else one_of(dialect, alerts.c.connection, connections)


def _of_alert(event: EventKind, one: Cause | Row[Any]) -> list[Happened]:
    if one.kind not in BROKEN:
        return []
    data = {"alert": one.kind, "about": one.subject, "reason": one.text}
    return [Happened(event, one.connection, "", f"{one.kind}/{one.subject}", data)]
