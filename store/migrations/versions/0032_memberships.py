"""Who may do what of which organisation, connection or property."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0032"
down_revision = "0031"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "memberships",
        sa.Column("who", sa.String(80), primary_key=True, comment="a user, or `token ` and a token's name"),
        sa.Column("organisation", sa.String(64), primary_key=True, comment="all connections of it; or empty"),
        sa.Column("place", sa.String(64), primary_key=True, comment="a connection; or empty"),
        sa.Column("property_of_place", sa.String(128), primary_key=True, comment="one property of it; or empty"),
        sa.Column("role", sa.String(10), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("memberships")
