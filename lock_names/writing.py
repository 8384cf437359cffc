"""How a lock system writes its names: numbers and words in them that belong to no room."""

import itertools
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from lock_names import words as say
from lock_names.read import CHUNK, Token, plain_number, tokens_of
from lock_names.shares import FEW, MANY, MOST, OFTEN, RATHER, SELDOM
from lock_names.words import folded

_DATE = re.compile(
    r"""(?<![^\W_])(?:
        (?P<a>20\d\d)[-./](?:0?[1-9]|1[0-2])(?:[-./](?:0?[1-9]|[12]\d|3[01]))?
      | (?:(?:0?[1-9]|[12]\d|3[01])[-./])?(?:0?[1-9]|1[0-2])[-./](?P<b>20\d\d)
    )(?![^\W_])""",
    re.VERBOSE,
)
_MAX_SLOTS = 6
_MAX_PARTS = 3
"""Numbers and letters of a name that are tried; those that a room's own name has."""


def without_serials(cleaned: Mapping[str, str], room_numbers: set[str]) -> dict[str, str]:
    """Names without what stands in nearly all of them after the same word (or first), is as long in each, different in
    each, and no room's number."""
    groups: dict[str, dict[str, str]] = defaultdict(dict)
    for door_id, clean in cleaned.items():
        chunks = CHUNK.findall(clean)
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
        strange = [one for one in serials.values() if not one.isdecimal() or plain_number(one) not in room_numbers]
        if (
            count >= max(FEW, MOST * len(there))
            and len(set(serials.values())) > 0.95 * len(serials)
            and len(strange) >= MOST * len(serials)
            and any(re.search(r"\d", one) for one in serials.values())
        ):
            for door_id, chunk in serials.items():
                result[door_id] = re.sub(rf"(?<![^\W_]){re.escape(chunk)}(?![^\W_])", " ", result[door_id], count=1)
    return result


def without_date(clean: str, room_numbers: set[str]) -> str:
    """A name without the day or month on which the lock was put in; a year that is a room's number is none."""
    return _DATE.sub(lambda found: found[0] if (found["a"] or found["b"]) in room_numbers else " ", clean)


@dataclass(frozen=True, slots=True)
class _Slot:
    """A number or a single letter in a name."""

    at: int
    """Its place among the name's tokens."""
    token: Token


def _slots(tokens: Sequence[Token]) -> list[_Slot]:
    return [
        _Slot(at, token)
        for at, token in enumerate(tokens)
        if token.is_number or (len(token.text) == 1 and token.text.isalpha())
    ]


def _shape(tokens: Sequence[Token], usual: set[str]) -> tuple[str, ...]:
    """How a name is written: its numbers, letters, and the words that most names of its system have."""
    return tuple(
        "#" if token.is_number else "@" if len(token.text) == 1 else token.text
        for token in tokens
        if token.is_number or len(token.text) == 1 or token.text in usual
    )


def _rewritten(tokens: Sequence[Token], chosen: Sequence[_Slot], usual: set[str]) -> str:
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
    for shape, doors in groups.items():
        slots = sum(one in "#@" for one in shape)
        if len(doors) < max(FEW, min(MANY, len(room_cores) / 10)) or not 1 < slots <= _MAX_SLOTS:
            continue
        if not say.FORMER.isdisjoint(shape):
            continue
        if sum(is_read(names[door_id]) for door_id in doors) > OFTEN * len(doors):
            continue
        choice = _choice_of_slots([_slots(tokens[door_id]) for door_id in doors], room_cores)
        for door_id in doors if choice is not None else ():
            assert choice is not None
            there = _slots(tokens[door_id])
            result[door_id] = _rewritten(tokens[door_id], [there[at] for at in choice], usual)
    return result


def _choice_of_slots(doors: Sequence[Sequence[_Slot]], plain: Collection[tuple[str, ...]]) -> tuple[int, ...] | None:
    """Which of the numbers and letters, in which order, are the rooms' own; None where that is not clear."""
    found: dict[tuple[tuple[str, ...], ...], tuple[int, ...]] = {}
    rivals: set[tuple[tuple[str, ...], ...]] = set()
    for size in range(min(len(doors[0]), _MAX_PARTS), 0, -1):
        for choice in itertools.permutations(range(len(doors[0])), size):
            cores = tuple(tuple(slots[at].token.text for at in choice) for slots in doors)
            hits = [core for core in cores if core in plain]
            if len(hits) >= MOST * len(doors) and len(set(hits)) == len(hits):
                found.setdefault(cores, choice)
            if len(set(hits)) >= RATHER * len(doors):
                rivals.add(cores)
    # "101-102" is the door between two rooms.
    return next(iter(found.values())) if len(found) == 1 and len(rivals) == 1 else None
