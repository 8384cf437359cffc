"""Whoever is not on a list of companions any more is asked for by the booking before anything is concluded."""

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

from connectors.ports import BookingsRead
from mappers.keys import Keys
from mappers.outcomes import Kind
from reconciler.missing import Missing
from reconciler.pull import Pulled
from tests.builders import HOTEL, make_booking, make_guest


def test_a_pms_that_answers_with_more_of_a_reservation_than_was_asked_for_ends_no_run() -> None:
    mine = make_booking()
    other = replace(mine, id="another-room")
    answer = BookingsRead(bookings=[mine, other], guests={})
    reader: Any = SimpleNamespace(bookings_by_id=lambda of, ids: answer)
    link: Any = SimpleNamespace(kind=Kind.ACCESS_GRANT, booking_id=mine.id, user_identity_key="gone")
    pulled = Pulled(HOTEL, full=True, bookings={mine.id: mine}, guests={one: make_guest(one) for one in mine.guest_ids})
    Missing(reader, Keys(""), {(Kind.ACCESS_GRANT, "k"): link}).recheck_guests(pulled, {mine.id: []})
    assert pulled.bookings == {mine.id: mine}


def test_whoever_has_left_by_the_pmss_own_word_is_not_missing_from_its_lists() -> None:
    """One was taken off, and of another the PMS says that she has left: nothing is in doubt about the lists."""
    taken_off = replace(make_booking(), id="1", guest_ids=("a",), has_primary=False)
    moved_out = replace(make_booking(), id="2", guest_ids=("c",), left_guest_ids=("d",), has_primary=False)
    bookings = {one.id: one for one in (taken_off, moved_out)}
    reader: Any = SimpleNamespace(bookings_by_id=lambda of, ids: BookingsRead([bookings[one] for one in ids], {}))
    links: Any = {
        (Kind.ACCESS_GRANT, f"{booking}:{guest}"): SimpleNamespace(
            kind=Kind.ACCESS_GRANT, booking_id=booking, user_identity_key=guest
        )
        for booking, guest in ("1a", "1b", "2c", "2d")
    }
    pulled = Pulled(HOTEL, full=False, bookings=dict(bookings), guests={one: make_guest(one) for one in "ac"})
    Missing(reader, Keys(""), links).recheck_guests(pulled, {"1": [], "2": []})
    assert pulled.doubt is None
    assert not [one.unclear_guest_ids for one in pulled.bookings.values() if one.unclear_guest_ids]
