"""One run: read, plan, check, carry out, record. The order in which a booking's data flows.

read      reconciler.scope_reader   the PMS's records, by a connector: what the run's scope asks for
rooms     reconciler.rooms          for each property, first: its Spaces and their locks, brought in step at once
people    reconciler.prepare        for each property, then: people and their access
look up   reconciler.lookup         what Seam has, by key
map       mappers                   records and policy -> what Seam should have
plan      reconciler.planner        the difference, with reasons
check     reconciler.safety         too many revocations at once are held
execute   reconciler.executor       in Seam, every outcome committed at once
record    reconciler.remember       for the next run and for the pages; the report says what was done

The first half stands in `reconciler.read_and_plan`, the second in `reconciler.carry_out`.
"""

import secrets
from collections.abc import Callable, Collection, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import datetime, timedelta

from mappers.outcomes import Action, Kind, Outcome
from mappers.sentences import say, sentence_of
from reconciler.arrivals_due import count_arrivals
from reconciler.carry_out import CarryOut
from reconciler.clock_check import ClockCheck
from reconciler.forgotten import forget_old
from reconciler.holding import SafetyLimit
from reconciler.lines import doubt_of, lines_of, not_followed, planned_lines
from reconciler.precedence import Precedence
from reconciler.prepare import Prepared, RunConnection
from reconciler.progress import Progress, Silent, Watched
from reconciler.read_and_plan import PropertyPlans, first_phase
from reconciler.remember import Memory
from reconciler.report import RunReport, defect
from reconciler.run_context import RunContext
from reconciler.scopes import Approval, RunOptions, TheseBookings
from seam_workspace.workspace import Workspace
from store.back_off import of_retries
from store.engine import Database, StoreFailed, TurnLost
from store.holds import Hold, Holds
from store.prefixes import KeyPrefixes
from store.queue import Queue, Task, TaskKind
from store.runs import OutcomeRow, Runs
from store.turns import Turn
from store.work import Work

WHOLE = ("full", "night_audit")
WORKERS = 8
ALL_RIGHT, SOMETHING_FAILED, REVOCATIONS_HELD = 0, 1, 3
"""Exit codes; 2 is for settings."""


