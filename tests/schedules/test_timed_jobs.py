"""When each job is due, to the minute: after the last one, by the clock of the house, and when a process begins."""

from datetime import UTC, datetime, timedelta
from typing import Any

from schedules.due import interval, longest_interval, spread, timed_jobs
from schedules.timetable import Timetable
from store.jobs import JobRecord
from store.properties import KnownProperty
from store.queue import JOBS, TaskKind

HOUSE = KnownProperty("alpen", "p1", "Hotel", "Europe/Vienna")
TIMES = Timetable()
NOON = datetime(2026, 9, 18, 10, tzinfo=UTC)
"""In Vienna."""
MINUTE = timedelta(minutes=1)
AUDIT_TODAY = datetime(2026, 9, 18, 1, 30, tzinfo=UTC)
AUDIT_TOMORROW = AUDIT_TODAY + timedelta(days=1)


def record(kind: TaskKind, began: datetime, of: str = "", good: bool = True, failures: int = 0) -> dict[Any, JobRecord]:
    ended = began + MINUTE
    made = JobRecord("alpen", of, kind, began, ended, ended if good else None, failures, None if good else "down")
    return {("alpen", of, kind): made}


def due(*records: dict[Any, JobRecord], at_start: bool = False, known: Any = ()) -> dict[tuple[str, str], datetime]:
    every = {key: one for found in records for key, one in found.items()}
    jobs = list(timed_jobs("alpen", TIMES, known, every, NOON, at_start=at_start))
    assert len({job for job, _ in jobs}) == len(jobs)
    return {(job.kind, job.property_id): at for job, at in jobs}


def test_before_the_first_full_run_there_is_nothing_else_to_do() -> None:
    assert due(known=[HOUSE]) == {("full", ""): NOON}
    assert due(known=[HOUSE], at_start=True) == {("full", ""): NOON, ("arrival_check", ""): NOON}


def test_each_job_is_due_so_long_after_it_began_and_at_first_so_long_after_the_full_run() -> None:
    began = NOON - 10 * MINUTE
    good = began + MINUTE
    assert due(record(TaskKind.FULL, began)) == {
        ("full", ""): good + TIMES.full,
        ("retry", ""): good + TIMES.retry,
        ("lock_health", ""): good + TIMES.lock_health,
        ("incremental", ""): good + TIMES.incremental,
    }
    last = record(TaskKind.INCREMENTAL, NOON - MINUTE, good=False)
    assert due(record(TaskKind.FULL, began), last)["incremental", ""] == NOON - MINUTE + TIMES.incremental


def test_whoever_reads_everything_now_reads_what_has_changed_later() -> None:
    due_now = due(record(TaskKind.FULL, NOON - TIMES.full - MINUTE))
    assert due_now["full", ""] == NOON
    assert due_now["incremental", ""] == NOON + TIMES.incremental
    soon = due(record(TaskKind.FULL, NOON - TIMES.full))
    assert soon["full", ""] == NOON + MINUTE
    assert soon["incremental", ""] < NOON


def test_at_a_start_changes_are_read_at_once_and_everything_where_that_is_late() -> None:
    late, early = record(TaskKind.FULL, NOON - TIMES.full - MINUTE), record(TaskKind.FULL, NOON - TIMES.full)
    assert due(late, at_start=True)["full", ""] == NOON
    assert due(early, at_start=True)["full", ""] == NOON + MINUTE
    assert due(early, at_start=True)["incremental", ""] == NOON
    failed = record(TaskKind.FULL, NOON - MINUTE, good=False)
    assert due(failed, at_start=True)["full", ""] == NOON
    assert due(failed)["full", ""] == NOON - MINUTE + TIMES.full


def test_what_began_by_a_clock_that_was_set_back_since_is_due_anew() -> None:
    for ahead, at in ((5, NOON + timedelta(seconds=5) + TIMES.lock_health), (6, NOON)):
        record_of = record(TaskKind.LOCK_HEALTH, NOON + timedelta(seconds=ahead) - MINUTE)
        assert due(record(TaskKind.FULL, NOON - MINUTE), record_of)["lock_health", ""] == at


def test_a_night_audit_that_was_never_done_counts_from_the_first_full_run() -> None:
    for good, at in ((AUDIT_TODAY - MINUTE, NOON), (AUDIT_TODAY, AUDIT_TOMORROW)):
        found = due(record(TaskKind.FULL, good - MINUTE), known=[HOUSE])
        assert found["night_audit", "p1"] == at
    failed = due(record(TaskKind.FULL, NOON - MINUTE, good=False), known=[HOUSE])
    assert ("night_audit", "p1") not in failed


def test_a_night_audit_is_due_once_a_day_and_again_where_it_did_not_end_well() -> None:
    full = record(TaskKind.FULL, NOON - MINUTE)

    def audit(began: datetime, at_start: bool = False, **rest: Any) -> datetime:
        done = record(TaskKind.NIGHT_AUDIT, began, "p1", **rest)
        return due(full, done, known=[HOUSE], at_start=at_start)["night_audit", "p1"]

    assert audit(AUDIT_TODAY) == AUDIT_TOMORROW
    assert audit(AUDIT_TODAY - MINUTE) == AUDIT_TODAY, "it was yesterday's, and is due since it ended"
    assert audit(AUDIT_TODAY, good=False) == AUDIT_TODAY + MINUTE
    assert audit(AUDIT_TODAY, good=False, failures=3) == AUDIT_TODAY + MINUTE + 4 * TIMES.retry
    assert audit(AUDIT_TODAY, good=False, failures=3, at_start=True) == NOON
    assert audit(NOON + MINUTE) == NOON, "it began by a clock that has been set back since"


def test_at_a_start_arrivals_are_looked_at_where_that_was_never_done() -> None:
    full, done = record(TaskKind.FULL, NOON - MINUTE), record(TaskKind.ARRIVAL_CHECK, NOON - MINUTE, "p1")
    assert due(full, known=[HOUSE], at_start=True)["arrival_check", ""] == NOON
    assert ("arrival_check", "") not in due(full, done, known=[HOUSE], at_start=True)
    assert ("arrival_check", "") not in due(full, known=[HOUSE])


def test_what_goes_by_the_clock_has_no_interval_and_what_is_rare_has_a_longest_one() -> None:
    assert [interval(TIMES, kind) for kind in JOBS] == [
        None,
        TIMES.incremental,
        TIMES.lock_health,
        TIMES.full,
        None,
        None,
    ]
    assert [longest_interval(TIMES, kind) for kind in JOBS] == [
        None,
        TIMES.incremental_at_most,
        2 * TIMES.lock_health,
        TIMES.full,
        None,
        None,
    ]


def test_a_few_connections_begin_at_once_and_many_one_after_another() -> None:
    minute = timedelta(minutes=1)
    assert spread("alpen", 8, minute) == timedelta(0)
    shares = [spread(f"hotel {one}", 48, minute) / timedelta(seconds=10) for one in range(200)]
    assert 0 <= min(shares) < 0.1 < 0.9 < max(shares) < 1, "forty of them in ten seconds"
    assert max(spread(f"hotel {one}", 10_000, minute) for one in range(200)) <= minute
    assert spread("alpen", 48, minute) == spread("alpen", 48, minute)
