"""What a connection does by itself. One job at a time, each in the connection's turn; every run is the same `Run`
that the command line makes.
"""

import secrets
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

import structlog

from connectors.wording import counted
from mappers.outcomes import Action, Kind, Outcome
from mappers.policy import Policy
from reconciler.accounts import check_accounts
from reconciler.health import check_health
from reconciler.precedence import Precedence
from reconciler.prepare import RunConnection
from reconciler.readiness import DoorState, arrivals
from reconciler.report import RunReport, defect
from reconciler.run import Run
from reconciler.scopes import Approval, Everything, RoomsOnly, RunOptions, TheseBookings
from schedules.seam_events import ARRIVALS
from schedules.timetable import Timetable
from seam_workspace.errors import SeamError
from seam_workspace.workspace import Workspace
from store.back_off import of_news
from store.engine import Database, StoreFailed
from store.health import GrantHealth
from store.holds import Holds
from store.inbox import Delivery, Inbox
from store.jobs import JobBook
from store.links import Links
from store.properties import Properties
from store.queue import Queue, TaskKind
from store.readings import RESERVATION, ReadingBook
from store.stays import Stay, Stays
from store.turns import Turn, TurnTaken, close_open_runs, take
from store.work import Work

log = structlog.get_logger("jobs")
CHECK_AHEAD = timedelta(hours=24)
RECHECK_AFTER = timedelta(minutes=2)
RECHECKS = 40
"""At most so many grants that a lock has not confirmed are asked for again by one retry job."""


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


