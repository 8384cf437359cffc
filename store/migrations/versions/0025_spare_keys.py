"""Spare keys: which lie ready, who was shown one and when it was used. No PIN."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant, Words

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "spare_keys",
        sa.Column("connection", sa.String(64), primary_key=True),
        sa.Column("seam_id", sa.String(64), primary_key=True, comment="its grant's; never the PIN"),
        sa.Column("property_id", sa.String(128), nullable=False),
        sa.Column("room", Words(200), nullable=False, comment="the Space's name"),
        sa.Column("space_id", sa.String(64), nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("ready_at", Instant(), comment="when its lock was known to have it"),
        sa.Column("code_ids", sa.JSON(), nullable=False, comment="Seam's ids of its codes in the locks"),
        sa.Column("shown_at", Instant()),
        sa.Column("shown_by", sa.String(80)),
        sa.Column("booking_id", sa.String(255), comment="for whom it was shown"),
        sa.Column("reason", Words(), comment="why, in the words of whoever asked"),
        sa.Column("valid_until", Instant(), comment="of one that was shown"),
        sa.Column("used_at", Instant()),
        sa.Column("gone_at", Instant(), comment="when it was taken away"),
    )
    op.create_index("spare_keys_of_properties", "spare_keys", ["connection", "property_id"])


def downgrade() -> None:
    op.drop_table("spare_keys")
