"""Days of a hotel, minute by minute: who can open which door, against the hotel's own books.

The clock is moved; hotel and workspace fail every now and then; webhooks get lost for an hour at a time, and the
process is restarted every now and then. At no moment may a door be open to somebody for longer than one incremental
interval beyond what the books say, nor closed to somebody whom they let in.
"""

import random
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from tests.night import Night
from tests.oracle import Door, expected
from tests.world import START

SLACK = 4
"""Minutes: one incremental interval of two, and as much for the two APIs, which fail and make us wait."""
Opening = tuple[str, str]
"""A guest, and a room that opens to her."""


@pytest.mark.parametrize(
    ("rooms", "hours", "busy"),
    [(12, 2, 0.08), pytest.param(300, 48, 0.05, marks=pytest.mark.slow)],
    ids=["some hours", "two days"],
)
def test_nobody_is_in_too_long_and_nobody_stands_outside(tmp_path: Path, rooms: int, hours: int, busy: float) -> None:
    night = Night(tmp_path)
    hotel = BusyHotel(night, rooms, busy)
    night.do("full")
    night.listen()
    night.hotel.faults.unavailable = 0.02
    night.hotel.faults.too_many = 0.01
    night.seam.faults.fail_before = 0.02
    night.seam.faults.lose_answer = 0.02
    watch = Watch(night, hotel)
    for minute in range(hours * 60):
        hotel.minute(minute)
        # Webhooks are lost for an hour every three: the schedule alone has to do.
        night.deliver = minute % 180 >= 60
        if not night.deliver:
            night.sender.waiting.clear()
        if minute % 100 == 99:
            night._assemble()
        night.minute()
        watch.look()
    assert hotel.happened > 6 * hours, "too quiet a hotel to show anything"
    assert watch.openings > 7 * rooms * hours
    # And what was late at some moment is not late at the end.
    night.hotel.faults.unavailable = night.hotel.faults.too_many = 0
    night.seam.faults.fail_before = night.seam.faults.lose_answer = 0
    night.do("full")
    with night.no_writes():
        night.clock.pass_(minutes=1)
        night.do("full")


class Watch:
    """Compares doors and books, and remembers since when they differ."""

    def __init__(self, night: Night, hotel: "BusyHotel"):
        self._night = night
        self._hotel = hotel
        self._happened: object = None
        self._expected: dict[str, Door] = {}
        self._since: dict[tuple[str, Opening], datetime] = {}
        self.openings = 0

    def look(self) -> None:
        now = self._night.clock.now()
        should, is_ = self._books(now), self._doors(now)
        self.openings += len(is_)
        differs = {("open too long", one) for one in is_ - should} | {("closed", one) for one in should - is_}
        self._since = {one: self._since.get(one, now) for one in differs}
        for (what, (guest, room)), since in self._since.items():
            assert now - since <= timedelta(minutes=SLACK), (
                f"{now}: {what} since {since}: guest {guest}, room {self._night.hotel.resources[room]['Name']}"
            )

    def _books(self, now: datetime) -> set[Opening]:
        # Worked out anew when something happened at the desk, or every hour.
        if self._happened != (happened := (self._hotel.happened, now.hour)):
            self._happened = happened
            self._expected = expected(self._night.hotel, now, False, set())
        return {
            (door.guest, room)
            for door in self._expected.values()
            if door.starts_at <= now < door.ends_at
            for room in door.rooms
        }

    def _doors(self, now: datetime) -> set[Opening]:
        seam = self._night.seam
        text = now.strftime("%Y-%m-%dT%H:%M:%S.000Z")
        return {
            (seam.user_identities[grant["user_identity_id"]]["user_identity_key"], seam.spaces[space]["space_key"])
            for grant in seam.live_grants()
            if grant["starts_at"] <= text < grant["ends_at"]
            for space in grant["space_ids"]
        }


class BusyHotel:
    """What happens at the desk of a big hotel, with a seed."""

    def __init__(self, night: Night, rooms: int, busy: float):
        """`busy`: how likely it is in a minute that something happens."""
        self._night = night
        self._busy = busy
        self._luck = random.Random(20260918)
        self.happened = 0
        hotel = night.hotel
        self.rooms = list(night.rooms)
        for number in range(len(self.rooms), rooms):
            self.rooms.append(hotel.add_room(night.property, f"{number + 1:03d}", night.double))
        self._busy_until: dict[str, datetime] = {}
        for place, room in enumerate(self.rooms):
            night.seam.add_entrance(f"Door {place}", room, customer_key=night.property)
            # A stay that is under way or about to begin, and the next one in the same room.
            arrival = START.replace(hour=13) - timedelta(days=self._luck.randint(0, 2))
            for _ in range(self._luck.choice((1, 2, 2, 3))):
                departure = arrival.replace(hour=9) + timedelta(days=self._luck.randint(1, 3))
                self._book(room, arrival, departure)
                arrival = departure.replace(hour=13) + timedelta(days=self._luck.choice((0, 0, 1)))
            self._busy_until[room] = departure

    def _book(self, room: str | None, arrival: datetime, departure: datetime) -> str:
        night = self._night
        booking = night.hotel.book(night.guest(), night.double, arrival, departure, room)
        if arrival < night.clock.now() < departure:
            night.hotel.check_in(booking, arrival)
        return booking

    def minute(self, minute: int) -> None:
        """What happens in a minute: mostly nothing, and now and then a coach arrives."""
        for _ in range(self._luck.randint(1, 5) if self._luck.random() < self._busy else 0):
            self.happened += 1
            self._something()

    def _something(self) -> None:
        night, luck = self._night, self._luck
        hotel, now = night.hotel, night.clock.now()
        alive = [
            one
            for one in hotel.reservations.values()
            if one["State"] in ("Confirmed", "Started") and datetime.fromisoformat(one["ScheduledEndUtc"]) > now
        ]
        one = luck.choice(alive)
        key, end = one["Id"], datetime.fromisoformat(one["ScheduledEndUtc"])
        start = datetime.fromisoformat(one["ScheduledStartUtc"])
        match luck.randrange(11):
            case 0:
                hotel.move_dates(key, departure=end + timedelta(days=1))
            case 1:
                hotel.move_dates(
                    key, departure=max(end - timedelta(days=1), now + timedelta(hours=1), start + timedelta(hours=2))
                )
            case 2 | 3:
                hotel.assign(key, luck.choice(self.rooms))
            case 4:
                hotel.cancel(key, luck.choice(("Other", "NoShow")))
            case 5 if start <= now and one["State"] == "Started":
                hotel.check_out(key)
            case 6 if start - timedelta(hours=6) <= now and one["State"] == "Confirmed":
                hotel.check_in(key)
            case 7:
                # A walk-in: she has the key in her hand the moment it is made, and no earlier.
                self._book(luck.choice(self.rooms), now, (now + timedelta(days=luck.randint(1, 3))).replace(hour=9))
            case 8:
                booking = self._book(None, now + timedelta(hours=1), now + timedelta(days=2))
                hotel.assign(booking, luck.choice(self.rooms))
            case 9:
                hotel.edit_customer(one["AccountId"], Phone=f"+43512{luck.randrange(10**5, 10**6)}")
            case 10:
                hotel.change_owner(key, night.guest())
            case _:
                hotel.assign(key, None)
                hotel.assign(key, luck.choice(self.rooms))
