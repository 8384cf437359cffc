"""Files that a PMS exports, or somebody drops by SFTP: rooms, bookings and guests as CSV or JSON.

The contract is ours: `rooms`, `bookings` and (where the bookings do not name them) `guests`; each is a table with a
header, and a snapshot of all that there is. One row a room, one a guest, one a booking and person. A row that is
missing was perhaps lost on the way; it is believed to be gone when it is missing in a second new file as well.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Self
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.base import BookingsRead, Connector, NotOffered, NotUnderstood, Setting, Subscription, WebhookNews
from connectors.errors import PmsRefused
from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Property, Room, Span, Term
from connectors.session import Access
from connectors.sightings import Sighting, Sightings, digest, plain_id, safe_id, stand_in, touches
from connectors.tables import Row, Tables

FILES = 2
"""A booking that is missing in so many new files in a row is gone."""
LONGEST_ID = 100
_PERSON = ("guest_id", "first_name", "last_name", "name", "email", "phone")
COLUMNS = {
    "rooms": (
        *("property_id", "property_name", "time_zone", "country", "room_id", "room_name", "kind", "active"),
        *("parent_id", "connected_ids", "check_in", "check_out"),
    ),
    "bookings": (
        *("property_id", "booking_id", "number", "room_id", "kind", "status", "arrival", "departure", "lease_end"),
        *("role", *_PERSON),
    ),
    "guests": _PERSON,
}
"""What the files may have, by the names that `columns` renames."""
REQUIRED = {
    "rooms": ("room_id",),
    "bookings": ("booking_id", "room_id", "arrival", "departure"),
    "guests": ("guest_id",),
}
_KINDS = {kind.casefold(): kind for kind in ("Room", "Bed", "Dorm", "Apartment", "Suite", "Villa")}
_YES = ("", "1", "true", "t", "yes", "y", "x", "active", "in use")
_NO = ("0", "false", "f", "no", "n", "inactive", "out of use", "closed")
_STATUSES = {
    BookingStatus.TENTATIVE: (
        *("tentative", "option", "optional", "inquiry", "enquiry", "request", "requested", "pending", "waitlist"),
        *("waitlisted", "applicant", "applied", "approved", "prospect", "hold", "on hold"),
    ),
    BookingStatus.CONFIRMED: (
        *("confirmed", "reserved", "booked", "definite", "guaranteed", "future", "preleased", "pre leased", "due in"),
        *("expected", "upcoming"),
    ),
    BookingStatus.IN_HOUSE: (
        *("in house", "inhouse", "checked in", "arrived", "current", "active", "month to month", "notice"),
        *("notice to vacate", "on notice", "move out date given", "eviction", "evict", "under eviction", "due out"),
    ),
    BookingStatus.CHECKED_OUT: ("checked out", "departed", "past", "former", "moved out", "ended", "closed"),
    BookingStatus.CANCELLED: ("cancelled", "canceled", "denied", "fall through", "void", "deleted"),
    BookingStatus.NO_SHOW: ("no show", "noshow"),
}
_WORDS = {word: status for status, words in _STATUSES.items() for word in words}
_LIVE = (BookingStatus.IN_HOUSE, BookingStatus.CONFIRMED)
_LEADING = (*_LIVE, BookingStatus.UNKNOWN, BookingStatus.TENTATIVE, BookingStatus.CHECKED_OUT)
"""Where the rows of a booking differ, the first of these is the booking's."""
_MAIN = ("primary", "main", "main guest", "primary guest")
_STAYS = (*_MAIN, "", "guest", "companion", "tenant", "resident", "occupant", "co tenant", "roommate", "adult", "child")
_STAYS_AWAY = ("guarantor", "cosigner", "co signer", "applicant", "owner", "payer", "agent", "company", "staff")
_ISO = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)?)?")
_SHORTENED = re.compile(r"\d+([.,]\d+)?E\+\d+", re.IGNORECASE)
"""What a spreadsheet makes of a long number: the rest of it is lost."""


class Unreadable(Exception):
    """A row of which no record can be made; the message says why, without the value, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of bookings, understood."""

    place: str
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


