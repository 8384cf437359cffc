"""The worker of one connection: does what the queue holds for it one after another, the most urgent first.

What is enqueued during a run is done afterwards; the same job enqueued several times is one. The inbox goes on beside
it: what came in overtakes a long run. The threads are the process's (`schedules.pool`).
"""

import secrets
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from datetime import datetime, timedelta

from schedules.jobs import BegunJob, Busy, Job, Jobs
from schedules.pace import EMPTY, MANY, NO_LOCK, RARER, found_by_itself, heard_of, next_run
from store.engine import StoreFailed
from store.queue import JOBS, Queue, Task, TaskKind


class Worker:
    """`step()` does the next thing. Its inbox and its jobs may go on at the same time, each in one thread."""

    def __init__(
        self,
        jobs: Jobs,
        queue: Queue,
        clock: Callable[[], datetime],
        interval: Callable[[str], timedelta | None] = lambda kind: None,
        connections: Callable[[], int] = lambda: 1,
    ):
        """`clock` gives aware UTC. `interval`: how long after its beginning a kind of job is due again; None: when
        somebody enqueues it. `connections`: how many there are in this service."""
        self.jobs = jobs
        self._queue = queue
        self._clock = clock
        self._interval = interval
        self._connections = connections
        self._taker = secrets.token_hex(8)
        self.more_jobs = True
        """Whether more was due when the last job had ended: whoever asks it then need not ask the database again."""

    @property
    def more_news(self) -> bool:
        """Whether more had come in when the last of it had been acted upon."""
        return self.jobs.more_news

    def enqueue(self, job: Job) -> None:
        """Has a job done soon. Raises `StoreFailed`."""
        now = self._clock()
        self._queue.enqueue([Task(self.jobs.name, job.kind, job.property_id, now, job.property_id)], now)

    def pending(self) -> set[Job]:
        """What is due, or is being done."""
        waiting = self._queue.waiting(self.jobs.name, JOBS, until=self._clock())
        return {Job(TaskKind(one.kind), one.subject) for one in waiting}

    def step(self) -> bool:
        """Does the next thing: the inbox first. False when there was nothing, or another process is at work."""
        return self.step_inbox() or self.step_job()

    def step_inbox(self) -> bool:
        """Acts upon what has come in. False when there was nothing, or another process is at work."""
        with suppress(Busy):
            return self.do_news()
        return False

    def step_job(self) -> bool:
        """Does the most urgent of the jobs that are due. False when there was none, or another process is at work."""
        with suppress(Busy):
            # Whoever asks often locks nothing.
            kinds = self._kinds()
            return bool(kinds) and self._is_due(kinds) and self.do_job()
        return False

    def _kinds(self) -> list[TaskKind]:
        return [kind for kind in JOBS if self.jobs.does(kind)]

    def _is_due(self, kinds: Sequence[str]) -> bool:
        return self._queue.is_due(self.jobs.name, kinds, self._clock(), self._taker)

    def do_news(self) -> bool:
        """Acts upon what has come in; whether there was anything. Raises `Busy` and `StoreFailed`."""
        if not self.jobs.does(TaskKind.BOOKING_NEWS) or not self.jobs.news_waits():
            return False
        self.jobs.do(Job(TaskKind.BOOKING_NEWS))
        return True

    def do_job(self) -> bool:
        """Does the most urgent of the jobs that are due; whether there was one. Raises `Busy` and `StoreFailed`."""
        now, kinds = self._clock(), self._kinds()
        if not kinds:
            return False
        with ExitStack() as stack:
            with self.jobs.at_once():
                taken = self._queue.take(self.jobs.name, kinds, now, self._taker, limit=1)
                if not taken:
                    return False
                begun = stack.enter_context(self.jobs.begin(Job(TaskKind(taken[0].kind), taken[0].subject)))
            try:
                begun.work()
                with self.jobs.at_once():
                    begun.end()
                    if (interval := self._interval(taken[0].kind)) is not None:
                        pause, why = self._pause(begun, taken[0], interval)
                        self._queue.repeat(taken, now + pause, why)
                    else:
                        self._queue.done(taken)
                    self.more_jobs = self._is_due(kinds)
                    stack.close()
            except StoreFailed:
                # Where it cannot be given back either, it is taken again.
                with suppress(StoreFailed):
                    self._queue.release(taken)
                raise
            except Exception:
                self._queue.done(taken)
                raise
        return True

    def _pause(self, begun: BegunJob, task: Task, usual: timedelta) -> tuple[timedelta, str | None]:
        """How long after its beginning a job is due again, and why, where that is not as usual."""
        is_one_of_many = self._connections() > MANY
        if begun.found_nobody and is_one_of_many:
            return RARER * usual, EMPTY
        if begun.found_no_lock:
            return RARER * usual, NO_LOCK
        run = begun.good_run
        if task.kind != TaskKind.INCREMENTAL or run is None:
            return usual, None
        found = found_by_itself(run.report.items, run.report.expected)
        last_began = begun.before.started_at if begun.before is not None else None
        now, name = self._clock(), self.jobs.name
        heard = heard_of(self.jobs.store, name, last_began, task.not_before, found, is_one_of_many, now)
        return next_run(self.jobs.connection.timetable, heard)
