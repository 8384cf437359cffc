"""Whatever the desk does with people, rooms and days: the doors open for those who stay there now, with their own PINs.

The oracle asks the locks, never a key: who can open which door with which PIN now. Nobody opens what is not hers; a PIN
opens for one person as long as there are PINs; whoever keeps her right keeps her PIN.
"""

import contextlib
import tempfile
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule

from mappers.policy import MaxRevocations, Policy
from tests.test_apaleo_stays import ApaleoWorld, at
from tests.world import START, Killed, World

NAMES = (("Ada", "Alt"), ("Bruno", "Beck"), ("Clara", "Cole"), ("David", "Dorn"), ("Edith", "Egger"))
ROOMS = 3
WHO = st.integers(0, len(NAMES) - 1)
ROOM = st.integers(0, ROOMS - 1)
STAY = st.integers(0, 3)
FIRST = date(2026, 9, 18)


@dataclass
class Stay:
    """What the hotel's book says of one booking."""

    people: list[int]
    rooms: list[int | None]
    """Of each night."""
    first: int
    """Day of arrival, counted from the first."""
    live: bool = True
    interrupted: set[int] = field(default_factory=set)
    """Who had no right to it for a moment since the doors were looked at last."""


class Desk(RuleBasedStateMachine):
    """A hotel in whatever PMS, its book as a person would keep it, and its doors."""

    world: Any

    def open_house(self, folder: Path, policy: Policy) -> None:
        raise NotImplementedError

    def enter(self, stay: Stay) -> str:
        raise NotImplementedError

    def write(self, booking: str, stay: Stay) -> None:
        """Puts people, rooms and days of a booking into the PMS."""
        raise NotImplementedError

    def set_state(self, booking: str, word: str) -> None:
        raise NotImplementedError

    def close_room(self, room: int) -> None:
        raise NotImplementedError

    # --- opening and closing ---

    @initialize(everyone=st.booleans(), at_once=st.booleans())
    def open(self, everyone: bool, at_once: bool) -> None:
        self.everyone = everyone
        self.folder = tempfile.TemporaryDirectory()
        policy = Policy(
            guests="everyone" if everyone else "primary",
            max_revocations=MaxRevocations(count=1000, percent=100),
            replace_wait=timedelta(seconds=5),
        )
        self.stays: dict[str, Stay] = {}
        self.same: dict[int, int] = {}
        """Whose profile was merged into whose."""
        self.closed: set[int] = set()
        self.pins: dict[tuple[str, int], set[str]] = {}
        self.owners: dict[str, int] = {}
        self.is_settled = self.is_shorter = False
        self.open_house(Path(self.folder.name), policy)
        self.entrances = {
            self.world.seam.add_entrance(f"Door {room}", self.room_key(room), customer_key=self.world.property): room
            for room in range(ROOMS)
        }
        if at_once:
            self.world.seam.delete_delay = timedelta(0)
        for number in range(2):
            self.book(number, number + 2, number, number, 3)
        self.settle(full=True)

    def room_key(self, room: int) -> str:
        raise NotImplementedError

    def teardown(self) -> None:
        if hasattr(self, "world"):
            try:
                self.settle(full=False)
            finally:
                self.world.store.close()
                self.folder.cleanup()

    def one(self, person: int) -> int:
        while person in self.same:
            person = self.same[person]
        return person

    def pick(self, number: int) -> tuple[str, Stay]:
        booking = list(self.stays)[number % len(self.stays)]
        return booking, self.stays[booking]

    def changed(self, booking: str, stay: Stay, before: list[int]) -> None:
        stay.interrupted |= {self.one(one) for one in before} - set(self.holders(stay))
        self.is_settled = False

    def holders(self, stay: Stay) -> list[int]:
        people = list(dict.fromkeys(self.one(one) for one in stay.people))
        return people if self.everyone else people[:1]

    # --- at the desk ---

    @rule(who=WHO, other=WHO, room=ROOM, first=st.integers(0, 2), nights=st.integers(2, 4))
    def book(self, who: int, other: int, room: int, first: int, nights: int) -> None:
        if len(self.stays) > 5:
            return
        people = list(dict.fromkeys((who, other)))
        if any(one in self.same for one in people):
            return
        today = (self.world.clock.now().date() - FIRST).days
        stay = Stay(people, [room] * nights, today + first)
        self.stays[self.enter(stay)] = stay
        self.is_settled = False

    @rule(number=STAY, who=WHO)
    def another_main_guest(self, number: int, who: int) -> None:
        booking, stay = self.pick(number)
        if who in self.same:
            return
        before = self.holders(stay)
        stay.people = [who, *(one for one in stay.people[1:] if one != who)]
        self.write(booking, stay)
        self.changed(booking, stay, before)

    @rule(number=STAY, who=WHO)
    def put_on(self, number: int, who: int) -> None:
        booking, stay = self.pick(number)
        if who in stay.people or who in self.same or self.one(who) in {self.one(one) for one in stay.people}:
            return
        stay.people.append(who)
        self.write(booking, stay)
        self.is_settled = False

    @rule(number=STAY, place=st.integers(0, 3))
    def take_off(self, number: int, place: int) -> None:
        booking, stay = self.pick(number)
        if len(stay.people) < 2:
            return
        if self.is_shorter:
            # Lists that lose people on several bookings at once are not believed at all.
            self.settle(full=False)
        self.is_shorter = True
        before = self.holders(stay)
        stay.people.pop(place % len(stay.people))
        self.write(booking, stay)
        self.changed(booking, stay, before)

    @rule(number=STAY)
    def swap(self, number: int) -> None:
        booking, stay = self.pick(number)
        before = self.holders(stay)
        stay.people.reverse()
        self.write(booking, stay)
        self.changed(booking, stay, before)

    @rule(number=STAY, room=ROOM)
    def move(self, number: int, room: int) -> None:
        booking, stay = self.pick(number)
        stay.rooms = [room] * len(stay.rooms)
        self.write(booking, stay)
        if room in self.closed:
            self.changed(booking, stay, [])
            stay.interrupted |= set(self.holders(stay))
        self.is_settled = False

    @rule(number=STAY, nights=st.integers(1, 5))
    def change_departure(self, number: int, nights: int) -> None:
        booking, stay = self.pick(number)
        if self.over(stay):
            return
        stay.rooms = (stay.rooms + [stay.rooms[-1]] * nights)[:nights]
        self.write(booking, stay)
        if self.over(stay):
            stay.interrupted |= set(self.holders(stay))
        self.is_settled = False

    @rule(number=STAY, word=st.sampled_from(["cancel", "check_out"]))
    def ends(self, number: int, word: str) -> None:
        booking, stay = self.pick(number)
        if stay.live:
            stay.live = False
            stay.interrupted |= {self.one(one) for one in stay.people}
            self.set_state(booking, word)
            self.is_settled = False

    @rule(number=STAY)
    def reinstate(self, number: int) -> None:
        booking, stay = self.pick(number)
        if not stay.live:
            stay.live = True
            self.set_state(booking, "reinstate")
            self.is_settled = False

    @rule(room=ROOM)
    def archive(self, room: int) -> None:
        if len(self.closed) < 2:
            self.closed.add(room)
            self.close_room(room)
            self.is_settled = False

    @rule(hours=st.sampled_from([1, 20]))
    def time_passes(self, hours: int) -> None:
        self.world.clock.pass_(hours=hours)
        self.is_settled = False

    # --- what goes wrong ---

    @rule(after=st.integers(0, 20), full=st.booleans())
    def a_run_is_killed(self, after: int, full: bool) -> None:
        self.world.kill_after = after
        with contextlib.suppress(Killed):
            self.world.tick(full=full)
        self.world.kill_after = None
        self.world.restart()
        self.is_settled = False

    @rule()
    def the_database_is_lost(self) -> None:
        # A move that is cut off and a database that is lost together cost the PIN: nobody else has it.
        if self.is_settled:
            self.world.lose_the_database()
            self.settle(full=True)

    # --- what must hold ---

    @rule(full=st.booleans())
    def settle(self, full: bool) -> None:
        for _ in range(2):
            self.world.tick(full=full)
            self.world.clock.pass_(minutes=10)
        self.is_settled = True
        self.is_shorter = False
        self.look_at_the_doors()

    def now_in(self, stay: Stay) -> tuple[set[int], set[int]]:
        """The rooms that a stay may open now, and those that it has to."""
        now = self.world.clock.now()
        may: set[int] = set()
        must: set[int] = set()
        if not stay.live or self.over(stay):
            return may, must
        for night, room in enumerate(stay.rooms):
            if room is None:
                continue
            is_last = night == len(stay.rooms) - 1
            starts = self.at(FIRST + timedelta(days=stay.first + night), 15)
            ends = self.at(FIRST + timedelta(days=stay.first + night + 1), 11 if is_last else 15)
            if starts - timedelta(hours=4 if night else 0) <= now < ends:
                may.add(room)
            if starts + timedelta(minutes=30) <= now < ends - timedelta(hours=4) and room not in self.closed:
                must.add(room)
        return may, must

    def over(self, stay: Stay) -> bool:
        return self.world.clock.now() >= self.at(FIRST + timedelta(days=stay.first + len(stay.rooms)), 11)

    def at(self, day: date, hour: int) -> datetime:
        raise NotImplementedError

    def who(self, identity_id: str) -> int | None:
        identity = self.world.seam.user_identities.get(identity_id)
        if identity is None:
            return None
        words = (identity["full_name"] or "").split()
        return next((number for number, name in enumerate(NAMES) if words and name[0] == words[0]), None)

    def look_at_the_doors(self) -> None:
        seam, now = self.world.seam, self.world.clock.now()
        may: dict[int, set[int]] = {room: set() for room in range(ROOMS)}
        must: dict[int, set[int]] = {room: set() for room in range(ROOMS)}
        for stay in self.stays.values():
            may_now, must_now = self.now_in(stay)
            for room in may_now:
                may[room] |= set(self.holders(stay))
            for room in must_now:
                must[room] |= set(self.holders(stay))
        opened: dict[int, set[int]] = {room: set() for room in range(ROOMS)}
        for door_id, several in seam.opens().items():
            for held in several:
                person = self.who(held.user_identity_id)
                assert person is not None
                opened[self.entrances[door_id]].add(self.one(person))
        for room in range(ROOMS):
            assert opened[room] <= may[room], f"{opened[room] - may[room]} open room {room}, and have no right to"
            assert must[room] <= opened[room], f"{must[room] - opened[room]} stand outside room {room}"
        for held in seam.door_log:
            person = self.who(held.user_identity_id)
            if person is not None and held.pin is not None:
                owner = self.owners.setdefault(held.pin, person)
                assert self.one(owner) == self.one(person), f"a PIN of {owner} was given to {person}"
        pins: dict[tuple[str, int], set[str]] = {}
        for grant in seam.live_grants():
            booking = grant["access_grant_key"].partition(":")[0].partition("/")[0].partition(".")[0]
            person = self.who(grant["user_identity_id"])
            if person is None or booking not in self.stays or datetime.fromisoformat(grant["ends_at"]) <= now:
                continue
            codes = {str(seam.access_methods[one]["code"]) for one in grant["access_method_ids"]}
            pins.setdefault((booking, self.one(person)), set()).update(codes)
        for (booking, person), codes in pins.items():
            assert len(codes) == 1, f"{person} has {len(codes)} PINs for one stay"
            before = {
                pin
                for (of, who), several in self.pins.items()
                if of == booking and self.one(who) == person
                for pin in several
            }
            if before and person not in self.stays[booking].interrupted:
                assert codes <= before, f"{person} had to learn another PIN"
        self.pins = pins
        for stay in self.stays.values():
            stay.interrupted.clear()


