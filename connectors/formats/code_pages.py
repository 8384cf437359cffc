"""Which letters some bytes are: Unicode where they can be, else what is said of them, else what they look like.

A list of guests is mostly ASCII with a few foreign letters in names, too little for detectors that know languages by
their words. So what is weighed here is the names themselves: in the right code page their letters are those of one
language, in the case that names have, with vowels between the consonants. That is a guess, and told as one.
"""

import codecs
import re
import unicodedata
from collections.abc import Callable
from itertools import pairwise

SAMPLE = 20_000
"""Bytes that are looked at, of the lines that have more than ASCII."""
MOST_WORDS = 300

_FOREIGN_WORD = re.compile(rb"[^\s,;|\"<>:=()]{0,40}[\x80-\xff][^\s,;|\"<>:=()]{0,40}(?: [^\s,;|\"<>:=()]{1,40})?")
_ALPHABETS = tuple(
    frozenset(letters)
    for letters in (
        "äöüß",
        "àâçèéêëîïôùûüœ",
        "áéíñóúüïç",
        "àèéìòóù",
        "áâãàçéêíóôõú",
        "éëïíóúèöü",
        "ąćęłńóśźż",
        "áčďéěíňóřšťúůýžöü",
        "áäčďéíĺľňóôŕšťúýž",
        "áéíóöőúüű",
        "čćđšž",
        "ăâîșşțţ",
        "æøåéö",
        "åäöé",
        "áðéíóúýþæö",
        "çğıöşüâî",
        "āčēģīķļņšūž",
        "ąčęėįšųūž",
        "äõöüšž",
        "ëç",
    )
)
"""Of languages in Latin letters, beyond ASCII."""
_VOWELS = frozenset("aeiouyáàâäãåāăąæéèêëēėęěíìîïīįıóòôöõøőœúùûüūůűųýÿаеёиоуыэюяіїєαεηιουωάέήίόύώϊϋ")
_SIGNS_IN_NAMES = frozenset("'’-.´`@_/&+ºª–")
_COMMON = {
    "shift_jis": lambda a, b: a in (0x82, 0x83) or 0x88 <= a <= 0x98,
    "euc_jp": lambda a, b: a in (0xA4, 0xA5) or 0xB0 <= a <= 0xCF,
    "gb18030": lambda a, b: 0xB0 <= a <= 0xD7 and b >= 0xA1,
    "big5": lambda a, b: 0xA4 <= a <= 0xC6,
    "euc_kr": lambda a, b: 0xB0 <= a <= 0xC8 and b >= 0xA1,
}
"""Of code pages with two bytes a letter: whether two bytes are one that is used every day."""
_PRIORS = {
    "cp1252": 0.0,
    "cp1250": 0.3,
    "iso8859_2": 0.6,
    "cp1251": 0.4,
    "cp1253": 0.5,
    "cp1254": 0.5,
    "cp1255": 0.8,
    "cp1257": 0.7,
    "koi8_r": 1.0,
    "koi8_u": 1.1,
    "cp850": 0.9,
    "cp852": 1.0,
    "cp866": 1.0,
    "iso8859_5": 1.1,
    "mac_cyrillic": 1.3,
    "cp1256": 1.5,
    "mac_roman": 1.2,
    "shift_jis": 0.6,
    "euc_jp": 1.0,
    "gb18030": 0.8,
    "big5": 0.9,
    "euc_kr": 0.7,
}
"""The code pages that are thought of; a higher number needs better reasons."""
_OF_COUNTRIES = {
    "cp1250": "CZ SK PL HU SI HR RO BA AL ME",
    "cp1251": "RU BG UA BY MK RS KZ",
    "cp1253": "GR CY",
    "cp1254": "TR",
    "cp1255": "IL",
    "cp1256": "AE SA EG JO KW QA BH OM LB MA TN DZ IQ",
    "cp1257": "EE LV LT",
    "shift_jis": "JP",
    "euc_jp": "JP",
    "gb18030": "CN SG",
    "big5": "TW HK MO",
    "euc_kr": "KR",
}
_USUAL = {(country, page) for page, countries in _OF_COUNTRIES.items() for country in countries.split()}
_WITH_OTHERS = {country for country, _ in _USUAL}


