"""PINs of people who are being moved, sealed, as long as their step is under way."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "steps",
        sa.Column(
            "sealed",
            sa.Text(),
            nullable=True,
            comment="PINs of people who are being moved, encrypted; gone with the step",
        ),
    )


def downgrade() -> None:
    op.drop_column("steps", "sealed")
