"""Whose access was taken away lately: what the safety limit counts across runs."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "revocations",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False, comment="the grant's key, with its generation"),
        sa.Column("property_id", sa.String(length=128), nullable=False),
        sa.Column("reservation", sa.String(length=128), nullable=False),
        sa.Column("by_absence", sa.Boolean(), nullable=False),
        sa.Column("starts_at", Instant(), nullable=False),
        sa.Column("at", Instant(), nullable=False, comment="what the safety limit counts; kept for two days"),
        sa.PrimaryKeyConstraint("connection", "key"),
    )
    op.add_column(
        "holds",
        sa.Column(
            "by_absence",
            sa.Boolean(),
            server_default=sa.false(),
            nullable=False,
            comment="the PMS does not have the booking",
        ),
    )
    op.create_index("holds_by_connection", "holds", ["connection", "settled_at"])


def downgrade() -> None:
    op.drop_index("holds_by_connection", table_name="holds")
    op.drop_column("holds", "by_absence")
    op.drop_table("revocations")
