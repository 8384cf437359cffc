"""What Seam should hold: the identity of each resource (its key) apart from its attributes."""

from dataclasses import dataclass, field
from datetime import datetime, time


@dataclass(frozen=True, slots=True)
class DesiredSpace:
    key: str
    name: str
    customer_key: str
    time_zone: str | None = None
    check_in: time | None = None
    check_out: time | None = None
    door_ids: frozenset[str] | None = None
    """Seam's ids of the locks that belong in it; None: nobody has decided, so Seam's are left as they are."""
    is_shared: bool = False
    """Whether several bookings open it at the same time: a dorm, a common area."""


@dataclass(frozen=True, slots=True)
class DesiredUserIdentity:
    key: str
    full_name: str | None = field(default=None, repr=False)
    email_address: str | None = field(default=None, repr=False)
    phone_number: str | None = field(default=None, repr=False)
    """E.164."""
    remarks: tuple[str, ...] = ()
    """What was left out and why, without the contact itself."""


@dataclass(frozen=True, slots=True)
class DesiredAccessGrant:
    key: str
    """The first generation's key; later generations are `<key>.2`, `<key>.3`, ..."""
    booking_id: str
    user_identity_key: str
    space_keys: tuple[str, ...]
    """Sorted."""
    closed_keys: tuple[str, ...] = field(default=(), kw_only=True)
    """Further ones, sorted, of rooms that its room consists of and that are out of use or not listed: whoever has them
    keeps them, and nobody gets them."""
    starts_at: datetime
    ends_at: datetime | None
    """None: open-ended (a lease)."""
    name: str
    access_methods: tuple[str, ...]
    reservation_key: str
    """Used only where at least one of the doors can belong to a reservation."""
    label: str = ""
    """Initials and room, for the report."""
    room_id: str = ""
    """The PMS's id of the room."""
    room_key: str = ""
    """The key of the room's own Space, one of those that it opens."""
    pin: str | None = field(default=None, repr=False)
    """The PIN that it should have, where that is to be had."""
    keeps_pin: bool = True
    """Whether its successor, after a room move, has the same PIN."""
    due_at: datetime | None = None
    """A grant that does not exist yet is made from this instant on (UTC); None: at once."""
    span: int = 1
    """Which part of the stay it is for, counted from 1."""
    merged_identity_keys: tuple[str, ...] = ()
    """Of profiles that the PMS merged into this guest's: what those hold is hers."""
    instant_key_max_use_count: int = 1
    """On so many phones a mobile key can be set up."""
    no_new: str | None = None
    """Why none is made: what this very person has in this very room stays, and nothing else of hers."""
    keeps_times: bool = False
    """With `no_new`: the times cannot be told, so those that Seam has stay."""
