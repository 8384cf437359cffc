"""Reports over many properties, which take seconds to be summed up: made by one thread, and kept."""

import threading
import time
from collections.abc import Callable
from typing import Generic, TypeVar

import structlog

from reconciler.report import defect
from store.engine import StoreFailed

T = TypeVar("T")
KEPT, KEPT_WHILE_MADE = 300.0, 3600.0
"""Seconds: so old a report may be; and so old it is shown while it is made anew."""
MADE_FOR_NOBODY = KEPT_WHILE_MADE / 2
"""Seconds from one time to the next at which what most ask for is made, whoever reads it or not."""
MOST_KEPT = 16
"""Reports, of readers who may see or have asked for different things."""
MOST_WAITING = 4
"""Reports for which there is a thread at a time: whoever asks for one more asks again."""
log = structlog.get_logger("web")


class KeptReports(Generic[T]):
    """Each is made anew once it is `KEPT` old, by a thread, and what there is already is shown meanwhile. One is made
    at a time. Safe to use from many threads."""

    def __init__(self, monotonic: Callable[[], float] = time.monotonic):
        self._monotonic = monotonic
        self._lock = threading.Lock()
        self._made: dict[object, tuple[float, T]] = {}
        self._failed: dict[object, Exception] = {}
        self._under_way: set[object] = set()
        self._one_at_a_time = threading.Lock()
        self._ended = threading.Event()

    def keep(self, make_ready: Callable[[Callable[[], bool]], None]) -> None:
        """From now on, a thread has what most ask for ready before anybody does, until `end`: `make_ready` asks for it
        (it is handed a function that says whether it is to stop)."""
        threading.Thread(target=self._keep, args=(make_ready,), name="reports", daemon=True).start()

    def end(self) -> None:
        """The thread ends with the report that it is at."""
        self._ended.set()

    def _keep(self, make_ready: Callable[[Callable[[], bool]], None]) -> None:
        wait = 0.0
        while not self._ended.wait(wait):
            wait = MADE_FOR_NOBODY
            try:
                make_ready(self._ended.is_set)
            except StoreFailed as problem:
                log.warning("reports are not made before they are asked for", trouble=str(problem))
            except Exception as problem:
                log.error("reports are not made before they are asked for", trouble=defect(problem))

    def report(self, of: object, make: Callable[[], T]) -> T:
        """What is kept under `of`, or made by `make`, for which the caller waits. Raises what that raises, where there
        is none yet."""
        found = self._found(of, make)
        if found is None:
            with self._one_at_a_time:
                # Somebody else may have made it while this reader waited.
                found = self._found(of, make) or (self._make(of, make),)
        return found[0]

    def if_made(self, of: object, make: Callable[[], T]) -> T | None:
        """The same for a caller who does not wait: None where a thread makes it now. Raises what that has raised."""
        found = self._found(of, make)
        if found is not None:
            return found[0]
        with self._lock:
            failed = self._failed.pop(of, None)
        if failed is not None:
            raise failed
        self._start(of, make)
        return None

    def _found(self, of: object, make: Callable[[], T]) -> tuple[T] | None:
        with self._lock:
            found = self._made.get(of)
        if found is None:
            return None
        age = self._monotonic() - found[0]
        if age > KEPT_WHILE_MADE:
            return None
        if age > KEPT:
            self._start(of, make)
        return (found[1],)

    def _start(self, of: object, make: Callable[[], T]) -> None:
        with self._lock:
            if of in self._under_way or len(self._under_way) >= MOST_WAITING:
                return
            self._under_way.add(of)
        threading.Thread(target=self._make_anew, args=(of, make), name="reports", daemon=True).start()

    def _make_anew(self, of: object, make: Callable[[], T]) -> None:
        try:
            with self._one_at_a_time:
                self._make(of, make)
        except Exception as problem:
            if isinstance(problem, StoreFailed):
                log.warning("a report was not made", trouble=str(problem))
            else:
                log.error("a report was not made", trouble=defect(problem))
            with self._lock:
                self._failed[of] = problem
                while len(self._failed) > MOST_KEPT:
                    del self._failed[next(iter(self._failed))]
        finally:
            with self._lock:
                self._under_way.discard(of)

    def _make(self, of: object, make: Callable[[], T]) -> T:
        made = make()
        with self._lock:
            self._failed.pop(of, None)
            self._made.pop(of, None)
            self._made[of] = self._monotonic(), made
            while len(self._made) > MOST_KEPT:
                del self._made[next(iter(self._made))]
        return made
