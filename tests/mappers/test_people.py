"""Who is who on a booking of a PMS that gives people no ids."""

import pytest

from mappers.people import next_key, recognise
from mappers.resources import DesiredUserIdentity


def person(key: str, name: str | None, email: str | None = None, phone: str | None = None) -> DesiredUserIdentity:
    return DesiredUserIdentity(key, name, email, phone)


JANA = person("b1:primary", "Jana Novak", "jana@example.com")


def test_of_two_of_one_name_she_is_the_one_whose_contact_it_is_wherever_she_stands() -> None:
    now = [person("b1:primary", "Jana Novak", "jana@example.com")]
    known = [person("b1:primary", "Jana Novak"), person("b1:2", "Jana Novak", "jana@example.com")]
    assert recognise(now, known) == recognise(now, known[::-1]) == {"b1:primary": "b1:2"}


@pytest.mark.parametrize(
    "now",
    [
        person("b1:primary", "Jana Novak", "jana@example.com"),
        person("b1:primary", "Jana Nowak", "jana@example.com"),
        person("b1:primary", "J. Novak"),
        person("b1:primary", "J. Novakova"),
        person("b1:primary", "Jana Novvak"),
        person("b1:primary", "Jana Novakova", "jana@example.com"),
        person("b1:primary", "NOVÁK Jana"),
        person("b1:primary", "Jana Maria Novak"),
        person("b1:primary", "Jana Berger", "Jana@example.com"),
        person("b1:primary", "Jana Novak", "jana.novak@example.com"),
        person("b1:primary", None, "jana@example.com"),
        person("b1:primary", None),
        person("b1:primary", "Яна Новак"),
    ],
)
def test_a_corrected_record_is_the_same_person(now: DesiredUserIdentity) -> None:
    assert recognise([now], [JANA]) == {"b1:primary": "b1:primary"}


@pytest.mark.parametrize(
    "now",
    [
        person("b1:primary", "Petr Svoboda", "petr@example.com"),
        person("b1:primary", "Petr Svoboda"),
        person("b1:primary", "Hana Novak"),
        person("b1:primary", "Jan Novak"),
        person("b1:primary", "Petr Novak", "jana@example.com"),
        person("b1:primary", "Petr Svoboda", "jana@example.com"),
        person("b1:primary", "Jan Novak", "jan@example.com"),
        person("b1:primary", None, "petr@example.com"),
    ],
)
def test_another_name_without_a_common_contact_is_another_person_though_the_place_is_the_same(
    now: DesiredUserIdentity,
) -> None:
    assert recognise([now], [JANA]) == {}


def test_another_name_with_one_of_two_contacts_is_another_person() -> None:
    known = person("b1:primary", "Jana Novak", "jana@example.com", "+436601111111")
    assert recognise([person("b1:primary", "Petr Svoboda", "petr@example.com", "+436601111111")], [known]) == {}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("Guest8 Number8", "Guest31 Number31"),
        ("Guest 12", "Guest 13"),
        ("Guest 1", "Guest 11"),
        ("Maria Garcia", "Mario Garcia"),
        ("Jana Novak", "Jano Novak"),
        ("Anna Bauer", "Anne Bayer"),
        ("Daniel Novak", "Daniela Novak"),
        ("Petr Novak", "Jana Novakova"),
    ],
)
def test_names_that_are_alike_are_not_one_person_where_they_tell_people_apart(before: str, now: str) -> None:
    assert recognise([person("b1:primary", now)], [person("b1:primary", before)]) == {}


def test_guests_with_numbers_for_names_are_told_apart_whatever_address_they_share() -> None:
    agency = "booking@agency.example"
    known = person("b1:primary", "Guest 12", agency)
    assert recognise([person("b1:primary", "Guest 13", agency)], [known]) == {}
    assert recognise([person("b1:primary", "Guest 12", agency)], [known]) == {"b1:primary": "b1:primary"}


@pytest.mark.parametrize("mail", [None, "guest8@example.com"])
@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("Guest8 Number8", "Guest8 Number8e"),
        ("Corfen Anbelsol", "Corfen Anbelsole"),
        ("Guest Smithe 8", "Guest Smith 8"),
    ],
)
def test_a_surname_with_a_letter_more_or_less_is_the_same_person_also_with_a_number(
    before: str, now: str, mail: str | None
) -> None:
    known = person("b1:primary", before, mail)
    assert recognise([person("b1:primary", now, mail)], [known]) == {"b1:primary": "b1:primary"}


@pytest.mark.parametrize(
    ("before", "now"),
    [("Guest 12", "Guest 12e"), ("Guest12 Number12", "Guest123 Number123"), ("Jan Novak", "Jana Novak")],
)
def test_without_a_contact_a_letter_more_in_a_short_word_or_a_digit_is_somebody_else(before: str, now: str) -> None:
    assert recognise([person("b1:primary", now)], [person("b1:primary", before)]) == {}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("Mario Rossi", "Maria Rossi"),
        ("Jan Novak", "Jana Novak"),
        ("Jana Novak", "Hana Novak"),
        ("Dieter Ott", "Pieter Ott"),
    ],
)
def test_first_names_that_are_alike_are_two_people_also_at_one_address(before: str, now: str) -> None:
    known = person("b1:primary", before, "both@example.com")
    assert recognise([person("b1:primary", now, "both@example.com")], [known]) == {}


@pytest.mark.parametrize(
    ("before", "now"),
    [
        ("Katherin Rossi", "Katherine Rossi"),
        ("Mraia Rossi", "Maria Rossi"),
        ("M. Rossi", "Maria Rossi"),
        ("Rossi Maria", "Maria Rosi"),
        ("Maria Rossi", "Dr. Maria Rossi"),
    ],
)
def test_a_first_name_with_a_mistake_is_the_same_person_at_the_same_address(before: str, now: str) -> None:
    known = person("b1:primary", before, "maria@example.com")
    assert recognise([person("b1:primary", now, "maria@example.com")], [known]) == {"b1:primary": "b1:primary"}


def test_who_moves_up_in_the_list_is_told_by_name() -> None:
    adam = person("b1:additional:1", "Adam Alt")
    berta = person("b1:additional:2", "Berta Beck")
    now = [JANA, person("b1:additional:1", "Berta Beck")]
    assert recognise(now, [JANA, adam, berta]) == {
        "b1:primary": "b1:primary",
        "b1:additional:1": "b1:additional:2",
    }


def test_a_couple_with_one_address_is_told_apart_by_name() -> None:
    adam = person("b1:additional:1", "Adam Novak")
    assert recognise([person("b1:primary", "Adam Novak", "jana@example.com")], [JANA, adam]) == {
        "b1:primary": "b1:additional:1"
    }


def test_people_of_whom_nothing_is_known_are_told_by_their_place() -> None:
    two = [person("b1:primary", None), person("b1:additional:1", None)]
    assert recognise(two, list(reversed(two))) == {one.key: one.key for one in two}


def test_a_later_holder_of_a_place_is_still_of_that_place() -> None:
    assert next_key("b1:primary", 1) == "b1:primary"
    later = person(next_key("b1:primary", 2), None)
    assert recognise([person("b1:primary", "Jana Novak")], [later]) == {"b1:primary": "b1:primary:2"}


def test_what_the_pms_says_unchanged_is_the_same_person_whatever_seam_says() -> None:
    edited = person("b1:primary", "Somebody Else", "else@example.com")
    assert recognise([JANA], [edited]) == {}
    assert recognise([JANA], [edited], {("b1:primary", "b1:primary")}) == {"b1:primary": "b1:primary"}
