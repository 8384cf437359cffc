"""Whether a door opens, and the code that decides it; what hangs on a lock account."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "health",
        sa.Column("verdict", sa.String(8), nullable=True, comment="opens, shut or unsure; none: as the state has it"),
    )
    op.add_column(
        "health",
        sa.Column("cause", sa.String(80), nullable=False, server_default="", comment="Seam's code that decides it"),
    )
    op.add_column(
        "accounts", sa.Column("remark", sa.Text, nullable=True, comment="what is worth knowing while it works")
    )
    op.add_column(
        "accounts",
        sa.Column(
            "holds",
            sa.JSON(none_as_null=True),
            nullable=True,
            comment="its access systems, and how many devices and entrances",
        ),
    )
