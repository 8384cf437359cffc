"""One run: pull, map, look up, plan, check, execute, record. The order in which a booking's data flows.

pull      reconciler.pull         the PMS's records, by a connector
rooms     reconciler.rooms        for each property, first: its Spaces and their locks, brought in step at once
people    reconciler.prepare      for each property, then: people and their access
look up   reconciler.lookup       what Seam has, by key
map       mappers                 records and policy -> what Seam should have
plan      reconciler.planner          the difference, with reasons
check     reconciler.safety       too many revocations at once are held
execute   reconciler.executor     in Seam, every outcome committed at once
record    reconciler.report       what a person reads afterwards
"""

import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TypeVar

from connectors.errors import PmsError
from connectors.ports import Reader
from connectors.records import Property
from connectors.wording import counted
from mappers.outcomes import Action, Cause, Kind, Outcome
from reconciler.accounts import check_accounts
from reconciler.changes import Plan
from reconciler.clocks import Clocks, compare, followed
from reconciler.door_codes import DoorCodeSync
from reconciler.executor import Executor
from reconciler.holding import SafetyLimit
from reconciler.judge import ISSUING
from reconciler.keys_apart import keep_apart
from reconciler.lines import lines_of, named, planned_lines
from reconciler.precedence import LongRun, Precedence
from reconciler.prepare import Preparation, Prepared, RunConnection
from reconciler.progress import Progress, Silent, Watched
from reconciler.pull import DENIED_ALONE, Pulled, pull_bookings, pull_changes, pull_everything, pull_rooms
from reconciler.report import RunReport, defect
from reconciler.rooms import Rooms, RoomsPass
from reconciler.scopes import Approval, Changes, Everything, RoomsOnly, RunOptions, TheseBookings
from reconciler.stays import gone_from, stays_of
from seam_workspace.errors import SeamError, SeamUnauthorized
from seam_workspace.existing import ExistingResources
from seam_workspace.workspace import Workspace
from store.back_off import of_retries
from store.engine import Database, StoreFailed, TurnLost
from store.health import GrantHealth, Health
from store.holds import Hold, Holds
from store.lasting import CLOCKS
from store.links import Links
from store.prefixes import KeyPrefixes, PrefixTaken
from store.properties import KnownProperty, Properties
from store.queue import BOOKINGS, Queue, Task, TaskKind
from store.readings import RESERVATION, Reading, ReadingBook
from store.runs import OutcomeRow, Runs
from store.stays import Stays
from store.turns import Turn
from store.work import Work

BELIEVED_AFTER, BELIEVED_READINGS = timedelta(minutes=30), 3
"""A house's only booking, which nothing else can bear witness of, is gone when the PMS has denied it for so long and in
so many runs."""
ALL_RIGHT, SOMETHING_FAILED, REVOCATIONS_HELD = 0, 1, 3
"""Exit codes; 2 is for settings."""
BOOKING = "booking"
T = TypeVar("T")


def _has_news(pulled: Pulled) -> bool:
    return pulled.full or pulled.rooms_read


