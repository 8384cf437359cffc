"""A month of a host with twelve flats on two channels each, judged by who can open which door at which minute.

The books (`Book`) are what is true; the channels publish them, each in its manner, and ill at times. Nothing is asked
of keys: a guest is whoever was told a PIN.
"""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from sandbox.http import Answer
from tests.connectors.cases import Case

HOME = ZoneInfo("Europe/Vienna")
STEP = timedelta(minutes=30)
FIRST = ("Anna", "Ben", "Cleo", "Dora", "Emil", "Frida", "Gus", "Hana", "Ivo", "Jana", "Karl", "Lena", "Max", "Nora")
LAST = ("Novak", "Maier", "Horn", "Rossi", "Dubois", "Jensen", "Kovacs", "Silva", "Marsh", "Olsen", "Weber", "Young")


@dataclass
class Book:
    """A booking, as it truly is."""

    flat: str
    channel: int
    code: str
    name: str
    arrival: date
    departure: date
    is_live: bool = True
    known_from: datetime | None = None
    """Since when it has been as it is, and told."""
    added: list[tuple[date, date]] = field(default_factory=list)
    """Parts that are told as events of their own: extensions."""

    @property
    def begins(self) -> datetime:
        return datetime.combine(self.arrival, time(15), HOME).astimezone(UTC)

    @property
    def ends(self) -> datetime:
        return datetime.combine(self.departure, time(11), HOME).astimezone(UTC)

    def has_right(self, now: datetime) -> bool:
        return self.is_live and self.begins <= now < self.ends

    def overlaps(self, arrival: date, departure: date) -> bool:
        return self.is_live and self.arrival < departure and arrival < self.departure


