"""Records that a PMS is asked for one by one, by their ids."""

from collections.abc import Callable, Iterable
from typing import Any

from connectors.errors import PmsRefused, PmsUnreachable
from connectors.reading import FEWEST_FIELDS
from connectors.records import BrokenRecord
from connectors.session import Answer
from mappers.sentences import say

NO_ID = (400, 414, 422)
"""What the PMS takes for no id is one record's fault, and says nothing of any other."""


class AnotherRecord(PmsUnreachable):
    """An answer with another record than was asked for: nobody has said that there is no such record."""


def one_record(
    ask: Callable[[], Answer], wanted: str, id_of: Callable[[Any], str], who: str, operation: str
) -> dict[str, Any] | None:
    """A record; None where the PMS says that there is none. `ask` asks for it; `who` and `operation` name the
    connection and the call. Raises `AnotherRecord`, and `PmsError` for whatever else comes."""
    strange = say(
        "{who}: the PMS answered {operation} with another record than was asked for", who=who, operation=operation
    )
    try:
        document = ask().document
    except PmsRefused as problem:
        if problem.status == 404:
            return None
        if problem.status in NO_ID:
            raise AnotherRecord.saying(
                "{who}: the PMS takes what {operation} asks for as no id", who=who, operation=operation
            ) from problem
        raise
    if not isinstance(document, dict) or len(document) < FEWEST_FIELDS:
        raise PmsUnreachable(strange, operation=operation)
    if id_of(document) != wanted:
        raise AnotherRecord(strange, operation=operation)
    return document


def each_by_id(
    ids: Iterable[str], read: Callable[[str], dict[str, Any] | None]
) -> tuple[dict[str, dict[str, Any]], dict[str, AnotherRecord]]:
    """The records that there are, by their ids; and those ids to which the answer was something else."""
    found: dict[str, dict[str, Any]] = {}
    strange: dict[str, AnotherRecord] = {}
    for one in dict.fromkeys(ids):
        try:
            record = read(one)
        except AnotherRecord as problem:
            strange[one] = problem
            continue
        if record is not None:
            found[one] = record
    return found, strange


def broken_records(kind: str, strange: Iterable[str], vendor: str, what: str) -> list[BrokenRecord]:
    reason = say("{vendor}, asked for this {what}, answered with something else.", vendor=vendor, what=what)
    return [BrokenRecord(kind, one, reason) for one in strange]
