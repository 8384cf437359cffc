"""What stands in the register: connections, policies and Seam workspaces, each wherever it is, without its secrets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from mappers.policy import Policy
from settings.declared import ConnectionSettings
from settings.documents import plain, split
from store.connections import Standing, State


@dataclass(frozen=True, slots=True)
class Entry:
    """One connection, wherever it stands."""

    name: str
    source: Literal["file", "database"]
    connector: str
    policy: str
    key_prefix: str
    settings: ConnectionSettings | None = field(repr=False)
    """None where they cannot be used: see `trouble`."""
    shown: Mapping[str, Any]
    """As the settings file would have it, without any secret."""
    secrets: Sequence[str]
    """Paths of the secrets that are set."""
    standing: Standing = field(default_factory=Standing)
    version: int = 0
    """0: of the file."""
    trouble: str = ""
    created_at: datetime | None = None
    changed_at: datetime | None = None

    @property
    def workspace(self) -> str:
        """The Seam workspace in which it works, by name; empty: the one without a name."""
        return self.settings.workspace if self.settings is not None else str(self.shown.get("workspace", ""))

    @property
    def organisation(self) -> str:
        """Whose it is."""
        return self.settings.organisation if self.settings is not None else str(self.shown.get("organisation", ""))

    @property
    def is_removed(self) -> bool:
        return self.standing.state is State.REMOVED


@dataclass(frozen=True, slots=True)
class PolicyEntry:
    """One policy, wherever it stands."""

    name: str
    source: Literal["default", "file", "database"]
    policy: Policy
    shown: Mapping[str, Any]
    used_by: Sequence[str] = ()
    version: int = 0


@dataclass(frozen=True, slots=True)
class WorkspaceEntry:
    """One Seam workspace, wherever it stands; without its secrets."""

    name: str
    """Empty: the one without a name."""
    source: Literal["file", "database"]
    endpoint: str
    secrets: Sequence[str]
    """Those that are set: `api_key`, `webhook_secret`."""
    used_by: Sequence[str] = ()
    version: int = 0


def entry_of_file(connection: ConnectionSettings) -> Entry:
    """A connection of the settings file."""
    document = {
        "connector": connection.connector,
        connection.connector: plain(connection.vendor),
        "webhook_token": connection.webhook_token,
        "key_prefix": connection.key_prefix,
        "policy": connection.policy_name,
        "schedules": plain(connection.schedules),
    }
    for setting in ("workspace", "organisation"):
        if found := getattr(connection, setting):
            document[setting] = found
    shown, secrets = split(document)
    return Entry(
        connection.name,
        "file",
        connection.connector,
        connection.policy_name,
        connection.key_prefix,
        connection,
        shown,
        sorted(secrets),
    )
