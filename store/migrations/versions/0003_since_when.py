"""Since when a grant is as it is: a lock that is asked again and again has not confirmed it any sooner."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "health",
        sa.Column(
            "since",
            Instant(),
            nullable=True,
            comment="since when it is in this state, however often it was asked for",
        ),
    )
