"""Reads one name of a room or a lock: numbers, floors, buildings, words; and the ways in which it may be meant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from lock_names import words as say
from lock_names.tokens import Token, tokens_of

FLOOR = "~"
"""Stands before a number that is a floor's."""
GROUND = f"{FLOOR}0"
MAX_OTHERS = 5


@dataclass(frozen=True, slots=True)
class NamedRoom:
    """A Space that may get a door."""

    key: str
    name: str
    is_common: bool = False
    """A lobby, a gym: it may have several doors."""


@dataclass(frozen=True, slots=True)
class NamedDoor:
    """A lock that Seam knows, as its lock system names it."""

    id: str
    name: str
    system: str = ""
    """The lock system's (account's) name; doors of two systems stand side by side."""


_VOWELS = frozenset("aeiouy")


@dataclass(slots=True)
class Name:
    """What a name says."""

    core: list[str] = field(default_factory=list)
    """Numbers and single letters: those of the building, then the floor ("~2"), then the rest."""
    raw: list[str] = field(default_factory=list)
    """The same as written, with leading zeros."""
    cut: int = 0
    """How many of the core name the building."""
    words: set[str] = field(default_factory=set)
    """What is in no list of ours: names, mostly."""
    kinds: set[str] = field(default_factory=set)
    apart: set[str] = field(default_factory=set)
    """Words of what is no room: a corridor, a safe."""
    inside: set[str] = field(default_factory=set)
    codes: set[str] = field(default_factory=set)
    names_building: bool = False
    of_building: set[str] = field(default_factory=set)
    """Those of the words that stand beside a word for a building, or are a side of the house."""
    is_unclear: bool = False
    said: tuple[str, ...] = ()
    written: dict[str, str] = field(default_factory=dict)
    """Words as they were before they were folded."""
    initials: str = ""
    """ "mc" of "Maple Court 2F", "sh" of "Seehaus 12"."""
    labels: dict[str, str] = field(default_factory=dict)
    """Kind to number: of "Flat 3, 5 Mill Lane" that it is flat 3."""
    turned: list[str] = field(default_factory=list)
    """The core with house numbers before flats, flats before beds; empty where it is so already."""
    lettered: tuple[str, ...] = ()
    """The core with each kind's initial: ("d", "12", "b", "3") of "Dorm 12 Bed 3"."""

    @property
    def has_number(self) -> bool:
        return any(part.isdecimal() for part in self.core)


def _is_plain(token: Token) -> bool:
    """A word that we do not know."""
    return not token.is_number and len(token.text) > 1 and not any(token.text in known for known in _KNOWN)


def is_known(word: str) -> bool:
    """Whether a folded word is in one of our lists."""
    return any(word in known for known in _KNOWN) or word in say.DIRECTIONS.values() or word in say.FORMER


_KNOWN: tuple[frozenset[str], ...] = (
    frozenset(say.KINDS),
    say.DOOR,
    say.ENTRY,
    say.NEW,
    say.BRANDS,
    say.BUILDING,
    say.FLOOR,
    say.GROUND,
    say.BELOW,
    say.NOT_A_ROOM,
    say.INSIDE,
)


class _Line:
    """A name's tokens, and the parts that are known already: "building", or "done" with."""

    def __init__(self, tokens: Sequence[Token]):
        self.tokens = tokens
        self.numbers = [at for at, token in enumerate(tokens) if token.is_number]
        self.part_of: dict[int, str] = {}

    def is_number(self, at: int) -> bool:
        return 0 <= at < len(self.tokens) and self.tokens[at].is_number and at not in self.part_of

    def is_letter(self, at: int) -> bool:
        if not 0 <= at < len(self.tokens) or at in self.part_of:
            return False
        return self.tokens[at].is_letter


def read(clean: str) -> Name:
    line = _Line(tokens_of(clean))
    name = Name(
        said=tuple(token.text for token in line.tokens),
        written={token.text: token.raw for token in line.tokens},
    )
    floors = _read_floors(name, line)
    _read_buildings(name, line)
    _read_rest(name, line, floors)
    return name


