"""What there is to know of a connection, once: whoever works, answers a webhook or shows a page asks by its name."""

import threading
import time
from collections.abc import Callable, ItemsView, Iterator, KeysView, Mapping, ValuesView
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog

from connectors.ports import Pms
from mappers.keys import Keys
from mappers.policy import Policy
from reconciler.prepare import RunConnection
from schedules.pace import is_late
from schedules.timetable import Timetable
from seam_workspace.workspace import Workspace
from store.connections import Standing, State
from store.engine import StoreFailed
from store.queue import JOBS, TaskKind
from store.secrets import SecretsUnreadable

log = structlog.get_logger("connections")
LOOKS_EVERY = 2.0
"""Seconds after which it is asked whether a connection was made, changed or removed."""
REFUSED_AGAIN = timedelta(hours=6)
"""So rarely it is tried whether the PMS accepts credentials again that it has refused."""
LEAVES_EVERY = timedelta(minutes=1)
"""So often it is tried again to take all access of a connection away that is to be removed."""
DONE: Mapping[State, frozenset[TaskKind]] = {
    State.ACTIVE: frozenset({TaskKind.BOOKING_NEWS, *JOBS}),
    State.WATCH: frozenset({TaskKind.FULL, TaskKind.LOCK_HEALTH}),
    State.REFUSED: frozenset({TaskKind.INCREMENTAL}),
    State.LEAVING: frozenset({TaskKind.FULL}),
}
"""What is done of a connection that stands like this; of others nothing."""


@dataclass(frozen=True, slots=True)
class Connection:
    """One connection, and how to open its connector."""

    name: str
    policy: Policy
    keys: Keys
    timetable: Timetable
    workspace: Workspace
    """In which its runs work."""
    connector: Pms
    """For its webhooks."""
    open_connector: Callable[[bool], Pms]
    """Opens one more; for a page (True) it gives up soon, for somebody waits before it."""
    standing: Standing = field(default_factory=Standing)
    is_shared: bool = False
    """It stands in the database, so whoever serves that works for it; otherwise whoever serves its settings file."""

    organisation: str = ""
    """Whose it is."""

    def for_a_run(self) -> RunConnection:
        """With a connector of its own, which remembers what it read for its run."""
        return RunConnection(self.name, self.open_connector(False), self.policy, self.keys)

    def for_a_page(self) -> RunConnection:
        """With a connector of its own for one question."""
        return RunConnection(self.name, self.open_connector(True), self.policy, self.keys)

    def does(self, kind: str, now: datetime) -> bool:
        """Whether such a thing is done now, as the connection stands."""
        return kind in DONE.get(self.standing.at(now), ())

    def is_active(self, now: datetime) -> bool:
        """Whether it is to be kept in step."""
        return self.standing.at(now) is State.ACTIVE

    def is_late(self, now: datetime, good_at: datetime, due_at: datetime | None) -> bool:
        """Whether its last good run is so old that it is not kept in step. Short intervals get some grace: a first sync
        may take minutes. `due_at`: when the next run over changes is due, where that was put off."""
        usual = self.timetable.incremental
        return is_late(now, good_at, max(3 * usual, timedelta(minutes=5)), usual, due_at)


Connections = Mapping[str, Connection]
"""By name: `get(name)`."""


class LiveConnections(Mapping[str, Connection]):
    """The connections as they are now: looked at again whenever somebody asks, every few seconds at most. One that has
    not changed is the same object as before. Safe to use from many threads."""

    def __init__(self, look: Callable[[], Connections | None], *, monotonic: Callable[[], float] = time.monotonic):
        """`look` says how they are, or None where nothing has changed since it was called last; whatever it raises the
        first time is raised here."""
        self._look = look
        self._monotonic = monotonic
        self._looking = threading.Lock()
        self._looked_at = monotonic()
        self._known: dict[str, Connection] = dict(look() or {})

    def now(self) -> dict[str, Connection]:
        """As they are now; this answer changes no more."""
        if self._monotonic() - self._looked_at >= LOOKS_EVERY and self._looking.acquire(blocking=False):
            try:
                self._looked_at = self._monotonic()
                found = self._look()
                if found is not None:
                    log.info("connections have changed", connections=len(found))
                    self._known = dict(found)
            except (StoreFailed, SecretsUnreadable) as problem:
                log.error("it is not known whether connections have changed", trouble=str(problem))
            finally:
                self._looking.release()
        return self._known

    def __getitem__(self, name: str) -> Connection:
        return self.now()[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.now())

    def __len__(self) -> int:
        return len(self.now())

    def keys(self) -> KeysView[str]:
        return self.now().keys()

    def values(self) -> ValuesView[Connection]:
        return self.now().values()

    def items(self) -> ItemsView[str, Connection]:
        return self.now().items()
