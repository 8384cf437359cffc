"""Locks that are left over, and the rooms that are: each lock to the room that explains most of its name."""

import pytest

from lock_names.explaining import likeness
from lock_names.read import NamedRoom
from lock_names.words import folded
from tests.lock_names.houses_of_outsiders import OF_OUTSIDERS, OutsidersHouse
from tests.lock_names.small_houses import HERBS
from tests.lock_names.test_propose import sure

FLATS = [f"{street} {number}" for street in ("Mill Lane", "Kiln Street") for number in ("1A", "1B", "2A", "2B", "3A")]


def check_house(house: OutsidersHouse) -> None:
    """Its locks find their rooms and no others, but for those that wait for a person."""
    names = [*dict.fromkeys(house.locks.values()), *house.without_lock]
    rooms = [NamedRoom(name, name, is_common=name in house.areas) for name in names]
    found = sure(rooms, [*house.locks, *house.strays])
    assert found.items() <= house.locks.items()
    assert house.locks.keys() - found.keys() <= {*house.untold, *house.questions}


@pytest.mark.parametrize(
    "house",
    [
        # Each fourth stops a change, half of these every day.
        pytest.param(
            house, marks=[pytest.mark.slow] if at % 4 else [pytest.mark.thorough] if at % 8 else [], id=house.says
        )
        for at, house in enumerate(OF_OUTSIDERS)
    ],
)
def test_the_locks_of_houses_by_people_who_do_not_know_the_matcher_find_their_rooms(house: OutsidersHouse) -> None:
    check_house(house)


def test_of_two_numbers_of_a_room_the_one_for_how_many_sleep_there_is_not_its_own() -> None:
    names = (
        "Das",
        "Egel",
        "Vos",
        "Ree",
        "Haas",
        "Uil",
        "Specht",
        "Kievit",
        "Merel",
        "Mees",
        "Vink",
        "Havik",
        "Valk",
        "Bever",
    )
    rooms = [f"Bungalow {2 + at % 6} pers. - De {name} (nr. {at})" for at, name in enumerate(names, 1)]
    doors = {f"huisje {at}": room for at, room in enumerate(rooms, 1)}
    assert sure(rooms, [*doors, "sanitair 1", "sanitair 2", "slagboom"]) == doors


def test_letters_are_the_words_that_begin_so_and_ordinals_the_numbers() -> None:
    rooms = [
        f"Rua da Rosa, 45 - {floor} {side}" for floor in ("R/C", "1º", "2º", "3º") for side in ("Dto", "Esq", "Frt")
    ]
    doors = {
        f"Rosa45 {floor}{side}": room
        for room, (floor, side) in zip(
            rooms, [(floor, side) for floor in ("RC", 1, 2, 3) for side in "DEF"], strict=True
        )
    }
    assert sure(rooms, [*doors, "Rosa45 Porta Rua"]) == doors


def test_a_street_door_is_not_the_last_flat_without_a_lock() -> None:
    doors = {f"{flat.split()[0]} {flat.split()[-1]}": flat for flat in FLATS[:-1]}
    found = sure(FLATS, [*doors, "Mill street door", "Kiln street door"])
    assert found == doors


def test_rooms_are_found_by_a_translated_name_with_a_word_that_several_locks_have() -> None:
    rooms = ["Fox Double", "Owl Double", "Badger Single", "Marmot Single", "Ortler Suite", "Habicht Suite"]
    doors = {
        "Stadl Fuchs DZ": rooms[0],
        "Stadl Eule DZ": rooms[1],
        "Stadl Dachs EZ": rooms[2],
        "Stadl Murmeltier": rooms[3],
        "Ortler": rooms[4],
        "Habicht": rooms[5],
    }
    assert sure(rooms, list(doors)) == doors


def test_a_word_that_one_lock_alone_has_beside_a_name_stays_a_question() -> None:
    rooms = ["Doppia Salvia", "Doppia Iris", "Doppia Mimosa", "Singola Ginestra"]
    doors = {"salvia": rooms[0], "iris": rooms[1], "mimosa": rooms[2]}
    assert sure(rooms, [*doors, "ginestra ripostiglio"]) == doors


def test_a_word_of_several_locks_that_say_a_number_as_well_stays_a_question() -> None:
    rooms = [f"Gîte {herb}" for herb in HERBS]
    doors = {f"GITE {at} - {herb.upper()}": f"Gîte {herb}" for at, herb in enumerate(HERBS, 1)}
    ours = dict(list(doors.items())[:20])
    found = sure(rooms, [*ours, *(f"Orchard {door}" for door in doors if door not in ours)])
    assert found == ours


