"""Two witnesses for our clock: the PMS's answers and Seam's."""

from datetime import timedelta

import pytest

from connectors.shown_clock import ShownClock
from reconciler.clocks import compare, followed
from tests.builders import NOW

MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("pms", "seam", "told", "stops"),
    [
        (None, None, None, False),
        (0, 0, None, False),
        (2, -2, None, False),
        (9, 0, "the clock of the PMS is 9 minutes ahead of ours", False),
        (-10, 0, "the clock of the PMS is 10 minutes behind ours", False),
        (0, 300, "the clock of Seam is 5 hours ahead of ours", False),
        (5, 5, "the clock of this machine is 5 minutes behind those of the PMS and Seam", False),
        (-4320, -4321, "the clock of this machine is 3 days ahead of those of the PMS and Seam", True),
        (30, -20, "no two clocks agree", True),
        (11, None, "nothing says which is right", True),
        (None, -9, "nothing says which is right", False),
    ],
)
def test_whose_clock_is_wrong(pms: int | None, seam: int | None, told: str | None, stops: bool) -> None:
    found = compare(None if pms is None else pms * MINUTE, None if seam is None else seam * MINUTE)
    assert found.stops is stops
    assert (found.told is None) if told is None else (told in (found.told or ""))


def test_one_odd_date_of_a_proxy_is_no_proof() -> None:
    clock = ShownClock()
    for date in ("Sun, 01 Mar 2026 12:00:01 GMT", "Thu, 01 Jan 1970 00:00:00 GMT", "Sun, 01 Mar 2026 12:00:00 GMT"):
        clock.saw({"Date": date}, NOW.replace(year=2026, month=3, day=1, hour=12, minute=0, second=0, microsecond=0))
    assert clock.ahead() == timedelta(0)


@pytest.mark.parametrize(
    "headers", [{}, {"Date": ""}, {"Date": "yesterday"}, {"Date": "Sun, 01 Mar 99999 12:00:00 GMT"}]
)
def test_what_is_no_date_is_no_witness(headers: dict[str, str]) -> None:
    clock = ShownClock()
    clock.saw(headers, NOW)
    assert clock.ahead() is None


def test_a_time_that_stands_still_is_a_cache_and_no_clock() -> None:
    clock = ShownClock()
    asked = "GET /properties"
    kept = {"Date": f"{NOW:%a, %d %b %Y %H:%M:%S} GMT"}
    for minutes in (0, 10, 80):
        clock.begin()
        clock.saw(kept, NOW + minutes * MINUTE, asked)
        assert (clock.ahead() is None) == (minutes > 0)
    late = NOW + 90 * MINUTE
    clock.saw({"Date": f"{late - 9 * MINUTE:%a, %d %b %Y %H:%M:%S} GMT"}, late, asked)
    assert clock.ahead() == -9 * MINUTE, "a clock that is slow goes on"
    clock.begin()
    clock.saw(kept, late, asked)
    assert clock.ahead() is None, "no clock goes back by an hour and stands still"


def test_a_clock_that_is_years_away_is_not_followed() -> None:
    assert followed(timedelta(days=400)) == timedelta(hours=12)
    assert followed(timedelta(seconds=3)) == followed(None) == timedelta(0)
