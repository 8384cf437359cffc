"""What there is to know of a connection, once: whoever works, answers a webhook or shows a page asks by its name."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta

from connectors.ports import Pms
from mappers.keys import Keys
from mappers.policy import Policy
from reconciler.prepare import RunConnection
from schedules.timetable import Timetable
from seam_workspace.workspace import Workspace


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

    def for_a_run(self) -> RunConnection:
        """With a connector of its own, which remembers what it read for its run."""
        return RunConnection(self.name, self.open_connector(False), self.policy, self.keys)

    def for_a_page(self) -> RunConnection:
        """With a connector of its own for one question."""
        return RunConnection(self.name, self.open_connector(True), self.policy, self.keys)

    @property
    def late_after(self) -> timedelta:
        """A connection whose last good run is older is not kept in step. Short intervals get some grace: a first sync
        may take minutes."""
        return max(3 * self.timetable.incremental, timedelta(minutes=5))


Connections = Mapping[str, Connection]
"""By name: `get(name)`."""
