"""Changes of policies that are previewed, or rolled out in waves."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant, Words

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "policy_changes",
        sa.Column("policy", sa.String(64), primary_key=True),
        sa.Column("settings", sa.JSON(), nullable=False, comment="what is to change, as the settings file has it"),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("limits", sa.JSON(), nullable=False, comment="of a roll-out"),
        sa.Column("wave", sa.JSON(), nullable=False, comment="connections whose first run with it is waited for"),
        sa.Column("wave_at", Instant()),
        sa.Column("seen", sa.JSON(), nullable=False, comment="what came of it so far"),
        sa.Column("note", Words(), comment="why it stopped"),
    )


def downgrade() -> None:
    op.drop_table("policy_changes")
