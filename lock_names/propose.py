"""One proposal for each door: the room, how sure that is, and why."""

from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from lock_names import words as say
from lock_names.alignment import aligned
from lock_names.assignment import assigned
from lock_names.elsewhere import Marked, marked, marks_of_elsewhere, places_of, quoted_marks
from lock_names.fit import FAR, FULL, LOOSE, PART, READ, Fit, fits_of, quoted, rank
from lock_names.forms import Written, doubts_by_form, doubts_by_system
from lock_names.house import House
from lock_names.lockers import beds_of_lockers
from lock_names.mistyping import glued_letters
from lock_names.read import MAX_OTHERS, Name, NamedDoor, NamedRoom
from lock_names.reasons import because, together
from lock_names.remarks import COMPLETE, is_room_like, without_remarks
from lock_names.shares import MANY
from lock_names.sharing import TWICE
from lock_names.tokens import clean_name, lengths_of_serials, plain_name, tokens_of

_CONFIDENCE = {FULL: 99, READ: 95, PART: 90}
_OF_ENTRANCES = 40
_DOORS = say.of_text("door doors dr tür türe tur porte puerta porta deur dør drzwi")
_OF_A_DOOR = say.of_text("main front frnt principal principale outer outside exterior external ext aussen außen")
"""Words that say an entrance with a door only: "zeus main" is the larger room of two."""
_SAYS_NO_ROOM = say.ENTRY | say.DOOR | say.JOINING | say.BUILDING | say.NAMES_A_BUILDING | frozenset(say.KINDS)


@dataclass(frozen=True, slots=True)
class Proposal:
    """Where a door belongs, and how sure that is."""

    door_id: str
    room_key: str | None
    """None: no room fits, or the one that fits has a better door."""
    sure: bool
    """May be applied without a person."""
    confidence: int
    """0..100."""
    reason: str
    """For hotel staff: why this room, or why not surer."""
    others: tuple[str, ...] = ()
    """Rooms that a person might choose instead, best first."""


def propose(
    rooms: Sequence[NamedRoom], doors: Sequence[NamedDoor], decided: Mapping[str, str], house: str = ""
) -> list[Proposal]:
    """One proposal for each door that is not decided, in natural order of the doors' names.

    `decided` maps a door's id to the key of its room, as a person or an earlier run chose; give the decided doors among
    `doors` too, for their names teach how the house writes. `house` is the property's name, the words of which say
    nothing about a room. Pure; the order of the input does not matter.
    """
    let = {room.key: clean_name(room.name) for room in rooms if not room.is_common}
    names = {door.id: clean_name(door.name) for door in doors}
    return _but_for_entrances(_read_again(rooms, doors, decided, house, let, names), names, let)


def _read_again(
    rooms: Sequence[NamedRoom],
    doors: Sequence[NamedDoor],
    decided: Mapping[str, str],
    house: str,
    let: Mapping[str, str],
    names: Mapping[str, str],
) -> list[Proposal]:
    """All of them, read once more with lockers as their beds, and without remarks. `let`, `names`: those of the rooms
    that are let and of the doors, clean."""
    found = _proposed(rooms, doors, decided, house)
    claims = {one.door_id: one.room_key for one in found if one.sure and one.room_key} | dict(decided)
    lockers = beds_of_lockers(let, names, claims)
    if lockers := {door_id: key for door_id, key in lockers.items() if door_id not in decided}:
        as_named = {room.key: room.name for room in rooms}
        doors = [replace(one, name=as_named[lockers[one.id]]) if one.id in lockers else one for one in doors]
        names = {**names, **{door_id: clean_name(as_named[key]) for door_id, key in lockers.items()}}
        found = _proposed(rooms, doors, decided, house)
    sure = {one.door_id: one.room_key for one in found if one.sure and one.room_key in let}
    open_doors = [one.door_id for one in found if not one.sure]
    with_lock = {*sure.values(), *decided.values()} & let.keys()
    plain = without_remarks(names, open_doors, list(let.values()), len(with_lock))
    if not plain:
        return found
    again = _proposed(rooms, [replace(door, name=plain.get(door.id, door.name)) for door in doors], decided, house)
    told = {one.door_id: one for one in again if one.sure and one.door_id in plain and one.room_key in let}
    told = {door_id: one for door_id, one in told.items() if one.room_key not in with_lock}
    kept = all(one.room_key == sure[one.door_id] for one in again if one.sure and one.door_id in sure)
    # Where rooms lack a lock, this one may be a cupboard's or an annex's.
    unread = sum(is_room_like(names[door_id]) for door_id in open_doors if door_id not in told)
    if not kept or len(with_lock) + len(told) + unread < COMPLETE * len(let):
        return found
    return [told.get(one.door_id, one) for one in found]


