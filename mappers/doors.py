"""Which lock is which room's: names compared number by number and word by word.

A wrong door that nobody looked at is the worst that can happen. So a proposal is sure only where exactly one room
fits, no other door fits that room as well, and every word of the lock's name is accounted for; whatever is merely
likely waits for a person. What a house writes throughout (a code before every number, floor-dash-room) is learned from
all doors of a lock system together, never from one.
"""

import itertools
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from mappers import door_words as say
from mappers.door_words import folded

_FLOOR = "~"
"""Stands before a number that is a floor's."""
_GROUND = f"{_FLOOR}0"
_FULL, _READ, _PART, _LOOSE, _FAR = range(5)
_CONFIDENCE = {_FULL: 99, _READ: 95, _PART: 90}
_MAX_OTHERS = 5
_MAX_SLOTS = 6
_MAX_PARTS = 3
"""Numbers and letters of a name that are tried; those that a room's own name has."""
_FEW = 3
"""From how many doors on a way of writing counts as a custom of the house."""
_MANY = 20
_MOST = 0.9
_OFTEN = 0.5
_USUAL = 0.75
"""From which share of an inventory's names on a word is noise, whatever the word."""
_SELDOM = 0.15
_RATHER = 0.25


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


# --- reading one name ---

_SUPERSCRIPT_NO = re.compile(r"[Nn]\s?[°º]")
_DASHES = re.compile(r"[‐‑‒–—―−﹘﹣－]")
_SERIALS = re.compile(
    r"""(?<![^\W_])(?:
        [0-9a-f]{2}(?::[0-9a-f]{2}){2,7} | [0-9a-f]{2}(?:-[0-9a-f]{2}){5,7} | [0-9a-f]{4}(?:\.[0-9a-f]{4}){2,3}
      | [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}
      | (?:s/n|sn|serial|mac|imei)[\s.:\#-]*(?=[a-z]*\d)[0-9a-z]{4,}
      | v\d+(?:\.\d+)+
      | xs4 | 4suites
      | (?=[0-9a-f]{6})\d+[a-f]{3,}
      | (?![a-z]+\d+[a-z]?(?![^\W_]))(?!\d+[a-z]+(?![^\W_]))(?=[a-z]*\d)(?=\d*[a-z])[0-9a-z]{6,}
      | \d{6,}
    )(?![^\W_])""",
    re.IGNORECASE | re.VERBOSE,
)
_DATE = re.compile(
    r"""(?<![^\W_])(?:
        (?P<a>20\d\d)[-./](?:0?[1-9]|1[0-2])(?:[-./](?:0?[1-9]|[12]\d|3[01]))?
      | (?:(?:0?[1-9]|[12]\d|3[01])[-./])?(?:0?[1-9]|1[0-2])[-./](?P<b>20\d\d)
    )(?![^\W_])""",
    re.VERBOSE,
)
_CAMEL = re.compile(r"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])")
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
_CHUNK = re.compile(r"[^\W_]+")
_NATURAL = re.compile(r"(\d+)")
_VOWELS = frozenset("aeiouy")


def _cleaned(name: str) -> str:
    """A name in plain letters and digits, without serial numbers and addresses."""
    name = _SUPERSCRIPT_NO.sub("no ", name)
    name = "".join(" " if unicodedata.category(c) == "No" or c in "°ºª²³¹" else c for c in name)
    name = _DASHES.sub("-", unicodedata.normalize("NFKC", name))
    return _SERIALS.sub(" ", name)


def _number(digits: str) -> str:
    """A number of any script in plain digits, without leading zeros."""
    return "".join(str(unicodedata.decimal(digit)) for digit in digits).lstrip("0") or "0"


def _natural(name: str, identity: str) -> tuple[tuple[tuple[int, str], ...], str, str]:
    parts = (
        _number(part) if part.isdecimal() else part
        for part in _NATURAL.split(unicodedata.normalize("NFKC", name).casefold())
    )
    return tuple((len(part) if part.isdecimal() else 0, part) for part in parts), name, identity


@dataclass(frozen=True, slots=True)
class _Token:
    text: str
    raw: str
    gap: str
    """What stands between it and the token before it."""

    @property
    def glued(self) -> bool:
        return not self.gap

    @property
    def is_number(self) -> bool:
        return self.text.isdecimal()


def _tokens(clean: str) -> list[_Token]:
    found: list[_Token] = []
    end = -1
    for match in _TOKEN.finditer(_CAMEL.sub(" ", clean)):
        raw = match[0]
        text = _number(raw) if raw.isdecimal() else folded(raw)
        gap = match.string[end : match.start()] if found else " "
        found.append(_Token(say.DIRECTIONS.get(text, text), raw, gap))
        end = match.end()
    return found


@dataclass(slots=True)
class _Name:
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


def _is_plain(token: _Token) -> bool:
    """A word that we do not know."""
    return not token.is_number and len(token.text) > 1 and not any(token.text in known for known in _KNOWN)


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

_SAYS_WHERE = (
    frozenset(say.KINDS) | say.BUILDING | say.FLOOR | say.GROUND | say.BELOW | frozenset(say.DIRECTIONS.values())
)
"""Words of which the number behind them is a part of the room's own."""


