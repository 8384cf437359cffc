"""Surnames, so that a guest is found by hers: never in the clear, only as keyed hashes, others at each property.

Whoever has the database alone can try names against them, as its key lies there too; whoever sees a page, a log or a
backup of single tables learns none.
"""

import hmac
import re
import unicodedata
from collections.abc import Iterable

from sqlalchemy import select

from store.engine import Database
from store.people import People
from store.tables import secrets

_NAME = "surnames"
"""Of the key, among the secrets of the database."""
LONGEST = 20
"""Words of the names of one booking's guests that count."""


class Surnames:
    """Makes the hashes. Asks the database for the key when it is first needed; raises `StoreFailed`."""

    def __init__(self, store: Database):
        self._store = store
        self._new: str | None = None
        """The key, where it was made a moment ago: it may not be kept yet."""

    def hashes(self, connection: str, property_id: str, surnames: Iterable[str]) -> list[str]:
        """Of every word of these names, at one property; each once, in order."""
        return self.hashes_at([(connection, property_id)], surnames)

    def hashes_at(self, places: Iterable[tuple[str, str]], surnames: Iterable[str]) -> list[str]:
        """The same at each of these properties (connection, id)."""
        words = sorted({word for name in surnames for word in _words(name)})[:LONGEST]
        return [
            self._hash(f"{connection}\0{property_id}\0{word}") for connection, property_id in places for word in words
        ]

    def _hash(self, text: str) -> str:
        known = self._store.lasting.get(_NAME) or self._new
        if known is None:
            known = self._store.value(select(secrets.c.value).where(secrets.c.name == _NAME))
            if known is None:
                known = self._new = People(self._store).secret(_NAME)
            else:
                self._store.lasting[_NAME] = known
        return hmac.digest(known.encode(), text.encode("utf-8", "backslashreplace"), "sha256").hex()[:24]


def _words(name: str) -> set[str]:
    """Without marks and letter case: "Müller-Lüdenscheidt" by "muller", "ludenscheidt", or both."""
    plain = "".join(one for one in unicodedata.normalize("NFKD", name).casefold() if not unicodedata.combining(one))
    return {word for word in re.split(r"[^\w]+", plain) if len(word) > 1}
