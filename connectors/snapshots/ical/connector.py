"""iCal feeds of short-let platforms: one calendar a listing, or one a channel, and hardly more than days in it.

A feed tells who is expected, at best by a booking code and the last four digits of a phone, and leaves out what is
cancelled. It is fetched again and again; that a feed fails or is empty for a while says nothing of the bookings. How
bytes become events, `connectors.formats.calendars` knows; what their words mean, `connectors.words.not_a_stay` and
`connectors.words.text_fields`; which of them are one stay, `connectors.stays`. The shapes of the platforms' events are
UNVERIFIED, for no platform documents them: everything but the days is optional.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import time, tzinfo
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from connectors.connector import Setting
from connectors.errors import PmsError, PmsRefused, PmsUnreachable
from connectors.formats.calendars.lines import GUESSED
from connectors.last_read import Last
from connectors.ports import BookingsRead, NoWebhooks
from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Property, Room
from connectors.session import Access
from connectors.snapshots.connector import OF_THE_PROPERTY, SnapshotConnector
from connectors.snapshots.entries import Entry, Feed, Half, Says, one_stay
from connectors.snapshots.ical.events import ENDED, EventReader
from connectors.snapshots.ical.told import (
    BLOCKED_DAYS,
    NOT_CONFIRMED,
    ONLY_ARRIVAL,
    ONLY_DEPARTURE,
    breaks_off,
    not_read_whole,
    place_of,
    unclear,
)
from connectors.snapshots.ical.wire import FeedWire
from connectors.snapshots.seen import EMPTY_FOR, GONE_FOR, AbsenceRule, Reading, SeenBooking, digest
from connectors.snapshots.waiting import LONGEST_STAY, Snapshots
from connectors.stays.beside import double_booking, double_bookings, echoes
from connectors.stays.ids import could_be_booking, safe_id, short_id
from connectors.stays.join import join
from connectors.stays.recognise import recognise
from connectors.stays.stay import Part, Piece, Stay
from connectors.stays.who import Who
from connectors.wording import counted
from mappers.sentences import say, say_number, sentence_of, together


@dataclass(slots=True)
class Snapshot:
    """All feeds, as they were read for one run."""

    bookings: dict[str, Last] = field(default_factory=dict)
    stays: dict[str, Stay] = field(default_factory=dict)
    broken: list[BrokenRecord] = field(default_factory=list)
    failed: dict[str, PmsError] = field(default_factory=dict)
    """By key of the feed, why it could not be read."""
    good: dict[str, Reading] = field(default_factory=dict)
    """By key of the feed: those of which what is missing is missing."""
    untold: set[str] = field(default_factory=set)
    """Bookings that are there or may be there, and are not known to be as they were."""
    remarks: list[str] = field(default_factory=list)


class IcalConnector(SnapshotConnector[Snapshot]):
    """The feeds of one host or one building: a room's key and the address of its calendar, or several addresses."""

    SETTINGS = (
        Setting("feeds", "urls_by_name"),
        Setting("names", "texts", required=False),
        *OF_THE_PROPERTY,
        Setting("not_a_stay", "words", required=False, default=()),
        Setting("is_a_stay", "words", required=False, default=()),
        Setting("arrival_time_words", "words", required=False, default=()),
        Setting("departure_time_words", "words", required=False, default=()),
        Setting("longest_stay", "duration", required=False, default=LONGEST_STAY),
        Setting("gone_for", "duration", required=False, default=GONE_FOR),
        Setting("empty_for", "duration", required=False, default=EMPTY_FOR),
        Setting("private_addresses", "flag", required=False, default=False),
        Setting("memory", "path", required=False, default="nightporter-{connection}.json"),
    )
    webhooks = NoWebhooks("Calendars send no webhooks", "the schedule `incremental` says how often they are fetched")

    def __init__(self, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None):
        """`name` is the connection's, for errors. The feeds' addresses are in no error and no `repr`."""
        super().__init__(name, settings, access, webhook_token)
        self._feeds = _feeds(settings["feeds"])
        self._rooms = list(settings["feeds"])
        words: dict[str, Sequence[str]] = {
            one: tuple(settings[one] or ())
            for one in ("not_a_stay", "is_a_stay", "arrival_time_words", "departure_time_words")
        }
        self._events = EventReader(words, settings["longest_stay"])
        self._names: Mapping[str, str] = settings["names"] or {}
        self._times: tuple[time | None, time | None] = settings["check_in"], settings["check_out"]
        self._property = Property(
            id=settings["property_id"] or name,
            name=settings["property_name"] or name,
            time_zone=settings["time_zone"] or "",
            country=(settings["country"] or "").upper() or None,
        )
        self._clock = access.clock
        self._wire = FeedWire(name, self._feeds, access, private_addresses=settings["private_addresses"])
        memory = access.state.memory(Path(settings["memory"].replace("{connection}", name)))
        waits = AbsenceRule(settings["gone_for"], empty_for=settings["empty_for"])
        self._snapshots = Snapshots(
            memory, name, waits, settings["check_out"], access.clock, self._property.id, access.seal
        )
        self._memory = self._snapshots.memory

    def close(self) -> None:
        self._wire.close()

    def check(self) -> str:
        snapshot = self._read(self._property)
        for problem in snapshot.failed.values():
            raise problem
        found = f"{counted(len(self._feeds), 'feed')}, {counted(len(snapshot.bookings), 'booking')}"
        return together([found, *snapshot.remarks])

    def could_be_id(self, kind: str, text: str, /) -> bool:
        if kind == "room":
            return text in self._rooms
        booking_id, _, rest = text.partition(":")
        if not could_be_booking(booking_id):
            return False
        return re.fullmatch(r"primary|[0-9a-f]{8}", rest) is not None if kind == "guest" else not rest

    # --- properties, rooms, guests ------------------------------------------------------------------------------------

    def read_properties(self) -> list[Property]:
        return [self._property]

    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        """The rooms are those that have a feed; the settings name them."""
        check_in, check_out = self._times
        return [
            Room(key, of.id, self._names.get(key, key), "Apartment", check_in=check_in, check_out=check_out)
            for key in self._rooms
        ], []

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        return set(ids) & set(self._rooms)

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        known = {one: guest for last in self._read(of).bookings.values() for one, guest in last.guests.items()}
        return [known[one] for one in ids if one in known], []

    # --- bookings -----------------------------------------------------------------------------------------------------

    def _handed_on(self, of: Property, snapshot: Snapshot, found: Sequence[Last], is_full: bool) -> BookingsRead:
        """A feed that cannot be read is a broken room, and nothing is concluded for its bookings."""
        rooms: dict[str, str] = {}
        for feed in self._feeds:
            if feed.key in snapshot.failed:
                rooms.setdefault(feed.room, say("{why}.", why=sentence_of(snapshot.failed[feed.key])))
        broken = [BrokenRecord("room", room, reason) for room, reason in rooms.items()]
        guessed = [one for one in snapshot.remarks if GUESSED in one] if is_full else ()
        return replace(_handed_on(found, broken + snapshot.broken), remarks=tuple(guessed))

    def _there(self, snapshot: Snapshot, booking_id: str, where: str) -> Last | None:
        return snapshot.bookings.get(booking_id) or self._snapshots.waited_for(booking_id, where)

    def _where(self, known: SeenBooking) -> str:
        return place_of(known.stay)

    def _zone(self, of: Property) -> ZoneInfo:
        return _zone(of)

    def bookings_by_id(self, of: Property, ids: Sequence[str], /) -> BookingsRead:
        """Not counted as a look."""
        if not ids:
            return BookingsRead()
        snapshot = self._read(of)
        found: list[Last] = []
        unread = {one.id: one for one in snapshot.broken}
        broken: list[BrokenRecord] = []
        keys = [feed.key for feed in self._feeds]
        for booking_id in dict.fromkeys(ids):
            known = self._memory.of(booking_id)
            if booking_id in snapshot.bookings:
                found.append(snapshot.bookings[booking_id])
            elif booking_id in unread:
                broken.append(unread[booking_id])
            elif known is not None and booking_id not in snapshot.untold:
                last = self._snapshots.waited_for(booking_id, self._where(known))
                found.append(last or self._placeholder(of, booking_id, known))
            elif booking_id in snapshot.untold or snapshot.failed:
                where = self._where(known) if known is not None else say("a feed")
                broken.append(BrokenRecord("booking", booking_id, not_read_whole(where)))
            elif not self._memory.has_settled(keys, self._clock()):
                reason = say(
                    "It is in no feed; that there is none is said when the feeds have been read for some time."
                )
                broken.append(BrokenRecord("booking", booking_id, reason))
        return _handed_on(found, broken)

    def _note(self, snapshot: Snapshot, zone: tzinfo) -> None:
        seen = {
            one: SeenBooking(digest(last.booking, *last.guests.values()), snapshot.stays[one])
            for one, last in snapshot.bookings.items()
        }
        used = [feed.key for feed in self._feeds]
        self._snapshots.look(snapshot.good, used, seen, snapshot.bookings, snapshot.untold, zone)

    # --- the feeds ----------------------------------------------------------------------------------------------------

    def _read(self, of: Property) -> Snapshot:
        if self._snapshot is not None:
            return self._snapshot
        for name in (*self._rooms, of.id):
            if short_id(name) != name:
                raise PmsRefused.saying(
                    "{who}: {value} cannot be a part of a key: name rooms and the property with at most 100 "
                    "letters, digits and signs",
                    who=self._name,
                    value=f"{name[:30]!r}",
                )
        self._memory.recall()
        snapshot = Snapshot()
        entries: list[Entry] = []
        zone = _zone(of)
        silent: set[str | None] = set()
        now = self._clock().isoformat()
        for feed in self._feeds:
            host = urlsplit(feed.url).hostname
            try:
                if host in silent:
                    # The next of fifty feeds would be waited for as long, and in vain.
                    raise PmsUnreachable.saying(
                        "{who}: the PMS is silent: not asked for {name}", who=self._name, name=feed.name
                    )
                calendar = self._wire.read(feed, zone)
            except PmsError as problem:
                snapshot.failed[feed.key] = problem
                if isinstance(problem, PmsUnreachable) and problem.status is None:
                    silent.add(host)
                continue
            snapshot.good[feed.key] = Reading(now, len(calendar.events))
            snapshot.remarks += [say("{of}: {words}", of=feed.name, words=one) for one in calendar.remarks]
            if not calendar.is_whole:
                self._leave_open(snapshot, feed, breaks_off(feed.name))
            told = [one for event in calendar.events if (one := self._events.entry(feed, event, zone)) is not None]
            waiting = sum(one.status is BookingStatus.TENTATIVE for one in told)
            for number, what in ((len(calendar.events) - len(told), BLOCKED_DAYS), (waiting, NOT_CONFIRMED)):
                if number:
                    snapshot.remarks.append(say_number(number, *what, feed=feed.name))
            entries += told
        if len(snapshot.failed) == len(self._feeds):
            raise next(iter(snapshot.failed.values()))
        self._take(of, snapshot, entries, zone)
        self._snapshot = snapshot
        return snapshot

    def _leave_open(self, snapshot: Snapshot, feed: Feed, reason: str) -> None:
        """Something is in the feed that nobody knows: then nothing is missing from it."""
        snapshot.good.pop(feed.key, None)
        snapshot.broken.append(BrokenRecord("booking", "?", reason))

    # --- from events to bookings --------------------------------------------------------------------------------------

    def _take(self, of: Property, snapshot: Snapshot, entries: Sequence[Entry], zone: tzinfo) -> None:
        known = self._memory.all()
        entries, alone = one_stay(entries, [one.stay for one in known.values() if not one.is_gone], zone)
        for entry in alone:
            is_arrival = entry.half is Half.ARRIVAL
            self._leave_out(snapshot, entry, say(ONLY_ARRIVAL) if is_arrival else say(ONLY_DEPARTURE))
        good = []
        for entry in entries:
            if entry.trouble:
                self._leave_out(snapshot, entry, entry.trouble)
            else:
                good.append(entry)
        stays = join([_piece(of.id, entry, zone) for entry in good])
        today = self._clock().astimezone(zone).date()
        used = [feed.key for feed in self._feeds]
        recognised = recognise(stays, self._memory.known(), today, used, snapshot.good, snapshot.untold)
        for place, (stay, booking_id) in enumerate(zip(stays, recognised.ids, strict=True)):
            told = [good[one] for one in stay.pieces]
            if booking_id:
                before = known.get(booking_id)
                self._take_one(of, snapshot, booking_id, stay, told, before)
                continue
            either = recognised.either[place]
            snapshot.untold.update(either)
            reason = say(
                "In {name} an event may be either of several bookings: it gets no access.", name=told[0].feed.name
            )
            snapshot.broken.append(BrokenRecord("booking", _new_id(told[0]), reason))
        self._leave_out_echoes(snapshot, known)
        self._doubt(snapshot, stays, recognised.ids, good)
        for booking_id, others in double_bookings(snapshot.stays).items():
            last = snapshot.bookings[booking_id]
            review = double_booking([snapshot.stays[one].number or one for one in others])
            snapshot.bookings[booking_id] = replace(last, booking=replace(last.booking, review=review))
        snapshot.untold.update(
            one
            for one, other in known.items()
            if other.stay.sources & snapshot.failed.keys() and one not in snapshot.bookings
        )

    def _leave_out(self, snapshot: Snapshot, entry: Entry, trouble: str) -> None:
        """An event of which no booking can be made: what it may be is not missing."""
        known = [
            booking_id
            for booking_id, one in self._memory.all().items()
            if not one.is_gone
            and (
                (entry.code and entry.code in one.stay.numbers)
                or (not (entry.code and one.number) and (entry.feed.key, entry.uid) in one.stay.uids)
            )
        ]
        reason = say("The event in {name} {trouble}.", name=entry.feed.name, trouble=trouble)
        status = entry.status if entry.status in ENDED else None
        if not known and not entry.code and not entry.uid:
            self._leave_open(
                snapshot,
                entry.feed,
                say("An event in {name} without a UID {trouble}.", name=entry.feed.name, trouble=trouble),
            )
            return
        for booking_id in known or [_new_id(entry)]:
            snapshot.untold.add(booking_id)
            snapshot.broken.append(BrokenRecord("booking", booking_id, reason, status))

    def _take_one(
        self,
        of: Property,
        snapshot: Snapshot,
        booking_id: str,
        stay: Stay,
        told: Sequence[Entry],
        before: SeenBooking | None,
    ) -> None:
        if before is not None:
            away = before.stay.sources & snapshot.failed.keys()
            if away and before.stay.rooms - stay.rooms:
                snapshot.untold.add(booking_id)
                reason = say("A part of it stands in a feed that cannot be read: {where}.", where=place_of(before.stay))
                snapshot.broken.append(BrokenRecord("booking", booking_id, reason))
                return
            # What cannot be read just now has it still, as far as we know.
            stay = replace(
                stay,
                number=stay.number or before.stay.number,
                also=stay.also if stay.number else before.stay.also,
                sources=stay.sources | away,
                uids=stay.uids | {one for one in before.stay.uids if one[0] in away},
            )
        lead = next((one for one in told if one.status is BookingStatus.CONFIRMED), told[0])
        alive = [one for one in told if one.status is lead.status]
        guests = _guests(booking_id, alive)
        booking = Booking(
            id=booking_id,
            property_id=of.id,
            number=stay.number,
            status=lead.status,
            status_word=lead.word or lead.status.upper(),
            review=unclear(lead) if lead.status is BookingStatus.UNKNOWN else None,
            arrival=stay.parts[0].arrival,
            departure=stay.parts[-1].departure,
            room_id=None if len(stay.parts) > 1 else stay.parts[0].room,
            guest_ids=tuple(guests),
            primary_is_any=len(guests) > 1,
            spans=stay.spans,
        )
        snapshot.bookings[booking_id] = Last(booking, guests)
        snapshot.stays[booking_id] = stay

    def _leave_out_echoes(self, snapshot: Snapshot, known: Mapping[str, SeenBooking]) -> None:
        """One channel shows as taken what another has sold: no second booking, and no double one."""
        new = {one: stay for one, stay in snapshot.stays.items() if one not in known}
        told = [one.stay for key, one in known.items() if key not in snapshot.stays and not one.is_gone]
        told += [stay for stay in snapshot.stays.values() if not stay.is_anonymous]
        for booking_id, is_whole in echoes(new, told).items():
            del snapshot.bookings[booking_id], snapshot.stays[booking_id]
            if not is_whole:
                where = place_of(new[booking_id])
                reason = say(
                    "An event in {where} names nobody, and another channel has a booking at a part of its time: it "
                    "gets no access. Ask the platform whether it is one.",
                    where=where,
                )
                snapshot.untold.add(booking_id)
                snapshot.broken.append(BrokenRecord("booking", booking_id, reason))

    def _doubt(self, snapshot: Snapshot, stays: Sequence[Stay], ids: Sequence[str], entries: Sequence[Entry]) -> None:
        """Days of which nobody says who sleeps there, in a feed that says it otherwise: told, and no new access."""
        by_feed: dict[str, list[Says]] = {}
        for entry in entries:
            if entry.status is BookingStatus.CONFIRMED:
                by_feed.setdefault(entry.feed.key, []).append(entry.says)
        for stay, booking_id in zip(stays, ids, strict=True):
            told = [entries[one] for one in stay.pieces if entries[one].status is BookingStatus.CONFIRMED]
            last = snapshot.bookings.get(booking_id)
            if last is None or not told or not all(_is_weak(one, by_feed[one.feed.key]) for one in told):
                continue
            reason = say(
                "the event in {feed} names nobody, where the others do: if it is a guest's, give it a name, or name "
                "its title under is_a_stay in the settings",
                feed=told[0].feed.name,
            )
            booking = replace(last.booking, status=BookingStatus.UNKNOWN, status_word="no name", review=reason)
            snapshot.bookings[booking_id] = replace(last, booking=booking)
            snapshot.stays[booking_id] = replace(snapshot.stays[booking_id], lives=False)


