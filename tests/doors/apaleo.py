"""A hotel with Apaleo, as the watch sees it: its raw books, night by night, and its desk."""

import random
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from connectors.apaleo.connector import ApaleoConnector
from mappers.policy import Policy
from tests.doors.watch import Right
from tests.doors.week import Desk, House, hook
from tests.night import HOOK
from tests.simulated.apaleo_hotel import ApaleoHotel

CHECK_IN, CHECK_OUT = time(15), time(11)
Json = dict[str, Any]


class ApaleoHouse(House):
    """Seven bedrooms."""

    hotel: ApaleoHotel
    zone = ZoneInfo("Europe/Berlin")

    def __init__(
        self,
        path: Path,
        policy: Policy | None = None,
        seed: int = 1,
        ranges_meet: bool = False,
        override: bool = False,
    ):
        self._ranges_meet, self._override = ranges_meet, override
        super().__init__(path, policy, seed=seed)

    def build(self) -> None:
        self.hotel = hotel = ApaleoHotel(now=self.clock.now, clock=self.clock.monotonic)
        hotel.ranges_meet = self._ranges_meet
        self.property = hotel.add_property()
        self.double = hotel.add_group(self.property)
        self.rooms = [hotel.add_unit(self.double, str(101 + number)) for number in range(7)]
        for room in self.rooms:
            self.door(room, self._override)

    def connect(self) -> ApaleoConnector:
        settings = {setting.name: setting.default for setting in ApaleoConnector.SETTINGS}
        client = {"client_id": self.hotel.client_id, "client_secret": self.hotel.client_secret}
        return ApaleoConnector.open(self.name, settings | client, self.access(self.hotel), HOOK)

    @property
    def pms(self) -> Any:
        return self.hotel

    def hear(self) -> None:
        self.hears = True
        self.hotel.sender = self.sender
        self.connector.webhooks.subscribe(hook())

    # --- the books --------------------------------------------------------------------------------------------------

    def rights(self) -> list[Right]:
        rights = []
        for one in self.hotel.reservations.values():
            if one["status"] not in ("Confirmed", "InHouse"):
                continue
            for unit, starts_at, ends_at in self.ranges(one):
                in_use = not self.hotel.units[unit]["isArchived"]
                for person in self.on(one) if self.everyone else self.on(one)[:1]:
                    rights.append(Right(person, unit, starts_at, ends_at, one["id"], in_use))
        return rights

    def ranges(self, one: Json) -> list[tuple[str, datetime, datetime]]:
        """In which unit from when until when: nights in one unit that follow one another are one range."""
        arrival, departure = one["_arrival"], one["_departure"]
        if one["status"] == "InHouse" and one.get("checkInTime"):
            arrival = min(arrival, datetime.fromisoformat(one["checkInTime"]))
        ranges: list[tuple[str, datetime, datetime]] = []
        before: tuple[date, str] | None = None
        nights = self.nights(one)
        for number, night in enumerate(nights):
            unit = one["_nights"].get(night)
            if unit is None:
                continue
            is_last = number == len(nights) - 1
            ends_at = departure if is_last else self._at(night + timedelta(days=1), CHECK_OUT)
            if before == (night - timedelta(days=1), unit):
                ranges[-1] = (unit, ranges[-1][1], ends_at)
            else:
                starts_at = arrival if number == 0 else self._at(night, CHECK_IN)
                if number and self.hotel.ranges_meet:
                    starts_at = self._at(night, CHECK_OUT)
                ranges.append((unit, starts_at, ends_at))
            before = (night, unit)
        return ranges

    def nights(self, one: Json) -> list[date]:
        first, last = (self.local(one[name]).date() for name in ("_arrival", "_departure"))
        return [first + timedelta(days=number) for number in range(max(1, (last - first).days))]

    def on(self, one: Json) -> list[str]:
        people = [one["primaryGuest"], *one["additionalGuests"]]
        return [self.who.named(f"{guest['firstName']} {guest['lastName']}") for guest in people if guest]

    def _at(self, day: date, wall: time) -> datetime:
        return datetime.combine(day, wall, self.zone).astimezone(UTC)

    # --- for the desk -----------------------------------------------------------------------------------------------

    def guest(self, **rest: Any) -> Json:
        """Every third without an address: nothing but the name tells who that is."""
        first, last = self.person()
        contact = {"email": f"{first}.{last}@example.com".lower()} if self.numbers % 3 else {}
        return {"firstName": first, "lastName": last} | contact | rest

    def fill(self, stays: int, nights: int = 6) -> None:
        for number in range(stays):
            room = self.hotel.add_unit(self.double, str(1000 + number))
            self.door(room)
            self.rooms.append(room)
            arrival = self.at(self.today() - timedelta(days=1), 15)
            departure = self.at(self.today() + timedelta(days=nights), 11)
            self.hotel.book(self.double, arrival, departure, room, guest=self.guest())
        self.changed()

    def say_that_all_changed(self) -> None:
        for one in self.hotel.reservations:
            self.hotel.change(one)


