"""What the lists *Alerts*, *Inbox*, *Audit log*, *Runs* and *Drift* share: the booking and the property behind an id,
the filter by property and by days, and the list as a file."""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import chain, islice
from typing import Any, TypeVar

from flask import Response, request, stream_with_context, url_for
from flask import json as flask_json

from mappers.stay_window import zone
from reconciler.spreadsheet import LINES_AT_ONCE, csv_in_parts
from store.properties import KnownProperty, common_zone
from store.stays import Stay, Stays
from web.access import known_properties, web_context

T = TypeVar("T")
A_PAGE = 50
LONGEST_WORDS = 120
AT_MOST = 2000
"""Deliveries that are replayed together."""
AT_ONCE = 500
"""Lines of a file that are read, and sent, together."""
FORMS = ("csv", "json")
MOST_PLACES = 200
"""More are not offered to be chosen from."""


@dataclass(frozen=True, slots=True)
class Subjects:
    """The bookings and properties that a list is about."""

    stays: dict[tuple[str, str], Stay]
    """By connection and booking."""
    places: dict[tuple[str, str], KnownProperty]
    """By connection and property."""
    alone: dict[str, KnownProperty]
    """The property of a connection that has one only."""

    def stay(self, connection: str | None, booking_id: str | None) -> Stay | None:
        """None where it is no booking that a run has read."""
        return self.stays.get((connection or "", booking_id or ""))

    def place(self, connection: str | None, booking_id: str | None = None, property_id: str | None = None) -> Any:
        """The property (`KnownProperty`) of a booking, or of this id, or the only one of the connection; None where it
        is none of them."""
        stay = self.stay(connection, booking_id)
        found = self.places.get((connection or "", property_id or (stay.property_id if stay else "")))
        return found or self.alone.get(connection or "")


def subjects_of(bookings: Iterable[tuple[str | None, str | None]]) -> Subjects:
    """`bookings`: connection and id of what may be bookings. Raises `StoreFailed`."""
    named = {(connection, booking_id) for connection, booking_id in bookings if connection and booking_id}
    stays = Stays(web_context().store).of_bookings(named) if named else {}
    places = {(one.connection, one.property_id): one for one in known_properties()}
    several: dict[str, list[KnownProperty]] = {}
    for one in places.values():
        several.setdefault(one.connection, []).append(one)
    return Subjects(stays, places, {name: ones[0] for name, ones in several.items() if len(ones) == 1})


@dataclass(frozen=True, slots=True)
class Part:
    """Which part of a list is asked for, by property and by days."""

    connection: str | None
    property_id: str | None
    """None as well where it is the only one of its connection: what names no property is of it, too."""
    time_zone: str
    """Of the property; of all of them, where none is chosen and they are in one; else UTC. The days are there."""
    since: datetime | None
    until: datetime | None

    @property
    def wanted(self) -> dict[str, Any]:
        """As lists in the database take it."""
        return {name: getattr(self, name) for name in ("connection", "property_id", "since", "until")}


def part_asked(asked: Mapping[str, str]) -> Part:
    """`connection`: a connection, or a property as `connection/property id`; `from`, `to`: the first and the last
    day."""
    connection, _, property_id = asked["connection"].partition("/")
    known = [one for one in known_properties() if connection in ("", one.connection)]
    chosen = [one for one in known if property_id in ("", one.property_id)]
    time_zone = common_zone(chosen)
    first, last = _day(asked["from"]), _day(asked["to"])
    begins = _midnight(first, time_zone) if first else None
    ends = _midnight(last + timedelta(days=1), time_zone) if last else None
    return Part(connection or None, property_id if property_id and len(known) > 1 else None, time_zone, begins, ends)


def _day(text: str) -> date | None:
    try:
        found = date.fromisoformat(text)
    except ValueError:
        return None
    return found if 2000 <= found.year < 2200 else None


def _midnight(day: date, time_zone: str) -> datetime:
    return datetime.combine(day, time(0), tzinfo=zone(time_zone) or UTC).astimezone(UTC)


