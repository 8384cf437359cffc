"""The tables. Times are UTC. No guest's name, contact or PIN is in any of them: keys, ids, hashes, times, outcomes."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import JSON, Column, DateTime, Dialect, ForeignKey, Index, Integer, MetaData, String, Table, Text
from sqlalchemy.types import TypeDecorator


class Instant(TypeDecorator[datetime]):
    """An aware datetime, kept as UTC without a zone so that SQLite and PostgreSQL hold the same thing."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a time without a zone was about to be stored")
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        return value.replace(tzinfo=UTC) if value is not None else None


metadata = MetaData()

links = Table(
    "links",
    metadata,
    Column("connection", String(64), primary_key=True),
    Column("kind", String(20), primary_key=True),
    Column("key", String(255), primary_key=True, comment="without the generation"),
    Column("seam_id", String(64), nullable=False),
    Column("generation", Integer, nullable=False, default=1, server_default="1"),
    Column("wanted_hash", String(32), comment="what the PMS asked for when this was last put right"),
    Column("made_hash", String(32), comment="what Seam was given, which is less where it refused a contact"),
    Column("property_id", String(128)),
    Column("booking_id", String(128)),
    Column("user_identity_key", String(255)),
    Column("ends_at", Instant, comment="grants: the end of access; identities: the end of the last stay"),
    Column("label", String(120)),
    Column("changed_at", Instant, nullable=False),
)
Index("links_by_booking", links.c.connection, links.c.booking_id)
Index("links_by_user", links.c.connection, links.c.user_identity_key)

runs = Table(
    "runs",
    metadata,
    Column("run_id", String(40), primary_key=True),
    Column("connection", String(64), nullable=False),
    Column("mode", String(20), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("exit", Integer),
    Column("totals", JSON),
)
Index("runs_by_start", runs.c.started_at)

outcomes = Table(
    "outcomes",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run_id", String(40), ForeignKey("runs.run_id"), nullable=False),
    Column("kind", String(20), nullable=False),
    Column("key", String(255), nullable=False),
    Column("action", String(20), nullable=False),
    Column("outcome", String(20), nullable=False),
    Column("reason", Text, nullable=False, default=""),
    Column("error", Text),
    Column("label", String(120)),
    Column("booking_id", String(128)),
    Column("at", Instant, nullable=False),
)
Index("outcomes_by_run", outcomes.c.run_id)
Index("outcomes_by_key", outcomes.c.key)
Index("outcomes_by_booking", outcomes.c.booking_id)

cursors = Table(
    "cursors",
    metadata,
    Column("connection", String(64), primary_key=True),
    Column("property_id", String(128), primary_key=True),
    Column("read_until", Instant, nullable=False, comment="changes in the PMS before this instant are dealt with"),
)

watches = Table(
    "watches",
    metadata,
    Column("connection", String(64), primary_key=True),
    Column("booking_id", String(128), primary_key=True),
    Column("property_id", String(128), nullable=False),
    Column("look_again_at", Instant, nullable=False),
)

steps = Table(
    "steps",
    metadata,
    Column("connection", String(64), primary_key=True),
    Column("booking_id", String(128), primary_key=True),
    Column("property_id", String(128), nullable=False),
    Column("run_id", String(40), nullable=False),
    Column("doing", String(200), nullable=False),
    Column("started_at", Instant, nullable=False),
)

holds = Table(
    "holds",
    metadata,
    Column("run_id", String(40), ForeignKey("runs.run_id"), primary_key=True),
    Column("key", String(255), primary_key=True, comment="the grant's key, with its generation"),
    Column("connection", String(64), nullable=False),
    Column("property_id", String(128), nullable=False),
    Column("booking_id", String(128), nullable=False),
    Column("reason", Text, nullable=False),
    Column("held_at", Instant, nullable=False),
    Column("settled_at", Instant),
)

leases = Table(
    "leases",
    metadata,
    Column("name", String(128), primary_key=True),
    Column("owner", String(200), nullable=False),
    Column("expires_at", Instant, nullable=False),
)
