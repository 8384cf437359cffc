"""Runs by itself: APScheduler says when, the workers do it, and a loop looks after what comes in between.

One process works, others stand by: whoever has the scheduler's turn works, and when it dies another takes over.
"""

import hashlib
import os
import signal
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import structlog
from apscheduler.events import EVENT_JOB_ERROR, JobExecutionEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from apscheduler.triggers.interval import IntervalTrigger

from mappers.stay_window import zone
from reconciler.report import defect
from schedules.alerts import Alerts
from schedules.jobs import Job, Name
from schedules.seam_events import SeamRouter
from schedules.triggers import OnceADay
from schedules.worker import Worker
from store.engine import Database, StoreFailed, StoreRemoved
from store.jobs import JobBook, JobRecord
from store.properties import KnownProperty, Properties
from store.turns import Turn, TurnTaken, take

log = structlog.get_logger("scheduler")
TICK = 1.0
"""Seconds."""
ALERTS_EVERY = 15.0
"""Seconds."""
CLOCK_JUMP = 5.0
"""Seconds by which the wall clock may differ from the monotonic one before it counts as set anew."""
LONGEST_PAUSE = timedelta(minutes=30)
UNKNOWN_ZONE = ZoneInfo("UTC")


def due_at_start(
    worker: Worker, known: Sequence[KnownProperty], records: Mapping[tuple[str, str, str], JobRecord], now: datetime
) -> list[Job]:
    """What should have run while nobody was there: late rather than never.

    A connection that has never had a full run gets one at once.
    """
    jobs, timetable = worker.jobs, worker.jobs.timetable
    full = records.get((jobs.name, "", Name.FULL))
    late = []
    # What ended well in the future did so by a clock that was wrong.
    if full is None or full.good_at is None or full.good_at + timetable.full <= now or full.good_at > now:
        late.append(Job(Name.FULL))
    else:
        late.append(Job(Name.INCREMENTAL))
    late += missed(worker, known, records, now)
    if not any((jobs.name, one.property_id, Name.ARRIVAL_CHECK) in records for one in known):
        late.append(Job(Name.ARRIVAL_CHECK))
    return late


def missed(
    worker: Worker, known: Sequence[KnownProperty], records: Mapping[tuple[str, str, str], JobRecord], now: datetime
) -> list[Job]:
    """The daily jobs that have not ended well since they were due: nobody was there, or they failed or were cut off.

    One that has never been done counts from the connection's first full run.
    """
    jobs, timetable = worker.jobs, worker.jobs.timetable
    full = records.get((jobs.name, "", Name.FULL))
    found = []
    for one in known:
        if one.connection != jobs.name:
            continue
        for name, at in ((Name.NIGHT_AUDIT, timetable.night_audit), (Name.ARRIVAL_CHECK, timetable.arrival_check)):
            record = records.get((jobs.name, one.property_id, name), full if full and full.good_at else None)
            if record is None:
                continue
            due = OnceADay(at, zone(one.time_zone) or UNKNOWN_ZONE).last_due(now)
            if record.good_at is None or record.good_at < record.started_at or record.started_at < due:
                found.append(Job(name, one.property_id))
    return found


def to_try_again(
    worker: Worker, known: Sequence[KnownProperty], records: Mapping[tuple[str, str, str], JobRecord], now: datetime
) -> list[Job]:
    """Daily jobs that failed: not only tomorrow, but after a while, and that twice as long each time."""
    found = []
    for job in missed(worker, known, records, now):
        record = records.get((worker.jobs.name, job.property_id, job.name))
        if record is not None and record.failures and record.ended_at is not None:
            pause = min(worker.jobs.timetable.retry * 2 ** min(record.failures - 1, 10), LONGEST_PAUSE)
            if record.ended_at + pause <= now:
                found.append(job)
    return found


