"""Chains: a connection with three properties, among which bookings go to and fro, also while one is not listed.

The desks are those of single houses; every room that they choose may be in another property. What happens in a property
that the PMS does not list reaches nobody: who has access there may keep it, and nobody is due anything before it is
listed again.
"""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from mappers.policy import Policy
from sandbox.http import Answer
from sandbox.mews_hotel import MewsHotel
from tests.doors.apaleo import ApaleoDesk, ApaleoHouse
from tests.doors.mews import MewsDesk, MewsHouse
from tests.doors.watch import Right
from tests.doors.week import FULL, MINUTE, Trouble, Week
from tests.simulated.apaleo_hotel import ApaleoHotel

Json = dict[str, Any]
PROPERTIES = ("Lake", "Hill", "Town")
LIVING = ("Confirmed", "InHouse")


class MewsChainHotel(MewsHotel):
    """A reservation is of the property whose room it has."""

    def __init__(self, **rest: Any):
        super().__init__(portfolio=True, **rest)
        self.hidden: set[str] = set()

    def assign(self, reservation_id: str, room: str | None) -> None:
        if room is None:
            super().assign(reservation_id, None)
            return
        category = self.category_in(self.resources[room]["EnterpriseId"])
        self._change(
            self.reservations,
            reservation_id,
            AssignedResourceId=room,
            ServiceId=self.categories[category]["ServiceId"],
            RequestedResourceCategoryId=category,
        )

    def book(self, owner: str, category_id: str, *stay: Any, **rest: Any) -> str:
        room = stay[2] if len(stay) > 2 else rest.get("room")
        if room is not None:
            category_id = self.category_in(self.resources[room]["EnterpriseId"])
        return super().book(owner, category_id, *stay, **rest)

    def category_in(self, enterprise: str) -> str:
        return next(key for key, one in self.categories.items() if one["EnterpriseId"] == enterprise)

    def property_of(self, booking: Json) -> str:
        return str(self.services[booking["ServiceId"]]["EnterpriseId"])

    def _enterprises(self, question: Json) -> str:
        listed = [one for key, one in self.enterprises.items() if key not in self.hidden]
        return self._page("Enterprises", question, listed, [])


class MewsChain(MewsHouse):
    def build(self) -> None:
        self.hotel = hotel = MewsChainHotel(now=self.clock.now, clock=self.clock.monotonic)
        self.properties = [hotel.add_property(name) for name in PROPERTIES]
        self.property = self.properties[0]
        self.rooms = []
        for number, of in enumerate(self.properties, start=1):
            service = hotel.add_service(of)
            double = hotel.add_category(service)
            if number == 1:
                self.service, self.double = service, double
            self.rooms += [hotel.add_room(of, f"{number}0{room}", double) for room in (1, 2, 3)]
        dorms = hotel.add_category(self.service, "Dorm", "Dorm")
        beds = hotel.add_category(self.service, "Bed", "Bed")
        self.dorm = hotel.add_room(self.property, "D1", dorms)
        self.rooms += [hotel.add_room(self.property, f"D1-{bed}", beds, parent=self.dorm) for bed in self._beds]
        for room in self.rooms:
            self.door(room, self.override)
        self.door(self.dorm)

    def fill_rooms(self, *rooms: int) -> None:
        """A guest in each, since yesterday and for a week."""
        arrival = self.at(self.today() - timedelta(days=1), 15)
        for room in rooms:
            self.hotel.book(self.profile(), self.double, arrival, arrival + timedelta(days=7), self.rooms[room])

    def rights(self) -> list[Right]:
        return [
            replace(one, is_due=False) if self.hotel.resources[one.door]["EnterpriseId"] in self.hotel.hidden else one
            for one in super().rights()
        ]


