"""Names, e-mails and phones as Seam wants them."""

import pytest

from mappers.keys import Keys, split_generation, with_generation
from mappers.resources import DesiredUserIdentity
from mappers.user_identities import desired_user_identity, e164, without_duplicate_contacts
from tests.builders import make_guest


@pytest.mark.parametrize("raw", ["+43 660 123 45 67", "0043 660 1234567", "0660/1234567", "+43 (0) 660 1234567"])
def test_a_phone_number_is_the_same_however_it_is_written(raw: str) -> None:
    assert e164(raw, "AT") == "+436601234567"


@pytest.mark.parametrize(
    "raw",
    [
        "+43 660 1234567 (Ann)",
        "+43 660 1234567 ext 99",
        "+43 660 1234567 / +43 660 9999999",
        "436601234567",
        "660 1234567",
    ],
)
def test_what_stands_beside_a_number_is_no_part_of_it(raw: str) -> None:
    assert e164(raw, "AT") == "+436601234567"


def test_letters_are_never_the_keys_of_a_phone() -> None:
    assert e164("1-800-FLOWERS", "US") is None


def test_a_local_number_is_read_in_the_propertys_country() -> None:
    assert e164("(415) 555-2671", "US") == "+14155552671"
    assert e164("0043 660 1234567", "US") == "+436601234567"


@pytest.mark.parametrize("raw", ["call me", "12", "+999 123", "00", "0660/12345678901234"])
def test_what_is_no_phone_number_is_left_out_and_remarked_upon(raw: str) -> None:
    identity = desired_user_identity(make_guest(phone=raw), "AT", Keys())
    assert identity.phone_number is None
    assert any("phone" in remark for remark in identity.remarks)
    assert raw not in " ".join(identity.remarks) or raw == "00"


@pytest.mark.parametrize("raw", ["not an address", "a@b", "two@@example.com", "jana@exam ple.com", "jáňa@example.com"])
def test_what_is_no_email_address_is_left_out_and_remarked_upon(raw: str) -> None:
    identity = desired_user_identity(make_guest(email=raw), "AT", Keys())
    assert identity.email_address is None
    assert any("e-mail" in remark for remark in identity.remarks)


def test_names_are_trimmed_and_an_emptied_profile_has_none() -> None:
    named = desired_user_identity(make_guest(first_name="  Jana ", last_name=" von  Novak "), "AT", Keys())
    assert named.full_name == "Jana von Novak"
    assert desired_user_identity(make_guest(first_name="", last_name=" "), "AT", Keys()).full_name is None


def one(key: str, email: str | None = None, phone: str | None = None) -> DesiredUserIdentity:
    return DesiredUserIdentity(key, "Jana Novak", email, phone)


def test_the_second_of_two_guests_goes_without_the_email_they_share() -> None:
    first, second = without_duplicate_contacts([one("a", "x@example.com"), one("b", "X@example.com", "+1")], {})
    assert first.email_address == "x@example.com"
    assert second.email_address is None
    assert second.phone_number == "+1"
    assert "another person" in second.remarks[0]


def test_whoever_holds_a_contact_in_seam_keeps_it() -> None:
    first, second = without_duplicate_contacts(
        [one("a", "x@example.com"), one("b", "x@example.com")], {"x@example.com": "b"}
    )
    assert first.email_address is None
    assert second.email_address == "x@example.com"


def test_a_contact_of_somebody_we_do_not_know_stays_with_her() -> None:
    (identity,) = without_duplicate_contacts([one("a", "x@example.com")], {"x@example.com": "somebody"})
    assert identity.email_address is None


def test_a_contact_that_its_holder_gives_up_is_free() -> None:
    first, second = without_duplicate_contacts(
        [one("a", "new@example.com"), one("b", "x@example.com")], {"x@example.com": "a"}
    )
    assert first.email_address == "new@example.com"
    assert second.email_address == "x@example.com"


def test_generations_are_read_as_they_are_written() -> None:
    for generation in (1, 2, 3, 12):
        assert split_generation(with_generation("b1:g2", generation)) == ("b1:g2", generation)
    assert split_generation("b1.1") == ("b1.1", 1)
    assert Keys("p/").booking_of("p/b1:g2.3") == "b1"
    assert Keys("p/").booking_of("q/b1") is None


def test_the_last_digits_of_a_phone_are_no_number_and_no_mistake() -> None:
    identity = desired_user_identity(make_guest(phone="4567"), "AT", Keys())
    assert (identity.phone_number, identity.remarks) == (None, ())
