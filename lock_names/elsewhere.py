"""Marks of somewhere else: what a part of the locks have in their names, and no room's name and no custom explains.

"Annexe 101", "9/101", "H2 Zimmer 101" beside "101" and "Zimmer 102": the rooms may be another house's, of which nobody
told. A mark is no such mark where nearly all locks have it (the maker's, the house's own way of writing), where locks
with and without it stand among each other and never name the same room (two ways of writing), or where several marks
share the house out (its buildings, the gateways of its storeys).
"""

import dataclasses
import itertools
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from lock_names import words as say
from lock_names.read import FLOOR, Name, is_known
from lock_names.reasons import because, listed
from lock_names.shares import FEW, MOST, OFTEN, RATHER, USUAL
from lock_names.sharing import SMALL, TWICE, alternates, is_rare, listed_again
from lock_names.tokens import Token, tokens_of

Mark = tuple[str, ...]
"""A word ("word", "x"); a word or letter of what may be a building ("building", "x"); a number twice, by its value and
place ("number", "9", ...) and by its place alone ("place", ...): the word before it, "^" for the first in the name,
"#1" for the first behind another number; the length of a serial number ("serial", "12"), for letters glued to it; or
letters glued to any word or number ("glued", "~b"), however many words there are.
Or that a number in a place may be the storey ("storey", ...)."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A lock that fits a room."""

    system: str
    room: int
    """The room's place in the house's natural order."""
    marks: frozenset[Mark]
    """What its name has, and the room's has not."""
    storeys: frozenset[Mark] = frozenset()
    """Further numbers, which may be the room's storey."""
    says_a_name: bool = False
    """Whether it says a word of the room's name that tells the room from others: "Hackney" of "Hackney 1A"."""


def marks_of_elsewhere(
    doors: Mapping[str, Marked], others: Mapping[str, Sequence[Collection[str]]], taught: Mapping[str, int]
) -> dict[str, frozenset[Mark]]:
    """The marks of somewhere else by door id, of those of the `doors` that have one.

    `others`: by system, the words and numbers of its locks that fit no room, but could by what they say. `taught`: the
    doors of which people have said the room, with that room. Pure; the order of the input does not matter.
    """
    of_system: dict[str, dict[str, Marked]] = defaultdict(dict)
    for door_id, door in doors.items():
        of_system[door.system][door_id] = door
    of_system = {system: _with_storeys(_as_buildings(members)) for system, members in of_system.items()}
    doors = {door_id: door for members in of_system.values() for door_id, door in members.items()}
    rooms_of = {system: {door.room for door in members.values()} for system, members in of_system.items()}
    again = listed_again(rooms_of, len(set().union(*rooms_of.values())))
    of_rooms = _without_odd_doors({door_id: door for door_id, door in doors.items() if door.system not in again})
    named = Counter(doors[door_id].room for door_id in of_rooms)
    systems_of = Counter(
        mark for members in of_system.values() for mark in {one for door in members.values() for one in door.marks}
    )
    result: dict[str, frozenset[Mark]] = {}
    for system, members in of_system.items():
        bearers: dict[Mark, list[str]] = defaultdict(list)
        for door_id, door in members.items():
            for mark in door.marks:
                bearers[mark].append(door_id)
        constant = {mark for mark, there in bearers.items() if _is_constant(mark, there, members, others[system])}
        say_names = sum(door.says_a_name for door in members.values()) >= USUAL * len(members)
        if len({door.room for door in members.values()}) < (RATHER if say_names else SMALL) * len(named):
            # A small account may be the annex's, whose mark is on all its locks; less so where they say rooms' names.
            constant = {mark for mark in constant if mark[0] in ("place", "storey", "serial") or systems_of[mark] > 1}
        customary = constant | {
            mark for mark, there in bearers.items() if sum(taught.get(one) == doors[one].room for one in there) >= FEW
        }
        customary |= _ways_of_writing(
            {
                mark: [doors[one].room for one in there if one in of_rooms]
                for mark, there in bearers.items()
                if mark not in customary
            },
            named,
            sorted({door.room for door_id, door in members.items() if door_id in of_rooms}),
        )
        for door_id, door in members.items():
            strange = {mark for mark in door.marks - customary if _tells(mark, bearers, constant)}
            if strange:
                result[door_id] = frozenset(strange)
    return result


