"""One thing after another, the most urgent first; nothing that is asked for gets lost, and the end is a clean one."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import event

from reconciler.report import RunReport
from reconciler.run import Run
from reconciler.scopes import Everything, RunOptions, TheseBookings
from schedules.door_checks import Ended
from schedules.jobs import BegunJob, Job, Jobs
from schedules.scheduler import Scheduler
from schedules.worker import Worker
from store.connections import Standing, State
from store.database import open_database
from store.engine import Database
from store.history import History
from store.jobs import JobBook
from store.queue import JOBS, Queue, Task, TaskKind
from store.runs import Runs
from store.turns import Turn, take, turn_of, urgent_turn_of
from store.work import Work
from tests.every_day import first_of
from tests.night import Night
from tests.oracle import assert_in_step
from tests.world import START, Killed


class Scripted:
    """Jobs that do what a test says, and write down what was done."""

    name = "alpen"

    def __init__(self) -> None:
        self.done: list[TaskKind] = []
        self.during: Callable[[Job], Any] = lambda job: None
        self.waits = False

    def does(self, kind: str) -> bool:
        return True

    def news_waits(self) -> bool:
        return self.waits

    def do(self, job: Job) -> None:
        self.waits = self.waits and job.kind is not TaskKind.BOOKING_NEWS
        self.during(job)
        self.done.append(job.kind)

    def at_once(self) -> AbstractContextManager[None]:
        return nullcontext()

    @contextmanager
    def begin(self, job: Job) -> Iterator[Any]:
        yield SimpleNamespace(work=lambda: self.do(job), end=lambda: None)


@pytest.fixture
def scripted() -> Scripted:
    return Scripted()


@pytest.fixture
def worker(scripted: Scripted, tmp_path: Path) -> Worker:
    queue = Queue(Database(open_database(f"sqlite:///{tmp_path}/queue.db")))
    return Worker(scripted, queue, lambda: START)  # type: ignore[arg-type]


def test_the_most_urgent_comes_first(scripted: Scripted, worker: Worker) -> None:
    for name in reversed(JOBS):
        worker.enqueue(Job(name))
    scripted.waits = True
    while worker.step():
        pass
    assert scripted.done == [TaskKind.BOOKING_NEWS, *JOBS]


def test_a_job_that_is_enqueued_several_times_is_done_once(scripted: Scripted, worker: Worker) -> None:
    for _ in range(5):
        worker.enqueue(Job(TaskKind.FULL))
    while worker.step():
        pass
    assert scripted.done == [TaskKind.FULL]


def test_a_job_that_is_enqueued_while_it_is_done_is_done_once_more(scripted: Scripted, worker: Worker) -> None:

    def again(job: Job) -> None:
        scripted.during = lambda job: None
        worker.enqueue(job)

    scripted.during = again
    worker.enqueue(Job(TaskKind.INCREMENTAL))
    while worker.step():
        pass
    assert scripted.done == [TaskKind.INCREMENTAL, TaskKind.INCREMENTAL]


def test_a_job_in_which_nobody_foresaw_something_is_not_tried_again_at_once_and_for_ever(
    scripted: Scripted, worker: Worker
) -> None:
    scripted.during = lambda job: 1 / 0
    worker.enqueue(Job(TaskKind.FULL))
    with pytest.raises(ZeroDivisionError):
        worker.step()
    assert worker.pending() == set()


@pytest.mark.parametrize("trouble", [None, "the PMS is away"])
def test_what_waits_for_the_other_side_waits_no_more_when_a_job_has_got_through(
    store: Database, trouble: str | None
) -> None:
    queue = Queue(store)
    queue.enqueue([Task("alpen", TaskKind.BOOKING_NEWS, "1", START)], START)
    taken = queue.take("alpen", [TaskKind.BOOKING_NEWS], START, "me")
    queue.put_off(taken, START + timedelta(hours=1), "the PMS is away", failed=False)
    jobs: Any = SimpleNamespace(
        name="alpen",
        store=store,
        _queue=queue,
        _clock=lambda: START + timedelta(minutes=1),
        _work=lambda *_: Ended(trouble),
        _book_in=lambda turn: SimpleNamespace(ended=lambda *_: None),
    )
    turn: Any = None
    begun = BegunJob(jobs, turn, Job(TaskKind.RETRY), None, None)
    begun.work()
    begun.end()
    due = queue.due([TaskKind.BOOKING_NEWS], START + timedelta(minutes=1))
    assert due == ([] if trouble else [("alpen", TaskKind.BOOKING_NEWS)])


def test_while_another_process_works_on_the_connection_a_job_waits_and_is_not_lost(tmp_path: Path) -> None:
    night = Night(tmp_path)
    other = Database(open_database(night.address))
    turn = take(other, "run alpen")
    night.worker.enqueue(Job(TaskKind.FULL))
    assert not night.worker.step()
    assert night.worker.pending() == {Job(TaskKind.FULL)}
    turn.release()
    assert night.worker.step()
    assert History(night.store).runs()[0].mode == "full"
    other.close()


# --- a clean end ------------------------------------------------------------------------------------------------------


def run_until(night: Night, writes: int) -> Run:
    """A full run that is asked to stop after so many writes to Seam."""
    limit = night.seam.writes + writes
    return Run(
        night.jobs.connection.for_a_run(),
        night.workspace,
        night.store,
        RunOptions(Everything()),
        clock=night.clock.now,
        monotonic=night.clock.monotonic,
        sleep=night.clock.sleep,
        workers=1,
        stop=lambda: night.seam.writes >= limit,
    )


@first_of(2, "writes", [3, 9, 0, 6, 12])
def test_a_run_that_is_asked_to_stop_ends_clean_and_the_next_one_finishes(tmp_path: Path, writes: int) -> None:
    night = Night(tmp_path)
    for room in range(3):
        night.book(room)
        night.book(room, arrival=START + timedelta(days=7), departure=START + timedelta(days=9))
    report = run_until(night, writes).execute()
    assert report.exit == 1
    assert "stop" in str(report.broken_off)
    assert not [item for item in report.items if item.outcome == "failed" and item.kind != "property"]
    assert Work(night.store).cursor("alpen", night.property) is None
    night.do("incremental")
    assert_in_step(night.hotel, night.seam, night.clock.now(), everyone=False)
    with night.no_writes():
        night.do("full")


@first_of(2, "writes", [1, 2, 0, 3])
def test_guests_who_swap_rooms_are_never_left_outside_by_a_stop(tmp_path: Path, writes: int) -> None:
    night = Night(tmp_path)
    first, second = night.book(0), night.book(1)
    night.do("full")
    pins = night.seam.code_of(first), night.seam.code_of(second)
    night.hotel.assign(first, night.rooms[1])
    night.hotel.assign(second, night.rooms[0])
    night.clock.pass_(minutes=1)
    run_until(night, writes).execute()
    for booking in (first, second):
        alive = [one for one in night.seam.live_grants() if one["access_grant_key"].startswith(booking)]
        assert len(alive) == 1
    night.do("incremental")
    assert_in_step(night.hotel, night.seam, night.clock.now(), everyone=False)

    def pin(booking: str) -> str | None:
        keys = [one["access_grant_key"] for one in night.seam.live_grants()]
        return night.seam.code_of(next(key for key in keys if key.startswith(booking)))

    assert (pin(first), pin(second)) == pins


# --- nothing is lost, and nobody waits longer than need be ------------------------------------------------------------


def test_a_job_in_the_middle_of_which_the_process_dies_is_done_by_the_next_one(tmp_path: Path) -> None:
    night = Night(tmp_path)
    booking = night.book()
    night.kill_after = 2
    with pytest.raises(Killed):
        night.do("full")
    night.kill_after = None
    assert night.worker.pending() == {Job(TaskKind.FULL)}
    assert night.queue.due(JOBS, night.clock.now()) == [], "it is still taken by the dead process"
    night.restart()
    night._assemble()
    night.clock.pass_(minutes=2)
    night.settle()
    assert night.doors(booking) == ["101"]
    assert night.worker.pending() == set()


def test_changes_that_leave_somebody_in_doubt_are_followed_by_a_run_over_everything_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    night = Night(tmp_path)
    night.do("full")
    execute = Run.execute

    def doubting(self: Run, **rest: Any) -> RunReport:
        report = execute(self, **rest)
        report.in_doubt = True
        return report

    for in_doubt in (False, True):
        if in_doubt:
            monkeypatch.setattr(Run, "execute", doubting)
        night.worker.enqueue(Job(TaskKind.INCREMENTAL))
        assert night.worker.step()
        assert (Job(TaskKind.FULL) in night.worker.pending()) is in_doubt


@pytest.mark.parametrize(("own_turns", "closed"), [(True, {"long"}), (False, {"long", "urgent"})])
def test_whoever_has_the_turn_after_a_process_that_died_closes_its_runs_and_not_those_of_another_turn(
    tmp_path: Path, own_turns: bool, closed: set[str]
) -> None:
    night = Night(tmp_path, own_turns=own_turns)
    runs = Runs(night.store)
    for lane, turn in (("long", turn_of("alpen")), ("urgent", urgent_turn_of("alpen"))):
        runs.begin(lane, "alpen", "full", night.clock.now(), None, turn=turn)
    night.do("full")
    found = {lane: runs.get(lane) for lane in ("long", "urgent")}
    assert {lane for lane, one in found.items() if one is not None and one.finished_at is not None} == closed


def test_the_end_of_every_run_is_noted_whatever_job_it_was_of(tmp_path: Path) -> None:
    night = Night(tmp_path)
    booking = night.book()
    for kind, of in (("full", ""), ("incremental", ""), ("night_audit", night.property)):
        night.do(kind, of)
    later = night.clock.now()
    Queue(night.store).enqueue([Task("alpen", TaskKind.RETRY_BOOKING, booking, later, night.property, 1)], later)
    night.do("retry")
    runs = History(night.store).runs(connection="alpen", before=None, limit=9)
    assert sorted(one.mode for one in runs) == ["bookings", "full", "incremental", "night_audit"]
    assert all(one.finished_at is not None for one in runs)


@pytest.mark.parametrize(
    ("troubles", "ends"),
    [([None, None], "recheck"), (["the PMS is down", None], "the PMS is down"), ([None, "no answer"], "no answer")],
)
def test_what_failed_is_tried_again_property_by_property_and_whatever_broke_off_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, troubles: list[str | None], ends: str
) -> None:
    night, asked, left = Night(tmp_path), list[RunOptions](), list(troubles)
    due = [("p1", "b1"), ("p1", "b2"), ("p2", "b3")]
    tasks = [Task("alpen", TaskKind.RETRY_BOOKING, booking, START, of, 1) for of, booking in due]
    Queue(night.store).enqueue(tasks, START)
    turn = take(night.store, turn_of("alpen"))

    def run(turn: Turn, options: RunOptions) -> str | None:
        asked.append(options)
        return left.pop(0)

    monkeypatch.setattr(night.jobs, "_run", run)
    monkeypatch.setattr(night.jobs._checks, "recheck", lambda turn: "recheck")
    assert night.jobs._retry(turn) == ends
    assert asked == [
        RunOptions(TheseBookings(("b1", "b2"), are_news=True), "p1"),
        RunOptions(TheseBookings(("b3",), are_news=True), "p2"),
    ]
    turn.release()


def test_a_night_audit_is_of_one_property_or_of_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    night, asked = Night(tmp_path), list[RunOptions]()
    monkeypatch.setattr(night.jobs, "_run", lambda turn, options: asked.append(options))
    turn = take(night.store, turn_of("alpen"))
    night.jobs._night_audit(turn, "p1")
    night.jobs._night_audit(turn, "")
    turn.release()
    assert asked == [RunOptions(Everything(audit=True), of) for of in ("p1", None)]


def test_news_that_a_process_took_up_and_died_over_is_acted_upon_by_the_next_one(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    booking = night.book()
    night.mews_webhook(("ServiceOrderUpdated", booking))
    night.kill_after = 0
    with pytest.raises(Killed):
        night.settle()
    night.kill_after = None
    night.restart()
    night._assemble()
    night.clock.pass_(minutes=2)
    night.settle()
    assert night.doors(booking) == ["101"]
    assert [one.outcome for one in night.inbox.page()] == ["done"]


def test_news_that_waited_for_a_pms_costs_no_attempt_and_is_acted_upon_as_soon_as_it_answers(tmp_path: Path) -> None:
    night = Night(tmp_path)
    night.do("full")
    night.mews_webhook(("ServiceOrderUpdated", night.book()))
    night.hotel.faults.down = True
    for _ in range(8):
        night.settle()
        night.clock.pass_(minutes=1)
    (waits,) = night.queue.waiting("alpen", [TaskKind.BOOKING_NEWS])
    assert waits.attempts == 0
    assert waits.why
    night.hotel.faults.down = False
    night.settle()
    night.do("incremental")
    assert [one.outcome for one in night.inbox.page()] == ["done"]


def test_credentials_that_were_refused_count_as_good_again_once_a_run_has_ended_well_by_them(tmp_path: Path) -> None:
    night = Night(tmp_path)
    told: list[str | None] = []
    night.jobs._credentials = lambda connection, refused: told.append(refused)
    night.do("full")
    assert told == [], "nobody has refused any"
    night.jobs.connection = replace(night.jobs.connection, standing=Standing(State.REFUSED))
    night.hotel.faults.down = True
    night.do("incremental")
    assert told == [], "of a PMS that is away nobody knows"
    night.hotel.faults.down = False
    night.do("incremental")
    assert told == [None]


@pytest.mark.parametrize("number", [1, 20])
def test_a_tick_with_nothing_to_do_asks_the_database_as_often_however_many_connections_there_are(
    tmp_path: Path, number: int
) -> None:
    night = Night(tmp_path)
    night.do("full")
    many = {f"c{one}": replace(night.connections["alpen"], name=f"c{one}") for one in range(number)}
    for name in many:
        for kind in ("full", "incremental", "retry"):
            JobBook(night.store).ended(None, name, "", kind, night.clock.now(), None)
    workers = [
        Worker(
            Jobs(
                connection,
                night.store,
                clock=night.clock.now,
                monotonic=night.clock.monotonic,
                sleep=night.clock.sleep,
                observer=night.metrics,
            ),
            night.queue,
            night.clock.now,
        )
        for connection in many.values()
    ]
    scheduler = Scheduler(
        night.store, workers, night.router, night.alerts, clock=night.clock.now, monotonic=lambda: 1.0
    )
    scheduler.tick()
    for thread in scheduler._alert_threads.values():
        thread.join(60)
    for worker in workers:
        night.queue.done(night.queue.take(worker.jobs.name, JOBS, night.clock.now(), "me"))
    asked: list[str] = []

    def note(connection: Any, cursor: Any, statement: str, *rest: Any) -> None:
        asked.append(statement)

    event.listen(night.store._engine, "before_cursor_execute", note)
    scheduler.tick()
    event.remove(night.store._engine, "before_cursor_execute", note)
    assert len(asked) == 2, asked
    scheduler.stop(1)
