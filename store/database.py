"""Opens the database, and brings its tables up to date."""

import json
import os
import sqlite3
import stat
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from store.complaints import complaint
from store.tables import metadata
from store.timeouts import TAKEN, Timeouts, connect_args

HEAD = "0048"
"""The newest migration; a test keeps it true. A database that stands there needs no Alembic to be started."""

LOCKED = 30
"""Seconds for which a SQLite file that somebody else has locked is waited for."""
_pause = time.sleep

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
            else create_engine(
                address,
                pool_size=10,
                pool_timeout=30,
                # The one that was used last: it knows the statements, and need not be asked whether it is still there.
                pool_use_lifo=True,
                connect_args=connect_args(address),
                json_deserializer=_from_json,
            )
        )
        try:
            with engine.begin() as connection:
                _upgrade(connection)
        except BaseException:
            engine.dispose()
            raise
        if engine.dialect.name == "postgresql":
            # Not before: an upgrade may take its time. The connection that it had goes.
            engine.dispose()
            Timeouts(engine, taken)
    except (NoSuchModuleError, ImportError) as problem:
        raise DatabaseUnusable(
            f"database {shown}: its driver is not installed ({problem}); for PostgreSQL install nightporter[postgresql]"
        ) from None
    except SQLAlchemyError as problem:
        wrong, what_to_do = complaint(problem)
        raise DatabaseUnusable(f"database {shown} cannot be used: {wrong}; {what_to_do}") from None
    except _NotOurs as problem:
        raise DatabaseUnusable(f"database {shown} {problem}") from None
    return engine


def is_new(url: str) -> bool:
    """Whether this is a SQLite file that nobody has made yet."""
    try:
        address = make_url(url)
    except ArgumentError:
        return False
    path = address.database or ":memory:"
    is_file = address.get_backend_name() == "sqlite" and not path.startswith((":", "file:"))
    return is_file and not Path(path).exists()


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
    engine = create_engine(address, connect_args={"timeout": LOCKED}, json_deserializer=_from_json)

    @event.listens_for(engine, "connect")
    def _settle(connection: object, record: object) -> None:
        cursor = connection.cursor()  # type: ignore[attr-defined]
        _write_ahead(cursor)
        # NORMAL: a power cut may cost the last commits, never the file; whatever is lost is found again by key.
        cursor.execute("PRAGMA synchronous=NORMAL")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.close()

    return engine


_scan = json.JSONDecoder().scan_once  # type: ignore[attr-defined]


def _from_json(kept: str | bytes) -> Any:
    """What JSON of our own says. Of a page's ten thousand small lists, `json.loads` takes five times as long, for what
    it makes sure of before."""
    text = kept if isinstance(kept, str) else kept.decode()
    try:
        found, end = _scan(text, 0)
    except StopIteration:
        end = -1
    return found if end == len(text) else json.loads(text)


def _write_ahead(cursor: sqlite3.Cursor) -> None:
    """Switches to a write-ahead log. While somebody else is about to write to a file that has none yet, SQLite refuses
    that at once, whatever the time-out: two that wait for one another would wait in vain. So it is asked again."""
    until = time.monotonic() + LOCKED
    while True:
        try:
            cursor.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode & 0xFF != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
        _pause(0.02)


class _NotOurs(Exception):
    """Its tables cannot be brought up to date; the message is the end of a sentence about the database."""


def _version(connection: Connection) -> str | None:
    """Of the newest migration that was made there; None where there is none."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return connection.execute(text("SELECT version_num FROM alembic_version")).scalar()


def _check_version(connection: Connection, version: str | None) -> None:
    """Raises `_NotOurs` where nothing can be upgraded from there."""
    if version is None:
        ours = set(metadata.tables).intersection(inspect(connection).get_table_names())
        if ours:
            raise _NotOurs(
                f"holds a table `{min(ours)}`, but not the version that Night Porter notes down: it is another "
                f"program's, or a part of it was lost. {_ELSEWHERE}"
            )
    elif len(version) == len(HEAD) and version.isdecimal() and version > HEAD:
        raise _NotOurs(
            f"was made by a newer version of Night Porter (its tables are of {version}, this one knows them up to "
            f"{HEAD}): install that version again, or put back the copy from before"
        )
    elif version not in _known_versions():
        raise _NotOurs(
            f"was made by another program (its tables are of version {version!r}, which no Night Porter had). "
            f"{_ELSEWHERE}"
        )


def _known_versions() -> set[str]:
    return {path.name.partition("_")[0] for path in (_MIGRATIONS / "versions").glob("[0-9]*_*.py")}


_ELSEWHERE = "Name another one under `database` in the settings, or put back the copy from before"


def _upgrade(connection: Connection) -> None:
    if _version(connection) == HEAD:
        return
    # Two processes may open a new database at the same moment: one makes the tables, the other waits for it.
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    elif connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SELECT pg_advisory_xact_lock(7036874417)")
    version = _version(connection)
    if version == HEAD:
        return
    _check_version(connection, version)
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    try:
        command.upgrade(config, "head")
    except SQLAlchemyError as problem:
        wrong, what_to_do = complaint(problem)
        raise _NotOurs(
            f"cannot be brought from version {version or 'nothing'} of its tables to {HEAD}, and was left as it is: "
            f"{wrong}; {what_to_do}"
        ) from None
