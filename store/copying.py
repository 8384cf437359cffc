"""Copies everything from one database into another one that is empty: from a SQLite file to PostgreSQL, say.

All or nothing: one transaction there, of what one transaction sees here, and at its end every table is counted on both
sides. Nobody may work with the old one meanwhile, or what is done then would be missing in the new one.
"""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import Connection, Engine, Integer, Table, func, insert, select, text
from sqlalchemy.exc import SQLAlchemyError

from connectors.wording import counted
from store.complaints import complaint
from store.database import DatabaseUnusable, open_database
from store.tables import metadata, turns

ROWS_AT_ONCE = 1000


class CannotCopy(Exception):
    """Nothing was copied; the message says why, and what to do."""


def copy_all(source: Engine, to: str, now: datetime) -> Mapping[str, int]:
    """Copies every row; returns how many each table has. Raises `CannotCopy`, without any password."""
    try:
        target = open_database(to)
    except DatabaseUnusable as problem:
        raise CannotCopy(f"Nothing was copied: {problem}") from None
    try:
        if target.url == source.url:
            raise CannotCopy("Nothing was copied: that is this very database.")
        with source.connect() as here, here.begin(), target.begin() as there:
            _nobody_works(here, now)
            _is_empty(there)
            for table in metadata.sorted_tables:
                _copy(here, there, table)
            counts = {table.name: _number(there, table) for table in metadata.sorted_tables}
            for table in metadata.sorted_tables:
                if (number := _number(here, table)) != counts[table.name]:
                    raise CannotCopy(
                        f"Nothing was copied: of {counted(number, 'row')} of the table {table.name} there arrived "
                        f"{counts[table.name]:,}. Try again; if that does not help, please report it."
                    )
        return counts
    except SQLAlchemyError as problem:
        wrong, what_to_do = complaint(problem)
        raise CannotCopy(f"Nothing was copied: {wrong}; {what_to_do}") from None
    finally:
        target.dispose()


def _nobody_works(here: Connection, now: datetime) -> None:
    held = select(turns.c.name).where(turns.c.holder != "", turns.c.expires_at > now).limit(1)
    if here.execute(held).first() is not None:
        raise CannotCopy(
            "Nothing was copied: somebody works with this database at this moment. End every `nightporter serve`, "
            "`work` and command that uses it, wait for a minute, and try again."
        )


def _is_empty(there: Connection) -> None:
    for table in metadata.sorted_tables:
        if there.execute(select(table).limit(1)).first() is not None:
            raise CannotCopy(
                f"Nothing was copied: the other database is not empty ({table.name} has rows): give a new one."
            )


def _copy(here: Connection, there: Connection, table: Table) -> None:
    rows = here.execute(select(table), execution_options={"yield_per": ROWS_AT_ONCE})
    for part in rows.mappings().partitions(ROWS_AT_ONCE):
        there.execute(insert(table), [dict(row) for row in part])
    if there.dialect.name == "postgresql":
        for column in table.primary_key:
            if isinstance(column.type, Integer) and len(table.primary_key) == 1:
                _go_on_counting(there, table.name, column.name)


def _go_on_counting(there: Connection, table: str, column: str) -> None:
    """The numbers that the database gives by itself go on behind those that were copied."""
    where = {"table": table, "column": column}
    sequence = there.execute(text("SELECT pg_get_serial_sequence(:table, :column)"), where).scalar()
    if sequence is not None:
        highest = select(func.max(text(f'"{column}"'))).select_from(text(f'"{table}"'))
        if (number := there.execute(highest).scalar()) is not None:
            there.execute(select(func.setval(sequence, number)))


def _number(db: Connection, table: Table) -> int:
    return int(db.execute(select(func.count()).select_from(table)).scalar_one())
