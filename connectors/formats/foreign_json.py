"""JSON of others. One value that parsers refuse (a number of thousands of digits, an endless nesting, a byte that is no
character, a line break within a text) is the fault of one record, and takes no other one with it.
"""

import re
from json import detect_encoding, loads
from typing import Any

DEEPEST = 200
"""What is nested deeper is nothing: no record needs a tenth of it, and the parser gives up at a thousand."""
LONGEST_NUMBER = 100
"""Digits; what has more stays text."""
_TOKENS = re.compile(r'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[\[{]|[\]}]', re.DOTALL)


def read_json(content: str | bytes | bytearray) -> Any:
    """Raises `ValueError` and `RecursionError` where it is no JSON at all, or not all of it."""
    try:
        return loads(content)
    except (ValueError, RecursionError):
        text = content if isinstance(content, str) else content.decode(detect_encoding(content), "replace")
        return loads(_shallow(text), parse_int=_number, strict=False)


def _number(text: str) -> int | str:
    return int(text) if len(text) <= LONGEST_NUMBER else text


def _shallow(text: str) -> str:
    """The same without what is nested too deep."""
    depth, kept, at = 0, list[str](), 0
    for found in _TOKENS.finditer(text):
        if found[0] in "[{":
            depth += 1
            if depth == DEEPEST:
                kept.append(text[at : found.start()])
        elif found[0] in "]}":
            if depth == DEEPEST:
                kept.append("null")
                at = found.end()
            depth -= 1
    return "".join(kept) + text[at:] if depth < DEEPEST else text
