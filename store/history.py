"""What runs did, as pages ask for it. Only read here: what is written of a run is in `store.runs`."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import BigInteger, ColumnElement, and_, case, func, literal, or_, select, true, union_all

from mappers.outcomes import Kind, Outcome
from store.engine import Repository
from store.lasting import CLOCKS, of_run
from store.runs import OutcomeRow, StoredRun
from store.tables import lasting, outcomes, runs, stays
from store.visibility import OF_RUN


@dataclass(frozen=True, slots=True)
class Happened:
    """An outcome with its place and time."""

    at: datetime
    run_id: str
    connection: str
    row: OutcomeRow
    id: int = 0
    """Of the line."""


_EXITS = {"failed": 1, "held": 3}
"""With which code a run ended, by what was wrong with it."""


class History(Repository):
    """Queries over runs and their lines."""

    def runs(
        self,
        *,
        connection: str | None = None,
        before: datetime | None = None,
        before_id: str = "",
        limit: int = 50,
        news_only: bool = False,
        mode: str | None = None,
        result: str | None = None,
        property_id: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> list[StoredRun]:
        """Runs, newest first. `news_only` leaves out those that ended well and changed nothing; `result`: those with a
        failure (`failed`), or with revocations held (`held`); `property_id`: over it, or over all of its connection;
        `since`, `until`: begun between; `before`: begun before that, or at the same moment as that run (`before_id`)
        and behind it in this order."""
        statement = select(runs).order_by(runs.c.started_at.desc(), runs.c.run_id.desc()).limit(limit)
        if connection:
            statement = statement.where(runs.c.connection == connection)
        if before is not None:
            at_once = and_(runs.c.started_at == before, runs.c.run_id < before_id)
            statement = statement.where(or_(runs.c.started_at < before, at_once))
        if property_id:
            statement = statement.where(or_(runs.c.property_id == property_id, runs.c.property_id.is_(None)))
        if since is not None:
            statement = statement.where(runs.c.started_at >= since)
        if until is not None:
            statement = statement.where(runs.c.started_at < until)
        if mode:
            statement = statement.where(runs.c.mode == mode)
        if result in _EXITS:
            statement = statement.where(runs.c.exit == _EXITS[result])
        if news_only:
            some = select(outcomes.c.id).where(outcomes.c.run_id == runs.c.run_id)
            statement = statement.where(or_(runs.c.exit.is_(None), runs.c.exit != 0, some.exists()))
        return [StoredRun(**row._mapping) for row in self._store.rows(statement)]

    def running(self) -> list[StoredRun]:
        """Runs that have begun and not ended; one that was cut off stands here until the next of its connection."""
        newest = select(func.max(runs.c.started_at)).where(runs.c.connection == _runs.c.connection).scalar_subquery()
        statement = select(_runs).where(_runs.c.finished_at.is_(None), _runs.c.started_at == newest)
        return [StoredRun(**row._mapping) for row in self._store.rows(statement)]

    def clocks(self) -> dict[str, str]:
        """By connection, what its runs have found of the clocks and still find, as a sentence."""
        statement = select(lasting.c.connection, lasting.c.reason, lasting.c.error).where(lasting.c.key == CLOCKS)
        found = self._store.rows(statement.order_by(lasting.c.since))
        return {row.connection: f"{row.reason}: {row.error}" if row.error else row.reason for row in found}

    def last_outcome_at(self, connection: str, after: datetime) -> datetime | None:
        """When a run of that connection that is not over last got anything done, if that was after an instant."""
        statement = (
            select(func.max(outcomes.c.at))
            .join(runs, runs.c.run_id == outcomes.c.run_id)
            .where(runs.c.connection == connection, runs.c.finished_at.is_(None), outcomes.c.at > after)
        )
        found: datetime | None = self._store.value(statement)
        return found

    def outcomes_page(
        self, run_id: str, *, words: str = "", outcome: str | None = None, kind: str | None = None, limit: int = 500
    ) -> tuple[list[OutcomeRow], int]:
        """Report lines of a run that match, in order, and how many there are in all."""
        lines = union_all(
            _rows.add_columns(outcomes.c.id.label("place")).where(outcomes.c.run_id == run_id),
            of_run(run_id).add_columns(literal(2**62, BigInteger).label("place")),
        ).subquery()
        wanted: list[ColumnElement[bool]] = [true()]
        if outcome:
            wanted.append(lines.c.outcome == outcome)
        if kind:
            wanted.append(lines.c.kind == kind)
        if words.strip():
            like = f"%{_escaped(words.strip())}%"
            wanted.append(
                or_(
                    *(
                        column.ilike(like, escape="\\")
                        for column in (lines.c.label, lines.c.key, lines.c.reason, lines.c.error)
                    )
                )
            )
        with self._store.reading() as db:
            counted = select(func.count()).select_from(lines).where(*wanted)
            number = db.execute(counted.execution_options(**{OF_RUN: run_id})).scalar_one()
            columns = [lines.c[name] for name in OutcomeRow.__dataclass_fields__]
            in_order = (lines.c.place, lines.c.kind, lines.c.key)
            found = select(*columns).where(*wanted).order_by(*in_order).limit(limit)
            rows = db.execute(found.execution_options(**{OF_RUN: run_id}))
            return [OutcomeRow(*row) for row in rows], int(number)

    def that_last(self, run_ids: Collection[str], limit: int = 5000) -> list[tuple[str, OutcomeRow]]:
        """The lines that failed or ask for a person, of these full runs (each the last of its connection), as far as
        nothing has settled them since: the run's id and the line."""
        of = case((lasting.c.full_run.in_(run_ids), lasting.c.full_run), else_=lasting.c.seen_run)
        statement = (
            select(of, *(lasting.c[name] for name in OutcomeRow.__dataclass_fields__))
            .where(
                or_(lasting.c.full_run.in_(run_ids), lasting.c.seen_run.in_(run_ids)),
                lasting.c.outcome.in_([Outcome.FAILED, Outcome.ALERT]),
            )
            .order_by(lasting.c.connection, lasting.c.kind, lasting.c.key)
            .limit(limit)
        )
        if not run_ids:
            return []
        return [(row[0], OutcomeRow(*row[1:])) for row in self._store.rows(statement)]

    def of_booking(self, connection: str, booking_id: str, keys: Collection[str], limit: int = 200) -> list[Happened]:
        """All that runs did for a booking, newest first. `keys` are its grants': a room may have the same."""
        return self._happened(
            and_(
                runs.c.connection == connection,
                or_(
                    outcomes.c.booking_id == booking_id,
                    and_(outcomes.c.kind.in_([Kind.ACCESS_GRANT, Kind.DOOR_CODE]), outcomes.c.key.in_(list(keys))),
                ),
            ),
            limit,
        )

    def of_resource(self, connection: str, kind: str, key: str, limit: int = 20) -> list[Happened]:
        """All that runs did for one resource of that kind, newest first."""
        return self._happened(
            and_(runs.c.connection == connection, outcomes.c.kind == kind, outcomes.c.key == key), limit
        )

    def drift(
        self,
        since: datetime,
        limit: int = 200,
        *,
        connection: str | None = None,
        property_id: str | None = None,
        cause: str | None = None,
        until: datetime | None = None,
        before: int | None = None,
    ) -> list[Happened]:
        """What was found different in Seam from what we last made, and what is ours there and gone in the PMS, the
        newest first. `property_id`: of bookings of it; `cause`: `drift` or `orphan`; `before`: noted before that line
        (its id)."""
        of_booking = (stays.c.connection == runs.c.connection, stays.c.booking_id == outcomes.c.booking_id)
        there = select(stays.c.booking_id).where(*of_booking, stays.c.property_id == property_id).exists()
        wanted = and_(
            outcomes.c.cause.is_not(None) if cause is None else outcomes.c.cause == cause,
            outcomes.c.at >= since,
            *([runs.c.connection == connection] if connection else []),
            *([there] if property_id else []),
            *([outcomes.c.at < until] if until is not None else []),
            *([outcomes.c.id < before] if before is not None else []),
        )
        return self._happened(wanted, limit)

    def _happened(self, wanted: ColumnElement[bool], limit: int) -> list[Happened]:
        statement = (
            _rows.add_columns(outcomes.c.at, outcomes.c.run_id, runs.c.connection, outcomes.c.id)
            .join(runs, runs.c.run_id == outcomes.c.run_id)
            .where(wanted)
            .order_by(outcomes.c.id.desc())
            .limit(limit)
        )
        return [
            Happened(row.at, row.run_id, row.connection, OutcomeRow(*row[:-4]), row.id)
            for row in self._store.rows(statement)
        ]


_runs = runs.alias()
_rows = select(*(outcomes.c[name] for name in OutcomeRow.__dataclass_fields__))


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