class _Line:
    """A name's tokens, and the parts that are known already: "building", or "done" with."""

    def __init__(self, tokens: list[_Token]):
        self.tokens = tokens
        self.numbers = [at for at, token in enumerate(tokens) if token.is_number]
        self.part_of: dict[int, str] = {}

    def is_number(self, at: int) -> bool:
        return 0 <= at < len(self.tokens) and self.tokens[at].is_number and at not in self.part_of

    def is_letter(self, at: int) -> bool:
        if not 0 <= at < len(self.tokens) or at in self.part_of:
            return False
        return len(self.tokens[at].text) == 1 and self.tokens[at].text.isalpha()


def _read(clean: str) -> _Name:
    line = _Line(_tokens(clean))
    name = _Name(
        said=tuple(token.text for token in line.tokens),
        written={token.text: token.raw for token in line.tokens},
    )
    floors = _read_floors(name, line)
    _read_buildings(name, line)
    _read_rest(name, line, floors)
    return name


def _read_floors(name: _Name, line: _Line) -> list[str]:
    tokens = line.tokens
    floors: list[str] = []
    for at, token in enumerate(tokens):
        if token.text in say.GROUND and any(other.is_number for other in tokens):
            floors.append(_GROUND)
            line.part_of[at] = "done"
        elif token.text in say.BELOW:
            floors.append(f"{_FLOOR}-1")
            line.part_of[at] = "done"
        elif token.text in say.FLOOR:
            line.part_of[at] = "done"
            before = at - 1
            ordinal = line.is_number(before) and token.gap.strip() == "."
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
                or (before > 0 and tokens[before - 1].text in say.KINDS)
            ):
                chosen = after
            elif line.is_number(before):
                chosen = before
                name.is_unclear = line.is_number(after)
            elif line.is_letter(after) and tokens[after].text == "g":
                floors.append(_GROUND)
                line.part_of[after] = "done"
                continue
            else:
                name.apart.add(token.text)
                continue
            floors.append(_FLOOR + tokens[chosen].text)
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
            floors.append(_FLOOR + tokens[at].text)
            line.part_of[at] = line.part_of[at + 1] = "done"
    return floors


def _read_buildings(name: _Name, line: _Line) -> None:
    tokens = line.tokens
    for at, token in enumerate(tokens):
        if token.text not in say.BUILDING or at in line.part_of:
            continue
        line.part_of[at] = "done"
        free = sum(line.is_number(other) for other in line.numbers)
        if line.is_letter(at + 1):
            line.part_of[at + 1] = "building"
            if line.is_number(at + 2) and tokens[at + 2].glued and free > 1:
                line.part_of[at + 2] = "building"
        elif line.is_number(at + 1) and len(tokens[at + 1].text) < 3 and free > 1:
            line.part_of[at + 1] = "building"
        elif line.is_letter(at - 1):
            line.part_of[at - 1] = "building"
        elif token.text in say.NAMES_A_BUILDING:
            name.words.add(token.text)
        elif at and tokens[at - 1].text == "main":
            name.words.add("main")
            name.codes.add("main")
        elif not any(
            0 <= near < len(tokens) and (_is_plain(tokens[near]) or tokens[near].text in say.DIRECTIONS.values())
            for near in (at - 1, at + 1)
        ):
            name.words.add(token.text)
        name.names_building = True


def _read_rest(name: _Name, line: _Line, floors: list[str]) -> None:
    tokens = line.tokens
    building: list[_Token] = []
    rest: list[_Token] = []
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
        elif len(token.text) == 1 and token.text.isalpha():
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
    name.initials = "".join(word[0] for word in spelled[:_MAX_OTHERS])


def _take_word(name: _Name, token: _Token) -> None:
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
        name.names_building = True
    else:
        for ending in say.BUILDING_ENDINGS:
            if word.endswith(ending) and len(word) > len(ending) + 2:
                stem = word.removesuffix(ending)
                name.words.add(say.DIRECTIONS.get(stem, stem))
                name.names_building = True
                return
        if word.endswith(say.NOT_A_ROOM_ENDINGS) and len(word) > 6:
            name.apart.add(word)
            return
        name.words.add(word)
        if len(word) <= 4 and (token.raw.isupper() or not set(word) & _VOWELS):
            name.codes.add(word)


# --- one name's readings ---


@dataclass(frozen=True, slots=True)
class _Reading:
    core: tuple[str, ...]
    how: str = ""
    """How it was come by; empty: as it stands.

    "floor": the floor put before the number, or seen to be in it. "join" and "within": likewise, where nobody says that
    it is a floor. "letter": the building put before the number. "initial": kinds' first letters. "turned": house
    number, flat, bed, in this order. "name": without its number. "abbreviated": "MC" for "Maple Court"."""
    dropped: frozenset[str] = frozenset()
    """Buildings and floors left out."""


def _is_floor(part: str) -> bool:
    return part.startswith(_FLOOR)


def _with_floor(core: Sequence[str], raw: Sequence[str]) -> Iterator[tuple[tuple[str, ...], str]]:
    """The core with its floor and its last number made one."""
    last = max((at for at, part in enumerate(core) if part.isdecimal()), default=0)
    if last == 0:
        return
    floor, number = core[last - 1], raw[last]
    labelled = _is_floor(floor)
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


