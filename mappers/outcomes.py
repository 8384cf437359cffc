"""The words in which a plan, a report and a page say what is done to what, and what came of it.

They stand in the database and in JSON as they are here.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from mappers.sentences import keep_together


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


class Outcome(StrEnum):
    """What became of a change, or how things are with a booking that gets no (new) access."""

    DONE = "done"
    PLANNED = "planned"
    """Of a dry run: it would be done."""
    WAITING = "waiting"
    """For time to pass, or for something that usually comes by itself."""
    ALERT = "alert"
    """A person should look at it."""
    HELD = "held"
    """A revocation that waits for somebody's approval."""
    FAILED = "failed"
    """It could not be done, or the PMS's record cannot be used."""


PASSING = frozenset({Outcome.DONE, Outcome.PLANNED})
"""What happens; every other outcome says how things are, and lasts until a run does not find it any more."""
NEEDS_A_PERSON = frozenset({Outcome.FAILED, Outcome.ALERT, Outcome.HELD})


class Cause(StrEnum):
    """Why a line is not simply the PMS's news."""

    DRIFT = "drift"
    """Seam differed from what we last made."""
    ORPHAN = "orphan"
    """Ours in Seam, gone in the PMS."""


@dataclass(frozen=True, slots=True)
class OutcomeRow:
    """What became of one change: a line of the report."""

    kind: str
    key: str
    action: str
    outcome: str
    reason: str = ""
    error: str | None = None
    label: str | None = None
    booking_id: str | None = None
    cause: str | None = None
    """`drift`: Seam differed from what we last made; `orphan`: ours in Seam, gone in the PMS."""
    said: Any = field(default=None, repr=False)
    """What the reason and the error were put together from; goes with them by itself."""

    def __post_init__(self) -> None:
        keep_together(self, "reason", "error")
