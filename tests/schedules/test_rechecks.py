"""Whose grants are asked for again because no lock has confirmed them."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import event

from mappers.links import Link
from mappers.outcomes import Kind
from schedules.door_checks import CHECK_AHEAD, RECHECK_AFTER, connections_to_recheck
from store.engine import Database
from store.health import GrantHealth, Health
from store.links import put_links
from store.stays import Stay, Stays

NOW = datetime(2026, 9, 21, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def put(store: Database, connection: str, starts_at: datetime | None, state: str = "issuing", **rest: Any) -> None:
    """A booking with its grant, of which Seam was asked last when it was time to ask again."""
    more = {"ends_at": None, "access": "granted", "reason": "", "grants": 1} | rest
    Stays(store).note(
        connection, NOW, [Stay(connection, "b1", "p1", "1", "A B", "101", "confirmed", starts_at, **more)]
    )
    link = Link(Kind.ACCESS_GRANT, "b1", f"grant of {connection}", property_id="p1", booking_id="b1")
    with store.writing() as db:
        put_links(store, db, connection, [link], NOW)
    asked = NOW - RECHECK_AFTER
    GrantHealth(store).note([Health(connection, "b1", "b1", f"grant of {connection}", state, "", None, asked)])


def test_asked_for_again_is_whoever_is_here_or_comes_within_a_day_and_has_access_that_no_lock_has_confirmed(
    store: Database,
) -> None:
    put(store, "comes tomorrow", NOW + CHECK_AHEAD - HOUR)
    put(store, "is here", NOW - HOUR, ends_at=NOW + HOUR)
    put(store, "lives here", NOW - HOUR)
    put(store, "comes later", NOW + CHECK_AHEAD)
    put(store, "has left", NOW - 2 * HOUR, ends_at=NOW)
    put(store, "is confirmed", NOW + HOUR, state="issued")
    put(store, "should have none", NOW + HOUR, access="none")
    put(store, "comes nobody knows when", None)
    assert connections_to_recheck(store, NOW) == {"comes tomorrow", "is here", "lives here"}


def test_whose_grants_are_asked_for_again_is_found_by_one_statement_without_reading_bookings(store: Database) -> None:
    for number in range(20):
        put(store, f"confirmed {number}", NOW + HOUR, state="issued")
    put(store, "unconfirmed", NOW + HOUR)
    asked: list[str] = []
    event.listen(store._engine, "before_cursor_execute", lambda *call: asked.append(call[2]))
    assert connections_to_recheck(store, NOW) == {"unconfirmed"}
    (of_bookings,) = (one for one in asked if "stays" in one)
    assert "label" not in of_bookings, "whoever is only to be counted is not read whole"