def _readings(name: _Name) -> list[_Reading]:
    found: dict[object, _Reading] = {}
    floors = [at for at, part in enumerate(name.core) if _is_floor(part)]
    for drops_building in (False, True) if name.cut and name.cut < len(name.core) else (False,):
        for drops_floor in (False, True) if floors and name.has_number else (False,):
            gone = {*(range(name.cut) if drops_building else ()), *(floors if drops_floor else ())}
            kept = [at for at in range(len(name.core)) if at not in gone]
            core, raw = [name.core[at] for at in kept], [name.raw[at] for at in kept]
            dropped = frozenset(name.core[at] for at in gone)
            forms = [(tuple(core), "")]
            if name.has_number and any(_is_floor(part) for part in core):
                forms.append((tuple(part[1:] if _is_floor(part) else part for part in core), "floor"))
            if not (name.names_building and name.cut and not drops_building and core[name.cut - 1].isdecimal()):
                forms.extend(_with_floor(core, raw))
            for form, how in forms:
                found.setdefault((form, dropped), _Reading(form, how, dropped))
    if len(name.core) > name.cut > 1 and not name.core[0].isdecimal() and not name.names_building:
        # "L12-07": the letter alone may mean nothing.
        for form, how in _with_floor(name.core[1:], name.raw[1:]):
            found.setdefault((form, name.core[0]), _Reading(form, how, frozenset(name.core[:1])))
    if name.turned:
        found.setdefault((tuple(name.turned), "turned"), _Reading(tuple(name.turned), "turned"))
    return list(found.values())


def _letter_first(name: _Name) -> Iterator[_Reading]:
    """ "101 (A)" as building A's 101."""
    if len(name.core) == 2 and not name.cut and name.core[0].isdecimal() and name.core[1].isalpha():
        yield _Reading((name.core[1], name.core[0]), "letter")


# --- how a system writes its names ---


@dataclass(frozen=True, slots=True)
class _Slot:
    """A number or a single letter in a name."""

    at: int
    """Its place among the name's tokens."""
    token: _Token


def _slots(tokens: Sequence[_Token]) -> list[_Slot]:
    return [
        _Slot(at, token)
        for at, token in enumerate(tokens)
        if token.is_number or (len(token.text) == 1 and token.text.isalpha())
    ]


def _shape(tokens: Sequence[_Token], usual: set[str]) -> tuple[str, ...]:
    """How a name is written: its numbers, letters, and the words that most names of its system have."""
    return tuple(
        "#" if token.is_number else "@" if len(token.text) == 1 else token.text
        for token in tokens
        if token.is_number or len(token.text) == 1 or token.text in usual
    )


def _rewritten(tokens: Sequence[_Token], chosen: Sequence[_Slot], usual: set[str]) -> str:
    """The name with those numbers and letters only, in that order, and without the words that belong to the others."""
    gone = {slot.at for slot in _slots(tokens)}
    for slot in _slots(tokens):
        before = slot.at - 1
        if before < 0 or tokens[before].text not in usual:
            continue
        word = tokens[before].text
        labels_another = slot not in chosen and (word not in say.NOT_A_ROOM or word in say.INSTALLATION)
        if labels_another or word in say.FLOOR:
            gone.add(before)
    words = [token.raw for at, token in enumerate(tokens) if at not in gone]
    return " ".join((*(slot.token.raw for slot in chosen), *words))


# --- a house: all rooms, all doors ---


@dataclass(frozen=True, slots=True)
class _Fit:
    room: int
    level: int
    doubts: tuple[str, ...]
    """Why a person must look, strongest first."""


