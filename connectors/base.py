"""The recipe of a connector: what it reads, what it verifies, what it writes, and which settings it needs.

The HTTP session that all of them use is in `connectors.session`, what they read in `connectors.records`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, ClassVar, Self

from connectors.errors import PmsRefused
from connectors.records import AccessWritten, Booking, BrokenRecord, DoorCode, Guest, Property, Room
from connectors.session import Access
from connectors.shown_clock import ShownClock


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting in a connection's block that is named after its connector."""

    name: str
    kind: str = "text"
    """`text`, `secret` (text that no `repr` shows), `url` (of a service: without a slash at its end), `number`, `flag`,
    `duration` (a timedelta), `clock` (a time of day), `time_zone` (an IANA name), `words` (a list of texts), `texts` (a
    group of named texts), `texts_by_name` (a group of named texts and of groups of them), `urls` (a group of named
    addresses, exactly as they are given, which are secrets), `urls_by_name` (the same, each name with one address or a
    list of them, read as a tuple)."""
    required: bool = True
    default: Any = None
    choices: tuple[str, ...] = ()
    """Of a text, or of each of several `texts`."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """A webhook that the PMS sends, as it says itself."""

    id: str
    url: str = field(repr=False)
    """May carry the connection's token."""
    events: str


class NotOffered(PmsRefused):
    """The vendor's API cannot do this; the message says what to do instead."""


@dataclass(frozen=True, slots=True)
class BookingsRead:
    """What one reading of bookings brought."""

    bookings: list[Booking] = field(default_factory=list)
    broken: list[BrokenRecord] = field(default_factory=list)
    guests: dict[str, Guest] = field(default_factory=dict)
    """The guests of those bookings that may have access, by id (merged profiles under their target's id)."""


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


class Connector(ABC):
    """Reads one vendor's API and hands on records.

    Times are aware UTC. Every method may raise `PmsError`; a single record that cannot be read is a `BrokenRecord`.
    A new vendor is one file: URLs, sign-in, paging, schemas, and that vendor's words; and a line in
    `connectors.table`.
    """

    SETTINGS: ClassVar[tuple[Setting, ...]] = ()
    """What a connection's own block holds: `<connector>: {...}`."""
    TELLS_TIME_ZONE: ClassVar[bool] = True
    """Whether the PMS names its properties' time zones; otherwise the setting `time_zone` of its own block does, or the
    policy has to."""
    PRESET: ClassVar[str] = "hotel"
    """The policy of a connection that names none."""

    @classmethod
    def check_settings(cls, settings: Mapping[str, Any], /) -> str | None:
        """What is wrong with its settings taken together, in words that follow their path; None where nothing is.

        For what `SETTINGS` cannot say one by one, such as two ways to sign in.
        """
        return None

    @classmethod
    @abstractmethod
    def open(cls, name: str, settings: Mapping[str, Any], access: Access, webhook_token: str | None) -> Self:
        """The connector of the connection `name`; `settings` has every one of `SETTINGS`, checked.

        `access` makes its HTTP session. Nothing is asked of the PMS yet.
        """

    def refresh(self) -> None:  # noqa: B027
        """A run begins: forget what was read for the last one, if anything was kept."""

    @property
    def shown_clock(self) -> ShownClock | None:
        """The clock that the PMS shows in its answers; None where there is none, as of a file."""
        return None

    @abstractmethod
    def check(self) -> str:
        """Tries the tokens for real; returns a line that says what they open."""

    @abstractmethod
    def read_properties(self) -> list[Property]:
        """The properties that the connection serves."""

    @abstractmethod
    def read_rooms(self, of: Property, /) -> tuple[list[Room], list[BrokenRecord]]:
        """Every room of a property, inactive ones as well."""

    @abstractmethod
    def known_rooms(self, of: Property, ids: Sequence[str], /) -> set[str]:
        """Which of these rooms the PMS has, in use or not, when asked for them by id."""

    @abstractmethod
    def read_bookings(
        self,
        of: Property,
        /,
        *,
        colliding: tuple[datetime, datetime] | None = None,
        updated: tuple[datetime, datetime] | None = None,
        ids: Sequence[str] | None = None,
    ) -> BookingsRead:
        """Bookings of every status, by one of: the stay touches a window, the record changed in a window, the ids.

        Windows are half-open, [start, end), and may be of any length. An id that the PMS does not know is missing.
        Raises `ValueError` where none of the three is asked.
        """

    @abstractmethod
    def read_guests(self, of: Property, ids: Sequence[str], /) -> tuple[list[Guest], list[BrokenRecord]]:
        """Profiles by id; a merged one is followed to its target."""

    @abstractmethod
    def read_changed_rooms(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        """Ids of the rooms that changed in a window."""

    @abstractmethod
    def read_changed_guests(self, of: Property, updated: tuple[datetime, datetime], /) -> set[str]:
        """Ids of the profiles that changed in a window; those merged into others as well."""

    def may_be_called(self, query: Mapping[str, str], /) -> bool:
        """Whether a webhook's body may be read at all: False where the token in the address is wrong.

        True where only a signature over the body tells who sent it.
        """
        return True

    @abstractmethod
    def verify_webhook(
        self, query: Mapping[str, str], headers: Mapping[str, str], body: bytes, now: datetime, /
    ) -> bool:
        """Whether a webhook comes from the PMS, by the connection's token or secret; compared in constant time.

        `headers` have lower-case names. `now`: for signatures that grow old.
        """

    @abstractmethod
    def read_webhook(self, document: Any, /) -> WebhookNews | None:
        """What a verified webhook is about; None where it says nothing of access (or only asks whether we are there).

        `document` is the body's JSON, or the fields of a form. Raises `NotUnderstood`.
        """

    @abstractmethod
    def could_be_id(self, kind: str, text: str, /) -> bool:
        """Whether a text has the shape of this vendor's ids: keeps other systems' keys in Seam apart from ours.

        `kind`: `booking`, `room` or `guest`.
        """

    def reservation_of(self, booking_id: str, /) -> str:
        """The reservation that a booking is a part of, by the shape of its id; a booking is its own reservation where
        the vendor gives every room-stay one. When any part is read, the parts that are missing are asked for."""
        return booking_id

    def write_access(self, of: Property, codes: Mapping[str, Sequence[DoorCode]], how: str, /) -> AccessWritten:
        """Makes the PMS hold exactly these codes of ours, by booking id; none where the list is empty.

        Reads what is there first, and writes only what differs: called twice, the second time writes nothing, also
        after an answer that was lost. Codes and notes of others are left alone. `how`: `token` (as a record of its
        own) or `note` (as a note on the booking). Raises `PmsError` where nothing at all could be asked or written.
        """
        raise NotOffered("this PMS takes no door codes: set write_back: off in the policy")

    def subscribe_webhooks(self, url: str, /) -> list[Subscription]:
        """Asks the PMS to send its webhooks to `url`, unless it does so already; returns what it sends there now."""
        raise NotOffered(f"This PMS takes no subscriptions from outside. Have its webhooks sent to {url}")

    def list_webhooks(self) -> list[Subscription]:
        """The webhooks that the PMS sends on behalf of this connection's credentials."""
        raise NotOffered("This PMS does not tell what webhooks it sends: look in its own settings")

    def unsubscribe_webhooks(self, url: str, /) -> list[Subscription]:
        """Ends the webhooks to `url`; returns those that were ended."""
        raise NotOffered("This PMS ends no webhooks from outside: end them in its own settings")
