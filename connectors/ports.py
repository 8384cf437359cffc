"""The port of a PMS: what a run reads of it, which webhooks it sends, how door codes are handed over to it.

Runs know this file and `connectors.records`, and nothing else of connectors. What reaches a PMS by HTTP builds on
`connectors.connector`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from connectors.errors import PmsRefused
from connectors.records import AccessWritten, Booking, BrokenRecord, DoorCode, Guest, Property, Room

Window = tuple[datetime, datetime]
"""Half-open, [start, end), aware UTC; of any length."""


@dataclass(frozen=True, slots=True)
class BookingsRead:
    """What one reading of bookings brought."""

    bookings: list[Booking] = field(default_factory=list)
    broken: list[BrokenRecord] = field(default_factory=list)
    guests: dict[str, Guest] = field(default_factory=dict)
    """The guests of those bookings that may have access, by id (merged profiles under their target's id)."""
    remarks: Sequence[str] = ()
    """What a person should know of how everything was read, as sentences: that a code page was guessed."""


class Reader(ABC):
    """Reads one vendor's PMS for one run, and hands on records. What it keeps, it keeps until the run ends.

    Times are aware UTC. Every `read_...` may raise `PmsError`; a single record that cannot be read is a `BrokenRecord`.
    """

    def close(self) -> None:
        """The run has ended: what is open at the PMS is closed. Nothing is kept open as it stands here."""
        return

    @abstractmethod
    def read_properties(self) -> list[Property]:
        """The properties that the connection serves."""

    def properties_lately(self) -> list[Property] | None:
        """The same as a former reader of this process was told them, not long ago: good enough for whoever looks for
        changes of bookings, or for a few of which there is news. None where they are to be read."""
        return None

    @abstractmethod
    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        """Every room of a property, inactive ones as well."""

    @abstractmethod
    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        """Which of these rooms the PMS has, in use or not, when asked for them by id."""

    @abstractmethod
    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        """Profiles by id; a merged one is followed to its target."""

    @abstractmethod
    def bookings_within(self, of: Property, window: Window, /) -> BookingsRead:
        """Bookings of every status whose stay touches the window."""

    @abstractmethod
    def bookings_changed(self, of: Property, window: Window, /) -> BookingsRead:
        """Bookings of every status whose record changed in the window."""

    @abstractmethod
    def bookings_by_id(self, of: Property, ids: Sequence[str], /) -> BookingsRead:
        """Bookings of every status by their ids; one that the PMS does not know is missing."""

    def changed_rooms(self, of: Property, window: Window, /) -> set[str]:
        """Ids of the rooms that changed in a window; none where the PMS does not tell: full runs find them."""
        return set()

    def changed_guests(self, of: Property, window: Window, /) -> set[str]:
        """Ids of the profiles that changed in a window, those merged into others as well; none where the PMS does not
        tell, or where a guest who changes is a booking that changes."""
        return set()

    @abstractmethod
    def could_be_id(self, kind: str, text: str, /) -> bool:
        """Whether a text has the shape of this vendor's ids: keeps other systems' keys in Seam apart from ours.

        `kind`: `booking`, `room` or `guest`.
        """

    def reservation_of(self, booking_id: str, /) -> str:
        """The reservation that a booking is a part of, by the shape of its id; a booking is its own reservation where
        the vendor gives every room-stay one. When any part is read, the parts that are missing are asked for."""
        return booking_id


# --- webhooks ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Subscription:
    """A webhook that the PMS sends, as it says itself."""

    id: str
    url: str = field(repr=False)
    """May carry the connection's token."""
    events: str


@dataclass(frozen=True, slots=True)
class WebhookNews:
    """What a webhook says should be looked at again: ids, and nothing else of it."""

    property_id: str | None
    subjects: dict[str, list[str]]
    """Ids under `bookings`, `guests` and `rooms`."""
    words: str
    """The vendor's word for what happened, for the inbox's page."""
    event_id: str | None = None
    """Where the vendor numbers its events."""


class NotUnderstood(Exception):
    """A webhook's body that is not what the vendor documents; the message names the fields, not their values."""


class NotOffered(PmsRefused):
    """The vendor's API cannot do this; the message says what to do instead."""


class Webhooks:
    """What a PMS sends by itself. As it stands here: a PMS that sends nothing."""

    def may_be_called(self, query: Mapping[str, str], /) -> bool:
        """Whether a webhook's body may be read at all: False where the token in the address is wrong.

        True where only a signature over the body tells who sent it.
        """
        return True

    def verify(self, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime, /) -> bool:
        """Whether a webhook comes from the PMS, by the connection's token or secret; compared in constant time.

        `headers` have lower-case names. `now`: for signatures that grow old.
        """
        return False

    def read(self, document: Any, /) -> WebhookNews | None:
        """What a verified webhook is about; None where it says nothing of access (or only asks whether we are there).

        `document` is the body's JSON, or the fields of a form. Raises `NotUnderstood`.
        """
        raise NotUnderstood("this PMS sends no webhooks")

    def subscribe(self, url: str, /) -> list[Subscription]:
        """Asks the PMS to send its webhooks to `url`, unless it does so already; returns what it sends there now."""
        raise NotOffered(f"This PMS takes no subscriptions from outside. Have its webhooks sent to {url}")

    def subscriptions(self) -> list[Subscription]:
        """The webhooks that the PMS sends on behalf of this connection's credentials."""
        raise NotOffered("This PMS does not tell what webhooks it sends: look in its own settings")

    def unsubscribe(self, url: str, /) -> list[Subscription]:
        """Ends the webhooks to `url`; returns those that were ended."""
        raise NotOffered("This PMS ends no webhooks from outside: end them in its own settings")


class NoWebhooks(Webhooks):
    """Of what sends nothing: why ("Files send no webhooks"), and what is done instead."""

    def __init__(self, why: str, instead: str):
        self._why = f"{why}: {instead}"

    def subscribe(self, url: str, /) -> list[Subscription]:
        raise NotOffered(self._why)


# --- door codes -------------------------------------------------------------------------------------------------------


class DoorCodes:
    """How door codes are handed over to a PMS. As it stands here: a PMS that takes none."""

    def write(self, of: Property, codes: Mapping[str, Sequence[DoorCode]], how: str, /) -> AccessWritten:
        """Makes the PMS hold exactly these codes of ours, by booking id; none where the list is empty.

        Reads what is there first, and writes only what differs: called twice, the second time writes nothing, also
        after an answer that was lost. Codes and notes of others are left alone. `how`: `token` (as a record of its
        own) or `note` (as a note on the booking). Raises `PmsError` where nothing at all could be asked or written.
        """
        raise NotOffered("this PMS takes no door codes: set write_back: off in the policy")


# --- check-ins --------------------------------------------------------------------------------------------------------


class CheckIns:
    """How a PMS is told that a guest has arrived. As it stands here: a PMS that cannot be told."""

    def check_in(self, of: Property, booking_id: str, /) -> None:
        """Marks a booking as checked in, now. Asked for one that was just read as confirmed, with a room, on or after
        its day of arrival.

        Sent once: where the answer is lost, the booking is read again before anybody tries once more. Raises
        `PmsRefused` where the PMS does not want it (yet), `NotOffered` where it cannot be told of this one at all, and
        `PmsUnreachable`.
        """
        raise NotOffered("this PMS cannot be told of arrivals: set write_status: off in the policy")


# --- a connection -----------------------------------------------------------------------------------------------------


class ShownClock(Protocol):
    """The clock that a PMS shows in its answers."""

    def begin(self) -> None:
        """A run begins: what was shown before counts no more."""

    def ahead(self) -> timedelta | None:
        """By how much it is ahead of ours; None where no answer showed it."""

    def ahead_if_still(self) -> timedelta | None:
        """The same of answers that a cache may have given; None where there were none."""


class Pms(ABC):
    """One connection to a PMS, for as long as the process lives."""

    shown_clock: ShownClock | None = None
    """None where there is none, as of a file."""
    webhooks = Webhooks()
    door_codes = DoorCodes()
    check_ins = CheckIns()

    @abstractmethod
    def reader(self) -> Reader:
        """A reader for one run. Nothing is asked of the PMS yet."""

    def close(self) -> None:
        """Closes what is open at the PMS; it is opened again by whoever asks next."""
        self.reader().close()

    def could_be_id(self, kind: str, text: str, /) -> bool:
        """See `Reader`."""
        return self.reader().could_be_id(kind, text)

    def reservation_of(self, booking_id: str, /) -> str:
        """See `Reader`."""
        return self.reader().reservation_of(booking_id)
