"""Naming styles as somebody else would try them: the names of the maker, the model, the account or the hotel in most
names, vendors' defaults among the strays, wings, blocks and annexes, many scripts, and doors that Seam lists twice.

All were written before the matcher was tried on them. `ELEVENTH` taught it first; `TWELFTH` and then `THIRTEENTH` when
they had been measured.
"""

from dataclasses import dataclass, replace

from tests.lock_names.naming_styles import House
from tests.lock_names.styles_with_strays import StyleWithStrays
from tests.lock_names.unseen_styles import ROMAN, Places, by_chance, crossed, grouped, lettered, storeys

ARABIC_NUMBERS = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
DEFAULTS = ("Front Door", "Schlage Encode Plus", "August-4F2A", "igloohome Deadbolt 2S", "Yale Assure 101B", "Lock 1")


@dataclass(frozen=True, slots=True)
class StyleOfAJudge(StyleWithStrays):
    """A style in which some rooms' locks are listed a second time: as an entrance and as a device."""

    again: tuple[str, ...] = ()
    """How one lock in ten is called in the account where it is listed again; a person has to say which is used."""
    second_account: str = "Nuki"

    def __call__(self, house: House) -> None:
        """Fills a house."""
        StyleWithStrays.__call__(self, house)
        if not self.again:
            return
        rooms = {room.name: room.key for room in house.rooms}
        for at, place in enumerate(self.places):
            told = place | dict(by_chance(house.chance, at))
            if house.chance.random() < 0.1:
                key = rooms[self.room.format(**told)]
                house.door(house.chance.choice(self.again).format(**told), self.second_account, key)
                house.untold.add(key)

    @property
    def __name__(self) -> str:
        return self.says


def small_houses(style: StyleWithStrays, of: int = 25) -> list[StyleWithStrays]:
    """The same style in houses of so many rooms."""
    return [
        replace(style, says=f"{style.says}, {first // of + 1}", places=style.places[first : first + of], of_each=1)
        for first in range(0, len(style.places) - of + 1, of)
    ]


def _of_blocks(blocks: int, floors: int, per_floor: int) -> Places:
    return tuple(
        {"roman": ROMAN[b], "block": b, "floor": f, "number": n, "room": f"{f}{n:02}"}
        for b in range(1, blocks + 1)
        for f in range(1, floors + 1)
        for n in range(1, per_floor + 1)
    )


_WORDS = ["One", "Two", "Three", "Four", "Five", "Six", "Seven", "Eight", "Nine", "Ten", "Eleven", "Twelve"]

