"""The table of words, and what the settings add to it, as they are looked up."""

from dataclasses import dataclass, field
from functools import lru_cache

from connectors.words.letters import folded
from connectors.words.words_of_more_languages import MORE
from connectors.words.words_of_status import CALLED_SO, TABLE, Standing
from connectors.words.words_of_titles import BLOCKED, NOT_CONFIRMED


@dataclass(frozen=True, slots=True)
class Words:
    """The table, as it is looked up: phrases in folded letters."""

    standings: dict[str, Standing] = field(repr=False)
    called_so: frozenset[str] = field(repr=False)
    stays: frozenset[str] = frozenset()
    added: frozenset[str] = frozenset()
    of_titles: frozenset[str] = frozenset()
    """Phrases that do not count as a line of a description."""

    def sure(self, phrase: str) -> Standing | None:
        """The standing by a phrase that is nothing else."""
        return self.standings.get(phrase) if phrase not in self.called_so else None


@lru_cache(maxsize=64)
def words_of(not_a_stay: tuple[str, ...] = (), is_a_stay: tuple[str, ...] = ()) -> Words:
    """The table and what the settings add."""
    standings: dict[str, Standing] = {}
    for standing, languages in (*TABLE.items(), *MORE.items()):
        for several in languages.values():
            for phrase in several.split(", "):
                standings.setdefault(folded(phrase), standing)
    of_titles: set[str] = set()
    for standing, languages in ((Standing.NOT_CONFIRMED, NOT_CONFIRMED), (Standing.BLOCKED, BLOCKED)):
        for several in languages.values():
            for phrase in map(folded, several.split(", ")):
                if phrase and phrase not in standings:
                    standings[phrase] = standing
                    of_titles.add(phrase)
    called_so = {folded(one) for one in CALLED_SO.split(", ")}
    for phrase in not_a_stay:
        if one := folded(phrase):
            standings[one] = Standing.BLOCKED
            called_so.discard(one)
            of_titles.discard(one)
    stays, added = (frozenset(filter(None, map(folded, several))) for several in (is_a_stay, not_a_stay))
    return Words(standings, frozenset(called_so), stays, added, frozenset(of_titles))