def _tells(mark: Mark, bearers: Mapping[Mark, Sequence[str]], constant: Collection[Mark]) -> bool:
    """Whether a mark that is no custom tells something: of numbers in one place only one that many have."""
    if mark[0] == "number":
        place = ("place", mark[2])
        return place not in constant and len(bearers[mark]) >= max(FEW, RATHER * len(bearers[place]))
    return mark[0] not in ("serial", "glued") or len(bearers[mark]) >= (FEW if mark[0] == "serial" else 2)


def _as_buildings(members: Mapping[str, Marked]) -> dict[str, Marked]:
    """The doors of a system, where a word that may be a building's in one name is so in all."""
    buildings = {mark[1] for door in members.values() for mark in door.marks if mark[0] == "building"}
    return {
        door_id: dataclasses.replace(
            door,
            marks=frozenset(
                ("building", mark[1]) if mark[0] == "word" and mark[1] in buildings else mark for mark in door.marks
            ),
        )
        for door_id, door in members.items()
    }


def _with_storeys(members: Mapping[str, Marked]) -> dict[str, Marked]:
    """The doors of a system with the places of numbers that may be their storey.

    In a place where mostly other numbers stand none is a storey: the 9 of "9/101", and so of "9/901". That a name says
    its storey is a mark itself where not nearly all names have a number there.
    """
    others, storeys = Counter[Mark](), Counter[Mark]()
    numbers: dict[Mark, set[str]] = defaultdict(set)
    for door in members.values():
        for mark in door.storeys:
            if mark[0] == "number":
                numbers["place", mark[2]].add(mark[1])
        others.update(mark for mark in door.marks if mark[0] == "place")
        storeys.update(mark for mark in door.storeys if mark[0] == "place")
    no_storeys = {place for place, count in others.items() if count >= max(FEW, OFTEN * (count + storeys[place]))}
    result = {}
    for door_id, door in members.items():
        more = {
            mark
            for mark in door.storeys
            if mark in no_storeys or (mark[0] == "number" and ("place", mark[2]) in no_storeys)
        }
        for place in door.storeys - no_storeys:
            if place[0] == "place" and (others[place] or len(numbers[place]) < FEW):
                is_usual = others[place] + storeys[place] >= USUAL * len(members)
                more.add(place if is_usual else ("storey", place[1]))
        result[door_id] = dataclasses.replace(door, marks=door.marks | more)
    return result


def _without_odd_doors(doors: Mapping[str, Marked]) -> set[str]:
    """The doors but for those with a mark of which most have the number of another door: cupboards, a second house."""
    left = set(doors)
    bearers: dict[tuple[str, Mark], set[str]] = defaultdict(set)
    for door_id, door in doors.items():
        for mark in door.marks:
            bearers[door.system, mark].add(door_id)
    while True:
        named = Counter(doors[door_id].room for door_id in left)
        worst: tuple[str, Mark] | None = None
        most = OFTEN
        for borne, all_there in bearers.items():
            there = Counter(doors[door_id].room for door_id in all_there & left)
            share = sum(named[room] > count for room, count in there.items()) / len(there) if there else 0
            if share >= most and (share > most or worst is None or borne < worst):
                worst, most = borne, share
        if worst is None:
            return left
        left -= bearers[worst]


def _is_constant(mark: Mark, there: Sequence[str], members: Collection[str], others: Sequence[Collection[str]]) -> bool:
    """Whether nearly all locks that fit a room have a mark, and not much fewer of all."""
    if len(there) < USUAL * len(members):
        return False
    if mark[0] in ("place", "storey", "glued"):
        return True
    more = sum(mark[1] in words for words in others)
    return len(there) + more >= OFTEN * (len(members) + len(others))


