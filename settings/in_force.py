"""What counts at this moment: the connections, policies and Seam workspaces of the settings file and of the database.

What stands in the file counts, and belongs to whoever serves that file. What stands in the database belongs to
everybody who serves it, and may change at any time: `refresh` finds out with one cheap query. All three are taken up
together, for a connection is what its policy and its workspace make of it.
"""

import threading
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

from connectors.connector import Setting
from connectors.table import CONNECTORS
from mappers.policy import PRESETS, Policy
from mappers.sentences import say
from settings.declared import Settings, WorkspaceSettings
from settings.documents import plain, whole
from settings.entries import Entry, PolicyEntry, WorkspaceEntry, entry_of_file
from settings.load import LONGEST_NAME, connection_settings, policy_settings
from settings.prefixes import Prefixes
from settings.reading import SettingsError
from store.connections import ConnectionBook, NotThere, StoredConnection, StoredPolicy
from store.engine import Database
from store.organisations import note_of_file
from store.secrets import SecretKeys


class InForce:
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
        self._of_file = {name: entry_of_file(one) for name, one in file.connections.items()}

    @property
    def book(self) -> ConnectionBook:
        return self._book

    def note_organisations(self) -> None:
        """Notes in the database whose the file's connections are: what happens there is told to programs of the same
        organisation."""
        note_of_file(self._store, {name: one.organisation for name, one in self._file.connections.items()})

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
            raise NotThere(say("There is no connection {name}.", name=name[:LONGEST_NAME]))
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
            raise NotThere(say("There is no policy {name}.", name=name[:LONGEST_NAME]))
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
            raise NotThere(say("There is no Seam workspace {name}.", name=name[:LONGEST_NAME]))
        return found

    def connectors(self) -> Mapping[str, Sequence[Setting]]:
        """What a connection of each connector is asked for, by the connector's name."""
        return {name: kind.SETTINGS for name, kind in CONNECTORS.items()}

    # --- what has changed -------------------------------------------------------------------------------------------

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
