"""The bookings of a connection that we know: which of them a property has, had, or has given access to."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from functools import cached_property

from connectors.records import Property
from mappers.keys import Keys
from mappers.links import Link
from mappers.outcomes import Kind
from reconciler.lookup import LinksByKey
from reconciler.moved import elsewhere, in_several_properties
from reconciler.pull import WITNESSES_ELSEWHERE, Pulled
from store.engine import Database
from store.links import Links
from store.work import Work


class KnownBookings:
    """As one run knows them. `listed`: the properties that the PMS lists; `links`: what is linked, by kind and key."""

    def __init__(
        self,
        store: Database,
        connection: str,
        keys: Keys,
        listed: Sequence[Property],
        links: LinksByKey,
        now: datetime,
    ):
        self._store = store
        self._connection = connection
        self._keys = keys
        self._listed = listed
        self._links = links
        self._now = now

    def with_access(self, of: Property) -> dict[str, datetime | None]:
        """The property's bookings that have access, as far as we remember, with an instant that their stays have yet to
        pass; None where they are over."""
        found: dict[str, datetime | None] = {}
        for link in self._of_grants:
            if link.property_id == of.id and link.booking_id is not None:
                at = None if self._is_over(link) else max(link.starts_at or self._now, self._now)
                found[link.booking_id] = found.get(link.booking_id) or at
        several = found.keys() & in_several_properties(self._links)
        for booking_id in elsewhere(self._store, self._connection, of, several):
            del found[booking_id]
        return found

    def witnesses(self, of: Property) -> list[tuple[Property, str]]:
        """A few bookings with access that other properties have, each of another one."""
        one_of_each = self._one_of_each
        others = [(one, one_of_each[one.id]) for one in self._listed if one.id != of.id and one.id in one_of_each]
        return others[:WITNESSES_ELSEWHERE]

    def doubted(self, pulled: Pulled) -> Pulled:
        """A PMS whose lists lost rows in the last full run loses single ones as well when it is asked for a few: nobody
        is gone until a full run has found its lists whole."""
        if pulled.gone and Work(self._store).loses_rows(self._connection, pulled.of.id):
            pulled.doubtful |= pulled.gone
            pulled.gone = set()
        return pulled

    def had(self, of: Property, asked: Collection[str], unclear: bool) -> set[str]:
        """Those of these bookings that the property has had before. `unclear`: those of which it is not known whose
        they were as well."""
        links = Links(self._store).of_bookings(self._connection, asked)
        whose = (None, of.id) if unclear else (of.id,)
        return {link.booking_id for link in links if link.booking_id and link.property_id in whose}

    def of_guests(self, of: Property, guest_ids: Iterable[str]) -> set[str]:
        keys = [self._keys.guest(guest_id) for guest_id in guest_ids]
        found = Links(self._store).bookings_of_users(self._connection, keys)
        return {booking_id for property_id, booking_id in found if property_id == of.id}

    @cached_property
    def _of_grants(self) -> list[Link]:
        return [link for (kind, _), link in self._links.items() if kind == Kind.ACCESS_GRANT]

    @cached_property
    def _one_of_each(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for link in self._of_grants:
            if link.booking_id and link.property_id and not self._is_over(link):
                found.setdefault(link.property_id, link.booking_id)
        return found

    def _is_over(self, link: Link) -> bool:
        return link.ends_at is not None and link.ends_at <= self._now
