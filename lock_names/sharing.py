"""Words of which some locks have one and some another, or none: noise where the locks share one house out.

"101 kbd", "102 slpk", "103": nobody knows the words. But where the locks with either and those with neither are
together all the rooms', none twice, and alternate from room to room, they are one house's. Another house's locks or an
annex's would name rooms that have a lock already, would leave rooms without, or would stand together on a storey of
their own.
"""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from lock_names import words as say
from lock_names.shares import FEW, MANY, MOST, OFTEN, RATHER, USUAL
from lock_names.tokens import tokens_of

TWICE = 0.03
"""Up to this share of a group's rooms may have a lock of another group too: a mistyped number."""
SMALL = 0.4
"""Of an account with less than this share of the rooms that have a lock, all locks may be an annex's."""
_RARE, _FEW_OF_AN_ANNEX = 0.2, 4
"""What a smaller share of an account's locks has, or fewer locks, may be the mark of an annex whose locks have the
numbers of just those rooms whose own locks are missing."""
_ALTERNATING = 0.4
"""From which share of the changes that chance would bring on two groups alternate."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A lock of one system whose number is one room's, if its unknown words say nothing."""

    system: str
    unknown: frozenset[str]
    """Its words that nobody knows. Empty: the name says a room and nothing else."""
    room: int
    """The room's place in the house's natural order."""


def said_by_most(doors: Collection[tuple[str, str]]) -> dict[str, set[str]]:
    """By lock system, what most of its locks say and what so tells no room from something else: a device to which they
    are connected, a staircase in which they are ("Stair A floor 2 door 1"). `doors`: lock system and cleaned name."""
    locks = Counter(system for system, _ in doors)
    borne: Counter[tuple[str, str]] = Counter()
    for system, clean in doors:
        tokens = tokens_of(clean)
        words = {token.text for token in tokens}
        # "Stair 1" is a staircase.
        is_in_one = sum(token.is_number for token in tokens) > 1
        borne.update((system, word) for word in words & (say.INSTALLATION | (say.STAIRCASES if is_in_one else set())))
    found: dict[str, set[str]] = defaultdict(set)
    for (system, word), count in borne.items():
        if count >= USUAL * locks[system]:
            found[system].add(word)
    return found


def words_that_share(
    claims: Sequence[Claim], unclaimed: Mapping[tuple[str, frozenset[str]], int], rooms: Collection[int]
) -> dict[str, set[str]]:
    """By lock system, the unknown words of its locks that are noise.

    `unclaimed`: by system and words, how many locks that are written so have no one room. `rooms`: the places of all
    rooms that have a number. Pure; the order of the input does not matter.
    """
    of_system: dict[str, set[int]] = defaultdict(set)
    for claim in claims:
        of_system[claim.system].add(claim.room)
    again = listed_again(of_system, len(rooms))
    of_group: dict[tuple[str, frozenset[str]], list[int]] = defaultdict(list)
    for claim in claims:
        if claim.system not in again:
            of_group[claim.system, claim.unknown].append(claim.room)
    locks = Counter[str]()
    for (system, _), rooms_there in of_group.items():
        locks[system] += len(rooms_there)
    for (system, _), count in unclaimed.items():
        locks[system] += count
    accepted = _one_house(of_group, unclaimed)
    if not accepted:
        return {}
    by_system: dict[str, dict[frozenset[str], set[int]]] = defaultdict(dict)
    for system, unknown in accepted:
        by_system[system][unknown] = set(of_group[system, unknown])
    everywhere = {room for there in of_group.values() for room in there}
    result: dict[str, set[str]] = {}
    for system, groups in by_system.items():
        mine = sorted(set().union(*groups.values()))
        between = [room for room in rooms if mine[0] <= room <= mine[-1]]
        covered = sum(room in everywhere for room in between)
        if len(groups) < 2 or len(mine) < min(MANY, SMALL * len(rooms)) or covered < MOST * len(between) - 1:
            continue
        bearers: dict[str, set[int]] = defaultdict(set)
        for unknown, there in groups.items():
            for word in unknown:
                bearers[word] |= there
        words = {
            word
            for word, there in bearers.items()
            if not is_rare(len(there), locks[system]) and alternates(there, mine)
        }
        if words:
            result[system] = words
    return result


def _one_house(
    of_group: Mapping[tuple[str, frozenset[str]], Sequence[int]],
    unclaimed: Mapping[tuple[str, frozenset[str]], int],
) -> list[tuple[str, frozenset[str]]]:
    """Groups of which no two name the same rooms, those without unknown words first, then the largest."""
    order = sorted(of_group, key=lambda one: (bool(one[1]), -len(of_group[one]), one[0], sorted(one[1])))
    accepted: list[tuple[str, frozenset[str]]] = []
    owner: dict[int, tuple[str, frozenset[str]]] = {}
    rivals: set[tuple[str, frozenset[str]]] = set()
    strangers = Counter[tuple[str, frozenset[str]]]()
    for group in order:
        there = of_group[group]
        if group[1] and (
            len(there) < FEW
            or len(set(there)) < (1 - TWICE) * len(there)
            or unclaimed.get(group, 0) > (1 - MOST) * len(there)
        ):
            continue
        taken = Counter(owner[room] for room in there if room in owner)
        if group[1] and sum(taken.values()) > TWICE * len(there):
            # Of two that name the same rooms nobody knows which is the house's, unless one is a few odd doors.
            rivals.update(one for one, count in taken.items() if count >= max(FEW, RATHER * len(of_group[one])))
            for one, count in taken.items():
                strangers[one] += count
            continue
        accepted.append(group)
        for room in there:
            owner.setdefault(room, group)
    rivals.update(one for one, count in strangers.items() if count >= OFTEN * len(of_group[one]) and one[1])
    return [one for one in accepted if one not in rivals]


def is_rare(count: int, of: int) -> bool:
    """Whether so few of an account's locks have a mark that it may be an annex's."""
    return count < max(_FEW_OF_AN_ANNEX, _RARE * of)


def alternates(there: set[int], mine: Sequence[int]) -> bool:
    """Whether the rooms of one word stand among the others of its system, and not together."""
    runs = sum(room in there and (at == 0 or mine[at - 1] not in there) for at, room in enumerate(mine))
    by_chance = len(there) * (len(mine) - len(there) + 1) / len(mine)
    return runs >= max(2, _ALTERNATING * by_chance)


def listed_again(rooms_of: Mapping[str, Collection[int]], rooms: int) -> set[str]:
    """The small lock systems of which nearly all locks have the number of a room that another system's lock has too,
    where those others have nearly all `rooms`: locks that are listed twice, as an entrance and as a device, or another
    house's. They do not make the others doubtful but for the rooms that they name.

    `rooms_of`: by system, the places of the rooms that its locks name.
    """
    result: set[str] = set()
    for system, mine in sorted(rooms_of.items(), key=lambda one: (len(set(one[1])), one[0])):
        others = {
            room for other, theirs in rooms_of.items() if other != system and other not in result for room in theirs
        }
        both = others.intersection(mine)
        is_twice = mine and MOST * len(set(mine)) <= len(both) <= RATHER * len(others)
        if is_twice and len(others) >= MOST * rooms:
            result.add(system)
    return result