def is_wide(content: bytes) -> bool:
    """Whether every letter has two bytes or four: by its mark, or by the zeros in plain letters."""
    if content[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        return True
    start = content[:200]
    if len(start) >= 8 and start.count(0) * 5 >= len(start) * 2:
        return True
    # Foreign names leave fewer of them, and all on one side.
    sides = sorted((start[::2].count(0), start[1::2].count(0)))
    return sides[0] == 0 and sides[1] * 6 >= len(start) >= 8


def decoded(content: bytes, declared: str | None = None, country: str | None = None) -> tuple[str, str]:
    """The text, and the name of the code page where it is no Unicode (empty where it is).

    `declared`: the code page that somebody says it is in; it counts where the bytes are not UTF-8 and can be that.
    `country` (ISO 3166-1 alpha-2): where the text comes from. A mark of order is left out.
    """
    if is_wide(content):
        return _wide(content), ""
    if b"\x1b$" in content and (text := exactly(content, "iso2022_jp")) is not None:
        # Letters of seven bits, which would be read as ASCII with gaps.
        return text, "iso2022_jp"
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    if declared is not None and (text := exactly(content, declared)) is not None:
        return text, codecs.lookup(declared).name
    if _is_utf8_with_faults(content):
        return content.decode("utf-8-sig", "replace"), "UTF-8 with broken letters"
    name = _guess(content, country)
    text = exactly(content, name)
    return (text, name) if text is not None else (content.decode(name, "replace"), name)


def is_known(name: str) -> bool:
    """Whether there is a code page of this name."""
    try:
        return bool(codecs.lookup(name)._is_text_encoding)
    except (LookupError, ValueError):
        return False


def exactly(content: bytes, name: str) -> str | None:
    """The text in this code page; None where the bytes are not, or nobody knows it."""
    if not is_known(name):
        return None
    try:
        return content.decode(name)
    except UnicodeError:
        return None


def _wide(content: bytes) -> str:
    for mark, name in (
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
    ):
        if content.startswith(mark):
            return content[len(mark) :].decode(name, "replace")
    return content.decode("utf-16-be" if content[:1] == b"\0" else "utf-16-le", "replace")


def _words(content: bytes) -> list[bytes]:
    return list(dict.fromkeys(_FOREIGN_WORD.findall(content[:1_000_000])))[:MOST_WORDS]


def _is_utf8_with_faults(content: bytes) -> bool:
    """Whether most of what is no ASCII is UTF-8: then single bytes are broken, and no other code page is meant."""
    text = b" ".join(_words(content))[:SAMPLE].decode("utf-8", "replace")
    letters = sum(one > "\x7f" and one != "\ufffd" for one in text)
    return letters > 2 * text.count("\ufffd")


def _guess(content: bytes, country: str | None) -> str:
    words = _words(content)
    costs: dict[str, float] = {}
    for name, prior in _PRIORS.items():
        common: Callable[[int, int], bool] | None = _COMMON.get(name)
        is_usual = (country, name) in _USUAL or (name == "cp1252" and country not in _WITH_OTHERS)
        cost = -0.5 if is_usual else prior
        for word in words:
            try:
                text = word.decode(name)
            except UnicodeDecodeError:
                cost += 20
                continue
            cost += _cost_of_signs(word, common) if common is not None else _cost(text)
        costs[name] = cost
    return min(costs, key=lambda one: costs[one])


def _cost_of_signs(word: bytes, common: Callable[[int, int], bool]) -> float:
    """How unlikely a word in a code page of two bytes a letter is."""
    cost, at = 0.0, 0
    while at < len(word):
        if word[at] < 0x80:
            at += 1
            continue
        second = word[at + 1] if at + 1 < len(word) else 0
        cost += 0.05 if common(word[at], second) else 2
        # A letter of European names that swallowed the plain one behind it.
        cost += 1.5 if second < 0x80 else 0
        at += 2
    return cost


def _cost(text: str) -> float:
    """How unlikely it is that these are names: 0 for letters of one language in their usual order."""
    cost = 0.0
    for word in text.split():
        foreign = {one.lower()[0] for one in word if one > "\x7f" and one.isalpha()} - {"i"}
        cost += sum(
            20 if unicodedata.category(one) in ("Cc", "Cn", "Co") else 4
            for one in word
            if one > "\x7f" and not one.isalpha() and one not in _SIGNS_IN_NAMES
        )
        scripts = {_script(one) for one in word if one.isalpha()}
        cost += 4 * (len(scripts) - 1) if scripts else 0
        if "latin" in scripts and foreign and not any(foreign <= alphabet for alphabet in _ALPHABETS):
            cost += 2
        cost += 1.5 * sum(one.islower() and other.isupper() for one, other in pairwise(word))
        kinds = "".join("v" if one.lower() in _VOWELS else "c" for one in word if one.isalpha())
        if scripts & {"latin", "cyrillic", "greek"}:
            cost += 0.7 * (kinds.count("cccc") + kinds.count("vvv"))
            cost += 0.7 * (len(kinds) > 2 and "v" not in kinds)
        if scripts & {"cyrillic", "greek"}:
            # Names begin with a large letter.
            cost += 0.5 * word.islower()
    return cost


def _script(letter: str) -> str:
    if letter < "\u0250":
        return "latin"
    if "\u0370" <= letter < "\u0400":
        return "greek"
    if "\u0400" <= letter < "\u0530":
        return "cyrillic"
    return "other"
