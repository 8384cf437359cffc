"""Which connection makes keys with which prefix."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "key_prefixes",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("prefix", sa.String(length=128), nullable=False),
        sa.Column("folded", sa.String(length=128), nullable=False, comment="without letter case"),
        sa.Column("seen_at", Instant(), nullable=False, comment="when it was last in use, roughly"),
        sa.PrimaryKeyConstraint("connection"),
        sa.UniqueConstraint("folded"),
    )
