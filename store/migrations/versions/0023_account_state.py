"""What users of one vendor account share: tokens, what was seen of feeds and files, limits of calls."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "account_state",
        sa.Column("digest", sa.String(64), primary_key=True, comment="of what it is, and of the account"),
        sa.Column("kind", sa.String(10), nullable=False, comment="token (encrypted), memory, limit"),
        sa.Column("value", sa.Text, nullable=False),
        sa.Column("noted_at", Instant(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("account_state")
