"""Files that a PMS exports, or somebody drops by SFTP: rooms, bookings and guests as CSV or JSON.

The contract is ours: `rooms`, `bookings` and (where the bookings do not name them) `guests`; each is a table with a
header, and a snapshot of all that there is. One row a room, one a guest; a stay may be one row, or one a person, a
night, an extension: which rows are one stay, `connectors.stays` says. A row that is missing was perhaps lost on the
way; it is believed to be gone when it is missing in a second new file as well, and for some time.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.connector import Setting
from connectors.errors import PmsRefused
from connectors.formats.tables import Row, Tables
from connectors.last_read import Last
from connectors.ports import BookingsRead, NoWebhooks, Window
from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Property, Room, Span, Term
from connectors.session import Access
from connectors.snapshots.connector import OF_THE_PROPERTY, SnapshotConnector
from connectors.snapshots.files.bookings import FileBookings
from connectors.snapshots.files.dates import in_iso, in_plain_dates, way_of
from connectors.snapshots.files.rows import FileRows
from connectors.snapshots.files.snapshot import COLUMNS, PERSON, REQUIRED, Snapshot, zone_of
from connectors.snapshots.seen import EMPTY_FOR, GONE_FOR, AbsenceRule, Reading, SeenBooking, digest
from connectors.snapshots.waiting import LONGEST_STAY, Snapshots
from connectors.stays.ids import could_be_booking, short_id
from connectors.wording import counted
from mappers.sentences import say

FILES = 2
"""A booking that is missing in so many new files in a row may be gone."""

_FILE = say("the file of bookings")


class FilesConnector(SnapshotConnector[Snapshot]):
    """A folder with the files of one PMS."""

    SETTINGS = (
        Setting("folder", "path"),
        Setting("format", required=False, default="csv", choices=("csv", "json")),
        Setting("columns", "texts_by_name", required=False),
        Setting("names", "texts", required=False),
        Setting("statuses", "texts", required=False, choices=tuple(BookingStatus)),
        Setting("not_a_stay", "words", required=False, default=()),
        Setting("is_a_stay", "words", required=False, default=()),
        Setting("holds", required=False, default="bookings", choices=("bookings", "leases")),
        *OF_THE_PROPERTY,
        Setting("date_format", required=False),
        Setting("encoding", required=False),
        Setting("longest_stay", "duration", required=False, default=LONGEST_STAY),
        Setting("count_line", "flag", required=False, default=False),
        Setting("quiet_period", "duration", required=False, default=timedelta(seconds=60)),
        Setting("gone_for", "duration", required=False, default=GONE_FOR),
        Setting("empty_for", "duration", required=False, default=EMPTY_FOR),
        Setting("memory", "path", required=False),
    )
    webhooks = NoWebhooks("Files send no webhooks", "the schedule `incremental` says how often the folder is looked at")

    def __init__(self, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None):
        """`name` is the connection's, for errors."""
        super().__init__(name, settings, access, webhook_token)
        self._settings = settings
        self._folder = Path(settings["folder"])
        self._tables = Tables(
            self._folder,
            name,
            access.clock,
            COLUMNS,
            REQUIRED,
            kind=settings["format"],
            headers=settings["columns"] or {},
            files=settings["names"] or {},
            counted=settings["count_line"],
            quiet=settings["quiet_period"],
            encoding=settings["encoding"],
            country=(settings["country"] or "").upper() or None,
        )
        self._clock = access.clock
        memory = settings["memory"] or self._folder.with_name(f"{self._folder.name}.{name}.json")
        rule = AbsenceRule(settings["gone_for"], FILES, settings["empty_for"])
        remembered = access.state.memory(Path(memory))
        self._snapshots = Snapshots(remembered, name, rule, settings["check_out"], access.clock, seal=access.seal)
        self._memory = self._snapshots.memory
        self._rows = FileRows(name, settings, self._tables)
        self._bookings = FileBookings(self._rows, self._memory, access.clock, settings["holds"] == "leases")

    def check(self) -> str:
        snapshot = self._read()
        rooms = sum(map(len, snapshot.rooms.values()))
        bookings, broken = counted(len(snapshot.bookings), "booking"), counted(len(snapshot.broken), "line")
        found = f"{counted(rooms, 'room')}, {bookings}, {broken} that cannot be read"
        remarks = " ".join((*self._tables.remarks.values(), *self._unread_columns()))
        return f"{found}. {remarks}" if remarks else found

    def _unread_columns(self) -> Iterator[str]:
        """Sentences on what a file has and nobody reads, and on what is then missed: a column of another name gives no
        error, and a booking that was cancelled would count as confirmed."""
        for what, unknown in self._tables.unknown.items():
            if unknown:
                more = f" and {len(unknown) - 8} more" if len(unknown) > 8 else ""
                unread = ", ".join(unknown[:8]) + more
                yield f"Of {what}, nobody reads the columns {unread}: what matters of it, name in `columns`."
        columns = self._tables.known.get("bookings")
        if columns is not None and "status" not in columns:
            yield "The bookings have no column status: all of them count as confirmed."
        if columns is not None and columns.isdisjoint(PERSON):
            yield "The bookings have no column of a guest: nobody gets access."

    def could_be_id(self, kind: str, text: str, /) -> bool:
        if kind == "room":
            return bool(text) and short_id(text) == text
        if kind == "guest" and ":" in text:
            # Somebody without an id of her own: her booking's, and what tells her from the others.
            text, _, rest = text.partition(":")
            return could_be_booking(text) and re.fullmatch(r"primary|[0-9a-f]{8}", rest) is not None
        return could_be_booking(text)

    # --- properties, rooms, guests ------------------------------------------------------------------------------------

    def read_properties(self) -> list[Property]:
        return list(self._read().properties.values())

    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        snapshot = self._read(of)
        return list(snapshot.rooms.get(of.id, {}).values()), self._broken(of, snapshot, "room")

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        snapshot = self._read(of)
        return set(ids) & (
            snapshot.rooms.get(of.id, {}).keys() | {one.id for one in self._broken(of, snapshot, "room")}
        )

    def changed_rooms(self, of: Property, window: Window, /) -> set[str]:
        self._look(self._read(of), zone_of(of))
        return self._memory.changed(f"rooms of {of.id}", window)

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        snapshot = self._read(of)
        wanted = set(ids)
        broken = [one for one in self._broken(of, snapshot, "guest") if one.id in wanted]
        return [guest for guest_id, guest in snapshot.guests.items() if guest_id in wanted], broken

    def _broken(self, of: Property, snapshot: Snapshot, kind: str) -> list[BrokenRecord]:
        return [one for property_id, one in snapshot.broken if property_id == of.id and one.kind == kind]

    # --- bookings -----------------------------------------------------------------------------------------------------

    def _handed_on(self, of: Property, snapshot: Snapshot, found: Sequence[Last], is_full: bool) -> BookingsRead:
        broken = [*self._broken(of, snapshot, "booking"), *self._broken(of, snapshot, "guest")]
        remarks = tuple(self._tables.remarks.values()) if is_full else ()
        return self._in_its_zone(of, found, broken, remarks)

    def _in_its_zone(
        self, of: Property, found: Sequence[Last], broken: list[BrokenRecord], remarks: tuple[str, ...] = ()
    ) -> BookingsRead:
        guests = {one: guest for last in found for one, guest in last.guests.items()}
        return BookingsRead([in_zone(last.booking, of, self._name) for last in found], broken, guests, remarks)

    def _is_of(self, known: SeenBooking, of: Property) -> bool:
        return known.stay.realm == of.id

    def _where(self, known: SeenBooking) -> str:
        return _FILE

    def _zone(self, of: Property) -> tzinfo:
        return zone_of(of)

    def _there(self, snapshot: Snapshot, booking_id: str, where: str = _FILE) -> Last | None:
        """A booking that is in the file, or is waited for."""
        booking = snapshot.bookings.get(booking_id)
        if booking is None:
            return self._snapshots.waited_for(booking_id, where)
        return Last(booking, {one: snapshot.guests[one] for one in booking.guest_ids if one in snapshot.guests})

    def bookings_by_id(self, of: Property, ids: Sequence[str], /) -> BookingsRead:
        snapshot = self._read(of)
        found: list[Last] = []
        broken: list[BrokenRecord] = []
        unread = {one.id: one for one in self._broken(of, snapshot, "booking")}
        for booking_id in dict.fromkeys(ids):
            known = self._memory.of(booking_id)
            if booking_id in unread:
                broken.append(unread[booking_id])
            elif (there := self._there(snapshot, booking_id)) is not None:
                if there.booking.property_id == of.id:
                    found.append(there)
            elif known is not None:
                if known.stay.realm == of.id:
                    found.append(self._placeholder(of, booking_id, known))
            elif not self._memory.has_settled([of.id], self._clock()):
                reason = say(
                    "No file has it; that there is none is said when {files} new files have been read for some time.",
                    files=FILES,
                )
                broken.append(BrokenRecord("booking", booking_id, reason))
        return self._in_its_zone(of, found, broken)

    def _note(self, snapshot: Snapshot, zone: tzinfo) -> None:
        now = self._clock()
        read = {one: last for one in snapshot.bookings if (last := self._there(snapshot, one)) is not None}
        seen = {
            one: SeenBooking(digest(last.booking, *last.guests.values()), snapshot.stays[one])
            for one, last in read.items()
        }
        good = {one: Reading(snapshot.mark, snapshot.entries) for one in snapshot.there}
        self._snapshots.look(good, snapshot.properties.keys(), seen, read, snapshot.untold, zone)
        for property_id, rooms in snapshot.rooms.items():
            self._memory.note(f"rooms of {property_id}", {one: digest(room) for one, room in rooms.items()}, now)
        self._memory.keep()

    # --- from rows to records -----------------------------------------------------------------------------------------

    def _read(self, of: Property | None = None) -> Snapshot:
        """The files; those of a property have to have it. Raises `PmsError`."""
        snapshot = self._snapshot = self._snapshot or self._read_files()
        if of is not None and of.id not in snapshot.properties:
            raise self._tables.unreadable(self._tables.file_name("rooms"), "does not have the property any more")
        return snapshot

    def _with_readable_dates(self, rows: list[Row]) -> list[Row]:
        """The rows of bookings. Where nobody has said how dates are written, and all of them can be read in one way
        only, they are, and that is told; so are those that say it themselves."""
        self._tables.remarks.pop("dates", None)
        if self._settings["date_format"] is not None:
            return rows
        way = way_of(rows)
        if way is None:
            rows = in_plain_dates(rows)
            way = way_of(rows)
        if way is None:
            return rows
        self._tables.remarks["dates"] = say("{file} {words}", file=self._tables.file_name("bookings"), words=way.words)
        return in_plain_dates(in_iso(rows, way))

    def _read_files(self) -> Snapshot:
        every = {one for several in COLUMNS.values() for one in several}
        columns: Mapping[str, Any] = self._settings["columns"] or {}
        checks = [
            ("columns", columns.keys(), every | COLUMNS.keys()),
            ("names", (self._settings["names"] or {}).keys(), set(COLUMNS)),
            *(
                (f"columns.{one}", columns[one].keys(), set(COLUMNS[one]))
                for one in COLUMNS
                if isinstance(columns.get(one), Mapping)
            ),
        ]
        for setting, given, useful in checks:
            unknown = sorted(given - useful)
            if unknown:
                raise PmsRefused.saying(
                    "{who}: the setting {setting} has no use for {names}; its names are {useful}",
                    who=self._name,
                    setting=setting,
                    names=", ".join(unknown),
                    useful=", ".join(sorted(useful)),
                )
        self._memory.recall()
        snapshot = Snapshot()
        rooms, _ = self._tables.read("rooms")
        rows, snapshot.mark = self._tables.read("bookings")
        # A file that names people by their ids only needs another that knows them.
        told = {name for row in rows for name in row.cells} & set(PERSON)
        guests, _ = self._tables.read("guests", required=told == {"guest_id"})
        rows = self._with_readable_dates(rows)
        self._rows.take_rooms(snapshot, rooms)
        self._rows.take_guests(snapshot, guests)
        self._bookings.take(snapshot, rows)
        return snapshot


def in_zone(booking: Booking, of: Property, who: str) -> Booking:
    """The booking, its local times of day as instants."""
    parts: list[Booking | Term | Span] = [booking, *booking.terms.values(), *booking.spans]
    if not any(isinstance(one, datetime) for part in parts for one in (part.arrival, part.departure)):
        return booking
    if not of.time_zone:
        raise PmsRefused.saying(
            "{who}: the files have times of day, and nobody says in which time zone: set time_zone", who=who
        )
    try:
        zone = ZoneInfo(of.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PmsRefused.saying(
            "{who}: the time zone of property {id} is no IANA time zone: correct it", who=who, id=of.id
        ) from None

    def placed(part: Any) -> Any:
        return replace(part, arrival=instant(part.arrival), departure=instant(part.departure))

    def instant(moment: datetime | date | None) -> datetime | date | None:
        if not isinstance(moment, datetime):
            return moment
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)

    found: Booking = placed(
        replace(
            booking,
            terms={one: placed(term) for one, term in booking.terms.items()},
            spans=tuple(placed(one) for one in booking.spans),
        )
    )
    return found
