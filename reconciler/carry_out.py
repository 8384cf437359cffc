"""The second half of a run: each property's plan is carried out, and its door codes go back to the PMS; then what the
next run and the pages have to know is noted.
"""

from collections.abc import Collection
from contextlib import nullcontext, suppress

from connectors.records import Property
from mappers.outcomes import Action, Kind
from mappers.sentences import messages, say, say_number, sentence_of
from reconciler.accounts import check_accounts
from reconciler.changes import Plan
from reconciler.chosen_pins import learn_unknown, made_anew, may_be_compared
from reconciler.door_codes import DoorCodeSync
from reconciler.executor import Executor
from reconciler.lines import broken_accounts, missing_identity
from reconciler.precedence import LongRun
from reconciler.prepare import Prepared
from reconciler.remember import Memory
from reconciler.rooms import Rooms
from reconciler.run_context import RunContext
from reconciler.scopes import TheseBookings
from reconciler.taken_away import noted_in
from seam_workspace.errors import SeamError
from seam_workspace.existing import ExistingResources
from store.pin_marks import PinMarks
from store.queue import Task
from store.readings import RESERVATION, Reading, ReadingBook

BOOKING = "booking"
TAKES = frozenset({Action.REVOKE, Action.REPLACE})
"""What somebody may stand outside after, until the rest of the plan is done."""


SPACES = messages("{of}: {number} Space", "{of}: {number} Spaces")
CHANGES = messages("{of}: {number} change", "{of}: {number} changes")


