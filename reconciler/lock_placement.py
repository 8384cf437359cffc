"""Deciding which lock belongs to which room: what the matcher proposes, what people say, on screen or on paper.

Everything here is about decisions and the local database; `reconciler.room_locks` carries them out in Seam, in a run.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from lock_names.propose import Proposal, propose
from lock_names.read import NamedDoor, NamedRoom
from lock_names.reasons import Reason
from mappers.keys import Keys
from mappers.outcomes import Kind
from mappers.policy import Policy
from mappers.sentences import Said, message, say
from reconciler.room_locks import look_at_locks
from reconciler.spreadsheet import as_csv, plain
from seam_workspace.workspace import Workspace
from store.engine import Database
from store.links import Links
from store.locks import (
    NO_ROOM,
    DecidedBy,
    Lock,
    Locks,
    LocksSummary,
    Placement,
    summaries_of_locks,
)
from store.properties import KnownProperty

CSV_COLUMNS = ("room", "door", "system", "state", "reason", "room_key", "door_id")
DECIDED_WORDS = {
    DecidedBy.MATCH: say("by its name"),
    DecidedBy.PERSON: say("by a person"),
    DecidedBy.FILE: say("by a file"),
    DecidedBy.SEAM: say("found so in Seam"),
}

_NONE = {
    "lock": message("{where}: there is no lock {name}."),
    "room": message("{where}: there is no room {name}."),
}
_SEVERAL = {
    "lock": message("{where}: {number} locks are called {name}: name the one meant in {column}."),
    "room": message("{where}: {number} rooms are called {name}: name the one meant in {column}."),
}


def reason_said(reason: Reason | str) -> str:
    """A reason of `lock_names`, as pages say it in the reader's language."""
    if not isinstance(reason, Reason):
        return reason
    values = {name: reason_said(one) if isinstance(one, str) else one for name, one in reason.values.items()}
    return say(reason.message, **values)


@dataclass(frozen=True, slots=True)
class LockLine:
    """One lock: where it belongs, or where it might."""

    door: Lock
    placements: tuple[Placement, ...]
    proposal: Proposal | None
    """None where it is decided."""
    rooms: tuple[str, ...]
    """Names of the rooms that it belongs to."""
    proposed: str | None
    """Name of the room that is proposed."""
    why: str
    """Why it is proposed, or not; empty where it is decided."""
    out_of_step: bool
    """Decided, and Seam has it otherwise: the next run puts that right."""

    @property
    def is_of_no_room(self) -> bool:
        """Somebody said that it belongs to none."""
        return self.state == "no room"

    @property
    def state(self) -> str:
        """`decided`, `sure`, `doubtful`, `no room` (a person said so) or `nothing fits`."""
        if self.placements:
            return "decided" if any(one.room_key != NO_ROOM for one in self.placements) else "no room"
        if self.proposal is None or self.proposal.room_key is None:
            return "nothing fits"
        return "sure" if self.proposal.sure else "doubtful"


@dataclass(frozen=True, slots=True)
class LocksView:
    """The locks of one property."""

    lines: list[LockLine]
    rooms: dict[str, str]
    """Names of all Spaces by key, common areas included."""
    without_door: list[str]
    """Keys of the rooms that no lock belongs to."""

    def count(self, state: str) -> int:
        return sum(line.state == state for line in self.lines)

    @property
    def sure(self) -> dict[str, str]:
        """Room keys by door id: what may be applied without a person."""
        return {
            line.door.door_id: line.proposal.room_key
            for line in self.lines
            if line.state == "sure" and line.proposal is not None and line.proposal.room_key is not None
        }


def locks_summaries(
    store: Database, of: Iterable[tuple[KnownProperty, Keys, Policy]]
) -> dict[tuple[str, str], LocksSummary]:
    """How far properties are with their locks, by connection and property; from the database alone."""
    areas = {(one.connection, one.property_id): _areas_of(one, keys, policy) for one, keys, policy in of}
    return summaries_of_locks(store, areas.keys(), areas)


class FileWrong(Exception):
    """A file of decisions cannot be used. `problems`: a sentence each, with the line."""

    def __init__(self, problems: list[Said]):
        super().__init__("\n".join(problems))
        self.problems = problems


