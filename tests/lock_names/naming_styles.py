"""Believable houses of 300 rooms with two lock systems of awkward names, and the truth about them.

Every house is the same each time (its own seed). `STYLES` are those that the matcher was written with in mind;
`AFTERTHOUGHTS` were written down when it was there, before it had seen them.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from lock_names.read import NamedDoor, NamedRoom

SALTO, KABA = "Salto KS", "dormakaba Oracode"


@dataclass(slots=True)
class House:
    """Rooms, doors, and which door is right for which room."""

    style: str
    rooms: list[NamedRoom] = field(default_factory=list)
    doors: list[NamedDoor] = field(default_factory=list)
    truth: dict[str, str] = field(default_factory=dict)
    """Door id to room key: the one door to apply for a room (any number of doors for a common area)."""
    untold: set[str] = field(default_factory=set)
    """Keys of rooms whose doors' names do not say which is right, so that a person has to."""
    chance: random.Random = field(default_factory=random.Random)

    def room(self, name: str) -> str:
        """A room, under a key that says nothing."""
        key = f"space-{self.chance.getrandbits(48):012x}"
        self.rooms.append(NamedRoom(key, name))
        return key

    def area(self, name: str, *doors: str) -> None:
        key = f"area-{name.casefold()}"
        self.rooms.append(NamedRoom(key, name, is_common=True))
        for door in doors:
            self.door(door, SALTO, key)

    def door(self, name: str, system: str, room: str | None = None) -> None:
        door_id = f"lock-{self.chance.getrandbits(48):012x}"
        self.doors.append(NamedDoor(door_id, name, system))
        if room is not None:
            self.truth[door_id] = room

    def noise(self, numbers: list[str], write: Callable[[str], str] = str) -> None:
        """Doors that are no room's, many with the number of one. Some words are in no list of ours."""
        pick = self.chance.choice
        for word in ("Safe", "Minibar", "Linen", "Switch cabinet", "Dumbwaiter", "Apiary", "Meter"):
            for _ in range(8):
                self.door(write(f"{word} {pick(numbers)}"), pick((SALTO, KABA)))
        for first in numbers[::25]:
            self.door(write(f"Corridor {first}-{numbers[numbers.index(first) + 9]}"), SALTO)
            self.door(write(f"{first}-{numbers[numbers.index(first) + 1]} lobby"), KABA)
        for number in range(1, 9):
            for word in ("Staircase", "Elevator", "Parking", "Staff room", "Chapel", "Wine vault", "Floor"):
                self.door(write(f"{word} {number}"), pick((SALTO, KABA)))
        for word in ("Main entrance", "Back Office", "Kitchen delivery", "Hintereingang", "Sortie de secours"):
            self.door(write(word), SALTO)
        self.chance.shuffle(self.doors)
        self.chance.shuffle(self.rooms)


def _floors(floors: int = 6, per_floor: int = 50) -> list[tuple[int, int]]:
    return [(floor, number) for floor in range(1, floors + 1) for number in range(1, per_floor + 1)]


def _numbers() -> list[str]:
    return [f"{floor}{number:02}" for floor, number in _floors()]


def plain_numbers(house: House) -> None:
    """ "101" everywhere; the upper floors have the second system."""
    for number in _numbers():
        upper = number >= "400"
        house.door(f"Room {number}" if upper else number, KABA if upper else SALTO, house.room(number))
    house.area("Gym", "Gym", "Gym Door 2", "GYM - North")
    house.area("Pool", "Pool Entrance", "Pool 1")
    house.noise(_numbers())


def padded_rooms(house: House) -> None:
    """ "Rm 0101", "ROOM#0101 Main Door"."""
    for number in _numbers():
        upper = number >= "400"
        name = f"ROOM#0{number} Main Door" if upper else f"Rm 0{number}"
        house.door(name, KABA if upper else SALTO, house.room(number))
    house.noise([f"0{number}" for number in _numbers()])


def floor_dash_room(house: House) -> None:
    """ "1-01", and "4.01 Entry" in the second system."""
    for floor, number in _floors():
        key = house.room(f"{floor}{number:02}")
        if floor < 4:
            house.door(f"{floor}-{number:02}", SALTO, key)
        else:
            house.door(f"{floor}.{number:02} Entry", KABA, key)
    house.noise(_numbers())