def _ways_of_writing(
    marks: Mapping[Mark, Sequence[int]], named: Mapping[int, int], all_rooms: Sequence[int]
) -> set[Mark]:
    """Marks of which the locks stand among the others, or that share all rooms out.

    `marks`: the rooms of each one's locks. `named`: how many locks each room has.
    """
    alternating: set[Mark] = set()
    apart: dict[str, dict[Mark, set[int]]] = defaultdict(dict)
    for mark, there in marks.items():
        rooms = Counter(there)
        twice = sum(named[room] > count for room, count in rooms.items())
        if is_rare(len(there), len(all_rooms)) or twice > TWICE * len(rooms):
            continue
        if alternates(set(rooms), all_rooms):
            alternating.add(mark)
        elif mark[0] in ("number", "place", "building", "glued"):
            # Two towers may share a house out, words and serial numbers hardly.
            apart[mark[0]][mark] = set(rooms)
    customary = {mark for mark in alternating if _stands_among_others(marks, mark, all_rooms)}
    for alike in apart.values():
        customary |= _sharing(alike, all_rooms)
    return customary


def _stands_among_others(marks: Mapping[Mark, Collection[int]], mark: Mark, all_rooms: Sequence[int]) -> bool:
    """Whether a mark that only a stretch of the house has still alternates with others when it is taken together with
    what hardly more than that stretch has: an annex may be written in two ways itself."""
    first, last = min(marks[mark]), max(marks[mark])
    if _is_wide(first, last, all_rooms):
        return True
    there: set[int] = set()
    for rooms in marks.values():
        share = sum(first <= room <= last for room in rooms) / len(rooms) if rooms else 0
        if share >= OFTEN or (share >= RATHER and not _is_wide(min(rooms), max(rooms), all_rooms)):
            there.update(rooms)
    return alternates(there, all_rooms)


def _is_wide(first: int, last: int, all_rooms: Sequence[int]) -> bool:
    """Whether most rooms stand between two."""
    return sum(first <= room <= last for room in all_rooms) >= USUAL * len(all_rooms)


def _sharing(marks: Mapping[Mark, set[int]], all_rooms: Collection[int]) -> set[Mark]:
    """Those of the marks that share all rooms out, hardly one to two."""
    found: set[Mark] = set()
    for first in marks:
        chosen, covered = {first}, set(marks[first])
        for mark in sorted(marks, key=lambda one: (-len(marks[one]), one)):
            if mark not in chosen and len(marks[mark] & covered) <= TWICE * len(marks[mark]):
                chosen.add(mark)
                covered |= marks[mark]
        if len(chosen) > 1 and len(covered) >= MOST * len(all_rooms):
            found |= chosen
    return found


# --- what a room's name explains ---

_NOTHING: Mapping[str, Collection[str]] = {}


def marked(
    system: str,
    at_room: int,
    tokens: Sequence[Token],
    room: Name,
    noise: Collection[str],
    serials: Iterable[int] = (),
    glued: Mapping[str, Collection[str]] = _NOTHING,
    numbers_at: Mapping[str, Collection[str]] = _NOTHING,
) -> Marked:
    """A lock with what neither its room's name explains nor our lists of what says nothing.

    `tokens` of the lock's name without its serial numbers, the lengths of which are `serials`; `noise`: the house's own
    words and the lock system's; `glued`: by word, the letters that are glued to it; `numbers_at`: by place, the numbers
    that the lock system's names have there.
    """
    done, storeys = _numbers_explained(tokens, room, numbers_at)
    letters = Counter(part for part in room.said if len(part) == 1 and part.isalpha())
    initials = [part for part in room.lettered if len(part) == 1 and part.isalpha()]
    if len(initials) > 1:
        # "D16-B1" for "Dorm 16 Bed 1"; one letter alone may be a building's.
        letters |= Counter(initials)
    said = {token.text for token in tokens}
    # "M102" for "Mistral 102"
    letters |= Counter({word[0] for word in room.words - said if len(word) > 1 and not is_known(word)})
    left = []
    for at, token in enumerate(tokens):
        if at in done:
            continue
        if token.is_number:
            left.append(at)
        elif token.is_letter:
            if letters[token.text]:
                letters[token.text] -= 1
                done.add(at)
            elif not _is_an_ending(tokens, at):
                left.append(at)
        elif not (_is_explained(token.text, room, noise) or (token.text in say.NEW and at > max(done, default=at))):
            # "101 new" is a new lock; "New 101" may be in a new house.
            left.append(at)
    left = [at for at in left if not _is_a_label(tokens, at, done, room)]
    found: set[Mark] = {("serial", f"{length}") for length in serials}
    for token in tokens:
        if token.text not in room.said:
            found.update(("glued", affix) for affix in glued.get(token.text, ()))
    soft: set[Mark] = set()
    places = places_of(tokens)
    for at in left:
        token = tokens[at]
        if token.is_number:
            before = places[at]
            (soft if at in storeys else found).update({("number", token.text, before), ("place", before)})
        else:
            found.add(("building" if _may_be_a_building(tokens, at) else "word", token.text))
            if token.is_letter and token.glued and at and tokens[at - 1].is_number:
                found.add(("glued", f"~{token.text}"))
            elif token.is_letter and at + 1 < len(tokens) and tokens[at + 1].glued:
                found.add(("glued", f"{token.text}~"))
    says_a_name = any(token.text in room.words and not is_known(token.text) for token in tokens)
    return Marked(system, at_room, frozenset(found), frozenset(soft), says_a_name)


