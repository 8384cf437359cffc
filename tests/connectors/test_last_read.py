"""What was last read of a booking is sealed, and opened as it was."""

from datetime import UTC, date, datetime

from connectors.last_read import Last, opened, sealed
from connectors.records import Booking, BookingStatus, Guest, Span, Term
from seam_workspace.seal import BOOKINGS, Seal

LAST = Last(
    Booking(
        id="b1",
        property_id="p1",
        number="52",
        status=BookingStatus.CONFIRMED,
        status_word="Reserved",
        arrival=date(2026, 9, 20),
        departure=datetime(2026, 9, 23, 11, tzinfo=UTC),
        room_id="r1",
        guest_ids=("b1:primary", "b1:2"),
        actual_arrival=datetime(2026, 9, 20, 9, 30, 1, 5, tzinfo=UTC),
        terms={"b1:2": Term(date(2026, 9, 21), None)},
        spans=(Span("r1", date(2026, 9, 20), date(2026, 9, 21)), Span(None, date(2026, 9, 21), date(2026, 9, 23))),
        child_ids=("b1:2",),
    ),
    {
        "b1:primary": Guest("b1:primary", "Anna", "Novak", "anna@example.com", "+43 660 1", has_id=False),
        "b1:2": Guest("b1:2", "Bob", merged_ids=("b1:3",)),
    },
)


def test_a_booking_is_opened_as_it_was_sealed_and_cannot_be_read_in_between() -> None:
    seal = Seal("seam_key", BOOKINGS)
    text = sealed(LAST, seal)
    assert opened(text, seal) == LAST
    assert "Novak" not in text
    assert "anna" not in text


def test_another_key_or_a_damaged_text_opens_nothing() -> None:
    text = sealed(LAST, Seal("seam_key", BOOKINGS))
    assert opened(text, Seal("seam_other", BOOKINGS)) is None
    assert opened(text, Seal("seam_key")) is None, "nor does the key of another purpose"
    assert opened(text[:-9], Seal("seam_key", BOOKINGS)) is None
    seal = Seal("seam_key", BOOKINGS)
    assert opened(seal.close({"booking": "{}", "guests": "[]"}), seal) is None
