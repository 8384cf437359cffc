"""A word by which rooms are told apart, in another language on the locks."""

from tests.lock_names.test_propose import sure

SEA = {f"Camera vista mare {number}": f"Camera Vista Mare {number}" for number in range(1, 9)}
GARDEN = {
    "garden bungalow QUATTRO": "Bungalow Giardino Quattro",
    "3 - GARDEN BUNGALOW": "Bungalow Giardino Tre",
    "GARDEN BUNGALOW 08": "Bungalow Giardino Otto",
    "Bungalow giardino 5": "Bungalow Giardino Cinque",
    "Bungalow giardino SETTE": "Bungalow Giardino Sette",
}


def test_a_garden_beside_a_number_is_the_garden_of_the_rooms() -> None:
    doors = SEA | GARDEN
    assert sure(list(doors.values()), [*doors, "Garden shed", "Cancello"]) == doors


def test_a_garden_whose_number_another_lock_says_in_the_rooms_words_is_none_of_theirs() -> None:
    doors = SEA | GARDEN
    found = sure(list(doors.values()), [*doors, "Garden 5"])
    assert "Garden 5" not in found
    assert "garden bungalow QUATTRO" not in found


def test_a_colour_in_another_language_is_no_mistyped_room() -> None:
    doors = {
        f"{lock}-{number}": f"{room} {number}"
        for lock, room in {"ROOD": "Red", "BLAUW": "Blue", "GROEN": "Green"}.items()
        for number in range(1, 5)
    }
    assert sure(list(doors.values()), list(doors)) == doors


def test_a_city_in_its_own_language_is_that_city() -> None:
    doors = {"WIEN": "Vienna", "München": "Munich", "København": "Copenhagen", "Lisboa": "Lisbon", "Roma": "Rome"}
    assert sure(list(doors.values()), [*doors, "Lobby lift"]) == doors
