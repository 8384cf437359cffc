"""What is concluded from what a PMS lists and denies, and what is no news."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from connectors.ports import BookingsRead
from connectors.records import Booking
from reconciler.dealt_with import DealtWithRecords
from reconciler.pull import Pulled, ask_the_lists, weigh
from tests.builders import HOTEL, NOW, make_booking, make_guest

STORE: Any = None
"""What is kept in memory only needs none."""


def reader(*listed: Booking) -> Any:
    """Of a PMS whose lists have these, and that has none of those that it is asked for by id."""
    return SimpleNamespace(
        reservation_of=lambda booking_id: booking_id,
        bookings_within=lambda of, window: BookingsRead(list(listed), []),
        bookings_by_id=lambda of, ids: BookingsRead([], []),
        read_rooms=lambda of: ([], []),
    )


def test_of_what_a_list_shows_only_what_was_denied_is_in_contradiction() -> None:
    pulled = Pulled(HOTEL, full=False, gone={"b1", "b3"})
    ask_the_lists(reader(make_booking("b1"), make_booking("b2")), pulled, {"b1": NOW, "b3": NOW})
    assert (pulled.contradicted, pulled.gone) == ({"b1"}, {"b3"})


def test_bookings_that_never_had_access_say_nothing_against_a_pms_that_denies_them() -> None:
    there = make_booking("b1")
    pulled = Pulled(HOTEL, full=False, bookings={"b1": there}, gone={"b2", "b3"})
    weigh(reader(), pulled, {"b1": NOW})
    assert (pulled.doubt, pulled.gone) == (None, {"b2", "b3"})
    weigh(reader(), pulled, {"b1": NOW, "b2": NOW, "b3": NOW})
    assert pulled.doubt is not None
    assert (pulled.gone, pulled.doubtful) == (set(), {"b2", "b3"})


def test_as_long_as_lists_lose_rows_nothing_is_believed_to_be_gone() -> None:
    pulled = Pulled(HOTEL, full=True, bookings={"b1": make_booking("b1")}, gone={"b2"}, left_out=1)
    weigh(reader(), pulled, {"b1": NOW, "b2": NOW})
    assert (pulled.doubt, pulled.gone, pulled.doubtful) == (None, set(), {"b2"})


def test_what_changes_of_somebody_of_whom_the_pms_says_nothing_clear_is_news() -> None:
    booking = make_booking("b1", unclear_guest_ids=("g2",))
    people = {one: make_guest(one) for one in (*booking.guest_ids, "g2")}
    pulled = Pulled(HOTEL, full=False, bookings={"b1": booking}, guests=people)
    dealt_with = DealtWithRecords()
    dealt_with.note(pulled, {"b1"}, NOW, STORE)
    assert dealt_with.no_news(pulled, NOW) == {"b1"}
    pulled.guests["g2"] = replace(people["g2"], last_name="Svobodova")
    assert dealt_with.no_news(pulled, NOW) == set()


def test_a_booking_that_comes_back_from_another_property_just_as_it_was_is_news() -> None:
    here = Pulled(HOTEL, full=False, bookings={"b1": make_booking("b1")})
    dealt_with = DealtWithRecords()
    for pulled in (here, replace(here, of=replace(HOTEL, id="annexe"))):
        dealt_with.note(pulled, {"b1"}, NOW, STORE)
        assert dealt_with.no_news(pulled, NOW) == {"b1"}
    assert dealt_with.no_news(here, NOW) == set()


def test_where_another_process_had_the_turn_in_between_everything_is_news_once_more() -> None:
    pulled = Pulled(HOTEL, full=False, bookings={"b1": make_booking("b1")})
    dealt_with = DealtWithRecords()
    for turn, remembered in ((1, False), (2, True), (2, True), (4, False)):
        dealt_with.begin(turn)
        assert dealt_with.remembers(HOTEL.id) is remembered
        dealt_with.note(pulled, {"b1"}, NOW, STORE)
