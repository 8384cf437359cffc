"""The first pass over a property: its rooms and their locks. Look up the Spaces, see which locks there are, plan.

A run carries this plan out and looks again before it turns to people (`reconciler.prepare`): which doors a Space has
shows only then.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from mappers.resources import DesiredSpace
from mappers.spaces import RoomWithoutSpace, desired_spaces
from reconciler.changes import Plan
from reconciler.draft import Desired
from reconciler.lookup import LinksByKey, Survey, look_up_spaces
from reconciler.planner import plan_only_rooms
from reconciler.pull import Pulled
from reconciler.room_locks import LocksFound, look_at_locks
from seam_workspace.existing import ExistingResources, ExistingSpace

if TYPE_CHECKING:
    from reconciler.run_context import RunContext


@dataclass(frozen=True, slots=True)
class Rooms:
    """A property's rooms as they stand in Seam, and what is to become of them."""

    wanted: list[DesiredSpace]
    without: list[RoomWithoutSpace]
    """Rooms that get no Space."""
    spaces: dict[str, ExistingSpace]
    """Those that there are, by key."""
    locks: LocksFound | None
    """None where the run does not look at locks."""
    plan: Plan
    """Of the Spaces alone."""
    attempted: frozenset[str] = frozenset()
    """Keys of the Spaces that this run has tried to put right already."""
    changed: frozenset[str] = frozenset()
    """Names of the rooms whose doors are others since."""

    @property
    def existing(self) -> ExistingResources:
        if self.locks is None:
            return ExistingResources(self.spaces, {}, {})
        return ExistingResources(self.spaces, {}, {}, doors=self.locks.doors, doors_listed=True)


class RoomsPass:
    """The rooms of one run's properties. In a dry run nothing is noted of who decided what."""

    def __init__(self, context: "RunContext"):
        self._context = context

    def plan(self, pulled: Pulled, links: LinksByKey, survey: Survey) -> Rooms:
        """What is to be done about a property's Spaces. Raises `SeamError`."""
        wanted, without = desired_spaces(pulled.of, pulled.rooms.values(), self._context.policy, self._context.keys)
        listed = survey.spaces(self._context.keys.customer(pulled.of.id))
        spaces = look_up_spaces(self._context.workspace, links, listed, [space.key for space in wanted])
        locks: LocksFound | None = None
        if pulled.full or pulled.doors_only:
            locks = self._locks(pulled.of.id, spaces, wanted)
            spaces, wanted = locks.spaces, locks.wanted
        found = Rooms(wanted, without, spaces, locks, Plan())
        desired = Desired([], {}, wanted, property_id=pulled.of.id)
        return replace(found, plan=plan_only_rooms(desired, found.existing, links, self._context.now))

    def look_again(self, pulled: Pulled, before: Rooms, links: LinksByKey) -> Rooms:
        """The same after its plan was carried out. `links`: as they are now. Raises `SeamError`."""
        attempted = frozenset(change.key for change in before.plan.spaces)
        listed = self._context.workspace.list_spaces(self._context.keys.customer(pulled.of.id))
        spaces = look_up_spaces(self._context.workspace, links, listed, attempted)
        if before.locks is None:
            return replace(before, spaces=spaces, attempted=attempted)
        locks = replace(self._locks(pulled.of.id, spaces, before.wanted), notes=before.locks.notes)
        had = {key: space.door_ids for key, space in before.spaces.items()}
        changed = frozenset(
            space.name for key, space in locks.spaces.items() if space.door_ids != had.get(key, frozenset())
        )
        return replace(before, spaces=locks.spaces, locks=locks, attempted=attempted, changed=changed)

    def _locks(self, property_id: str, spaces: dict[str, ExistingSpace], wanted: Sequence[DesiredSpace]) -> LocksFound:
        return look_at_locks(
            self._context.name,
            self._context.keys,
            self._context.workspace,
            self._context.store,
            property_id,
            spaces,
            wanted,
            self._context.now,
            dry_run=self._context.options.dry_run,
        )
