"""One pace for all threads, found by what Seam says."""

from collections import deque

import pytest

from seam_workspace.errors import SeamBusy
from seam_workspace.pace import Pace
from tests.world import Clock


def test_without_complaints_nobody_waits() -> None:
    clock = Clock()
    pace = Pace(clock.monotonic, clock.sleep)
    for _ in range(100):
        pace.wait_for_turn()
        pace.went_well()
    assert clock.monotonic() == 0


def test_a_workspace_that_allows_forty_a_second_gets_nearly_that_and_complains_seldom() -> None:
    clock = Clock()
    pace = Pace(clock.monotonic, clock.sleep)
    answered: deque[float] = deque()
    done = refused = 0
    while done < 2000:
        pace.wait_for_turn()
        clock.sleep(0.001)
        now = clock.monotonic()
        while answered and answered[0] < now - 1:
            answered.popleft()
        if len(answered) >= 40:
            refused += 1
            pace.slow_down(1.0, 1)
        else:
            answered.append(now)
            done += 1
            pace.went_well()
    assert done / clock.monotonic() > 20
    assert refused < done / 20


def test_complaints_that_have_nothing_to_do_with_our_speed_do_not_slow_us_down_for_ever() -> None:
    clock = Clock()
    pace = Pace(clock.monotonic, clock.sleep)
    for number in range(1, 1001):
        pace.wait_for_turn()
        clock.sleep(0.005)
        if number % 20:
            pace.went_well()
        else:
            pace.slow_down(1.0, 1)
    assert 1000 / clock.monotonic() > 4


def test_a_pause_holds_everybody_for_as_long_as_seam_said_and_no_longer() -> None:
    clock = Clock()
    pace = Pace(clock.monotonic, clock.sleep)
    pace.wait_for_turn()
    pace.slow_down(7.0, 1)
    pace.wait_for_turn()
    assert 7 <= clock.monotonic() < 8


def test_an_hour_is_waited_for_by_nobody_and_then_requests_go_out_again() -> None:
    clock = Clock()
    pace = Pace(clock.monotonic, clock.sleep)
    pace.slow_down(3600.0, 1)
    with pytest.raises(SeamBusy, match="another 60 minutes"):
        pace.wait_for_turn()
    assert clock.monotonic() == 0
    clock.pass_(minutes=59, seconds=30)
    with pytest.raises(SeamBusy, match="another minute "):
        pace.wait_for_turn()
    clock.pass_(minutes=1)
    pace.wait_for_turn()
    assert clock.monotonic() == 3630
