"""Why a lock is proposed for a room, or not: English words, with what they were put together from, so that a page may
say the same in another language."""

from collections.abc import Mapping, Sequence
from typing import Self


class Reason(str):
    """`message` has its `values` as {name}; a value may be another reason."""

    __slots__ = ("message", "values")
    message: str
    values: Mapping[str, str | int]

    def __new__(cls, message: str, values: Mapping[str, str | int]) -> Self:
        made = super().__new__(cls, message.format(**values))
        made.message, made.values = message, values
        return made


def because(message: str, **values: str | int) -> Reason:
    """The reason of a message."""
    return Reason(message, values)


def together(parts: Sequence[str], between: str = "; ") -> str:
    """Reasons one behind the other; empty where there are none."""
    if len(parts) < 2:
        return "".join(parts) if not parts else parts[0]
    values = {f"_{place}": one for place, one in enumerate(parts)}
    return Reason(between.join(f"{{{name}}}" for name in values), values)


def listed(parts: Sequence[str]) -> str:
    """Words of a name one behind the other, as a part of a reason."""
    found, *others = sorted(parts) or [""]
    for one in others:
        found = because("{one} and {another}", one=found, another=one)
    return found
