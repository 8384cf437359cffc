"""How far a run is: shown to whoever waits for it, and noted for those who watch from elsewhere."""

import threading
from collections.abc import Callable
from typing import Protocol

from store.engine import Database
from store.runs import Runs


class Progress(Protocol):
    """Receives the progress of a run: a terminal shows a bar, a log prints lines."""

    def phase(self, text: str, total: int | None = None) -> None: ...
    def advance(self, number: int) -> None: ...


class Silent:
    """Shows nothing."""

    def phase(self, text: str, total: int | None = None) -> None:
        pass

    def advance(self, number: int) -> None:
        pass


class Watched:
    """Shows a run's progress as before, and notes it in the database for those who watch from elsewhere."""

    def __init__(self, shown: Progress, store: Database, run_id: str, monotonic: Callable[[], float], noted: str):
        """`noted`: the phase that has been noted already."""
        self._shown = shown
        self._store = store
        self._run_id = run_id
        self._monotonic = monotonic
        self._phase = noted
        self._done = 0
        self._total: int | None = None
        self._noted = 0.0
        self._lock = threading.Lock()

    def phase(self, text: str, total: int | None = None) -> None:
        self._shown.phase(text, total)
        with self._lock:
            is_noted = (text, 0, total) == (self._phase, self._done, self._total)
            self._phase, self._done, self._total = text, 0, total
            self._noted = self._monotonic()
        if is_noted:
            return
        Runs(self._store).note_progress(self._run_id, text, 0, total)

    def advance(self, number: int) -> None:
        self._shown.advance(number)
        with self._lock:
            self._done += number
            now = self._monotonic()
            # Often enough for an eye, and a transaction a second at most.
            if now - self._noted < 1:
                return
            self._noted = now
            done = self._done
        Runs(self._store).note_progress(self._run_id, self._phase, done, self._total)
