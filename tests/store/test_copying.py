"""A database is copied into another one: everything, or nothing."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, insert, select

from app import cli
from store import copying
from store.copying import CannotCopy, copy_all
from store.database import open_database
from store.engine import Database
from store.inbox import Inbox
from store.people import People, Role
from store.runs import OutcomeRow, Runs
from store.tables import links, metadata, outcomes
from store.turns import take
from tests.databases import POSTGRESQL, SQLITE, database_at, new_database

NOW = datetime(2026, 9, 18, 10, tzinfo=UTC)


@pytest.fixture
def full(tmp_path: Path) -> Iterator[Engine]:
    engine = open_database(database_at(tmp_path / "full.db"))
    store = Database(engine)
    for number in range(3):
        run = f"run-{number}"
        Runs(store).begin(run, "alpen", "full", NOW)
        Runs(store).record(run, "alpen", [OutcomeRow("access_grant", "b1", "create", "done", "für Jana")], NOW)
    People(store).add_user("jana", Role.ADMIN, "hash", NOW)
    Inbox(store).put("pms", "d1", "event", {"bookings": ["b1"]}, NOW, connection="alpen")
    take(store, "run alpen").release()
    rows = [
        {
            "connection": "alpen",
            "kind": "space",
            "key": f"k{number}",
            "seam_id": f"s{number}",
            "generation": 1,
            "changed_at": NOW,
        }
        for number in range(2500)
    ]
    with engine.begin() as db:
        db.execute(insert(links), rows)
    yield engine
    engine.dispose()


@pytest.mark.parametrize("kind", [SQLITE, POSTGRESQL])
def test_everything_arrives_and_numbers_go_on(full: Engine, tmp_path: Path, kind: str) -> None:
    url = new_database(kind, tmp_path)
    counts = copy_all(full, url, NOW + timedelta(days=1))
    assert (counts["links"], counts["runs"], counts["users"]) == (2500, 3, 1)
    there = open_database(url)
    with full.connect() as one, there.connect() as other:
        for table in metadata.sorted_tables:
            order = list(table.primary_key)
            assert (
                one.execute(select(table).order_by(*order)).all() == other.execute(select(table).order_by(*order)).all()
            )
    Runs(Database(there)).record("run-2", "alpen", [OutcomeRow("space", "k", "create", "done", "new")], NOW)
    with there.connect() as db:
        assert db.execute(select(func.max(outcomes.c.id))).scalar_one() == 4
    with pytest.raises(CannotCopy, match="is not empty"):
        copy_all(full, url, NOW + timedelta(days=1))
    there.dispose()


def test_nothing_is_copied_while_somebody_works_or_into_itself(full: Engine, tmp_path: Path) -> None:
    url = database_at(tmp_path / "empty.db")
    turn = take(Database(full), "run alpen")
    with pytest.raises(CannotCopy, match="somebody works"):
        copy_all(full, url, datetime.now(UTC))
    turn.release()
    with pytest.raises(CannotCopy, match="this very database"):
        copy_all(full, full.url.render_as_string(hide_password=False), datetime.now(UTC))
    with pytest.raises(CannotCopy, match="not a database URL"):
        copy_all(full, "nowhere", datetime.now(UTC))


def test_where_less_arrives_nothing_stays(full: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url, copy = database_at(tmp_path / "empty.db"), copying._copy
    monkeypatch.setattr(
        copying, "_copy", lambda here, there, table: None if table is links else copy(here, there, table)
    )
    with pytest.raises(CannotCopy, match="of 2,500 rows of the table links there arrived 0"):
        copy_all(full, url, datetime.now(UTC))
    there = open_database(url)
    with there.connect() as db:
        assert all(db.execute(select(table)).first() is None for table in metadata.sorted_tables)
    there.dispose()


def test_the_command_says_what_it_copied_and_what_to_do_next(
    full: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    config = tmp_path / "config.yaml"
    config.write_text(f"database: {full.url.render_as_string()}\nseam: {{api_key: x}}\n")
    monkeypatch.setenv("NEW_DATABASE", database_at(tmp_path / "empty.db"))
    said = CliRunner().invoke(cli, ["--config", str(config), "store", "copy", "--to", "env:NEW_DATABASE"])
    assert said.exit_code == 0, said.output
    assert "links: 2,500 rows" in said.output
    assert "counted on both sides" in said.output
    again = CliRunner().invoke(cli, ["--config", str(config), "store", "copy", "--to", "env:NEW_DATABASE"])
    assert (again.exit_code, "is not empty" in again.output) == (1, True)
    unset = CliRunner().invoke(cli, ["--config", str(config), "store", "copy", "--to", "env:NOBODY"])
    assert (unset.exit_code, "NOBODY is not set" in unset.output) == (2, True)
