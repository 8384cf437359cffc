"""How a lock system writes its names: numbers and words in them that belong to no room."""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from lock_names import words as say
from lock_names.read import is_known
from lock_names.shares import FEW, MANY, MOST, OFTEN, RATHER, SELDOM
from lock_names.tokens import CHUNK, Token, is_within, plain_number, tokens_of
from lock_names.words import folded

_DATE = re.compile(
    r"""(?<![^\W_])(?:
        (?P<a>20\d\d)[-./](?:0?[1-9]|1[0-2])(?:[-./](?:0?[1-9]|[12]\d|3[01]))?
      | (?:(?:0?[1-9]|[12]\d|3[01])[-./])?(?:0?[1-9]|1[0-2])[-./](?P<b>20\d\d)
    )(?![^\W_])""",
    re.VERBOSE,
)
_MAX_SLOTS = 6
_TURNED = 10
"""So many names at the least must say their rooms in another order than the rooms do."""
_MAX_PARTS = 3
"""Numbers and letters of a name that are tried; those that a room's own name has."""


def without_serials(cleaned: Mapping[str, str], room_numbers: set[str]) -> dict[str, str]:
    """Names without what stands in nearly all of them after the same word (or first, or after a number), is as long in
    each, different in each, and no room's number."""
    result = dict(cleaned)
    for _ in range(_MAX_PARTS):
        shorter = _without_a_serial(result, room_numbers)
        if shorter == result:
            break
        result = shorter
    return result


def _without_a_serial(cleaned: Mapping[str, str], room_numbers: set[str]) -> dict[str, str]:
    groups: dict[str, dict[str, str]] = defaultdict(dict)
    for door_id, clean in cleaned.items():
        chunks = CHUNK.findall(clean)
        for before, chunk in zip(["", *chunks], chunks, strict=False):
            if sum(bool(re.search(r"\d", one)) for one in chunks) > (re.search(r"\d", chunk) is not None):
                groups[re.sub(r"\d+", "0", folded(before))].setdefault(door_id, chunk)
    groups |= _behind_names(cleaned)
    result = dict(cleaned)
    for there in groups.values():
        lengths = Counter(len(chunk) for chunk in there.values() if _may_be_serial(chunk))
        if not lengths:
            continue
        length, count = lengths.most_common(1)[0]
        serials = {
            door_id: chunk
            for door_id, chunk in there.items()
            if len(chunk) == length and re.fullmatch(r"[0-9a-fA-F]+", chunk)
        }
        strange = [one for one in serials.values() if not _is_a_rooms(one, room_numbers)]
        # A room's number in this place is another name's: "Corridor 101-110".
        numbered = sum(
            any(map(str.isdecimal, chunk)) and not (chunk.isdecimal() and plain_number(chunk) in room_numbers)
            for chunk in there.values()
        )
        if (
            count >= max(FEW, MOST * numbered)
            and len(set(serials.values())) > 0.95 * len(serials)
            and len(strange) >= MOST * len(serials)
            and any(re.search(r"\d", one) for one in serials.values())
        ):
            for door_id, chunk in serials.items():
                result[door_id] = re.sub(rf"(?<![^\W_]){re.escape(chunk)}(?![^\W_])", " ", result[door_id], count=1)
    return result


