"""What the PMS has told of a booking and nobody has read yet: until it was read, nothing that opens a door is done for
it. She may have moved, or left.

News of rooms does not count: whom a room is given to is news of the booking.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from mappers.keys import Keys
from mappers.outcomes import Kind
from mappers.sentences import say
from mappers.stay_window import local
from store.engine import Database
from store.inbox import Inbox
from store.links import Links

SOON = timedelta(minutes=1)
"""What came longer ago than this could not be read at once: the PMS is away, or slow."""


class UnreadNews:
    """Of one connection. `reservation_of`: as `connectors.ports.Reader` has it; a webhook may name the reservation."""

    def __init__(self, connection: str, keys: Keys, store: Database, reservation_of: Callable[[str], str]):
        self._connection = connection
        self._keys = keys
        self._store = store
        self._reservation_of = reservation_of

    def since(self, booking_id: str) -> datetime | None:
        """When the oldest of it came in (UTC); None where all of it was read. Raises `StoreFailed`."""
        waiting = Inbox(self._store).unread_of_pms(self._connection)
        if not waiting:
            return None
        mine = {booking_id, self._reservation_of(booking_id)}
        people = {
            link.user_identity_key
            for link in Links(self._store).of_bookings(self._connection, [booking_id])
            if link.kind == Kind.ACCESS_GRANT
        }
        found = [
            at
            for at, subjects in waiting
            if not mine.isdisjoint(subjects.get("bookings", ()))
            or not people.isdisjoint(map(self._keys.guest, subjects.get("guests", ())))
        ]
        return min(found, default=None)

    def why_not(self, booking_id: str, now: datetime, time_zone: str) -> str:
        """Why nothing may be done for a booking yet, and what to do: a sentence; empty where it may."""
        since = self.since(booking_id)
        if since is None:
            return ""
        if now - since <= SOON:
            return say("Her booking has changed in the PMS, and that is being read: try again in some seconds.")
        at = local(since, time_zone, now)
        return say(
            "Her booking was changed in the PMS at {at}, and that could not be read yet: see there whether the room "
            "is hers, and let her in by the house's own key. When the PMS can be read again, this can be done from "
            "here.",
            at=at,
        )
