"""The words of a plan: what will be done to which resource, and why."""

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from mappers.resources import DesiredAccessGrant, DesiredSpace, DesiredUserIdentity
from seam_workspace.existing import ExistingAccessGrant, ExistingSpace, ExistingUserIdentity


class Kind(StrEnum):
    PROPERTY = "property"
    SPACE = "space"
    USER_IDENTITY = "user_identity"
    ACCESS_GRANT = "access_grant"
    DOOR_CODE = "door_code"
    """What the PMS holds of a grant's PIN, for the guest."""


class Action(StrEnum):
    CREATE = "create"
    UPDATE = "update"
    REPLACE = "replace"
    """Deleted and made again, where Seam cannot change it in place (another room, another guest)."""
    REVOKE = "revoke"
    ADOPT = "adopt"
    """Seam has it as it should be, and we did not know: nothing is written but our own link."""
    KEEP = "keep"
    WAIT = "wait"
    READ = "read"


class Result(StrEnum):
    """What became of a change: the `outcome` of a report line."""

    DONE = "done"
    PLANNED = "planned"
    WAITING = "waiting"
    ALERT = "alert"
    HELD = "held"
    FAILED = "failed"


class Cause(StrEnum):
    """Why a line is not simply the PMS's news."""

    DRIFT = "drift"
    """Seam differed from what we last made."""
    ORPHAN = "orphan"
    """Ours in Seam, gone in the PMS."""


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

    @property
    def takes_over(self) -> bool:
        """Whether the grant to be replaced is another person's, who has to be out whatever becomes of the new one."""
        return self.action is Action.REPLACE and self.existing_grants[0] not in self.pin_from


@dataclass(frozen=True, slots=True)
class Note:
    """A line of the report without a change: somebody waits, something needs a person."""

    kind: Kind
    action: Action
    key: str
    result: Result
    reason: str
    booking_id: str | None = None
    label: str | None = None
    cause: Cause | None = None


@dataclass(frozen=True, slots=True)
class Relink:
    """A resource as it should be, whose link is missing or out of date. `adopted`: we did not know it before."""

    kind: Kind
    key: str
    seam_id: str
    adopted: bool
    generation: int = 1
    wanted_hash: str | None = None
    made_hash: str | None = None
    booking_id: str | None = None
    user_identity_key: str | None = None
    ends_at: datetime | None = None
    label: str | None = None


@dataclass(slots=True)
class Plan:
    """All that one run will do to one property, and why."""

    spaces: list[Change] = field(default_factory=list)
    identities: list[Change] = field(default_factory=list)
    grants: list[Change] = field(default_factory=list)
    notes: list[Note] = field(default_factory=list)
    relinks: list[Relink] = field(default_factory=list)
    unchanged: dict[Kind, int] = field(default_factory=dict)
    look_again: dict[str, datetime] = field(default_factory=dict)
    """Booking id -> when to read it again without news from the PMS (UTC)."""
    held: list[Change] = field(default_factory=list)

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
