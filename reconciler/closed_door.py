"""What is known of a booking whose guest stands before a closed door, put together from the database."""

from datetime import datetime

from mappers.links import Link
from mappers.outcomes import Kind
from mappers.policy import Policy
from reconciler.judge import Verdict
from reconciler.still_closed import LATELY, Known, StillClosed, is_near, still_closed
from store.cards import CardEncodings
from store.engine import Database
from store.entries import Entries
from store.holds import Holds
from store.links import Links
from store.lock_health import LockHealth, LockHealthBook
from store.spare_keys import SpareKeys
from store.stays import Stay, Stays


def what_next(
    connection: str,
    policy: Policy,
    store: Database,
    booking_id: str,
    verdict: Verdict,
    cause: str,
    now: datetime,
    time_zone: str,
    unread: str = "",
) -> StillClosed | None:
    """What to do for whoever stands before the doors of this booking now; None where it is not the time for that.
    `verdict` and `cause`: what is said of its access; `unread`: see `StillClosed`. Raises `StoreFailed`."""
    stay = Stays(store).get(connection, booking_id)
    if not is_near(stay, now):
        return None
    grants = [link for link in Links(store).of_bookings(connection, [booking_id]) if link.kind == Kind.ACCESS_GRANT]
    spaces = {one for link in grants for one in link.space_ids or ()}
    locks = [
        one for one in LockHealthBook(store, connection).of(_property(stay, grants)) if _is_hers(one, spaces, stay)
    ]
    entries = Entries(store).at_doors(connection, [one.door_id for one in locks], now - LATELY)
    return still_closed(
        Known(
            stay=stay,
            verdict=verdict,
            cause=cause,
            locks=locks,
            entries=entries,
            grants=grants,
            has_pin="code" in policy.access_methods,
            call=policy.call,
            now=now,
            time_zone=time_zone,
            spare_rooms={one.room for one in SpareKeys(store, connection).of(_property(stay, grants)) if one.is_ready},
            write_back=policy.write_back != "off",
            person=policy.person,
            has_card="card" in policy.access_methods,
            cards=CardEncodings(store, connection).of_booking(booking_id),
            is_held=stay is not None
            and stay.access == "live"
            and any(one.hold.booking_id == booking_id for one in Holds(store).undecided(connection)),
            unread=unread,
        )
    )


def _property(stay: Stay | None, grants: list[Link]) -> str:
    if stay is not None:
        return stay.property_id
    return next((link.property_id for link in grants if link.property_id), "")


def _is_hers(one: LockHealth, spaces: set[str], stay: Stay | None) -> bool:
    """Whether her access opens it; where she has none yet, whether it is her room's."""
    if spaces:
        return not spaces.isdisjoint(one.space_ids)
    return stay is not None and stay.room in one.rooms
