"""What a run did: every change with its outcome, kept as it happens, and the totals."""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from mappers.outcomes import Action, Kind, Outcome
from mappers.sentences import say
from store.engine import Database
from store.links import Link
from store.runs import OutcomeRow, Runs, StoredRun

DONE_WORDS = {
    Action.CREATE: "created",
    Action.UPDATE: "updated",
    Action.REPLACE: "replaced",
    Action.REVOKE: "revoked",
    Action.ADOPT: "adopted",
    Action.KEEP: "unchanged",
}
COLUMNS = ("created", "updated", "replaced", "revoked", "adopted", "unchanged", "waiting", "held", "failed")
"""What the totals count, in the order in which people read them."""
SAID = ("kind", "key", "action", "outcome", "reason", "error")
"""What programs are told of a line."""


class RunReport:
    """Collects the outcomes of one run, and commits each at once. Safe to use from many threads."""

    def __init__(
        self,
        run_id: str,
        connection: str,
        mode: str,
        started_at: datetime,
        clock: Callable[[], datetime],
        store: Database | None,
    ):
        self.run_id = run_id
        self.connection = connection
        self.mode = mode
        self.started_at = started_at
        self.finished_at: datetime | None = None
        self.exit = 0
        self.broken_off: str | None = None
        """Why the PMS or Seam could not be read, if so."""
        self.credentials_refused: str | None = None
        """What the PMS says where it refuses the connection's credentials."""
        self.in_doubt = False
        """Whether the PMS was not believed in something: then everything has to be read."""
        self.expected: set[str] = set()
        """Bookings that a run over changes read though the PMS had no news of them: their time had come."""
        self.items: list[OutcomeRow] = []
        self.totals: dict[str, dict[str, int]] = {}
        self._clock = clock
        self._store = store
        """None in a dry run: nothing is written."""
        self._lock = threading.Lock()

    def add(
        self,
        rows: Sequence[OutcomeRow],
        *,
        made: Sequence[Link] = (),
        gone: Sequence[tuple[str, str]] = (),
        finished_booking: str | None = None,
    ) -> None:
        """Takes outcomes up, and commits them with their links."""
        if not (rows or made or gone or finished_booking):
            return
        if self._store is not None:
            Runs(self._store).record(
                self.run_id,
                self.connection,
                rows,
                self._clock(),
                made=made,
                gone=gone,
                finished_booking=finished_booking,
            )
        with self._lock:
            self.items.extend(rows)
            for row in rows:
                self._count(row)

    def go_on_in(self, store: Database) -> None:
        """From now on outcomes are kept there."""
        self._store = store

    def count_unchanged(self, kind: Kind, number: int) -> None:
        if number:
            counts = self.totals.setdefault(kind, {})
            counts["unchanged"] = counts.get("unchanged", 0) + number

    def _count(self, row: OutcomeRow) -> None:
        if row.outcome == Outcome.FAILED:
            word = "failed"
        elif row.outcome == Outcome.HELD:
            word = "held"
        elif row.action == Action.WAIT or row.outcome == Outcome.WAITING:
            word = "waiting"
        elif row.outcome in (Outcome.DONE, Outcome.PLANNED):
            word = DONE_WORDS.get(Action(row.action), "unchanged")
        else:
            return
        counts = self.totals.setdefault(row.kind, {})
        counts[word] = counts.get(word, 0) + 1

    def revoked(self) -> set[str]:
        """Keys of the grants that this run has taken away."""
        return {
            item.key
            for item in self.items
            if item.kind == Kind.ACCESS_GRANT and item.action == Action.REVOKE and item.outcome == Outcome.DONE
        }

    def total(self, word: str) -> int:
        return sum(counts.get(word, 0) for counts in self.totals.values())

    def as_json(self) -> dict[str, Any]:
        return report_json(self, self.items)


def defect(problem: Exception) -> str:
    """What a report says of a failure that nobody foresaw: where, and what kind; its message may hold guests' data."""
    frame = problem.__traceback__
    while frame is not None and frame.tb_next is not None:
        frame = frame.tb_next
    where = type(problem).__name__
    if frame is not None:
        where += f" at {Path(frame.tb_frame.f_code.co_filename).name}:{frame.tb_lineno}"
    return say("a defect in Night Porter ({where}): please report it; the rest was not harmed", where=where)


def report_json(run: RunReport | StoredRun, items: Iterable[OutcomeRow]) -> dict[str, Any]:
    """The report's one JSON shape, for a run that has just ended and for a stored one."""
    return {
        "run_id": run.run_id,
        "connection": run.connection,
        "mode": run.mode,
        "started_at": run.started_at.isoformat(),
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "exit": run.exit,
        "totals": run.totals,
        "items": [{name: getattr(item, name) for name in SAID} for item in items],
    }
