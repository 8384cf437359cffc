"""What is left to do: how far a connection's changes were read, which bookings are read again, what is half done."""

from collections.abc import Collection, Mapping
from datetime import datetime

from sqlalchemy import bindparam, delete, select, update

from store.engine import Repository, chunks, put
from store.queue import BOOKINGS, Queue, TaskKind
from store.tables import cursors, steps


class Work(Repository):
    """Cursors and steps, and what the queue says of bookings."""

    def cursor(self, connection: str, property_id: str) -> datetime | None:
        """Until when the PMS's changes of a property have been dealt with; None before the first full run."""
        found: datetime | None = self._store.value(_CURSOR, {"of": connection, "place": property_id})
        return found

    def loses_rows(self, connection: str, property_id: str) -> bool:
        """Whether the last full run found that the PMS's lists leave out what it has."""
        return bool(self._store.value(_LOSES_ROWS, {"of": connection, "place": property_id}))

    def note_lists(self, connection: str, property_id: str, loses_rows: bool) -> None:
        """What a full run that has a cursor by now found of the PMS's lists."""
        mine = (cursors.c.connection == connection, cursors.c.property_id == property_id)
        self._store.write(update(cursors).where(*mine).values(loses_rows=loses_rows))

    def advance_cursor(self, connection: str, property_id: str, read_until: datetime) -> None:
        row = {"connection": connection, "property_id": property_id, "read_until": read_until}
        self._store.write(put(self._store.dialect, cursors, "read_until"), row)

    def forget_cursor(self, connection: str, property_id: str) -> None:
        """Nothing is known of what has been dealt with: the next run reads everything."""
        self._store.write(
            delete(cursors).where(cursors.c.connection == connection, cursors.c.property_id == property_id)
        )

    def watched(
        self, connection: str, property_id: str, now: datetime, cut_off: Mapping[str, str] | None = None
    ) -> set[str]:
        """Bookings that are due to be read again, and those in the middle of which a run was cut off. `cut_off`: these,
        where they are known already."""
        due = Queue(self._store).waiting(connection, BOOKINGS, until=now)
        cut_off = self.cut_off(connection) if cut_off is None else cut_off
        return {one.subject for one in due if one.property_id == property_id} | {
            booking_id for booking_id, of in cut_off.items() if of == property_id
        }

    def retries_due(self, connection: str, now: datetime) -> list[tuple[str, str]]:
        """(property id, booking id) of what failed, or was cut off, and should be tried again by now."""
        failed = Queue(self._store).waiting(connection, [TaskKind.RETRY_BOOKING], until=now)
        cut_off = {(of, booking_id) for booking_id, of in self.cut_off(connection).items()}
        return sorted({(one.property_id, one.subject) for one in failed} | cut_off)

    def connections_to_retry(self, now: datetime) -> set[str]:
        """Those of which something failed, or was cut off, and should be tried again by now."""
        failed = {connection for connection, _ in Queue(self._store).due([TaskKind.RETRY_BOOKING], now)}
        return failed | set(self._store.values(_CUT_OFF_SOMEWHERE))

    def failures(self, connection: str, booking_ids: Collection[str] | None = None) -> dict[str, int]:
        """How often in a row bookings have failed: these, or all of a connection that did."""
        failed = Queue(self._store).waiting(connection, [TaskKind.RETRY_BOOKING], subjects=booking_ids)
        return {one.subject: one.attempts for one in failed}

    def cut_off(self, connection: str) -> dict[str, str]:
        """The property of each booking in the middle of which an earlier run was cut off, by booking id."""
        rows = self._store.rows(_CUT_OFF, {"of": connection})
        return {row.booking_id: row.property_id for row in rows}

    def noted(self, connection: str) -> set[str]:
        """Bookings of which something is noted: that it is under way, or PINs that are kept, sealed."""
        return set(self._store.values(_NOTED, {"of": connection}))

    def sealed_steps(self, connection: str) -> dict[str, str]:
        """PINs of people in the middle of a move, sealed, by booking id: of runs that were cut off, and of moves that
        failed half-way and are tried again."""
        rows = self._store.rows(_SEALED, {"of": connection})
        return {row.booking_id: row.sealed for row in rows}

    def seal_step(self, connection: str, booking_id: str, sealed: str) -> None:
        """Adds PINs, sealed, to the note of a step that is under way; they go with the note."""
        self._store.write(
            update(steps)
            .where(steps.c.connection == connection, steps.c.booking_id == booking_id)
            .values(sealed=sealed)
        )

    def rest_steps(self, connection: str, booking_ids: Collection[str], at: datetime | None = None) -> None:
        """Nothing of these bookings is under way: only the PINs stay, sealed, for when they are tried again or come
        back. `at`: from when on they rest, where not since they were sealed."""
        if not booking_ids:
            return
        with self._store.writing() as db:
            for chunk in chunks(list(booking_ids)):
                mine = (steps.c.connection == connection, steps.c.booking_id.in_(chunk))
                db.execute(delete(steps).where(*mine, steps.c.sealed.is_(None)))
                since = {} if at is None else {"started_at": at}
                db.execute(update(steps).where(*mine).values(doing="", **since))

    def forget_rested(self, connection: str, until: datetime) -> None:
        """Drops the PINs that have rested since then, or longer, of bookings that nobody tries again."""
        failing = self.failures(connection).keys()
        at_rest = select(steps.c.booking_id).where(
            steps.c.connection == connection, steps.c.doing == "", steps.c.started_at < until
        )
        done = set(self._store.values(at_rest)) - failing
        self.end_steps(connection, done)

    def begin_step(
        self, run_id: str, connection: str, property_id: str, booking_id: str, doing: str, now: datetime
    ) -> None:
        """Notes what is about to be done to a booking, before it is begun: whoever finds the note heals it."""
        values = {"run_id": run_id, "property_id": property_id, "doing": doing[:200], "started_at": now}
        # What is sealed there already stays.
        statement = put(self._store.dialect, steps, *values)
        self._store.write(statement, {"connection": connection, "booking_id": booking_id, **values})

    def end_steps(self, connection: str, booking_ids: Collection[str]) -> None:
        """Takes the notes away of bookings that were looked at and need nothing more."""
        if not booking_ids:
            return
        with self._store.writing() as db:
            for chunk in chunks(list(booking_ids)):
                db.execute(delete(steps).where(steps.c.connection == connection, steps.c.booking_id.in_(chunk)))


# Asked by every run, however little it has to do: put together once.
_CURSOR = select(cursors.c.read_until).where(
    cursors.c.connection == bindparam("of"), cursors.c.property_id == bindparam("place")
)
_LOSES_ROWS = select(cursors.c.loses_rows).where(
    cursors.c.connection == bindparam("of"), cursors.c.property_id == bindparam("place")
)
_CUT_OFF = select(steps.c.property_id, steps.c.booking_id).where(
    steps.c.connection == bindparam("of"), steps.c.doing != ""
)
_CUT_OFF_SOMEWHERE = select(steps.c.connection).where(steps.c.doing != "").distinct()
_NOTED = select(steps.c.booking_id).where(steps.c.connection == bindparam("of"))
_SEALED = select(steps.c.booking_id, steps.c.sealed).where(
    steps.c.connection == bindparam("of"), steps.c.sealed.is_not(None)
)
