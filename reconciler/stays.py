"""What the pages show of a booking after a run: its times, and whether its access is made, late, waiting or broken."""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import datetime

from connectors.records import Booking
from mappers.access import BookingAccess
from mappers.keys import Keys
from mappers.outcomes import Outcome
from mappers.sentences import say, together
from mappers.stay_window import NoWindow, local, room_at, stay_window
from reconciler.judge import lock_advice_of
from reconciler.prepare import Prepared
from reconciler.run_context import RunContext
from store.stays import LONGEST_NAME, Stay


def stays_of(
    context: RunContext,
    one: Prepared,
    failed: Mapping[str, str],
    undone: Collection[str],
    revoked: Collection[str],
    surnames: Callable[[str, str, Iterable[str]], Sequence[str]],
) -> list[Stay]:
    """The stays of one property after its plan was carried out.

    `failed` says by booking id what went wrong; `undone` are bookings whose changes were left for another run;
    `revoked` are keys of grants that this run took away; `surnames` makes hashes of names (`store.surnames`).
    """
    held = {change.booking_id for change in one.plan.held}
    accesses = {access.booking_id: access for access in one.accesses}
    found = []
    for booking in one.pulled.bookings.values():
        access = accesses.get(booking.id)
        if access is None or booking.id in undone:
            continue
        living = _living(one, access, context.now, revoked)
        live = _why_alive(access, booking.id in held, failed.get(booking.id)) if living else None
        stay = _stay(context, one, booking, access, failed.get(booking.id), living, live)
        names = [one.pulled.guests[each].last_name for each in booking.guest_ids if each in one.pulled.guests]
        found.append(replace(stay, surnames=" ".join(surnames(context.name, one.pulled.of.id, names))))
    return found


def gone_from(one: Prepared, now: datetime, undone: Collection[str], revoked: Collection[str]) -> dict[str, str]:
    """The bookings that the PMS does not have any more and that open nothing by now, with the reason. `undone`: those
    that were not dealt with; `revoked`: keys of the grants that were."""
    return {
        access.booking_id: access.withheld.reason
        for access in one.accesses
        if access.booking_id in one.pulled.gone
        and access.withheld is not None
        and access.booking_id not in undone
        and not _living(one, access, now, revoked)
    }


def _living(one: Prepared, access: BookingAccess, now: datetime, revoked: Collection[str]) -> bool:
    """Whether somebody can open doors by this booking after the run, as far as Seam said when it began."""
    return any(
        not grant.being_deleted and grant.key not in revoked and (grant.ends_at is None or grant.ends_at > now)
        for grant in one.existing.access_grants.get(access.booking_id, ())
    )


def _why_alive(access: BookingAccess, held: bool, failure: str | None) -> str | None:
    """Why access that should have ended has not; None where it may go on."""
    withheld = access.withheld
    if withheld is None or not (held or withheld.takes_access_away):
        return None
    if held:
        return say("{why}, and taking the access away waits for somebody's approval: see Held", why=withheld.reason)
    if failure is not None:
        return say("{why}, and the access could not be taken away: {failure}", why=withheld.reason, failure=failure)
    return withheld.reason


def _stay(
    context: RunContext,
    one: Prepared,
    booking: Booking,
    access: BookingAccess,
    failure: str | None,
    living: bool,
    live: str | None,
) -> Stay:
    of, policy, keys = one.pulled.of, context.policy, context.keys
    room_id = room_at(booking, of, one.pulled.rooms, policy, context.now)
    room = one.pulled.rooms.get(room_id) if room_id else None
    # Of a room that the PMS does not list, what Seam calls it; or its id.
    space = one.existing.spaces.get(keys.room(room_id)) if room_id else None
    name = room.name if room else space.name if space else room_id
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    with suppress(NoWindow, ArithmeticError, ValueError, TypeError):
        window = stay_window(booking, of, room, policy)
        starts_at, ends_at = window.starts_at, window.ends_at
    word, reason = _state(one, booking, room_id, access, keys, context.now)
    if live is not None:
        word, reason = "live", live
    elif living and access.withheld is not None and word in ("broken", "waiting"):
        # Nothing new is made, and what exists opens.
        word = "kept"
    elif failure is not None:
        word, reason = "broken", failure
    return Stay(
        connection=context.name,
        booking_id=booking.id,
        property_id=of.id,
        number=booking.number[:64],
        label=access.label[:LONGEST_NAME],
        room=name[:LONGEST_NAME] if name else None,
        status=booking.status,
        starts_at=starts_at,
        ends_at=ends_at,
        access=word,
        reason=reason,
        grants=len(access.grants),
    )


def _state(
    one: Prepared, booking: Booking, room_id: str | None, access: BookingAccess, keys: Keys, now: datetime
) -> tuple[str, str]:
    withheld = access.withheld
    if withheld is not None:
        if withheld.outcome is None:
            return "none", withheld.reason
        if withheld.outcome is Outcome.FAILED:
            return "broken", withheld.reason
        if room_id is None or not booking.guest_ids:
            return "waiting", withheld.reason
        return "broken", withheld.reason
    if access.waits_for_another is not None:
        return "waiting", access.waits_for_another
    failed = [remark.reason for remark in access.remarks if remark.outcome is Outcome.FAILED]
    if not failed and access.kept and not access.grants:
        failed = [remark.reason for remark in access.remarks]
    if failed:
        return "broken", together(dict.fromkeys(failed))
    if not access.grants and not access.kept:
        waiting = [remark.reason for remark in access.remarks]
        return ("waiting", together(waiting)) if waiting else ("none", "")
    living = [grant for grant in one.existing.access_grants.get(booking.id, ()) if not grant.being_deleted]
    if not living and access.due_at is not None and now < access.due_at:
        return "due", say("access is made from {at}", at=local(access.due_at, access.time_zone, now))
    space = one.existing.spaces.get(access.room_key or "")
    room = one.pulled.rooms.get(room_id or "")
    # Of a suite the doors may be those of the rooms that it consists of.
    others = [one.existing.spaces.get(keys.room(other)) for other in (room.connected_ids if room else ())]
    if space is not None and all(other is None or other.doors == 0 for other in (space, *others)):
        advice = lock_advice_of(one.existing)
        return "broken", say(
            "room {room} has no lock in Seam, so nothing opens: {advice}", room=space.name, advice=advice
        )
    closed = {remark.reason for grant in access.grants if grant.closed_keys for remark in access.remarks}
    if closed:
        return "kept", together(sorted(closed))
    return "granted", ""
