"""The threads of this process: a few do the work of all connections, and none belongs to a connection.

Whoever has something to do waits for a thread in the order in which it was woken, and goes to the end of the line after
every step: one that always has something to do delays nobody for longer than its step takes. One step of a name goes on
at a time.

A step that waits for a silent peer holds its thread. After a few seconds it is not counted any more and another thread
takes its place, up to a bound; of that bound those whose last step was as long take no more than half.
"""

import threading
import time
from collections.abc import Callable
from contextlib import suppress

import structlog

from reconciler.report import defect
from store.engine import StoreFailed, TurnLost

log = structlog.get_logger("worker")
IS_LONG = 5.0
"""Seconds after which a step does not count as one of the few any more: it waits for somebody, or has much to do."""
AT_MOST = 4
"""So many times the counted ones may be at work at once."""
PAUSE = 5.0
"""Seconds in which a name is left alone after a step that failed."""
IDLE = 10.0
"""Seconds after which a thread that nobody needs ends."""


class Pool:
    """Calls `step(name)` for whoever was woken, until that returns False. Safe to use from many threads."""

    def __init__(
        self,
        name: str,
        step: Callable[[str], bool],
        counted: int,
        *,
        may_work: Callable[[], bool] = lambda: True,
        clock: Callable[[], float] = time.monotonic,
    ):
        """`step` does one thing for a name and says whether there may be more. `counted`: so many at once, long ones
        aside. `may_work`: whether this process is the one that works (others stand by). `clock`: monotonic seconds."""
        self._name = name
        self._step = step
        self._counted = counted
        self._may_work = may_work
        self._clock = clock
        self._changed = threading.Condition()
        self._waiting: dict[str, None] = {}
        """In the order in which they get a thread."""
        self._at_work: dict[str, float] = {}
        """Since when."""
        self._again: set[str] = set()
        """Woken during their step."""
        self._left_alone: dict[str, float] = {}
        """Until when."""
        self._slow: set[str] = set()
        """Whose last step was long."""
        self._threads = 0
        self._idle = 0
        self._begun = 0
        self._started = False
        self._stopped = False

    def start(self) -> None:
        """From now on there are threads; until then it only remembers who was woken."""
        with self._changed:
            self._started = True
            self._serve()

    def wake(self, name: str) -> None:
        """There is something to do for this name."""
        with self._changed:
            if name in self._at_work:
                self._again.add(name)
            elif name not in self._left_alone:
                self._waiting.setdefault(name)
            self._serve()

    def turn(self) -> None:
        """To be called every two seconds or so: whoever was left alone for long enough, or waits because of long steps,
        goes on."""
        with self._changed:
            now = self._clock()
            for name in [one for one, until in self._left_alone.items() if until <= now]:
                del self._left_alone[name]
                self._waiting.setdefault(name)
            self._serve()

    def stop(self) -> None:
        """Begins nothing new; `join` waits for what is under way."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()

    def join(self, seconds: float) -> bool:
        """Whether everything has come to its end within so many seconds."""
        with self._changed:
            return self._changed.wait_for(lambda: not self._threads, seconds)

    @property
    def threads(self) -> int:
        return self._threads

    # --- who gets a thread; all of it under the lock ----------------------------------------------------------------

    def _serve(self) -> None:
        """Has a thread look, where somebody may be served."""
        if self._stopped or not self._started or not self._may_work() or self._chosen() is None:
            return
        if self._idle:
            self._changed.notify()
        elif self._threads > len(self._at_work):
            pass  # One is about to look, and sees to the next then.
        elif self._threads < AT_MOST * self._counted:
            self._threads += 1
            self._begun += 1
            threading.Thread(target=self._work, name=f"{self._name} {self._begun}", daemon=True).start()

    def _chosen(self) -> str | None:
        """Whose turn it is; None where nobody may begin now."""
        now = self._clock()
        long = [name for name, since in self._at_work.items() if now - since >= IS_LONG]
        if not self._waiting or len(self._at_work) - len(long) >= self._counted:
            return None
        slow = len(self._slow & self._at_work.keys() | set(long))
        if slow < AT_MOST * self._counted // 2:
            return next(iter(self._waiting))
        return next((name for name in self._waiting if name not in self._slow), None)

    def _next(self) -> str | None:
        """Waits until somebody may be served; None where this thread should end."""
        with self._changed:
            while not self._stopped:
                name = self._chosen() if self._may_work() else None
                if name is not None:
                    del self._waiting[name]
                    self._at_work[name] = self._clock()
                    # Whoever waits behind may be served as well.
                    self._serve()
                    return name
                self._idle += 1
                woken = self._changed.wait(IDLE)
                self._idle -= 1
                if not woken:
                    break
            self._threads -= 1
            self._changed.notify_all()
            return None

    def _ended(self, name: str, more: bool, pause: float) -> None:
        with self._changed:
            now = self._clock()
            (self._slow.add if now - self._at_work.pop(name) >= IS_LONG else self._slow.discard)(name)
            if name in self._again:
                self._again.remove(name)
                more = True
            if pause:
                self._left_alone[name] = now + pause
            elif more:
                self._waiting.setdefault(name)
            self._serve()

    # --- a thread ---------------------------------------------------------------------------------------------------

    def _work(self) -> None:
        while (name := self._next()) is not None:
            more, pause = False, PAUSE
            try:
                more, pause = self._step(name), 0.0
            except Exception as problem:
                # An unexpected error ends one job; the connection goes on with the next.
                tell_failure(name, problem)
            finally:
                self._ended(name, more, pause)


def tell_failure(connection: str, problem: Exception) -> None:
    """Logs why a step of a connection did not come to its end. Raises nothing."""
    with suppress(Exception):
        if isinstance(problem, TurnLost):
            log.warning("the turn was lost", connection=connection, trouble=str(problem))
        elif isinstance(problem, StoreFailed):
            log.error("the database cannot be used", connection=connection, trouble=str(problem))
        else:
            log.error("a job failed", connection=connection, trouble=defect(problem))
