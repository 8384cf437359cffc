"""What every connector needs when it reads: batches of ids, windows that the PMS answers, lists that are lists, and
records of which one or the other cannot be read.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any, TypeVar

from marshmallow import EXCLUDE, Schema, ValidationError, fields

from connectors.budget import BUDGET, MEMORY, BudgetSpent
from connectors.errors import PmsUnreachable
from connectors.records import BookingStatus, BrokenRecord, day_in
from connectors.session import Answer
from mappers.sentences import Said, message, say

LONGEST_ID = 128
MOST_PAGES = 1000
"""A list that goes on after so many pages does not end."""
HEAVIEST_LIST = MEMORY
"""Bytes of memory that all pages of one list may take: some 30,000 reservations. Pages that bring something new for
ever fill the memory long before they are a thousand."""
YEARS = range(1900, 9001)
"""Instants outside of them are somebody's "never" or "not set": no stay is there, and arithmetic ends near them."""
FEWEST_FIELDS = 3
"""What has fewer is no record: an error that came with status 200, or nothing at all."""
OF_AGE = 18
T = TypeVar("T")


class ListWeight:
    """What the pages of one list weigh in all. `who` and `operation` name the connection and the call in errors."""

    def __init__(self, who: str, operation: str):
        self._who, self._operation = who, operation
        self._weight = 0
        self._share = BUDGET.share()

    def add(self, page: Answer) -> None:
        """A page came. Raises `PmsUnreachable` where the list is too heavy, by itself or beside those of others."""
        self._weight += page.weight
        if self._weight > HEAVIEST_LIST:
            raise PmsUnreachable.saying(
                "{who}: the pages of {operation} bring more than any house has",
                who=self._who,
                operation=self._operation,
            )
        if page.share is not None:
            page.share.close()
        try:
            self._share.add(page.weight)
        except BudgetSpent:
            raise PmsUnreachable.saying(
                "{who}: there is no memory for the pages of {operation} beside what other connections are reading",
                who=self._who,
                operation=self._operation,
            ) from None


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

    What is no object among others that are is an empty one: a record of which nothing can be read. Raises
    `PmsUnreachable`: an answer without its list is no empty list, for an empty hotel would be the end of everybody's
    access. `who` and `operation` name the connection and the call.
    """
    found = document if name is None else document.get(name) if isinstance(document, dict) else None
    if not isinstance(found, list) or (found and not any(isinstance(row, dict) for row in found)):
        told = message("{who}: the PMS answered {operation} without a list")
        if name is not None:
            told = message("{who}: the PMS answered {operation} without a list of {name}")
        raise PmsUnreachable.saying(told, who=who, name=name or "", operation=operation)
    return [row if isinstance(row, dict) else {} for row in found]


def properties_of(schema: Schema, items: Sequence[Mapping[str, Any]], who: str, operation: str) -> list[dict[str, Any]]:
    """The properties of a list that can be read. One that cannot is missing, and what becomes of its access is the
    same as of any property that the PMS does not list any more: nothing.

    Raises `PmsUnreachable` where none can be read.
    """
    found: list[dict[str, Any]] = []
    problem: ValidationError | None = None
    for item in items:
        try:
            found.append(schema.load(item))
        except ValidationError as reason:
            problem = reason
    if problem is not None and not found:
        raise PmsUnreachable.saying(
            "{who}: the PMS describes a property in a way that cannot be read: it {wrong}",
            who=who,
            wrong=complaint(problem),
            operation=operation,
        )
    return found


def id_of(item: Mapping[str, Any], field: str = "id") -> str:
    """An item's id, or "?" when even that is missing."""
    return text_id(item.get(field)) or "?"


def load_each(
    schema: Schema,
    items: Iterable[Mapping[str, Any]],
    kind: str,
    what: str,
    name_of: Callable[[Mapping[str, Any]], str] = id_of,
    status_of: Callable[[Mapping[str, Any]], BookingStatus | None] = lambda item: None,
) -> tuple[list[dict[str, Any]], list[BrokenRecord]]:
    """What the schema makes of each item; those that it cannot read are broken records of that `kind`.

    `what` begins the reason, and is a message of the catalogue: "The booking in a PMS" becomes "The booking in
    a PMS has no Arrival." `name_of` gives an item's id, or "?"; `status_of` the status of a booking as far as that can
    be read by itself.
    """
    loaded: list[dict[str, Any]] = []
    broken: list[BrokenRecord] = []
    for item in items:
        try:
            loaded.append(schema.load(item))
        except ValidationError as problem:
            broken.append(BrokenRecord(kind, name_of(item), not_readable(what, complaint(problem)), status_of(item)))
    return loaded, broken


