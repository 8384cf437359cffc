"""Carries a plan out in Seam: concurrent across bookings, ordered within one, every outcome committed at once.

rooms     reconciler.write_rooms     Spaces, first of all (`make_spaces`); those of rooms that are gone, last
people    reconciler.write_people    identities: whoever gives up an e-mail or phone before whoever may wait for it
access    reconciler.write_access    revocations; the first half of moves into rooms that somebody else leaves; the rest
grant     reconciler.make_grant      one grant, under a key that is free, with its PIN

One failure stops nobody but the person whom it concerns (`reconciler.attempts`).
"""

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import replace
from datetime import datetime

from mappers.outcomes import Action, Kind, Outcome
from mappers.sentences import say
from reconciler.attempts import Attempts
from reconciler.carried_pins import CarriedPins
from reconciler.changes import Change, Plan
from reconciler.chosen_pins import Made
from reconciler.make_grant import GrantMaker
from reconciler.order import by_booking, into_each_others_rooms
from reconciler.precedence import LongRun
from reconciler.reservations import Reservations
from reconciler.run_context import RunContext
from reconciler.taken_away import noted_in
from reconciler.write_access import AccessWriter
from reconciler.write_people import PeopleWriter, gives_up_a_contact
from reconciler.write_rooms import RoomWriter
from seam_workspace.existing import ExistingResources
from store.links import Link
from store.work import Work

ADOPTED = say("Seam had it already, as it should be")


class Executor:
    """Carries out the plan of one property within one run."""

    def __init__(
        self,
        context: RunContext,
        property_id: str,
        existing: ExistingResources,
        precedence: LongRun | None = None,
        is_overtaken: Callable[[Kind, str], bool] = lambda kind, key: False,
    ):
        """`precedence` lets urgent news of single bookings overtake this run. `is_overtaken`: whether something newer
        of a booking or a person was read than by this run."""
        workspace, report, work = context.workspace, context.report, Work(context.store)
        self._context = context
        self._is_overtaken = is_overtaken
        self._precedence = precedence
        self._lock = threading.Lock()
        self._attempts = Attempts(report)
        self._rooms = RoomWriter(workspace, existing)
        self._people = PeopleWriter(workspace, self._attempts, existing)
        pins = CarriedPins(workspace, work, report.connection, self._attempts)
        maker = GrantMaker(
            workspace,
            self._rooms,
            self._people,
            pins,
            Reservations(workspace, existing.reservation_space_ids),
            context.policy.replace_wait,
            context.monotonic,
            context.sleep,
            noted_in(context.store, report.connection, property_id, context.clock),
        )
        self._access = AccessWriter(workspace, work, report, self._attempts, maker, pins, property_id, context.clock)
        self.overtaken_bookings: set[str] = set()
        """Bookings that an urgent run, which read the PMS later, has taken out of this one's hands."""
        self.undone_bookings: set[str] = set()
        self.left_undone = 0
        """How many changes were not begun, because `stop` said so."""

    @property
    def failed_bookings(self) -> dict[str, str]:
        """What went wrong, by booking id."""
        return dict(self._attempts.failed_bookings)

    @property
    def waiting_for_seam(self) -> set[str]:
        """Those of the failed bookings with which nothing is wrong: Seam was away, or refused everybody."""
        return self._attempts.waiting_for_seam

    @property
    def postponed(self) -> dict[str, datetime]:
        """Bookings with a room that waits for the PIN of another one, and when to look again."""
        return self._access.postponed

    @property
    def told(self) -> list[tuple[Link, datetime]]:
        """Grants that were made or changed, and when that was begun: their locks have yet to hear of it."""
        return list(self._access.told.values())

    def take_made(self) -> list[Made]:
        """Grants that were made since this was last asked: their PINs have yet to be compared with those of others."""
        made, self._access.made = self._access.made, []
        return made

    def make_spaces(self, plan: Plan) -> None:
        """The first part of a plan: whatever else comes needs the Spaces."""
        self._all([[change] for change in plan.spaces if change.action is not Action.REVOKE], self._space)

    def execute(self, plan: Plan) -> None:
        """Carries out every other change; what fails is an outcome with its error."""
        if plan.links:
            # In step already: nothing is written to Seam, and all of it is noted at once.
            adopted = [replace(row, outcome=Outcome.DONE, reason=ADOPTED) for row in plan.adopted]
            self._context.report.add(adopted, made=plan.links)
        for first in (True, False):
            self._all([[one] for one in plan.identities if gives_up_a_contact(one) is first], self._identity)
        bookings = by_booking(plan.grants)
        self._access.begin(plan.grants)
        going = [[change for change in changes if change.action is Action.REVOKE] for changes in bookings]
        self._all([changes for changes in going if changes], self._access.revoke)
        self._all(into_each_others_rooms(bookings), self._access.leave)
        staying = [[change for change in changes if change.action is not Action.REVOKE] for changes in bookings]
        self._all([changes for changes in staying if changes], self._access.write)
        self._all([[change] for change in plan.spaces if change.action is Action.REVOKE], self._space)

    def _space(self, group: Sequence[Change]) -> None:
        (change,) = group
        self._attempts.attempt(change, lambda: self._rooms.write(change))

    def _identity(self, group: Sequence[Change]) -> None:
        (change,) = group
        self._attempts.attempt(change, lambda: self._people.write(change))

    # --- whose turn it is -----------------------------------------------------------------------------------------

    def _all(self, groups: Sequence[Sequence[Change]], work: Callable[[Sequence[Change]], None]) -> None:
        if not groups:
            return None
        if len(groups) == 1:
            return self._group(groups[0], work)  # What stands alone needs no thread of its own.
        with ThreadPoolExecutor(self._context.workers, thread_name_prefix="executor") as pool:
            try:
                for finished in [pool.submit(copy_context().run, self._group, group, work) for group in groups]:
                    finished.result()
            except BaseException:
                # Stopped by somebody, or a defect: what is under way is finished, nothing new is begun.
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def _group(self, group: Sequence[Change], work: Callable[[Sequence[Change]], None]) -> None:
        is_first_half = work == self._access.leave
        # A move whose first half is done has a guest standing outside: it is finished.
        if self._context.stop() and not self._access.has_left(group):
            if not is_first_half:
                with self._lock:
                    self.left_undone += len(group)
                    self.undone_bookings.update(one.booking_id for one in group if one.booking_id is not None)
            return
        with self._context.workspace.guarded(self._context.may_write):
            self._work(group, work, is_first_half)
        if not is_first_half:
            self._context.progress.advance(len(group))

    def _work(self, group: Sequence[Change], work: Callable[[Sequence[Change]], None], is_first_half: bool) -> None:
        booking_id = group[0].booking_id
        if booking_id is None:
            # A person has no booking to be overtaken by: what was read of her later has the last word.
            if group[0].kind is not Kind.USER_IDENTITY or not self._is_overtaken(group[0].kind, group[0].key):
                work(group)
        elif self._precedence is None:
            work(group)
        elif self._precedence.begin([booking_id]):
            try:
                work(group)
            finally:
                # Between the two halves of a move the guest stands outside: nobody may come in between.
                in_between = self._access.has_left(group)
                if not (is_first_half and in_between):
                    self._precedence.end([booking_id])
                if not is_first_half and in_between:
                    self._precedence.end([booking_id])
        else:
            with self._lock:
                self.overtaken_bookings.add(booking_id)