def test_a_name_that_begins_as_another_one_is_the_shorter_where_the_longer_has_its_lock() -> None:
    rooms = ["Matrimoniale Rosa", "Doppia Rosa Canina", "Doppia Mimosa", "Doppia Iris"]
    doors = {"rosa": rooms[0], "rosa canina": rooms[1], "mimosa": rooms[2], "iris": rooms[3]}
    assert sure(rooms, list(doors)) == doors
    assert "rosa" not in sure(rooms, ["rosa", "mimosa", "iris"])


@pytest.mark.parametrize("by", [1, -1])
def test_such_numbers_that_would_fit_as_well_counted_otherwise_stay_a_question(by: int) -> None:
    rooms = [f"Calle Mayor 12 - {floor}º {door}ª" for floor in range(1, 5) for door in range(1, 4)]
    doors = [f"Mayor {floor}r {door + by}a" for floor in range(1, 5) for door in range(1, 4)]
    assert not sure(rooms, doors)


def test_a_locker_is_its_beds_where_the_rooms_are_beds() -> None:
    beds = [
        f"4-Bed Dorm {dorm} – Bunk {bunk} {level}"
        for dorm in (3, 4, 5)
        for bunk in (1, 2)
        for level in ("Top", "Bottom")
    ]
    doors = {f"Spind {bed[11]}/{bed[20]}{'o' if bed.endswith('Top') else 'u'}": bed for bed in beds}
    assert sure(beds, list(doors)) == doors


@pytest.mark.parametrize(
    ("word", "other"),
    [
        ("bsmt", "basement"),
        ("pt", "point"),
        ("fuchs", "fox"),
        ("two", "2"),
        ("ii", "2"),
        ("madiera", "madeira"),
        ("dluga", "dluga"),
    ],
)
def test_words_that_are_like_one_another(word: str, other: str) -> None:
    assert likeness(word, other) >= 0.5


@pytest.mark.parametrize(("word", "other"), [("12", "21"), ("1", "11"), ("gate", "bay"), ("clubhouse", "house")])
def test_words_that_are_not(word: str, other: str) -> None:
    assert likeness(word, other) < 0.5


def test_a_word_for_a_part_of_the_house_is_explained_by_the_letter_beside_it_and_never_by_a_number() -> None:
    rooms = [f"{side}-{number}" for side in "NS" for number in (101, 102, 103, 201, 202, 203)]
    doors = {f"{'North' if room[0] == 'N' else 'South'} Wing Rm {room[2:]}": room for room in rooms}
    assert sure(rooms, list(doors)) == doors
    assert not sure(rooms, [f"Wing {room[2:]}" for room in rooms[:6]])


TYROL = [f"{storey}{number:02}" for storey in range(4) for number in range(1, 5)]
STOREYS_OF_TYROL = ["EG", "1.OG", "2.OG", "DG"]


def test_an_attic_is_the_storey_that_no_other_lock_says() -> None:
    doors = {f"{STOREYS_OF_TYROL[int(room[0])]} Zi.{room[1:]}": room for room in TYROL}
    assert sure(TYROL, [*doors, "DG Abstellraum", "UG Skikeller"]) == doors


@pytest.mark.parametrize(
    "locks",
    [
        pytest.param(["1.OG", "2.OG", "3.OG", "DG"], id="a storey above the rooms'"),
        pytest.param(["EG", "1.OG", "3.OG", "DG"], id="a storey of the house has no lock"),
        pytest.param(["EG", "1.OG", "DG"], id="two storeys might be the attic"),
    ],
)
def test_an_attic_stays_a_question_where_the_storeys_are_not_just_the_rooms(locks: list[str]) -> None:
    found = sure(TYROL, [f"{storey} Zi.{number:02}" for storey in locks for number in range(1, 5)])
    assert not any(lock.startswith("DG") for lock in found)


STREETS = ["2147 W Cortland St", "1833 N Sawyer Ave", "3020 W Palmer Blvd"]
CHICAGO = {
    f"{street.split()[2]} {floor} fl {side}": f"{street} - {floor[0]}{side[0].upper()}"
    for street in STREETS
    for floor in ("1st", "2nd", "3rd")
    for side in ("front", "rear")
}


