"""Naming styles in which makers' and models' names with numbers of their own stand beside the room's.

All were written before the matcher was tried on them. `NINTH` taught it afterwards; `TENTH` was only measured.
"""

from tests.lock_names.styles_with_strays import StyleWithStrays, buildings
from tests.lock_names.unseen_styles import crossed, grouped, lettered, storeys

NINTH: tuple[StyleWithStrays, ...] = (
    StyleWithStrays(
        "aparthotel of two makers, generation behind the model",
        storeys(10, 30),
        "Apt {room}",
        ("August 4. Gen {room}", "August 4th gen - {room}", "August Gen 4 apt {room}"),
        ("Yale Assure 2 {room}", "Assure Lock 2 Plus - {room}"),
        ("Yale Assure 2 Gym", "August Pool", "Elevator {k}", "Storage {n}", "Staff {k}", "Bike room", "Rooftop {k}"),
    ),
    StyleWithStrays(
        "boutique hotel with small numbers, Level and T1",
        tuple({"number": n, "n": n} for n in range(1, 301)),
        "Room {number}",
        ("Level 3 Lock {number}", "Level Lock+ {number}", "Level Lock 3 Rm {number}"),
        ("T1 Pro {number}", "T1 Pro - room {number}"),
        ("Level 3 Lock Lobby", "T1 Pro Bar", "Boiler {k}", "Linen {k}", "Main entry", "Wine vault"),
    ),
    StyleWithStrays(
        "Spanish tourist flats by storey and door letter",
        lettered(25, "ABCDEFGHIJKL"),
        "{floor}º {letter}",
        ("Piso {floor} {letter} cerradura", "{floor}º{letter} Nuki 4.0", "Nuki 4 - {floor}º {letter}"),
        ("Vivienda {floor}{letter} TTLock", "{floor}-{letter} puerta vivienda"),
        ("Portal {k}", "Trastero {k}", "Piscina", "Ascensor {k}", "Garaje {k}", "Cuarto de contadores", "Azotea"),
    ),
    StyleWithStrays(
        "Norwegian campsite cabins, igloohome",
        grouped("Granstua Furubu Fjellro Elvebo Havørn Steinhytta", 50),
        "{word} {number}",
        ("{word} nr. {number} hytte", "Hytte {word} {number} igloohome 2S", "{word}-{number:02}"),
        ("IGB3 {word} {number}", "{upper} {number} kodelås"),
        ("Sanitærbygg {k}", "Kiosk", "Badstue {k}", "Bom", "Vaskerom {k}", "Grillhytte {k}", "Ansatte"),
    ),
    StyleWithStrays(
        "Polish hostel, rooms and beds by number",
        tuple({"r": r, "b": b, "n": f"{r}"} for r in range(1, 51) for b in range(1, 7)),
        "Pokój {r} łóżko {b}",
        ("P{r} Ł{b}", "pokój {r} / łóżko {b}", "pok. {r} łóż. {b}"),
        ("Sala {r}, łóżko nr {b}", "{r}-{b} szafka-łóżko"),
        ("Kuchnia {k}", "Łazienka {k}", "Recepcja", "Schowek {k}", "Pralnia", "Wejście {k}", "Pokój personelu {k}"),
    ),
    StyleWithStrays(
        "French résidence, staircase and number, Vachette",
        tuple({"e": e, "number": n, "n": f"{n}"} for e in "ABCDE" for n in range(1, 61)),
        "Esc. {e} - {number}",
        ("Escalier {e} appt {number}", "Esc {e} n°{number} béquille", "{e}{number:02} béquille élec."),
        ("LOG {e}-{number:02}", "Logement {number} esc. {e} ENTR 2"),
        ("Local vélos {e}", "Hall {e}", "Chaufferie", "Cave {e}{k}", "Buanderie {k}", "Local poubelles", "Parking {k}"),
    ),
    StyleWithStrays(
        "Thai resort, pool villas by zone",
        tuple(
            {"z": z, "number": n, "n": f"{n}"}
            for z in ("Lotus", "Orchid", "Jasmine", "Frangipani")
            for n in range(1, 76)
        ),
        "{z} Pool Villa {number}",
        ("วิลล่า {z} {number}", "{z} {number:02} PV", "{z} PV-{number}"),
        ("Zkteco ML10 {z} {number}", "{z} Pool Villa No.{number} ZK"),
        ("สระว่ายน้ำ", "Spa {k}", "Kids club", "{z} pump room", "Staff canteen", "Buggy gate {k}", "ครัว {k}"),
    ),
    StyleWithStrays(
        "German boarding house, wing letters before the storey",
        buildings("NSO", 5, 20),
        "{b}-{room}",
        ("Boarding {b}.{room} Hoppe", "{b} {room} HAFELE DT700", "DT700 {b}-{room}"),
        ("{b}{room} DT Lite 2", "App. {b}-{room} Drücker"),
        ("Müllraum {b}", "Aufzug {b}{k}", "Fitness", "Lager {n}", "HSK {b}{floor}", "Haupteingang {b}", "TG Tor {k}"),
    ),
)