class Run:
    """One run over one connection. `clock` gives aware UTC; `monotonic` and `sleep` are for waiting on Seam."""

    def __init__(
        self,
        connection: RunConnection,
        workspace: Workspace,
        store: Database,
        options: RunOptions,
        *,
        clock: Callable[[], datetime],
        monotonic: Callable[[], float],
        sleep: Callable[[float], None],
        progress: Progress | None = None,
        workers: int = WORKERS,
        retry: timedelta = timedelta(minutes=1),
        stop: Callable[[], bool] = lambda: False,
        precedence: Precedence | None = None,
        turn: Turn | None = None,
    ):
        """`turn`: everything that changes something is preceded by asking it, and a run that has lost it ends there,
        with exit code 1. `precedence`: this run may be overtaken by urgent ones. `stop` is asked before each booking:
        when it says so, what is begun is finished and nothing new is begun."""
        others = KeyPrefixes(store).others(connection.name, connection.keys.prefix, connection.keys.workspace)
        connection = replace(connection, keys=replace(connection.keys, others=(*connection.keys.others, *others)))
        self._any_turn = store
        """What has to be noted even of a run that has lost its turn."""
        if turn is not None:
            store = store.fenced(turn)
        now = clock()
        run_id = f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(6)}"
        progress = progress or Silent()
        self.report = RunReport(run_id, connection.name, options.mode, now, clock, store if _is_kept(options) else None)
        self._context = RunContext(
            connection,
            workspace,
            store,
            options,
            self.report,
            progress if options.is_short else Watched(progress, store, run_id, monotonic, first_phase(connection.name)),
            stop if turn is None else lambda: stop() or turn.lost,
            now,
            clock,
            monotonic,
            sleep,
            workers,
            turn,
            precedence,
        )
        self._begun, self._has_ended = not _is_kept(options), False
        self._read_until: dict[str, datetime] = {}
        """Of properties without any news."""
        self._retries = of_retries(retry)
        self._clocks = ClockCheck(connection.connector.shown_clock, workspace, clock, self._context.tell_clocks)
        self._carry_out = CarryOut(self._context)
        self.reading = self._carry_out.reading

    def begin(self) -> None:
        """Notes that it has begun: what is not noted as ended later was cut off. Whoever has a reason to calls it ahead
        of `execute`."""
        report = self.report
        if not self._begun:
            at, of = self._context.now, self._context.options.property_id
            turn = self._context.turn
            Runs(self._any_turn).begin(
                report.run_id,
                report.connection,
                report.mode,
                at,
                of,
                first_phase(report.connection),
                turn.name if turn is not None else None,
            )
            self._begun = True

    def execute(self, *, notes_end: bool = True) -> RunReport:
        """Runs; whatever fails is in the report. The caller holds the connection's turn, except in a dry run.
        `notes_end`: False where the caller calls `note_end`, with more in one transaction."""
        try:
            return self._to_the_end(notes_end)
        except TurnLost as problem:
            return self._end_without_turn(problem)

    def _to_the_end(self, notes_end: bool) -> RunReport:
        report = self.report
        self.begin()
        held: Mapping[str, str] = {}
        try:
            held = self._execute()
        except StoreFailed:
            raise
        except Exception as problem:
            # Nobody foresaw it: the run ends here, and says so, for a run without an end tells nobody anything.
            self._context.fail("*", say("the run ended before its time"), defect(problem))
        self._conclude(held)
        if notes_end or report.mode in WHOLE:
            self.note_end()
        return report

    def _execute(self) -> Mapping[str, str]:
        """All of a run but its end; returns why revocations are held, by the key of each grant."""
        context, options = self._context, self._context.options
        approved: dict[str, Hold] = {}
        if isinstance(options.scope, Approval):
            approved = Holds(context.store).approved(options.scope.run_id, options.scope.keys)
        plans = PropertyPlans(context, self._clocks, approved, self._carry_out.make_spaces)
        with closing(plans.preparation.reader):
            prepared = plans.prepare_all()
            self.report.expected = {one for each in prepared for one in each.pulled.expected}
            if not self._clocks.lets_write():
                prepared = []
            limit = SafetyLimit(
                context.connection, context.store, context.policy.max_revocations, context.now, approved
            )
            held = limit.apply(prepared, plans.preparation.links, dry_run=options.dry_run)
            self._tell(prepared, held)
            if not options.dry_run:
                memory = Memory(context, limit, approved, self._retries)
                self._carry_out.carry_out(prepared, memory)
                self._read_until = memory.read_until
                limit.settle(self.report.revoked())
            return held

    def _tell(self, prepared: Collection[Prepared], held: Mapping[str, str]) -> None:
        """What the report says beside what is done: who waits, what is held, what cannot be read or believed."""
        context = self._context
        for one in prepared:
            if one.pulled.doubt is not None:
                of = one.pulled.of
                self.report.in_doubt = True
                context.fail(of.id, say("{name}: nobody lost access for being absent", name=of.name), doubt_of(one))
            elif not isinstance(context.options.scope, TheseBookings) and (why := not_followed(one.pulled)):
                context.fail(
                    one.pulled.of.id, say("{name}: what the PMS says cannot be followed", name=one.pulled.of.name), why
                )
        for one in prepared:
            for kind, number in one.plan.unchanged.items():
                self.report.count_unchanged(kind, number - (one.spaces_made if kind is Kind.SPACE else 0))
            rows = lines_of(one, context.keys, held)
            of = one.pulled.of
            rows += [
                OutcomeRow(Kind.PROPERTY, of.id, Action.READ, Outcome.ALERT, remark, label=of.name)
                for remark in one.pulled.remarks
            ]
            self.report.add([*rows, *planned_lines(one.plan)] if context.options.dry_run else rows)

    # --- its end ------------------------------------------------------------------------------------------------------

    def _conclude(self, held: Mapping[str, str]) -> None:
        report, context = self.report, self._context
        report.exit = ALL_RIGHT
        if context.broken_off or (report.total("failed") and not held):
            report.exit = SOMETHING_FAILED
        elif held:
            report.exit = REVOCATIONS_HELD
        report.broken_off = context.broken_off
        report.finished_at = context.clock()

    def note_end(self) -> None:
        """Notes that it has ended, and how; once. Raises `StoreFailed`."""
        report, context, options = self.report, self._context, self._context.options
        if self._has_ended or report.finished_at is None or not _is_kept(options):
            return
        is_full = report.mode in WHOLE
        with context.store.together():
            for property_id, read_until in self._read_until.items():
                Work(context.store).advance_cursor(context.name, property_id, read_until)
            told = (report.run_id, report.mode, report.finished_at, report.exit, report.totals, report.broken_off)
            Runs(context.store).finish(*told, whole=is_full and options.property_id is None)
            if not options.dry_run:
                count_arrivals(context.store, context.name, report.finished_at)
        self._has_ended = True
        if is_full:
            self._carry_out.readings.forget_old(context.now)
            forget_old(context.store, context.name, context.now, options.property_id is None and not report.broken_off)

    def _end_without_turn(self, problem: TurnLost) -> RunReport:
        """Somebody else works by now: nothing is concluded, and what was touched is left to be read again."""
        report, context, properties = self.report, self._context, self._carry_out.properties
        report.finished_at, report.exit, report.broken_off = context.clock(), SOMETHING_FAILED, sentence_of(problem)
        self._has_ended = True
        touched = {item.booking_id for item in report.items if item.booking_id is not None} & properties.keys()
        again = [
            Task(report.connection, TaskKind.WATCH_STAY, booking_id, context.now, properties[booking_id])
            for booking_id in sorted(touched)
        ]
        Queue(self._any_turn).enqueue(again, context.clock())
        report.go_on_in(self._any_turn)
        reason = say("the run has ended before its time: what it had not begun is left alone")
        report.add([OutcomeRow(Kind.PROPERTY, "*", Action.READ, Outcome.FAILED, reason, sentence_of(problem))])
        Runs(self._any_turn).finish(
            report.run_id, report.mode, report.finished_at, report.exit, report.totals, report.broken_off
        )
        return report


def _is_kept(options: RunOptions) -> bool:
    """Whether it stands among the runs afterwards."""
    return options.kept or not options.dry_run
