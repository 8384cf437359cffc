"""What a PMS tells us, in words that belong to no vendor: Property, Room, Guest, Booking.

Connectors make these records; mappers read them. Instants are aware UTC datetimes. A PMS that knows only days gives
plain dates, and the mapper adds the property's own check-in and check-out times.

Guests' names and contacts never appear in a `repr`, so they cannot reach a log by accident. Text that people typed is
cleaned when a record is made (`connectors.plain_text`), whatever made it; ids stand as the PMS has them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time
from enum import StrEnum

from connectors.plain_text import LONGEST_CONTACT, LONGEST_LABEL, LONGEST_NAME, LONGEST_NUMBER, LONGEST_REASON, plain


def _clean(record: object, **longest: int) -> None:
    """Cleans these fields of a record that is being made."""
    for name, most in longest.items():
        text = getattr(record, name)
        if text is not None and not (text.isprintable() and len(text) <= most):
            object.__setattr__(record, name, plain(text, most))


def day_in(moment: datetime | date) -> date:
    """The day of a moment, as it is written."""
    return moment.date() if isinstance(moment, datetime) else moment


class BookingStatus(StrEnum):
    """Where a booking stands. A vendor's word that we do not know is `UNKNOWN`, never a guess."""

    TENTATIVE = "tentative"
    CONFIRMED = "confirmed"
    IN_HOUSE = "in_house"
    CHECKED_OUT = "checked_out"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Property:
    """One hotel or building."""

    id: str
    name: str
    time_zone: str
    """IANA name as the PMS gives it; whether it exists is checked where it is used. Empty where the PMS tells none:
    the policy names it then."""
    country: str | None = None
    """ISO 3166-1 alpha-2, upper case; decides how local phone numbers are read."""
    shares_connection: bool = False
    """Whether the same connection serves other properties too (a portfolio token)."""

    def __post_init__(self) -> None:
        _clean(self, name=LONGEST_NAME, time_zone=LONGEST_NUMBER, country=LONGEST_NUMBER)


@dataclass(frozen=True, slots=True)
class Room:
    """A room, bed, apartment or any other thing that can be booked."""

    id: str
    property_id: str
    name: str
    kind: str | None
    """The type of its category ("Room", "Bed", "ParkingSpot", ...); None when the PMS gives it no category."""
    parent_id: str | None = None
    """For a bed, the room it stands in."""
    is_active: bool = True
    check_in: time | None = None
    """Usual check-in time, local to the property."""
    check_out: time | None = None
    connected_ids: tuple[str, ...] = ()
    """Rooms that it consists of, such as those of a combined apartment: whoever has it enters them too."""

    def __post_init__(self) -> None:
        _clean(self, name=LONGEST_LABEL, kind=LONGEST_NAME)


@dataclass(frozen=True, slots=True)
class Guest:
    """A person. Contacts are as the PMS holds them, untrimmed and unchecked."""

    id: str
    first_name: str = field(default="", repr=False)
    last_name: str = field(default="", repr=False)
    email: str | None = field(default=None, repr=False)
    phone: str | None = field(default=None, repr=False)
    merged_ids: tuple[str, ...] = ()
    """Ids of profiles that the PMS merged into this one: the same person, so whatever those hold she keeps."""
    has_id: bool = True
    """Otherwise the PMS gives this person no id of its own and `id` only names her place on the booking: who she is,
    is told by name and contact."""

    def __post_init__(self) -> None:
        _clean(self, first_name=LONGEST_NAME, last_name=LONGEST_NAME, email=LONGEST_CONTACT, phone=LONGEST_CONTACT)


@dataclass(frozen=True, slots=True)
class Term:
    """From when until when one person stays, where that is not the time of the whole booking."""

    arrival: datetime | date
    departure: datetime | date | None
    """None: open-ended."""


@dataclass(frozen=True, slots=True)
class Span:
    """A part of a stay, in one room (or none yet): the guest moves during the stay, as planned."""

    room_id: str | None
    arrival: datetime | date
    departure: datetime | date


