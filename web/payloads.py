"""What is kept of the body of a webhook, to be looked at: its form, and of its values only those that can be nobody's.

A value stays where the inbox has taken it as an id anyway, where it is a UUID, a moment of the sender's or a word for
the kind of event. Everything else (names, contacts, PINs, whatever the sender invents next year) is left out.
"""

import re
from collections.abc import Collection
from typing import Any

MOST = 4000
"""Characters of a payload that are kept, roughly."""
DEEPEST = 6
LEFT_OUT = "(left out)"
CUT = "(cut)"
_NAME = re.compile(r"[A-Za-z_]{1,40}")
_UUID = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,9})?)?(Z|[+-]\d\d:?\d\d)?")
_OF_SENDER = re.compile(r".*(created|updated|occurred|timestamp|event).*|(starts|ends)_at", re.IGNORECASE)
"""Names of moments; a birthday is none of them."""
_OF_KIND = frozenset({"discriminator", "action", "topic", "type", "event", "event_type", "eventname", "object"})
_NEVER = re.compile(r".*(code|pin|password|secret|token|phone|mail|(?<!event)name|birth.*)", re.IGNORECASE)
_KIND = re.compile(r"[A-Za-z][A-Za-z._/-]{0,79}")


def harmless(document: Any, taken: Collection[str | None]) -> Any:
    """`document`: a body, parsed; `taken`: the ids and words of it that the inbox keeps in any case."""
    return _Cleaning({one for one in taken if one}).of(document, "", 0)


class _Cleaning:
    def __init__(self, taken: Collection[str]):
        self._taken = taken
        self._left = MOST

    def of(self, value: Any, name: str, depth: int) -> Any:
        self._left -= 12
        if self._left <= 0 or depth > DEEPEST:
            return CUT
        if isinstance(value, dict):
            made: dict[str, Any] = {}
            for key, one in value.items():
                if self._left <= 0:
                    made[CUT] = CUT
                    break
                kept = key if _NAME.fullmatch(key) else LEFT_OUT
                self._left -= len(kept)
                made[kept] = self.of(one, kept, depth + 1)
            return made
        if isinstance(value, list):
            items: list[Any] = []
            for one in value:
                if self._left <= 0:
                    items.append(CUT)
                    break
                items.append(self.of(one, name, depth + 1))
            return items
        if value is None or isinstance(value, bool):
            return value
        if not self._stays(str(value)[:256], name):
            return LEFT_OUT
        self._left -= len(str(value))
        return value

    def _stays(self, text: str, name: str) -> bool:
        if _NEVER.fullmatch(name):
            return False
        return (
            text in self._taken
            or bool(_UUID.fullmatch(text))
            or bool(_OF_SENDER.fullmatch(name) and _MOMENT.fullmatch(text))
            or bool(name.lower() in _OF_KIND and _KIND.fullmatch(text))
        )
