"""Procrastinate's tables, beside ours: made where they are missing, and brought to the version that is installed.

Procrastinate keeps no record of its migrations, so `engine_migrations` does.
"""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from procrastinate.schema import SchemaManager

from store.engine import Database

LOCK = 7036874418
"""PostgreSQL's name for the lock that whoever looks at these tables holds: several processes start at once."""


def upgrade(store: Database) -> None:
    """Raises `StoreFailed`."""
    files = sorted(Path(SchemaManager.get_migrations_path()).glob("*.sql"))
    with store.writing_with_driver() as connection:
        connection.execute(f"SELECT pg_advisory_xact_lock({LOCK})")
        if _one(connection, "SELECT to_regclass('procrastinate_jobs')") is None:
            connection.execute(SchemaManager.get_schema())
            new = files
        else:
            known = {row[0] for row in connection.execute("SELECT name FROM engine_migrations")}
            new = [file for file in files if file.name not in known]
            for file in new:
                connection.execute(file.read_text(encoding="utf-8"))
        now = datetime.now(UTC).replace(tzinfo=None)
        for file in new:
            connection.execute("INSERT INTO engine_migrations (name, applied_at) VALUES (%s, %s)", (file.name, now))


def _one(connection: Any, statement: str) -> Any:
    return connection.execute(statement).fetchone()[0]