ELEVENTH: tuple[StyleWithStrays, ...] = (
    StyleOfAJudge(
        "independent hotel on Schlage Encode, its name in most names",
        storeys(),
        "Room {room}",
        ("Maple Grove Inn - Room {room}", "Maple Grove {room} Schlage Encode Plus", "MGI {room}"),
        ("Schlage Encode Plus {room}", "Maple Grove Inn {room} Encode"),
        (
            *DEFAULTS,
            "Maple Grove Inn Lobby",
            "Maple Grove Pool",
            "Elevator {k}",
            "Storage {n}",
            "Staff {k}",
            "Parking {k}",
        ),
        again=("{room} entrance", "Room {room} Entrance"),
    ),
    StyleOfAJudge(
        "a manager of cottages by name, front doors",
        crossed(
            "Blue_Heron Red_Fox Osprey Driftwood Cedar Juniper Moonlight Windward Sandpiper Harbour Lantern Bramble "
            "Thistle Saltmarsh Kingfisher",
            "Cottage Cabin Lodge Retreat Hideaway Nest House Bungalow Loft Barn Chalet Villa Suite Den Lookout Landing "
            "Hollow Ridge Point Manor",
        ),
        "{one} {two}",
        ("{one} {two} - Front Door", "{one} {two} Front Door Lock", "{one} {two} (Schlage Encode)"),
        ("{one} {two} Yale Assure", "Front Door - {one} {two}", "{upper} deadbolt"),
        (
            *DEFAULTS,
            "{one} {two} Garage",
            "{one} {two} Owner Closet",
            "Community Pool",
            "Clubhouse",
            "Office",
            "Gate {k}",
        ),
    ),
    StyleOfAJudge(
        "British student house: block, flat, room letter",
        tuple({"b": b, "flat": f, "letter": r, "n": f} for b in "ABCDE" for f in range(1, 11) for r in "ABCDEF"),
        "Block {b} / Flat {flat} / Room {letter}",
        ("{b}{flat:02}{letter}", "Block {b} Flat {flat} Rm {letter}", "{b}-{flat:02}-{letter} Aperio H100"),
        ("Fresh Student {b}/{flat}/{letter}", "Flat {b}{flat} Room {letter} - Fresh Student"),
        (
            "Block {b} Flat {flat} Kitchen",
            "Block {b} Entrance",
            "Laundry {k}",
            "Bike Store {b}",
            "Bin store",
            "Lift {k}",
        ),
    ),
    StyleOfAJudge(
        "holiday park of igloohome, bungalow types",
        tuple({"type": t, "number": n, "n": n} for n in range(1, 301) for t in (("B4", "L6", "C8")[n % 3],)),
        "Bungalow {number:03} ({type})",
        ("De Zandhoek {number:03}", "Bungalow {number} igloohome Deadbolt 2S", "bung. {number:03} De Zandhoek"),
        ("De Zandhoek bungalow {number}", "DZ {number:03} igloohome Mortise 2+"),
        (
            *DEFAULTS,
            "Zwembad",
            "Receptie",
            "Sanitair {k}",
            "Slagboom {k}",
            "De Zandhoek Restaurant",
            "Wasserette",
            "Fietsen {k}",
        ),
        again=("Bungalow {number:03}",),
    ),
    StyleOfAJudge(
        "hostel beds, dorm number and bed number",
        tuple(
            {"dorm": f"{f}{d:02}", "bed": b, "n": f"{f}{d:02}"}
            for f in range(1, 6)
            for d in range(1, 11)
            for b in range(1, 7)
        ),
        "Dorm {dorm} - Bed {bed}",
        ("Wanderers {dorm}/{bed}", "D{dorm} B{bed} Wanderers Hostel", "Wanderers dorm {dorm} bed {bed}"),
        ("{dorm}-{bed} KeyNest", "Dorm {dorm} bed {bed} ISEO Libra"),
        ("Wanderers Kitchen", "Roof terrace", "Dorm {dorm} bathroom", "Lockers {k}", "Linen {k}", "Bar", "Reception"),
    ),
    StyleOfAJudge(
        "Greek hotel, Salto names in two alphabets",
        storeys(5, 60),
        "Δωμάτιο {room}",
        ("Δωμ. {room} - Ξενοδοχείο Αίγλη", "Αίγλη {room}", "Δωμάτιο {room} πόρτα"),
        ("Aigli {room} XS4", "ROOM {room} AIGLI", "Aigli Hotel {room}"),
        (
            "Πισίνα",
            "Ανελκυστήρας {k}",
            "Αποθήκη {n}",
            "Κουζίνα",
            "Προσωπικό {k}",
            "Είσοδος {k}",
            "Πάρκινγκ {k}",
            *DEFAULTS,
        ),
    ),
    StyleOfAJudge(
        "Gulf hotel, Arabic names and both kinds of digits",
        tuple(
            {"room": f"{f}{n:02}", "arabic": f"{f}{n:02}".translate(ARABIC_NUMBERS), "n": f"{f}{n:02}"}
            for f in range(1, 11)
            for n in range(1, 31)
        ),
        "غرفة {room}",
        ("فندق النخيل - غرفة {arabic}", "غرفة {room} النخيل", "النخيل {room}"),
        ("Al Nakheel {room}", "Nakheel Hotel RM {room} Saflok", "Al Nakheel Room {room}"),
        ("المسبح", "مصعد {k}", "مخزن {n}", "موقف السيارات {k}", "مطبخ", "Lobby", "Staff {k}", "Saflok MT"),
    ),
    StyleOfAJudge(
        "grand hotel with two wings, VingCard",
        tuple(
            {"w": w, "wing": wing, "room": f"{f}{n:02}", "n": f"{f}{n:02}"}
            for w, wing in (("N", "North"), ("S", "South"))
            for f in range(1, 6)
            for n in range(1, 31)
        ),
        "{room} {wing} Wing",
        ("Grand Elba {w}{room}", "Grand Elba {wing} {room} VingCard Essence", "{wing} Wing {room}"),
        ("GE {w}-{room} VingCard", "{room} {wing} - Grand Elba"),
        (
            "{wing} Wing Lobby",
            "Lift {w}{k}",
            "Spa",
            "Housekeeping {n}",
            "Grand Elba Ballroom",
            "Loading dock",
            "Cellar {k}",
        ),
    ),
    StyleOfAJudge(
        "glamping lodges in number words on four sites",
        tuple(
            {"site": site, "word": _WORDS[n - 1] if n < 13 else f"{n}", "number": n, "n": n}
            for site in ("Oakwood", "Birchfield", "Larkrise", "Millbrook", "Ashdown")
            for n in range(1, 61)
        ),
        "{site} Lodge {word}",
        ("{site} Lodge {number} - Canopy Camps", "Canopy Camps {site} {number}", "{site} L{number} Canopy"),
        ("{site} lodge {word} keypad", "Canopy {site} Lodge {number:02} Codelocks KL1000"),
        (
            "{site} Washblock {k}",
            "{site} Reception",
            "Cafe",
            "{site} Woodstore",
            "{site} Gate",
            "Play barn",
            "Hot tub {k}",
        ),
    ),
    StyleOfAJudge(
        "Chinese business hotel, TTLock",
        tuple(
            {"room": f"{f}{n:03}", "floor": f, "number": n, "n": f"{f}{n:03}"}
            for f in range(1, 11)
            for n in range(1, 31)
        ),
        "豪华大床房 {room}",
        ("{room}门锁", "云山酒店{room}", "云山酒店 {room} 房"),
        ("YunShan {room}", "通通锁_{room}", "{room}房 云山"),
        ("电梯{k}", "停车场{k}", "布草间{n}", "游泳池", "健身房", "大堂", "员工{k}"),
        again=("{room}",),
    ),
    StyleOfAJudge(
        "seaside hotel and its annexe, both in the PMS",
        (
            *(
                {"p": "", "s": "", "w": "Main", "room": f"{f}{n:02}", "n": f"{f}{n:02}"}
                for f in range(1, 5)
                for n in range(1, 51)
            ),
            *(
                {"p": "Annexe ", "s": "AX", "w": "Annexe", "room": f"{f}{n:02}", "n": f"{f}{n:02}"}
                for f in range(1, 3)
                for n in range(1, 51)
            ),
        ),
        "{p}{room}",
        ("{p}{room} Bellevue", "Bellevue {p}{room}", "Bellevue Hotel {p}room {room}"),
        ("{p}{room} Bellevue Hotel Oracode 660", "Hotel Bellevue {p}{room}"),
        (
            "Bellevue Lobby",
            "Annexe Boiler",
            "Lift {k}",
            "Pool",
            "Sauna",
            "Bellevue Bar",
            "Linen {n}",
            "Staff {k}",
            *DEFAULTS,
        ),
    ),
    StyleOfAJudge(
        "apartment letters behind the storey, Latch and August",
        lettered(25, "ABCDEFGHJKLM"),
        "Apt {floor}{letter}",
        ("The Pearl {floor}{letter}", "The Pearl - Apt {floor}{letter} Latch C2", "Apt {floor}-{letter} Pearl"),
        ("August Pearl {floor}{letter}", "Pearl {floor}{letter} (August Wi-Fi)", "{floor}{small} august"),
        (
            "The Pearl Gym",
            "Latch R {k}",
            "Roof deck",
            "Package room",
            "Bike {k}",
            "Trash {floor}",
            "Garage {k}",
            *DEFAULTS,
        ),
        again=("{floor}{letter} Entry", "Apt {floor}{letter} Entrance"),
    ),
)