TENTH: tuple[StyleWithStrays, ...] = (
    StyleWithStrays(
        "American motel of Schlage and Kwikset",
        storeys(3, 100),
        "#{room}",
        ("Schlage Encode Plus {room}", "Encode Plus #{room}", "Schlage BE489 rm {room}"),
        ("Kwikset Halo 2 - {room}", "Halo 2 unit {room}"),
        ("Schlage NDE80 Laundry", "Ice {k}", "Pool gate", "Office", "Vending {k}", "Halo 2 storage {n}", "Breakfast"),
    ),
    StyleWithStrays(
        "Finnish holiday flats, staircase letter and number",
        tuple({"s": s, "number": n, "n": f"{n}"} for s in "ABCDEF" for n in range(1, 51)),
        "{s} {number}",
        ("as. {s} {number}", "Huoneisto {s}{number} iLOQ S50", "{s}{number} ovi"),
        ("porras {s} as {number}", "S50 {s} {number:02}"),
        ("Sauna {k}", "Pyykkitupa {s}", "Varasto {k}", "Hissi {s}", "Ulko-ovi {s}", "Pyörävarasto", "Huolto {k}"),
    ),
    StyleWithStrays(
        "Japanese machiya houses by name and number",
        crossed(
            "Sakura Momiji Hotaru Kaede Tsubaki Ajisai Matsu Take Ume Kiku", "Ichi Ni San Yon Go Roku Nana Hachi Kyu Ju"
        )
        + tuple(
            {"one": o, "two": f"{n}", "upper": f"{o} {n}".upper(), "cut": f"{o}{n}"}
            for o in ("Yuki", "Tsuki", "Hana", "Kaze")
            for n in range(1, 51)
        ),
        "{one} {two}",
        ("{one} {two} スマートロック", "{upper} sesame 5", "{one}-{two}"),
        ("SESAME5 {one} {two}", "{one} {two} 玄関"),
        ("倉庫 {k}", "管理室", "Laundry {k}", "駐輪場", "Gate {k}", "ゴミ置場"),
    ),
    StyleWithStrays(
        "Turkish and English serviced flats in blocks",
        buildings("ABC", 10, 10),
        "{b} Blok Daire {room}",
        ("{b} Blok D.{room}", "{b}{room} Desi Utopic 3", "{b} blok no {room} kilit"),
        ("Block {b} Flat {room} Utopic R", "{b}/{room} daire"),
        ("{b} Blok asansör", "Havuz", "Otopark {k}", "Depo {n}", "Personel {k}", "{b} Blok ana giriş", "Kazan dairesi"),
    ),
)

OF_MAKERS = (*NINTH, *TENTH)
