"""Orders to encode cards: one at a time at an encoder, each with what came of it."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from store.cards import KEEP, TAKES_AT_MOST, CardBusy, CardEncoding, CardEncodings, EncoderBusy
from store.engine import Database

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
ORDER = CardEncoding(0, "alpen", "p1", "b1", "b1", "g1", "m1", "101", "e1", "Desk 1", "anna", NOW)


def test_an_encoder_has_one_card_at_a_time_whoever_asks(store: Database) -> None:
    book = CardEncodings(store, "alpen")
    first = book.begin(ORDER)
    with pytest.raises(EncoderBusy):
        book.begin(replace(ORDER, booking_id="b2"))
    with pytest.raises(EncoderBusy):
        CardEncodings(store, "isar").begin(replace(ORDER, connection="isar"))
    with pytest.raises(CardBusy):
        book.begin(replace(ORDER, encoder_id="e2"))
    assert book.begin(replace(ORDER, method_id="m2", encoder_id="e2")) != first
    assert book.end(first, "written", NOW)
    assert not book.end(first, "failed", NOW), "it ends once"
    assert book.begin(ORDER) not in (first, 0)


def test_one_that_nobody_followed_is_given_up_when_the_next_one_comes(store: Database) -> None:
    book = CardEncodings(store, "alpen")
    first = book.begin(ORDER)
    second = book.begin(replace(ORDER, booking_id="b2", asked_at=NOW + TAKES_AT_MOST))
    assert [(one.id, one.outcome) for one in book.of_booking("b1")] == [(first, "unknown")]
    assert [(one.id, one.outcome) for one in book.of_booking("b2")] == [(second, None)]


def test_the_encoder_of_a_user_is_remembered_and_else_that_of_the_house(store: Database) -> None:
    book = CardEncodings(store, "alpen")
    assert book.last_encoder_of("p1", "anna") is None
    for encoder, who in (("e1", "anna"), ("e2", "otto")):
        book.end(book.begin(replace(ORDER, encoder_id=encoder, who=who)), "written", NOW)
    assert [book.last_encoder_of("p1", who) for who in ("anna", "otto", "nora")] == ["e1", "e2", "e2"]
    assert book.last_encoder_of("p2", "anna") is None


def test_they_are_forgotten_in_time(store: Database) -> None:
    book = CardEncodings(store, "alpen")
    book.end(book.begin(ORDER), "failed", NOW, "encoder_not_online", "offline")
    book.forget_old(NOW + KEEP - timedelta(days=1))
    (kept,) = book.of_booking("b1")
    assert (kept.error, kept.why, kept.ended_at) == ("encoder_not_online", "offline", NOW)
    book.forget_old(NOW + KEEP)
    assert book.of_booking("b1") == []
