"""The worker of one connection: does what the queue holds for it one after another, the most urgent first.

What is enqueued during a run is done afterwards; the same job enqueued several times is one. The inbox
has a thread of its own: what came in overtakes a long run.
"""

import secrets
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime

import structlog

from reconciler.report import defect
from schedules.jobs import Busy, Job, Jobs
from store.engine import StoreFailed, TurnLost
from store.queue import JOBS, Queue, Task, TaskKind

log = structlog.get_logger("worker")
LOOKS_EVERY = 30.0
"""Seconds after which a thread looks into the queue though nobody woke it; the scheduler's loop does when there is
anything."""


class Worker:
    """`step()` does the next job; `start()` has a thread of its own call it whenever there is something to do."""

    def __init__(
        self,
        jobs: Jobs,
        queue: Queue,
        clock: Callable[[], datetime],
        may_work: Callable[[], bool] = lambda: True,
    ):
        """`clock` gives aware UTC. `may_work` says whether this process is the one that works (others stand by)."""
        self.jobs = jobs
        self._queue = queue
        self._clock = clock
        self._may_work = may_work
        self._taker = secrets.token_hex(8)
        self._stopped = threading.Event()
        self._job_wake, self._inbox_wake = threading.Event(), threading.Event()
        self._threads = [
            threading.Thread(target=self._loop, args=(step, wake), name=f"{name} {jobs.name}", daemon=True)
            for name, step, wake in (
                ("jobs", self.step_job, self._job_wake),
                ("inbox", self.step_inbox, self._inbox_wake),
            )
        ]

    def enqueue(self, job: Job | None = None) -> None:
        """Has a job done soon; without one, only has the inbox looked at. Raises `StoreFailed`."""
        if job is not None:
            now = self._clock()
            self._queue.enqueue([Task(self.jobs.name, job.kind, job.property_id, now, job.property_id)], now)
        self.wake(job.kind if job is not None else TaskKind.BOOKING_NEWS)

    def wake(self, kind: str) -> None:
        """Something of this kind is due."""
        (self._inbox_wake if kind == TaskKind.BOOKING_NEWS else self._job_wake).set()

    def pending(self) -> set[Job]:
        """What has yet to be done, or is being done."""
        return {Job(TaskKind(one.kind), one.subject) for one in self._queue.waiting(self.jobs.name, JOBS)}

    def step(self) -> bool:
        """Does the next thing: the inbox first. False when there was nothing, or another process is at work."""
        return self.step_inbox() or self.step_job()

    def step_inbox(self) -> bool:
        """Acts upon what has come in."""
        if not self.jobs.news_waits():
            return False
        try:
            self.jobs.do(Job(TaskKind.BOOKING_NEWS))
        except Busy:
            return False
        return True

    def step_job(self) -> bool:
        """Does the most urgent of the jobs that are due."""
        taken = self._queue.take(self.jobs.name, JOBS, self._clock(), self._taker, limit=1)
        if not taken:
            return False
        try:
            self.jobs.do(Job(TaskKind(taken[0].kind), taken[0].subject))
        except Busy:
            self._queue.release(taken)
            return False
        except StoreFailed:
            # Where it cannot be given back either, it is taken again.
            with suppress(StoreFailed):
                self._queue.release(taken)
            raise
        except Exception:
            self._queue.done(taken)
            raise
        self._queue.done(taken)
        return True

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """Begins nothing new; `join` waits for what is under way."""
        self._stopped.set()
        self._job_wake.set()
        self._inbox_wake.set()

    def join(self, seconds: float) -> bool:
        """Whether it has come to its end within so many seconds."""
        until = time.monotonic() + seconds
        for thread in self._threads:
            if thread.is_alive():
                thread.join(max(0.0, until - time.monotonic()))
        return not any(thread.is_alive() for thread in self._threads)

    @property
    def alive(self) -> bool:
        return all(thread.is_alive() for thread in self._threads)

    def _loop(self, step: Callable[[], bool], wake: threading.Event) -> None:
        while not self._stopped.is_set():
            wake.wait(LOOKS_EVERY)
            wake.clear()
            try:
                while not self._stopped.is_set() and self._may_work() and step():
                    pass
                continue
            except TurnLost as problem:
                log.warning("the turn was lost", connection=self.jobs.name, trouble=str(problem))
            except StoreFailed as problem:
                log.error("the database cannot be used", connection=self.jobs.name, trouble=str(problem))
                self._stopped.wait(5.0)
            except Exception as problem:
                # An unexpected error ends one job; the worker goes on with the next.
                log.error("a job failed", connection=self.jobs.name, trouble=defect(problem))
                self._stopped.wait(5.0)
            # What it has taken and not ended shows to nobody else as due.
            wake.set()
