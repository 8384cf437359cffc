"""Builders: records and resources with everything filled in, so that a test names only what it is about."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

from connectors.records import Booking, BookingStatus, Guest, Property, Room

NOW = datetime(2026, 9, 18, 10, 0, tzinfo=UTC)
HOTEL = Property("hotel", "Hotel Alpenblick", "Europe/Vienna", "AT")


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def make_room(room_id: str = "r101", name: str = "101", kind: str | None = "Room", **rest: Any) -> Room:
    return Room(
        room_id,
        HOTEL.id,
        name,
        kind,
        **({"check_in": time(15), "check_out": time(11)} | rest),
    )


def make_guest(guest_id: str = "g1", **rest: Any) -> Guest:
    return Guest(
        guest_id,
        **({"first_name": "Jana", "last_name": "Novak", "email": f"{guest_id}@example.com", "phone": None} | rest),
    )


def make_booking(booking_id: str = "b1", **rest: Any) -> Booking:
    """A confirmed booking of room 101 by guest g1, arriving in two days for three nights."""
    fields: dict[str, Any] = {
        "property_id": HOTEL.id,
        "number": "52",
        "status": BookingStatus.CONFIRMED,
        "status_word": "Confirmed",
        "arrival": NOW.replace(hour=13) + timedelta(days=2),
        "departure": NOW.replace(hour=9) + timedelta(days=5),
        "room_id": "r101",
        "requested_kind": "Room",
        "guest_ids": ("g1",),
    }
    return Booking(booking_id, **(fields | rest))
