"""What a connection does by itself. One job at a time, each in the connection's turn; every run is the same `Run`
that the command line makes.
"""

import secrets
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Protocol

import structlog

from mappers.policy import Policy
from mappers.sentences import say
from reconciler.check_ins import CheckInWriter
from reconciler.dealt_with_over_processes import for_all_processes
from reconciler.precedence import Precedence
from reconciler.precedence_over_processes import PrecedenceOverProcesses
from reconciler.report import SAID, RunReport, defect
from reconciler.run import Run
from reconciler.scopes import Everything, RunOptions, TheseBookings
from reconciler.take_away import take_all_away
from schedules.connections import Connection
from schedules.door_checks import DoorChecks, Ended
from schedules.news import News
from store.connections import State
from store.costs import Bill, Costs, on_bill
from store.engine import Database, StoreFailed
from store.inbox import Inbox
from store.jobs import JobBook, JobRecord
from store.queue import Queue, Task, TaskKind
from store.readings import RESERVATION, ReadingBook
from store.turns import LASTS_IN_A_FLEET, Turn, TurnTaken, close_open_runs, take, turn_of, urgent_turn_of
from store.under_way import UnderWay
from store.work import Work

log = structlog.get_logger("jobs")


@dataclass(frozen=True, slots=True, order=True)
class Job:
    """One of `JOBS`, or `BOOKING_NEWS`: to act upon what has come in."""

    kind: TaskKind
    property_id: str = ""
    """Empty: the whole connection."""


class Busy(Exception):
    """Another process works on the connection: the job is done later."""


class Observer(Protocol):
    """Told of what happens, for metrics."""

    def run_ended(self, report: RunReport) -> None: ...
    def delivery_done(self, source: str, seconds: float) -> None: ...


_RUNS = {TaskKind.INCREMENTAL: RunOptions(), TaskKind.FULL: RunOptions(Everything())}
"""Jobs that are one run and nothing else."""