def three_buildings(house: House) -> None:
    """The same numbers in buildings A, B and C; the locks name them in several ways."""
    for building in "ABC":
        for floor, number in _floors(4, 25):
            key = house.room(f"{building} {floor}{number:02}")
            room = f"{floor}{number:02}"
            name = {
                "A": f"Haus A - Zimmer {room}",
                "B": f"Bldg. B / {room} Front",
                "C": house.chance.choice((f"C{room}", f"C-0{room}", f"{room} Wing C")),
            }[building]
            house.door(name, KABA if building == "B" else SALTO, key)
    house.noise([f"{floor}{number:02}" for floor, number in _floors(4, 25)])


def dorms_and_beds(house: House) -> None:
    """Thirty dorms with six beds each, and private rooms."""
    for dorm in range(1, 31):
        house.door(f"Dorm {dorm:02} Door", SALTO, house.room(f"Dorm {dorm}"))
        for bed in range(1, 7):
            key = house.room(f"Dorm {dorm} Bed {bed}")
            name = f"D{dorm:02}-B{bed}" if dorm > 15 else f"Dorm {dorm}, Bed {bed} (curtain lock)"
            house.door(name.replace(" (curtain lock)", ""), KABA if dorm > 15 else SALTO, key)
            house.door(f"Locker {dorm}-{bed}", KABA)
    for private in range(201, 291):
        house.door(f"Private {private}", SALTO, house.room(f"Private {private}"))
    house.noise([str(private) for private in range(201, 291)])


def apartments(house: House) -> None:
    """ "Maple Court 2F": three houses, 25 floors, four letters; the second system abbreviates."""
    for court, system in (("Maple Court", SALTO), ("Oak House", SALTO), ("Birch Terrace", KABA)):
        for floor in range(1, 26):
            for letter in "ABEF":
                key = house.room(f"{court} {floor}{letter}")
                flat = f"{floor}{letter}"
                if system == KABA:
                    house.door(f"BT-{flat}", system, key)
                else:
                    house.door(house.chance.choice((f"{court} Apt {flat}", f"Unit {flat} {court}")), system, key)
    house.noise([f"{floor}A" for floor in range(1, 26)] + [f"{floor}B" for floor in range(1, 11)])


def german_and_french(house: House) -> None:
    """Ground floor and storeys in words; the second system speaks French."""
    for storey in range(6):
        for number in range(1, 51):
            floor = "EG" if storey == 0 else f"OG{storey}"
            key = house.room(f"{floor} {number:02}")
            if storey < 4:
                name = f"Erdgeschoss Zi. {number}" if storey == 0 else f"{storey}. OG Zimmer {number:02} Eingangstür"
                house.door(name, SALTO, key)
            else:
                house.door(f"{storey}ème étage – Chambre n° {number}", KABA, key)
    house.noise([f"{number:02}" for number in range(1, 51)])


def serials_and_addresses(house: House) -> None:
    """ "SALTO-00A1F3 101", and the second system's "TTLock_8c21 Room 401"."""
    hexadecimal = "0123456789abcdef"
    for number in _numbers():
        key = house.room(number)
        if number < "400":
            serial = f"{house.chance.getrandbits(20) | 0xA0000:06X}"
            address = ":".join(f"{house.chance.getrandbits(8):02X}" for _ in range(6))
            house.door(house.chance.choice((f"SALTO-{serial} {number}", f"{number} [{address}]")), SALTO, key)
        else:
            short = "".join(house.chance.choices(hexadecimal, k=4))
            house.door(f"TTLock_{short} Room {number}", KABA, key)
    house.noise(_numbers())


def overlapping_systems(house: House) -> None:
    """Both systems have a lock for each tenth room, equally well named: a person has to say which."""
    for number in _numbers():
        key = house.room(number)
        upper = number >= "400"
        house.door(f"Zimmer {number}" if upper else f"Suite {number}", KABA if upper else SALTO, key)
        if number.endswith("5"):
            house.door(f"Rm. 0{number}" if upper else f"Door {number}", SALTO if upper else KABA)
            house.untold.add(key)
    house.noise(_numbers())