class LockPlacement:
    """The locks of one property of a connection."""

    def __init__(self, connection: str, keys: Keys, policy: Policy, store: Database, of: KnownProperty):
        self._connection = connection
        self._keys = keys
        self._policy = policy
        self._store = store
        self._of = of
        self._book = Locks(store, connection)

    def refresh(self, workspace: Workspace, now: datetime) -> None:
        """Asks Seam what locks there are now. Raises `SeamError`."""
        spaces = {
            space.key: space
            for space in workspace.list_spaces(self._keys.customer(self._of.property_id))
            if space.key is not None and space.key in self._rooms()
        }
        look_at_locks(
            self._connection,
            self._keys,
            workspace,
            self._store,
            self._of.property_id,
            spaces,
            [],
            now,
            dry_run=False,
        )

    def view(self) -> LocksView:
        """What is known and decided, and what the names propose for the rest; from the database alone."""
        doors = self._book.doors(self._of.property_id)
        placements: dict[str, list[Placement]] = {}
        for placement in self._book.placements(self._of.property_id):
            placements.setdefault(placement.door_id, []).append(placement)
        rooms = self._rooms()
        common = _areas_of(self._of, self._keys, self._policy)
        listed = {door.door_id for door in doors}
        # A lock that Seam lists no more keeps its decision, and keeps no other out of its room.
        decided = {door_id: mine[0].room_key for door_id, mine in placements.items() if door_id in listed}
        proposals = {
            one.door_id: one
            for one in propose(
                [NamedRoom(key, name, key in common) for key, name in rooms.items()],
                [NamedDoor(door.door_id, door.name, door.system) for door in doors],
                decided,
                self._of.name,
            )
        }
        lines = [
            self._line(door, tuple(placements.get(door.door_id, ())), proposals.get(door.door_id), rooms)
            for door in sorted(doors, key=lambda one: _natural(one.name))
        ]
        taken = {placement.room_key for line in lines for placement in line.placements}
        return LocksView(
            lines,
            rooms,
            sorted(
                (key for key in rooms if key not in taken and key not in common), key=lambda key: _natural(rooms[key])
            ),
        )

    def decide(self, decisions: Mapping[str, Iterable[str]], by: DecidedBy, who: str | None, now: datetime) -> None:
        """Takes decisions up: room keys by door id. What was merely found in Seam is confirmed with the first one."""
        chosen = {door_id: sorted(set(room_keys)) for door_id, room_keys in decisions.items()}
        if not chosen:
            return
        self._book.confirm(self._of.property_id, who, now)
        self._book.decide(self._of.property_id, chosen, by, who, now)

    def accept_sure(self, who: str | None, now: datetime) -> int:
        """Decides what may be decided without a person; returns how many locks that were. What was found in Seam is
        confirmed, also where nothing is left to decide."""
        view = self.view()
        sure = view.sure
        self._book.confirm(self._of.property_id, who, now)
        # Whoever comes instead of a lock that is gone has the room for itself, should the other ever come back.
        listed = {line.door.door_id for line in view.lines}
        replaced = {
            one.door_id: ()
            for one in self._book.placements(self._of.property_id)
            if one.door_id not in listed and one.room_key in sure.values()
        }
        chosen = replaced | {door_id: (room_key,) for door_id, room_key in sure.items()}
        self.decide(chosen, DecidedBy.MATCH, who, now)
        return len(sure)

    # --- on paper ---------------------------------------------------------------------------------------------------

    def as_csv(self) -> str:
        """Every lock and every room, for a spreadsheet or a walk through the house."""
        view = self.view()
        written: list[tuple[str, ...]] = []
        for line in view.lines:
            door = line.door
            rooms: list[tuple[str, str]]
            reason: str
            if line.placements:
                rooms = [
                    (view.rooms.get(one.room_key, ""), one.room_key) if one.room_key != NO_ROOM else ("-", "")
                    for one in line.placements
                ]
                reason = DECIDED_WORDS[line.placements[0].decided_by]
            else:
                key = line.proposal.room_key if line.proposal is not None else None
                rooms = [(view.rooms.get(key, ""), key)] if key is not None and line.state == "sure" else [("", "")]
                reason = line.proposal.reason if line.proposal is not None else ""
            for name, key in rooms:
                written.append((name, door.name, door.system, line.state, reason, key, door.door_id))
        for key in (one for one in view.without_door if one not in view.sure.values()):
            written.append((view.rooms[key], "", "", "no door", "no lock belongs to this room", key, ""))
        return as_csv(CSV_COLUMNS, written)

    def read_csv(
        self, text: str, where: Callable[[int], str] = lambda line: say("line {line}", line=line)
    ) -> dict[str, list[str]]:
        """The decisions in a file with the columns `room` and `door` (names, or `room_key` and `door_id`).

        A lock beside `-` belongs to no room; one beside nothing is left undecided; locks that the file does not name
        stay as they are. `where` says how a person calls a line by its number. Raises `FileWrong`.
        """
        view = self.view()
        rows = _rows(text)
        rooms = _by_name((key, name) for key, name in view.rooms.items())
        doors = _by_name((line.door.door_id, line.door.name) for line in view.lines)
        door_ids = {line.door.door_id for line in view.lines}
        decisions: dict[str, list[str]] = {}
        problems: list[Said] = []
        for number, row in rows:
            door_text, room_text = row.get("door", ""), row.get("room", "")
            if not door_text and not row.get("door_id"):
                continue
            door_id = _chosen("lock", row.get("door_id", ""), door_text, door_ids, doors, where(number), problems)
            if door_id is None:
                continue
            if room_text == "-":
                room_keys = [NO_ROOM]
            elif not room_text and not row.get("room_key"):
                room_keys = []
            else:
                # The name counts where somebody has written another one over it.
                key = row.get("room_key", "")
                key = key if not room_text or room_text in (key, view.rooms.get(key)) else ""
                found = _chosen("room", key, room_text, view.rooms.keys(), rooms, where(number), problems)
                room_keys = [found] if found is not None else []
            decisions.setdefault(door_id, []).extend(room_keys)
        if problems:
            raise FileWrong(problems)
        return decisions

    # --- inside -----------------------------------------------------------------------------------------------------

    def _line(
        self, door: Lock, placements: tuple[Placement, ...], proposal: Proposal | None, rooms: Mapping[str, str]
    ) -> LockLine:
        wanted = {one.room_key for one in placements if one.room_key != NO_ROOM}
        proposed = proposal.room_key if proposal is not None else None
        return LockLine(
            door,
            placements,
            proposal if not placements else None,
            tuple(rooms.get(key, key) for key in sorted(wanted, key=lambda key: _natural(rooms.get(key, key)))),
            rooms.get(proposed, proposed) if proposed is not None and not placements else None,
            reason_said(proposal.reason) if proposal is not None and not placements else "",
            bool(placements) and wanted != set(door.room_keys),
        )

    def _rooms(self) -> dict[str, str]:
        links = Links(self._store).of_connection(self._connection, [Kind.SPACE])
        mine = {key: link.label or key for (_, key), link in links.items() if link.property_id == self._of.property_id}
        return dict(sorted(mine.items(), key=lambda item: _natural(item[1])))