def _proposed(
    rooms: Sequence[NamedRoom], doors: Sequence[NamedDoor], decided: Mapping[str, str], house: str
) -> list[Proposal]:
    known = House(rooms, doors, decided, house)
    taken = set(decided.values())
    fits = {door.id: fits_of(known, door) for door in known.doors}
    choices = {door_id: _choice(known, door_id, found) for door_id, found in fits.items()}
    marks = _doubts_by_mark(known, fits, choices, decided)
    written = _written(known, fits, choices, decided)
    of_form = {
        door_id: doubt
        for door_id, doubt in doubts_by_form(written, known.room_cores).items()
        if choices[door_id][0] is not None and not choices[door_id][1] and door_id not in marks
    }
    doubts = marks | of_form
    of_system = doubts_by_system(written.values(), len(known.room_cores))
    # Of two that say the same room, nobody knows which is the house's.
    rivals = {
        door_id
        for door_id, (fit, doubt) in choices.items()
        if fit is not None and not doubt and door_id not in doubts and known.named_doors[door_id].system in of_system
    }
    doubts |= {door_id: of_system[known.named_doors[door_id].system] for door_id in rivals}
    choices = {
        door_id: (fit, doubt or doubts.get(door_id, "") if fit is not None else doubt)
        for door_id, (fit, doubt) in choices.items()
        if door_id not in decided
    }
    ways = _ways_of_doubt(known, choices, _claims(choices), of_form) | rivals
    choices |= _aligned(known, choices, decided, written, marks, rivals)
    untrusted = {door.id for door in known.doors if door.system in of_system}
    choices |= _assigned(known, choices, decided, written, marks, untrusted)
    choices |= _of_unclear_numbering(known, choices)
    claims = _claims(choices)
    return [
        _proposal(known, door, fits[door.id], choices[door.id], claims, taken, ways)
        for door in known.doors
        if door.id not in decided
    ]


def _claims(choices: Mapping[str, tuple[Fit | None, str]]) -> dict[int, list[tuple[int, str]]]:
    """By room, the doors that may be its own, each with how well it fits."""
    claims: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for door_id, (fit, doubt) in choices.items():
        if fit is not None:
            claims[fit.room].append((_strength(fit, doubt), door_id))
    return claims


def _whole_house(
    known: House, choices: Mapping[str, tuple[Fit | None, str]], decided: Mapping[str, str]
) -> tuple[dict[str, int], dict[int, str], dict[str, tuple[str, str]]]:
    """What the house is judged by as a whole: the rooms of doors that are sure or decided, by door; the names of the
    rooms that are let, by place; lock system and name of each door."""
    sure = {door_id: fit.room for door_id, (fit, doubt) in choices.items() if fit is not None and not doubt}
    sure |= {door_id: known.place[key] for door_id, key in decided.items() if key in known.place}
    let = {at: known.room_names[at] for at, room in enumerate(known.rooms) if not room.is_common}
    return sure, let, {door.id: (door.system, known.as_written[door.id]) for door in known.doors}


def _aligned(
    known: House,
    choices: Mapping[str, tuple[Fit | None, str]],
    decided: Mapping[str, str],
    written: Mapping[str, Written],
    marked: Collection[str],
    untrusted: Collection[str],
) -> dict[str, tuple[Fit, str]]:
    """The doors that are doubted or cannot be read one by one, and of which the house as a whole tells the room.

    `marked`: those that may be an annex's by a mark; `untrusted`: those of accounts that may have two houses' locks.
    """
    sure, let, names = _whole_house(known, choices, decided)
    told = aligned(let, names, sure)
    # With the rooms that are told now, the locks of a form may fit the house as a whole.
    fitting = {
        door_id: replace(one, rooms=frozenset({told[door_id][0]}), claims=told[door_id][0]) if door_id in told else one
        for door_id, one in written.items()
    }
    untrusted = {*untrusted, *(doubts_by_form(fitting, known.room_cores) if told else ())}
    found = {}
    for door_id, (at, is_explained) in told.items():
        fit, _ = choices.get(door_id, (None, ""))
        is_the_same = fit is not None and fit.room == at
        # What is glued to a serial number went with it.
        is_seen = is_explained and not lengths_of_serials(plain_name(known.named_doors[door_id].name))
        is_doubted = door_id in untrusted or (door_id in marked and not is_seen)
        if door_id not in sure and not (is_the_same and is_doubted):
            found[door_id] = (Fit(at, READ, ()), "")
    return found