def several_locks_a_room(house: House) -> None:
    """Suites with a lock at the entry and others inside."""
    for number in _numbers():
        key = house.room(f"Suite {number}")
        upper = number >= "400"
        house.door(f"{number} Entrance" if upper else number, KABA if upper else SALTO, key)
        for inside in house.chance.sample(("Bedroom", "Living room", "Balcony", "Connecting door", "Sauna"), 1):
            house.door(f"{number} {inside}", KABA if upper else SALTO)
    house.noise(_numbers()[::2])


def typists(house: House) -> None:
    """Full-width digits, dashes of every width, cases, gaps, and locks that were renamed."""
    wide = str.maketrans("0123456789", "０１２３４５６７８９")
    for number in _numbers():
        key = house.room(f"Zimmer {number}")
        upper = number >= "400"
        forms = (
            number.translate(wide),
            f"ZIMMER  {number}",
            f"Zimmertür – {number}",
            f"Zimmertuer_{number}",
            f"{number} (new)",
            f"  room№{number}. ",
        )
        house.door(house.chance.choice(forms), KABA if upper else SALTO, key)
        if number.endswith("7"):
            house.door(f"{number} (old)", KABA)
    house.noise(_numbers())


STYLES: list[Callable[[House], None]] = [
    plain_numbers,
    padded_rooms,
    floor_dash_room,
    three_buildings,
    dorms_and_beds,
    apartments,
    german_and_french,
    serials_and_addresses,
    overlapping_systems,
    several_locks_a_room,
    typists,
]


def towers_of_the_locks(house: House) -> None:
    """The locks name the hotel and its towers, the rooms do not: numbers tell the tower."""
    for number in _numbers():
        upper = number >= "400"
        name = f"GBH-{number}" if upper else f"Aurora | {'North' if number < '200' else 'South'} Tower | 0{number}"
        house.door(name, KABA if upper else SALTO, house.room(number))
    for place in ("Lobby", "Lift 1", "Spa", "Back of house"):
        house.door(f"Aurora | {place}", SALTO)
    house.noise(_numbers())


def high_rise(house: House) -> None:
    """Levels 8 to 37: "1207" is "L12-07" in one system and "12/1207" in the other."""
    for level in range(8, 38):
        for number in range(1, 11):
            key = house.room(f"{level}{number:02}")
            if level < 23:
                house.door(f"L{level:02}-{number:02}", SALTO, key)
            else:
                house.door(f"{level}/{level}{number:02}", KABA, key)
    house.noise([f"{level}{number:02}" for level in range(8, 38) for number in range(1, 11)])


def rooms_with_names(house: House) -> None:
    """ "101 Edelweiss": the locks have the number, the name or both."""
    firsts = "Edel Alpen Enzian Föhren Birken Lärchen Gämsen Adler Murmel Stern Silber Gold Rosen Wiesen Wald"
    lasts = (
        "weiss blick rose licht quell stein horn wind tau klang grund see duft traum ruh zauber glanz hang feld pfad"
    )
    names = [first + last for first in firsts.split() for last in lasts.split()]
    for number, name in zip(_numbers(), names, strict=True):
        key = house.room(f"{number} {name}")
        if number < "400":
            house.door(house.chance.choice((number, f"{number} {name.upper()}", f"{name} ({number})")), SALTO, key)
        else:
            house.door(house.chance.choice((name, f"Zimmer {name}", f"{name} - {number}")), KABA, key)
    house.noise(_numbers())


def motel_and_cabins(house: House) -> None:
    """Rooms 1 to 150 and Cabins 1 to 150: only the word tells them apart."""
    for number in range(1, 151):
        room, cabin = house.room(f"Room {number}"), house.room(f"Cabin {number}")
        house.door(house.chance.choice((f"Rm {number}", f"RM{number:03}", f"Room {number} Ext Door")), SALTO, room)
        house.door(house.chance.choice((f"Cabin {number}", f"CABIN {number:02} Front Dr")), KABA, cabin)
    house.noise([str(number) for number in range(1, 151)])


