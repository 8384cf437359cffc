"""Every pattern that sees foreign text takes, for twice the text, at most two and a half times as long.

A pattern is tried on texts made of a repeated sign, in growing lengths up to a cap, and only as
long as it is quick: a pattern that goes by the square shows it long before the text is long.
"""

import importlib
import itertools
import pkgutil
import re
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest

import connectors
import lock_names
import mappers
import seam_workspace
import web
from connectors import phones
from tests.connectors.test_hostile_texts import SIGNS

pytestmark = pytest.mark.slow

CUT = {
    "seam_workspace.errors._CONTACT": 1_000,
    "connectors.phones._COUNTED": phones.LONGEST,
    "connectors.phones._MASKED": 3 * phones.LONGEST,  # "…" is three dots by then
}
"""What sees no more than so many characters, for its text is cut before."""
HOW = {
    "connectors.apaleo.reader._UNIT_ID": {"fullmatch"},
    "connectors.cloudbeds.reader._PART": {"fullmatch"},
    "connectors.snapshots.files.cells._SHORTENED": {"fullmatch"},
    "connectors.phones._COUNTED": {"match"},
    "connectors.words.text_fields._DASHED": {"match"},
    "connectors.words.text_fields._NUMBERED": {"match"},
}
"""How a pattern is applied, where its name does not tell."""
LONGEST = 16_000
SLOW = 0.02
"""Seconds from which on growth is judged; what is quicker at the longest text costs nobody anything."""


def modules(package: ModuleType) -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield importlib.import_module(found.name)


def patterns() -> Iterator[tuple[str, re.Pattern[str]]]:
    for package in (connectors, lock_names, mappers, seam_workspace, web):
        for module in modules(package):
            for name, value in vars(module).items():
                several = (
                    value if isinstance(value, tuple | list) else value.values() if isinstance(value, dict) else [value]
                )
                flat = itertools.chain.from_iterable(one if isinstance(one, tuple) else [one] for one in several)
                for place, one in enumerate(flat):
                    if isinstance(one, re.Pattern) and isinstance(one.pattern, str):
                        yield f"{module.__name__}.{name}[{place}]" if place else f"{module.__name__}.{name}", one


def distinct() -> dict[str, re.Pattern[str]]:
    found: dict[re.Pattern[str], str] = {}
    for name, pattern in patterns():
        found.setdefault(pattern, name)
    return {name: pattern for pattern, name in found.items()}


PATTERNS = distinct()
SOURCE = "\n".join(
    path.read_text(encoding="utf-8")
    for package in (connectors, lock_names, mappers, seam_workspace, web)
    for path in Path(package.__path__[0]).rglob("*.py")
)


def uses(name: str) -> set[str]:
    """How the pattern of this name is applied; in every way where that is not to be seen."""
    word = name.rpartition(".")[2].partition("[")[0]
    found = set(re.findall(rf"\b{word}\.(search|match|fullmatch|sub|finditer|findall|split)\b", SOURCE))
    return found or {"search", "fullmatch"}


def seconds(pattern: re.Pattern[str], text: str, how: set[str]) -> float:
    begun = time.process_time()
    if how & {"search", "sub", "finditer", "findall", "split"}:
        for _ in pattern.finditer(text):
            pass
    if "match" in how:
        pattern.match(text)
    if "fullmatch" in how:
        pattern.fullmatch(text)
    return time.process_time() - begun


def grows(pattern: re.Pattern[str], sign: str, longest: int, how: set[str]) -> str | None:
    """What is wrong with it; None where it is linear, or quick."""
    for end in ("", "\x00"):
        size = 250
        while size <= longest:
            text = sign * (size // len(sign)) + end
            took = seconds(pattern, text, how)
            if took >= SLOW:
                # Twice as long, and the best of several: other processes may have been in the way.
                double = sign * (2 * size // len(sign)) + end
                one = min(took, *(seconds(pattern, text, how) for _ in range(4)))
                two = min(seconds(pattern, double, how) for _ in range(3 if one < 0.2 else 1))
                if two > 2.5 * one and one >= SLOW / 2:
                    return f"{len(text)} signs {sign!r}: {one:.3f} s, twice as many: {two:.3f} s"
                break
            size *= 2
    return None


@pytest.mark.parametrize("name", PATTERNS)
def test_a_pattern_is_linear(name: str) -> None:
    longest = CUT.get(name, LONGEST)
    how = HOW.get(name) or uses(name)
    for sign in SIGNS:
        # On a machine that has much else to do, one look may err.
        looks = (grows(PATTERNS[name], sign, longest, how) for _ in range(3))
        wrong = list(itertools.takewhile(lambda found: found is not None, looks))
        assert len(wrong) < 3, wrong


def test_the_patterns_of_the_product_are_found() -> None:
    assert len(PATTERNS) > 60
    assert {name.partition(".")[0] for name in PATTERNS} >= {"connectors", "lock_names", "mappers", "seam_workspace"}
