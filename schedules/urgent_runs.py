"""Runs over what has come in, one after another: the end of each is noted with what came of its deliveries."""

from collections.abc import Callable, Collection

from reconciler.report import RunReport
from reconciler.scopes import RunOptions
from store.engine import Database
from store.turns import Turn

UrgentRun = Callable[[Turn, RunOptions, Collection[str]], tuple[RunReport, Callable[[], None]]]
"""A run over a few bookings, in the turn, which overtakes a long one; and what notes that it has ended."""


class UrgentRuns:
    """Of one connection, in one thread."""

    def __init__(self, store: Database, run: UrgentRun):
        self._store = store
        self._run = run
        self._notes: list[Callable[[], None]] = []

    def run(self, turn: Turn, options: RunOptions, booking_ids: Collection[str]) -> RunReport:
        """One more, when the end of the last one is noted. Raises `StoreFailed`."""
        self.settle()
        report, note_end = self._run(turn, options, booking_ids)
        self._notes.append(note_end)
        return report

    def note(self, write: Callable[[], None]) -> None:
        """Written with the end of the last run, in one transaction."""
        self._notes.append(write)

    def forget(self) -> None:
        """What was not written is not written any more."""
        self._notes.clear()

    def settle(self) -> None:
        """Writes what is to be noted. Raises `StoreFailed`."""
        notes, self._notes = self._notes, []
        if notes:
            with self._store.together():
                for write in notes:
                    write()