def places_to_choose() -> list[tuple[str, str]]:
    """What a list may be narrowed to, by name, as `part_asked` reads it; nothing where there is no choice, or too
    much."""
    several: dict[str, list[KnownProperty]] = {name: [] for name in web_context().connections}
    if len(several) > MOST_PLACES:
        return []
    for one in known_properties():
        several[one.connection].append(one)
    found = []
    for name, mine in sorted(several.items()):
        if len(mine) == 1:
            found.append((name, mine[0].name))
            continue
        found.append((name, name))
        found += [(f"{name}/{one.property_id}", one.name) for one in mine]
    return found if 1 < len(found) <= MOST_PLACES else []


def asked_for(*names: str) -> tuple[dict[str, str], int | None, str]:
    """The filter of a list by these names, before which id it goes on, and as which file it is wanted."""
    before = request.args.get("before", type=int)
    form = request.args.get("format", "")
    return (
        {name: request.args.get(name, "")[:200].strip() for name in names},
        before if before is not None and 0 < before < 2**31 else None,
        form if form in FORMS else "",
    )


def filtered(endpoint: str, asked: Mapping[str, Any]) -> Callable[..., str]:
    """Makes addresses of a list: with its filter as it is, but for what is named."""

    def url(**changed: Any) -> str:
        return url_for(endpoint, **{name: value for name, value in {**asked, **changed}.items() if value})

    return url


def properties_asked(connection: str | None, name_or_id: str | None) -> list[KnownProperty]:
    """Those of the connection, and with that id or name; of whatever is not said, all."""
    return [
        one
        for one in known_properties()
        if connection in (None, "", one.connection) and name_or_id in (None, "", one.property_id, one.name)
    ]


def is_called(one: KnownProperty, words: str) -> bool:
    """Whether these words are in its name, or are its id; where there are none, each is."""
    folded = words.casefold()
    return folded in one.name.casefold() or folded == one.property_id.casefold()


def page_of(several: Sequence[T], size: int) -> tuple[int, Sequence[T]]:
    """The number (from 1) of the page that is asked for, or of the last, and what stands on it."""
    page = max(1, min(request.args.get("page", 1, type=int) or 1, (len(several) - 1) // size + 1))
    return page, several[(page - 1) * size : page * size]


def all_of_it(read: Callable[[T | None], Sequence[T]]) -> Iterator[Sequence[T]]:
    """A list to its end, a part at a time. `read`: gives the `AT_ONCE` behind this one, or the first."""
    part = read(None)
    while part:
        yield part
        part = read(part[-1]) if len(part) == AT_ONCE else ()


def as_file(form: str, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """The rows as CSV, where what is no text stands as in JSON, or as JSON with the columns as names; times as in ISO
    8601. `form`: `csv` or `json`."""
    rows = ([one.isoformat() if isinstance(one, datetime) else one for one in row] for row in rows)
    if form == "json":
        return Response(_as_it_comes(_json_in_parts(columns, rows)), mimetype="application/json")
    cells = ([one if one is None or isinstance(one, str) else json.dumps(one) for one in row] for row in rows)
    return csv_as_it_comes(name, columns, cells)


def csv_as_it_comes(name: str, columns: Sequence[str], rows: Iterable[Sequence[str | None]]) -> Response:
    """A file of any length: its rows are read while it is sent, and never all of them are in memory."""
    return Response(
        _as_it_comes(csv_in_parts(columns, rows)),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )


def _as_it_comes(parts: Iterator[str]) -> Iterator[str]:
    # What is wrong at once is still told by the answer's status, and what is short is all there at once.
    begun = list(islice(parts, 2))
    return stream_with_context(chain(begun, parts)) if len(begun) == 2 else iter(begun)


def _json_in_parts(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    lines: list[str] = []
    before = "["
    for row in rows:
        lines.append(flask_json.dumps(dict(zip(columns, row, strict=True))))
        if len(lines) == LINES_AT_ONCE:
            yield before + ",".join(lines)
            before, lines = ",", []
    yield (before if lines or before == "[" else "") + ",".join(lines) + "]\n"
