"""Naming styles as data, written down before the matcher was tried on them.

`TRIED` were looked at afterwards, and the matcher was mended by what they taught; `KEPT_APART` taught it no more than
some names of models.
"""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from tests.lock_names.naming_styles import KABA, SALTO, House

Places = tuple[dict[str, object], ...]
"""What a room's and its locks' names are made of, for each room."""

ROMAN = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX", "X")
ORDINALS = {
    "english": ("Ground", "First", "Second", "Third", "Fourth", "Fifth", "Sixth"),
    "german": ("Erd", "Erster", "Zweiter", "Dritter", "Vierter", "Fünfter", "Sechster"),
    "french": ("rdc", "1er", "2e", "3e", "4e", "5e", "6e"),
    "japanese": ("", "一", "二", "三", "四", "五", "六"),
}
ARABIC = str.maketrans("0123456789", "٠١٢٣٤٥٦٧٨٩")
PERSIAN = str.maketrans("0123456789", "۰۱۲۳۴۵۶۷۸۹")
KEYCAPS = {ord(str(digit)): f"{digit}\ufe0f\u20e3" for digit in range(10)}


def _of(words: tuple[str, ...], floor: int) -> str:
    return words[floor] if floor < len(words) else ""


def storeys(floors: int = 6, per_floor: int = 50) -> Places:
    """Rooms by floor and number: 101, 102, ..."""
    return tuple(
        {
            "floor": floor,
            "number": number,
            "room": f"{floor}{number:02}",
            "roman": _of(ROMAN, floor),
            "english": _of(ORDINALS["english"], floor),
            "german": _of(ORDINALS["german"], floor),
            "french": _of(ORDINALS["french"], floor),
            "japanese": _of(ORDINALS["japanese"], floor),
            "arabic": f"{floor}{number:02}".translate(ARABIC),
            "persian": f"{floor}{number:02}".translate(PERSIAN),
            "keycaps": f"{floor}{number:02}".translate(KEYCAPS),
            "first": (floor - 1) * per_floor + number,
        }
        for floor in range(1, floors + 1)
        for number in range(1, per_floor + 1)
    )


def grouped(words: str, count: int, by: str = "word") -> Places:
    """`count` numbers for each word."""
    return tuple(
        {
            by: word.replace("_", " "),
            "upper": word.replace("_", " ").upper(),
            "start": word.replace("_", " ")[:4],
            "plain": unicodedata.normalize("NFKD", word).encode("ascii", "ignore").decode(),
            "number": number,
            "letter": chr(64 + number) if number < 27 else "",
            "floor": (number - 1) // 10 + 1,
        }
        for word in words.split()
        for number in range(1, count + 1)
    )


def crossed(firsts: str, seconds: str) -> Places:
    """A name of two parts each."""
    return tuple(
        {
            "one": one.replace("_", " "),
            "two": two.replace("_", " "),
            "upper": f"{one} {two}".replace("_", " ").upper(),
            "cut": f"{one} {two}".replace("_", " ")[:12],
        }
        for one in firsts.split()
        for two in seconds.split()
    )


def lettered(floors: int, letters: str, groups: str = "") -> Places:
    return tuple(
        {"group": group.strip("_"), "floor": floor, "letter": letter, "small": letter.lower()}
        for group in (groups.split() or [""])
        for floor in range(1, floors + 1)
        for letter in letters
    )


@dataclass(frozen=True, slots=True)
class Style:
    """One way of writing: the rooms' name, and those of the locks of two systems, one of each tuple at random."""

    says: str
    places: Places
    room: str
    lower: tuple[str, ...]
    upper: tuple[str, ...] = ()
    """The second system's, of the later half; empty: it writes like the first."""
    noise: bool = True

    def __call__(self, house: House) -> None:
        """Fills a house."""
        half = len(self.places) / 2
        for at, place in enumerate(self.places):
            later = at >= half
            told = place | dict(by_chance(house.chance, at))
            names = self.upper if later and self.upper else self.lower
            house.door(
                house.chance.choice(names).format(**told),
                KABA if later else SALTO,
                house.room(self.room.format(**told)),
            )
        if self.noise:
            house.noise([str(place.get("room", place.get("number", at))) for at, place in enumerate(self.places)])

    @property
    def __name__(self) -> str:
        return self.says


