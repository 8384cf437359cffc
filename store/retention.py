"""How long what is no longer needed is kept; it is forgotten a little at a time, so that nobody waits for it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import BindParameter, ColumnElement, Connection, Select, Table, and_, bindparam, delete, or_, select

from store.engine import Database
from store.tables import audit_log, holds, outcomes, run_days, runs

AT_ONCE = 1000
"""So many rows go in one transaction."""
BATCHES = 2000
"""At most so many transactions in one go; the rest goes the next time."""


@dataclass(frozen=True, slots=True)
class _Old:
    """Rows of one table that go."""

    table: Table
    key: Sequence[ColumnElement[Any]]
    found: Select[Any]
    """The keys of the next of them."""


def _old(table: Table, key: Sequence[ColumnElement[Any]], wanted: ColumnElement[bool]) -> _Old:
    return _Old(table, key, select(*key).where(wanted).limit(AT_ONCE))


def _what_is_old() -> Sequence[_Old]:
    connection: BindParameter[str] = bindparam("connection")
    mine = runs.c.connection == connection
    my_lines = select(runs.c.run_id).where(runs.c.run_id == outcomes.c.run_id, mine).exists()
    waits = select(holds.c.run_id).where(holds.c.run_id == runs.c.run_id, holds.c.settled_at.is_(None)).exists()
    lines = select(outcomes.c.id).where(outcomes.c.run_id == runs.c.run_id).exists()
    held = select(holds.c.run_id).where(holds.c.run_id == runs.c.run_id).exists()
    newer = runs.alias()
    is_last = ~(
        select(newer.c.run_id)
        .where(
            newer.c.connection == runs.c.connection,
            newer.c.mode == runs.c.mode,
            newer.c.started_at > runs.c.started_at,
        )
        .exists()
    )
    # A run that failed as the one before it did has no line of its own: it is as quiet as one that had nothing to do.
    quiet = and_(runs.c.started_at < bindparam("quiet_runs"), ~lines, ~held, ~is_last)
    settled = and_(
        holds.c.connection == connection, holds.c.settled_at.is_not(None), holds.c.settled_at < bindparam("outcomes")
    )
    old = and_(runs.c.started_at < bindparam("runs"), ~waits, ~lines, ~held)
    entries = or_(audit_log.c.connection == connection, audit_log.c.connection.is_(None))
    return (
        _old(outcomes, [outcomes.c.id], and_(my_lines, outcomes.c.at < bindparam("outcomes"))),
        _old(holds, [holds.c.run_id, holds.c.key], settled),
        _old(runs, [runs.c.run_id], and_(mine, or_(quiet, old))),
        _old(
            run_days,
            [run_days.c.day, run_days.c.connection, run_days.c.property_id],
            and_(run_days.c.connection == connection, run_days.c.day < bindparam("days")),
        ),
        _old(audit_log, [audit_log.c.id], and_(entries, audit_log.c.at < bindparam("audit_log"))),
    )


_OLD = _what_is_old()
"""In the order in which they go: the lines of a run before the run. Put together once: every run asks."""


def forget_old(store: Database, now: datetime, connection: str) -> None:
    """Forgets what is older than the store's `keep` says of one connection, and of what is nobody's: processes with
    other connections may share the database, and keep theirs for longer. Nearly always there is nothing, and then
    nothing is written. Raises `StoreFailed`."""
    keep = store.keep
    before = {
        "connection": connection,
        "outcomes": now - keep.outcomes,
        "quiet_runs": now - keep.quiet_runs,
        "runs": now - max(keep.runs, keep.outcomes),
        "audit_log": now - keep.audit_log,
        "days": (now - keep.runs).astimezone(UTC).date(),
    }
    for old in _OLD:
        for _ in range(BATCHES):
            if store.row(old.found, before) is None:
                break
            with store.writing() as db:
                if _delete_some(db, old, before) < AT_ONCE:
                    break


def _delete_some(db: Connection, old: _Old, before: Mapping[str, Any]) -> int:
    """One batch; returns how many there were."""
    found = [tuple(row) for row in db.execute(old.found, before)]
    if len(old.key) == 1:
        if found:
            db.execute(delete(old.table).where(old.key[0].in_([one for (one,) in found])))
    else:
        for row in found:
            db.execute(delete(old.table).where(*(column == value for column, value in zip(old.key, row, strict=True))))
    return len(found)
