"""The engine of a fleet: whoever has the scheduler's turn puts lanes that have something to do into Procrastinate's
queue, and `nightporter work` on any machine does it (`schedules.fleet_worker`).

What there is to do stands in our own queue; a job of Procrastinate says only whose lane it is. It is once in the queue
(`queueing_lock`), one of a lane is done at a time (`lock`), first come, first served; by places that serve both lanes,
what is urgent first (`priority`).
"""

import asyncio
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import structlog
from procrastinate.exceptions import AlreadyEnqueued, ConnectorException
from procrastinate.jobs import Job, Status
from procrastinate.manager import JobManager
from procrastinate.sync_psycopg_connector import SyncPsycopgConnector, wrap_exceptions

from schedules.fleet_schema import upgrade
from schedules.lanes import KINDS, Lane, lane_of
from store.engine import Database, StoreFailed
from store.queue import Queue

log = structlog.get_logger("fleet")
SIGN_EVERY = 5.0
"""Seconds between two signs of life of a worker."""
STALLED = 15.0
"""Seconds without one after which its jobs are given to others."""
LOOKS_EVERY = 5.0
"""Seconds between two looks for what workers that are no more have left."""
BATCH = 500


class OfStore(SyncPsycopgConnector):
    """Procrastinate's statements, in transactions of ours: one pool of connections, and one bound on every wait."""

    def __init__(self, store: Database):
        super().__init__()
        self._store = store

    @contextmanager
    def _connection(self) -> Iterator[Any]:
        try:
            with self._store.writing_with_driver() as connection:
                yield connection
        except ConnectorException as problem:
            if problem.__cause__ is None:
                raise
            cause = str(problem.__cause__).strip().splitlines()[0]
            raise StoreFailed(
                f"the database cannot be used ({cause}): what is due is done as soon as it can"
            ) from problem

    def execute_query(self, query: Any, **arguments: Any) -> None:
        with self._connection() as connection, wrap_exceptions():
            connection.execute(query, self._wrap_json(arguments))

    def execute_query_one(self, query: Any, **arguments: Any) -> dict[str, Any]:
        with self._connection() as connection:
            return self.execute_query_one_with_connection(connection, query, **arguments)

    def execute_query_all(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        with self._connection() as connection:
            return self.execute_query_all_with_connection(connection, query, **arguments)

    async def execute_query_async(self, query: Any, **arguments: Any) -> None:
        self.execute_query(query, **arguments)

    async def execute_query_all_async(self, query: Any, **arguments: Any) -> list[dict[str, Any]]:
        return self.execute_query_all(query, **arguments)


# What has just begun may not have taken its row yet: one more would find nothing, and where many wait for the processor
# that is so of nearly every event.
_NOT_WANTED = "SELECT queueing_lock FROM procrastinate_jobs WHERE status IN ('todo', 'doing')"
_URGENT_WAITS = """
SELECT EXISTS (
    SELECT 1 FROM procrastinate_jobs AS waiting
    WHERE status = 'todo' AND priority > 0 AND queue_name = %(urgent)s
        AND (scheduled_at IS NULL OR scheduled_at <= now())
        AND NOT EXISTS (
            SELECT 1 FROM procrastinate_jobs AS other WHERE other.lock = waiting.lock AND other.status = 'doing'
        )
) AS it_does
"""


def lock_of(connection: str, lane: Lane) -> str:
    return f"{lane} {connection}"


def job_of(connection: str, lane: Lane, after: float = 0.0) -> Job:
    """The job that says: this lane has something to do. `after`: not before so many seconds."""
    lock = lock_of(connection, lane)
    return Job(
        id=None,
        queue=lane,
        priority=int(lane is Lane.URGENT),
        lock=lock,
        queueing_lock=lock,
        task_name=lane,
        task_kwargs={"connection": connection},
        scheduled_at=datetime.now(UTC) + timedelta(seconds=after) if after else None,
    )


class Fleet:
    """An `Engine` that has no threads: it fills Procrastinate's queue, and gives back what dead workers had."""

    def __init__(self, store: Database, queue: Queue, clock: Callable[[], float] = time.monotonic):
        """`clock`: monotonic seconds."""
        self._store = store
        self._queue = queue
        self._clock = clock
        self._connector = OfStore(store)
        self._manager = JobManager(self._connector)
        self._look_at = 0.0
        self._left: set[tuple[str, Lane]] = set()
        """Lanes of which something was taken at the last look, and nobody was at work."""

    def start(self) -> None:
        upgrade(self._store)

    def wake(self, wanted: Iterable[tuple[str, Lane]], *, seen_due: bool = False) -> None:
        """What has just come in is put behind a job of the same lane that is at work, so that it waits for no look
        where that one is about to end. What a look has seen is not: where it is left, the next one sees it."""
        jobs = [job_of(connection, lane) for connection, lane in wanted]
        if seen_due and jobs:
            found = self._connector.execute_query_all(_NOT_WANTED)
            not_wanted = {row["queueing_lock"] for row in found}
            jobs = [job for job in jobs if job.queueing_lock not in not_wanted]
        for start in range(0, len(jobs), BATCH):
            self._put(jobs[start : start + BATCH])

    def wake_after(self, connection: str, lane: Lane, seconds: float) -> None:
        """The same, but not before so many seconds."""
        self._put([job_of(connection, lane, seconds)])

    def _put(self, jobs: list[Job]) -> None:
        try:
            self._manager.batch_defer_jobs(jobs)
        except AlreadyEnqueued:
            if len(jobs) > 1:
                for job in jobs:
                    self._put([job])

    def urgent_waits(self) -> bool:
        """Whether something urgent waits for a place, and not for what is done for the same connection. Raises
        `StoreFailed`."""
        return bool(self._connector.execute_query_one(_URGENT_WAITS, urgent=Lane.URGENT)["it_does"])

    def look_after(self, connections: Collection[str]) -> None:
        if self._clock() < self._look_at:
            return
        self._look_at = self._clock() + LOOKS_EVERY
        self._end_jobs_of_the_dead()
        at_work = {job.lock for job in self._manager.list_jobs(status=Status.DOING.value)}
        taken = {(name, lane_of(kind)) for name, kind in self._queue.taken(sum(KINDS.values(), ()))}
        left = {one for one in taken if one[0] in connections and lock_of(*one) not in at_work}
        # A worker takes its rows after its job has begun, and is done with them before that ends: what is left over
        # twice was left by somebody who is no more.
        self._give_back(left & self._left)
        self._left = left

    def _end_jobs_of_the_dead(self) -> None:
        stalled = asyncio.run(self._manager.get_stalled_jobs(seconds_since_heartbeat=STALLED))
        for job in stalled:
            if job.task_name in KINDS and job.id is not None:
                # Not tried again as it is: whatever it had to do is due still, and wakes its lane anew.
                with suppress(ConnectorException):
                    asyncio.run(self._manager.finish_job_by_id_async(job.id, Status.FAILED, delete_job=True))
                connection = str(job.task_kwargs["connection"])
                log.warning("its worker gives no sign of life, so others go on", connection=connection)
                self._give_back([(connection, Lane(job.task_name))])

    def _give_back(self, lanes: Collection[tuple[str, Lane]]) -> None:
        for lane in Lane:
            names = [connection for connection, which in lanes if which is lane]
            if names:
                self._queue.rescue(names, KINDS[lane])

    def begin(self, connections: Collection[str]) -> None:
        pass  # Workers may be in the middle of what they have taken.

    def ask_to_stop(self) -> None:
        pass

    def stop(self, seconds: float) -> bool:
        return True
