"""Night Porter's memory: what it linked, what it did, where it stood.

Memory, not truth: it can be deleted at any time, and the next full run finds everything again by key. Everything is
written at once, one transaction per answer from Seam, so that a process killed at any moment leaves no gap.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, bindparam, case, delete, func, insert, or_, select, update

from store.engine import Database, StoreFailed, StoreRemoved, TurnLost, chunks
from store.lasting import news_of, of_run, settle, settle_all
from store.retention import forget_old
from store.tables import cursors, holds, lasting, links, outcomes, runs, steps, watches

__all__ = ["Hold", "Link", "OutcomeRow", "Store", "StoreFailed", "StoreRemoved", "StoredRun", "TurnLost", "Watch"]

DOUBTS_KEPT = timedelta(days=1)
"""For so long an earlier run may be approved as well, of what every run since has held in doubt again."""


@dataclass(frozen=True, slots=True)
class Link:
    """A key of ours and the Seam resource that carries it."""

    kind: str
    key: str
    """A grant's without its generation."""
    seam_id: str
    generation: int = 1
    wanted_hash: str | None = None
    made_hash: str | None = None
    property_id: str | None = None
    booking_id: str | None = None
    user_identity_key: str | None = None
    ends_at: datetime | None = None
    label: str | None = None
    starts_at: datetime | None = None
    """A grant's, as we last wrote it."""


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What became of one change: a line of the report."""

    kind: str
    key: str
    action: str
    outcome: str
    reason: str = ""
    error: str | None = None
    label: str | None = None
    booking_id: str | None = None
    cause: str | None = None
    """`drift`: Seam differed from what we last made; `orphan`: ours in Seam, gone in the PMS."""


@dataclass(frozen=True, slots=True)
class Watch:
    """A booking to be read again at an instant, although the PMS has no news of it."""

    booking_id: str
    property_id: str
    look_again_at: datetime
    failures: int = 0
    """How often in a row it failed; a booking that is watched for other reasons has none."""


@dataclass(frozen=True, slots=True)
class Hold:
    """A revocation that waits for a person's word."""

    key: str
    property_id: str
    booking_id: str
    reason: str
    in_doubt: bool = False
    """The PMS does not have the booking, and denies so much else that it is not believed."""


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