class MewsChainDesk(MewsDesk):
    """It does nothing in a property that is not listed, but for bookings that come into it or leave it."""

    house: MewsChain

    def acts(self) -> list[tuple[int, Callable[[], str | None]]]:
        return [
            *super().acts(),
            (4, self._away),
            (3, self._swap_rooms),
            (2, self._away_and_another_guest),
            (1, self._rebook),
        ]

    def _alive(self, *states: str) -> list[Json]:
        return [one for one in super()._alive(*states) if self.hotel.property_of(one) not in self.hotel.hidden]

    def _anyone(self) -> Json | None:
        """Also in a property that is not listed."""
        alive = super()._alive()
        return self.luck.choice(alive) if alive else None

    def _move(self) -> str | None:
        return self._told(super()._move)

    def _move_and_back(self) -> str | None:
        return self._told(super()._move_and_back)

    def _told(self, act: Callable[[], str | None]) -> str | None:
        """What goes into a property that is not listed is found out where it was by the next full run."""
        before = {key: one["AssignedResourceId"] for key, one in self.hotel.reservations.items()}
        said = act()
        for key, one in self.hotel.reservations.items():
            if before.get(key) != one["AssignedResourceId"] and self.hotel.property_of(one) in self.hotel.hidden:
                for person in self.house.on(key):
                    self.house.watch.excuse(person, self.now() + FULL + 3 * MINUTE)
        return said

    def _away(self) -> str | None:
        """Into another property."""

        def go() -> str | None:
            one = self._anyone()
            room = one and self._free(*self._times(one), one["Id"])
            if one is None or room is None:
                return None
            if self.hotel.resources[room]["EnterpriseId"] == self.hotel.property_of(one):
                return None
            self.hotel.assign(one["Id"], room)
            return self._say(one["Id"], "went to another property")

        return self._told(go)

    def _swap_rooms(self) -> str | None:
        def go() -> str | None:
            one, other = self._anyone(), self._anyone()
            if one is None or other is None or one is other:
                return None
            rooms = one["AssignedResourceId"], other["AssignedResourceId"]
            if None in rooms or not self._fits(one, other):
                return None
            if self.hotel.property_of(one) == self.hotel.property_of(other) in self.hotel.hidden:
                return None
            self.hotel.assign(one["Id"], rooms[1])
            self.hotel.assign(other["Id"], rooms[0])
            return f"{self._say(one['Id'], '')} and {self._say(other['Id'], 'swapped')}"

        return self._told(go)

    def _fits(self, one: Json, other: Json) -> bool:
        def free(room: str, times: Any) -> bool:
            return all(
                third["AssignedResourceId"] != room
                or third["State"] not in ("Confirmed", "Started")
                or third["Id"] in (one["Id"], other["Id"])
                or not (self._times(third)[0] < times[1] and times[0] < self._times(third)[1])
                for third in self.hotel.reservations.values()
            )

        return free(other["AssignedResourceId"], self._times(one)) and free(
            one["AssignedResourceId"], self._times(other)
        )

    def _away_and_another_guest(self) -> str | None:
        def go() -> str | None:
            one = self._one()
            room = one and self._free(*self._times(one), one["Id"])
            if one is None or room is None:
                return None
            before = self._say(one["Id"], "")
            gone = self.house.on(one["Id"])
            self.hotel.assign(one["Id"], room)
            self.hotel.change_owner(one["Id"], self.house.profile())
            if self.hotel.property_of(one) in self.hotel.hidden:
                for person in gone:
                    self.house.watch.excuse(person, self.now() + FULL + 3 * MINUTE)
            return f"{before} now {self._say(one['Id'], 'another guest elsewhere')}"

        return self._told(go)

    def _rebook(self) -> str | None:
        """Cancelled here and booked there: another reservation of the same person."""
        one = self._one("Confirmed")
        if one is None or one["AccountType"] != "Customer":
            return None
        room = self._free(*self._times(one), one["Id"])
        if room is None:
            return None
        self.hotel.cancel(one["Id"])
        new = self.hotel.book(one["AccountId"], self.house.double, *self._times(one), room)
        return self._say(new, f"instead of {one['Id'][:6]}")

    def is_known_nowhere_else(self) -> bool:
        return bool(self.hotel.hidden)