class _House:
    """The rooms as read, and what its doors have in common."""

    def __init__(self, rooms: Sequence[NamedRoom], doors: Sequence[NamedDoor], decided: Mapping[str, str], house: str):
        self.rooms = sorted(rooms, key=lambda room: _natural(room.name, room.key))
        self.said_rooms = [_read(_cleaned(room.name)) for room in self.rooms]
        self.doors = sorted(doors, key=lambda door: _natural(door.name, door.id))
        self.named_doors = {door.id: door for door in self.doors}
        self.systems: dict[str, list[NamedDoor]] = defaultdict(list)
        for door in self.doors:
            self.systems[door.system].append(door)
        room_numbers = {part for said in self.said_rooms for part in said.core if part.isdecimal()}
        cleaned = {door.id: _without_date(_cleaned(door.name), room_numbers) for door in self.doors}
        for members in self.systems.values():
            cleaned.update(_without_serials({door.id: cleaned[door.id] for door in members}, room_numbers))
        self.parts = [Counter(said.core) for said in self.said_rooms]
        self.by_core: dict[tuple[str, ...], list[tuple[int, _Reading]]] = defaultdict(list)
        self.by_number: dict[str, set[int]] = defaultdict(set)
        for at, (room, said) in enumerate(zip(self.rooms, self.said_rooms, strict=True)):
            self._take_room(at, room, said)
        for members in self.systems.values():
            cleaned.update(self._learned({door.id: cleaned[door.id] for door in members}))
        self.said_doors = {door_id: _read(clean) for door_id, clean in cleaned.items()}
        named = [frozenset(said.words) for said in self.said_rooms if said.words and said.has_number]
        self.have_names = len(named) >= _FEW and len(set(named)) >= _MOST * len(named)
        self.door_readings = {
            door_id: [*_readings(said), *_letter_first(said)] for door_id, said in self.said_doors.items()
        }
        self.vocabulary = {word for said in self.said_rooms for word in said.words}
        self.shared_kinds = {kind for said in self.said_rooms for kind in said.kinds} & {
            kind for said in self.said_doors.values() for kind in said.kinds
        }
        own = {token.text for token in _tokens(_cleaned(house))} - say.NAMES_A_BUILDING
        self.own_words = own | say.BRANDS
        of_rooms = {
            word
            for room, said in zip(self.rooms, self.said_rooms, strict=True)
            if not room.is_common
            for word in said.words
        }
        places = say.PLACES - {kind for said in self.said_rooms for kind in said.kinds}
        for said in self.said_doors.values():
            said.words |= said.kinds & places
            said.codes |= said.kinds & places
            said.words |= (said.apart | said.inside) & of_rooms
            said.apart -= own | of_rooms
            said.inside -= own | of_rooms
        for members in self.systems.values():
            self._forget_house_names([self.said_doors[door.id] for door in members])
        self.borne = Counter((door.system, word) for door in self.doors for word in self.said_doors[door.id].words)
        self.telling = self._telling_words()
        self.telling_systems = {
            system: {token.text for token in _tokens(_cleaned(system))} & _TELLING_SYSTEMS for system in self.systems
        }
        self.harmless = self._harmless(decided)
        self.customs = {system: self._customs(members) for system, members in self.systems.items()}

    def _take_room(self, at: int, room: NamedRoom, said: _Name) -> None:
        said.words |= said.apart | said.inside
        if not said.core and not said.words:
            said.words = set(said.said)
        if room.is_common:
            words = {word for word in said.said if not word.isdecimal() and word not in say.DOOR}
            said.words = {word for word in words if say.KINDS.get(word) != "room"} or words
            return
        if not said.core and not said.words:
            return
        for reading in _readings(said):
            self.by_core[reading.core].append((at, reading))
            for part in reading.core:
                if part.isdecimal():
                    self.by_number[part].add(at)
        if said.has_number and said.words:
            self.by_core[()].append((at, _Reading((), "name", frozenset(said.core))))
        if not said.cut and said.lettered != tuple(said.core):
            self.by_core[said.lettered].append((at, _Reading(said.lettered, "initial")))

    def _learned(self, cleaned: Mapping[str, str]) -> dict[str, str]:
        """Names of one system without the numbers that are no room's: of the lock's model, its gateway, a bus address.

        Where names that are written alike cannot be read as they stand, every choice of their numbers and letters is
        tried. One that makes nearly all of them rooms, each another one, is how this house writes.
        """
        plain = {
            tuple(part.removeprefix(_FLOOR) for part in said.core)
            for room, said in zip(self.rooms, self.said_rooms, strict=True)
            if not room.is_common and said.has_number
        }
        tokens = {door_id: _tokens(clean) for door_id, clean in cleaned.items()}
        numbered = {door_id: found for door_id, found in tokens.items() if any(token.is_number for token in found)}
        borne = Counter(word for found in numbered.values() for word in {token.text for token in found})
        usual = {word for word, count in borne.items() if not word.isdecimal() and count >= _SELDOM * len(numbered)}
        groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
        for door_id, found in numbered.items():
            groups[_shape(found, usual)].append(door_id)
        result = dict(cleaned)
        for shape, doors in groups.items():
            slots = sum(one in "#@" for one in shape)
            if len(doors) < max(_FEW, min(_MANY, len(plain) / 10)) or not 1 < slots <= _MAX_SLOTS:
                continue
            if not say.FORMER.isdisjoint(shape):
                continue
            read = sum(
                any(reading.core in self.by_core for reading in _readings(_read(cleaned[door_id]))) for door_id in doors
            )
            if read > _OFTEN * len(doors):
                continue
            choice = self._choice_of_slots([_slots(tokens[door_id]) for door_id in doors], plain)
            for door_id in doors if choice is not None else ():
                assert choice is not None
                there = _slots(tokens[door_id])
                result[door_id] = _rewritten(tokens[door_id], [there[at] for at in choice], usual)
        return result

    @staticmethod
    def _choice_of_slots(
        doors: Sequence[Sequence[_Slot]], plain: Collection[tuple[str, ...]]
    ) -> tuple[int, ...] | None:
        """Which of the numbers and letters, in which order, are the rooms' own; None where that is not clear."""
        found: dict[tuple[tuple[str, ...], ...], tuple[int, ...]] = {}
        rivals: set[tuple[tuple[str, ...], ...]] = set()
        for size in range(min(len(doors[0]), _MAX_PARTS), 0, -1):
            for choice in itertools.permutations(range(len(doors[0])), size):
                cores = tuple(tuple(slots[at].token.text for at in choice) for slots in doors)
                hits = [core for core in cores if core in plain]
                if len(hits) >= _MOST * len(doors) and len(set(hits)) == len(hits):
                    found.setdefault(cores, choice)
                if len(set(hits)) >= _RATHER * len(doors):
                    rivals.add(cores)
        # "101-102" is the door between two rooms.
        return next(iter(found.values())) if len(found) == 1 and len(rivals) == 1 else None

    def _forget_house_names(self, members: Sequence[_Name]) -> None:
        """Takes away what most names of a system share and what may be a house's name: the "Hall" of "West Hall 7"."""
        numbered = [said for said in members if said.has_number]
        borne = Counter(word for said in numbered for word in said.apart & say.MAY_BE_A_NAME)
        for word, count in borne.items():
            if count >= max(_FEW, _OFTEN * len(numbered)):
                for said in members:
                    said.apart.discard(word)

    def _telling_words(self) -> set[str]:
        """Buildings, floors and words of rooms without which their numbers repeat."""
        bare: dict[tuple[str, ...], set[int]] = defaultdict(set)
        for core, entries in self.by_core.items():
            for at, reading in entries:
                said = self.said_rooms[at]
                if not reading.how and len(reading.dropped) == len(_marks(said)):
                    bare[core].add(at)
        telling = {
            word
            for rooms in bare.values()
            if len(rooms) > 1
            for at in rooms
            for word in (*_marks(self.said_rooms[at]), *self.said_rooms[at].words)
        }
        # What is in every room's name tells none apart.
        all_say: list[set[object]] = [
            {*_marks(said), *said.words}
            for room, said in zip(self.rooms, self.said_rooms, strict=True)
            if not room.is_common
        ]
        return telling - set.intersection(*all_say) if all_say else telling

    def _bare(self, door_id: str) -> tuple[tuple[str, ...], set[int]]:
        """A door's number without building and floor, and the rooms that have it."""
        marks = _marks(self.said_doors[door_id])
        core: tuple[str, ...] = ()
        hit: set[int] = set()
        for reading in self.door_readings[door_id]:
            left = marks - reading.dropped
            if any(not mark.isdecimal() for mark in left) or (left and reading.how != "join"):
                continue
            if not reading.how:
                core = reading.core
            hit |= {at for at, _ in self.by_core.get(reading.core, ())}
        if len(hit) > 1:
            # "Camden 12B": there is a 12B in each street, and this one says which.
            said = self.said_doors[door_id]
            everything = said.words | set(said.said) | marks
            tells = {at: self.said_rooms[at].words | _marks(self.said_rooms[at]) for at in hit}
            hit = {at for at, more in tells.items() if more and more <= everything} or hit
        return core, hit

    def _said_of_names(self, members: Sequence[NamedDoor], known: set[str]) -> set[str]:
        """Words that most of a system's doors have beside the name of a room that has no number: "Deadbolt" of
        "Rose Cottage Deadbolt"."""
        rooms_by_word: dict[str, set[int]] = defaultdict(set)
        for at, (room, said) in enumerate(zip(self.rooms, self.said_rooms, strict=True)):
            if not room.is_common and not said.has_number:
                for word in said.words:
                    rooms_by_word[word].add(at)
        found: dict[str, list[int]] = defaultdict(list)
        reached = 0
        for door in members:
            said = self.said_doors[door.id]
            if said.has_number or said.apart or said.inside:
                continue
            words = said.words | set(said.said)
            rooms = {at for word in words for at in rooms_by_word.get(word, ()) if self.said_rooms[at].words <= words}
            if len(rooms) == 1:
                reached += 1
                for word in said.words - self.vocabulary - known - say.FORMER:
                    found[word].extend(rooms)
        return {
            word
            for word, rooms_of in found.items()
            if len(rooms_of) >= max(_FEW, _USUAL * reached) and len(set(rooms_of)) >= _MOST * len(rooms_of)
        }

    def _harmless(self, decided: Mapping[str, str]) -> dict[str, set[str]]:
        """By lock system: words, buildings and floors of its doors that tell no rooms of this house apart."""
        harmless = {}
        for system in self.systems:
            own = {token.text for token in _tokens(_cleaned(system))} - say.BUILDING - say.NOT_A_ROOM - say.INSIDE
            harmless[system] = (own | self.own_words) - self.vocabulary
        numbered = {
            door.id: door
            for door in self.doors
            if self.said_doors[door.id].has_number
            and not self.said_doors[door.id].apart
            and not self.said_doors[door.id].inside
        }
        bare = {door_id: self._bare(door_id) for door_id in numbered}
        foreign = {
            door_id: frozenset(
                word
                for word in self.said_doors[door_id].words | _marks(self.said_doors[door_id])
                if word not in harmless[door.system] and not (word.isdecimal() and len(bare[door_id][1]) == 1)
            )
            for door_id, door in numbered.items()
        }
        borne = Counter((door.system, word) for door_id, door in numbered.items() for word in foreign[door_id])
        of_system = Counter(door.system for door in numbered.values())
        usual = [
            door_id
            for door_id, door in numbered.items()
            if self.said_doors[door_id].names_building
            or all(
                borne[door.system, word] >= _SELDOM * of_system[door.system]
                for word in foreign[door_id] & self.said_doors[door_id].words
            )
        ]
        anywhere = _spread(usual, bare, foreign)
        for system, members in self.systems.items():
            here = [door.id for door in members if door.id in numbered]
            harmless[system] |= self._said_of_names(members, harmless[system])
            harmless[system] |= self._customary(
                here,
                [door_id for door_id in usual if numbered[door_id].system == system],
                bare,
                foreign,
                anywhere,
                decided,
            )
        return harmless

    def _customary(
        self,
        numbered: Sequence[str],
        usual: Sequence[str],
        bare: Mapping[str, tuple[tuple[str, ...], set[int]]],
        foreign: Mapping[str, frozenset[str]],
        anywhere: Mapping[str, int],
        decided: Mapping[str, str],
    ) -> set[str]:
        """Of one system's doors, those words that go with the way of writing, or share the house out."""
        here = _spread(usual, bare, foreign)
        known = {mark for said in self.said_rooms for mark in _marks(said)} | self.vocabulary
        bearers: dict[str, list[_Name]] = defaultdict(list)
        hits: dict[str, list[set[int]]] = defaultdict(list)
        taught = Counter[str]()
        for door_id in numbered:
            for word in foreign[door_id] - known:
                bearers[word].append(self.said_doors[door_id])
                hits[word].append(bare[door_id][1])
                taught[word] += any(self.rooms[at].key == decided.get(door_id) for at in bare[door_id][1])
        rooms = sum(said.has_number for said in self.said_rooms) or 1
        prefixes = {self.said_doors[door_id].core[0] for door_id in numbered if self.said_doors[door_id].cut}
        could_be_rooms = sum(len(bare[door_id][1]) == 1 for door_id in numbered)
        customary: set[str] = set()
        floors: set[str] = set()
        buildings: set[str] = set()
        for word, doors in bearers.items():
            if taught[word] >= _FEW:
                customary.add(word)
                continue
            named = sum(len(hit) == 1 for hit in hits[word])
            if len(doors) < _FEW or named < _MOST * len(doors) or word in here:
                continue
            is_constant = len(doors) >= _USUAL * could_be_rooms and len(doors) >= min(_MANY, rooms / 2)
            is_code = all(word in said.codes for said in doors) or prefixes == {word}
            is_building = any(word in _marks(said) or said.names_building for said in doors)
            if _is_floor(word):
                floors.add(word)
            elif is_building and word not in anywhere:
                buildings.add(word)
            if (
                is_constant
                and anywhere[word] <= _RATHER * len(doors)
                and (is_code or not is_building)
                and word not in say.DIRECTIONS.values()
                and word not in say.FORMER
            ):
                customary.add(word)
        reached = {at for door_id in usual for at in bare[door_id][1]}
        for words in (floors, buildings):
            # One building's name may say that it is not this one; several that share the house out say where they are.
            covered = {at for word in words for hit in hits[word] for at in hit}
            if len(words) > 1 and len(covered) >= max(0.6 * len(reached), 0.25 * rooms):
                customary |= words
        return customary

    def _customs(self, members: Sequence[NamedDoor]) -> set[str]:
        """Those of "join", "within", "letter" and "initial" that nearly all doors of a system bear out."""
        could, does = Counter[str](), Counter[str]()
        for door in members:
            said = self.said_doors[door.id]
            if said.apart:
                continue
            readings = self.door_readings[door.id]
            for how in ("join", "letter"):
                if any(reading.how == how for reading in readings):
                    could[how] += 1
                    does[how] += any(reading.how == how and reading.core in self.by_core for reading in readings)
            numbers = [part for part in said.core[said.cut :] if part.isdecimal()]
            if len(numbers) > 1 and len(numbers[-2]) < 3 <= len(numbers[-1]):
                could["within"] += 1
                does["within"] += any(reading.how == "within" for reading in readings)
            if said.cut:
                could["initial"] += 1
                found = self.by_core.get(tuple(said.core), ())
                does["initial"] += any(reading.how in ("", "initial") for _, reading in found)
        return {how for how in could if does[how] >= max(_FEW, _MOST * could[how])}

    def fits(self, door: NamedDoor) -> list[_Fit]:
        """The rooms that a door may belong to, best first."""
        found: dict[int, _Fit] = {}
        for reading in self.door_readings[door.id]:
            for at, other in self.by_core.get(reading.core, ()):
                fit = self._fit(door, reading, at, other)
                if fit is not None and (at not in found or _rank(fit) < _rank(found[at])):
                    found[at] = fit
        for at, room in enumerate(self.rooms):
            if room.is_common and (fit := self._common_fit(door, at)) is not None:
                found[at] = fit
        said = self.said_doors[door.id]
        if not said.apart:
            numbers = {part for form in self.door_readings[door.id] for part in form.core if part.isdecimal()}
            for at in sorted({at for number in numbers for at in self.by_number.get(number, ())} - set(found)):
                core, theirs = Counter(said.core), self.parts[at]
                if core <= theirs or theirs <= core:
                    level = _FAR if core == theirs or self._contradict(door, at) else _LOOSE
                    found[at] = _Fit(at, level, ("only a part of the name is the same",))
        return sorted(found.values(), key=_rank)

    def _contradict(self, door: NamedDoor, at: int) -> bool:
        """Whether each says something that the other does not."""
        said, room = self.said_doors[door.id], self.said_rooms[at]
        more = said.words - room.words - self.harmless[door.system] or Counter(said.core) - self.parts[at]
        return bool(more and (room.words - set(said.said) - said.words or self.parts[at] - Counter(said.core)))

    def _fit(self, door: NamedDoor, reading: _Reading, at: int, other: _Reading) -> _Fit | None:
        said, room = self.said_doors[door.id], self.said_rooms[at]
        extra = set(reading.dropped | (said.words - room.words) | ((said.apart | said.inside) - room.words))
        missing = set(other.dropped | (room.words - set(said.said) - said.words))
        how = reading.how or other.how
        if any(
            one.how in ("floor", "join", "within") and any(_is_floor(part) for part in another.dropped)
            for one, another in ((reading, other), (other, reading))
        ):
            return None
        both = said.labels.keys() & room.labels.keys()
        several_numbers = sum(part.isdecimal() for part in said.core) > 1
        if several_numbers and any(said.labels[kind] != room.labels[kind] for kind in both):
            return None
        extra |= (said.kinds & self.shared_kinds) - room.kinds - say.GENERIC_KINDS
        if how != "initial":
            missing |= (room.kinds & self.shared_kinds) - said.kinds - say.GENERIC_KINDS
        if not said.has_number:
            extra |= {word for word in said.said if say.KINDS.get(word, "room") != "room"} - set(room.said)
        generic = room.kinds & self.shared_kinds & say.GENERIC_KINDS
        if generic and said.kinds & self.shared_kinds & say.GENERIC_KINDS and not generic & said.kinds:
            missing |= generic
            extra |= said.kinds & say.GENERIC_KINDS
        if (
            len(room.initials) > 1
            and room.initials in extra
            and self.borne[door.system, room.initials] >= _FEW
            and missing <= room.words
        ):
            extra.remove(room.initials)
            missing, how = set(), how or "abbreviated"
        extra -= self.harmless[door.system]
        if extra & said.apart or (
            missing and (extra or (not said.has_number and (how != "name" or missing & room.words)))
        ):
            return None
        doubts = []
        if extra & said.inside:
            doubts.append(f"{_quoted(extra & said.inside, said)} sounds like a door inside the room")
        if extra - said.inside:
            doubts.append(f"the name also says {_quoted(extra - said.inside, said)}, which no room of that number does")
        if missing & self.telling:
            doubts.append(f"the name does not say {_quoted(missing, room)}, and numbers repeat in this house")
        if several_numbers and not both and not how and (said.turned or room.turned):
            doubts.append("it is not clear which number is which")
        if how == "turned" and not both:
            doubts.append("it is not clear which number is which")
        if how == "name" and not self.have_names:
            doubts.append(f"the name does not say {_quoted(other.dropped, room)}")
        if said.is_unclear:
            doubts.append("it is not clear which number is the floor")
        unproven = {reading.how, "initial" if other.how == "initial" else ""} & {
            "join",
            "within",
            "letter",
            "initial",
        }
        if unproven - self.customs[door.system] and reading.how != other.how:
            doubts.append("other doors of this lock system are not written in this way")
        if apart := self.telling_systems[door.system] - room.words:
            doubts.append(f"the lock system is called {_quoted(apart, said)}")
        level = _PART if missing else _READ if how and how not in ("initial", "turned") else _FULL
        return _Fit(at, level, tuple(doubts))

    def _common_fit(self, door: NamedDoor, at: int) -> _Fit | None:
        said, room = self.said_doors[door.id], self.said_rooms[at]
        everything = set(said.said) | said.words
        if not room.words or not room.words <= everything:
            return None
        extra = {word for word in everything - room.words if not word.isdecimal() and len(word) > 1}
        extra -= say.DOOR | say.ENTRY | say.NEW | say.SIDES | say.ORDINALS | self.harmless[door.system]
        extra -= {word for word in extra if say.KINDS.get(word) == "room"}
        extra |= _marks(said) - _marks(room)
        doubts = []
        if extra:
            doubts.append(f"the name also says {_quoted(extra, said)}")
        numbers = [part for part in said.core if part not in room.core]
        is_other = (
            len(numbers) > 1
            or any(part not in "123456789" for part in numbers)
            or (numbers and room.words & say.COUNTED)
        )
        if set(room.core) - set(said.core) or is_other:
            doubts.append("the numbers are not those of the area")
        level = _FULL if not numbers and set(said.said) == set(room.said) else _READ
        return _Fit(at, level, tuple(doubts))


