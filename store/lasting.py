"""What lasts from run to run: somebody waits for a room, a record cannot be read, a revocation is held.

Such a line is written once, in the run in which it begins, and is known as lasting until a run does not find it any
more. A full run that finds twenty thousand bookings waiting adds nothing.
"""

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import BindParameter, Connection, Executable, Select, and_, bindparam, delete, or_, select, update

from mappers.outcomes import PASSING, Kind
from store.engine import chunks, put, row_of
from store.tables import lasting, runs

CLOCKS = "*clocks"
"""The key of a line that says how far the clocks are apart."""
LINE = ("kind", "key", "action", "outcome", "reason", "error", "label", "booking_id", "cause", "said")


def lasts(row: Any) -> bool:
    """Whether a line says how things are, rather than what was done."""
    return row.outcome not in PASSING


def news_of(db: Connection, run_id: str, connection: str, rows: Sequence[Any], now: datetime) -> list[Any]:
    """Notes the lasting ones of these lines as found by this run; returns those that are news."""
    passing = [row for row in rows if not lasts(row)]
    found = {_digest(row): row for row in rows if lasts(row)}
    if not found:
        return list(rows)
    known: set[str] = set()
    digests = list(found)
    for chunk in chunks(digests):
        mine = and_(lasting.c.connection == connection, lasting.c.digest.in_(chunk))
        here = set(db.execute(select(lasting.c.digest).where(mine)).scalars())
        if here:
            db.execute(update(lasting).where(mine).values(seen_run=run_id))
        known |= here
    new = [(digest, row) for digest, row in found.items() if digest not in known]
    statement = put(db.dialect.name, lasting, "seen_run")
    for chunk in chunks(new):
        values = [
            {name: value for name, value in row_of(row).items() if name in LINE}
            | {"connection": connection, "digest": digest, "since": now, "began_run": run_id, "seen_run": run_id}
            for digest, row in chunk
        ]
        db.execute(statement, values)
    return [*passing, *(row for _, row in new)]


def settle(db: Connection, connection: str, run_id: str, booking_ids: Collection[str]) -> None:
    """Of bookings that this run has dealt with, only what it found lasts."""
    ids = list(booking_ids)
    for chunk in chunks(ids):
        db.execute(_SETTLE, {"of": connection, "bookings": list(chunk), "its_id": run_id})


_SETTLE = delete(lasting).where(
    lasting.c.connection == bindparam("of"),
    lasting.c.booking_id.in_(bindparam("bookings")),
    lasting.c.seen_run != bindparam("its_id"),
)


def settle_all(db: Connection, run_id: str, *, whole: bool, full: bool) -> None:
    """At the end of a run that could read both sides: what it did not find any more has ended, unless a run that began
    later found it; one that began when this one has ended already did so by a clock that is wrong. `whole`: of
    everything; else of what concerns whole properties. `full`: it read everything of some property, so its lines stay
    together whatever finds them later."""
    db.execute(_ended(whole), {"its_id": run_id})
    if full:
        db.execute(update(lasting).where(lasting.c.seen_run == run_id).values(full_run=run_id))


@cache
def _ended(whole: bool) -> Executable:
    """Drops what the run of this id (`its_id`) did not find any more."""
    mine = runs.alias()
    run_id: BindParameter[str] = bindparam("its_id")
    me = select(mine.c.connection, mine.c.started_at, mine.c.finished_at).where(mine.c.run_id == run_id).subquery()
    later = select(runs.c.run_id).where(
        runs.c.connection == select(me.c.connection).scalar_subquery(),
        runs.c.started_at > select(me.c.started_at).scalar_subquery(),
        runs.c.started_at <= select(me.c.finished_at).scalar_subquery(),
    )
    ended = [
        lasting.c.connection == select(me.c.connection).scalar_subquery(),
        lasting.c.seen_run != run_id,
        lasting.c.seen_run.not_in(later),
    ]
    if not whole:
        ended.append(lasting.c.kind == Kind.PROPERTY)
    return delete(lasting).where(*ended)


def of_run(run_id: str) -> Select[Any]:
    """Lines that this run found and that had begun before, in the columns of a line."""
    return select(*(lasting.c[name] for name in LINE)).where(
        or_(lasting.c.seen_run == run_id, lasting.c.full_run == run_id), lasting.c.began_run != run_id
    )


def _digest(row: Any) -> str:
    text = "\x1f".join(str(part or "") for part in (row.kind, row.key, row.action, row.outcome, row.reason, row.error))
    return hashlib.blake2b(text.encode("utf-8", "backslashreplace"), digest_size=16).hexdigest()
