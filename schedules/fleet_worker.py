"""A worker of a fleet: one process that does what Procrastinate's queue holds, on any machine that reaches the database
and the other sides.

It does steps of one connection for some seconds and then lets others come. Each lane has places of its own, so that
neither ever waits for the other to end; the others take what is urgent first, so that no sweep begins there while
something urgent waits. When it is asked to end it begins nothing new; what is under way comes to its end.
"""

import asyncio
import logging
import signal
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import Any

import psycopg
import structlog
from procrastinate import App, PsycopgConnector
from procrastinate.exceptions import ConnectorException
from procrastinate.job_context import JobContext
from procrastinate.jobs import DeleteJobCondition, Job, Status
from procrastinate.manager import JobManager
from procrastinate.worker import Worker as ProcrastinateWorker
from psycopg_pool import AsyncConnectionPool

from reconciler.report import defect
from schedules.fleet import SIGN_EVERY, STALLED, Fleet
from schedules.giving_way import GivingWay
from schedules.jobs import Busy
from schedules.lanes import Lane
from schedules.pool import PAUSE, tell_failure
from schedules.worker import Worker
from store.engine import Database, StoreFailed
from store.timeouts import STATEMENT, is_hung_up

log = structlog.get_logger("fleet")
# What it has to tell of troubles is told here, in a sentence; of jobs, by those who do them.
logging.getLogger("procrastinate").setLevel(logging.CRITICAL)
SPELL = 5.0
"""Seconds after which a connection lets others come, where it has more to do."""
WHILE_BUSY = 2.0
"""Seconds until a lane is tried again in which somebody else is at work."""
UNKNOWN = 30.0
"""Seconds until a connection comes round again that this process does not know."""
POLLS_EVERY, POLLS_URGENT_EVERY = 1.0, 2.0
"""Seconds from one look for jobs to the next, of a place that does sweeps, and of one that does nothing but what is
urgent: there PostgreSQL's own word comes before. Told of every sweep as well, all workers would look for each."""
NO_SUCH_WORKER = "23503"
"""PostgreSQL's code for a row that refers to one that is not there."""
AGAIN_AFTER = 1.0
"""Seconds before a start anew, where the database was away."""


