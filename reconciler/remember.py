"""What is remembered of a property when its plan has been carried out, for the next run and for the pages.

It is what is held, which bookings are looked at again and when, how every stay stands, and how far the PMS's changes
are read.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from mappers.outcomes import Action, Kind, Outcome
from mappers.sentences import say
from reconciler.clocks import followed
from reconciler.executor import Executor
from reconciler.holding import SafetyLimit
from reconciler.judge import ISSUING
from reconciler.prepare import Prepared
from reconciler.run_context import RunContext
from reconciler.scopes import TheseBookings
from reconciler.stays import gone_from, stays_of
from store.back_off import BackOff
from store.costs import Costs
from store.health import GrantHealth, Health
from store.holds import Hold, Holds
from store.links import Links
from store.queue import BOOKINGS, Queue, Task, TaskKind
from store.runs import OutcomeRow, Runs
from store.stays import Stays
from store.surnames import Surnames
from store.work import Work


@dataclass(frozen=True, slots=True)
class Again:
    """Which bookings are looked at again."""

    tasks: list[Task]
    dealt_with: set[str]
    """Bookings of which what waited before is replaced by these tasks."""
    left: set[str]
    """Bookings that this run did not come to, or that an urgent run has dealt with since."""


class Memory:
    """Notes what one run leaves behind. `approved`: the holds that somebody has approved, by the grant's key."""

    def __init__(
        self,
        context: RunContext,
        limit: SafetyLimit,
        approved: Mapping[str, Hold],
        retries: BackOff,
    ):
        self._context = context
        self._name = context.name
        self._store = context.store
        self._report = context.report
        self._now = context.now
        self._clock = context.clock
        self._limit = limit
        self._approved = approved
        self._retries = retries
        self._surnames = Surnames(self._store)
        self.read_until: dict[str, datetime] = {}
        """By property: how far its changes are read, where there were none; noted with the end of the run."""

    def note(
        self,
        one: Prepared,
        executor: Executor,
        codes_due: Collection[Task],
        overtaken: Collection[str],
    ) -> Callable[[], None]:
        """`codes_due`: when to look again at which booking's door code. `overtaken`: bookings that an urgent run has
        dealt with since, which is not overwritten by what this one read before. Returns what is to be called when all
        of this is kept."""
        again = self._again(one, executor, codes_due, overtaken)
        self._note(one, executor, again)
        if self._context.connection.dealt_with.is_kept:
            self._note_dealt_with(one, again)
            return lambda: None
        # Not before, or what was lost of it would be no news to the next run.
        return lambda: self._note_dealt_with(one, again)

    def _note(self, one: Prepared, executor: Executor, again: Again) -> None:
        revoked = self._report.revoked()
        self._note_holds(one, again, revoked)
        self._note_work(one, executor, again)
        self._note_cursor(one, executor, again)
        self._note_stays(one, executor, again, revoked)
        if one.pulled.full and "code" in self._context.policy.access_methods:
            Costs(self._store).note_code_days(self._name, one.pulled.of.id, self._now)
        if self._approved:
            self._settle_approved(one, revoked, again.left)

    def _again(
        self, one: Prepared, executor: Executor, codes_due: Collection[Task], overtaken: Collection[str]
    ) -> Again:
        failed, undone = executor.failed_bookings, executor.undone_bookings
        when = dict(one.plan.look_again)
        when.update((change.booking_id, self._now) for change in one.plan.held if change.booking_id is not None)
        when.update((booking_id, self._now) for booking_id in undone)
        when.update((booking_id, self._now) for booking_id in self._to_be_read_again(one))
        failures = Work(self._store).failures(self._name, failed)
        counts = {booking_id: failures.get(booking_id, 0) + 1 for booking_id in failed}
        # With these nothing is wrong: they are tried at once, until Seam takes them.
        away = executor.waiting_for_seam
        counts.update((booking_id, max(1, failures.get(booking_id, 0))) for booking_id in away)
        # Not before its time, for a lock that is offline gets no better by asking; but a full run looks at everything.
        when.update(
            (booking_id, self._now if booking_id in away else self._now + self._retries.after(counts[booking_id]))
            for booking_id in failed
        )
        when.update(executor.postponed)
        for booking_id in ("?", *overtaken):
            when.pop(booking_id, None)
        left = {*undone, *overtaken}
        dealt_with = {access.booking_id for access in one.accesses if access.booking_id not in left} | when.keys()
        tasks = [
            Task(
                self._name,
                TaskKind.RETRY_BOOKING if counts.get(booking_id) else TaskKind.WATCH_STAY,
                booking_id,
                at,
                one.pulled.of.id,
                counts.get(booking_id, 0),
            )
            for booking_id, at in when.items()
        ]
        return Again([*tasks, *(task for task in codes_due if task.subject not in overtaken)], dealt_with, left)

    def _to_be_read_again(self, one: Prepared) -> set[str]:
        """Bookings whose record could not be read. An id that a person has asked for may be a slip of the pen: where
        nobody has ever read such a booking, there is nothing to wait for."""
        broken = {each.id for each in one.pulled.broken if each.kind == "booking"}
        scope = self._context.options.scope
        if not broken or not isinstance(scope, TheseBookings) or scope.are_news:
            return broken
        known = {link.booking_id for link in Links(self._store).of_bookings(self._name, broken)}
        known |= {stay.booking_id for stay in Stays(self._store).by_id(self._name, sorted(broken))}
        return broken & known

    def _note_holds(self, one: Prepared, again: Again, revoked: Collection[str]) -> None:
        of, in_doubt = one.pulled.of, one.pulled.may_be_gone
        Holds(self._store).add(
            self._report.run_id,
            self._name,
            [
                Hold(change.key, of.id, change.booking_id, change.reason, change.booking_id in in_doubt)
                for change in one.plan.held
                if change.booking_id is not None
            ],
            self._now,
            self._limit.by_absence(one),
        )
        Holds(self._store).settle(self._name, revoked, self._now)
        # What a later look finds in order, or ended by itself, waits for nobody any more.
        held = {change.booking_id for change in one.plan.held}
        looked_at = again.dealt_with - {task.subject for task in again.tasks} - held
        Holds(self._store).settle_bookings(self._name, looked_at, self._now)

    def _note_dealt_with(self, one: Prepared, again: Again) -> None:
        """What needs nothing more before the PMS changes it, or before its time comes: a failure has its own time."""
        at_once = {task.subject for task in again.tasks if task.not_before <= self._now}
        held = {change.booking_id for change in one.plan.held}
        in_step = again.dealt_with - at_once - held - again.left
        self._context.connection.dealt_with.note(one.pulled, in_step, self._now, self._store)

    def _note_work(self, one: Prepared, executor: Executor, again: Again) -> None:
        Runs(self._store).settle_lasting(self._name, self._report.run_id, again.dealt_with)
        Queue(self._store).replace(self._name, BOOKINGS, again.dealt_with, again.tasks, self._now)
        work, failed = Work(self._store), executor.failed_bookings.keys()
        noted = work.noted(self._name) if one.accesses or again.dealt_with or one.pulled.gone else set()
        waiting = {each.booking_id for each in one.accesses if each.withheld is not None and each.withheld.waits}
        resting = failed | waiting | (one.pulled.gone if one.pulled.may_be_elsewhere else set())
        work.end_steps(self._name, (again.dealt_with - again.left - resting) & noted)
        work.rest_steps(self._name, (resting - waiting) & noted)
        work.rest_steps(self._name, waiting & noted, self._clock())

    def _note_cursor(self, one: Prepared, executor: Executor, again: Again) -> None:
        """How far the PMS's changes are read."""
        of = one.pulled.of
        if one.pulled.doubt is not None:
            # Its lists of changes may have been empty for a while as well.
            Work(self._store).forget_cursor(self._name, of.id)
        elif self._context.options.scope.moves_cursor and not executor.left_undone:
            # Changes are stamped by the PMS's clock. Of one that is ahead, more is read again than need be.
            behind = min(followed(self._context.pms_ahead()), timedelta(0))
            if one.pulled.full or again.dealt_with or again.tasks:
                Work(self._store).advance_cursor(self._name, of.id, self._now + behind)
            else:
                self.read_until[of.id] = self._now + behind
        if one.pulled.full:
            Work(self._store).note_lists(self._name, of.id, one.pulled.left_out > 0)

    def _note_stays(self, one: Prepared, executor: Executor, again: Again, revoked: Collection[str]) -> None:
        """How every stay stands, for the pages."""
        stays, failed, left = Stays(self._store), executor.failed_bookings, again.left
        found = stays_of(self._context, one, failed, left, revoked, self._surnames.hashes)
        stays.note(self._name, self._clock(), found)
        reasons = {change.booking_id: change.reason for change in one.plan.held if change.booking_id}
        in_doubt = {booking_id: reasons.pop(booking_id) for booking_id in reasons.keys() & one.pulled.may_be_gone}
        stays.note_kept(self._name, in_doubt, self._clock())
        stays.note_live(self._name, reasons, self._clock())
        stays.note_gone(self._name, gone_from(one, self._now, left | failed.keys(), revoked), self._clock())
        GrantHealth(self._store).note(
            Health(
                self._name,
                link.key,
                link.booking_id or "",
                link.seam_id,
                ISSUING,
                say("the lock is being told"),
                None,
                begun,
                cause="not_issued",
            )
            for link, begun in executor.told
        )
        sent = {link.booking_id for link, _ in executor.told if link.booking_id is not None} | failed.keys()
        GrantHealth(self._store).on_its_way(self._name, {each: self._heard(each) for each in sent})

    def _heard(self, booking_id: str) -> datetime:
        """Since when a change of this booking may be known: its webhook; else the beginning of this run."""
        scope = self._context.options.scope
        heard = scope.heard.get(booking_id) if isinstance(scope, TheseBookings) else None
        return min(heard or self._now, self._now)

    def _settle_approved(self, one: Prepared, revoked: Collection[str], left: Collection[str]) -> None:
        """What was approved waits no more, unless it failed or was not begun; who keeps access after all is told."""
        failed = {item.key for item in self._report.items if item.outcome == Outcome.FAILED}
        settled = {
            key
            for key, hold in self._approved.items()
            if hold.property_id == one.pulled.of.id and hold.booking_id not in left and key not in failed
        }
        reason = say("not revoked: by now the PMS says that the guest should have access, or access is gone already")
        spared = [
            OutcomeRow(
                Kind.ACCESS_GRANT, key, Action.KEEP, Outcome.DONE, reason, booking_id=self._approved[key].booking_id
            )
            for key in sorted(settled - set(revoked))
        ]
        self._report.add(spared)
        Holds(self._store).settle(self._name, settled, self._now)
