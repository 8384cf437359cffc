"""Held revocations of which somebody has decided that the access stays."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant, Words

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("holds", sa.Column("kept_at", Instant(), comment="when somebody decided that the access stays"))
    op.add_column("holds", sa.Column("kept_by", sa.String(80)))
    op.add_column("holds", sa.Column("kept_why", Words()))


def downgrade() -> None:
    for name in ("kept_why", "kept_by", "kept_at"):
        op.drop_column("holds", name)
