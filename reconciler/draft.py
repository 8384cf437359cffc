"""What is looked at while a plan is made, and the plan so far: all that the parts of the planner share. Pure."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Protocol

from mappers.access import BookingAccess
from mappers.links import Link
from mappers.outcomes import Action, Cause, Kind, Outcome, OutcomeRow
from mappers.resources import DesiredAccessGrant, DesiredSpace, DesiredUserIdentity
from mappers.sentences import say
from reconciler.changes import Plan, fingerprint
from seam_workspace.existing import ExistingResources

DELETED_BY_OTHERS = say("deleted in Seam by somebody else; made again")
CHANGED_BY_OTHERS = say("changed in Seam by somebody else; put back")


class KnownLink(Protocol):
    """What the planner reads of a stored link."""

    @property
    def seam_id(self) -> str: ...
    @property
    def generation(self) -> int: ...
    @property
    def wanted_hash(self) -> str | None: ...
    @property
    def made_hash(self) -> str | None: ...
    @property
    def ends_at(self) -> datetime | None: ...
    @property
    def space_ids(self) -> frozenset[str] | None: ...
    @property
    def booking_id(self) -> str | None: ...


LinksByKey = Mapping[tuple[str, str], KnownLink]
"""By kind and key (a grant's without its generation)."""


@dataclass(frozen=True, slots=True)
class Desired:
    """What the PMS asks for, mapped."""

    accesses: list[BookingAccess]
    user_identities: Mapping[str, DesiredUserIdentity]
    """Of every guest who might get access, by key."""
    spaces: list[DesiredSpace] = field(default_factory=list)
    spaces_to_leave: frozenset[str] = frozenset()
    """Keys of Spaces whose rooms could not be understood: neither made, nor orphans."""
    retired_spaces: frozenset[str] = frozenset()
    """Keys of Spaces whose rooms the PMS lists, and says that nobody sleeps there (any more)."""
    person: str = "guest"
    """What whoever stays there is called (see `Policy`)."""
    property_id: str | None = None
    """Whose all of this is; remembered with every link."""
    new_pins: Mapping[str, str] = field(default_factory=dict)
    """Seam's ids of grants that are to be made anew with another PIN, each with the reason."""
    may_be_elsewhere: bool = False
    """Whether what is gone from this property may be in one that the PMS does not list at the moment."""


@dataclass(frozen=True, slots=True)
class Audit:
    """What only a full run may conclude: orphans, and what has had its time."""

    retain_grants: timedelta
    delete_orphan_spaces: bool
    is_our_space: Callable[[str], bool]


class Draft:
    """A plan that is being made."""

    def __init__(self, desired: Desired, existing: ExistingResources, links: LinksByKey, now: datetime):
        self.plan = Plan()
        self.desired = desired
        self.existing = existing
        self.links = links
        self.now = now
        self.person = desired.person
        # What is granted into a Space that is being deleted goes with it.
        self.space_ids = {key: space.id for key, space in existing.spaces.items() if not space.being_deleted}
        self._space_names = {space.id: space.name for space in existing.spaces.values()}

    def names(self, space_ids: Iterable[str]) -> str:
        """The names of Spaces, given Seam's ids of them."""
        return ", ".join(sorted(self._space_names.get(one, "an unknown door") for one in space_ids))

    def space_name(self, key: str) -> str:
        """The name of the Space with this key; the key itself while there is none."""
        return self._space_names.get(self.space_ids.get(key, ""), key)

    def made_so(self, kind: Kind, wanted: DesiredAccessGrant | DesiredUserIdentity | DesiredSpace) -> bool:
        """Whether what should be is what we last made: then somebody else has changed it in Seam."""
        link = self.links.get((kind, wanted.key))
        return link is not None and link.made_hash is not None and link.made_hash == fingerprint(wanted)

    def note(self, access: BookingAccess, key: str, action: Action, outcome: Outcome, reason: str) -> None:
        """Says something of a booking in the report, beside what is done."""
        cause = Cause.ORPHAN if access.withheld is not None and access.withheld.is_orphan else None
        error = reason if outcome is Outcome.FAILED else None
        self.plan.notes.append(
            OutcomeRow(Kind.ACCESS_GRANT, key, action, outcome, reason, error, access.label, access.booking_id, cause)
        )

    def look_again(self, booking_id: str, when: datetime) -> None:
        """Has a booking read again then (UTC), or earlier where that is due already."""
        self.plan.look_again[booking_id] = min(when, self.plan.look_again.get(booking_id, when))

    def in_step(self, link: Link, shown_key: str | None = None) -> None:
        """Has the link of a resource remembered that is as it should be. `shown_key`: its key in the report, where that
        is another one."""
        known = self.links.get((link.kind, link.key))
        self.plan.links.append(replace(link, property_id=self.desired.property_id))
        if known is None:
            self.plan.adopted.append(
                OutcomeRow(
                    link.kind,
                    shown_key or link.key,
                    Action.ADOPT,
                    Outcome.PLANNED,
                    say("Seam has it already, as it should be"),
                    label=link.label,
                    booking_id=link.booking_id,
                )
            )

    def count_unchanged(self, kind: Kind, number: int = 1) -> None:
        self.plan.unchanged[kind] = self.plan.unchanged.get(kind, 0) + number