TWELFTH: tuple[StyleWithStrays, ...] = (
    StyleOfAJudge(
        "Brazilian condominium, blocks in Roman numerals",
        _of_blocks(5, 6, 10),
        "Bloco {roman} - {room}",
        ("Bloco {block} ap {room} Mar Azul", "Mar Azul BL {roman} AP {room}", "Mar Azul bloco {roman} apto {room}"),
        ("Yale YDM4109 Bl. {block} Ap. {room}", "Mar Azul {roman}-{room}", "Bloco {roman} ap. {room} Yale"),
        (
            "Piscina",
            "Elevador {k}",
            "Bloco {roman} hall",
            "Salão de festas",
            "Garagem {k}",
            "Depósito {n}",
            "Portaria",
            *DEFAULTS,
        ),
    ),
    StyleOfAJudge(
        "Berlin co-living of Salto entrances, the account's name",
        tuple(
            {"floor": f, "number": n, "room": f"{f}.{n:02}", "n": f"{f}.{n:02}"} for f in range(6) for n in range(1, 51)
        ),
        "Studio {floor}.{number:02}",
        ("Kiezhaus Studio {floor}.{number:02}", "KZH_{floor}-{number:02}", "Kiezhaus {floor}.{number:02} Danalock V3"),
        ("STU {floor}.{number:02} Kiezhaus", "Kiezhaus Wohnung {floor}.{number:02}"),
        (
            "Kiezhaus Waschküche",
            "Dachterrasse",
            "Gemeinschaftsküche {k}",
            "Fahrradkeller",
            "Müllraum",
            "Keller {n}",
            "Aufzug",
        ),
        again=("{floor}.{number:02} Eingang",),
    ),
    StyleOfAJudge(
        "Ukrainian aparthotel, sections and flats",
        tuple({"s": s, "number": n, "n": n} for s in range(1, 6) for n in range(1, 61)),
        "Секція {s}, апартаменти {number}",
        (
            "Дніпро Сіті секція {s} апарт. {number}",
            "Секц. {s} апартаменти {number} Дніпро",
            "Дніпро Сіті С{s} / {number}",
        ),
        ("Dnipro City S{s} {number}", "Dnipro City sec. {s} apt. {number} Tedee PRO"),
        ("Басейн", "Ліфт {k}", "Паркінг {k}", "Комора {n}", "Персонал {k}", "Вхід секція {s}", "Пральня {k}"),
    ),
    StyleOfAJudge(
        "villas of a resort by hill and word, noise of the resort",
        grouped("Hibiscus Oleander Bougainvillea Jacaranda Tamarind Plumeria", 50),
        "{word} Villa {number}",
        ("Casa Palmera {word} {number}", "{word} Villa {number} - Casa Palmera Resort", "CPR {word} V{number}"),
        ("Casa Palmera Resort {word} Villa {number:02}", "{upper} {number} Be-Tech", "Palmera {word} no. {number}"),
        (
            "Casa Palmera Spa",
            "{word} pump",
            "Beach bar",
            "Casa Palmera Gym",
            "Golf cart {k}",
            "Storage {word} {k}",
            "Dive shop",
        ),
        again=("{word} {number} Entrance",),
    ),
)

