"""When jobs are due: once a day by every calendar, and late rather than never."""

from datetime import UTC, datetime, time, timedelta
from functools import partial
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schedules.due import interval, last_due, spread
from schedules.jobs import Job
from schedules.pace import MANY
from schedules.scheduler import Scheduler
from schedules.timetable import Timetable
from schedules.worker import Worker
from store.jobs import JobBook
from store.queue import JOBS, Task, TaskKind
from tests.night import Night

ZONES = ["Europe/Vienna", "America/New_York", "Australia/Lord_Howe", "America/Sao_Paulo", "Asia/Kathmandu", "UTC"]


def firings(at: time, zone: ZoneInfo, start: datetime, days: int) -> list[datetime]:
    """When it was due, as seen every ten minutes."""
    looks = (start + timedelta(minutes=10 * number) for number in range(days * 144))
    return sorted({due for look in looks if (due := last_due(at, zone, look)) > start})


@given(
    st.sampled_from(ZONES),
    st.times(max_value=time(23, 59)).map(lambda at: at.replace(second=0, microsecond=0)),
    st.datetimes(datetime(2015, 1, 1), datetime(2030, 1, 1)).map(lambda one: one.replace(tzinfo=UTC)),
)
def test_a_clock_time_is_due_once_on_every_local_day(name: str, at: time, start: datetime) -> None:
    zone = ZoneInfo(name)
    found = firings(at, zone, start, 12)
    there = [one.astimezone(zone) for one in found]
    days = [one.date() for one in there]
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    for one in there:
        # At that time, unless the clock jumped over it: then as much later as it jumped.
        exists = datetime.combine(one.date(), at, tzinfo=zone).astimezone(UTC).astimezone(zone).time() == at
        assert (one.time().replace(fold=0) == at) is exists


@pytest.mark.parametrize(
    ("zone", "at", "day", "utc"),
    [
        ("Europe/Vienna", time(2, 30), datetime(2026, 3, 29), "2026-03-29T01:30"),
        ("Europe/Vienna", time(2, 30), datetime(2026, 10, 25), "2026-10-25T00:30"),
        ("America/Sao_Paulo", time(0, 0), datetime(2018, 11, 4), "2018-11-04T03:00"),
        ("Australia/Lord_Howe", time(2, 15), datetime(2026, 10, 4), "2026-10-03T15:45"),
    ],
)
def test_a_skipped_time_is_due_after_the_jump_and_a_repeated_one_the_first_time(
    zone: str, at: time, day: datetime, utc: str
) -> None:
    end_of_day = datetime.combine(day.date(), time(23, 59), tzinfo=ZoneInfo(zone)).astimezone(UTC)
    found = last_due(at, ZoneInfo(zone), end_of_day)
    assert found.isoformat().startswith(utc)
    assert last_due(at, ZoneInfo(zone), found) == found
    assert last_due(at, ZoneInfo(zone), found - timedelta(seconds=1)) < found - timedelta(hours=20)


def due(night: Night) -> set[str]:
    return {job.kind.value for job in night.due_jobs(at_start=True)} - {"retry", "lock_health"}


def test_a_connection_that_has_never_run_gets_a_full_run_at_once(tmp_path: Path) -> None:
    assert due(Night(tmp_path)) == {"full", "arrival_check"}


