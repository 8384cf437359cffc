"""How soon changes are read again: more rarely only where webhooks are seen to arrive."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from schedules.due import interval
from schedules.jobs import Job
from schedules.pace import Heard, next_run
from schedules.timetable import Timetable
from schedules.worker import Worker
from store.jobs import JobBook
from store.queue import Task, TaskKind
from tests.night import Night
from tests.world import START
from web.access import web_context
from web.polling import polled

NOW = datetime(2026, 9, 21, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
AS_USUAL = Timetable().incremental
QUIET = Heard(NOW, NOW - 2 * MINUTE, NOW, NOW - MINUTE, False, None)
"""A webhook came since the last run, and this one found nothing of which it had not told."""


def test_webhooks_that_arrive_make_the_next_run_later_step_by_step_up_to_the_longest_pause() -> None:
    pauses, last = [], 2 * MINUTE
    for _ in range(8):
        pause, why = next_run(Timetable(), replace(QUIET, last_began=NOW - last))
        assert why is not None
        pauses.append(pause / MINUTE)
        last = pause
    assert pauses == [4, 6, 8, 10, 12, 14, 15, 15]


@pytest.mark.parametrize(
    "heard",
    [
        replace(QUIET, last_began=NOW - 14 * MINUTE, found_by_itself=True),
        replace(QUIET, last_began=NOW - 14 * MINUTE, webhook_at=None),
        replace(QUIET, last_began=NOW - 14 * MINUTE, webhook_at=NOW - timedelta(hours=25)),
    ],
    ids=["something was found that no webhook had told of", "there were never any", "none for a day"],
)
def test_what_says_that_webhooks_do_not_arrive_puts_it_back_at_once(heard: Heard) -> None:
    assert next_run(Timetable(), heard) == (AS_USUAL, None)


def test_while_nothing_is_heard_nothing_grows() -> None:
    heard = replace(QUIET, last_began=NOW - 6 * MINUTE, webhook_at=NOW - 7 * MINUTE)
    assert next_run(Timetable(), heard)[0] == 6 * MINUTE
    assert next_run(Timetable(), replace(heard, last_began=NOW - 2 * MINUTE)) == (AS_USUAL, None)


def test_who_arrives_within_a_day_is_looked_after_more_closely_than_who_comes_in_three_weeks() -> None:
    heard = replace(QUIET, last_began=NOW - 14 * MINUTE)
    for days, minutes in ((0.9, 5), (21, 15)):
        assert next_run(Timetable(), replace(heard, next_arrival=NOW + timedelta(days=days)))[0] == minutes * MINUTE


def test_where_nobody_arrives_or_leaves_within_a_day_changes_are_read_half_as_often() -> None:
    quiet = replace(QUIET, is_quiet=True, webhook_at=None)
    assert next_run(Timetable(), quiet) == (
        2 * AS_USUAL,
        "nobody's access begins or ends within a day: so it is done half as often",
    )
    assert next_run(Timetable(), replace(quiet, found_by_itself=True)) == (AS_USUAL, None)
    assert next_run(Timetable(incremental_at_most=3 * MINUTE), quiet)[0] == 3 * MINUTE
    assert next_run(Timetable(incremental_at_most=AS_USUAL), quiet) == (AS_USUAL, None)
    told = replace(QUIET, last_began=NOW - 10 * MINUTE, is_quiet=True)
    assert next_run(Timetable(), told) == next_run(Timetable(), replace(told, is_quiet=False)), "webhooks arrive"


def test_of_many_connections_none_is_put_off_for_longer_than_twice_the_usual_time() -> None:
    told = Heard(NOW, NOW - 4 * MINUTE, NOW, NOW - MINUTE, False, NOW + timedelta(days=3), is_one_of_many=True)
    assert next_run(Timetable(), told)[0] == 2 * AS_USUAL
    assert next_run(Timetable(incremental_at_most=3 * MINUTE), told)[0] == 3 * MINUTE
    silent = replace(told, webhook_at=None, next_arrival=NOW + timedelta(hours=3))
    assert next_run(Timetable(), silent) == (AS_USUAL, None), "somebody comes, and only reading tells of it"


def test_however_long_webhooks_have_arrived_one_of_many_connections_is_read_within_four_minutes(night: Night) -> None:
    night.listen()
    night.worker = one_of(201, night)
    pauses = []
    for day in range(6, 10):
        night.book(0, arrival=START + timedelta(days=day), departure=START + timedelta(days=day + 1))
        night.sender.deliver_all()
        assert night.worker.step_inbox()
        pauses.append(_next(night))
    assert pauses == [4, 4, 4, 4]


@pytest.mark.parametrize(("hours", "minutes"), [(30, 4), (20, 2)])
def test_who_leaves_within_a_day_is_looked_after_as_usual(tmp_path: Path, hours: int, minutes: int) -> None:
    night = Night(tmp_path)
    night.book(0, arrival=START - timedelta(days=1), departure=START + timedelta(hours=hours))
    night.do("full")
    night.worker = Worker(night.jobs, night.queue, night.clock.now, partial(interval, night.timetable))
    night.worker.enqueue(Job(TaskKind.INCREMENTAL))
    night.worker.step_job()
    assert _next(night) == minutes


def test_a_timetable_may_say_that_it_is_never_put_off() -> None:
    always = Timetable(incremental_at_most=AS_USUAL)
    assert next_run(always, QUIET) == (AS_USUAL, None)


@pytest.fixture
def night(tmp_path: Path) -> Night:
    night = Night(tmp_path)
    for room in range(3):
        night.book(room, arrival=START + timedelta(hours=20))
    night.do("full")
    night.worker = Worker(night.jobs, night.queue, night.clock.now, partial(interval, night.timetable))
    night.worker.enqueue(Job(TaskKind.INCREMENTAL))
    night.worker.step_job()
    return night


def _next(night: Night) -> float:
    """Minutes from the run that is due next to the one after it."""
    (task,) = night.queue.waiting(night.name, [TaskKind.INCREMENTAL])
    night.clock.time = task.not_before
    assert night.worker.step_job()
    record = JobBook(night.store).get(night.name, "", TaskKind.INCREMENTAL)
    (task,) = night.queue.waiting(night.name, [TaskKind.INCREMENTAL])
    assert record is not None
    return (task.not_before - record.started_at) / MINUTE


def test_a_hotel_whose_webhooks_arrive_is_read_more_rarely_until_one_gets_lost(night: Night) -> None:
    night.listen()
    assert _next(night) == 2, "it listens, and has heard nothing yet"
    booking = night.book(0, arrival=START + timedelta(days=6), departure=START + timedelta(days=7))
    night.sender.deliver_all()
    assert night.worker.step_inbox()
    assert [_next(night) for _ in range(2)] == [4, 4], "told once, and then silent"
    assert not night.connections["alpen"].is_late(
        night.clock.now() + 7 * MINUTE, night.clock.now(), night.queue.put_back("incremental")["alpen"]
    )
    night.hotel.cancel(booking)
    night.sender.waiting.clear()
    assert _next(night) == 2, "it found what no webhook had told of"
    assert night.queue.put_back("incremental") == {}
    assert _next(night) == 2, "and waits for one that arrives"


def one_of(connections: int, night: Night) -> Worker:
    """The worker of one among so many connections."""
    every = partial(interval, night.timetable)
    return Worker(night.jobs, night.queue, night.clock.now, every, lambda: connections)


def _after_a_look_at_the_locks(night: Night) -> Task:
    """The next one."""
    night.worker.enqueue(Job(TaskKind.LOCK_HEALTH))
    night.worker.step_job()
    (task,) = night.queue.waiting(night.name, [TaskKind.LOCK_HEALTH])
    return task


def test_the_locks_of_few_connections_are_looked_at_as_often_whoever_is_there(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.equip(0)
    night.do("full")
    night.worker = one_of(200, night)
    task = _after_a_look_at_the_locks(night)
    assert (task.not_before - night.clock.now()) / MINUTE == 5
    assert task.why is None


@pytest.mark.parametrize(
    ("stays", "minutes"),
    [
        pytest.param((), 10, id="nobody"),
        pytest.param((30, 50), 10, id="in 30 hours"),
        pytest.param((20, 50), 5, id="in 20 hours"),
        pytest.param((-50, 70), 5, id="there"),
        pytest.param((-50, -1), 10, id="gone"),
    ],
)
def test_the_locks_are_looked_at_half_as_often_where_nobody_is_there_or_comes_within_a_day(
    tmp_path: Path, stays: tuple[int, int], minutes: int
) -> None:
    night = Night(tmp_path)
    night.equip(0)
    if stays:
        arrival, departure = (START + timedelta(hours=one) for one in stays)
        night.book(0, arrival=arrival, departure=departure)
    night.do("full")
    night.worker = one_of(201, night)
    task = _after_a_look_at_the_locks(night)
    assert (task.not_before - night.clock.now()) / MINUTE == minutes
    assert (task.why is not None) == (minutes == 10)


def test_the_locks_of_a_house_without_any_are_looked_for_half_as_often_until_there_is_one(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.book(0, arrival=START - timedelta(hours=50), departure=START + timedelta(hours=50))
    night.do("full")
    night.worker = one_of(1, night)
    task = _after_a_look_at_the_locks(night)
    assert (task.not_before - night.clock.now()) / MINUTE == 10
    assert task.why == "there is no lock in Seam: so it is done half as often"
    night.equip(0)
    night.clock.time = task.not_before
    night.worker.step_job()
    (task,) = night.queue.waiting(night.name, [TaskKind.LOCK_HEALTH])
    assert (task.not_before - night.clock.now()) / MINUTE == 5
    assert task.why is None


def test_it_is_said_in_the_readers_language_why_the_locks_are_looked_at_more_rarely(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    night.worker = one_of(201, night)
    night.worker.enqueue(Job(TaskKind.LOCK_HEALTH))
    night.worker.step_job()
    with night.site.test_request_context(headers={"Accept-Language": "de"}):
        (line,) = [one for one in polled(web_context(), "alpen") if one.what == "Zustand der Schlösser"]
    assert line.how_often == "nach 10 Min. statt 5 Min."
    assert line.why == "niemand ist da oder kommt innerhalb eines Tages: darum geschieht es halb so oft"


def test_locks_are_looked_at_as_usual_while_somebodys_access_has_yet_to_be_taken_away(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.equip(0)
    booking = night.book(0, arrival=START - timedelta(hours=50), departure=START + timedelta(hours=1))
    night.do("full")
    night.worker = one_of(201, night)
    night.hotel.cancel(booking)
    night.do("incremental")
    task = _after_a_look_at_the_locks(night)
    assert (task.not_before - night.clock.now()) / MINUTE == 5
