"""Access that was taken away and that a lock may not have forgotten yet."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pending_revocations",
        sa.Column("connection", sa.String(64), primary_key=True),
        sa.Column("seam_id", sa.String(200), primary_key=True, comment="the grant that was deleted"),
        sa.Column("key", sa.String(1000), nullable=False),
        sa.Column("booking_id", sa.String(255), nullable=False),
        sa.Column("property_id", sa.String(128), nullable=False),
        sa.Column("rooms", sa.JSON, nullable=False, comment="names of the Spaces that it opened"),
        sa.Column("space_ids", sa.JSON, nullable=False),
        sa.Column("ends_at", Instant(), comment="when it ends by itself; none: never"),
        sa.Column("since", Instant(), nullable=False, comment="when it was deleted"),
        sa.Column("looked_at", Instant(), comment="when Seam last said that it is still there"),
    )
    op.create_index("ix_pending_revocations_booking_id", "pending_revocations", ["booking_id"])


def downgrade() -> None:
    op.drop_table("pending_revocations")
