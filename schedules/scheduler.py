"""Runs by itself: every two seconds APScheduler calls the loop, which enqueues what is due, and the workers do it.

One process works, others stand by: whoever has the scheduler's turn works, and when it dies another takes over.
"""

import hashlib
import logging
import os
import signal
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.base import JobLookupError
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.interval import IntervalTrigger

from reconciler.report import defect
from schedules.alerts import Alerts
from schedules.connections import Connections, LiveConnections
from schedules.door_checks import connections_to_recheck
from schedules.due import AHEAD, interval, longest_interval, spread, timed_jobs
from schedules.jobs import Job
from schedules.lanes import Embedded, Engine, Lane, lane_of
from schedules.outgoing import Outgoing
from schedules.seam_events import SeamRouter
from schedules.worker import Worker
from schedules.workers import Workers
from store.engine import Database, StoreFailed, StoreRemoved
from store.jobs import JobBook
from store.properties import KnownProperty, Properties
from store.queue import JOBS, Queue, Task, TaskKind
from store.timeouts import CONNECT
from store.turns import Turn, TurnTaken, take
from store.work import Work

log = structlog.get_logger("scheduler")
# It warns whenever a turn takes longer than a second, which is no news to anybody.
logging.getLogger("apscheduler").setLevel(logging.ERROR)
SHARED = "scheduler of the database"
"""The turn for all connections that stand in the database."""
LOOP = "loop"
"""APScheduler's name for the one job that it has."""
HANGS = CONNECT - 1.0
"""Seconds after which a database that could not be used has not failed but hung: then the loop has not turned. One that
does not even answer whoever connects is given up a second later."""
TICK = 2.0
"""Seconds."""
ALERTS_EVERY = 30.0
"""Seconds."""
PLANS_EVERY = 15.0
"""Seconds."""
PART = 20.0
"""Plans and alerts of thousands of connections may take a twentieth of the time each, however busy the machine is."""
AT_MOST = 60.0
"""Seconds that they are apart at most."""
SLACK = timedelta(minutes=4)
"""By so much the time of what goes by the clock may be another one: pauses are never the same."""


