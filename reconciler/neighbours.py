"""Bookings that a run does not read otherwise, and that have a door which opens for one booking at a time while one of
those that it reads should have it."""

from collections.abc import Collection
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING

from connectors.ports import Reader
from connectors.records import Booking, Property
from mappers.access import NO_ACCESS
from mappers.access_grants import booking_access
from mappers.stay_window import NoWindow, StayWindow, stay_window
from reconciler.moved import asked_of
from reconciler.override_locks import Holder
from reconciler.pull import Pulled
from store.engine import Database
from store.stays import Stay, Stays

if TYPE_CHECKING:
    from reconciler.prepare import RunConnection

_HAVE_ACCESS = ("granted", "kept")


def read_neighbours(
    connection: "RunConnection",
    reader: Reader,
    store: Database,
    pulled: Pulled,
    exclusive: Collection[str],
    now: datetime,
    properties: Collection[Property] = (),
) -> list[Holder]:
    """Those who were there before, as the PMS says now; nothing of them is changed. `exclusive`: keys of the Spaces
    whose locks open for one booking at a time. `properties`: the connection's others, where they may be by now. Raises
    `PmsError`."""
    if pulled.full or not exclusive:
        return []
    of, keys, policy = pulled.of, connection.keys, connection.policy
    doors = {
        room.id: frozenset(keys.room(one) for one in (room.id, *room.connected_ids)) & frozenset(exclusive)
        for room in pulled.rooms.values()
    }
    found: dict[str, Stay] = {}
    for booking in pulled.bookings.values():
        window = _window(booking, pulled, connection)
        rooms = {span.room_id for span in booking.spans} if booking.spans else {booking.room_id}
        hers = {key for room_id in rooms for key in doors.get(room_id or "", ())}
        if window is None or not hers or booking.status in NO_ACCESS:
            continue
        names = [room.name for room in pulled.rooms.values() if doors[room.id] & hers]
        for stay in Stays(store).in_rooms(connection.name, of.id, names, now):
            # Whoever comes later waits for this one, and not the other way round.
            if stay.starts_at is None or stay.starts_at >= max(window.starts_at, now):
                continue
            if stay.ends_at is not None and stay.ends_at <= window.starts_at:
                continue
            if stay.booking_id not in pulled.known_ids() | pulled.gone:
                found[stay.booking_id] = stay
    if not found:
        return []
    read = reader.bookings_by_id(of, sorted(found))
    there = {booking.id: booking for booking in read.bookings}
    moved, _ = asked_of(reader, properties, found.keys() - there.keys())
    by_name = {room.name: doors[room.id] for room in pulled.rooms.values()}
    holders: list[Holder] = []
    for booking_id, stay in found.items():
        begun = stay.starts_at is not None and stay.starts_at <= now and stay.access in _HAVE_ACCESS
        if booking_id in there:
            with suppress(ArithmeticError, ValueError, TypeError):
                access = booking_access(there[booking_id], of, pulled.rooms, dict(read.guests), policy, keys, now)
                for one in access.grants:
                    label = f"{one.label or access.label} ({one.name})"
                    mine = frozenset(one.space_keys) & frozenset(exclusive)
                    holders.append(Holder(booking_id, label, mine, one.starts_at, one.ends_at, begun))
                continue
        if stay.starts_at is not None and stay.access in _HAVE_ACCESS and booking_id not in moved:
            rooms_ = by_name.get(stay.room or "", frozenset())
            holders.append(Holder(booking_id, stay.label, rooms_, stay.starts_at, stay.ends_at, begun))
    return holders


def _window(booking: Booking, pulled: Pulled, connection: "RunConnection") -> StayWindow | None:
    with suppress(NoWindow, ArithmeticError, ValueError, TypeError):
        return stay_window(booking, pulled.of, pulled.rooms.get(booking.room_id or ""), connection.policy)
    return None
