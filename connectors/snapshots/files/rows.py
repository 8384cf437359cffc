"""Rows of the files become rooms, guests, and lines of bookings: what one row says."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from typing import Any

from connectors.formats.tables import Row, Tables
from connectors.records import BookingStatus, BrokenRecord, Property, Room, day_in
from connectors.snapshots.files.cells import (
    COMPACT,
    ISO,
    MIDNIGHT,
    OTHERS,
    after_nights,
    clock_in,
    flag_in,
    from_excel,
    guest_in,
    id_in,
    kind_in,
    plain_word,
    unambiguous,
    whole_days,
    worded,
)
from connectors.snapshots.files.snapshot import LIVE, PERSON, WITHOUT_ACCESS, Line, Snapshot, Unreadable, zone_of
from connectors.stays.ids import LONGEST_ID, safe_id, short_id
from connectors.stays.who import Who, who
from connectors.words.not_a_stay import may_be_a_name, standing
from connectors.words.statuses import OF_STANDING, Statuses
from connectors.words.words_of_status import Standing
from mappers.sentences import message, messages, say, say_number, sentence_of

_BLANKS = re.compile(r"[^\S\n]+")

_OF_ROOMS = re.compile(
    r"^(?:(?:rooms?|rm|zimmer|zi|chambres?|ch|camer[ae]|habitaci(?:ón|on|ones)|hab|quartos?|kamers?|pok[oó]je?|rum|v[æa]relse|"
    r"no|nr|n°|nº)\.?\s?|#)(?=\d)",
    re.IGNORECASE,
)
"""What stands before a room's number and says that it is a room's; "Villa 3" is another thing than room 3."""

_PAIR = re.compile(r"(\D{0,12}?\s?)(\d{1,5})\s?[-–—]\s?(\d{1,5})")

_ROOMS = re.compile(r" ?[,;&+/\n][ \n]*| (?:and|und|et|y|e|en|i|a) ", re.IGNORECASE)
"""What parts the rooms of a cell that names several, with single blanks between its words."""


HAS_A_WORD, HAS_NOTHING = message("has a word in column {column}"), message("has nothing in column {column}")
TOO_LONG = messages(
    "{where}, {number} day after the arrival: correct it, or set longest_stay, which is {longest}",
    "{where}, {number} days after the arrival: correct it, or set longest_stay, which is {longest}",
)
NOT_IN_ISO = message("has a value for {name} that is not written YYYY-MM-DD (set date_format for any other)")
NOT_AS_TOLD = message("has a value for {name} that is not written as date_format says")


class FileRows:
    """From the rows of the files to rooms, guests and lines of bookings."""

    def __init__(self, name: str, settings: Mapping[str, Any], tables: Tables):
        """`name` is the connection's."""
        self._name = name
        self._settings = settings
        self._tables = tables
        self.statuses = Statuses(settings["statuses"] or {})
        self._not_a_stay = tuple(settings["not_a_stay"] or ())
        self._is_a_stay = tuple(settings["is_a_stay"] or ())
        self._holds_leases = settings["holds"] == "leases"

    def take_rooms(self, snapshot: Snapshot, rows: Sequence[Row]) -> None:
        settings = self._settings
        usual = settings["property_id"] or self._name
        for row in rows:
            if row.trouble:
                # Any cell may be another column's: it makes no property of its own.
                broken = BrokenRecord("room", "?", row.wrong(row.trouble))
                snapshot.broken.append((next(iter(snapshot.properties), usual), broken))
                continue
            property_id = row["property_id"] or usual
            if short_id(property_id) != property_id:
                reason = say(
                    "{place} has a property_id that is longer than {number} characters, or no text.",
                    place=row.place,
                    number=LONGEST_ID,
                )
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
                room_id = id_in(row, "room_id")
                if room_id in rooms:
                    raise Unreadable(say("has a room_id that stands in an earlier line as well"))
                rooms[room_id] = Room(
                    id=room_id,
                    property_id=property_id,
                    name=row["room_name"] or room_id,
                    kind=kind_in(row),
                    parent_id=row["parent_id"] or None,
                    is_active=flag_in(row, "active"),
                    check_in=clock_in(row, "check_in") or settings["check_in"],
                    check_out=clock_in(row, "check_out") or settings["check_out"],
                    connected_ids=tuple(filter(None, re.split(r"[;|\s]+", row["connected_ids"]))),
                )
            except Unreadable as problem:
                snapshot.broken.append((property_id, BrokenRecord("room", room_id, row.wrong(sentence_of(problem)))))
        self._keep_rooms_apart(snapshot)
        for property_id, rooms in snapshot.rooms.items():
            by_name = [(plain_word(room.name), one) for one, room in rooms.items()]
            by_id = [(plain_word(one), one) for one in rooms]
            snapshot.room_words[property_id] = unambiguous(by_name) | unambiguous(by_id)
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
                    reason = say(
                        "Property {owner} has a room with this room_id as well, and both would be one Space that the "
                        "guests of both open: give every room an id of its own.",
                        owner=owner,
                    )
                    snapshot.broken.append((property_id, BrokenRecord("room", room_id, reason)))

    def take_guests(self, snapshot: Snapshot, rows: Sequence[Row]) -> None:
        for row in rows:
            guest_id = "?"
            try:
                if row.trouble:
                    raise Unreadable(row.trouble)
                guest_id = short_id(safe_id(id_in(row, "guest_id")))
                snapshot.guests[guest_id] = guest_in(row, guest_id)
            except Unreadable as problem:
                broken = BrokenRecord("guest", guest_id, row.wrong(sentence_of(problem)))
                snapshot.broken.append((next(iter(snapshot.properties), ""), broken))

    def unmerged(self, rows: Sequence[Row]) -> Iterator[Row]:
        """The rows with what a spreadsheet leaves out where cells were merged: a row without a number and without a
        guest, which goes on in the room and on the day on which the row above it ends, is of that stay."""
        above: Row | None = None
        for row in rows:
            if above is not None and not row.trouble and not row["booking_id"] and self._goes_on(above, row):
                told = ("booking_id", "room_id", "status", *PERSON)
                row = replace(row, cells=dict(row.cells) | {name: above[name] for name in told if name in row.cells})
            above = row if row["booking_id"] and not row.trouble else None
            yield row

    def line(self, snapshot: Snapshot, row: Row, booking_id: str, property_id: str) -> Line:
        if row.trouble:
            raise Unreadable(row.trouble)
        status = self.statuses.status_of(row["status"]) if "status" in row.cells else BookingStatus.CONFIRMED
        doubt = ""
        word = "no status" if "status" in row.cells else "listed"
        if "evict" in row["status"].casefold():
            word = "eviction"
        elif row["status"] and not (word := self.statuses.told(row["status"])) and status is BookingStatus.UNKNOWN:
            doubt = say(
                "{place} has a status that nobody knows: look there, and name it in the setting statuses",
                place=row.place,
            )
        if status in LIVE:
            status, word, doubt = self._by_name(row, status, word)
        arrival = self._moment_in(row, "arrival")
        if arrival is None:
            raise Unreadable(say("has no arrival"))
        departure = self._moment_in(row, "departure")
        house = zone_of(snapshot.properties.get(property_id))
        arrival, departure = whole_days(arrival, departure, house)
        if row["nights"] and (departure is None or (self._is_too_long(arrival, departure) and not self._holds_leases)):
            departure = after_nights(arrival, row["nights"])
        if not self._holds_leases and status not in WITHOUT_ACCESS:
            self._bound(row, arrival, departure)
        lease_end = self._moment_in(row, "lease_end")
        if departure is not None and self._holds_leases and not isinstance(departure, datetime):
            departure += timedelta(days=1)
        guest = None
        person = Who()
        if any(row[name] for name in PERSON):
            guest_id = short_id(safe_id(id_in(row, "guest_id"))) if row["guest_id"] else ""
            guest = guest_in(row, guest_id)
            person = who(f"{guest.first_name} {guest.last_name}", guest.email, guest.phone, guest_id)
        return Line(
            place=row.place,
            booking_id=booking_id,
            number=row["number"],
            status=status,
            word=word,
            room_id=self._room_in(snapshot, row, property_id)[0],
            kind=kind_in(row) if row["kind"] else None,
            arrival=arrival,
            departure=departure,
            lease_end=lease_end and day_in(lease_end),
            role=worded(row["role"]),
            guest=guest,
            person=person,
            is_shared=bool(OTHERS.search(row["name"])),
            doubt=doubt,
        )

    def by_room(self, snapshot: Snapshot, row: Row, property_id: str) -> list[Row]:
        """The row; one for each room where its cell names several that the house has."""
        if not row["room_id"] or self._room_in(snapshot, row, property_id)[1]:
            return [row]
        parts = [part for part in _ROOMS.split(_BLANKS.sub(" ", row["room_id"])) if part]
        several = [replace(row, cells=dict(row.cells) | {"room_id": part}) for part in parts]
        if len(parts) == 1 and (pair := _PAIR.fullmatch(parts[0])) is not None and int(pair[3]) == int(pair[2]) + 1:
            # "101-102" is the two of them, whether it says "and" or "to".
            several = [replace(row, cells=dict(row.cells) | {"room_id": f"{pair[1] or ''}{pair[n]}"}) for n in (2, 3)]
            parts = list(pair.group(2, 3))
        rooms = {self._room_in(snapshot, one, property_id) for one in several}
        return several if len(rooms) == len(parts) > 1 and all(is_known for _, is_known in rooms) else [row]

    def property_of(self, snapshot: Snapshot, row: Row, beside: Sequence[Row]) -> str:
        """By the row itself, else by its room, else by the other rows of its number."""
        told = self._properties_told(snapshot, row)
        if not told:
            told = {one for other in beside for one in self._properties_told(snapshot, other)}
        if not told:
            told = {self._settings["property_id"] or self._name}
            if len(snapshot.properties) == 1:
                told = set(snapshot.properties)
        if len(told) > 1 or not told <= snapshot.properties.keys():
            raise Unreadable(say("does not say which of the properties in the file of rooms it belongs to"))
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
        words = snapshot.room_words.get(property_id, {})
        bare = _OF_ROOMS.sub("", text)
        known = words.get(plain_word(text)) or (bare if bare in snapshot.rooms.get(property_id, {}) else None)
        known = known or words.get(plain_word(bare))
        return (text, False) if known is None else (known, True)

    def _goes_on(self, above: Row, row: Row) -> bool:
        if any(row[one] for one in PERSON) or not all(row[one] in ("", above[one]) for one in ("room_id", "status")):
            return False
        try:
            begins, ended = self._moment_in(row, "arrival"), self._moment_in(above, "departure")
            if ended is None and above["nights"] and (began := self._moment_in(above, "arrival")) is not None:
                ended = after_nights(began, above["nights"])
        except Unreadable:
            return False
        return begins is not None and ended is not None and day_in(begins) == day_in(ended)

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
            # Which it is nobody knows, so it is told by its place alone.
            doubt = say(
                "{place} says in place of the name what may be no guest's: look there, and set is_a_stay or not_a_stay "
                "for it",
                place=row.place,
            )
            return BookingStatus.UNKNOWN, "", doubt
        if status is BookingStatus.IN_HOUSE:
            doubt = say(
                '{place} says that the guest is here, and "{name}" in place of the name: correct one of them',
                place=row.place,
                name=called,
            )
            return BookingStatus.UNKNOWN, called, doubt
        return OF_STANDING[said.standing], called, ""

    def _is_too_long(self, arrival: datetime | date, departure: datetime | date) -> bool:
        longest: timedelta = self._settings["longest_stay"]
        return not timedelta() <= day_in(departure) - day_in(arrival) <= longest

    def _bound(self, row: Row, arrival: datetime | date, departure: datetime | date | None) -> None:
        """A booking ends: what has no end, or one that no stay has, is a slip, and would open a door for years. Raises
        `Unreadable`."""
        if departure is not None and not self._is_too_long(arrival, departure):
            return
        column = self._tables.header("bookings", "departure")
        value = row["departure"]
        # What is no date may be anything, for it may be another column's.
        if re.fullmatch(r"[\d\W]{1,30}", value):
            where = say('has "{value}" in column {column}', value=value, column=column)
        else:
            where = say(HAS_A_WORD if value else HAS_NOTHING, column=column)
        if departure is None:
            raise Unreadable(
                say("{where}, and a booking has to end: correct the departure, or set holds: leases", where=where)
            )
        days = (day_in(departure) - day_in(arrival)).days
        if days < 0:
            raise Unreadable(say("{where}, which is before the arrival: correct the dates", where=where))
        longest = say_number(self._settings["longest_stay"].days, "{number} day", "{number} days")
        raise Unreadable(say_number(days, *TOO_LONG, where=where, longest=longest))

    def _moment_in(self, row: Row, name: str) -> datetime | date | None:
        """A day, or a local time of day without its zone; None where there is nothing, or a word for never."""
        text = row[name]
        if re.fullmatch(r"[0\W_]*", text):
            return None
        wanted: str | None = self._settings["date_format"]
        try:
            if wanted == "excel":
                moment = from_excel(text)
            elif wanted is not None:
                day = text if re.search("%[HIcX]", wanted) else MIDNIGHT.sub("", text)
                moment = datetime.strptime(day, wanted)  # noqa: DTZ007 - the property's time, or a day.
            elif ISO.fullmatch(text) or COMPACT.fullmatch(text):
                moment = datetime.fromisoformat(text)
            else:
                raise ValueError
        except ValueError:
            raise Unreadable(say(NOT_IN_ISO if wanted is None else NOT_AS_TOLD, name=name)) from None
        if moment.year >= 2099 or moment.year <= 1900:
            return None
        # A day that a spreadsheet has given a midnight is still a day.
        return moment.date() if moment.tzinfo is None and moment.time() == time() else moment
