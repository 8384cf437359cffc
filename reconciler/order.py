"""In which order the bookings of a plan are dealt with. Pure."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from mappers.outcomes import Action
from reconciler.changes import Change


def by_booking(changes: Iterable[Change]) -> list[list[Change]]:
    """The changes of each booking, the oldest harm first: whoever should have been out, or in, for the longest."""
    bookings: dict[str | None, list[Change]] = {}
    for change in changes:
        bookings.setdefault(change.booking_id, []).append(change)
    return sorted(bookings.values(), key=_since_when)


def _since_when(changes: Sequence[Change]) -> tuple[datetime, str]:
    """The oldest harm first: whoever should have been out, or in, for the longest. At one hour by their ids, as
    `reconciler.lock_forecast` expects it."""
    since = min(
        one.grant.starts_at if one.grant is not None else one.existing_grants[0].starts_at
        for one in changes
        if one.grant is not None or one.existing_grants
    )
    return since, changes[0].booking_id or ""


def into_each_others_rooms(bookings: Iterable[Sequence[Change]]) -> list[list[Change]]:
    """Moves whose old room somebody else moves into in the same run, while both stays last.

    Common areas do not count: everybody is there at any time.
    """
    moves = [
        change
        for changes in bookings
        for change in changes
        if change.action is Action.REPLACE and change.grant is not None
    ]
    if len(moves) < 2:
        return []
    arriving: dict[str, set[str | None]] = {}
    for change in moves:
        if change.moves_to is not None:
            arriving.setdefault(change.moves_to, set()).add(change.booking_id)
    left: dict[str | None, list[Change]] = {}
    for change in moves:
        others = {booking_id for space_id in change.moves_from for booking_id in arriving.get(space_id, ())} - {
            change.booking_id
        }
        if others:
            left.setdefault(change.booking_id, []).append(change)
    return list(left.values())
