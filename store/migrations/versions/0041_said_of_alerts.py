"""What an alert's text was put together from is kept beside it, as of other sentences."""

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("alerts", sa.Column("said", sa.JSON(), comment="what the text was put together from"))


def downgrade() -> None:
    op.drop_column("alerts", "said")
