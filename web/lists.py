"""What the lists *Inbox*, *Audit log*, *Runs* and *Drift* share: the booking and the property behind an id, and the
list as a file."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Response, jsonify, request, url_for

from reconciler.spreadsheet import as_csv
from store.properties import KnownProperty
from store.stays import Stay, Stays
from web.access import known_properties, web_context

A_PAGE = 50
AT_MOST = 2000
"""Lines of a file."""
FORMS = ("csv", "json")


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
    by_connection: dict[str, set[str]] = {}
    for connection, booking_id in bookings:
        if connection and booking_id:
            by_connection.setdefault(connection, set()).add(booking_id)
    book = Stays(web_context().store)
    stays = {
        (stay.connection, stay.booking_id): stay
        for connection, ids in by_connection.items()
        for stay in book.by_id(connection, ids)
    }
    places = {(one.connection, one.property_id): one for one in known_properties()}
    several: dict[str, list[KnownProperty]] = {}
    for one in places.values():
        several.setdefault(one.connection, []).append(one)
    return Subjects(stays, places, {name: ones[0] for name, ones in several.items() if len(ones) == 1})


def asked_for(*names: str) -> tuple[dict[str, str], int | None, str]:
    """The filter of a list by these names, before which id it goes on, and as which file it is wanted."""
    before = request.args.get("before", type=int)
    form = request.args.get("format", "")
    return (
        {name: request.args.get(name, "")[:128].strip() for name in names},
        before if before is not None and 0 < before < 2**31 else None,
        form if form in FORMS else "",
    )


def filtered(endpoint: str, asked: Mapping[str, Any]) -> Callable[..., str]:
    """Makes addresses of a list: with its filter as it is, but for what is named."""

    def url(**changed: Any) -> str:
        return url_for(endpoint, **{name: value for name, value in {**asked, **changed}.items() if value})

    return url


def as_file(form: str, name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """The rows as CSV, where what is no text stands as in JSON, or as JSON with the columns as names. `form`: `csv` or
    `json`."""
    if form == "json":
        return jsonify([dict(zip(columns, row, strict=True)) for row in rows])
    cells = ([one if one is None or isinstance(one, str) else json.dumps(one) for one in row] for row in rows)
    return Response(
        as_csv(columns, cells),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}.csv"'},
    )
