"""Every setting, declared once: its name, type, default and meaning. `settings.schema` reads these declarations.

A type says what is allowed: `Literal` the words, `Annotated[int, range(...)]` the numbers, `Annotated[timedelta, ...]`
the shortest span, and `Annotated[str, "url"]` one of the kinds of `settings.kinds`. The rules of access are declared in
`mappers.policy`, the timetable in `schedules.timetable`, what the database keeps in `store.keep`, and a vendor's block
in the vendor's connector (`SETTINGS`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from mappers.policy import Policy
from schedules.timetable import Timetable
from store.keep import Keep
from store.prices import Prices

A_PORT = range(65536)


@dataclass(frozen=True, slots=True)
class WorkspaceSettings:
    """One Seam workspace."""

    api_key: str = field(repr=False)
    endpoint: Annotated[str, "url"] = "https://connect.getseam.com"
    webhook_secret: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class SeamSettings:
    """One workspace that needs no name, or several by their names, or both."""

    api_key: str | None = field(default=None, repr=False)
    endpoint: Annotated[str, "url"] = "https://connect.getseam.com"
    webhook_secret: str | None = field(default=None, repr=False)
    workspaces: Mapping[str, WorkspaceSettings] = field(default_factory=dict)

    def all(self) -> Mapping[str, WorkspaceSettings]:
        """By name; the one without a name has an empty one."""
        if self.api_key is None:
            return self.workspaces
        return {"": WorkspaceSettings(self.api_key, self.endpoint, self.webhook_secret), **self.workspaces}


@dataclass(frozen=True, slots=True)
class ConnectionSettings:
    """One configured PMS account; its name is in URLs, logs and reports."""

    name: str
    connector: str
    vendor: Mapping[str, Any] = field(repr=False)
    """The block named after the connector: what its `SETTINGS` ask for."""
    policy: Policy
    key_prefix: Annotated[str, "text_or_nothing"] = ""
    workspace: Annotated[str, "text_or_nothing"] = ""
    """Of `seam.workspaces`; empty: the one without a name."""
    organisation: Annotated[str, "text_or_nothing"] = ""
    """Whose it is: people and tokens may have roles over all connections of one."""
    webhook_token: Annotated[str | None, "webhook_token"] = field(default=None, repr=False)
    schedules: Timetable = field(default_factory=Timetable)
    policy_name: str = ""
    """Not a setting: the name under which the policy stands."""
    private_addresses: bool = True
    """Not a setting: whether its addresses may lie in our own network. Those of the settings file may."""
    seal_key: str = field(default="", repr=False)
    """Not a setting: the Seam API key, from which the key is derived of what a connector remembers of guests."""


@dataclass(frozen=True, slots=True)
class RoleSettings:
    """What a value of the provider's claim gives: a role over everything, or over one of these."""

    role: Literal["viewer", "operator", "admin"] = field(metadata={"alone": True})
    """Where nothing else is said, the word alone."""
    organisation: str | None = None
    connection: str | None = None
    property: str | None = None
    """Of that connection."""


@dataclass(frozen=True, slots=True)
class SignInSettings:
    """An OpenID Connect provider at which people sign in."""

    issuer: Annotated[str, "issuer"]
    client_id: str
    client_secret: str = field(repr=False)
    roles_claim: str
    """Dots lead into groups, where no claim has this very name: realm_access.roles."""
    roles: Mapping[str, RoleSettings]
    """By the claim's value, or one of its values."""
    name_claim: str = "email"
    scopes: tuple[str, ...] = ("openid", "profile", "email")


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """Where `nightporter serve` listens, and how the world reaches it."""

    host: str = "127.0.0.1"
    port: Annotated[int, A_PORT] = 8080
    public_url: Annotated[str | None, "url"] = None
    """Begins with https:// where a proxy ends TLS: then cookies travel over TLS only."""
    proxies: Annotated[int, range(6)] = 0
    """How many proxies of our own stand before it: so many addresses of X-Forwarded-For are believed."""
    embed_in: tuple[Annotated[str, "url"], ...] = ()
    """Origins whose pages may show a booking's verdict in a frame."""
    embed_in_of: Mapping[str, tuple[Annotated[str, "url"], ...]] = field(default_factory=dict)
    """The same by organisation, for its connections, in place of `embed_in`."""
    language: Literal["en", "de", "es", "fr"] = "en"
    """Of the pages, for whoever has chosen none and whose browser asks for none of these."""
    idle_sign_out: Annotated[timedelta | None, timedelta(minutes=1)] = None
    """Whoever has asked for nothing for so long signs in again."""
    sign_in: SignInSettings | None = None
    """Beside the local passwords."""
    workers: Annotated[int, range(1, 65)] = 8
    """So many runs go on at once, of all connections together; a quarter of them is kept for what comes in."""


@dataclass(frozen=True, slots=True)
class EmailSettings:
    """The mail server that takes alerts."""

    host: str
    sender: str = field(metadata={"written": "from"})
    to: tuple[str, ...]
    port: Annotated[int, A_PORT] = 587
    user: str | None = None
    password: str | None = field(default=None, repr=False)
    security: Literal["starttls", "tls", "none"] = "starttls"


@dataclass(frozen=True, slots=True)
class AlertWebhookSettings:
    url: Annotated[str, "url"] = field(repr=False)
    secret: Annotated[str, "webhook_secret"] = field(repr=False)


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """Whom to tell; nobody, where nothing is set: the report shows alerts anyway."""

    email: EmailSettings | None = None
    webhook: AlertWebhookSettings | None = None


@dataclass(frozen=True, slots=True)
class Settings:
    seam: SeamSettings
    connections: Mapping[str, ConnectionSettings]
    policies: Mapping[str, Policy]
    database: Annotated[str, "text_or_nothing"] = field(default="sqlite:///nightporter.db", repr=False)
    """May carry a password."""
    engine: Literal["embedded", "procrastinate"] = "embedded"
    """Who does the work: threads of `serve`, or processes of `work` on as many machines as wanted (PostgreSQL only)."""
    serve: ServeSettings = field(default_factory=ServeSettings)
    alerts: AlertSettings = field(default_factory=AlertSettings)
    private_addresses: bool = False
    """Addresses that users enter (of connections in the database, and of receivers) may lie in our own network."""
    folder_of_connections: str | None = None
    """In which every path that users enter (of connections in the database) lies; none: they enter no path."""
    keep: Keep = field(default_factory=Keep)
    costs: Prices = field(default_factory=Prices)
    folder: Path = Path()
    """Not a setting: where the settings file is, from which paths count."""