class ApaleoChainHotel(ApaleoHotel):
    """A reservation is of the property whose unit it has."""

    def __init__(self, **rest: Any):
        super().__init__(**rest)
        self.hidden: set[str] = set()

    def _assign(self, reservation: Json, unit: str, first: date | None = None, last: date | None = None) -> None:
        of = self.units[unit]["_property"]
        if of != reservation["_property"]:
            # A stay is in one property: with all of its nights, where they are free there.
            nights = {night for night, _, _ in self._nights(reservation)}
            others = [one for one in self.reservations.values() if one is not reservation and one["status"] in LIVING]
            taken = any(one["_nights"].get(night) == unit for one in others for night in nights)
            if taken and (first, last) != (None, None):
                return
            first = last = None
            reservation |= {"_property": of, "_group": self.units[unit]["_group"]}
        super()._assign(reservation, unit, first, last)

    def _properties(self, query: Any, record_id: str | None) -> tuple[str, list[Json]]:
        name, found = super()._properties(query, record_id)
        return name, [one for one in found if one["id"] not in self.hidden]


class ApaleoChain(ApaleoHouse):
    hotel: ApaleoChainHotel

    def build(self) -> None:
        self.hotel = hotel = ApaleoChainHotel(now=self.clock.now, clock=self.clock.monotonic)
        hotel.ranges_meet = self._ranges_meet
        self.properties = [hotel.add_property(name[:3].upper(), name) for name in PROPERTIES]
        self.property = self.properties[0]
        groups = [hotel.add_group(one) for one in self.properties]
        self.double = groups[0]
        self.rooms = [
            hotel.add_unit(group, f"{place}0{room}") for place, group in enumerate(groups) for room in (1, 2, 3)
        ]
        for room in self.rooms:
            self.door(room, self._override)

    def fill_rooms(self, *rooms: int) -> None:
        """A guest in each, since yesterday and for a week."""
        arrival = self.at(self.today() - timedelta(days=1), 15)
        for room in rooms:
            guest, departure = self.guest(), arrival + timedelta(days=7)
            self.hotel.book(self.double, arrival, departure, self.rooms[room], guest=guest)

    def rights(self) -> list[Right]:
        return [
            replace(one, is_due=False) if self.hotel.units[one.door]["_property"] in self.hotel.hidden else one
            for one in super().rights()
        ]