def by_chance(chance: random.Random, at: int) -> Iterator[tuple[str, object]]:
    """Serial numbers, dates and the like: not the same for two locks."""
    yield "at", at + 1
    yield "hex4", f"{chance.getrandbits(16):04x}"
    yield "hex6", f"{chance.getrandbits(24):06X}"
    yield "hex8", f"{chance.getrandbits(32):08X}"
    yield "serial5", chance.randrange(10_000, 99_999)
    yield "serial8", chance.randrange(10_000_000, 99_999_999)
    yield "mac", ":".join(f"{chance.getrandbits(8):02x}" for _ in range(6))
    yield "percent", chance.randrange(20, 100)
    yield "day", f"{chance.randrange(1, 29):02}"
    yield "month", f"{chance.randrange(1, 13):02}"
    yield "year", chance.randrange(2019, 2026)
    yield "initials", chance.choice(("JK", "MB", "TS"))


TRIED: tuple[Style, ...] = (
    Style(
        "TTLock's own names, the room behind or before",
        storeys(),
        "{room}",
        ("{room} S31_{hex6}", "{room}_S31_{hex6}"),
        ("M201_{hex6}_{room}",),
    ),
    Style("codes of an installer's list", storeys(), "Room {room}", ("ROOM_0{room}_ENT",), ("HTL.{floor:02}.0{room}",)),
    Style("Vostio guest rooms", storeys(), "{room}", ("0{room} Guest Room",), ("GR-0{room} RFID",)),
    Style(
        "units of streets",
        tuple(
            {"street": street, "house": house, "unit": unit}
            for street, house in (("Elm St", 12), ("Elm St", 14), ("Oak Ave", 7), ("Pine Rd", 230), ("Ash Ct", 3))
            for unit in range(1, 61)
        ),
        "{house} {street} #{unit}",
        ("{house} {street} Unit {unit} Front Door August", "{house} {street} #{unit} August"),
        ("{street} {house}-{unit}",),
    ),
    Style(
        "units with letters",
        lettered(25, "ABCDEFGHJKLM"),
        "{floor}{letter}",
        ("Unit #{floor}{letter} Encode", "Unit #{floor}{letter}"),
        ("APT {floor}-{letter} BE489WB",),
    ),
    Style(
        "German flats by storey and side",
        tuple(
            {"street": street, "house": house, "floor": floor, "side": side, "short": side[0]}
            for street in ("Lindenstr.", "Gartenweg", "Kantstr.")
            for house in range(1, 11)
            for floor in range(1, 6)
            for side in ("links", "rechts")
        ),
        "{street} {house}, {floor}. OG {side}",
        ("{street} {house} Whg. {floor} OG {side}", "{street} {house}, {floor}.OG {side}"),
        ("{street} {house} / {floor}. Obergeschoss {side} Tür",),
    ),
    Style(
        "French flats with their storey",
        grouped("A B C D E F", 50),
        "{word}{number:02}",
        ("Appt {word}{number:02} {floor}e étage", "Appartement {word}{number:02} - étage {floor}"),
        ("Bât {word} - porte {number}",),
    ),
    Style(
        "Spanish flats of several gates",
        lettered(10, "ABCDEF", "1 2 3 4 5"),
        "P{group} {floor}º{letter}",
        ("Portal {group}, {floor}º{letter}", "Portal {group} Piso {floor}º {letter}"),
        ("P{group}-{floor}{letter} cerradura",),
    ),
    Style(
        "Norwegian flat numbers",
        tuple({"floor": floor, "number": number} for floor in range(1, 16) for number in range(1, 21)),
        "H{floor:02}{number:02}",
        ("H{floor:02}{number:02} Yale Doorman",),
        ("Leil. H{floor:02}{number:02} ({floor}. etg)",),
    ),
    Style(
        "ryokan rooms in kanji",
        crossed(
            "松 竹 梅 桜 藤 菊 萩 楓 橘 桐 椿 蓮 葵 柳 杉",
            "風 月 雪 花 鳥 波 雲 星 霞 露 泉 川 山 光 音 里 香 歌 舞 空",
        ),
        "{one}{two}の間",
        ("{one}{two}の間 スマートロック", "{one}{two}の間"),
        ("【客室】{one}{two}", "{one}{two} 電子錠"),
        noise=False,
    ),
    Style(
        "Cyrillic words and letters",
        tuple({"block": block, "number": number} for block in "АБВ" for number in range(1, 101)),
        "Корпус {block}, номер {number}",
        ("корп. {block} комн. {number} замок", "Корпус {block} - {number}"),
        ("{block}-{number} дверь", "{number}{block}"),
    ),
    Style("Persian digits", storeys(), "{room}", ("اتاق {persian}",), ("قفل اتاق {persian} طبقه {floor}",)),
    Style(
        "beds by letter in dorms",
        lettered(50, "ABCDEF"),
        "Dorm {floor} - Bed {letter}",
        ("{floor}{letter} bunk", "Dorm {floor} bunk {letter}"),
        ("D{floor}/{letter}",),
    ),
    Style(
        "mobile homes and pitches",
        grouped("Stacaravan Tent Boomhut", 100),
        "{word} {number}",
        ("{word} {number} (2 slpk)", "{word} nr. {number}"),
        ("{word}{number:03} slot", "{upper} {number}"),
    ),
    Style(
        "painters without numbers",
        crossed(
            "Little Grand Blue Red Green Golden Silver White Black Royal Old_Town Northern Southern Upper Lower",
            "Monet Renoir Degas Manet Cezanne Pissarro Sisley Morisot Turner Constable Hopper Kahlo Rivera Munch Klimt "
            "Schiele Klee Miro Dali Goya",
        ),
        "{one} {two}",
        ("{two}, {one}", "{one} {two} Door"),
        ("{upper}", "{two} ({one})"),
        noise=False,
    ),
    Style(
        "cottages with names cut short",
        grouped("Badger_Cottage Otter_Lodge Heron_Barn Squirrel_Cabin", 75),
        "{word} {number}",
        ("{start} {number:02}", "{start}-{number}"),
        ("{start}{number:02}",),
    ),
    Style("serial numbers without a mark", storeys(), "{room}", ("{hex6}_{room}",), ("{room}-{serial8}",)),
    Style(
        "days of installation and batteries",
        storeys(),
        "{room}",
        ("{room} (installed {day}.{month}.{year})", "{room} inst {day}/{month}/{year} {initials}"),
        ("{room} 🔋{percent}%", "{room} batt {month}/{year}"),
    ),
    Style(
        "emoji and keycaps",
        storeys(),
        "Room {room}",
        ("🚪{room}", "🔑 {room} ⭐️"),
        ("{keycaps}", "🛏️ {keycaps}"),
    ),
    Style("apartments of 4SUITES and Akuvox", storeys(), "Apt {room}", ("4S-{room}-M",), ("R29C {room} intercom",)),
    Style(
        "storeys in words",
        storeys(),
        "{room}",
        ("{english} Floor - Door {number}", "{english} Floor Room {number:02}"),
        ("{german} Stock Zi {number}", "Door {number:02}, Level {floor}"),
    ),
    Style(
        "Roman storeys", storeys(), "{room}", ("{roman}/{number:02}", "{roman}-{number:02}"), ("{roman} {number:02}",)
    ),
    Style(
        "wings behind and before",
        tuple(
            {"room": f"{floor}{number:02}", "wing": wing, "short": wing[0], "german": german}
            for wing, german in (("East", "Ost"), ("West", "West"))
            for floor in range(1, 4)
            for number in range(1, 51)
        ),
        "{room}{short}",
        ("{wing} {room}",),
        ("{room} {wing} Wing", "{room} {wing}"),
    ),
    Style(
        "four digits, the storey first", storeys(), "{room}", ("{floor}0{number:02}",), ("Door {floor}0{number:02}",)
    ),
)

