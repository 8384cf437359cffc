"""What the web side needs of the rest of Night Porter, handed over by `assembly`."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from connectors.ports import Pms
from reconciler.prepare import RunConnection
from schedules.timetable import Timetable
from seam_workspace.workspace import Workspace
from store.engine import Database
from web.metrics import Metrics


@dataclass(frozen=True, slots=True)
class WebConnection:
    """A connection as the web side sees it."""

    name: str
    connector: Pms
    """For its webhooks."""
    inquiry: Callable[[], RunConnection]
    """A connector of its own for each question: it gives up soon, for somebody waits before a page."""
    timetable: Timetable
    person: str = "guest"
    """What whoever stays there is called."""

    @property
    def late_after(self) -> timedelta:
        """A connection whose last good run is older is not kept in step. Short intervals get some grace: a first sync
        may take minutes."""
        return max(3 * self.timetable.incremental, timedelta(minutes=5))


@dataclass(frozen=True, slots=True)
class WebContext:
    """`enqueue(connection)` has its inbox drained soon; `clock` gives aware UTC.

    `scheduler_alive` says whether runs happen by themselves; None where this process only serves pages.
    """

    store: Database
    workspace: Workspace
    """For pages: gives up soon."""
    connections: Mapping[str, WebConnection]
    clock: Callable[[], datetime]
    metrics: Metrics
    version: str
    enqueue: Callable[[str | None], None] = lambda connection: None
    scheduler_alive: Callable[[], bool] | None = None
    since_tick: Callable[[], float] = lambda: 0.0
    """Seconds since the scheduler's loop last turned."""
    seam_webhook_secret: str | None = field(default=None, repr=False)
    public_url: str | None = None
    proxies: int = 0
