"""Tells the PMS that a guest has arrived: once her own PIN has opened a door, or when her access begins.

Never before her day of arrival, never without a room, never twice, and never because somebody else went in: what opened
the door has to be a PIN of her own grant, by Seam's own word. The PMS is read before it is told: whoever is checked in
there already is not checked in again, whatever this database knows.
"""

from collections.abc import Callable, Collection
from datetime import UTC, date, datetime, timedelta

from connectors.errors import PmsError, PmsUnreachable
from connectors.ports import NotOffered
from connectors.records import Booking, BookingStatus, Property
from mappers.outcomes import Kind
from mappers.sentences import sentence_of
from mappers.stay_window import zone
from reconciler.prepare import RunConnection
from seam_workspace.errors import SeamError
from seam_workspace.workspace import Workspace
from store.check_ins import CheckIn, CheckInBook
from store.engine import Database
from store.entries import Entries, EntryKind
from store.links import Links
from store.people import People
from store.stays import Stay, Stays
from store.turns import Turn

AGAIN_AFTER, REFUSED_AGAIN_AFTER = timedelta(minutes=5), timedelta(minutes=15)
"""Where nobody could be asked, and where the PMS did not want it yet."""
WHO = "Night Porter"


class CheckInWriter:
    """Tells the PMS of one connection."""

    def __init__(
        self,
        connection: RunConnection,
        workspace: Workspace,
        store: Database,
        clock: Callable[[], datetime],
        stop: Callable[[], bool] = lambda: False,
    ):
        """`stop`: asked before each booking."""
        self._connection = connection
        self._workspace = workspace
        self._store = store
        self._clock = clock
        self._stop = stop
        self._troubles: list[str] = []

    def tell(self, turn: Turn) -> list[str]:
        """Tells what is to be told by now, in the connection's turn; returns why something could not be asked. What the
        PMS does not take is noted with the booking and tried again. Raises `StoreFailed`."""
        self._troubles = []
        how = self._connection.policy.write_status
        if how == "off":
            return []
        now = self._clock()
        name = self._connection.name
        here = {
            one.booking_id: one
            for one in Stays(self._store).staying(now, name)
            if one.access == "granted" and one.status == BookingStatus.CONFIRMED
        }
        book = CheckInBook(self._store.fenced(turn), name)
        known = book.of(here)
        due = {booking_id: stay for booking_id, stay in here.items() if _is_due(known.get(booking_id), now)}
        if how == "first_entry":
            due = {booking_id: stay for booking_id, stay in due.items() if self._has_entered(stay)}
        if due:
            self._tell(turn, book, due, now)
        return self._troubles

    def _has_entered(self, stay: Stay) -> bool:
        """Whether a PIN of her own has opened a door since her access began. Seam is asked whose a PIN is, unless the
        event has said so."""
        entries = [
            one
            for one in Entries(self._store).of_booking(stay.connection, stay.booking_id)
            if one.kind == EntryKind.OPENED and stay.starts_at is not None and one.at >= stay.starts_at
        ]
        if any(one.named for one in entries):
            return True
        codes = {one.code_id for one in entries if one.code_id is not None}
        if not codes:
            return False
        links = Links(self._store).of_bookings(stay.connection, [stay.booking_id])
        try:
            for link in links:
                if link.kind == Kind.ACCESS_GRANT and not codes.isdisjoint(self._workspace.code_ids_of(link.seam_id)):
                    return True
        except SeamError as problem:
            self._troubles.append(f"nobody could say whose PIN opened for booking {stay.booking_id}: {problem}")
        return False

    def _tell(self, turn: Turn, book: CheckInBook, due: dict[str, Stay], now: datetime) -> None:
        by_property: dict[str, list[str]] = {}
        for stay in due.values():
            by_property.setdefault(stay.property_id, []).append(stay.booking_id)
        reader = self._connection.connector.reader()
        try:
            properties = {one.id: one for one in self._connection.read_properties(reader)}
            for property_id, booking_ids in by_property.items():
                if (of := properties.get(property_id)) is None:
                    continue
                read = {one.id: one for one in reader.bookings_by_id(of, sorted(booking_ids)).bookings}
                self._of_property(turn, book, of, [read[one] for one in booking_ids if one in read], now)
        except PmsError as problem:
            self._troubles.append(f"the PMS could not be read before check-ins: {problem}")
        finally:
            reader.close()

    def _of_property(
        self, turn: Turn, book: CheckInBook, of: Property, bookings: Collection[Booking], now: datetime
    ) -> None:
        for booking in bookings:
            if self._stop():
                break
            mine = (self._connection.name, booking.id)
            if booking.status is BookingStatus.IN_HOUSE:
                book.note(CheckIn(*mine, now, None, None, now))
                continue
            if not may_be_told(booking, of, now):
                continue
            turn.check()
            try:
                self._connection.connector.check_ins.check_in(of, booking.id)
            except NotOffered as problem:
                book.note(CheckIn(*mine, None, sentence_of(problem), None, now))
            except PmsError as problem:
                pause = AGAIN_AFTER if isinstance(problem, PmsUnreachable) else REFUSED_AGAIN_AFTER
                book.note(CheckIn(*mine, None, sentence_of(problem), now + pause, now))
            else:
                book.note(CheckIn(*mine, now, None, None, now))
                People(self._store).note(WHO, "checked in at the PMS", now, connection=mine[0], target=booking.id)


def may_be_told(booking: Booking, of: Property, now: datetime) -> bool:
    """Whether a booking, as the PMS has just said it is, may be checked in now: confirmed, in a room, on or after its
    day of arrival there, and before its end."""
    if booking.status is not BookingStatus.CONFIRMED or (booking.room_id is None and not booking.spans):
        return False
    there = zone(of.time_zone) or UTC
    today = now.astimezone(there).date()
    if _day(booking.arrival, of) > today:
        return False
    return booking.departure is None or _day(booking.departure, of) >= today


def _day(moment: datetime | date, of: Property) -> date:
    if isinstance(moment, datetime):
        return moment.astimezone(zone(of.time_zone) or UTC).date()
    return moment


def _is_due(known: CheckIn | None, now: datetime) -> bool:
    if known is None:
        return True
    return known.told_at is None and known.retry_at is not None and known.retry_at <= now