KEPT_APART: tuple[Style, ...] = (
    Style(
        "Nuki's own names",
        storeys(),
        "Zimmer {room}",
        ("Nuki_{hex8} ({room})", "Nuki_{hex8} Zimmer {room}"),
        ("Smart Lock 3.0 Pro {room}",),
    ),
    Style(
        "igloohome models",
        storeys(),
        "{room}",
        ("Mortise 2 Touch {room}", "Deadbolt 2S {room}"),
        ("IGB3-{hex6} {room}", "IGK3 {room} {hex4}"),
    ),
    Style(
        "Kwikset and Yale with the radio",
        storeys(),
        "Unit {room}",
        ("HALO {room} (Wi-Fi)", "Kwikset HALO Touch - Unit {room}"),
        ("YRD256 {room} [Z-Wave node {at}]",),
    ),
    Style(
        "trees, written together or cut",
        grouped("Oak Beech Willow Maple Chestnut Hawthorn", 50),
        "{word} {number}",
        ("{upper}{number:02}", "{word}-{number} kbd"),
        ("{start}. {number}", "{start}{number:02}"),
    ),
    Style(
        "typing mistakes",
        storeys(),
        "Room {room}",
        ("Rooom {room}", "Roon {room}", "Rom {room}", "Room {room}", "Room{room}", "romm {room}"),
        ("Zimer {room}", "Zimmmer {room}", "Zimmer {room}", "Zmmer {room}"),
    ),
    Style(
        "Japanese storeys",
        storeys(),
        "{room}号室",
        ("{floor}階 {room}号", "{room}号室（{floor}F）"),
        ("客室{room} 鍵番号{serial5}",),
    ),
)

