"""Which locks can be opened from afar."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "lock_health",
        sa.Column("can_unlock", sa.Boolean(), nullable=False, server_default=sa.false(), comment="from afar"),
    )


def downgrade() -> None:
    op.drop_column("lock_health", "can_unlock")
