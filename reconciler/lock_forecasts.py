"""What is coming at the locks of a connection, put together from the database."""

from datetime import datetime

from mappers.outcomes import Kind
from reconciler.lock_forecast import LockForecast, forecast
from store.engine import Database
from store.health import GrantHealth
from store.links import Links
from store.lock_health import LockHealthBook


def lock_forecasts(
    store: Database, connection: str, now: datetime, property_id: str | None = None
) -> list[LockForecast]:
    """Of every lock that belongs to a room or a common area, the fullest first. Raises `StoreFailed`."""
    locks = [one for one in LockHealthBook(store, connection).of(property_id) if one.space_ids]
    if not locks:
        return []
    grants = list(Links(store).of_connection(connection, [Kind.ACCESS_GRANT]).values())
    healths = {one.key: one for one in GrantHealth(store).of(connection)}
    found = forecast(locks, grants, healths, now)
    return sorted(found, key=lambda one: (-len(one.late), one.overflows_at is None, -one.arrivals, one.name))
