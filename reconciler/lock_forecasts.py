"""What is coming at the locks of properties, put together from the database."""

from collections.abc import Collection
from datetime import datetime

from mappers.links import Link
from reconciler.judge import ISSUED
from reconciler.lock_forecast import AHEAD, LockForecast, forecast
from reconciler.readiness import WRITTEN_FIRST
from store.engine import Database
from store.health import GrantHealth
from store.links import Links
from store.lock_health import LockHealth, locks_at


def lock_forecasts(
    store: Database, places: Collection[tuple[str, str]], now: datetime
) -> dict[tuple[str, str], list[LockForecast]]:
    """Of these properties (connection, id), every lock that belongs to a room or a common area, the fullest first;
    those that have none are left out. So many questions for all of them as for one. Raises `StoreFailed`."""
    locks: dict[tuple[str, str], list[LockHealth]] = {}
    for one in locks_at(store, places):
        if one.space_ids:
            locks.setdefault((one.connection, one.property_id), []).append(one)
    if not locks:
        return {}
    grants: dict[tuple[str, str], list[Link]] = {}
    for connection, link in Links(store).grants_at_places(locks, now, now + AHEAD + WRITTEN_FIRST):
        grants.setdefault((connection, link.property_id or ""), []).append(link)
    # Only of those that are to be there, it matters whether they are.
    coming = {(place[0], one.key) for place, mine in grants.items() for one in mine if one.starts_at is not None}
    there = GrantHealth(store).in_state(coming, ISSUED)
    found = {}
    for place, mine in locks.items():
        theirs = grants.get(place, ())
        issued = {one.key for one in theirs if (place[0], one.key) in there}
        found[place] = sorted(
            forecast(mine, theirs, issued, now),
            key=lambda one: (-len(one.late), -len(one.unlicensed), one.overflows_at is None, -one.arrivals, one.name),
        )
    return found