def triggers(worker: Worker, known: Sequence[KnownProperty], now: datetime) -> dict[Job, BaseTrigger]:
    """Every job of a connection with its trigger: spans count from now, clock times are those of each property."""
    timetable = worker.jobs.timetable
    found: dict[Job, BaseTrigger] = {
        Job(Name.INCREMENTAL): _every(timetable.incremental, now),
        Job(Name.RETRY): _every(timetable.retry, now),
        Job(Name.FULL): _every(timetable.full, now),
    }
    for one in known:
        if one.connection == worker.jobs.name:
            there = zone(one.time_zone) or UNKNOWN_ZONE
            found[Job(Name.NIGHT_AUDIT, one.property_id)] = OnceADay(timetable.night_audit, there)
            found[Job(Name.ARRIVAL_CHECK, one.property_id)] = OnceADay(timetable.arrival_check, there)
    return found


def _every(span: timedelta, now: datetime) -> IntervalTrigger:
    return IntervalTrigger(seconds=int(span.total_seconds()), start_date=now + span, timezone=UTC)


class Scheduler:
    """All workers of this process, their timetable, and the loop."""

    def __init__(
        self,
        store: Database,
        workers: Sequence[Worker],
        router: SeamRouter,
        alerts: Alerts,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        ending: threading.Event | None = None,
        end: Callable[[], None] = lambda: os.kill(os.getpid(), signal.SIGTERM),
    ):
        """`ending` is set when the end has been asked for: whoever waits for a next attempt should wait no longer.
        `end` ends the process, where it can do nothing useful any more."""
        self._store = store
        self._end = end
        self._workers = {worker.jobs.name: worker for worker in workers}
        self._router = router
        self._alerts = alerts
        # Processes with the same connections take turns; those with others are none of our business.
        self._name = f"scheduler {hashlib.sha256(','.join(sorted(self._workers)).encode()).hexdigest()[:32]}"
        self._clock = clock
        self._monotonic = monotonic
        self._apscheduler = BackgroundScheduler(
            # A job is only enqueued: it takes no time, and what is late is made up for, once.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            executors={"default": ThreadPoolExecutor(2)},
            timezone=UTC,
        )
        self._apscheduler.add_listener(self._job_failed, EVENT_JOB_ERROR)
        self._turn: Turn | None = None
        self._stop = ending or threading.Event()
        self._woken = threading.Event()
        self._loop_thread = threading.Thread(target=self._loop, name="loop", daemon=True)
        self._alert_threads: dict[str, threading.Thread] = {}
        """By channel: each takes its own time."""
        self._alerts_at: float | None = None
        self._ticked_at: float | None = None
        self._offset: float | None = None
        self._known: list[KnownProperty] | None = None

    # --- life -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begins; returns at once."""
        for worker in self._workers.values():
            worker.start()
        self._apscheduler.start()
        self._loop_thread.start()

    def stop(self, seconds: float = 60.0) -> bool:
        """Ends: what is under way is finished, nothing new is begun. Whether all came to its end in time."""
        self.ask_to_stop()
        if self._apscheduler.running:
            self._apscheduler.shutdown(wait=False)
        until = self._monotonic() + seconds
        ended = [worker.join(max(0.1, until - self._monotonic())) for worker in self._workers.values()]
        if self._loop_thread.is_alive():
            self._loop_thread.join(max(0.1, until - self._monotonic()))
        told_by = self._monotonic() + 5.0
        for alert_thread in self._alert_threads.values():
            # Whoever is not told by then is told after the next start.
            alert_thread.join(max(0.0, told_by - self._monotonic()))
        if self._turn is not None:
            self._turn.release()
        return all(ended) and not self._loop_thread.is_alive()

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    @property
    def works(self) -> bool:
        """Whether this is the process that works."""
        return self._turn is not None and not self._turn.lost

    def since_tick(self) -> float:
        """Seconds since the loop last turned; 0 before it first did, and when it is to stop."""
        ticked_at = self._ticked_at
        return 0.0 if ticked_at is None or self._stop.is_set() else self._monotonic() - ticked_at

    @property
    def alive(self) -> bool:
        """Whether the loop turns and every worker's thread lives."""
        fresh = self._ticked_at is not None and self._monotonic() - self._ticked_at < 30
        return fresh and not self._stop.is_set() and all(worker.alive for worker in self._workers.values())

    def enqueue(self, connection: str, job: Job | None = None) -> None:
        """Has a job of a connection done soon; without a job, its inbox looked at."""
        worker = self._workers.get(connection)
        if worker is not None:
            worker.enqueue(job)

    def wake(self) -> None:
        """Something has come in: the loop need not wait for its second."""
        self._woken.set()

    def ask_to_stop(self) -> None:
        """Begins to stop, and does not wait."""
        self._stop.set()
        self._woken.set()
        for worker in self._workers.values():
            worker.stop()

    # --- the loop ---------------------------------------------------------------------------------------------------

    def _loop(self) -> None:
        while not self._stop.is_set():
            try:
                self._store.check_file()
                self.tick()
            except StoreRemoved as problem:
                log.error("the database is gone, so this process ends", trouble=str(problem))
                self._end()
                return
            except StoreFailed as problem:
                log.error("the database cannot be used", trouble=str(problem))
            except Exception as problem:
                log.error("the loop failed", trouble=defect(problem))
            self._woken.wait(TICK)
            self._woken.clear()

    def tick(self) -> None:
        """Once round: who works, whose are Seam's events, is there anything new in an inbox, what should be told."""
        self._ticked_at = self._monotonic()
        self._watch_the_clock()
        turn = self._lead()
        if turn is None:
            return
        self._keep_timetable()
        self._router.route(turn)
        for worker in self._workers.values():
            if worker.jobs.inbox_waits():
                worker.enqueue()
        if self._alerts_at is None or self._monotonic() - self._alerts_at >= ALERTS_EVERY:
            self._alerts_at = self._monotonic()
            self._make_up()
            self._alerts.look(turn)
            for channel in self._alerts.channels:
                if (alert_thread := self._alert_threads.get(channel)) is None or not alert_thread.is_alive():
                    alert_thread = threading.Thread(
                        target=self._tell, args=(channel, turn), name=f"tell {channel}", daemon=True
                    )
                    self._alert_threads[channel] = alert_thread
                    alert_thread.start()

    def _lead(self) -> Turn | None:
        """The turn of these connections' processes; None while another process has it."""
        if self._turn is not None and not self._turn.lost:
            return self._turn
        if self._turn is not None:
            log.warning("another process has taken over")
            self._turn.release()
            self._turn = None
        try:
            self._turn = take(self._store, self._name)
        except TurnTaken:
            return None
        records, now = JobBook(self._store).all(), self._clock()
        known = Properties(self._store).known()
        for worker in self._workers.values():
            for job in due_at_start(worker, known, records, now):
                worker.enqueue(job)
        log.info("works", connections=sorted(self._workers))
        return self._turn

    def _keep_timetable(self) -> None:
        """APScheduler's jobs: those of a property as soon as the property is known, and anew when its zone changes."""
        known = Properties(self._store).known()
        if known == self._known:
            return
        self._known = known
        for name, worker in self._workers.items():
            for job, trigger in triggers(worker, known, self._clock()).items():
                self._apscheduler.add_job(
                    worker.enqueue,
                    trigger,
                    args=[job],
                    id=f"{name}/{job.name}/{job.property_id}",
                    replace_existing=True,
                )

    def _tell(self, channel: str, turn: Turn) -> None:
        """In a thread of its own: a mail server may take its time, and the loop has none."""
        try:
            self._alerts.tell(channel, turn)
        except StoreFailed as problem:
            log.error("the database cannot be used", trouble=str(problem))
        except Exception as problem:
            log.error("alerts could not be told", trouble=defect(problem))

    def _make_up(self) -> None:
        records, known, now = JobBook(self._store).all(), Properties(self._store).known(), self._clock()
        for worker in self._workers.values():
            for job in to_try_again(worker, known, records, now):
                worker.enqueue(job)

    def _watch_the_clock(self) -> None:
        """A clock that is set back would leave jobs waiting for a time that has been: then they are counted anew."""
        offset = self._clock().timestamp() - self._monotonic()
        before, self._offset = self._offset, offset
        if before is None or abs(offset - before) < CLOCK_JUMP:
            return
        log.warning("the clock was set", seconds=round(offset - before))
        self._known = None
        for worker in self._workers.values():
            worker.enqueue(Job(Name.INCREMENTAL))

    def _job_failed(self, event: JobExecutionEvent) -> None:
        log.error("a job could not be enqueued", job=event.job_id, trouble=defect(event.exception))
