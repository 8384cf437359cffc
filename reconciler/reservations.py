"""By which reservation a grant is asked for, where a door has an override lock.

Such a lock knows one reservation at a time: whoever comes with another throws out whoever is in there. So people of one
booking share one, and Seam refuses what does not fit.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from mappers.keys import split_generation, with_generation
from mappers.resources import DesiredAccessGrant
from mappers.sentences import say, sentence_of
from seam_workspace.errors import SeamRefused
from seam_workspace.existing import ExistingAccessGrant
from seam_workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Reservation:
    """The reservation by which a grant is asked for."""

    key: str | None
    base: str
    """Of the booking's own; later generations are `<base>.2`, `<base>.3`, ..."""
    generation: int = 1
    tried: frozenset[str] = frozenset()
    """Those that Seam has refused."""


class Reservations:
    """Finds the reservation that a new grant joins. `override_spaces`: Seam's ids of Spaces with such a lock."""

    def __init__(self, workspace: Workspace, override_spaces: frozenset[str]):
        self._workspace = workspace
        self._override_spaces = override_spaces

    def next(
        self, before: Reservation, wanted: DesiredAccessGrant, space_ids: Sequence[str], refused: SeamRefused
    ) -> Reservation:
        """The reservation to try next, where Seam refuses the one before: that of whoever is in there already, else
        the next of the booking's own; none where no door can belong to one."""
        assert before.key is not None
        if refused.status != 409:
            return replace(before, key=None)
        tried = before.tried | {before.key}
        joined = self._living_reservation(wanted, space_ids, before.key)
        if joined in tried:
            raise SeamRefused(
                say(
                    "Seam does not let her join the reservation {joined}, by which somebody of the same booking has "
                    "access to this door, and another one would lock that guest out: make her access in Seam under "
                    "that reservation; {refused}",
                    joined=joined,
                    refused=sentence_of(refused),
                ),
                status=409,
            ) from None
        if joined is not None:
            return replace(before, key=joined, tried=tried)
        # Grants on their way out still hold the reservation to its former doors.
        generation = before.generation + 1
        return replace(before, key=with_generation(before.base, generation), generation=generation, tried=tried)

    def _living_reservation(self, wanted: DesiredAccessGrant, space_ids: Sequence[str], refused: str) -> str | None:
        """The reservation by which somebody of the same booking has access to one of these doors at the same time, and
        is not on the way out: an override lock knows one reservation at a time, so whoever comes joins it."""
        # Where nobody knows which doors are override locks, all may be.
        space_ids = [one for one in space_ids if one in self._override_spaces] or space_ids
        found = self._workspace.grants_of_reservation(refused)
        if not any(_holds(grant, wanted, space_ids) for grant in found):
            found = [grant for space_id in space_ids for grant in self._workspace.grants_in(space_id)]
        living = sorted(
            grant.reservation_key
            for grant in found
            if grant.reservation_key is not None
            and split_generation(grant.reservation_key)[0] == split_generation(wanted.reservation_key)[0]
            and _holds(grant, wanted, space_ids)
        )
        return living[0] if living else None


def _holds(grant: ExistingAccessGrant, wanted: DesiredAccessGrant, space_ids: Sequence[str]) -> bool:
    """Whether a living grant opens one of these doors in the time of another that is wanted."""
    return (
        not grant.being_deleted
        and not grant.space_ids.isdisjoint(space_ids)
        and (wanted.ends_at is None or grant.starts_at < wanted.ends_at)
        and (grant.ends_at is None or wanted.starts_at < grant.ends_at)
    )