def streets(house: House) -> None:
    """Flats of a landlord in six houses: the locks turn the address round, and add the city."""
    for at, street in enumerate(
        ("12 High Street", "14 High Street", "3 Mill Lane", "5 Mill Lane", "7 Park Row", "9 Quay")
    ):
        for flat in range(1, 51):
            key = house.room(f"Flat {flat}, {street}")
            if at < 3:
                house.door(f"{street} - Flat {flat}", SALTO, key)
            else:
                house.door(f"{street}, Leeds: Apt {flat:02}", KABA, key)
    house.noise([str(flat) for flat in range(1, 51)])


def room_types_on_doors(house: House) -> None:
    """ "101 DBL Deluxe" and "STD TWN 401": the locks tell the room's type, the rooms do not."""
    for number in _numbers():
        kind = house.chance.choice(("DBL", "TWN", "SGL", "Family", "King"))
        comfort = house.chance.choice(("Deluxe", "Standard", "Superior", ""))
        if number < "400":
            house.door(f"{number} {kind} {comfort}".strip(), SALTO, house.room(number))
        else:
            house.door(f"{comfort} {kind} {number}".strip(), KABA, house.room(number))
    house.noise(_numbers())


def southern_resort(house: House) -> None:
    """Spanish rooms by floor and number, and bungalows in gardens."""
    for floor, number in _floors(4, 50):
        key = house.room(f"Hab. {floor}{number:02}")
        name = house.chance.choice(
            (
                f"Habitación {floor}{number:02} - Puerta principal",
                f"{floor}ª planta Habitación {number:02}",
                f"HAB.{floor}{number:02}",
            )
        )
        house.door(name, SALTO, key)
    for number in range(1, 101):
        garden = "Palmeras" if number < 51 else "Olivos"
        key = house.room(f"Bungalow {garden} {number}")
        house.door(house.chance.choice((f"Bungaló {number} {garden}", f"Bungalow {garden} nº {number:03}")), KABA, key)
    house.noise([f"{floor}{number:02}" for floor, number in _floors(4, 50)])


def machine_names(house: House) -> None:
    """Names that an installer's spreadsheet made."""
    for floor, number in _floors():
        key = house.room(f"Room {floor}{number:02}")
        if floor < 4:
            house.door(f"MainBldg_Fl{floor:02}_Rm{floor:02}{number:02}_Lock", SALTO, key)
        else:
            house.door(f"lvl{floor}/rm-{floor}{number:02}/door-1", KABA, key)
    house.noise(_numbers(), lambda name: name.replace(" ", "_"))


def annex_next_door(house: House) -> None:
    """The annex's locks are there, its rooms are not, and some rooms have no lock: the annex's number would fit."""
    for number in _numbers():
        key = house.room(number)
        if number.endswith("3"):
            house.untold.add(key)
        else:
            house.door(number if number < "400" else f"Room {number}", SALTO if number < "400" else KABA, key)
        if number < "300":
            house.door(house.chance.choice((f"Annex {number}", f"Villa {number}", f"{number} N", f"N-{number}")), KABA)
    house.noise(_numbers())


def renumbered(house: House) -> None:
    """After a renovation: some locks carry the former number as well, or only that."""
    for at, number in enumerate(_numbers()):
        key = house.room(number)
        upper = number >= "400"
        former = f"{int(number) + 100}" if number < "600" else "799"
        if at % 10 == 3:
            house.door(f"{number} (was {former})", SALTO, key)
        elif at % 10 == 6:
            house.door(f"ex {number}", KABA)
            house.untold.add(key)
        else:
            house.door(f"Room No. {number}" if upper else f"#{number}", KABA if upper else SALTO, key)
    house.noise(_numbers())


def pods(house: House) -> None:
    """A capsule hotel: pods 1A to 28J, private rooms P1 to P20, and a locker with every pod's name."""
    for row in range(1, 29):
        for letter in "ABCDEFGHIJ":
            key = house.room(f"Pod {row}{letter}")
            if row < 15:
                house.door(house.chance.choice((f"{row}{letter}", f"POD {row:02}{letter}")), SALTO, key)
            else:
                house.door(f"Pod-{row}-{letter}", KABA, key)
            house.door(f"{row}{letter} Locker", KABA)
    for private in range(1, 21):
        house.door(f"P{private:02} entry", SALTO, house.room(f"P{private}"))
    house.noise([f"{row}A" for row in range(1, 29)] + [f"{row}B" for row in range(1, 11)])


