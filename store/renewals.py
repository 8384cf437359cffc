"""What has to be renewed again and again while somebody has it: by one thread of the process, for all of it at once.

The thread begins with the first and ends with the last. Whoever gives up what it has before it has to be renewed costs
nothing beside one that is there for longer.
"""

import logging
import math
import threading
import time
from collections.abc import Collection, Sequence
from typing import Any, Protocol

log = logging.getLogger("turns")
ENDS_WITHIN = 5.0
"""Seconds that what is being renewed at the end is given."""
SOON = 20
"""What could not be renewed at the moment is tried again after such a part of its interval."""


class Renewed(Protocol):
    """Something that one has for a while."""

    renew_every: float
    """Seconds."""

    def renew_with(self, others: Sequence[Any]) -> Collection[Any]:
        """Renews this and others at once; returns those that somebody was in the way of, to be tried again soon."""


class Renewals:
    """Of one database. Safe to use from many threads."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._at: dict[Renewed, float] = {}
        """When each is to be renewed next, by the clock by which threads wait."""
        self._thread: threading.Thread | None = None

    def begin(self, one: Renewed) -> None:
        """Renews it from now on."""
        with self._changed:
            self._at[one] = time.monotonic() + one.renew_every
            if self._thread is None:
                self._thread = threading.Thread(target=self._go_on, name="turns", daemon=True)
                self._thread.start()
            elif one.renew_every < min((other.renew_every for other in self._at if other is not one), default=math.inf):
                self._changed.notify_all()

    def end(self, one: Renewed) -> None:
        """It need not be renewed any more."""
        with self._changed:
            if self._at.pop(one, None) is not None and not self._at:
                self._changed.notify_all()

    def close(self) -> None:
        """Renews nothing any more, and uses the database no longer."""
        with self._changed:
            self._at.clear()
            thread = self._thread
            self._changed.notify_all()
        if thread is not None and thread is not threading.current_thread():
            thread.join(ENDS_WITHIN)

    def _go_on(self) -> None:
        while due := self._wait():
            try:
                again = due[0].renew_with(due[1:])
            except Exception as problem:
                # Whoever works asks whether it is still his; here it is tried again in time.
                log.error("turns could not be renewed: %s", type(problem).__name__)
                again = ()
            now = time.monotonic()
            with self._changed:
                for one in due:
                    if one in self._at:
                        self._at[one] = now + one.renew_every / (SOON if one in again else 1)

    def _wait(self) -> list[Renewed]:
        """Waits until something is to be renewed, and returns it, with what would be due soon after; nothing when
        nobody has anything any more."""
        with self._changed:
            while self._at:
                now = time.monotonic()
                first = min(self._at.values())
                if first <= now:
                    return [one for one, at in self._at.items() if at <= now + one.renew_every / 2]
                self._changed.wait(first - now)
            self._thread = None
            return []
