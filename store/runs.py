"""Runs: when each began and ended, and every line of its report."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from mappers.outcomes import Kind
from mappers.outcomes import OutcomeRow as OutcomeRow
from mappers.sentences import all_kept, keep_together
from store.costs import add_in, taken_now
from store.engine import Repository, chunks, row_of
from store.lasting import LINE, news_of, of_run, settle, settle_all
from store.links import Link, put_links
from store.retention import forget_old
from store.run_days import count_in
from store.status import note_end
from store.tables import lasting, links, outcomes, runs, steps


@dataclass(frozen=True, slots=True)
class StoredRun:
    run_id: str
    connection: str
    mode: str
    started_at: datetime
    finished_at: datetime | None
    exit: int | None
    totals: dict[str, dict[str, int]] = field(default_factory=dict)
    property_id: str | None = None
    broken_off: str | None = None
    """Why the PMS or Seam could not be read, if so; single bookings that failed do not count."""
    phase: str | None = None
    done: int | None = None
    total: int | None = None
    """What it is doing, while it is not finished."""
    turn: str | None = None
    """The name of the turn in which it was made."""
    said: Any = field(default=None, repr=False)
    """What its sentences were put together from; goes with them by itself."""

    def __post_init__(self) -> None:
        keep_together(self, "broken_off", "phase")


class Runs(Repository):
    """What a run notes of itself; a fence says whether it still may."""

    def begin(
        self,
        run_id: str,
        connection: str,
        mode: str,
        started_at: datetime,
        property_id: str | None = None,
        phase: str | None = None,
        turn: str | None = None,
    ) -> None:
        """`phase`: what it does first. `turn`: the name of that in which it is made."""
        values = {
            "connection": connection,
            "mode": mode,
            "started_at": started_at,
            "property_id": property_id,
            "turn": turn,
        }
        if phase is not None:
            values |= _doing(phase, 0)
        self._store.write(_BEGIN, {"run_id": run_id, "totals": {}, **values})

    def note_progress(self, run_id: str, phase: str, done: int, total: int | None) -> None:
        """What a run is doing, for those who watch it from elsewhere."""
        self._store.write(update(runs).where(runs.c.run_id == run_id).values(**_doing(phase, done), total=total))

    def finish(
        self,
        run_id: str,
        mode: str,
        finished_at: datetime,
        exit_code: int,
        totals: dict[str, dict[str, int]],
        broken_off: str | None = None,
        *,
        whole: bool = False,
    ) -> None:
        """`whole`: it was over everything of the connection, so what lasts and was not found any more has ended."""
        said = all_kept(broken_off=broken_off)
        values = {"mode": mode, "finished_at": finished_at, "exit": exit_code, "totals": totals, "said": said}
        # What the run has cost is written here as well: an idle one makes no transaction more.
        with taken_now() as counts, self._store.writing() as db:
            run = db.execute(_FINISH, {"its_id": run_id, "broken_off": broken_off, **values}).one()
            note_end(db, run)
            count_in(db, [run])
            add_in(self._store, db, run.connection, counts, finished_at)
            if broken_off is None:
                settle_all(db, run_id, whole=whole, full=mode in ("full", "night_audit"))

    def record(
        self,
        run_id: str,
        connection: str,
        rows: Sequence[OutcomeRow],
        now: datetime,
        *,
        made: Sequence[Link] = (),
        gone: Sequence[tuple[str, str]] = (),
        finished_booking: str | None = None,
    ) -> None:
        """Commits outcomes together with the links they made or ended (`gone`: kind and key).

        `finished_booking`: nothing of this booking is under way any more.
        """
        with self._store.writing() as db:
            for chunk in chunks(news_of(db, run_id, connection, rows, now)):
                db.execute(_NOTE, [row_of(row) | {"run_id": run_id, "at": now} for row in chunk])
            for chunk in chunks(made):
                put_links(self._store, db, connection, chunk, now)
            for kind, key in gone:
                db.execute(
                    delete(links).where(links.c.connection == connection, links.c.kind == kind, links.c.key == key)
                )
            if finished_booking is not None:
                db.execute(_END_STEP, {"of": connection, "booking": finished_booking})

    def latest_id(self) -> str | None:
        found: str | None = self._store.value(
            select(runs.c.run_id).order_by(runs.c.started_at.desc(), runs.c.run_id.desc()).limit(1)
        )
        return found

    def get(self, run_id: str) -> StoredRun | None:
        row = self._store.row(select(runs).where(runs.c.run_id == run_id))
        return StoredRun(**row._mapping) if row else None

    def of_ids(self, run_ids: Collection[str]) -> dict[str, StoredRun]:
        """By their ids."""
        rows = self._store.rows_of(sorted(run_ids), lambda some: select(runs).where(runs.c.run_id.in_(some)))
        return {row.run_id: StoredRun(**row._mapping) for row in rows}

    def outcomes_of(self, run_id: str) -> list[OutcomeRow]:
        """In the order in which they happened; then what had begun before and lasted."""
        with self._store.reading() as db:
            happened = db.execute(_outcomes.where(outcomes.c.run_id == run_id).order_by("id")).all()
            return [OutcomeRow(*row[: len(LINE)]) for row in (*happened, *db.execute(of_run(run_id)))]

    def lasts_for(self, connection: str, property_id: str, line: str, since: datetime, runs_at_least: int) -> bool:
        """Whether a line about a property, whose trouble begins with these words, was found by every run since then,
        and by so many runs at least."""
        with self._store.reading() as db:
            began = db.execute(
                select(func.min(lasting.c.since)).where(
                    lasting.c.connection == connection,
                    lasting.c.kind == Kind.PROPERTY,
                    lasting.c.key == property_id,
                    lasting.c.error.startswith(line, autoescape=True),
                )
            ).scalar()
            if began is None or began > since:
                return False
            readings = db.execute(
                select(func.count()).where(
                    runs.c.connection == connection, runs.c.started_at >= began, runs.c.broken_off.is_not(None)
                )
            ).scalar_one()
            return readings >= runs_at_least

    def settle_lasting(self, connection: str, run_id: str, booking_ids: Collection[str]) -> None:
        """Of bookings that this run has dealt with, nobody waits for what it did not find any more."""
        if not booking_ids:
            return
        with self._store.writing() as db:
            settle(db, connection, run_id, booking_ids)

    def forget_old(self, now: datetime, connection: str) -> None:
        """Drops what is older than is kept of a connection."""
        forget_old(self._store, now, connection)


# Made by every run, however little it has to do: put together once.
_BEGIN = insert(runs)
_NOTE = insert(outcomes)
_FINISH = update(runs).where(runs.c.run_id == bindparam("its_id")).returning(*runs.c)
_END_STEP = delete(steps).where(steps.c.connection == bindparam("of"), steps.c.booking_id == bindparam("booking"))
_outcomes = select(*(outcomes.c[name] for name in LINE))


def _doing(phase: str, done: int) -> dict[str, Any]:
    """What a running run is doing. Words that were cut are shown as they are."""
    return {"phase": phase[:200], "done": done, "said": all_kept(phase=phase)}
