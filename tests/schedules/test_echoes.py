"""Seam tells us of what we did ourselves: that costs no look. What others do at the same moment is seen."""

from datetime import timedelta
from pathlib import Path

import pytest

from store.health import GrantHealth
from store.history import History
from tests.night import Night
from tests.world import START


@pytest.fixture
def night(tmp_path: Path) -> Night:
    return Night(tmp_path)


def ten_guests(night: Night) -> list[str]:
    """In ten rooms with a lock each, their access made and issued; hotel and workspace listen from then on."""
    for number in range(104, 111):
        night.rooms.append(night.hotel.add_room(night.property, str(number), night.double))
    for room in range(10):
        night.equip(room)
    bookings = [night.book(room, arrival=START + timedelta(hours=2)) for room in range(10)]
    night.do("full")
    night.listen()
    for _ in range(10):
        night.minute()
    return bookings


def extend(night: Night, *bookings: str, days: int = 6) -> None:
    for booking in bookings:
        night.hotel.move_dates(booking, departure=START + timedelta(days=days))


def asked_for_missed_events(night: Night) -> int:
    return sum(path == "/events/list" for _, path, *_ in night.seam.requests)


def test_ten_extensions_cost_at_most_45_calls_with_everything_that_comes_back(night: Night) -> None:
    bookings = ten_guests(night)
    before = night.workspace.calls
    extend(night, *bookings)
    for _ in range(12):
        night.minute()
    assert night.workspace.calls - before <= 45
    assert all(night.seam.grant_by_key(one)["ends_at"].startswith("2026-09-24") for one in bookings)  # type: ignore[index]
    assert night.inbox.backlog() == (0, None)
    assert {one.state for one in GrantHealth(night.store).of("alpen", bookings)} == {"issued"}


def test_ten_extensions_one_after_the_other_cost_at_most_45_calls(night: Night) -> None:
    """Beside the one call a look for events that were missed, which the clock asks for whatever happens."""
    bookings = ten_guests(night)
    before, missed = night.workspace.calls, asked_for_missed_events(night)
    for booking in bookings:
        extend(night, booking)
        night.settle()
        night.clock.pass_(seconds=5)
        night.settle()
    assert asked_for_missed_events(night) == missed, "no extension asks for them"
    assert night.workspace.calls - before <= 31
    for _ in range(12):
        night.minute()
    by_the_clock = asked_for_missed_events(night) - missed
    assert by_the_clock <= 2, "looks in twelve minutes"
    assert night.workspace.calls - before - by_the_clock <= 45


def test_times_that_somebody_else_changes_in_the_same_second_are_put_back(night: Night) -> None:
    booking = ten_guests(night)[0]
    night.hotel.sender = None
    extend(night, booking)
    night.do("incremental")
    night.seam.edit_grant(booking, ends_at="2026-12-24T10:00:00.000Z")
    night.minute()
    grant = night.seam.grant_by_key(booking)
    assert grant is not None
    assert grant["ends_at"].startswith("2026-09-24")


def test_access_that_somebody_else_deletes_in_the_same_second_is_made_again(night: Night) -> None:
    booking = ten_guests(night)[0]
    night.hotel.sender = None
    extend(night, booking)
    night.do("incremental")
    night.seam.remove("access_grant", booking)
    night.minute()
    assert night.doors(booking) == ["101"]


def test_a_key_that_is_revoked_and_not_issued_again_is_looked_at(night: Night) -> None:
    booking = ten_guests(night)[0]
    extend(night, booking)
    night.settle()
    night.seam.fail_to_issue(booking, "the lock is full")
    night.seam.events.clear()
    night.seam.sender = None
    runs = len(History(night.store).runs())
    night.minute()
    (waiting,) = night.inbox.page(source="seam", state="waiting")
    assert waiting.kind == "access_method.revoked"
    night.clock.pass_(minutes=5)
    night.settle()
    assert night.inbox.page(source="seam", state="waiting") == []
    assert "bookings" in {run.mode for run in History(night.store).runs()[: len(History(night.store).runs()) - runs]}
