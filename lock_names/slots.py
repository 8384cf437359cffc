"""A name taken apart into slots (numbers, letters and codes glued to them) and words, and slots put together again."""

import itertools
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from lock_names import words as say
from lock_names.shares import FEW
from lock_names.tokens import Token, tokens_of
from lock_names.words import folded

MAX_SLOTS = 6
MAX_CHOSEN = 4
_NUMBERS = 5
_LONGEST_NUMBER = 9
_LETTERS = 3
"""The longest code that is glued to a number: "AG11", "ST3"."""
POSSESSIVE = re.compile(r"(?<=\w)['’´`]s?(?![^\W_])")
_GROUND = re.compile(r"(?<![a-z])([a-z]?)(?:g|e|p|eg|gf|rc|rdc|pb|bg)(?![a-z])")
"""How the ground floor is written in codes, with a building's letter before it or none."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A number in a name, a letter by itself, or a short code that is glued to a number."""

    text: str
    raw: str
    at: int
    """Its place among the tokens."""
    label: str = ""
    """The kind of place, or the word or letter, before it."""

    @property
    def is_number(self) -> bool:
        return self.text.isdecimal()


@dataclass(frozen=True, slots=True)
class Slotted:
    """A name with its slots."""

    tokens: tuple[Token, ...]
    slots: tuple[Slot, ...]

    @property
    def shape(self) -> str:
        return "".join("#" if slot.is_number else "@" for slot in self.slots)

    def rest(self, chosen: Iterable[int]) -> tuple[str, ...]:
        """The words and letters that are not among the chosen slots."""
        gone = {self.slots[one].at for one in chosen}
        return tuple(token.text for at, token in enumerate(self.tokens) if at not in gone and not token.is_number)

    @property
    def spelled(self) -> tuple[str, ...]:
        """All its words and letters as they are written: "ost" for what is read as the east."""
        return tuple(folded(token.raw) for token in self.tokens if not token.is_number)


def taken_apart(clean: str) -> Slotted:
    """A cleaned name with its slots; a word for the ground floor is a nought."""
    tokens = list(tokens_of(POSSESSIVE.sub("", clean)))
    slots = []
    for at, token in enumerate(tokens):
        beside = (at and token.glued and tokens[at - 1].is_number) or (
            at + 1 < len(tokens) and tokens[at + 1].glued and tokens[at + 1].is_number
        )
        if token.text in say.GROUND and not beside:
            token = tokens[at] = Token("0", "0", token.gap)
        if token.is_number or token.is_letter or (beside and len(token.text) <= _LETTERS and token.text.isalpha()):
            raw = token.raw if token.raw.isdecimal() else token.text
            before = tokens[at - 1].text if at and not tokens[at - 1].is_number else ""
            slots.append(
                Slot(token.text, raw, at, say.KINDS.get(before, "house" if before in say.BUILDING else before))
            )
    return Slotted(tuple(tokens), tuple(slots))


_PADS = ("raw", "plain", "last two", "two", "three", "ground")


def _together(slots: Sequence[Slot], pad: str) -> str:
    """Slots as one text, with noughts as written, without, or so many that numbers have two or three digits."""
    numbers = [at for at, slot in enumerate(slots) if slot.is_number]
    parts = []
    for at, slot in enumerate(slots):
        width = 0
        if slot.is_number and pad in ("last two", "three") and at == numbers[-1]:
            width = 3 if pad == "three" else 2
        elif slot.is_number and pad == "two" and at != numbers[0]:
            width = 2
        parts.append(slot.raw if pad in ("raw", "ground") else slot.text.zfill(width))
    joined = "".join(parts).casefold()
    return _GROUND.sub(r"\g<1>0", joined, count=1) if pad == "ground" else joined


@dataclass(frozen=True, slots=True)
class Choice:
    """Which slots of names of one shape are put together, in which order."""

    shape: str
    at: tuple[int, ...]
    pad: str

    def of(self, name: Slotted, shift: tuple[int, int] = (0, 0)) -> str:
        """`shift`: the place in `at` of a number that is counted otherwise, and by how many."""
        slots = [name.slots[one] for one in self.at]
        place, by = shift
        if by:
            number = int(slots[place].text[:_LONGEST_NUMBER]) + by
            if number < 0:
                return "-"
            slots[place] = Slot(f"{number}", f"{number:0{len(slots[place].raw)}}", slots[place].at)
        return _together(slots, self.pad)

    @property
    def is_in_order(self) -> bool:
        return list(self.at) == sorted(self.at)

    @property
    def evidence(self) -> int:
        """How many rooms must be said so at the least: words hardly are by chance, numbers in another order may be."""
        return FEW if not self.at else _NUMBERS if self.is_in_order else 2 * _NUMBERS

    def labels(self, name: Slotted) -> list[str]:
        """What its numbers are, in order."""
        return [name.slots[one].label for one in self.at if name.slots[one].is_number]


def choices(shape: str, turned: bool) -> list[Choice]:
    """All choices of slots: one, several with a number, and none of them; in other orders too if `turned`."""
    seen = set()
    for size in range(min(len(shape), MAX_CHOSEN) + 1):
        orders = itertools.permutations if turned and size <= FEW else itertools.combinations
        for at in orders(range(len(shape)), size):
            if size > 1 and not any(shape[one] == "#" for one in at):
                continue
            several = sum(shape[one] == "#" for one in at) > 1
            for pad in _PADS if several else ("raw", "plain", "three", "ground"):
                if size or pad == "raw":
                    seen.add(Choice(shape, at, pad))
    return sorted(seen, key=lambda one: (one.pad == "ground", one.at, one.pad))
