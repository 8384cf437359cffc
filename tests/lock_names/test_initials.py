"""First letters of what rooms are called."""

import pytest

from lock_names.initials import with_initials_spelled_out
from tests.lock_names.test_propose import sure

FLATS = [f"{house} Baker Street - {storey} Floor Flat" for house in (12, 14) for storey in ("Ground", "First", "Top")]


def test_several_words_first_letters_are_the_words() -> None:
    doors = {f"Baker {flat[:2]} {flat.split(' - ')[1][0]}FF": flat for flat in FLATS}
    assert sure(FLATS, [*doors, "Baker 12 communal"]) == doors


@pytest.mark.parametrize(
    "locks",
    [
        ["GFF"],  # One alone may be whatever.
        ["BS 12", "BS 14"],  # Two words only.
        ["GFX", "TFX"],
    ],
)
def test_other_letters_stay_as_they_are(locks: list[str]) -> None:
    names = {lock: lock for lock in locks}
    assert with_initials_spelled_out(names, FLATS) == names


def test_letters_of_two_different_parts_tell_nothing() -> None:
    rooms = ["First Floor Front", "First Floor Flat", "Top Floor Flat", "Ground Floor Flat"]
    names = {"FFF": "FFF", "TFF": "TFF", "GFF": "GFF"}
    found = with_initials_spelled_out(names, rooms)
    assert found["FFF"] == "FFF"
    assert found["TFF"].split() == ["top", "floor", "flat"]


def test_a_word_of_the_rooms_own_is_not_spelled_out() -> None:
    rooms = ["TFF Suite", "Top Floor Flat", "Ground Floor Flat"]
    names = {"1": "TFF", "2": "GFF", "3": "TFF Suite"}
    assert with_initials_spelled_out(names, rooms) == names