class Store(Database):
    """Queries and writes, for one database. Safe to use from many threads."""

    # --- runs and outcomes --------------------------------------------------------------------------------------

    def begin_run(
        self, run_id: str, connection: str, mode: str, started_at: datetime, property_id: str | None = None
    ) -> None:
        values = {"connection": connection, "mode": mode, "started_at": started_at, "property_id": property_id}
        with self.writing() as db:
            db.execute(insert(runs).values(run_id=run_id, totals={}, **values))

    def note_progress(self, run_id: str, phase: str, done: int, total: int | None) -> None:
        """What a run is doing, for those who watch it from elsewhere."""
        with self.writing() as db:
            db.execute(update(runs).where(runs.c.run_id == run_id).values(phase=phase[:200], done=done, total=total))

    def finish_run(
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
        values = {"mode": mode, "finished_at": finished_at, "exit": exit_code, "totals": totals}
        with self.writing() as db:
            db.execute(update(runs).where(runs.c.run_id == run_id).values(broken_off=broken_off, **values))
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
        with self.writing() as db:
            for chunk in chunks(news_of(db, run_id, connection, rows, now)):
                db.execute(insert(outcomes), [asdict(row) | {"run_id": run_id, "at": now} for row in chunk])
            for chunk in chunks(made):
                self._put_links(db, connection, chunk, now)
            for kind, key in gone:
                db.execute(
                    delete(links).where(links.c.connection == connection, links.c.kind == kind, links.c.key == key)
                )
            if finished_booking is not None:
                db.execute(
                    delete(steps).where(steps.c.connection == connection, steps.c.booking_id == finished_booking)
                )

    def _put_links(self, db: Connection, connection: str, made: Sequence[Link], now: datetime) -> None:
        statement = self.upsert(links)
        values: dict[str, Any] = {
            column.name: statement.excluded[column.name]
            for column in links.c
            if column.name not in ("connection", "kind", "key")
        }
        # An identity keeps the end of its last stay whatever is written of it; a grant may have no end any more.
        new, old = statement.excluded.ends_at, links.c.ends_at
        values["ends_at"] = case((statement.excluded.kind == "access_grant", new), else_=func.coalesce(new, old))
        values["starts_at"] = func.coalesce(statement.excluded.starts_at, links.c.starts_at)
        statement = statement.on_conflict_do_update(index_elements=["connection", "kind", "key"], set_=values)
        db.execute(statement, [asdict(link) | {"connection": connection, "changed_at": now} for link in made])
        # An identity is needed until the last of its stays has ended.
        stays = [
            {"user": link.user_identity_key, "ends": link.ends_at, "of": connection}
            for link in made
            if link.user_identity_key is not None and link.ends_at is not None
        ]
        if stays:
            db.execute(
                update(links)
                .where(
                    links.c.connection == bindparam("of"),
                    links.c.kind == "user_identity",
                    links.c.key == bindparam("user"),
                    or_(links.c.ends_at.is_(None), links.c.ends_at < bindparam("ends")),
                )
                .values(ends_at=bindparam("ends")),
                stays,
            )

    def latest_run_id(self) -> str | None:
        with self.reading() as db:
            return db.execute(
                select(runs.c.run_id).order_by(runs.c.started_at.desc(), runs.c.run_id.desc()).limit(1)
            ).scalar()

    def run(self, run_id: str) -> StoredRun | None:
        with self.reading() as db:
            row = db.execute(select(runs).where(runs.c.run_id == run_id)).one_or_none()
        return StoredRun(**row._mapping) if row else None

    def outcomes_of(self, run_id: str) -> list[OutcomeRow]:
        """In the order in which they happened; then what had begun before and lasted."""
        with self.reading() as db:
            happened = db.execute(_outcomes.where(outcomes.c.run_id == run_id).order_by("id")).all()
            return [_outcome(row) for row in (*happened, *db.execute(of_run(run_id)))]

    def forget_old(self, now: datetime) -> None:
        """Drops what is older than is kept."""
        forget_old(self.writing, self.keep, now)

    def settle_lasting(self, connection: str, run_id: str, booking_ids: Collection[str]) -> None:
        """Of bookings that this run has dealt with, nobody waits for what it did not find any more."""
        with self.writing() as db:
            settle(db, connection, run_id, booking_ids)

    # --- links --------------------------------------------------------------------------------------------------

    def links(self, connection: str, kinds: Collection[str] = ()) -> dict[tuple[str, str], Link]:
        """Every link of a connection (of these kinds), by kind and key."""
        statement = _links.where(links.c.connection == connection)
        if kinds:
            statement = statement.where(links.c.kind.in_(list(kinds)))
        with self.reading() as db:
            return {(row.kind, row.key): Link(*row) for row in db.execute(statement)}

    def links_of_bookings(self, connection: str, booking_ids: Collection[str]) -> list[Link]:
        return self._links_where(connection, links.c.booking_id, booking_ids)

    def links_of_keys(self, connection: str, keys: Collection[str]) -> list[Link]:
        return self._links_where(connection, links.c.key, keys)

    def bookings_of_users(self, connection: str, user_identity_keys: Collection[str]) -> set[tuple[str, str]]:
        """(property id, booking id) of every grant that one of these identities holds."""
        found = self._links_where(connection, links.c.user_identity_key, user_identity_keys)
        return {(link.property_id, link.booking_id) for link in found if link.property_id and link.booking_id}

    def _links_where(self, connection: str, column: Any, values: Collection[str]) -> list[Link]:
        found: list[Link] = []
        with self.reading() as db:
            for chunk in chunks(list(values)):
                found.extend(
                    Link(*row) for row in db.execute(_links.where(links.c.connection == connection, column.in_(chunk)))
                )
        return found

    def count_live_grants(self, connection: str, now: datetime) -> int:
        with self.reading() as db:
            return db.execute(
                select(func.count())
                .select_from(links)
                .where(
                    links.c.connection == connection,
                    links.c.kind == "access_grant",
                    or_(links.c.ends_at.is_(None), links.c.ends_at > now),
                )
            ).scalar_one()

    # --- cursors, watches, steps ------------------------------------------------------------------------------------

    def cursor(self, connection: str, property_id: str) -> datetime | None:
        """Until when the PMS's changes of a property have been dealt with; None before the first full run."""
        with self.reading() as db:
            return db.execute(
                select(cursors.c.read_until).where(
                    cursors.c.connection == connection, cursors.c.property_id == property_id
                )
            ).scalar()

    def advance_cursor(self, connection: str, property_id: str, read_until: datetime) -> None:
        statement = self.upsert(cursors).values(connection=connection, property_id=property_id, read_until=read_until)
        with self.writing() as db:
            db.execute(
                statement.on_conflict_do_update(
                    index_elements=["connection", "property_id"], set_={"read_until": read_until}
                )
            )

    def forget_cursor(self, connection: str, property_id: str) -> None:
        """Nothing is known of what has been dealt with: the next run reads everything."""
        with self.writing() as db:
            db.execute(delete(cursors).where(cursors.c.connection == connection, cursors.c.property_id == property_id))

    def watched(self, connection: str, property_id: str, now: datetime) -> set[str]:
        """Bookings that are due to be read again, and those in the middle of which a run was cut off."""
        with self.reading() as db:
            due = db.execute(
                select(watches.c.booking_id).where(
                    watches.c.connection == connection,
                    watches.c.property_id == property_id,
                    watches.c.look_again_at <= now,
                )
            ).scalars()
            cut_off = db.execute(
                select(steps.c.booking_id).where(
                    steps.c.connection == connection, steps.c.property_id == property_id, steps.c.doing != ""
                )
            ).scalars()
            return set(due) | set(cut_off)

    def failures(self, connection: str) -> dict[str, int]:
        """How often in a row each booking of a connection has failed."""
        with self.reading() as db:
            rows = db.execute(
                select(watches.c.booking_id, watches.c.failures).where(
                    watches.c.connection == connection, watches.c.failures > 0
                )
            )
            return {row.booking_id: row.failures for row in rows}

    def retries_due(self, connection: str, now: datetime) -> list[tuple[str, str]]:
        """(property id, booking id) of what failed, or was cut off, and should be tried again by now."""
        with self.reading() as db:
            failed = db.execute(
                select(watches.c.property_id, watches.c.booking_id).where(
                    watches.c.connection == connection, watches.c.failures > 0, watches.c.look_again_at <= now
                )
            )
            cut_off = db.execute(
                select(steps.c.property_id, steps.c.booking_id).where(
                    steps.c.connection == connection, steps.c.doing != ""
                )
            )
            return sorted({(row.property_id, row.booking_id) for row in (*failed, *cut_off)})

    def cut_off(self, connection: str) -> dict[str, str]:
        """What was under way, by booking id, when an earlier run was cut off."""
        with self.reading() as db:
            rows = db.execute(
                select(steps.c.booking_id, steps.c.doing).where(steps.c.connection == connection, steps.c.doing != "")
            )
            return {row.booking_id: row.doing for row in rows}

    def sealed_steps(self, connection: str) -> dict[str, str]:
        """PINs of people in the middle of a move, sealed, by booking id: of runs that were cut off, and of moves that
        failed half-way and are tried again."""
        with self.reading() as db:
            rows = db.execute(
                select(steps.c.booking_id, steps.c.sealed).where(
                    steps.c.connection == connection, steps.c.sealed.is_not(None)
                )
            )
            return {row.booking_id: row.sealed for row in rows}

    def seal_step(self, connection: str, booking_id: str, sealed: str) -> None:
        """Adds PINs, sealed, to the note of a step that is under way; they go with the note."""
        with self.writing() as db:
            db.execute(
                update(steps)
                .where(steps.c.connection == connection, steps.c.booking_id == booking_id)
                .values(sealed=sealed)
            )

    def rest_steps(self, connection: str, booking_ids: Collection[str]) -> None:
        """Nothing of these bookings is under way, and they are tried again later: only the PINs stay, sealed."""
        with self.writing() as db:
            for chunk in chunks(list(booking_ids)):
                mine = (steps.c.connection == connection, steps.c.booking_id.in_(chunk))
                db.execute(delete(steps).where(*mine, steps.c.sealed.is_(None)))
                db.execute(update(steps).where(*mine).values(doing=""))

    def lasts_for(self, connection: str, property_id: str, line: str, since: datetime, runs_at_least: int) -> bool:
        """Whether a line about a property, whose trouble begins with these words, was found by every run since then,
        and by so many runs at least."""
        with self.reading() as db:
            began = db.execute(
                select(func.min(lasting.c.since)).where(
                    lasting.c.connection == connection,
                    lasting.c.kind == "property",
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

    def watch(self, connection: str, dealt_with: Collection[str], again: Iterable[Watch]) -> None:
        """Replaces what was noted of the bookings just dealt with by what they need next."""
        with self.writing() as db:
            for chunk in chunks(list(dealt_with)):
                db.execute(delete(watches).where(watches.c.connection == connection, watches.c.booking_id.in_(chunk)))
            rows = {watch.booking_id: asdict(watch) | {"connection": connection} for watch in again}
            for batch in chunks(list(rows.values())):
                statement = self.upsert(watches)
                db.execute(
                    statement.on_conflict_do_update(
                        index_elements=["connection", "booking_id"],
                        set_={
                            "look_again_at": statement.excluded.look_again_at,
                            "property_id": statement.excluded.property_id,
                            "failures": statement.excluded.failures,
                        },
                    ),
                    batch,
                )

    def look_again(self, connection: str, again: Iterable[Watch]) -> None:
        """These are to be read again as soon as `look_again_at` says, at the latest; how often they failed stays."""
        rows = [asdict(watch) | {"connection": connection} for watch in again]
        if not rows:
            return
        statement = self.upsert(watches)
        statement = statement.on_conflict_do_update(
            index_elements=["connection", "booking_id"], set_={"look_again_at": statement.excluded.look_again_at}
        )
        with self.writing() as db:
            for batch in chunks(rows):
                db.execute(statement, batch)

    def begin_step(
        self, run_id: str, connection: str, property_id: str, booking_id: str, doing: str, now: datetime
    ) -> None:
        """Notes what is about to be done to a booking, before it is begun: whoever finds the note heals it."""
        values = {"run_id": run_id, "property_id": property_id, "doing": doing[:200], "started_at": now}
        statement = self.upsert(steps).values(connection=connection, booking_id=booking_id, **values)
        with self.writing() as db:
            db.execute(statement.on_conflict_do_update(index_elements=["connection", "booking_id"], set_=values))

    def end_steps(self, connection: str, booking_ids: Collection[str]) -> None:
        """Takes the notes away of bookings that were looked at and need nothing more."""
        with self.writing() as db:
            for chunk in chunks(list(booking_ids)):
                db.execute(delete(steps).where(steps.c.connection == connection, steps.c.booking_id.in_(chunk)))

    # --- holds ------------------------------------------------------------------------------------------------------

    def hold(
        self, run_id: str, connection: str, held: Iterable[Hold], now: datetime, by_absence: Collection[str] = ()
    ) -> None:
        """Notes revocations that wait for approval. An earlier run's holds of the same keys wait on, with these.

        `by_absence`: keys of those whose bookings the PMS does not have.
        """
        rows = [
            asdict(one)
            | {"run_id": run_id, "connection": connection, "held_at": now, "by_absence": one.key in by_absence}
            for one in held
        ]
        if not rows:
            return
        doubted = [row["key"] for row in rows if row["in_doubt"]]
        with self.writing() as db:
            # A PMS may be in doubt for weeks, and every run says the same again: what a page of today names is enough.
            for chunk in chunks(doubted):
                old = and_(holds.c.connection == connection, holds.c.in_doubt, holds.c.held_at < now - DOUBTS_KEPT)
                db.execute(delete(holds).where(old, holds.c.key.in_(chunk), holds.c.settled_at.is_(None)))
            for batch in chunks(rows):
                db.execute(insert(holds), batch)

    def holds_of(self, run_id: str) -> list[tuple[Hold, bool]]:
        """The holds of a run, each with whether it still waits."""
        with self.reading() as db:
            rows = db.execute(select(holds).where(holds.c.run_id == run_id).order_by(holds.c.key))
            return [
                (Hold(row.key, row.property_id, row.booking_id, row.reason, row.in_doubt), row.settled_at is None)
                for row in rows
            ]

    def settle_holds(self, connection: str, keys: Collection[str], now: datetime) -> None:
        with self.writing() as db:
            for chunk in chunks(list(keys)):
                db.execute(
                    update(holds)
                    .where(and_(holds.c.connection == connection, holds.c.key.in_(chunk), holds.c.settled_at.is_(None)))
                    .values(settled_at=now)
                )

    def settle_holds_of(self, connection: str, booking_ids: Collection[str], now: datetime) -> None:
        """Nothing of these bookings waits for approval any more."""
        with self.reading() as db:
            waiting = set(
                db.execute(
                    select(holds.c.booking_id).where(holds.c.connection == connection, holds.c.settled_at.is_(None))
                ).scalars()
            )
        mine = sorted(waiting.intersection(booking_ids))
        if not mine:
            return
        with self.writing() as db:
            for chunk in chunks(mine):
                db.execute(
                    update(holds)
                    .where(
                        holds.c.connection == connection, holds.c.booking_id.in_(chunk), holds.c.settled_at.is_(None)
                    )
                    .values(settled_at=now)
                )


_links = select(
    links.c.kind,
    links.c.key,
    links.c.seam_id,
    links.c.generation,
    links.c.wanted_hash,
    links.c.made_hash,
    links.c.property_id,
    links.c.booking_id,
    links.c.user_identity_key,
    links.c.ends_at,
    links.c.label,
    links.c.starts_at,
)
_outcomes = select(
    outcomes.c.kind,
    outcomes.c.key,
    outcomes.c.action,
    outcomes.c.outcome,
    outcomes.c.reason,
    outcomes.c.error,
    outcomes.c.label,
    outcomes.c.booking_id,
    outcomes.c.cause,
)


def _outcome(row: Any) -> OutcomeRow:
    return OutcomeRow(*row[:9])