class Scheduler:
    """All connections of this process, their timetable, the threads that work, and the loop."""

    def __init__(
        self,
        store: Database,
        workers: Workers | Sequence[Worker],
        router: SeamRouter,
        alerts: Alerts,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float] = time.monotonic,
        threads: int = 8,
        engine: Engine | None = None,
        outgoing: Outgoing | None = None,
        ending: threading.Event | None = None,
        end: Callable[[], None] = lambda: os.kill(os.getpid(), signal.SIGTERM),
        beside: Callable[[], None] = lambda: None,
    ):
        """`engine` does what is due; without one `threads` of this process do, so many at once: a quarter of them is
        kept for what is urgent. `outgoing` tells other programs of what happens.

        `ending` is set when the end has been asked for: whoever waits for a next attempt should wait no longer.
        `end` ends the process, where it can do nothing useful any more. `beside` is called every round by a process
        that works, and returns at once."""
        self._store = store
        self._end = end
        self._beside = beside
        if isinstance(workers, Workers):
            self._workers: Mapping[str, Worker] = workers
            self._connections = workers.connections
        else:
            self._workers = {worker.jobs.name: worker for worker in workers}
            self._connections = {worker.jobs.name: worker.jobs.connection for worker in workers}
        self._router = router
        self._alerts = alerts
        self._outgoing = outgoing
        # Processes with the same settings file take turns; those with another one are none of our business.
        own = sorted(name for name, one in self._connections.items() if not one.is_shared)
        self._name = f"scheduler {hashlib.sha256(','.join(own).encode()).hexdigest()[:32]}"
        self._clock = clock
        self._monotonic = monotonic
        self._queue = Queue(store)
        self._turns: dict[str, Turn] = {}
        """Those that this process has: for the connections of its settings file, and for those of the database."""
        self._led: frozenset[str] = frozenset()
        """The connections that this process works for."""
        self._planned: Connections | None = None
        self._stop = ending or threading.Event()
        self._ticks = BackgroundScheduler(
            # One turn at a time; what was missed while a turn took long is one turn, and not several.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 1},
            executors={"default": ThreadPoolExecutor(1)},
            timezone=UTC,
        )
        self._turning = threading.Lock()
        self._engine = engine or Embedded(self._workers, self._queue, threads, lambda: self.works, monotonic)
        self._plan_at = 0.0
        self._saw = clock(), monotonic()
        """The clocks at the last turn: by them it is seen when one is set."""
        self._alert_threads: dict[str, threading.Thread] = {}
        """By channel: each takes its own time."""
        self._heed_at = self._alerts_at = 0.0
        self._ticked_at: float | None = None
        self._hung = False

    # --- life -------------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Begins; returns at once."""
        self._engine.start()
        if self._outgoing is not None:
            self._outgoing.start()
        every = IntervalTrigger(seconds=TICK, timezone=UTC)
        self._ticks.add_job(self._turn_if_wanted, every, id=LOOP, next_run_time=datetime.now(UTC))
        self._ticks.start()

    def stop(self, seconds: float = 60.0) -> bool:
        """Ends: what is under way is finished, nothing new is begun. Whether all came to its end in time."""
        self.ask_to_stop()
        until = self._monotonic() + seconds
        ended = self._engine.stop(seconds)
        if self._outgoing is not None:
            self._outgoing.stop(5.0)
        if self._ticks.running:
            self._ticks.shutdown(wait=False)
        turned = self._turning.acquire(timeout=max(0.1, until - self._monotonic()))
        told_by = self._monotonic() + 5.0
        for alert_thread in self._alert_threads.values():
            # Whoever is not told by then is told after the next start.
            alert_thread.join(max(0.0, told_by - self._monotonic()))
        for turn in self._turns.values():
            turn.release()
        return ended and turned

    @property
    def stopping(self) -> bool:
        return self._stop.is_set()

    @property
    def works(self) -> bool:
        """Whether this is a process that works."""
        return any(not turn.lost for turn in list(self._turns.values()))

    def since_tick(self) -> float:
        """Seconds since the loop last turned; 0 before it first did, and when it is to stop."""
        ticked_at = self._ticked_at
        return 0.0 if ticked_at is None or self._stop.is_set() else self._monotonic() - ticked_at

    @property
    def alive(self) -> bool:
        """Whether the loop turns."""
        fresh = self._ticked_at is not None and self._monotonic() - self._ticked_at < 30
        return fresh and not self._stop.is_set()

    def enqueue(self, connection: str, job: Job | None = None) -> None:
        """Has a job of a connection done soon; without a job, its inbox looked at."""
        worker = self._workers.get(connection)
        if worker is None:
            return
        if job is not None:
            worker.enqueue(job)
        if connection in self._led or not isinstance(self._engine, Embedded):
            self._engine.wake([(connection, lane_of(job.kind) if job is not None else Lane.URGENT)])

    def wake(self) -> None:
        """The next turn of the loop is now: something has come in, or the host's clock was set back, and APScheduler,
        which goes by it, waits for a time that is far ahead."""
        with suppress(JobLookupError):
            self._ticks.modify_job(LOOP, next_run_time=datetime.now(UTC))

    def ask_to_stop(self) -> None:
        """Begins to stop, and does not wait."""
        self._stop.set()
        self._engine.ask_to_stop()
        if self._outgoing is not None:
            self._outgoing.ask_to_stop()

    # --- the loop ---------------------------------------------------------------------------------------------------

    def _turn_if_wanted(self) -> None:
        with self._turning:
            if not self._stop.is_set() and not self.turn_once():
                self._stop.set()

    def turn_once(self) -> bool:
        """`tick`, whatever goes wrong; whether the loop may go on."""
        begun = self._monotonic()
        try:
            self._store.check_file()
            self.tick()
            if self._hung:
                self._hung, self._ticked_at = False, self._monotonic()
        except StoreRemoved as problem:
            log.error("the database is gone, so this process ends", trouble=str(problem))
            self._end()
            return False
        except StoreFailed as problem:
            self._hung = self._monotonic() - begun >= HANGS
            log.error("the database cannot be used", trouble=str(problem))
        except Exception as problem:
            log.error("the loop failed", trouble=defect(problem))
        return True

    def tick(self) -> None:
        """Once round: who works, whose are Seam's events, is there anything new in an inbox, what should be told."""
        if not self._hung:
            self._ticked_at = self._monotonic()
        led = self._lead()
        if not led:
            return
        self._plan()
        self._router.route(led[0][0])
        due = self._queue.due((TaskKind.BOOKING_NEWS, *JOBS), self._clock())
        # Once each, in the order in which they have become due.
        lanes = dict.fromkeys((connection, lane_of(kind)) for connection, kind in due if self._does(connection, kind))
        self._engine.wake(lanes, seen_due=True)
        self._engine.look_after(self._led)
        self._beside()
        if self._outgoing is not None:
            self._outgoing.turn()
        begun = self._monotonic()
        if begun >= self._heed_at:
            self._heed_at = begun + ALERTS_EVERY
            self._queue.heed(self._led, self._clock())
        if begun >= self._alerts_at:
            self._alerts_at = begun + ALERTS_EVERY
            for turn, names in led:
                self._alerts.look(turn, names)
            self._alerts_at = self._again(begun, ALERTS_EVERY)
            for channel in self._alerts.channels:
                if (alert_thread := self._alert_threads.get(channel)) is None or not alert_thread.is_alive():
                    alert_thread = threading.Thread(
                        target=self._tell, args=(channel, led), name=f"tell {channel}", daemon=True
                    )
                    self._alert_threads[channel] = alert_thread
                    alert_thread.start()

    def _lead(self) -> list[tuple[Turn, Collection[str]]]:
        """The turns that this process has, each with the connections that it is for; those of other processes are left
        out."""
        now = self._connections.now() if isinstance(self._connections, LiveConnections) else self._connections
        led: list[tuple[Turn, Collection[str]]] = []
        begun: list[Collection[str]] = []
        for group, names in self._groups(now):
            turn = self._turns.get(group)
            if turn is not None and turn.lost:
                log.warning("the turn is over: another process may be at work by now")
                self._turns.pop(group).release()
                turn = None
            if turn is None:
                try:
                    turn = self._turns[group] = take(self._store, group)
                except TurnTaken:
                    continue
                begun.append(names)
            led.append((turn, names))
        self._led = frozenset(name for _, names in led for name in names)
        for names in begun:
            self._engine.begin(names)
            self._plan(names, at_start=True)
            log.info("works", connections=sorted(names))
        if now is not self._planned:
            # One that has appeared, or stands otherwise now, need not wait for the next time.
            self._planned, self._plan_at = now, 0.0
        return led

    def _groups(self, connections: Connections) -> list[tuple[str, Collection[str]]]:
        """Whose turn is for which connections."""
        own = {name for name, one in connections.items() if not one.is_shared}
        shared = connections.keys() - own
        groups: list[tuple[str, Collection[str]]] = [(SHARED, shared)] if shared else []
        return [(self._name, own), *groups] if own or not shared else groups

    def _does(self, connection: str, kind: str) -> bool:
        """Whether this process does such a thing for this connection, as it stands."""
        of = self._connections.get(connection) if connection in self._led else None
        return of is not None and of.does(kind, self._clock())

    def _plan(self, names: Collection[str] | None = None, *, at_start: bool = False) -> None:
        """Puts what the timetables ask for into the queue, at its time, where it is missing or has another time: every
        few seconds, and at once where the clock was set."""
        now, seconds = self._clock(), self._monotonic()
        was_set = abs((now - self._saw[0]).total_seconds() - (seconds - self._saw[1])) > AHEAD.total_seconds()
        self._saw = now, seconds
        if not at_start and not was_set and seconds < self._plan_at:
            return
        self._plan_at = seconds + PLANS_EVERY
        records, there = JobBook(self._store).all(), self._queue.times(JOBS)
        known: dict[str, list[KnownProperty]] = {}
        for one in Properties(self._store).known():
            known.setdefault(one.connection, []).append(one)
        put_back = {
            (name, kind)
            for kind in (() if at_start or was_set else (TaskKind.INCREMENTAL, TaskKind.LOCK_HEALTH))
            for name in self._queue.put_back(kind)
        }
        to_retry = Work(self._store).connections_to_retry(now) | connections_to_recheck(self._store, now)
        wanted = set()
        planned = self._led if names is None else names
        for name in sorted(planned):
            connection = self._connections.get(name)
            if connection is None:
                continue
            timetable = connection.timetable
            first = now + (spread(name, len(planned), timetable.incremental) if at_start else timedelta(0))
            for job, at in timed_jobs(name, timetable, known.get(name, ()), records, now, at_start=at_start):
                if not connection.does(job.kind, now) or (job.kind is TaskKind.RETRY and name not in to_retry):
                    continue
                is_at = there.get((name, job.kind, job.property_id))
                usual, longest = interval(timetable, job.kind), longest_interval(timetable, job.kind)
                slack = AHEAD if usual is not None else SLACK
                if is_at is not None and usual and longest and (name, job.kind) in put_back:
                    # As the last one has found it right (see `schedules.pace`), and no later than it may be by now.
                    at = min(max(is_at, at), at - usual + longest)
                if is_at is None or (is_at > now and abs(is_at - at) > slack):
                    wanted.add(Task(name, job.kind, job.property_id, max(at, first), job.property_id))
        self._queue.plan(wanted, now)
        self._plan_at = self._again(seconds, PLANS_EVERY)

    def _again(self, begun: float, at_least: float) -> float:
        """When to do again what has been done since then, in seconds of the monotonic clock."""
        return begun + max(at_least, min(PART * (self._monotonic() - begun), AT_MOST))

    def _tell(self, channel: str, led: Sequence[tuple[Turn, Collection[str]]]) -> None:
        """In a thread of its own: a mail server may take its time, and the loop has none."""
        try:
            for turn, names in led:
                self._alerts.tell(channel, turn, names)
        except StoreFailed as problem:
            log.error("the database cannot be used", trouble=str(problem))
        except Exception as problem:
            log.error("alerts could not be told", trouble=defect(problem))
