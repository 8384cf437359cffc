"""The files as they were read for one run, and what they may have."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.records import Booking, BookingStatus, BrokenRecord, Guest, Property, Room
from connectors.stays.stay import Stay
from connectors.stays.who import Who

PERSON = ("guest_id", "first_name", "last_name", "name", "email", "phone")

COLUMNS = {
    "rooms": (
        *("property_id", "property_name", "time_zone", "country", "room_id", "room_name", "kind", "active"),
        *("parent_id", "connected_ids", "check_in", "check_out"),
    ),
    "bookings": (
        *("property_id", "booking_id", "number", "room_id", "kind", "status", "arrival", "departure", "nights"),
        *("lease_end", "role", *PERSON),
    ),
    "guests": PERSON,
}
"""What the files may have, by the names that `columns` renames."""

REQUIRED = {
    "rooms": ("room_id",),
    "bookings": ("booking_id", "room_id", "arrival", ("departure", "nights")),
    "guests": ("guest_id",),
}

LIVE = (BookingStatus.IN_HOUSE, BookingStatus.CONFIRMED)

WITHOUT_ACCESS = (
    BookingStatus.TENTATIVE,
    BookingStatus.CANCELLED,
    BookingStatus.NO_SHOW,
    BookingStatus.CHECKED_OUT,
)


class Unreadable(Exception):
    """A row of which no record can be made; the message says why, without the value, as the end of a sentence."""


@dataclass(frozen=True, slots=True)
class Line:
    """A row of bookings, understood."""

    place: str
    booking_id: str
    number: str
    status: BookingStatus
    word: str
    room_id: str | None
    kind: str | None
    arrival: datetime | date
    departure: datetime | date | None
    lease_end: date | None
    role: str
    guest: Guest | None
    """Without an id where the row has none."""
    person: Who
    is_shared: bool = False
    """Whether the row names more people than her."""
    doubt: str = ""
    """What somebody has to decide before it gives access, as a sentence without its stop."""


@dataclass(slots=True)
class Snapshot:
    """The files, as they were read for one run."""

    mark: str = ""
    properties: dict[str, Property] = field(default_factory=dict)
    rooms: dict[str, dict[str, Room]] = field(default_factory=dict)
    """By property and id."""
    room_words: dict[str, dict[str, str]] = field(default_factory=dict)
    """By property: the ids of the rooms by what else a booking may call them."""
    bookings: dict[str, Booking] = field(default_factory=dict)
    stays: dict[str, Stay] = field(default_factory=dict)
    guests: dict[str, Guest] = field(default_factory=dict)
    entries: int = 0
    """Rows of bookings, readable or not."""
    untold: set[str] = field(default_factory=set)
    """Bookings that are there, or may be, and are not known to be as they were."""
    broken: list[tuple[str, BrokenRecord]] = field(default_factory=list)
    """With the property that they are reported under."""
    there: set[str] = field(default_factory=set)
    """Properties of which every row has an id, so that what is missing is missing."""


def zone_of(of: Property | None) -> tzinfo:
    """The property's; UTC where it has none that exists: then `in_zone` complains where it matters."""
    try:
        return ZoneInfo(of.time_zone) if of is not None and of.time_zone else UTC
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return UTC
