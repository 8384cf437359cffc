"""What a run reads of a property, by its scope: changes, everything, some bookings, rooms only, what is approved."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta

from connectors.records import Property
from reconciler.clocks import followed
from reconciler.known_bookings import KnownBookings
from reconciler.moved import without_what_was_moved
from reconciler.prepare import Preparation
from reconciler.pull import DENIED_ALONE, Pulled, pull_bookings, pull_changes, pull_everything, pull_rooms
from reconciler.run_context import RunContext
from reconciler.scopes import Approval, Changes, RoomsOnly, TheseBookings
from store.holds import Hold
from store.runs import Runs
from store.stays import Stays
from store.work import Work

BELIEVED_AFTER, BELIEVED_READINGS = timedelta(minutes=30), 3
"""A house's only booking, where no other can show whether the PMS is well, is gone when the PMS has denied it for so
long and in so many runs."""


class ScopeReader:
    """Reads the properties of one run. `listed`: all that the connection has. `approved`: the holds that somebody has
    approved, by the grant's key."""

    def __init__(
        self,
        context: RunContext,
        preparation: Preparation,
        listed: Sequence[Property],
        approved: Mapping[str, Hold],
    ):
        self._context = context
        self._reader, self._cut_off = preparation.reader, preparation.cut_off
        self._name = context.name
        self._store = context.store
        self._now = context.now
        self._known = KnownBookings(context.store, context.name, context.keys, listed, preparation.links, context.now)
        self._approved = approved

    def read(self, of: Property) -> Pulled:
        """Everything where there was no run before. Raises `PmsError`."""
        return without_what_was_moved(self._store, self._name, self._read(of))

    def _read(self, of: Property) -> Pulled:
        cursor, watched = None, set[str]()
        if self._context.options.scope == Changes():
            work = Work(self._store)
            with self._store.asking():
                cursor = work.cursor(self._name, of.id)
                watched = work.watched(self._name, of.id, self._now, self._cut_off)
        match self._context.options.scope:
            case Approval():
                wanted = {hold.booking_id for hold in self._approved.values() if hold.property_id == of.id}
                if not wanted:
                    return Pulled(of, full=False)
                return pull_bookings(self._reader, of, wanted, wanted, {}, self._known.witnesses(of))
            case RoomsOnly():
                return pull_rooms(self._reader, of)
            case TheseBookings(ids, are_news):
                return self._these(of, ids, are_news)
            case Changes() if cursor is not None:
                return self._changes(of, cursor, watched)
        if not self._context.options.dry_run and not self._context.is_audit:
            self._context.report.mode = "full"
        since = self._now - BELIEVED_AFTER
        denied_for_long = Runs(self._store).lasts_for(self._name, of.id, DENIED_ALONE, since, BELIEVED_READINGS)
        horizon = self._context.policy.horizon
        return pull_everything(self._reader, of, self._now, horizon, denied_for_long, self._known.witnesses(of))

    def _these(self, of: Property, ids: Collection[str], are_news: bool) -> Pulled:
        asked = [one for one in ids if self._reader.could_be_id("booking", one)]
        # Of what is news only that is missed which the property has had before.
        missed = self._known.had(of, asked, unclear=True) if are_news else asked
        known = self._known.with_access(of)
        pulled = pull_bookings(self._reader, of, asked, missed, known, self._known.witnesses(of))
        # With several properties each is asked, and the one that has a booking answers.
        pulled.gone &= self._known.had(of, pulled.gone, unclear=False)
        return self._known.doubted(pulled)

    def _changes(self, of: Property, cursor: datetime, watched: Collection[str]) -> Pulled:
        pulled = pull_changes(
            self._reader,
            of,
            cursor,
            self._now,
            also=watched,
            bookings_of_guests=lambda guest_ids: self._known.of_guests(of, guest_ids),
            bookings_in_rooms=lambda rooms: Stays(self._store).bookings_in_rooms(self._name, of.id, rooms, self._now),
            known=self._known.with_access(of),
            ahead=followed(self._context.pms_ahead()),
            dealt_with=self._context.connection.dealt_with,
            witnesses=self._known.witnesses(of),
        )
        return self._known.doubted(pulled)
