"""How many sleep in a room, where the locks say it too."""

from tests.lock_names.test_propose import sure

HOSTEL = {
    "P1 8os mix": "8-Bed Mixed Dorm (1)",
    "P2 6os mix": "6-Bed Mixed Dorm (2)",
    "P3 8os damski": "8-Bed Female Dorm (3)",
    "P4 6 os damski": "6-Bed Female Dorm (4)",
    "P16 2os": "Double Private (16)",
    "P17 2os twin": "Twin Private (17)",
    "P23 3os": "Triple Private (23)",
}


def test_how_many_sleep_there_is_no_number_of_the_room() -> None:
    assert sure(list(HOSTEL.values()), [*HOSTEL, "Kuchnia 1", "Kuchnia 2"]) == HOSTEL


def test_a_lock_with_another_number_of_beds_than_its_room_makes_all_of_it_unsure() -> None:
    locks = [*[one for one in HOSTEL if one != "P3 8os damski"], "P3 4os damski"]
    found = sure(list(HOSTEL.values()), locks)
    assert "P3 4os damski" not in found
    assert "P16 2os" not in found
