"""What of the database somebody may see: rows of some connections, of some of their properties, or of organisations
themselves, and no others.

It is checked in every query, by the database that whoever asks is given: each statement gets a condition for every
table that it reads. A statement that cannot be given one is refused, so that what nobody has thought of shows nothing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    Alias,
    ColumnElement,
    CompoundSelect,
    Connection,
    Delete,
    FromClause,
    Insert,
    Join,
    Select,
    Table,
    Update,
    and_,
    event,
    false,
    or_,
    select,
)
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.sql.compiler import SQLCompiler

from store.alerts import OF_EACH_PROPERTY
from store.engine import StoreFailed, among, one_of
from store.tables import (
    alert_history,
    alerts,
    check_ins,
    configuration,
    connections,
    health,
    inbox,
    inbox_attempts,
    lasting,
    memberships,
    outcomes,
    policies,
    receivers,
    runs,
    secrets,
    send_attempts,
    sendings,
    sessions,
    status,
    stays,
    surnames,
    tokens,
    turns,
    users,
)

OF_NOBODY = frozenset({configuration, memberships, policies, secrets, sessions, tokens, turns, users})
"""Without any guest in them; who signs in and what is due is asked there for everybody."""


PARTS = {
    outcomes: ("run_id", runs.c.run_id),
    sendings: ("receiver_id", receivers.c.id),
    send_attempts: ("receiver_id", receivers.c.id),
    alert_history: ("alert_id", alerts.c.id),
    inbox_attempts: ("delivery_id", inbox.c.id),
}
"""Tables whose rows are parts of others' (by which column, of which): they may be seen with those."""
OF_BOOKINGS = frozenset({check_ins, health, lasting, surnames})
"""Tables whose rows are about a booking and name no property: they may be seen with its stay."""
FEW = 20
"""Connections of which somebody may see some properties only, each by a condition of its own."""
MOST_KEPT = 256
"""Conditions that are kept, each of a table and of who may see what."""
OF_RUN = "of_run"
"""The option of a statement that says: all that it reads is of the run with this id."""


class NotVisible(StoreFailed):
    """A query that cannot be kept to what its caller may see."""


