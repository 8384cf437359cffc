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
