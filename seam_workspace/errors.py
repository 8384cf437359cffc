"""What can go wrong with Seam, by what the caller should do about it.

Messages are sentences for the report. Seam quotes e-mail addresses and phone numbers in its own messages, so those
are taken out before a message goes anywhere.
"""

import re
from collections.abc import Iterable

from mappers.sentences import say

_CONTACT = re.compile(r"[^\s'\"<>]+@[^\s'\"<>]+|\+?\d[\d\s().-]{5,}\d")
_LOOKED_AT, _LONGEST_CONTACT = 1_000, 320


def without_contacts(text: str, also: Iterable[str] = ()) -> str:
    """Seam's words with everything that looks like an e-mail address or a phone number taken out, and these words as
    well, at most 300 letters.

    They are cut before they are searched, for a search costs the square of their length; what the cut may have left of
    a contact goes with it.
    """
    cut = text[:_LOOKED_AT]
    clean = cut
    for word in sorted(also, key=len, reverse=True):
        clean = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "(removed)", clean, flags=re.IGNORECASE)
    clean = _CONTACT.sub("(removed)", clean)
    return (clean if len(text) == len(cut) else clean[: max(0, len(clean) - _LONGEST_CONTACT)])[:300]


class SeamError(Exception):
    """Any failure on the Seam side. `sentence`: its message, as pages say it in the reader's language."""

    def __init__(self, message: str, *, status: int | None = None, request_id: str | None = None):
        self.sentence = say("{why} (Seam request {id})", why=message, id=request_id) if request_id else message
        super().__init__(str(self.sentence))
        self.status = status
        self.request_id = request_id


class SeamUnreachable(SeamError):
    """No usable answer after all retries: down, overloaded, unplugged, or not Seam. Safe to try again later."""


class SeamBusy(SeamUnreachable):
    """Seam asks for a longer pause than anybody who waits for us can wait: nothing is sent to it until then."""


class SeamUnreadable(SeamUnreachable):
    """The answer is not what Seam's API describes."""


class SeamUnauthorized(SeamError):
    """Seam refuses the API key: nothing will work until a person puts in a valid one."""


class SeamRefused(SeamError):
    """Seam understood the request and says no: trying the same again is of no use."""

    def __init__(self, message: str, *, status: int, request_id: str | None = None, code: str = "", words: str = ""):
        super().__init__(message, status=status, request_id=request_id)
        self.code = code
        self.words = words
        """Seam's own words in lower case, for telling refusals apart; may contain contacts: never to be shown."""


class SeamNotFound(SeamRefused):
    """There is no such resource (any more)."""


class AnswerLost(SeamUnreachable):
    """The request may or may not have been carried out: look the resource up by its key before trying again."""