class VendorSchema(Schema):
    """A record of a vendor, who adds fields without notice. What is not named (tax ids, birthdays) stays outside."""

    class Meta:
        unknown = EXCLUDE


class Optional(fields.Field[T | None]):
    """What another field makes of a value. Left out, null, or of a kind that cannot be read, it is what is said here:
    for what no access depends on."""

    def __init__(self, inner: fields.Field[T], otherwise: T | None = None):
        super().__init__(load_default=otherwise, allow_none=True)
        self._inner = inner
        self._otherwise = otherwise

    def deserialize(self, value: Any, attr: str | None = None, data: Any = None, **kwargs: Any) -> Any:
        found = super().deserialize(value, attr, data, **kwargs)
        return self._otherwise if found is None else found

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> T | None:
        try:
            found: T | None = self._inner.deserialize(value, attr, data, **kwargs)
        except ValidationError:
            return self._otherwise
        return found


def optional_text() -> Optional[str]:
    """Text, or None."""
    return Optional(fields.String())


class _Contact(fields.Field[str]):
    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if isinstance(value, bool) or not isinstance(value, str | int):
            raise ValidationError("is no contact")
        return str(value)


def contact() -> Optional[str]:
    """An e-mail address or phone number, which some systems write as a number; None where it is neither: nobody is
    kept out for that."""
    return Optional(_Contact())


def text_id(value: Any) -> str | None:
    """An id as text without blanks around it, whether the PMS writes it as text or as a number; None where it is none.

    What no id of a PMS holds (half characters, control characters) is not one.
    """
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value) if abs(value) < 10**LONGEST_ID else ""
    if not isinstance(value, str):
        return None
    text = value.strip()
    return text if 0 < len(text) <= LONGEST_ID and text.isprintable() else None


def in_utc(value: Any, is_utc: bool = False) -> datetime:
    """An instant in ISO 8601, as aware UTC. `is_utc`: whether one without an offset is UTC; it could be any otherwise.

    Raises `ValueError`.
    """
    if not isinstance(value, str):
        raise ValueError("no text")
    try:
        instant = datetime.fromisoformat(value)
        if instant.tzinfo is None:
            if not is_utc:
                raise ValueError("no offset")
            instant = instant.replace(tzinfo=UTC)
        instant = instant.astimezone(UTC)
    except OverflowError:
        raise ValueError("beyond all years") from None
    if instant.year not in YEARS:
        raise ValueError("no year in which anybody stays")
    return instant


def is_child(born: date | None, on: datetime | date) -> bool:
    """Whether somebody is under age on a day; not where no birthday is known."""
    if born is None:
        return False
    day = day_in(on)
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day)) < OF_AGE


def part_of(item: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An object inside of another; an empty one where there is none."""
    found = item.get(name)
    return found if isinstance(found, dict) else {}


def complaint(problem: ValidationError) -> Said:
    """What a schema found wrong, as the end of a sentence: "has no Name and has a Start that cannot be read"; without
    the values, which may be a guest's."""
    messages = problem.messages if isinstance(problem.messages, dict) else {}
    parts = []
    for name, complaints in messages.items():
        text = " ".join(map(str, complaints)) if isinstance(complaints, list) else ""
        absent = "required" in text or "null" in text
        told = message("has no {name}") if absent else message("has a {name} that cannot be read")
        parts.append(say(told, name=str(name)))
    return all_wrong(parts) if parts else say("cannot be read")


def all_wrong(parts: Sequence[Said]) -> Said:
    """Several things that are wrong with one record, as the end of a sentence."""
    found, *others = parts
    for other in others:
        found = say("{one} and {other}", one=found, other=other)
    return found


def not_readable(what: str, wrong: str) -> Said:
    """Why a record cannot be read. `what`: "The booking in a PMS", a message of the catalogue; `wrong`: the end of
    the sentence."""
    return say("{what} {wrong}.", what=say(what), wrong=wrong)