def _is_weak(entry: Entry, others: Sequence[Says]) -> bool:
    """Whether an event says less of who sleeps there than its feed does otherwise. One word may be a name where people
    write the calendar; where each other event has a code or a contact, a program writes it."""
    if entry.says is Says.NOTHING:
        return any(one is not Says.NOTHING for one in others)
    if entry.says is Says.ONE_WORD:
        rest = [one for one in others if one is not Says.ONE_WORD]
        return len(others) > 1 and rest != [] and len(rest) == len(others) - 1 and min(rest) is Says.SURELY
    return False


def _feeds(settings: Mapping[str, str | Sequence[str]]) -> list[Feed]:
    found = []
    for room, given in settings.items():
        urls = [given] if isinstance(given, str) else list(dict.fromkeys(given))
        for number, url in enumerate(urls, start=1):
            name = say("the feed of room {room}", room=room)
            if len(urls) > 1:
                name = say("feed {number} of room {room}", number=number, room=room)
            found.append(Feed(room, url, name))
    return found


def _piece(realm: str, entry: Entry, zone: tzinfo) -> Piece:
    part = Part.at(entry.feed.room, entry.arrival, entry.departure, zone)
    lives = entry.status is BookingStatus.CONFIRMED
    return Piece(entry.feed.key, realm, entry.code, entry.uid, part, entry.person, lives)


