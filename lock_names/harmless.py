"""What tells no rooms of a house apart: words, buildings and floors that its lock systems write as a custom.

Learned from all doors of a house as read; what only some doors say, and nothing explains, is never harmless.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

from lock_names import words as say
from lock_names.read import Name, NamedDoor, Reading, is_floor, marks_of
from lock_names.shares import FEW, MANY, MOST, OFTEN, RATHER, SELDOM, USUAL
from lock_names.sharing import SMALL, Claim, listed_again, words_that_share
from lock_names.tokens import clean_name, tokens_of

if TYPE_CHECKING:
    from lock_names.house import House


def _bare(house: "House", door_id: str) -> tuple[tuple[str, ...], set[int]]:
    """A door's number without building and floor, and the rooms that have it."""
    marks = marks_of(house.said_doors[door_id])
    core: tuple[str, ...] = ()
    hit: set[int] = set()
    whole = tuple(house.said_doors[door_id].core)
    entries = house.by_core.get(whole, ()) if marks else ()
    as_said = {at for at, reading in entries if reading == Reading(whole)}
    if as_said:
        return whole, as_said
    if hit := {at for at, reading in entries if reading.how == "initial"}:
        core = whole
    for reading in house.door_readings[door_id] if not hit else ():
        left = marks - reading.dropped
        if any(not mark.isdecimal() for mark in left) or (left and reading.how != "join"):
            continue
        if not reading.how:
            core = reading.core
        hit |= {at for at, _ in house.by_core.get(reading.core, ())}
    if len(hit) > 1:
        # "Camden 12B": there is a 12B in each street, and this one says which.
        said = house.said_doors[door_id]
        everything = said.words | {word for word in said.said if len(word) > 1 or word in said.core} | marks
        places = {at: {word for word in house.said_rooms[at].said if say.KINDS.get(word) in say.PLACES} for at in hit}
        words = {at: house.said_rooms[at].words | marks_of(house.said_rooms[at]) | places[at] for at in hit}
        all_say = set.intersection(*words.values())
        tells = {at: said - all_say for at, said in words.items()}
        said_so = {
            at: more
            for at, more in tells.items()
            # "TM 104" is "Torre Mar 104".
            if more <= everything or (len(initials := house.said_rooms[at].initials) > 1 and initials in said.words)
        }
        # "101" is the main house's, and "Annexe 101" the annexe's.
        hit = {at for at, more in said_so.items() if not any(more < other for other in said_so.values())} or hit
    return core, hit


def _said_of_names(house: "House", members: Sequence[NamedDoor], known: set[str]) -> set[str]:
    """Words that most of a system's doors have beside the name of a room that has no number: "Deadbolt" of
    "Rose Cottage Deadbolt"."""
    rooms_by_word: dict[str, set[int]] = defaultdict(set)
    for at, (room, said) in enumerate(zip(house.rooms, house.said_rooms, strict=True)):
        if not room.is_common and not said.has_number:
            for word in said.words:
                rooms_by_word[word].add(at)
    found: dict[str, list[int]] = defaultdict(list)
    reached = 0
    for door in members:
        said = house.said_doors[door.id]
        if said.has_number or said.apart or said.inside:
            continue
        words = said.words | set(said.said)
        rooms = {at for word in words for at in rooms_by_word.get(word, ()) if house.said_rooms[at].words <= words}
        if len(rooms) == 1:
            reached += 1
            kinds = {word for word in said.said if say.KINDS.get(word, "room") != "room"}
            for word in (said.words | kinds - house.said_kinds) - house.vocabulary - known - say.FORMER:
                found[word].extend(rooms)
    return {
        word
        for word, rooms_of in found.items()
        if len(rooms_of) >= max(FEW, USUAL * reached) and len(set(rooms_of)) >= MOST * len(rooms_of)
    }