def test_a_word_for_a_second_door_is_the_rooms_where_rooms_have_its_letter_or_a_code_for_it() -> None:
    doors = CHICAGO | {"Cortland garden apt": "2147 W Cortland St - GDN"}
    common = ["Cortland vestibule", "Cortland rear gate", "Palmer garden gate", "Sawyer bike room"]
    assert sure(list(doors.values()), [*doors, *common]) == doors


def test_a_cellar_in_another_language_is_the_flats_there() -> None:
    sides = {"tv": "left", "th": "right"}
    doors = {
        f"{street[:6]} {floor} {word}": f"{street} 91, {floor}. {side}"
        for street in ("Gothersgade", "Nørregade")
        for floor in (1, 2, 3)
        for side, word in sides.items()
    }
    doors["Gothers basement"] = "Gothersgade 91, kl."
    assert sure(list(doors.values()), list(doors)) == doors


def test_a_code_that_no_lock_of_a_taken_room_has_is_a_word_of_the_rooms_that_are_left() -> None:
    wings = {"AE": "Aile Est", "AO": "Aile Ouest"}
    doors = {
        f"{code}-{number:02}": f"{wing} - Chambre {number}" for code, wing in wings.items() for number in range(1, 8)
    }
    doors |= {f"CH-{number:02}": f"Chalet {number} bord du fleuve" for number in range(1, 6)}
    assert sure(list(doors.values()), list(doors)) == doors


def test_models_that_all_locks_have_are_no_marks_of_another_house() -> None:
    places = ("Lakeside", "Forest", "Ridge")
    kinds = {"Cabin": "S411", "Dome": "M302", "Tent": "M302"}
    long = {"Dome": "Geodesic Dome", "Tent": "Safari Tent"}
    doors = {
        f"{kind}{number}_{model}_{7919 * number + 3 * len(kind):06x}": (
            f"{long.get(kind, kind)} {number} ({places[(number + len(model[1:]) + len(kind)) % 3]})"
        )
        for kind, model in kinds.items()
        for number in range(1, 6)
    }
    assert sure(list(doors.values()), list(doors)) == doors
    # Where a part of the locks alone has one beside a number, they may be an annex's.
    numbered = [f"{number}_M302_{7919 * number:06x}" if number < 6 else f"{number}" for number in range(1, 16)]
    assert {door for door in sure([f"Room {number}" for number in range(1, 16)], numbered) if "_" in door} == set()


@pytest.mark.parametrize(("word", "other"), [("rear", "r"), ("front", "f"), ("garden", "gdn")])
def test_words_that_a_room_has_by_a_code(word: str, other: str) -> None:
    assert likeness(word, other) >= 0.4


@pytest.mark.parametrize(("word", "other"), [("fl", "f"), ("gate", "g"), ("gate", "gdn"), ("storage", "s")])
def test_words_that_are_no_room_s_letter_or_code(word: str, other: str) -> None:
    assert not likeness(word, other)


def test_initials_of_a_wing_are_no_code_of_another_one() -> None:
    east = {f"AE-{number:02}": f"Aile Est - Chambre {number} (1 Queen)" for number in range(1, 11)}
    west = {f"AO-{number:02}": f"Aile Ouest - Chambre {number} (1 King)" for number in range(1, 11)}
    let = [room for at, room in enumerate((east | west).values(), 1) if at in (*range(1, 8), 10, *range(16, 20))]
    found = sure([*let, *(f"Chalet {number} (4 pers.)" for number in range(1, 6))], [*east, *west])
    assert found.items() <= (east | west).items()


def test_names_in_greek_and_cyrillic_letters_are_those_in_latin_ones() -> None:
    villas = {
        "ΑΘΗΝΑ": "Athena",
        "ΑΡΤΕΜΙΣ": "Artemis",
        "ΔΙΟΝΥΣΟΣ": "Dionysos",
        "ΕΡΜΗΣ": "Hermes",
        "ΠΟΣΕΙΔΩΝ": "Poseidon",
        "Рила": "Rila",
        "Пирин": "Pirin",
        "Витоша": "Vitosha",
        "Марица": "Maritsa",
        "Янтра": "Yantra",
    }
    doors = {f"Βίλα {lock}": f"Villa {room}" for lock, room in villas.items()}
    assert sure(list(doors.values()), list(doors)) == doors
    assert folded("Ναυσικά") == "navsika"
    assert likeness(folded("ΕΡΜΗΣ"), "hermes") >= 0.7
    assert likeness(folded("ΗΡΑ"), "artemis") == 0


