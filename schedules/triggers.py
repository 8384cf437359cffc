"""When jobs are due: APScheduler's spans, and a clock time once on every day of a property's calendar."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from apscheduler.triggers.base import BaseTrigger


class OnceADay(BaseTrigger):  # type: ignore[misc]
    """A clock time, once on every local day.

    APScheduler's own cron trigger fires twice where the clock repeats the hour, and leaves a whole day out where it
    skips the hour (Sao Paulo, 4 Nov 2018, 00:00). Here a time that is skipped is due when the clock has jumped over it,
    and one that is repeated is due the first time.
    """

    def __init__(self, at: time, zone: ZoneInfo):
        self._at = at
        self._zone = zone

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime:
        """The first time after the previous one (or from now on)."""
        if previous_fire_time is not None:
            day = previous_fire_time.astimezone(self._zone).date() + timedelta(days=1)
            return self._on(day)
        today = now.astimezone(self._zone).date()
        found = self._on(today)
        return found if found >= now else self._on(today + timedelta(days=1))

    def last_due(self, now: datetime) -> datetime:
        """When it was due last (aware UTC)."""
        today = now.astimezone(self._zone).date()
        found = self._on(today)
        return found if found <= now else self._on(today - timedelta(days=1))

    def _on(self, day: date) -> datetime:
        # By way of UTC: a wall time that does not exist moves on by the hour that was skipped.
        return datetime.combine(day, self._at, tzinfo=self._zone).astimezone(UTC)

    def __getstate__(self) -> dict[str, Any]:
        return {"at": self._at, "zone": self._zone.key}

    def __repr__(self) -> str:
        return f"OnceADay({self._at:%H:%M}, {self._zone.key})"
