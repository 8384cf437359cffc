"""What people write into a field for a phone, and which digits of it are the phone's."""

import pytest

from connectors.phones import phone_in


@pytest.mark.parametrize(
    "text",
    [
        "+43 660 5551234",
        "+436605551234",
        "tel:+436605551234",
        "+43 (0) 660 5551234",
        "+43(0)660 5551234",
        "0043 660 5551234",
        "00 43 660 5551234",
        "(+43) 660 5551234",
        "+43/660/5551234",
        "+43-660-555-1234",
        "+43.660.555.1234",
        "+43 660 555 1234",
        "&nbsp;+43&nbsp;660&nbsp;5551234",
        "＋４３ 660 ５５５１２３４",
        "+٤٣ ٦٦٠ ٥٥٥١٢٣٤",
        "+४३ ६६० ५५५१२३४",
        "‪+43 660 5551234‬",
        "+43 660 5551234 (Ann)",
        "+43 660 5551234 ext 99",
        "+43 660 5551234 ext. 99",
        "+43 660 5551234 x99",
        "+43 660 5551234x99",
        "+43 660 5551234 #12",
        "+43 660 5551234 room 12",
        "+43 660 5551234 2 guests",
        "+43 660 5551234 (2 guests)",
        "+43 660 5551234 2 Gäste",
        "+43 660 5551234 - 2 guests",
        "+43 660 5551234. 2 guests",
        "+43 660 5551234, 2 guests",
        "+43 660 5551234; +43 660 5559999",
        "+43 660 5551234 / +43 660 5559999",
        "+43 660 5551234 or +43 660 5559999",
        "+43 660 5551234 +43 660 5559999",
        "+43 660 5551234\n2026-03-01",
        "Ann: +43 660 5551234",
        "mobile +43 660 5551234",
        "n/a / +43 660 5551234",
    ],
)
def test_a_number_is_read_without_what_stands_beside_it(text: str) -> None:
    assert (phone_in(text).number, phone_in(text).last_4) == ("+436605551234", "1234")


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("(212) 555-1234", "2125551234"),
        ("0660/5551234", "06605551234"),
        ("0660 / 555 12 34", "06605551234"),
        ("436605551234/436605559999", "436605551234"),
        ("+49 (0) 8821 / 12345", "+49882112345"),
        ("+43 660 555 12 34 Anna", "+436605551234"),
    ],
)
def test_signs_within_a_number_belong_to_it(text: str, number: str) -> None:
    assert phone_in(text).number == number


@pytest.mark.parametrize("text", ["1234", "***-***-1234", "+43 *** *** 1234", "xxx-xxx-1234", "(1234)", "•••• 1234"])
def test_the_last_four_digits_may_be_all_that_is_told(text: str) -> None:
    assert (phone_in(text).number, phone_in(text).last_4, phone_in(text).is_end_only) == (None, "1234", True)


@pytest.mark.parametrize(
    "text",
    ["", "   ", "call me", "12", "1-800-FLOWERS", "room 1234", "HMABCD1234567890", "0660/12345678901234", "n/a", "00"],
)
def test_letters_codes_and_rooms_are_no_phone(text: str) -> None:
    assert (phone_in(text).number, phone_in(text).last_4) == (None, None)


def test_a_phone_is_in_no_repr() -> None:
    assert "1234" not in repr(phone_in("+43 660 5551234"))