class ApaleoDesk(Desk):
    """One thing after another, as a clerk would do it."""

    def __init__(self, house: ApaleoHouse, luck: random.Random):
        super().__init__(house, luck)
        self.hotel = house.hotel
        for _ in range(6):
            self._book(-1)

    def acts(self) -> list[tuple[int, Callable[[], str | None]]]:
        return [
            (4, lambda: self._book(self.luck.choice((0, 0, 1, 2, 4)))),
            (1, self._back_to_back),
            (2, self._move),
            (2, self._move_now),
            (2, self._split),
            (1, self._unassign),
            (2, self._extend),
            (2, self._shorten),
            (2, self._check_in),
            (2, self._check_out),
            (1, self._cancel),
            (1, self._no_show),
            (1, self._reinstate),
            (2, self._swap),
            (1, self._change_places),
            (2, self._add_guest),
            (2, self._remove_guest),
            (1, self._correct_name),
            (1, self._same_mail),
            (1, self._archive),
            (2, self._use_again),
            (1, self._arrive_otherwise),
            (1, self._revert_check_in),
            (1, self._undo_check_out),
        ]

    # --- what a clerk sees ------------------------------------------------------------------------------------------

    def _alive(self, *statuses: str) -> list[Json]:
        return [
            one
            for one in self.hotel.reservations.values()
            if one["status"] in (statuses or ("Confirmed", "InHouse")) and one["_departure"] > self.now()
        ]

    def _one(self, *statuses: str) -> Json | None:
        alive = self._alive(*statuses)
        return self.luck.choice(alive) if alive else None

    def _is_free(self, unit: str, nights: list[date], but: str = "") -> bool:
        return not any(
            one["_nights"].get(night) == unit
            for one in self.hotel.reservations.values()
            if one["id"] != but and one["status"] in ("Confirmed", "InHouse")
            for night in nights
        )

    def _free(self, nights: list[date], but: str = "") -> str | None:
        rooms = [
            unit
            for unit in self.house.rooms
            if not self.hotel.units[unit]["isArchived"] and self._is_free(unit, nights, but)
        ]
        return self.luck.choice(rooms) if rooms else None

    def _tonight(self) -> date:
        """The day on which the night that is under way, or the next one, began."""
        local = self.house.local(self.now())
        return local.date() - timedelta(days=1) if local.time() < CHECK_OUT else local.date()

    def _say(self, one: Json, what: str) -> str:
        ranges = "; ".join(f"{unit} {start:%d %H:%M}-{end:%d %H:%M}" for unit, start, end in self.house.ranges(one))
        return f"{one['id']} ({', '.join(self.house.on(one))}: {ranges}): {what}"

    # --- what a clerk does ------------------------------------------------------------------------------------------

    def _book(self, ahead: int) -> str | None:
        day = self.house.today() + timedelta(days=ahead)
        arrival = self.house.at(day, 15)
        if ahead == 0 and arrival < self.now():
            arrival = self.now().replace(second=0, microsecond=0)
        departure = self.house.at(day + timedelta(days=self.luck.choice((1, 1, 2, 3, 4))), 11)
        nights = [day + timedelta(days=number) for number in range((self.house.local(departure).date() - day).days)]
        unit = self._free(nights)
        if unit is None:
            return None
        others = [self.house.guest() for _ in range(self.luck.choice((0, 0, 1, 2)))]
        booking = self.hotel.book(
            self.house.double,
            arrival,
            departure,
            None if self.luck.random() < 0.1 else unit,
            guest=self.house.guest(),
            others=others,
        )
        one = self.hotel.reservations[booking]
        if arrival <= self.now() and one["_nights"] and self.luck.random() < 0.5:
            self.hotel.check_in(booking)
        return self._say(one, "booked")

    def _back_to_back(self) -> str | None:
        one = self._one()
        if one is None or one["primaryGuest"] is None:
            return None
        day = self.house.local(one["_departure"]).date()
        nights = [day, day + timedelta(days=1)]
        unit = one["_nights"].get(day - timedelta(days=1))
        if unit is None or not self._is_free(unit, nights):
            return None
        booking = self.hotel.book(
            self.house.double,
            one["_departure"],
            self.house.at(day + timedelta(days=2), 11),
            unit,
            guest=dict(one["primaryGuest"]),
        )
        return self._say(self.hotel.reservations[booking], f"back to back with {one['id']}")

    def _move(self) -> str | None:
        """To another room for the whole stay, also where it has begun."""
        one = self._one("Confirmed")
        unit = one and self._free(self.house.nights(one), one["id"])
        if one is None or unit is None:
            return None
        self.hotel.assign(one["id"], unit)
        return self._say(one, "moved")

    def _move_now(self) -> str | None:
        """A guest in the house sleeps elsewhere from tonight on."""
        one = self._one("InHouse")
        if one is None:
            return None
        nights = [night for night in self.house.nights(one) if night >= self._tonight()]
        unit = self._free(nights, one["id"])
        if not nights or unit is None:
            return None
        self.hotel.assign(one["id"], unit, first=nights[0])
        return self._say(one, "moved from tonight on")

    def _split(self) -> str | None:
        """A move that is planned, or another one instead."""
        one = self._one()
        if one is None:
            return None
        nights = [night for night in self.house.nights(one) if night > self._tonight()]
        if not nights or (nights == self.house.nights(one) and len(nights) < 2):
            return None
        first = self.luck.choice(nights)
        unit = self._free([night for night in nights if night >= first], one["id"])
        if unit is None:
            return None
        self.hotel.assign(one["id"], unit, first=first)
        return self._say(one, "will move")

    def _unassign(self) -> str | None:
        one = self._one("Confirmed")
        if one is None:
            return None
        nights = self.house.nights(one)
        chosen = nights if self.luck.random() < 0.5 else nights[self.luck.randrange(len(nights)) :]
        self.hotel.unassign(one["id"], *chosen)
        return self._say(one, "without a unit, at least in the end")

    def _extend(self) -> str | None:
        one = self._one()
        if one is None:
            return None
        night = self.house.local(one["_departure"]).date()
        unit = one["_nights"].get(night - timedelta(days=1))
        if unit is not None and not self._is_free(unit, [night], one["id"]):
            return None
        self.hotel.amend(one["id"], departure=self.house.at(night + timedelta(days=1), 11))
        return self._say(one, "extended")

    def _shorten(self) -> str | None:
        one = self._one()
        if one is None:
            return None
        departure = self.house.at(self.house.local(one["_departure"]).date() - timedelta(days=1), 11)
        if departure <= max(one["_arrival"], self.now()):
            return None
        self.hotel.amend(one["id"], departure=departure)
        return self._say(one, "shortened")

    def _arrive_otherwise(self) -> str | None:
        """At another hour of the day, or a day earlier or later."""
        one = self._one("Confirmed")
        if one is None:
            return None
        arrival = one["_arrival"] + timedelta(hours=self.luck.choice((-24, -3, 2, 24)))
        if arrival < self.now() or arrival >= one["_departure"] - timedelta(hours=12):
            return None
        first, before = self.house.local(arrival).date(), self.house.local(one["_arrival"]).date()
        unit = one["_nights"].get(before)
        if first < before and unit is not None and not self._is_free(unit, [first], one["id"]):
            return None
        self.hotel.amend(one["id"], arrival=arrival)
        return self._say(one, f"arrives {arrival:%d %H:%M}")

    def _revert_check_in(self) -> str | None:
        one = self._one("InHouse")
        if one is None:
            return None
        self.hotel.revert_check_in(one["id"])
        return self._say(one, "not checked in after all")

    def _undo_check_out(self) -> str | None:
        one = self._one("CheckedOut")
        if one is None or any(not self._is_free(unit, [night], one["id"]) for night, unit in one["_nights"].items()):
            return None
        self.hotel.set_status(one["id"], "InHouse")
        return self._say(one, "not checked out after all")

    def _check_in(self) -> str | None:
        one = self._one("Confirmed")
        if one is None or one["_arrival"] - timedelta(hours=6) > self.now():
            return None
        nights = self.house.nights(one)
        if any(night not in one["_nights"] for night in nights):
            return None
        first = self.house.ranges(one)[0][0]
        if one["_arrival"] > self.now() and not self._is_free(first, [nights[0] - timedelta(days=1)], one["id"]):
            return None
        self.hotel.check_in(one["id"])
        return self._say(one, "checked in")

    def _check_out(self) -> str | None:
        one = self._one("InHouse")
        if one is None:
            return None
        self.hotel.check_out(one["id"])
        return self._say(one, "checked out")

    def _cancel(self) -> str | None:
        one = self._one("Confirmed")
        if one is None:
            return None
        self.hotel.cancel(one["id"])
        return self._say(one, "cancelled")

    def _no_show(self) -> str | None:
        one = self._one("Confirmed")
        if one is None or one["_arrival"] > self.now():
            return None
        self.hotel.no_show(one["id"])
        return self._say(one, "no-show")

    def _reinstate(self) -> str | None:
        one = self._one("NoShow")
        if one is None:
            return None
        if any(not self._is_free(unit, [night], one["id"]) for night, unit in one["_nights"].items()):
            return None
        self.hotel.set_status(one["id"], "Confirmed")
        return self._say(one, "reinstated")

    def _swap(self) -> str | None:
        """Somebody else comes instead: other personal data, and no id that tells."""
        one = self._one()
        if one is None:
            return None
        before = ", ".join(self.house.on(one))
        self.hotel.change(one["id"], primaryGuest=self.house.guest())
        return self._say(one, f"another guest than {before}")

    def _change_places(self) -> str | None:
        one = self._one()
        if one is None or one["primaryGuest"] is None or not one["additionalGuests"]:
            return None
        others = list(one["additionalGuests"])
        place = self.luck.randrange(len(others))
        primary, others[place] = others[place], one["primaryGuest"]
        self.luck.shuffle(others)
        self.hotel.change(one["id"], primaryGuest=primary, additionalGuests=others)
        return self._say(one, "the same people in another order")

    def _add_guest(self) -> str | None:
        one = self._one()
        if one is None:
            return None
        others = list(one["additionalGuests"])
        others.insert(self.luck.randint(0, len(others)), self.house.guest())
        self.hotel.change(one["id"], additionalGuests=others)
        return self._say(one, "one more")

    def _remove_guest(self) -> str | None:
        one = self._one()
        if one is None or not one["additionalGuests"]:
            return None
        others = list(one["additionalGuests"])
        gone = others.pop(self.luck.randrange(len(others)))
        self.hotel.change(one["id"], additionalGuests=others)
        return self._say(one, f"{gone['firstName']} is taken off")

    def _correct_name(self) -> str | None:
        one = self._one()
        if one is None or one["primaryGuest"] is None:
            return None
        guest = dict(one["primaryGuest"])
        person = self.house.who.named(f"{guest['firstName']} {guest['lastName']}")
        guest["lastName"] += "e"
        self.house.who.call(person, f"{guest['firstName']} {guest['lastName']}")
        self.hotel.change(one["id"], primaryGuest=guest)
        return self._say(one, f"now spelled {guest['lastName']}")

    def _same_mail(self) -> str | None:
        one = self._one()
        if one is None or one["primaryGuest"] is None or not one["additionalGuests"]:
            return None
        mail = one["primaryGuest"].get("email")
        if mail is None:
            return None
        others = [guest | {"email": mail} for guest in one["additionalGuests"]]
        self.hotel.change(one["id"], additionalGuests=others)
        return self._say(one, "all with one mail")

    def _archive(self) -> str | None:
        unit = self.luck.choice(self.house.rooms)
        self.hotel.archive_unit(unit)
        return f"unit {unit} is archived"

    def _use_again(self) -> str | None:
        out = [unit for unit in self.house.rooms if self.hotel.units[unit]["isArchived"]]
        if not out:
            return None
        unit = self.luck.choice(out)
        self.hotel.units[unit]["isArchived"] = False
        self.hotel._tell("Unit", "changed", unit, self.house.property)
        return f"unit {unit} is in use again"
