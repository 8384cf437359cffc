"""From when until when a booking opens its doors: instants in UTC, or a reason why there are none."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.records import Booking, Property, Room, Span, Term
from mappers.policy import Policy
from mappers.sentences import Moment, message, say

USUAL_CHECK_IN = time(15, 0)
USUAL_CHECK_OUT = time(11, 0)
"""For a PMS that knows only days and a property that names no times."""
LEASE_WORD = "Lease"
"""What a connector calls a booking of days of which the last one is the tenant's as well."""


@dataclass(frozen=True, slots=True)
class StayWindow:
    """Aware UTC instants."""

    starts_at: datetime
    ends_at: datetime | None
    """None: open-ended."""
    planned_end: datetime | None


class NoWindow(Exception):
    """The booking's times cannot be used."""

    def __init__(self, why: str):
        super().__init__(why)
        self.why = why
        """For the report."""


def in_its_zone(of: Property, policy: Policy) -> Property:
    """The property; with the policy's time zone where the PMS tells none."""
    return of if of.time_zone or policy.time_zone is None else replace(of, time_zone=policy.time_zone)


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo | None:
    """The IANA time zone of that name; None when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def local(instant: datetime, time_zone: str, now: datetime | None) -> Moment:
    """An instant in the property's time, as staff write it: "23 Sep 11:00"; with its year where that is not the year
    of `now` (None: always): "23 Sep 2027 11:00"."""
    place = zone(time_zone) or UTC
    try:
        there = instant.astimezone(place)
    except OverflowError:
        there = instant  # The first or the last day that there is: a PMS's way to say "never".
    year = "" if now is not None and there.year == now.astimezone(place).year else f"{there.year} "
    return Moment(f"{there.day} {there:%b} {year}{there:%H:%M}", instant, time_zone, bool(year))


def end_in_words(instant: datetime | None, time_zone: str, now: datetime | None) -> str:
    """When something ends, as `local` says it; what has no end, says so."""
    return local(instant, time_zone, now) if instant is not None else say("no end")


def stay_window(
    booking: Booking, of: Property, room: Room | None, policy: Policy, part: Term | Span | None = None
) -> StayWindow:
    """The window of a booking: planned arrival to planned departure, with the policy's buffers.

    A guest who checked in before the plan gets in from then on. `part`: of one person's own term, or of one span of
    the stay, which begins early and ends late only where the whole stay does. Raises `NoWindow`.
    """
    is_first = not isinstance(part, Span) or part is booking.spans[0]
    is_last = not isinstance(part, Span) or part is booking.spans[-1]
    times = part if part is not None else booking
    arrival = _instant(times.arrival, of, _check_in(room, policy))
    departure = None if times.departure is None else _instant(times.departure, of, _check_out(room, policy))
    last = _hour_of_moving_out(booking, times.departure, of, policy)
    if last is not None and last > arrival:
        departure = last
    if departure is not None and departure <= arrival:
        raise NoWindow(
            say(
                "the departure ({departure}) is not after the arrival ({arrival}): correct the dates in the PMS",
                departure=local(departure, of.time_zone, None),
                arrival=local(arrival, of.time_zone, None),
            )
        )
    starts_at = arrival - policy.early if is_first else arrival
    came = booking.actual_arrival
    if is_first and not isinstance(part, Term) and came is not None and came < starts_at:
        # Whole seconds: PMSs note the moment of a check-in to the microsecond, Seam keeps milliseconds, and a rest
        # that never matches would be "corrected" in every run.
        starts_at = came.replace(microsecond=0)
    ends_at = departure + policy.late if departure is not None and is_last else departure
    return StayWindow(starts_at, ends_at, departure)


def _hour_of_moving_out(
    booking: Booking, departure: datetime | date | None, of: Property, policy: Policy
) -> datetime | None:
    """When a lease ends on its last day, where the policy says at which hour: its departure is the day behind that."""
    if policy.move_out is None or booking.word != LEASE_WORD or departure is None or isinstance(departure, datetime):
        return None
    return _instant(departure - timedelta(days=1), of, policy.move_out)


def room_at(booking: Booking, of: Property, rooms: Mapping[str, Room], policy: Policy, now: datetime) -> str | None:
    """The id of the room in which the guest is now, or will be next; the last one, once all is over. `rooms`: by id."""
    for span in booking.spans:
        with suppress(NoWindow):
            room = rooms.get(span.room_id) if span.room_id is not None else None
            if _instant(span.departure, of, _check_out(room, policy)) > now:
                return span.room_id
    return booking.spans[-1].room_id if booking.spans else booking.room_id


def _check_in(room: Room | None, policy: Policy) -> time:
    return policy.check_in or (room.check_in if room else None) or USUAL_CHECK_IN


def _check_out(room: Room | None, policy: Policy) -> time:
    return policy.check_out or (room.check_out if room else None) or USUAL_CHECK_OUT


def _instant(moment: datetime | date, of: Property, usual: time) -> datetime:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).replace(microsecond=0)
    there = zone(of.time_zone)
    if there is None:
        told = message("the property's time zone {zone} is not an IANA time zone: correct it in the PMS")
        raise NoWindow(say(told, zone=repr(of.time_zone)))
    # A wall time that a clock change skips or repeats: fold=0 reads both as the earlier offset, so that a guest is
    # let in early rather than late and the window never gets shorter than the plan.
    return datetime.combine(moment, usual, tzinfo=there).astimezone(UTC)
