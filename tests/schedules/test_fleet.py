"""The engine of a fleet, in one process: what it puts into Procrastinate's queue, and what workers make of it."""

import asyncio
import queue as queue_module
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psycopg
import pytest
from sqlalchemy import text

from schedules.jobs import Busy
from schedules.lanes import Lane
from store.database import open_database
from store.engine import Database
from store.queue import JOBS, Queue, Task, TaskKind
from tests.databases import POSTGRESQL, new_database

pytest.importorskip("procrastinate")
from procrastinate.jobs import Status

from schedules import fleet as fleet_module
from schedules.fleet import STALLED, Fleet
from schedules.fleet_schema import upgrade
from schedules.fleet_worker import PAUSE, SPELL, UNKNOWN, WHILE_BUSY, FleetWorker

NOW = datetime(2026, 9, 21, 12, tzinfo=UTC)


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Database]:
    opened = Database(open_database(new_database(POSTGRESQL, tmp_path)))
    yield opened
    opened.close()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def fleet(store: Database, clock: Clock) -> Fleet:
    made = Fleet(store, Queue(store), clock)
    made.start()
    return made


def waiting(fleet: Fleet) -> list[tuple[str, str]]:
    jobs = fleet._manager.list_jobs(status=Status.TODO.value)
    return [(job.queue, job.task_kwargs["connection"]) for job in jobs]


def fetch(fleet: Fleet, *queues: str) -> Any:
    """A job as a worker gets it."""
    with fleet._store.writing_with_driver() as db:
        number = db.execute("SELECT worker_id FROM procrastinate_register_worker_v1()").fetchone()[0]
        return db.execute(
            "SELECT id, args->>'connection' FROM procrastinate_fetch_job_v2(%s::varchar[], %s)", (list(queues), number)
        ).fetchone()


def execute(fleet: Fleet, statement: str) -> None:
    with fleet._store.writing_with_driver() as db:
        db.execute(statement)


