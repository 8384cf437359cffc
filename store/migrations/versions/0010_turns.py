"""Turns with a rising number instead of leases; how new is what was read of a booking or a person."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.drop_table("leases")
    op.create_table(
        "turns",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="rises with each taker"),
        sa.Column("holder", sa.String(length=32), nullable=False, comment="empty: given back"),
        sa.Column("renewals", sa.Integer(), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False, comment="by the database's clock"),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "readings",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="booking, or user_identity"),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("read_at", Instant(), nullable=False, comment="when the reading began that was acted upon"),
        sa.PrimaryKeyConstraint("connection", "kind", "key"),
    )


def downgrade() -> None:
    op.drop_table("readings")
    op.drop_table("turns")
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
