"""A PMS says that there are too many requests: whoever shares the limit leaves it alone for as long as it says."""

from collections.abc import Iterator
from zoneinfo import ZoneInfo

import pytest
import responses

from connectors.errors import PmsUnreachable
from connectors.session import Access, PmsSession
from connectors.snapshots.entries import Feed
from connectors.snapshots.ical.wire import FeedWire
from tests.world import Clock

HERE, THERE = "https://pms.example/list", "https://other.example/list"


@pytest.fixture
def wire() -> Iterator[responses.RequestsMock]:
    with responses.RequestsMock(assert_all_requests_are_fired=False) as wire:
        wire.get(HERE, json={})
        yield wire


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def access(clock: Clock) -> Access:
    return Access(sleep=clock.sleep, wait_for_turn=clock.sleep, monotonic=clock.monotonic, clock=clock.now)


def _sessions(access: Access, *accounts: str) -> list[PmsSession]:
    return [access.session(account, 100, 1.0) for account in accounts]


def _too_many(wire: responses.RequestsMock, retry_after: str, url: str = HERE) -> None:
    wire.replace(responses.GET, url, status=429, headers={"Retry-After": retry_after})


def test_others_with_the_same_token_wait_for_as_long_as_the_pms_says_and_those_with_another_do_not(
    wire: responses.RequestsMock, access: Access, clock: Clock
) -> None:
    one, other, stranger = _sessions(access, "token", "token", "another token")
    _too_many(wire, "20")
    one._attempts = 1
    with pytest.raises(PmsUnreachable, match="answered 429"):
        one.get(HERE, who="alpen", operation="list")
    wire.replace(responses.GET, HERE, json={})
    stranger.get(HERE, who="berg", operation="list")
    assert clock.monotonic() == 0
    other.get(HERE, who="see", operation="list")
    assert clock.monotonic() == 20


def test_where_the_pms_asks_for_ten_minutes_nobody_asks_it_and_nobody_waits(
    wire: responses.RequestsMock, access: Access, clock: Clock
) -> None:
    one, other = _sessions(access, "token", "token")
    _too_many(wire, "600")
    with pytest.raises(PmsUnreachable, match="asks us to come back in 600 s"):
        one.get(HERE, who="alpen", operation="list")
    asked = len(wire.calls)
    with pytest.raises(PmsUnreachable, match="see: the PMS takes no requests for another 600 s"):
        other.get(HERE, who="see", operation="list")
    assert (len(wire.calls), clock.monotonic()) == (asked, 0)
    clock.pass_(minutes=10)
    wire.replace(responses.GET, HERE, json={})
    other.get(HERE, who="see", operation="list")


def test_a_page_that_would_wait_for_longer_than_a_person_does_says_so(
    wire: responses.RequestsMock, access: Access, clock: Clock
) -> None:
    session = _sessions(access, "token")[0]
    page = PmsSession(session._limit, longest_wait=8.0)
    session._limit.hold_back(20.0)
    with pytest.raises(PmsUnreachable, match="another 20 s"):
        page.get(HERE, who="alpen", operation="list")


def test_feeds_of_one_platform_are_held_back_together_and_those_of_others_are_not(
    wire: responses.RequestsMock, access: Access, clock: Clock
) -> None:
    here, also_here, elsewhere = (
        Feed("101", url, f"the feed of room {number}")
        for number, url in enumerate((f"{HERE}/1.ics", f"{HERE}/2.ics", f"{THERE}/3.ics"), 101)
    )
    wire.get(here.url, status=429, headers={"Retry-After": "600"})
    wire.get(elsewhere.url, body="BEGIN:VCALENDAR\nVERSION:2.0\nEND:VCALENDAR\n")
    # Two connections.
    one = FeedWire("flats", [here, elsewhere], access, private_addresses=True)
    other = FeedWire("more flats", [also_here], access, private_addresses=True)
    with pytest.raises(PmsUnreachable, match="come back in 600 s"):
        one.read(here, ZoneInfo("UTC"))
    with pytest.raises(PmsUnreachable, match="more flats: the PMS takes no requests for another 600 s"):
        other.read(also_here, ZoneInfo("UTC"))
    assert one.read(elsewhere, ZoneInfo("UTC")).events == []
    assert clock.monotonic() == 0
