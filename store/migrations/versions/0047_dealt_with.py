"""Which records of bookings were brought in step of late, for all processes of a fleet."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "dealt_with",
        sa.Column("connection", sa.String(64), primary_key=True),
        sa.Column("booking_id", sa.String(128), primary_key=True),
        sa.Column("property_id", sa.String(128), nullable=False, comment="in which it was brought in step last"),
        sa.Column("digest", sa.String(64), nullable=False, comment="of its record, and of how; empty: not in step"),
        sa.Column("at", Instant(), nullable=False),
    )
    op.create_index("dealt_with_by_time", "dealt_with", ["connection", "at"])


def downgrade() -> None:
    op.drop_table("dealt_with")
