"""What was read of Mews a moment ago and need not be read again by a run over changes: whoever's record has changed
since stands in its list of changes.

Changes are read again for half an hour (`reconciler.pull.STALE`). Without this, one changed reservation would cost each
of those runs its guest's profile and the categories of the rooms once more. Who stays beside her is always asked: Mews
gives companions no time of change.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping

from connectors.mews.wire import Json, mews_id

LONGEST = 1800.0
"""Seconds for which a profile is good, as far as lists of changes go back."""
KINDS_GOOD_FOR = 900.0
"""Seconds for which the kinds of categories are good enough to name what a reservation asks for."""
FEW = 100
"""So many profiles that come at once are remembered; those of a whole house are not."""


class Lately:
    """Of one connector, in memory only. Safe to use from many threads: what is replaced is replaced as a whole."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        """`clock` is monotonic seconds."""
        self._clock = clock
        self._profiles: Mapping[str, tuple[float, Json]] = {}
        self._kinds: dict[str, tuple[float, Mapping[str, str]]] = {}

    def note_profiles(self, items: Collection[Json]) -> None:
        """Profiles that were asked for just now."""
        if 0 < len(items) <= FEW:
            now = self._clock()
            fresh = {one: known for one, known in self._profiles.items() if now - known[0] <= LONGEST}
            self._profiles = fresh | {mews_id(item): (now, item) for item in items}

    def profiles(self, ids: Iterable[str], seconds: float) -> dict[str, Json]:
        """Of these, those that were read within so many seconds, by id."""
        since, known = self._clock() - min(seconds, LONGEST), self._profiles
        return {one: known[one][1] for one in ids if one in known and known[one][0] >= since}

    def note_kinds(self, property_id: str, kinds: Mapping[str, str]) -> None:
        self._kinds[property_id] = self._clock(), kinds

    def kinds(self, property_id: str) -> Mapping[str, str]:
        """The kind of each category of a property, as it was read not long ago; empty where it was not."""
        at, kinds = self._kinds.get(property_id, (0.0, {}))
        return kinds if self._clock() - at < KINDS_GOOD_FOR else {}
