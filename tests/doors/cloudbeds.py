"""A Cloudbeds house, as the watch sees it: its raw books, line by line, and its desk."""

import random
from collections.abc import Callable
from contextlib import nullcontext
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.cloudbeds.connector import CloudbedsConnector
from mappers.policy import Policy
from tests.doors.watch import Right
from tests.doors.week import FULL, MINUTE, Desk, House, hook
from tests.night import HOOK
from tests.simulated.cloudbeds_house import CloudbedsHouse

CHECK_IN, CHECK_OUT = time(15), time(11)
GONE = ("canceled", "no_show", "checked_out", "not_confirmed")


class HarborHouse(House):
    """Seven rooms in New York."""

    inn: CloudbedsHouse
    zone = ZoneInfo("America/New_York")

    def __init__(self, path: Path, policy: Policy | None = None, seed: int = 1, lists_by_id: bool = True):
        self._lists_by_id = lists_by_id
        self.came: dict[str, datetime] = {}
        """Room of a reservation -> when its guest came, which Cloudbeds does not tell."""
        self.ever: dict[str, set[str]] = {}
        """Reservation -> everybody who was ever on it."""
        super().__init__(path, policy, seed=seed)

    def build(self) -> None:
        self.inn = CloudbedsHouse(now=self.clock.now, clock=self.clock.monotonic)
        self.inn.offers_lists_by_id = self._lists_by_id
        self.rooms = [self.inn.add_room(str(201 + number)) for number in range(7)]
        for room in self.rooms:
            self.door(room)

    def connect(self) -> CloudbedsConnector:
        settings = {setting.name: setting.default for setting in CloudbedsConnector.SETTINGS}
        settings |= {"property_id": self.inn.property_id, "api_key": self.inn.api_key}
        return CloudbedsConnector.open(self.name, settings, self.access(self.inn), HOOK)

    @property
    def pms(self) -> Any:
        return self.inn

    def hear(self) -> None:
        self.hears = True
        self.inn.sender = self.sender
        self.connector.webhooks.subscribe(hook())

    # --- the books --------------------------------------------------------------------------------------------------

    def rights(self) -> list[Right]:
        rights = []
        for one in self.inn.reservations.values():
            if one.is_deleted or one.status in GONE:
                continue
            for part in {line.part for line in one.lines}:
                for room, arrival, departure, people in self.stretches(part):
                    starts_at, ends_at = self._at(arrival, CHECK_IN), self._at(departure, CHECK_OUT)
                    came = self.came.get(part, starts_at)
                    self.ever.setdefault(one.id, set()).update(people)
                    for person in people if self.everyone else people[:1]:
                        since = min(came, starts_at)
                        rights.append(Right(person, room, since, ends_at, part, due_from=starts_at))
        return rights

    def stretches(self, part: str) -> list[tuple[str, date, date, list[str]]]:
        """Room, from, until and people: lines of the same room that follow one another are one."""
        lines = [line for line in self.inn.reservations[part.partition("-")[0]].lines if line.part == part]
        found: list[tuple[str, date, date, list[str]]] = []
        for line in sorted(lines, key=lambda line: line.arrival):
            if line.status in ("cancelled", "checked_out") or line.room is None:
                continue
            people = list(dict.fromkeys(self.of_profile(guest) for guest in line.guests))
            if found and found[-1][0] == line.room and found[-1][2] == line.arrival:
                found[-1] = (line.room, found[-1][1], line.departure, found[-1][3])
            else:
                found.append((line.room, line.arrival, line.departure, people))
        return found

    def of_profile(self, guest: str) -> str:
        while "into" in self.inn.guests[guest]:
            guest = self.inn.guests[guest]["into"]
        return self.who.named(f"{self.inn.guests[guest]['first']} {self.inn.guests[guest]['last']}")

    def _at(self, day: date, wall: time) -> datetime:
        return datetime.combine(day, wall, self.zone).astimezone(UTC)

    # --- for the desk -----------------------------------------------------------------------------------------------

    def profile(self) -> str:
        first, last = self.person()
        return self.inn.add_guest(first, last, email=f"{first}.{last}@example.com".lower())

    def fill(self, stays: int, nights: int = 6) -> None:
        today = self.today()
        for number in range(stays):
            room = self.inn.add_room(str(1000 + number))
            self.door(room)
            self.rooms.append(room)
            self.inn.book(self.profile(), today - timedelta(days=1), today + timedelta(days=nights), [room])
        self.changed()

    def say_that_all_changed(self) -> None:
        for one in self.inn.reservations.values():
            self.inn._changed(one, "reservation/dates_changed")


