"""What a run reads of a property, by its scope: changes, everything, some bookings, rooms only, what is approved."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from connectors.ports import Reader
from connectors.records import Property
from mappers.outcomes import Kind
from reconciler.clocks import followed
from reconciler.lookup import LinksByKey
from reconciler.moved import elsewhere, in_several_properties, without_what_was_moved
from reconciler.pull import (
    DENIED_ALONE,
    WITNESSES_ELSEWHERE,
    Pulled,
    pull_bookings,
    pull_changes,
    pull_everything,
    pull_rooms,
)
from reconciler.run_context import RunContext
from reconciler.scopes import Approval, Changes, RoomsOnly, TheseBookings
from store.holds import Hold
from store.links import Links
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
        reader: Reader,
        listed: Sequence[Property],
        links: LinksByKey,
        approved: Mapping[str, Hold],
    ):
        self._context = context
        self._reader = reader
        self._name = context.name
        self._store = context.store
        self._now = context.now
        self._listed = listed
        self._links = links
        self._approved = approved

    def read(self, of: Property) -> Pulled:
        """Everything where there was no run before. Raises `PmsError`."""
        return without_what_was_moved(self._store, self._name, self._read(of))

    def _read(self, of: Property) -> Pulled:
        cursor = Work(self._store).cursor(self._name, of.id)
        match self._context.options.scope:
            case Approval():
                wanted = {hold.booking_id for hold in self._approved.values() if hold.property_id == of.id}
                if not wanted:
                    return Pulled(of, full=False)
                return pull_bookings(self._reader, of, wanted, wanted, witnesses=self._witnesses(of))
            case RoomsOnly():
                return pull_rooms(self._reader, of)
            case TheseBookings(ids, are_news):
                return self._these(of, ids, are_news)
            case Changes() if cursor is not None:
                return self._changes(of, cursor)
        if not self._context.options.dry_run and not self._context.is_audit:
            self._context.report.mode = "full"
        since = self._now - BELIEVED_AFTER
        denied_for_long = Runs(self._store).lasts_for(self._name, of.id, DENIED_ALONE, since, BELIEVED_READINGS)
        horizon = self._context.policy.horizon
        return pull_everything(self._reader, of, self._now, horizon, denied_for_long, self._witnesses(of))

    def _these(self, of: Property, ids: Collection[str], are_news: bool) -> Pulled:
        asked = [one for one in ids if self._reader.could_be_id("booking", one)]
        missed = self._known(of, asked) if are_news else asked
        pulled = pull_bookings(self._reader, of, asked, missed, self._with_access(of), self._witnesses(of))
        # With several properties each is asked, and the one that has a booking answers.
        pulled.gone &= self._of_this_property(of, pulled.gone)
        return pulled

    def _changes(self, of: Property, cursor: datetime) -> Pulled:
        return pull_changes(
            self._reader,
            of,
            cursor,
            self._now,
            also=Work(self._store).watched(self._name, of.id, self._now),
            bookings_of_guests=lambda guest_ids: self._bookings_of_guests(of, guest_ids),
            bookings_in_rooms=lambda rooms: Stays(self._store).bookings_in_rooms(self._name, of.id, rooms, self._now),
            known=self._with_access(of),
            ahead=followed(self._context.pms_ahead()),
            dealt_with=self._context.connection.dealt_with,
            witnesses=self._witnesses(of),
        )

    def _known(self, of: Property, asked: Collection[str]) -> set[str]:
        """Those of these bookings that the property has had before: only they are missed when they are not found."""
        links = Links(self._store).of_bookings(self._name, asked)
        return {link.booking_id for link in links if link.booking_id and link.property_id in (None, of.id)}

    def _of_this_property(self, of: Property, booking_ids: Collection[str]) -> set[str]:
        links = Links(self._store).of_bookings(self._name, booking_ids)
        return {link.booking_id for link in links if link.booking_id and link.property_id == of.id}

    def _with_access(self, of: Property) -> dict[str, datetime | None]:
        """The property's bookings that have access, as far as we remember, with an instant that their stays have yet to
        pass; None where they are over."""
        found: dict[str, datetime | None] = {}
        for (kind, _), link in self._links.items():
            if kind == Kind.ACCESS_GRANT and link.booking_id is not None and link.property_id == of.id:
                is_over = link.ends_at is not None and link.ends_at <= self._now
                at = None if is_over else max(link.starts_at or self._now, self._now)
                found[link.booking_id] = found.get(link.booking_id) or at
        for booking_id in elsewhere(self._store, self._name, of, found.keys() & in_several_properties(self._links)):
            del found[booking_id]
        return found

    def _witnesses(self, of: Property) -> list[tuple[Property, str]]:
        """A few bookings with access that other properties have, each of another one as far as there are as many."""
        found: dict[str, str] = {}
        for (kind, _), link in self._links.items():
            is_over = link.ends_at is not None and link.ends_at <= self._now
            if kind == Kind.ACCESS_GRANT and link.booking_id and link.property_id and not is_over:
                found.setdefault(link.property_id, link.booking_id)
        others = [(one, found[one.id]) for one in self._listed if one.id != of.id and one.id in found]
        return others[:WITNESSES_ELSEWHERE]

    def _bookings_of_guests(self, of: Property, guest_ids: Iterable[str]) -> set[str]:
        keys = [self._context.keys.guest(guest_id) for guest_id in guest_ids]
        found = Links(self._store).bookings_of_users(self._name, keys)
        return {booking_id for property_id, booking_id in found if property_id == of.id}
