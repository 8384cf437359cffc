"""Ids of any shape become keys that can be read again."""

from datetime import date, timedelta
from random import Random
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.stays.beside import double_bookings
from connectors.stays.ids import plain_id, safe_id
from connectors.stays.join import join
from connectors.stays.recognise import Known, recognise
from connectors.stays.stay import Part, Piece
from connectors.stays.who import who
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


@pytest.mark.slow
@pytest.mark.parametrize("named", [True, False])
def test_thousands_of_stays_are_told_apart_in_time_that_grows_with_them(named: bool) -> None:
    def stays(number: int, tag: str) -> list[Piece]:
        pieces = []
        for place in range(number):
            first = date(2026, 1, 1) + timedelta(days=place // 2)
            part = Part("1", first, first + timedelta(days=3), first, first + timedelta(days=3))
            pieces.append(Piece("feed", "elm", "", f"{tag}{place}", part, who(f"Guest Name{place}" if named else "")))
        return pieces

    def took(number: int) -> float:
        begun = process_time()
        known = join(stays(number, "a"))
        ids = recognise(known, {}, date(2026, 1, 1)).ids
        again = join(stays(number, "b"))
        remembered = {one: Known(stay) for one, stay in zip(ids, known, strict=True)}
        assert recognise(again, remembered, date(2026, 1, 1)).ids
        double_bookings(dict(zip(ids, known, strict=True)))
        return process_time() - begun

    took(500)
    once, twice = min(took(4000) for _ in range(5)), min(took(8000) for _ in range(5))
    assert twice < 2.5 * once + 0.05


DAY = date(2026, 9, 1)
pieces = st.builds(
    lambda source, number, uid, room, first, nights, name, lives: Piece(
        source,
        "elm",
        number,
        uid,
        Part(
            room,
            DAY + timedelta(first),
            DAY + timedelta(first + nights),
            DAY + timedelta(first),
            DAY + timedelta(first + nights),
        ),
        who(name),
        lives,
    ),
    st.sampled_from(["f1", "f2"]),
    st.sampled_from(["", "", "A1", "B2"]),
    st.sampled_from(["", "0", "1"]),
    st.sampled_from(["lake", "hill"]),
    st.integers(0, 8),
    st.integers(1, 4),
    st.sampled_from(["", "Anna", "Anna Novak", "Ben Maier"]),
    st.booleans(),
)


@given(st.lists(pieces, max_size=9), st.randoms(use_true_random=False))
def test_a_reading_means_the_same_in_any_order(several: list[Piece], chance: Random) -> None:
    shuffled = list(several)
    chance.shuffle(shuffled)

    def meaning(read: list[Piece]) -> list[tuple[str, list[str]]]:
        stays = join(read)
        ids = recognise(stays, {}, DAY).ids
        assert sorted(place for one in stays for place in one.pieces) == list(range(len(read)))
        assert len(set(ids)) == len(ids)
        return sorted(
            (key, sorted(repr(read[place]) for place in one.pieces)) for key, one in zip(ids, stays, strict=True)
        )

    assert sorted(members for _, members in meaning(several)) == sorted(members for _, members in meaning(shuffled))


@given(st.lists(pieces, max_size=9))
def test_no_stay_has_two_numbers_or_a_night_without_a_room(several: list[Piece]) -> None:
    for one in join(several):
        alive = [several[place] for place in one.pieces if several[place].lives is one.lives]
        assert len({piece.number for piece in alive if piece.number}) <= 1
        nights = {
            piece.part.first + timedelta(day)
            for piece in alive
            for day in range((piece.part.last - piece.part.first).days)
        }
        assert nights == {one.first + timedelta(day) for day in range((one.last - one.first).days)}


@given(st.lists(pieces, max_size=9))
def test_the_same_reading_again_has_the_same_ids(several: list[Piece]) -> None:
    stays = join(several)
    ids = recognise(stays, {}, DAY).ids
    known = {key: Known(one, readings=3) for key, one in zip(ids, stays, strict=True)}
    again = recognise(join(several), known, DAY, ["f1", "f2"])
    assert (again.ids, again.either) == (ids, {})
