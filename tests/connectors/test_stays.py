"""Ids of any shape become keys that can be read again."""

from hypothesis import given
from hypothesis import strategies as st

from connectors.stays import plain_id, safe_id
from mappers.keys import Keys

ids = (
    st.one_of(
        st.text(min_size=1, max_size=12),
        st.text(alphabet="a1%:/.2", min_size=1, max_size=8),
    )
    .map(str.strip)
    .filter(lambda text: text != "" and text.isprintable())
)


@given(ids)
def test_an_id_that_was_made_safe_can_be_made_plain_again(text: str) -> None:
    assert plain_id(safe_id(text)) == text


@given(ids, ids, st.integers(1, 12), st.integers(1, 12))
def test_a_key_made_of_safe_ids_is_read_as_it_was_made(booking: str, guest: str, span: int, generation: int) -> None:
    keys = Keys("elm/")
    booking_id = safe_id(booking)
    suffix = f".{generation}" if generation > 1 else ""
    for key in (keys.grant(booking_id, None, span), keys.grant(booking_id, safe_id(guest), span)):
        assert keys.booking_of(key + suffix) == booking_id


def test_an_ordinary_id_stays_as_it_is() -> None:
    for text in ("17", "R-101", "2026/09/18-1", "1418fb94e984-0123456789abcdef@airbnb.com", "a.b", "Zimmer 1"):
        assert safe_id(text) == text