class FleetWorker:
    """`run` works until `stop` is called; both belong to one process."""

    def __init__(
        self,
        store: Database,
        workers: Mapping[str, Worker],
        fleet: Fleet,
        concurrency: int,
        lanes: Collection[Lane] = tuple(Lane),
        *,
        ends_within: float = 15.0,
        ending: threading.Event | None = None,
        giving_way: GivingWay | None = None,
        clock: Callable[[], float] = time.monotonic,
    ):
        """`concurrency`: so many steps go on at once; where both lanes are worked, a quarter of them is kept for each.
        `ends_within`: seconds that what is under way is given at the end. `ending` is set when the end has
        been asked for: whoever waits for a next attempt should wait no longer. `giving_way` says when no sweep is to
        begin. `clock`: monotonic seconds."""
        self._store = store
        self._workers = workers
        self._fleet = fleet
        self._places = _places(concurrency, lanes)
        self._ends_within = ends_within
        self._clock = clock
        self._ending = ending or threading.Event()
        self._giving_way = giving_way
        self._running: dict[Collection[Lane], ProcrastinateWorker] = {}
        self._at_work: set[int] = set()
        """Procrastinate's ids of the jobs that this process does."""
        self._alive_at = clock()
        self._asked_to_stop: Callable[[], object] = lambda: None

    # --- life -------------------------------------------------------------------------------------------------------

    def run(self, *, handle_signals: bool = True, asked_to_stop: Callable[[], object] = lambda: None) -> None:
        """Works until it is asked to end, and calls `asked_to_stop` then. Raises `StoreFailed` where Procrastinate's
        tables cannot be made."""
        self._asked_to_stop = asked_to_stop
        self._fleet.start()
        with asyncio.Runner() as runner:
            runner.run(self._main(handle_signals))

    def stop(self) -> None:
        """Begins nothing new, and does not wait. To be called from any thread."""
        if not self._ending.is_set():
            self._ending.set()
            self._asked_to_stop()
        for one in list(self._running.values()):
            one.stop()  # type: ignore[no-untyped-call]

    @property
    def stopping(self) -> bool:
        return self._ending.is_set()

    def since_sign_of_life(self) -> float:
        """Seconds since the database last answered this process's loop; 0 when it is to end."""
        return 0.0 if self.stopping else self._clock() - self._alive_at

    async def _main(self, handle_signals: bool) -> None:
        loop = asyncio.get_running_loop()
        loop.set_default_executor(ThreadPoolExecutor(sum(self._places.values()) + 2, "work"))
        loop.set_exception_handler(_tell)
        if handle_signals:
            for sign in (signal.SIGTERM, signal.SIGINT):
                loop.add_signal_handler(sign, self.stop)
        while not self.stopping:
            app = self._app()
            try:
                async with app.open_async():
                    watch = asyncio.create_task(self._watch(app))
                    try:
                        await asyncio.gather(*(self._work(app, lanes) for lanes in self._places))
                    finally:
                        watch.cancel()
            except (ConnectorException, psycopg.Error) as problem:
                log.error("the database cannot be used", trouble=cause_of(problem))
                await asyncio.sleep(AGAIN_AFTER)

    async def _work(self, app: App, lanes: tuple[Lane, ...]) -> None:
        """The places of these lanes, until it is to end."""
        is_urgent = lanes == (Lane.URGENT,)
        while not self.stopping:
            one = ProcrastinateWorker(
                app,
                queues=list(lanes),
                name=" and ".join(lanes),
                concurrency=self._places[lanes],
                fetch_job_polling_interval=POLLS_URGENT_EVERY if is_urgent else POLLS_EVERY,
                listen_notify=is_urgent,
                abort_job_polling_interval=60.0,
                shutdown_graceful_timeout=self._ends_within,
                delete_jobs=DeleteJobCondition.ALWAYS,
                install_signal_handlers=False,
                update_heartbeat_interval=SIGN_EVERY,
                stalled_worker_timeout=STALLED,
            )
            self._running[lanes] = one
            run = asyncio.create_task(one.run(), name=f"lanes {lanes}")  # type: ignore[no-untyped-call]
            # Not before: whatever it was asked until it runs is forgotten.
            await asyncio.sleep(0)
            if self.stopping:
                self.stop()
            try:
                await run
            except ConnectorException as problem:
                log.error("the database cannot be used", trouble=cause_of(problem))
                await asyncio.sleep(AGAIN_AFTER)

    async def _watch(self, app: App) -> None:
        """Every few seconds: whether the database answers, and whether it holds jobs to be done here that are not: the
        word of their end was lost, and nobody else would do them as long as this process lives."""
        before: set[int] = set()
        while True:
            await asyncio.sleep(SIGN_EVERY)
            ids = [one.worker_id for one in self._running.values() if one.worker_id is not None]
            found: set[int] = set()
            try:
                for worker_id in ids:
                    jobs = await app.job_manager.list_jobs_async(status=Status.DOING.value, worker_id=worker_id)
                    found |= {job.id for job in jobs if job.id is not None}
            except (ConnectorException, psycopg.Error):
                continue
            self._alive_at = self._clock()
            lost = found - self._at_work
            for job_id in lost & before:
                with suppress(ConnectorException):
                    await app.job_manager.finish_job_by_id_async(job_id, Status.FAILED, delete_job=True)
            before = lost

    def _app(self) -> App:
        args = self._store.connect_args()
        connector = PsycopgConnector(
            pool_factory=_pool,
            kwargs=args,
            configure=_configure,
            min_size=1,
            max_size=4,
            timeout=10.0,
            reconnect_timeout=20.0,
        )
        app = App(connector=connector)
        app.job_manager = SteadyManager(connector, self._giving_way)
        for lane in {lane for lanes in self._places for lane in lanes}:

            def work(context: JobContext, connection: str, lane: Lane = lane) -> None:
                self._do(context.job.id, lane, connection)

            app.task(name=lane, queue=lane, pass_context=True)(work)
        return app

    # --- a thread ---------------------------------------------------------------------------------------------------

    def _do(self, job_id: int | None, lane: Lane, connection: str) -> None:
        if job_id is not None:
            self._at_work.add(job_id)
        try:
            after = self.spell(lane, connection)
            if after is not None and not self.stopping:
                # At the end of the line. Where this fails, the loop wakes the lane: what is due is due still.
                with suppress(StoreFailed):
                    self._fleet.wake_after(connection, lane, after)
        finally:
            if job_id is not None:
                self._at_work.discard(job_id)

    def spell(self, lane: Lane, connection: str) -> float | None:
        """Does what a lane holds, for some seconds at most. Returns in how many seconds it is to come round again; None
        where nothing is left."""
        worker = self._workers.get(connection)
        if worker is None:
            log.warning(
                "this process has no such connection: it needs the same settings as the others", connection=connection
            )
            return UNKNOWN
        step = worker.do_news if lane is Lane.URGENT else worker.do_job
        begun = self._clock()
        try:
            while step():
                if self.stopping or not (worker.more_news if lane is Lane.URGENT else worker.more_jobs):
                    return None
                if self._clock() - begun >= SPELL:
                    return 0.0
        except Busy:
            return WHILE_BUSY
        except Exception as problem:
            tell_failure(connection, problem)
            return PAUSE
        return None