_TELLING_SYSTEMS = say.NAMES_A_BUILDING | {
    folded(word)
    for word in ("locker", "lockers", "parking", "safe", "safes", "minibar", "mailbox", "parcel", "spind", "storage")
}


def _marks(said: _Name) -> set[str]:
    """The parts of the core that name building and floor, where a number is left without them."""
    cut = said.core[: said.cut] if said.cut < len(said.core) else []
    return {*cut, *(part for part in said.core if _is_floor(part) and said.has_number)}


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


def _without_serials(cleaned: Mapping[str, str], room_numbers: set[str]) -> dict[str, str]:
    """Names without what stands in nearly all of them after the same word (or first), is as long in each, different in
    each, and no room's number."""
    groups: dict[str, dict[str, str]] = defaultdict(dict)
    for door_id, clean in cleaned.items():
        chunks = _CHUNK.findall(clean)
        for before, chunk in zip(["", *chunks], chunks, strict=False):
            if sum(bool(re.search(r"\d", one)) for one in chunks) > (re.search(r"\d", chunk) is not None):
                groups[folded(before) if not before.isdecimal() else "0"].setdefault(door_id, chunk)
    result = dict(cleaned)
    for there in groups.values():
        lengths = Counter(len(chunk) for chunk in there.values() if re.fullmatch(r"[0-9a-fA-F]{4,}", chunk))
        if not lengths:
            continue
        length, count = lengths.most_common(1)[0]
        serials = {
            door_id: chunk
            for door_id, chunk in there.items()
            if len(chunk) == length and re.fullmatch(r"[0-9a-fA-F]+", chunk)
        }
        strange = [one for one in serials.values() if not one.isdecimal() or _number(one) not in room_numbers]
        if (
            count >= max(_FEW, _MOST * len(there))
            and len(set(serials.values())) > 0.95 * len(serials)
            and len(strange) >= _MOST * len(serials)
            and any(re.search(r"\d", one) for one in serials.values())
        ):
            for door_id, chunk in serials.items():
                result[door_id] = re.sub(rf"(?<![^\W_]){re.escape(chunk)}(?![^\W_])", " ", result[door_id], count=1)
    return result


