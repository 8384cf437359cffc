"""Which lock is in which room's Space: what people decided, held against what Seam has.

A property where nobody has decided anything is only watched: what is in its Spaces is taken up as it is, and whatever
changes is told. From the first decision on, Seam is kept as decided: a lock that was added or removed behind our back
is drift, and is put back.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from mappers.keys import Keys
from mappers.outcomes import Action, Cause, Kind, Outcome
from mappers.resources import DesiredSpace
from mappers.sentences import message, say
from seam_workspace.existing import ExistingDoor, ExistingSpace
from seam_workspace.workspace import Workspace
from store.engine import Database
from store.locks import DecidedBy, Lock, Locks, Placement, is_managed
from store.runs import OutcomeRow


@dataclass(frozen=True, slots=True)
class LocksFound:
    """A property's locks, and what follows for its Spaces."""

    doors: Mapping[str, ExistingDoor]
    """By id."""
    spaces: dict[str, ExistingSpace]
    """By key, each with the locks that are in it."""
    wanted: list[DesiredSpace]
    """The Spaces with the locks that belong into them, where that was decided."""
    notes: list[OutcomeRow] = field(default_factory=list)

    def space_ids(self, holds: Callable[[ExistingDoor], bool]) -> frozenset[str]:
        """The Spaces that have a lock of which that is true."""
        return frozenset(space_id for door in self.doors.values() if holds(door) for space_id in door.space_ids)


def look_at_locks(
    connection: str,
    keys: Keys,
    workspace: Workspace,
    store: Database,
    property_id: str,
    spaces: Mapping[str, ExistingSpace],
    wanted: Sequence[DesiredSpace],
    now: datetime,
    dry_run: bool,
) -> LocksFound:
    """Lists a property's locks and notes them for the pages. Raises `SeamError`."""
    customer_key = keys.customer(property_id)
    doors = {door.id: door for door in workspace.doors(customer_key)}
    systems = {account.id: account.name for account in workspace.lock_accounts(customer_key)} if doors else {}
    inside: dict[str, set[str]] = {}
    for door in doors.values():
        for space_id in door.space_ids:
            inside.setdefault(space_id, set()).add(door.id)
    found = {key: replace(space, door_ids=frozenset(inside.get(space.id, ()))) for key, space in spaces.items()}
    key_of = {space.id: key for key, space in found.items()}
    book = Locks(store, connection)
    placements = book.placements(property_id)
    notes: list[OutcomeRow] = []
    if not is_managed(placements):
        notes = _follow(book, property_id, placements, found, doors, now, dry_run)
        settled = list(wanted)
    else:
        settled = with_locks(wanted, placements)
    if not dry_run:
        book.note_doors(
            property_id,
            [
                Lock(
                    door.id,
                    door.name,
                    systems.get(door.account_id, ""),
                    door.online,
                    sorted(key_of[space_id] for space_id in door.space_ids if space_id in key_of),
                    now,
                )
                for door in doors.values()
            ],
        )
    return LocksFound(doors, found, settled, [*notes, *_locks_of_one_booking(wanted, found, doors)])


PUT_IN = message(
    "the lock {lock} was put into this room in Seam by somebody else: left so, for nobody has decided here where it "
    "belongs"
)
TAKEN_OUT = message(
    "the lock {lock} was taken out of this room in Seam by somebody else: left so, for nobody has decided here where "
    "it belongs"
)


def _locks_of_one_booking(
    wanted: Iterable[DesiredSpace], spaces: Mapping[str, ExistingSpace], doors: Mapping[str, ExistingDoor]
) -> Iterator[OutcomeRow]:
    """Override locks where several bookings go in and out: whoever comes throws all the others out.

    Only the lock system can help, where such a door is set up as another kind: Visionline has "guest common" beside
    "guest". Source: Seam's guide to Visionline, "Set up door locks".
    """
    for space in wanted:
        found = spaces.get(space.key) if space.is_shared else None
        for door_id in sorted(found.door_ids or ()) if found is not None else ():
            if door_id in doors and doors[door_id].can_belong_to_reservation:
                yield OutcomeRow(
                    Kind.SPACE,
                    space.key,
                    Action.KEEP,
                    Outcome.ALERT,
                    say(
                        "the lock {lock} of {room} knows one booking at a time, and several share this door: each new "
                        "key there shuts out all who came before; have it set up as a common door in the lock system",
                        lock=doors[door_id].name,
                        room=space.name,
                    ),
                    label=space.name,
                )


def with_locks(wanted: Iterable[DesiredSpace], placements: Iterable[Placement]) -> list[DesiredSpace]:
    """The Spaces, each with the locks that were decided to belong into it; none, where none were."""
    by_room: dict[str, set[str]] = {}
    for placement in placements:
        by_room.setdefault(placement.room_key, set()).add(placement.door_id)
    return [replace(space, door_ids=frozenset(by_room.get(space.key, ()))) for space in wanted]


def _follow(
    book: Locks,
    property_id: str,
    placements: Sequence[Placement],
    spaces: Mapping[str, ExistingSpace],
    doors: Mapping[str, ExistingDoor],
    now: datetime,
    dry_run: bool,
) -> list[OutcomeRow]:
    """Takes up which locks are in which Spaces; tells what has changed since it was last taken up."""
    before = {(one.door_id, one.room_key) for one in placements}
    after = {(door_id, key) for key, space in spaces.items() for door_id in space.door_ids or ()}
    if before == after:
        return []
    changed = {door_id for door_id, _ in before ^ after}
    if not dry_run:
        decisions = {door_id: [key for one, key in after if one == door_id] for door_id in changed}
        book.decide(property_id, decisions, DecidedBy.SEAM, None, now)
    if not placements:
        return []
    return [
        OutcomeRow(
            Kind.SPACE,
            key,
            Action.KEEP,
            Outcome.DONE,
            say(
                PUT_IN if (door_id, key) in after else TAKEN_OUT,
                lock=doors[door_id].name if door_id in doors else door_id,
            ),
            label=spaces[key].name if key in spaces else None,
            cause=Cause.DRIFT,
        )
        for door_id, key in sorted(before ^ after)
    ]
