"""How many PINs a lock holds at once."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lock_health", sa.Column("slots", sa.Integer(), comment="how many PINs it holds at once"))


def downgrade() -> None:
    op.drop_column("lock_health", "slots")