class Jobs:
    """The jobs of one connection. `clock` gives aware UTC; `monotonic` and `sleep` are for waiting on Seam."""

    def __init__(
        self,
        connection: RunConnection,
        timetable: Timetable,
        workspace: Workspace,
        store: Database,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        observer: Observer,
        stop: Callable[[], bool] = lambda: False,
        workers: int = 8,
        urgent: RunConnection | None = None,
    ):
        """`urgent`: the same connection with a connector of its own, where the inbox is acted upon by a thread of its
        own (a connector remembers what it read for its run)."""
        self.connection = connection
        self._urgent_connection = urgent or connection
        self.timetable = timetable
        self._workspace = workspace
        self._store = store
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep
        self._observer = observer
        self._stop = stop
        self._workers = workers
        self._queue = Queue(store)
        self._book = JobBook(store)
        self._news = of_news(timetable.incremental)
        self._precedence = Precedence(connection.connector.reservation_of)
        self._taker = secrets.token_hex(8)
        self._turn: Turn | None = None
        self._turn_users = 0
        self._turn_lock = threading.Lock()

    @property
    def name(self) -> str:
        return self.connection.name

    @property
    def policy(self) -> Policy:
        return self.connection.policy

    def news_waits(self) -> bool:
        """Whether a delivery should be acted upon by now."""
        return self._queue.is_due(self.name, [TaskKind.BOOKING_NEWS], self._clock(), self._taker)

    def do(self, job: Job) -> None:
        """Does a job. Raises `Busy` where another process works on the connection, and `StoreFailed`."""
        if job.kind is TaskKind.BOOKING_NEWS:
            with self._only_one() as turn:
                self._act_upon_news(turn)
            return
        of = (self.name, job.property_id, job.kind)
        before = self._book.get(*of)
        with self._only_one() as turn, self._precedence.long_run():
            book = self._book_in(turn)
            book.began(*of, self._clock())
            try:
                trouble = self._work(turn, job)
            except StoreFailed:
                raise
            except Exception as problem:
                book.ended(before, *of, self._clock(), defect(problem))
                raise
            book.ended(before, *of, self._clock(), trouble)
            if trouble is None:
                # The other side answers: whatever waits because it was away is tried at once.
                self._queue.hasten(self.name, [TaskKind.BOOKING_NEWS], self._clock())

    def _work(self, turn: Turn, job: Job) -> str | None:
        """Does the job's work; returns why it did not end well, or None."""
        match job.kind:
            case TaskKind.RETRY:
                return self._retry(turn)
            case TaskKind.INCREMENTAL:
                report = self._report(turn, RunOptions(), self._precedence)
                if report.mode == "full" and report.broken_off is None:
                    # It had reason to read everything: that is as good as the run that was due.
                    self._book_in(turn).ended(None, self.name, "", TaskKind.FULL, self._clock(), None)
                return report.broken_off
            case TaskKind.FULL:
                return self._run(turn, RunOptions(Everything()))
            case TaskKind.NIGHT_AUDIT:
                return self._night_audit(turn, job.property_id)
            case _:
                return self._arrival_check(turn, job.property_id)

    @contextmanager
    def _only_one(self) -> Iterator[Turn]:
        """The connection's turn. An urgent run of this process shares it with the long one that it overtakes."""
        with self._turn_lock:
            if self._turn is None:
                try:
                    self._turn = take(self._store, f"run {self.name}")
                except TurnTaken:
                    raise Busy from None
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
                    turn.release()

    def _inbox_in(self, turn: Turn) -> Inbox:
        """The inbox, written only as long as the turn holds: what was taken up by whoever lost it is taken up again."""
        return Inbox(self._store.fenced(turn))

    def _book_in(self, turn: Turn) -> JobBook:
        """Likewise: whoever lost the turn says of no job that it has ended."""
        return JobBook(self._store.fenced(turn))

    # --- runs -------------------------------------------------------------------------------------------------------

    def _run(self, turn: Turn, options: RunOptions) -> str | None:
        """One long run; returns why it broke off, or None. Single bookings that failed are no trouble of the job."""
        return self._report(turn, options, self._precedence).broken_off

    def _urgent(self, turn: Turn, options: RunOptions, booking_ids: Collection[str]) -> RunReport:
        """One run over a few bookings, which overtakes a long one."""
        readings, reading = ReadingBook(self._store.fenced(turn), self.name), turn.reading(self._clock())
        with self._precedence.urgent_run(booking_ids, lambda mine: readings.note(RESERVATION, mine, reading)):
            return self._report(turn, options, None)

    def _report(self, turn: Turn, options: RunOptions, precedence: Precedence | None) -> RunReport:
        run = Run(
            self.connection if precedence is not None else self._urgent_connection,
            self._workspace,
            self._store,
            options,
            clock=self._clock,
            monotonic=self._monotonic,
            sleep=self._sleep,
            workers=self._workers,
            retry=self.timetable.retry,
            stop=self._stop,
            turn=turn,
            precedence=precedence,
        )
        log.info("run begins", run=run.report.run_id, connection=self.name, mode=run.report.mode)
        report = run.execute()
        for item in report.items:
            log.info(
                "outcome",
                run=report.run_id,
                connection=self.name,
                booking=item.booking_id,
                kind=item.kind,
                key=item.key,
                action=item.action,
                outcome=item.outcome,
                reason=item.reason,
                error=item.error,
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
        return report

    def _night_audit(self, turn: Turn, property_id: str) -> str | None:
        self._inbox_in(turn).forget_old(self._clock(), self.name)
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
        return trouble or self._recheck(turn)

    def _recheck(self, turn: Turn) -> str | None:
        now = self._clock()
        stays = {stay.booking_id: stay for stay in self._coming(now)}
        unsure = [
            health.booking_id
            for health in GrantHealth(self._store).of(self.name, list(stays))
            if health.state != "issued" and health.at < now - RECHECK_AFTER
        ]
        by_property: dict[str, list[str]] = {}
        for booking_id in unsure[:RECHECKS]:
            by_property.setdefault(stays[booking_id].property_id, []).append(booking_id)
        try:
            for property_id, booking_ids in by_property.items():
                self._check(turn, property_id, booking_ids)
        except SeamError as problem:
            return str(problem)
        return None

    # --- will it open? ----------------------------------------------------------------------------------------------

    def _coming(self, now: datetime) -> list[Stay]:
        coming = Stays(self._store).arriving(now, now + CHECK_AHEAD, self.name)
        return [*Stays(self._store).staying(now, self.name), *coming]

    def _arrival_check(self, turn: Turn, property_id: str) -> str | None:
        """Asks Seam for everybody who arrives in the next 24 hours or is here: is it issued, is the door online?"""
        now = self._clock()
        by_property: dict[str, list[str]] = {property_id: []} if property_id else {}
        for stay in self._coming(now):
            if not property_id or stay.property_id == property_id:
                by_property.setdefault(stay.property_id, []).append(stay.booking_id)
        try:
            for of, booking_ids in by_property.items():
                self._check(turn, of, booking_ids)
                mine = self._store.fenced(turn)
                check_accounts(self.name, self.connection.keys, self._workspace, mine, of, now)
        except SeamError as problem:
            return str(problem)
        found = arrivals(self._coming(now), GrantHealth(self._store).of(self.name), now)
        log.info(
            "arrivals checked",
            connection=self.name,
            bookings=len(found),
            broken=sum(one.state is DoorState.BROKEN for one in found),
        )
        return None

    def _check(self, turn: Turn, property_id: str, booking_ids: list[str]) -> None:
        """Asks Seam how the grants of these bookings are, for the pages. Raises `SeamError`."""
        check_health(
            self.name,
            self.connection.keys,
            self._workspace,
            self._store.fenced(turn),
            property_id,
            booking_ids,
            self._clock,
            self._stop,
            {
                self.connection.keys.common_area(area.key, property_id, shares)
                for area in self.connection.policy.common_areas
                for shares in (False, True)
            },
        )

    # --- the inbox --------------------------------------------------------------------------------------------------

    def _act_upon_news(self, turn: Turn) -> None:
        """Acts upon every delivery that is due, all at once: a thousand that name one booking are one look at it."""
        waiting = self._inbox_in(turn).take(self.name, self._clock(), self._taker)
        try:
            self._act_upon(turn, waiting)
        except StoreFailed:
            raise
        except Exception as problem:
            # What nobody foresaw is not tried again at once and for ever; nor is it lost.
            self._put_off(turn, waiting, defect(problem), failed=True)
            raise

    def _act_upon(self, turn: Turn, waiting: list[Delivery]) -> None:
        approvals = [one for one in waiting if one.subjects.get("runs")]
        doors = [one for one in waiting if one.subjects.get("doors")]
        others = [one for one in waiting if one not in approvals and one not in doors]
        checks = [one for one in others if one.subjects.get("check")]
        looks = [one for one in others if one not in checks]
        for property_id, deliveries in self._by_property(doors).items():
            report = self._urgent(turn, RunOptions(RoomsOnly(), property_id), ())
            self._settle(turn, deliveries, report)
        for delivery in approvals:
            for run_id in delivery.subjects["runs"]:
                held = {hold.booking_id for hold, waits in Holds(self._store).of_run(run_id) if waits}
                report = self._urgent(turn, RunOptions(Approval(run_id)), held)
                self._settle(turn, [delivery], report)
        for property_id, deliveries in self._by_property(looks).items():
            bookings = {one for delivery in deliveries for one in delivery.subjects.get("bookings", ())}
            guests = {one for delivery in deliveries for one in delivery.subjects.get("guests", ())}
            if guests:
                keys = [self.connection.keys.guest(guest_id) for guest_id in guests]
                bookings |= {booking_id for _, booking_id in Links(self._store).bookings_of_users(self.name, keys)}
            rooms = any(delivery.subjects.get("rooms") for delivery in deliveries)
            if not bookings and not rooms:
                self._finish(turn, deliveries, "ignored", "it names nothing that has access here")
                continue
            options = RunOptions(TheseBookings(tuple(sorted(bookings)), are_news=True), property_id)
            self._settle(turn, deliveries, self._urgent(turn, options, bookings))
            checks = [*checks, *(one for one in deliveries if one.source == "staff")]
        self._check_for(turn, checks)

    def _by_property(self, deliveries: list[Delivery]) -> dict[str | None, list[Delivery]]:
        known = {one.property_id for one in Properties(self._store).known() if one.connection == self.name}
        found: dict[str | None, list[Delivery]] = {}
        for one in deliveries:
            # A property that is not known yet is left to be found among all of them.
            found.setdefault(one.property_id if one.property_id in known else None, []).append(one)
        return found

    def _check_for(self, turn: Turn, deliveries: list[Delivery]) -> None:
        """Health only: nothing about the booking is news, but whether it opens may be."""
        wanted: dict[str, set[str]] = {}
        for delivery in deliveries:
            if ARRIVALS in delivery.subjects.get("check", ()) and delivery.property_id:
                coming = self._coming(self._clock())
                here = {stay.booking_id for stay in coming if stay.property_id == delivery.property_id}
                wanted.setdefault(delivery.property_id, set()).update(here)
            for booking_id in delivery.subjects.get("bookings", ()):
                stay = Stays(self._store).get(self.name, booking_id)
                property_id = delivery.property_id or (stay.property_id if stay else None)
                if property_id:
                    wanted.setdefault(property_id, set()).add(booking_id)
        only = [one for one in deliveries if one.subjects.get("check")]
        try:
            for property_id, booking_ids in wanted.items():
                self._check(turn, property_id, sorted(booking_ids))
        except SeamError as problem:
            self._put_off(turn, only, str(problem))
        else:
            self._finish(turn, only, "done", "asked Seam whether it opens")

    def _settle(self, turn: Turn, deliveries: list[Delivery], report: RunReport) -> None:
        if report.broken_off:
            self._put_off(turn, deliveries, report.broken_off)
            return
        changed = [item for item in report.items if item.kind == Kind.ACCESS_GRANT and item.action != Action.WAIT]
        failed = sum(item.outcome == Outcome.FAILED for item in changed)
        note = f"{counted(len(changed), 'outcome')}, {failed} failed" if changed else "nothing had to change"
        self._finish(turn, deliveries, "done", note, report.run_id)

    def _finish(
        self, turn: Turn, deliveries: list[Delivery], outcome: str, note: str, run_id: str | None = None
    ) -> None:
        now = self._clock()
        self._inbox_in(turn).done(deliveries, now, outcome, note, run_id)
        for one in deliveries:
            self._observer.delivery_done(one.source, (now - one.received_at).total_seconds())

    def _put_off(self, turn: Turn, deliveries: list[Delivery], note: str, *, failed: bool = False) -> None:
        """Tried again, ever more rarely, for as long as it takes. `failed`: something is wrong with these; otherwise
        the PMS or Seam could not be asked, and they are tried again at once when a run has got through."""
        now = self._clock()
        for one in deliveries:
            attempts = one.task.attempts + 1 if one.task else 1
            pause = self._news.after(attempts) if failed else self._news.while_away(now - one.received_at)
            self._inbox_in(turn).put_off([one], now + pause, note, failed=failed)