class Jobs:
    """The jobs of one connection. `clock` gives aware UTC; `monotonic` and `sleep` are for waiting on Seam."""

    def __init__(
        self,
        connection: Connection,
        store: Database,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        observer: Observer,
        stop: Callable[[], bool] = lambda: False,
        workers: int = 8,
        own_turns: bool = False,
        give_way: Callable[[Callable[[], bool]], None] = lambda is_over: None,
        credentials: Callable[[str, str | None], None] = lambda connection, refused: None,
        left: Callable[[str], None] = lambda connection: None,
    ):
        """`own_turns`: the inbox may be acted upon in another process at the same time, so that each of the two lanes
        has a turn of its own; `give_way` then has sweeps wait (see `schedules.giving_way`). `credentials` is told when
        the PMS refuses those of the connection, with what it says, or accepts them again (None); `left` when all access
        of a connection that is leaving is taken away."""
        self.connection = connection
        self._long = connection.for_a_run()
        self._urgently = connection.for_a_run()
        if own_turns:
            self._long = for_all_processes(self._long, store)
        # The inbox is acted upon by a thread of its own, or a process. What one has dealt with is no news to the other.
        self._urgently = replace(self._urgently, dealt_with=self._long.dealt_with)
        self._own_turns = own_turns
        self._workspace = connection.workspace
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep
        self._observer = observer
        self._stop = stop
        self._workers = workers
        self._credentials = credentials
        self._left = left
        self._queue = Queue(store)
        self._book = JobBook(store)
        reservation_of = connection.connector.reservation_of
        self._precedence = (
            PrecedenceOverProcesses(
                reservation_of,
                UnderWay(store, self.name),
                turn_of(self.name),
                urgent_turn_of(self.name),
                sleep,
                give_way,
            )
            if own_turns
            else Precedence(reservation_of)
        )
        self._taker = secrets.token_hex(8)
        self._checks = DoorChecks(connection, store, clock, stop)
        self._check_ins = CheckInWriter(self._long, connection.workspace, store, clock, stop)
        self._news = News(
            connection,
            store,
            self._checks,
            self._urgent,
            clock,
            observer.delivery_done,
        )
        self._turn: Turn | None = None
        self._turn_users = 0
        self.more_news = True
        """Whether more had come in when the last of it had been acted upon."""
        self._changed: list[Turn] = []
        """Taken or given back in the transaction that is under way."""
        self._turn_lock = threading.RLock()

    @property
    def name(self) -> str:
        return self.connection.name

    @property
    def store(self) -> Database:
        return self._store

    @property
    def policy(self) -> Policy:
        return self.connection.policy

    def does(self, kind: str) -> bool:
        """Whether such a thing is done now, as the connection stands."""
        return self.connection.does(kind, self._clock())

    def news_waits(self) -> bool:
        """Whether a delivery should be acted upon by now."""
        return self._queue.is_due(self.name, [TaskKind.BOOKING_NEWS], self._clock(), self._taker)

    def do(self, job: Job) -> None:
        """Does a job. Raises `Busy` where another process works on the connection, and `StoreFailed`."""
        if job.kind is TaskKind.BOOKING_NEWS:
            with ExitStack() as stack, on_bill(Bill()) as bill:
                with self.at_once():
                    turn = stack.enter_context(self._only_one(urgent=True))
                    stack.enter_context(self._precedence.announced(turn))
                    waiting = Inbox(self._store.fenced(turn)).take(self.name, self._clock(), self._taker)
                try:
                    self._news.act_upon_all(turn, waiting)
                    with self.at_once():
                        self._news.runs.settle()
                        with bill.taken() as counts:
                            Costs(self._store).add(self.name, counts, self._clock())
                        self.more_news = self.news_waits()
                        stack.close()
                except StoreFailed:
                    # Whoever comes next acts upon them. Where they cannot be given back either, they are taken again.
                    with suppress(StoreFailed):
                        self._queue.release([one.task for one in waiting if one.task])
                    raise
            return
        with ExitStack() as stack:
            with self.at_once():
                begun = stack.enter_context(self.begin(job))
            begun.work()
            with self.at_once():
                begun.end()
                stack.close()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """What is noted within of how a job begins, or ends, is one transaction. Raises `StoreFailed`."""
        # In this order: whoever wants the turn locks it first, and writes then.
        with self._turn_lock:
            self._changed.clear()
            try:
                with self._store.together():
                    yield
            except StoreFailed:
                for turn in self._changed:
                    # One that was taken is nobody's; one that was given back would be in everybody's way.
                    turn.release()
                if self._changed:
                    self._long.dealt_with.forget()
                raise

    @contextmanager
    def begin(self, job: Job) -> Iterator["BegunJob"]:
        """Begins with a job of the timetable. Raises `Busy` where another process works on the connection, and
        `StoreFailed`."""
        of = (self.name, job.property_id, job.kind)
        with self._only_one() as turn, self._precedence.long_run(turn):
            before = self._book.get(*of)
            self._book_in(turn).began(*of, self._clock())
            run = None
            if job.kind in _RUNS and not self._leaves:
                run = self._new_run(turn, _RUNS[job.kind], self._precedence)
                run.begin()
            yield BegunJob(self, turn, job, before, run)

    def _work(self, turn: Turn, job: Job, run: Run | None) -> Ended:
        """Does the job's work. `run`: the one that has begun with the job."""
        if self._leaves:
            return Ended(self._leave(turn))
        match job.kind:
            case TaskKind.RETRY:
                return Ended(self._retry(turn))
            case TaskKind.LOCK_HEALTH:
                return self._checks.lock_health(turn)
            case TaskKind.INCREMENTAL:
                assert run is not None
                report = self._report(run, self._precedence)
                if self.policy.write_status != "off":
                    # Asking the PMS may take a while.
                    run.note_end()
                if report.broken_off is None and self.connection.is_active(self._clock()):
                    for trouble in self._check_ins.tell(turn):
                        log.info("a check-in waits", connection=self.name, trouble=trouble)
                if report.mode == "full" and report.broken_off is None:
                    # It had reason to read everything: that is as good as the run that was due.
                    self._book_in(turn).ended(None, self.name, "", TaskKind.FULL, self._clock(), None)
                elif report.mode != "full" and report.in_doubt:
                    # A few answers may look worse than they are: whoever has to go should not wait for the next run.
                    now = self._clock()
                    Queue(self._store.fenced(turn)).enqueue([Task(self.name, TaskKind.FULL, "", now)], now)
                return Ended(report.broken_off)
            case TaskKind.FULL:
                assert run is not None
                return Ended(self._report(run, self._precedence).broken_off)
            case TaskKind.NIGHT_AUDIT:
                return Ended(self._night_audit(turn, job.property_id))
            case _:
                return Ended(self._checks.arrival_check(turn, job.property_id))

    @property
    def _leaves(self) -> bool:
        return self.connection.standing.state is State.LEAVING

    def _leave(self, turn: Turn) -> str | None:
        """Takes all access away; returns why some may be left, or None."""
        of = self.connection.standing
        reason = say("the connection is removed by {who}", who=of.by)
        if of.reason:
            reason = say("{of}: {words}", of=reason, words=of.reason)
        report = take_all_away(
            self.name,
            self.connection.keys,
            self._workspace,
            self._store,
            turn,
            reason,
            self._clock,
            self._stop,
        )
        self._tell(report)
        if report.exit:
            return report.broken_off or say("some access could not be taken away")
        self._left(self.name)
        return None

    @contextmanager
    def _only_one(self, urgent: bool = False) -> Iterator[Turn]:
        """The connection's turn. An urgent run of this process shares it with the long one that it overtakes, unless
        each has its own."""
        if self._own_turns:
            with self._own_turn(urgent) as turn:
                yield turn
            return
        with self._turn_lock:
            if self._turn is None:
                try:
                    self._turn = take(self._store, turn_of(self.name))
                except TurnTaken:
                    raise Busy from None
                self._changed.append(self._turn)
                self._long.dealt_with.begin(self._turn.number)
                close_open_runs(self._store, self.name, self._clock())
            self._turn_users += 1
            turn = self._turn
        try:
            yield turn
        finally:
            with self._turn_lock:
                self._turn_users -= 1
                if not self._turn_users:
                    self._turn = None
                    self._changed.append(turn)
                    turn.release()

    @contextmanager
    def _own_turn(self, urgent: bool) -> Iterator[Turn]:
        """The turn of one lane; what the other one does at the same time stands in the database."""
        name = urgent_turn_of(self.name) if urgent else turn_of(self.name)
        try:
            turn = take(self._store, name, lasts=LASTS_IN_A_FLEET, beside_others=True, reads_at_once=not urgent)
        except TurnTaken:
            raise Busy from None
        self._changed.append(turn)
        try:
            close_open_runs(self._store, self.name, self._clock(), turn.name)
            yield turn
        finally:
            self._changed.append(turn)
            turn.release()

    def _book_in(self, turn: Turn) -> JobBook:
        """Whoever lost the turn says of no job that it has ended."""
        return JobBook(self._store.fenced(turn))

    # --- runs -------------------------------------------------------------------------------------------------------

    def _run(self, turn: Turn, options: RunOptions) -> str | None:
        """One long run; returns why it broke off, or None. Single bookings that failed are no trouble of the job."""
        run = self._new_run(turn, options, self._precedence)
        report = self._report(run, self._precedence)
        run.note_end()
        return report.broken_off

    def _urgent(
        self, turn: Turn, options: RunOptions, booking_ids: Collection[str]
    ) -> tuple[RunReport, Callable[[], None]]:
        """One run over a few bookings, which overtakes a long one; and what notes its end."""
        readings, begun = ReadingBook(self._store.fenced(turn), self.name), list[Run]()

        def note(mine: Collection[str]) -> None:
            with self._store.together():
                begun.append(self._new_run(turn, options, None))
                readings.note(RESERVATION, mine, begun[0].reading)
                begun[0].begin()

        with self._precedence.urgent_run(booking_ids, note, turn):
            return self._report(begun[0], None), begun[0].note_end

    def _new_run(self, turn: Turn, options: RunOptions, precedence: Precedence | None) -> Run:
        if self.connection.standing.state is State.WATCH:
            options = replace(options, dry_run=True, kept=True)
        return Run(
            self._long if precedence is not None else self._urgently,
            self._workspace,
            self._store,
            options,
            clock=self._clock,
            monotonic=self._monotonic,
            sleep=self._sleep,
            workers=self._workers,
            retry=self.connection.timetable.retry,
            stop=self._stop,
            turn=turn,
            precedence=precedence,
        )

    def _report(self, run: Run, precedence: Precedence | None) -> RunReport:
        """Runs; its end is yet to be noted."""
        if precedence is not None:
            precedence.let_urgent_runs_end()
        log.info("run begins", run=run.report.run_id, connection=self.name, mode=run.report.mode)
        report = run.execute(notes_end=False)
        self._tell(report)
        if report.credentials_refused is not None:
            self._credentials(self.name, report.credentials_refused)
        elif self.connection.standing.state is State.REFUSED and report.broken_off is None:
            self._credentials(self.name, None)
        return report

    def _tell(self, report: RunReport) -> None:
        """What a run has done, to the log and the metrics."""
        for item in report.items:
            log.info(
                "outcome",
                run=report.run_id,
                connection=self.name,
                booking=item.booking_id,
                **{name: getattr(item, name) for name in SAID},
            )
        log.info(
            "run ended",
            run=report.run_id,
            connection=self.name,
            mode=report.mode,
            exit=report.exit,
            totals=report.totals,
            broken_off=report.broken_off,
        )
        self._observer.run_ended(report)

    def _night_audit(self, turn: Turn, property_id: str) -> str | None:
        Inbox(self._store.fenced(turn)).forget_old(self._clock(), self.name)
        return self._run(turn, RunOptions(Everything(audit=True), property_id or None))

    def _retry(self, turn: Turn) -> str | None:
        """What failed and is due; then grants of which no lock has said that it knows them, with a guest to come."""
        trouble = None
        by_property: dict[str, list[str]] = {}
        for property_id, booking_id in Work(self._store).retries_due(self.name, self._clock()):
            by_property.setdefault(property_id, []).append(booking_id)
        for property_id, booking_ids in by_property.items():
            options = RunOptions(TheseBookings(tuple(booking_ids), are_news=True), property_id)
            trouble = self._run(turn, options) or trouble
        return trouble or self._checks.recheck(turn)


