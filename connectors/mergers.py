"""Profiles that the PMS merged into others: the same person, so whatever the former ones hold she keeps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime

from connectors.reading import is_child
from connectors.records import BrokenRecord, Guest


class Mergers:
    """Into which profile each was merged, of all that were ever seen: a merger is not undone, and a profile does not
    say which ones were merged into it."""

    def __init__(self) -> None:
        self._into: dict[str, str] = {}

    def note(self, one: str, target: str | None) -> bool:
        """Whether a profile was merged into another one, which is remembered."""
        if not target or target == one:
            return False
        self._into[one] = target
        return True

    def target(self, one: str) -> str:
        """The profile that an id stands for after all mergers."""
        seen = set()
        while one in self._into and one not in seen:
            seen.add(one)
            one = self._into[one]
        return one

    def targets(self, ids: Iterable[str]) -> tuple[str, ...]:
        """Each once, in their order."""
        return tuple(dict.fromkeys(map(self.target, ids)))

    def told(self, guests: Mapping[str, Guest]) -> dict[str, Guest]:
        """The profiles, each with the ids of those that were merged into it."""
        sources: dict[str, list[str]] = {}
        for one in sorted(self._into):
            sources.setdefault(self.target(one), []).append(one)
        return {
            one: replace(guest, merged_ids=tuple(source for source in sources[one] if source != one))
            if one in sources
            else guest
            for one, guest in guests.items()
        }


@dataclass(slots=True)
class Profiles:
    """What was read of people; by id, without those who were merged into others."""

    guests: dict[str, Guest] = field(default_factory=dict)
    born: dict[str, date | None] = field(default_factory=dict)
    broken: list[BrokenRecord] = field(default_factory=list)

    def children(self, ids: Iterable[str], on: datetime | date, but_first: bool = True) -> tuple[str, ...]:
        """Those under age on a day. `but_first`: the first one has the room, and is none, whatever is said of her."""
        return tuple(
            one for place, one in enumerate(ids) if (place or not but_first) and is_child(self.born.get(one), on)
        )
