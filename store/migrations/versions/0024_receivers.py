"""Other programs that are told of what happens."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant, Words

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "receivers",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("name", sa.String(64), nullable=False, unique=True),
        sa.Column("organisation", sa.String(64), nullable=False, server_default="", comment="whose it is"),
        sa.Column("kinds", sa.JSON, nullable=False, comment="of events; none: all"),
        sa.Column("connections", sa.JSON, nullable=False, comment="none: all"),
        sa.Column("properties", sa.JSON, nullable=False, comment="the PMS's ids; none: all"),
        sa.Column("secrets", sa.Text, nullable=False, comment="its address and what signs, encrypted"),
        sa.Column("state", sa.String(10), nullable=False, comment="active or paused"),
        sa.Column("state_reason", Words(), nullable=False, server_default=""),
        sa.Column("failures", sa.Integer, nullable=False, comment="in a row"),
        sa.Column("failing_since", Instant()),
        sa.Column("rests_until", Instant(), comment="nothing is sent before"),
        sa.Column("created_at", Instant(), nullable=False),
    )
    op.create_table(
        "outgoing_events",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("message_id", sa.String(40), nullable=False, unique=True),
        sa.Column("kind", sa.String(30), nullable=False),
        sa.Column("connection", sa.String(64), nullable=False),
        sa.Column("property_id", sa.String(128), nullable=False),
        sa.Column("subject", sa.String(255), nullable=False, comment="a booking, a lock: in order of its own"),
        sa.Column("data", sa.JSON, nullable=False),
        sa.Column("at", Instant(), nullable=False),
    )
    op.create_index("outgoing_events_by_time", "outgoing_events", ["at"])
    op.create_table(
        "sendings",
        sa.Column("receiver_id", sa.String(40), primary_key=True),
        sa.Column("event_id", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("subject", sa.String(320), nullable=False, comment="connection/subject"),
        sa.Column("state", sa.String(10), nullable=False, comment="waiting, sent or given_up"),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column("trouble", Words()),
        sa.Column("replayed_at", Instant()),
    )
    op.create_index("sendings_due", "sendings", ["receiver_id", "state", "not_before"])
    op.create_index("sendings_in_order", "sendings", ["receiver_id", "subject", "state", "event_id"])
    op.create_table(
        "send_attempts",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=True),
        sa.Column("receiver_id", sa.String(40), nullable=False),
        sa.Column("event_id", sa.Integer, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("status", sa.Integer, comment="of HTTP; none: no answer"),
        sa.Column("milliseconds", sa.Integer, nullable=False),
        sa.Column("trouble", Words()),
    )
    op.create_index("send_attempts_of_receivers", "send_attempts", ["receiver_id", "id"])
    op.create_index("send_attempts_of_events", "send_attempts", ["event_id"])


def downgrade() -> None:
    for table in ("send_attempts", "sendings", "outgoing_events", "receivers"):
        op.drop_table(table)
