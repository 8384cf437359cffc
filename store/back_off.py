"""How long to wait before something is tried again: one rule, and its figures, for everything that is put off."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

JITTER = 0.1
"""The share of a pause by which it may be shorter: what failed together is not tried again together."""
chance: Callable[[], float] = random.random


@dataclass(frozen=True, slots=True)
class BackOff:
    """Pauses that double from `first` to `longest`."""

    first: timedelta
    longest: timedelta

    def after(self, attempts: int) -> timedelta:
        """The pause after so many attempts in vain, at least one of them."""
        doubled: int = 1 << max(0, min(attempts - 1, 16))
        return min(self.first * doubled, self.longest) * (1 - JITTER * chance())

    def while_away(self, waited: timedelta) -> timedelta:
        """The pause where the other side is away, which is no attempt: as long again as it has been waited for."""
        return min(max(self.first, waited), self.longest) * (1 - JITTER * chance())


def of_retries(first: timedelta) -> BackOff:
    """Bookings and daily jobs that fail: `first` is the timetable's `retry`."""
    return BackOff(first, timedelta(minutes=30))


DOOR_CODES = BackOff(timedelta(minutes=2), timedelta(minutes=30))
ALERTS = BackOff(timedelta(seconds=30), timedelta(minutes=15))


def of_news(incremental: timedelta) -> BackOff:
    """Deliveries that cannot be acted upon: never later than the next run over changes would find the same."""
    return BackOff(timedelta(seconds=5), min(timedelta(minutes=5), incremental))
