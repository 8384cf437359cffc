"""Doors and where they belong; door codes that were handed over to the PMS."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "doors",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("property_id", sa.String(length=128), nullable=False),
        sa.Column("door_id", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("system", sa.String(length=200), nullable=False, comment="the lock system that it came with"),
        sa.Column("online", sa.Boolean(), nullable=True, comment="none: the lock system does not say"),
        sa.Column(
            "room_keys", sa.JSON(), nullable=False, comment="keys of the Spaces that it is in, as Seam last said"
        ),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "property_id", "door_id"),
    )
    op.create_table(
        "placements",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("property_id", sa.String(length=128), nullable=False),
        sa.Column("door_id", sa.String(length=64), nullable=False),
        sa.Column("room_key", sa.String(length=255), nullable=False, comment="empty: it belongs to no room"),
        sa.Column("decided_by", sa.String(length=10), nullable=False, comment="match, person, file or seam"),
        sa.Column("who", sa.String(length=80), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "property_id", "door_id", "room_key"),
    )
    op.create_table(
        "handed_over",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False, comment="a grant's, without its generation"),
        sa.Column("property_id", sa.String(length=128), nullable=False),
        sa.Column("booking_id", sa.String(length=128), nullable=False),
        sa.Column(
            "mark",
            sa.String(length=64),
            nullable=True,
            comment="of the grant, room and window that the PMS was told of; none: not yet",
        ),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False, comment="in vain, in a row"),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("ends_at", Instant(), nullable=True, comment="when access ends; none: open-ended"),
        sa.PrimaryKeyConstraint("connection", "key"),
    )
    op.create_index("handed_over_by_booking", "handed_over", ["connection", "booking_id"], unique=False)