class Host:
    """Twelve flats, and chance."""

    def __init__(self, path: Path, seed: int):
        self.chance = random.Random(seed)
        self.flats = [f"F{number}" for number in range(12)]
        feeds = {one: (f"https://a.example/{one}/0", f"https://b.example/{one}/1") for one in self.flats}
        self.case = Case(path, feeds=feeds)
        self.books: list[Book] = []
        self.ill: dict[tuple[str, int], tuple[str, datetime]] = {}
        """What a feed says instead of the truth, and until when."""
        self.uids = 0
        self.told: dict[tuple[str, str], set[str]] = defaultdict(set)
        """By flat and PIN, the numbers of the bookings whose guests were told it."""
        self.wrong: list[str] = []
        self.manner = {(flat, n): (self.flats.index(flat) + 2 * n) % 5 for flat in self.flats for n in (0, 1)}

    @property
    def now(self) -> datetime:
        return self.case.clock.now()

    @property
    def today(self) -> date:
        return self.now.astimezone(HOME).date()

    # --- what happens -------------------------------------------------------------------------------------------------

    def book(self, flat: str, arrival: date, nights: int, channel: int | None = None) -> Book | None:
        departure = arrival + timedelta(days=nights)
        if any(one.flat == flat and one.overlaps(arrival, departure) for one in self.books):
            return None
        number = len(self.books)
        name = f"{FIRST[number % len(FIRST)]} {LAST[number // len(FIRST) % len(LAST)]}{'xyz'[number // 168 % 3]}"
        code = f"HM{number:04d}ABCD"
        chosen = self.chance.randrange(2) if channel is None else channel
        found = Book(flat, chosen, code, name, arrival, departure, known_from=self.now)
        self.books.append(found)
        return found

    def something_happens(self) -> None:
        chance = self.chance
        kind = chance.random()
        flat = chance.choice(self.flats)
        ahead = [
            one for one in self.books if one.is_live and one.flat == flat and one.arrival > self.today + timedelta(2)
        ]
        here = [
            one for one in self.books if one.flat == flat and one.is_live and one.arrival < self.today < one.departure
        ]
        if kind < 0.4:
            self.book(flat, self.today + timedelta(days=chance.randrange(1, 25)), chance.randrange(1, 6))
        elif kind < 0.5 and ahead:
            chance.choice(ahead).is_live = False
        elif kind < 0.6 and ahead:
            # Cancelled, and sold again at once.
            gone = chance.choice(ahead)
            gone.is_live = False
            self.book(flat, gone.arrival, max(1, (gone.departure - gone.arrival).days - chance.randrange(2)))
        elif kind < 0.75 and (here or ahead):
            self.extend(chance.choice(here or ahead))
        elif kind < 0.82 and ahead:
            one = chance.choice(ahead)
            if (one.departure - one.arrival).days > 1:
                one.departure -= timedelta(days=1)
                one.added = []
                one.known_from = self.now
        elif kind < 0.9:
            feed = (flat, chance.randrange(2))
            self.ill.setdefault(
                feed, (chance.choice(("empty", "500", "html")), self.now + timedelta(hours=chance.randrange(1, 10)))
            )

    def extend(self, one: Book) -> None:
        until = one.departure + timedelta(days=self.chance.randrange(1, 3))
        if any(
            other is not one and other.flat == one.flat and other.overlaps(one.departure, until) for other in self.books
        ):
            return
        one.added.append((one.departure, until))
        one.departure = until
        one.known_from = self.now

    # --- what the channels say ----------------------------------------------------------------------------------------

    def publish(self) -> None:
        for flat in self.flats:
            for channel in (0, 1):
                self.case.place.served[f"{flat}/{channel}"] = self.feed(flat, channel)

    def feed(self, flat: str, channel: int) -> bytes | Answer:
        found = self.ill.get((flat, channel))
        if found is not None:
            trouble, until = found
            if self.now < until:
                return {"empty": self.calendar([]), "500": Answer(500), "html": Answer(200, b"<html>Sign in</html>")}[
                    trouble
                ]
            del self.ill[flat, channel]
        manner = self.manner[flat, channel]
        live = [one for one in self.books if one.flat == flat and one.is_live and one.departure >= self.today]
        mine = [one for one in live if one.channel == channel]
        others = [one for one in live if one.channel != channel]
        events: list[str] = []
        for place, one in enumerate(sorted(mine, key=lambda book: book.arrival)):
            events += self.events(one, manner, place)
        for one in others:
            word = ("Airbnb (Not available)", "CLOSED - Not available", "Blocked", "Indisponible", "Not available")[
                manner
            ]
            events.append(self.event(one.arrival, one.departure, f"block-{one.code}", word))
        self.chance.shuffle(events)
        return self.calendar(events)

    def events(self, one: Book, manner: int, place: int) -> list[str]:
        parts = [(one.arrival, one.added[0][0] if one.added else one.departure), *one.added]
        link = f"https://www.airbnb.com/hosting/reservations/details/{one.code}\\nPhone Number (Last 4 Digits): 1234"
        if manner == 0:  # A code, steady UIDs, an event for every part.
            return [self.event(a, b, f"{one.code}-{n}@x", "Reserved", link) for n, (a, b) in enumerate(parts)]
        if manner == 1:  # Names, and UIDs that count from nought.
            return [self.event(one.arrival, one.departure, str(place), one.name)]
        if manner == 2:  # A number, an event a night, new UIDs each time.
            nights = [one.arrival + timedelta(days=n) for n in range((one.departure - one.arrival).days)]
            return [
                self.event(a, a + timedelta(1), self.new_uid(), one.name, f"Booking ID: {one.code}") for a in nights
            ]
        if manner == 3:  # Names, new UIDs each time, an event for every part.
            return [self.event(a, b, self.new_uid(), f"Reserved - {one.name}") for a, b in parts]
        comes, goes = one.arrival, one.departure
        return [  # Two halves.
            self.event(comes, comes + timedelta(1), f"in-{one.code}", f"Check-in: {one.name}"),
            self.event(goes, goes + timedelta(1), f"out-{one.code}", f"Check-out: {one.name}"),
        ]

    def new_uid(self) -> str:
        self.uids += 1
        return f"u{self.uids}"

    def event(self, start: date, end: date, uid: str, summary: str, description: str = "") -> str:
        return "\r\n".join(
            [
                *("BEGIN:VEVENT", f"UID:{uid}", f"DTSTART;VALUE=DATE:{start:%Y%m%d}", f"DTEND;VALUE=DATE:{end:%Y%m%d}"),
                *(f"SUMMARY:{summary}", f"DESCRIPTION:{description}", "END:VEVENT"),
            ]
        )

    def calendar(self, events: list[str]) -> bytes:
        return "\r\n".join(["BEGIN:VCALENDAR", "VERSION:2.0", *events, "END:VCALENDAR", ""]).encode()

    # --- who can open which door --------------------------------------------------------------------------------------

    def look(self) -> None:
        """What every PIN opens at this minute, and whose it is."""
        now = self.now
        open_now: dict[tuple[str, str], None] = {}
        for grant in self.case.seam.live_grants():
            key = str(grant["access_grant_key"])
            pin = self.case.seam.code_of(key)
            identity = self.case.seam.user_identities[grant["user_identity_id"]]
            whose = [
                one
                for one in self.books
                if one.code in key or (identity.get("full_name") and one.name == identity["full_name"])
            ]
            (flat,) = (str(self.case.seam.spaces[one]["name"]) for one in grant["space_ids"])
            for one in whose:
                self.told[flat, str(pin)].add(one.code)
            starts, ends = (datetime.fromisoformat(str(grant[name])) for name in ("starts_at", "ends_at"))
            if starts <= now < ends:
                open_now[flat, str(pin)] = None
        books = {one.code: one for one in self.books}
        for flat, pin in open_now:
            for code in self.told[flat, pin]:
                one = books[code]
                if not (one.flat == flat and one.has_right(now)):
                    self.wrong.append(f"{now:%d %H:%M}: {one.name} ({code}) opens {flat} with {pin}")
        for one in self.books:
            settled = one.known_from is not None and now >= one.known_from + 2 * STEP
            channel_is_well = (one.flat, one.channel) not in self.ill
            if settled and one.has_right(now):
                mine = [pin for (flat, pin), codes in self.told.items() if flat == one.flat and one.code in codes]
                if not any((one.flat, pin) in open_now for pin in mine) and (channel_is_well or mine):
                    self.wrong.append(f"{now:%d %H:%M}: {one.name} ({one.code}) stands outside {one.flat}")
        for (flat, pin), codes in self.told.items():
            if len(codes) > 1:
                self.wrong.append(f"{now:%d %H:%M}: {pin} of {flat} is of {codes}")


def play(path: Path, seed: int, days: float) -> list[str]:
    host = Host(path, seed)
    for flat in host.flats:
        for _ in range(6):
            host.book(flat, host.today + timedelta(days=host.chance.randrange(-2, 25)), host.chance.randrange(1, 7))
    steps = int(days * 48)
    begun = host.now
    for number in range(steps):
        host.case.clock.time = begun + number * STEP
        host.publish()
        host.case.sync(full=number % 12 == 0)
        host.look()
        if host.chance.random() < 0.25:
            host.something_happens()
        if host.wrong:
            return host.wrong
    assert len(host.books) > 40
    return []


def test_some_hours_of_twelve_flats(tmp_path: Path) -> None:
    assert play(tmp_path, 1, 0.25) == []


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(4))
def test_a_month_of_twelve_flats(tmp_path: Path, seed: int) -> None:
    assert play(tmp_path, seed, 30) == []
