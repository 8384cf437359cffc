"""Bookings that were moved from one property of a connection to another: whose word on them counts?

Grants from before may be linked with the property that was left, and what it says of the booking means nothing.
"""

from collections.abc import Collection

from connectors.records import Property
from mappers.outcomes import Kind
from reconciler.lookup import LinksByKey
from reconciler.pull import Pulled
from store.engine import Database
from store.stays import Stays


def elsewhere(store: Database, connection: str, of: Property, booking_ids: Collection[str]) -> set[str]:
    """Those that another property had when they were last read."""
    stays = (Stays(store).get(connection, one) for one in booking_ids)
    return {stay.booking_id for stay in stays if stay is not None and stay.property_id != of.id}


def without_what_was_moved(store: Database, connection: str, pulled: Pulled) -> Pulled:
    """What was read of a property, without its word on bookings that another one has: none is gone or in doubt for
    it."""
    moved = elsewhere(store, connection, pulled.of, pulled.gone | pulled.doubtful | pulled.contradicted)
    pulled.gone -= moved
    pulled.doubtful -= moved
    pulled.contradicted -= moved
    return pulled


def in_several_properties(links: LinksByKey) -> set[str]:
    """The bookings with grants in more than one property."""
    found: set[str] = set()
    first: dict[str, str | None] = {}
    for (kind, _), link in links.items():
        if kind == Kind.ACCESS_GRANT and link.booking_id is not None:
            if link.booking_id in first and first[link.booking_id] != link.property_id:
                found.add(link.booking_id)
            first[link.booking_id] = link.property_id
    return found
