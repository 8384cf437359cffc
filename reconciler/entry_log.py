"""Whose access opened a lock? Told by what Seam's event names, and by who has access there at that moment. Pure.

Nobody is named on a guess: where several bookings have access, and the event does not say which, it stays open whose it
was.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from mappers.links import Link
from store.lock_health import LockHealth

OPENED, REFUSED = "lock.unlocked", "lock.access_denied"
ENTRIES = frozenset({OPENED, REFUSED})
WITH_ACCESS = frozenset({"keycode", "card", "unknown", ""})
"""How somebody with access opens a door, in Seam's words; other ways (a key, from inside, from afar) are nobody's."""


@dataclass(frozen=True, slots=True)
class AtLock:
    """What an event says of a lock."""

    at: datetime
    """UTC."""
    method: str
    by_user: str | None
    """Key of our user identity that Seam names."""
    is_foreign: bool
    """Whether Seam says that the PIN is none of its own."""
    is_refused: bool = False
    """The lock did not open."""


def booking_of(event: AtLock, lock: LockHealth, grants: Iterable[Link]) -> str | None:
    """The booking whose access it was. `grants`: those of the property that give access at that moment."""
    if event.is_foreign or event.method not in WITH_ACCESS or (event.is_refused and event.by_user is None):
        return None
    theirs = [one for one in grants if not (one.space_ids or frozenset()).isdisjoint(lock.space_ids)]
    if event.by_user is not None:
        theirs = [one for one in theirs if one.user_identity_key == event.by_user]
    bookings = {one.booking_id for one in theirs if one.booking_id is not None}
    return next(iter(bookings)) if len(bookings) == 1 else None