def places_of(tokens: Sequence[Token]) -> dict[int, str]:
    """By its place among the tokens, what stands before each number, as marks of numbers have it."""
    found: dict[int, str] = {}
    behind = 0
    for at, token in enumerate(tokens):
        if token.is_number:
            behind += bool(at) and tokens[at - 1].is_number
            found[at] = "^" if not at else f"#{behind}" if tokens[at - 1].is_number else tokens[at - 1].text
    return found


def _numbers_explained(
    tokens: Sequence[Token], room: Name, numbers_at: Mapping[str, Collection[str]]
) -> tuple[set[int], set[int]]:
    """The places of the numbers that are the room's, one for each that the room has, or its storey with a word for
    it; and of further ones that may be its storey."""
    has = [part for part in room.said if part.isdecimal()]
    has += [part for part in room.core if part.isdecimal() and part not in has]
    wanted = Counter(has)
    pairs = {joined: pair for pair in itertools.pairwise(has) for joined in (pair[0] + pair[1], _joined(*pair))}
    numbers = [at for at, token in enumerate(tokens) if token.is_number]
    done: set[int] = set()
    # Of "202 S202D" the first is the room's, where the others have a 202 behind the S as well.
    places = places_of(tokens)
    variety = {at: len(numbers_at.get(place, ())) for at, place in places.items()}
    windows = (numbers[first : first + len(has)] for first in range(len(numbers) - len(has) + 1))
    for in_order in sorted(windows, key=lambda ats: -min((variety[at] for at in ats), default=0)):
        if len(has) > 1 and [tokens[at].text for at in in_order] == has:
            # "0.03 V3" is the third of storey 0, whatever the 3 behind is.
            done.update(in_order)
            wanted.clear()
            break
    for at in sorted(set(numbers) - done, key=lambda at: (_says_a_storey(tokens, at), -variety[at], -at)):
        number = tokens[at].text
        narrow = number[:-3] + number[-2:] if len(number) > 3 and number[-3] == "0" else number
        for one in (number, narrow):
            if wanted[one]:
                wanted[one] -= 1
                done.add(at)
                break
        else:
            if number in pairs and all(wanted[part] for part in pairs[number]):
                wanted.subtract(pairs[number])
                done.add(at)
    for at, behind in sorted(itertools.permutations(numbers, 2), key=lambda pair: abs(pair[0] - pair[1])):
        if at in done or behind in done or len(tokens[behind].text) > 2:
            continue
        joined = _joined(tokens[at].text, tokens[behind].text)
        if wanted[joined]:
            wanted[joined] -= 1
            done |= {at, behind}
    storeys = {number[:-2] for number in has if len(number) > 2} | {
        part.removeprefix(FLOOR) for part in room.core if part.startswith(FLOOR)
    }
    storeys |= {number for number in has[:-1] if len(number) < 3}
    first, last = min(done, default=0), max(done, default=-1)
    may_be: set[int] = set()
    for at in numbers:
        if not storeys and _says_a_storey(tokens, at):
            done.add(at)
        if at in done or tokens[at].text not in storeys:
            continue
        if _says_a_storey(tokens, at):
            done.add(at)
        elif at < last or (at > first and not tokens[at - 1].is_number):
            may_be.add(at)
    return done, may_be


