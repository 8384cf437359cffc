"""What a process has brought in step of late, so that records which are read once more are known to be no news.

A PMS may answer from a copy that lags behind, and say so to nobody: what was changed meanwhile is missing from its list
of changes, and by the next run the time of it is past. So changes are read from further back than the last run, and
what was dealt with as it is costs no look in Seam.
"""

import hashlib
import threading
from collections.abc import Collection
from datetime import datetime
from typing import Protocol

from reconciler import pull
from reconciler.pull import STALE, Pulled
from store.engine import Database

KEEP = 2 * STALE


class DealtWith(pull.DealtWith, Protocol):
    """The same, as runs note it. Times in UTC."""

    @property
    def is_kept(self) -> bool:
        """It is noted in the database, in the same transaction as all that a run notes; otherwise after that."""

    def begin(self, turn: int) -> None: ...
    def forget(self) -> None: ...
    def note(self, pulled: Pulled, in_step: Collection[str], now: datetime, store: Database) -> None: ...


class DealtWithRecords:
    """Of one connection; in memory only, for a new process looks at everything once more. Safe to use from many
    threads."""

    is_kept = False

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._digests: dict[tuple[str, str], tuple[str, datetime]] = {}
        """By property and booking: of the record as it was dealt with last, and when."""
        self._properties: set[str] = set()
        self._turn: int | None = None

    def remembers(self, property_id: str) -> bool:
        """Whether a run of this process has brought something of the property in step."""
        with self._lock:
            return property_id in self._properties

    def begin(self, turn: int) -> None:
        """This process has the turn with this number, as it had every one of those that it tells of. Where another one
        had a turn in between, what this one remembers may be past."""
        with self._lock:
            if self._turn is not None and turn not in (self._turn, self._turn + 1):
                self._forget()
            self._turn = turn

    def forget(self) -> None:
        """A turn that this process seemed to have may have been another one's."""
        with self._lock:
            self._forget()
            self._turn = None

    def _forget(self) -> None:
        self._digests.clear()
        self._properties.clear()

    def note(self, pulled: Pulled, in_step: Collection[str], now: datetime, store: Database) -> None:
        """A run has ended: of what it has read, `in_step` needs nothing more before the PMS changes it."""
        of = pulled.of.id
        with self._lock:
            self._properties.add(of)
            for booking_id in pulled.bookings:
                # One that comes back from another property just as it was is news all the same.
                for place in self._properties:
                    self._digests.pop((place, booking_id), None)
                if booking_id in in_step:
                    self._digests[of, booking_id] = digest(pulled, booking_id), now
            for booking_id in pulled.missing:
                self._digests.pop((of, booking_id), None)
            for key in [key for key, (_, at) in self._digests.items() if at < now - KEEP]:
                del self._digests[key]

    def no_news(self, pulled: Pulled, now: datetime) -> set[str]:
        """The bookings that were read just as they were dealt with."""
        of = pulled.of.id
        with self._lock:
            return {
                booking_id
                for booking_id in pulled.bookings
                if (known := self._digests.get((of, booking_id))) is not None and known[0] == digest(pulled, booking_id)
            }


def digest(pulled: Pulled, booking_id: str, how: str = "") -> str:
    """Of a booking as it was read, with its guests. `how`: what decides besides how it is brought in step."""
    booking = pulled.bookings[booking_id]
    guests = [pulled.guests.get(one) for one in (*booking.guest_ids, *booking.unclear_guest_ids)]
    told = repr([[getattr(one, name) for name in one.__dataclass_fields__] for one in (booking, *guests) if one])
    return hashlib.sha256((how + told).encode("utf-8", "surrogatepass")).hexdigest()