def harmless_words(house: "House", decided: Mapping[str, str]) -> dict[str, set[str]]:
    """By lock system: words, buildings and floors of its doors that tell no rooms of this house apart."""
    harmless = {}
    for system in house.systems:
        own = {token.text for token in tokens_of(clean_name(system))} - say.BUILDING - say.NOT_A_ROOM - say.INSIDE
        harmless[system] = (own | house.own_words) - house.vocabulary
    may_share = {
        door.id: door
        for door in house.doors
        if house.said_doors[door.id].has_number and house.said_doors[door.id].apart <= say.INSTALLATION
    }
    bare = {door_id: _bare(house, door_id) for door_id in may_share}
    foreign = {
        door_id: frozenset(
            word
            for word in _all_words(house.said_doors[door_id]) | marks_of(house.said_doors[door_id])
            if word not in harmless[door.system]
            and not (word.isdecimal() and len(bare[door_id][1]) == 1)
            and word not in {house.said_rooms[at].initials for at in bare[door_id][1] if len(word) > 1}
        )
        for door_id, door in may_share.items()
    }
    numbered = {
        door_id: door
        for door_id, door in may_share.items()
        if not house.said_doors[door_id].apart and not house.said_doors[door_id].inside
    }
    borne = Counter((door.system, word) for door_id, door in numbered.items() for word in foreign[door_id])
    of_system = Counter(door.system for door in numbered.values())
    usual = [
        door_id
        for door_id, door in numbered.items()
        if house.said_doors[door_id].names_building
        or all(
            borne[door.system, word] >= SELDOM * of_system[door.system]
            for word in foreign[door_id] & house.said_doors[door_id].words
        )
    ]
    of_systems: dict[str, set[int]] = defaultdict(set)
    for door_id, door in numbered.items():
        of_systems[door.system] |= bare[door_id][1] if len(bare[door_id][1]) == 1 else set()
    again = listed_again(of_systems, sum(not room.is_common for room in house.rooms))
    anywhere = _spread([door_id for door_id in usual if numbered[door_id].system not in again], bare, foreign)
    for system, members in house.systems.items():
        here = [door.id for door in members if door.id in numbered]
        harmless[system] |= _said_of_names(house, members, harmless[system])
        harmless[system] |= _customary(
            house,
            here,
            [door_id for door_id in usual if numbered[door_id].system == system],
            bare,
            foreign,
            anywhere,
            decided,
        )
    for system, words in _sharing(house, bare, foreign, harmless).items():
        harmless[system] |= words
    return harmless


def _sharing(
    house: "House",
    bare: Mapping[str, tuple[tuple[str, ...], set[int]]],
    foreign: Mapping[str, frozenset[str]],
    harmless: Mapping[str, set[str]],
) -> dict[str, set[str]]:
    """By lock system, the unknown words of some of its doors that tell no rooms apart."""
    claims: list[Claim] = []
    unclaimed = Counter[tuple[str, frozenset[str]]]()
    known = {mark for said in house.said_rooms for mark in marks_of(said)} | house.vocabulary
    for door_id, (_, hit) in bare.items():
        system = house.named_doors[door_id].system
        mine = set[str]()
        if len(hit) == 1:
            room = house.said_rooms[next(iter(hit))]
            mine = room.words | marks_of(room)
        unknown = frozenset(
            word for word in foreign[door_id] - harmless[system] - mine if not is_floor(word) and word != "no"
        )
        if unknown & (known | set(say.DIRECTIONS.values()) | say.FORMER | say.NAMES_A_BUILDING):
            continue
        if len(hit) == 1:
            claims.append(Claim(system, unknown, next(iter(hit))))
        else:
            unclaimed[system, unknown] += 1
    claims.extend(_claims_by_name(house, harmless))
    rooms = [
        at
        for at, (room, said) in enumerate(zip(house.rooms, house.said_rooms, strict=True))
        if not room.is_common and (said.has_number or said.words)
    ]
    return words_that_share(claims, unclaimed, rooms)


def _claims_by_name(house: "House", harmless: Mapping[str, set[str]]) -> Iterable[Claim]:
    """The doors without a number that say the name of one room."""
    by_word: dict[str, set[int]] = defaultdict(set)
    for at, (room, said) in enumerate(zip(house.rooms, house.said_rooms, strict=True)):
        if not room.is_common and not said.has_number:
            for word in said.words:
                by_word[word].add(at)
    for door in house.doors if by_word else ():
        said = house.said_doors[door.id]
        if said.has_number or not said.apart <= say.INSTALLATION:
            continue
        words = said.words | set(said.said)
        named = {at for word in words for at in by_word.get(word, ()) if house.said_rooms[at].words <= words}
        most = max((len(house.said_rooms[at].words) for at in named), default=0)
        rooms = [at for at in named if len(house.said_rooms[at].words) == most]
        if len(rooms) != 1:
            continue
        at = rooms[0]
        kinds = {word for word in said.said if say.KINDS.get(word, "room") != "room"}
        unknown = (_all_words(said) | kinds - house.said_kinds) - house.said_rooms[at].words - harmless[door.system]
        if not unknown & (house.vocabulary | say.FORMER):
            yield Claim(door.system, frozenset(unknown), at)