class CarryOut:
    """Carries out the plans of one run."""

    def __init__(self, context: RunContext):
        self._context = context
        turn, now = context.turn, context.now
        self.readings = ReadingBook(context.store, context.name)
        self.reading = turn.reading(now) if turn is not None else Reading(0, now)
        precedence = context.precedence
        self._precedence = None if precedence is None else LongRun(precedence, self._newer_reservations)
        self.properties: dict[str, str] = {}
        """Whose each booking is that this run works on."""

    def make_spaces(self, of: Property, rooms: Rooms) -> None:
        """What the rooms of a property need, before anything else of it is planned."""
        number = len(rooms.plan.spaces)
        self._context.progress.phase(say_number(number, *SPACES, of=of.name), number)
        self._executor(of, rooms.existing).make_spaces(rooms.plan)

    def carry_out(self, prepared: Collection[Prepared], memory: Memory) -> None:
        """Everything else. A defect in one property ends with that one: of the others, everybody still has to get in
        and out."""
        context = self._context
        number = sum(len(one.plan.changes()) for one in prepared)
        if number:
            context.progress.phase(say_number(number, *CHANGES, of=context.name), number)
        self.properties = {access.booking_id: one.pulled.of.id for one in prepared for access in one.accesses}
        for one in prepared:
            context.of_property(
                one.pulled.of,
                lambda one=one: self._carry_out(one, memory),  # type: ignore[misc]
                say("not everything was done, the next run goes on"),
            )

    def _carry_out(self, one: Prepared, memory: Memory) -> None:
        context, of = self._context, one.pulled.of
        self._note_reading(one)
        executor = self._executor(of, one.existing)
        if self._precedence is not None and one.plan.grants:
            self._precedence.begin_plan(any(change.action in TAKES for change in one.plan.grants))
        executor.execute(one.plan)
        note_taken_away = noted_in(context.store, context.name, of.id, context.clock)
        for change, rooms in one.plan.dying:
            note_taken_away(change, change.existing_grants[0], rooms)
        self._compare_pins(one, executor)
        if one.missing_identities:
            rows = [missing_identity(key) for key in one.missing_identities]
            context.report.add(rows, gone=[(Kind.USER_IDENTITY, key) for key in one.missing_identities])
        codes_due = context.of_property(
            of, lambda: self._write_door_codes(one, executor), say("door codes were not handed over to the PMS")
        )
        # Of a whole property it takes a while, and nobody else could write meanwhile.
        are_few = (one.accesses or one.pulled.broken) and not one.pulled.full
        with context.store.together() if are_few else nullcontext():
            self._put_off_made_anew(one, executor)
            when_kept = memory.note(one, executor, codes_due or (), self._overtaken(one, executor))
        when_kept()
        if executor.left_undone:
            context.note_stop(executor.left_undone)
        elif context.is_audit:
            self._check_accounts(of)

    def _compare_pins(self, one: Prepared, executor: Executor) -> None:
        """Whoever was given the PIN of another guest gets another one, before anybody is told it."""
        context = self._context
        workspace, store, name = context.workspace, context.store, context.name
        while again := made_anew(workspace, store, name, executor.take_made(), context.clock()):
            executor.execute(Plan(grants=again))
        grants = [grant for several in one.existing.access_grants.values() for grant in several]
        with suppress(SeamError):
            learn_unknown(workspace, store, name, grants, context.clock(), may_be_compared(context.policy))

    def _put_off_made_anew(self, one: Prepared, executor: Executor) -> None:
        """Grants that have another guest's PIN, whoever has found that, are made anew by the next look."""
        mine = {access.booking_id for access in one.accesses}
        for each in PinMarks(self._context.store, self._context.name).to_be_made_anew() if mine else ():
            if each.booking_id in mine:
                executor.postponed[each.booking_id] = self._context.clock()

    def _executor(self, of: Property, existing: ExistingResources) -> Executor:
        return Executor(self._context, of.id, existing, self._precedence, self._is_overtaken)

    def _write_door_codes(self, one: Prepared, executor: Executor) -> Collection[Task]:
        """Tells the PMS the door codes of the bookings that were looked at; returns when to look at which again."""
        if executor.left_undone:
            return ()
        scope = self._context.options.scope
        skip = frozenset(executor.failed_bookings) | executor.undone_bookings | executor.overtaken_bookings
        # A lock may have got another PIN, and staff may have changed what the PMS holds: neither is news of a booking.
        everything = one.pulled.full or (isinstance(scope, TheseBookings) and bool(scope.ids))
        return DoorCodeSync(self._context, self._precedence).run(one, skip, everything)

    def _check_accounts(self, of: Property) -> None:
        """Whether the property's lock systems are still connected: without them nothing reaches a lock."""
        context = self._context
        try:
            accounts = check_accounts(context.name, context.keys, context.workspace, context.store, of.id, context.now)
        except SeamError as problem:
            context.fail(
                of.id, say("{name}: its lock accounts could not be checked", name=of.name), sentence_of(problem)
            )
            return
        context.report.add(broken_accounts(of, accounts))

    # --- what was read later than by this run -----------------------------------------------------------------------

    def _note_reading(self, one: Prepared) -> None:
        """Notes when a few bookings were read; a full run is itself the reading."""
        if one.pulled.full or self._context.turn is None or not (one.accesses or one.pulled.guests):
            return
        people = {self._context.keys.guest(guest_id) for guest_id in one.pulled.guests}
        with self._context.store.together():
            self.readings.note(BOOKING, {access.booking_id for access in one.accesses}, self.reading)
            self.readings.note(Kind.USER_IDENTITY, people, self.reading)

    def _newer_reservations(self, reservation_ids: Collection[str]) -> Collection[str]:
        return self.readings.newer(RESERVATION, reservation_ids, self.reading)

    def _is_overtaken(self, kind: Kind, key: str) -> bool:
        return self._precedence is not None and bool(self.readings.newer(kind, [key], self.reading))

    def _overtaken(self, one: Prepared, executor: Executor) -> set[str]:
        """Bookings that an urgent run, which read the PMS later, has dealt with since."""
        if self._precedence is None:
            return set(executor.overtaken_bookings)
        mine = {access.booking_id for access in one.accesses}
        return executor.overtaken_bookings | self.readings.newer(BOOKING, mine, self.reading)