def _behind_names(cleaned: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The last part of each name where most names have letters and digits there as nobody counts: "Girasole_0c9e"."""
    last = {door_id: chunks[-1] for door_id, clean in cleaned.items() if len(chunks := CHUNK.findall(clean)) > 1}
    codes = {door_id: chunk for door_id, chunk in last.items() if re.fullmatch(r"[0-9a-fA-F]{4,}", chunk)}
    mixed = [chunk for chunk in codes.values() if any(map(str.isdecimal, chunk)) and _MIXED.search(chunk)]
    return {" ": last} if len(mixed) >= max(FEW, OFTEN * len(cleaned)) else {}


_MIXED = re.compile(r"\d[a-fA-F]|[a-fA-F]{2}\d")
_LETTER_AND_NUMBER = re.compile(r"[a-fA-F]?(?P<number>\d+)")


def _may_be_serial(chunk: str) -> bool:
    """Whether it may be a serial number: not "bed4"."""
    letters = chunk.rstrip("0123456789")
    return re.fullmatch(r"[0-9a-fA-F]{4,}", chunk) is not None and not (len(letters) > 1 and is_known(folded(letters)))


def _is_a_rooms(chunk: str, room_numbers: set[str]) -> bool:
    """Whether it is a room's number, with a letter before it ("A138") or without."""
    found = _LETTER_AND_NUMBER.fullmatch(chunk)
    return found is not None and plain_number(found["number"]) in room_numbers


_CODES = re.compile(r"(?<![^\W_])(?:[A-Za-z]{1,3}\d{1,4}){2,}(?![^\W_])")
_CODE = re.compile(r"(?<![A-Za-z])[A-Za-z]+\d+")
_BETWEEN_WORDS = re.compile(r"(?<![^\W_])(?P<before>[^\W\d_]+)(?P<number>\d{1,4})(?P<behind>[^\W\d_]{2,})(?![^\W_])")


def with_codes_apart(names: Mapping[str, str]) -> dict[str, str]:
    """Names of one account with "rm 101 frnt" for "rm101frnt", and "B1 F2 R03" for "B1F2R03" where so many have these
    letters that it is no serial."""
    names = {door_id: _BETWEEN_WORDS.sub(_apart, name) for door_id, name in names.items()}
    found = {door_id: match for door_id, name in names.items() if (match := _CODES.search(name))}
    borne = Counter(re.sub(r"\d+", "0", match[0]) for match in found.values())
    result = dict(names)
    for door_id, match in found.items():
        if borne[re.sub(r"\d+", "0", match[0])] >= max(FEW, RATHER * len(names)):
            name = names[door_id]
            result[door_id] = f"{name[: match.start()]}{' '.join(_CODE.findall(match[0]))}{name[match.end() :]}"
    return result


def _apart(found: re.Match[str]) -> str:
    words = (found["before"], found["behind"])
    return f"{words[0]} {found['number']} {words[1]}" if all(is_known(folded(word)) for word in words) else found[0]


def without_date(clean: str, room_numbers: set[str]) -> str:
    """A name without the day or month on which the lock was put in; a year that is a room's number is none."""
    return _DATE.sub(lambda found: found[0] if (found["a"] or found["b"]) in room_numbers else " ", clean)


_ROMAN_FIRST = re.compile(r"^(?P<before>[\W_]*)(?P<roman>[IVX]{1,4})(?P<after>[\W_]{1,3}\d)")


def with_plain_storeys(names: Mapping[str, str], room_words: AbstractSet[str]) -> dict[str, str]:
    """Names of one account with "2/07" for "II/07", where so many begin like this that it is no letter of a building.

    `names` by door id; `room_words` the words and letters of the rooms' names, which keep what they have.
    """
    found = {door_id: match for door_id, name in names.items() if (match := _ROMAN_FIRST.match(name))}
    romans = {match["roman"] for match in found.values()}
    if (
        len(found) < FEW
        or not romans <= say.ROMAN.keys()
        or not any(len(roman) > 1 for roman in romans)
        or not room_words.isdisjoint({folded(roman) for roman in romans})
    ):
        return dict(names)
    written = {
        door_id: f"{match['before']}{say.ROMAN[match['roman']]}{names[door_id][match.start('after') :]}"
        for door_id, match in found.items()
    }
    return dict(names) | written


def with_plain_romans(names: Mapping[str, str], rooms: Collection[str]) -> tuple[dict[str, str], list[str]]:
    """The names of locks and of `rooms` with "Bloco 3" for "Bloco III", where nearly all rooms have a Roman number and
    all of them are from I on."""
    found = [{one[0] for one in _ROMAN.finditer(room)} & say.ROMAN.keys() for room in rooms]
    romans = set().union(*found)
    values = {int(say.ROMAN[one]) for one in romans}
    is_counted = len(values) > 1 and values == set(range(1, len(values) + 1))
    if not is_counted or sum(len(one) == 1 for one in found) < MOST * len(rooms):
        return dict(names), list(rooms)

    def plain(name: str) -> str:
        return _ROMAN.sub(lambda one: say.ROMAN[one[0]] if one[0] in romans else one[0], name)

    return {door_id: plain(name) for door_id, name in names.items()}, [plain(room) for room in rooms]


_ROMAN = re.compile(r"(?<![^\W_])[IVX]{1,7}(?![^\W_])")


_O_FOR_NOUGHT = re.compile(r"(?<=\d)[Oo]+(?=\d)")
_O_FOR_FIRST_NOUGHT = re.compile(r"(?<![^\W_])[Oo](?=\d)")


def with_noughts(names: Mapping[str, str], rooms: Collection[str]) -> dict[str, str]:
    """Names with "101" for "1O1", and "0101" for "O101" where the rooms' numbers begin with noughts; as they are where
    a room's name has the letter by itself."""
    tokens = [token for room in rooms for token in tokens_of(room)]
    if any(token.text == "o" for token in tokens):
        return dict(names)
    begins = any(token.raw.startswith("0") for token in tokens if token.is_number)
    result = {}
    for door_id, name in names.items():
        plain = _O_FOR_NOUGHT.sub(lambda found: "0" * len(found[0]), name)
        result[door_id] = _O_FOR_FIRST_NOUGHT.sub("0", plain) if begins else plain
    return result


_WORD = re.compile(r"[^\W\d_]+")
_KINDS_BEHIND = tuple(word for word in sorted(say.KINDS, key=len, reverse=True) if len(word) > 3)


def with_kinds_apart(name: str) -> str:
    """A name without a number, with "Rosen suite" for "Rosensuite"; any other name as it is."""
    if any(map(str.isdecimal, name)):
        return name

    def parted(found: re.Match[str]) -> str:
        word = found[0]
        if folded(word) in say.KINDS or folded(word) in say.NOT_A_ROOM:
            return word
        for kind in _KINDS_BEHIND:
            if word.casefold().endswith(kind) and len(word) - len(kind) >= _SHORTEST_STEM:
                return f"{word[: -len(kind)]} {word[-len(kind) :]}"
        return word

    return _WORD.sub(parted, name)


_SHORTEST_STEM = 3

_FORMER_NUMBER = re.compile(
    r"""(?<=[\W_])(?:ex|was|formerly|former|previously|ehemals|ehem|vormals|früher|bisher|ancien|anciennement|avant|antes|già)
    [\W_]*(?:room|zimmer|zi|chambre|no|nr)?[\W_]*[A-Z]?\d+[A-Z]?(?![^\W_])""",
    re.IGNORECASE | re.VERBOSE,
)


_BRACKETED_NUMBER = re.compile(r"(?<=\d)\s*[(\[](?P<word>[^\W\d_]+)(?:[\s.:]*\d+|\.?:[^()\[\]]*)[)\]]\s*$")
"""What was behind the lock's own number before: a number ("101 (stara 1)"), or whatever a colon introduces ("204 (alt:
Lager)")."""


def without_former_number(clean: str) -> str:
    """Without the number its room had before: "101" of "101 (ex 138)", "Wilde" of "Wilde (was 6)", not "ex 138"."""
    left = _FORMER_NUMBER.sub(" ", clean)
    found = _BRACKETED_NUMBER.search(left)
    if found and folded(found["word"]) in say.BEFORE:
        left = left[: found.start()]
    says_more = any(len(token.text) > 2 and not is_known(token.text) for token in tokens_of(left))
    return left if says_more or any(map(str.isdecimal, left)) else clean


@dataclass(frozen=True, slots=True)
class _Slot:
    """A number or a single letter in a name."""

    at: int
    """Its place among the name's tokens."""
    token: Token


def _slots(tokens: Sequence[Token]) -> list[_Slot]:
    return [_Slot(at, token) for at, token in enumerate(tokens) if token.is_number or token.is_letter]


def _shape(tokens: Sequence[Token], usual: set[str]) -> tuple[str, ...]:
    """How a name is written: its numbers, letters, and the words that most names of its system have."""
    return tuple(
        "#" if token.is_number else "@" if token.is_letter else token.text
        for token in tokens
        if token.is_number or token.is_letter or token.text in usual
    )


def _rewritten(tokens: Sequence[Token], slots: Sequence[_Slot], choice: "_Choice", usual: set[str]) -> str:
    """The name with the room's numbers and letters only, in that order, and without the words that belong to the
    others."""
    gone = {slot.at for slot in slots}
    chosen = [slots[at] for at in choice.at]
    for slot in slots:
        before = slot.at - 1
        if before < 0 or tokens[before].text not in usual:
            continue
        word = tokens[before].text
        is_storey = tokens[slot.at + 1].text in say.FLOOR if slot.at + 1 < len(tokens) else False
        labels_another = (
            slot not in chosen
            and slot.token.is_number
            and not is_storey
            and (word not in say.NOT_A_ROOM or word in say.INSTALLATION)
        )
        if labels_another or word in say.FLOOR:
            gone.add(before)
    core = choice.core(slots) if choice.how else ()
    words = [token.raw for at, token in enumerate(tokens) if at not in gone]
    return " ".join((*(core or [slot.token.raw for slot in chosen]), *words))


def without_other_numbers(
    names: Mapping[str, str], room_cores: Collection[tuple[str, ...]], is_read: Callable[[str], bool]
) -> dict[str, str]:
    """Names of one system without the numbers that are no room's: of the lock's model, its gateway, a bus address.

    Where names that are written alike cannot be read as they stand, every choice of their numbers and letters is
    tried. One that makes nearly all of them rooms, each another one, is how this house writes.

    `names` by door id, cleaned; `room_cores` are the numbers and letters of each room's name; `is_read` says whether a
    name can be read as it stands.
    """
    tokens = {door_id: tokens_of(clean) for door_id, clean in names.items()}
    numbered = {door_id: found for door_id, found in tokens.items() if any(token.is_number for token in found)}
    borne = Counter(word for found in numbered.values() for word in {token.text for token in found})
    usual = {word for word, count in borne.items() if not word.isdecimal() and count >= SELDOM * len(numbered)}
    groups: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for door_id, found in numbered.items():
        groups[_shape(found, usual)].append(door_id)
    result = dict(names)
    # Those that say a room and nothing else, in usual words.
    plain_shapes = {
        shape
        for shape, doors in groups.items()
        if sum(len(tokens[one]) == len(shape) and is_read(names[one]) for one in doors) >= max(FEW, RATHER * len(doors))
    }
    for shape, doors in groups.items():
        slots = sum(one in "#@" for one in shape)
        enough = max(FEW, min(MANY, len(room_cores) / 10))
        if len(doors) < enough or not 1 <= slots <= _MAX_SLOTS:
            continue
        if not say.FORMER.isdisjoint(shape):
            continue
        if sum(is_read(names[door_id]) for door_id in doors) > OFTEN * len(doors):
            continue
        if slots == 1:
            plain = [
                one for one in doors if all(t.is_number or t.text in usual or t.text in say.DOOR for t in tokens[one])
            ]
            there = [_slots(tokens[door_id]) for door_id in plain]
            if len(plain) < enough or any(is_read(names[door_id]) for door_id in plain):
                continue
            for door_id, mine, number in zip(plain, there, _narrower(there, room_cores) or (), strict=False):
                if number:
                    words = [token.raw for at, token in enumerate(tokens[door_id]) if at != mine[0].at]
                    result[door_id] = " ".join((*words, number))
            continue
        choice = _choice_of_slots([_slots(tokens[door_id]) for door_id in doors], room_cores)
        if choice is not None and not choice.is_in_order and len(doors) < _TURNED:
            # "D1", "D2", "D3" are dormitories, and hardly beds D of dormitories 1 to 3.
            continue
        if choice is not None and _is_marked(shape, [tokens[one] for one in doors], choice, plain_shapes):
            continue
        for door_id in doors if choice is not None else ():
            assert choice is not None
            result[door_id] = _rewritten(tokens[door_id], _slots(tokens[door_id]), choice, usual)
    return result


def _is_marked(
    shape: tuple[str, ...],
    doors: Sequence[Sequence[Token]],
    choice: "_Choice",
    plain_shapes: Collection[tuple[str, ...]],
) -> bool:
    """Whether these are written as others of their system, but for a number or letter that they all have in front:
    "9/101" beside "101" is another house's."""
    slots = [_slots(tokens) for tokens in doors]
    others = [at for at in range(len(slots[0])) if at not in choice.at]
    if not others or any(len({mine[at].token.text for mine in slots}) > 1 for at in others):
        return False
    before = {doors[0][slots[0][at].at - 1].text for at in others if slots[0][at].at}
    if before & (say.BRANDS | say.INSTALLATION | say.FLOOR):
        return False
    wanted = len(choice.at)
    return any(
        len(other) < len(shape) and sum(one in "#@" for one in other) == wanted and is_within(other, shape)
        for other in plain_shapes
    )


_THREE_DIGITS_BEHIND = re.compile(r"0*(?P<floor>[1-9]\d?)0(?P<number>\d\d)")


def _narrower(doors: Sequence[Sequence[_Slot]], plain: Collection[tuple[str, ...]]) -> list[str] | None:
    """Rooms' numbers for "1001", "2001" where they are 101 and 201: three digits behind the storey. None where that
    does not make nearly all of them rooms, on several storeys."""
    found = [_THREE_DIGITS_BEHIND.fullmatch(slots[0].token.text) for slots in doors]
    numbers = [match["floor"] + match["number"] if match else "" for match in found]
    hits = [number for number in numbers if (number,) in plain]
    storeys = {match["floor"] for match in found if match}
    if len(hits) < MOST * len(doors) or len(set(hits)) < len(hits) or len(storeys) < 2:
        return None
    return numbers


@dataclass(frozen=True, slots=True)
class _Choice:
    """Which of a name's numbers and letters are the room's own, in which order; and whether they are made one."""

    at: tuple[int, ...]
    how: str = ""
    """"": as they stand. "join": "1" and "001" are 101, and a letter before or behind stays. "narrow": the last is
    "1001" and means 101."""

    @property
    def is_in_order(self) -> bool:
        return bool(self.how) or list(self.at) == sorted(self.at)

    def core(self, slots: Sequence[_Slot]) -> tuple[str, ...]:
        parts = tuple(slots[at].token.text for at in self.at)
        if self.how == "join":
            first, second, *letters = sorted(parts, key=str.isalpha)
            if not (first.isdecimal() and second.isdecimal() and len(second) < 3 and all(map(str.isalpha, letters))):
                return ()
            joined = first + second.zfill(2)
            return (*letters, joined) if letters and parts[0] in letters else (joined, *letters)
        if self.how == "narrow":
            found = _THREE_DIGITS_BEHIND.fullmatch(parts[-1])
            return (*parts[:-1], found["floor"] + found["number"]) if found else ()
        return parts


def _choices(slots: int) -> Iterable[_Choice]:
    for size in range(min(slots, _MAX_PARTS), 0, -1):
        for at in itertools.permutations(range(slots), size):
            yield _Choice(at)
    for pair in itertools.combinations(range(slots), 2):
        yield _Choice(pair, "join")
    for three in itertools.permutations(range(slots), 3):
        # The letter first or last; the numbers as they stand.
        if [at for at in three if at != three[0]] == sorted(three[1:]) or list(three[:2]) == sorted(three[:2]):
            yield _Choice(three, "join")
    for one in range(slots):
        yield _Choice((one,), "narrow")


def _choice_of_slots(doors: Sequence[Sequence[_Slot]], plain: Collection[tuple[str, ...]]) -> _Choice | None:
    """Which of the numbers and letters, in which order, are the rooms' own; None where that is not clear."""
    found: dict[tuple[tuple[str, ...], ...], _Choice] = {}
    rivals: dict[tuple[tuple[str, ...], ...], tuple[str, frozenset[int]]] = {}
    as_it_stands: dict[tuple[int, ...], int] = {}
    for choice in _choices(len(doors[0])):
        cores = tuple(choice.core(slots) for slots in doors)
        hits = [core for core in cores if core in plain]
        if not choice.how and len(hits) <= as_it_stands.get(tuple(sorted(choice.at)), 0):
            # "L7 U3" is no room 3-7 where it may be 7-3.
            continue
        if not choice.how and list(choice.at) == sorted(choice.at) and len(hits) >= MOST * len(doors):
            as_it_stands[choice.at] = len(hits)
        if len(hits) >= MOST * len(doors) and len(set(hits)) == len(hits):
            found.setdefault(cores, choice)
        # A number that all names have tells nothing, unless each is another room with it.
        is_same = any(len({slots[at].token.text for slots in doors}) == 1 for at in choice.at)
        if len(set(hits)) >= max(RATHER * len(doors), (MOST if is_same else OFTEN) * len(hits)):
            is_sequence = len(set(hits)) < OFTEN * len(doors) and _counts(cores)
            rivals.setdefault(cores, ("sequence" if is_sequence else choice.how, frozenset(choice.at)))
    if len(found) != 1:
        return None
    ((cores, choice),) = found.items()
    if choice.how and len({core[-1][:-2] for core in cores if core}) < 2:
        return None
    # "101-102" is the door between two rooms. But "Keypad 7 - 101" is the seventh that was put in.
    others = {
        how
        for one, (how, at) in rivals.items()
        # The same numbers in an order that makes few of them rooms are no rival.
        if one != cores and (how or choice.how or at != frozenset(choice.at))
    } - {"sequence"}
    # What stands so is not doubted by what could be made of other numbers.
    return choice if not (others if choice.how else others & {""}) else None


def _counts(cores: Collection[tuple[str, ...]]) -> bool:
    """Whether these are running numbers: one each, hardly any left out."""
    numbers = {int(core[0]) for core in cores if len(core) == 1 and core[0].isdecimal()}
    return len(numbers) == len(cores) and MOST * (max(numbers) - min(numbers) + 1) <= len(numbers)
