"""What comes of each change: its outcome is committed at once, and failures say whether it is the booking or Seam."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from mappers.outcomes import Kind, Outcome
from mappers.sentences import say, sentence_of, together
from reconciler.changes import Change
from reconciler.report import RunReport, defect
from seam_workspace.errors import SeamBusy, SeamError, SeamRefused, SeamUnauthorized, SeamUnreachable
from store.engine import StoreFailed
from store.links import Link

FAILURES_IN_A_ROW = 16
"""After so many unreachable answers without a good one between them, Seam is down: the rest is not tried."""
EVERYBODY = 3
"""When so many bookings fail and none goes well, it is not the bookings."""


class NotTried(SeamError):
    """Something before this failed, so this was not begun."""


@dataclass(frozen=True, slots=True)
class Written:
    """A change that went well."""

    link: Link | None = None
    """What is remembered of it."""
    remark: str = ""
    """What the report adds to the plan's reason."""


class Attempts:
    """The changes of one run over one property, as they are tried. Safe to use from many threads."""

    def __init__(self, report: RunReport):
        self._report = report
        self.stopped: SeamError | None = None
        """Why nothing more is tried, if so."""
        self.failed_bookings: dict[str, str] = {}
        """What went wrong, by booking id."""
        self.failed_identities: dict[str, str] = {}
        """Likewise, by identity key."""
        self._away: set[str] = set()
        """Bookings that failed only because Seam could not be reached or takes nothing from anybody."""
        self._away_identities: set[str] = set()
        self._went_well = 0
        self._unreachable = 0
        self._lock = threading.Lock()

    @property
    def waiting_for_seam(self) -> set[str]:
        """Those of the failed bookings with which nothing is wrong: Seam was away, or refused everybody."""
        if not self._went_well and len(self.failed_bookings) >= EVERYBODY:
            return set(self.failed_bookings)
        return self._away & self.failed_bookings.keys()

    def attempt(self, change: Change, act: Callable[[], Written], ends: bool = False) -> bool:
        """Runs one change and commits its outcome; returns whether it went well. Raises `StoreFailed`: without its
        memory a run must not go on. `ends`: it is the last one of its booking; where nothing of that failed, nothing
        is under way any more."""
        try:
            if self.stopped is not None:
                raise NotTried(say("not tried: {why}", why=sentence_of(self.stopped)))
            written = act()
        except StoreFailed:
            raise
        except Exception as problem:
            said = sentence_of(problem) if isinstance(problem, SeamError) else defect(problem)
            self.note_failure(problem)
            if change.booking_id is not None:
                self.failed_bookings.setdefault(change.booking_id, said)
            if change.kind is Kind.USER_IDENTITY:
                self.failed_identities[change.key] = said
            self._note_who_is_away(change, problem)
            self._report.add([change.row(Outcome.FAILED, error=said)])
            return False
        self._unreachable = 0
        self._went_well += 1
        reason = together(filter(None, (change.reason, written.remark)))
        self._report.add(
            [change.row(Outcome.DONE, reason)],
            made=() if written.link is None else (written.link,),
            gone=() if change.forgets is None else ((change.kind, change.forgets),),
            finished_booking=change.booking_id if ends and change.booking_id not in self.failed_bookings else None,
        )
        return True

    def note_failure(self, problem: Exception) -> None:
        """Counts what says of Seam that it is away; after enough of it nothing more is tried."""
        with self._lock:
            if isinstance(problem, SeamUnauthorized | SeamBusy):
                self.stopped = problem
            elif isinstance(problem, SeamUnreachable):
                self._unreachable += 1
                if self._unreachable >= FAILURES_IN_A_ROW:
                    self.stopped = problem

    def _note_who_is_away(self, change: Change, problem: Exception) -> None:
        of_another = (
            isinstance(problem, NotTried)
            and change.grant is not None
            and change.grant.user_identity_key in self._away_identities
        )
        # A 403 is said of us, and not of the record.
        forbidden = isinstance(problem, SeamRefused) and problem.status == 403
        if not (isinstance(problem, SeamUnreachable) or forbidden or of_another or self.stopped is not None):
            return
        if change.kind is Kind.USER_IDENTITY:
            self._away_identities.add(change.key)
        if change.booking_id is not None:
            self._away.add(change.booking_id)
