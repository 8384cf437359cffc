"""What happened, for other programs: written in the transaction of what it tells of, kept until everybody who asked
for it has it.

Where nobody receives anything, nothing is written. No event holds a guest's name, contact or PIN: ids, rooms, times and
reasons, as pages show them.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    String,
    and_,
    bindparam,
    case,
    delete,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from store.engine import Repository, chunks
from store.organisations import organisation_of, organisations_in
from store.receivers import ReceiverState
from store.tables import outgoing_events, receivers, send_attempts, sendings

TRIED_FOR = timedelta(days=3)
"""So long an event is tried; then it is given up, and may be replayed."""
TRIED_AT_LEAST = 5
"""So often as well, whenever that begins."""
KEPT_FOR = timedelta(days=30)


class EventKind(StrEnum):
    """What other programs are told of."""

    ACCESS_PLANNED = "access.planned"
    """A booking is to have access, or to have it otherwise: another room, other times."""
    CODE_READY = "code.ready"
    """The locks know how a guest gets in."""
    ACCESS_FAILED = "access.failed"
    """A booking's access cannot be made, or a door will not open."""
    ACCESS_REVOKED = "access.revoked"
    """Access was taken away before its time. (That it ends with the stay is no event.)"""
    GUEST_ENTERED = "guest.entered"
    """The first time that a stay opens a door."""
    BATTERY_LOW = "lock.battery_low"
    PROPERTY_BROKEN = "property.broken"
    """Nothing is kept in step: of a connection's properties, or of the one that is named."""
    PROPERTY_RECOVERED = "property.recovered"


@dataclass(frozen=True, slots=True)
class Happened:
    """One event, before it is written."""

    kind: EventKind
    connection: str
    property_id: str
    """Empty: all of the connection's."""
    subject: str
    """What it is about: a booking's id, a lock's; what is told of one subject arrives in order."""
    data: Mapping[str, Any] = field(default_factory=dict)
    """In JSON's types; times as text."""


@dataclass(frozen=True, slots=True)
class Sending:
    """An event on its way to a receiver."""

    receiver_id: str
    event_id: int
    message_id: str
    """What the receiver can tell a repeated event by."""
    kind: str
    connection: str
    property_id: str
    subject: str
    data: Mapping[str, Any]
    at: datetime
    state: str
    """`waiting`, `sent` or `given_up`."""
    attempts: int
    not_before: datetime
    trouble: str | None
    replayed_at: datetime | None


@dataclass(frozen=True, slots=True)
class SendAttempt:
    """One line of the log."""

    event_id: int
    message_id: str
    kind: str
    at: datetime
    status: int | None
    """Of HTTP; None where there was no answer."""
    milliseconds: int
    trouble: str | None


# Asked for every change: put together once.
_ANYBODY = select(receivers.c.id).limit(1)
_EVERYBODY = select(*(receivers.c[name] for name in ("id", "organisation", "kinds", "connections", "properties")))


def anybody_receives(db: Connection) -> bool:
    """Whether it is worth while to find out what happened."""
    return db.execute(_ANYBODY).first() is not None


def emit_in(db: Connection, happened: Collection[Happened], now: datetime) -> None:
    """Writes events, and whom they go to, within a transaction that is open."""
    if not happened:
        return
    everybody = db.execute(_EVERYBODY).all()
    if not everybody:
        return
    whose: dict[str, str] = {}
    if any(row.organisation for row in everybody):
        for name in {one.connection for one in happened}:
            whose[name] = db.execute(_WHOSE, {"of": name}).scalar_one()
    for one in happened:
        values = {
            "message_id": f"evt_{uuid4().hex}",
            "kind": one.kind,
            "connection": one.connection,
            "property_id": one.property_id,
            "subject": one.subject,
            "data": dict(one.data),
            "at": now,
        }
        event_id = db.execute(insert(outgoing_events).values(**values).returning(outgoing_events.c.id)).scalar_one()
        rows = [
            {"receiver_id": row.id, **_waiting(event_id, one.connection, one.subject, now)}
            for row in everybody
            if row.organisation in ("", whose.get(one.connection)) and _wants(row, one)
        ]
        if rows:
            db.execute(insert(sendings), rows)