SECOND: tuple[Style, ...] = (
    Style(
        "rooms by former numbers",
        storeys(),
        "{room}",
        ("{room} (ex {at})", "{room} (formerly {at})"),
        ("{room} vormals {at}",),
    ),
    Style(
        "Italian rooms",
        storeys(),
        "Camera {room}",
        ("Camera {room} - {floor}° piano", "Cam. {room}"),
        ("Porta camera {room}",),
    ),
    Style(
        "Polish flats",
        tuple({"street": s, "number": n} for s in ("Długa", "Polna", "Leśna") for n in range(1, 101)),
        "{street} {number}",
        ("ul. {street} m. {number}", "{street}/{number}"),
        ("{street} {number:03} zamek",),
    ),
    Style(
        "storeys behind a comma",
        storeys(),
        "{room}",
        ("Room {number:02}, Level {floor}", "Door {number}, Floor {floor}"),
        ("Zimmer {number} - Etage {floor}",),
    ),
    Style("device ids in brackets", storeys(), "{room}", ("{room} [{hex4}-{hex4}]",), ("{room} <{hex8}>",)),
    Style(
        "cabins of two valleys",
        grouped("North_Valley South_Valley", 150),
        "{word} Cabin {number}",
        ("NV Cabin {number}", "N. Valley {number}"),
        ("SV Cabin {number}", "{upper} {number:03}"),
    ),
    Style(
        "names of rivers, cut",
        crossed(
            "Upper Lower Old New Long Broad Black White Green Grey Little Great Inner Outer Middle",
            "Thames Severn Trent Mersey Tyne Humber Avon Wye Dee Tees Don Exe Tamar Ouse Nene Aire Calder "
            "Derwent Wharfe Ribble",
        ),
        "{one} {two}",
        ("{one} {two} lodge door", "{two}, {one} - lodge door"),
        ("{upper}", "{cut}"),
        noise=False,
    ),
    Style("Chinese storeys", storeys(), "{room}", ("{floor}层{room}房 智能锁",), ("{room}房门锁",)),
    Style(
        "three digits behind the storey",
        storeys(),
        "Room {room}",
        ("L{floor}0{number:02}", "L{floor}-0{number:02}"),
        ("{floor}-0{number:02}",),
    ),
    Style("keypads with a running number", storeys(), "{room}", ("Keypad {at} - {room}",), ("{room} / keypad {at}",)),
)
"""Written down after the matcher had been mended by the first, and only measured."""

