"""One pace for all: as fast as Seam allows, and when it says "too many", everybody slows down who shares the workspace.

Seam publishes no workspace-wide rate (its documented limits are per device), so the pace is found, not configured:
no limit until the first 429; then all threads wait for as long as Seam asked, and go on at two thirds of the speed they
had, a little faster with every answer that is fine. Where Seam asks for more than two minutes, nobody waits: whatever
is asked until then fails at once, and says until when.

What Seam has said to another process is heard within a second, and obeyed as if it had been said to this one.
"""

import math
import random
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Protocol

from mappers.sentences import say
from seam_workspace.errors import SeamBusy

SLOWEST = 0.2
"""Seconds between requests, at most: some 429s have nothing to do with our speed, and slower would not make them fewer.
Where Seam allows less than five a second, its Retry-After does the rest."""
LONGEST_WAIT = 120.0
"""Seconds; a Retry-After beyond that ends the run, rather than that it sleeps."""
LISTENS_EVERY = 1.0
"""Seconds from one look for what Seam has said to others to the next, while there is something to ask of it."""


class Complaints(Protocol):
    """What Seam has said to all who share a workspace. Nothing of this raises: what nobody can find out was not
    said."""

    def tell(self, seconds: float) -> None:
        """Seam has just said to this process that nobody should ask for so long."""

    def heard(self) -> float | None:
        """For how many seconds from now nobody should ask, where that was said to another process since the last look;
        None where nothing was."""


class Pace:
    """Shared by every thread that talks to one workspace.

    `clock` is monotonic seconds, `sleep` waits: both are arguments so that tests wait for nothing. `complaints`: where
    other processes ask the same workspace. `longest_wait`: seconds; beyond that nobody waits.
    """

    def __init__(
        self,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
        *,
        complaints: Complaints | None = None,
        longest_wait: float = LONGEST_WAIT,
    ):
        self.clock = clock
        self.sleep = sleep
        self._complaints = complaints
        self._listens_at = -math.inf
        self._longest_wait = longest_wait
        self._lock = threading.Lock()
        self._next_at = 0.0
        self._gap = 0.0
        self._closed_until = 0.0
        self._complained = False
        self._recent: deque[float] = deque(maxlen=50)

    def wait_for_turn(self) -> None:
        """Returns when the next request may go out. Raises `SeamBusy` where that is too far away to wait for."""
        self._listen()
        with self._lock:
            now = self.clock()
            if self._closed_until > now:
                minutes = math.ceil((self._closed_until - now) / 60)
                if minutes == 1:
                    words = say(
                        "Seam takes no more requests for another minute (429): what was not done is done by the next "
                        "run after that; if it goes on, ask Seam about the limits of this workspace"
                    )
                else:
                    words = say(
                        "Seam takes no more requests for another {minutes} minutes (429): what was not done is done "
                        "by the next run after that; if it goes on, ask Seam about the limits of this workspace",
                        minutes=minutes,
                    )
                raise SeamBusy(words, status=429)
            turn = max(now, self._next_at)
            if self._gap or self._next_at > now:
                self._next_at = turn + self._gap
            self._recent.append(turn)
        if turn > now:
            self.sleep(turn - now)

    def slow_down(self, retry_after: float | None, attempt: int) -> None:
        """Seam said 429: nobody sends anything for `retry_after` seconds (a growing pause where it did not say)."""
        pause = retry_after if retry_after is not None else min(LONGEST_WAIT, 0.5 * 2**attempt)
        if self._complaints is not None:
            self._complaints.tell(pause)
        self._pause_for(pause)

    def _listen(self) -> None:
        """Obeys what Seam has said to others."""
        if self._complaints is None or self.clock() < self._listens_at:
            return
        with self._lock:
            if (now := self.clock()) < self._listens_at:
                return
            self._listens_at = now + LISTENS_EVERY
        if (pause := self._complaints.heard()) is not None:
            self._pause_for(pause)

    def _pause_for(self, pause: float) -> None:
        with self._lock:
            now = self.clock()
            if pause > self._longest_wait:
                self._closed_until = max(self._closed_until, now + pause)
                return
            # Requests of the other threads were under way already: theirs is the same complaint, not another one.
            same_complaint = now < self._next_at and self._complained
            self._complained = True
            pause_until = now + pause
            if pause_until > self._next_at:
                self._next_at = pause_until
            if same_complaint:
                return
            if len(self._recent) > 1 and (spent := self._recent[-1] - self._recent[0]) > 0:
                self._gap = min(SLOWEST, max(self._gap, 1.5 * spent / (len(self._recent) - 1)))
            else:
                self._gap = min(SLOWEST, max(self._gap, 0.01))
            self._recent.clear()

    def went_well(self) -> None:
        """An answer came without complaint: a little faster again."""
        self._complained = False
        if self._gap:
            with self._lock:
                self._gap = 0.0 if self._gap < 0.001 else self._gap * 0.97

    def back_off(self, attempt: int) -> None:
        """Waits before the same request is tried again: full jitter, at most 8 s, this thread only."""
        self.sleep(random.uniform(0, min(8.0, 0.2 * 2**attempt)))
