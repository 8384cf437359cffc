"""Flats that are told by how many bedrooms they have."""

from tests.lock_names.test_propose import sure

FLATS = {
    "2-bed apt 04": "2BR - 04",
    "2 BEDROOM APARTMENT 5": "2BR - 05",
    "Two Bedroom 6": "2BR - 06",
    "1 Bedroom Apartment 04": "1BR - 04",
    "One Bedroom 05": "1BR - 05",
    "1-bed apt 6": "1BR - 06",
    "Studio 4": "STU - 04",
    "studio-05": "STU - 05",
    "STUDIO no 6": "STU - 06",
}


def test_flats_of_one_number_are_told_by_their_bedrooms() -> None:
    assert sure(list(FLATS.values()), [*FLATS, "Gym", "Laundry 1"]) == FLATS


def test_sizes_tell_nothing_where_a_lock_has_one_that_no_flat_has() -> None:
    sized = {lock for lock in FLATS if "tudio" not in lock.lower()}
    assert not sized & sure(list(FLATS.values()), [*FLATS, "3-bed apt 04"]).keys()
