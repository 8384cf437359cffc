"""The signs of a name: without what says nothing (serial numbers, pictures, dashes), and taken apart into tokens."""

import functools
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from lock_names import words as say
from lock_names.words import folded

_NO = re.compile(r"[Nn]\s?[°º]|(?<![^\W_])[Čč]\.?(?=\s?\d)")
"""A sign for a number: "N° 12", "č. 12"."""
_DASHES = re.compile(r"[‐‑‒–—―−﹘﹣－]")
_KEYCAP = re.compile("\ufe0f?\u20e3")
"""What makes a digit a picture of a key."""
_PERCENT = re.compile(r"(?<!\d)\d+\s?%")
"""A battery's charge."""
_OF_ROOMS_IN_JAPAN = "の間"
_SERIALS = re.compile(
    r"""(?<![^\W_])(?:
        [0-9a-f]{2}(?::[0-9a-f]{2}){2,7} | [0-9a-f]{2}(?:-[0-9a-f]{2}){5,7} | [0-9a-f]{4}(?:\.[0-9a-f]{4}){2,3}
      | [0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}
      | v\d+(?:\.\d+)+
      | xs4 | 4suites
      | (?=[0-9a-f]{6})\d+[a-f]{3,}
      | (?![a-z]+\d+[a-z]?(?![^\W_]))(?!\d+[a-z]+(?![^\W_]))(?=[a-z]*\d)(?=\d*[a-z])[0-9a-z]{6,}
      | \d{6,}
    )(?![^\W_])""",
    re.IGNORECASE | re.VERBOSE,
)
_LABELLED_SERIALS = re.compile(
    r"(?<![^\W_])(?:s/n|s\.n\.|sn|serial|serial\s?(?:no|nr|number)|serien\s?(?:nr|nummer)|mac|imei)"
    r"[\s.:\#-]*(?=[a-z]*\d)[0-9a-z]{4,}(?:[:-][0-9a-z]{2,})*(?![^\W_])"
    r"|[(\[]\s?(?:key|schlüssel|clé|llave|chiave|sleutel)\s?(?:no|nr)?\.?\s?\d{1,3}\s?[)\]]",
    re.IGNORECASE,
)
_CODE = r"[a-zà-ÿ])[A-ZÀ-Þ](?![^\W_]))"
CAMEL = re.compile(rf"(?<=[a-zà-ÿ])(?=[A-ZÀ-Þ])(?!(?<=^{_CODE}(?!(?<=[\W_]{_CODE}")
"""Where a word begins with a capital behind another one; "tA" is one code."""
_ELIDED = re.compile(r"(?<![^\W_])[DdLl]['’](?=[^\W\d_]{2})")
"""An article cut short: the "d" of "porte d'entrée" is no room D."""
_TOKEN = re.compile(r"\d+|[^\W\d_]+")
CHUNK = re.compile(r"[^\W_]+")
_NATURAL = re.compile(r"(\d+)")


def plain_name(name: str) -> str:
    """A name in plain letters and digits."""
    name = _KEYCAP.sub("", _NO.sub("no ", name))
    name = "".join(" " if unicodedata.category(c) == "No" or c in "°ºª²³¹" else c for c in name)
    name = "".join(c for c in unicodedata.normalize("NFKC", name) if not say.is_mark(c))
    return _PERCENT.sub(" ", _DASHES.sub("-", name))


def clean_name(name: str) -> str:
    """A name in plain letters and digits, without serial numbers and addresses."""
    return without_marked_serials(without_labelled_serials(plain_name(name)))


def without_labelled_serials(plain: str) -> str:
    """A plain name without serial numbers, addresses and keys that it calls so: "209" of "209 (SN 71691)", "Kaze" of
    "Kaze (key 1)"."""
    return _LABELLED_SERIALS.sub(" ", plain)


def without_marked_serials(plain: str) -> str:
    """A plain name without what looks like a serial number or an address wherever it stands."""
    return _SERIALS.sub(" ", plain)


def lengths_of_serials(plain: str) -> set[int]:
    """How long the serial numbers of letters and digits in a plain name are."""
    return {len(found[0]) for found in _SERIALS.finditer(plain) if found[0].isalnum() and not found[0].isalpha()}


def plain_number(digits: str) -> str:
    """A number of any script in plain digits, without leading zeros."""
    return "".join(str(unicodedata.decimal(digit)) for digit in digits).lstrip("0") or "0"


def natural_order(name: str, identity: str) -> tuple[tuple[tuple[int, str], ...], str, str]:
    parts = (
        plain_number(part) if part.isdecimal() else part
        for part in _NATURAL.split(unicodedata.normalize("NFKC", name).casefold())
    )
    return tuple((len(part) if part.isdecimal() else 0, part) for part in parts), name, identity


@dataclass(frozen=True, slots=True)
class Token:
    text: str
    raw: str
    gap: str
    """What stands between it and the token before it."""

    @property
    def glued(self) -> bool:
        return not self.gap

    @property
    def is_number(self) -> bool:
        return self.text.isdecimal()

    @property
    def is_letter(self) -> bool:
        """A letter by itself; a sign of Chinese, Japanese or Korean is a word."""
        return is_letter(self.text)


def is_letter(text: str) -> bool:
    return len(text) == 1 and text.isalpha() and text < _FIRST_SIGN


_FIRST_SIGN = "\u2e80"


@functools.lru_cache(maxsize=20_000)
def tokens_of(clean: str) -> tuple[Token, ...]:
    """A name taken apart; kept, since a dozen rules ask for the same name, and a house is read more than once."""
    found: list[Token] = []
    end = -1
    for match in _TOKEN.finditer(_ELIDED.sub(" ", CAMEL.sub(" ", clean))):
        raw = match[0]
        text = plain_number(raw) if raw.isdecimal() else folded(raw)
        text = text.removesuffix(_OF_ROOMS_IN_JAPAN) or text
        gap = match.string[end : match.start()] if found else " "
        if text in say.FLOOR and found and found[-1].text in say.ORDINAL_WORDS:
            found[-1] = Token(say.ORDINAL_WORDS[found[-1].text], found[-1].raw, found[-1].gap)
        if text in say.NOT_A_ROOM and found and found[-1].text in say.KEY:
            # A safe for the key is the door's.
            text = found[-1].text + text
        text = say.WHICH_OF_TWO.get(text, say.OTHERWISE_SPELLED.get(text, text))
        found.append(Token(say.DIRECTIONS.get(text, text), raw, gap))
        end = match.end()
    return tuple(found)


def words_in(names: Iterable[str]) -> set[str]:
    """Whatever any of these names says."""
    return {token.text for name in names for token in tokens_of(name)}


def numbers_in(names: Iterable[str]) -> Counter[str]:
    """How often these names say each number."""
    return Counter(token.text for name in names for token in tokens_of(name) if token.is_number)


def texts_of(clean: str) -> tuple[str, ...]:
    """What a name says, token by token: two names with the same are read as the same."""
    return tuple(token.text for token in tokens_of(clean))


def is_within(parts: Iterable[str], whole: Iterable[str]) -> bool:
    """Whether all of these stand there in this order, with or without others between them."""
    rest = iter(whole)
    return all(part in rest for part in parts)
