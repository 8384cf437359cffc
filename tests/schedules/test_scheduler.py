"""The loop: who works, what comes in between, and clocks that are set."""

import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from schedules.jobs import Job
from schedules.lanes import Lane
from schedules.scheduler import LOOP, Scheduler
from schedules.watchdog import IS_OVER, STANDS_STILL
from schedules.worker import Worker
from store.database import open_database
from store.engine import Database, StoreFailed, StoreRemoved, TurnLost
from store.queue import TaskKind
from tests.night import Night


class Mono:
    """Monotonic seconds that a test moves."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def __call__(self) -> float:
        return self.seconds


def scheduler(night: Night, mono: Mono, store: Database | None = None) -> Scheduler:
    return Scheduler(
        store or night.store, [night.worker], night.router, night.alerts, clock=night.clock.now, monotonic=mono
    )


def test_one_process_works_and_another_takes_over_when_it_ends(tmp_path: Path) -> None:
    night, mono = Night(tmp_path), Mono()
    first = scheduler(night, mono)
    first.tick()
    other_store = Database(open_database(night.address))
    second = scheduler(night, mono, other_store)
    second.tick()
    assert (first.works, second.works) == (True, False)
    first.stop(1)
    second.tick()
    assert second.works
    second.stop(1)
    other_store.close()


def test_whoever_ends_waits_for_a_loop_that_hangs_only_as_long_as_it_may(tmp_path: Path) -> None:
    class Ticks:
        running = True
        asked: list[bool] = []  # noqa: RUF012

        def shutdown(self, wait: bool) -> None:
            self.asked.append(wait)

    one = scheduler(Night(tmp_path), Mono())
    one._ticks = Ticks()  # type: ignore[assignment]
    one.stop(1)
    assert Ticks.asked == [False]


def test_what_takes_long_of_thousands_of_connections_is_done_more_rarely(tmp_path: Path) -> None:
    night, mono = Night(tmp_path), Mono()
    one = scheduler(night, mono)
    looked: list[float] = []
    took = [0.0]

    def look(turn: Any, names: Any) -> None:
        looked.append(mono.seconds)
        mono.seconds += took[0]

    night.alerts.look = look  # type: ignore[method-assign]
    for takes, pause in ((0.0, 30), (2.0, 40), (30.0, 60)):
        looked.clear()
        took[0] = takes
        mono.seconds += 100
        while len(looked) < 3:
            one.tick()
            mono.seconds += 1
        assert looked[2] - looked[1] == pause
    one.stop(1)


def test_when_it_begins_to_work_it_does_what_is_due(tmp_path: Path) -> None:
    night = Night(tmp_path)
    one = scheduler(night, Mono())
    one.tick()
    assert Job(TaskKind.FULL) in night.worker.pending()
    one.stop(1)


def test_a_clock_that_is_set_back_leaves_no_job_waiting_for_a_time_that_has_been(tmp_path: Path) -> None:
    night, mono = Night(tmp_path), Mono()
    night.do("full")
    one = scheduler(night, mono)
    one.tick()
    night.drop_jobs()
    night.clock.time -= timedelta(hours=1)
    mono.seconds += 1
    one.tick()
    assert night.worker.pending() == {Job(TaskKind.FULL), Job(TaskKind.LOCK_HEALTH)}
    one.stop(1)


def test_a_clock_that_runs_as_it_should_is_left_alone(tmp_path: Path) -> None:
    night, mono = Night(tmp_path), Mono()
    night.do("full")
    one = scheduler(night, mono)
    one.tick()
    night.drop_jobs()
    for _ in range(5):
        night.clock.pass_(seconds=10)
        mono.seconds += 10
        one.tick()
    assert night.worker.pending() == set()
    one.stop(1)


def test_an_audit_that_fails_is_tried_again_ever_more_rarely_and_not_only_tomorrow(tmp_path: Path) -> None:
    night, mono = Night(tmp_path), Mono()
    night.do("full")
    one = scheduler(night, mono)
    one.tick()
    night.drop_jobs()
    audit = Job(TaskKind.NIGHT_AUDIT, night.property)
    night.hotel.faults.down = True
    night.do("night_audit", night.property)
    tries = []
    for minute in range(1, 128):
        night.clock.pass_(seconds=60)
        mono.seconds += 60
        one.tick()
        if audit in night.worker.pending():
            tries.append(minute)
            night.hotel.faults.down = minute < 60
            night.do("night_audit", night.property)
        night.drop_jobs()
    assert tries == [1, 3, 7, 15, 31, 61], "and no more, once it went well"
    one.stop(1)


def test_what_another_process_has_stored_is_noticed(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    one = scheduler(night, Mono())
    one.tick()
    night.mews_webhook(("ServiceOrderUpdated", night.book()))
    woken: list[tuple[str, Lane]] = []
    one._engine.wake = lambda wanted, *, seen_due=False: woken.extend(wanted)  # type: ignore[method-assign]
    one.tick()
    assert ("alpen", Lane.URGENT) in woken
    one.stop(1)


def test_a_mail_server_that_hangs_does_not_stop_the_loop(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.book(arrival=night.clock.now() + timedelta(hours=1))
    night.do("full")
    reached, answers = threading.Event(), threading.Event()

    def tell(*message: object) -> None:
        reached.set()
        assert answers.wait(20)

    night.told.tell = tell  # type: ignore[method-assign]
    mono = Mono()
    one = scheduler(night, mono)
    ticks = [threading.Thread(target=one.tick, daemon=True) for _ in range(2)]
    for tick in ticks:
        tick.start()
        assert reached.wait(10)
        tick.join(5)
        assert not tick.is_alive()
        mono.seconds += 60
    answers.set()
    one.stop(5)
    assert night.alert_book.to_tell(night.clock.now()) == []


def test_whoever_is_held_up_in_a_tick_settles_no_event_and_tells_nothing(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.book(arrival=night.clock.now() + timedelta(hours=1))
    night.do("full")
    one = scheduler(night, Mono())
    one._plan = lambda *_, **__: [setattr(turn, "_lost", True) for turn in one._turns.values()]  # type: ignore[method-assign]
    night.inbox.put("seam", "e1", "access_grant.deleted", {"seam_ids": ["g1"]}, night.clock.now())
    with pytest.raises(TurnLost):
        one.tick()
    assert [event.event_id for event in night.inbox.without_connection()] == ["e1"]
    night.clock.pass_(minutes=10)
    turn = one._turns[one._name]
    assert turn is not None
    with pytest.raises(TurnLost):
        night.alerts.look(turn)
    assert night.alert_book.open() == []
    night.alerts.look()
    with pytest.raises(TurnLost):
        night.alerts.tell("email", turn)
    assert night.told.messages == []
    one.stop(1)


def test_with_real_threads_it_starts_works_and_ends(tmp_path: Path) -> None:
    night = Night(tmp_path)
    booking = night.book()
    night.worker = Worker(night.jobs, night.queue, night.clock.now)
    one = Scheduler(night.store, [night.worker], night.router, night.alerts, clock=night.clock.now)
    one.start()
    moment = threading.Event()
    for _ in range(200):
        if night.doors(booking):
            break
        moment.wait(0.1)
    assert night.doors(booking) == ["101"]
    assert one.alive
    assert one.stop(20)
    assert not one.alive


def test_a_database_that_hangs_is_told_to_monitoring_and_the_watchdog_and_one_that_fails_is_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night, mono = Night(tmp_path), Mono()
    one = scheduler(night, mono)
    seconds = 1.0

    def silent() -> None:
        mono.seconds += seconds
        raise StoreFailed("the database cannot be used")

    monkeypatch.setattr(one, "_lead", silent)
    for _ in range(300):
        one.turn_once()
    assert one.since_tick() < STANDS_STILL, "it says at once that it cannot: another process would hear the same"
    seconds = 60.0
    for _ in range(4):
        one.turn_once()
    assert one.since_tick() > IS_OVER
    monkeypatch.undo()
    one.turn_once()
    assert one.since_tick() == 0
    one.stop(1)


def test_whoever_finds_the_database_removed_under_it_asks_for_its_own_end(tmp_path: Path) -> None:
    night = Night(tmp_path)
    ends: list[str] = []
    one = Scheduler(
        night.store, [], night.router, night.alerts, clock=night.clock.now, end=lambda: ends.append("asked for")
    )
    night.store.check_file = removed  # type: ignore[method-assign]
    assert (one.turn_once(), ends) == (False, ["asked for"])


def removed() -> None:
    raise StoreRemoved("the database file was removed")


def test_a_database_that_fails_for_a_moment_does_not_end_the_loop(tmp_path: Path) -> None:
    night = Night(tmp_path)
    one = scheduler(night, Mono())
    calls = []

    def fail() -> None:
        calls.append(1)
        if len(calls) < 3:
            raise StoreFailed("gone")

    one.tick = fail  # type: ignore[method-assign]
    assert [one.turn_once() for _ in range(3)] == [True] * 3
    assert len(calls) == 3


def test_a_clock_that_is_set_back_does_not_stop_the_loop(tmp_path: Path) -> None:
    """APScheduler goes by the host's clock, and would wait until that is where it was."""
    night = Night(tmp_path)
    one = scheduler(night, Mono())
    turned = threading.Event()
    one.tick = turned.set  # type: ignore[method-assign]
    one.start()
    assert turned.wait(5)
    one._ticks.modify_job(LOOP, next_run_time=datetime.now(UTC) + timedelta(days=3))
    with one._turning:
        turned.clear()
    one.wake()
    assert turned.wait(5)
    assert one.stop(5)
