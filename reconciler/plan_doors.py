"""Which doors a grant opens, as Seam has them, and the reservation by which override locks know its people. Pure."""

from collections.abc import Sequence
from dataclasses import replace

from mappers.access import BookingAccess
from mappers.keys import split_generation
from mappers.resources import DesiredAccessGrant
from reconciler.draft import Draft
from reconciler.holders import identity_ids
from seam_workspace.existing import ExistingAccessGrant


class PlannedDoors:
    """The doors of the grants in one plan."""

    def __init__(self, draft: Draft):
        self._draft = draft
        self._known: dict[tuple[str, ...], tuple[frozenset[str] | None, bool]] = {}

    def of(self, wanted: DesiredAccessGrant) -> tuple[frozenset[str] | None, bool]:
        """The Seam ids of the doors (None while one of them is yet to be made), and whether any is an override lock."""
        known = self._known.get(wanted.space_keys)
        if known is None:
            ids = [self._draft.space_ids.get(key) for key in wanted.space_keys]
            complete = frozenset(one for one in ids if one is not None)
            known = (
                complete if len(complete) == len(wanted.space_keys) else None,
                not complete.isdisjoint(self._draft.existing.reservation_space_ids),
            )
            self._known[wanted.space_keys] = known
        return known

    def with_what_is_closed(
        self, wanted: DesiredAccessGrant, living: Sequence[ExistingAccessGrant]
    ) -> DesiredAccessGrant:
        """The same, with the doors of rooms out of use that this very person has."""
        hers = identity_ids(wanted, self._draft.existing.user_identities)
        had = {space_id for grant in living if grant.user_identity_id in hers for space_id in grant.space_ids}
        kept = {key for key in wanted.closed_keys if self._draft.space_ids.get(key) in had}
        return replace(wanted, space_keys=tuple(sorted({*wanted.space_keys, *kept})))

    def reservation_key(
        self,
        access: BookingAccess,
        wanted: DesiredAccessGrant,
        space_ids: frozenset[str] | None,
        leaving: ExistingAccessGrant | None,
    ) -> str:
        """The reservation that the grant starts or joins: whoever stays in the same room must share it, for another
        one would throw them out."""
        for grant in self._draft.existing.access_grants.get(access.booking_id, ()):
            if (
                grant is not leaving
                and not grant.being_deleted
                and grant.space_ids == space_ids
                and grant.reservation_key is not None
                and is_generation_of(grant.reservation_key, wanted.reservation_key)
            ):
                return grant.reservation_key
        return wanted.reservation_key


def is_generation_of(key: str | None, base: str) -> bool:
    """Whether a reservation is the booking's own, of whatever generation."""
    return key == base or (key is not None and split_generation(key)[0] == base)