THIRD: tuple[Style, ...] = (
    Style(
        "a house's initials and the front door",
        storeys(),
        "{room}",
        ("HV{room} Front", "HV {room} front dr"),
        ("Harbour Vw {room} frontdoor", "HarbourVw{room}"),
    ),
    Style(
        "keypads of flats",
        storeys(30, 10),
        "Apt {room}",
        ("Apt {room} - Keypad", "Apt. {room} kp"),
        ("{room} Schlage BE468 kp", "#{room} (kp + fob)"),
    ),
    Style(
        "motel rooms with their beds",
        storeys(1, 300),
        "Room {number}",
        ("RM {number} K", "RM {number} QQ", "Rm {number} NS King"),
        ("{number} 2 Queens", "{number} HC King"),
    ),
    Style(
        "a resort's codes written out",
        storeys(),
        "SB-{room}",
        ("Sandy Beach #{room}", "SandyBeach {room} dlock"),
        ("sb{room}", "SB {room} w/ bridge"),
    ),
    Style(
        "cabins in every spelling",
        grouped("Cabin", 300),
        "Cabin {number}",
        ("cab{number}", "Cab. {number} frontdoor", "CABIN#{number}"),
        ("Cabin No {number} (wifi)", "cabn {number}"),
    ),
    Style(
        "German flats with a point",
        storeys(10, 30),
        "{floor}.{number:02}",
        ("W{floor}.{number:02} Türdrücker", "Whg {floor}.{number:02} / Nuki Opener"),
        ("WE {floor}.{number:02} Knauf", "WE{floor}.{number:02} Wohnungseingang"),
    ),
    Style(
        "rooms with their type, the locks without",
        tuple(
            one | {"type": ("Deluxe Double", "Twin Standard", "Family Room", "Single")[at % 4]}
            for at, one in enumerate(storeys())
        ),
        "{room} - {type}",
        ("{room}", "{room} Lk", "Lk {room}"),
        ("{type} {room}", "{room}_{type}"),
    ),
    Style(
        "apartments of a host in a few streets",
        tuple(
            {"street": street, "house": house, "flat": flat}
            for street, house in (("Beach Rd", 12), ("Palm Ave", 4), ("Dune Walk", 31))
            for flat in range(1, 101)
        ),
        "{house} {street} Apt {flat}",
        ("{house} {street}, {flat} (wifi)", "{house} {street} Unit {flat} lockset"),
        ("{house} {street} - {flat}", "{house} {street} apt {flat} lever"),
    ),
    Style(
        "who put it in",
        storeys(),
        "{room}",
        ("{room} - {initials} {month}/{year}", "{room} new lock {initials}"),
        ("Rm {room} ok", "Rm {room} tested ok", "Rm {room} changed batteries {day}/{month}"),
    ),
    Style(
        "Dutch and French rooms side by side",
        storeys(),
        "Chambre {room}",
        ("Kamer {room} deurslot", "k. {room}"),
        ("Ch. {room} - béquille", "Chambre {room} - boîtier"),
    ),
    Style(
        "numbers with a suite's letter in brackets",
        lettered(75, "ABCD"),
        "{floor}{letter}",
        ("Apt {floor} ({letter})", "Apt {floor} ({letter}) TTLock"),
        ("{floor}-{small} smartlock", "no. {floor}{small}"),
    ),
    Style(
        "hotel, floor and room in capitals",
        storeys(),
        "{room}",
        ("HOTEL BELLA VISTA/FLOOR {floor}/ROOM {room}", "BELLA VISTA F{floor} R{room}"),
        ("BV-F{floor}-R{number:02}", "BV F{floor} {room}"),
    ),
)
"""Written down before unknown words were weighed by how they share out the house; then mended by what they taught."""

