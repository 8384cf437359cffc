"""What is coming at each lock: how many PINs it holds of how many, when that is too many, and whose PIN will not be
there in time; and who may get none because a licence of the lock system is used up. Pure.

A device takes about ten new PINs a minute, in the order of arrival (Seam's limit per device). Seam does not say whether
a lock is told three days or an hour before a stay: of slots the first is assumed, of minutes the second.
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from mappers.links import Link
from reconciler.readiness import WRITTEN_FIRST, WRITTEN_LATEST
from store.lock_health import LockHealth

LICENCES = (
    "salto_ks_subscription_limit_exceeded",
    "user_license_limit_reached",
    "salto_ks_subscription_limit_almost_reached",
)
"""Causes of locks whose system takes no new users, or soon will take none. How many it takes, Seam says only with
these, and only of Salto; so nothing is forecast before."""
EACH = timedelta(seconds=6)
"""For one PIN: ten a minute."""
TONIGHT = timedelta(hours=24)
AHEAD = timedelta(days=14)


@dataclass(frozen=True, slots=True)
class LateArrival:
    """Whose PIN will not be at a lock in time."""

    booking: str
    label: str
    """Initials and room."""
    start: datetime
    """UTC: when her access begins."""
    expected: datetime
    """UTC: when the lock has her PIN, at the latest."""


@dataclass(frozen=True, slots=True)
class Unlicensed:
    """Whose access may not be made, for the lock system has as many users as it has paid for."""

    booking: str
    label: str
    start: datetime
    """UTC."""


@dataclass(frozen=True, slots=True)
class LockForecast:
    """Of one lock."""

    connection: str
    property_id: str
    door_id: str
    name: str
    slots: int | None
    """How many PINs it holds at once; None where Seam does not say."""
    used: int
    """Ours that it holds now, at most."""
    peak: int
    """The most of ours that it is to hold in the next two weeks."""
    overflows_at: datetime | None
    """UTC: from when they are more than it holds; None: never, as far as is known."""
    of_others: int
    """PINs on it that Seam does not manage: they take slots as well."""
    arrivals: int
    """Within 24 hours."""
    late: list[LateArrival]
    licence: str | None = None
    """Why its system takes no new users, or soon will take none, and what to do; None where Seam says nothing."""
    unlicensed: list[Unlicensed] = field(default_factory=list)
    """Who is concerned: of the next two weeks, whose access its system has not confirmed; who comes first is on top."""


def forecast(
    locks: Iterable[LockHealth], grants: Collection[Link], issued: Collection[str], now: datetime
) -> list[LockForecast]:
    """What is coming at each of these locks. `grants`: of the connection; `issued`: the keys of those whose access Seam
    has confirmed."""
    by_space: dict[str, list[Link]] = {}
    for link in grants:
        if link.starts_at is not None and (link.ends_at is None or link.ends_at > now):
            for space_id in link.space_ids or ():
                by_space.setdefault(space_id, []).append(link)
    found = []
    for lock in locks:
        mine = {link.key: link for space_id in lock.space_ids for link in by_space.get(space_id, ())}
        found.append(_of(lock, list(mine.values()), issued, now))
    return found


def _of(lock: LockHealth, grants: Collection[Link], issued: Collection[str], now: datetime) -> LockForecast:
    used, peak, overflows_at = _slots(lock, grants, now)
    return LockForecast(
        lock.connection,
        lock.property_id,
        lock.door_id,
        lock.name,
        lock.slots,
        used,
        peak,
        overflows_at,
        lock.other_pins or 0,
        sum(one.starts_at is not None and now <= one.starts_at < now + TONIGHT for one in grants),
        late_at(grants, issued, now),
        *_licence(lock, grants, issued, now),
    )


def _licence(
    lock: LockHealth, grants: Iterable[Link], issued: Collection[str], now: datetime
) -> tuple[str | None, list[Unlicensed]]:
    why = next((cause.sentence for code in LICENCES for cause in lock.causes if cause.code == code), None)
    if why is None:
        return None, []
    concerned = [
        Unlicensed(one.booking_id or "", one.label or one.key, one.starts_at)
        for one in grants
        if one.starts_at is not None and one.starts_at <= now + AHEAD and one.key not in issued
    ]
    return why, sorted(concerned, key=lambda one: (one.start, one.booking, one.label))


def _slots(lock: LockHealth, grants: Iterable[Link], now: datetime) -> tuple[int, int, datetime | None]:
    """How many it holds now, the most that it is to hold, and from when on that is too many."""
    steps: list[tuple[datetime, int]] = []
    for one in grants:
        assert one.starts_at is not None
        since = max(one.starts_at - WRITTEN_FIRST, now)
        if since <= now + AHEAD:
            steps.append((since, 1))
            if one.ends_at is not None:
                steps.append((one.ends_at, -1))
    used = sum(change for at, change in steps if at <= now)
    held, peak, overflows_at = 0, 0, None
    for at, change in sorted(steps):  # At one moment those that leave first.
        held += change
        peak = max(peak, held)
        if overflows_at is None and lock.slots is not None and held + (lock.other_pins or 0) > lock.slots:
            overflows_at = at
    return used, peak, overflows_at


def late_at(grants: Iterable[Link], issued: Collection[str], now: datetime) -> list[LateArrival]:
    """Whose PIN will not be at a lock before her access begins, in the order of arrival."""
    waiting = [one for one in grants if one.starts_at is not None and one.key not in issued]
    free_at = now
    late = []
    for one in sorted(waiting, key=lambda one: (one.starts_at or now, one.booking_id or "", one.key)):
        assert one.starts_at is not None
        free_at = max(free_at, one.starts_at - WRITTEN_LATEST) + EACH
        if free_at > one.starts_at > now:
            late.append(LateArrival(one.booking_id or "", one.label or one.key, one.starts_at, free_at))
    return late
