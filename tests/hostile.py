"""One table of hostile values, and a way to put each into each field of what a peer answers."""

import copy
import json
import random
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

Path = tuple[str | int, ...]
LEFT_OUT: Any = object()
"""The field is not there at all."""
TWICE: Any = object()
"""A list has everything twice."""


def nested(depth: int) -> Any:
    inner: Any = []
    for _ in range(depth):
        inner = [inner]
    return inner


TEXTS: tuple[str, ...] = (
    "",
    " ",
    "0",
    "?",
    "..",
    "/",
    "a/b",
    "100%",
    "%2e%2e%2f",
    "'",
    '"; DROP TABLE runs; --',
    "=HYPERLINK(1)",
    "<script>alert(1)</script>",
    "\ud83d",
    "Jana \udc00 Novak",
    "Jana\x00Novak",
    "\x1b[31mJana\r\n",
    "\u202egnp.exe",
    "\u200b\ufeff",
    "x" * 300,
    "%" * 300,
    ":" * 300,
    "\U0001f468\u200d\U0001f469" * 60,
    "a" * 100_000,
    "lobby",
    "staff:guard",
    "1.2",
    "1:2",
)
MOMENTS: tuple[str, ...] = (
    "0001-01-01T00:00:00+14:00",
    "0001-01-01",
    "9999-12-31T23:59:59Z",
    "9999-12-31T23:59:59-14:00",
    "9999-12-31",
    "2099-06-01T12:00:00Z",
    "2099-06-01",
    "2026-09-20T12:00:00+25:00",
    "2026-02-30",
    "2026-09-20T24:00:00Z",
    "1970-01-01T00:00:00Z",
)
VALUES: tuple[Any, ...] = (
    *TEXTS,
    *MOMENTS,
    None,
    LEFT_OUT,
    0,
    -1,
    1.5,
    1e308,
    float("nan"),
    float("inf"),
    10**400,
    2**63,
    True,
    False,
    [],
    {},
    [None],
    [{}],
    [[]],
    {"": None},
    {"id": {"id": []}},
    nested(500),
    [{"id": str(number)} for number in range(3_000)],
    TWICE,
)


def paths(document: Any, inside: Path = ()) -> Iterator[Path]:
    """Of every value inside."""
    items: Any = (
        document.items() if isinstance(document, dict) else enumerate(document) if isinstance(document, list) else ()
    )
    for key, value in items:
        yield (*inside, key)
        yield from paths(value, (*inside, key))


def put(document: Any, path: Path, value: Any) -> None:
    """Where there is such a place; otherwise nothing happens."""
    holder = document
    for key in path[:-1]:
        try:
            holder = holder[key]
        except (KeyError, IndexError, TypeError):
            return
    key = path[-1]
    if isinstance(holder, dict) and key not in holder:
        return
    if isinstance(holder, list) and not (isinstance(key, int) and key < len(holder)):
        return
    if not isinstance(holder, dict | list):
        return
    if value is LEFT_OUT:
        del holder[key]  # type: ignore[arg-type]
    elif value is TWICE:
        before = holder[key]  # type: ignore[index]
        holder[key] = before * 2 if isinstance(before, list) else [before, before]  # type: ignore[index]
    else:
        holder[key] = copy.deepcopy(value) if isinstance(value, dict | list) and value != nested(500) else value  # type: ignore[index]


@dataclass(frozen=True)
class Lie:
    """The record with this id has this value in this place."""

    record: str
    path: Path
    value: Any

    def __repr__(self) -> str:
        try:
            told = json.dumps(self.value)
        except TypeError:
            told = "left out" if self.value is LEFT_OUT else "twice"
        return f"{self.path} of {self.record} = {told[:60]}"


OWN = ("Id", "id", "reservationID", "subReservationID", "guestID", "roomID", "reservationId")


class Wire:
    """Between a simulated system and whoever asks it: records of the answers, spoiled on their way."""

    def __init__(
        self,
        peer: Any,
        ids: Collection[str],
        heard: Callable[[str], bool] = lambda path: True,
        own: Sequence[str] | None = None,
    ):
        """`ids` are those of the records that may be spoiled. `heard`: whether answers of this path are. `own`: how the
        field with a record's own id may be called."""
        self.lies: dict[str, list[Lie]] = {}
        self.seen: dict[str, set[Path]] = {}
        """Every place of every record, by its id."""
        self._ids = set(ids)
        self._heard = heard
        handle = peer.handle

        def between(method: str, path: str, *rest: Any) -> Any:
            answer = handle(method, path, *rest)
            if not answer.body or not self._heard(path):
                return answer
            try:
                document = json.loads(answer.body)
            except ValueError:
                return answer
            for record_id, record in list(records(document, self._ids, own or OWN)):
                self.seen.setdefault(record_id, set()).update(paths(record))
                for lie in self.lies.get(record_id, ()):
                    put(record, lie.path, lie.value)
            return replace(answer, body=json.dumps(document).encode()) if self.lies else answer

        peer.handle = between

    def tell(self, lies: Mapping[str, list[Lie]]) -> None:
        self.lies = dict(lies)


def records(
    document: Any, ids: Collection[str], own_names: Sequence[str] = OWN
) -> Iterator[tuple[str, dict[str, Any]]]:
    """Every object in it whose own id is one of these."""
    for path in [(), *paths(document)]:
        one = document
        for key in path:
            one = one[key]
        if isinstance(one, dict):
            for name in own_names:
                own = one.get(name)
                if isinstance(own, str | int) and (found := f"{kind_of(one)}{own}") in ids:
                    yield found, one
                    break


def kind_of(record: Mapping[str, Any]) -> str:
    """Buildium counts the ids of each kind for itself: what stands before them here; nothing elsewhere."""
    kinds = {"LeaseType": "lease ", "UnitNumber": "unit ", "MailingPreference": "tenant "}
    return next((kind for name, kind in kinds.items() if name in record), "")


def some_lies(seen: Mapping[str, Collection[Path]], luck: random.Random) -> Lie:
    """One value in one place of one of these records."""
    record = luck.choice(sorted(seen))
    # A list of many is one place of many; every name counts the same.
    by_name: dict[str, list[Path]] = {}
    for path in sorted(seen[record], key=repr):
        by_name.setdefault(".".join("*" if isinstance(key, int) else key for key in path), []).append(path)
    return Lie(record, luck.choice(by_name[luck.choice(sorted(by_name))]), luck.choice(VALUES))