def two_hotels_in_one_account(house: House) -> None:
    """The upper floors' locks share an account with another hotel, whose numbers partly are the same."""
    for number in _numbers():
        key = house.room(number)
        if number < "400":
            house.door(f"Zimmer {number}", SALTO, key)
        elif number.endswith("7"):
            house.untold.add(key)
        else:
            house.door(f"Hillside {number}", KABA)
            house.untold.add(key)
        if number >= "450":
            house.door(f"Seaside {number}", KABA)
    house.noise(_numbers())


def guest_doors(house: House) -> None:
    """ "GR 101" and "401 Guest Door"; some rooms have a balcony's lock as well."""
    for number in _numbers():
        upper = number >= "400"
        house.door(f"{number} Guest Door" if upper else f"GR {number}", KABA if upper else SALTO, house.room(number))
        if number.endswith("7"):
            house.door(f"{number} Balcony", SALTO)
    house.noise(_numbers())


def typed_codes(house: House) -> None:
    """ "HZS_R0101_LOCK", and in small letters in the second system."""
    for number in _numbers():
        upper = number >= "400"
        house.door(
            f"hzs-r-0{number}" if upper else f"HZS_R0{number}_LOCK", KABA if upper else SALTO, house.room(number)
        )
        if number.endswith("7"):
            house.door(f"{number} Balkon", KABA if upper else SALTO)
    house.noise([f"0{number}" for number in _numbers()])


def letters_behind(house: House) -> None:
    """ "A-101" has "101 (A)", and "B-101" has "101-B"."""
    for building in "AB":
        for floor, number in _floors(3, 50):
            room = f"{floor}{number:02}"
            name = f"{room} (A)" if building == "A" else f"{room}-B"
            house.door(name, KABA if building == "B" else SALTO, house.room(f"{building}-{room}"))
    house.noise([f"{floor}{number:02}" for floor, number in _floors(3, 50)])


def two_houses(house: House) -> None:
    """ "SH-012" of "Seehaus 12", and "Berghaus/Zi.12"."""
    for number in range(1, 151):
        house.door(f"SH-{number:03}", SALTO, house.room(f"Seehaus {number}"))
        house.door(f"Berghaus/Zi.{number} Tür", KABA, house.room(f"Berghaus {number}"))
    house.noise([str(number) for number in range(1, 151)])


def a_letter_for_nothing(house: House) -> None:
    """Every room is called "K1.01"; the locks leave the letter out."""
    for floor, number in _floors():
        name = f"Kamer {floor}.{number:02}" if floor < 4 else f"kmr {floor}{number:02}"
        house.door(name, KABA if floor >= 4 else SALTO, house.room(f"K{floor}.{number:02}"))
    house.noise(_numbers())


AFTERTHOUGHTS: list[Callable[[House], None]] = [
    towers_of_the_locks,
    high_rise,
    rooms_with_names,
    motel_and_cabins,
    streets,
    room_types_on_doors,
    southern_resort,
    machine_names,
    annex_next_door,
    renumbered,
    pods,
    two_hotels_in_one_account,
    guest_doors,
    typed_codes,
    letters_behind,
    two_houses,
    a_letter_for_nothing,
]


def deadbolts(house: House) -> None:
    """ "Deadbolt 101" and "401 Deadbolt Wi-Fi": the same word on every lock, the linen rooms' as well."""
    for number in _numbers():
        upper = number >= "400"
        name = f"{number} Deadbolt Wi-Fi" if upper else f"Deadbolt {number}"
        house.door(name, KABA if upper else SALTO, house.room(f"Room {number}"))
    house.noise(_numbers(), lambda name: f"Deadbolt {name}")


def the_hotels_own_name(house: House) -> None:
    """ "The Larkspur 101" and "Larkspur Room 401 Lock": the property is not called so in the settings."""
    for number in _numbers():
        upper = number >= "400"
        name = f"Larkspur Room {number} Lock" if upper else f"The Larkspur {number}"
        house.door(name, KABA if upper else SALTO, house.room(number))
    house.noise(_numbers())


