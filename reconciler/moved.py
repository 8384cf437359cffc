"""Bookings that were moved from one property of a connection to another: whose word on them counts?

Grants from before may be linked with the property that was left, and what it says of the booking means nothing.
"""

from collections.abc import Collection

from connectors.errors import PmsError
from connectors.ports import Reader
from connectors.records import Property
from mappers.outcomes import Kind
from reconciler.lookup import LinksByKey
from reconciler.pull import Pulled
from store.engine import Database
from store.stays import Stays


def elsewhere(store: Database, connection: str, of: Property, booking_ids: Collection[str]) -> set[str]:
    """Those that another property had when they were last read."""
    stays = Stays(store).by_id(connection, booking_ids)
    return {stay.booking_id for stay in stays if stay.property_id != of.id}


def without_what_was_moved(store: Database, connection: str, pulled: Pulled) -> Pulled:
    """What was read of a property, without its word on bookings that another one has: none is gone or in doubt for
    it."""
    _leave(pulled, elsewhere(store, connection, pulled.of, pulled.missing))
    return pulled


def follow_moves(reader: Reader, pulls: Collection[Pulled], unread: Collection[Property]) -> None:
    """What another property has is not gone in the one that had it: it was moved there, and takes its PIN along.
    `unread`: the connection's properties of which this run has read nothing; they are asked for what is missing."""
    for pulled in pulls:
        missing = pulled.missing
        if missing:
            read = {
                one for other in pulls if other is not pulled for one in missing & (other.known_ids() | other.unchanged)
            }
            found, unsure = asked_of(reader, unread, missing - read)
            _leave(pulled, read | found)
            doubt(pulled, unsure)


def asked_of(
    reader: Reader, properties: Collection[Property], booking_ids: Collection[str]
) -> tuple[set[str], set[str]]:
    """Which of these bookings one of these properties has; and which nobody can tell of, for a property that may have
    them cannot be read."""
    found: set[str] = set()
    unsure: set[str] = set()
    for of in properties:
        rest = set(booking_ids) - found
        if not rest:
            break
        try:
            read = reader.bookings_by_id(of, sorted(rest))
        except PmsError:
            unsure |= rest
        else:
            there = {one.id for one in read.bookings} | {one.id for one in read.broken if one.kind == "booking"}
            found |= rest & there
    return found, unsure - found


def doubt(pulled: Pulled, booking_ids: Collection[str]) -> None:
    """Of these nobody can say whether they are gone."""
    pulled.doubtful |= pulled.gone.intersection(booking_ids)
    pulled.gone.difference_update(booking_ids)


def _leave(pulled: Pulled, moved: Collection[str]) -> None:
    had_some = not pulled.missing.isdisjoint(moved)
    for ids in (pulled.gone, pulled.doubtful, pulled.contradicted):
        ids.difference_update(moved)
    if had_some and not pulled.missing and not pulled.left_out:
        # What made the PMS look ill was moved.
        pulled.doubt = None


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