def _customary(
    house: "House",
    numbered: Sequence[str],
    usual: Sequence[str],
    bare: Mapping[str, tuple[tuple[str, ...], set[int]]],
    foreign: Mapping[str, frozenset[str]],
    anywhere: Mapping[str, int],
    decided: Mapping[str, str],
) -> set[str]:
    """Of one system's doors, those words that go with the way of writing, or share the house out."""
    here = _spread(usual, bare, foreign)
    known = {mark for said in house.said_rooms for mark in marks_of(said)} | house.vocabulary
    bearers: dict[str, list[Name]] = defaultdict(list)
    hits: dict[str, list[set[int]]] = defaultdict(list)
    taught = Counter[str]()
    for door_id in numbered:
        for word in foreign[door_id] - known:
            bearers[word].append(house.said_doors[door_id])
            hits[word].append(bare[door_id][1])
            taught[word] += any(house.rooms[at].key == decided.get(door_id) for at in bare[door_id][1])
    rooms = sum(said.has_number for said in house.said_rooms) or 1
    prefixes = {house.said_doors[door_id].core[0] for door_id in numbered if house.said_doors[door_id].cut}
    # Names that say a number and nothing else, and no room's as they are read: those may be the house's own.
    without_words = sum(
        not house.said_doors[door_id].words - known - house.own_words and not bare[door_id][1] for door_id in numbered
    )
    could_be_rooms = sum(len(bare[door_id][1]) == 1 for door_id in numbered)
    customary: set[str] = set()
    floors: set[str] = set()
    buildings: set[str] = set()
    for word, doors in bearers.items():
        if taught[word] >= FEW:
            customary.add(word)
            continue
        named = sum(len(hit) == 1 for hit in hits[word])
        if len(doors) < FEW or named < MOST * len(doors) or word in here:
            continue
        is_constant = (
            len(doors) >= USUAL * could_be_rooms
            and len(doors) >= min(MANY, SMALL * rooms)
            and len(doors) >= OFTEN * (len(doors) + without_words)
        )
        is_code = all(word in said.codes for said in doors) or prefixes == {word}
        is_building = any(word in marks_of(said) or word in said.of_building for said in doors)
        # "Kiezhaus" is a house's name as good as any; "Haus Nord" and "Haus 2" are one of several.
        whole_names = {word for said in doors for ending in say.BUILDING_ENDINGS if word + ending in said.said}
        if is_floor(word):
            floors.add(word)
        elif is_building and word not in anywhere:
            buildings.add(word)
        if (
            is_constant
            and anywhere[word] <= RATHER * len(doors)
            and (is_code or not is_building or word in whole_names)
            and word not in say.DIRECTIONS.values()
            and word not in say.FORMER
        ):
            customary.add(word)
    reached = {at for door_id in usual for at in bare[door_id][1]}
    for words in (floors, buildings):
        # One building's name may say that it is not this one; several that share the house out say where they
        # are. A word that others have a part of ("Aurora" of "Aurora North" and "Aurora South") is no part ithouse.
        rooms_of = {word: {at for hit in hits[word] for at in hit} for word in words}
        parts = [word for word in words if not any(rooms_of[other] < rooms_of[word] for other in words)]
        covered = set().union(*(rooms_of[word] for word in parts))
        if len(parts) > 1 and len(covered) >= max(0.6 * len(reached), 0.25 * rooms):
            customary |= words
    return customary


def customs_of(house: "House", members: Sequence[NamedDoor]) -> set[str]:
    """Those of "join", "within", "letter" and "initial" that nearly all doors of a system bear out."""
    could, does = Counter[str](), Counter[str]()
    for door in members:
        said = house.said_doors[door.id]
        if said.apart:
            continue
        readings = house.door_readings[door.id]
        for how in ("join", "letter"):
            if any(reading.how == how for reading in readings):
                could[how] += 1
                does[how] += any(reading.how == how and reading.core in house.by_core for reading in readings)
        numbers = [part for part in said.core[0 if said.cut == 2 else said.cut :] if part.isdecimal()]
        if len(numbers) > 1 and len(numbers[-2]) < 3 <= len(numbers[-1]):
            could["within"] += 1
            does["within"] += any(reading.how == "within" for reading in readings)
        if any(reading.how == "letter" for reading in readings):
            could["initial"] += 1
            does["initial"] += any(
                other.how == "initial"
                for reading in readings
                if reading.how == "letter"
                for _, other in house.by_core.get(reading.core, ())
            )
        elif said.cut:
            could["initial"] += 1
            found = house.by_core.get(tuple(said.core), ())
            does["initial"] += any(reading.how in ("", "initial") for _, reading in found)
    return {how for how in could if does[how] >= max(FEW, MOST * could[how])}


def _all_words(said: Name) -> set[str]:
    return said.words | said.apart | said.inside


def _spread(
    doors: Iterable[str],
    bare: Mapping[str, tuple[tuple[str, ...], set[int]]],
    foreign: Mapping[str, frozenset[str]],
) -> Counter[str]:
    """Words by which doors of one number are told apart, and how many numbers each."""
    seen: dict[object, set[frozenset[str]]] = defaultdict(set)
    for door_id in doors:
        core, hit = bare[door_id]
        seen[core if len(hit) != 1 else frozenset(hit)].add(foreign[door_id])
    return Counter(
        word
        for sets in seen.values()
        if len(sets) > 1
        for word in frozenset.union(*sets) - frozenset.intersection(*sets)
    )
