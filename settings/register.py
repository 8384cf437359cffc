"""The register of connections: those of the settings file and those of the database, by one set of rules.

What stands in the file counts, is read-only here and belongs to whoever serves that file. What stands in the database
belongs to everybody who serves it, and may change at any time: `refresh` finds out with one cheap query. Connections,
policies and workspaces stand in one file, for they are taken up together: a change of one is checked against the
others.
"""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from connectors.connector import Setting
from connectors.table import CONNECTORS
from mappers.policy import PRESETS, Policy
from seam_workspace.errors import SeamUnauthorized
from seam_workspace.workspace import Workspace
from settings.declared import ConnectionSettings, Settings, WorkspaceSettings
from settings.documents import as_json, leaves, merged, paths_of, plain, secret_paths, split, whole
from settings.load import LONGEST_NAME, connection_settings, policy_settings, workspace_settings
from settings.prefixes import Prefixes
from settings.reading import SettingsError
from store.alerts import AlertBook
from store.connections import (
    ConnectionBook,
    NotAccepted,
    NotThere,
    Stale,
    Standing,
    State,
    StoredConnection,
    StoredPolicy,
)
from store.engine import Database
from store.people import People
from store.queue import Queue, Task, TaskKind
from store.secrets import SecretKeys

IN_THE_FILE = "stands in the settings file, which only a person with an editor changes"
FIXED = {
    "connector": "another connector is another connection: remove this one and add the other",
    "key_prefix": "everything that this connection made in Seam carries it: remove the connection and add another",
    "workspace": "everything that this connection made is in its workspace: remove the connection and add another",
}
"""What a connection is made with, and why it stays."""


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


