"""What people do about alerts, with their history; what was sent to the inbox, and every attempt at it."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant, Words

revision = "0037"
down_revision = "0036"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for column in (
        sa.Column(
            "property_id", sa.String(128), nullable=False, server_default="", comment="empty: all of the connection"
        ),
        sa.Column("acknowledged_at", Instant()),
        sa.Column("acknowledged_by", sa.String(80)),
        sa.Column("assigned_to", sa.String(64), comment="a user"),
        sa.Column("silenced_until", Instant(), comment="no channel tells of it before"),
        sa.Column("silenced_by", sa.String(80)),
        sa.Column("silenced_why", Words()),
    ):
        op.add_column("alerts", column)
    op.create_index("alerts_by_end", "alerts", ["ended_at"])
    op.create_table(
        "alert_history",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("what", sa.String(20), nullable=False, comment="see store.alerts.Did"),
        sa.Column("who", sa.String(80), comment="none: Night Porter itself"),
        sa.Column("note", Words(), comment="a channel, a user, why"),
        sa.Column("until", Instant(), comment="silenced; none: no longer"),
    )
    op.create_index("alert_history_of_alerts", "alert_history", ["alert_id"])
    payload: sa.Column[object] = sa.Column(
        "payload", sa.JSON(none_as_null=True), comment="what was sent, without people and secrets, cut"
    )
    op.add_column("inbox", payload)
    op.create_table(
        "inbox_attempts",
        sa.Column("id", sa.Integer(), primary_key=True, autoincrement=True),
        sa.Column("delivery_id", sa.Integer(), nullable=False),
        sa.Column("at", Instant(), nullable=False, comment="the first of so many that ended alike"),
        sa.Column("last_at", Instant(), nullable=False),
        sa.Column("times", sa.Integer(), nullable=False),
        sa.Column("outcome", sa.String(10), nullable=False, comment="done, ignored, failed, put_off or replayed"),
        sa.Column("note", Words()),
        sa.Column("run_id", sa.String(40)),
        sa.Column("who", sa.String(80), comment="replayed: by whom"),
    )
    op.create_index("inbox_attempts_of_deliveries", "inbox_attempts", ["delivery_id"])


def downgrade() -> None:
    op.drop_table("inbox_attempts")
    op.drop_column("inbox", "payload")
    op.drop_table("alert_history")
    op.drop_index("alerts_by_end", "alerts")
    for name in (
        "silenced_why",
        "silenced_by",
        "silenced_until",
        "assigned_to",
        "acknowledged_by",
        "acknowledged_at",
        "property_id",
    ):
        op.drop_column("alerts", name)