THIRTEENTH: tuple[StyleWithStrays, ...] = (
    StyleOfAJudge(
        "Austrian ski apartments, Top numbers in four houses",
        tuple(
            {"house": h, "number": n, "n": n}
            for h in ("Almrausch", "Enzian", "Edelweiss", "Bergkristall")
            for n in range(1, 76)
        ),
        "{house} Top {number}",
        ("Almdorf Hochkar {house} Top {number}", "{house} Top{number:02} Hochkar", "Hochkar - {house} {number} Loxone"),
        ("{house} TOP {number} (Almdorf)", "Almdorf {house} Top {number} Evva Airkey"),
        ("Skikeller {house}", "Sauna {k}", "Rezeption", "Schlepplift {k}", "Müll {house}", "Tiefgarage {k}", *DEFAULTS),
        again=("{house} Top {number} Eingang",),
    ),
    StyleOfAJudge(
        "Portuguese resort of two towers by word",
        tuple(
            {"t": t, "tower": tower, "room": f"{f}{n:02}", "n": f"{f}{n:02}"}
            for t, tower in (("TM", "Torre Mar"), ("TS", "Torre Serra"))
            for f in range(1, 11)
            for n in range(1, 16)
        ),
        "{tower} {room}",
        ("Vista Praia {tower} {room}", "{t}{room} Vista Praia", "{tower} ap {room} Vista Praia"),
        ("VP {t}-{room} Nuki Pro", "{tower} {room} - Vista Praia Resort"),
        (
            "Piscina {k}",
            "Elevador {tower}",
            "{tower} arrumos",
            "Spa",
            "Ginásio",
            "Garagem {k}",
            "Bar da praia",
            *DEFAULTS,
        ),
    ),
    StyleOfAJudge(
        "capsule hostel, upper and lower berths",
        tuple({"number": n, "pos": p, "s": p[0], "n": n} for n in range(101, 251) for p in ("Upper", "Lower")),
        "Capsule {number} {pos}",
        ("NapLab {number} {pos}", "NapLab capsule {number}{s}", "Capsule {number} {pos} Kerong"),
        ("Kerong CU24 {number} {pos}", "NapLab {number}-{pos}"),
        ("NapLab Lounge", "Shower {k}", "Luggage {k}", "Locker {number}", "Laundry", "Vending {k}", "Staff {k}"),
    ),
    StyleOfAJudge(
        "American extended stay, building and room",
        tuple(
            {"b": b, "room": f"{f}{n:02}", "n": f"{f}{n:02}"}
            for b in range(1, 6)
            for f in range(1, 4)
            for n in range(1, 21)
        ),
        "Bldg {b} - {room}",
        ("Sunset Extended Stay {b}-{room}", "Bldg {b} Rm {room} Sunset", "Sunset B{b} {room} Schlage Control"),
        ("Sunset Bldg {b} #{room}", "Schlage Control {b}/{room} - Sunset"),
        (
            "Laundry Bldg {b}",
            "Pool",
            "Sunset Office",
            "Ice {k}",
            "Storage {n}",
            "Maintenance {k}",
            "Mail room",
            *DEFAULTS,
        ),
    ),
)
"""Written when the matcher had been taught by the others."""

OF_JUDGES = (*ELEVENTH, *TWELFTH, *THIRTEENTH)
