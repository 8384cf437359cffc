"""iCal feeds of short-let platforms: one calendar a listing, and nothing but days in it.

A feed tells who is expected, at best by a booking code and the last four digits of a phone, and leaves out what is
cancelled. It is fetched again and again; that a feed fails or is empty for a while says nothing of the bookings. Facts:
RFC 5545; the shapes of the platforms' events are UNVERIFIED, for no platform documents them: they are taken from feeds
that others have published, and everything but the days is optional.
"""

import hashlib
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from icalendar import Calendar
from icalendar.cal import Component

from connectors.addresses import PublicOnly, is_loopback
from connectors.base import BookingsRead, Connector, NotOffered, NotUnderstood, Setting, Subscription, WebhookNews
from connectors.errors import PmsError, PmsRefused, PmsUnreachable
from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Property, Room
from connectors.session import Access, Body
from connectors.sightings import Sighting, Sightings, digest, is_over, safe_id, stand_in, touches

LOOKS = 3
"""A booking that is missing in so many good reads in a row is gone."""
ATTEMPTS = 4
LARGEST, LONGEST = 5_000_000, 20.0
"""Bytes and seconds of one feed."""
REQUESTS, SECONDS = 10, 1.0
"""Our own limit, for all feeds of a connection: the platforms name none."""
LONGEST_ID = 100

_BLOCK = re.compile(r"^\W*(blocked\b|block\W*$|closed\b|unavailable\b|busy\W*$)|not available", re.IGNORECASE)
"""Days that nobody can book, and days of which the feed does not say whether somebody has: no access for either."""
_HALF = re.compile(r"^\W*check[- ]?(in|out)\b", re.IGNORECASE)
"""An event beside the one for the whole stay, for its first or last day."""
_RESERVED = re.compile(r"^\W*(reserved|reservation|booked|booking)\b[\s:–-]*", re.IGNORECASE)
_CODES = (
    re.compile(r"/reservations/details/([A-Za-z0-9]{4,32})"),
    re.compile(
        r"^\s*(?:booking|reservation|confirmation)\s+(?:id|code|number|no\.?)\s*[:#]\s*([A-Za-z0-9][\w.-]{2,63})",
        re.IGNORECASE | re.MULTILINE,
    ),
    re.compile(r"\b(HM[A-Z0-9]{8})\b"),
)
_DIGITS = re.compile(r"\(?Last 4 Digits\)?:\s*(\d{4})", re.IGNORECASE)
_PHONE = re.compile(r"Phone(?: Number)?:\s*(\+?\d[\d. ()/-]{7,24})", re.IGNORECASE)
_EMAIL = re.compile(r"E-?mail:\s*([^\s<>]+@[^\s<>]+)", re.IGNORECASE)
_STATUSES = {"CANCELLED": BookingStatus.CANCELLED, "TENTATIVE": BookingStatus.TENTATIVE}


class Unreadable(Exception):
    """An event of which no booking can be made; the message says why, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Event:
    """A booking as an event has it."""

    room: str
    uid: str
    code: str
    status: BookingStatus
    arrival: datetime | date = date.min
    departure: datetime | date = date.min
    guest: Guest = field(default_factory=lambda: Guest(""))
    trouble: str = ""
    """Why it cannot be read, if so."""

    @property
    def name(self) -> str:
        """A digest of the guest's name; empty where the feed tells none."""
        told = f"{self.guest.first_name} {self.guest.last_name}".strip()
        return digest(told) if told else ""


@dataclass(slots=True)
class Shot:
    """All feeds, as they were read for one run."""

    bookings: dict[str, Booking] = field(default_factory=dict)
    guests: dict[str, Guest] = field(default_factory=dict)
    seen: dict[str, Sighting] = field(default_factory=dict)
    broken: list[BrokenRecord] = field(default_factory=list)
    failed: dict[str, PmsError] = field(default_factory=dict)
    """By room, why its feed could not be read."""
    uncertain: set[str] = field(default_factory=set)
    """Rooms in whose feed something without an id cannot be read."""
    untold: set[str] = field(default_factory=set)
    """Bookings that are there or may be there, and are not known to be as they were."""