class ApaleoChainDesk(ApaleoDesk):
    """It does nothing in a property that is not listed, but for bookings that come into it or leave it."""

    house: ApaleoChain

    def acts(self) -> list[tuple[int, Callable[[], str | None]]]:
        acts = [(weight, self._told_of(act)) for weight, act in super().acts()]
        return [
            *acts,
            (5, self._told_of(self._away)),
            (3, self._told_of(self._swap_units)),
            (2, self._told_of(self._away_and_another_guest)),
        ]

    def _alive(self, *statuses: str) -> list[Json]:
        return [one for one in super()._alive(*statuses) if one["_property"] not in self.hotel.hidden]

    def _anyone(self) -> Json | None:
        alive = super()._alive()
        return self.luck.choice(alive) if alive else None

    def _told_of(self, act: Callable[[], str | None]) -> Callable[[], str | None]:
        def do() -> str | None:
            before = {key: (one["_property"], self.house.on(one)) for key, one in self.hotel.reservations.items()}
            said = act()
            for key, one in self.hotel.reservations.items():
                if key in before and before[key][0] != one["_property"] and one["_property"] in self.hotel.hidden:
                    for person in {*before[key][1], *self.house.on(one)}:
                        self.house.watch.excuse(person, self.now() + FULL + 3 * MINUTE)
            return said

        return do

    def _away(self) -> str | None:
        one = self._anyone()
        unit = one and self._free(self.house.nights(one), one["id"])
        if one is None or unit is None or self.hotel.units[unit]["_property"] == one["_property"]:
            return None
        self.hotel.assign(one["id"], unit)
        return self._say(one, "went to another property")

    def _swap_units(self) -> str | None:
        one, other = self._anyone(), self._anyone()
        if one is None or other is None or one is other:
            return None
        units = [next(iter(each["_nights"].values()), None) for each in (one, other)]
        if None in units or one["_property"] == other["_property"] in self.hotel.hidden:
            return None
        plans = dict(one["_nights"]), dict(other["_nights"])
        one["_nights"], other["_nights"] = {}, {}
        if not (
            self._is_free(units[1], self.house.nights(one), one["id"])
            and self._is_free(units[0], self.house.nights(other), other["id"])
        ):
            one["_nights"], other["_nights"] = plans
            return None
        self.hotel.assign(one["id"], units[1])
        self.hotel.assign(other["id"], units[0])
        return f"{self._say(one, '')} and {self._say(other, 'swapped')}"

    def _away_and_another_guest(self) -> str | None:
        one = self._one()
        unit = one and self._free(self.house.nights(one), one["id"])
        if one is None or unit is None:
            return None
        before = self._say(one, "")
        self.hotel.assign(one["id"], unit)
        self.hotel.change(one["id"], primaryGuest=self.house.guest())
        return f"{before} now {self._say(one, 'another guest elsewhere')}"

    def is_known_nowhere_else(self) -> bool:
        return bool(self.hotel.hidden)


class ChainWeek(Week):
    """What happens to chains: a property that is not listed or cannot be read, news that get lost, runs over one."""

    def _troubles(self) -> list[Trouble]:
        house: Any = self.house

        def which() -> str:
            return str(self.luck.choice(house.properties))

        def hide() -> None:
            house.hotel.hidden.add(which())
            house.changed()

        def show() -> None:
            house.hotel.hidden.clear()
            house.changed()

        answered = house.hotel.answered

        def fail() -> None:
            of = which()

            def failing(request: Any) -> Answer:
                about = request.body.decode() + str(request.query)
                house.unwell()
                return house.hotel.unavailable() if of in about else answered(request)

            house.hotel.answered = failing

        def mend() -> None:
            house.hotel.answered = answered

        def lose_news() -> None:
            house.deliver = False

        def deliver() -> None:
            house.sender.__init__(house._post, background=False)
            house.deliver = True

        def one_alone() -> None:
            for _ in range(self.luck.choice((1, 2, 3))):
                house.do(self.luck.choice(("full", "night_audit", "incremental")), which())

        def nothing() -> None:
            pass

        return [
            *super()._troubles(),
            *[Trouble("a property is not listed", hide, show, (20, 400))] * 4,
            *[Trouble("a property cannot be read", fail, mend, (20, 120))] * 2,
            *[Trouble("a run over one property", one_alone, nothing, (1, 1))] * 4,
            Trouble("webhooks are lost", lose_news, deliver, (20, 200)),
        ]


def mews_chain(path: Path, luck: random.Random) -> Week:
    policy = Policy(guests=luck.choice(("primary", "everyone")))
    seed, override = luck.randrange(1000), luck.random() < 0.3
    house = MewsChain(path, policy, seed=seed, override=override)
    return ChainWeek(house, luck, MewsChainDesk(house, luck))


def apaleo_chain(path: Path, luck: random.Random) -> Week:
    policy = Policy(guests=luck.choice(("primary", "everyone")))
    meet, override = luck.random() < 0.3, luck.random() < 0.3
    house = ApaleoChain(path, policy, seed=luck.randrange(1000), ranges_meet=meet, override=override)
    return ChainWeek(house, luck, ApaleoChainDesk(house, luck))
