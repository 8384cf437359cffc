"""Whatever is wrong with a database is one sentence: what it is, and what to do. Never SQL's words alone."""

import os
import re
import sqlite3
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import create_engine, inspect, make_url, text
from sqlalchemy.exc import OperationalError

from store import database
from store.complaints import complaint
from store.database import DatabaseUnusable, open_database
from store.engine import Database, StoreFailed
from store.tables import cursors
from tests.databases import database_at

HALF_RUN = (
    "UPDATE alembic_version SET version_num = '0015'",
    rf"cannot be brought from version 0015 of its tables to {database.HEAD}, and was left as it is: its tables are not "
    r"those that Night Porter made \(.*space_ids.*\); put back the copy from before",
)
WRONG_VERSIONS = [
    HALF_RUN,
    ("DELETE FROM alembic_version", "holds a table `account_state`, but not the version"),
    ("DROP TABLE alembic_version", "holds a table `account_state`, but not the version"),
    ("UPDATE alembic_version SET version_num = '0999'", "made by a newer version of Night Porter .*0999.*install that"),
    ("UPDATE alembic_version SET version_num = '3fa9c1d2'", "made by another program .*'3fa9c1d2'.*Name another one"),
]


def _said(url: str) -> str:
    with pytest.raises(DatabaseUnusable) as refused:
        open_database(url)
    assert "\n" not in str(refused.value)
    return str(refused.value)


@pytest.fixture
def address(store: Database, tmp_path: Path, request: pytest.FixtureRequest) -> str:
    """Of a database of a test's own, whose tables are up to date."""
    if store.is_sqlite:
        return database_at(tmp_path / "other.db")
    server = request.getfixturevalue("postgresql")
    engine = create_engine(server.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS other"))
        connection.execute(text("CREATE DATABASE other"))
    engine.dispose()
    url = make_url(server).set(database="other").render_as_string(hide_password=False)
    open_database(url).dispose()
    return url


def _change(address: str, statement: str) -> None:
    engine = create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text(statement))
    engine.dispose()


def _everything(address: str) -> list[tuple[str, list[str]]]:
    engine = create_engine(address.replace("postgresql://", "postgresql+psycopg://"))
    found = inspect(engine)
    tables = [
        (name, [column["name"] for column in found.get_columns(name)]) for name in sorted(found.get_table_names())
    ]
    engine.dispose()
    return tables


@pytest.mark.parametrize(("statement", "told"), WRONG_VERSIONS)
def test_a_version_that_cannot_be_upgraded_is_told_and_nothing_is_changed(
    address: str, statement: str, told: str
) -> None:
    _change(address, statement)
    before = _everything(address)
    assert re.search(told, _said(address))
    assert _everything(address) == before


def test_a_table_that_is_gone_is_told_at_the_first_use(address: str) -> None:
    _change(address, "DROP TABLE cursors")
    opened = Database(open_database(address))
    told = r"not those that Night Porter made .*cursors.*put back the copy"
    with pytest.raises(StoreFailed, match=told), opened.writing() as connection:
        connection.execute(cursors.delete())
    opened.close()


def test_what_is_no_database_is_told(tmp_path: Path) -> None:
    path = tmp_path / "night.db"
    path.write_bytes(b"Bookings of the week\n" * 100)
    assert "that file is no database; name another file" in _said(f"sqlite:///{path}")


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    path = tmp_path / "night.db"
    address = database_at(path)
    whole = path.read_bytes()
    path.write_bytes(whole[:4096] + os.urandom(len(whole) - 4096))
    assert "its file is damaged; put back the copy from before" in _said(address)


@pytest.mark.parametrize("place", [".", "no/such/folder/night.db"])
def test_a_path_at_which_no_file_can_be_is_told(tmp_path: Path, place: str) -> None:
    assert "its file cannot be opened; see that its folder is there" in _said(f"sqlite:///{tmp_path / place}")


def test_a_file_that_may_only_be_read_is_told(tmp_path: Path) -> None:
    address = database_at(tmp_path / "night.db").removeprefix("sqlite:///")
    opened = Database(open_database(f"sqlite:///file:{address}?mode=ro&uri=true"))
    with pytest.raises(StoreFailed, match=r"it may only be read.*: let the user"), opened.writing() as connection:
        connection.execute(cursors.delete())
    opened.close()


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    opened = Database(open_database(database_at(tmp_path / "night.db")))
    with opened.reading() as connection:
        connection.exec_driver_sql("PRAGMA max_page_count=1")  # SQLite then does as if no page more had room.
    with pytest.raises(StoreFailed, match=r"its disk is full.*: make room"), opened.writing() as connection:
        connection.exec_driver_sql("CREATE TABLE large AS SELECT randomblob(500000) AS all_of_it")
    opened.close()