def _read_floors(name: Name, line: _Line) -> list[str]:
    tokens = line.tokens
    floors: list[str] = []
    for at, token in enumerate(tokens):
        if token.text in say.GROUND and any(other.is_number for other in tokens):
            floors.append(GROUND)
            line.part_of[at] = "done"
        elif token.text in say.BELOW:
            floors.append(f"{FLOOR}-1")
            line.part_of[at] = "done"
        elif token.text in say.FLOOR:
            line.part_of[at] = "done"
            before = at - 1
            if (
                line.is_letter(before)
                and tokens[before].text in "oa"
                and tokens[before].glued
                and line.is_number(before - 1)
                and not line.is_number(at + 1)
            ):
                # "4o piano", "3a planta"
                line.part_of[before] = "done"
                before -= 1
            ordinal = line.is_number(before) and (token.gap.strip() == "." or not tokens[before].raw.isdecimal())
            if (
                before > 0
                and tokens[before].text in say.ORDINALS
                and tokens[before].glued
                and line.is_number(before - 1)
            ):
                line.part_of[before] = "done"
                before, ordinal = before - 1, True
            after = at + 1
            if at and line.part_of.get(at - 1) == "done" and tokens[at - 1].text in say.GROUND:
                continue
            if ordinal or (line.is_number(before) and token.glued):
                chosen = before
            elif line.is_number(after) and (
                tokens[after].glued
                or not line.is_number(before)
                or (before > 0 and (tokens[before - 1].text in say.KINDS or tokens[before - 1].text in say.DOOR_ITSELF))
                or (token.gap.strip() in ("-", ",", "/", "|") and not tokens[after].gap.strip())
            ):
                chosen = after
            elif line.is_number(before):
                chosen = before
                name.is_unclear = line.is_number(after)
            elif line.is_letter(after) and tokens[after].text == "g":
                floors.append(GROUND)
                line.part_of[after] = "done"
                continue
            else:
                name.apart.add(token.text)
                continue
            floors.append(FLOOR + tokens[chosen].text)
            line.part_of[chosen] = "done"
    for at in line.numbers:
        # "2F 201": the second floor's.
        if (
            line.is_letter(at + 1)
            and tokens[at + 1].text == "f"
            and tokens[at + 1].glued
            and len(tokens[at].text) < 3
            and at not in line.part_of
            and any(
                line.is_number(later) and tokens[later].text.startswith(tokens[at].text)
                for later in line.numbers
                if later > at
            )
        ):
            floors.append(FLOOR + tokens[at].text)
            line.part_of[at] = line.part_of[at + 1] = "done"
    return floors


def _read_buildings(name: Name, line: _Line) -> None:
    tokens = line.tokens
    for at, token in enumerate(tokens):
        if token.text not in say.BUILDING or at in line.part_of:
            continue
        line.part_of[at] = "done"
        free = sum(line.is_number(other) for other in line.numbers)
        if token.text in say.NAMES_A_BUILDING:
            # It is a building's name, whatever stands beside it.
            name.words.add(token.text)
            name.of_building.add(token.text)
        if line.is_letter(at + 1):
            line.part_of[at + 1] = "building"
            if line.is_number(at + 2) and tokens[at + 2].glued and free > 1:
                line.part_of[at + 2] = "building"
        elif (
            line.is_number(at + 1)
            and len(tokens[at + 1].text) < 3
            # "Portal 1, planta 4, puerta C"
            and (free > 1 or any(line.is_letter(other) for other in range(at + 2, len(tokens))))
        ):
            line.part_of[at + 1] = "building"
        elif line.is_letter(at - 1):
            line.part_of[at - 1] = "building"
        elif token.text in say.NAMES_A_BUILDING:
            pass
        elif at and tokens[at - 1].text == "main":
            name.words.add("main")
            name.codes.add("main")
            name.of_building.add("main")
        elif called := {
            tokens[near].text
            for near in (at - 1, at + 1)
            if 0 <= near < len(tokens) and (_is_plain(tokens[near]) or tokens[near].text in say.DIRECTIONS.values())
        }:
            # "North Wing Elba" is the north wing, of whatever house.
            name.of_building |= called.intersection(say.DIRECTIONS.values()) or called
        else:
            name.words.add(token.text)
        name.names_building = True


