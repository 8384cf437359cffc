"""The engine of a fleet without its threads: what is due goes through Procrastinate's queue, and is done here, one lane
after the other. For worlds whose surroundings say so (`WORLD_ENGINE=procrastinate WORLD_DATABASE=postgresql`)."""

import asyncio
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import update

from reconciler.precedence_over_processes import PrecedenceOverProcesses
from schedules.lanes import Lane, lane_of
from schedules.worker import Worker
from store.engine import Database
from store.queue import JOBS, Queue, TaskKind
from store.tables import turns
from store.turns import LASTS_IN_A_FLEET, Turn, take, turn_of, urgent_turn_of
from store.under_way import UnderWay


def is_wanted() -> bool:
    return os.environ.get("WORLD_ENGINE") == "procrastinate"


class FleetOfOne:
    """The queue of one connection, and a worker for it."""

    def __init__(self, store: Database, name: str, worker: Worker, clock: Any):
        """`clock` gives aware UTC."""
        from procrastinate.jobs import Status

        from schedules.fleet import Fleet
        from schedules.fleet_worker import FleetWorker

        self._store, self._name, self._clock = store, name, clock
        self._done = Status.SUCCEEDED
        self._queue = Queue(store)
        self._fleet = Fleet(store, self._queue)
        self._fleet.start()
        workers: Any = {name: worker}
        self._worker = FleetWorker(store, workers, self._fleet, 2)
        with store.writing_with_driver() as db:
            self._number = db.execute("SELECT worker_id FROM procrastinate_register_worker_v1()").fetchone()[0]

    def step(self) -> bool:
        """Everything that is due by now; whether there was anything."""
        due = self._queue.due((TaskKind.BOOKING_NEWS, *JOBS), self._clock())
        self._fleet.wake(dict.fromkeys((connection, lane_of(kind)) for connection, kind in due))
        did = False
        while job := self._fetch():
            did = True
            number, lane, connection = job
            try:
                self._worker.spell(Lane(lane), connection)
            finally:
                manager = self._fleet._manager
                asyncio.run(manager.finish_job_by_id_async(number, self._done, delete_job=True))
        return did

    def _fetch(self) -> Any:
        with self._store.writing_with_driver() as db:
            asked = ([Lane.URGENT, Lane.SWEEP], self._number)
            found = db.execute(
                "SELECT id, queue_name, args->>'connection' FROM procrastinate_fetch_job_v2(%s::varchar[], %s)", asked
            ).fetchone()
        return found if found[0] is not None else None


@contextmanager
def in_the_long_lane(
    store: Database, name: str, reservation_of: Any, sleep: Any
) -> Iterator[tuple[Turn, PrecedenceOverProcesses]]:
    """A run as a worker of a fleet makes it. Whoever is killed in it keeps the turn for as long as it lasts; that time
    is over when the next one comes."""
    names = turn_of(name), urgent_turn_of(name)
    with store.writing() as db:
        db.execute(
            update(turns).where(turns.c.name.in_(names)).values(expires_at=datetime.now(UTC) - timedelta(days=9))
        )
    turn = take(store, turn_of(name), lasts=LASTS_IN_A_FLEET, beside_others=True)
    precedence = PrecedenceOverProcesses(reservation_of, UnderWay(store, name), *names, sleep)
    try:
        with precedence.long_run(turn):
            yield turn, precedence
    except Exception:
        turn.release()
        raise
    except BaseException:
        store.renewals.end(turn)
        raise
    else:
        turn.release()