@dataclass(frozen=True, slots=True)
class Visible:
    """Connections by name, each with the ids of the properties of it; None: all of them."""

    connections: Mapping[str, frozenset[str] | None]
    organisations: frozenset[str] = frozenset()
    """What belongs to an organisation itself, and to no connection of it: receivers of events."""

    def __hash__(self) -> int:
        return hash((frozenset(self.connections.items()), self.organisations))

    def includes(self, connection: str, property_id: str | None = None) -> bool:
        """Whether all of a connection, or of that property, may be seen."""
        if connection not in self.connections:
            return False
        properties = self.connections[connection]
        return properties is None or (property_id is not None and property_id in properties)

    def keep_to(self, db: Connection) -> None:
        """From now on, statements on this connection to the database see nothing else."""

        @event.listens_for(db, "before_execute", retval=True)
        def narrow(
            conn: Connection, statement: Any, multiparams: Any, params: Any, execution_options: Any
        ) -> tuple[Any, Any, Any]:
            return self.narrowed(statement, conn.dialect.name), multiparams, params

    def narrowed(self, statement: Any, dialect: str = "sqlite") -> Any:
        """The statement with its conditions, as that database takes them. Raises `NotVisible`."""
        if isinstance(statement, CompoundSelect):
            raise NotVisible("this question is not answered for whoever may see only some connections")
        if isinstance(statement, Select):
            if (run_id := statement.get_execution_options().get(OF_RUN)) is not None:
                # Of lines that are put together within it, each of that run.
                return statement.where(
                    select(runs.c.run_id).where(runs.c.run_id == run_id, self._rows(runs, dialect)).exists()
                )
            for of in _froms(statement):
                for table in _tables(of):
                    condition = self._condition(table, dialect)
                    if condition is not None:
                        statement = statement.where(condition)
            return statement
        if isinstance(statement, Insert | Update | Delete):
            # What may be written is decided by the view: it names the connection, and has checked it.
            return statement
        raise NotVisible("this question is not answered for whoever may see only some connections")

    def _condition(self, table: Any, dialect: str) -> ColumnElement[bool] | None:
        plain = table.element if isinstance(table, Alias) else table
        if not isinstance(plain, Table):
            raise NotVisible("this question is not answered for whoever may see only some connections")
        if plain in OF_NOBODY:
            return None
        if plain in PARTS:
            name, whole = PARTS[plain]
            with_it: ColumnElement[bool] = table.c[name].in_(select(whole).where(self._rows(whole.table, dialect)))
            return with_it
        if plain is connections:
            named: ColumnElement[bool] = table.c.name.in_(sorted(self.connections))
            return named
        return self._rows(table, dialect)

    def _rows(self, table: Any, dialect: str) -> ColumnElement[bool]:
        # A page asks several times of the same tables.
        return _of_table(self, table, dialect) if isinstance(table, Table) else self._made(table, dialect)

    def _made(self, table: Any, dialect: str) -> ColumnElement[bool]:
        plain = table.element if isinstance(table, Alias) else table
        if plain is receivers:
            # Those of the whole service have no organisation, and are never among them.
            theirs: ColumnElement[bool] = table.c.organisation.in_(sorted(self.organisations - {""}))
            return theirs
        if "connection" not in table.c:
            return false()
        whole = sorted(name for name, properties in self.connections.items() if properties is None)
        found: list[ColumnElement[bool]] = []
        if whole:
            is_list = dialect == "sqlite" or len(whole) <= FEW
            of = table.c.connection
            found.append(of.in_(whole) if is_list else one_of(dialect, of, whole))
        parts = {name: sorted(properties) for name, properties in self.connections.items() if properties is not None}
        if plain in OF_BOOKINGS and parts:
            its = stays.alias("its_stay")
            of_booking = (its.c.connection == table.c.connection, its.c.booking_id == table.c.booking_id)
            only_parts = Visible({name: self.connections[name] for name in parts})
            if dialect != "sqlite" and len(parts) > FEW:
                # Looked up for each row that is asked for: it would rather read all stays of these properties.
                where = select(its.c.property_id).where(*of_booking).correlate(table).scalar_subquery()
                found.append(among(dialect, (table.c.connection, where), _places(parts)))
            else:
                mine = select(its.c.booking_id).where(*of_booking, only_parts._rows(its, dialect))
                found.append(mine.correlate(table).exists())
        elif "property_id" in table.c and len(parts) > FEW:
            # So many conditions side by side no database takes.
            found.append(among(dialect, (table.c.connection, table.c.property_id), _places(parts)))
        elif "property_id" in table.c:
            found += [
                and_(table.c.connection == name, table.c.property_id.in_(properties))
                for name, properties in parts.items()
            ]
        if plain is status and parts:
            # Whether all of a connection is kept in step is said to whoever sees some of it.
            found.append(and_(table.c.connection.in_(sorted(parts)), table.c.property_id == ""))
        if plain is alerts:
            of_each = table.c.kind.in_(sorted(OF_EACH_PROPERTY))
            found.append(and_(table.c.connection.in_(sorted(parts)), table.c.property_id == "", of_each))
        return or_(*found) if found else false()


@lru_cache(MOST_KEPT)
def _of_table(visible: Visible, table: Table, dialect: str) -> ColumnElement[bool]:
    return visible._made(table, dialect)


def _places(parts: Mapping[str, Sequence[str]]) -> list[tuple[str, str]]:
    """Connection and property of each."""
    return [(name, one) for name, properties in parts.items() for one in properties]


def _froms(statement: Select[*tuple[Any, ...]]) -> Sequence[FromClause]:
    """As `get_final_froms()` says, which compiles the whole statement for that: as long as all the rest takes."""
    return statement._compile_state_factory(statement, _OF_NOTHING)._get_display_froms()


_OF_NOTHING = SQLCompiler(DefaultDialect(), None)


def _tables(of: Any) -> list[Any]:
    return [*_tables(of.left), *_tables(of.right)] if isinstance(of, Join) else [of]
