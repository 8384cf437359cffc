"""Languages in which every word of the catalogue stands in ⟦brackets⟧: what a page says outside of them is in no
catalogue, or not in that of its language. Sentences, times and numbers are those of the language."""

import re
from functools import cache
from html.parser import HTMLParser
from typing import Any

from babel import Locale
from flask_babel import Domain

_VALUES = re.compile(r"(%\(\w+\)s|\{\w*\})")
_WORD = re.compile(r"[^\W\d_]{2,}")
_NO_WORDS = re.compile(
    r"\b[0-9a-f]{8}-[0-9a-f-]{27}\b"  # ids of things
    r"|\b\d{8}-\d{6}-[0-9a-f]+\b"  # ids of runs
    r"|\b\w+(?:[._/]\w+)+\b"  # what programs call things: access_grant.deleted, Europe/Vienna, customers/getAll
    r"|\b(?=\w*\d)[\w-]+\b"  # and what has a digit in it
    r"|\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b"  # ServiceOrderUpdated
    r"|https?://\S*"
)
SPOKEN_ATTRIBUTES = frozenset({"title", "aria-label", "placeholder", "alt", "data-is", "data-label", "data-confirm"})
"""Attributes that are read to people."""
NOT_READ = frozenset({"script", "style", "code", "pre"})
"""What stands in these is of programs: ids, addresses, settings, what was sent."""
_EMPTY = frozenset({"br", "col", "hr", "img", "input", "link", "meta", "source", "wbr"})


@cache
def _of_times(language: str) -> frozenset[str]:
    """What a language calls months and days."""
    of = Locale(language)
    names = [
        each
        for table in (of.months, of.days)
        for width in ("wide", "abbreviated")
        for each in table["format"][width].values()
    ]
    return frozenset({"Uhr", "UTC", *(name.strip(".") for name in names)})


class Brackets:
    """A catalogue with its words in brackets."""

    def __init__(self, catalogue: Any):
        self._catalogue = catalogue

    def ugettext(self, text: str) -> str:
        said: str = self._catalogue.ugettext(text)
        return in_brackets(said) if text in self._catalogue._catalog else said

    def ungettext(self, one: str, many: str, number: int) -> str:
        said: str = self._catalogue.ungettext(one, many, number)
        return in_brackets(said) if (one, 0) in self._catalogue._catalog else said


def in_brackets(words: str) -> str:
    """What stands between the values of a sentence, each part in brackets of its own: a value is in its own ones, or it
    is data."""
    parts = _VALUES.split(words)
    return "".join(one if place % 2 or not _WORD.search(one) else f"⟦{one}⟧" for place, one in enumerate(parts))


def speak_in_brackets(patch: Any) -> None:
    """Whoever reads any other language than English reads this."""
    plain = Domain.get_translations

    def found(self: Domain) -> Any:
        said = plain(self)
        return Brackets(said) if getattr(said, "_catalog", None) else said

    patch.setattr(Domain, "get_translations", found)


class Outside(HTMLParser):
    """What a page says outside of the brackets. `data`: words of the world that it shows."""

    def __init__(self, data: frozenset[str], language: str = "de"):
        super().__init__()
        self._data = data | _of_times(language)
        self._open: list[tuple[str, bool]] = []
        self._depth = 0
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        is_data = tag in NOT_READ or dict(attrs).get("translate") == "no" or any(each for _, each in self._open)
        spoken = SPOKEN_ATTRIBUTES | ({"value"} if dict(attrs).get("type") == "submit" else set())
        for name, value in attrs if not is_data else ():
            if value and name in spoken:
                self._look_at(value, value)
        if tag not in _EMPTY:
            self._open.append((tag, is_data))

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if any(is_data for _, is_data in self._open):
            return
        outside = []
        # A sentence may go on in another element.
        for letter in data:
            self._depth += (letter == "⟦") - (letter == "⟧")
            outside.append(letter if self._depth == 0 and letter != "⟧" else " ")
        self._look_at("".join(outside), data)

    def _look_at(self, outside: str, text: str) -> None:
        bare = _NO_WORDS.sub(" ", re.sub(r"⟦[^⟦⟧]*⟧", " ", outside))
        if [one for one in _WORD.findall(bare) if one not in self._data]:
            self.found.append(" ".join(text.split()))
