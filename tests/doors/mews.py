"""A hotel with Mews, as the watch sees it: its raw books, and its desk."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from connectors.mews.connector import MewsConnector
from mappers.policy import Policy
from sandbox.mews_hotel import MewsHotel
from tests.doors.watch import Right
from tests.doors.week import FULL, MINUTE, Desk, House, hook
from tests.night import HOOK

ROOMS = ("101", "102", "103", "104", "105", "106")


class MewsHouse(House):
    """Six rooms and a dorm."""

    hotel: MewsHotel

    def __init__(self, path: Path, policy: Policy | None = None, seed: int = 1, override: bool = False, beds: int = 2):
        self.override = override
        self._beds = "ABCDEFGH"[:beds]
        super().__init__(path, policy, seed=seed)

    def build(self) -> None:
        self.hotel = hotel = MewsHotel(now=self.clock.now, clock=self.clock.monotonic)
        self.property = hotel.add_property()
        self.service = hotel.add_service(self.property)
        self.double = hotel.add_category(self.service)
        beds = hotel.add_category(self.service, "Bed", "Bed")
        dorms = hotel.add_category(self.service, "Dorm", "Dorm")
        self.rooms = [hotel.add_room(self.property, name, self.double) for name in ROOMS]
        self.dorm = hotel.add_room(self.property, "D1", dorms)
        self.rooms += [hotel.add_room(self.property, f"D1-{bed}", beds, parent=self.dorm) for bed in self._beds]
        for room in self.rooms:
            self.door(room, self.override)
        # Several bookings share it, so no lock system has a guest room's lock there: Visionline says "guest common".
        self.door(self.dorm)

    def connect(self) -> MewsConnector:
        tokens = {"client_token": self.hotel.client_token, "access_token": self.hotel.access_token}
        return MewsConnector.open(
            self.name, {"base_url": "http://hotel.example", **tokens}, self.access(self.hotel), HOOK
        )

    @property
    def pms(self) -> Any:
        return self.hotel

    def hear(self) -> None:
        self.hears = True
        self.hotel.sender, self.hotel.webhook_url = self.sender, hook()

    # --- the books --------------------------------------------------------------------------------------------------

    def rights(self) -> list[Right]:
        rights = []
        for booking in self.hotel.reservations.values():
            room = booking["AssignedResourceId"]
            if booking["State"] not in ("Confirmed", "Started") or room is None:
                continue
            starts_at, ends_at = (datetime.fromisoformat(booking[f"Scheduled{end}Utc"]) for end in ("Start", "End"))
            if booking["State"] == "Started" and booking["ActualStartUtc"]:
                starts_at = min(starts_at, datetime.fromisoformat(booking["ActualStartUtc"]))
            people = self.on(booking["Id"])
            parent = self.hotel.resources[room]["ParentResourceId"]
            in_use = all(self.hotel.resources[one]["IsActive"] for one in (room, parent) if one)
            # A lock that knows one booking at a time is the former guest's until she is out; then the later one's.
            waits = self._still_anothers(booking["Id"], room, starts_at) if self.override else None
            for person in people if self.everyone else people[:1]:
                for door in (room, parent) if parent else (room,):
                    due_from = waits if door == room else None
                    rights.append(Right(person, door, starts_at, ends_at, booking["Id"], in_use, due_from))
        return rights

    def _still_anothers(self, booking: str, room: str, starts_at: datetime) -> datetime | None:
        """Until when the guest who was in the room before has it; None where it is free."""
        ends = []
        for one in self.hotel.reservations.values():
            if one["AssignedResourceId"] == room and one["State"] in ("Confirmed", "Started") and one["Id"] != booking:
                begins, end = (datetime.fromisoformat(one[f"Scheduled{word}Utc"]) for word in ("Start", "End"))
                if one["State"] == "Started" and one["ActualStartUtc"]:
                    begins = min(begins, datetime.fromisoformat(one["ActualStartUtc"]))
                if begins < starts_at < end:
                    ends.append(end)
        return max(ends, default=None)

    def on(self, booking_id: str) -> list[str]:
        """The people of a booking, whoever has the key first."""
        booking = self.hotel.reservations[booking_id]
        profiles = [booking["AccountId"]] if booking["AccountType"] == "Customer" else []
        for one in self.hotel.companionships.values():
            if booking_id == one["ReservationId"] or (
                one["ReservationId"] is None and one["ReservationGroupId"] == booking["GroupId"]
            ):
                profiles.append(one["CustomerId"])
        return list(dict.fromkeys(self.of_profile(one) for one in profiles))

    def of_profile(self, customer: str) -> str:
        while self.hotel.customers[customer]["MergeTargetId"]:
            customer = self.hotel.customers[customer]["MergeTargetId"]
        item = self.hotel.customers[customer]
        return self.who.named(f"{item['FirstName']} {item['LastName']}")

    # --- for the desk -----------------------------------------------------------------------------------------------

    def profile(self, **rest: Any) -> str:
        first, last = self.person()
        rest.setdefault("email", f"{first}.{last}@example.com".lower())
        return self.hotel.add_customer(first, last, **rest)

    def fill(self, stays: int, nights: int = 6) -> None:
        for number in range(stays):
            room = self.hotel.add_room(self.property, str(1000 + number), self.double)
            self.door(room)
            self.rooms.append(room)
            arrival = self.at(self.today() - timedelta(days=1), 15)
            self.hotel.book(self.profile(), self.double, arrival, arrival + timedelta(days=nights), room)
        self.changed()

    def say_that_all_changed(self) -> None:
        for one in self.hotel.reservations:
            self.hotel._change(self.hotel.reservations, one)

    def is_free(self, room: str, starts_at: datetime, ends_at: datetime, but: str = "") -> bool:
        for one in self.hotel.reservations.values():
            if one["AssignedResourceId"] == room and one["State"] in ("Confirmed", "Started") and one["Id"] != but:
                begins, ends = (datetime.fromisoformat(one[f"Scheduled{end}Utc"]) for end in ("Start", "End"))
                if begins < ends_at and starts_at < ends:
                    return False
        return True


class MewsDesk(Desk):
    """One thing after another, as a clerk would do it."""

    def __init__(self, house: MewsHouse, luck: random.Random):
        super().__init__(house, luck)
        self.hotel = house.hotel
        for _ in range(6):
            self._book(self.now() - timedelta(days=1))

    def acts(self) -> list[tuple[int, Callable[[], str | None]]]:
        return [
            (4, lambda: self._book(self.now() + timedelta(days=self.luck.choice((0, 0, 1, 2, 4))))),
            (1, self._company),
            (1, self._back_to_back),
            (2, self._move),
            (1, self._move_and_back),
            (1, self._unassign),
            (2, self._extend),
            (2, self._shorten),
            (2, self._check_in),
            (2, self._check_out),
            (1, self._cancel),
            (1, self._reinstate),
            (2, self._swap),
            (1, self._merge),
            (1, self._add_companion),
            (1, self._remove_companion),
            (1, self._correct_name),
            (1, self._same_mail),
            (1, self._retire),
            (2, self._use_again),
            (1, self._arrive_otherwise),
            (1, self._undo_check_in),
            (1, self._undo_check_out),
            (1, self._only_optional),
            (1, self._group_companion),
        ]

    # --- what a clerk sees --------------------------------------------------------------------------------------------

    def _alive(self, *states: str) -> list[dict[str, Any]]:
        now = self.now()
        return [
            one
            for one in self.hotel.reservations.values()
            if one["State"] in (states or ("Confirmed", "Started"))
            and datetime.fromisoformat(one["ScheduledEndUtc"]) > now
        ]

    def _one(self, *states: str) -> dict[str, Any] | None:
        alive = self._alive(*states)
        return self.luck.choice(alive) if alive else None

    def _times(self, booking: dict[str, Any]) -> tuple[datetime, datetime]:
        return (
            datetime.fromisoformat(booking["ScheduledStartUtc"]),
            datetime.fromisoformat(booking["ScheduledEndUtc"]),
        )

    def _free(self, starts_at: datetime, ends_at: datetime, but: str = "") -> str | None:
        rooms = [
            room
            for room in self.house.rooms
            if self.hotel.resources[room]["IsActive"] and self.house.is_free(room, starts_at, ends_at, but)
        ]
        return self.luck.choice(rooms) if rooms else None

    def _say(self, booking: str, what: str) -> str:
        one = self.hotel.reservations[booking]
        room = self.hotel.resources.get(one["AssignedResourceId"] or "", {"Name": "no room"})["Name"]
        return f"{booking[:6]} ({', '.join(self.house.on(booking))}; {room} {one['AssignedResourceId'] or ''}): {what}"

    # --- what a clerk does ------------------------------------------------------------------------------------------

    def _book(self, from_: datetime, owner: str | None = None, room: str | None = None, **rest: Any) -> str | None:
        day = self.house.local(from_).date()
        starts_at = self.house.at(day, 15)
        if starts_at < self.now() < from_ + timedelta(hours=1):
            starts_at = self.now().replace(second=0, microsecond=0)
        ends_at = self.house.at(day + timedelta(days=self.luck.choice((1, 1, 2, 3, 4))), 11)
        room = room or self._free(starts_at, ends_at)
        if room is None:
            return None
        chosen = None if self.luck.random() < 0.1 else room
        booking = self.hotel.book(owner or self.house.profile(), self.house.double, starts_at, ends_at, chosen, **rest)
        if not rest and self.luck.random() < 0.3:
            self.hotel.add_companion(booking, self.house.profile())
        if starts_at <= self.now() and self.luck.random() < 0.5 and chosen:
            self.hotel.check_in(booking)
        return self._say(booking, f"booked from {starts_at:%d %H:%M} to {ends_at:%d %H:%M}")

    def _company(self) -> str | None:
        people = [self.house.profile() for _ in range(self.luck.randint(1, 3))]
        from_ = self.now() + timedelta(days=self.luck.choice((0, 1, 3)))
        return self._book(from_, owner=self.hotel.add_company(), companions=people)

    def _back_to_back(self) -> str | None:
        one = self._one()
        if one is None or one["AccountType"] != "Customer":
            return None
        _, ends_at = self._times(one)
        next_end = ends_at + timedelta(days=2)
        room = one["AssignedResourceId"]
        if room is None or not self.house.is_free(room, ends_at, next_end):
            return None
        booking = self.hotel.book(one["AccountId"], self.house.double, ends_at, next_end, room)
        return self._say(booking, f"booked back to back with {one['Id'][:6]}")

    def _move(self) -> str | None:
        one = self._one()
        room = one and self._free(*self._times(one), one["Id"])
        if one is None or room is None:
            return None
        self.hotel.assign(one["Id"], room)
        return self._say(one["Id"], "moved here")

    def _move_and_back(self) -> str | None:
        one = self._one()
        if one is None or (before := one["AssignedResourceId"]) is None:
            return None
        room = self._free(*self._times(one))
        if room is None:
            return None
        self.hotel.assign(one["Id"], room)
        if self.luck.random() < 0.5:
            self.hotel.assign(one["Id"], before)
        return self._say(one["Id"], "moved, perhaps back")

    def _unassign(self) -> str | None:
        one = self._one("Confirmed")
        if one is None:
            return None
        self.hotel.assign(one["Id"], None)
        return self._say(one["Id"], "without a room")

    def _extend(self) -> str | None:
        one = self._one()
        if one is None:
            return None
        starts_at, ends_at = self._times(one)
        later = ends_at + timedelta(days=1)
        room = one["AssignedResourceId"]
        if room and not self.house.is_free(room, starts_at, later, one["Id"]):
            return None
        self.hotel.move_dates(one["Id"], departure=later)
        return self._say(one["Id"], f"extended to {later:%d %H:%M}")

    def _shorten(self) -> str | None:
        one = self._one()
        if one is None:
            return None
        starts_at, ends_at = self._times(one)
        sooner = ends_at - timedelta(days=1)
        if sooner <= max(starts_at, self.now()):
            return None
        self.hotel.move_dates(one["Id"], departure=sooner)
        return self._say(one["Id"], f"shortened to {sooner:%d %H:%M}")

    def _arrive_otherwise(self) -> str | None:
        """Earlier or later by hours or a day."""
        one = self._one("Confirmed")
        if one is None:
            return None
        starts_at, ends_at = self._times(one)
        arrival = starts_at + timedelta(hours=self.luck.choice((-24, -3, 2, 24)))
        if arrival < self.now() or arrival >= ends_at:
            return None
        if (room := one["AssignedResourceId"]) and not self.house.is_free(room, arrival, ends_at, one["Id"]):
            return None
        self.hotel.move_dates(one["Id"], arrival=arrival)
        return self._say(one["Id"], f"arrives {arrival:%d %H:%M}")

    def _undo_check_in(self) -> str | None:
        one = self._one("Started")
        if one is None:
            return None
        self.hotel.undo_check_in(one["Id"])
        return self._say(one["Id"], "not checked in after all")

    def _undo_check_out(self) -> str | None:
        one = self._one("Processed")
        if one is None:
            return None
        room, (_, ends_at) = one["AssignedResourceId"], self._times(one)
        if room and not self.house.is_free(room, self.now(), ends_at):
            return None
        self.hotel._change(self.hotel.reservations, one["Id"], State="Started", ActualEndUtc=None)
        return self._say(one["Id"], "not checked out after all")

    def _only_optional(self) -> str | None:
        """Held for somebody, no more; what was held is confirmed."""
        one = self._one("Optional")
        if one is not None:
            if (room := one["AssignedResourceId"]) and not self.house.is_free(room, *self._times(one)):
                return None
            self.hotel.set_state(one["Id"], "Confirmed")
            return self._say(one["Id"], "confirmed")
        one = self._one("Confirmed")
        if one is None:
            return None
        self.hotel.set_state(one["Id"], "Optional")
        return self._say(one["Id"], "optional only")

    def _group_companion(self) -> str | None:
        one = self._one()
        if one is None:
            return None
        self.hotel.add_companion(one["Id"], self.house.profile(), whole_group=True)
        self._unnoticed(one["Id"])
        return self._say(one["Id"], "one companion of the whole group more")

    def _check_in(self) -> str | None:
        one = self._one("Confirmed")
        if one is None:
            return None
        starts_at, ends_at = self._times(one)
        now, room = self.now(), one["AssignedResourceId"]
        # A clerk checks somebody in before the former guest is out, now and then.
        free_from = now + timedelta(hours=self.luck.choice((0, 3))) if self.house.override else now
        if (
            starts_at - timedelta(hours=8) > now
            or room is None
            or not self.house.is_free(room, free_from, ends_at, one["Id"])
        ):
            return None
        self.hotel.check_in(one["Id"])
        return self._say(one["Id"], "checked in")

    def _check_out(self) -> str | None:
        one = self._one("Started")
        if one is None:
            return None
        self.hotel.check_out(one["Id"])
        return self._say(one["Id"], "checked out")

    def _cancel(self) -> str | None:
        one = self._one("Confirmed")
        if one is None:
            return None
        self.hotel.cancel(one["Id"], self.luck.choice(("Other", "NoShow")))
        return self._say(one["Id"], "cancelled or no-show")

    def _reinstate(self) -> str | None:
        one = self._one("Canceled")
        if one is None:
            return None
        room = one["AssignedResourceId"]
        if room and not self.house.is_free(room, *self._times(one)):
            return None
        self.hotel.reinstate(one["Id"])
        return self._say(one["Id"], "reinstated")

    def _swap(self) -> str | None:
        """Somebody else comes instead."""
        one = self._one()
        if one is None:
            return None
        before = self._say(one["Id"], "")
        owner = self.house.profile(phone=f"+43660{self.luck.randrange(10**6, 10**7)}")
        self.hotel.change_owner(one["Id"], owner)
        return f"{before} now {self._say(one['Id'], 'another guest')}"

    def _merge(self) -> str | None:
        one, other = self._one(), self._one()
        if one is None or other is None:
            return None
        profiles = [booking["AccountId"] for booking in (one, other) if booking["AccountType"] == "Customer"]
        open_ = [one for one in profiles if not self.hotel.customers[one]["MergeTargetId"]]
        if len(set(open_)) < 2:
            return None
        first, second = (self.house.of_profile(one) for one in open_)
        if first == second:
            return None
        self.house.who.merge(first, second)
        self.hotel.merge_customers(open_[0], open_[1])
        return f"{first} is {second}: merged"

    def _add_companion(self) -> str | None:
        one = self._one()
        if one is None:
            return None
        customer = self.house.profile()
        self.hotel.add_companion(one["Id"], customer)
        self._unnoticed(one["Id"])
        return self._say(one["Id"], "one companion more")

    def _remove_companion(self) -> str | None:
        one = self._one()
        mine = [row for row in self.hotel.companionships.values() if one and row["ReservationId"] == one["Id"]]
        if one is None or not mine:
            return None
        gone = self.luck.choice(mine)["CustomerId"]
        if gone == one["AccountId"]:
            return None
        self._unnoticed(one["Id"])
        self.hotel.remove_companion(one["Id"], gone)
        return self._say(one["Id"], f"{self.house.of_profile(gone)} is taken off")

    def _unnoticed(self, booking: str) -> None:
        """Mews does not say to anybody who asks for changes that a booking has other companions."""
        until = self.now() + FULL + 3 * MINUTE
        for person in self.house.on(booking):
            self.house.watch.excuse(person, until)

    def _correct_name(self) -> str | None:
        one = self._one()
        if one is None or one["AccountType"] != "Customer":
            return None
        customer = one["AccountId"]
        if self.hotel.customers[customer]["MergeTargetId"]:
            return None
        person, item = self.house.of_profile(customer), self.hotel.customers[customer]
        corrected = item["LastName"] + "e"
        self.house.who.call(person, f"{item['FirstName']} {corrected}")
        self.hotel.edit_customer(customer, LastName=corrected)
        return f"{person} is spelled {corrected}"

    def _same_mail(self) -> str | None:
        one, other = self._one(), self._one()
        if one is None or other is None or "Company" in (one["AccountType"], other["AccountType"]):
            return None
        mail = self.hotel.customers[other["AccountId"]]["Email"]
        self.hotel.edit_customer(one["AccountId"], Email=mail)
        return f"{one['AccountId'][:6]} has the mail {mail}"

    def _retire(self) -> str | None:
        room = self.luck.choice([*self.house.rooms, self.house.dorm])
        self.hotel.retire_room(room)
        return f"room {self.hotel.resources[room]['Name']} ({room}) is out of use"

    def _use_again(self) -> str | None:
        out = [one for one in (*self.house.rooms, self.house.dorm) if not self.hotel.resources[one]["IsActive"]]
        if not out:
            return None
        room = self.luck.choice(out)
        self.hotel._change(self.hotel.resources, room, IsActive=True)
        return f"room {self.hotel.resources[room]['Name']} ({room}) is in use again"