def _without_date(clean: str, room_numbers: set[str]) -> str:
    """A name without the day or month on which the lock was put in; a year that is a room's number is none."""
    return _DATE.sub(lambda found: found[0] if (found["a"] or found["b"]) in room_numbers else " ", clean)


def _rank(fit: _Fit) -> tuple[bool, int, int, int]:
    return fit.level >= _LOOSE, len(fit.doubts), fit.level, fit.room


def _quoted(words: Iterable[str], said: _Name) -> str:
    """Words for a person, as the name has them."""
    return " and ".join(
        sorted(
            "ground floor"
            if word == _GROUND
            else f"floor {word.removeprefix(_FLOOR)}"
            if _is_floor(word)
            else f'"{said.written.get(word, word)}"'
            for word in words
        )
    )


# --- proposing ---


def propose(
    rooms: Sequence[NamedRoom], doors: Sequence[NamedDoor], decided: Mapping[str, str], house: str = ""
) -> list[Proposal]:
    """One proposal for each door that is not decided, in natural order of the doors' names.

    `decided` maps a door's id to the key of its room, as a person or an earlier run chose; give the decided doors among
    `doors` too, for their names teach how the house writes. `house` is the property's name, the words of which say
    nothing about a room. Pure; the order of the input does not matter.
    """
    known = _House(rooms, doors, decided, house)
    taken = set(decided.values())
    fits = {door.id: known.fits(door) for door in known.doors if door.id not in decided}
    choices = {door_id: _choice(known, door_id, found) for door_id, found in fits.items()}
    claims: dict[int, list[tuple[int, str]]] = defaultdict(list)
    for door_id, (fit, doubt) in choices.items():
        if fit is not None:
            claims[fit.room].append((_strength(fit, doubt), door_id))
    return [
        _proposal(known, door, fits[door.id], choices[door.id], claims, taken)
        for door in known.doors
        if door.id not in decided
    ]