def model_names(house: House) -> None:
    """The lock's model in every name, with a number of its own: "Assure Lever 2 - 101", "Encode Plus Gen3 Rm 401"."""
    for number in _numbers():
        upper = number >= "400"
        name = f"Encode Plus Gen3 Rm {number}" if upper else f"Assure Lever 2 - {number}"
        house.door(name, KABA if upper else SALTO, house.room(number))
    house.noise(_numbers())


def property_codes(house: House) -> None:
    """A chain's code with a digit in it: "LHR2-101", "lhr2 / 401"."""
    for number in _numbers():
        upper = number >= "400"
        name = f"lhr2 / {number}" if upper else f"LHR2-{number}"
        house.door(name, KABA if upper else SALTO, house.room(number))
    house.noise(_numbers())


def chalets_by_name(house: House) -> None:
    """Chalets have names and no numbers: "Enzianblick Smart Deadbolt", "Riegel Rosenduft"."""
    firsts = "Edel Alpen Enzian Föhren Birken Lärchen Gämsen Adler Murmel Stern Silber Gold Rosen Wiesen Wald"
    lasts = (
        "weiss blick rose licht quell stein horn wind tau klang grund see duft traum ruh zauber glanz hang feld pfad"
    )
    names = [first + last for first in firsts.split() for last in lasts.split()]
    for at, name in enumerate(names):
        key = house.room(f"Chalet {name}")
        if at < 150:
            house.door(f"{name} Smart Deadbolt", SALTO, key)
        else:
            house.door(f"Riegel {name}", KABA, key)
    house.noise([str(number) for number in range(1, 51)])


def blocks_floors_and_flats(house: House) -> None:
    """ "Block 3 Apt 214" is "B3-2-14" in one system and "Blk3 #02-14" in the other."""
    for block in (1, 2, 3):
        for floor, number in _floors(5, 20):
            key = house.room(f"Block {block} Apt {floor}{number:02}")
            name = f"Blk{block} #{floor:02}-{number:02}" if floor > 3 else f"Block {block} {floor}{number:02} Latch"
            house.door(name, KABA if floor > 3 else SALTO, key)
    house.noise([f"{floor}{number:02}" for floor, number in _floors(5, 20)])


def guest_locks(house: House) -> None:
    """Several words that say nothing: "Guest Lock - Rm 101 - Front Deadbolt", "Unit401-keypadlever"."""
    for number in _numbers():
        upper = number >= "400"
        name = f"Unit{number}-keypadlever" if upper else f"Guest Lock - Rm {number} - Front Deadbolt"
        house.door(name, KABA if upper else SALTO, house.room(f"Unit {number}" if upper else f"Rm {number}"))
    house.noise(_numbers())


def short_lets(house: House) -> None:
    """A letting agent's flats: "Smart Lock Camden 12B (cleaner has spare)"."""
    at = 0
    for street in ("Camden", "Islington", "Hackney"):
        for number in range(1, 51):
            for letter in "AB":
                at += 1
                key = house.room(f"{street} {number}{letter}")
                name = f"Smart Lock {street} {number}{letter}" if at <= 200 else f"{street}-{number}-{letter} igloo box"
                house.door(name, SALTO if at <= 200 else KABA, key)
    house.noise([f"{number}A" for number in range(1, 51)])


def gateways(house: House) -> None:
    """The gateway's number behind each: "101 (GW-03)", "Room 401 via bridge 7"."""
    for at, number in enumerate(_numbers()):
        upper = number >= "400"
        name = f"Room {number} via bridge {at // 12 + 1}" if upper else f"{number} (GW-{at // 8 + 1:02})"
        house.door(name, KABA if upper else SALTO, house.room(number))
    house.noise(_numbers())


def installers_dates(house: House) -> None:
    """ "101 inst. 2023" and "Latch 401 [05/2024]"."""
    for at, number in enumerate(_numbers()):
        upper = number >= "400"
        name = f"Latch {number} [{at % 9 + 1:02}/2024]" if upper else f"{number} inst. 2023"
        house.door(name, KABA if upper else SALTO, house.room(number))
    house.noise(_numbers())


def japanese(house: House) -> None:
    """ "101号室 スマートロック", and "玄関錠 401"."""
    for number in _numbers():
        upper = number >= "400"
        name = f"玄関錠 {number}" if upper else f"{number}号室 スマートロック"
        house.door(name, KABA if upper else SALTO, house.room(f"{number}号室"))
    house.noise(_numbers())