def _read_rest(name: Name, line: _Line, floors: list[str]) -> None:
    tokens = line.tokens
    building: list[Token] = []
    rest: list[Token] = []
    lettered: list[str] = []
    places: list[int] = []
    for at, token in enumerate(tokens):
        part = line.part_of.get(at)
        if part == "done":
            continue
        if part == "building":
            building.append(token)
        elif (
            token.is_number
            and len(token.text) == 1
            and at
            and tokens[at - 1].text in say.DOOR_ITSELF
            and any(len(one.text) > 2 or one.text in name.labels.values() for one in rest)
        ):
            # "Room 401 Door 2"
            if token.text != "1":
                name.inside.add(f"{tokens[at - 1].text} {token.text}")
        elif token.is_number:
            kind = say.KINDS.get(tokens[at - 1].text) if at else None
            if kind is not None:
                lettered.append(tokens[at - 1].text[0])
            lettered.append(token.text)
            rest.append(token)
            tight = line.is_number(at + 1) and tokens[at + 1].gap in ("-", "/", ".")
            if kind is not None and not tight:
                name.labels["room" if kind in say.GENERIC_KINDS else kind] = token.text
            places.append(0 if kind is None or tight else 2 if kind == "bed" else 1)
        elif token.is_letter:
            if not rest and not building and any(line.is_number(later) for later in range(at + 1, len(tokens))):
                building.append(token)
                later = [number for number in line.numbers if number > at and number not in line.part_of]
                if later[0] == at + 1 and tokens[at + 1].glued and len(later) > 1 and len(tokens[at + 1].text) < 3:
                    line.part_of[at + 1] = "building"
            else:
                lettered.append(token.text)
                rest.append(token)
                places.append(places[-1] if places else 0)
        elif token.text == "no" and not line.is_number(at + 1):
            name.words.add("no")
        else:
            _take_word(name, token)
    name.core = [token.text for token in building] + floors + [token.text for token in rest]
    name.raw = [token.raw for token in building] + floors + [token.raw for token in rest]
    name.cut = len(building)
    name.lettered = tuple(lettered)
    if places != sorted(places) and sum(token.is_number for token in rest) > 1:
        order = sorted(range(len(rest)), key=lambda at: places[at])
        name.turned = name.core[: -len(rest)] + [rest[at].text for at in order]
    spelled = [
        token.text
        for token in tokens
        if not token.is_number and len(token.text) > 1 and token.text not in say.KINDS and token.text not in say.DOOR
    ]
    if len(spelled) == 1:
        spelled += [one for one in say.BUILDING_ENDINGS if spelled[0].endswith(one) and len(spelled[0]) > len(one) + 2]
    name.initials = "".join(word[0] for word in spelled[:MAX_OTHERS])


def _take_word(name: Name, token: Token) -> None:
    word = token.text
    if word in say.DOOR or word in say.ENTRY or word in say.NEW or word in say.ORDINALS:
        return
    if word in say.KINDS:
        name.kinds.add(say.KINDS[word])
    elif word in say.INSIDE:
        name.inside.add(word)
    elif word in say.NOT_A_ROOM:
        name.apart.add(word)
    elif word in say.DIRECTIONS.values():
        name.words.add(word)
        name.of_building.add(word)
        name.names_building = True
    else:
        for ending in say.BUILDING_ENDINGS:
            if word.endswith(ending) and len(word) > len(ending) + 2:
                stem = word.removesuffix(ending)
                name.words.add(say.DIRECTIONS.get(stem, stem))
                name.of_building.add(say.DIRECTIONS.get(stem, stem))
                name.names_building = True
                return
        if say.ends_as_no_room(word):
            name.apart.add(word)
            return
        name.words.add(word)
        if len(word) <= 4 and (token.raw.isupper() or not set(word) & _VOWELS):
            name.codes.add(word)