def _strength(fit: _Fit, doubt: str) -> int:
    """How well a door fits its room, 0 best. Two ways of writing the same thing fit equally well."""
    if doubt:
        return 3 if fit.level == _LOOSE else 2
    return 1 if fit.level == _PART else 0


def _choice(known: _House, door_id: str, found: Sequence[_Fit]) -> tuple[_Fit | None, str]:
    """The best room, and what speaks against being sure of it."""
    found = [fit for fit in found if fit.level != _FAR]
    if not found:
        return None, "rooms with this number have another name"
    best = found[0]
    if best.level == _LOOSE or best.doubts:
        several = [fit for fit in found if _rank(fit)[:3] == _rank(best)[:3]]
        if len(several) > 1:
            return None, f"{_several(known, several)}: {best.doubts[0]}"
        return best, "; ".join(best.doubts)
    if best.level == _FULL:
        equal = [fit for fit in found if not fit.doubts and fit.level == _FULL]
        if len(equal) == 1:
            return best, ""
        said = known.said_doors[door_id]
        same = [fit for fit in equal if _spelled(known.said_rooms[fit.room]) == _spelled(said)]
        same = same or [fit for fit in equal if known.said_rooms[fit.room].kinds & said.kinds]
        if len(same) == 1:
            return same[0], ""
        return None, _several(known, equal)
    if len(found) > 1:
        return None, _several(known, found)
    return best, ""


