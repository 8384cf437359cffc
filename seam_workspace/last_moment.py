"""The moment between the last look whether something may be sent and the sending.

A process that is stopped right there, and goes on an hour later, would send what is not its to send any more: no look
can come after the last one. So for that moment, which is some microseconds, the kernel is asked to end the process
(`SIGALRM`) once others may be at work: the signal waits for a process that is stopped, and ends it before another line
of it runs. Whoever is not stopped there notices nothing; a process that was ended like this is started again by
whatever looks after it, as after every other end.

A machine that sleeps stops the kernel's clock as well: what is on its way at that moment is sent when it wakes.
"""

import math
import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def _kernel(seconds: float) -> None:
    if hasattr(signal, "setitimer") and signal.getsignal(signal.SIGALRM) is signal.SIG_DFL:
        signal.setitimer(signal.ITIMER_REAL, seconds)


class LastMoment:
    """Of one process. Safe to use from many threads."""

    def __init__(self, end_in: Callable[[float], None] = _kernel, clock: Callable[[], float] = time.monotonic):
        """`end_in` has this process ended in so many seconds, and not any more where they are 0. `clock`: monotonic
        seconds."""
        self._end_in = end_in
        self._clock = clock
        self._lock = threading.Lock()
        self._inside = 0
        self._at = math.inf

    @contextmanager
    def within(self, seconds: float | None) -> Iterator[None]:
        """What is done within ends the process, if it is not over in so many seconds. None: there is no bound."""
        if seconds is None:
            yield
            return
        with self._lock:
            self._inside += 1
            at = self._clock() + seconds
            if at < self._at:
                self._at = at
                # Nought would take the alarm away.
                self._end_in(max(seconds, 0.001))
        try:
            yield
        finally:
            with self._lock:
                self._inside -= 1
                if not self._inside:
                    self._at = math.inf
                    self._end_in(0.0)


LAST_MOMENT = LastMoment()
