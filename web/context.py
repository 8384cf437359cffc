"""What the web side needs of the rest of Night Porter, handed over by `assembly`."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from schedules.connections import Connections
from seam_workspace.workspace import Workspace
from store.engine import Database
from store.prices import Prices
from store.secrets import SecretKeys
from web.metrics import Metrics
from web.register import ConnectionRegister, PolicyChangeDesk

if TYPE_CHECKING:
    from web.provider import Provider


@dataclass(frozen=True, slots=True)
class WebContext:
    """`enqueue(connection)` has its inbox drained soon; `clock` gives aware UTC.

    `scheduler_alive` says whether runs happen by themselves; None where this process only serves pages.
    """

    store: Database
    workspaces: Mapping[str, Workspace]
    """Seam's, by name, for pages: they give up soon."""
    connections: Connections
    clock: Callable[[], datetime]
    metrics: Metrics
    version: str
    enqueue: Callable[[str | None], None] = lambda connection: None
    scheduler_alive: Callable[[], bool] | None = None
    since_tick: Callable[[], float] = lambda: 0.0
    """Seconds since the scheduler's loop last turned."""
    seam_webhook_secrets: Mapping[str, str] = field(default_factory=dict, repr=False)
    """By the name of the workspace."""
    register: ConnectionRegister | None = field(default=None, repr=False)
    """Has connections and policies changed."""
    policy_changes: PolicyChangeDesk | None = field(default=None, repr=False)
    """None for whoever is no admin of everything."""
    secret_keys: SecretKeys = field(default_factory=SecretKeys, repr=False)
    private_receivers: bool = False
    """Whether events may be sent to addresses of our own network."""
    embed_in: Sequence[str] = ()
    """Origins whose pages may show a booking's verdict in a frame."""
    embed_in_of: Mapping[str, Sequence[str]] = field(default_factory=dict)
    """The same for connections of an organisation, in place of those."""
    idle_sign_out: timedelta | None = None
    """Whoever has asked for nothing for so long signs in again."""
    language: str = "en"
    """Of the pages, for whoever asks for none of those that there are."""
    prices: Prices = field(default_factory=Prices)
    provider: "Provider | None" = None
    """At which people sign in, beside their local passwords."""
    public_url: str | None = None
    proxies: int = 0

    def workspace_of(self, connection: str) -> Workspace:
        """In which the resources of that connection are, which has to be there."""
        return self.workspaces[self.connections[connection].keys.workspace]
