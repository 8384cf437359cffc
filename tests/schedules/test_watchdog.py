"""A process whose loop has stopped ends, and one that was asked to end does so whatever hangs."""

import threading
from pathlib import Path

import pytest

from schedules.watchdog import EXIT, IS_OVER, STANDS_STILL, Watchdog, end_within
from tests.night import Night
from tests.world import Clock


class Heart:
    def __init__(self) -> None:
        self.clock = Clock()
        self.ticked_at = 0.0
        self.ends: list[int] = []
        self.woken = 0
        self.dog = Watchdog(
            lambda: self.clock.monotonic() - self.ticked_at, self.wake, end=self.ends.append, clock=self.clock.monotonic
        )

    def wake(self) -> None:
        self.woken += 1

    def watch(self, seconds: int, turns: bool) -> None:
        for _ in range(0, seconds, 5):
            self.clock.sleep(5)
            if turns:
                self.ticked_at = self.clock.monotonic()
            self.dog.look()


def test_a_loop_that_turns_is_left_alone() -> None:
    loop = Heart()
    loop.watch(3600, turns=True)
    assert loop.ends == []
    assert loop.woken == 0


def test_a_loop_that_is_late_is_woken_before_anything_else() -> None:
    loop = Heart()
    loop.watch(10, turns=False)
    assert loop.woken == 1
    assert loop.ends == []


def test_a_loop_that_stands_still_ends_the_process_after_monitoring_was_told() -> None:
    loop = Heart()
    loop.watch(int(IS_OVER), turns=False)
    assert loop.ends == []
    loop.watch(10, turns=False)
    assert loop.ends[0] == EXIT
    assert STANDS_STILL < IS_OVER


def test_a_process_that_was_asleep_as_a_whole_gets_time_to_turn_again() -> None:
    loop = Heart()
    loop.clock.sleep(3600)
    loop.dog.look()
    loop.watch(60, turns=True)
    assert loop.ends == []


@pytest.mark.parametrize("finishes", [True, False])
def test_the_last_seconds_are_counted_unless_everything_ended_before(finishes: bool) -> None:
    ended = threading.Event()
    timer = end_within(0.05, lambda code: ended.set())
    if finishes:
        timer.cancel()
    assert ended.wait(0.4) is not finishes


def test_monitoring_sees_that_the_loop_stands_still(tmp_path: Path) -> None:
    night = Night(tmp_path)
    client = night.site.test_client()
    assert client.get("/healthz").status_code == 200
    service = night.site.extensions["nightporter"]
    object.__setattr__(service, "since_tick", lambda: STANDS_STILL + 1)
    answer = client.get("/healthz")
    assert answer.status_code == 503
    assert "has not turned for 61 s" in answer.json["status"]


def test_a_connection_that_is_not_kept_in_step_is_not_ready(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    client = night.client()
    assert client.get("/readyz").status_code == 200
    for _ in range(8):
        night.clock.pass_(minutes=1)
        night.alerts.look()
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert any("alpen" in one for one in answer.json["wrong"])
