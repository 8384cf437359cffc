"""What pages and programs may ask of the register of connections (`settings.register`), and have it change.

A port: the web side knows no settings file, no vendor and no rule of either. The register refuses what is wrong by
`NotAccepted`, `NotThere` and `Stale` (`store.connections`), whose sentences may be shown: none holds a secret.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol

from connectors.connector import Setting
from store.connections import Standing, State
from store.policy_changes import Limits, PolicyChange


class ConnectionEntry(Protocol):
    """One connection, of the settings file or of the database."""

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str:
        """`file` (read-only) or `database`."""

    @property
    def connector(self) -> str: ...
    @property
    def policy(self) -> str: ...
    @property
    def key_prefix(self) -> str: ...
    @property
    def organisation(self) -> str: ...
    @property
    def shown(self) -> Mapping[str, Any]:
        """As the settings file would have it, without any secret."""

    @property
    def secrets(self) -> Sequence[str]:
        """Paths of the secrets that are set."""

    @property
    def standing(self) -> Standing: ...
    @property
    def version(self) -> int:
        """Rises with every change; 0: of the file."""

    @property
    def trouble(self) -> str:
        """Why it cannot be used; empty where it can."""

    @property
    def is_removed(self) -> bool: ...


class PolicyEntry(Protocol):
    """One policy, of the settings file, of the database, or as it comes."""

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def shown(self) -> Mapping[str, Any]: ...
    @property
    def used_by(self) -> Sequence[str]: ...
    @property
    def version(self) -> int: ...


class WorkspaceEntry(Protocol):
    """One Seam workspace, of the settings file or of the database; without its secrets."""

    @property
    def name(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def endpoint(self) -> str: ...
    @property
    def secrets(self) -> Sequence[str]:
        """Those that are set."""

    @property
    def used_by(self) -> Sequence[str]: ...
    @property
    def version(self) -> int: ...


class ConnectionRegister(Protocol):
    """`who` is whoever asks for a change; times are aware UTC."""

    def entries(self) -> Sequence[ConnectionEntry]: ...
    def entry(self, name: str) -> ConnectionEntry: ...
    def connectors(self) -> Mapping[str, Sequence[Setting]]:
        """What a connection of each connector is asked for, by the connector's name."""

    def add(
        self, name: str, document: Mapping[str, Any], who: str, now: datetime, state: State = State.ACTIVE
    ) -> ConnectionEntry: ...
    def change(
        self, name: str, changes: Mapping[str, Any], who: str, now: datetime, version: int | None = None
    ) -> ConnectionEntry: ...
    def renew(
        self, name: str, secrets: Mapping[str, Any], who: str, now: datetime, version: int | None = None
    ) -> ConnectionEntry:
        """Puts new secrets in, by their paths, and changes nothing else."""

    def stand(
        self,
        name: str,
        state: State,
        who: str,
        now: datetime,
        reason: str = "",
        until: datetime | None = None,
        version: int | None = None,
    ) -> ConnectionEntry: ...
    def policies(self) -> Sequence[PolicyEntry]: ...
    def policy(self, name: str) -> PolicyEntry: ...
    def set_policy(
        self, name: str, changes: Mapping[str, Any], who: str, now: datetime, version: int | None = None
    ) -> PolicyEntry: ...
    def workspaces(self) -> Sequence[WorkspaceEntry]: ...
    def set_workspace(
        self, name: str, changes: Mapping[str, Any], who: str, now: datetime, version: int | None = None
    ) -> WorkspaceEntry: ...
    def remove_workspace(self, name: str, who: str, now: datetime) -> None: ...


class PolicyChangeDesk(Protocol):
    """Changes of policies that the service previews, rolls out and takes back (`settings.policy_changes`)."""

    def of(self, policy: str) -> PolicyChange | None: ...
    def preview(self, policy: str, changes: Mapping[str, Any], who: str) -> PolicyChange: ...
    def roll_out(
        self, policy: str, changes: Mapping[str, Any], who: str, first: str | None, share: int, limits: Limits
    ) -> PolicyChange: ...
    def take_back(self, policy: str, who: str) -> list[str]: ...