def _spelled(said: _Name) -> tuple[tuple[str, ...], tuple[str, ...]]:
    return said.said, tuple(said.raw)


def _several(known: _House, fits: Sequence[_Fit]) -> str:
    names = [known.rooms[fit.room].name for fit in fits]
    return f"more than one room may be meant: {', '.join(names[:_MAX_OTHERS])}"


def _proposal(
    known: _House,
    door: NamedDoor,
    found: Sequence[_Fit],
    choice: tuple[_Fit | None, str],
    claims: Mapping[int, Sequence[tuple[int, str]]],
    taken: set[str],
) -> Proposal:
    fit, doubt = choice
    keys = [known.rooms[one.room].key for one in found]

    def answer(room_key: str | None, sure: bool, confidence: int, reason: str) -> Proposal:
        return Proposal(
            door.id, room_key, sure, confidence, reason, tuple(key for key in keys if key != room_key)[:_MAX_OTHERS]
        )

    if fit is None:
        if found:
            return answer(None, False, 0, doubt)
        said = known.said_doors[door.id]
        return answer(
            None,
            False,
            0,
            f"no room's door: {_quoted(said.apart, said)}" if said.apart else "no room has this name or number",
        )
    room = known.rooms[fit.room]
    if not room.is_common:
        mine = _strength(fit, doubt)
        strengths = [(strength, door_id) for strength, door_id in claims[fit.room] if door_id != door.id]
        if any(strength < mine for strength, _ in strengths):
            return answer(
                None, False, 0, f"room {room.name} has a door that fits better" + (f"; {doubt}" if doubt else "")
            )
        if room.key in taken:
            return answer(room.key, False, 40, f"room {room.name} already has a door" + (f"; {doubt}" if doubt else ""))
        equal = sorted(door_id for strength, door_id in strengths if strength == mine)
        if not doubt and equal:
            other = known.named_doors[equal[0]]
            of = f" of {other.system}" if other.system else ""
            return answer(
                room.key, False, 50, f'"{other.name}"{of} fits room {room.name} as well, and a room gets one door'
            )
    if doubt:
        return answer(room.key, False, 20 if fit.level == _LOOSE else 30, doubt)
    return answer(room.key, True, _CONFIDENCE[fit.level], _why(fit, room))


def _why(fit: _Fit, room: NamedRoom) -> str:
    if room.is_common:
        return f"the name is that of {room.name}"
    if fit.level == _FULL:
        return f"the name says the same as {room.name}"
    if fit.level == _READ:
        return f"the name, read as the doors of this house are written, says {room.name}"
    return f"only {room.name} has this number"
