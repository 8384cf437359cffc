"""What is remembered of a resource of ours in Seam."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Link:
    """A key of ours and the Seam resource that carries it."""

    kind: str
    key: str
    """A grant's without its generation."""
    seam_id: str
    generation: int = 1
    wanted_hash: str | None = None
    made_hash: str | None = None
    property_id: str | None = None
    booking_id: str | None = None
    user_identity_key: str | None = None
    ends_at: datetime | None = None
    label: str | None = None
    starts_at: datetime | None = None
    """A grant's, as we last wrote it."""
    space_ids: frozenset[str] | None = None
    """A grant's, as we last gave it or found it right: Seam's ids."""