def _areas_of(of: KnownProperty, keys: Keys, policy: Policy) -> frozenset[str]:
    """The keys of the Spaces of its common areas."""
    return frozenset(
        keys.common_area(area.key, of.property_id, shares) for area in policy.common_areas for shares in (False, True)
    )


def _rows(text: str) -> list[tuple[int, dict[str, str]]]:
    text = text.removeprefix("\ufeff")
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count) if any(one in first for one in ",;\t") else ","
    reader = csv.reader(io.StringIO(text), delimiter=delimiter)
    try:
        listed = list(reader)
    except csv.Error as problem:
        raise FileWrong(
            [say("line {line}: this is not CSV ({problem}).", line=reader.line_num, problem=str(problem))]
        ) from None
    if not listed:
        raise FileWrong([say("the file is empty.")])
    names = [cell.strip().lower() for cell in listed[0]]
    if not ("door" in names or "door_id" in names) or not ("room" in names or "room_key" in names):
        raise FileWrong([say("line 1: the columns room and door are missing.")])
    rows = []
    for number, cells in enumerate(listed[1:], start=2):
        row = {name: plain(cell) for name, cell in zip(names, cells, strict=False)}
        if any(row.values()):
            rows.append((number, row))
    return rows


def _by_name(named: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for one, name in named:
        found.setdefault(" ".join(name.split()).casefold(), []).append(one)
    return found


def _chosen(
    what: str,
    given_id: str,
    name: str,
    ids: Iterable[str],
    by_name: Mapping[str, list[str]],
    where: str,
    problems: list[Said],
) -> str | None:
    if given_id and given_id in set(ids):
        return given_id
    found = by_name.get(" ".join(name.split()).casefold(), [])
    if len(found) == 1:
        return found[0]
    column = "door_id" if what == "lock" else "room_key"
    if not found:
        problems.append(say(_NONE[what], where=where, name=repr(name or given_id)))
    else:
        problems.append(say(_SEVERAL[what], where=where, number=len(found), name=repr(name), column=column))
    return None


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Sorts "Room 9" before "Room 10"."""
    parts: list[tuple[int, int, str]] = []
    digits = ""
    for one in name.casefold() + " ":
        if one.isascii() and one.isdigit():
            digits += one
            continue
        if digits:
            parts.append((0, int(digits), ""))
            digits = ""
        parts.append((1, 0, one))
    return parts
