"""Ends the process when its loop has stopped: whoever starts it again (systemd, a container) is better off than with a
process that stands there and does nothing.

What it watches is the scheduler's loop, which turns every two seconds and waits for nothing without a bound.
"""

import os
import threading
import time
from collections.abc import Callable

import structlog

log = structlog.get_logger("watchdog")
IS_LATE = 5.0
"""Seconds without a turn of the loop after which it is woken: the host's clock may have been set back."""
STANDS_STILL = 60.0
"""Seconds without a turn of the loop after which monitoring is told (`/healthz`)."""
IS_OVER = 180.0
"""Seconds without one after which the process is ended."""
LOOKS_EVERY = 5.0
"""Seconds."""
EXIT = 70


class Watchdog:
    """`since_tick`: how many seconds ago the loop last turned; `wake` has it turn now; `end` ends the process; `clock`
    is monotonic seconds."""

    def __init__(
        self,
        since_tick: Callable[[], float],
        wake: Callable[[], object],
        *,
        end: Callable[[int], object] = os._exit,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._since_tick = since_tick
        self._wake = wake
        self._end = end
        self._clock = clock
        self._looked_at = clock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watchdog", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """From now on nothing is watched: the process comes to its end by itself."""
        self._stop.set()

    def look(self) -> None:
        """Wakes the loop where it is late, and ends the process where it stands still. Whoever was asleep with it gives
        it time to turn again."""
        now = self._clock()
        was_asleep = now - self._looked_at > 3 * LOOKS_EVERY
        self._looked_at = now
        if self._since_tick() > IS_LATE:
            self._wake()
        if not was_asleep and self._since_tick() > IS_OVER:
            log.error("the loop stands still: the process ends, to be started again", seconds=round(self._since_tick()))
            self._end(EXIT)

    def _watch(self) -> None:
        while not self._stop.wait(LOOKS_EVERY):
            self.look()


def end_within(seconds: float, end: Callable[[int], object] = os._exit) -> threading.Timer:
    """Ends the process (exit code 1) after so many seconds, whatever hangs; `cancel` it where it has ended before.

    What is cut off is noted in the database before it begins, and healed first of all by the next start.
    """

    def over() -> None:
        waiting = sorted(one.name for one in threading.enumerate() if one is not threading.main_thread())
        log.error("not everything came to its end in time, and is cut off", threads=waiting)
        end(1)

    timer = threading.Timer(seconds, over)
    timer.name = "the last seconds"
    timer.daemon = True
    timer.start()
    return timer