@dataclass(slots=True)
class Shot:
    """The files, as they were read for one run."""

    mark: str = ""
    properties: dict[str, Property] = field(default_factory=dict)
    rooms: dict[str, dict[str, Room]] = field(default_factory=dict)
    """By property and id."""
    room_words: dict[str, dict[str, str]] = field(default_factory=dict)
    """By property: the ids of the rooms by what else a booking may call them."""
    bookings: dict[str, Booking] = field(default_factory=dict)
    guests: dict[str, Guest] = field(default_factory=dict)
    broken: list[tuple[str, BrokenRecord]] = field(default_factory=list)
    """With the property that they are reported under."""
    there: set[str] = field(default_factory=set)
    """Properties of which every row has an id, so that what is missing is missing."""


class FilesConnector(Connector):
    """A folder with the files of one PMS."""

    SETTINGS = (
        Setting("folder"),
        Setting("format", required=False, default="csv", choices=("csv", "json")),
        Setting("columns", "texts", required=False),
        Setting("names", "texts", required=False),
        Setting("statuses", "texts", required=False, choices=tuple(BookingStatus)),
        Setting("holds", required=False, default="bookings", choices=("bookings", "leases")),
        Setting("property_id", required=False),
        Setting("property_name", required=False),
        Setting("time_zone", "time_zone", required=False),
        Setting("country", required=False),
        Setting("check_in", "clock", required=False),
        Setting("check_out", "clock", required=False),
        Setting("date_format", required=False),
        Setting("count_line", "flag", required=False, default=False),
        Setting("quiet_period", "duration", required=False, default=timedelta(seconds=60)),
        Setting("memory", required=False),
    )
    TELLS_TIME_ZONE = False

    @classmethod
    def open(cls, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None) -> Self:
        return cls(name, settings, access)

    def __init__(self, name: str, settings: Mapping[str, Any], access: Access):
        """`name` is the connection's, for errors."""
        self._name = name
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
        )
        self._words = _WORDS | {
            _worded(word): BookingStatus(status) for word, status in (settings["statuses"] or {}).items()
        }
        self._holds_leases = settings["holds"] == "leases"
        self._clock = access.clock
        memory = settings["memory"] or self._folder.with_name(f"{self._folder.name}.{name}.json")
        self._sightings = Sightings(Path(memory), name, FILES)
        self._shot: Shot | None = None
        self._has_looked = False

    def __repr__(self) -> str:
        return f"FilesConnector({self._name!r})"

    def refresh(self) -> None:
        self._shot = None
        self._has_looked = False

    def check(self) -> str:
        shot = self._read()
        rooms = sum(map(len, shot.rooms.values()))
        return f"{rooms} rooms, {len(shot.bookings)} bookings, {len(shot.broken)} lines that cannot be read"

    def could_be_id(self, kind: str, text: str, /) -> bool:
        if kind == "guest":
            text = text.removesuffix(":primary")
        whole = bool(text) and len(text) <= LONGEST_ID + 20 and text.isprintable() and text == text.strip()
        return whole and (kind == "room" or safe_id(plain_id(text)) == text)

    # --- properties, rooms, guests ------------------------------------------------------------------------------------

    def read_properties(self) -> list[Property]:
        return list(self._read().properties.values())

    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        shot = self._read(of)
        return list(shot.rooms.get(of.id, {}).values()), self._broken(of, shot, "room")

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        shot = self._read(of)
        return set(ids) & (shot.rooms.get(of.id, {}).keys() | {one.id for one in self._broken(of, shot, "room")})

    def read_changed_rooms(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        self._look(self._read(of))
        return self._sightings.changed(f"rooms of {of.id}", updated)

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        shot = self._read(of)
        wanted = set(ids)
        broken = [one for one in self._broken(of, shot, "guest") if one.id in wanted]
        return [guest for guest_id, guest in shot.guests.items() if guest_id in wanted], broken

    def read_changed_guests(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        """None: a guest who changed changes her bookings with her, here."""
        return set()

    def _broken(self, of: Property, shot: Shot, kind: str) -> list[BrokenRecord]:
        return [one for property_id, one in shot.broken if property_id == of.id and one.kind == kind]

    # --- bookings -----------------------------------------------------------------------------------------------------

    def read_bookings(
        self,
        of: Property,
        /,
        *,
        colliding: tuple[datetime, datetime] | None = None,
        updated: tuple[datetime, datetime] | None = None,
        ids: Sequence[str] | None = None,
    ) -> BookingsRead:
        """The files are read once a run. What changed is what is not as it was in the last files."""
        if ids is None and colliding is None and updated is None:
            raise ValueError("say which bookings: colliding, updated or ids")
        shot = self._read(of)
        broken = self._broken(of, shot, "booking")
        found: list[Booking] = []
        if ids is not None:
            found, broken = self._by_id(of, shot, ids)
        else:
            self._look(shot)
            unread = {one.id for one in broken}
            for booking_id, sighting in self._sightings.all().items():
                if sighting.source != of.id or booking_id in unread:
                    continue
                booking = shot.bookings.get(booking_id)
                if booking is None and not self._sightings.is_gone(sighting):
                    continue
                if (colliding is not None and touches(sighting.arrival, sighting.departure, colliding)) or (
                    updated is not None and updated[0] <= sighting.changed_at < updated[1]
                ):
                    found.append(booking or self._missing(of, booking_id, sighting))
            broken = [*broken, *self._broken(of, shot, "guest")]
        guests = {one: shot.guests[one] for booking in found for one in booking.guest_ids if one in shot.guests}
        return BookingsRead([_in_zone(one, of, self._name) for one in found], broken, guests)

    def _by_id(self, of: Property, shot: Shot, ids: Sequence[str]) -> tuple[list[Booking], list[BrokenRecord]]:
        found: list[Booking] = []
        broken: list[BrokenRecord] = []
        unread = {one.id: one for one in self._broken(of, shot, "booking")}
        for booking_id in dict.fromkeys(ids):
            booking, sighting = shot.bookings.get(booking_id), self._sightings.of(booking_id)
            if booking is not None:
                if booking.property_id == of.id:
                    found.append(booking)
            elif booking_id in unread:
                broken.append(unread[booking_id])
            elif sighting is not None:
                if sighting.source == of.id:
                    found.append(self._missing(of, booking_id, sighting))
            elif not self._sightings.has_settled(of.id):
                reason = f"No file has it, and there were not {FILES} of them since the memory began."
                broken.append(BrokenRecord("booking", booking_id, reason))
        return found, broken

    def _missing(self, of: Property, booking_id: str, sighting: Sighting) -> Booking:
        gone = self._sightings.is_gone(sighting)
        review = f"the last {FILES} files of bookings do not have it any more"
        if not gone:
            review = f"the last file of bookings does not have it any more (it counts after {FILES} files)"
        return stand_in(booking_id, of.id, sighting, gone, review)

    def _look(self, shot: Shot) -> None:
        """Notes what is there, once a run."""
        if self._has_looked:
            return
        now = self._clock()
        address = str(self._folder.absolute())
        seen = {}
        for booking_id, booking in shot.bookings.items():
            guests = [shot.guests.get(one) for one in booking.guest_ids]
            seen[booking_id] = Sighting(
                booking.property_id,
                digest(booking, *guests),
                booking.arrival,
                booking.departure,
                booking.room_id,
                booking.number,
            )
        untold = frozenset(one.id for _, one in shot.broken if one.kind == "booking")
        self._sightings.look(dict.fromkeys(shot.there, (address, shot.mark)), seen, untold, now)
        for property_id, rooms in shot.rooms.items():
            self._sightings.note(f"rooms of {property_id}", {one: digest(room) for one, room in rooms.items()}, now)
        self._sightings.keep()
        self._has_looked = True

    # --- webhooks -----------------------------------------------------------------------------------------------------

    def verify_webhook(
        self, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime, /
    ) -> bool:
        """Files send nothing: whatever comes is not from them."""
        return False

    def read_webhook(self, document: Any, /) -> WebhookNews | None:
        raise NotUnderstood("files send no webhooks")

    def subscribe_webhooks(self, url: str, /) -> list[Subscription]:
        raise NotOffered("Files send no webhooks: the schedule `incremental` says how often the folder is looked at")

    # --- from rows to records -----------------------------------------------------------------------------------------

    def _read(self, of: Property | None = None) -> Shot:
        """The files; those of a property have to have it. Raises `PmsError`."""
        shot = self._shot = self._shot or self._read_files()
        if of is not None and of.id not in shot.properties:
            raise self._tables.unreadable(self._tables.file_name("rooms"), "does not have the property any more")
        return shot

    def _read_files(self) -> Shot:
        every = {one for several in COLUMNS.values() for one in several}
        for setting, useful in (("columns", every), ("names", COLUMNS.keys())):
            unknown = sorted((self._settings[setting] or {}).keys() - useful)
            if unknown:
                raise PmsRefused(f"{self._name}: the setting {setting} has no use for {', '.join(unknown)}")
        self._sightings.recall()
        shot = Shot()
        rooms, _ = self._tables.read("rooms")
        rows, shot.mark = self._tables.read("bookings")
        # A file that names people by their ids only needs another that knows them.
        told = {name for row in rows for name in row.cells} & set(_PERSON)
        guests, _ = self._tables.read("guests", required=told == {"guest_id"})
        self._take_rooms(shot, rooms)
        self._take_guests(shot, guests)
        self._take_bookings(shot, rows)
        return shot

    def _take_rooms(self, shot: Shot, rows: Sequence[Row]) -> None:
        settings = self._settings
        usual = settings["property_id"] or self._name
        for row in rows:
            if row.trouble:
                # Any cell may be another column's: it makes no property of its own.
                broken = BrokenRecord("room", "?", f"{row.place} {row.trouble}.")
                shot.broken.append((next(iter(shot.properties), usual), broken))
                continue
            property_id = row["property_id"] or usual
            known = shot.properties.get(property_id) or Property(
                property_id,
                settings["property_name"] or property_id,
                settings["time_zone"] or "",
                (settings["country"] or "").upper() or None,
            )
            shot.properties[property_id] = replace(
                known,
                name=row["property_name"] or known.name,
                time_zone=row["time_zone"] or known.time_zone,
                country=row["country"].upper() or known.country,
            )
            rooms = shot.rooms.setdefault(property_id, {})
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
                shot.broken.append((property_id, BrokenRecord("room", room_id, f"{row.place} {problem}.")))
        for property_id, rooms in shot.rooms.items():
            by_name = [(_normal(room.name), one) for one, room in rooms.items()]
            by_id = [(_normal(one), one) for one in rooms]
            shot.room_words[property_id] = _unambiguous(by_name) | _unambiguous(by_id)
        if len(shot.properties) > 1:
            shot.properties = {one: replace(of, shares_connection=True) for one, of in shot.properties.items()}

    def _take_guests(self, shot: Shot, rows: Sequence[Row]) -> None:
        for row in rows:
            guest_id = "?"
            try:
                if row.trouble:
                    raise Unreadable(row.trouble)
                guest_id = safe_id(_id_in(row, "guest_id"))
                shot.guests[guest_id] = _guest_in(row, guest_id)
            except Unreadable as problem:
                broken = BrokenRecord("guest", guest_id, f"{row.place} {problem}.")
                shot.broken.append((next(iter(shot.properties), ""), broken))

    def _take_bookings(self, shot: Shot, rows: Sequence[Row]) -> None:
        by_booking: dict[str, list[Row]] = {}
        uncertain = False
        for row in rows:
            try:
                booking_id = safe_id(_id_in(row, "booking_id"))
            except Unreadable as problem:
                uncertain = True
                broken = BrokenRecord("booking", "?", f"{row.place} {row.trouble or problem}.")
                shot.broken.append((next(iter(shot.properties), ""), broken))
                continue
            # In a row of another length any cell may be another column's, the id too: then nothing is missing.
            uncertain = uncertain or bool(row.trouble)
            by_booking.setdefault(booking_id, []).append(row)
        for booking_id, several in by_booking.items():
            property_id = next(iter(shot.properties), "")
            place = several[0].place
            try:
                property_id = self._property_of(shot, several)
                shot.there.add(property_id)
                lines = []
                for row in several:
                    place = row.place
                    lines.append(self._line(shot, row, booking_id, property_id, alone=len(several) == 1))
                self._take_booking(shot, booking_id, property_id, lines)
            except Unreadable as problem:
                shot.broken.append((property_id, BrokenRecord("booking", booking_id, f"{place} {problem}.")))
        if not rows:
            shot.there = set(shot.properties)
        if uncertain:
            shot.there = set()

    def _property_of(self, shot: Shot, rows: Sequence[Row]) -> str:
        told = {row["property_id"] for row in rows if row["property_id"]}
        if not told and len(shot.properties) > 1:
            told = {
                property_id for property_id in shot.rooms for row in rows if self._room_in(shot, row, property_id)[1]
            }
        if not told:
            told = {self._settings["property_id"] or self._name}
            if len(shot.properties) == 1:
                told = set(shot.properties)
        if len(told) > 1 or not told <= shot.properties.keys():
            raise Unreadable("does not say which of the properties in the file of rooms it belongs to")
        return told.pop()

    def _room_in(self, shot: Shot, row: Row, property_id: str) -> tuple[str | None, bool]:
        """The id of the row's room, and whether the file of rooms has it: as it is, or without what spreadsheets do to
        numbers (leading zeros, a trailing .0), or by its name."""
        text = row["room_id"]
        if not text:
            return None, False
        if text in shot.rooms.get(property_id, {}):
            return text, True
        known = shot.room_words.get(property_id, {}).get(_normal(text))
        if known is not None:
            return known, True
        return text, False

    def _line(self, shot: Shot, row: Row, booking_id: str, property_id: str, alone: bool) -> Line:
        if row.trouble:
            raise Unreadable(row.trouble)
        word = row["status"]
        status = BookingStatus.CONFIRMED
        if "status" in row.cells:
            status = self._words.get(_worded(word), BookingStatus.UNKNOWN)
        arrival = self._moment_in(row, "arrival")
        if arrival is None:
            raise Unreadable("has no arrival")
        departure = self._moment_in(row, "departure")
        lease_end = self._moment_in(row, "lease_end")
        if departure is not None and self._holds_leases and not isinstance(departure, datetime):
            departure += timedelta(days=1)
        guest = None
        if any(row[name] for name in _PERSON):
            if not row["guest_id"] and not alone:
                raise Unreadable("has no guest_id, which several rows of one booking need to tell people apart")
            guest_id = safe_id(_id_in(row, "guest_id")) if row["guest_id"] else f"{booking_id}:primary"
            guest = _guest_in(row, guest_id)
        return Line(
            place=row.place,
            number=row["number"],
            status=status,
            word=word or ("no status" if "status" in row.cells else "listed"),
            room_id=self._room_in(shot, row, property_id)[0],
            kind=_kind_in(row) if row["kind"] else None,
            arrival=arrival,
            departure=departure,
            lease_end=lease_end.date() if isinstance(lease_end, datetime) else lease_end,
            role=_worded(row["role"]),
            guest=guest,
        )

    def _take_booking(self, shot: Shot, booking_id: str, property_id: str, lines: Sequence[Line]) -> None:
        lead = min(lines, key=lambda one: _LEADING.index(one.status) if one.status in _LEADING else len(_LEADING))
        lives = lead.status in _LIVE
        counting = [one for one in lines if one.status in _LIVE] if lives else list(lines)
        people = [one for one in counting if one.guest is not None and one.role not in _STAYS_AWAY]
        people.sort(key=lambda one: one.role not in _MAIN)
        unclear = [one for one in lines if one.guest is not None and one.status is BookingStatus.UNKNOWN and lives]
        unclear += [one for one in people if one.role not in _STAYS]
        people = [one for one in people if one.role in _STAYS]
        for one in (*people, *unclear):
            # The file of guests has the last word; a row that only names an id is no profile.
            if one.guest is not None and one.guest.id not in shot.guests and _tells(one.guest):
                shot.guests[one.guest.id] = one.guest
        guest_ids = tuple(dict.fromkeys(one.guest.id for one in people if one.guest is not None))
        spans = _spans(counting)
        arrival = min((one.arrival for one in counting), key=_order)
        ends = [one.departure for one in counting]
        departure = None if None in ends else max((end for end in ends if end is not None), key=_order)
        shot.bookings[booking_id] = Booking(
            id=booking_id,
            property_id=property_id,
            number=lead.number or plain_id(booking_id),
            status=lead.status,
            status_word=lead.word,
            arrival=arrival,
            departure=departure,
            room_id=None if spans else lead.room_id,
            requested_kind=lead.kind,
            guest_ids=guest_ids,
            primary_is_any=not self._holds_leases and len(guest_ids) > 1 and not any(p.role in _MAIN for p in people),
            has_primary=not self._holds_leases,
            terms={}
            if spans
            else {
                one.guest.id: Term(one.arrival, one.departure)
                for one in people
                if one.guest is not None and (one.arrival, one.departure) != (arrival, departure)
            },
            spans=spans,
            unclear_guest_ids=tuple(
                dict.fromkeys(one.guest.id for one in unclear if one.guest and one.guest.id not in guest_ids)
            ),
            review=self._review(lead, departure, people),
            word="Lease" if self._holds_leases else "Booking",
        )

    def _review(self, lead: Line, departure: datetime | date | None, people: Sequence[Line]) -> str | None:
        if "evict" in lead.word.casefold():
            return "an eviction is under way: access stays until somebody moves out"
        is_over = lead.lease_end is not None and lead.lease_end < self._clock().date()
        if is_over and departure is None and lead.status is BookingStatus.IN_HOUSE:
            return "the lease has ended, and nobody has moved out: access stays"
        if any("&" in f"{one.guest.first_name} {one.guest.last_name}" for one in people if one.guest is not None):
            return "one row names several people: everybody needs a row to have access"
        return None

    def _moment_in(self, row: Row, name: str) -> datetime | date | None:
        """A day, or a local time of day without its zone; None where there is nothing, or a word for never."""
        text = row[name]
        if re.fullmatch(r"[0\W_]*", text):
            return None
        wanted: str | None = self._settings["date_format"]
        try:
            if wanted is not None:
                moment = datetime.strptime(text, wanted)  # noqa: DTZ007 - the property's time, or a day.
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
    if len(text) > LONGEST_ID or not text.isprintable():
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
    if not first and not last and row["name"]:
        last, _, first = row["name"].partition(",")
        if not first:
            first, _, last = row["name"].partition(" ")
    phone = row["phone"]
    if _SHORTENED.fullmatch(phone):
        phone = "shortened by a spreadsheet"  # Never a number: the rest of it would be somebody else's.
    return Guest(guest_id, first.strip(), last.strip(), row["email"] or None, phone or None)


def _tells(guest: Guest) -> bool:
    return any((guest.first_name, guest.last_name, guest.email, guest.phone))


def _order(moment: datetime | date) -> tuple[date, time]:
    if isinstance(moment, datetime):
        return moment.date(), moment.time()
    return moment, time()


def _spans(lines: Sequence[Line]) -> tuple[Span, ...]:
    """The parts of a stay in several rooms, one after the other; none where it is all in one room."""
    if len({one.room_id for one in lines}) < 2:
        return ()
    parts = sorted(
        {(_order(one.arrival), one.arrival, one.departure, one.room_id) for one in lines}, key=lambda p: p[0]
    )
    spans: list[Span] = []
    for _, arrival, departure, room_id in parts:
        if departure is None or (spans and _order(arrival) < _order(spans[-1].departure)):
            raise Unreadable(
                "gives the booking another room at the same time: every room needs a booking_id of its own"
            )
        spans.append(Span(room_id, arrival, departure))
    return tuple(spans)


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
