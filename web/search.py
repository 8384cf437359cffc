"""The search: whom somebody means by a few words. One for the page and the API."""

from datetime import datetime

from store import search as stored
from store.stays import Stay
from store.surnames import Surnames
from web.access import known_properties
from web.context import WebContext
from web.picture import days


def search(of: WebContext, words: str) -> list[Stay]:
    """The stays that somebody means by these words, of the connections that there are."""
    if not words:
        return []
    surnames = Surnames(of.store)
    known = known_properties() if any(letter.isalpha() for letter in words) else ()
    hashes = surnames.hashes_at(((one.connection, one.property_id) for one in known), [words])
    found = stored.search(of.store, words, of.clock(), by_surname=hashes)
    return [one for one in found if one.connection in of.connections]


def part_of(stay: Stay, now: datetime, time_zone: str) -> str:
    """Under which heading the page shows a stay: `house`, `today`, `later` or `over`."""
    if stay.access == "none" or (stay.ends_at is not None and stay.ends_at <= now):
        return "over"
    if stay.starts_at is None or stay.starts_at <= now:
        return "house"
    _, tomorrow, _ = days(time_zone, now)
    return "today" if stay.starts_at < tomorrow else "later"