class BegunJob:
    """A job that has begun: somebody does its work, and then says that it has ended."""

    def __init__(self, jobs: Jobs, turn: Turn, job: Job, before: JobRecord | None, run: Run | None):
        self._jobs = jobs
        self._turn = turn
        self._job = job
        self.before = before
        """Its record as it was before."""
        self._run = run
        self._bill = Bill()
        """What no run of the job has written."""
        self._ended = Ended()

    def work(self) -> None:
        """Raises `StoreFailed`, and whatever nobody foresaw."""
        with on_bill(self._bill, self._job.property_id):
            self._do()

    def _do(self) -> None:
        try:
            self._ended = self._jobs._work(self._turn, self._job, self._run)
        except StoreFailed:
            raise
        except Exception as problem:
            with self._jobs.store.together():
                self._note(defect(problem))
            raise

    def end(self) -> None:
        """Notes how it went. Raises `StoreFailed`."""
        self._note(self._ended.trouble)
        if self._ended.trouble is None:
            # The other side answers: whatever waits because it was away is tried at once.
            self._jobs._queue.hasten(self._jobs.name, [TaskKind.BOOKING_NEWS], self._jobs._clock())

    @property
    def good_run(self) -> Run | None:
        """The run that it was, where that has ended well."""
        return self._run if self._ended.trouble is None else None

    @property
    def found_nobody(self) -> bool:
        """Whether it was a look at the locks of a house in which nobody is, nor comes within a day."""
        return self._ended.found_nobody

    @property
    def found_no_lock(self) -> bool:
        """Whether it was a look at the locks of a house that has none."""
        return self._ended.found_no_lock

    def _note(self, trouble: str | None) -> None:
        of = (self._jobs.name, self._job.property_id, self._job.kind)
        if self._run is not None:
            self._run.note_end()
        with self._bill.taken() as counts:
            Costs(self._jobs.store).add(self._jobs.name, counts, self._jobs._clock())
        self._jobs._book_in(self._turn).ended(self.before, *of, self._jobs._clock(), trouble)
