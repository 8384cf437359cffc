"""What somebody may see and do who has roles over some organisations, connections or properties, and not over all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar, cast

from connectors.connector import Setting
from mappers.sentences import message, of_setting, say
from schedules.connections import Connection
from store.connections import NotAccepted, NotThere, State
from store.memberships import Membership
from store.people import Role
from store.visibility import Visible
from web.context import WebContext
from web.register import ConnectionEntry, ConnectionRegister, PolicyEntry, WorkspaceEntry

E = TypeVar("E", PolicyEntry, WorkspaceEntry)
WHOLE_SERVICE = frozenset(
    {"monitoring.metrics", "monitoring.readyz", "locks.accounts", "locks.adopt"}
    | {f"connections_api.{act}_policy" for act in ("set", "preview", "roll_out", "take_back")}
    | {f"connections_api.{name}" for name in ("policy_change", "workspaces", "set_workspace", "remove_workspace")}
)
"""What is about all connections at once, and cannot be narrowed."""
ADMINS_OF_ORGANISATIONS = ("receivers.", "receivers_api.")
"""What admins of whole organisations may do; it is about no single connection or property."""
ADMINS_OF_SOME = ("connections.", "connections_api.", "reports.audit_log", "api.audit_log", "costs.", "api.costs")
"""What admins of some connections may do of all that admins may; what is named in neither is for those of everything:
people and tokens belong to no organisation."""
FOR_ADMINS_OF_ALL = message("only an admin of everything changes it.")


def is_out_of_reach(endpoint: str, needed: Role | None, memberships: Sequence[Membership]) -> bool:
    """Whether a route is not for somebody with these roles over parts: only for those who have theirs over everything,
    or over an organisation."""
    if endpoint in WHOLE_SERVICE:
        return True
    if needed is Role.ADMIN and endpoint.startswith(ADMINS_OF_ORGANISATIONS):
        return not administered(memberships)
    return needed is Role.ADMIN and not endpoint.startswith(ADMINS_OF_SOME)


def administered(memberships: Sequence[Membership]) -> list[str]:
    """The organisations that somebody with these roles is an admin of."""
    return sorted({one.organisation for one in memberships if one.organisation and one.role.may(Role.ADMIN)})


def visible(memberships: Sequence[Membership], organisations: Mapping[str, str], least: Role) -> Visible:
    """What may be seen by whoever needs at least that role for it. `organisations`: of each connection, by its name."""
    enough = [one for one in memberships if one.role.may(least)]
    of_organisations = {one.organisation for one in enough if one.organisation}
    whole = {one.connection for one in enough if one.connection and not one.property_id}
    parts: dict[str, set[str]] = {}
    for one in enough:
        if one.property_id:
            parts.setdefault(one.connection, set()).add(one.property_id)
    found: dict[str, frozenset[str] | None] = {}
    for name, organisation in organisations.items():
        if organisation in of_organisations or name in whole:
            found[name] = None
        elif name in parts:
            found[name] = frozenset(parts[name])
    return Visible(found, frozenset(of_organisations))


def limited(context: WebContext, memberships: Sequence[Membership], least: Role) -> WebContext:
    """What the application is handed, kept to what may be seen: its queries, its connections, its register."""
    organisations = {name: one.organisation for name, one in context.connections.items()}
    if context.register is not None:
        organisations |= {one.name: one.organisation for one in context.register.entries()}
    seen = visible(memberships, organisations, least)
    connections: dict[str, Connection] = {
        name: one for name, one in context.connections.items() if name in seen.connections
    }
    register = None if context.register is None else LimitedRegister(context.register, memberships, seen, least)
    return replace(
        context, store=context.store.seen_by(seen), connections=connections, register=register, policy_changes=None
    )


@dataclass(frozen=True, slots=True)
class LimitedRegister:
    """The register, for whoever may see some connections: others are not there."""

    _all: ConnectionRegister
    _memberships: Sequence[Membership]
    _seen: Visible
    _least: Role

    def entries(self) -> Sequence[ConnectionEntry]:
        return [one for one in self._all.entries() if self._may(one.name)]

    def entry(self, name: str) -> ConnectionEntry:
        if not self._may(name):
            raise NotThere(say("There is no connection {name}.", name=name[:64]))
        return self._all.entry(name)

    def _may(self, name: str) -> bool:
        """Over all of it, where something is to be changed: it is not one property's alone."""
        if self._least is Role.VIEWER:
            return name in self._seen.connections
        return self._seen.includes(name)

    def connectors(self) -> Mapping[str, Sequence[Setting]]:
        return self._all.connectors()

    def add(
        self, name: str, document: Mapping[str, Any], who: str, now: datetime, state: State = State.ACTIVE
    ) -> ConnectionEntry:
        mine = administered(self._memberships)
        document = dict(document)
        if len(mine) == 1:
            document.setdefault("organisation", mine[0])
        if document.get("organisation") not in mine:
            words = say("should be one that you are an admin of.")
            raise NotAccepted(of_setting(f"connections.{name[:64]}.organisation", words))
        return self._all.add(name, document, who, now, state)

    def change(
        self, name: str, changes: Mapping[str, Any], who: str, now: datetime, version: int | None = None
    ) -> ConnectionEntry:
        self.entry(name)
        if "organisation" in changes:
            words = say("only an admin of everything changes whose it is.")
            raise NotAccepted(of_setting(f"connections.{name}.organisation", words))
        return self._all.change(name, changes, who, now, version)

    def renew(
        self, name: str, secrets: Mapping[str, Any], who: str, now: datetime, version: int | None = None
    ) -> ConnectionEntry:
        self.entry(name)
        return self._all.renew(name, secrets, who, now, version)

    def stand(
        self,
        name: str,
        state: State,
        who: str,
        now: datetime,
        reason: str = "",
        until: datetime | None = None,
        version: int | None = None,
    ) -> ConnectionEntry:
        self.entry(name)
        return self._all.stand(name, state, who, now, reason, until, version)

    def policies(self) -> Sequence[PolicyEntry]:
        used = {one.policy for one in self.entries()}
        return [self._as_seen(one) for one in self._all.policies() if one.name in used]

    def policy(self, name: str) -> PolicyEntry:
        found = next((one for one in self.policies() if one.name == name), None)
        if found is None:
            raise NotThere(say("There is no policy {name}.", name=name[:64]))
        return found

    def set_policy(
        self, name: str, changes: Mapping[str, Any], who: str, now: datetime, version: int | None = None
    ) -> PolicyEntry:
        raise NotAccepted(of_setting(f"policies.{name[:64]}", say(FOR_ADMINS_OF_ALL)))

    def workspaces(self) -> Sequence[WorkspaceEntry]:
        """All: a connection of hers may work in any of them. Who else works there is not told."""
        return [self._as_seen(one) for one in self._all.workspaces()]

    def _as_seen(self, one: E) -> E:
        return cast(E, _UsedByHers(one, [name for name in one.used_by if self._may(name)]))

    def set_workspace(
        self, name: str, changes: Mapping[str, Any], who: str, now: datetime, version: int | None = None
    ) -> WorkspaceEntry:
        raise NotAccepted(of_setting(f"seam.workspaces.{name[:64]}", say(FOR_ADMINS_OF_ALL)))

    def remove_workspace(self, name: str, who: str, now: datetime) -> None:
        raise NotAccepted(of_setting(f"seam.workspaces.{name[:64]}", say(FOR_ADMINS_OF_ALL)))


class _UsedByHers:
    """A policy or a Seam workspace, used by those connections that may be seen."""

    def __init__(self, one: PolicyEntry | WorkspaceEntry, used_by: Sequence[str]):
        self._one = one
        self.used_by = used_by

    def __getattr__(self, name: str) -> Any:
        return getattr(self._one, name)
