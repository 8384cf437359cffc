"""A booking as it was last read, as text and back: for the memory of sources that only tell what is there now."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from connectors.records import Booking, BookingStatus, Guest, Span, Term


class Seal(Protocol):
    """Seals texts so that nobody can read them without a key that stands somewhere else."""

    def close(self, secrets: Mapping[str, str], /) -> str: ...
    def open(self, sealed: str, /) -> dict[str, str]: ...


@dataclass(frozen=True, slots=True)
class Last:
    """A booking as it was last read."""

    booking: Booking
    guests: Mapping[str, Guest]


def sealed(last: Last, seal: Seal) -> str:
    """The booking with its guests, readable by `opened` only."""
    booking = {name: _plain(getattr(last.booking, name)) for name in Booking.__dataclass_fields__}
    guests = [{name: _plain(getattr(one, name)) for name in Guest.__dataclass_fields__} for one in last.guests.values()]
    return seal.close({"booking": json.dumps(booking), "guests": json.dumps(guests)})


def opened(text: str, seal: Seal) -> Last | None:
    """What was sealed; None where another key sealed it, or another version wrote it."""
    told = seal.open(text)
    try:
        booking = {name: _tuples(value) for name, value in json.loads(told["booking"]).items()}
        booking |= {
            "status": BookingStatus(booking["status"]),
            "arrival": _moment(booking["arrival"]),
            "departure": _moment(booking["departure"]),
            "actual_arrival": _moment(booking["actual_arrival"]),
            "spans": tuple(Span(room, _moment(start), _moment(end)) for room, start, end in booking["spans"]),
            "terms": {one: Term(_moment(start), _moment(end)) for one, (start, end) in booking["terms"].items()},
        }
        guests = [Guest(**{name: _tuples(value) for name, value in one.items()}) for one in json.loads(told["guests"])]
        return Last(Booking(**booking), {one.id: one for one in guests})
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Span | Term):
        return [_plain(getattr(value, name)) for name in value.__dataclass_fields__]
    if isinstance(value, tuple):
        return [_plain(one) for one in value]
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return value


def _tuples(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _moment(text: str | None) -> Any:
    """A day, an instant, or nothing, as it was written."""
    if text is None:
        return None
    return date.fromisoformat(text) if len(text) == len("2026-09-18") else datetime.fromisoformat(text)
