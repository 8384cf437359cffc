"""What is remembered of one booking and of one source, and how it is written down."""

import hashlib
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from connectors.records import Booking, BookingStatus, day_in
from connectors.stays.ids import plain_id
from connectors.stays.stay import Moment, Stay

NEVER = datetime.min.replace(tzinfo=UTC)
VERSION = 2

GONE_FOR, EMPTY_FOR = timedelta(minutes=30), timedelta(hours=12)


def digest(*records: Any) -> str:
    """Tells whether records are the same as before, without telling what is in them."""
    told = repr([astuple(one) if hasattr(one, "__dataclass_fields__") else one for one in records])
    return hashlib.sha256(told.encode("utf-8", "surrogatepass")).hexdigest()[:20]


@dataclass(frozen=True, slots=True)
class AbsenceRule:
    """How long a booking has to be missing before it is gone."""

    gone_for: timedelta = GONE_FOR
    gone_readings: int = 3
    """One booking that vanishes: for so long, and in so many readings."""
    empty_for: timedelta = EMPTY_FOR
    empty_readings: int = 6
    """Where the source is empty all at once, or much shorter: more likely it is ill."""


@dataclass(slots=True)
class SeenBooking:
    """A booking as it was last seen."""

    digest: str
    stay: Stay
    changed_at: datetime = NEVER
    """When it was first seen as it is, or first believed to be gone (aware UTC)."""
    seen_at: datetime = NEVER
    """When it was first seen at all."""
    readings: int = 0
    missing_since: datetime | None = None
    missing: int = 0
    """In how many readings in a row it was not there."""
    counted_at: datetime = NEVER
    is_gone: bool = False
    is_kept: bool = False
    """It has been missing for long, and this ends nothing."""
    is_among_many: bool = False
    """It is missing while its source has lost much at once."""
    rival: str = ""
    """The id of a booking that has its room at its time, when it is missing."""
    rival_readings: int = 0

    @property
    def arrival(self) -> Moment:
        return self.stay.parts[0].arrival

    @property
    def departure(self) -> Moment | None:
        return self.stay.parts[-1].departure

    @property
    def room_id(self) -> str | None:
        return self.stay.parts[0].room if len(self.stay.parts) == 1 else None

    @property
    def number(self) -> str:
        return self.stay.number


@dataclass(slots=True)
class Source:
    """What is known of readings of one source."""

    mark: str = ""
    """Of the last reading: the same mark is the same reading."""
    readings: int = 0
    since: datetime = NEVER
    counted_at: datetime = NEVER


@dataclass(frozen=True, slots=True)
class Reading:
    """A source that was read well and whole."""

    mark: str
    """No other reading has it."""
    entries: int
    """How much stood in it, bookings or not."""


def placeholder_booking(booking_id: str, of: str, seen: SeenBooking, review: str) -> Booking:
    """A booking that is not there any more: cancelled where it is gone, otherwise unclear; `review` says how it is."""
    return Booking(
        id=booking_id,
        property_id=of,
        number=seen.number,
        status=BookingStatus.CANCELLED if seen.is_gone else BookingStatus.UNKNOWN,
        status_word="no longer listed",
        arrival=seen.arrival,
        departure=seen.departure,
        room_id=seen.room_id,
        review=review,
        by_absence=seen.is_gone and not seen.rival,  # Another booking is a proof.
    )


def touches(arrival: Moment, departure: Moment | None, window: tuple[datetime, datetime]) -> bool:
    """Whether a stay touches a window; of a day, any hour of it anywhere on earth."""
    start, end = window
    return day_in(arrival) <= end.date() + timedelta(days=1) and (
        departure is None or day_in(departure) >= start.date() - timedelta(days=1)
    )


def is_over(seen: SeenBooking, today: date) -> bool:
    """Whether the stay has ended; on the day of departure it has not."""
    return seen.stay.last < today


def is_long_over(seen: SeenBooking, now: datetime, today: date) -> bool:
    if seen.stay.last != date.max:
        return seen.stay.last < today - timedelta(days=2)
    return seen.is_gone and seen.changed_at < now - timedelta(days=60)


_MOMENTS = ("changed_at", "seen_at", "missing_since", "counted_at", "since")


def of_version_1(document: Mapping[str, Any], realm: str) -> dict[str, Any]:
    """What 0.4 remembered: who was there keeps her id. Nothing is gone by it that was not yet."""
    bookings = {}
    for booking_id, one in document["bookings"].items():
        traits = one["traits"]
        is_feed = "uid" in traits
        source = document["sources"][one["source"]]["address"] if is_feed else one["source"]
        first = one["arrival"][:10]
        last = one["departure"][:10] if one["departure"] else date.max.isoformat()
        bookings[booking_id] = {
            "digest": one["digest"],
            "changed_at": one["changed_at"],
            "seen_at": one["changed_at"],
            "is_gone": one["missing"] >= (3 if is_feed else 2) and not one["is_kept"],
            "is_kept": one["is_kept"],
            "stay": {
                "realm": realm if is_feed else one["source"],
                "number": traits["code"] if is_feed else plain_id(booking_id),
                "uids": [[source, traits["uid"]]] if is_feed and traits["uid"] else [],
                "people": [],
                "parts": [[one["room_id"], one["arrival"], one["departure"], first, last]],
                "sources": [source],
                "lives": True,
            },
        }
    return {"version": VERSION, "sources": {}, "bookings": bookings, "others": document["others"]}


def plain(record: SeenBooking | Source) -> dict[str, Any]:
    return {
        name: value.isoformat() if isinstance(value := getattr(record, name), date) else value
        for name in record.__dataclass_fields__
        if name != "stay"
    }


def moments(document: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: datetime.fromisoformat(value) if name in _MOMENTS and value is not None else value
        for name, value in document.items()
    }