def _assigned(
    known: House,
    choices: Mapping[str, tuple[Fit | None, str]],
    decided: Mapping[str, str],
    written: Mapping[str, Written],
    marked: Collection[str],
    untrusted: Collection[str],
) -> dict[str, tuple[Fit, str]]:
    """The doors that nothing else tells, of which the rooms that are left tell it.

    `marked`: those that may be an annex's by a mark."""
    sure, let, names = _whole_house(known, choices, decided)
    noise = {system: known.noise(system) for system in known.systems}
    told, may_be = assigned(let, names, sure, noise, known.have_names)
    found = sure | told
    fitting = {
        door_id: replace(one, rooms=frozenset({found[door_id]}), claims=found[door_id])
        if door_id in found
        else replace(one, rooms=one.rooms | may_be.get(door_id, set()))
        for door_id, one in written.items()
    }
    untrusted = {*untrusted, *(doubts_by_form(fitting, known.room_cores) if told else ())}
    return {
        door_id: (Fit(at, READ, ()), "")
        for door_id, at in told.items()
        if door_id not in sure
        and door_id not in untrusted
        # What is glued to a serial number went with it.
        and not (door_id in marked and lengths_of_serials(plain_name(known.named_doors[door_id].name)))
    }


def _of_unclear_numbering(
    known: House, choices: Mapping[str, tuple[Fit | None, str]]
) -> dict[str, tuple[Fit | None, str]]:
    """The doors whose number is one room's by one numbering of the house, and another's by another."""
    doubt = because("rooms of this house have two numbers, and it is not clear which of them the lock says")
    return {
        door_id: (choices[door_id][0], choices[door_id][1] or doubt)
        for door_id in known.of_unclear_numbering & choices.keys()
    }


def _but_for_entrances(found: Sequence[Proposal], names: Mapping[str, str], rooms: Mapping[str, str]) -> list[Proposal]:
    """A lock that says an entrance, no number or letter, and not what another says of its room, may be a building's:
    "Gästehaus Eingang" beside "GH App. Enzian" and the room "Gästehaus Apartment Enzian". `names`, `rooms`: clean."""
    words = {door_id: {token.text for token in tokens_of(name)} for door_id, name in names.items()}
    open_doors = [one.door_id for one in found if not one.sure]
    doubt = because("it is an entrance, and another lock says more of this room")
    result = []
    for one in found:
        of_room = {token.text for token in tokens_of(rooms.get(one.room_key or "", ""))}
        said = words[one.door_id]
        entrances = (said & say.ENTRY) - of_room
        is_entrance = bool(entrances - _OF_A_DOOR or (entrances and said & _DOORS))
        is_entrance = is_entrance and not any(len(word) == 1 or word.isdecimal() for word in said)
        unsaid = {word for word in of_room - said - _SAYS_NO_ROOM if not word.isdecimal() and len(word) > 1}
        if one.sure and is_entrance and any(unsaid & words[other] for other in open_doors):
            result.append(replace(one, sure=False, confidence=_OF_ENTRANCES, reason=doubt))
        else:
            result.append(one)
    return result


