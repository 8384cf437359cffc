"""What was read of Mews a moment ago and need not be read again by a run over changes: whoever's record has changed
since stands in its list of changes.

Changes are read again for half an hour (`reconciler.pull.STALE`). Without this, one changed reservation would cost each
of those runs its guest's profile and the categories of the rooms once more, and each webhook the whole catalogue. Who
stays beside her is always asked: Mews gives companions no time of change.
"""

import time
from collections.abc import Callable, Collection, Iterable, Mapping

from connectors.mews.catalogue import Catalogue
from connectors.mews.wire import Json, mews_id

LONGEST = 1800.0
"""Seconds for which a profile is good, as far as lists of changes go back."""
CATALOGUE_GOOD_FOR = 900.0
"""Seconds for which what a property sells is good enough for a run over changes, or over bookings that are news."""
FEW = 100
"""So many profiles that come at once are remembered; those of a whole house are not."""


class Lately:
    """Of one connector, in memory only. Safe to use from many threads: what is replaced is replaced as a whole."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        """`clock` is monotonic seconds."""
        self._clock = clock
        self._profiles: Mapping[str, tuple[float, Json]] = {}
        self._catalogues: dict[str, tuple[float, Catalogue]] = {}

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

    def note_catalogue(self, property_id: str, catalogue: Catalogue) -> None:
        self._catalogues[property_id] = self._clock(), catalogue

    def catalogue(self, property_id: str) -> Catalogue | None:
        """What a property sells, as it was read not long ago; None where it was not."""
        at, catalogue = self._catalogues.get(property_id, (0.0, None))
        return catalogue if catalogue is not None and self._clock() - at < CATALOGUE_GOOD_FOR else None
