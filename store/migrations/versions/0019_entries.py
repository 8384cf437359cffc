"""Who opened which lock when."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant, Words

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "entries",
        sa.Column("event_id", sa.String(128), primary_key=True, comment="Seam's"),
        sa.Column("connection", sa.String(64), primary_key=True),
        sa.Column("property_id", sa.String(128), nullable=False),
        sa.Column("door_id", sa.String(64), nullable=False),
        sa.Column("door", Words(200), nullable=False, comment="the lock's name"),
        sa.Column("kind", sa.String(10), nullable=False, comment="opened or refused"),
        sa.Column("method", sa.String(20), nullable=False),
        sa.Column("booking_id", sa.String(255), comment="whose access it was; none: not known for certain"),
        sa.Column("at", Instant(), nullable=False),
    )
    op.create_index("entries_of_bookings", "entries", ["connection", "booking_id"])
    op.create_index("entries_of_doors", "entries", ["connection", "door_id", "at"])


def downgrade() -> None:
    op.drop_table("entries")
