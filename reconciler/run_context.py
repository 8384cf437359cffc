"""What every part of a run has at hand: the connection, Seam, the database, what the run is about, and its report."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeVar

from connectors.errors import PmsError, PmsRefused
from connectors.records import Property
from mappers.keys import Keys
from mappers.outcomes import Action, Kind, Outcome
from mappers.policy import Policy
from mappers.sentences import messages, say, say_number, sentence_of
from reconciler.clocks import Clocks
from reconciler.precedence import Precedence
from reconciler.prepare import RunConnection
from reconciler.progress import Progress
from reconciler.report import RunReport, defect
from reconciler.scopes import Everything, RunOptions
from seam_workspace.errors import SeamError, SeamUnauthorized
from seam_workspace.workspace import Workspace
from store.costs import for_property
from store.engine import Database, StoreFailed
from store.lasting import CLOCKS
from store.runs import OutcomeRow
from store.turns import Turn

T = TypeVar("T")
NOTHING_CHANGED = say("nothing was changed")
LEFT_UNDONE = messages("{number} change is left for the next run", "{number} changes are left for the next run")


@dataclass(slots=True)
class RunContext:
    """What one run works with. Once its turn is lost, the database takes nothing from it any more."""

    connection: RunConnection
    workspace: Workspace
    store: Database
    options: RunOptions
    report: RunReport
    progress: Progress
    stop: Callable[[], bool]
    """Asked before each booking: once it says so, what is begun is finished and nothing new is begun."""
    now: datetime
    """When the run began; all of it is planned for this instant (UTC)."""
    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    sleep: Callable[[float], None]
    workers: int
    turn: Turn | None
    precedence: Precedence | None
    """Of a run that urgent ones may overtake."""
    broken_off: str | None = None
    """Why the PMS or Seam could not be read, if so."""
    refused: bool = False
    """Seam takes our key no more: what is left would fail as well."""
    pms_refuses: bool = False
    """It has refused to let a property be read."""
    pms_was_ahead: timedelta | None = None
    """How far the PMS's clock was ahead in the last run, for as long as none of its answers has come in this one."""

    @property
    def name(self) -> str:
        return self.connection.name

    @property
    def policy(self) -> Policy:
        return self.connection.policy

    @property
    def keys(self) -> Keys:
        return self.connection.keys

    @property
    def is_audit(self) -> bool:
        return self.options.scope == Everything(audit=True)

    def pms_ahead(self) -> timedelta | None:
        """How far the PMS's clock is ahead of ours; None where nothing shows it. Where all that was shown may be out of
        a cache, that is followed: to read too far back costs a little, and whoever set the clock back loses no news."""
        shown = self.connection.connector.shown_clock
        if shown is None:
            return None
        ahead = shown.ahead()
        ahead = shown.ahead_if_still() if ahead is None else ahead
        return self.pms_was_ahead if ahead is None else ahead

    def may_write(self) -> float | None:
        """Before everything that changes something; for how many seconds it may be. Raises `TurnLost` where that is not
        for this run to do any more."""
        return self.turn.check() if self.turn is not None else None

    def goes_on(self) -> bool:
        """Whether it is to go on, asked between two properties: first it gives way to what is urgent."""
        if self.precedence is not None:
            self.precedence.give_way()
        return not self.stop()

    def tell_clocks(self, found: Clocks) -> None:
        """By how much which clock is wrong."""
        told = found.told or ""
        if found.stops:
            self.fail(CLOCKS, say("nothing was changed: the clocks are too far apart"), told)
        else:
            reason = say("{words}: have it set right", words=told)
            self.report.add([OutcomeRow(Kind.PROPERTY, CLOCKS, Action.READ, Outcome.ALERT, reason)])

    def fail(self, key: str, reason: str, error: str) -> None:
        """Reports of a property (or of all, "*") that something could not be read: the run ends with code 1."""
        self.broken_off = self.broken_off or say("{of}: {words}", of=reason, words=error)
        self.report.add([OutcomeRow(Kind.PROPERTY, key, Action.READ, Outcome.FAILED, reason, error)])

    def of_property(self, of: Property, act: Callable[[], T], so: str = NOTHING_CHANGED) -> T | None:
        """Does something about one property; None where it failed, which is reported with what came of it (`so`): the
        other properties go on. Raises `StoreFailed`."""
        try:
            with for_property(of.id):
                return act()
        except PmsError as problem:
            self.fail(of.id, say("{name}: the PMS could not be read: {so}", name=of.name, so=so), sentence_of(problem))
            self.pms_refuses = self.pms_refuses or isinstance(problem, PmsRefused)
        except SeamError as problem:
            self.fail(of.id, say("{name}: Seam could not be read: {so}", name=of.name, so=so), sentence_of(problem))
            self.refused = isinstance(problem, SeamUnauthorized)
        except StoreFailed:
            raise
        except Exception as problem:
            self.fail(of.id, say("{of}: {words}", of=of.name, words=so), defect(problem))
        return None

    def note_stop(self, left_undone: int | None = None) -> None:
        """Reports that the run was asked to stop, before so many changes were begun."""
        left = say("the rest is left for the next run")
        if left_undone:
            left = say_number(left_undone, *LEFT_UNDONE)
        why = say("the run was asked to stop: what was begun is finished, nothing new was begun")
        self.fail("*", left, why)
