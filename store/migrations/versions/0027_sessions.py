"""Sessions in a table of their own, and a second factor. Whoever is signed in signs in once more."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "users",
        sa.Column(
            "second_factor", sa.Text, comment="the secret of an app that shows codes, encrypted; none: password alone"
        ),
    )
    op.add_column(
        "users",
        sa.Column(
            "second_factor_step", sa.Integer, nullable=False, server_default="0", comment="of the last code used"
        ),
    )
    op.create_table(
        "sessions",
        sa.Column("digest", sa.String(64), primary_key=True),
        sa.Column("user", sa.String(64), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False, comment="of the user when it began"),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("until", Instant(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False, comment="within a minute"),
    )
    op.create_index("sessions_of_users", "sessions", ["user"])
    op.execute("DELETE FROM secrets WHERE name LIKE 'session:%'")


def downgrade() -> None:
    op.drop_table("sessions")
    op.drop_column("users", "second_factor_step")
    op.drop_column("users", "second_factor")
