"""What every connector needs when it reads: batches of ids, windows that the PMS answers, lists that are lists, and
records of which one or the other cannot be read.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from marshmallow import Schema, ValidationError

from connectors.errors import PmsUnreachable
from connectors.records import BrokenRecord


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


def rows(document: Any, name: str | None, who: str, operation: str) -> list[dict[str, Any]]:
    """The list of objects under a name in an answer; the answer itself where `name` is None.

    Raises `PmsUnreachable`: an answer without its list is no empty list, for an empty hotel would be the end of
    everybody's access. `who` and `operation` name the connection and the call.
    """
    found = document if name is None else document.get(name) if isinstance(document, dict) else None
    if not isinstance(found, list) or not all(isinstance(row, dict) for row in found):
        wanted = f" of {name}" if name is not None else ""
        raise PmsUnreachable(f"{who}: the PMS answered {operation} without a list{wanted}", operation=operation)
    return found


def load_each(
    schema: Schema, items: Iterable[Mapping[str, Any]], kind: str, what: str, id_field: str = "id"
) -> tuple[list[dict[str, Any]], list[BrokenRecord]]:
    """What the schema makes of each item; those that it cannot read are broken records of that `kind`.

    `what` begins the reason: "The reservation in the PMS" becomes "The reservation in the PMS has no Arrival."
    """
    loaded: list[dict[str, Any]] = []
    broken: list[BrokenRecord] = []
    for item in items:
        try:
            loaded.append(schema.load(item))
        except ValidationError as problem:
            broken.append(BrokenRecord(kind, id_of(item, id_field), f"{what} {complaint(problem)}."))
    return loaded, broken


def id_of(item: Mapping[str, Any], field: str = "id") -> str:
    """An item's id, or "?" when even that is missing."""
    found = item.get(field)
    return found if isinstance(found, str) and found else "?"


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
