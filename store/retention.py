"""How long what is no longer needed is kept; it is forgotten a little at a time, so that nobody waits for it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, delete, or_, select

from store.keep import Keep
from store.tables import audit_log, holds, outcomes, runs

AT_ONCE = 1000
"""So many rows go in one transaction."""
BATCHES = 2000
"""At most so many transactions in one go; the rest goes the next time."""


def forget_old(writing: Callable[[], Any], keep: Keep, now: datetime, connection: str) -> None:
    """Forgets what is older than `keep` says of one connection, and of what is nobody's: processes with other
    connections may share the database, and keep theirs for longer. `writing` opens one transaction."""
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
    quiet = and_(runs.c.started_at < now - keep.quiet_runs, ~lines, ~held, ~is_last)
    _delete(writing, outcomes, [outcomes.c.id], and_(my_lines, outcomes.c.at < now - keep.outcomes))
    settled = and_(
        holds.c.connection == connection, holds.c.settled_at.is_not(None), holds.c.settled_at < now - keep.outcomes
    )
    _delete(writing, holds, [holds.c.run_id, holds.c.key], settled)
    old = and_(runs.c.started_at < now - max(keep.runs, keep.outcomes), ~waits, ~lines, ~held)
    _delete(writing, runs, [runs.c.run_id], and_(mine, or_(quiet, old)))
    entries = or_(audit_log.c.connection == connection, audit_log.c.connection.is_(None))
    _delete(writing, audit_log, [audit_log.c.id], and_(entries, audit_log.c.at < now - keep.audit_log))


def _delete(
    writing: Callable[[], Any], table: Any, key: Sequence[ColumnElement[Any]], wanted: ColumnElement[bool]
) -> None:
    for _ in range(BATCHES):
        with writing() as db:
            if _delete_some(db, table, key, wanted) < AT_ONCE:
                return


def _delete_some(db: Connection, table: Any, key: Sequence[ColumnElement[Any]], wanted: ColumnElement[bool]) -> int:
    """One batch; returns how many there were."""
    found = [tuple(row) for row in db.execute(select(*key).where(wanted).limit(AT_ONCE))]
    if len(key) == 1:
        if found:
            db.execute(delete(table).where(key[0].in_([one for (one,) in found])))
    else:
        for row in found:
            db.execute(delete(table).where(*(column == value for column, value in zip(key, row, strict=True))))
    return len(found)