def _wants(row: Any, one: Happened) -> bool:
    return (
        (not row.kinds or one.kind in row.kinds)
        and (not row.connections or one.connection in row.connections)
        and (not row.properties or not one.property_id or one.property_id in row.properties)
    )


def _waiting(event_id: int, connection: str, subject: str, now: datetime) -> dict[str, Any]:
    return {
        "event_id": event_id,
        "subject": f"{connection}/{subject}",
        "state": "waiting",
        "attempts": 0,
        "not_before": now,
    }


class OutgoingEvents(Repository):
    """Queries and writes of what is on its way. Raises `StoreFailed`."""

    def receivers_due(self, now: datetime) -> list[str]:
        """The ids of the receivers for which something waits that may be sent now."""
        waits = (sendings.c.receiver_id == receivers.c.id, sendings.c.state == "waiting", sendings.c.not_before <= now)
        due = exists().where(*waits, outgoing_events.c.id == sendings.c.event_id, _MAY_HEAR)
        rested = or_(receivers.c.rests_until.is_(None), receivers.c.rests_until <= now)
        statement = select(receivers.c.id).where(receivers.c.state == ReceiverState.ACTIVE, rested, due)
        return self._store.values(statement.order_by(receivers.c.id))

    def due(self, receiver_id: str, now: datetime, limit: int, but_kinds: Collection[str] = ()) -> list[Sending]:
        """What may be sent to it now: of each subject only what nothing older waits before. What was tried least comes
        first, then what is oldest: what a receiver never takes holds up nothing that it has not been told yet.
        `but_kinds`: nothing of these."""
        mine = (sendings.c.receiver_id == receiver_id, sendings.c.state == "waiting", sendings.c.not_before <= now)
        statement = _sendings.where(*mine, ~_IS_BEHIND, outgoing_events.c.kind.not_in(but_kinds))
        statement = statement.order_by(sendings.c.attempts, sendings.c.event_id).limit(limit)
        return [Sending(*row) for row in self._store.rows(statement)]

    def sent(self, one: Sending, status: int, milliseconds: int, now: datetime) -> None:
        """It was taken. Where something older of its subject was replayed meanwhile, it is sent once more after that:
        the last that a receiver hears is the newest."""
        state = case((_IS_BEHIND, "waiting"), else_="sent")
        values = {"state": state, "trouble": None, "attempts": sendings.c.attempts + 1}
        self._note(one, values, status, milliseconds, None, now)

    def not_sent(
        self, one: Sending, not_before: datetime, status: int | None, milliseconds: int, trouble: str, now: datetime
    ) -> None:
        """It is tried again from `not_before` on, unless it has been tried for too long, and often enough: it may have
        waited behind others for as long."""
        since = one.replayed_at or one.at
        is_over = not_before > since + TRIED_FOR and one.attempts + 1 >= TRIED_AT_LEAST
        state = "given_up" if is_over else "waiting"
        values = {
            "state": state,
            "trouble": trouble,
            "attempts": sendings.c.attempts + 1,
            "not_before": not_before,
        }
        self._note(one, values, status, milliseconds, trouble, now)

    def hasten(self, receiver_id: str, failing_since: datetime, now: datetime) -> None:
        """It answers again, after it took nothing since then: what waits for it waits no longer. What it did not take
        before either goes on by its own pauses, for it may be what the receiver falls over."""
        waits = (sendings.c.receiver_id == receiver_id, sendings.c.state == "waiting", sendings.c.not_before > now)
        tried = (send_attempts.c.receiver_id == receiver_id, send_attempts.c.event_id == sendings.c.event_id)
        before = exists().where(*tried, send_attempts.c.at < failing_since)
        self._store.write(update(sendings).where(*waits, ~before).values(not_before=now))

    def replay(self, receiver_id: str, since: datetime, now: datetime, until: datetime | None = None) -> int:
        """Sends once more what it was to be told from then on, under the same message ids; returns how many that are.
        What it did not want at that time stays unsent."""
        when = [outgoing_events.c.at >= since]
        if until is not None:
            when.append(outgoing_events.c.at < until)
        return self._again(receiver_id, now, *when)

    def send_again(self, receiver_id: str, event_id: int, now: datetime) -> bool:
        """Sends one event once more, under the same message id; False where it waits anyway, or is not there."""
        return self._again(receiver_id, now, outgoing_events.c.id == event_id) > 0

    def _again(self, receiver_id: str, now: datetime, *which: ColumnElement[bool]) -> int:
        told = sendings.alias()
        heard = select(told.c.event_id).join(outgoing_events, outgoing_events.c.id == told.c.event_id)
        heard = heard.join(receivers, receivers.c.id == told.c.receiver_id)
        heard = heard.where(receivers.c.id == receiver_id, _MAY_HEAR, *which)
        mine = (sendings.c.receiver_id == receiver_id, sendings.c.event_id.in_(heard), sendings.c.state != "waiting")
        return self._store.write(update(sendings).where(*mine).values(**_anew(now)))

    def told(
        self,
        receiver_id: str,
        *,
        state: str = "",
        kind: str = "",
        before: int | None = None,
        limit: int = 50,
    ) -> list[Sending]:
        """What a receiver was told, or is to be told, the newest first. `before`: an event's id."""
        mine: list[ColumnElement[bool]] = [sendings.c.receiver_id == receiver_id]
        if state:
            mine.append(sendings.c.state == state)
        if kind:
            mine.append(outgoing_events.c.kind == kind)
        if before is not None:
            mine.append(sendings.c.event_id < before)
        statement = _sendings.where(*mine).order_by(sendings.c.event_id.desc()).limit(limit)
        return [Sending(*row) for row in self._store.rows(statement)]

    def one(self, receiver_id: str, event_id: int) -> Sending | None:
        """One event on its way to a receiver."""
        statement = _sendings.where(sendings.c.receiver_id == receiver_id, sendings.c.event_id == event_id)
        row = self._store.row(statement)
        return None if row is None else Sending(*row)

    def attempts(
        self, receiver_id: str, before: int | None = None, limit: int = 100, event_id: int | None = None
    ) -> list[SendAttempt]:
        """The log of a receiver, the newest first. `before`: an attempt's event id; `event_id`: of this one only."""
        mine: list[ColumnElement[bool]] = [send_attempts.c.receiver_id == receiver_id]
        if event_id is not None:
            mine.append(send_attempts.c.event_id == event_id)
        if before is not None:
            mine.append(send_attempts.c.event_id < before)
        statement = (
            select(
                send_attempts.c.event_id,
                outgoing_events.c.message_id,
                outgoing_events.c.kind,
                send_attempts.c.at,
                send_attempts.c.status,
                send_attempts.c.milliseconds,
                send_attempts.c.trouble,
            )
            .join(outgoing_events, outgoing_events.c.id == send_attempts.c.event_id)
            .join(receivers, receivers.c.id == send_attempts.c.receiver_id)
            .where(*mine, _MAY_HEAR)
            .order_by(send_attempts.c.id.desc())
            .limit(limit)
        )
        return [SendAttempt(*row) for row in self._store.rows(statement)]

    def counts(self, receiver_id: str | None = None) -> dict[str, dict[str, int]]:
        """How many events are waiting, sent and given up, by receiver id and state; of one receiver alone where it is
        named."""
        of = select(receivers.c.id, receivers.c.organisation)
        kept = (sendings.c.receiver_id, sendings.c.state)
        found: dict[str, dict[str, int]] = {}
        with self._store.reading() as db:
            rows = db.execute(of if receiver_id is None else of.where(receivers.c.id == receiver_id))
            whose = {row.id: row.organisation for row in rows}
            # Of the whole service's, which have the most, no event need be looked at.
            of_all = sendings.c.receiver_id.in_([one for one, organisation in whose.items() if not organisation])
            for receiver, state, number in db.execute(select(*kept, func.count()).where(of_all).group_by(*kept)):
                found.setdefault(receiver, {})[state] = int(number)
            # Of the others' by connection, so that whose that is is asked once for each.
            by = (*kept, outgoing_events.c.connection)
            theirs = select(*by, func.count()).join(outgoing_events, outgoing_events.c.id == sendings.c.event_id)
            named = sendings.c.receiver_id.in_([one for one, organisation in whose.items() if organisation])
            counted = db.execute(theirs.where(named).group_by(*by)).all()
            organisations = organisations_in(db, {row.connection for row in counted})
            for receiver, state, connection, number in counted:
                if organisations.get(connection) == whose[receiver]:
                    states = found.setdefault(receiver, {})
                    states[state] = states.get(state, 0) + int(number)
        return found

    def forget_old(self, now: datetime) -> None:
        """Forgets what happened long ago, whatever became of it."""
        long_ago = select(outgoing_events.c.id).where(outgoing_events.c.at < now - KEPT_FOR).limit(1000)
        old = self._store.values(long_ago)
        if not old:
            return
        with self._store.writing() as db:
            for chunk in chunks(old):
                for table in (send_attempts, sendings):
                    db.execute(delete(table).where(table.c.event_id.in_(chunk)))
                db.execute(delete(outgoing_events).where(outgoing_events.c.id.in_(chunk)))

    def _note(
        self,
        one: Sending,
        values: Mapping[str, Any],
        status: int | None,
        milliseconds: int,
        trouble: str | None,
        now: datetime,
    ) -> None:
        mine = and_(sendings.c.receiver_id == one.receiver_id, sendings.c.event_id == one.event_id)
        attempt = {
            "receiver_id": one.receiver_id,
            "event_id": one.event_id,
            "at": now,
            "status": status,
            "milliseconds": milliseconds,
            "trouble": trouble,
        }
        with self._store.writing() as db:
            # A receiver that was removed meanwhile is nobody's any more.
            if db.execute(update(sendings).where(mine).values(**values)).rowcount:
                db.execute(insert(send_attempts).values(**attempt))


