"""Guests are found by their surnames, which stand here as keyed hashes only; what is asked of one property is found
quickly."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("stays", sa.Column("surnames", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "surnames",
        sa.Column("hash", sa.String(24), primary_key=True),
        sa.Column("connection", sa.String(64), primary_key=True),
        sa.Column("booking_id", sa.String(128), primary_key=True),
    )
    op.create_index("surnames_by_booking", "surnames", ["connection", "booking_id"])
    op.create_index("stays_by_property", "stays", ["connection", "property_id", "starts_at"])


def downgrade() -> None:
    op.drop_index("stays_by_property", "stays")
    op.drop_table("surnames")
    op.drop_column("stays", "surnames")