class MewsDesk(Desk):
    """With ids for everybody, and profiles that are merged."""

    def open_house(self, folder: Path, policy: Policy) -> None:
        self.world = World(folder, policy)
        self.customers = [
            self.world.guest(first, last, email=f"{first}@example.com" if number % 2 else None, phone=None)
            for number, (first, last) in enumerate(NAMES)
        ]

    def room_key(self, room: int) -> str:
        return str(self.world.rooms[room])

    def at(self, day: date, hour: int) -> datetime:
        return START.replace(year=day.year, month=day.month, day=day.day, hour=hour - 2)

    def days(self, stay: Stay) -> dict[str, datetime]:
        first = FIRST + timedelta(days=stay.first)
        return {"arrival": self.at(first, 15), "departure": self.at(first + timedelta(days=len(stay.rooms)), 11)}

    def enter(self, stay: Stay) -> str:
        owner, *others = (self.customers[one] for one in stay.people)
        return str(self.world.book(stay.rooms[0], owner, companions=others, **self.days(stay)))

    def write(self, booking: str, stay: Stay) -> None:
        hotel = self.world.hotel
        hotel.change_owner(booking, self.customers[stay.people[0]])
        for one in [one for one in hotel.companionships.values() if one["ReservationId"] == booking]:
            hotel.remove_companion(booking, one["CustomerId"])
        for one in stay.people[1:]:
            hotel.add_companion(booking, self.customers[one])
        room = stay.rooms[0]
        hotel.assign(booking, None if room is None else self.world.rooms[room])
        hotel.move_dates(booking, **self.days(stay))

    def set_state(self, booking: str, word: str) -> None:
        getattr(self.world.hotel, word)(booking)

    def close_room(self, room: int) -> None:
        self.world.hotel.retire_room(self.world.rooms[room])

    @rule(who=WHO, into=WHO)
    def merge(self, who: int, into: int) -> None:
        if who != into and who not in self.same and into not in self.same and len(self.same) < 2:
            self.same[who] = into
            self.world.hotel.merge_customers(self.customers[who], self.customers[into])
            self.is_settled = False
            for stay in self.stays.values():
                if self.one(who) in stay.interrupted or who in stay.interrupted:
                    stay.interrupted.add(into)


