"""How long a lock's battery will last, by what it showed on past days. Pure.

Locks report their battery coarsely and late: the forecast is a straight line through the days since the battery was
last changed, and there is none before the line says something.
"""

from collections.abc import Sequence
from datetime import date, timedelta
from statistics import linear_regression

from seam_workspace.existing import Battery

Readings = Sequence[tuple[date, float]]
"""By day (UTC), oldest first, the level at that day's last look: from 0 to 1."""
KEPT = timedelta(days=60)
DAYS_AT_LEAST = 5
"""Fewer days say nothing of a trend."""
DROP_AT_LEAST = 0.03
"""A drop that is smaller may be the lock's rounding."""
CHANGED_BATTERY = 0.2
"""A rise by so much is a new battery."""
FLAT = 0.03
"""At this level most locks have stopped."""
CRITICAL, LOW = 0.08, 0.2
"""Levels that count as these words where a lock has none of its own. Lock makers warn between 15 and 30 per cent."""
ALARM = 7
"""Days: somebody should have changed it by then."""


def with_reading(readings: Readings, today: date, level: float) -> list[tuple[date, float]]:
    """The readings with today's; one a day, none older than is kept."""
    kept = [(day, was) for day, was in readings if today - KEPT <= day < today]
    return [*kept, (today, level)]


def days_left(readings: Readings, today: date) -> int | None:
    """Whole days from `today` until the battery is flat; None where nothing can be said."""
    since = 0
    for place in range(1, len(readings)):
        if readings[place][1] - readings[place - 1][1] >= CHANGED_BATTERY:
            since = place
    mine = readings[since:]
    if not mine or mine[-1][1] <= FLAT:
        return 0 if mine else None
    if (mine[-1][0] - mine[0][0]).days + 1 < DAYS_AT_LEAST or mine[0][1] - mine[-1][1] < DROP_AT_LEAST:
        return None
    days = [float((day - mine[0][0]).days) for day, _ in mine]
    slope, start = linear_regression(days, [level for _, level in mine])
    if slope >= 0:
        return None
    flat_on = (FLAT - start) / slope
    return max(0, int(flat_on - (today - mine[0][0]).days))


def status_of(battery: Battery) -> str | None:
    """`critical`, `low`, `good` or `full`: the lock's own word, and never better than its level."""
    order = ("critical", "low", "good", "full")
    by_level = None
    if battery.level is not None:
        by_level = "critical" if battery.level <= CRITICAL else "low" if battery.level <= LOW else "good"
    told = [one for one in (battery.status, by_level) if one is not None]
    if battery.status == "full" and by_level == "good":
        return "full"
    return min(told, key=order.index, default=None)
