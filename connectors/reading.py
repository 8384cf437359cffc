"""What every connector needs when it reads: batches of ids, windows that the PMS answers, and what is wrong with a
record in words.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from marshmallow import ValidationError


def batches(ids: Sequence[str], size: int) -> Iterator[list[str]]:
    """The ids, `size` at a time."""
    for start in range(0, len(ids), size):
        yield list(ids[start : start + size])


def windows(start: datetime, end: datetime, longest: timedelta) -> Iterator[tuple[datetime, datetime]]:
    """A half-open window as half-open windows that meet, none of them longer than the PMS answers."""
    while start < end:
        until = min(end, start + longest)
        yield start, until
        start = until


def complaint(problem: ValidationError) -> str:
    """What a schema found wrong: "has no Name and has a Start that cannot be read"; without the values, which may be
    a guest's."""
    messages = problem.messages if isinstance(problem.messages, dict) else {}
    parts = []
    for name, complaints in messages.items():
        text = " ".join(map(str, complaints)) if isinstance(complaints, list) else str(complaints)
        absent = "required" in text or "null" in text
        parts.append(f"has no {name}" if absent else f"has a {name} that cannot be read")
    return " and ".join(parts) or "cannot be read"
