"""How the locks are, as Seam last said."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant, Words

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lock_health",
        sa.Column("connection", sa.String(64), primary_key=True),
        sa.Column("property_id", sa.String(128), primary_key=True),
        sa.Column("door_id", sa.String(64), primary_key=True),
        sa.Column("name", Words(200), nullable=False),
        sa.Column("rooms", sa.JSON, nullable=False, comment="names of the Spaces that it is in"),
        sa.Column("space_ids", sa.JSON, nullable=False, comment="Seam's ids of them"),
        sa.Column("state", sa.String(10), nullable=False, comment="broken, warning, unknown or good"),
        sa.Column("causes", sa.JSON, nullable=False, comment="[code, sentence, since], the gravest first"),
        sa.Column("battery_level", sa.Float, comment="from 0 to 1"),
        sa.Column("battery_status", sa.String(10), comment="critical, low, good or full"),
        sa.Column("days_left", sa.Integer, comment="until the battery is flat, by its trend"),
        sa.Column("readings", sa.JSON, nullable=False, comment="[day, level] of the battery"),
        sa.Column("online", sa.Boolean, comment="none: the lock system does not say"),
        sa.Column("online_changed_at", Instant(), nullable=False),
        sa.Column("last_seen_at", Instant(), comment="when Seam last spoke with it"),
        sa.Column("told", sa.JSON, nullable=False, comment="what only an event has said, and when"),
        sa.Column("looked_at", Instant(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("lock_health")