class HarborDesk(Desk):
    """One thing after another, as a clerk would do it."""

    def __init__(self, house: HarborHouse, luck: random.Random):
        super().__init__(house, luck)
        self.inn = house.inn
        for _ in range(6):
            self._book(-1)

    def acts(self) -> list[tuple[int, Callable[[], str | None]]]:
        acts: list[tuple[int, Callable[[str], str | None]]] = [
            (2, self._move),
            (2, self._split),
            (1, self._unassign),
            (2, self._extend),
            (2, self._shorten),
            (2, self._check_in),
            (2, self._check_out),
            (1, self._cancel),
            (1, self._cancel_room),
            (1, self._add_room),
            (2, self._swap),
            (1, self._add_guest),
            (1, self._remove_guest),
            (1, self._correct_name),
            (1, self._same_mail),
            (1, self._back_to_back),
        ]
        return [
            (4, lambda: self._book(self.luck.choice((0, 0, 1, 2, 4)))),
            (1, self._reinstate),
            (1, self._merge),
            *((weight, self._with_a_part(act)) for weight, act in acts),
        ]

    # --- what a clerk sees ------------------------------------------------------------------------------------------

    def _with_a_part(self, act: Callable[[str], str | None]) -> Callable[[], str | None]:
        def do() -> str | None:
            parts = self._parts()
            if not parts:
                return None
            part = self.luck.choice(parts)
            is_unnoticed = self.luck.random() < 0.1
            people = {person for *_, on in self.house.stretches(part) for person in on}
            with self.inn.unnoticed() if is_unnoticed else nullcontext():
                said = act(part)
            people |= {person for *_, on in self.house.stretches(part) for person in on}
            if is_unnoticed:
                for person in people:
                    self.house.watch.excuse(person, self.now() + FULL + 3 * MINUTE)
            return said and f"{said} (unnoticed)" if is_unnoticed else said

        return do

    def _parts(self) -> list[str]:
        """The rooms of reservations that are not over."""
        return [
            line.part
            for one in self.inn.reservations.values()
            if not one.is_deleted and one.status not in GONE
            for line in one.lines
            if line.status not in ("cancelled", "checked_out")
            and self.house._at(line.departure, CHECK_OUT) > self.now()
        ]

    def _lines(self, part: str) -> list[Any]:
        return [line for line in self.inn.reservations[part.partition("-")[0]].lines if line.part == part]

    def _is_free(self, room: str, arrival: date, departure: date, but: str = "") -> bool:
        return not any(
            room == line.room and line.arrival < departure and arrival < line.departure
            for one in self.inn.reservations.values()
            if not one.is_deleted and one.status not in GONE
            for line in one.lines
            if line.part != but and line.status not in ("cancelled", "checked_out")
        )

    def _free(self, arrival: date, departure: date, but: str = "") -> str | None:
        rooms = [room for room in self.house.rooms if self._is_free(room, arrival, departure, but)]
        return self.luck.choice(rooms) if rooms else None

    def _say(self, part: str, what: str) -> str:
        where = "; ".join(
            f"{room} {arrival:%d}-{departure:%d} {', '.join(people)}"
            for room, arrival, departure, people in self.house.stretches(part)
        )
        return f"{part} ({where}): {what}"

    # --- what a clerk does ------------------------------------------------------------------------------------------

    def _book(self, ahead: int) -> str | None:
        arrival = self.house.today() + timedelta(days=ahead)
        departure = arrival + timedelta(days=self.luck.choice((1, 1, 2, 3, 4)))
        guests, rooms = [], []
        for _ in range(self.luck.choice((1, 1, 1, 2))):
            room = self._free(arrival, departure)
            if room is not None and room not in rooms:
                rooms.append(room)
                guests.append(self.house.profile())
        if not rooms:
            return None
        chosen = [None if self.luck.random() < 0.1 else room for room in rooms]
        booking = self.inn.book(guests[0], arrival, departure, chosen, guests)
        return self._say(booking, f"booked from {arrival:%d} to {departure:%d}")

    def _back_to_back(self, part: str) -> str | None:
        line = self._lines(part)[-1]
        until = line.departure + timedelta(days=2)
        if line.room is None or not self._is_free(line.room, line.departure, until):
            return None
        booking = self.inn.book(line.guests[0], line.departure, until, [line.room])
        return self._say(booking, f"back to back with {part}")

    def _move(self, part: str) -> str | None:
        if len(lines := self._lines(part)) > 1:
            return None
        room = self._free(lines[0].arrival, lines[0].departure)
        if room is None:
            return None
        self.inn.assign(part, room)
        return self._say(part, "moved")

    def _split(self, part: str) -> str | None:
        """A move that is planned, or one from today on."""
        lines = self._lines(part)
        if len(lines) > 1:
            return None
        first = max(lines[0].arrival + timedelta(days=1), self.house.today())
        days = [first + timedelta(days=number) for number in range((lines[0].departure - first).days)]
        if not days:
            return None
        on = self.luck.choice(days)
        room = self._free(on, lines[0].departure)
        if room is None:
            return None
        self.inn.split(part, on, room)
        return self._say(part, "moves in the middle")

    def _unassign(self, part: str) -> str | None:
        if any(line.status == "in_house" for line in self._lines(part)):
            return None
        self.inn.assign(part, None)
        return self._say(part, "without a room")

    def _extend(self, part: str) -> str | None:
        lines = self._lines(part)
        line, until = lines[-1], lines[-1].departure + timedelta(days=1)
        if len(lines) > 1 or (line.room and not self._is_free(line.room, line.departure, until)):
            return None
        self.inn.change_dates(part, departure=until)
        return self._say(part, "extended")

    def _shorten(self, part: str) -> str | None:
        lines = self._lines(part)
        until = lines[-1].departure - timedelta(days=1)
        if len(lines) > 1 or until <= lines[-1].arrival or self.house._at(until, CHECK_OUT) <= self.now():
            return None
        self.inn.change_dates(part, departure=until)
        return self._say(part, "shortened")

    def _check_in(self, part: str) -> str | None:
        line = next(line for line in self._lines(part) if line.status not in ("cancelled", "checked_out"))
        if line.arrival > self.house.today() or line.room is None or line.status == "in_house":
            return None
        self.house.came.setdefault(part, self.now())
        self.inn.check_in(part)
        return self._say(part, "checked in")

    def _check_out(self, part: str) -> str | None:
        lines = self._lines(part)
        if not any(line.status == "in_house" for line in lines):
            return None
        for _ in lines:
            self.inn.check_out(part)
        return f"{part} checked out"

    def _cancel(self, part: str) -> str | None:
        reservation = part.partition("-")[0]
        if any(line.status == "in_house" for line in self.inn.reservations[reservation].lines):
            return None
        act = self.luck.choice([self.inn.cancel, self.inn.mark_no_show, self.inn.delete])
        if act == self.inn.delete and not self.inn.offers_lists_by_id and not self.house.hears:
            # No list of what changed has it: it is gone from the lists, and a full run asks for what is missing.
            # Nor does any say what was changed in it just before.
            lines = self.inn.reservations[reservation].lines
            on_it = {self.house.of_profile(guest) for line in lines for guest in line.guests}
            for person in on_it | self.house.ever.get(reservation, set()):
                self.house.watch.excuse(person, self.now() + FULL + 3 * MINUTE)
        act(reservation)
        return f"{reservation} cancelled, no-show or deleted"

    def _reinstate(self) -> str | None:
        gone = [
            one
            for one in self.inn.reservations.values()
            if one.status in ("canceled", "no_show")
            and not one.is_deleted
            and all(line.room is None or self._is_free(line.room, line.arrival, line.departure) for line in one.lines)
        ]
        if not gone:
            return None
        one = self.luck.choice(gone)
        self.inn.reinstate(one.id)
        return self._say(one.id, "reinstated")

    def _cancel_room(self, part: str) -> str | None:
        if len(self.inn.reservations[part.partition("-")[0]].lines) < 2 or len(self._lines(part)) > 1:
            return None
        self.luck.choice([self.inn.cancel_room, self.inn.remove_room])(part)
        return f"{part} cancelled alone"

    def _add_room(self, part: str) -> str | None:
        arrival = self.house.today() + timedelta(days=1)
        room = self._free(arrival, arrival + timedelta(days=2))
        if room is None:
            return None
        guest = self.house.profile()
        new = self.inn.add_line(part.partition("-")[0], room, arrival, arrival + timedelta(days=2), guest)
        return self._say(new, "one room more")

    def _swap(self, part: str) -> str | None:
        """Somebody else comes instead."""
        if len(lines := self._lines(part)) > 1:
            return None
        before = lines[0].guests[0]
        lines[0].guests[0] = guest = self.house.profile()
        self.inn._changed(self.inn.reservations[part.partition("-")[0]], "guest/assigned", guestId=int(guest))
        return self._say(part, f"another guest than {self.house.of_profile(before)}")

    def _add_guest(self, part: str) -> str | None:
        if len(self._lines(part)) > 1:
            return None
        self.inn.put_guest(part, self.house.profile())
        return self._say(part, "one more guest")

    def _remove_guest(self, part: str) -> str | None:
        lines = self._lines(part)
        if len(lines) > 1 or len(lines[0].guests) < 2:
            return None
        gone = self.luck.choice(lines[0].guests)
        self.inn.take_guest(part, gone)
        return self._say(part, f"{self.house.of_profile(gone)} is taken off")

    def _correct_name(self, part: str) -> str | None:
        guest = self._lines(part)[0].guests[0]
        if "into" in self.inn.guests[guest]:
            return None
        person, item = self.house.of_profile(guest), self.inn.guests[guest]
        self.house.who.call(person, f"{item['first']} {item['last']}e")
        self.inn.edit_guest(guest, last=f"{item['last']}e")
        return self._say(part, "corrected spelling")

    def _same_mail(self, part: str) -> str | None:
        guests = self._lines(part)[0].guests
        if len(guests) < 2:
            return None
        self.inn.edit_guest(guests[1], email=self.inn.guests[guests[0]]["email"])
        return self._say(part, "with one mail")

    def _merge(self) -> str | None:
        parts = self._parts()
        guests = {line.guests[0] for part in parts for line in self._lines(part)}
        open_ = sorted(one for one in guests if "into" not in self.inn.guests[one])
        if len(open_) < 2:
            return None
        one, other = self.luck.sample(open_, 2)
        first, second = self.house.of_profile(one), self.house.of_profile(other)
        if first == second:
            return None
        self.house.who.merge(first, second)
        self.inn.merge_guests(one, other)
        return f"{first} is {second}: merged"
