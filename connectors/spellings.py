"""One name as different people write it: Müller and Mueller, Наталья Иванова and Natalia Ivanova.

A platform or a passport writes a name in Latin letters, a guest in her own, and no two of them by the same rules. What
comes out here is nobody's spelling: it only says that two spellings may be one name. Letters are turned into Latin ones
by the tables of `anyascii`; then what the rules of different countries write differently is made the same.
"""

import re
import unicodedata
from functools import lru_cache

from anyascii import anyascii

_ALIKE = (
    # Of umlauts and of letters with a ring or a stroke.
    ("ae|aa", "a"),
    ("oe", "o"),
    ("ue", "u"),
    # Of Cyrillic, Greek and southern Slavic names.
    ("ou", "u"),
    ("shch|sch|sh", "s"),
    ("tsch|tch|ch", "c"),
    ("zh", "z"),
    ("kh|gh", "h"),
    ("ph", "f"),
    ("th", "t"),
    ("dj", "d"),
    ("ts|tz|cz", "c"),
    ("ck", "k"),
    ("x", "ks"),
    ("w", "v"),
    ("[jy]", "i"),
    (r"(.)\1+", r"\1"),
    ("(?<=[a-z])i[oe](?=[a-z])", "e"),
)
"""One after the other, on lower-case letters."""
_FAMILIES = frozenset(
    "fam familie family familia familien famille famiglia familj gezin perhe rodina rodzina csalad obitelj sem".split()
)
"""What stands before the name of a family, as a platform or a host writes it: no part of the name."""


def spellings(name: str) -> list[str]:
    """The words of a name in a form that is the same for each way to write them; nothing where there is no letter."""
    words = [_alike(word) for word in _words(name)]
    return [word for word in words if word and word not in _FAMILIES] or [word for word in words if word]


def _words(name: str) -> list[str]:
    # Two letters of Russian are one in most passports, and two of Greek are one sound.
    plain = re.sub("ο[υύ]", "u", unicodedata.normalize("NFC", name.casefold()).replace("ё", "е"))
    latin = "".join(map(_latin, plain))
    return re.findall(r"[a-z0-9]+", latin.replace("'", "").casefold())


@lru_cache(maxsize=4096)
def _latin(letter: str) -> str:
    told = anyascii(letter)
    # Signs that are words of themselves, as of Chinese names.
    return f" {told} " if letter >= "\u2e80" and unicodedata.category(letter) == "Lo" else told


@lru_cache(maxsize=16_384)
def _alike(word: str) -> str:
    if word.isdigit() or len(word) < 3:
        return word
    for written, same in _ALIKE:
        word = re.sub(written, same, word)
    return word
