"""Marks of PINs, by which two that are the same are found."""

import sqlalchemy as sa
from alembic import op

from store.tables import Ids, Instant

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pin_marks",
        sa.Column("connection", sa.String(64), primary_key=True),
        sa.Column("grant_id", sa.String(64), primary_key=True, comment="Seam's"),
        sa.Column("key", sa.String(255), nullable=False, comment="the grant's, without its generation"),
        sa.Column("booking_id", sa.String(128), nullable=False),
        sa.Column("person", sa.String(255), nullable=False, comment="the key of her identity"),
        sa.Column("space_ids", Ids(), nullable=False),
        sa.Column("mark", sa.String(24), comment="of the PIN; none: Seam has not told it yet"),
        sa.Column("is_of_another", sa.Boolean(), nullable=False, comment="another one is to be made"),
        sa.Column("gone_at", Instant(), comment="since when the grant is known to be gone"),
    )
    op.create_index("pin_marks_alike", "pin_marks", ["connection", "mark"])
    op.create_index("pin_marks_of_others", "pin_marks", ["connection", "is_of_another"])


def downgrade() -> None:
    op.drop_table("pin_marks")
