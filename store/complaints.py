"""What a database complains of, in words for whoever runs Night Porter: what is wrong, and what to do about it.

SQLite says it by its result codes (https://sqlite.org/rescode.html); PostgreSQL by its SQLSTATE (PostgreSQL manual,
appendix A), and whoever is not let in learns it from a text only.
"""

import re
import sqlite3

from sqlalchemy.exc import SQLAlchemyError

_ROOM = "make room on it"
_FULL = "its disk is full"
_WAIT = "try again in a minute"
_TABLES = "its tables are not those that Night Porter made"
_PUT_BACK = "put back the copy from before, or name a fresh database under `database` in the settings"
_OTHER_PATH = "name another file under `database` in the settings, or put back a copy of the right one"
_USER = "put the right user and password into the address under `database` in the settings"
_RIGHTS = "make that user the owner of the database"

_SQLITE: dict[int, tuple[str, str]] = {
    sqlite3.SQLITE_BUSY: ("it is locked", f"close whatever else has the file open, or {_WAIT}"),
    sqlite3.SQLITE_LOCKED: ("it is locked", _WAIT),
    sqlite3.SQLITE_READONLY: (
        "it may only be read",
        "let the user that runs Night Porter write the file and the folder that it is in",
    ),
    sqlite3.SQLITE_PERM: ("its file may not be opened", "let the user that runs Night Porter read and write it"),
    sqlite3.SQLITE_CANTOPEN: (
        "its file cannot be opened",
        "see that its folder is there, and that the user that runs Night Porter may write in it",
    ),
    sqlite3.SQLITE_FULL: (_FULL, _ROOM),
    sqlite3.SQLITE_IOERR: ("its disk has failed to read or write", "see whether it is full or broken"),
    sqlite3.SQLITE_CORRUPT: ("its file is damaged", _PUT_BACK),
    sqlite3.SQLITE_NOTADB: ("that file is no database", _OTHER_PATH),
}
_POSTGRESQL: dict[str, tuple[str, str]] = {
    "28P01": ("PostgreSQL does not take this user and password", _USER),
    "28000": ("PostgreSQL does not let this user in", _USER),
    "3D000": (
        "there is no database of this name",
        "make it (createdb), or correct its name under `database` in the settings",
    ),
    "42501": ("the user may not do this there", _RIGHTS),
    "25006": ("it may only be read, as a standby", "name the one that is written to under `database` in the settings"),
    "53100": (_FULL, _ROOM),
    "53200": ("its server has no memory left", "see what else runs there"),
    "53300": ("its server has no connection left", "raise its max_connections, or end what else uses it"),
    "57014": ("it did not answer in time", _WAIT),
    "57P01": ("its server is being ended", _WAIT),
    "57P02": ("its server has been ended", _WAIT),
    "57P03": ("its server is being started or ended", _WAIT),
    "55P03": ("it is locked", _WAIT),
    "40P01": ("it is locked", _WAIT),
}
_NO_TABLES = frozenset({"42P01", "42P07", "42701", "42703", "42704", "42710"})
"""A table, column or other object that is missing, or is there already."""
_ON_CONNECTING: tuple[tuple[str, str], ...] = (
    (r"password authentication failed|no password supplied", "28P01"),
    (r"no pg_hba\.conf entry|role \".*\" does not exist|is not permitted to log in", "28000"),
    (r"database \".*\" does not exist", "3D000"),
    (r"permission denied for database", "42501"),
    (r"too many (?:clients|connections)|remaining connection slots", "53300"),
    (r"the database system is (?:starting up|shutting down|in recovery)", "57P03"),
)
_NOBODY_THERE = re.compile(
    r"connection refused|failed to resolve|could not translate|no such file|timeout expired|timed out|no route to host"
    r"|network is unreachable|server closed the connection|connection is lost|connection is bad",
    re.IGNORECASE,
)
_SQLITE_TABLES = re.compile(r"no such (?:table|column|index)|already exists|duplicate column name|has no column named")


def complaint(problem: SQLAlchemyError) -> tuple[str, str]:
    """What is wrong with the database, and what to do: two ends of sentences, in one line each. Never a statement."""
    cause = getattr(problem, "orig", None) or problem
    said = (str(cause).strip() or type(cause).__name__).splitlines()[0][:300]
    if isinstance(cause, sqlite3.Error):
        known = _SQLITE.get(getattr(cause, "sqlite_errorcode", 0) & 0xFF)
        if known is not None:
            return known
        if _SQLITE_TABLES.search(said):
            return f"{_TABLES} ({said})", _PUT_BACK
        return said, _WAIT
    state = getattr(cause, "sqlstate", None) or next(
        (one for pattern, one in _ON_CONNECTING if re.search(pattern, said, re.IGNORECASE)), ""
    )
    if state in _POSTGRESQL:
        return _POSTGRESQL[state]
    if state in _NO_TABLES:
        return f"{_TABLES} ({said})", _PUT_BACK
    if _NOBODY_THERE.search(said):
        return f"nobody answers there ({said})", "see that PostgreSQL runs, and that its address is the right one"
    return said, _WAIT
