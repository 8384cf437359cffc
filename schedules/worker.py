"""The worker of one connection: does its jobs one after another, the most urgent first, and loses no nudge.

A nudge that arrives during a run stays in the set and is done afterwards; nudges for the same job become one.
"""

import threading
from collections.abc import Callable

import structlog

from reconciler.report import defect
from schedules.jobs import Busy, Job, Jobs, Name
from store.store import StoreFailed

log = structlog.get_logger("worker")


class Worker:
    """`step()` does the next job; `start()` has a thread of its own call it whenever there is something to do."""

    def __init__(self, jobs: Jobs, may_work: Callable[[], bool] = lambda: True):
        """`may_work` says whether this process is the one that works (others stand by)."""
        self.jobs = jobs
        self._may_work = may_work
        self._pending: set[Job] = set()
        self._lock = threading.Lock()
        self._wake = threading.Event()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._loop, name=f"worker {jobs.name}", daemon=True)

    def nudge(self, job: Job | None = None) -> None:
        """Has a job done soon; without one, only has the inbox looked at."""
        if job is not None:
            with self._lock:
                self._pending.add(job)
        self._wake.set()

    def pending(self) -> set[Job]:
        with self._lock:
            return set(self._pending)

    def step(self) -> bool:
        """Does the next job; False when there was none, or when another process is at work on the connection."""
        if self.jobs.inbox_waits():
            job = Job(Name.INBOX)
        else:
            with self._lock:
                job_or_none = min(self._pending, key=_urgency, default=None)
            if job_or_none is None:
                return False
            job = job_or_none
        # Taken off before it is begun: whoever asks for it from now on has news that this one may miss.
        with self._lock:
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
        if job.name is not Name.INBOX:
            with self._lock:
                self._pending.add(job)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Begins nothing new; `join` waits for what is under way."""
        self._stopped.set()
        self._wake.set()

    def join(self, seconds: float) -> bool:
        """Whether it has come to its end within so many seconds."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    @property
    def alive(self) -> bool:
        return self._thread.is_alive()

    def _loop(self) -> None:
        while not self._stopped.is_set():
            # A second is also how long a delivery waits at most that another process has stored.
            self._wake.wait(1.0)
            self._wake.clear()
            try:
                while not self._stopped.is_set() and self._may_work() and self.step():
                    pass
            except StoreFailed as problem:
                log.error("the database cannot be used", connection=self.jobs.name, trouble=str(problem))
                self._stopped.wait(5.0)
            except Exception as problem:
                # A worker that died would be a hotel without keys: what nobody foresaw ends one job, not all.
                log.error("a job failed", connection=self.jobs.name, trouble=defect(problem))
                self._stopped.wait(5.0)


def _urgency(job: Job) -> tuple[int, str]:
    return list(Name).index(job.name), job.property_id
