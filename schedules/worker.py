"""The worker of one connection: does its jobs one after another, the most urgent first, and loses none.

What is enqueued during a run is done afterwards; the same job enqueued several times is one. The inbox
has a thread of its own: what came in overtakes a long run.
"""

import threading
import time
from collections.abc import Callable

import structlog

from reconciler.report import defect
from schedules.jobs import Busy, Job, Jobs, Name
from store.engine import StoreFailed, TurnLost

log = structlog.get_logger("worker")


class Worker:
    """`step()` does the next job; `start()` has a thread of its own call it whenever there is something to do."""

    def __init__(self, jobs: Jobs, may_work: Callable[[], bool] = lambda: True):
        """`may_work` says whether this process is the one that works (others stand by)."""
        self.jobs = jobs
        self._may_work = may_work
        self._pending: set[Job] = set()
        self._lock = threading.Lock()
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
        """Has a job done soon; without one, only has the inbox looked at."""
        if job is not None:
            with self._lock:
                self._pending.add(job)
            self._job_wake.set()
        else:
            self._inbox_wake.set()

    def pending(self) -> set[Job]:
        with self._lock:
            return set(self._pending)

    def step(self) -> bool:
        """Does the next thing: the inbox first. False when there was nothing, or another process is at work."""
        return self.step_inbox() or self.step_job()

    def step_inbox(self) -> bool:
        """Acts upon what has come in."""
        if not self.jobs.inbox_waits():
            return False
        try:
            self.jobs.do(Job(Name.INBOX))
        except Busy:
            return False
        return True

    def step_job(self) -> bool:
        """Does the most urgent of the jobs that are due."""
        with self._lock:
            job = min(self._pending, key=_urgency, default=None)
            if job is None:
                return False
            # Taken off before it is begun: whoever asks for it from now on has news that this one may miss.
            self._pending.discard(job)
        try:
            self.jobs.do(job)
        except Busy:
            self._put_back(job)
            return False
        except StoreFailed:
            self._put_back(job)
            raise
        return True

    def _put_back(self, job: Job) -> None:
        with self._lock:
            self._pending.add(job)

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
            # A second is also how long a delivery waits at most that another process has stored.
            wake.wait(1.0)
            wake.clear()
            try:
                while not self._stopped.is_set() and self._may_work() and step():
                    pass
            except TurnLost as problem:
                log.warning("the turn was lost", connection=self.jobs.name, trouble=str(problem))
            except StoreFailed as problem:
                log.error("the database cannot be used", connection=self.jobs.name, trouble=str(problem))
                self._stopped.wait(5.0)
            except Exception as problem:
                # An unexpected error ends one job; the worker goes on with the next.
                log.error("a job failed", connection=self.jobs.name, trouble=defect(problem))
                self._stopped.wait(5.0)


def _urgency(job: Job) -> tuple[int, str]:
    return list(Name).index(job.name), job.property_id
