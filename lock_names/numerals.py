"""Numbers that are written in words: "Cottage Twenty-one", "Chambre quatre-vingt-dix", "Zimmer einundzwanzig"."""

import re
from collections.abc import Sequence

from lock_names.words import folded

_JOINS = 0
"""The value of words that join two parts: the "und" of "einundzwanzig"."""
_VALUES: dict[str, int] = {
    folded(word): value
    for text, values in (
        (
            "one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen",
            range(1, 17),
        ),
        ("seventeen eighteen nineteen", range(17, 20)),
        ("twenty thirty forty fifty sixty seventy eighty ninety hundred", range(20, 101, 10)),
        ("eins zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn", range(1, 16)),
        ("sechzehn siebzehn achtzehn neunzehn", range(16, 20)),
        ("zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig hundert", range(20, 101, 10)),
        ("deux trois quatre cinq six sept huit neuf dix onze douze treize quatorze quinze seize", range(2, 17)),
        ("vingt trente quarante cinquante soixante", range(20, 61, 10)),
        ("uno dos tres cuatro cinco seis siete ocho nueve diez once doce trece catorce quince", range(1, 16)),
        ("dieciséis diecisiete dieciocho diecinueve", range(16, 20)),
        ("veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa cien", range(20, 101, 10)),
        ("due tre quattro cinque sei sette otto nove dieci undici dodici tredici quattordici quindici", range(2, 16)),
        ("sedici diciassette diciotto diciannove", range(16, 20)),
        ("venti trenta quaranta cinquanta sessanta settanta ottanta novanta cento", range(20, 101, 10)),
        ("vent trent quarant cinquant sessant settant ottant novant", range(20, 91, 10)),
        ("twee drie vier vijf zes zeven acht negen tien elf twaalf dertien veertien vijftien", range(2, 16)),
        ("zestien zeventien achttien negentien", range(16, 20)),
        ("twintig dertig veertig vijftig zestig zeventig tachtig negentig honderd", range(20, 101, 10)),
        ("dois três quatro cinco seis sete oito nove dez onze doze treze catorze quinze", range(2, 16)),
        ("dezesseis dezessete dezoito dezenove", range(16, 20)),
        ("vinte trinta quarenta cinquenta sessenta setenta oitenta noventa cem", range(20, 101, 10)),
        ("vingts cent veinti", (20, 100, 20)),
    )
    for word, value in zip(text.split(), values, strict=True)
}
_WITHIN = {folded(word): value for word, value in (("ein", 1), ("un", 1), ("een", 1), ("um", 1), ("une", 1))}
"""Articles too: they count only within a number."""
_JOINING = {folded(word): _JOINS for word in ("und", "and", "et", "y", "e", "en")}
_PARTS = _VALUES | _WITHIN | _JOINING
_LONGEST = 40
_WORD = re.compile(r"[^\W\d_]+")


def value_of(words: Sequence[str]) -> int | None:
    """The number that folded words say together, 1..999; None if they are no number."""
    parts: list[int] = []
    for word in words:
        found = _parted(word[:_LONGEST])
        if found is None:
            return None
        parts += found
    if not parts or _JOINS in (parts[0], parts[-1]) or (len(words) == 1 and words[0] in _WITHIN):
        return None
    total = 0
    for before, part in zip([_JOINS, *parts], parts, strict=False):
        if part == _JOINS:
            continue
        if not _goes_on(total, part, before == _JOINS):
            return None
        total = max(total, 1) * part if part == 100 else 80 if (total, part) == (4, 20) else total + part
    return total


def with_plain_numerals(name: str) -> str:
    """A name without digits, with digits for the numbers that it says in words; any other name as it is."""
    if any(map(str.isdecimal, name)):
        return name
    words = list(_WORD.finditer(name))
    said = [folded(word[0]) for word in words]
    result, done = [], 0
    first = 0
    while first < len(words):
        last = next((end for end in range(len(words), first, -1) if value_of(said[first:end]) is not None), first)
        if last > first:
            result += [name[done : words[first].start()], f"{value_of(said[first:last])}"]
            done = words[last - 1].end()
        first = max(last, first + 1)
    return "".join((*result, name[done:]))


def _goes_on(total: int, part: int, is_joined: bool) -> bool:
    """Whether a part may follow a number: not "ten one", "two twenty"."""
    below = total % 100
    if part == 100:
        return total < 10
    if part >= 20:
        return below == 0 or (below < 10 and is_joined) or (total, part) == (4, 20)
    if part >= 10:
        return below in (0, 60, 80)
    return below % 10 == 0 and below != 10


def _parted(word: str) -> list[int] | None:
    """A word's parts by value: [1, 0, 20] of "einundzwanzig"."""
    if word in _PARTS:
        return [_PARTS[word]]
    for length in range(len(word) - 2, 1, -1):
        if word[:length] in _PARTS and (rest := _parted(word[length:])) is not None:
            return [_PARTS[word[:length]], *rest]
    return None
