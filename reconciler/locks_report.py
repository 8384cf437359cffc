"""The locks of properties as people and programs are shown them: how each is, and whose access it concerns."""

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from mappers.sentences import say
from reconciler.lock_health import LockState, worst_first
from store.engine import Database
from store.lock_health import Cause, LockHealth, locks_at, numbers_by_state
from store.stays import Stays

AHEAD = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class LockGuest:
    """Somebody who is here or comes next, and whose access opens a lock."""

    booking: str
    """The PMS's id."""
    label: str
    """Initials and room."""
    start: datetime | None
    """UTC."""
    end: datetime | None


@dataclass(frozen=True, slots=True)
class Battery:
    level: float | None
    """From 0 to 1."""
    status: str | None
    """`critical`, `low`, `good` or `full`."""
    days_left: int | None
    """Until it is flat, by its trend; None where nothing can be said."""


@dataclass(frozen=True, slots=True)
class LockReport:
    """One lock."""

    connection: str
    property_id: str
    door_id: str
    name: str
    rooms: list[str]
    state: str
    causes: list[Cause]
    battery: Battery | None
    online: bool | None
    online_since: datetime | None
    """UTC; None unless it is online."""
    offline_since: datetime | None
    last_seen: datetime | None
    other_pins: int | None
    """PINs on it that Seam does not manage; None where nobody has asked yet, and of entrances."""
    guests: list[LockGuest]


def locks_report(
    store: Database, connection: str, property_id: str, now: datetime, stale_after: timedelta
) -> list[LockReport]:
    """The locks of one property, the worst first, by what Seam last said. What it said longer than `stale_after` ago
    is *unknown*."""
    place = (connection, property_id)
    return locks_reports(store, [place], now, {connection: stale_after}).get(place, [])


def locks_reports(
    store: Database,
    places: Collection[tuple[str, str]],
    now: datetime,
    stale_after: Mapping[str, timedelta],
    state: str | None = None,
) -> dict[tuple[str, str], list[LockReport]]:
    """The same of these properties (connection, id), by as many questions as of one; those without a lock are left
    out. `stale_after`: by connection. `state`: of those that are in it only. Raises `StoreFailed`."""
    locks: dict[tuple[str, str], list[LockHealth]] = {}
    # Whatever Seam said of a lock of which it was not asked lately, it is unknown now.
    for one in locks_at(store, places, state if state != LockState.UNKNOWN else None):
        aged = _aged(one, now, stale_after[one.connection])
        if state not in (None, aged.state):
            continue
        locks.setdefault((one.connection, one.property_id), []).append(aged)
    # Of few locks of each property, few guests.
    opened = None if state is None else {id_ for mine in locks.values() for one in mine for id_ in one.space_ids}
    guests = _guests(store, locks, now, opened)
    return {place: [_report(one, guests.get(place, {})) for one in worst_first(mine)] for place, mine in locks.items()}


def _aged(one: LockHealth, now: datetime, stale_after: timedelta) -> LockHealth:
    if now - one.looked_at <= stale_after:
        return one
    cause = Cause("not_asked_lately", say("Seam could not be asked about it lately"), one.looked_at)
    return replace(one, state=LockState.UNKNOWN, causes=[cause, *one.causes])


def _guests(
    store: Database, places: Collection[tuple[str, str]], now: datetime, opened: Collection[str] | None
) -> dict[tuple[str, str], dict[str, list[LockGuest]]]:
    """By property, and by the id of a Space whose locks their grants open. `opened`: of these Spaces only."""
    found: dict[tuple[str, str], dict[str, list[LockGuest]]] = {}
    coming = Stays(store).access_here_or_coming(places, now, now + AHEAD, opened)
    for connection, property_id, booking_id, label, start, end, space_ids in coming:
        guest = LockGuest(booking_id, label, start, end)
        for space_id in space_ids or ():
            found.setdefault((connection, property_id), {}).setdefault(space_id, []).append(guest)
    return found


def _report(one: LockHealth, by_space: dict[str, list[LockGuest]]) -> LockReport:
    guests = {guest.booking: guest for space_id in one.space_ids for guest in by_space.get(space_id, ())}
    has_battery = one.battery_level is not None or one.battery_status is not None
    return LockReport(
        one.connection,
        one.property_id,
        one.door_id,
        one.name,
        one.rooms,
        one.state,
        one.causes,
        Battery(one.battery_level, one.battery_status, one.days_left) if has_battery else None,
        one.online,
        one.online_changed_at if one.online is True else None,
        one.online_changed_at if one.online is False else None,
        one.last_seen_at,
        one.other_pins,
        sorted(guests.values(), key=lambda guest: (guest.start is None, guest.start, guest.booking)),
    )


def states_of_locks(
    store: Database,
    now: datetime,
    stale_after: Mapping[str, timedelta],
    places: Collection[tuple[str, str]] | None = None,
) -> dict[tuple[str, str], dict[str, int]]:
    """How many locks of each property (connection, id) are in each state, the worst first, as `locks_report` says it;
    states that none is in are left out. `stale_after`: by connection; of others nothing is said. `places`: of these
    only. Raises `StoreFailed`."""
    # There are as many times after which an answer is stale as there are timetables: a few.
    spans = sorted(set(stale_after.values()))
    place_of = {name: spans.index(span) for name, span in stale_after.items()}
    numbers: dict[tuple[str, str], dict[str, int]] = {}
    for connection, property_id, state, number, stale in numbers_by_state(store, [now - one for one in spans], places):
        if (span := place_of.get(connection)) is None:
            continue
        mine = numbers.setdefault((connection, property_id), {})
        mine[state] = mine.get(state, 0) + number - stale[span]
        if stale[span]:
            mine[LockState.UNKNOWN] = mine.get(LockState.UNKNOWN, 0) + stale[span]
    return {place: {state: mine[state] for state in LockState if mine.get(state)} for place, mine in numbers.items()}


def lock_json(lock: LockReport) -> dict[str, Any]:
    """For programs: times in UTC, ISO 8601."""

    def plain(value: Any) -> Any:
        if isinstance(value, datetime):
            return value.isoformat()
        if isinstance(value, dict):
            return {name: plain(one) for name, one in value.items()}
        return [plain(one) for one in value] if isinstance(value, list) else value

    found: dict[str, Any] = plain(asdict(lock))
    return found
