"""Houses of 25 rooms whose locks say the rooms only if the house is taken as a whole.

They are from sets of styles that were written before the matcher was tried on them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tests.lock_names.naming_styles import SALTO, House


@dataclass(frozen=True, slots=True)
class SmallHouse:
    """Rooms and their locks, and locks of common areas that no room has."""

    says: str
    rooms: Mapping[str, str]
    """Locks to rooms."""
    strays: Sequence[str]

    def __call__(self, house: House) -> None:
        """Fills a house."""
        for lock, room in self.rooms.items():
            house.door(lock, SALTO, house.room(room))
        for lock in self.strays:
            house.door(lock, SALTO)
        house.chance.shuffle(house.doors)
        house.chance.shuffle(house.rooms)

    @property
    def __name__(self) -> str:
        return self.says


BIRDS = [
    *("Amsel", "Drossel", "Fink", "Star", "Meise", "Rotkehlchen", "Zaunkönig", "Specht", "Eule", "Kuckuck", "Lerche"),
    *("Schwalbe", "Storch", "Reiher", "Kranich", "Möwe", "Habicht", "Bussard", "Falke", "Adler", "Sperling", "Elster"),
    *("Dohle", "Rabe", "Eisvogel"),
]
HERBS = [
    *("Lavande", "Romarin", "Thym", "Sauge", "Basilic", "Menthe", "Verveine", "Mélisse", "Origan", "Fenouil", "Anis"),
    *("Coriandre", "Cerfeuil", "Persil", "Estragon", "Laurier", "Safran", "Marjolaine", "Ciboulette", "Aneth"),
    *("Sarriette", "Bourrache", "Camomille", "Tilleul", "Hysope"),
]
_FIVE_STOREYS = [100 * storey + number for storey in range(1, 6) for number in range(1, 6)]
_STOREYS = ("EG links", "EG rechts", "1. OG links", "1. OG rechts", "DG")
_CORES = [
    *("AG11", "AG12", "AG21", "A131", "A132", "A133", "A141", "A251", "A252", "BG11", "BG12", "B121", "B122"),
    *("B131", "B241", "B242", "B243", "DG21", "DG22", "D111", "D112", "D131", "D211", "D212", "D221"),
]
_NORTH = [*range(101, 108), *range(201, 207)]
_SOUTH = [*range(101, 105), *range(201, 209)]


def of_core(room: str) -> str:
    """The lock of "A132"."""
    core, storey, flat, bed = room
    return f"Core {core} - L{'0' if storey == 'G' else storey} - Flat {flat} - Bed {bed}"


SMALL_HOUSES = (
    SmallHouse(
        "British halls by core, level, flat and bed",
        {of_core(room): room for room in _CORES},
        [*(f"Core {core} - L0 - Lobby" for core in "ABD"), "Gym", "Core A - L1 - Flat 3 - Kitchen"],
    ),
    SmallHouse(
        "campus rooms as one code",
        {
            f"Block {block} Floor {floor} Room {number:02}": f"AV{block}.{floor}{number:02}"
            for block, floors in enumerate(((3, 4, 2), (2, 3, 4), (2, 3, 2)), 1)
            for floor, numbers in enumerate(floors)
            for number in range(1, numbers + 1)
        },
        ["Block 1 Main Entrance", "Block 2 Main Entrance", "Laundry", "Bike Store 1"],
    ),
    SmallHouse(
        "two wings by another letter each",
        {f"A-{number}": f"North {number}" for number in _NORTH}
        | {f"B-{number}": f"South {number}" for number in _SOUTH},
        ["A-Entrance", "B-Entrance", "Gym", "Parking"],
    ),
    SmallHouse(
        "holiday flats by birds, the locks with their storey",
        {
            f"Nuki {bird} {_STOREYS[at % 5]}": f"FeWo {bird}{'' if at % 3 else ' (2 Pers.)'}"
            for at, bird in enumerate(BIRDS)
        },
        ["Nuki Haustür Vorderhaus", "Nuki Haustür Hinterhaus", "Nuki Fahrradkeller", "Nuki Opener Tor"],
    ),
    SmallHouse(
        "Portuguese flats by street number, storey and side",
        {
            f"Vigario{number}-{floor}{side[0]}": f"Vigário {number}, {f'{floor}º' if floor else 'R/C'} {side}"
            for number in (12, 14, 18)
            for floor in range(5 if number == 12 else 4)
            for side in ("Esq", "Dto")
            if (floor, side) != (4, "Dto")
        },
        ["Vigario12-Entrada", "Vigario14-Entrada", "Vigario18-Entrada"],
    ),
    SmallHouse(
        "glamping by initials of the kind",
        {
            f"{code}{number}": f"{kind} {number}"
            for kind, code, count in (
                *(("Safari Tent", "ST", 8), ("Shepherd's Hut", "SH", 5), ("Yurt", "Y", 4)),
                *(("Log Cabin", "LC", 6), ("Treehouse", "TH", 2)),
            )
            for number in range(1, count + 1)
        },
        ["Shower Block 1", "Shower Block 2", "Gate", "Honesty Shop"],
    ),
    SmallHouse(
        "shared houses of a landlord",
        {
            f"{lock}_R{number}": f"{street} – Room {number}"
            for street, lock, count in (
                *(("14 Albert Rd", "Albert14", 6), ("16 Albert Rd", "Albert16", 5)),
                *(("8 Victoria St", "Vic8", 7), ("23 Station Lane", "StatLn23", 7)),
            )
            for number in range(1, count + 1)
        },
        ["Albert14_Front", "Albert16_Front", "Vic8_Front", "StatLn23_Front"],
    ),
    SmallHouse(
        "the PMS's codes of room types",
        {
            f"{kind} {number:02}": f"{code}({number})"
            for kind, code, count in (
                *(("Double Queen", "DQ", 9), ("Single King", "SK", 6)),
                *(("Female Dorm", "FD", 4), ("Mixed Dorm", "MD", 6)),
            )
            for number in range(1, count + 1)
        },
        ["Hostel Front Door", "Luggage Room", "Bar"],
    ),
    SmallHouse(
        "towers by a name each, and codes in the PMS",
        {
            f"{tower} Tower {floor:02}{letter}": f"{code}-{floor}{letter}-{'1BR' if letter in 'AB' else '2BR'}"
            for tower, code, floors in (("Marina", "T1", (7, 8, 9)), ("Creek", "T2", (5, 6, 7, 8)))
            for floor in floors
            for letter in ("A" if (code, floor) == ("T2", 8) else "ABCD")
        },
        ["Marina Tower Lobby", "Creek Tower Lobby", "Creek Tower Pool"],
    ),
    SmallHouse(
        "rooms with Roman numbers",
        {
            f"Porte ch. {number}": f"Chambre {'X' * (number // 10)}{units}"
            for number in range(1, 26)
            for units in (("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")[number % 10],)
        },
        ["Porte entrée", "Porte cave", "Porte piscine"],
    ),
    SmallHouse(
        "villas by the first letter of their zone",
        {
            f"V-{zone[0]}{number:02}": f"{zone} Villa {number}"
            for zone, count in (("Hillside", 8), ("Beachfront", 6), ("Garden", 11))
            for number in range(1, count + 1)
        },
        ["V-POOL", "V-SPA", "Gate"],
    ),
    SmallHouse(
        "building, floor and room in one code",
        {
            f"B{block}F{floor}R{number:02} Brivo ACS": f"Bldg {block} #{floor}{number:02}"
            for block, floors in ((1, (1, 2)), (2, (1, 2)), (3, (1, 2, 3)))
            for floor in floors
            for number in range(1, 2 if floor == 3 else 5)
        },
        ["B1F1 Vending", "B2 Laundry Brivo ACS", "Clubhouse"],
    ),
    SmallHouse(
        "lodges and tents by three letters",
        {
            f"{code}{number:02}": f"{kind} {number}"
            for kind, code, count in (("Lodge", "LDG", 13), ("Safari tent", "SFT", 12))
            for number in range(1, count + 1)
        },
        ["SANI A", "SANI B", "BARRIER"],
    ),
    SmallHouse(
        "herbs with a running number, and how many sleep there in the PMS",
        {f"GITE {at} - {herb.upper()}": f"Gîte {herb} ({2 + at % 5} pers.)" for at, herb in enumerate(HERBS, 1)},
        ["PISCINE", "PORTAIL", "LOCAL TECHNIQUE"],
    ),
    SmallHouse(
        "two houses, each with a hub",
        {
            f"{house} House Hub: Apt {number} lock": f"{house} House {number}"
            for house, count in (("Oak", 12), ("Elm", 13))
            for number in range(1, count + 1)
        },
        ["Oak House Hub: garage", "Elm House Hub: garage"],
    ),
    SmallHouse(
        "words glued to the number",
        {f"rm{number}frnt": f"Room {number}" for number in _FIVE_STOREYS},
        ["lobbyfrnt", "rm101conn", "gymfrnt"],
    ),
    SmallHouse(
        "a model with the number of a room",
        {f"{number} S202D": f"Room {number}" for number in range(201, 226)},
        ["Lobby S202D", "Staff S202D"],
    ),
    SmallHouse(
        "the gate's model before storey and number",
        {
            f"IGB3 #0{number // 100}-{number % 100:02}": f"#0{number // 100}-{number % 100:02} Studio"
            for number in _FIVE_STOREYS
        },
        ["IGB3 Gate", "IGB3 B1 Carpark", "IGB3 Keybox"],
    ),
    SmallHouse(
        "German storeys and sides, cut short",
        {
            f"{short} {side}": f"{storey} {side}"
            for short, storey in (
                *(("EG", "Erdgeschoss"), ("1.OG", "1. Obergeschoss"), ("2.OG", "2. Obergeschoss")),
                *(("3.OG", "3. Obergeschoss"), ("DG", "Dachgeschoss")),
            )
            for side in ("links", "mitte", "rechts", "hinten links", "hinten rechts")
        },
        ["EG Haustür", "Keller", "EG Heizraum"],
    ),
    SmallHouse(
        "berths of a capsule hotel by Japanese signs",
        {
            f"M{number:02}{sign}": f"Male {number:02} {berth}"
            for number in range(1, 14)
            for sign, berth in (("上", "Upper"), ("下", "Lower"))
            if (number, berth) != (13, "Lower")
        },
        ["M shower", "M locker room"],
    ),
)