def staircases(house: House) -> None:
    """ "A/12" is "kl. A m. 12 zamek" in one system and "A12 rygiel" in the other."""
    for staircase in "ABCDE":
        for flat in range(1, 61):
            key = house.room(f"{staircase}/{flat}")
            upper = staircase > "C"
            name = f"{staircase}{flat} rygiel" if upper else f"kl. {staircase} m. {flat} zamek"
            house.door(name, KABA if upper else SALTO, key)
    house.noise([str(flat) for flat in range(1, 61)])


def student_halls(house: House) -> None:
    """Clusters of rooms: "Flat 7 Room C" is "WestHall-07-C fob" in one system and "F40/D Cluster" in the other."""
    for flat in range(1, 61):
        for letter in "ABCDE":
            key = house.room(f"Flat {flat} Room {letter}")
            name = f"F{flat}/{letter} Cluster" if flat > 35 else f"WestHall-{flat:02}-{letter} fob"
            house.door(name, KABA if flat > 35 else SALTO, key)
    house.noise([str(flat) for flat in range(1, 61)])


def camp_site(house: House) -> None:
    """ "Pitch 12" has a "Parcela 12 cerradura inteligente", and "Mobil-home 160" an "MH160 Schuifslot"."""
    for number in range(1, 301):
        if number <= 150:
            house.door(f"Parcela {number} cerradura inteligente", SALTO, house.room(f"Parcela {number}"))
        else:
            house.door(f"MH{number} Schuifslot", KABA, house.room(f"Mobil-home {number}"))
    house.noise([str(number) for number in range(1, 301)])


def arabic_digits(house: House) -> None:
    """The lower floors' locks have Arabic words and digits, the others Arabic words beside English ones."""
    arabic = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
    for number in _numbers():
        upper = number >= "400"
        name = f"Room {number} (Main) قفل ذكي" if upper else f"غرفة {number.translate(arabic)} قفل"
        house.door(name, KABA if upper else SALTO, house.room(f"Room {number}"))
    house.noise(_numbers())


def brand_and_floor(house: House) -> None:
    """ "Maison Verte | 1er étage | 12 | serrure connectée", and "MV · ch. 412 · verrou"."""
    for floor, number in _floors():
        key = house.room(f"Chambre {floor}{number:02}")
        ordinal = "1er" if floor == 1 else f"{floor}e"
        if floor < 4:
            house.door(f"Maison Verte | {ordinal} étage | {floor}{number:02} | serrure connectée", SALTO, key)
        else:
            house.door(f"MV · ch. {floor}{number:02} · verrou", KABA, key)
    house.noise(_numbers())


NOISY: list[Callable[[House], None]] = [
    deadbolts,
    the_hotels_own_name,
    model_names,
    property_codes,
    chalets_by_name,
    blocks_floors_and_flats,
    guest_locks,
    short_lets,
    gateways,
    installers_dates,
    japanese,
    staircases,
    student_halls,
    camp_site,
    arabic_digits,
    brand_and_floor,
]
"""Names that share words which say nothing of a room."""


def yurts_and_tipis(house: House) -> None:
    """ "Yurt 12" is "Glamping Yurt No.12 padlock", "Tipi 7" is "Tipi007 padlock (solar)"."""
    for number in range(1, 151):
        house.door(f"Glamping Yurt No.{number} padlock", SALTO, house.room(f"Yurt {number}"))
        house.door(f"Tipi{number:03} padlock (solar)", KABA, house.room(f"Tipi {number}"))
    house.noise([str(number) for number in range(1, 151)])


def floor_wing_number(house: House) -> None:
    """ "4B-12" is "04.B.12 e-lock" in one system, and "Level 4 B-12 Tür" in the other."""
    for floor in range(1, 7):
        for wing in "AB":
            for number in range(1, 26):
                key = house.room(f"{floor}{wing}-{number:02}")
                name = f"Level {floor} {wing}-{number:02} Tür" if floor > 3 else f"{floor:02}.{wing}.{number:02} e-lock"
                house.door(name, KABA if floor > 3 else SALTO, key)
    house.noise([f"{floor}{number:02}" for floor, number in _floors(6, 25)])


