"""Files that a PMS exports, or somebody drops by SFTP: rooms, bookings and guests as CSV or JSON.

The contract is ours: `rooms`, `bookings` and (where the bookings do not name them) `guests`; each is a table with a
header, and a snapshot of all that there is. One row a room, one a guest; a stay may be one row, or one a person, a
night, an extension: which rows are one stay, `connectors.stays` says. A row that is missing was perhaps lost on the
way; it is believed to be gone when it is missing in a second new file as well, and for some time.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.connector import Setting
from connectors.errors import PmsRefused
from connectors.last_read import Last
from connectors.not_a_stay import Standing, may_be_a_name, standing
from connectors.ports import BookingsRead, NoWebhooks, Window
from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Property, Room, Span, Term
from connectors.session import Access
from connectors.snapshots.connector import SnapshotConnector
from connectors.snapshots.history import EMPTY_FOR, GONE_FOR, AbsenceRule, Reading, SeenBooking, digest
from connectors.snapshots.waiting import LONGEST_STAY, Snapshots
from connectors.statuses import OF_STANDING, Statuses
from connectors.stays import (
    LONGEST_ID,
    Part,
    Piece,
    Stay,
    Who,
    are_same,
    could_be_booking,
    day_of,
    double_bookings,
    join,
    recognise,
    safe_id,
    short_id,
    who,
)
from connectors.tables import UNKNOWN, Row, Tables
from connectors.text_fields import fields_of
from connectors.wording import counted

FILES = 2
"""A booking that is missing in so many new files in a row may be gone."""
_PERSON = ("guest_id", "first_name", "last_name", "name", "email", "phone")
COLUMNS = {
    "rooms": (
        *("property_id", "property_name", "time_zone", "country", "room_id", "room_name", "kind", "active"),
        *("parent_id", "connected_ids", "check_in", "check_out"),
    ),
    "bookings": (
        *("property_id", "booking_id", "number", "room_id", "kind", "status", "arrival", "departure", "nights"),
        *("lease_end", "role", *_PERSON),
    ),
    "guests": _PERSON,
}
"""What the files may have, by the names that `columns` renames."""
REQUIRED = {
    "rooms": ("room_id",),
    "bookings": ("booking_id", "room_id", "arrival", ("departure", "nights")),
    "guests": ("guest_id",),
}
_KINDS = {kind.casefold(): kind for kind in ("Room", "Bed", "Dorm", "Apartment", "Suite", "Villa")}
_YES = ("", "1", "true", "t", "yes", "y", "x", "active", "in use")
_NO = ("0", "false", "f", "no", "n", "inactive", "out of use", "closed")
_LIVE = (BookingStatus.IN_HOUSE, BookingStatus.CONFIRMED)
_WITHOUT_ACCESS = (
    BookingStatus.TENTATIVE,
    BookingStatus.CANCELLED,
    BookingStatus.NO_SHOW,
    BookingStatus.CHECKED_OUT,
)
_LEADING = (*_LIVE, BookingStatus.UNKNOWN, BookingStatus.TENTATIVE, BookingStatus.CHECKED_OUT)
"""Where the rows of a booking differ, the first of these is the booking's."""
_MAIN = ("primary", "main", "main guest", "primary guest")
_STAYS = (*_MAIN, "", "guest", "companion", "tenant", "resident", "occupant", "co tenant", "roommate", "adult", "child")
_STAYS_AWAY = ("guarantor", "cosigner", "co signer", "applicant", "owner", "payer", "agent", "company", "staff")
_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_MIDNIGHT = re.compile(r"[ T]+0?0:00(:00([.,]0+)?)?$")
"""What programs write behind a day; it is no hour."""
_SHORTENED = re.compile(r"\d+([.,]\d+)?E\+\d+", re.IGNORECASE)
"""What a spreadsheet makes of a long number: the rest of it is lost."""


_SEVERAL = re.compile(r"[&/;]|\s(?:and|und|et)\s", re.IGNORECASE)
"""What stands between people who share a cell."""
_BLANKS = re.compile(r"[^\S\n]+")
_ROOMS = re.compile(r" ?[,;&+\n][ \n]*| (?:and|und|et|y|e|en|i|a) ", re.IGNORECASE)
"""What parts the rooms of a cell that names several, with single blanks between its words."""
_FILE = "the file of bookings"


class Unreadable(Exception):
    """A row of which no record can be made; the message says why, without the value, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of bookings, understood."""

    place: str
    booking_id: str
    number: str
    status: BookingStatus
    word: str
    room_id: str | None
    kind: str | None
    arrival: datetime | date
    departure: datetime | date | None
    lease_end: date | None
    role: str
    guest: Guest | None
    """Without an id where the row has none."""
    person: Who
    doubt: str = ""
    """What somebody has to decide before it gives access, as a sentence without its stop."""


