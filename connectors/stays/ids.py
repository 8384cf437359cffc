"""Ids of any shape, as they may stand in a key."""

import re
from hashlib import sha256
from urllib.parse import unquote

LONGEST_ID = 100
"""Characters of an id, as it stands in a key."""

_RESERVED = re.compile(r"[%:]|[/.](?=\d+$)")


def safe_id(text: str) -> str:
    """An id of any shape as one that cannot be taken for a part of our own keys; reversed by `plain_id`.

    `:` parts a booking from a guest in a grant's key, a last `/2` is a span and a last `.2` a generation: these
    characters, and the percent sign, are percent-encoded. All other ids stay as they are.
    """
    return _RESERVED.sub(lambda found: f"%{ord(found[0]):02X}", text)


def plain_id(text: str) -> str:
    """The id that `safe_id` was given."""
    return unquote(text)


def short_id(text: str) -> str:
    """A safe id as it is; of one that is too long for a key, or not printable, a digest: made after the encoding, which
    makes ids longer."""
    if len(text) <= LONGEST_ID and text.isprintable() and text == text.strip():
        return text
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def could_be_booking(text: str) -> bool:
    """Whether a text has the shape of a booking's id of these connectors."""
    return bool(text) and short_id(text) == text and safe_id(plain_id(text)) == text