def test_wings_in_greek_letters_are_those_of_the_rooms() -> None:
    wings = {"ΚΥΜΑ": "Kyma", "ΑΜΜΟΣ": "Ammos", "ΕΛΙΑ": "Elia"}
    doors = {f"{lock} {at}": f"{room} {at} - Studio" for lock, room in wings.items() for at in range(1, 6)}
    assert sure(list(doors.values()), list(doors)) == doors


def test_letters_of_another_house_before_a_name_are_no_part_of_what_it_sounds_like() -> None:
    houses = {"Enzian": 7, "Edelweiss": 8}
    doors = {
        f"{house[:3].upper()} {at:02}": f"Haus {house} Top {at}"
        for house, rooms in houses.items()
        for at in range(1, rooms + 1)
    }
    left = {door: room for door, room in doors.items() if door not in ("ENZ 04", "ENZ 06")}
    assert sure(list(doors.values()), [*left, "KH-ENZ 04", "KH-ENZ 06"]).items() <= left.items()


LODGE = [
    f"Lodge Room {letter} - {name}" for letter, name in zip("ABC", ("Sam Houston", "Crockett", "Bowie"), strict=True)
]
LODGE += ["Lodge Room D - Stephen F. Austin", "The Attic Penthouse", "Silo Suite"]
HALL = [f"Ashdown Hall A{number} (single ensuite)" for number in (101, 102, 103, 104)] + [
    "Ashdown Hall A105 (accessible)"
]


@pytest.mark.parametrize(
    "lock",
    [
        "Lodge front door",
        "Lodge main dr",
        "Lodge porte d'entrée",
        "The front door",
        "porte d'entrée",
        "entrada L",
        "drzwi S",
        "Lodge",
    ],
)
def test_a_common_door_is_no_room_by_first_letters_and_words_for_a_door(lock: str) -> None:
    rooms = LODGE
    doors = {"LODGE S HOUSTON": LODGE[0], "LODGE CROCKETT": LODGE[1], "LODGE BOWIE": LODGE[2], "Silo": LODGE[5]}
    assert sure(rooms, [*doors, lock]).items() <= doors.items()


@pytest.mark.parametrize("lock", ["ASH main dr", "ASH entry", "Ashdown Hall Eingang", "ASH"])
def test_what_all_rooms_explain_is_not_the_only_one_without_a_lock(lock: str) -> None:
    doors = {
        f"ASH-A-1-{number - 100:02}": f"Ashdown Hall A{number} (single ensuite)" for number in (101, 102, 103, 104)
    }
    assert lock not in sure(HALL, [*doors, lock])


def test_a_letter_is_the_side_of_a_room_where_another_side_is_said_so_too() -> None:
    rooms = [f"Cabin {at} - {name}" for at, name in enumerate(("Elk", "Moose", "Otter", "Badger"), 1)]
    rooms += ["Bunkhouse North", "Bunkhouse South"]
    doors = {f"{room.split(' - ')[1]} cabin": room for room in rooms[:4]}
    sides = {"Bunkhse N": rooms[4], "Bunkhse S": rooms[5]}
    assert sure(rooms, [*doors, *sides]) == doors | sides
    assert sure(rooms, [*doors, "Bunkhse S"]).items() <= doors.items()


def test_in_a_code_of_a_storey_and_a_flat_the_letter_before_the_number_is_the_flat_s() -> None:
    storeys = ("Ground", "First", "Second", "Third")
    rooms = [f"Flat {at} - {storeys[(at - 1) // 3]} {'Studio' if at % 2 else '1 Bed'}" for at in range(1, 13)]
    doors = {f"{('G', '1st', '2nd', '3rd')[(at - 1) // 3]}/F{at}": room for at, room in enumerate(rooms, 1)}
    assert sure(rooms, [*doors, "Bin Store LG", "Plant Room"]) == doors


STREETS_OF_BUDAPEST = {
    "Hajos u. 15.": "Hajós utca 15",
    "O u. 19.": "Ó utca 19",
    "Dob u. 21.": "Dob utca 21",
    "Zichy J. u. 33.": "Zichy Jenő utca 33",
    "Veres Palne u. 14.": "Veres Pálné utca 14",
    "Vaci u. 61.": "Váci utca 61",
}
IN_BUDAPEST = {
    f"{street} {storey}/{1 + (at + storey) % 5}": f"{name} - {'I' * storey}/{1 + (at + storey) % 5} Studio"
    for at, (street, name) in enumerate(STREETS_OF_BUDAPEST.items())
    for storey in (1, 2, 3)
}


