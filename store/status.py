"""How each connection stands: one row a connection and property, written by the run that ends.

What pages, alerts, `/readyz` and metrics ask is answered from here, however many runs there have been. A run over one
property only writes that property's row, every other one the row of the whole connection.
"""

from collections.abc import Collection
from dataclasses import dataclass, field, fields, replace
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, Connection, Executable, case, func, or_, select

from mappers.sentences import as_it_was
from store.engine import INSERT, Repository, one_of
from store.tables import status

SWEEPS = ("incremental", "full", "night_audit")
"""Runs that keep a connection in step; those over single bookings say nothing of the others."""
FULL = ("full", "night_audit")


@dataclass(frozen=True, slots=True)
class Status:
    """How a connection stands, as its runs have left it."""

    connection: str
    last_run: str
    """The id of the run that began last, of those that have ended."""
    last_started_at: datetime
    trouble: str | None
    """Why that run broke off, if so."""
    said: Any = field(default=None, repr=False)
    """What that was put together from."""
    sweep_started_at: datetime | None = None
    """When the last run began that was over all that changed, or over everything, and has ended."""
    failures: int = 0
    """How many of those in a row could not read both sides."""
    sweep_trouble: str | None = None
    """Why the last of them broke off, if so."""
    sweep_said: Any = field(default=None, repr=False)
    """What that was put together from."""
    good_started_at: datetime | None = None
    good_ended_at: datetime | None = None
    """Of the last of them that could read both sides, whatever became of single bookings."""
    full_run: str | None = None
    """The id of the last full run that could."""
    full_started_at: datetime | None = None

    def __post_init__(self) -> None:
        for name, said in (("trouble", self.said), ("sweep_trouble", self.sweep_said)):
            if said and (words := getattr(self, name)):
                object.__setattr__(self, name, as_it_was(words, said))


_NEWEST = {
    "last_started_at": ("last_run", "trouble", "said"),
    "sweep_started_at": ("sweep_trouble", "sweep_said"),
    "good_started_at": ("good_ended_at",),
    "full_started_at": ("full_run",),
}
"""What goes with which instant: the newest counts."""


class StatusBook(Repository):
    """Questions of pages, alerts and monitoring."""

    def all(self, connection: str | None = None, names: Collection[str] | None = None) -> dict[str, Status]:
        """By connection. `connection`: of that one only; `names`: of these only."""
        found: dict[str, Status] = {}
        rows = _rows if connection is None else _rows.where(status.c.connection == connection)
        if names is not None:
            rows = rows.where(one_of(self._store.dialect, status.c.connection, names))
        for row in self._store.rows(rows):
            one = Status(*row)
            found[one.connection] = _together(found[one.connection], one) if one.connection in found else one
        return found

    def fully_run(self) -> set[str]:
        """The connections of which a full run could read both sides."""
        return set(self._store.values(select(status.c.connection).where(status.c.full_run.is_not(None))))

    def good_since(self) -> dict[str, datetime]:
        """When the last run began, of each connection, that kept it in step and could read both sides."""
        newest = select(status.c.connection, func.max(status.c.good_started_at)).group_by(status.c.connection)
        return {row[0]: row[1] for row in self._store.rows(newest) if row[1] is not None}

    def ended_last(self) -> str:
        """The id of the run that ended last, "" before the first: an urgent run begins later than the long one that it
        overtakes, and ends before it."""
        newest = select(status.c.ended_run).order_by(status.c.ended_at.desc(), status.c.ended_run.desc()).limit(1)
        return str(self._store.value(newest) or "")


def note_end(db: Connection, run: Any) -> None:
    """Takes up a run that has ended (a row of `runs`), as a part of the transaction that says so. What a run says that
    began earlier than one that has ended before is older news; what began when this one has ended already did so by a
    clock that is wrong."""
    said = (run.said or {}).get("broken_off")
    is_sweep, is_good, is_full = run.mode in SWEEPS, run.broken_off is None, run.mode in FULL
    values: dict[str, Any] = {
        "connection": run.connection,
        "property_id": run.property_id or "",
        "last_run": run.run_id,
        "last_started_at": run.started_at,
        "trouble": run.broken_off,
        "said": said,
        "ended_run": run.run_id,
        "ended_at": run.finished_at,
        "failures": 0,
    }
    if is_sweep:
        values |= {"sweep_started_at": run.started_at, "sweep_trouble": run.broken_off, "sweep_said": said}
        values["failures"] = int(not is_good)
    if is_sweep and is_good:
        values |= {"good_started_at": run.started_at, "good_ended_at": run.finished_at}
    if is_good and is_full:
        values |= {"full_run": run.run_id, "full_started_at": run.started_at}
    db.execute(_note(db.dialect.name, tuple(values), is_sweep, is_good), values)


@cache
def _note(dialect: str, given: tuple[str, ...], is_sweep: bool, is_good: bool) -> Executable:
    """Writes these of a row, each where it is news."""
    statement = INSERT[dialect](status)
    new = statement.excluded
    update: dict[str, Any] = {"ended_run": new.ended_run, "ended_at": new.ended_at}
    for mark, names in _NEWEST.items():
        if mark in given:
            is_newer = _is_newer(status.c[mark], new[mark], new.ended_at)
            update |= {name: case((is_newer, new[name]), else_=status.c[name]) for name in (mark, *names)}
    if is_sweep:
        is_newer = _is_newer(status.c.sweep_started_at, new.sweep_started_at, new.ended_at)
        in_a_row = 0 if is_good else status.c.failures + 1
        update["failures"] = case((is_newer, in_a_row), else_=status.c.failures)
    put: Executable = statement.on_conflict_do_update(index_elements=["connection", "property_id"], set_=update)
    return put


def _is_newer(known: Any, began_at: Any, ended_at: Any) -> ColumnElement[bool]:
    return or_(known.is_(None), known <= began_at, known > ended_at)


def _together(one: Status, other: Status) -> Status:
    """What is newest in either. Failures before the last good run, of whichever property, are over."""
    found = replace(one)
    for mark, names in _NEWEST.items():
        if _later(getattr(other, mark), getattr(one, mark)):
            found = replace(found, **{name: getattr(other, name) for name in (mark, *names)})
    failures = [each.failures for each in (one, other) if not _later(found.good_started_at, each.sweep_started_at)]
    return replace(found, failures=sum(failures))


def _later(one: datetime | None, other: datetime | None) -> bool:
    return one is not None and (other is None or one > other)


_rows = select(*(status.c[one.name] for one in fields(Status)))
