"""Lists of a PMS that lose rows are known until a full run has found them whole."""

import sqlalchemy as sa
from alembic import op

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "cursors",
        sa.Column(
            "loses_rows",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="the last full run found that the PMS's lists leave out what it has",
        ),
    )


def downgrade() -> None:
    op.drop_column("cursors", "loses_rows")
