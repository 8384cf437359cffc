"""What is known of properties at this moment: who arrives, who is here and has trouble. Read for many at once."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, time, timedelta

from mappers.stay_window import zone
from reconciler.readiness import STILL_THERE, Arrival, DoorState, arrivals
from store.health import GrantHealth
from store.pending_revocations import PendingRevocation, PendingRevocations
from store.properties import KnownProperty
from store.stays import KEEP_BROKEN, Stay, Stays
from web.context import WebContext

NEEDS_SOMEBODY = (DoorState.BROKEN, DoorState.WAITING)
TIME_TO_FORGET = timedelta(minutes=1)
"""A lock that can be reached has forgotten a PIN by then."""
LONGEST_DAY = timedelta(days=2, hours=2)
"""Before and after now, all of today and tomorrow lie within it, in whatever zone."""


@dataclass(slots=True)
class GuestsNow:
    """The guests of one property who matter today and tomorrow, in order of arrival."""

    today: list[Arrival] = field(default_factory=list)
    tomorrow: list[Arrival] = field(default_factory=list)
    in_house: list[Arrival] = field(default_factory=list)
    """Of those who came before today, for whom something does not work."""
    out: list[Arrival] = field(default_factory=list)
    """Of those who should have no access any more, whose locks have not forgotten them, as Seam says."""

    @property
    def in_trouble(self) -> list[Arrival]:
        """Who needs a person, the first arrival first."""
        mine = [one for one in (*self.in_house, *self.today, *self.tomorrow) if one.state in NEEDS_SOMEBODY]
        return [*mine, *self.out]


def guests_of(
    context: WebContext, stays: Sequence[Stay], zones: Mapping[tuple[str, str], str], connection: str | None = None
) -> list[Arrival]:
    """How each of these stays is, in their order, by what Seam last said. `zones`: time zones by connection and
    property; `connection`: they are all of this one."""
    ids = {stay.booking_id for stay in stays}
    health = GrantHealth(context.store).of(connection, ids)
    pending = PendingRevocations(context.store).of(context.clock(), connection, ids)
    return arrivals(stays, health, context.clock(), zones, pending)


def guests_now(
    context: WebContext, properties: Sequence[KnownProperty], now: datetime, of_all: bool = False
) -> dict[tuple[str, str], GuestsNow]:
    """By connection and property. `of_all`: these are all that are known, so nothing need be left out."""
    ids: Collection[tuple[str, str]] = {(one.connection, one.property_id) for one in properties}
    stays = Stays(context.store).to_show(now - LONGEST_DAY, now + LONGEST_DAY, now, None if of_all else ids)
    bookings = {stay.booking_id for stay in stays}
    health = GrantHealth(context.store).of(booking_ids=bookings)
    pending = PendingRevocations(context.store).of(now)
    zones = {(one.connection, one.property_id): one.time_zone for one in properties}
    midnights = {one.time_zone: days(one.time_zone, now) for one in properties}
    found = {one: GuestsNow() for one in ids}
    for each in arrivals(stays, health, now, zones, pending):
        stay = each.stay
        mine = found.get((stay.connection, stay.property_id))
        if mine is None or stay.starts_at is None:
            continue
        today, tomorrow, later = midnights[zones[stay.connection, stay.property_id]]
        if stay.starts_at >= later:
            continue
        if stay.starts_at >= tomorrow:
            mine.tomorrow.append(each)
        elif stay.starts_at >= today:
            mine.today.append(each)
        elif each.state in NEEDS_SOMEBODY and (stay.ends_at is None or stay.ends_at > now - KEEP_BROKEN):
            mine.in_house.append(each)
    for each in _out(context, pending, now, zones):
        found[each.stay.connection, each.stay.property_id].out.append(each)
    return found


def _out(
    context: WebContext,
    pending: Sequence[PendingRevocation],
    now: datetime,
    zones: Mapping[tuple[str, str], str],
) -> list[Arrival]:
    """Whoever should have no access any more, and whose locks still know her though they had the time to forget."""
    left: dict[str, set[str]] = {}
    for one in pending:
        if one.booking_id and one.looked_at is not None and one.looked_at >= one.since + TIME_TO_FORGET:
            left.setdefault(one.connection, set()).add(one.booking_id)
    stays = [
        stay
        for connection, ids in left.items()
        for stay in Stays(context.store).by_id(connection, sorted(ids))
        if (stay.connection, stay.property_id) in zones and stay.access == "none" and stay.starts_at is not None
    ]
    if not stays:
        return []
    health = GrantHealth(context.store).of(booking_ids={stay.booking_id for stay in stays})
    return [one for one in arrivals(stays, health, now, zones, pending) if one.cause == STILL_THERE]


def days(time_zone: str, now: datetime) -> tuple[datetime, datetime, datetime]:
    """The midnights (UTC) at which a property's today, tomorrow, and the day after begin."""
    there = zone(time_zone) or UTC
    today = now.astimezone(there).date()
    today_, tomorrow, later = (
        datetime.combine(today + timedelta(days=number), time(0), tzinfo=there).astimezone(UTC) for number in range(3)
    )
    return today_, tomorrow, later
