"""Whose a connection is, for statements: as the settings file says that has it, else as the database does.

What stands in the database is asked there, so a change counts from its transaction on. What stands in a settings file
is noted by every process that begins with that file.
"""

from collections.abc import Collection, Mapping
from typing import Any

from sqlalchemy import ColumnElement, Connection, delete, func, select

from store.engine import Database, one_of, put
from store.tables import connections, organisations_of_file


def organisation_of(connection: ColumnElement[Any]) -> ColumnElement[str]:
    """Whose the connection of that name is, within a statement; empty: nobody's in particular."""
    of_file = select(organisations_of_file.c.organisation).where(organisations_of_file.c.connection == connection)
    of_database = select(connections.c.settings["organisation"].as_string()).where(connections.c.name == connection)
    whose: ColumnElement[str] = func.coalesce(of_file.scalar_subquery(), of_database.scalar_subquery(), "")
    return whose


def organisations_in(db: Connection, names: Collection[str]) -> dict[str, str]:
    """Whose these connections are, by name, within a transaction that is open; nobody's in particular are left out."""
    if not names:
        return {}
    of_database = select(connections.c.name, connections.c.settings["organisation"].as_string())
    of_database = of_database.where(one_of(db.dialect.name, connections.c.name, names))
    of_file = select(organisations_of_file.c.connection, organisations_of_file.c.organisation)
    of_file = of_file.where(one_of(db.dialect.name, organisations_of_file.c.connection, names))
    # What stands in the settings file counts.
    return {name: one for of in (of_database, of_file) for name, one in db.execute(of) if one is not None}


def note_of_file(store: Database, organisations: Mapping[str, str]) -> None:
    """Notes whose the connections of this settings file are, by name. One that has left the file for the database is
    as the database says; others that the file does not have may stand in the file of somebody else."""
    with store.reading() as db:
        known = dict(db.execute(select(organisations_of_file.c.connection, organisations_of_file.c.organisation)).all())
        others = known.keys() - organisations.keys()
        stored = select(connections.c.name).where(one_of(db.dialect.name, connections.c.name, others))
        moved = set(db.execute(stored).scalars()) if others else set()
    news = {name: one for name, one in organisations.items() if known.get(name) != one}
    if not news and not moved:
        return
    with store.writing() as db:
        db.execute(delete(organisations_of_file).where(organisations_of_file.c.connection.in_(sorted(moved))))
        if news:
            rows = [{"connection": name, "organisation": one} for name, one in news.items()]
            db.execute(put(db.dialect.name, organisations_of_file), rows)
