"""Words before a name that locks shorten."""

from tests.lock_names.test_propose import sure

FLATS = {
    "R. Rosa nr 112 apt 2A": "Rua da Rosa 112 - 2A T2",
    "R. Rosa 12/2b": "Rua da Rosa 12 - 2B",
    "RUA ROSA 12 - 1A": "Rua da Rosa 12 - 1A T1",
    "Tv. Rosa 12 - 2B": "Travessa da Rosa 12 - 2B",
    "Trav. da Rosa 12, 1º A": "Travessa da Rosa 12 - 1A",
    "R. S. Bento 48, 3º A": "Rua de São Bento 48 - 3A T1",
    "SÃO BENTO 48/2b": "Rua de São Bento 48 - 2B",
    "Rua Sao Bento nr 48 apt 1B": "Rua de São Bento 48 - 1B",
}


def test_a_street_is_shortened_as_the_rooms_streets_allow() -> None:
    assert sure(list(FLATS.values()), [*FLATS, "Escritório"]) == FLATS


def test_what_may_be_two_streets_is_neither() -> None:
    rooms = {f"{street} da Rosa 12 - {flat}" for street in ("Rua", "Rampa") for flat in ("1A", "2A", "3A")}
    assert sure(sorted(rooms), [f"R. Rosa 12 - {flat}" for flat in ("1A", "2A", "3A")]) == {}
