"""Users who sign in at an OpenID Connect provider."""

import sqlalchemy as sa
from alembic import op

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "users",
        sa.Column("subject", sa.String(64), comment="digest of who she is at the provider; none: signs in here"),
    )
    op.create_index("users_by_subject", "users", ["subject"], unique=True)


def downgrade() -> None:
    op.drop_index("users_by_subject", "users")
    op.drop_column("users", "subject")
