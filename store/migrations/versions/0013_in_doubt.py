"""What a PMS denies that is not believed waits for somebody's word as well."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "holds",
        sa.Column(
            "in_doubt",
            sa.Boolean(),
            nullable=False,
            server_default=sa.false(),
            comment="nor much else: it is not believed",
        ),
    )