def test_a_file_that_others_have_locked_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "night.db"
    address = database_at(path)
    monkeypatch.setattr(database, "LOCKED", 0)
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    opened = Database(open_database(address))
    with pytest.raises(StoreFailed, match=r"it is locked.*: close whatever else"), opened.writing() as connection:
        connection.execute(cursors.delete())
    opened.close()
    other.close()


def test_a_new_file_that_another_process_is_about_to_write_is_waited_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "night.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    waited: list[float] = []

    def wait(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            other.execute("COMMIT")

    monkeypatch.setattr(database, "_pause", wait)
    opened = Database(open_database(f"sqlite:///{path}"))
    assert len(waited) == 3
    with opened.reading() as connection:
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "wal"
    opened.close()
    other.close()


def test_a_new_file_that_stays_locked_is_not_waited_for_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "night.db"
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    monkeypatch.setattr(database, "LOCKED", 0)
    assert "it is locked; close whatever else has the file open" in _said(f"sqlite:///{path}")
    other.close()


def test_a_postgresql_that_lets_nobody_in_is_told(postgresql: str) -> None:
    server = make_url(postgresql)

    def said(**other: str) -> str:
        return _said(server.set(**other).render_as_string(hide_password=False))  # type: ignore[arg-type]

    assert "there is no database of this name; make it (createdb)" in said(database="nowhere")
    assert "PostgreSQL does not let this user in; put the right user" in said(username="nobody-of-ours")


def test_a_postgresql_whose_user_may_make_no_tables_is_told(postgresql: str) -> None:
    engine = create_engine(postgresql.replace("postgresql://", "postgresql+psycopg://"), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.execute(text("DROP DATABASE IF EXISTS closed"))
        connection.execute(text("DROP ROLE IF EXISTS reader"))
        connection.execute(text("CREATE ROLE reader LOGIN PASSWORD 's3cret'"))
        connection.execute(text("CREATE DATABASE closed"))
    address = make_url(postgresql).set(database="closed")
    inside = create_engine(address.set(drivername="postgresql+psycopg"), isolation_level="AUTOCOMMIT")
    with inside.connect() as connection:
        connection.execute(text("REVOKE CREATE ON SCHEMA public FROM PUBLIC"))
    inside.dispose()
    said = _said(address.set(username="reader", password="s3cret").render_as_string(hide_password=False))
    assert "the user may not do this there; make that user the owner" in said
    assert "s3cret" not in said
    engine.dispose()


def test_nobody_at_the_address_is_told() -> None:
    said = _said("postgresql://porter:s3cret@127.0.0.1:1/night")
    assert "nobody answers there" in said
    assert "see that PostgreSQL runs, and that its address is the right one" in said
    assert "s3cret" not in said


@pytest.mark.parametrize(
    ("says", "told"),
    [
        ('FATAL:  password authentication failed for user "porter"', "does not take this user and password"),
        ("fe_sendauth: no password supplied", "does not take this user and password"),
        ('FATAL:  no pg_hba.conf entry for host "10.0.0.9", user "porter"', "does not let this user in"),
        ("FATAL:  sorry, too many clients already", "has no connection left"),
        ("FATAL:  the database system is starting up", "is being started or ended"),
        ("connection timeout expired", "nobody answers there"),
        ("server closed the connection unexpectedly", "nobody answers there"),
    ],
)
def test_what_postgresql_says_on_connecting_is_told_in_our_words(says: str, told: str) -> None:
    cause = psycopg.OperationalError(f'connection failed: connection to server at "10.0.0.1", port 5432 failed: {says}')
    wrong, what_to_do = complaint(OperationalError(None, None, cause))
    assert told in wrong
    assert what_to_do


@pytest.mark.parametrize(
    ("error", "told"),
    [
        (psycopg.errors.DiskFull("could not extend file"), "its disk is full"),
        (psycopg.errors.ReadOnlySqlTransaction("cannot execute INSERT"), "it may only be read, as a standby"),
        (psycopg.errors.QueryCanceled("canceling statement due to statement timeout"), "it did not answer in time"),
        (psycopg.errors.AdminShutdown("terminating connection"), "its server is being ended"),
    ],
)
def test_what_postgresql_says_by_number_is_told_in_our_words(error: psycopg.Error, told: str) -> None:
    assert complaint(OperationalError(None, None, error))[0] == told
