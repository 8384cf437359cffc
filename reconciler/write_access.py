"""Writes the access of one booking after another: what ends, the first half of moves, then all that is made or changed.

What is about to be done to a booking is noted before it starts, so a process killed at any moment leaves a note for the
next run; and with the note, sealed, the PIN of whoever is moved.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from mappers.keys import split_generation
from mappers.outcomes import Action, Outcome
from mappers.sentences import say
from reconciler.attempts import Attempts, Written
from reconciler.carried_pins import CarriedPins
from reconciler.changes import Change
from reconciler.chosen_pins import Made
from reconciler.make_grant import GrantMaker, Leaving
from reconciler.report import RunReport
from seam_workspace.errors import SeamNotFound, SeamRefused
from seam_workspace.existing import ExistingAccessGrant
from seam_workspace.workspace import Workspace
from store.engine import StoreFailed
from store.links import Link
from store.work import Work

LOOK_FOR_A_PIN = timedelta(minutes=1)


class AccessWriter:
    """The grants of one property. Each call is about the changes of one booking."""

    def __init__(
        self,
        workspace: Workspace,
        work: Work,
        report: RunReport,
        attempts: Attempts,
        maker: GrantMaker,
        pins: CarriedPins,
        property_id: str,
        clock: Callable[[], datetime],
    ):
        self._workspace = workspace
        self._work = work
        self._report = report
        self._attempts = attempts
        self._maker = maker
        self._pins = pins
        self._property_id = property_id
        self._clock = clock
        self.left: dict[str, Leaving] = {}
        """By key: moves whose first half is done, so that the guest stands outside until the second one."""
        self._more_to_come: set[str | None] = set()
        """Bookings with more to do than revocations: their note, with what is sealed in it, stays till then."""
        self._heirs: list[Change] = []
        """New grants of people whose PIN stands in a grant that goes in the same run."""
        self.postponed: dict[str, datetime] = {}
        """Bookings with a room that waits for the PIN of another one, and when to look again."""
        self.told: dict[str, tuple[Link, datetime]] = {}
        """By key, grants that were made or changed, and when that was begun: their locks have yet to hear of it."""
        self.made: list[Made] = []
        """Grants whose PINs have yet to be compared with those of others."""

    def begin(self, changes: Sequence[Change]) -> None:
        """Before the first of all these changes."""
        self.left.clear()
        if changes:
            self._pins.of_booking(None)
        self._more_to_come = {change.booking_id for change in changes if change.action is not Action.REVOKE}
        leaving = {grant.id for change in changes if change.action is Action.REVOKE for grant in change.existing_grants}
        self._heirs = [
            change
            for change in changes
            if change.action is Action.CREATE and any(grant.id in leaving for grant in change.pin_from)
        ]

    def revoke(self, group: Sequence[Change]) -> None:
        """Takes access away."""
        self._note_begun(group)
        for heir in self._heirs:
            if heir.booking_id == group[0].booking_id:
                self._pins.keep_for(heir)
        for change in group:
            self._attempts.attempt(change, lambda change=change: self._delete(change))  # type: ignore[misc]
        if group[0].booking_id in self._more_to_come:
            return
        self._note_finished(group, rests=any(change.keeps_pin_of is not None for change in group))

    def _delete(self, change: Change) -> Written:
        self._pins.keep_of_leaving(change)
        for grant in change.existing_grants:
            self._maker.delete(change, grant)
        return Written()

    def leave(self, group: Sequence[Change]) -> None:
        """The first half of a move, done early: somebody else is about to get the room that this guest leaves."""
        self._note_begun(group)
        for change in group:
            self._leave(change, self.left)

    def _leave(self, change: Change, left: dict[str, Leaving]) -> None:
        """Where this fails the second half tries it again, and reports."""
        try:
            if self._attempts.stopped is None and self._maker.may_leave(change):
                left[change.key] = self._maker.leave(change)
        except StoreFailed:
            raise
        except Exception as problem:
            self._attempts.note_failure(problem)

    def has_left(self, group: Sequence[Change]) -> bool:
        """Whether somebody stands outside until the second half of a move of this booking is done."""
        return any(change.key in self.left for change in group)

    def write(self, group: Sequence[Change]) -> None:
        """Everything but revocations for one booking. All that must go goes first: a reservation's doors can only
        change when no grant of it is left."""
        self._note_begun(group)
        left = dict(self.left)
        for change in group:
            if change.action is Action.REPLACE and change.key not in left:
                self._leave(change, left)
        made: dict[str, ExistingAccessGrant] = {}
        """By identity key: whoever has several rooms in turn has one PIN for all of them."""
        reservation_key: str | None = None
        is_noted = False
        for place, change in enumerate(group):
            wanted = change.grant
            assert wanted is not None
            if reservation_key is not None and change.reservation_key is not None:
                change = replace(change, reservation_key=reservation_key)
            is_new = change.action is Action.CREATE or change.takes_over
            if is_new and (first := made.get(wanted.user_identity_key)) is not None:
                change = replace(change, pin_from=(*change.pin_from, first))
            if self._pins.had_better_wait(change, self._clock()):
                self._postpone(change)
                continue
            is_last = place == len(group) - 1
            grant = self._write(change, left.get(change.key), ends=is_last)
            is_noted = is_last and grant is not None
            if grant is not None:
                reservation_key = grant.reservation_key or reservation_key
                made[wanted.user_identity_key] = grant
        if not is_noted:
            self._note_finished(group)

    def _write(self, change: Change, left: Leaving | None, *, ends: bool) -> ExistingAccessGrant | None:
        """Makes or changes one grant, as an outcome; None where that failed. `ends`: see `Attempts.attempt`."""
        written: list[ExistingAccessGrant] = []

        def act() -> Written:
            begun = self._clock()
            grant, remark = self._update(change) if change.action is Action.UPDATE else self._make(change, left)
            written.append(grant)
            assert change.link is not None
            generation = split_generation(grant.key)[1] if grant.key and grant.key != change.key else 1
            link = replace(change.link, seam_id=grant.id, generation=generation, space_ids=grant.space_ids)
            self.told[link.key] = link, begun
            if all(grant.id != one.id for one in change.existing_grants):
                self.made.append((change, link, grant))
            return Written(link, remark)

        self._attempts.attempt(change, act, ends)
        return written[0] if written else None

    def _make(self, change: Change, left: Leaving | None) -> tuple[ExistingAccessGrant, str]:
        assert change.grant is not None
        return self._maker.make(change, change.grant, left)

    def _update(self, change: Change) -> tuple[ExistingAccessGrant, str]:
        current, wanted = change.existing_grants[0], change.grant
        assert wanted is not None
        try:
            if (current.starts_at, current.ends_at, current.name) != (wanted.starts_at, wanted.ends_at, wanted.name):
                if wanted.ends_at is not None and (current.ends_at is None or wanted.ends_at < current.ends_at):
                    self._maker.note_shorter(change, current)
                self._workspace.update_access_grant(current.id, wanted)
            if change.add_methods:
                self._workspace.add_access_methods(current.id, change.add_methods, wanted.instant_key_max_use_count)
        except SeamNotFound:
            if wanted.no_new is not None:
                raise
            return self._maker.make(change, wanted, self._maker.left_by_itself(change))
        except SeamRefused:
            if wanted.no_new is not None or current.ends_at is None or current.ends_at > self._clock():
                raise
            # Its time is over, so it opens nothing: there is nothing to lose by making it anew.
            return self._maker.make(change, wanted)
        return current, ""

    def _postpone(self, change: Change) -> None:
        if change.booking_id is not None:
            self.postponed[change.booking_id] = self._clock() + LOOK_FOR_A_PIN
        reason = say(
            "{why}; waits until the PIN of the guest's other room is known, so that it is the same", why=change.reason
        )
        self._report.add([change.row(Outcome.WAITING, reason)])

    def _note_begun(self, group: Sequence[Change]) -> None:
        booking_id = group[0].booking_id
        if booking_id is not None and self._attempts.stopped is None:
            doing = ", ".join(f"{one.action} {one.key}" for one in group)
            self._work.begin_step(
                self._report.run_id, self._report.connection, self._property_id, booking_id, doing, self._clock()
            )

    def _note_finished(self, group: Sequence[Change], rests: bool = False) -> None:
        """`rests`: what is sealed in the note stays."""
        booking_id = group[0].booking_id
        if booking_id is not None and booking_id not in self._attempts.failed_bookings:
            finish = self._work.rest_steps if rests else self._work.end_steps
            finish(self._report.connection, [booking_id])
