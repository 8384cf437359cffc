"""The phone number in what somebody typed into a field for it: its own digits, and nobody else's.

People write extensions, rooms, names and numbers of guests beside a number, and two numbers into one field. Letters are
never the keys of a phone here.
"""

import html
import re
import unicodedata
from dataclasses import dataclass, field

LONGEST = 200
"""Characters that are looked at."""
FEWEST, MOST = 7, 15
"""Digits of a number; the most are E.164's."""

_NUMBER = re.compile(r"[+(]?[\d(][\d\s().\-/]*")
_COUNTED = re.compile(
    r"\s*(?:x\s*)?(?:guest|person|people|pax|adult|kid|child|infant|night|room|bed|pet|dog|day|gäst|gast|persone|pers\b|"
    r"erwachs|kind|nächt|nacht|zimmer|hund|tag|voyageur|adult|enfant|nuit|chambre|huésped|persona|noche|habitaci|ospit|"
    r"adulti|bambin|nott|camer|hóspede|pessoa|noite|quarto|gasten|volwass|nachten|kamer|gości|osob|osób|noc|pokoj|host[ůé]|"
    r"x\b)(?!\w{0,20}\W{0,3}\d)",
    re.IGNORECASE,
)
"""A number before such a word counts something else."""
_COUNT = re.compile(r"[\s(/]\(?\d{1,2}\s{0,3}$")
_MASKED = re.compile(r"[*xX•·.#_…\-\s()]{0,30}[*xX•#…]{2}[*xX•·.#_…\-\s()]{0,10}(\d{4})")
_FOUR = re.compile(r"\W{0,10}(\d{4})\W{0,10}")
_ENDS_SENTENCE = re.compile(r"\.\s|\s-\s|\s\s\s")


@dataclass(frozen=True, slots=True)
class Phone:
    """What a field says of a phone."""

    number: str | None = field(default=None, repr=False)
    """Digits, with `+` before them where the country is told; None where there is no whole number."""
    last_4: str | None = field(default=None, repr=False)
    """Its last four digits, or the four that are all that is told."""

    @property
    def is_end_only(self) -> bool:
        """Whether the last four digits are all that is told."""
        return self.number is None and self.last_4 is not None


def phone_in(text: str | None) -> Phone:
    """The first whole number in a text, without what stands beside it; else the last four digits, if they are told."""
    if not text:
        return Phone()
    text = unicodedata.normalize("NFKC", html.unescape(text[:LONGEST]))
    text = re.sub(r"[​-‏‪-‮⁠-⁩﻿]", "", text)
    text = re.sub(r"[‐-―−]", "-", text)
    # A lock's keys, and the numbers of every network, have the digits 0 to 9, whatever script somebody writes in.
    text = re.sub(r"[^\D0-9]", lambda digit: str(unicodedata.decimal(digit[0])), text)
    for found in _NUMBER.finditer(text):
        before = text[: found.start()].rstrip()
        if before[-1:].isalnum() and not before[-1:].isdigit() and text[found.start() - 1].isalnum():
            # Letters and digits in one word: a code.
            continue
        number = _first_number(found[0], text[found.end() :])
        if number is not None:
            return Phone(number, re.sub(r"\D", "", number)[-4:])
    if (masked := _MASKED.search(text)) is not None:
        return Phone(None, masked[1])
    alone = _FOUR.fullmatch(text.strip())
    return Phone(None, alone[1] if alone is not None else None)


def _first_number(run: str, after: str) -> str | None:
    """The first number in a run of digits and signs; `after` is what follows it."""
    if "+" in run or run.lstrip("( ").startswith("00"):
        # The zero of calls within the country, which nobody dials from abroad.
        run = re.sub(r"\(\s?0\s?\)", " ", run)
    if _COUNTED.match(after):
        run = _COUNT.sub("", run)
    digits = ""
    for at, one in enumerate(run):
        if one.isdigit():
            digits += one
            continue
        if len(digits.removeprefix("00")) >= FEWEST and (
            one in "/\n" or _ENDS_SENTENCE.match(run, at) or (one == "(" and digits)
        ):
            break
    if not FEWEST <= len(digits.removeprefix("00")) <= MOST:
        return None
    if run.lstrip("( ").startswith("+"):
        return f"+{digits}"
    return f"+{digits[2:]}" if digits.startswith("00") else digits
