"""Which jobs the clock asks for: by a connection's timetable, and by when each last ran. Late rather than never."""

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from mappers.stay_window import zone
from schedules.jobs import Job
from schedules.pace import RARER
from schedules.timetable import Timetable
from store.back_off import of_retries
from store.jobs import JobRecord
from store.properties import KnownProperty
from store.queue import TaskKind

UNKNOWN_ZONE = ZoneInfo("UTC")
BEGIN_AT_ONCE, BEGIN_A_SECOND = 8, 4
"""So many connections begin at once, and so many of the others in a second."""
AHEAD = timedelta(seconds=5)
"""What began or ended so much later than now did so by a clock that has been set back since: it is due anew."""


def timed_jobs(
    connection: str,
    timetable: Timetable,
    known: Sequence[KnownProperty],
    records: Mapping[tuple[str, str, str], JobRecord],
    now: datetime,
    *,
    at_start: bool = False,
) -> Iterator[tuple[Job, datetime]]:
    """A connection's next jobs, each with the time (aware UTC) from which it is due. `at_start`: nothing is under way,
    and nobody was there before.

    A connection that has never had a full run gets one first of all. `known`: its properties.
    """
    full = records.get((connection, "", TaskKind.FULL))
    is_late = full is None or full.good_at is None or full.good_at + timetable.full <= now

    def after(kind: TaskKind, span: timedelta) -> datetime:
        record = records.get((connection, "", kind), full)
        if record is None:
            return now
        # A run over changes that had reason to read everything counts as one over everything.
        last = max(record.started_at, record.good_at or record.started_at)
        return now if last > now + AHEAD else last + span

    everything_at = now if full is None or (at_start and is_late) else after(TaskKind.FULL, timetable.full)
    yield Job(TaskKind.FULL), everything_at
    if full is not None:
        yield Job(TaskKind.RETRY), after(TaskKind.RETRY, timetable.retry)
        yield Job(TaskKind.LOCK_HEALTH), after(TaskKind.LOCK_HEALTH, timetable.lock_health)
        changes_at = now if at_start else after(TaskKind.INCREMENTAL, timetable.incremental)
        if everything_at <= now:
            # Whoever is about to read everything need not read what changed before.
            changes_at = max(changes_at, now + timetable.incremental)
        yield Job(TaskKind.INCREMENTAL), changes_at
    for one in known:
        there = zone(one.time_zone) or UNKNOWN_ZONE
        for kind, at in (
            (TaskKind.NIGHT_AUDIT, timetable.night_audit),
            (TaskKind.ARRIVAL_CHECK, timetable.arrival_check),
        ):
            last, following = last_due(at, there, now), next_due(at, there, now)
            record = records.get((connection, one.property_id, kind))
            if record is None:
                # One that has never been done counts from the connection's first full run.
                if full is not None and full.good_at is not None:
                    yield Job(kind, one.property_id), now if full.good_at < last else following
            elif record.started_at > now + AHEAD:
                yield Job(kind, one.property_id), now
            elif record.good_at is None or not last <= record.started_at <= record.good_at <= now:
                again = record.ended_at
                if record.failures and again is not None:
                    again += of_retries(timetable.retry).after(record.failures)
                yield Job(kind, one.property_id), now if at_start or again is None else again
            else:
                yield Job(kind, one.property_id), following
    if at_start and not any((connection, one.property_id, TaskKind.ARRIVAL_CHECK) in records for one in known):
        yield Job(TaskKind.ARRIVAL_CHECK), now


def interval(timetable: Timetable, kind: str) -> timedelta | None:
    """From the beginning of such a job to the next one; None where it goes by the clock, or by need."""
    intervals = {
        TaskKind.INCREMENTAL: timetable.incremental,
        TaskKind.LOCK_HEALTH: timetable.lock_health,
        TaskKind.FULL: timetable.full,
    }
    return intervals.get(TaskKind(kind))


def longest_interval(timetable: Timetable, kind: str) -> timedelta | None:
    """The same where a job has found that it is needed more rarely."""
    longest = {TaskKind.INCREMENTAL: timetable.incremental_at_most, TaskKind.LOCK_HEALTH: RARER * timetable.lock_health}
    return longest.get(TaskKind(kind), interval(timetable, kind))


def spread(name: str, number: int, longest: timedelta) -> timedelta:
    """By how much a connection begins later than others after a start: always the same for its name. `number`: of
    connections that begin; a few do so at once, many over `longest` at most."""
    share = int.from_bytes(hashlib.blake2b(name.encode(), digest_size=4).digest()) / 2**32
    return min(longest, timedelta(seconds=max(0, number - BEGIN_AT_ONCE) / BEGIN_A_SECOND)) * share


def last_due(at: time, there: ZoneInfo, now: datetime) -> datetime:
    """When a clock time was due last (aware UTC): once on every local day. One that the clock skips is due when it has
    jumped over it, one that is repeated the first time."""
    today = now.astimezone(there).date()
    found = _on(today, at, there)
    return found if found <= now else _on(today - timedelta(days=1), at, there)


def next_due(at: time, there: ZoneInfo, now: datetime) -> datetime:
    """When a clock time is due next (aware UTC), later than now."""
    today = now.astimezone(there).date()
    days = (_on(today + timedelta(days=number), at, there) for number in range(3))
    return next(one for one in days if one > now)


def _on(day: date, at: time, there: ZoneInfo) -> datetime:
    # By way of UTC: a wall time that does not exist moves on by the hour that was skipped.
    return datetime.combine(day, at, tzinfo=there).astimezone(UTC)
