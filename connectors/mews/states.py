"""What Mews's words for a reservation's state mean. Facts: Mews Connector API documentation, Get all reservations."""

from connectors.mews.wire import Json
from connectors.records import BookingStatus

STATES = {
    "Inquired": BookingStatus.TENTATIVE,
    "Requested": BookingStatus.TENTATIVE,
    "Optional": BookingStatus.TENTATIVE,
    "Confirmed": BookingStatus.CONFIRMED,
    "Started": BookingStatus.IN_HOUSE,
    "Processed": BookingStatus.CHECKED_OUT,
    "Canceled": BookingStatus.CANCELLED,
}
WITHOUT_GUESTS = frozenset(
    {BookingStatus.CHECKED_OUT, BookingStatus.CANCELLED, BookingStatus.NO_SHOW, BookingStatus.TENTATIVE}
)
"""Bookings that give no access: nobody's profile is read for them."""


def status_alone(item: Json) -> BookingStatus | None:
    """The status of a reservation of which nothing else may be readable."""
    word = item.get("State")
    if not isinstance(word, str) or word not in STATES:
        return None
    return status_of({"State": word, "CancellationReason": item.get("CancellationReason")})


def status_of(reservation: Json) -> BookingStatus:
    """Of a reservation that was read."""
    status = STATES.get(reservation["State"], BookingStatus.UNKNOWN)
    if status is BookingStatus.CANCELLED and reservation["CancellationReason"] == "NoShow":
        return BookingStatus.NO_SHOW
    return status
