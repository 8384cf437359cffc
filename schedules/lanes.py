"""Who does the work: the port between the loop, which finds what is due, and an engine, which does it.

Each connection has two lanes. What has come in is acted upon in the urgent one, and never waits behind the sweeps of
the other; in each lane one thing goes on at a time. The rows of the queue say what there is to do, so whoever wakes a
lane for nothing does no harm.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping
from enum import StrEnum
from typing import Protocol

from schedules.pool import Pool
from schedules.worker import Worker
from store.queue import JOBS, Queue, TaskKind


class Lane(StrEnum):
    URGENT = "urgent"
    """The inbox."""
    SWEEP = "sweep"
    """What the timetable asks for."""


KINDS: dict[Lane, tuple[TaskKind, ...]] = {Lane.URGENT: (TaskKind.BOOKING_NEWS,), Lane.SWEEP: JOBS}


def lane_of(kind: str) -> Lane:
    return Lane.URGENT if kind == TaskKind.BOOKING_NEWS else Lane.SWEEP


class Engine(Protocol):
    """Does what is due, of every connection. Safe to use from many threads."""

    def start(self) -> None: ...

    def wake(self, wanted: Iterable[tuple[str, Lane]], *, seen_due: bool = False) -> None:
        """There is something to do in these connections' lanes; those that have waited for longest come first.
        `seen_due`: that was seen by a look at all that is due, and another look follows within seconds. Raises
        `StoreFailed`."""

    def look_after(self, connections: Collection[str]) -> None:
        """Called every two seconds by the one process that has the scheduler's turn: whoever was left alone for long
        enough goes on, and what somebody took who is no more is given back. Raises `StoreFailed`."""

    def begin(self, connections: Collection[str]) -> None:
        """This process has the scheduler's turn from now on. Raises `StoreFailed`."""

    def ask_to_stop(self) -> None:
        """Begins nothing new from now on, and does not wait."""

    def stop(self, seconds: float) -> bool:
        """Whether all that is under way in this process came to its end within so many seconds."""


class Embedded:
    """The threads of this process."""

    def __init__(
        self,
        workers: Mapping[str, Worker],
        queue: Queue,
        threads: int,
        may_work: Callable[[], bool],
        clock: Callable[[], float] = time.monotonic,
    ):
        """`threads`: so many work at once; a quarter of them is kept for what is urgent. `may_work`: whether this
        process is the one that works. `clock`: monotonic seconds."""
        self._queue = queue
        self._clock = clock
        urgent = max(1, threads // 4)
        self.pools = {
            lane: Pool(name, _step_of(lane, workers), counted, may_work=may_work, clock=clock)
            for lane, name, counted in (
                (Lane.URGENT, "inbox", urgent),
                (Lane.SWEEP, "jobs", max(1, threads - urgent)),
            )
        }

    def start(self) -> None:
        for pool in self.pools.values():
            pool.start()

    def wake(self, wanted: Iterable[tuple[str, Lane]], *, seen_due: bool = False) -> None:
        for connection, lane in wanted:
            self.pools[lane].wake(connection)

    def look_after(self, connections: Collection[str]) -> None:
        for pool in self.pools.values():
            pool.turn()

    def begin(self, connections: Collection[str]) -> None:
        self._queue.rescue(connections)

    def ask_to_stop(self) -> None:
        for pool in self.pools.values():
            pool.stop()

    def stop(self, seconds: float) -> bool:
        until = self._clock() + seconds
        ended = [pool.join(max(0.1, until - self._clock())) for pool in self.pools.values()]
        return all(ended)


def _step_of(lane: Lane, workers: Mapping[str, Worker]) -> Callable[[str], bool]:
    """Does the next thing of a connection's lane; whether there is more."""

    def step(name: str) -> bool:
        worker = workers[name]
        if lane is Lane.URGENT:
            return worker.step_inbox() and worker.more_news
        return worker.step_job() and worker.more_jobs

    return step
