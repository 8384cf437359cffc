"""Two witnesses for our clock: the PMS's answers and Seam's."""

from datetime import datetime, timedelta

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
        (119, 0, "the clock of the PMS is 119 minutes ahead of ours", False),
        (120, 0, "the clock of the PMS is 2 hours ahead of ours", False),
        (0, 300, "the clock of Seam is 5 hours ahead of ours", False),
        (0, -2879, "the clock of Seam is 47 hours behind ours", False),
        (0, -2880, "the clock of Seam is 2 days behind ours", False),
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


def _dated(when: datetime) -> dict[str, str]:
    return {"Date": f"{when:%a, %d %b %Y %H:%M:%S} GMT"}


def test_a_time_that_stands_still_is_a_cache_and_no_clock() -> None:
    clock = ShownClock()
    kept = _dated(NOW)
    for minutes in (0, 10, 80):
        clock.begin()
        for _ in range(2):
            clock.saw(kept, NOW + minutes * MINUTE, "pms.example")
        assert (clock.ahead() is None) == (minutes > 0)


def test_old_answers_in_turn_are_no_clock_that_goes_on() -> None:
    clock = ShownClock()
    for minute in range(180):
        now = NOW + minute * MINUTE
        clock.begin()
        if minute < 3:
            clock.saw(_dated(now), now, "pms.example")
            continue
        for old in (0, 1, 2):
            clock.saw(_dated(NOW + old * MINUTE), now, "pms.example")
        # Up to a minute old, an answer is as good as any.
        assert clock.ahead() is None or minute <= 3
        if minute % 7 == 0:
            clock.saw(_dated(now), now, "pms.example")
            assert clock.ahead() == timedelta(0), "what is asked anew shows it"


def test_many_runs_at_one_moment_make_no_clock_of_a_cache() -> None:
    clock = ShownClock()
    for _ in range(2):
        clock.saw(_dated(NOW), NOW, "pms.example")
    for minutes in (20, 30, 40):
        for _ in range(5):
            clock.begin()
            clock.saw(_dated(NOW), NOW + minutes * MINUTE, "pms.example")
            assert clock.ahead() is None


def test_a_clock_that_was_set_back_is_one_again_with_the_next_run() -> None:
    clock = ShownClock()
    ahead: list[timedelta | None] = []
    for minute in range(10):
        now = NOW + minute * MINUTE
        shown = now if minute < 4 else now - 9 * MINUTE
        clock.begin()
        for second in (0, 1, 2):
            then = timedelta(seconds=second)
            clock.saw(_dated(shown + then), now + then, "pms.example")
        ahead.append(clock.ahead())
        if clock.ahead() is None:
            assert clock.ahead_if_still() == -9 * MINUTE
    assert ahead == [timedelta(0)] * 4 + [None] * 2 + [-9 * MINUTE] * 4


def test_a_clock_that_was_set_ahead_is_followed_at_once() -> None:
    clock = ShownClock()
    for minute in range(10):
        now = NOW + minute * MINUTE
        shown = now if minute < 4 else now + 9 * MINUTE
        clock.begin()
        for _ in range(3):
            clock.saw(_dated(shown), now, "pms.example")
        assert clock.ahead() == (0 if minute < 4 else 9) * MINUTE


def test_two_hosts_have_a_clock_each() -> None:
    clock = ShownClock()
    for minute in range(5):
        now = NOW + minute * MINUTE
        clock.begin()
        for _ in range(2):
            clock.saw(_dated(now), now, "pms.example")
            clock.saw(_dated(now - 5 * MINUTE), now, "sign-in.example")
            clock.saw(_dated(now), now, "pms.example")
        assert clock.ahead() == timedelta(0)


def test_a_clock_that_is_years_away_is_not_followed() -> None:
    assert followed(timedelta(days=400)) == timedelta(hours=12)
    assert followed(timedelta(seconds=3)) == followed(None) == timedelta(0)
