"""Foreign text, made fit for a database, a page, a terminal and Seam: the one place where it is cleaned.

Records clean their own text when they are made, so nothing else ever sees it otherwise; what a peer's error says is
cleaned where it is stored. Ids are no text in this sense: one that holds such characters names nothing.
"""

import re

_BROKEN = re.compile("[\ud800-\udfff]")
"""Halves of a character that stands for two in UTF-16: no encoding can write one alone."""
_UNSEEN = re.compile(
    "[\u200b\u200e\u200f\u202a-\u202e\u2060-\u2064\u2066-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
"""Marks that turn the direction of what follows, or are not seen at all. Joiners inside of words stay."""
_CONTROLS = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
LONGEST_NAME = 200
LONGEST_LABEL = 120
LONGEST_NUMBER = 64
LONGEST_CONTACT = 320
LONGEST_REASON = 2_000


def plain(text: str, longest: int) -> str:
    """The text without half characters, unseen marks and control characters (which become blanks), at most so long."""
    if text.isprintable() and len(text) <= longest:
        return text
    # What is cut away later is not searched now: a peer may send a text of any length.
    text = text[: 4 * longest + 100]
    text = _UNSEEN.sub("", _BROKEN.sub("\ufffd", text))
    return _CONTROLS.sub(" ", text)[:longest].rstrip()


def without_unseen(text: str) -> str:
    """The text without marks that nobody sees."""
    return _UNSEEN.sub("", text)
