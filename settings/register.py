"""The register of connections, policies and Seam workspaces, by one set of rules: what counts, and how it is changed.

What stands in the settings file is read-only here. A change of what stands in the database is checked against all the
rest, is noted in the audit log, and counts within seconds in every process.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mappers.policy import PRESETS, Policy
from mappers.sentences import Said, message, of_setting, say
from seam_workspace.errors import SeamUnauthorized
from seam_workspace.workspace import Workspace
from settings.declared import ConnectionSettings, WorkspaceSettings
from settings.documents import as_json, leaves, merged, paths_of, secret_paths, split, whole
from settings.entries import Entry, PolicyEntry, WorkspaceEntry
from settings.in_force import InForce
from settings.load import LONGEST_NAME, connection_settings, policy_settings, workspace_settings
from settings.prefixes import Prefixes
from settings.reading import SettingsError
from store.alerts import AlertBook
from store.connections import NotAccepted, NotThere, Stale, Standing, State, StoredConnection
from store.people import People
from store.queue import Queue, Task, TaskKind

FIXED = {
    "connector": message("another connector is another connection: remove this one and add the other."),
    "key_prefix": message(
        "everything that this connection made in Seam carries it: remove the connection and add another."
    ),
    "workspace": message(
        "everything that this connection made is in its workspace: remove the connection and add another."
    ),
}
"""What a connection is made with, and why it stays."""
UNRESOLVED = message("env:NAME is for the settings file and for commands: give the value.")


def in_the_file() -> Said:
    """Why it cannot be changed here."""
    return say("it stands in the settings file, which only a person with an editor changes.")


class Register(InForce):
    """What counts, and changes of it. `who` is whoever asks for a change; times are aware UTC."""

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
                stands = say(
                    "a connection of that name stands in the settings file, which only a person with an editor changes."
                )
                raise NotAccepted(of_setting(f"connections.{name}", stands))
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
                of_setting(f"connections.{name}.{setting}", say(why))
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
                there = ", ".join(known)
                words = say("there is no secret {name}; there is {there}.", name=wrong[0][:80], there=there)
                raise NotAccepted(of_setting(f"connections.{name}", words))
            if not secrets:
                words = say("no secret was given, so nothing was changed.")
                raise NotAccepted(of_setting(f"connections.{name}", words))
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
                raise NotAccepted(of_setting("until", say("this time is over.")))
            if stored.standing.state is State.LEAVING and state is not State.REMOVED:
                words = say("its access is being taken away: remove it without that, and add it again.")
                raise NotAccepted(of_setting(f"connections.{name}", words))
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
                raise NotAccepted(of_setting(f"policies.{name}", in_the_file()))
            stored = self._stored_policies.get(name)
            is_at = stored.version if stored is not None else 0
            if version is not None and version != is_at:
                raise Stale(say("Policy {name} was changed by somebody else meanwhile: look at it again.", name=name))
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
                raise NotAccepted(of_setting(path, in_the_file()))
            is_at, known = self._workspace_versions.get(name, 0), self.seam().get(name)
            if version == 0 != is_at:
                raise Stale(say("There is a Seam workspace {name} already.", name=name))
            if version is not None and version != is_at:
                raise Stale(
                    say("Seam workspace {name} was changed by somebody else meanwhile: look at it again.", name=name)
                )
            document = merged({} if known is None else _document_of(known), changes)
            unresolved = sorted(one for one, value in document.items() if str(value).startswith("env:"))
            if unresolved:
                raise NotAccepted(of_setting(f"{path}.{unresolved[0]}", say(UNRESOLVED)))
            try:
                settings = workspace_settings(name, document)
                Workspace(settings.api_key, settings.endpoint).close()
            except SettingsError as problem:
                raise NotAccepted(*problem.problems) from None
            except SeamUnauthorized as problem:
                raise NotAccepted(of_setting(f"{path}.api_key", problem.sentence)) from None
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
                raise NotAccepted(of_setting(f"seam.workspaces.{name}", in_the_file()))
            if one.used_by:
                words = say("{name} works in it: remove that before.", name=one.used_by[0])
                raise NotAccepted(of_setting(f"seam.workspaces.{name}", words))
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
                raise NotAccepted(of_setting(f"policies.{name}", in_the_file()))
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
                words = say("is in the database already: delete it from the settings file.")
                raise NotAccepted(of_setting(f"connections.{there[0]}", words))
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
            raise NotAccepted(*(of_setting(f"connections.{name}.{path}", say(UNRESOLVED)) for path in unresolved))
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
            stands = say(
                "it stands in the settings file, which only a person with an editor changes; "
                "`nightporter connections import` moves it into the database."
            )
            raise NotAccepted(of_setting(f"connections.{name}", stands))
        stored = self._stored.get(name)
        if stored is None or stored.standing.state is State.REMOVED:
            raise NotThere(say("There is no connection {name}.", name=name[:LONGEST_NAME]))
        if version is not None and version != stored.version:
            raise Stale(say("Connection {name} was changed by somebody else meanwhile: look at it again.", name=name))
        return stored

    def _note(self, who: str, action: str, name: str, now: datetime, remark: str = "") -> None:
        People(self._store).note(who, action, now, connection=name, target=name, note=remark or None)


def _document_of(workspace: WorkspaceSettings) -> dict[str, Any]:
    """As the settings file would have it, with its secrets."""
    found: dict[str, Any] = {"api_key": workspace.api_key, "endpoint": workspace.endpoint}
    return found | ({"webhook_secret": workspace.webhook_secret} if workspace.webhook_secret else {})