def test_after_a_short_break_only_what_changed_is_read(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    night.clock.pass_(minutes=5)
    assert due(night) == {"incremental", "arrival_check"}


def test_what_was_missed_while_nobody_was_there_is_done_late(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    night.do("night_audit", night.property)
    night.do("arrival_check", night.property)
    night.clock.pass_(hours=30)
    assert due(night) == {"full", "night_audit", "arrival_check"}


def test_a_full_run_that_failed_is_still_due(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.hotel.faults.down = True
    night.do("full")
    night.clock.pass_(minutes=5)
    assert due(night) == {"full", "arrival_check"}


def test_an_audit_that_was_cut_off_or_failed_is_still_due(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    night.do("night_audit", night.property)
    night.do("arrival_check", night.property)
    night.clock.pass_(hours=18)
    night.do("full")
    book = JobBook(night.store)
    book.began("alpen", night.property, "night_audit", night.clock.now())
    night.clock.pass_(minutes=1)
    assert due(night) == {"incremental", "night_audit"}
    night.hotel.faults.down = True
    night.do("night_audit", night.property)
    assert due(night) == {"incremental", "night_audit"}
    night.hotel.faults.down = False
    night.do("night_audit", night.property)
    assert due(night) == {"incremental"}


def test_an_audit_by_a_clock_that_was_days_ahead_is_due_when_the_time_is_right_again(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    book = JobBook(night.store)
    far = night.clock.now() + timedelta(days=3)
    for kind in ("night_audit", "arrival_check"):
        book.began("alpen", night.property, kind, far)
        book.ended(None, "alpen", night.property, kind, far, None)
    assert due(night) == {"incremental", "night_audit", "arrival_check"}
    for kind in ("night_audit", "arrival_check"):
        night.do(kind, night.property)
    night.clock.pass_(minutes=1)
    assert due(night) == {"incremental"}


def test_a_first_audit_that_nobody_was_there_for_is_done_late(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    night.clock.pass_(hours=30)
    assert due(night) == {"full", "night_audit", "arrival_check"}


def test_the_night_audit_comes_at_the_propertys_own_half_past_three(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    night.fire()
    audits = []
    for _ in range(26 * 60 // 5):
        night.clock.pass_(minutes=5)
        night.fire()
        if Job(TaskKind.NIGHT_AUDIT, night.property) in night.worker.pending():
            audits.append(night.clock.now())
            night.do("night_audit", night.property)
        night.drop_jobs()
    # Vienna is two hours ahead of UTC in September.
    assert [f"{one:%d %H:%M}" for one in audits] == ["19 01:30"]


def times(night: Night) -> dict[str, timedelta]:
    """What is planned for the connection as a whole, from now on."""
    now = night.clock.now()
    return {
        kind: at - now
        for (_, kind, subject), at in night.queue.times(JOBS).items()
        if not subject and kind != "arrival_check"
    }


def test_what_the_timetable_asks_for_stands_in_the_queue_with_its_time(tmp_path: Path) -> None:
    night = Night(tmp_path, timetable=Timetable(incremental_at_most=timedelta(minutes=2)))
    night.worker = Worker(night.jobs, night.queue, night.clock.now, partial(interval, night.timetable))
    one = Scheduler(night.store, [night.worker], night.router, night.alerts, clock=night.clock.now)
    one.tick()
    assert times(night) == {"full": timedelta(0)}
    night.settle()
    assert times(night) == {"full": timedelta(hours=1)}
    one._plan(at_start=True)
    assert times(night)["incremental"] == timedelta(0), "whoever begins looks at what has changed meanwhile"
    night.settle()
    for _ in range(2):
        night.clock.pass_(minutes=2)
        assert night.worker.pending() == {Job(TaskKind.INCREMENTAL)}
        night.settle()
        assert times(night)["incremental"] == timedelta(minutes=2)
    one.stop(1)


def test_a_plan_is_made_anew_where_a_row_is_missing_or_has_another_time_and_leaves_alone_what_somebody_asked_for(
    tmp_path: Path,
) -> None:
    night = Night(tmp_path)
    night.do("full")
    one = Scheduler(night.store, [night.worker], night.router, night.alerts, clock=night.clock.now)
    one.tick()
    night.settle()
    one._plan(at_start=True)
    night.settle()
    one._plan_at = 0
    one._plan()
    assert times(night)["incremental"] == timedelta(minutes=2)
    night.queue.enqueue([Task("alpen", TaskKind.FULL, "", night.clock.now())], night.clock.now())
    one._plan_at = 0
    one._plan()
    assert times(night)["full"] == timedelta(0)
    one.stop(1)


def test_a_plan_leaves_a_look_at_the_locks_as_late_as_the_last_one_has_found_right(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    every = partial(interval, night.timetable)
    night.worker = Worker(night.jobs, night.queue, night.clock.now, every, lambda: MANY + 1)
    one = Scheduler(night.store, [night.worker], night.router, night.alerts, clock=night.clock.now)
    one.tick()
    night.worker.enqueue(Job(TaskKind.LOCK_HEALTH))
    night.settle()
    assert times(night)["lock_health"] == timedelta(minutes=10), "nobody is there"
    one._plan_at = 0
    one._plan()
    assert times(night)["lock_health"] == timedelta(minutes=10)
    night.clock.pass_(minutes=6)
    one._plan(at_start=True)
    assert times(night)["lock_health"] <= timedelta(0), "whoever begins does not know"
    one.stop(1)


def test_a_connection_with_nothing_to_try_again_has_no_such_job(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.book(arrival=night.clock.now() + timedelta(days=3), departure=night.clock.now() + timedelta(days=4))
    night.do("full")
    one = Scheduler(night.store, [night.worker], night.router, night.alerts, clock=night.clock.now)
    one.tick()
    night.settle()
    night.clock.pass_(minutes=5)
    one._plan_at = 0
    one._plan()
    assert "retry" not in times(night)
    night.queue.enqueue([Task("alpen", TaskKind.RETRY_BOOKING, "b", night.clock.now())], night.clock.now())
    one._plan_at = 0
    one._plan()
    assert "retry" in times(night)
    one.stop(1)


def test_many_connections_begin_one_after_another_and_a_few_at_once() -> None:
    few = [spread(f"c{number}", 8, timedelta(minutes=2)) for number in range(8)]
    assert set(few) == {timedelta(0)}
    many = [spread(f"c{number}", 2000, timedelta(minutes=2)) for number in range(2000)]
    assert max(many) <= timedelta(minutes=2)
    for second in range(0, 110, 10):
        begin = sum(timedelta(seconds=second) <= one < timedelta(seconds=second + 10) for one in many)
        assert 110 < begin < 230, "as many in every ten seconds"
    assert many == [spread(f"c{number}", 2000, timedelta(minutes=2)) for number in range(2000)]


def test_access_that_no_lock_confirms_is_asked_for_ever_more_rarely(tmp_path: Path) -> None:
    """Seam sends an event when something about it changes; the look by the clock is for those that get lost."""
    night = Night(tmp_path)
    night.equip(0)
    night.book(arrival=night.clock.now() + timedelta(hours=8))
    night.seam.issue_delay = timedelta(days=1)
    night.do("full")
    looks = []
    for minute in range(180):
        night.clock.pass_(minutes=1)
        before = night.workspace.calls
        night.do("retry")
        if night.workspace.calls > before:
            looks.append(minute)
    gaps = [after - before for before, after in pairwise(looks)]
    assert gaps[0] <= 3
    assert gaps[-1] == 30
    assert len(looks) <= 12