def installers_zones(house: House) -> None:
    """ "HBR.Z3.R101", where zones are the installer's, and "Hafenblick Zi401 kontaktlos"."""
    for at, number in enumerate(_numbers()):
        upper = number >= "400"
        name = f"Hafenblick Zi{number} kontaktlos" if upper else f"HBR.Z{at // 40 + 1}.R{number}"
        house.door(name, KABA if upper else SALTO, house.room(number))
    house.noise(_numbers())


def bus_addresses(house: House) -> None:
    """ "101 [KNX 1.1.17]", and "(4-401) Offline-Beschlag"."""
    for at, number in enumerate(_numbers()):
        upper = number >= "400"
        name = f"({number[0]}-{number}) Offline-Beschlag" if upper else f"{number} [KNX 1.{at // 60 + 1}.{at % 60 + 1}]"
        house.door(name, KABA if upper else SALTO, house.room(f"Zimmer {number}"))
    house.noise(_numbers())


def asset_tags(house: House) -> None:
    """ "AT-004711 / 101 / Korridor Nord Schloss", where every lock has an asset's number, and "401 #L7-88"."""
    for at, number in enumerate(_numbers()):
        upper = number >= "400"
        name = f"{number} #L{at % 7 + 1}-{at % 90 + 10}" if upper else f"AT-{4711 + at:06} / {number} / Schloss"
        house.door(name, KABA if upper else SALTO, house.room(f"Room {number}"))
    house.noise(_numbers())


def ships(house: House) -> None:
    """ "Deck 7 Cabin 7112" is "D7-7112-PS bolt" and "Stbd 8112 mifare"."""
    for number in _numbers():
        upper = number >= "400"
        name = f"Stbd {number}2 mifare" if upper else f"D{number[0]}-{number}2-PS bolt"
        house.door(name, KABA if upper else SALTO, house.room(f"Deck {number[0]} Cabin {number}2"))
    house.noise([f"{number}2" for number in _numbers()])


def villas_with_names(house: House) -> None:
    """ "Villa Amapola 3" is "AMAPOLA-3 cerrojo" and "V. Mirasol 3 yale access"."""
    for name in ("Amapola", "Lavanda", "Mirasol"):
        for number in range(1, 101):
            key = house.room(f"Villa {name} {number}")
            door = f"V. {name} {number} yale access" if name == "Mirasol" else f"{name.upper()}-{number} cerrojo"
            house.door(door, KABA if name == "Mirasol" else SALTO, key)
    house.noise([str(number) for number in range(1, 101)])


def suites_by_letter(house: House) -> None:
    """ "12-A" is "Apt 12 Suite A latch bolt" and "12A electronic strike"."""
    for at in range(1, 101):
        for letter in "ABC":
            key = house.room(f"{at}-{letter}")
            name = f"{at}{letter} electronic strike" if at > 60 else f"Apt {at} Suite {letter} latch bolt"
            house.door(name, KABA if at > 60 else SALTO, key)
    house.noise([str(at) for at in range(1, 101)])


NOISY += [yurts_and_tipis, floor_wing_number, installers_zones, bus_addresses]
NOT_TUNED: list[Callable[[House], None]] = [asset_tags, ships, villas_with_names, suites_by_letter]
"""Written when the matcher was done, and only measured: nothing in it was changed for them."""


def build(style: Callable[[House], None]) -> House:
    """The house of a style, the same each time."""
    name = style.__name__.replace("_", " ")
    house = House(name, chance=random.Random(name))
    style(house)
    return house


def quarter_of(house: House) -> House:
    """Each fourth room with its doors, and each fourth of the doors that are no room's: what a name says is read as in
    the whole house, in a quarter of the time."""
    rooms = [room for room in house.rooms if not room.is_common][::4]
    kept = {room.key for room in house.rooms if room.is_common} | {room.key for room in rooms}
    strays = {door.id for door in [door for door in house.doors if door.id not in house.truth][::4]}
    return replace(
        house,
        rooms=[room for room in house.rooms if room.key in kept],
        doors=[door for door in house.doors if door.id in strays or house.truth.get(door.id) in kept],
        untold=house.untold & kept,
    )