def _guests(booking_id: str, told: Sequence[Entry]) -> dict[str, Guest]:
    """The people of a stay, the first of them as its primary guest; of what several events tell, the most."""
    found: list[tuple[Who, Guest]] = []
    for entry in told:
        person, guest = entry.person, entry.guest
        place = next((one for one, (known, _) in enumerate(found) if not known.is_another(person)), None)
        if place is None:
            found.append((person, guest))
            continue
        known, before = found[place]
        more = len(person.words) > len(known.words)
        found[place] = (
            person if more else known,
            replace(
                guest if more else before, email=before.email or guest.email, phone=_longer(before.phone, guest.phone)
            ),
        )
    guests = {}
    for number, (person, guest) in enumerate(found):
        rest = "primary" if not number else digest(sorted(person.words), sorted(person.contacts))[:8]
        guests[f"{booking_id}:{rest}"] = replace(guest, id=f"{booking_id}:{rest}")
    return guests


def _longer(one: str | None, other: str | None) -> str | None:
    return max(one or "", other or "", key=len) or None


def _new_id(entry: Entry) -> str:
    return short_id(safe_id(entry.code or f"{entry.uid}@{entry.feed.room}"))


def _handed_on(found: Sequence[Last], broken: list[BrokenRecord]) -> BookingsRead:
    guests = {one: guest for last in found for one, guest in last.guests.items()}
    return BookingsRead([last.booking for last in found], broken, guests)


def _zone(of: Property) -> ZoneInfo:
    return ZoneInfo(of.time_zone or "UTC")
