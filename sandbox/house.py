"""Believable houses for the demo, the tests and the benchmarks. The same seed and clock make the same house."""

import random
from collections.abc import Callable, Container
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from sandbox.mews_hotel import MewsHotel
from sandbox.seam_workspace import SeamWorkspace

VIENNA = ZoneInfo("Europe/Vienna")
FIRST_NAMES = tuple(
    "Anna Jonas Mira Luca Sofia Emil Noor Tomas Ines Pavel Greta Hugo Leyla Oskar Chiara Mateo Ida Yuki".split()  # noqa: SIM905
)
LAST_NAMES = tuple(
    "Berger Novak Rossi Dubois Larsen Meyer Costa Horvat Lindqvist Okafor Tanaka Silva Brandt Weiss Kaya Jansen".split()  # noqa: SIM905
)


@dataclass(slots=True)
class House:
    """A hotel with handles on its parts."""

    hotel: MewsHotel
    property_id: str
    categories: dict[str, str] = field(default_factory=dict)
    """By type: Room, Suite, Bed, Dorm, ParkingSpot, MeetingRoom."""
    rooms: list[str] = field(default_factory=list)
    """Ids of plain rooms and suites in use."""


def believable_house(now: Callable[[], datetime] = lambda: datetime.now(UTC), seed: int = 7, floors: int = 6) -> House:
    """Hotel Alpenblick: 120 rooms and suites, a dorm with beds, parking, and the bookings of a normal week.

    With everything that a hotel's data has: duplicate and broken e-mails, phone numbers written in several ways,
    companies with and without a named guest, unassigned rooms, every state, and one broken record.
    """
    luck = random.Random(seed)
    hotel = MewsHotel(now=now, seed=seed)
    # All of it was entered weeks ago, so that the first incremental run finds only what happens from now on.
    hotel.stamp = lambda: now() - timedelta(days=30)
    house = _empty_house(hotel)
    for floor in range(1, floors + 1):
        for number in range(1, 21):
            suite = number > 18
            category = house.categories["Suite" if suite else "Room"]
            house.rooms.append(hotel.add_room(house.property_id, f"{floor}{number:02d}", category))
    hotel.add_room(house.property_id, "013", house.categories["Room"], active=False)
    hotel.add_room(house.property_id, "Old laundry", None)
    dorm = hotel.add_room(house.property_id, "Dorm 7", house.categories["Dorm"])
    beds = [
        hotel.add_room(house.property_id, f"7{letter}", house.categories["Bed"], parent=dorm) for letter in "ABCDEF"
    ]
    spots = [
        hotel.add_room(house.property_id, f"P{number}", house.categories["ParkingSpot"]) for number in range(1, 21)
    ]
    today = now().astimezone(VIENNA).date()
    for place, room in enumerate([*house.rooms, *beds]):
        day = today - timedelta(days=luck.randrange(1, 4))
        while day < today + timedelta(days=25):
            nights = luck.choice((1, 2, 2, 3, 3, 4, 7))
            if luck.random() < 0.72:
                category = house.categories["Bed"] if room in beds else _category_of(hotel, room)
                _stay(house, luck, room, category, day, nights, today, place)
            day += timedelta(days=nights)
    for spot in spots[:9]:
        hotel.book(
            guest(hotel, luck),
            house.categories["ParkingSpot"],
            _at(today, 15),
            _at(today + timedelta(days=2), 11),
            spot,
        )
    backwards = hotel.book(
        guest(hotel, luck), house.categories["Room"], _at(today + timedelta(days=3), 15), _at(today, 11), house.rooms[3]
    )
    hotel.edit_customer(hotel.reservations[backwards]["AccountId"], LastName="Backwards")
    hotel.stamp = None
    return house


def big_house(rooms: int = 300, bookings: int = 5000, seed: int = 3, now: datetime | None = None) -> House:
    """A house for measuring: that many confirmed bookings, each with its own guest, all due for access.

    Stays in the same room overlap: nobody is meant to live there.
    """
    began = now or datetime.now(UTC)
    hotel = MewsHotel(now=lambda: began, seed=seed, rate_limit=None)
    house = _empty_house(hotel)
    for number in range(rooms):
        house.rooms.append(hotel.add_room(house.property_id, f"{number + 1:03d}", house.categories["Room"]))
    for number in range(bookings):
        arrival = began.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1 + number % (12 * 24))
        owner = hotel.add_customer(
            FIRST_NAMES[number % len(FIRST_NAMES)],
            LAST_NAMES[number % len(LAST_NAMES)],
            f"guest{number}@example.com",
            f"+43660{1000000 + number}",
        )
        room = house.rooms[number % rooms]
        hotel.book(owner, house.categories["Room"], arrival, arrival + timedelta(days=2), room)
    if now is None:
        # It was furnished in one moment; from here on its clock goes, as that of every PMS.
        hotel.now = lambda: datetime.now(UTC)
    return house


