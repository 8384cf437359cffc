"""Which jobs the clock asks for: by a connection's timetable, and by when each last ran. Late rather than never."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mappers.stay_window import zone
from schedules.jobs import Job
from schedules.timetable import Timetable
from store.back_off import of_retries
from store.jobs import JobRecord
from store.properties import KnownProperty
from store.queue import TaskKind

UNKNOWN_ZONE = ZoneInfo("UTC")
AHEAD = timedelta(seconds=5)
"""What began so much later than now did so by a clock that has been set back since: it is due anew."""


def due_jobs(
    connection: str,
    timetable: Timetable,
    known: Sequence[KnownProperty],
    records: Mapping[tuple[str, str, str], JobRecord],
    now: datetime,
    *,
    at_start: bool = False,
) -> Iterator[Job]:
    """The jobs of a connection that are due. `at_start`: nothing is under way, and nobody was there before.

    A connection that has never had a full run gets one first of all.
    """
    full = records.get((connection, "", TaskKind.FULL))
    # What ended well in the future did so by a clock that was wrong.
    is_late = full is None or full.good_at is None or full.good_at + timetable.full <= now or full.good_at > now

    def is_due(kind: TaskKind, span: timedelta) -> bool:
        record = records.get((connection, "", kind), full)
        if record is None:
            return False
        # A run over changes that had reason to read everything counts as one over everything.
        begun = max(record.started_at, record.good_at or record.started_at)
        return begun + span <= now or record.started_at > now + AHEAD

    if is_due(TaskKind.RETRY, timetable.retry):
        yield Job(TaskKind.RETRY)
    if full is None or (at_start and is_late) or is_due(TaskKind.FULL, timetable.full):
        yield Job(TaskKind.FULL)
    elif at_start or is_due(TaskKind.INCREMENTAL, timetable.incremental):
        yield Job(TaskKind.INCREMENTAL)
    mine = [one for one in known if one.connection == connection]
    for one in mine:
        there = zone(one.time_zone) or UNKNOWN_ZONE
        for kind, at in (
            (TaskKind.NIGHT_AUDIT, timetable.night_audit),
            (TaskKind.ARRIVAL_CHECK, timetable.arrival_check),
        ):
            last = last_due(at, there, now)
            record = records.get((connection, one.property_id, kind))
            if record is None:
                # One that has never been done counts from the connection's first full run.
                if full is not None and full.good_at is not None and full.good_at < last:
                    yield Job(kind, one.property_id)
            elif record.good_at is None or record.good_at < record.started_at or record.started_at < last:
                again = record.ended_at
                if record.failures and again is not None:
                    again += of_retries(timetable.retry).after(record.failures)
                if at_start or again is None or again <= now:
                    yield Job(kind, one.property_id)
    if at_start and not any((connection, one.property_id, TaskKind.ARRIVAL_CHECK) in records for one in mine):
        yield Job(TaskKind.ARRIVAL_CHECK)


def last_due(at: time, there: ZoneInfo, now: datetime) -> datetime:
    """When a clock time was due last (aware UTC): once on every local day. One that the clock skips is due when it has
    jumped over it, one that is repeated the first time."""
    today = now.astimezone(there).date()
    found = _on(today, at, there)
    return found if found <= now else _on(today - timedelta(days=1), at, there)


def _on(day: date, at: time, there: ZoneInfo) -> datetime:
    # By way of UTC: a wall time that does not exist moves on by the hour that was skipped.
    return datetime.combine(day, at, tzinfo=there).astimezone(UTC)
