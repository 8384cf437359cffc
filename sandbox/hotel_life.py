"""What happens in a hotel while you watch: bookings, moves, extensions, cancellations, arrivals, departures."""

import random
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sandbox.house import House, guest

Json = dict[str, Any]


class HotelLife:
    """A clock of events for a house; the same seed lives the same life."""

    def __init__(self, house: House, seed: int = 7):
        self._house = house
        self._hotel = house.hotel
        self._luck = random.Random(seed)

    def step(self, now: datetime) -> list[str]:
        """Lets one to three things happen; a sentence each, without guests' names."""
        events = (
            self._walk_in,
            self._of_one("Started", self._move),
            self._of_one("Started", self._extend),
            self._of_one("Confirmed", self._shorten),
            self._of_one("Confirmed", self._cancel),
            self._assign,
            self._of_one("Started", self._edit_guest),
            self._of_one("Started", self._leave),
        )
        said = (self._luck.choice(events)(now) for _ in range(self._luck.randint(1, 3)))
        return [sentence for sentence in said if sentence]

    def _walk_in(self, now: datetime) -> str:
        room = self._luck.choice(self._house.rooms)
        reservation = self._hotel.book(
            guest(self._hotel, self._luck),
            self._house.categories["Room"],
            now,
            now.replace(hour=10, minute=0, second=0, microsecond=0) + timedelta(days=2),
            room,
        )
        self._hotel.check_in(reservation, now)
        return f"{self._name(reservation)} is a walk-in for room {self._room(room)}."

    def _of_one(self, state: str, act: Callable[[Json, datetime], str | None]) -> Callable[[datetime], str | None]:
        """What happens to one of the bookings in a state, where there is one."""

        def happens(now: datetime) -> str | None:
            booking = self._one(state)
            return act(booking, now) if booking is not None else None

        return happens

    def _move(self, booking: Json, now: datetime) -> str:
        before, after = booking["AssignedResourceId"], self._luck.choice(self._house.rooms)
        self._hotel.assign(booking["Id"], after)
        return f"{self._name(booking['Id'])} moves from room {self._room(before)} to {self._room(after)}."

    def _extend(self, booking: Json, now: datetime) -> str | None:
        return self._shift(booking, timedelta(days=1), "stays a night longer")

    def _shorten(self, booking: Json, now: datetime) -> str | None:
        return self._shift(booking, timedelta(days=-1), "leaves a night earlier")

    def _shift(self, booking: Json, by: timedelta, words: str) -> str | None:
        departure = datetime.fromisoformat(booking["ScheduledEndUtc"]) + by
        if departure <= datetime.fromisoformat(booking["ScheduledStartUtc"]):
            return None
        self._hotel.move_dates(booking["Id"], departure=departure)
        return f"{self._name(booking['Id'])} {words}."

    def _cancel(self, booking: Json, now: datetime) -> str:
        self._hotel.cancel(booking["Id"])
        return f"{self._name(booking['Id'])} is cancelled."

    def _assign(self, now: datetime) -> str | None:
        waiting = [one for one in self._open("Confirmed") if one["AssignedResourceId"] is None]
        if not waiting:
            return None
        booking = self._luck.choice(waiting)
        room = self._luck.choice(self._house.rooms)
        self._hotel.assign(booking["Id"], room)
        return f"{self._name(booking['Id'])} gets room {self._room(room)}."

    def _edit_guest(self, booking: Json, now: datetime) -> str | None:
        if booking["AccountType"] != "Customer":
            return None
        self._hotel.edit_customer(booking["AccountId"], Phone=f"+43 660 {self._luck.randrange(1000000, 9999999)}")
        return f"The guest of {self._name(booking['Id']).lower()} has a new phone number."

    def _leave(self, booking: Json, now: datetime) -> str:
        self._hotel.check_out(booking["Id"], now)
        return f"{self._name(booking['Id'])} checks out of room {self._room(booking['AssignedResourceId'])}."

    def _one(self, state: str) -> Json | None:
        assigned = [one for one in self._open(state) if one["AssignedResourceId"] in self._house.rooms]
        return self._luck.choice(assigned) if assigned else None

    def _open(self, state: str) -> list[Json]:
        now, soon = (f"{self._hotel.now() + ahead:%Y-%m-%dT%H:%M}" for ahead in (timedelta(0), timedelta(days=10)))
        return [
            one
            for one in self._hotel.reservations.values()
            if one["State"] == state and one["ScheduledStartUtc"] < soon and one["ScheduledEndUtc"] > now
        ]

    def _name(self, reservation_id: str) -> str:
        return f"Booking {self._hotel.reservations[reservation_id]['Number']}"

    def _room(self, room_id: str | None) -> str:
        return str(self._hotel.resources[room_id]["Name"]) if room_id else "none"
