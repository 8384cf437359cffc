"""What Seam has for the bookings that were read: our grants, and the people who are on them or hold one."""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.records import Booking, BookingStatus, Property
from mappers.access import NO_ACCESS
from mappers.outcomes import Kind
from mappers.user_identities import desired_user_identity
from reconciler.changes import fingerprint
from reconciler.lookup import PeopleFound, look_up_grants, look_up_user_identities
from reconciler.moved import asked_of, doubt
from reconciler.pull import Pulled, ask_for_the_missing
from reconciler.recognition import recognise_people
from reconciler.rooms import Rooms
from seam_workspace.existing import (
    ExistingAccessGrant,
    ExistingResources,
    ExistingUserIdentity,
)
from store.work import Work

if TYPE_CHECKING:
    from reconciler.prepare import Preparation

Grants = dict[str, list[ExistingAccessGrant]]
"""By booking id."""


class SeamLookUp:
    """Looks up what Seam has for the properties of one run."""

    def __init__(self, of: "Preparation"):
        self._of = of

    def grants_of(self, pulled: Pulled, elsewhere: Collection[str] = (), unread: Collection[Property] = ()) -> Grants:
        """Our grants, by booking; in a full read of the whole property, and what its lists left out is asked for, but
        not what is `elsewhere`: booking ids that another property has. `unread`: properties that may have some too."""
        if not pulled.full:
            return self.grants_of_these(pulled)
        grants = self._look_up_grants(pulled, None)
        expected = self.expected(pulled.of, grants).difference(elsewhere)
        moved, unsure = asked_of(self._of.reader, unread, expected - pulled.known_ids())
        ask_for_the_missing(self._of.reader, pulled, expected - moved, self._of.now, self._of.policy.horizon)
        doubt(pulled, unsure)
        return self.only_ours(pulled, grants)

    def grants_of_these(self, pulled: Pulled) -> Grants:
        """The grants of the bookings that were read, or asked for and not found."""
        return self._look_up_grants(pulled, self.to_look_up(pulled))

    def _look_up_grants(self, pulled: Pulled, bookings: Collection[Booking] | None) -> Grants:
        return look_up_grants(
            self._of.surveyed,
            self._of.keys,
            self._of.links,
            self._of.keys.customer(pulled.of.id),
            bookings,
            self._of.policy.guests == "everyone",
            lambda text: self._of.reader.could_be_id("booking", text),
            pulled.known_ids(),
        )

    def people_of(
        self, pulled: Pulled, grants: Grants, others: Mapping[str, str], *, as_made: bool = True
    ) -> PeopleFound:
        """Whom Seam knows of those who are on these bookings; whom the PMS only numbers is recognised. `others`: keys
        of further people. `as_made`: who is as we made her may be taken for granted."""
        found = look_up_user_identities(
            self._of.surveyed,
            self._of.links,
            list(dict.fromkeys([*self.people_wanted(pulled, grants), *others])),
            {grant.user_identity_id for several in grants.values() for grant in several if not grant.being_deleted},
            whoever_is_linked=as_made and self._of.surveyed.has_grants_of(pulled.bookings),
            as_made=() if not as_made or pulled.full or self._of.every_identity else self.as_made(pulled),
        )
        concerns = lambda booking: self.may_need(booking, grants)  # noqa: E731
        recognise_people(pulled, grants, found, self._of.links, self._of.keys, self._of.workspace, concerns)
        return found

    def existing(self, pulled: Pulled, rooms: Rooms, grants: Grants, found: PeopleFound) -> ExistingResources:
        locks = rooms.locks
        return ExistingResources(
            spaces=rooms.spaces,
            user_identities=found.by_key,
            access_grants={booking_id: tuple(several) for booking_id, several in grants.items()},
            reservation_space_ids=self._of.surveyed.reservation_space_ids(self._of.keys.customer(pulled.of.id))
            if locks is None
            else locks.space_ids(lambda door: door.can_belong_to_reservation),
            own_code_space_ids=self._of.workspace.own_code_space_ids
            if locks is None
            else locks.space_ids(lambda door: door.may_choose_codes),
            doors=rooms.existing.doors,
            doors_listed=rooms.existing.doors_listed,
            contact_holders=found.contact_holders,
        )

    # --- what to look up ---------------------------------------------------------------------------------------------

    def to_look_up(self, pulled: Pulled) -> list[Booking]:
        """The bookings read, and stand-ins for those that were asked for and not found, or have ended unread."""
        ended = [one.id for one in pulled.broken if one.kind == "booking" and one.status in NO_ACCESS]
        stand_ins = [
            Booking(
                id=booking_id,
                property_id=pulled.of.id,
                number="",
                status=BookingStatus.UNKNOWN,
                status_word="",
                arrival=self._of.now,
                departure=self._of.now,
            )
            for booking_id in (*pulled.missing, *ended)
        ]
        return [*pulled.bookings.values(), *stand_ins]

    def expected(self, of: Property, grants: dict[str, list[ExistingAccessGrant]]) -> set[str]:
        """Booking ids that a full read should have brought: those with access that has not ended."""
        expected = {
            booking_id
            for booking_id, found in grants.items()
            if any(
                not grant.being_deleted and (grant.ends_at is None or grant.ends_at > self._of.now) for grant in found
            )
        }
        return expected | Work(self._of.store).watched(self._of.connection.name, of.id, self._of.now, self._of.cut_off)

    def may_need(self, booking: Booking, grants: dict[str, list[ExistingAccessGrant]]) -> bool:
        """Whether the booking's guests need identities looked up: it has access, or is about to get it."""
        if booking.id in grants:
            return True
        arrival = min(
            (one for one in (booking.arrival, booking.actual_arrival) if isinstance(one, datetime)),
            default=self._of.now,
        )
        return arrival <= self._of.now + self._of.policy.provision_ahead + self._of.policy.early

    def people_wanted(self, pulled: Pulled, grants: dict[str, list[ExistingAccessGrant]]) -> list[str]:
        """The keys of everybody whose identity may be needed: those of profiles merged into another as well."""
        wanted: dict[str, None] = {}
        for booking in pulled.bookings.values():
            if not self.may_need(booking, grants):
                continue
            for guest_id in (*booking.guest_ids, *booking.unclear_guest_ids):
                guest = pulled.guests.get(guest_id)
                wanted[self._of.keys.guest(guest_id)] = None
                if guest is not None and booking.id in grants:
                    wanted.update((self._of.keys.guest(one), None) for one in guest.merged_ids)
        return list(wanted)

    def only_ours(
        self, pulled: Pulled, grants: Mapping[str, list[ExistingAccessGrant]]
    ) -> dict[str, list[ExistingAccessGrant]]:
        """Without a prefix a key tells by its shape only whose it is, and other tools make keys as well: what has ended
        is ours to remove where we made it, or know its stay."""
        if self._of.keys.prefix:
            return dict(grants)
        mine = {link.booking_id for (kind, _), link in self._of.links.items() if kind == Kind.ACCESS_GRANT}
        mine |= pulled.known_ids()
        found = {}
        for booking_id, several in grants.items():
            ours = (
                several
                if booking_id in mine
                else [one for one in several if one.ends_at is None or one.ends_at > self._of.now]
            )
            if ours:
                found[booking_id] = ours
        return found

    def as_made(self, pulled: Pulled) -> Iterator[ExistingUserIdentity]:
        """People of whom the PMS says just what Seam was given of them. What somebody else has done to them since is
        left to a full run, as it is with bookings."""
        if not pulled.bookings.keys().isdisjoint(self._of.in_trouble):
            return
        for guest in pulled.guests.values():
            wanted = desired_user_identity(guest, pulled.of.country, self._of.keys)
            link = self._of.links.get((Kind.USER_IDENTITY, wanted.key))
            if guest.has_id and link is not None and link.wanted_hash == link.made_hash == fingerprint(wanted):
                yield ExistingUserIdentity(
                    link.seam_id, wanted.key, wanted.full_name, wanted.email_address, wanted.phone_number
                )

    def linked_identities(self, of: Property) -> dict[str, str]:
        return {
            key: link.seam_id
            for (kind, key), link in self._of.links.items()
            if kind == Kind.USER_IDENTITY and link.property_id == of.id
        }