@dataclass(frozen=True, slots=True)
class Booking:
    """One room-stay (or lease): one booking, one room (or none yet), one or several guests."""

    id: str
    property_id: str
    number: str
    """The confirmation number that staff and guest know."""
    status: BookingStatus
    status_word: str = field(repr=False)
    """The vendor's own word for the status, for the report."""
    arrival: datetime | date
    departure: datetime | date | None
    """A date is the first day on which nobody stays any more; None: open-ended (a lease)."""
    room_id: str | None = None
    requested_kind: str | None = None
    """The type of the room category that was booked; tells a parking space from a room before one is assigned."""
    guest_ids: tuple[str, ...] = ()
    """Who stays, the primary guest first; merged profiles already followed to their target. May be empty."""
    primary_is_any: bool = False
    """The owner is no person (a company), so the first guest is only the first of several equals."""
    actual_arrival: datetime | None = None
    has_primary: bool = True
    """Otherwise all are equals (the tenants of a lease), and everybody's grant carries the person's own id."""
    terms: Mapping[str, Term] = field(default_factory=dict)
    """By guest id, for those whose time differs from the booking's."""
    spans: tuple[Span, ...] = ()
    """Where the guest moves during the stay, as planned: in order of time. `room_id` means nothing then."""
    child_ids: tuple[str, ...] = ()
    """Those of `guest_ids` who are under age at the arrival: where everybody gets access, they get none of their own
    unless the policy says so."""
    names_people: bool = True
    """Otherwise the PMS leaves out who stays, which takes nobody off the booking."""
    unclear_guest_ids: tuple[str, ...] = ()
    """People of whom the PMS says something that we do not know: no new access for them, what exists stays."""
    left_guest_ids: tuple[str, ...] = ()
    """People whom the PMS still names on it, and says of that they have left. By its own word, and not by absence."""
    review: str | None = None
    """What a person should look at though it changes nobody's access, as a sentence without guests' data. Of a booking
    that gets no access for its status: why it has that status, where the PMS does not say so in a word."""
    word: str = "Booking"
    """What staff call it: "Booking", "Lease"."""
    by_absence: bool = False
    """Cancelled only because its source does not list it any more, and says nothing of it."""

    def __post_init__(self) -> None:
        _clean(
            self,
            number=LONGEST_NUMBER,
            status_word=LONGEST_NAME,
            requested_kind=LONGEST_NAME,
            review=LONGEST_REASON,
            word=LONGEST_NUMBER,
        )


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A record that could not be read: an outcome with a reason, never the end of the run."""

    kind: str
    """`room`, `guest` or `booking`."""
    id: str
    """The PMS id, or "?" when even that is missing."""
    reason: str
    """A sentence: what is wrong with it, without guests' data."""
    status: BookingStatus | None = None
    """Of a booking whose status could be read although the rest could not: the PMS's own word that a stay is over
    (cancelled, no-show, checked out) ends access whatever else is odd in the record."""

    def __post_init__(self) -> None:
        _clean(self, reason=LONGEST_REASON)
        if not self.id.isprintable() or len(self.id) > LONGEST_NAME:
            object.__setattr__(self, "id", "?")


@dataclass(frozen=True, slots=True)
class DoorCode:
    """What opens the door for one person of a booking, for the PMS to hand on to her."""

    key: str
    """The grant's key in Seam, without its generation: names the code among those of the booking, and as ours."""
    booking_id: str
    room_id: str
    starts_at: datetime
    """Aware UTC."""
    ends_at: datetime | None
    pin: str | None = field(default=None, repr=False)
    link: str | None = field(default=None, repr=False)
    """Of a key that opens by a phone, where there is no PIN."""


@dataclass(frozen=True, slots=True)
class AccessWritten:
    """What became of handing codes over to the PMS."""

    changed: frozenset[str] = frozenset()
    """Bookings of which something was written; of the others, everything stood there already."""
    failed: Mapping[str, str] = field(default_factory=dict)
    """By booking id, a sentence without the code: why the PMS does not hold what it should."""
