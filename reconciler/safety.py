"""The safety limit: whoever would take access from many people is stopped, and the rest waits for a person's word.

A PMS that fails does not fail in one run: it sends a webhook for every booking, answers with shorter lists for an hour,
or is right again tomorrow. So what counts is who has lost access in the last hour and in the last day, by property and
by connection, whatever kind of run took it. Pure: what was revoked before is an argument.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from connectors.records import Booking, BookingStatus, Property
from mappers.outcomes import Action
from mappers.policy import MaxRevocations
from mappers.sentences import messages, say_number
from mappers.stay_window import zone
from reconciler.changes import Change

AT_ONCE = timedelta(hours=1)
"""Within this time every revocation counts: a PMS that fails is quicker than people who cancel."""
DAY = timedelta(hours=24)
SOON = timedelta(days=3)
"""Within a day those count in full who are here or arrive within this time: there is little time to put them right.
Cancellations of later stays are a hotel's daily bread (a third of all bookings), and may be twice as many."""


@dataclass(frozen=True, slots=True)
class Loss:
    """Somebody's access that is taken away: planned, held, or done within the last day."""

    property_id: str
    key: str
    """The grant's, with its generation."""
    reservation: str
    by_absence: bool
    """Because the PMS does not have the booking any more, and not because it says that it is over."""
    starts_at: datetime
    """Of the access."""
    at: datetime
    """When it was taken away."""


def loss_of(
    change: Change,
    of: Property,
    booking: Booking | None,
    was_in_house: bool,
    reservation: str,
    is_gone: bool,
    now: datetime,
) -> Loss | None:
    """What a change takes away from somebody who has it now; None where it is no loss.

    No loss is a replacement, what has ended anyhow (unless the PMS has the guest in the house: `was_in_house`), and a
    check-out on the day of the departure, which is every hotel's morning. The day is that of the access as it was
    planned before, and not what the PMS makes of it now.
    """
    if change.action is not Action.REVOKE or not change.existing_grants:
        return None
    grant = change.existing_grants[0]
    if not change.counts_as_revocation and not was_in_house:
        return None
    status = booking.status if booking is not None else None
    if status is BookingStatus.CHECKED_OUT and grant.ends_at is not None:
        there = zone(of.time_zone)
        if grant.ends_at.astimezone(there).date() <= now.astimezone(there).date():
            return None
    by_absence = is_gone or (booking is not None and booking.by_absence)
    return Loss(of.id, change.key, reservation, by_absence, grant.starts_at, now)


def allowed(limit: MaxRevocations, live: int, *, by_absence: bool = False) -> int:
    """How many of so many live grants may be revoked at once: `count`, in a large house `percent` of it, and in a small
    one no more than `small_house` percent; but always one, and two where that is not everybody. By absence half."""
    if by_absence:
        few = max(1, live * limit.of_a_small_house // 200)
        return max(min(limit.count // 2, few), live * limit.percent // 200)
    few = max(1, min(2, live - 1), live * limit.of_a_small_house // 100)
    return max(min(limit.count, few), live * limit.percent // 100)


def exceeds(planned: Collection[Loss], before: Iterable[Loss], most: int, now: datetime) -> bool:
    """Whether these revocations, with those `before`, are more than `most`.

    One reservation alone never is, however many people are on it: that is one decision, and no failure looks like it.
    """
    new = {one.key for one in planned}
    past = [one for one in before if one.key not in new and one.at > now - DAY]
    if not planned or len({one.reservation for one in (*planned, *past)}) < 2:
        return False
    everything = [*past, *planned]
    return (
        sum(one.at > now - AT_ONCE for one in everything) > most
        or sum(one.starts_at <= one.at + SOON for one in everything) > most
        or len(everything) > 2 * most
    )


def too_many(
    planned: Sequence[Loss], before: Sequence[Loss], live: int, limit: MaxRevocations, now: datetime, whose: str
) -> dict[str, str]:
    """Which of the planned revocations have to wait, by key, each with the reason.

    `live`: grants that live now, or did a day ago. `whose`: the property's or connection's name. By absence only half
    as many may go as by the PMS's own word: it hardly ever happens that a PMS forgets a booking, and nearly always
    because it, or the way to it, is not well.
    """
    held: dict[str, str] = {}
    absent = [one for one in planned if one.by_absence]
    most = allowed(limit, live, by_absence=True)
    if exceeds(absent, [one for one in before if one.by_absence], most, now):
        why = _reason(len(absent), live, most, whose, BY_ABSENCE)
        held.update((one.key, why) for one in absent)
    rest = [one for one in planned if one.key not in held]
    most = allowed(limit, live)
    if exceeds(rest, before, most, now):
        others = {one.key for one in before if one.at > now - DAY} - {one.key for one in rest}
        why = _reason(len(rest) + len(others), live, most, whose, WITHIN_A_DAY)
        held.update((one.key, why) for one in rest)
    return held


BY_ABSENCE = messages(
    "{some} of {number} grant of {whose} would have been revoked because the PMS does not have the booking any more, "
    "and at most {most} may be at once: held until somebody approves",
    "{some} of {number} grants of {whose} would have been revoked because the PMS does not have the booking any more, "
    "and at most {most} may be at once: held until somebody approves",
)
WITHIN_A_DAY = messages(
    "{some} of {number} grant of {whose} would have been revoked within a day, and at most {most} may be at once: held "
    "until somebody approves",
    "{some} of {number} grants of {whose} would have been revoked within a day, and at most {most} may be at once: "
    "held until somebody approves",
)


def _reason(number: int, live: int, most: int, whose: str, words: tuple[str, str]) -> str:
    return say_number(live, *words, some=number, whose=whose, most=most)
