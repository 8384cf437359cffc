"""Makes, changes and deletes Spaces in Seam, and knows Seam's ids of all that there are."""

from collections.abc import Iterable
from dataclasses import replace

from mappers.outcomes import Action
from mappers.resources import DesiredSpace
from mappers.sentences import say
from reconciler.attempts import NotTried, Written
from reconciler.changes import Change
from seam_workspace.errors import SeamUnreachable
from seam_workspace.existing import ExistingResources, ExistingSpace
from seam_workspace.workspace import Workspace

BEING_DELETED = (
    "Seam is deleting the Space of {}, and access to it would go with it: tried again, until it is gone and made anew"
)


class RoomWriter:
    """The Spaces of one property."""

    def __init__(self, workspace: Workspace, existing: ExistingResources):
        self._workspace = workspace
        self._doors = existing.doors
        self._ids = {key: space.id for key, space in existing.spaces.items() if not space.being_deleted}
        self._names = {space.id: space.name for space in existing.spaces.values()}
        self._dying = {key: space.name for key, space in existing.spaces.items() if space.being_deleted}

    def ids_of(self, keys: Iterable[str]) -> list[str]:
        """Seam's ids of these Spaces. Raises `NotTried` where one of them is not there."""
        found = []
        for key in keys:
            if key in self._dying:
                raise NotTried(BEING_DELETED.format(self._dying[key]))
            found.append(self._ids.get(key))
        if None in found:
            raise NotTried(say("not tried, for one of the rooms' Spaces failed"))
        return [one for one in found if one is not None]

    def names_of(self, space_ids: Iterable[str]) -> list[str]:
        """Names of those of these Spaces (by Seam's ids) that are the property's."""
        return sorted(self._names[one] for one in space_ids if one in self._names)

    def are_there(self, keys: Iterable[str]) -> bool:
        return all(key in self._ids for key in keys)

    def write(self, change: Change) -> Written:
        """Carries one change out. Raises `SeamError`."""
        if change.action is Action.REVOKE:
            assert change.existing_space is not None
            self._workspace.delete_space(change.existing_space.id)
            return Written()
        wanted, found = change.space, change.existing_space
        assert wanted is not None
        assert change.link is not None
        if found is None:
            space_id = self._make(wanted)
        else:
            space_id = found.id
            if not _is_as_wanted(found, wanted):
                self._workspace.update_space(space_id, wanted)
        if wanted.door_ids is not None and self._doors:
            self._put_locks(space_id, wanted.door_ids, found)
        self._ids[change.key] = space_id
        return Written(replace(change.link, seam_id=space_id))

    def _make(self, wanted: DesiredSpace) -> str:
        made = self._workspace.create_space(wanted)
        if made.being_deleted:
            raise SeamUnreachable(BEING_DELETED.format(wanted.name))
        if made.name != wanted.name:
            self._workspace.update_space(made.id, wanted)
        return made.id

    def _put_locks(self, space_id: str, door_ids: Iterable[str], found: ExistingSpace | None) -> None:
        there = [self._doors[one] for one in sorted(door_ids) if one in self._doors]
        before = found.door_ids if found is not None else frozenset()
        if before is None or before != {door.id for door in there}:
            counted = found.doors if found is not None else 0
            beside_others = counted is None or counted > len(before or ())
            self._workspace.set_doors(space_id, there, beside_others=beside_others)


def _is_as_wanted(found: ExistingSpace, wanted: DesiredSpace) -> bool:
    """Whether a Space says all that is wanted of it, its locks apart."""
    return (
        found.name == wanted.name
        and wanted.time_zone in (None, found.time_zone)
        and all(
            time is None or (text or "")[:5] == f"{time:%H:%M}"
            for time, text in ((wanted.check_in, found.check_in), (wanted.check_out, found.check_out))
        )
    )