FOURTH: tuple[Style, ...] = (
    Style(
        "a motel that writes its rooms in three ways",
        storeys(2, 150),
        "{floor}{number:03}",
        ("Rm-{floor}{number:03}", "R{floor}{number:03} exterior", "{floor}{number:03} motel dr"),
        ("Room {floor}{number:03} (rear bldg)", "Room {floor}{number:03} keypad new"),
    ),
    Style(
        "condominiums with the association's letters",
        storeys(10, 30),
        "Unit {room}",
        ("OBC {room}", "OBC-{room} RemoteLock", "OBC Unit {room} RL"),
        ("Ocean Breeze {room}", "OceanBreeze#{room} entry lock"),
    ),
    Style(
        "villas of a park with their owners' remark",
        grouped("Hibiscus Frangipani Jasmin", 100),
        "{word} {number}",
        ("{word} {number} (owner)", "{word} {number} rental", "{word} #{number}"),
        ("Villa {word} no.{number}", "{upper} {number:03} PIN pad"),
    ),
    Style(
        "a hostel's rooms by storey and letter",
        lettered(30, "ABCDEFGHIJ"),
        "{floor}{letter}",
        ("Rm {floor}{small}", "{floor}{letter} dorm", "{floor}-{letter} privat"),
        ("Door {floor}{letter} RFID reader", "door{floor}{small}"),
    ),
    Style(
        "aparthotel with gateway and battery",
        storeys(),
        "APT {room}",
        ("{room} - GW{floor} - {percent}%", "A{room} GW{floor}"),
        ("Apartm. {room} | hub {floor}", "Apartm. {room}"),
    ),
    Style(
        "Italian hotel, floor in words",
        storeys(),
        "{room}",
        ("Camera n. {room} piano {floor}", "cam.{room} serratura el."),
        ("{floor}o piano stanza {room}", "Stanza {room} lato mare"),
    ),
    Style(
        "blocks of a student house",
        tuple(
            {"block": block, "floor": floor, "number": number}
            for block in ("A", "B", "C")
            for floor in range(1, 6)
            for number in range(1, 21)
        ),
        "{block}{floor}{number:02}",
        ("Blk {block} Rm {floor}{number:02}", "{block}-{floor}{number:02} stud."),
        ("Block {block} / L{floor} / {floor}{number:02}", "{block}{floor}{number:02} (Salto XS)"),
    ),
    Style(
        "names of cottages and what opens them",
        crossed("Heather Bracken Gorse Clover Thistle Fern Moss Ivy Hazel Rowan", "Nook Rest View Croft Den Loft")
        + crossed(
            "Fox Badger Hare Otter Stag Owl Wren Robin Kestrel Heron Swift Plover",
            "Nook Rest Croft Den Hollow Bank Burrow Gate Field Ridge Corner Perch Brook Fold Dell Wood Hill Lea "
            "Glen Pool",
        ),
        "{one} {two}",
        ("{one} {two} key safe pad", "{one} {two} - smart handle"),
        ("{upper} (code lock)", "{one} {two} c/o Smith"),
        noise=False,
    ),
)
"""Written down when all this was done, and only measured."""

UNSEEN: tuple[Style, ...] = (*TRIED, *KEPT_APART, *SECOND, *THIRD, *FOURTH)