# --- one name's readings ---


@dataclass(frozen=True, slots=True)
class Reading:
    core: tuple[str, ...]
    how: str = ""
    """Which rule gave this reading; empty: none, it stands so.

    "floor": the floor put before the number, or seen to be in it. "join" and "within": likewise, where nobody says that
    it is a floor. "letter": the building put before the number. "initial": kinds' first letters. "turned": house
    number, flat, bed, in this order. "name": without its number. "abbreviated": "MC" for "Maple Court"."""
    dropped: frozenset[str] = frozenset()
    """Buildings and floors left out."""


def is_floor(part: str) -> bool:
    return part.startswith(FLOOR)


def marks_of(said: Name) -> set[str]:
    """The parts of the core that name building and floor, where a number is left without them."""
    cut = said.core[: said.cut] if said.cut < len(said.core) else []
    return {*cut, *(part for part in said.core if is_floor(part) and said.has_number)}


def _with_floor(core: Sequence[str], raw: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The core with its floor and its last number made one."""
    last = max((at for at, part in enumerate(core) if part.isdecimal()), default=0)
    if last == 0:
        return
    floor, number = core[last - 1], raw[last]
    labelled = is_floor(floor)
    floor = floor[1:] if labelled else floor
    if not floor.isdecimal() or len(floor) > 2:
        return
    head, tail, how = tuple(core[: last - 1]), tuple(core[last + 1 :]), "floor" if labelled else "join"
    if floor == "0":
        yield (*head, core[last], *tail), how
    elif len(number) in (2, 3) or labelled:
        yield (*head, floor + number.zfill(2), *tail), how
    if core[last].startswith(floor) and len(core[last]) - len(floor) in (2, 3):
        yield (*head, core[last], *tail), "floor" if labelled else "within"


def readings_of(name: Name) -> list[Reading]:
    found: dict[object, Reading] = {}
    floors = [at for at, part in enumerate(name.core) if is_floor(part)]
    for drops_building in (False, True) if name.cut and name.cut < len(name.core) else (False,):
        for drops_floor in (False, True) if floors and name.has_number else (False,):
            gone = {*(range(name.cut) if drops_building else ()), *(floors if drops_floor else ())}
            kept = [at for at in range(len(name.core)) if at not in gone]
            core, raw = [name.core[at] for at in kept], [name.raw[at] for at in kept]
            dropped = frozenset(name.core[at] for at in gone)
            forms = [(tuple(core), "")]
            if name.has_number and any(is_floor(part) for part in core):
                forms.append((tuple(part[1:] if is_floor(part) else part for part in core), "floor"))
            cut = 0 if drops_building or not name.names_building else name.cut
            last = max((at for at, part in enumerate(core) if part.isdecimal()), default=0)
            if not (cut and last - 1 < cut and core[cut - 1].isdecimal()):
                forms.extend(_with_floor(core, raw))
            for form, how in forms:
                found.setdefault((form, dropped), Reading(form, how, dropped))
    if len(name.core) > name.cut > 1 and not name.core[0].isdecimal() and not name.names_building:
        # "L12-07": the letter alone may mean nothing.
        for form, how in _with_floor(name.core[1:], name.raw[1:]):
            found.setdefault((form, name.core[0]), Reading(form, how, frozenset(name.core[:1])))
    if name.turned:
        found.setdefault((tuple(name.turned), "turned"), Reading(tuple(name.turned), "turned"))
    return list(found.values())


def letter_first(name: Name) -> Iterator[Reading]:
    """ "101 (A)" as building A's 101."""
    if len(name.core) == 2 and not name.cut and name.core[0].isdecimal() and name.core[1].isalpha():
        yield Reading((name.core[1], name.core[0]), "letter")
