"""Single things that Seam says of what a guest's access needs, weighed, and in words for the clerk. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from mappers.sentences import also_in_english
from reconciler.seam_codes import Meaning, Weight, meaning_of


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that Seam says, weighed."""

    weight: Weight
    cause: str
    """Seam's code, or a word of ours."""
    words: str


def codes_said(
    table: Mapping[str, Meaning],
    of: str,
    *,
    errors: Iterable[str] = (),
    warnings: Iterable[str] = (),
    pending: Iterable[str] = (),
) -> list[Finding]:
    """What a resource's codes say. `of` names the resource, where that helps."""
    found = []
    for codes, unknown in ((errors, Weight.SHUT), (warnings, Weight.DOUBT), (pending, Weight.NOT_YET)):
        for code in codes:
            meaning = meaning_of(table, code, unknown)
            found.append(Finding(meaning.weight, code, named(of, meaning.words)))
    return found


def named(of: str, words: str) -> str:
    """ "Lock 101 is offline", "Lock 101: its hub is offline"."""
    if not of:
        return words
    english = f"{of} {words.removeprefix('it ')}" if words.startswith("it ") else f"{of}: {words}"
    return also_in_english(english, "{of}: {words}", of=of, words=words)


def at_most_a_doubt(found: Iterable[Finding]) -> list[Finding]:
    """What is wrong with a door that is not that of her room: it leaves a doubt at most."""
    return [Finding(max(one.weight, Weight.DOUBT), one.cause, one.words) for one in found]
