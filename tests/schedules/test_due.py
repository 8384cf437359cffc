"""Which jobs the clock asks for, by what is noted of the last ones."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from schedules.due import timed_jobs
from schedules.jobs import Job
from schedules.timetable import Timetable
from store.jobs import JobRecord
from store.properties import KnownProperty
from store.queue import TaskKind

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
TIMETABLE = Timetable()
HOUSE = KnownProperty("alpen", "house", "Hotel Seeblick", "Europe/Vienna")


def record(kind: TaskKind, started_at: datetime, property_id: str = "", **rest: Any) -> JobRecord:
    fields = {"ended_at": started_at, "good_at": started_at, "failures": 0, "trouble": None} | rest
    return JobRecord("alpen", property_id, kind, started_at, **fields)


def due(*records: JobRecord, at_start: bool = False) -> dict[Job, datetime]:
    noted = {(one.connection, one.property_id, one.name): one for one in records}
    return dict(timed_jobs("alpen", TIMETABLE, [HOUSE], noted, NOW, at_start=at_start))


def test_a_run_over_changes_that_read_everything_is_as_good_as_a_full_one() -> None:
    read_everything = NOW - 10 * MINUTE
    full = record(TaskKind.FULL, NOW - 50 * MINUTE, good_at=read_everything)
    assert due(full)[Job(TaskKind.FULL)] == read_everything + TIMETABLE.full


@pytest.mark.parametrize("at_start", [False, True])
@pytest.mark.parametrize("late", [{}, {"started_at": NOW + 30 * 24 * HOUR}])
def test_what_ended_by_a_clock_that_was_ahead_is_due_anew(at_start: bool, late: dict[str, datetime]) -> None:
    full = record(TaskKind.FULL, **({"started_at": NOW - HOUR / 2, "good_at": NOW + 30 * 24 * HOUR} | late))
    assert due(full, at_start=at_start)[Job(TaskKind.FULL)] == NOW


def test_whoever_is_about_to_read_everything_need_not_read_what_changed_before() -> None:
    full = record(TaskKind.FULL, NOW - 2 * HOUR)
    changes = record(TaskKind.INCREMENTAL, NOW - HOUR)
    assert due(full, changes)[Job(TaskKind.INCREMENTAL)] == NOW + TIMETABLE.incremental


def test_a_night_audit_that_failed_is_tried_again_in_its_time_and_by_a_new_process_at_once() -> None:
    full = record(TaskKind.FULL, NOW - MINUTE)
    audit = record(TaskKind.NIGHT_AUDIT, NOW - 2 * MINUTE, "house", ended_at=NOW - MINUTE, good_at=None, failures=5)
    job = Job(TaskKind.NIGHT_AUDIT, "house")
    assert due(full, audit)[job] > NOW
    assert due(full, audit, at_start=True)[job] == NOW