class ApaleoDesk(Desk):
    """Where people have names only, and a stay may be split over several rooms."""

    def open_house(self, folder: Path, policy: Policy) -> None:
        self.world = ApaleoWorld(folder, policy)
        self.spelled = [list(name) for name in NAMES]

    def room_key(self, room: int) -> str:
        return str(self.world.units[room])

    def at(self, day: date, hour: int) -> datetime:
        return at(day, hour)

    def person(self, one: int) -> dict[str, Any]:
        first, last = self.spelled[one]
        return {"firstName": first, "lastName": last, "email": f"{first}@example.com" if one % 2 else None}

    def enter(self, stay: Stay) -> str:
        first = FIRST + timedelta(days=stay.first)
        return str(
            self.world.hotel.book(
                self.world.double,
                at(first, 15),
                at(first + timedelta(days=len(stay.rooms)), 11),
                self.world.units[stay.rooms[0] or 0],
                self.person(stay.people[0]),
                [self.person(one) for one in stay.people[1:]],
            )
        )

    def write(self, booking: str, stay: Stay) -> None:
        hotel = self.world.hotel
        first = FIRST + timedelta(days=stay.first)
        main, *others = (self.person(one) for one in stay.people)
        hotel.change(booking, primaryGuest=main, additionalGuests=others)
        hotel.amend(booking, departure=at(first + timedelta(days=len(stay.rooms)), 11))
        for night, room in enumerate(stay.rooms):
            day = first + timedelta(days=night)
            if room is not None:
                hotel.assign(booking, self.world.units[room], first=day, last=day)

    def set_state(self, booking: str, word: str) -> None:
        if word == "reinstate":
            self.world.hotel.set_status(booking, "Confirmed")
        else:
            getattr(self.world.hotel, word)(booking)

    def close_room(self, room: int) -> None:
        self.world.hotel.archive_unit(self.world.units[room])

    @rule(number=STAY, night=st.integers(1, 3), room=ROOM)
    def split(self, number: int, night: int, room: int) -> None:
        booking, stay = self.pick(number)
        if night >= len(stay.rooms):
            return
        stay.rooms = stay.rooms[:night] + [room] * (len(stay.rooms) - night)
        self.write(booking, stay)
        if room in self.closed:
            stay.interrupted |= set(self.holders(stay))
        self.is_settled = False

    @rule(who=WHO)
    def correct_the_spelling(self, who: int) -> None:
        self.spelled[who][1] = NAMES[who][1] if self.spelled[who][1] != NAMES[who][1] else f"{NAMES[who][1]}er"
        for each, other in self.stays.items():
            if who in other.people:
                self.write(each, other)
        self.is_settled = False


def short(machine: type[Desk]) -> Any:
    case = machine.TestCase
    case.settings = settings(max_examples=2, stateful_step_count=12)
    return case


class TestMews(short(MewsDesk)):  # type: ignore[misc]
    pass


# Of Apaleo, which differs by what its connector reads, in the long tests alone.
class LongMews(MewsDesk):
    """The same, for longer."""


class LongApaleo(ApaleoDesk):
    """The same, for longer."""


LONG = settings(max_examples=25, stateful_step_count=30)
TestLongMews = pytest.mark.slow(LongMews.TestCase)
TestLongApaleo = pytest.mark.slow(LongApaleo.TestCase)
TestLongMews.settings = LONG
TestLongApaleo.settings = LONG
