"""Applies the safety limit to a run's plans: what is too much is held, and what is let through is noted beforehand."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from connectors.records import BookingStatus
from mappers.keys import split_generation
from mappers.outcomes import Action, Kind, Outcome
from mappers.policy import MaxRevocations
from mappers.sentences import say
from reconciler.changes import Change
from reconciler.lookup import LinksByKey
from reconciler.prepare import Prepared, RunConnection
from reconciler.safety import DAY, Loss, loss_of, too_many
from store.engine import Database
from store.holds import Hold, Holds
from store.revocations import Revocation, RevocationBook
from store.runs import OutcomeRow
from store.stays import Stays

KEPT = say("somebody has decided that this access stays")
IN_DOUBT = say(
    "the PMS does not find this booking, but its answers are not to be relied upon at the moment: access stays as it is"
)


class SafetyLimit:
    """Holds what one run would take away too much of. `approved`: revocations that somebody has approved."""

    def __init__(
        self,
        connection: RunConnection,
        store: Database,
        limit: MaxRevocations,
        now: datetime,
        approved: Mapping[str, Hold],
    ):
        self._connection = connection
        self._store = store
        self._limit = limit
        self._now = now
        self._approved = approved
        self._book = RevocationBook(store, connection.name)
        self._noted: set[str] = set()
        self._kept: set[str] | None = None

    def apply(self, prepared: Sequence[Prepared], links: LinksByKey, *, dry_run: bool) -> dict[str, str]:
        """Moves what has to wait from the plans' grants to what they hold; returns the reasons by key."""
        doubted = {key for one in prepared for key in self._hold_in_doubt(one)}
        kept = {key for one in prepared for key in self._hold_kept(one)}
        held = self._apply(prepared, links, dry_run=dry_run) | dict.fromkeys(kept, KEPT)
        return held | dict.fromkeys(doubted, say("held until the PMS has it again, or somebody approves"))

    def _hold_in_doubt(self, one: Prepared) -> list[str]:
        """What a PMS denies that is not believed waits for a person; returns the keys."""
        may_be_gone = one.pulled.may_be_gone
        going = [
            change
            for change in one.plan.grants
            if change.action is Action.REVOKE and change.booking_id in may_be_gone and change.key not in self._approved
        ]
        if going:
            gone = {id(change) for change in going}
            one.plan.grants = [change for change in one.plan.grants if id(change) not in gone]
            # What has ended opens nothing.
            one.plan.held = [change for change in going if change.counts_as_revocation]
        return [change.key for change in one.plan.held]

    def _hold_kept(self, one: Prepared) -> list[str]:
        """What somebody has decided to leave stays held, until it ends by itself or somebody takes it away; returns the
        keys."""
        losses = [
            change for change in one.plan.grants if change.action is Action.REVOKE and change.counts_as_revocation
        ]
        if not losses:
            return []
        if self._kept is None:
            self._kept = Holds(self._store).kept(self._connection.name) - self._approved.keys()
        staying = [change for change in losses if change.key in self._kept]
        gone = {id(change) for change in staying}
        one.plan.grants = [change for change in one.plan.grants if id(change) not in gone]
        one.plan.held = [*one.plan.held, *staying]
        return [change.key for change in staying]

    def _apply(self, prepared: Sequence[Prepared], links: LinksByKey, *, dry_run: bool) -> dict[str, str]:
        losses = {one.key: one for each in prepared for one in self._losses(each)}
        believe_nothing = any(one.pulled.left_out or one.pulled.doubtful for one in prepared)
        if believe_nothing:
            for one in prepared:
                self._leave(one, {key for key, loss in losses.items() if loss.by_absence and not _says_so(one, key)})
            losses = {one.key: one for each in prepared for one in self._losses(each)}
        planned = [one for key, one in losses.items() if key not in self._approved]
        if not dry_run and self._approved:
            self._book.seen_by_a_person({hold.property_id for hold in self._approved.values()})
        if not planned:
            return {}
        with self._book.alone():
            looked_at = {access.booking_id for one in prepared for access in one.accesses}
            before = self._before({one.key for one in planned}, looked_at)
            held: dict[str, str] = {}
            for one in prepared:
                of = one.pulled.of
                mine = [loss for loss in planned if loss.property_id == of.id]
                past = [loss for loss in before if loss.property_id == of.id]
                live = self._live(links, [one], past, of.id)
                held |= too_many(mine, past, live, self._limit, self._now, of.name)
            if len({one.property_id for one in (*planned, *before)}) > 1:
                rest = [one for one in planned if one.key not in held]
                live = self._live(links, prepared, before, None)
                whose = say("connection {name}", name=self._connection.name)
                held |= too_many(rest, before, live, self._limit, self._now, whose)
            if not dry_run:
                going = [one for one in planned if one.key not in held]
                self._book.note([_noted(one) for one in going], self._now)
                self._noted = {one.key for one in going}
        for one in prepared:
            over = [change for change in one.plan.grants if change.key in held and change.action is Action.REVOKE]
            one.plan.held.extend(over)
            waiting = {id(change) for change in over}
            one.plan.grants = [change for change in one.plan.grants if id(change) not in waiting]
        return held

    def by_absence(self, one: Prepared) -> set[str]:
        """Keys of the held grants whose bookings the PMS does not have."""
        return {loss.key for loss in self._losses(one, one.plan.held) if loss.by_absence}

    def settle(self, done: Collection[str]) -> None:
        """What was noted and did not happen is taken off. `done`: keys of the grants that were revoked."""
        undone = self._noted - set(done)
        if undone:
            self._book.take_off(undone)
        self._noted = set()

    def _losses(self, one: Prepared, changes: Collection[Change] | None = None) -> list[Loss]:
        found = []
        looked_at = one.plan.grants if changes is None else changes
        going = [change for change in looked_at if change.action is Action.REVOKE]
        ended = [change for change in going if not change.counts_as_revocation and change.booking_id is not None]
        in_house = self._in_house([change.booking_id or "" for change in ended])
        reservation_of = self._connection.connector.reservation_of
        # A reservation that was read says by itself which rooms it has.
        there = {reservation_of(booking_id) for booking_id in one.pulled.known_ids()}
        for change in going:
            booking_id = change.booking_id or ""
            loss = loss_of(
                change,
                one.pulled.of,
                one.pulled.bookings.get(booking_id),
                booking_id in in_house,
                reservation_of(booking_id),
                booking_id in one.pulled.gone | one.pulled.may_be_gone and reservation_of(booking_id) not in there,
                self._now,
            )
            if loss is not None:
                found.append(loss)
        return found

    def _in_house(self, booking_ids: Collection[str]) -> set[str]:
        """Those whom the PMS had in the house when it was last read."""
        if not booking_ids:
            return set()
        return Stays(self._store).bookings_with_status(self._connection.name, booking_ids, BookingStatus.IN_HOUSE)

    def _before(self, planned: Collection[str], looked_at: Collection[str]) -> list[Loss]:
        """What was revoked in the last day, and what is held; not of the bookings that were just `looked_at`: what
        waits of them is planned anew, or waits no more."""
        reservation_of = self._connection.connector.reservation_of
        done = [
            Loss(one.property_id, one.key, one.reservation, one.by_absence, one.starts_at, one.at)
            for one in self._book.since(self._now - DAY)
            if one.key not in planned
        ]
        waiting = [
            Loss(one.property_id, one.key, reservation_of(one.booking_id), one.by_absence, self._now, self._now)
            for one in self._book.waiting()
            if one.key not in planned and one.booking_id not in looked_at
        ]
        return [*done, *waiting]

    def _live(
        self, links: LinksByKey, prepared: Sequence[Prepared], before: Sequence[Loss], property_id: str | None
    ) -> int:
        """How many grants live: by the links, by what Seam showed of them, and those that did within the last day."""
        live = {
            key
            for (kind, key), link in links.items()
            if kind == Kind.ACCESS_GRANT
            and property_id in (None, link.property_id)
            and (link.ends_at is None or link.ends_at > self._now)
        }
        for one in prepared:
            for grants in one.existing.access_grants.values():
                live.update(
                    split_generation(grant.key or "")[0]
                    for grant in grants
                    if grant.ends_at is None or grant.ends_at > self._now
                )
        return len(live | {split_generation(one.key)[0] for one in before})

    def _leave(self, one: Prepared, keys: Collection[str]) -> None:
        left = [change for change in one.plan.grants if change.action is Action.REVOKE and change.key in keys]
        if not left:
            return
        gone = {id(change) for change in left}
        one.plan.grants = [change for change in one.plan.grants if id(change) not in gone]
        for change in left:
            one.plan.notes.append(
                OutcomeRow(
                    Kind.ACCESS_GRANT,
                    change.key,
                    Action.WAIT,
                    Outcome.ALERT,
                    IN_DOUBT,
                    label=change.label,
                    booking_id=change.booking_id,
                )
            )
            if change.booking_id is not None:
                one.plan.look_again[change.booking_id] = self._now


def _says_so(one: Prepared, key: str) -> bool:
    """Whether the source itself has said that the booking is over: a file or feed decides by what it saw for a time."""
    return any(
        change.key == key and change.booking_id in one.pulled.bookings
        for change in one.plan.grants
        if change.action is Action.REVOKE
    )


def _noted(loss: Loss) -> Revocation:
    return Revocation(loss.key, loss.property_id, loss.reservation, loss.by_absence, loss.starts_at, loss.at)
