"""What files and feeds have in common: they are looked at once a run, and what was there before is remembered."""

from abc import abstractmethod
from collections.abc import Callable, Collection, Sequence
from copy import copy
from datetime import tzinfo
from typing import Generic, Protocol, Self, TypeVar

from connectors.connector import Connector, Setting
from connectors.last_read import Last
from connectors.ports import BookingsRead, Reader, Window
from connectors.records import Property
from connectors.snapshots.history import SnapshotHistory
from connectors.snapshots.seen import SeenBooking
from connectors.snapshots.waiting import Snapshots, collides

OF_THE_PROPERTY = (
    Setting("property_id", required=False),
    Setting("property_name", required=False),
    Setting("time_zone", "time_zone", required=False),
    Setting("country", "country", required=False),
    Setting("check_in", "clock", required=False),
    Setting("check_out", "clock", required=False),
)
"""What a source of one property does not tell of it."""


class Told(Protocol):
    """What a source says now."""

    @property
    def untold(self) -> Collection[str]:
        """Bookings that are there, or may be, and are not known to be as they were."""


T = TypeVar("T", bound=Told)


class SnapshotConnector(Reader, Connector, Generic[T]):
    """A source that only tells what is there now; for each run a reader that looks at it once.

    What is peculiar to it: how it is read, and what comes of that.
    """

    TELLS_TIME_ZONE = False
    _snapshots: Snapshots
    _memory: SnapshotHistory
    _snapshot: T | None = None
    _has_looked = False

    def close(self) -> None:
        """Nothing is open where a source is read as a whole; whoever has a session closes it."""

    def reader(self) -> Self:
        """What was seen before is remembered for good."""
        one = copy(self)
        one._snapshot, one._has_looked = None, False
        return one

    @abstractmethod
    def _read(self, of: Property) -> T:
        """What the source says now; read once a run. Raises `PmsError`."""

    @abstractmethod
    def _note(self, snapshot: T, zone: tzinfo) -> None:
        """This reading counts."""

    @abstractmethod
    def _there(self, snapshot: T, booking_id: str, where: str) -> Last | None:
        """A booking that is there, or is waited for."""

    @abstractmethod
    def _where(self, known: SeenBooking) -> str:
        """Which part of the source a booking was in: "the feed of room 12"."""

    @abstractmethod
    def _handed_on(self, of: Property, snapshot: T, found: Sequence[Last], is_full: bool) -> BookingsRead:
        """The bookings of a list, with all that could not be read. `is_full`: of a full run."""

    @abstractmethod
    def _zone(self, of: Property) -> tzinfo:
        """The clocks by which the source counts."""

    def _is_of(self, known: SeenBooking, of: Property) -> bool:
        return True

    def _look(self, snapshot: T, zone: tzinfo) -> None:
        """Counts this run's reading, once."""
        if not self._has_looked:
            self._note(snapshot, zone)
            self._has_looked = True

    def bookings_within(self, of: Property, window: Window, /) -> BookingsRead:
        return self._listed(of, lambda known: collides(known.stay, window), is_full=True)

    def bookings_changed(self, of: Property, window: Window, /) -> BookingsRead:
        """What is not as it was when the source was last read."""
        return self._listed(of, lambda known: window[0] <= known.changed_at < window[1])

    def _listed(self, of: Property, is_wanted: Callable[[SeenBooking], bool], is_full: bool = False) -> BookingsRead:
        snapshot, zone = self._read(of), self._zone(of)
        self._look(snapshot, zone)
        found: list[Last] = []
        for booking_id, known in self._memory.all().items():
            if not self._is_of(known, of) or booking_id in snapshot.untold or not is_wanted(known):
                continue
            last = self._there(snapshot, booking_id, self._where(known))
            if last is not None:
                found.append(last)
            elif not self._snapshots.is_over(known, zone):
                found.append(self._placeholder(of, booking_id, known))
        return self._handed_on(of, snapshot, found, is_full)

    def _placeholder(self, of: Property, booking_id: str, known: SeenBooking) -> Last:
        """A booking that is not there any more, by what is remembered of it."""
        return Last(self._snapshots.placeholder_booking(booking_id, of.id, known, self._where(known)), {})
