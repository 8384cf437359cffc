"""Asks, again and again while a run goes on, whether the clocks of the PMS, of Seam and ours still agree."""

from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta

from connectors.ports import ShownClock
from reconciler.clocks import TOLD, Clocks, compare
from seam_workspace.errors import SeamError
from seam_workspace.workspace import Workspace


class ClockCheck:
    """Watches the clocks during one run. `tell` is called with what somebody should know: once, and again when it stops
    the run."""

    def __init__(
        self,
        shown: ShownClock | None,
        workspace: Workspace,
        clock: Callable[[], datetime],
        tell: Callable[[Clocks], None],
    ):
        """`shown`: what the PMS's answers show; None where there are none."""
        self._shown = shown
        self._workspace = workspace
        self._clock = clock
        self._tell = tell
        self._calls_before = workspace.calls
        self._told: Clocks | None = None

    def lets_write(self, *, ask_seam: bool = False) -> bool:
        """Whether something may be written; otherwise that is told. `ask_seam`: where the PMS's clock is another one,
        Seam is asked for its own at once."""
        if self._told is not None and self._told.stops:
            return False
        pms = self._shown.ahead() if self._shown is not None else None
        still = self._shown.ahead_if_still() if self._shown is not None else None
        if ask_seam and compare(still if pms is None else pms, None).told is not None:
            with suppress(SeamError):
                self._workspace.check()
        seam = self._seam_ahead()
        if pms is None and still is not None and seam is not None and abs(still - seam) <= TOLD:
            # No cache tells the time of another system: it is our clock that has jumped.
            pms = still
        found = compare(pms, seam)
        if found.told is not None and (self._told is None or found.stops):
            self._tell(found)
            self._told = found
        return not found.stops

    def _seam_ahead(self) -> timedelta | None:
        """How far Seam's clock is ahead, by the last answer of this run; None where there was none."""
        if self._workspace.calls == self._calls_before:
            return None
        shown = self._workspace.time_shown()
        return shown - self._clock() if shown is not None else None