class IcalConnector(Connector):
    """The feeds of one host or one building: a room's key and the address of its calendar."""

    SETTINGS = (
        Setting("feeds", "urls"),
        Setting("names", "texts", required=False),
        Setting("property_id", required=False),
        Setting("property_name", required=False),
        Setting("time_zone", "time_zone", required=False),
        Setting("country", required=False),
        Setting("check_in", "clock", required=False),
        Setting("check_out", "clock", required=False),
        Setting("private_addresses", "flag", required=False, default=False),
        Setting("memory", required=False),
    )
    TELLS_TIME_ZONE = False

    @classmethod
    def open(cls, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None) -> Self:
        return cls(name, settings, access)

    def __init__(self, name: str, settings: Mapping[str, Any], access: Access):
        """`name` is the connection's, for errors. The feeds' addresses are in no error and no `repr`."""
        self._name = name
        self._feeds: Mapping[str, str] = settings["feeds"]
        self._names: Mapping[str, str] = settings["names"] or {}
        self._times: tuple[time | None, time | None] = settings["check_in"], settings["check_out"]
        self._property = Property(
            id=settings["property_id"] or name,
            name=settings["property_name"] or name,
            time_zone=settings["time_zone"] or "",
            country=(settings["country"] or "").upper() or None,
        )
        self._clock = access.clock
        account = hashlib.sha256(repr(sorted(self._feeds.items())).encode()).hexdigest()
        self._longest = min(access.timeout[1], LONGEST)
        patience = replace(
            access, attempts=min(access.attempts, ATTEMPTS), timeout=(min(access.timeout[0], 10.0), self._longest)
        )
        self._session = patience.session(account, REQUESTS, SECONDS)
        if not settings["private_addresses"]:
            self._session.through(PublicOnly())
        self._sightings = Sightings(Path(settings["memory"] or f"nightporter-{name}.json"), name, LOOKS)
        self._shot: Shot | None = None
        self._has_looked = False

    def __repr__(self) -> str:
        return f"IcalConnector({self._name!r})"

    def refresh(self) -> None:
        self._shot = None
        self._has_looked = False

    def check(self) -> str:
        shot = self._read(self._property)
        for problem in shot.failed.values():
            raise problem
        number = len(shot.bookings)
        return f"{len(self._feeds)} feed{'s' * (len(self._feeds) != 1)}, {number} booking{'s' * (number != 1)}"

    def could_be_id(self, kind: str, text: str, /) -> bool:
        if kind == "room":
            return text in self._feeds
        booking_id, _, rest = text.partition(":")
        is_booking = bool(booking_id) and len(booking_id) <= LONGEST_ID + 20 and not re.search(r"\s", booking_id)
        return is_booking and (rest == "primary" if kind == "guest" else not rest)

    # --- properties, rooms, guests ------------------------------------------------------------------------------------

    def read_properties(self) -> list[Property]:
        return [self._property]

    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        """The rooms are those that have a feed; the settings name them."""
        check_in, check_out = self._times
        return [
            Room(key, of.id, self._names.get(key, key), "Apartment", check_in=check_in, check_out=check_out)
            for key in self._feeds
        ], []

    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        return set(ids) & self._feeds.keys()

    def read_changed_rooms(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        """None: rooms change with the settings, which are read when Night Porter starts."""
        return set()

    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        guests = self._read(of).guests
        return [guests[one] for one in ids if one in guests], []

    def read_changed_guests(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        """None: a guest is a part of her booking, and changes with it."""
        return set()

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
        """Every feed is fetched once a run. A read by `colliding` or `updated` counts as a look; one by `ids` does not.

        A feed that cannot be read is a broken room, and nothing is concluded for its bookings; where none can be read,
        that is an error.
        """
        if ids is None and colliding is None and updated is None:
            raise ValueError("say which bookings: colliding, updated or ids")
        if ids is not None and not ids:
            return BookingsRead()
        shot = self._read(of)
        if ids is not None:
            return self._by_id(of, shot, ids)
        self._look(of, shot)
        broken = [BrokenRecord("room", room, f"{problem}.") for room, problem in shot.failed.items()]
        found: list[Booking] = []
        for booking_id, sighting in self._sightings.all().items():
            booking = shot.bookings.get(booking_id)
            if booking is None:
                # Feeds leave out what is over.
                if sighting.missing < LOOKS or booking_id in shot.untold or is_over(sighting, self._clock()):
                    continue
                booking = self._missing(of, booking_id, sighting)
            if colliding is not None:
                wanted = touches(booking.arrival, booking.departure, colliding)
            else:
                assert updated is not None
                wanted = updated[0] <= sighting.changed_at < updated[1]
            if wanted:
                found.append(booking)
        return self._handed_on(shot, found, broken + shot.broken)

    def _by_id(self, of: Property, shot: Shot, ids: Sequence[str]) -> BookingsRead:
        found: list[Booking] = []
        unread = {one.id: one for one in shot.broken}
        broken: list[BrokenRecord] = []
        for booking_id in dict.fromkeys(ids):
            sighting = self._sightings.of(booking_id)
            if booking_id in shot.bookings:
                found.append(shot.bookings[booking_id])
            elif booking_id in unread:
                broken.append(unread[booking_id])
            elif sighting is not None and booking_id not in shot.untold:
                found.append(self._missing(of, booking_id, sighting))
            elif booking_id in shot.untold or shot.failed:
                room = sighting.source if sighting is not None else next(iter(shot.failed), "?")
                broken.append(BrokenRecord("booking", booking_id, f"The feed of room {room} could not be read whole."))
            elif not all(self._sightings.has_settled(room) for room in self._feeds):
                reason = f"It is in no feed, and the feeds have not been read {LOOKS} times since the memory began."
                broken.append(BrokenRecord("booking", booking_id, reason))
        return self._handed_on(shot, found, broken)

    def _handed_on(self, shot: Shot, bookings: list[Booking], broken: list[BrokenRecord]) -> BookingsRead:
        guests = {one: shot.guests[one] for booking in bookings for one in booking.guest_ids}
        return BookingsRead(bookings, broken, guests)

    def _missing(self, of: Property, booking_id: str, sighting: Sighting) -> Booking:
        gone = self._sightings.is_gone(sighting)
        review = f"the feed of room {sighting.source} does not list it any more"
        if sighting.is_kept:
            review += ", though the stay had begun (ask the platform)"
        else:
            review += f", {LOOKS} reads in a row" if gone else f" (it counts after {LOOKS} reads)"
        return stand_in(booking_id, of.id, sighting, gone, review)

    def _look(self, of: Property, shot: Shot) -> None:
        """Counts this run's read, once."""
        if self._has_looked:
            return
        now = self._clock()
        today = now.astimezone(_zone(of)).date()

        def has_begun(sighting: Sighting) -> bool:
            # By the day, where the feed tells no hours: when the door opens, the policy says.
            arrival = sighting.arrival
            return arrival <= now if isinstance(arrival, datetime) else arrival <= today

        good = {
            room: (hashlib.sha256(url.encode()).hexdigest()[:16], now.isoformat())
            for room, url in self._feeds.items()
            if room not in shot.failed and room not in shot.uncertain
        }
        self._sightings.look(good, shot.seen, frozenset(shot.untold), now, has_begun)
        self._sightings.keep()
        self._has_looked = True

    # --- the feeds ----------------------------------------------------------------------------------------------------

    def _read(self, of: Property) -> Shot:
        if self._shot is not None:
            return self._shot
        self._sightings.recall()
        shot = Shot()
        events: list[Event] = []
        zone = _zone(of)
        silent: set[str | None] = set()
        for room, url in self._feeds.items():
            host = urlsplit(url).hostname
            try:
                if host in silent:
                    # The next of fifty feeds would be waited for as long, and in vain.
                    raise PmsUnreachable(f"{self._name}: the PMS is silent: not asked for the feed of room {room}")
                calendar = self._fetch(room, url)
            except PmsError as problem:
                shot.failed[room] = problem
                if isinstance(problem, PmsUnreachable) and problem.status is None:
                    silent.add(host)
                continue
            events += _events(room, calendar, zone)
        if len(shot.failed) == len(self._feeds):
            raise next(iter(shot.failed.values()))
        self._recognise(of, shot, events)
        self._shot = shot
        return shot

    def _fetch(self, room: str, url: str) -> Component:
        """Raises `PmsError`, which names the room and never the address."""
        feed = f"the feed of room {room}"
        if not url.lower().startswith("https://") and not is_loopback(url):
            raise PmsRefused(
                f"{self._name}: {feed} is asked for by https:// only: copy its address from the platform anew"
            )
        body = Body("a whole calendar of at most 5 MB", _calendar, LARGEST, self._longest)
        try:
            answer = self._session.request(
                "GET",
                url,
                who=self._name,
                operation=feed,
                headers={"Accept": "text/calendar"},
                body=body,
            )
        except PmsRefused as problem:
            told = f"answered {problem.status}" if problem.status else str(problem)
            raise PmsRefused(
                f"{self._name}: the PMS refuses {feed} ({told}): copy its address from the platform anew",
                operation=feed,
                status=problem.status,
            ) from None
        found: Component = answer.document
        return found

    def _recognise(self, of: Property, shot: Shot, events: Sequence[Event]) -> None:
        """Gives every event the id under which it is known: by its booking code, else its UID, else its days.

        Platforms hand out new UIDs as they like; the days of a stay change as well, but not both at once. The id of a
        booking that is new is its code, or its UID; it stays, whatever becomes of them.
        """
        known = self._sightings.all()
        by_code = {one.traits["code"]: booking_id for booking_id, one in known.items() if one.traits["code"]}
        by_uid = {(one.source, one.traits["uid"]): booking_id for booking_id, one in known.items() if one.traits["uid"]}
        met: dict[str, list[Event]] = defaultdict(list)
        strangers: list[Event] = []
        for event in events:
            booking_id = by_code.get(event.code) if event.code else None
            if booking_id is None and (same := by_uid.get((event.room, event.uid))) is not None:
                code = known[same].traits["code"]
                booking_id = same if not code or not event.code else None
            if booking_id is None:
                strangers.append(event)
            else:
                met[booking_id].append(event)
        free = {one: known[one] for one in known.keys() - met.keys() if known[one].missing < LOOKS}
        likely = {event: [one for one, other in free.items() if _is_likely(event, other)] for event in strangers}
        claims = [one for several in likely.values() for one in several]
        for event in strangers:
            candidates = likely[event]
            if not candidates:
                met[_new_id(event)].append(event)
            elif len(candidates) == 1 and claims.count(candidates[0]) == 1:
                met[candidates[0]].append(event)
            else:
                shot.untold.update(candidates)
                reason = f"In the feed of room {event.room} it may be either of several bookings: it gets no access."
                shot.broken.append(BrokenRecord("booking", _new_id(event), reason))
        for event in met.pop("?", []):
            shot.uncertain.add(event.room)
            reason = f"An event in the feed of room {event.room} has neither a UID nor a booking code."
            shot.broken.append(BrokenRecord("booking", "?", reason))
        for booking_id, several in met.items():
            self._take(of, shot, booking_id, list(dict.fromkeys(several)))
        shot.untold.update(
            one for one, other in known.items() if other.source in shot.failed and one not in shot.bookings
        )

    def _take(self, of: Property, shot: Shot, booking_id: str, several: list[Event]) -> None:
        several = [one for one in several if one.status is not BookingStatus.CANCELLED] or several
        event, trouble = several[0], ""
        if len(several) > 1:
            rooms = " and ".join(dict.fromkeys(one.room for one in several))
            trouble = (
                f"It is more than once in the feed of room {rooms}, and not the same: which is right, nobody knows."
            )
        elif event.trouble:
            trouble = f"The event in the feed of room {event.room} {event.trouble}."
        if trouble:
            shot.untold.add(booking_id)
            shot.broken.append(BrokenRecord("booking", booking_id, trouble))
            return
        guest = replace(event.guest, id=f"{booking_id}:primary")
        booking = Booking(
            id=booking_id,
            property_id=of.id,
            number=event.code,
            status=event.status,
            status_word=event.status.upper(),
            arrival=event.arrival,
            departure=event.departure,
            room_id=event.room,
            guest_ids=(guest.id,),
        )
        shot.bookings[booking_id] = booking
        shot.guests[guest.id] = guest
        traits = {"uid": _shortened(event.uid), "code": event.code, "name": event.name}
        shot.seen[booking_id] = Sighting(
            event.room, digest(booking, guest), event.arrival, event.departure, event.room, event.code, traits
        )

    # --- webhooks -----------------------------------------------------------------------------------------------------

    def verify_webhook(
        self, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime, /
    ) -> bool:
        """Calendars send nothing: whatever comes is not from them."""
        return False

    def read_webhook(self, document: Any, /) -> WebhookNews | None:
        raise NotUnderstood("calendars send no webhooks")

    def subscribe_webhooks(self, url: str, /) -> list[Subscription]:
        raise NotOffered("Calendars send no webhooks: the schedule `incremental` says how often they are fetched")


def _calendar(content: bytes) -> Component:
    """Source: RFC 5545, 3.4 and 3.1.4 (UTF-8). A calendar that is cut off, or a page that is none, is a ValueError."""
    text = content.decode("utf-8-sig").strip()
    begin, end = text[:15].upper(), text[-13:].upper()
    if begin != "BEGIN:VCALENDAR" or end != "END:VCALENDAR":
        raise ValueError("not a whole calendar")
    try:
        return Calendar.from_ical(text)
    except ValueError:
        raise
    except Exception as problem:  # What a library makes of any text in the world.
        raise ValueError(type(problem).__name__) from None


def _events(room: str, calendar: Component, zone: tzinfo) -> list[Event]:
    """The bookings of a feed, the unreadable ones too; blocks and the halves of a stay are left out."""
    found = []
    for item in calendar.walk("VEVENT"):
        summary = str(item.get("SUMMARY", "")).strip()
        description = str(item.get("DESCRIPTION", ""))
        code = next((one[1] for pattern in _CODES if (one := pattern.search(f"{summary}\n{description}"))), "")
        if _HALF.match(summary) or _BLOCK.search(summary) or not (summary or code):
            continue
        status = _STATUSES.get(str(item.get("STATUS", "")).upper(), BookingStatus.CONFIRMED)
        event = Event(room, str(item.get("UID", "")).strip(), code, status)
        try:
            arrival, departure = _days(item, zone)
        except Unreadable as problem:
            found.append(replace(event, trouble=str(problem)))
            continue
        guest = _guest(summary, description, code)
        found.append(replace(event, arrival=arrival, departure=departure, guest=guest))
    return found


def _days(item: Component, zone: tzinfo) -> tuple[datetime | date, datetime | date]:
    """Source: RFC 5545, 3.6.1: the end is not a part of the event; without an end, a day lasts a day."""
    for name in ("RRULE", "RDATE", "RECURRENCE-ID"):
        if name in item:
            raise Unreadable(f"repeats itself ({name}), which no stay does")
    start, end, duration = (_moment(item, name, zone) for name in ("DTSTART", "DTEND", "DURATION"))
    if not isinstance(start, date):
        raise Unreadable("has no start that can be read")
    if end is None:
        end = start + (duration if isinstance(duration, timedelta) else timedelta(days=1))
    if not isinstance(end, date) or isinstance(end, datetime) is not isinstance(start, datetime):
        raise Unreadable("has an end that does not go with its start")
    return start, end


def _moment(item: Component, name: str, zone: tzinfo) -> datetime | date | timedelta | None:
    if name not in item and not any(wrong == name for wrong, _ in item.errors):
        return None
    try:
        moment = getattr(item.get(name), "dt", None)
    except Exception:  # Of a value that it could not parse, the library raises whatever it raised then.
        moment = None
    if not isinstance(moment, date | timedelta):
        raise Unreadable(f"has a {name} that cannot be read")
    if not isinstance(moment, datetime):
        return moment
    try:
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except OverflowError:
        raise Unreadable(f"has a {name} that cannot be read") from None


def _guest(summary: str, description: str, code: str) -> Guest:
    """What a feed tells of the guest: the last four digits of the phone stand for it, where there are no more."""
    name = _RESERVED.sub("", summary)
    name = name.replace(code, "").strip(" -–:()") if code else name.strip()
    first, _, last = name.partition(" ")
    phone = _PHONE.search(description) or _DIGITS.search(description)
    email = _EMAIL.search(description)
    return Guest("", first, last.strip(), email[1] if email else None, phone[1].strip() if phone else None)


def _is_likely(event: Event, known: Sighting) -> bool:
    """Whether an event under a new UID may be a booking that is not there any more under its old one."""
    if event.trouble or event.room != known.source or (event.code and known.traits["code"]):
        return False
    if event.name != known.traits["name"]:
        return False
    same_days = (event.arrival, event.departure) == (known.arrival, known.departure)
    if not event.name:
        return same_days
    return same_days or _overlap(event, known)


def _overlap(event: Event, known: Sighting) -> bool:
    def day(moment: datetime | date) -> date:
        return moment.date() if isinstance(moment, datetime) else moment

    assert known.departure is not None
    return day(event.arrival) < day(known.departure) and day(known.arrival) < day(event.departure)


def _new_id(event: Event) -> str:
    return safe_id(event.code or _shortened(event.uid)) or "?"


def _shortened(uid: str) -> str:
    """A UID as it is; of one that is too long for a key, or has white space, a digest."""
    if len(uid) <= LONGEST_ID and not re.search(r"\s", uid):
        return uid
    return hashlib.sha256(uid.encode()).hexdigest()[:32]


def _zone(of: Property) -> tzinfo:
    return ZoneInfo(of.time_zone) if of.time_zone else UTC
