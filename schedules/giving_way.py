"""Sweeps that have begun stand still while something urgent waits for a place: both want the same processor.

For some seconds at most, over all sweeps of a process; then they go on for a third of that before they give way again,
so that however much comes in, what no webhook tells of is read as well. Both are short: what comes in while sweeps go
on waits for as long as these have the processor.
"""

import threading
import time
from collections.abc import Callable

from store.engine import StoreFailed

LONGEST = 12.0
"""Seconds in a row."""
GOES_ON = 4.0
"""Seconds for which sweeps go on after that."""
ASKS_EVERY = 0.5
"""Seconds from one question to the database to the next, however many sweeps there are."""
FORGOTTEN = 5.0
"""Seconds without a question after which what was answered before says nothing of how long something has waited."""


class GivingWay:
    """Of one process. Safe to use from many threads."""

    def __init__(
        self,
        something_waits: Callable[[], bool],
        pause: Callable[[float], object],
        clock: Callable[[], float] = time.monotonic,
    ):
        """`something_waits`: whether anything urgent does, of any connection; may raise `StoreFailed`. `pause` waits
        for so many seconds. `clock`: monotonic seconds."""
        self._something_waits = something_waits
        self._pause = pause
        self._clock = clock
        self._lock = threading.Lock()
        self._asked_at = -FORGOTTEN
        self._waits = False
        self._since: float | None = None
        """Since when sweeps have stood still."""
        self._goes_on_until = 0.0

    def wanted(self) -> bool:
        """Whether a sweep should not go on, nor begin, at the moment."""
        with self._lock:
            now = self._clock()
            if now < self._goes_on_until:
                return False
            if now - self._asked_at >= ASKS_EVERY:
                if now - self._asked_at >= FORGOTTEN:
                    self._since = None
                self._asked_at, self._waits = now, self._ask()
            if not self._waits:
                self._since = None
            elif self._since is None:
                self._since = now
            elif now - self._since >= LONGEST:
                self._since, self._goes_on_until = None, now + GOES_ON
                return False
            return self._waits

    def give_way(self, is_over: Callable[[], bool]) -> None:
        """Waits for as long as that is wanted. `is_over`: whether the sweep is to end, so that nobody waits for it."""
        while not is_over() and self.wanted():
            self._pause(ASKS_EVERY)

    def _ask(self) -> bool:
        try:
            return self._something_waits()
        except StoreFailed:
            return False  # Whoever needs the database finds that out by itself.