def _written(
    known: House,
    fits: Mapping[str, Sequence[Fit]],
    choices: Mapping[str, tuple[Fit | None, str]],
    decided: Mapping[str, str],
) -> dict[str, Written]:
    """The doors as they are compared with others of their form. A decided door fits its room only."""
    result = {}
    for door in known.doors:
        found = {
            fit.room
            for fit in fits[door.id]
            if (fit.level < PART or (fit.level == PART and not fit.doubts))
            and not fit.is_elsewhere
            and not known.rooms[fit.room].is_common
        }
        if door.id in decided:
            at = known.place.get(decided[door.id])
            if at is None or known.rooms[at].is_common:
                continue
            found &= {at}
        fit, doubt = choices[door.id]
        claims = fit.room if fit is not None and not doubt and fit.room in found else None
        if (
            claims is not None
            and not say.NOT_A_ROOM.isdisjoint(known.said_doors[door.id].said)
            and say.NOT_A_ROOM.isdisjoint(known.said_rooms[claims].said)
        ):
            # The gate of a villa is no second door of it.
            claims = None
        cores = {reading.core for reading in known.door_readings[door.id]}
        numbers = tuple(word for word in known.said_doors[door.id].said if word.isdecimal())
        whole = tuple(known.said_doors[door.id].core)
        result[door.id] = Written(door.system, known.forms(door), cores, whole, frozenset(found), numbers, claims)
    return result