class Register:
    """Safe to use from many threads. Raises `StoreFailed`, and `SecretsUnreadable` where the keys do not fit."""

    def __init__(self, file: Settings, store: Database, keys: SecretKeys):
        self._file = self._declared = file
        """With the Seam workspaces of the database; and as it stands in the file."""
        self._store = store
        self._book = ConnectionBook(store, keys)
        self._lock = threading.RLock()
        self._seen = -1
        self._stored: dict[str, StoredConnection] = {}
        self._stored_policies: dict[str, StoredPolicy] = {}
        self._workspace_versions: dict[str, int] = {}
        self._policies: dict[str, Policy] = dict(file.policies)
        self._built: dict[str, Entry] = {}
        """As each is by itself; `_of_database`: beside the others."""
        self._of_database: dict[str, Entry] = {}
        self._changed: set[str] = set()
        self._of_file = {name: _of_file(one) for name, one in file.connections.items()}

    @property
    def book(self) -> ConnectionBook:
        return self._book

    # --- questions --------------------------------------------------------------------------------------------------

    def news(self) -> Collection[str]:
        """The names of the connections that have changed since this was asked last, whoever looked meanwhile."""
        with self._lock:
            self.refresh()
            found, self._changed = self._changed, set()
            return found

    def refresh(self) -> None:
        """Takes up what has changed since the last call."""
        with self._lock:
            newest = self._book.change()
            if newest == self._seen:
                return
            changed_policies = self._refresh_policies()
            changed_workspaces = self._refresh_workspaces()
            changed = {one.name: one for one in self._book.connections(after=self._seen)}
            self._stored |= changed
            gone = self._stored.keys() - self._book.names()
            for name in gone:
                del self._stored[name], self._built[name]
            prefixes = Prefixes()
            for one in self._file.connections.values():
                prefixes.claim(one.name, one.key_prefix, one.workspace)
            before, self._of_database = self._of_database, {}
            for stored in sorted(self._stored.values(), key=lambda one: (one.created_at, one.name)):
                entry = self._built.get(stored.name)
                if (
                    entry is None
                    or stored.name in changed
                    or entry.policy in changed_policies
                    or entry.workspace in changed_workspaces
                ):
                    entry = self._built[stored.name] = self._entry(stored)
                counts = not entry.is_removed and stored.name not in self._of_file
                if counts and (overlap := prefixes.claim(entry.name, entry.key_prefix, entry.workspace)) is not None:
                    entry = replace(entry, trouble=entry.trouble or overlap)
                self._of_database[stored.name] = entry
            self._seen = newest
            names = before.keys() | self._of_database.keys()
            self._changed |= {name for name in names if before.get(name) != self._of_database.get(name)}

    def entries(self) -> list[Entry]:
        """All connections, by name: those of the file, and of the database what the file does not have as well."""
        with self._lock:
            self.refresh()
            return [one for _, one in sorted((self._of_database | self._of_file).items())]

    def entry(self, name: str) -> Entry:
        """Raises `NotThere`."""
        with self._lock:
            self.refresh()
            found = self._of_file.get(name) or self._of_database.get(name)
        if found is None:
            raise NotThere(f"There is no connection {name[:64]}.")
        return found

    def usable(self) -> dict[str, Entry]:
        """The connections that may be worked with, by name, whatever their state; as of the last `refresh`."""
        with self._lock:
            of_database = {
                name: one
                for name, one in self._of_database.items()
                if one.settings is not None and not one.trouble and not one.is_removed
            }
            return of_database | self._of_file

    def settings(self) -> Settings:
        """The file's settings with all connections that can be used, and all policies."""
        with self._lock:
            self.refresh()
            connections = {name: one.settings for name, one in self.usable().items() if one.settings is not None}
            return replace(self._file, connections=connections, policies=dict(self._policies))

    def policies(self) -> list[PolicyEntry]:
        """All policies, by name."""
        with self._lock:
            entries = self.entries()
            found = []
            for name, policy in sorted(self._policies.items()):
                stored = self._stored_policies.get(name)
                is_of_file = self._file.policies.get(name) not in (None, PRESETS.get(name))
                found.append(
                    PolicyEntry(
                        name,
                        "file" if is_of_file else "database" if stored is not None else "default",
                        policy,
                        plain(policy),
                        [one.name for one in entries if one.policy == name and not one.is_removed],
                        stored.version if stored is not None and not is_of_file else 0,
                    )
                )
            return found

    def policy(self, name: str) -> PolicyEntry:
        """Raises `NotThere`."""
        found = next((one for one in self.policies() if one.name == name), None)
        if found is None:
            raise NotThere(f"There is no policy {name[:64]}.")
        return found

    def seam(self) -> Mapping[str, WorkspaceSettings]:
        """Seam's workspaces by name, with their secrets; as of the last `refresh`."""
        return self._file.seam.all()

    def workspaces(self) -> list[WorkspaceEntry]:
        """All Seam workspaces, by name."""
        with self._lock:
            entries = [one for one in self.entries() if not one.is_removed]
            own, versions = self._declared.seam.all(), self._workspace_versions
            return [
                WorkspaceEntry(
                    name,
                    "file" if name in own else "database",
                    one.endpoint,
                    ["api_key", *(["webhook_secret"] if one.webhook_secret else [])],
                    [entry.name for entry in entries if entry.workspace == name],
                    0 if name in own else versions[name],
                )
                for name, one in sorted(self.seam().items())
            ]

    def workspace(self, name: str) -> WorkspaceEntry:
        """Raises `NotThere`."""
        found = next((one for one in self.workspaces() if one.name == name), None)
        if found is None:
            raise NotThere(f"There is no Seam workspace {name[:64]}.")
        return found

    def connectors(self) -> Mapping[str, Sequence[Setting]]:
        """What a connection of each connector is asked for, by the connector's name."""
        return {name: kind.SETTINGS for name, kind in CONNECTORS.items()}

    # --- changes ----------------------------------------------------------------------------------------------------

    def changeable(self, name: str) -> None:
        """Raises `NotThere` or `NotAccepted` where that connection cannot be changed."""
        with self._lock:
            self._changeable(name, None)

    def add(
        self, name: str, document: Mapping[str, Any], who: str, now: datetime, state: State = State.ACTIVE
    ) -> Entry:
        """A new connection of the database: `document` is its block, as in the file, with its secrets. Raises
        `NotAccepted`, and `Stale` where there is one of that name."""
        with self._lock:
            self.refresh()
            if name in self._of_file:
                raise NotAccepted(f"connections.{name}: a connection of that name {IN_THE_FILE}.")
            settings = self._checked(name, document)
            self._check_prefix(settings)
            shown, secrets = split(document)
            self._book.add(name, settings.connector, shown, secrets, Standing(state, "", who), now)
            self._note(who, "added connection", name, now, settings.connector)
            return self.entry(name)

    def change(
        self, name: str, changes: Mapping[str, Any], who: str, now: datetime, version: int | None = None
    ) -> Entry:
        """Changes what `changes` names, in groups as the file has them; None takes a setting away. New secrets make a
        connection active again whose credentials were refused. Raises `NotThere`, `NotAccepted`, and `Stale` where it
        is not in that version any more."""
        with self._lock:
            stored = self._changeable(name, version)
            wrong = [
                f"connections.{name}.{setting}: {why}."
                for setting, why in FIXED.items()
                if setting in changes and changes[setting] != whole(stored.settings, stored.secrets).get(setting, "")
            ]
            if wrong:
                raise NotAccepted(*wrong)
            document = merged(whole(stored.settings, stored.secrets), changes, stored.connector)
            self._checked(name, document)
            shown, secrets = split(document)
            standing = stored.standing
            if standing.state is State.REFUSED and secrets != stored.secrets:
                standing = Standing(State.ACTIVE, "new credentials", who)
            self._book.put(name, stored.version, shown, secrets, standing, now)
            named = sorted(paths_of(changes))
            self._note(who, "changed connection", name, now, ", ".join(named))
            return self.entry(name)

    def renew(
        self, name: str, secrets: Mapping[str, Any], who: str, now: datetime, version: int | None = None
    ) -> Entry:
        """Puts new secrets in, by their paths (`webhook_token`), and changes nothing else. Raises as `change` does."""
        with self._lock:
            known = secret_paths(self._changeable(name, version).connector)
            wrong = sorted(path for path in secrets if path not in known)
            if wrong:
                raise NotAccepted(
                    f"connections.{name}: there is no secret {wrong[0][:80]}; there is {', '.join(known)}."
                )
            if not secrets:
                raise NotAccepted(f"connections.{name}: no secret was given, so nothing was changed.")
            return self.change(name, whole({}, secrets), who, now, version)

    def stand(
        self,
        name: str,
        state: State,
        who: str,
        now: datetime,
        reason: str = "",
        until: datetime | None = None,
        version: int | None = None,
    ) -> Entry:
        """Says how a connection stands from now on. Raises `NotThere`, `NotAccepted` and `Stale`."""
        with self._lock:
            stored = self._changeable(name, version)
            if until is not None and until <= now:
                raise NotAccepted("until: this time is over.")
            if stored.standing.state is State.LEAVING and state is not State.REMOVED:
                raise NotAccepted(
                    f"connections.{name}: its access is being taken away: remove it without that, and add it again."
                )
            self._book.stand(name, stored.version, Standing(state, reason, who, until=until), now)
            if state is State.LEAVING:
                Queue(self._store).enqueue([Task(name, TaskKind.FULL, "", now)], now)
            if state in (State.REMOVED, State.LEAVING):
                # Nobody looks after it any more, so nobody else would end its alerts.
                AlertBook(self._store).compare([], [], now, [name])
            self._note(who, f"connection {state}", name, now, reason)
            return self.entry(name)

    def set_policy(
        self, name: str, changes: Mapping[str, Any], who: str, now: datetime, version: int | None = None
    ) -> PolicyEntry:
        """Makes a policy, or changes what `changes` names; None takes a setting back to its default. Raises
        `NotAccepted` and `Stale`."""
        with self._lock:
            self.refresh()
            if self._file.policies.get(name) not in (None, PRESETS.get(name)):
                raise NotAccepted(f"policies.{name}: it {IN_THE_FILE}.")
            stored = self._stored_policies.get(name)
            is_at = stored.version if stored is not None else 0
            if version is not None and version != is_at:
                raise Stale(f"Policy {name} was changed by somebody else meanwhile: look at it again.")
            document = self.policy_document(name, changes)
            self._checked_policy(name, document)
            self._book.put_policy(name, is_at, document, now)
            People(self._store).note(who, "changed policy", now, target=name, note=", ".join(sorted(paths_of(changes))))
            return self.policy(name)

    def set_workspace(
        self, name: str, changes: Mapping[str, Any], who: str, now: datetime, version: int | None = None
    ) -> WorkspaceEntry:
        """Makes a Seam workspace of the database, or changes what `changes` names of `api_key`, `endpoint` and
        `webhook_secret`; None takes a setting back to its default. Raises `NotAccepted` and `Stale`."""
        with self._lock:
            self.refresh()
            path = f"seam.workspaces.{name[:LONGEST_NAME]}"
            if name in self._declared.seam.all():
                raise NotAccepted(f"{path}: it {IN_THE_FILE}.")
            is_at, known = self._workspace_versions.get(name, 0), self.seam().get(name)
            if version is not None and version != is_at:
                raise Stale(f"Seam workspace {name} was changed by somebody else meanwhile: look at it again.")
            document = merged({} if known is None else _document_of(known), changes)
            unresolved = sorted(one for one, value in document.items() if str(value).startswith("env:"))
            if unresolved:
                raise NotAccepted(
                    f"{path}.{unresolved[0]}: env:NAME is for the settings file and for commands: give the value."
                )
            try:
                settings = workspace_settings(name, document)
                Workspace(settings.api_key, settings.endpoint).close()
            except SettingsError as problem:
                raise NotAccepted(*problem.problems) from None
            except SeamUnauthorized as problem:
                raise NotAccepted(f"{path}.api_key: {problem}") from None
            secrets = {"api_key": settings.api_key}
            if settings.webhook_secret:
                secrets["webhook_secret"] = settings.webhook_secret
            self._book.put_workspace(name, is_at, settings.endpoint, secrets, now)
            note = ", ".join(sorted(changes))
            People(self._store).note(who, "changed workspace", now, target=name, note=note)
            return self.workspace(name)

    def remove_workspace(self, name: str, who: str, now: datetime) -> None:
        """Forgets a Seam workspace of the database that no connection uses. Raises `NotThere` and `NotAccepted`."""
        with self._lock:
            one = self.workspace(name)
            if one.source == "file":
                raise NotAccepted(f"seam.workspaces.{name}: it {IN_THE_FILE}.")
            if one.used_by:
                raise NotAccepted(f"seam.workspaces.{name}: {one.used_by[0]} works in it: remove that before.")
            self._book.remove_workspace(name)
            People(self._store).note(who, "removed workspace", now, target=name)

    def policy_document(self, name: str, changes: Mapping[str, Any]) -> dict[str, Any]:
        """A policy with these changes, as the settings file would have it; it need not be there."""
        with self._lock:
            self.refresh()
            stored = self._stored_policies.get(name)
            document = merged(stored.settings if stored is not None else {}, changes)
            if stored is None and name in PRESETS:
                document.setdefault("preset", name)
            return document

    def policy_with(self, name: str, changes: Mapping[str, Any]) -> Policy:
        """What a policy of the database would be with these changes; nothing is changed. Raises `NotThere` and
        `NotAccepted`."""
        with self._lock:
            if self.policy(name).source == "file":
                raise NotAccepted(f"policies.{name}: it {IN_THE_FILE}.")
            return self._checked_policy(name, self.policy_document(name, changes))

    def take_over(self, document: Mapping[str, Any], who: str, now: datetime) -> tuple[list[str], list[str]]:
        """Copies the connections of the settings file, and the policies that they use, into the database. The file's
        count until they are deleted there. `document`: of the whole file, with its secrets. Returns the names of the
        connections and of the policies. Raises `NotAccepted` where one of them is there already."""
        with self._lock:
            self.refresh()
            policies = {name: dict(one or {}) for name, one in (document.get("policies") or {}).items()}
            used = sorted({one.policy_name for one in self._file.connections.values()} & policies.keys())
            there = sorted(
                name
                for name in self._file.connections
                if name in self._stored and self._stored[name].standing.state is not State.REMOVED
            )
            if there:
                raise NotAccepted(
                    f"connections.{there[0]}: is in the database already: delete it from the settings file."
                )
            for name in used:
                stored = self._stored_policies.get(name)
                self._book.put_policy(name, stored.version if stored is not None else 0, as_json(policies[name]), now)
            names = list(self._file.connections)
            for name in names:
                shown, secrets = split(as_json(document["connections"][name]))
                connector = self._file.connections[name].connector
                self._book.add(name, connector, shown, secrets, Standing(State.ACTIVE, "", who), now)
                self._note(who, "took connection over from the file", name, now, connector)
            self.refresh()
            return names, used

    # --- by the rules of the file -----------------------------------------------------------------------------------

    def _checked(self, name: str, document: Mapping[str, Any]) -> ConnectionSettings:
        unresolved = sorted(path for path, value in leaves(document) if str(value).startswith("env:"))
        if unresolved:
            raise NotAccepted(
                *(
                    f"connections.{name}.{path}: env:NAME is for the settings file and for commands: give the value."
                    for path in unresolved
                )
            )
        try:
            return connection_settings(name, document, self._file, self._policies)
        except SettingsError as problem:
            raise NotAccepted(*problem.problems) from None

    def _checked_policy(self, name: str, document: Mapping[str, Any]) -> Policy:
        try:
            policy = policy_settings(name, document)
            for stored in self._stored.values():
                if self._of_database[stored.name].policy == name and stored.standing.state is not State.REMOVED:
                    policies = {**self._policies, name: policy}
                    whole_of_it = whole(stored.settings, stored.secrets)
                    connection_settings(stored.name, whole_of_it, self._file, policies)
        except SettingsError as problem:
            raise NotAccepted(*problem.problems) from None
        return policy

    def _check_prefix(self, settings: ConnectionSettings) -> None:
        prefixes = Prefixes()
        for entry in self.usable().values():
            if entry.name != settings.name:
                prefixes.claim(entry.name, entry.key_prefix, entry.workspace)
        if (overlap := prefixes.claim(settings.name, settings.key_prefix, settings.workspace)) is not None:
            raise NotAccepted(overlap)

    def _changeable(self, name: str, version: int | None) -> StoredConnection:
        self.refresh()
        if name in self._of_file:
            raise NotAccepted(
                f"connections.{name}: it {IN_THE_FILE}; `nightporter connections import` moves it into the database."
            )
        stored = self._stored.get(name)
        if stored is None or stored.standing.state is State.REMOVED:
            raise NotThere(f"There is no connection {name[:64]}.")
        if version is not None and version != stored.version:
            raise Stale(f"Connection {name} was changed by somebody else meanwhile: look at it again.")
        return stored

    def _refresh_policies(self) -> Collection[str]:
        changed = self._book.policies(after=self._seen)
        for stored in changed:
            self._stored_policies[stored.name] = stored
            if self._file.policies.get(stored.name) in (None, PRESETS.get(stored.name)):
                # One that this version cannot read any more leaves its connections with a sentence.
                try:
                    self._policies[stored.name] = policy_settings(stored.name, stored.settings)
                except SettingsError:
                    self._policies.pop(stored.name, None)
        return {one.name for one in changed}

    def _refresh_workspaces(self) -> Collection[str]:
        """Returns the names of those that are other ones now. The file's count."""
        stored, before = self._book.workspaces(), self._file.seam.all()
        self._workspace_versions = {one.name: one.version for one in stored}
        mine = {one.name: WorkspaceSettings(endpoint=one.endpoint, **one.secrets) for one in stored}
        declared = self._declared.seam
        self._file = replace(self._declared, seam=replace(declared, workspaces={**mine, **declared.workspaces}))
        after = self._file.seam.all()
        return {name for name in before.keys() | after.keys() if before.get(name) != after.get(name)}

    def _entry(self, stored: StoredConnection) -> Entry:
        settings, trouble = None, ""
        try:
            whole_of_it = whole(stored.settings, stored.secrets)
            settings = connection_settings(stored.name, whole_of_it, self._file, self._policies)
        except SettingsError as problem:
            trouble = str(problem)
        kind = CONNECTORS.get(stored.connector)
        return Entry(
            stored.name,
            "database",
            stored.connector,
            stored.settings.get("policy") or (kind.PRESET if kind is not None else ""),
            stored.settings.get("key_prefix", ""),
            settings,
            stored.settings,
            sorted(stored.secrets),
            stored.standing,
            stored.version,
            trouble,
            stored.created_at,
            stored.changed_at,
        )

    def _note(self, who: str, action: str, name: str, now: datetime, remark: str = "") -> None:
        People(self._store).note(who, action, now, connection=name, target=name, note=remark or None)


def _of_file(connection: ConnectionSettings) -> Entry:
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


def _document_of(workspace: WorkspaceSettings) -> dict[str, Any]:
    """As the settings file would have it, with its secrets."""
    found: dict[str, Any] = {"api_key": workspace.api_key, "endpoint": workspace.endpoint}
    return found | ({"webhook_secret": workspace.webhook_secret} if workspace.webhook_secret else {})
