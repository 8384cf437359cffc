"""From when until when a booking opens its doors: instants in UTC, or a reason why there are none."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from connectors.records import Booking, Property, Room
from mappers.policy import Policy

USUAL_CHECK_IN = time(15, 0)
USUAL_CHECK_OUT = time(11, 0)
"""For a PMS that knows only days and a property that names no times."""


@dataclass(frozen=True, slots=True)
class StayWindow:
    """Aware UTC instants."""

    starts_at: datetime
    ends_at: datetime
    planned_end: datetime


class NoWindow(Exception):
    """The booking's times cannot be used; the message says why, for the report."""


@lru_cache(maxsize=64)
def zone(name: str) -> ZoneInfo | None:
    """The IANA time zone of that name; None when there is none."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return None


def local(instant: datetime, time_zone: str) -> str:
    """An instant in the property's time, as staff write it: "23 Sep 11:00"."""
    try:
        there = instant.astimezone(zone(time_zone) or UTC)
    except OverflowError:
        there = instant  # The first or the last day that there is: a PMS's way to say "never".
    return f"{there.day} {there:%b %H:%M}"


def stay_window(booking: Booking, of: Property, room: Room | None, policy: Policy) -> StayWindow:
    """The window of a booking: planned arrival to planned departure, with the policy's buffers.

    A guest who checked in before the plan gets in from then on. Raises `NoWindow`.
    """
    arrival = _instant(booking.arrival, of, (room.check_in if room else None) or USUAL_CHECK_IN)
    departure = _instant(booking.departure, of, (room.check_out if room else None) or USUAL_CHECK_OUT)
    if departure <= arrival:
        raise NoWindow(
            f"the departure ({local(departure, of.time_zone)}) is not after the arrival "
            f"({local(arrival, of.time_zone)}): correct the dates in the PMS"
        )
    starts_at = arrival - policy.early
    if booking.actual_arrival is not None and booking.actual_arrival < starts_at:
        # Whole seconds: PMSs note the moment of a check-in to the microsecond, Seam keeps milliseconds, and a rest
        # that never matches would be "corrected" in every run.
        starts_at = booking.actual_arrival.replace(microsecond=0)
    return StayWindow(starts_at, departure + policy.late, departure)


def _instant(moment: datetime | date, of: Property, usual: time) -> datetime:
    if isinstance(moment, datetime):
        return moment.astimezone(UTC).replace(microsecond=0)
    there = zone(of.time_zone)
    if there is None:
        raise NoWindow(f"the property's time zone {of.time_zone!r} is not an IANA time zone: correct it in the PMS")
    # A wall time that a clock change skips or repeats: fold=0 reads both as the earlier offset, so that a guest is
    # let in early rather than late and the window never gets shorter than the plan.
    return datetime.combine(moment, usual, tzinfo=there).astimezone(UTC)