def _doubts_by_mark(
    known: House,
    fits: Mapping[str, Sequence[Fit]],
    choices: Mapping[str, tuple[Fit | None, str]],
    decided: Mapping[str, str],
) -> dict[str, str]:
    """Why a door may be another house's, by door id, for those that have a mark of somewhere else."""
    doors: dict[str, Marked] = {}
    others: dict[str, list[frozenset[str]]] = defaultdict(list)
    tokens_by_door = {door_id: tokens_of(name) for door_id, name in known.as_written.items()}
    words = Counter(word for tokens in tokens_by_door.values() for word in {token.text for token in tokens})
    glued = glued_letters(words, {word for said in known.said_rooms for word in said.said})
    numbers_at: dict[str, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for door in known.doors:
        tokens = tokens_by_door[door.id]
        for number, place in places_of(tokens).items():
            numbers_at[door.system][place].add(tokens[number].text)
    for door in known.doors:
        said = known.said_doors[door.id]
        tokens = tokens_by_door[door.id]
        fit = choices[door.id][0] or next(iter(fits[door.id]), None)
        if door.id in decided and (at := known.place.get(decided[door.id])) is not None:
            fit = next((one for one in fits[door.id] if one.room == at), None)
        if fit is None or fit.level >= LOOSE:
            if said.has_number and not said.apart:
                others[door.system].append(frozenset(token.text for token in tokens))
            continue
        if known.rooms[fit.room].is_common:
            continue
        doors[door.id] = marked(
            door.system,
            fit.room,
            tokens,
            known.said_rooms[fit.room],
            known.noise(door.system),
            lengths_of_serials(plain_name(door.name)),
            glued,
            numbers_at[door.system],
        )
    taught = {door_id: known.place[key] for door_id, key in decided.items() if key in known.place}
    return {
        door_id: because(
            "no room's name says {words}, and only a part of the locks does, so this may be another house's or an "
            "annex's lock",
            words=quoted_marks(found, known.as_written[door_id]),
        )
        for door_id, found in marks_of_elsewhere(doors, others, taught).items()
    }


def _ways_of_doubt(
    known: House,
    choices: Mapping[str, tuple[Fit | None, str]],
    claims: Mapping[int, Sequence[tuple[int, str]]],
    of_form: Mapping[str, str],
) -> set[str]:
    """The doors that wait for a word of theirs alone, or for their form (`of_form`), which many have that name hardly a
    room again: a way of writing that nobody knows. One that names a room which another is sure of may be right, and the
    other one mistyped."""
    groups: dict[tuple[str, frozenset[str]], list[str]] = defaultdict(list)
    for door_id, (fit, doubt) in choices.items():
        if fit is not None and door_id in of_form:
            groups[known.named_doors[door_id].system, frozenset({of_form[door_id]})].append(door_id)
            continue
        if fit is None or not doubt or len(fit.doubts) != 1 or fit.level >= LOOSE or known.rooms[fit.room].is_common:
            continue
        door, room = known.named_doors[door_id], known.said_rooms[fit.room]
        unknown = known.said_doors[door_id].words - room.words - known.harmless[door.system]
        if unknown:
            groups[door.system, frozenset(unknown)].append(door_id)
    result: set[str] = set()
    for members in groups.values():
        rooms = [fit.room for fit, _ in (choices[one] for one in members) if fit is not None]
        if len(members) >= MANY and sum(len(claims[room]) > 1 for room in rooms) <= max(1, TWICE * len(rooms)):
            result.update(members)
    return result


def _strength(fit: Fit, doubt: str) -> int:
    """How well a door fits its room, 0 best. Two ways of writing the same thing fit equally well."""
    if doubt:
        return 4 if fit.level == LOOSE else 3
    if fit.level == PART or fit.is_mistyped:
        return 2
    return 0 if fit.says_dwelling else 1


def _choice(known: House, door_id: str, found: Sequence[Fit]) -> tuple[Fit | None, str]:
    """The best room, and what speaks against being sure of it."""
    found = [fit for fit in found if fit.level != FAR]
    if not found:
        return None, because("rooms with this number have another name")
    best = found[0]
    if best.level == LOOSE or best.doubts:
        several = [fit for fit in found if rank(fit)[:3] == rank(best)[:3]]
        if len(several) > 1:
            return None, because("{what}: {why}", what=_several(known, several), why=best.doubts[0])
        return best, together(best.doubts)
    if best.level == FULL:
        equal = [fit for fit in found if not fit.doubts and fit.level == FULL]
        if len(equal) == 1:
            return best, ""
        said = known.said_doors[door_id]
        same = [fit for fit in equal if _spelled(known.said_rooms[fit.room]) == _spelled(said)]
        same = same or [fit for fit in equal if known.said_rooms[fit.room].kinds & said.kinds]
        if len(same) == 1:
            return same[0], ""
        return None, _several(known, equal)
    equal = found if best.level == PART else [fit for fit in found if fit.level < LOOSE]
    if len(equal) > 1:
        return None, _several(known, equal)
    return best, ""


def _spelled(said: Name) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return said.said, tuple(said.raw)


def _several(known: House, fits: Sequence[Fit]) -> str:
    names = [known.rooms[fit.room].name for fit in fits]
    return because("more than one room may be meant: {rooms}", rooms=", ".join(names[:MAX_OTHERS]))


def _proposal(
    known: House,
    door: NamedDoor,
    found: Sequence[Fit],
    choice: tuple[Fit | None, str],
    claims: Mapping[int, Sequence[tuple[int, str]]],
    taken: set[str],
    ways: Collection[str],
) -> Proposal:
    fit, doubt = choice
    keys = [known.rooms[one.room].key for one in found]

    def answer(room_key: str | None, sure: bool, confidence: int, reason: str) -> Proposal:
        return Proposal(
            door.id, room_key, sure, confidence, reason, tuple(key for key in keys if key != room_key)[:MAX_OTHERS]
        )

    if fit is None:
        if found:
            return answer(None, False, 0, doubt)
        said = known.said_doors[door.id]
        return answer(
            None,
            False,
            0,
            because("no room's door: {words}", words=quoted(said.apart, said))
            if said.apart
            else because("no room has this name or number"),
        )
    room = known.rooms[fit.room]
    if not room.is_common:
        mine = _strength(fit, doubt)
        strengths = [(strength, door_id) for strength, door_id in claims[fit.room] if door_id != door.id]
        if any(strength < mine for strength, _ in strengths):
            better = because("room {room} has a door that fits better", room=room.name)
            return answer(None, False, 0, together([better, doubt] if doubt else [better]))
        if room.key in taken:
            has_one = because("room {room} already has a door", room=room.name)
            return answer(room.key, False, 40, together([has_one, doubt] if doubt else [has_one]))
        equal = sorted(door_id for strength, door_id in strengths if strength == mine or door_id in ways)
        if not doubt and equal:
            other = known.named_doors[equal[0]]
            names = {"lock": other.name, "system": other.system, "room": room.name}
            if other.system:
                why = because('"{lock}" of {system} fits room {room} as well, and a room gets one door', **names)
            else:
                why = because('"{lock}" fits room {room} as well, and a room gets one door', **names)
            return answer(room.key, False, 50, why)
    if doubt:
        return answer(room.key, False, 20 if fit.level == LOOSE else 30, doubt)
    return answer(room.key, True, _CONFIDENCE[fit.level], _why(fit, room))


def _why(fit: Fit, room: NamedRoom) -> str:
    if room.is_common:
        return because("the name is that of {room}", room=room.name)
    if fit.level == FULL:
        return because("the name says the same as {room}", room=room.name)
    if fit.level == READ:
        return because("the name, read as the doors of this house are written, says {room}", room=room.name)
    return because("only {room} has this number", room=room.name)