def _joined(storey: str, number: str) -> str:
    return storey + number.zfill(2)


def _says_a_storey(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word for a storey stands beside a number."""
    behind = [token for token in tokens[at + 1 : at + 3] if not token.is_number]
    if behind and behind[0].glued and behind[0].text == "f":
        return True
    if behind and behind[0].text not in say.ORDINALS and not behind[0].is_letter:
        behind = behind[:1]
    return any(token.text in say.FLOOR for token in (*tokens[max(at - 1, 0) : at], *behind))


def _is_an_ending(tokens: Sequence[Token], at: int) -> bool:
    """Whether a letter is the ending of the number before it: "4o piano", "2F"."""
    return bool(at) and tokens[at].glued and tokens[at - 1].is_number and _says_a_storey(tokens, at - 1)


def _is_explained(word: str, room: Name, noise: Collection[str]) -> bool:
    """Whether a word is the room's, or says nothing."""
    if word in noise or word in room.said or word in room.words or word == room.initials:
        return True
    if any(word in known for known in (say.DOOR, say.ENTRY, say.FLOOR, say.GROUND, say.BELOW, say.ORDINALS, say.KEY)):
        return True
    if word in say.INSTALLATION or word in say.ORDINAL_WORDS:
        return True
    kind = say.KINDS.get(word, "")
    if kind in say.TYPES:
        return True
    if kind in say.GENERIC_KINDS or (kind in room.kinds and kind not in say.PLACES):
        # "Lodge 7" may be another word for "Pod 7", and may be another house, as "Residence 7" may.
        return word not in say.MAY_BE_A_HOUSE
    if any(one.startswith(word) or (len(one) > 1 and word.startswith(one)) for one in room.said):
        return True
    for ending in say.BUILDING_ENDINGS:
        stem = word.removesuffix(ending)
        if stem != word and (stem in room.said or say.DIRECTIONS.get(stem, stem) in room.said):
            return True
    return False


def _may_be_a_building(tokens: Sequence[Token], at: int) -> bool:
    """Whether a word or letter may be one of a house's towers: "North Tower", "B"."""
    beside = {token.text for token in tokens[max(at - 1, 0) : at + 2]} - {tokens[at].text}
    return (
        tokens[at].is_letter
        or tokens[at].text in say.DIRECTIONS.values()
        or not beside.isdisjoint(say.BUILDING - say.NAMES_A_BUILDING)
    )


def _is_a_label(tokens: Sequence[Token], at: int, done: Collection[int], room: Name) -> bool:
    """Whether a word for a building stands beside the room's own building, or a number behind the word for a device."""
    token = tokens[at]
    if token.is_number:
        return bool(at) and tokens[at - 1].text in say.INSTALLATION
    if token.text not in say.BUILDING or token.text in say.NAMES_A_BUILDING:
        return False
    if not say.BUILDING.isdisjoint(room.said):
        return True
    numbers = [part for part in room.said if part.isdecimal()]
    beside = [near for near in (at - 1, at + 1) if near in done and 0 <= near < len(tokens)]
    return any(not tokens[near].is_number or tokens[near].text in numbers[:-1] for near in beside)


def quoted_marks(found: Iterable[Mark], name: str) -> str:
    """Marks for a person, as the name has them."""
    raws: dict[str, str] = {token.text: token.raw for token in tokens_of(name)}
    texts = {mark[1] for mark in found if mark[0] in ("word", "building", "number")}
    if not texts and (glued := {mark[1].strip("~") for mark in found if mark[0] == "glued"}):
        return listed([f'"{raws.get(text, text)}"' for text in glued])
    if not texts and any(mark[0] == "serial" for mark in found):
        return because("a serial number so long")
    texts = texts or {token.text for token in tokens_of(name) if token.is_number}
    return listed([f'"{raws.get(text, text)}"' for text in texts])
