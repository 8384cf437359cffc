"""Locks that say the name of one room alone, and what else they say."""

import pytest

from lock_names.own_names import without_what_names_explain
from tests.lock_names.test_propose import sure

NAMES = (
    "Nopal",
    "Iguana",
    "Barro",
    "Cacao",
    "Añil",
    "Luna",
    "Sol",
    "Monte Albán",
    "Hierve el Agua",
    "Yagul",
    "Mitla",
    "Niebla",
)
ROOMS = [f"{name} · {'Suite' if at > 8 else 'Hab.'} {at} · Terraza" for at, name in enumerate(NAMES, 1)]
LOCKS = {
    f"hab{at:02}_{name.replace(' ', '').lower()}": room
    for at, (name, room) in enumerate(zip(NAMES, ROOMS, strict=True), 1)
}
CHAMBRES = {
    name: f"Chambre {name} (double, {1 + at % 2}er étage)"
    for at, name in enumerate(("Sauge", "Thym", "Lavande", "Genêt", "Romarin", "Mimosa", "Cigale", "Pastis"))
}
VILLAS = {
    name: f"Villa {name} - {1 + at % 4}BR Private Pool"
    for at, name in enumerate(("Kenanga", "Bulan", "Melati", "Padi", "Sawah", "Teratai", "Lotus", "Mangga"))
}


@pytest.mark.parametrize("codes", [("_M302", "_S31"), ("", "_S31"), (" (TL20)", " KX402B")])
def test_a_code_behind_the_number_and_the_name_of_one_room_is_a_model(codes: tuple[str, str]) -> None:
    locks = {lock + codes[at % 3 == 0]: room for at, (lock, room) in enumerate(LOCKS.items())}
    assert sure(ROOMS, [*locks, "azotea_bar_S31", "lavanderia_M302"]) == locks


@pytest.mark.parametrize("code", ["_S31", "_B12"])
def test_a_code_behind_a_number_alone_stays(code: str) -> None:
    locks = [lock.split("_")[0] + (code if at % 3 == 0 else "") for at, lock in enumerate(LOCKS)]
    assert without_what_names_explain(dict(zip(locks, locks, strict=True)), ROOMS) == dict(
        zip(locks, locks, strict=True)
    )


def test_a_code_that_a_room_says_or_that_two_locks_alone_have_stays() -> None:
    names = {lock: f"{lock}_S31" if at < 2 else lock for at, lock in enumerate(LOCKS)}
    assert without_what_names_explain(names, ROOMS)["hab01_nopal"] == "hab01_nopal_S31"
    everywhere = {lock: f"{lock}_S31" for lock in LOCKS}
    assert without_what_names_explain(everywhere, [*ROOMS, "Casa S31"])["hab01_nopal"] == "hab01_nopal_S31"


def test_the_number_of_another_room_is_not_explained_by_a_name() -> None:
    locks = {lock: f"hab{at + 20}_{lock[6:]}_S31" for at, lock in enumerate(LOCKS)}
    assert without_what_names_explain(locks, ROOMS)["hab01_nopal"] == "hab20_nopal_S31"


def test_a_word_for_a_room_before_a_name_is_the_room_s_where_the_others_leave_it_out() -> None:
    locks = {f"Ch. {lock}" if lock in ("Thym", "Mimosa") else lock: room for lock, room in CHAMBRES.items()}
    assert sure(list(CHAMBRES.values()), [*locks, "Buanderie", "Bureau Sylvie"]) == locks


@pytest.mark.parametrize("other", ["Apt Thym", "Ch. Thym 2", "Résidence Thym", "Annexe Thym"])
def test_another_word_or_a_number_beside_a_name_stays(other: str) -> None:
    names = {lock: other if lock == "Thym" else lock for lock in CHAMBRES}
    assert without_what_names_explain(names, list(CHAMBRES.values())) == names


def test_of_two_locks_with_one_name_none_is_made_the_other() -> None:
    names = {lock: lock for lock in (*CHAMBRES, "Ch. Thym")}
    assert without_what_names_explain(names, list(CHAMBRES.values())) == names


def test_how_many_sleep_there_is_the_room_s_beside_its_name() -> None:
    locks = {
        f"IGM4 {lock} {room.split()[3] + ' ' if lock in ('Bulan', 'Padi') else ''}{8840 + at}": room
        for at, (lock, room) in enumerate(VILLAS.items())
    }
    assert sure(list(VILLAS.values()), [*locks, "IGM4 Staff gate 8891"]) == locks


def test_the_doors_of_a_villa_s_bedrooms_are_not_the_villa_s() -> None:
    names = {lock: lock for lock in (*VILLAS, "Padi 1BR", "Padi 4BR")}
    assert without_what_names_explain(names, list(VILLAS.values())) == names


HOTES = ("Colette", "Giono", "Pagnol", "Mistral", "Zola")


def test_a_storey_behind_a_name_says_nothing_where_rooms_do_not_have_it() -> None:
    locks = {f"CH {name} {'1er' if at % 2 else '2e'}": f"Chambre d'hôtes {name}" for at, name in enumerate(HOTES)}
    locks |= {
        f"G{at:02} {name}": f"Gîte {name} (4 pers.)"
        for at, name in enumerate(("Thym", "Sauge", "Fenouil", "Basilic"), 1)
    }
    assert sure(list(locks.values()), [*locks, "Buanderie"]) == locks


def test_a_storey_stays_where_the_room_has_a_number_or_two_locks_have_the_name() -> None:
    names = {name: f"CH {name} 2e" for name in HOTES}
    numbered = [f"Chambre d'hôtes {name} {at}" for at, name in enumerate(HOTES, 1)]
    assert without_what_names_explain(names, numbered) == names
    twice = names | {f"{name} 1er": f"CH {name} 1er" for name in HOTES}
    assert without_what_names_explain(twice, [f"Chambre d'hôtes {name}" for name in HOTES]) == twice
