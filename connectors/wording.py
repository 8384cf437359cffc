"""Numbers with their nouns, in one place, so that nobody ever reads "1 bookings"; and what peers number things by."""

import re

_IDENTIFIER = re.compile(r"[A-Za-z0-9._:/=+-]{1,80}")


def identifier(text: object) -> str:
    """What a peer calls a request, an error or a field, for its support; empty where it is anything else than that: a
    sentence, or somebody's address."""
    return text if isinstance(text, str) and _IDENTIFIER.fullmatch(text) else ""


def counted(number: int, one: str, many: str | None = None) -> str:
    """ "1 booking", "0 bookings", "1,204 bookings". `many` is `one` with an s where it is not said; both may be longer
    than a noun: `counted(n, "lock has", "locks have")`."""
    return f"{number:,} {one if number == 1 else many if many is not None else f'{one}s'}"
