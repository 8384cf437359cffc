"""Alerts: something that a person should know of. Each is told once when it begins and once when it ends."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, insert, select, true, update

from store.engine import Database
from store.tables import alert_messages, alerts

KINDS = ("booking", "bookings", "connection", "full", "night_audit", "held", "account", "write_back", "clock")
"""What alerts are about; `bookings` are many with one trouble."""


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

    id: int
    alert: Alert
    phase: str
    channel: str
    attempts: int


class AlertBook:
    """Open alerts, and what has yet to be told of them. Safe to use from many threads."""

    def __init__(self, store: Database):
        self._store = store

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
                    self._tell(db, begun, "begin", channels, now)
            for row in gone:
                db.execute(update(alerts).where(alerts.c.id == row.id).values(ended_at=now, open_as=None))
                self._tell(db, row.id, "end", channels, now)
            for key, row in open_now.items():
                if key in wanted and wanted[key].text != row.text:
                    db.execute(update(alerts).where(alerts.c.id == row.id).values(text=wanted[key].text))
        return len(new), len(gone)

    def _tell(self, db: object, alert_id: int, phase: str, channels: Iterable[str], now: datetime) -> None:
        for channel in channels:
            db.execute(  # type: ignore[attr-defined]
                insert(alert_messages).values(alert_id=alert_id, phase=phase, channel=channel, due_at=now)
            )

    def open(self) -> list[Alert]:
        """The oldest first."""
        with self._store.reading() as db:
            return [Alert(*row) for row in db.execute(_alerts.where(alerts.c.ended_at.is_(None)).order_by(alerts.c.id))]

    def recent(self, limit: int = 100) -> list[Alert]:
        """The newest first, those that have ended as well."""
        with self._store.reading() as db:
            return [Alert(*row) for row in db.execute(_alerts.order_by(alerts.c.id.desc()).limit(limit))]

    def to_tell(self, now: datetime, limit: int = 50, connections: Collection[str] | None = None) -> list[Message]:
        """What should be told by now, the oldest first; nobody hears of an end before the beginning. `connections`: see
        `compare`."""
        earlier = alert_messages.alias()
        untold = select(earlier.c.id).where(
            earlier.c.alert_id == alert_messages.c.alert_id,
            earlier.c.channel == alert_messages.c.channel,
            earlier.c.id < alert_messages.c.id,
            earlier.c.sent_at.is_(None),
            earlier.c.given_up_at.is_(None),
        )
        statement = (
            _alerts.add_columns(
                alert_messages.c.id, alert_messages.c.phase, alert_messages.c.channel, alert_messages.c.attempts
            )
            .join(alert_messages, alert_messages.c.alert_id == alerts.c.id)
            .where(
                alert_messages.c.sent_at.is_(None),
                alert_messages.c.given_up_at.is_(None),
                alert_messages.c.due_at <= now,
                ~untold.exists(),
                _of(connections),
            )
            .order_by(alert_messages.c.id)
            .limit(limit)
        )
        with self._store.reading() as db:
            return [Message(row[7], Alert(*row[:7]), row[8], row[9], row[10]) for row in db.execute(statement)]

    def told(self, message_id: int, now: datetime) -> None:
        self._set(message_id, sent_at=now)

    def not_told(self, message_id: int, attempts: int, again_at: datetime, trouble: str) -> None:
        self._set(message_id, attempts=attempts, due_at=again_at, trouble=trouble[:500])

    def given_up(self, message_id: int, now: datetime, trouble: str) -> None:
        self._set(message_id, given_up_at=now, trouble=trouble[:500])

    def _set(self, message_id: int, **values: object) -> None:
        with self._store.writing() as db:
            db.execute(update(alert_messages).where(alert_messages.c.id == message_id).values(**values))

    def forget_old(self, before: datetime, connections: Collection[str] | None = None) -> None:
        """Drops alerts that ended before an instant. `connections`: see `compare`."""
        is_old = and_(alerts.c.ended_at < before, _of(connections))
        with self._store.writing() as db:
            old = alert_messages.c.alert_id.in_(select(alerts.c.id).where(is_old))
            db.execute(delete(alert_messages).where(old))
            db.execute(delete(alerts).where(is_old))


_alerts = select(*(alerts.c[name] for name in Alert.__dataclass_fields__))


def _of(connections: Collection[str] | None) -> ColumnElement[bool]:
    return true() if connections is None else alerts.c.connection.in_(list(connections))
