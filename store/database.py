"""Opens the database, and brings its tables up to date."""

import os
import stat
from contextlib import suppress
from pathlib import Path

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from store.timeouts import TAKEN, Timeouts, connect_args

HEAD = "0019"
"""The newest migration; a test keeps it true. A database that stands there needs no Alembic to be started."""

_MIGRATIONS = Path(__file__).parent / "migrations"


class DatabaseUnusable(Exception):
    """The database cannot be used; the message says why and what to do, without the password in its URL."""


def open_database(url: str, taken: float = TAKEN) -> Engine:
    """Connects, upgrades the tables to the newest migration, and returns the engine. Raises `DatabaseUnusable`.

    `taken`: for how many seconds anybody may have a connection; PostgreSQL only.
    """
    try:
        address = make_url(url)
    except ArgumentError:
        raise DatabaseUnusable(
            "database: not a database URL; use sqlite:///nightporter.db or postgresql://user:password@host/name"
        ) from None
    if address.get_backend_name() not in ("sqlite", "postgresql"):
        raise DatabaseUnusable(
            f"database: {address.get_backend_name()} is none that Night Porter works with; use SQLite "
            "(sqlite:///nightporter.db) or PostgreSQL (postgresql://user:password@host/name)"
        )
    if address.get_backend_name() == "postgresql" and address.get_driver_name() == "psycopg2":
        address = address.set(drivername="postgresql+psycopg")
    shown = address.render_as_string(hide_password=True)
    try:
        engine = (
            _sqlite(address)
            if address.get_backend_name() == "sqlite"
            else create_engine(address, pool_size=10, pool_timeout=30, connect_args=connect_args(address))
        )
        with engine.begin() as connection:
            _upgrade(connection)
        if engine.dialect.name == "postgresql":
            # Not before: an upgrade may take its time. The connection that it had goes.
            engine.dispose()
            Timeouts(engine, taken)
    except (NoSuchModuleError, ImportError) as problem:
        raise DatabaseUnusable(
            f"database {shown}: its driver is not installed ({problem}); for PostgreSQL install nightporter[postgresql]"
        ) from None
    except SQLAlchemyError as problem:
        cause = getattr(problem, "orig", None) or problem
        raise DatabaseUnusable(f"database {shown} cannot be used: {str(cause).strip().splitlines()[0]}") from None
    return engine


def _keep_private(path: str) -> None:
    """Makes the file where there is none, and lets nobody but its owner read it: it holds the secret that signs
    sessions. A link is not followed: somebody else may have put it there. SQLite's journals get the same mode.

    A file that is there is not opened: closing it again would end the locks that SQLite holds on it in this process.
    """
    refused = DatabaseUnusable(f"database sqlite:///{path} is a link to another file: give the path of the file itself")
    try:
        os.close(os.open(path, os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600))
        return
    except FileExistsError:
        pass
    except OSError:
        return  # SQLite says what is wrong.
    with suppress(OSError):
        mode = os.lstat(path).st_mode
        if stat.S_ISLNK(mode):
            raise refused
        if stat.S_ISREG(mode) and stat.S_IMODE(mode) & 0o077:
            os.chmod(path, 0o600)  # Another user's file stays as that user has left it.


def _sqlite(address: URL) -> Engine:
    if address.database and address.database != ":memory:" and not address.query.get("uri"):
        _keep_private(address.database)
    engine = create_engine(address, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def _settle(connection: object, record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        cursor.execute("PRAGMA journal_mode=WAL")
        # NORMAL: a power cut may cost the last commits, never the file; whatever is lost is found again by key.
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    return engine


def _is_up_to_date(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == HEAD


def _upgrade(connection: Connection) -> None:
    if _is_up_to_date(connection):
        return
    # Two processes may open a new database at the same moment: one makes the tables, the other waits for it.
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7036874417)")
    if _is_up_to_date(connection):
        return
    from alembic import command
    from alembic.config import Config
    from alembic.util import CommandError

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except CommandError as problem:
        raise DatabaseUnusable(
            f"the database was made by another version of Night Porter ({problem}): use that version, or a fresh "
            "database"
        ) from None
