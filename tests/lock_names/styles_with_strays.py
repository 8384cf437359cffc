"""Naming styles with what inventories have beside their rooms: stray locks in the house's language, and names with a
slip of the finger in every fortieth.

All were written before the matcher was tried on them. `FIFTH` and `SEVENTH` taught it afterwards; `SIXTH` and `EIGHTH`
were only measured.
"""

import random
from dataclasses import dataclass

from tests.lock_names.naming_styles import KABA, SALTO, House
from tests.lock_names.unseen_styles import Places, by_chance, crossed, grouped, lettered, storeys

_UNITS = [
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
_WIDE = str.maketrans("0123456789", "０１２３４５６７８９")
_SLIPS = 0.025


def _spelled(number: int) -> str:
    if number < 20:
        return _UNITS[number - 1].capitalize()
    tens, units = divmod(number, 10)
    return (_TENS[tens - 2] + (f"-{_UNITS[units - 1]}" if units else "")).capitalize()


def _with_a_slip(name: str, chance: random.Random, may_be_a_digit: bool) -> str:
    """One slip of the finger among the letters, seldom among the digits."""
    letters = [at for at, sign in enumerate(name) if sign.isalpha()]
    digits = [at for at, sign in enumerate(name) if sign.isdigit()]
    pool = digits if not letters or chance.random() < 0.1 else letters
    if not may_be_a_digit:
        pool = letters
    if not pool:
        return name
    at = chance.choice(pool)
    how = chance.randrange(4)
    if how == 0:
        return name[:at] + name[at + 1 :]
    if how == 1:
        return name[:at] + name[at] + name[at:]
    if how == 2 and at + 1 < len(name):
        return name[:at] + name[at + 1] + name[at] + name[at + 2 :]
    return name[:at] + chance.choice("0123456789" if name[at].isdigit() else "asdfghjklertuio") + name[at + 1 :]


def buildings(of: str | tuple[object, ...], floors: int, per_floor: int) -> Places:
    """Rooms by building, floor and number."""
    return tuple(
        {"b": building, "floor": floor, "number": number, "room": f"{floor}{number:02}"}
        for building in of
        for floor in range(1, floors + 1)
        for number in range(1, per_floor + 1)
    )


@dataclass(frozen=True, slots=True)
class StyleWithStrays:
    """One way of writing, with stray locks (six of those that have a number), and slips."""

    says: str
    places: Places
    room: str
    lower: tuple[str, ...]
    upper: tuple[str, ...]
    """The second system's, of the later half."""
    strays: tuple[str, ...]
    has_mistyped_numbers: bool = True
    """Where the lock of the room whose number it became is missing, nothing tells that it is a mistake."""
    of_each: int = 6
    """Stray locks of each name that has a number."""

    def __call__(self, house: House) -> None:
        """Fills a house."""
        chance, half = house.chance, len(self.places) / 2
        for at, place in enumerate(self.places):
            told = place | dict(by_chance(chance, at))
            later = at >= half
            name = chance.choice(self.upper if later else self.lower).format(**told)
            if chance.random() < _SLIPS:
                name = _with_a_slip(name, chance, self.has_mistyped_numbers)
            house.door(name, KABA if later else SALTO, house.room(self.room.format(**told)))
        for stray in self.strays:
            for _ in range(self.of_each if "{" in stray else 1):
                place = chance.choice(self.places) | dict(by_chance(chance, chance.randrange(300)))
                place = {"n": place.get("room", place.get("number", 7))} | place | {"k": chance.randrange(1, 9)}
                house.door(stray.format(**place), chance.choice((SALTO, KABA)))
        chance.shuffle(house.doors)
        chance.shuffle(house.rooms)

    @property
    def __name__(self) -> str:
        return self.says


FIFTH: tuple[StyleWithStrays, ...] = (
    StyleWithStrays(
        "Dutch aparthotel, Salto KS",
        storeys(),
        "Appartement {floor}.{number:02}",
        ("App. {floor}.{number:02} voordeur", "Appartement {room}", "app {floor}.{number:02} (verd. {floor})"),
        ("APP-{floor}-{number:02} KS", "Woning {room} deur"),
        (
            "Fietsenstalling",
            "Lift {k}",
            "Zwembad",
            "Personeelsruimte {k}",
            "Berging {n}",
            "Meterkast {n}",
            "Hoofdingang",
            "Wasruimte {k}",
        ),
    ),
    StyleWithStrays(
        "Portuguese hostel, beds by letter",
        lettered(50, "ABCDEF"),
        "Quarto {floor} Cama {letter}",
        ("Q{floor}{letter}", "Quarto {floor} - cama {letter}"),
        ("Q.{floor} cama {letter} TTLock", "cama {floor}{letter} beliche"),
        ("Piscina", "Elevador", "Cozinha {k}", "Cacifo {floor}{letter}", "Lavandaria", "Entrada {k}"),
    ),
    StyleWithStrays(
        "Czech pension in two houses, Nuki",
        buildings("AB", 3, 50),
        "{b}{room}",
        ("Nuki Budova {b} - pokoj {room}", "pokoj {room} ({b})", "{b}{room} zámek"),
        ("Budova {b}, pok. {room}", "Nuki {b}-{room}"),
        ("Kolárna", "Výtah", "Bazén", "Kotelna {k}", "Sklad {n}", "Personál {k}", "Hlavní vchod {b}"),
    ),
    StyleWithStrays(
        "Korean residence, blocks and households",
        tuple(
            {"b": b, "room": f"{f}{n:02}", "floor": f, "number": n}
            for b in (101, 102, 103)
            for f in range(1, 11)
            for n in range(1, 11)
        ),
        "{b}동 {room}호",
        ("{b}동 {room}호 현관", "{b}-{room}", "{room}호({b}동)"),
        ("{b}동{room}호 도어락", "예일 {b}-{room}"),
        ("자전거 보관소", "엘리베이터 {k}", "수영장", "관리실", "창고 {n}", "공동현관 {b}동"),
    ),
    StyleWithStrays(
        "American student housing with beds",
        tuple(
            {"b": b, "room": f"{f}{n:02}", "floor": f, "number": n, "letter": letter}
            for b in (1, 2, 3)
            for f in (1, 2, 3)
            for n in range(1, 9)
            for letter in "ABCD"
        ),
        "{b}-{room}-{letter}",
        ("{b}-{room}{letter} Schlage", "Bldg {b} Apt {room} Bed {letter}"),
        ("B{b} {room} Rm {letter}", "{b}{room}{letter}"),
        ("Clubhouse", "Bike room {b}", "Mail {k}", "Pool gate", "Laundry {b}", "Trash {k}", "Roof {b}"),
    ),
    StyleWithStrays(
        "suites and studios by flowers",
        crossed(
            "Rose Tulip Lily Iris Daisy Poppy Dahlia Peony Violet Jasmine Orchid Lotus Aster Begonia Camellia "
            "Freesia Gardenia Hyacinth Lavender Magnolia Marigold Narcissus Petunia Primrose Snowdrop "
            "Sunflower Verbena Wisteria Zinnia Azalea Bluebell Buttercup Carnation Clematis Cosmos Crocus "
            "Edelweiss Fuchsia Geranium Gladiolus Heather Hibiscus Honeysuckle Hydrangea Larkspur Lilac "
            "Mimosa Myrtle Oleander Pansy",
            "Suite Studio Loft Chalet Villa Cottage",
        ),
        "{one} {two}",
        ("{one} {two} door", "{two} {one}"),
        ("{upper}", "{one}-{two} Igloo", "{one}{two}"),
        ("Pool", "Spa", "Staff {k}", "Lift", "Bike cellar", "Restaurant"),
    ),
    StyleWithStrays(
        "Italian residence, staircases",
        tuple({"b": b, "number": n, "floor": (n - 1) // 6 + 1} for b in "ABCDE" for n in range(1, 61)),
        "Scala {b} Int. {number}",
        ("Sc. {b} int. {number}", "{b}/{number} tedee", "Interno {number} scala {b}"),
        ("Scala {b} interno {number:02} (p. {floor})", "{b}{number}"),
        ("Cantina {number}", "Ascensore {b}", "Piscina", "Portineria", "Box {number}", "Locale bici", "Portone {b}"),
    ),
    StyleWithStrays(
        "bungalows numbered in words",
        tuple(
            {"word": word, "number": number, "spelled": _spelled(number)}
            for word, last in (("Cottage", 99), ("Cabin", 99), ("Lodge", 99), ("Villa", 3))
            for number in range(1, last + 1)
        ),
        "{word} {number}",
        ("{word} {spelled}", "{word} No. {spelled}"),
        ("{spelled} {word}", "{word} {number}"),
        ("Pool house", "Staff lodge", "Boat shed {k}", "Barn", "Gate {k}"),
    ),
)

SIXTH: tuple[StyleWithStrays, ...] = (
    StyleWithStrays(
        "old and new house of a ryokan",
        tuple(
            {"b": b, "s": b[0], "floor": f, "number": n, "room": f"{f}{n:02}", "wide": f"{f}{n:02}".translate(_WIDE)}
            for b in ("本館", "別館")
            for f in range(1, 6)
            for n in range(1, 31)
        ),
        "{b}{room}",
        ("{b}{wide}", "{b} {room}号室", "{b}　{wide}号室"),
        ("{b}{floor}階{room}", "{b}-{room} 鍵", "{s}{room}"),
        ("大浴場", "エレベーター{k}", "駐輪場", "従業員{k}", "倉庫{n}", "{b}玄関"),
    ),
    StyleWithStrays(
        "O for nought, leading zeros",
        storeys(),
        "0{room}",
        ("O{room}", "0{room} rm", "{room}"),
        ("rm {floor}O{number:02}", "0{room} lck"),
        ("POOL", "LIFT {k}", "Staff {n}", "Bike cellar", "linen {n}"),
    ),
    StyleWithStrays(
        "the PMS's types before numbers, and the hotel's code in locks",
        tuple(p | {"t": ("KNG", "DQN", "SUI", "ADA-K")[i % 4]} for i, p in enumerate(storeys())),
        "{t} {room}",
        ("HH-{room}", "HHSFO {room}", "{room}-{t}"),
        ("HHSFO_RM{room}_GUEST", "HH {room} {t}"),
        ("HH-POOL", "HH-ELEV {k}", "HHSFO_STAFF_{n}", "HH-FITNESS", "HH IDF {n}", "HHSFO ICE {floor}"),
    ),
    StyleWithStrays(
        "Dutch student house in three wings, Hotek",
        buildings("ABC", 5, 20),
        "{b}{floor}.{number:02}",
        ("{floor}.{number:02} {b}", "gebouw {b} verd. {floor} kamer {number}", "{b}-{room}"),
        ("kmr {b}{room}", "{b} {floor}.{number:02} studentenkamer"),
        ("fietsenkelder {b}", "wasmachine {k}", "keuken {b}{floor}", "lift {b}", "personeel", "{b}{floor} gang"),
    ),
    StyleWithStrays(
        "Avigilon and Brivo doors of apartments",
        tuple(
            {"b": b, "floor": f, "number": n, "room": f"{f}{n:02}"}
            for b in (1, 2)
            for f in range(1, 7)
            for n in range(1, 26)
        ),
        "Bldg {b} Unit {room}",
        ("Bldg {b} - FL {floor:02} - Unit {room} - Entry", "{b}-{room} Entry"),
        ("{room} Unit Door | Bldg {b}", "B{b} FL{floor} #{room} RDR"),
        (
            "Bldg {b} - FL {floor:02} - IDF",
            "Bldg {b} Elevator {k}",
            "Pool Gate",
            "Bike Storage {b}",
            "Package Rm",
            "Bldg {b} Stair {k} FL{floor}",
        ),
    ),
    StyleWithStrays(
        "Turkish hotel",
        storeys(),
        "Oda {room}",
        ("{room} nolu oda", "Oda no: {room}", "{floor}. kat oda {room}"),
        ("{room} kapı kilidi", "oda{room} kart okuyucu"),
        ("Havuz", "Asansör {k}", "Personel {k}", "Bisiklet deposu", "Çamaşırhane", "Depo {n}", "Minibar {n}"),
    ),
    StyleWithStrays(
        "Vietnamese hotel, TTLock",
        storeys(),
        "P.{room}",
        ("Phòng {room}", "P{room} - Tầng {floor}", "cửa phòng {room}"),
        ("Phong {room} khoa", "P {room} TT"),
        ("Hồ bơi", "Thang máy {k}", "Nhân viên {k}", "Kho {n}", "Nhà xe", "Phòng giặt {k}"),
    ),
    StyleWithStrays(
        "Romanian flats let by the night, Yale",
        tuple(
            {"b": b, "st": st, "number": n, "floor": (n - 1) // 4}
            for b in ("12", "14", "16")
            for st in "AB"
            for n in range(1, 51)
        ),
        "Bl. {b} Sc. {st} Ap. {number}",
        ("Bl {b} sc {st} ap {number}", "{b}{st}-{number}", "Ap {number}, bl. {b}, sc. {st}"),
        ("bloc {b} scara {st} ap. {number} et. {floor}", "{b} / {st} / {number} Yale"),
        ("Boxa {number}", "Lift {b}{st}", "Piscina", "Interfon {b} {st}", "Uscatorie {k}", "Biciclete"),
    ),
)

SEVENTH: tuple[StyleWithStrays, ...] = (
    StyleWithStrays(
        "Singapore condominium, igloohome",
        tuple({"b": b, "floor": f, "number": n} for b in (10, 12, 14) for f in range(2, 12) for n in range(1, 11)),
        "Blk {b} #{floor:02}-{number:02}",
        ("#{floor:02}-{number:02} Blk {b}", "Blk{b} {floor:02}-{number:02} igloo"),
        ("{b}-{floor:02}-{number:02}", "Block {b} L{floor} U{number}"),
        ("Gym", "BBQ pit {k}", "Lift lobby {b}", "Bin centre", "Pool gate {k}", "Riser {floor}"),
    ),
    StyleWithStrays(
        "German guesthouse, storeys as letters and words",
        tuple(
            {
                "floor": f,
                "number": n,
                "og": ("EG", "1.OG", "2.OG", "3.OG", "DG")[f],
                "lang": ("Erdgeschoss", "1. Stock", "2. Stock", "3. Stock", "Dachgeschoss")[f],
                "room": f"{f}{n:02}",
            }
            for f in range(5)
            for n in range(1, 61)
        ),
        "Zimmer {room}",
        ("Zi. {room} {og}", "{og} Zi {room}", "Zimmer {room} ({lang})"),
        ("Z{room}", "Tür {room} Beschlag"),
        (
            "Heizungskeller",
            "Fahrradkeller",
            "Schwimmbad",
            "Personalraum {k}",
            "Aufzug",
            "Wäschekammer {og}",
            "Abstellraum {n}",
        ),
    ),
    StyleWithStrays(
        "Spanish aparthotel, Akiles",
        tuple(
            {"b": b, "floor": f, "letter": letter} for b in (1, 2, 3) for f in range(1, 11) for letter in "ABCDEFGHIJ"
        ),
        "Portal {b} {floor}{letter}",
        ("P{b} {floor}º{letter}", "Portal {b}, planta {floor}, puerta {letter}"),
        ("{b}-{floor}{letter} Akiles", "portal {b} {floor} {letter}"),
        ("Piscina", "Ascensor {b}", "Trastero {k}", "Garaje", "Cuarto de bicis", "Portería"),
    ),
    StyleWithStrays(
        "hostel pods, dorm and bed numbers in several ways",
        tuple({"d": d, "bed": b} for d in range(1, 26) for b in range(1, 13)),
        "D{d} Bed {bed}",
        ("Dorm {d} / Pod {bed}", "D{d}-{bed:02}", "Dorm{d} bed{bed}"),
        ("{d}.{bed}", "dorm {d:02} pod {bed:02} lock"),
        ("Kitchen {k}", "Locker {d}-{bed}", "Shower {k}", "Staff", "Laundry", "Bike cage"),
    ),
    StyleWithStrays(
        "French residence, buildings by name",
        tuple(
            {"b": b, "i": b[0], "floor": f, "number": n, "room": f"{f}{n:02}"}
            for b in ("Azur", "Mistral", "Olivier")
            for f in range(1, 5)
            for n in range(1, 26)
        ),
        "{b} {room}",
        ("Bât. {b} - appt {room}", "{b} {room} serrure", "{i}{room}"),
        ("résidence {b} n°{room}", "{i}-{room}"),
        ("Piscine", "Local vélos", "Ascenseur {b}", "Cave {n}", "Local poubelles", "Lingerie {k}", "Parking {k}"),
    ),
    StyleWithStrays(
        "SmartThings and Schlage names of a manager of homes",
        tuple(
            {"n": n, "street": s, "st": s.split()[0]}
            for s in ("Magnolia Ave", "Ocean Blvd", "Pelican Dr", "Sunset Ln", "Harbor Way", "Coral St")
            for n in range(100, 600, 10)
        ),
        "{n} {street}",
        ("{n} {street} Front Door", "Schlage {n} {st}", "{st} {n}"),
        ("{n} {st} lock", "Front Door - {n} {street}", "Schlage Encode {n} {st}"),
        ("Office front", "Warehouse", "{n} {street} Garage", "Clubhouse gate", "Pool {st}"),
    ),
    StyleWithStrays(
        "apartments of a tower with letters of the view, dormakaba",
        tuple(
            {"floor": f, "number": n, "room": f"{f:02}{n:02}", "v": "NESW"[n % 4]}
            for f in range(5, 35)
            for n in range(1, 11)
        ),
        "{room}",
        ("{room}{v}", "Apt {room} {v}"),
        ("dk {room}-{v}", "{floor:02}-{number:02}"),
        ("Riser {k}", "Sky pool", "Lift {k}", "Staff {room}", "Refuse {floor}", "Bike store {k}"),
    ),
    StyleWithStrays(
        "Scandinavian hotel, Swedish and English",
        storeys(),
        "Rum {room}",
        ("Rum {room} Assa Abloy", "Rum {room}, plan {floor}", "R{room} dörr"),
        ("Hotellrum {room}", "Room {room} vån {floor}", "{room} låsenhet"),
        ("Bastu", "Hiss {k}", "Personalrum {k}", "Cykelförråd", "Städ {n}", "Tvättstuga", "Pool", "Förråd {n}"),
    ),
    StyleWithStrays(
        "Polish aparthotel, Tedee",
        tuple({"b": b, "number": n} for b in "ABC" for n in range(1, 101)),
        "Apartament {b}{number}",
        ("apt. {b}{number} tedee", "Apartament {b} {number}", "{b}{number:03}"),
        ("Tedee PRO {b}-{number}", "apartament nr {number} kl. {b}"),
        ("Rowerownia", "Winda {b}", "Basen", "Pralnia {k}", "Komórka {b}{number}", "Recepcja", "Personel"),
    ),
    StyleWithStrays(
        "Greek villas and rooms",
        grouped("Thalassa Ouranos Iliios Selini Asteri Kyma", 50),
        "{word} {number}",
        ("Βίλα {word} {number}", "{word} {number} πόρτα", "{upper}{number}"),
        ("{word} No {number:02} (nuki)", "{word}-{number}"),
        ("Πισίνα", "Αποθήκη {number}", "Γραφείο", "Πλυντήρια {k}", "Κουζίνα"),
    ),
    StyleWithStrays(
        "Assisted living, unit with wing and floor",
        tuple(
            {"w": w, "floor": f, "number": n, "room": f"{f}{n:02}"}
            for w in ("N", "S", "E")
            for f in (1, 2)
            for n in range(1, 51)
        ),
        "{w}{room}",
        ("{floor}{w}-{number:02}", "Unit {w}-{room}", "{w} wing {room}"),
        ("Rm {room}{w}", "{room} {w} Wing door"),
        ("Nurse {w}{floor}", "Med room {k}", "Elevator {k}", "Linen {w}{room}", "Pool", "Staff lounge {w}"),
    ),
    StyleWithStrays(
        "Chinese apartments, buildings and units",
        tuple(
            {"b": b, "u": u, "floor": f, "number": n, "room": f"{f}{n:02}"}
            for b in (1, 2, 3)
            for u in (1, 2)
            for f in range(1, 11)
            for n in range(1, 6)
        ),
        "{b}栋{u}单元{room}",
        ("{b}栋{u}单元{room}室", "{b}-{u}-{room}", "{b}号楼{u}单元{room}门锁"),
        ("{b}-{u}-{room} 通通锁", "{u}单元 {room} ({b}栋)"),
        ("游泳池", "电梯{k}", "物业办公室", "{b}栋大门", "自行车库", "储藏室{k}"),
    ),
)

EIGHTH: tuple[StyleWithStrays, ...] = (
    StyleWithStrays(
        "Croatian apartments over three villas",
        tuple(
            {"v": v, "number": n, "floor": (n - 1) // 20}
            for v in ("Marija", "Jadran", "Lanterna")
            for n in range(1, 101)
        ),
        "Vila {v} Ap. {number}",
        ("{v} apartman {number}", "Vila {v} - ap {number} ulaz", "{v}/{number:02}"),
        ("Apartman {number} ({v})", "vila {v} ap{number} Yale Linus"),
        ("Bazen", "Spremište {k}", "Recepcija", "Garaža {k}", "Praonica", "Vila {v} kapija", "Bicikli"),
    ),
    StyleWithStrays(
        "Hebrew and English hotel, Salto",
        storeys(),
        "חדר {room}",
        ("חדר {room} - קומה {floor}", "דלת חדר {room}", "{room} כניסה"),
        ("Room {room} Salto", "RM{room} XS4", "חדר {room}"),
        ("בריכה", "מעלית {k}", "מחסן {n}", "צוות {k}", "Pool gate", "Linen {n}", "חניון {k}"),
    ),
    StyleWithStrays(
        "apartment house with doors and staircases, Hungarian",
        tuple({"st": st, "floor": f, "number": n} for st in "ABC" for f in range(1, 11) for n in range(1, 11)),
        "{st} lph. {floor}/{number}",
        ("{st} lépcsőház {floor}. em. {number}. ajtó", "{st} {floor}/{number}"),
        ("{st}-{floor}-{number:02} zár", "{st} lph {floor} emelet {number} ajtó"),
        ("Medence", "Lift {st}", "Biciklitároló", "Pince {k}", "Kuka {k}", "{st} kapu", "Gépház"),
    ),
    StyleWithStrays(
        "serviced offices turned co-living, Brivo",
        tuple(
            {"f": f, "number": n, "room": f"{f}-{n:02}", "t": ("Studio", "Pod", "Ensuite")[n % 3]}
            for f in range(1, 13)
            for n in range(1, 26)
        ),
        "{t} {room}",
        ("FL{f} {t} {number:02}", "{room} {t} door", "L{f:02} R{number:02}"),
        ("{t} {room} (Brivo)", "{f}.{number:02} co-live"),
        ("FL{f} Kitchen", "FL{f} Phone booth {k}", "Gym", "Bike cellar", "Lift {k}", "Staff FL{f}", "Pool deck"),
    ),
)

WITH_STRAYS = (*FIFTH, *SIXTH, *SEVENTH, *EIGHTH)
