"""Every booking of a property, whether it was read, is missing or cannot be read, becomes the access it should have."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import cached_property

from connectors.records import Booking, Property
from mappers.access import NO_ACCESS, BookingAccess, Existing, Withheld
from mappers.access_grants import booking_access
from mappers.keys import Keys, split_generation
from mappers.outcomes import Kind, Outcome
from mappers.policy import Policy
from mappers.sentences import message, say
from reconciler.lookup import LinksByKey
from reconciler.pull import CONTRADICTED, NOT_BELIEVED, Pulled
from seam_workspace.existing import (
    ExistingResources,
)


class PropertyMap:
    """Maps the bookings of one property. `links`: what is linked, by kind and key."""

    def __init__(self, policy: Policy, keys: Keys, links: LinksByKey, now: datetime):
        self._policy = policy
        self._keys = keys
        self._links = links
        self._now = now

    def accesses(
        self, pulled: Pulled, existing: ExistingResources, identity_keys: Mapping[str, str]
    ) -> list[BookingAccess]:
        keys = self._keys
        accesses = []
        unlisted = {
            room_id: space.name
            for key, space in existing.spaces.items()
            if (room_id := keys.id_of(key)) is not None and room_id not in pulled.rooms
        }
        for booking in pulled.bookings.values():
            holder = self._holder(booking, existing, identity_keys) if booking.primary_is_any else None
            try:
                access = booking_access(
                    booking, pulled.of, pulled.rooms, pulled.guests, self._policy, keys, self._now, holder, unlisted
                )
            except (ArithmeticError, ValueError, TypeError) as problem:
                # Whatever a PMS may hold, such as a year 9999: one booking, not the run.
                told = message("the booking cannot be mapped ({problem}): check its dates in the PMS")
                reason = say(told, problem=type(problem).__name__)
                access = self.unread(pulled.of, booking.id, Withheld(reason, Existing.KEEP, Outcome.FAILED))
            if access.withheld is not None and not pulled.guests.keys() & booking.guest_ids:
                # Whoever gets no access is not asked of the PMS; she had some, and people know her by her initials.
                access = replace(access, label=self._known_label(booking.id) or access.label)
            accesses.append(access)
        for broken in pulled.broken:
            if broken.kind == "booking" and broken.status in NO_ACCESS and broken.id not in pulled.bookings:
                said = say(NO_ACCESS[broken.status], person=self._policy.person_said)
                reason = say("{why}, though the rest of the record cannot be read", why=said)
                accesses.append(self.unread(pulled.of, broken.id, Withheld(reason, Existing.REVOKE)))
        linked = {link.booking_id for (kind, _), link in self._links.items() if kind == Kind.ACCESS_GRANT}
        for booking_id in sorted(pulled.gone):
            accesses.append(
                self.unread(
                    pulled.of,
                    booking_id,
                    Withheld(
                        say("the PMS, asked for this booking, has no such booking (any more)"),
                        Existing.REVOKE,
                        is_orphan=True,
                    )
                    if booking_id in linked
                    else Withheld(
                        say(
                            "Seam has access by this key, and the PMS knows no such booking: left alone, for it may be "
                            "somebody else's"
                        ),
                        Existing.KEEP,
                        Outcome.ALERT,
                        is_orphan=True,
                    )
                    if booking_id in existing.access_grants
                    else Withheld(say("the PMS has no such booking (any more)"), Existing.KEEP),
                )
            )
        for booking_id in sorted(pulled.contradicted):
            withheld = Withheld(CONTRADICTED, Existing.KEEP, Outcome.ALERT, look_again_at=self._now)
            accesses.append(self.unread(pulled.of, booking_id, withheld))
        may_be_gone = pulled.may_be_gone & linked
        for booking_id in sorted(pulled.doubtful):
            accesses.append(
                self.unread(
                    pulled.of,
                    booking_id,
                    Withheld(NOT_BELIEVED, Existing.REVOKE)
                    if booking_id in may_be_gone
                    else Withheld(
                        say(
                            "the PMS does not find this booking, but its lists are not complete: access stays until "
                            "its end"
                        ),
                        Existing.KEEP,
                        Outcome.ALERT,
                        look_again_at=self._now,
                    ),
                )
            )
        return accesses

    def unread(self, of: Property, booking_id: str, withheld: Withheld) -> BookingAccess:
        label = self._known_label(booking_id) or booking_id
        return BookingAccess(booking_id, self._keys.grant(booking_id), label, of.time_zone, withheld=withheld)

    def _known_label(self, booking_id: str) -> str | None:
        """What the access that it has is called: initials and room."""
        return self._labels.get(booking_id)

    @cached_property
    def _labels(self) -> dict[str | None, str]:
        """By booking, that of the first of its grants that has one."""
        mine = [one for one in self._links.values() if one.kind == Kind.ACCESS_GRANT]
        return {one.booking_id: one.label for one in reversed(mine) if one.label}

    def _holder(self, booking: Booking, existing: ExistingResources, keys_by_id: Mapping[str, str]) -> str | None:
        """The guest of the booking who has the main guest's grant in Seam now; else any who has one."""
        base = self._keys.grant(booking.id)
        living = [grant for grant in existing.access_grants.get(booking.id, ()) if not grant.being_deleted]
        living.sort(key=lambda grant: split_generation(grant.key or "")[0] != base)
        for grant in living:
            key = keys_by_id.get(grant.user_identity_id)
            guest_id = self._keys.id_of(key) if key else None
            if guest_id in booking.guest_ids:
                return guest_id
        return None
