"""The words of a plan: what will be done to which resource, why, and what is remembered of it."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime

from mappers.links import Link
from mappers.outcomes import Action, Cause, Kind, Outcome, OutcomeRow
from mappers.resources import DesiredAccessGrant, DesiredSpace, DesiredUserIdentity
from seam_workspace.existing import ExistingAccessGrant, ExistingSpace, ExistingUserIdentity


@dataclass(frozen=True, slots=True)
class Change:
    """One thing to do in Seam. `key` is the resource's key; a grant's carries its generation where it has one."""

    kind: Kind
    action: Action
    key: str
    reason: str
    booking_id: str | None = None
    label: str | None = None
    space: DesiredSpace | None = None
    identity: DesiredUserIdentity | None = None
    grant: DesiredAccessGrant | None = None
    existing_space: ExistingSpace | None = None
    existing_identity: ExistingUserIdentity | None = None
    existing_grants: tuple[ExistingAccessGrant, ...] = ()
    """The grant to act upon first, then the others that occupy keys of the one to be made."""
    pin_from: tuple[ExistingAccessGrant, ...] = ()
    """This very person's grants of this booking: the one to be made has their PIN, and nobody else's."""
    counts_as_revocation: bool = False
    """Takes access from somebody who has it now: the safety limit counts these."""
    add_methods: tuple[str, ...] = ()
    moves_from: frozenset[str] = frozenset()
    """Seam ids of the Spaces that a replaced grant no longer opens."""
    moves_to: str | None = None
    """Seam id of the room's Space that it opens instead, when that exists already."""
    reservation_key: str | None = None
    """The reservation to start or to join, where a door can belong to one."""
    cause: Cause | None = None
    link: Link | None = None
    """What is remembered once it is done; Seam's id and the generation of its key are known only then."""
    forgets: str | None = None
    """The key of the link that ends with it."""
    keeps_pin_of: str | None = None
    """The identity key of whoever loses this grant and may come back: her PIN is kept, sealed."""

    @property
    def takes_over(self) -> bool:
        """Whether the grant to be replaced is another person's, who has to be out whatever becomes of the new one."""
        return self.action is Action.REPLACE and self.existing_grants[0] not in self.pin_from

    def row(self, outcome: Outcome, reason: str | None = None, error: str | None = None) -> OutcomeRow:
        """The line of the report that says what became of it. `reason`: where it is more than the plan's."""
        return OutcomeRow(
            kind=self.kind,
            key=self.key,
            action=self.action,
            outcome=outcome,
            reason=self.reason if reason is None else reason,
            error=error,
            label=self.label,
            booking_id=self.booking_id,
            cause=self.cause,
        )


@dataclass(slots=True)
class Plan:
    """All that one run will do to one property, and why."""

    spaces: list[Change] = field(default_factory=list)
    identities: list[Change] = field(default_factory=list)
    grants: list[Change] = field(default_factory=list)
    notes: list[OutcomeRow] = field(default_factory=list)
    """Lines of the report without a change: somebody waits, something needs a person."""
    links: list[Link] = field(default_factory=list)
    """Of resources as they should be: those whose link is missing or out of date."""
    adopted: list[OutcomeRow] = field(default_factory=list)
    """Those of them that we did not know before, as lines of a dry run."""
    unchanged: dict[Kind, int] = field(default_factory=dict)
    look_again: dict[str, datetime] = field(default_factory=dict)
    """Booking id -> when to read it again without news from the PMS (UTC)."""
    held: list[Change] = field(default_factory=list)
    dying: list[tuple[Change, list[str]]] = field(default_factory=list)
    """Grants that Seam is deleting already, whoever asked for it, and the names of their rooms."""

    def changes(self) -> list[Change]:
        return [*self.spaces, *self.identities, *self.grants]


HELD_BY_ANOTHER = "taken:"
"""Before the fingerprint of what was wanted of an identity: another one in Seam had a contact of it."""


def fingerprint(resource: DesiredAccessGrant | DesiredUserIdentity | DesiredSpace) -> str:
    """A short hash of a resource's attributes: tells whether two are the same without keeping what they say."""
    attributes: list[str | None]
    if isinstance(resource, DesiredAccessGrant):
        attributes = [
            resource.user_identity_key,
            *resource.space_keys,
            resource.starts_at.isoformat(),
            resource.ends_at.isoformat() if resource.ends_at else "",
            resource.name,
            *resource.access_methods,
        ]
    elif isinstance(resource, DesiredUserIdentity):
        attributes = [resource.full_name, resource.email_address, resource.phone_number]
    else:
        attributes = [resource.name, resource.time_zone, str(resource.check_in), str(resource.check_out)]
        if resource.door_ids is not None:
            attributes += ["doors", *sorted(resource.door_ids)]
    text = "\x1f".join("" if one is None else one for one in (resource.key, *attributes))
    return hashlib.blake2b(text.encode(), digest_size=12).hexdigest()
