"""Connections and policies that are not in the settings file, and how each connection stands.

Rows hold what was said, as the settings file would have it; what it means, and whether it is right, `settings.register`
knows. Every change has a number that rises, written in the same transaction: whoever asks for that number every few
seconds knows with one cheap query whether anything is new.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, Row, Table, delete, select, update

from mappers.sentences import as_it_was, kept, message, say
from store.engine import INSERT, Database
from store.secrets import SecretKeys
from store.tables import (
    audit_log,
    configuration,
    connections,
    metadata,
    organisations_of_file,
    outcomes,
    policies,
    runs,
    turns,
    workspaces,
)

_THERE = {
    "policy": message("There is a policy {name} already."),
    "Seam workspace": message("There is a Seam workspace {name} already."),
}
_CHANGED = {
    "connection": message(
        "Connection {name} was changed by somebody else meanwhile: look at it again, and repeat your change."
    ),
    "policy": message(
        "Policy {name} was changed by somebody else meanwhile: look at it again, and repeat your change."
    ),
    "Seam workspace": message(
        "Seam workspace {name} was changed by somebody else meanwhile: look at it again, and repeat your change."
    ),
}
REMOVED_FOR = timedelta(days=31)
"""So long a removed connection is kept before it is forgotten with its rows."""


class State(StrEnum):
    """How a connection stands."""

    ACTIVE = "active"
    WATCH = "watch"
    """It reads and plans, and writes nothing; its runs show what they would do."""
    PAUSED = "paused"
    """Nothing is done until somebody resumes it, or its time has come."""
    REFUSED = "refused"
    """The PMS refuses its credentials: tried rarely, until somebody puts new ones in."""
    LEAVING = "leaving"
    """It is being removed, and all its access in Seam taken away before."""
    REMOVED = "removed"


@dataclass(frozen=True, slots=True)
class Standing:
    """How a connection stands; why, by whom, since and until when."""

    state: State = State.ACTIVE
    reason: str = ""
    by: str = ""
    since: datetime | None = None
    until: datetime | None = None
    """A pause ends by itself then."""

    def at(self, now: datetime) -> State:
        """How it stands at that time: a pause that is over is none."""
        over = self.state is State.PAUSED and self.until is not None and self.until <= now
        return State.ACTIVE if over else self.state


class Refused(Exception):
    """A change that is not made. `problems`: why, a sentence each."""

    def __init__(self, *problems: str):
        super().__init__("\n".join(problems))
        self.problems = problems


class NotAccepted(Refused):
    """What was asked for cannot be. Its sentences begin with the path of the setting."""


class NotThere(Refused):
    """There is nothing of that name."""


class Stale(Refused):
    """Somebody else has changed it meanwhile."""


@dataclass(frozen=True, slots=True)
class StoredConnection:
    """A row of `connections`."""

    name: str
    connector: str
    settings: Mapping[str, Any]
    """As the settings file has them, without the secrets."""
    secrets: Mapping[str, Any] = field(repr=False)
    """By the path of each: `webhook_token`."""
    standing: Standing
    created_at: datetime
    changed_at: datetime
    version: int
    change: int


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """A row of `policies`."""

    name: str
    settings: Mapping[str, Any]
    changed_at: datetime
    version: int
    change: int


@dataclass(frozen=True, slots=True)
class StoredWorkspace:
    """A row of `workspaces`: a Seam workspace."""

    name: str
    endpoint: str
    secrets: Mapping[str, Any] = field(repr=False)
    """`api_key`, and where it has one `webhook_secret`."""
    changed_at: datetime
    version: int


class ConnectionBook:
    """Queries and writes. Raises `StoreFailed`, and `SecretsUnreadable` where the keys do not fit."""

    def __init__(self, store: Database, keys: SecretKeys):
        self._store = store
        self._keys = keys

    # --- questions --------------------------------------------------------------------------------------------------

    def change(self) -> int:
        """The number of the newest change; 0 where there has been none."""
        return self._store.value(select(configuration.c.change)) or 0

    def connections(self, after: int = -1) -> list[StoredConnection]:
        """All, or those that were changed after that number, by name. The removed ones are among them."""
        statement = select(connections).where(connections.c.change > after).order_by(connections.c.name)
        return [self._connection(row) for row in self._store.rows(statement)]

    def names(self) -> set[str]:
        """Of all connections, the removed ones as well."""
        return set(self._store.values(select(connections.c.name)))

    def connection(self, name: str) -> StoredConnection | None:
        row = self._store.row(select(connections).where(connections.c.name == name))
        return None if row is None else self._connection(row)

    def policies(self, after: int = -1) -> list[StoredPolicy]:
        """All, or those that were changed after that number, by name."""
        statement = select(policies).where(policies.c.change > after).order_by(policies.c.name)
        return [
            StoredPolicy(row.name, row.settings, row.changed_at, row.version, row.change)
            for row in self._store.rows(statement)
        ]

    def workspaces(self) -> list[StoredWorkspace]:
        """All Seam workspaces of the database, by name."""
        return [
            StoredWorkspace(row.name, row.endpoint, self._keys.decrypt(row.secrets), row.changed_at, row.version)
            for row in self._store.rows(select(workspaces).order_by(workspaces.c.name))
        ]

    # --- changes ----------------------------------------------------------------------------------------------------

    def add(
        self,
        name: str,
        connector: str,
        settings: Mapping[str, Any],
        secrets: Mapping[str, Any],
        standing: Standing,
        now: datetime,
    ) -> None:
        """A new connection; one of that name that was removed is taken up again. Raises `Stale` where there is one."""
        sealed = self._keys.encrypt(secrets)
        with self._store.writing() as db:
            known = db.execute(
                select(connections.c.state, connections.c.version).where(connections.c.name == name).with_for_update()
            ).one_or_none()
            if known is not None and known.state != State.REMOVED:
                raise Stale(say("There is a connection {name} already.", name=name))
            values = {
                "connector": connector,
                "settings": dict(settings),
                "secrets": sealed,
                **_columns(standing, now),
                "changed_at": now,
                "version": 1 if known is None else known.version + 1,
                "change": _next_change(db),
            }
            statement = self._store.upsert(connections).values(name=name, created_at=now, **values)
            db.execute(statement.on_conflict_do_update(index_elements=["name"], set_=values))

    def put(
        self,
        name: str,
        version: int,
        settings: Mapping[str, Any],
        secrets: Mapping[str, Any],
        standing: Standing,
        now: datetime,
    ) -> None:
        """Changes a connection that is still in this version. Raises `Stale`."""
        values = {
            "settings": dict(settings),
            "secrets": self._keys.encrypt(secrets),
            **_columns(standing, now),
        }
        self._change_of(connections, "connection", name, version, values, now)

    def stand(self, name: str, version: int, standing: Standing, now: datetime) -> None:
        """Says how a connection stands from now on. Raises `Stale`."""
        self._change_of(connections, "connection", name, version, _columns(standing, now), now)

    def find_refused(self, name: str, reason: str, now: datetime) -> bool:
        """The PMS refuses the credentials of an active connection; whether that is new."""
        standing = Standing(State.REFUSED, reason, "the PMS")
        return self._moved(name, State.ACTIVE, standing, now)

    def find_accepted(self, name: str, now: datetime) -> bool:
        """The PMS accepts the credentials again that it had refused; whether that is new."""
        return self._moved(name, State.REFUSED, Standing(State.ACTIVE, "", "the PMS"), now)

    def find_left(self, name: str, now: datetime) -> bool:
        """All access of a connection that is leaving is taken away, so it is removed; whether that is new."""
        row = self._store.row(select(connections).where(connections.c.name == name))
        if row is None:
            return False
        reason = as_it_was(row.state_reason, row.said)
        return self._moved(name, State.LEAVING, Standing(State.REMOVED, reason, row.state_by), now)

    def put_policy(self, name: str, version: int, settings: Mapping[str, Any], now: datetime) -> None:
        """Makes a policy (version 0), or changes one that is still in this version. Raises `Stale`."""
        self._put_of(policies, "policy", name, version, {"settings": dict(settings)}, now)

    def put_workspace(self, name: str, version: int, endpoint: str, secrets: Mapping[str, Any], now: datetime) -> None:
        """Makes a Seam workspace (version 0), or changes one that is still in this version. Raises `Stale`."""
        values = {"endpoint": endpoint, "secrets": self._keys.encrypt(secrets)}
        self._put_of(workspaces, "Seam workspace", name, version, values, now)

    def remove_workspace(self, name: str) -> None:
        """Forgets it, with its key."""
        with self._store.writing() as db:
            db.execute(delete(workspaces).where(workspaces.c.name == name))
            _next_change(db)

    def forget_removed(self, now: datetime) -> list[str]:
        """Forgets the connections that were removed long ago, with their rows; returns their names. What people did
        stays in the audit log for as long as that is kept."""
        old = (connections.c.state == State.REMOVED, connections.c.state_since < now - REMOVED_FOR)
        names = self._store.values(select(connections.c.name).where(*old))
        for name in names:
            with self._store.writing() as db:
                if db.execute(delete(connections).where(connections.c.name == name, *old)).rowcount:
                    _forget_rows(db, name)
                    _next_change(db)
        return names

    def encrypt_anew(self) -> int:
        """Encrypts all secrets with the first key; returns how many rows that were."""
        number = 0
        with self._store.writing() as db:
            for table in (connections, workspaces):
                for row in db.execute(select(table.c.name, table.c.secrets).with_for_update()).all():
                    values = {"secrets": self._keys.encrypt_anew(row.secrets)}
                    db.execute(update(table).where(table.c.name == row.name).values(**values))
                    number += 1
        return number

    def try_keys(self) -> None:
        """Raises `SecretsUnreadable` where there are secrets that none of the keys fits."""
        with self._store.reading() as db:
            for table in (connections, workspaces):
                for text in db.execute(select(table.c.secrets).distinct()).scalars():
                    self._keys.decrypt(text)

    # --- its rows ---------------------------------------------------------------------------------------------------

    def _connection(self, row: Row[Any]) -> StoredConnection:
        reason = as_it_was(row.state_reason, row.said)
        standing = Standing(State(row.state), reason, row.state_by, row.state_since, row.state_until)
        return StoredConnection(
            row.name,
            row.connector,
            row.settings,
            self._keys.decrypt(row.secrets),
            standing,
            row.created_at,
            row.changed_at,
            row.version,
            row.change,
        )

    def _put_of(
        self, table: Table, what: str, name: str, version: int, values: Mapping[str, Any], now: datetime
    ) -> None:
        if version:
            self._change_of(table, what, name, version, values, now)
            return
        with self._store.writing() as db:
            statement = self._store.upsert(table).values(
                name=name, **values, changed_at=now, version=1, change=_next_change(db)
            )
            made = statement.on_conflict_do_nothing(index_elements=["name"]).returning(table.c.name)
            if db.execute(made).first() is None:
                raise Stale(say(_THERE[what], name=name))

    def _change_of(
        self, table: Table, what: str, name: str, version: int, values: Mapping[str, Any], now: datetime
    ) -> None:
        mine = (table.c.name == name, table.c.version == version)
        with self._store.writing() as db:
            values = {**values, "changed_at": now, "version": version + 1, "change": _next_change(db)}
            if not db.execute(update(table).where(*mine).values(**values)).rowcount:
                raise Stale(say(_CHANGED[what], name=name))

    def _moved(self, name: str, from_: State, standing: Standing, now: datetime) -> bool:
        mine = (connections.c.name == name, connections.c.state == from_)
        with self._store.writing() as db:
            if not db.execute(update(connections).where(*mine).values(**_columns(standing, now))).rowcount:
                return False
            number = {"change": _next_change(db), "version": connections.c.version + 1}
            db.execute(update(connections).where(connections.c.name == name).values(**number))
            return True


def _columns(standing: Standing, now: datetime) -> dict[str, Any]:
    return {
        "state": standing.state,
        "state_reason": standing.reason,
        "said": kept(standing.reason),
        "state_by": standing.by[:80],
        "state_since": standing.since or now,
        "state_until": standing.until,
    }


def _next_change(db: Connection) -> int:
    """The number of this transaction's change. Whoever changes something else at the same time waits for its end, so
    the numbers become visible in their order."""
    statement = INSERT[db.dialect.name](configuration).values(id=1, change=1)
    statement = statement.on_conflict_do_update(
        index_elements=["id"], set_={"change": configuration.c.change + 1}
    ).returning(configuration.c.change)
    return int(db.execute(statement).scalar_one())


KEPT_TABLES: Collection[Table] = (audit_log, connections, organisations_of_file)


def _forget_rows(db: Connection, name: str) -> None:
    """All that is known of a connection, in whatever table."""
    its_runs = select(runs.c.run_id).where(runs.c.connection == name)
    db.execute(delete(outcomes).where(outcomes.c.run_id.in_(its_runs)))
    for table in reversed(metadata.sorted_tables):
        if "connection" in table.c and table not in KEPT_TABLES:
            db.execute(delete(table).where(table.c.connection == name))
    db.execute(delete(turns).where(turns.c.name == f"run {name}"))