def new_wing(house: House) -> dict[str, str]:
    """Names of the rooms on the top floor, by id, whose locks are of another make and not connected yet."""
    top = house.rooms[-6:]
    return {room_id: str(house.hotel.resources[room_id]["Name"]) for room_id in top}


def equip_new_wing(house: House, workspace: SeamWorkspace) -> None:
    """What the new wing's lock system has once it is connected: names as installers give them, and some that are no
    room's. The account that was connected last gets them."""
    names = list(new_wing(house).values())
    shown = [f"Rm 0{name}" for name in names[:-1]]
    for name in (*shown, f"Suite {names[-1]} - main door", f"Minibar {names[0]}", "Corridor 615-620", "Staff stairs 6"):
        workspace.add_device(name, customer_key=house.property_id)


def equip_with_locks(house: House, workspace: SeamWorkspace, but: Container[str] = ()) -> None:
    """Gives the workspace the house's access system: a door for every room, and override locks on the third floor.

    Each door joins its room's Space as soon as there is one, as if an installer had matched them. `but`: ids of rooms
    that get none.
    """
    for room_id, room in house.hotel.resources.items():
        name = str(room["Name"])
        if room["IsActive"] and not name.startswith("P") and room_id not in but:
            workspace.add_entrance(
                f"Door {name}",
                room_id,
                can_belong_to_reservation=name.startswith("3"),
                customer_key=house.property_id,
            )


def guest(hotel: MewsHotel, luck: random.Random) -> str:
    """A new profile, as good or bad as profiles are."""
    first, last = luck.choice(FIRST_NAMES), luck.choice(LAST_NAMES)
    number = luck.randrange(1000, 9999)
    name = f"{first}.{last}".lower()
    email = luck.choices(
        (
            f"{name}{number}@example.com",
            f"{name}@example.com",
            f"{name} at example.com",
            None,
            f" {name}{number}@Example.com ",
        ),
        (70, 8, 3, 8, 11),
    )[0]
    local = f"660 {luck.randrange(1000000, 9999999)}"
    phone = luck.choices(
        (f"+43 {local}", f"0043 {local}", f"0{local.replace(' ', '/')}", "ask at desk", None), (40, 20, 20, 2, 18)
    )[0]
    return hotel.add_customer(first, last, email, phone)


def _empty_house(hotel: MewsHotel) -> House:
    house = House(hotel, hotel.add_property())
    rooms = hotel.add_service(house.property_id)
    parking = hotel.add_service(house.property_id, "Parking", "P0M0DT12H0M0S", "P0M0DT12H0M0S")
    hotel.add_service(house.property_id, "Breakfast", bookable=False)
    for kind in ("Room", "Suite", "Dorm", "Bed", "MeetingRoom"):
        house.categories[kind] = hotel.add_category(rooms, kind, kind)
    house.categories["ParkingSpot"] = hotel.add_category(parking, "ParkingSpot", "Parking")
    return house


def _stay(
    house: House, luck: random.Random, room: str, category: str, day: date, nights: int, today: date, place: int
) -> None:
    hotel = house.hotel
    arrival, departure = _at(day, 15), _at(day + timedelta(days=nights), 11)
    owner = hotel.add_company() if luck.random() < 0.05 else guest(hotel, luck)
    companions = [guest(hotel, luck)] if luck.random() < 0.35 else []
    state = "Confirmed"
    if luck.random() < 0.06:
        state = luck.choice(("Optional", "Inquired", "Canceled"))
    # Nobody gives everybody a room three weeks ahead, and for tonight one is still missing.
    later = day > today + timedelta(days=5) and luck.random() < 0.4
    assigned = None if later or (day == today and place == 11) else room
    reservation = hotel.book(owner, category, arrival, departure, assigned, state, companions)
    if state != "Confirmed" or day > today:
        return
    now = hotel.now()
    if departure <= now:
        hotel.check_in(reservation, arrival)
        hotel.check_out(reservation, departure)
    elif arrival <= now and assigned is not None:
        hotel.check_in(reservation, arrival - timedelta(minutes=luck.choice((0, 0, 45, -30))))


def _category_of(hotel: MewsHotel, room: str) -> str:
    return next(str(item["CategoryId"]) for item in hotel.assignments.values() if item["ResourceId"] == room)


def _at(day: date, hour: int) -> datetime:
    return datetime.combine(day, time(hour), tzinfo=VIENNA)