def _places(concurrency: int, lanes: Collection[Lane]) -> dict[tuple[Lane, ...], int]:
    """How many places take jobs of which lanes."""
    if len(lanes) == 1:
        return {tuple(lanes): concurrency}
    kept = max(1, concurrency // 4)
    both = concurrency - 2 * kept
    return {(Lane.URGENT,): kept, (Lane.SWEEP,): kept, **({tuple(Lane): both} if both > 0 else {})}


def _pool(**arguments: Any) -> AsyncConnectionPool:
    # A place looks for its next job by one statement: to ask the server each time whether it is there, and to begin and
    # end a transaction around it, would be three more.
    return AsyncConnectionPool(**{**arguments, "check": _has_not_hung_up})


async def _has_not_hung_up(connection: Any) -> None:
    if is_hung_up(connection):
        # The pool keeps what it does not know to be closed.
        await connection.close()
        raise psycopg.OperationalError("the server has ended the connection")


async def _configure(connection: Any) -> None:
    await connection.set_autocommit(True)
    await connection.execute(f"SET statement_timeout = '{STATEMENT}s'")


def _tell(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    problem = context.get("exception")
    if isinstance(problem, ConnectorException):
        # The end of a job that others have taken over, above all.
        log.warning("the end of a job could not be noted", trouble=cause_of(problem))
    elif isinstance(problem, Exception):
        log.error("the worker's loop failed", trouble=defect(problem))
    else:
        log.error("the worker's loop failed", trouble=str(context.get("message")))


def cause_of(problem: BaseException) -> str:
    return str(problem.__cause__ or problem).strip().splitlines()[0]


class SteadyManager(JobManager):
    """Procrastinate's access to its tables, for which a database that is away for a moment is no reason to end: its
    worker would wait for all that is under way, and do nothing new until then."""

    def __init__(self, connector: PsycopgConnector, giving_way: GivingWay | None = None):
        super().__init__(connector)
        self._giving_way = giving_way

    async def fetch_job(self, queues: Iterable[str] | None, worker_id: int) -> Job | None:
        # Whoever takes both gets what is urgent first, as long as there is any.
        only_sweeps = queues is not None and list(queues) == [Lane.SWEEP]
        if only_sweeps and self._giving_way is not None and await asyncio.to_thread(self._giving_way.wanted):
            return None
        try:
            return await super().fetch_job(queues, worker_id)
        except ConnectorException as problem:
            if getattr(problem.__cause__, "sqlstate", None) == NO_SUCH_WORKER:
                raise  # Others have given this one up: it begins anew, under another number.
            log.error("the database cannot be used", trouble=cause_of(problem))
            await asyncio.sleep(AGAIN_AFTER)
            return None

    async def update_heartbeat(self, worker_id: int) -> None:
        with suppress(ConnectorException):  # The next one follows.
            await super().update_heartbeat(worker_id)

    async def finish_job(self, job: Job, status: Status, delete_job: bool) -> None:
        for pause in (0.0, 1.0, 3.0):
            await asyncio.sleep(pause)
            try:
                return await super().finish_job(job, status, delete_job)
            except ConnectorException as problem:
                if isinstance(problem.__cause__, psycopg.errors.RaiseException):
                    return None  # Others have taken it over.
                last = problem
        raise last

    async def listen_for_jobs(self, *, on_notification: Any, queues: Iterable[str] | None = None) -> None:
        while True:
            with suppress(ConnectorException, psycopg.Error):
                await super().listen_for_jobs(on_notification=on_notification, queues=queues)
            await asyncio.sleep(AGAIN_AFTER)
