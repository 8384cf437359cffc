"""What Seam and a PMS's API are asked for, by day."""

import sqlalchemy as sa
from alembic import op

revision = "0033"
down_revision = "0032"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "costs",
        sa.Column("day", sa.Date(), primary_key=True, comment="of UTC"),
        sa.Column("connection", sa.String(64), primary_key=True),
        sa.Column("property_id", sa.String(128), primary_key=True, comment="empty: for all of the connection together"),
        sa.Column("kind", sa.String(20), primary_key=True, comment="what is counted"),
        sa.Column("number", sa.BigInteger(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("costs")