@dataclass(slots=True)
class Snapshot:
    """The files, as they were read for one run."""

    mark: str = ""
    properties: dict[str, Property] = field(default_factory=dict)
    rooms: dict[str, dict[str, Room]] = field(default_factory=dict)
    """By property and id."""
    room_words: dict[str, dict[str, str]] = field(default_factory=dict)
    """By property: the ids of the rooms by what else a booking may call them."""
    bookings: dict[str, Booking] = field(default_factory=dict)
    stays: dict[str, Stay] = field(default_factory=dict)
    guests: dict[str, Guest] = field(default_factory=dict)
    entries: int = 0
    """Rows of bookings, readable or not."""
    untold: set[str] = field(default_factory=set)
    """Bookings that are there, or may be, and are not known to be as they were."""
    broken: list[tuple[str, BrokenRecord]] = field(default_factory=list)
    """With the property that they are reported under."""
    there: set[str] = field(default_factory=set)
    """Properties of which every row has an id, so that what is missing is missing."""


class FilesConnector(SnapshotConnector[Snapshot]):
    """A folder with the files of one PMS."""

    SETTINGS = (
        Setting("folder"),
        Setting("format", required=False, default="csv", choices=("csv", "json")),
        Setting("columns", "texts_by_name", required=False),
        Setting("names", "texts", required=False),
        Setting("statuses", "texts", required=False, choices=tuple(BookingStatus)),
        Setting("not_a_stay", "words", required=False, default=()),
        Setting("is_a_stay", "words", required=False, default=()),
        Setting("holds", required=False, default="bookings", choices=("bookings", "leases")),
        Setting("property_id", required=False),
        Setting("property_name", required=False),
        Setting("time_zone", "time_zone", required=False),
        Setting("country", required=False),
        Setting("check_in", "clock", required=False),
        Setting("check_out", "clock", required=False),
        Setting("date_format", required=False),
        Setting("encoding", required=False),
        Setting("longest_stay", "duration", required=False, default=LONGEST_STAY),
        Setting("count_line", "flag", required=False, default=False),
        Setting("quiet_period", "duration", required=False, default=timedelta(seconds=60)),
        Setting("gone_for", "duration", required=False, default=GONE_FOR),
        Setting("empty_for", "duration", required=False, default=EMPTY_FOR),
        Setting("memory", required=False),
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
        self._statuses = Statuses(settings["statuses"] or {})
        self._not_a_stay = tuple(settings["not_a_stay"] or ())
        self._is_a_stay = tuple(settings["is_a_stay"] or ())
        self._holds_leases = settings["holds"] == "leases"
        self._clock = access.clock
        memory = settings["memory"] or self._folder.with_name(f"{self._folder.name}.{name}.json")
        rule = AbsenceRule(settings["gone_for"], FILES, settings["empty_for"])
        remembered = access.state.memory(Path(memory))
        self._snapshots = Snapshots(remembered, name, rule, settings["check_out"], access.clock, seal=access.seal)
        self._memory = self._snapshots.memory

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
                yield f"Of {what}, nobody reads the columns {', '.join(unknown[:8])}{more}: name them in `columns`."
        columns = self._tables.known.get("bookings")
        if columns is not None and "status" not in columns:
            yield "The bookings have no column status: all of them count as confirmed."
        if columns is not None and columns.isdisjoint(_PERSON):
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
        self._look(self._read(of), _zone(of))
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
        return BookingsRead([_in_zone(last.booking, of, self._name) for last in found], broken, guests, remarks)

    def _is_of(self, known: SeenBooking, of: Property) -> bool:
        return known.stay.realm == of.id

    def _where(self, known: SeenBooking) -> str:
        return _FILE

    def _zone(self, of: Property) -> tzinfo:
        return _zone(of)

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
                reason = f"No file has it, and there were not {FILES} of them for long enough since the memory began."
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
                raise PmsRefused(f"{self._name}: the setting {setting} has no use for {', '.join(unknown)}")
        self._memory.recall()
        snapshot = Snapshot()
        rooms, _ = self._tables.read("rooms")
        rows, snapshot.mark = self._tables.read("bookings")
        # A file that names people by their ids only needs another that knows them.
        told = {name for row in rows for name in row.cells} & set(_PERSON)
        guests, _ = self._tables.read("guests", required=told == {"guest_id"})
        self._take_rooms(snapshot, rooms)
        self._take_guests(snapshot, guests)
        self._take_bookings(snapshot, rows)
        return snapshot

    def _take_rooms(self, snapshot: Snapshot, rows: Sequence[Row]) -> None:
        settings = self._settings
        usual = settings["property_id"] or self._name
        for row in rows:
            if row.trouble:
                # Any cell may be another column's: it makes no property of its own.
                broken = BrokenRecord("room", "?", f"{row.place} {row.trouble}.")
                snapshot.broken.append((next(iter(snapshot.properties), usual), broken))
                continue
            property_id = row["property_id"] or usual
            if short_id(property_id) != property_id:
                reason = f"{row.place} has a property_id that is longer than {LONGEST_ID} characters, or no text."
                snapshot.broken.append((next(iter(snapshot.properties), usual), BrokenRecord("room", "?", reason)))
                continue
            known = snapshot.properties.get(property_id) or Property(
                property_id,
                settings["property_name"] or property_id,
                settings["time_zone"] or "",
                (settings["country"] or "").upper() or None,
            )
            snapshot.properties[property_id] = replace(
                known,
                name=row["property_name"] or known.name,
                time_zone=row["time_zone"] or known.time_zone,
                country=row["country"].upper() or known.country,
            )
            rooms = snapshot.rooms.setdefault(property_id, {})
            room_id = "?"
            try:
                room_id = _id_in(row, "room_id")
                if room_id in rooms:
                    raise Unreadable("has a room_id that stands in an earlier line as well")
                rooms[room_id] = Room(
                    id=room_id,
                    property_id=property_id,
                    name=row["room_name"] or room_id,
                    kind=_kind_in(row),
                    parent_id=row["parent_id"] or None,
                    is_active=_flag_in(row, "active"),
                    check_in=_clock_in(row, "check_in") or settings["check_in"],
                    check_out=_clock_in(row, "check_out") or settings["check_out"],
                    connected_ids=tuple(filter(None, re.split(r"[;|\s]+", row["connected_ids"]))),
                )
            except Unreadable as problem:
                snapshot.broken.append((property_id, BrokenRecord("room", room_id, f"{row.place} {problem}.")))
        self._keep_rooms_apart(snapshot)
        for property_id, rooms in snapshot.rooms.items():
            by_name = [(_normal(room.name), one) for one, room in rooms.items()]
            by_id = [(_normal(one), one) for one in rooms]
            snapshot.room_words[property_id] = _unambiguous(by_name) | _unambiguous(by_id)
        if len(snapshot.properties) > 1:
            snapshot.properties = {one: replace(of, shares_connection=True) for one, of in snapshot.properties.items()}

    def _keep_rooms_apart(self, snapshot: Snapshot) -> None:
        """A room's id is its key: of one that two properties have, the first by its id keeps it."""
        taken: dict[str, str] = {}
        for property_id in sorted(snapshot.rooms):
            for room_id in list(snapshot.rooms[property_id]):
                owner = taken.setdefault(room_id, property_id)
                if owner != property_id:
                    del snapshot.rooms[property_id][room_id]
                    reason = (
                        f"Property {owner} has a room with this room_id as well, and both would be one Space that the "
                        "guests of both open: give every room an id of its own."
                    )
                    snapshot.broken.append((property_id, BrokenRecord("room", room_id, reason)))

    def _take_guests(self, snapshot: Snapshot, rows: Sequence[Row]) -> None:
        for row in rows:
            guest_id = "?"
            try:
                if row.trouble:
                    raise Unreadable(row.trouble)
                guest_id = short_id(safe_id(_id_in(row, "guest_id")))
                snapshot.guests[guest_id] = _guest_in(row, guest_id)
            except Unreadable as problem:
                broken = BrokenRecord("guest", guest_id, f"{row.place} {problem}.")
                snapshot.broken.append((next(iter(snapshot.properties), ""), broken))

    def _take_bookings(self, snapshot: Snapshot, rows: Sequence[Row]) -> None:
        snapshot.entries = len(rows)
        by_number: dict[str, list[Row]] = {}
        uncertain = False
        for row in self._unmerged(rows):
            try:
                number = _id_in(row, "booking_id")
            except Unreadable as problem:
                uncertain = True
                broken = BrokenRecord("booking", "?", f"{row.place} {row.trouble or problem}.")
                snapshot.broken.append((next(iter(snapshot.properties), ""), broken))
                continue
            # In a row of another length any cell may be another column's, the id too: then nothing is missing.
            uncertain = uncertain or bool(row.trouble)
            by_number.setdefault(number, []).append(row)
        pieces: list[Piece] = []
        lines: list[Line] = []
        for number, several in by_number.items():
            property_id = next(iter(snapshot.properties), "")
            row = several[0]
            try:
                told = []
                for row in several:
                    property_id = self._property_of(snapshot, row, several)
                    snapshot.there.add(property_id)
                    for one in self._by_room(snapshot, row, property_id):
                        told.append((self._line(snapshot, one, number, property_id), property_id))
            except Unreadable as problem:
                self._leave_out(snapshot, number, property_id, f"{row.place} {problem}.", several)
                continue
            for line, property_id in told:
                lines.append(line)
                pieces.append(self._piece(snapshot, line, property_id))
        self._make_bookings(snapshot, pieces, lines, frozenset() if uncertain else frozenset(snapshot.there))
        if not rows:
            snapshot.there = set(snapshot.properties)
        if uncertain:
            snapshot.there = set()

    def _unmerged(self, rows: Sequence[Row]) -> Iterator[Row]:
        """The rows with what a spreadsheet leaves out where cells were merged: a row without a number and without a
        guest, which goes on in the room and on the day on which the row above it ends, is of that stay."""
        above: Row | None = None
        for row in rows:
            if above is not None and not row.trouble and not row["booking_id"] and self._goes_on(above, row):
                told = ("booking_id", "room_id", "status", *_PERSON)
                row = replace(row, cells=dict(row.cells) | {name: above[name] for name in told if name in row.cells})
            above = row if row["booking_id"] and not row.trouble else None
            yield row

    def _goes_on(self, above: Row, row: Row) -> bool:
        if any(row[one] for one in _PERSON) or not all(row[one] in ("", above[one]) for one in ("room_id", "status")):
            return False
        try:
            begins, ended = self._moment_in(row, "arrival"), self._moment_in(above, "departure")
            if ended is None and above["nights"] and (began := self._moment_in(above, "arrival")) is not None:
                ended = _after_nights(began, above["nights"])
        except Unreadable:
            return False
        return begins is not None and ended is not None and _day_in(begins) == _day_in(ended)

    def _by_room(self, snapshot: Snapshot, row: Row, property_id: str) -> list[Row]:
        """The row; one for each room where its cell names several that the house has."""
        if not row["room_id"] or self._room_in(snapshot, row, property_id)[1]:
            return [row]
        parts = [part for part in _ROOMS.split(_BLANKS.sub(" ", row["room_id"])) if part]
        several = [replace(row, cells=dict(row.cells) | {"room_id": part}) for part in parts]
        rooms = {self._room_in(snapshot, one, property_id) for one in several}
        return several if len(rooms) == len(parts) > 1 and all(is_known for _, is_known in rooms) else [row]

    def _leave_out(self, snapshot: Snapshot, number: str, property_id: str, reason: str, rows: Sequence[Row]) -> None:
        """Of a number of which one row cannot be read, nothing is known: none of its stays is missing."""
        known = [
            booking_id
            for booking_id, one in self._memory.all().items()
            if number in one.stay.numbers and one.stay.realm == property_id and not one.is_gone
        ]
        status = None
        if len(rows) == 1 and "status" in rows[0].cells and not rows[0].trouble:
            status = self._statuses.status_of(rows[0]["status"])
        for booking_id in known or [short_id(safe_id(number))]:
            snapshot.untold.add(booking_id)
            snapshot.broken.append((property_id, BrokenRecord("booking", booking_id, reason, status)))

    def _property_of(self, snapshot: Snapshot, row: Row, beside: Sequence[Row]) -> str:
        """By the row itself, else by its room, else by the other rows of its number."""
        told = self._properties_told(snapshot, row)
        if not told:
            told = {one for other in beside for one in self._properties_told(snapshot, other)}
        if not told:
            told = {self._settings["property_id"] or self._name}
            if len(snapshot.properties) == 1:
                told = set(snapshot.properties)
        if len(told) > 1 or not told <= snapshot.properties.keys():
            raise Unreadable("does not say which of the properties in the file of rooms it belongs to")
        return told.pop()

    def _properties_told(self, snapshot: Snapshot, row: Row) -> set[str]:
        if row["property_id"]:
            return {row["property_id"]}
        if len(snapshot.properties) < 2:
            return set()
        return {property_id for property_id in snapshot.rooms if self._room_in(snapshot, row, property_id)[1]}

    def _room_in(self, snapshot: Snapshot, row: Row, property_id: str) -> tuple[str | None, bool]:
        """The id of the row's room, and whether the file of rooms has it: as it is, or without what spreadsheets do to
        numbers (leading zeros, a trailing .0), or by its name."""
        text = row["room_id"]
        if not text:
            return None, False
        if text in snapshot.rooms.get(property_id, {}):
            return text, True
        known = snapshot.room_words.get(property_id, {}).get(_normal(text))
        if known is not None:
            return known, True
        return text, False

    def _line(self, snapshot: Snapshot, row: Row, booking_id: str, property_id: str) -> Line:
        if row.trouble:
            raise Unreadable(row.trouble)
        word = row["status"] or ("no status" if "status" in row.cells else "listed")
        status = self._statuses.status_of(row["status"]) if "status" in row.cells else BookingStatus.CONFIRMED
        doubt = ""
        if status in _LIVE:
            status, word, doubt = self._by_name(row, status, word)
        arrival = self._moment_in(row, "arrival")
        if arrival is None:
            raise Unreadable("has no arrival")
        departure = self._moment_in(row, "departure")
        if _is_midnight(arrival) and (departure is None or _is_midnight(departure)):
            # Whole days that a program wrote as instants, whatever the zone it gave them.
            arrival, departure = _day_in(arrival), None if departure is None else _day_in(departure)
        if row["nights"] and (departure is None or (self._is_too_long(arrival, departure) and not self._holds_leases)):
            departure = _after_nights(arrival, row["nights"])
        if not self._holds_leases and status not in _WITHOUT_ACCESS:
            self._bound(row, arrival, departure)
        lease_end = self._moment_in(row, "lease_end")
        if departure is not None and self._holds_leases and not isinstance(departure, datetime):
            departure += timedelta(days=1)
        guest = None
        person = Who()
        if any(row[name] for name in _PERSON):
            guest_id = short_id(safe_id(_id_in(row, "guest_id"))) if row["guest_id"] else ""
            guest = _guest_in(row, guest_id)
            person = who(f"{guest.first_name} {guest.last_name}", guest.email, guest.phone, guest_id)
        return Line(
            place=row.place,
            booking_id=booking_id,
            number=row["number"],
            status=status,
            word=word,
            room_id=self._room_in(snapshot, row, property_id)[0],
            kind=_kind_in(row) if row["kind"] else None,
            arrival=arrival,
            departure=departure,
            lease_end=lease_end.date() if isinstance(lease_end, datetime) else lease_end,
            role=_worded(row["role"]),
            guest=guest,
            person=person,
            doubt=doubt,
        )

    def _by_name(self, row: Row, status: BookingStatus, word: str) -> tuple[BookingStatus, str, str]:
        """The status of a row whose name says that it is nobody's stay, or not any more, by which word, and what a
        person has to decide: what somebody may be called, and what is against the status of who is in the house.
        Otherwise as it is."""
        name = row["name"] or f"{row['first_name']} {row['last_name']}".strip()
        if not name:
            return status, word, ""
        said = standing(name, extra_not=self._not_a_stay, extra_is=self._is_a_stay)
        unclear = said.standing is Standing.UNCLEAR
        of_a_name = unclear or (said.standing is Standing.BLOCKED and may_be_a_name(said.word, self._not_a_stay))
        has_contact = bool(row["email"] or row["phone"])
        if said.standing is Standing.STAY or (of_a_name and has_contact):
            return status, word, ""
        called = said.word or said.standing
        if of_a_name or (has_contact and said.standing is Standing.BLOCKED):
            doubt = f'{row.place} has the name "{called}", which may be no guest\'s: say what it is (is_a_stay or '
            return BookingStatus.UNKNOWN, called, f"{doubt}not_a_stay in the settings)"
        if status is BookingStatus.IN_HOUSE:
            doubt = f'{row.place} says that the guest is here, and "{called}" beside the name: correct one of them'
            return BookingStatus.UNKNOWN, called, doubt
        return OF_STANDING[said.standing], called, ""

    def _is_too_long(self, arrival: datetime | date, departure: datetime | date) -> bool:
        longest: timedelta = self._settings["longest_stay"]
        return not timedelta() <= _day_in(departure) - _day_in(arrival) <= longest

    def _bound(self, row: Row, arrival: datetime | date, departure: datetime | date | None) -> None:
        """A booking ends: what has no end, or one that no stay has, is a slip, and would open a door for years. Raises
        `Unreadable`."""
        if departure is not None and not self._is_too_long(arrival, departure):
            return
        column = self._tables.header("bookings", "departure")
        value = row["departure"]
        # What is no date may be anything, for it may be another column's.
        told = f'"{value}"' if re.fullmatch(r"[\d\W]{1,30}", value) else "a word" if value else "nothing"
        where = f"has {told} in column {column}"
        if departure is None:
            raise Unreadable(f"{where}, and a booking has to end: correct the departure, or set holds: leases")
        days = (_day_in(departure) - _day_in(arrival)).days
        if days < 0:
            raise Unreadable(f"{where}, which is before the arrival: correct the dates")
        longest = counted(self._settings["longest_stay"].days, "day")
        raise Unreadable(
            f"{where}, {counted(days, 'day')} after the arrival: correct it, or set longest_stay, which is {longest}"
        )

    def _piece(self, snapshot: Snapshot, line: Line, property_id: str) -> Piece:
        zone = _zone(snapshot.properties[property_id])
        part = Part(
            line.room_id,
            line.arrival,
            line.departure,
            day_of(line.arrival, zone),
            date.max if line.departure is None else day_of(line.departure, zone),
        )
        lives = line.status in _LIVE
        return Piece(property_id, property_id, line.booking_id, "", part, line.person, lives)

    def _make_bookings(
        self, snapshot: Snapshot, pieces: Sequence[Piece], lines: Sequence[Line], whole: frozenset[str]
    ) -> None:
        stays = join(pieces)
        today = self._clock().astimezone(_zone(next(iter(snapshot.properties.values()), None))).date()
        recognised = recognise(
            stays, self._memory.known(), today, snapshot.properties.keys(), whole, frozenset(snapshot.untold)
        )
        for stay, booking_id in zip(stays, recognised.ids, strict=True):
            told = [lines[place] for place in stay.pieces]
            if not booking_id:
                self._leave_out(
                    snapshot, stay.number, stay.realm, f"{told[0].place} may belong to either of two stays.", ()
                )
                continue
            if booking_id in snapshot.untold:
                # A row of it cannot be read, under another number: what it would say is not known.
                continue
            booking = self._booking(snapshot, booking_id, stay, told)
            before = self._memory.of(booking_id)
            if before is not None and booking.status in _LIVE and _has_lost_its_beginning(stay, before, today):
                # Rows of nights that are over are left out: the guest in the house has come when she came.
                part = replace(stay.parts[0], arrival=before.arrival, first=before.stay.first)
                stay, booking = replace(stay, parts=(part,)), replace(booking, arrival=before.arrival)
            snapshot.stays[booking_id] = stay
            snapshot.bookings[booking_id] = booking
        if self._holds_leases:
            return
        for booking_id, others in double_bookings(
            {one: stay for one, stay in snapshot.stays.items() if not self._is_shared(snapshot, stay)}
        ).items():
            booking = snapshot.bookings[booking_id]
            numbers = " and ".join(snapshot.bookings[one].number for one in others)
            told_too = f"a double booking: {numbers} has the same room at the same time, and both have access"
            snapshot.bookings[booking_id] = replace(booking, review="; ".join(filter(None, (booking.review, told_too))))

    def _is_shared(self, snapshot: Snapshot, stay: Stay) -> bool:
        """Whether several bookings may have the room at one time: a dorm, or no room at all."""
        rooms = snapshot.rooms.get(stay.realm, {})
        parents = {one.parent_id for one in rooms.values()}
        kinds = {rooms[one].kind for one in stay.rooms if one in rooms}
        return bool(stay.rooms & parents) or not kinds <= {"Room", "Apartment", "Suite", "Villa", "Bed"}

    def _booking(self, snapshot: Snapshot, booking_id: str, stay: Stay, lines: Sequence[Line]) -> Booking:
        lead = min(lines, key=lambda one: _LEADING.index(one.status) if one.status in _LEADING else len(_LEADING))
        lives = lead.status in _LIVE
        counting = [one for one in lines if one.status in _LIVE] if lives else list(lines)
        people = [one for one in counting if one.guest is not None and one.role not in _STAYS_AWAY]
        people.sort(key=lambda one: one.role not in _MAIN)
        unclear = [one for one in lines if one.guest is not None and one.status is BookingStatus.UNKNOWN and lives]
        unclear += [one for one in people if one.role not in _STAYS]
        people = [one for one in people if one.role in _STAYS]
        ids = _ids_of(booking_id, [*people, *unclear])
        for one in (*people, *unclear):
            # The file of guests has the last word; a row that only names an id is no profile.
            guest_id = ids[one.person]
            if one.guest is not None and guest_id not in snapshot.guests and _tells(one.guest):
                snapshot.guests[guest_id] = replace(one.guest, id=guest_id, has_id=bool(one.guest.id))
        guest_ids = tuple(dict.fromkeys(ids[one.person] for one in people))
        spans = _spans(stay) if lives else ()
        arrival, departure = _whole(counting)
        if lead.status is BookingStatus.IN_HOUSE:
            # The row of the first part may say that it is over, where the guest has stayed on.
            begun = [one for one in lines if one.status is BookingStatus.CHECKED_OUT and one.room_id == lead.room_id]
            people_now = {one.person for one in people}
            arrival = min((arrival, *(one.arrival for one in begun if one.person in people_now)), key=_order)
        terms: dict[str, Term] = {}
        if not spans:
            for guest_id in guest_ids:
                own = _whole([one for one in people if ids[one.person] == guest_id])
                whole = _whole(counting)
                if own != whole:
                    terms[guest_id] = Term(*own)
        return Booking(
            id=booking_id,
            property_id=stay.realm,
            number=lead.number or lead.booking_id,
            status=lead.status,
            status_word=lead.word,
            arrival=arrival,
            departure=departure,
            room_id=None if spans else lead.room_id,
            requested_kind=lead.kind,
            guest_ids=guest_ids,
            primary_is_any=not self._holds_leases and len(guest_ids) > 1 and not any(p.role in _MAIN for p in people),
            has_primary=not self._holds_leases,
            terms=terms,
            spans=spans,
            unclear_guest_ids=tuple(
                dict.fromkeys(ids[one.person] for one in unclear if ids[one.person] not in guest_ids)
            ),
            review=self._review(lead, departure, people),
            word="Lease" if self._holds_leases else "Booking",
        )

    def _review(self, lead: Line, departure: datetime | date | None, people: Sequence[Line]) -> str | None:
        if lead.doubt:
            return lead.doubt
        if "evict" in lead.word.casefold():
            return "an eviction is under way: access stays until somebody moves out"
        is_over = lead.lease_end is not None and lead.lease_end < self._clock().date()
        if is_over and departure is None and lead.status is BookingStatus.IN_HOUSE:
            return "the lease has ended, and nobody has moved out: access stays"
        if any(
            _SEVERAL.search(f"{one.guest.first_name} {one.guest.last_name}") for one in people if one.guest is not None
        ):
            return "one row names several people: everybody needs a row to have access"
        return None

    def _moment_in(self, row: Row, name: str) -> datetime | date | None:
        """A day, or a local time of day without its zone; None where there is nothing, or a word for never."""
        text = row[name]
        if re.fullmatch(r"[0\W_]*", text):
            return None
        wanted: str | None = self._settings["date_format"]
        try:
            if wanted == "excel":
                moment = _from_excel(text)
            elif wanted is not None:
                day = text if re.search("%[HIcX]", wanted) else _MIDNIGHT.sub("", text)
                moment = datetime.strptime(day, wanted)  # noqa: DTZ007 - the property's time, or a day.
            elif _ISO.fullmatch(text):
                moment = datetime.fromisoformat(text)
            else:
                raise ValueError
        except ValueError:
            how = "as date_format says" if wanted is not None else "YYYY-MM-DD (set date_format for any other)"
            raise Unreadable(f"has a value for {name} that is not written {how}") from None
        if moment.year >= 2099 or moment.year <= 1900:
            return None
        # A day that a spreadsheet has given a midnight is still a day.
        return moment.date() if moment.tzinfo is None and moment.time() == time() else moment


def _from_excel(text: str) -> datetime:
    """A day as spreadsheets number them, and a part of it, to the nearest minute. Raises `ValueError`."""
    if not re.fullmatch(r"\d{1,7}([.,]\d{1,20})?", text):
        raise ValueError
    minutes = round(float(text.replace(",", ".")) * 24 * 60)
    try:
        return datetime(1899, 12, 30) + timedelta(minutes=minutes)  # noqa: DTZ001 - the property's time, or a day.
    except OverflowError:
        raise ValueError from None


def _is_midnight(moment: datetime | date) -> bool:
    return not isinstance(moment, datetime) or moment.time() == time()


def _day_in(moment: datetime | date) -> date:
    return moment.date() if isinstance(moment, datetime) else moment


def _worded(text: str) -> str:
    return re.sub(r"[\W_]+", " ", text.casefold()).strip()


def _normal(room: str) -> str:
    return re.sub(r"^0+(?=\d)", "", re.sub(r"\.0$", "", room.strip().casefold()))


def _unambiguous(words: Iterable[tuple[str, str]]) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for word, one in words:
        found.setdefault(word, []).append(one)
    return {word: several[0] for word, several in found.items() if len(several) == 1}


def _id_in(row: Row, name: str) -> str:
    """An id as the file has it; without the .0 that spreadsheets add to numbers."""
    text = re.sub(r"^(\d+)\.0$", r"\1", row[name])
    if not text:
        raise Unreadable(f"has no {name}")
    if _SHORTENED.fullmatch(text):
        raise Unreadable(f"has a {name} that a spreadsheet has shortened")
    if len(text) > LONGEST_ID or not _is_whole(text):
        raise Unreadable(f"has a {name} that is longer than {LONGEST_ID} characters, or no text")
    return text


def _kind_in(row: Row) -> str | None:
    """The type of the room; a Room where the file does not tell types, none where it has a blank."""
    if "kind" not in row.cells:
        return "Room"
    return _KINDS.get(row["kind"].casefold(), row["kind"]) or None


def _flag_in(row: Row, name: str) -> bool:
    word = _worded(row[name])
    if word in _YES or word in _NO:
        return word in _YES
    raise Unreadable(f"has a word for {name} that is neither yes nor no")


def _clock_in(row: Row, name: str) -> time | None:
    if not row[name]:
        return None
    try:
        return time.fromisoformat(row[name].zfill(5)).replace(tzinfo=None)
    except ValueError:
        raise Unreadable(f"has a {name} that is no time of day such as 15:00") from None


def _guest_in(row: Row, guest_id: str) -> Guest:
    first, last = row["first_name"], row["last_name"]
    phone, email = row["phone"], row["email"]
    if not first and not last and row["name"]:
        told = fields_of(row["name"])
        first, last = told.first_name, told.last_name
        if not told.name:
            first, _, last = row["name"].partition(" ")
        phone, email = phone or told.phone or "", email or told.email or ""
    # Never a number or an address: the rest of it would be somebody else's.
    if _SHORTENED.fullmatch(phone):
        phone = "shortened by a spreadsheet"
    elif not _is_whole(phone):
        phone = "has letters that are none"
    if not _is_whole(email):
        email = "has letters that are none"
    return Guest(guest_id, first.strip(), last.strip(), email or None, phone or None)


def _is_whole(text: str) -> bool:
    """Whether there is nothing in a text that stands for something else."""
    return text.isprintable() and UNKNOWN not in text


def _tells(guest: Guest) -> bool:
    return any((guest.first_name, guest.last_name, guest.email, guest.phone))


def _order(moment: datetime | date) -> tuple[date, time]:
    if isinstance(moment, datetime):
        return moment.date(), moment.time()
    return moment, time()


def _whole(lines: Sequence[Line]) -> tuple[datetime | date, datetime | date | None]:
    """From the first arrival to the last departure; None where one of them has none."""
    arrival = min((one.arrival for one in lines), key=_order)
    ends = [one.departure for one in lines]
    return arrival, None if None in ends else max((end for end in ends if end is not None), key=_order)


def _has_lost_its_beginning(stay: Stay, before: SeenBooking, today: date) -> bool:
    """Whether a stay goes on that had begun, in the same room and of the same guest, and seems to begin later now."""
    return (
        not before.is_gone
        and before.stay.lives
        and len(stay.parts) == len(before.stay.parts) == 1
        and stay.rooms == before.stay.rooms
        and before.stay.first < stay.first <= today
        and stay.first <= before.stay.last
        and are_same(stay.people, before.stay.people)
    )


def _spans(stay: Stay) -> tuple[Span, ...]:
    """The parts of a stay in several rooms, one after the other; none where it is all in one room."""
    if len(stay.parts) < 2:
        return ()
    return tuple(Span(one.room, one.arrival, one.departure) for one in stay.parts if one.departure is not None)


def _ids_of(booking_id: str, lines: Sequence[Line]) -> dict[Who, str]:
    """Everybody's id: the file's own, else one of the booking's: for the first without, and by the name for others."""
    ids: dict[Who, str] = {}
    for one in sorted(lines, key=lambda line: line.guest is None or not line.guest.id):
        if one.guest is None or one.person in ids:
            continue
        if one.guest.id:
            ids[one.person] = one.guest.id
            continue
        same = next((known for known in ids if known.is_same(one.person)), None)
        if same is not None:
            ids[one.person] = ids[same]
        elif f"{booking_id}:primary" not in ids.values():
            ids[one.person] = f"{booking_id}:primary"
        else:
            ids[one.person] = f"{booking_id}:{digest(sorted(one.person.words), sorted(one.person.contacts))[:8]}"
    return ids


def _after_nights(arrival: datetime | date, nights: str) -> date:
    found = re.fullmatch(r"(\d{1,4})([.,]0+)?", nights)
    if found is None or int(found[1]) < 1:
        raise Unreadable("has a value for nights that is no number of nights")
    try:
        return (arrival.date() if isinstance(arrival, datetime) else arrival) + timedelta(days=int(found[1]))
    except OverflowError:
        raise Unreadable("has more nights than there are days") from None


def _zone(of: Property | None) -> tzinfo:
    """The property's; UTC where it has none that exists: then `_in_zone` complains where it matters."""
    try:
        return ZoneInfo(of.time_zone) if of is not None and of.time_zone else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC


def _in_zone(booking: Booking, of: Property, who: str) -> Booking:
    """The booking, its local times of day as instants."""
    parts: list[Booking | Term | Span] = [booking, *booking.terms.values(), *booking.spans]
    if not any(isinstance(one, datetime) for part in parts for one in (part.arrival, part.departure)):
        return booking
    if not of.time_zone:
        raise PmsRefused(f"{who}: the files have times of day, and nobody says in which time zone: set time_zone")
    try:
        zone = ZoneInfo(of.time_zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise PmsRefused(f"{who}: the time zone of property {of.id} is no IANA time zone: correct it") from None

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