def test_processes_that_start_at_once_make_procrastinates_tables_once_and_a_new_version_adds_to_them(
    store: Database, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    threads = [threading.Thread(target=upgrade, args=(store,)) for _ in range(4)]
    for one in threads:
        one.start()
    for one in threads:
        one.join(60)
    with store.reading() as db:
        names = list(db.execute(text("SELECT name FROM engine_migrations")).scalars())
    assert len(names) == len(set(names)) > 20
    (tmp_path / "99.00.00_01_more.sql").write_text("ALTER TABLE procrastinate_jobs ADD COLUMN more text DEFAULT '100%'")
    monkeypatch.setattr("schedules.fleet_schema.SchemaManager.get_migrations_path", lambda: str(tmp_path))
    upgrade(store)
    upgrade(store)
    with store.reading() as db:
        db.execute(text("SELECT more FROM procrastinate_jobs"))


def test_a_lane_is_once_in_the_queue_and_who_has_waited_longest_comes_first(fleet: Fleet) -> None:
    fleet.wake([("berg", Lane.SWEEP), ("alpen", Lane.SWEEP)])
    fleet.wake([("alpen", Lane.SWEEP), ("alpen", Lane.URGENT)])
    many = [(f"house{number}", Lane.SWEEP) for number in range(6)]
    fleet.wake([("alpen", Lane.SWEEP), *many])
    fleet.wake([*many, ("see", Lane.URGENT)], seen_due=True)
    assert waiting(fleet) == [
        ("sweep", "berg"),
        ("sweep", "alpen"),
        ("urgent", "alpen"),
        *(("sweep", name) for name, _ in many),
        ("urgent", "see"),
    ]
    assert fetch(fleet, "urgent")[1] == "alpen", "what is urgent waits behind no sweep"
    assert fetch(fleet, "sweep")[1] == "berg"


def test_a_place_that_takes_both_lanes_takes_what_is_urgent_first(fleet: Fleet) -> None:
    fleet.wake([("berg", Lane.SWEEP), ("alpen", Lane.SWEEP), ("see", Lane.URGENT)])
    assert [fetch(fleet, "urgent", "sweep")[1] for _ in range(3)] == ["see", "berg", "alpen"]


def test_a_lane_that_is_at_work_may_be_woken_again_and_is_done_by_one_at_a_time(fleet: Fleet) -> None:
    fleet.wake([("alpen", Lane.SWEEP)])
    assert fetch(fleet, "sweep")[1] == "alpen"
    fleet.wake([("alpen", Lane.SWEEP)])
    assert waiting(fleet) == [("sweep", "alpen")]
    assert fetch(fleet, "sweep")[0] is None, "until the one that is at work has ended"


@pytest.mark.parametrize("number", [1, 5])
def test_what_is_due_and_has_just_begun_is_not_put_into_the_queue_once_more_by_the_loop(
    fleet: Fleet, number: int
) -> None:
    due = [(f"house{place}", lane) for place in range(number) for lane in Lane]
    fleet.wake(due, seen_due=True)
    assert fetch(fleet, "sweep")[1] == fetch(fleet, "urgent")[1] == "house0"
    fleet.wake(due, seen_due=True)
    assert not any(name == "house0" for _, name in waiting(fleet)), "it may not have taken its row yet"
    assert len(waiting(fleet)) == len(due) - 2
    fleet.wake([("house0", Lane.URGENT)])
    assert ("urgent", "house0") in waiting(fleet), "what came in at its end waits for nothing"
    execute(fleet, "DELETE FROM procrastinate_jobs WHERE status = 'doing'")
    fleet.wake(due, seen_due=True)
    assert ("sweep", "house0") in waiting(fleet)


def test_what_a_dead_worker_had_is_due_again_at_once(fleet: Fleet, clock: Clock, store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([Task("alpen", TaskKind.FULL, "", NOW), Task("alpen", TaskKind.BOOKING_NEWS, "1", NOW)], NOW)
    fleet.wake([("alpen", Lane.SWEEP)])
    assert fetch(fleet, "sweep")[1] == "alpen"
    queue.take("alpen", JOBS, NOW, "a worker that dies")
    fleet.look_after(["alpen"])
    assert queue.due(JOBS, NOW) == [], "it may be at work"
    execute(fleet, f"UPDATE procrastinate_workers SET last_heartbeat = now() - interval '{STALLED + 1} s'")
    clock.seconds += fleet_module.LOOKS_EVERY
    fleet.look_after(["alpen"])
    assert queue.due(JOBS, NOW) == [("alpen", TaskKind.FULL)]
    fleet.wake([("alpen", Lane.SWEEP)])
    assert fetch(fleet, "sweep")[1] == "alpen", "and nobody else has it"


def test_what_was_taken_and_is_done_by_nobody_is_given_back(fleet: Fleet, clock: Clock, store: Database) -> None:
    queue = Queue(store)
    queue.enqueue([Task("alpen", TaskKind.FULL, "", NOW), Task("theirs", TaskKind.FULL, "", NOW)], NOW)
    for name in ("alpen", "theirs"):
        queue.take(name, JOBS, NOW, "a worker whose word of it was lost")
    fleet.look_after(["alpen"])
    assert queue.due(JOBS, NOW) == [], "it may have begun just now"
    clock.seconds += fleet_module.LOOKS_EVERY
    fleet.look_after(["alpen"])
    assert queue.due(JOBS, NOW) == [("alpen", TaskKind.FULL)], "others' connections are left alone"


class Scripted:
    """A `Worker` whose steps are written down."""

    def __init__(self, clock: Clock, *steps: bool | Exception, seconds: float = 1.0):
        self.steps, self.clock, self.seconds = list(steps), clock, seconds

    def do_job(self) -> bool:
        self.clock.seconds += self.seconds
        step = self.steps.pop(0)
        if isinstance(step, Exception):
            raise step
        return step

    do_news = do_job
    more_news = more_jobs = True


def worker_of(store: Database, fleet: Fleet, clock: Clock, *steps: bool | Exception) -> FleetWorker:
    workers: Any = {"alpen": Scripted(clock, *steps)}
    return FleetWorker(store, workers, fleet, 4, clock=clock)


def test_a_connection_with_much_to_do_lets_others_come_after_some_seconds(
    store: Database, fleet: Fleet, clock: Clock
) -> None:
    worker = worker_of(store, fleet, clock, *[True] * 20)
    assert worker.spell(Lane.SWEEP, "alpen") == 0.0
    assert clock.seconds == SPELL
    assert worker_of(store, fleet, clock, True, False).spell(Lane.URGENT, "alpen") is None


def test_whoever_cannot_go_on_comes_round_again_later(store: Database, fleet: Fleet, clock: Clock) -> None:
    assert worker_of(store, fleet, clock, Busy()).spell(Lane.SWEEP, "alpen") == WHILE_BUSY
    assert worker_of(store, fleet, clock, ValueError("a defect")).spell(Lane.SWEEP, "alpen") == PAUSE
    assert worker_of(store, fleet, clock).spell(Lane.SWEEP, "nobody's") == UNKNOWN


def test_only_a_job_that_nobody_does_at_two_looks_is_lost(
    store: Database, fleet: Fleet, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker: Any = worker_of(store, fleet, clock)
    worker._running = {(Lane.SWEEP,): SimpleNamespace(worker_id=1)}
    looks, ended = iter([[7], [], [8], [8]]), []

    async def list_jobs_async(**rest: Any) -> list[Any]:
        ids = next(looks, None)
        if ids is None:
            raise asyncio.CancelledError
        return [SimpleNamespace(id=one) for one in ids]

    async def finish_job_by_id_async(job_id: int, *rest: Any, **more: Any) -> None:
        ended.append(job_id)

    monkeypatch.setattr("schedules.fleet_worker.SIGN_EVERY", 0)
    manager = SimpleNamespace(list_jobs_async=list_jobs_async, finish_job_by_id_async=finish_job_by_id_async)
    with pytest.raises(asyncio.CancelledError):
        asyncio.run(worker._watch(SimpleNamespace(job_manager=manager)))
    assert ended == [8]


def test_a_worker_does_what_is_in_the_queue_and_ends_when_it_is_asked_to(store: Database, fleet: Fleet) -> None:
    done: list[str] = []
    over = threading.Event()

    class Counting:
        def __init__(self, name: str):
            self.name, self.left = name, 3

        def do_job(self) -> bool:
            done.append(self.name)
            self.left -= 1
            if not self.left:
                over.set()
            return self.left > 0

        do_news = do_job
        more_news = more_jobs = True

    workers: Any = {"alpen": Counting("alpen"), "berg": Counting("berg")}
    worker = FleetWorker(store, workers, fleet, 4)
    thread = threading.Thread(target=worker.run, kwargs={"handle_signals": False})
    thread.start()
    fleet.wake([("alpen", Lane.URGENT)])
    assert over.wait(30)
    worker.stop()
    thread.join(30)
    assert not thread.is_alive()
    assert done == ["alpen"] * 3
    assert fleet._manager.list_jobs() == [], "what is done is gone"


def test_no_sweep_begins_while_something_urgent_waits_but_in_the_places_that_are_its_own(
    store: Database, fleet: Fleet
) -> None:
    begun: queue_module.Queue[str] = queue_module.Queue()
    ends = {name: threading.Event() for name in ("sweep 1", "sweep 2", "sweep 3", "sweep 4", "news 1", "news 2")}

    class Waiting:
        def __init__(self, name: str):
            self.name = name

        def do_job(self) -> bool:
            begun.put(self.name)
            ends[self.name].wait(30)
            return False

        do_news = do_job
        more_news = more_jobs = True

    workers: Any = {name: Waiting(name) for name in ends}
    worker = FleetWorker(store, workers, fleet, 3)
    fleet.wake([(f"sweep {number}", Lane.SWEEP) for number in (1, 2, 3, 4)])
    thread = threading.Thread(target=worker.run, kwargs={"handle_signals": False})
    thread.start()
    try:
        sweeps = [begun.get(timeout=30), begun.get(timeout=30)]
        fleet.wake([("news 1", Lane.URGENT)])
        assert begun.get(timeout=30) == "news 1", "a place is kept for it"
        fleet.wake([("news 2", Lane.URGENT)])
        for name in sweeps:
            ends[name].set()
        assert {begun.get(timeout=30), begun.get(timeout=30)} == {"news 2", "sweep 3"}, "one place each"
    finally:
        for event in ends.values():
            event.set()
        worker.stop()
        thread.join(30)


def test_urgent_is_what_waits_for_a_place_and_not_for_what_is_done_for_the_same_connection(fleet: Fleet) -> None:
    fleet.wake([("alpen", Lane.SWEEP)])
    assert not fleet.urgent_waits()
    fleet.wake([("alpen", Lane.URGENT)])
    assert fleet.urgent_waits()
    assert fetch(fleet, "urgent")[1] == "alpen"
    fleet.wake([("alpen", Lane.URGENT)])
    assert not fleet.urgent_waits(), "a loud connection waits for itself"
    fleet.wake_after("berg", Lane.URGENT, 60)
    assert not fleet.urgent_waits(), "it was put off"
    fleet.wake([("see", Lane.URGENT)])
    assert fleet.urgent_waits()


def test_not_even_the_places_that_are_kept_for_sweeps_begin_one_as_long_as_these_give_way(
    store: Database, fleet: Fleet, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("schedules.fleet_worker.POLLS_EVERY", 0.01)
    did: list[str] = []
    over = threading.Event()

    class GivesWay:
        def wanted(self) -> bool:
            did.append("gives way")
            return len(did) < 3

    class Sweep:
        more_jobs = False

        def do_job(self) -> bool:
            did.append("sweep")
            over.set()
            return False

    workers: Any = {"alpen": Sweep()}
    giving_way: Any = GivesWay()
    worker = FleetWorker(store, workers, fleet, 1, [Lane.SWEEP], giving_way=giving_way)
    fleet.wake([("alpen", Lane.SWEEP)])
    thread = threading.Thread(target=worker.run, kwargs={"handle_signals": False})
    thread.start()
    assert over.wait(30)
    worker.stop()
    thread.join(30)
    assert did[:4] == ["gives way"] * 3 + ["sweep"]


def test_a_worker_whose_database_is_cut_off_goes_on_when_it_is_back(store: Database, fleet: Fleet) -> None:
    steps = threading.Semaphore(0)

    class Counting:
        def do_job(self) -> bool:
            steps.release()
            return False

        do_news = do_job
        more_news = more_jobs = True

    workers: Any = {"alpen": Counting()}
    worker = FleetWorker(store, workers, fleet, 4)
    thread = threading.Thread(target=worker.run, kwargs={"handle_signals": False})
    thread.start()
    for _ in range(2):
        fleet.wake([("alpen", Lane.SWEEP)])
        assert steps.acquire(timeout=30)
        with store.writing_with_driver() as db:
            db.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                " AND datname = current_database()"
            )
    worker.stop()
    thread.join(30)
    assert not thread.is_alive()


def test_a_place_looks_for_its_next_job_by_one_question(
    store: Database, fleet: Fleet, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet.wake([(f"house{number}", Lane.SWEEP) for number in range(3)])
    worker = worker_of(store, fleet, clock)
    asked: list[bool] = []
    execute = psycopg.AsyncCursor.execute

    async def noted(self: Any, *rest: Any, **more: Any) -> Any:
        asked.append(self.connection.autocommit)
        return await execute(self, *rest, **more)

    async def look() -> None:
        app = worker._app()
        async with app.open_async():
            number = await app.job_manager.register_worker()
            monkeypatch.setattr(psycopg.AsyncCursor, "execute", noted)
            for _ in range(3):
                assert await app.job_manager.fetch_job([Lane.SWEEP], number) is not None

    asyncio.run(look())
    assert asked == [True] * 3, "no transaction around it, and no question before it"


def test_a_connection_that_the_server_has_ended_is_given_to_nobody(store: Database, fleet: Fleet, clock: Clock) -> None:
    worker = worker_of(store, fleet, clock)

    async def look() -> None:
        app = worker._app()
        async with app.open_async():
            for _ in range(3):
                execute(
                    fleet,
                    "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE pid <> pg_backend_pid()"
                    " AND datname = current_database()",
                )
                assert await app.job_manager.list_jobs_async() == []

    asyncio.run(look())