def _follow_moves(pulls: Collection[Pulled]) -> None:
    """What one property of this run has is not gone in another: it was moved there, and takes its PIN along."""
    for pulled in pulls:
        missing = pulled.gone | pulled.doubtful
        if missing:
            moved = {one for other in pulls if other is not pulled for one in missing & other.known_ids()}
            pulled.gone -= moved
            pulled.doubtful -= moved


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
        workers: int = 8,
        retry: timedelta = timedelta(minutes=1),
        stop: Callable[[], bool] = lambda: False,
        precedence: Precedence | None = None,
        turn: Turn | None = None,
    ):
        """`turn`: everything that changes something is preceded by asking it, and a run that has lost it ends there,
        with exit code 1. `precedence`: this run may be overtaken by urgent ones. `stop` is asked before each booking:
        when it says so, what is begun is finished and nothing new is begun."""
        self._turn = turn
        self._stop = stop if turn is None else lambda: stop() or turn.lost
        others = KeyPrefixes(store).others(connection.name)
        connection = replace(connection, keys=replace(connection.keys, others=(*connection.keys.others, *others)))
        self._any_turn = store
        """What has to be noted even of a run that has lost its turn."""
        if turn is not None:
            store = store.fenced(turn)
        self._retries = of_retries(retry)
        self._connection = connection
        self._connector = connection.connector
        self._policy = connection.policy
        self._keys = connection.keys
        self._workspace = workspace
        self._store = store
        self._options = options
        self._scope = options.scope
        self._is_audit = options.scope == Everything(audit=True)
        self._clock = clock
        self._monotonic = monotonic
        self._sleep = sleep
        self._progress = progress or Silent()
        self._workers = workers
        self._now = clock()
        self._preparation = Preparation(
            connection,
            workspace,
            store,
            self._now,
            every_identity=self._is_audit,
        )
        self._rooms = RoomsPass(connection.name, workspace, store, self._policy, self._keys, self._now, options.dry_run)
        self._readings = ReadingBook(store, connection.name)
        self._reading = turn.reading(self._now) if turn is not None else Reading(0, self._now)
        self._precedence = None if precedence is None else LongRun(precedence, self._overtaken)
        self._properties: dict[str, str] = {}
        """Whose each booking is that this run works on."""
        self._clocks: Clocks | None = None
        """What was reported of the clocks, if anything was."""
        self._calls_before = workspace.calls
        self._approved: dict[str, Hold] = {}
        self._broken_off: str | None = None
        self._refused = False
        self.report = RunReport(
            f"{self._now:%Y%m%d-%H%M%S}-{secrets.token_hex(6)}",
            connection.name,
            options.mode,
            self._now,
            clock,
            None if options.dry_run else store,
        )
        if not options.dry_run:
            self._progress = Watched(self._progress, store, self.report.run_id, monotonic)

    def execute(self) -> RunReport:
        """Runs; whatever fails is in the report. The caller holds the connection's lease, except in a dry run."""
        try:
            return self._to_the_end()
        except TurnLost as problem:
            return self._end_without_turn(problem)

    def _end_without_turn(self, problem: TurnLost) -> RunReport:
        """Somebody else works by now: nothing is concluded, and what was touched is left to be read again."""
        report = self.report
        report.finished_at, report.exit, report.broken_off = self._clock(), SOMETHING_FAILED, str(problem)
        touched = {item.booking_id for item in report.items if item.booking_id is not None} & self._properties.keys()
        again = [
            Task(report.connection, TaskKind.WATCH_STAY, booking_id, self._now, self._properties[booking_id])
            for booking_id in sorted(touched)
        ]
        Queue(self._any_turn).enqueue(again, self._clock())
        report.go_on_in(self._any_turn)
        reason = "the run has ended before its time: what it had not begun is left alone"
        report.add([OutcomeRow(Kind.PROPERTY, "*", Action.READ, Outcome.FAILED, reason, str(problem))])
        Runs(self._any_turn).finish(
            report.run_id, report.mode, report.finished_at, report.exit, report.totals, report.broken_off
        )
        return report

    def _to_the_end(self) -> RunReport:
        report, options = self.report, self._options
        if not options.dry_run:
            Runs(self._any_turn).begin(report.run_id, report.connection, report.mode, self._now, options.property_id)
        try:
            held = self._execute()
        except StoreFailed:
            raise
        except Exception as problem:
            # Nobody foresaw it: the run ends here, and says so, for a run without an end tells nobody anything.
            self._fail(Kind.PROPERTY, "*", "the run ended before its time", defect(problem))
            held = {}
        self._end(held)
        return report

    def _execute(self) -> Mapping[str, str]:
        """All of a run but its end; returns why revocations are held, by what holds them."""
        options = self._options
        if isinstance(self._scope, Approval):
            self._approved = {hold.key: hold for hold, waits in Holds(self._store).of_run(self._scope.run_id) if waits}
        prepared = self._prepare_all()
        if not self._clocks_agree(self._pms_ahead()):
            prepared = []
        self._limit = SafetyLimit(
            self._connection, self._store, self._policy.max_revocations, self._now, self._approved
        )
        held = self._limit.apply(prepared, self._preparation.links, dry_run=options.dry_run)
        self._tell_doubts(prepared)
        for one in prepared:
            self._record_notes(one, held)
        if not options.dry_run:
            self._carry_out(prepared)
            self._limit.settle(self._revoked())
        return held

    @property
    def _reader(self) -> Reader:
        return self._preparation.reader

    # --- pull, look up, map, plan -------------------------------------------------------------------------------------

    def _prepare_all(self) -> list[Prepared]:
        self._progress.phase(f"{self._connection.name}: reading the PMS")
        shown = self._connector.shown_clock
        if shown is not None:
            shown.begin()
        try:
            if not self._options.dry_run:
                KeyPrefixes(self._store).claim(self._connection.name, self._keys.prefix, self._now)
            properties = self._connection.read_properties(self._reader)
        except PrefixTaken as problem:
            self._fail(Kind.PROPERTY, "*", "nothing was read and nothing changed", str(problem))
            return []
        except PmsError as problem:
            self._fail(Kind.PROPERTY, "*", "the PMS could not be read: nothing was changed", str(problem))
            return []
        if not self._clocks_agree(self._pms_ahead(), ask_seam=True):
            return []
        self._report_missing_properties(properties)
        if not self._options.dry_run:
            known = [KnownProperty(self._connection.name, one.id, one.name, one.time_zone) for one in properties]
            Properties(self._store).note(known, self._now)
        if self._options.property_id is not None:
            properties = [one for one in properties if one.id == self._options.property_id]
            if not properties:
                self._fail(
                    Kind.PROPERTY,
                    self._options.property_id,
                    "this connection has no such property",
                    "the PMS does not list it: `nightporter accounts` shows the properties and their ids",
                )
        pulls: list[Pulled] = []
        for of in properties:
            if self._stop():
                self._note_stop(None)
                break
            owner = self._keys.owner_of(self._keys.customer(of.id))
            if owner is not None:
                told = (
                    f"its id begins as the keys of connection {owner} do: give this connection a key_prefix of its own"
                )
                self._fail(Kind.PROPERTY, of.id, f"{of.name}: nothing was changed", told)
                continue
            pulled = self._of_property(of, lambda of=of: self._pull(of))  # type: ignore[misc]
            if pulled is not None:
                keep_apart(pulled, self._keys, self._policy)
                pulls.append(pulled)
        _follow_moves(pulls)
        prepared = self._prepare_pulled(pulls)
        self._report_unknown_bookings(prepared)
        return prepared

    def _prepare_pulled(self, pulls: Collection[Pulled]) -> list[Prepared]:
        """Each property against Seam; one that fails is left alone."""
        prepared = [
            Prepared(pulled, ExistingResources({}, {}, {}), Plan(), []) for pulled in pulls if not _has_news(pulled)
        ]
        with_news = [pulled for pulled in pulls if _has_news(pulled)]
        for place, pulled in enumerate(with_news):
            of = pulled.of
            if self._stop():
                self._note_stop(None)
                break
            self._progress.phase(f"{of.name}: looking up what Seam has ({counted(len(pulled.bookings), 'booking')})")

            def act(pulled: Pulled = pulled, is_first: bool = place == 0) -> Prepared:
                if is_first:
                    self._preparation.survey(with_news, self._scope == Changes() and not self._options.dry_run)
                return self._preparation.prepare(pulled, self._rooms_in_step(pulled))

            one = self._of_property(of, act)
            if one is not None:
                prepared.append(one)
            elif self._refused:
                break
        return prepared

    def _rooms_in_step(self, pulled: Pulled) -> Rooms:
        """The first pass: Spaces are made and named before anything is planned for who may enter them."""
        of, preparation = pulled.of, self._preparation
        rooms = self._rooms.plan(pulled, preparation.links, preparation.surveyed)
        changes = rooms.plan.spaces
        if not changes or self._options.dry_run:
            return rooms
        if self._clocks_agree(self._pms_ahead()):
            self._progress.phase(f"{of.name}: {counted(len(changes), 'Space')}", len(changes))
            self._executor(of, rooms.existing).make_spaces(rooms.plan)
        preparation.read_links_again()
        return self._rooms.look_again(pulled, rooms, preparation.links)

    def _of_property(self, of: Property, act: Callable[[], T], so: str = "nothing was changed") -> T | None:
        """None where it failed, which is reported with what came of it (`so`): the other properties go on."""
        try:
            return act()
        except PmsError as problem:
            self._fail(Kind.PROPERTY, of.id, f"{of.name}: the PMS could not be read: {so}", str(problem))
        except SeamError as problem:
            self._fail(Kind.PROPERTY, of.id, f"{of.name}: Seam could not be read: {so}", str(problem))
            self._refused = isinstance(problem, SeamUnauthorized)
        except StoreFailed:
            raise
        except Exception as problem:
            self._fail(Kind.PROPERTY, of.id, f"{of.name}: {so}", defect(problem))
        return None

    def _report_missing_properties(self, listed: Collection[Property]) -> None:
        """A property that has access in Seam and is not listed any more was more likely lost than closed."""
        there = {one.id for one in listed}
        known = {link.property_id for link in self._preparation.links.values() if link.property_id is not None}
        if self._options.property_id is not None:
            known &= {self._options.property_id}
        for property_id in sorted(known - there):
            if not self._options.dry_run:
                # When it is listed again, it is read as a whole: its news has been missed meanwhile.
                Work(self._store).forget_cursor(self._connection.name, property_id)
            self._fail(
                Kind.PROPERTY,
                property_id,
                "nothing was changed for this property",
                "the PMS does not list it any more: check that the integration is still enabled for it",
            )
        if not listed and not known:
            self._fail(
                Kind.PROPERTY,
                "*",
                "nothing was done",
                "the PMS lists no property: check that the integration is enabled",
            )

    def _report_unknown_bookings(self, prepared: Collection[Prepared]) -> None:
        """A booking that was asked for by name, and that no property has."""
        scope = self._scope
        if self._broken_off or not isinstance(scope, TheseBookings) or scope.are_news:
            return
        met: set[str] = set()
        for one in prepared:
            met |= one.pulled.known_ids() | one.pulled.gone | one.pulled.doubtful
        met |= {self._reader.reservation_of(booking_id) for booking_id in met}
        for booking_id in scope.ids:
            if booking_id not in met:
                self.report.add(
                    [
                        OutcomeRow(
                            Kind.ACCESS_GRANT,
                            self._keys.grant(booking_id),
                            Action.READ,
                            Outcome.FAILED,
                            "nothing was done for this booking",
                            "the PMS has no booking with this id: give the PMS's own id, not the confirmation number",
                            booking_id=booking_id,
                        )
                    ]
                )

    def _tell_doubts(self, prepared: Collection[Prepared]) -> None:
        """A source that denies most of what it had is not well: nothing that it does not have is believed to be gone,
        its news counts as unread, and the next run reads everything."""
        for one in prepared:
            if one.pulled.doubt is not None:
                of = one.pulled.of
                may_be_gone = [change for change in one.plan.held if change.booking_id in one.pulled.may_be_gone]
                who = named([change.label or change.booking_id or "" for change in may_be_gone])
                what = f"{one.pulled.doubt}. {who}" if who else one.pulled.doubt
                self._fail(Kind.PROPERTY, of.id, f"{of.name}: nobody lost access for being absent", what)

    def _pull(self, of: Property) -> Pulled:
        name, cursor = self._connection.name, Work(self._store).cursor(self._connection.name, of.id)
        match self._scope:
            case Approval():
                return self._pull_approved(of)
            case RoomsOnly():
                return pull_rooms(self._reader, of)
            case TheseBookings(ids, are_news):
                return self._pull_these(of, ids, are_news)
            case Changes() if cursor is not None:
                return self._pull_changes(of, cursor)
        if not self._options.dry_run and not self._is_audit:
            self.report.mode = "full"
        denied_for_long = Runs(self._store).lasts_for(
            name, of.id, DENIED_ALONE, self._now - BELIEVED_AFTER, BELIEVED_READINGS
        )
        return pull_everything(self._reader, of, self._now, self._policy.horizon, denied_for_long)

    def _pull_approved(self, of: Property) -> Pulled:
        wanted = {hold.booking_id for hold in self._approved.values() if hold.property_id == of.id}
        return pull_bookings(self._reader, of, wanted, wanted) if wanted else Pulled(of, full=False)

    def _pull_these(self, of: Property, ids: Collection[str], are_news: bool) -> Pulled:
        asked = [one for one in ids if self._reader.could_be_id("booking", one)]
        missed = self._known_ids(of, asked) if are_news else asked
        pulled = pull_bookings(self._reader, of, asked, missed, self._linked_bookings(of))
        self._drop_other_properties(pulled)
        return pulled

    def _pull_changes(self, of: Property, cursor: datetime) -> Pulled:
        name = self._connection.name
        return pull_changes(
            self._reader,
            of,
            cursor,
            self._now,
            also=Work(self._store).watched(name, of.id, self._now),
            bookings_of_guests=lambda guest_ids: self._bookings_of_guests(of, guest_ids),
            bookings_in_rooms=lambda rooms: Stays(self._store).bookings_in_rooms(name, of.id, rooms, self._now),
            known=self._linked_bookings(of),
            ahead=followed(self._pms_ahead()),
        )

    # --- clocks -------------------------------------------------------------------------------------------------------

    def _pms_ahead(self) -> timedelta | None:
        shown = self._connector.shown_clock
        return shown.ahead() if shown is not None else None

    def _seam_ahead(self) -> timedelta | None:
        """By the last answer of this run."""
        if self._workspace.calls == self._calls_before:
            return None
        shown = self._workspace.time_shown()
        return shown - self._clock() if shown is not None else None

    def _clocks_agree(self, pms: timedelta | None, *, ask_seam: bool = False) -> bool:
        """Whether something may be written; otherwise that is reported. `ask_seam`: where the PMS's clock is another
        one, Seam is asked for its own at once."""
        if self._clocks is not None and self._clocks.stops:
            return False
        if ask_seam and compare(pms, None).told is not None:
            with suppress(SeamError):
                self._workspace.check()
        found = compare(pms, self._seam_ahead())
        if found.told is not None and (self._clocks is None or found.stops):
            if found.stops:
                self._fail(Kind.PROPERTY, CLOCKS, "nothing was changed: the clocks are too far apart", found.told)
            else:
                reason = f"{found.told}: have it set right"
                self.report.add([OutcomeRow(Kind.PROPERTY, CLOCKS, Action.READ, Outcome.ALERT, reason)])
            self._clocks = found
        return not found.stops

    def _known_ids(self, of: Property, asked: Collection[str]) -> set[str]:
        """Those of these bookings that the property has had before: only they are missed when they are not found."""
        links = Links(self._store).of_bookings(self._connection.name, asked)
        return {link.booking_id for link in links if link.booking_id and link.property_id in (None, of.id)}

    def _linked_bookings(self, of: Property) -> set[str]:
        """The property's bookings that have access, as far as we remember."""
        return {
            link.booking_id
            for (kind, _), link in self._preparation.links.items()
            if kind == Kind.ACCESS_GRANT and link.booking_id is not None and link.property_id == of.id
        }

    def _may_write(self) -> None:
        if self._turn is not None:
            self._turn.check()

    def _is_overtaken(self, kind: Kind, key: str) -> bool:
        if self._precedence is None:
            return False
        return bool(self._readings.newer(kind, [key], self._reading))

    def _overtaken(self, reservation_ids: Collection[str]) -> Collection[str]:
        return self._readings.newer(RESERVATION, reservation_ids, self._reading)

    def _note_reading(self, one: Prepared) -> None:
        """Of a few bookings, when they were read; a run over everything is itself the reading."""
        if one.pulled.full or self._turn is None:
            return
        self._readings.note(BOOKING, {access.booking_id for access in one.accesses}, self._reading)
        people = {self._keys.guest(guest_id) for guest_id in one.pulled.guests}
        self._readings.note(Kind.USER_IDENTITY, people, self._reading)

    def _executor(self, of: Property, existing: ExistingResources) -> Executor:
        return Executor(
            self._workspace,
            self._store,
            self.report,
            property_id=of.id,
            existing=existing,
            replace_wait=self._policy.replace_wait,
            clock=self._clock,
            monotonic=self._monotonic,
            sleep=self._sleep,
            workers=self._workers,
            progress=self._progress.advance,
            stop=self._stop,
            precedence=self._precedence,
            may_write=self._may_write,
            is_overtaken=self._is_overtaken,
        )

    def _drop_other_properties(self, pulled: Pulled) -> None:
        """`--booking` with several properties: each is asked, and the one that has it answers."""
        pulled.gone = {
            booking_id
            for booking_id in pulled.gone
            if any(
                link.booking_id == booking_id and link.property_id == pulled.of.id
                for link in Links(self._store).of_bookings(self._connection.name, [booking_id])
            )
        }

    def _bookings_of_guests(self, of: Property, guest_ids: Iterable[str]) -> set[str]:
        found = Links(self._store).bookings_of_users(
            self._connection.name, [self._keys.guest(guest_id) for guest_id in guest_ids]
        )
        return {booking_id for property_id, booking_id in found if property_id == of.id}

    # --- execute and record -------------------------------------------------------------------------------------------

    def _carry_out(self, prepared: Collection[Prepared]) -> None:
        number = sum(len(one.plan.changes()) for one in prepared)
        if number:
            self._progress.phase(f"{self._connection.name}: {counted(number, 'change')}", number)
        self._properties = {access.booking_id: one.pulled.of.id for one in prepared for access in one.accesses}
        for one in prepared:
            # A defect in one property ends with that one: of the others, everybody still has to get in and out.
            self._of_property(
                one.pulled.of,
                lambda one=one: self._carry_out_one(one),  # type: ignore[misc]
                "not everything was done, the next run goes on",
            )

    def _carry_out_one(self, one: Prepared) -> None:
        self._note_reading(one)
        executor = self._executor(one.pulled.of, one.existing)
        executor.execute(one.plan)
        self._unlink_missing_identities(one)
        codes_due = self._of_property(
            one.pulled.of, lambda: self._hand_over(one, executor), "door codes were not handed over to the PMS"
        )
        self._remember(one, executor, codes_due or ())
        if executor.left_undone:
            self._note_stop(executor.left_undone)
        elif self._is_audit:
            self._check_accounts(one.pulled.of)

    def _hand_over(self, one: Prepared, executor: Executor) -> Collection[Task]:
        """Tells the PMS the door codes of the bookings that were looked at; returns when to look at which again."""
        if executor.left_undone:
            return ()
        skip = frozenset(executor.failed_bookings) | executor.undone_bookings | executor.overtaken_bookings
        # A lock may have got another PIN, and staff may have changed what the PMS holds: neither is news of a booking.
        everything = one.pulled.full or (isinstance(self._scope, TheseBookings) and bool(self._scope.ids))
        return DoorCodeSync(
            self._connection,
            self._workspace,
            self._store,
            self.report,
            clock=self._clock,
            workers=self._workers,
            precedence=self._precedence,
            progress=self._progress,
            may_write=self._may_write,
        ).run(one, skip, everything)

    def _note_stop(self, left_undone: int | None) -> None:
        changes = counted(left_undone, "change is", "changes are") if left_undone else "the rest is"
        self._fail(
            Kind.PROPERTY,
            "*",
            f"{changes} left for the next run",
            "the run was asked to stop: what was begun is finished, nothing new was begun",
        )

    def _check_accounts(self, of: Property) -> None:
        """Whether the property's lock systems are still connected: without them nothing reaches a lock."""
        try:
            accounts = check_accounts(self._connection.name, self._keys, self._workspace, self._store, of.id, self._now)
        except SeamError as problem:
            self._fail(Kind.PROPERTY, of.id, f"{of.name}: its lock accounts could not be checked", str(problem))
            return
        rows = [
            OutcomeRow(
                Kind.PROPERTY,
                of.id,
                Action.READ,
                Outcome.ALERT,
                f"{of.name}: nothing new reaches the locks of {account.name}: {account.why}",
                label=of.name,
            )
            for account in accounts
            if account.trouble
        ]
        if rows:
            self.report.add(rows)

    def _unlink_missing_identities(self, one: Prepared) -> None:
        """Identities that somebody deleted in Seam, and that nobody needs: they are ours no more."""
        if not one.missing_identities:
            return
        rows = [
            OutcomeRow(
                Kind.USER_IDENTITY,
                key,
                Action.KEEP,
                Outcome.DONE,
                "deleted in Seam by somebody else; not needed at the moment, so not made again",
                cause=Cause.DRIFT,
            )
            for key in one.missing_identities
        ]
        self.report.add(rows, gone=[(Kind.USER_IDENTITY, key) for key in one.missing_identities])

    def _remember(self, one: Prepared, executor: Executor, codes_due: Collection[Task]) -> None:
        """What the next run and the pages have to know: holds, bookings to look at again, the state of every stay, and
        how far the PMS's changes are read. `codes_due`: when to look again at which booking's door code."""
        name, of = self._connection.name, one.pulled.of
        failed, undone = executor.failed_bookings, executor.undone_bookings
        # What an urgent run has dealt with since is not overwritten by what this one read before.
        overtaken = set(executor.overtaken_bookings)
        if self._precedence is not None:
            mine = {access.booking_id for access in one.accesses}
            overtaken |= self._readings.newer(BOOKING, mine, self._reading)
        held = {change.booking_id for change in one.plan.held}
        Holds(self._store).add(
            self.report.run_id,
            name,
            [
                Hold(change.key, of.id, change.booking_id, change.reason, change.booking_id in one.pulled.may_be_gone)
                for change in one.plan.held
                if change.booking_id is not None
            ],
            self._now,
            self._limit.by_absence(one),
        )
        again = dict(one.plan.look_again)
        again.update((booking_id, self._now) for booking_id in (*held, *undone) if booking_id is not None)
        again.update((broken.id, self._now) for broken in one.pulled.broken if broken.kind == "booking")
        failures = Work(self._store).failures(name, failed)
        counts = {booking_id: failures.get(booking_id, 0) + 1 for booking_id in failed}
        # With these nothing is wrong: they are tried at once, until Seam takes them.
        away = executor.waiting_for_seam
        counts.update((booking_id, max(1, failures.get(booking_id, 0))) for booking_id in away)
        # Not before its time, for a lock that is offline gets no better by asking; but a full run looks at everything.
        again.update(
            (booking_id, self._now if booking_id in away else self._now + self._retries.after(counts[booking_id]))
            for booking_id in failed
        )
        for booking_id, when in executor.postponed.items():
            again[booking_id] = min(when, again.get(booking_id, when))
        for booking_id in overtaken:
            again.pop(booking_id, None)
        again.pop("?", None)
        left = undone | overtaken
        dealt_with = {access.booking_id for access in one.accesses if access.booking_id not in left} | again.keys()
        tasks = [
            Task(
                name,
                TaskKind.RETRY_BOOKING if counts.get(booking_id) else TaskKind.WATCH_STAY,
                booking_id,
                when,
                of.id,
                counts.get(booking_id, 0),
            )
            for booking_id, when in again.items()
        ]
        tasks += [task for task in codes_due if task.subject not in overtaken]
        revoked = self._revoked()
        Holds(self._store).settle(name, revoked, self._now)
        Runs(self._store).settle_lasting(name, self.report.run_id, dealt_with)
        # What a later look finds in order, or ended by itself, waits for nobody any more.
        looked_at = dealt_with - {task.subject for task in tasks} - held
        Holds(self._store).settle_bookings(name, looked_at, self._now)
        Queue(self._store).replace(name, BOOKINGS, dealt_with, tasks, self._now)
        noted = Work(self._store).cut_off(name).keys() | Work(self._store).sealed_steps(name).keys()
        Work(self._store).end_steps(name, (dealt_with - left - failed.keys()) & noted)
        Work(self._store).rest_steps(name, failed.keys() & noted)
        if one.pulled.doubt is not None:
            # Its lists of changes may have been empty for a while as well.
            Work(self._store).forget_cursor(name, of.id)
        elif self._scope.moves_cursor and not executor.left_undone:
            # Changes are stamped by the PMS's clock. Of one that is ahead, more is read again than need be.
            behind = min(followed(self._pms_ahead()), timedelta(0))
            Work(self._store).advance_cursor(name, of.id, self._now + behind)
        Stays(self._store).note(
            name, self._clock(), stays_of(name, one, self._policy, self._now, failed, left, self._keys, revoked)
        )
        reasons = {change.booking_id: change.reason for change in one.plan.held if change.booking_id}
        in_doubt = reasons.keys() & one.pulled.may_be_gone
        Stays(self._store).note_kept(
            name, {booking_id: reasons.pop(booking_id) for booking_id in in_doubt}, self._clock()
        )
        Stays(self._store).note_live(name, reasons, self._clock())
        Stays(self._store).note_gone(name, gone_from(one, self._now, left | failed.keys(), revoked), self._clock())
        GrantHealth(self._store).note(
            Health(
                name,
                link.key,
                link.booking_id or "",
                link.seam_id,
                ISSUING,
                "the lock is being told",
                None,
                begun,
                cause="not_issued",
            )
            for link, begun in executor.told
        )
        if self._approved:
            self._settle(one)

    def _revoked(self) -> set[str]:
        return {
            item.key
            for item in self.report.items
            if item.kind == Kind.ACCESS_GRANT and item.action == Action.REVOKE and item.outcome == Outcome.DONE
        }

    def _settle(self, one: Prepared) -> None:
        done = self._revoked()
        failed = {item.key for item in self.report.items if item.outcome == Outcome.FAILED}
        mine = {key for key, hold in self._approved.items() if hold.property_id == one.pulled.of.id}
        spared = mine - done - failed
        if spared:
            self.report.add(
                [
                    OutcomeRow(
                        Kind.ACCESS_GRANT,
                        key,
                        Action.KEEP,
                        Outcome.DONE,
                        "not revoked: by now the PMS says that the guest should have access, or access is gone already",
                        booking_id=self._approved[key].booking_id,
                    )
                    for key in sorted(spared)
                ]
            )
        Holds(self._store).settle(self._connection.name, mine - failed, self._now)

    def _record_notes(self, one: Prepared, held: Mapping[str, str]) -> None:
        for kind, number in one.plan.unchanged.items():
            self.report.count_unchanged(kind, number - (one.spaces_made if kind is Kind.SPACE else 0))
        rows = lines_of(one, self._keys, held)
        if self._options.dry_run:
            rows += planned_lines(one.plan)
        if rows:
            self.report.add(rows)

    def _fail(self, kind: Kind, key: str, reason: str, error: str) -> None:
        self._broken_off = self._broken_off or f"{reason}: {error}"
        self.report.add([OutcomeRow(kind, key, Action.READ, Outcome.FAILED, reason, error)])

    def _end(self, held: Mapping[str, str]) -> None:
        report = self.report
        report.exit = ALL_RIGHT
        if self._broken_off:
            report.exit = SOMETHING_FAILED
        elif held:
            report.exit = REVOCATIONS_HELD
        elif report.total("failed"):
            report.exit = SOMETHING_FAILED
        report.broken_off = self._broken_off
        report.finished_at = self._clock()
        if not self._options.dry_run:
            Runs(self._store).finish(
                report.run_id,
                report.mode,
                report.finished_at,
                report.exit,
                report.totals,
                self._broken_off,
                whole=report.mode in ("full", "night_audit") and self._options.property_id is None,
            )
            if report.mode in ("full", "night_audit"):
                Runs(self._store).forget_old(self._now, self._connection.name)
                self._readings.forget_old(self._now)
                Stays(self._store).forget_old(self._now)
