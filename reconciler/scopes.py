"""What a run is about: one of a closed set. What each of them reads is said in `reconciler.run`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import ClassVar


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed since the last run; everything, where there was none."""

    name: ClassVar[str] = "incremental"
    moves_cursor: ClassVar[bool] = True


@dataclass(frozen=True, slots=True)
class Everything:
    """All rooms and bookings. `audit`: by every key of ours, and whether the lock accounts work."""

    audit: bool = False
    moves_cursor: ClassVar[bool] = True

    @property
    def name(self) -> str:
        return "night_audit" if self.audit else "full"


@dataclass(frozen=True, slots=True)
class TheseBookings:
    """Bookings by their ids, and the rooms. `are_news`: the ids come from a webhook or from the run itself, not from a
    person: one that the PMS does not know is no failure, and with none at all there is news of rooms."""

    ids: tuple[str, ...]
    are_news: bool = False
    new_pins: frozenset[str] = frozenset()
    """Seam's ids of their grants that somebody wants to be made anew with another PIN; those that are gone by then are
    nothing to do any more."""
    heard: Mapping[str, datetime] = field(default_factory=dict, hash=False)
    """When the PMS's webhook came (UTC), by booking, where one did."""
    name: ClassVar[str] = "bookings"
    moves_cursor: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class RoomsOnly:
    """Rooms and their locks: after somebody has decided which lock belongs where."""

    name: ClassVar[str] = "doors"
    moves_cursor: ClassVar[bool] = False


@dataclass(frozen=True, slots=True)
class Approval:
    """The revocations that a run holds, which somebody has approved: those of some grants, or all but what somebody has
    decided to keep."""

    run_id: str
    keys: frozenset[str] | None = None
    name: ClassVar[str] = "approve"
    moves_cursor: ClassVar[bool] = False


Scope = Changes | Everything | TheseBookings | RoomsOnly | Approval


@dataclass(frozen=True, slots=True)
class RunOptions:
    """What to run over, of which property (None: all of the connection), and whether only to show what would be done
    (`dry_run`), and whether that is kept among the runs (`kept`)."""

    scope: Scope = field(default_factory=Changes)
    property_id: str | None = None
    dry_run: bool = False
    kept: bool = False

    @property
    def is_short(self) -> bool:
        """Whether it is over before anybody looks how far it is, or shown to whoever asked for it only."""
        return self.dry_run or isinstance(self.scope, TheseBookings)

    @property
    def mode(self) -> str:
        """As it stands in the report."""
        return "plan" if self.dry_run else self.scope.name
