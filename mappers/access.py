"""The access that a booking should have: grants, or the reason why it gets none."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from connectors.records import BookingStatus
from mappers.outcomes import Outcome
from mappers.resources import DesiredAccessGrant
from mappers.sentences import message

NO_ACCESS = {
    BookingStatus.CANCELLED: message("booking cancelled"),
    BookingStatus.NO_SHOW: message("{person} did not come (no-show)"),
    BookingStatus.CHECKED_OUT: message("{person} checked out"),
}
"""The PMS's own word that nobody has access by a booking, and why."""


class Existing(StrEnum):
    """What becomes of access that the booking has already, when it should get no new access."""

    REVOKE = "revoke"
    KEEP = "keep"
    """Until its end: what we do not understand locks nobody out. Of those who are on the booking, where they are now,
    as far as the PMS tells either."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """Why a booking gets no new access."""

    reason: str
    existing: Existing
    outcome: Outcome | None = None
    """How the report lists it; None: not at all, unless access is taken away."""
    look_again_at: datetime | None = None
    """When time alone changes the answer (UTC): the booking is read again then, without any news from the PMS."""
    access_until: datetime | None = None
    """The stay is over since this instant (UTC): access that goes on beyond it is taken away, KEEP or not."""
    is_orphan: bool = False
    """The PMS does not know the booking (any more)."""
    people: frozenset[str] | None = None
    """With `KEEP`, the identity keys of those who are on the booking: nobody else keeps anything. None: not known."""
    room_keys: frozenset[str] | None = None
    """With `KEEP`, the Space keys of the rooms that it has: nobody keeps another. None: not known."""

    @property
    def takes_access_away(self) -> bool:
        """Whether it is certain that nobody should have access by this booking now."""
        return self.existing is Existing.REVOKE or self.access_until is not None

    @property
    def waits(self) -> bool:
        """Whether nothing but a room, a name or a door that another booking has is in the way of those who are on it:
        they may have access again at any moment, with the PINs that they know."""
        return self.existing is Existing.REVOKE and self.outcome is not None and not self.is_orphan


@dataclass(frozen=True, slots=True)
class Remark:
    """What the report says of one grant of a booking, or of the booking itself, beside what is done."""

    key: str
    reason: str
    outcome: Outcome


@dataclass(frozen=True, slots=True)
class BookingAccess:
    """The access that one booking should have now: grants, or a reason for none."""

    booking_id: str
    key: str
    """The primary guest's grant key, for the report."""
    label: str
    time_zone: str
    grants: tuple[DesiredAccessGrant, ...] = ()
    """Those whose time is over as well, where it is not over for the whole booking."""
    kept: tuple[DesiredAccessGrant, ...] = ()
    """Of whom nothing new is made, for the PMS is not clear about the person or the room (`no_new`): what this very
    person has in this very room stays, in these times."""
    withheld: Withheld | None = None
    room_key: str | None = None
    remarks: tuple[Remark, ...] = ()
    look_again_at: datetime | None = None
    """When time alone changes the answer (UTC), beside the grants' own due times."""
    in_house: bool = False
    waits_for_another: str | None = None
    """Why its access begins later than the PMS says: a lock that opens for one booking at a time is another's."""

    @property
    def due_at(self) -> datetime | None:
        """From when on the first grant that does not exist yet is made (UTC)."""
        return min((grant.due_at for grant in self.grants if grant.due_at is not None), default=None)
