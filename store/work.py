"""What is left to do: how far a connection's changes were read, which bookings are read again, what is half done."""

from collections.abc import Collection, Iterable
from dataclasses import asdict, dataclass
from datetime import datetime

from sqlalchemy import delete, select, update

from store.engine import Database, chunks
from store.tables import cursors, steps, watches


@dataclass(frozen=True, slots=True)
class Watch:
    """A booking to be read again at an instant, although the PMS has no news of it."""

    booking_id: str
    property_id: str
    look_again_at: datetime
    failures: int = 0
    """How often in a row it failed; a booking that is watched for other reasons has none."""


class Work:
    """Cursors, watched bookings and steps."""

    def __init__(self, store: Database):
        self._store = store

    def cursor(self, connection: str, property_id: str) -> datetime | None:
        """Until when the PMS's changes of a property have been dealt with; None before the first full run."""
        with self._store.reading() as db:
            return db.execute(
                select(cursors.c.read_until).where(
                    cursors.c.connection == connection, cursors.c.property_id == property_id
                )
            ).scalar()

    def advance_cursor(self, connection: str, property_id: str, read_until: datetime) -> None:
        statement = self._store.upsert(cursors).values(
            connection=connection, property_id=property_id, read_until=read_until
        )
        with self._store.writing() as db:
            db.execute(
                statement.on_conflict_do_update(
                    index_elements=["connection", "property_id"], set_={"read_until": read_until}
                )
            )

    def forget_cursor(self, connection: str, property_id: str) -> None:
        """Nothing is known of what has been dealt with: the next run reads everything."""
        with self._store.writing() as db:
            db.execute(delete(cursors).where(cursors.c.connection == connection, cursors.c.property_id == property_id))

    def watched(self, connection: str, property_id: str, now: datetime) -> set[str]:
        """Bookings that are due to be read again, and those in the middle of which a run was cut off."""
        with self._store.reading() as db:
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
        with self._store.reading() as db:
            rows = db.execute(
                select(watches.c.booking_id, watches.c.failures).where(
                    watches.c.connection == connection, watches.c.failures > 0
                )
            )
            return {row.booking_id: row.failures for row in rows}

    def retries_due(self, connection: str, now: datetime) -> list[tuple[str, str]]:
        """(property id, booking id) of what failed, or was cut off, and should be tried again by now."""
        with self._store.reading() as db:
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

    def watch(self, connection: str, dealt_with: Collection[str], again: Iterable[Watch]) -> None:
        """Replaces what was noted of the bookings just dealt with by what they need next."""
        with self._store.writing() as db:
            for chunk in chunks(list(dealt_with)):
                db.execute(delete(watches).where(watches.c.connection == connection, watches.c.booking_id.in_(chunk)))
            rows = {watch.booking_id: asdict(watch) | {"connection": connection} for watch in again}
            for batch in chunks(list(rows.values())):
                statement = self._store.upsert(watches)
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
        statement = self._store.upsert(watches)
        statement = statement.on_conflict_do_update(
            index_elements=["connection", "booking_id"], set_={"look_again_at": statement.excluded.look_again_at}
        )
        with self._store.writing() as db:
            for batch in chunks(rows):
                db.execute(statement, batch)

    def cut_off(self, connection: str) -> dict[str, str]:
        """What was under way, by booking id, when an earlier run was cut off."""
        with self._store.reading() as db:
            rows = db.execute(
                select(steps.c.booking_id, steps.c.doing).where(steps.c.connection == connection, steps.c.doing != "")
            )
            return {row.booking_id: row.doing for row in rows}

    def sealed_steps(self, connection: str) -> dict[str, str]:
        """PINs of people in the middle of a move, sealed, by booking id: of runs that were cut off, and of moves that
        failed half-way and are tried again."""
        with self._store.reading() as db:
            rows = db.execute(
                select(steps.c.booking_id, steps.c.sealed).where(
                    steps.c.connection == connection, steps.c.sealed.is_not(None)
                )
            )
            return {row.booking_id: row.sealed for row in rows}

    def seal_step(self, connection: str, booking_id: str, sealed: str) -> None:
        """Adds PINs, sealed, to the note of a step that is under way; they go with the note."""
        with self._store.writing() as db:
            db.execute(
                update(steps)
                .where(steps.c.connection == connection, steps.c.booking_id == booking_id)
                .values(sealed=sealed)
            )

    def rest_steps(self, connection: str, booking_ids: Collection[str]) -> None:
        """Nothing of these bookings is under way, and they are tried again later: only the PINs stay, sealed."""
        with self._store.writing() as db:
            for chunk in chunks(list(booking_ids)):
                mine = (steps.c.connection == connection, steps.c.booking_id.in_(chunk))
                db.execute(delete(steps).where(*mine, steps.c.sealed.is_(None)))
                db.execute(update(steps).where(*mine).values(doing=""))

    def begin_step(
        self, run_id: str, connection: str, property_id: str, booking_id: str, doing: str, now: datetime
    ) -> None:
        """Notes what is about to be done to a booking, before it is begun: whoever finds the note heals it."""
        values = {"run_id": run_id, "property_id": property_id, "doing": doing[:200], "started_at": now}
        statement = self._store.upsert(steps).values(connection=connection, booking_id=booking_id, **values)
        with self._store.writing() as db:
            db.execute(statement.on_conflict_do_update(index_elements=["connection", "booking_id"], set_=values))

    def end_steps(self, connection: str, booking_ids: Collection[str]) -> None:
        """Takes the notes away of bookings that were looked at and need nothing more."""
        with self._store.writing() as db:
            for chunk in chunks(list(booking_ids)):
                db.execute(delete(steps).where(steps.c.connection == connection, steps.c.booking_id.in_(chunk)))