def _anew(now: datetime) -> dict[str, Any]:
    return {"state": "waiting", "attempts": 0, "not_before": now, "trouble": None, "replayed_at": now}


_before = sendings.alias()
_IS_BEHIND = exists().where(
    _before.c.receiver_id == sendings.c.receiver_id,
    _before.c.subject == sendings.c.subject,
    _before.c.state == "waiting",
    _before.c.event_id < sendings.c.event_id,
)
"""Whether something older of the same subject waits for the same receiver."""
_WHOSE = select(organisation_of(bindparam("of", type_=String)))
_MAY_HEAR = or_(
    receivers.c.organisation == "", receivers.c.organisation == organisation_of(outgoing_events.c.connection)
)
"""Whether an event is for a receiver's ears as things stand now, whatever waits for it or was sent to it before."""
_sendings: Select[Any] = (
    select(
        sendings.c.receiver_id,
        sendings.c.event_id,
        outgoing_events.c.message_id,
        outgoing_events.c.kind,
        outgoing_events.c.connection,
        outgoing_events.c.property_id,
        outgoing_events.c.subject,
        outgoing_events.c.data,
        outgoing_events.c.at,
        sendings.c.state,
        sendings.c.attempts,
        sendings.c.not_before,
        sendings.c.trouble,
        sendings.c.replayed_at,
    )
    .join(outgoing_events, outgoing_events.c.id == sendings.c.event_id)
    .join(receivers, receivers.c.id == sendings.c.receiver_id)
    .where(_MAY_HEAR)
)
KINDS: Sequence[str] = tuple(one.value for one in EventKind)
