"""Foreign text is clean from the moment a record is made."""

from dataclasses import replace

import pytest

from connectors.plain_text import LONGEST_LABEL, plain
from connectors.records import BrokenRecord, Guest, Property
from tests.builders import make_booking, make_guest, make_room


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("Jana Novák", "Jana Novák"),
        ("Jana \ud83d", "Jana \ufffd"),
        ("Jana\x00Novak", "Jana Novak"),
        ("Jana\r\n\tNovak", "Jana Novak"),
        ("\u202eJana\u202c", "Jana"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("J\u00a0N", "J\u00a0N"),
        ("\U0001f600", "\U0001f600"),
        ("x" * 500, "x" * 40),
        ("", ""),
    ],
)
def test_text_is_cleaned_and_what_means_something_stays(text: str, clean: str) -> None:
    assert plain(text, 40) == clean


def test_every_record_cleans_its_own_text() -> None:
    bad = "a\ud83d\x00\u202e" + "b" * 1_000
    assert make_room(name=bad).name == plain(bad, LONGEST_LABEL)
    assert replace(make_booking(), number=bad).number.encode()
    assert replace(make_guest(), first_name=bad, email=bad).first_name.encode()
    assert Property("p", bad, "Europe/Vienna").name.encode()
    assert BrokenRecord("booking", "b\ud83d", bad).id == "?"
    assert Guest("g").phone is None