def test_a_street_is_read_by_the_letters_of_its_words_and_a_storey_by_a_roman_letter() -> None:
    rooms = list(IN_BUDAPEST.values())
    assert sure(rooms, [*IN_BUDAPEST, "Dob u. 21. kapu", "Vaci u. 61. kapu"]) == IN_BUDAPEST


def test_the_letters_of_another_street_are_not_those_of_a_room_s() -> None:
    rooms = list(IN_BUDAPEST.values())
    locks = [lock.replace("Zichy J.", "Zichy K.") for lock in IN_BUDAPEST]
    found = sure(rooms, [*locks, "P u. 19. 1/4", "O k. 19. 1/4"])
    assert not {lock for lock in found if "K." in lock or lock[:2] == "P " or "k." in lock}


def test_up_and_down_are_storeys_where_both_are_said() -> None:
    streets = {
        f"{street} #{flat}": f"{street} Rd, Unit {flat}" for street in ("12 Maple", "77 Harbor") for flat in (1, 2, 3)
    }
    both = {"38 Orchard UP": "38 Orchard Rd - upstairs", "38 Orchard DN": "38 Orchard Rd - downstairs"}
    locks = {**streets, "52 Orchard": "52 Orchard Rd", **both}
    rooms = list(locks.values())
    assert sure(rooms, [*locks, "12 Maple street door"]) == locks
    assert "38 Orchard DX" not in sure(rooms, ["38 Orchard DX" if lock == "38 Orchard DN" else lock for lock in locks])


def test_the_number_of_a_named_suite_need_not_be_said_where_its_lock_says_a_suite() -> None:
    rooms = [*(f"{number} Twin Standard" for number in range(101, 109)), "501 Suite Tejo", "502 Suite Castelo"]
    doors = {f"Quarto {number}": f"{number} Twin Standard" for number in range(101, 109)}
    assert sure(rooms, [*doors, "Suite Tejo"]) == {**doors, "Suite Tejo": "501 Suite Tejo"}
    # A name alone may be a street door's, and "Suites" a house's.
    assert sure(rooms, [*doors, "Tejo", "Castelo Suites"]) == doors


def test_a_lock_that_says_a_word_itself_denies_no_code_of_it() -> None:
    rooms = [*(f"Poblenou - {floor}º {door}" for floor in (1, 2, 3) for door in "AB"), "Gràcia - Ático"]
    rooms += [f"Poblenou - Ático {door}" for door in "AB"]
    doors = {f"POB {floor}{door}": f"Poblenou - {floor}º {door}" for floor in (1, 2, 3) for door in "AB"}
    doors |= {"GRA ATICO": "Gràcia - Ático", "POB AT A": "Poblenou - Ático A", "POB AT B": "Poblenou - Ático B"}
    assert sure(rooms, list(doors)) == doors


def test_a_letter_is_no_code_of_a_word_that_other_locks_say() -> None:
    rooms = [*(f"Annexe {number}" for number in range(1, 6)), *(f"Main {number}" for number in range(11, 16))]
    doors = {room: room for room in rooms if room not in ("Annexe 4", "Annexe 5")}
    assert sure(rooms, [*doors, "A 4", "A 5"]) == doors


def test_left_and_right_bear_each_other_out_by_their_letters() -> None:
    rooms = ["Stables - Left", "Stables - Right", *(f"Farmhouse Room {number}" for number in range(1, 7))]
    doors = {f"Farmhouse {number}": f"Farmhouse Room {number}" for number in range(1, 7)}
    both = {"Stables L": "Stables - Left", "Stables R": "Stables - Right"}
    assert sure(rooms, [*doors, *both]) == doors | both
    assert sure(rooms, [*doors, "Stables R"]) == doors


def test_all_consonants_of_a_name_say_it() -> None:
    rooms = ["Frangipani", "Hibiscus", "Orchid", "Jasmine", "Magnolia"]
    doors = dict(zip(["Frngpn", "Hbscs", "Orchd", "Jsmn", "Mgnl"], rooms, strict=True))
    assert sure(rooms, list(doors)) == doors
    # Of two names with these consonants neither is sure.
    assert sure([*rooms, "Brenda", "Brandy"], [*doors, "Brnd"]) == doors


def test_the_consonants_of_a_garden_or_a_street_say_no_room() -> None:
    doors = {"Flmng": "Fleming", "Wllc": "Wallace", "Brns": "Burns", "Strlng": "Stirling"}
    assert sure([*doors.values(), "Gordon", "Strata"], [*doors, "Grdn", "Strt"]) == doors
