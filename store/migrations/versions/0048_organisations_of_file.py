"""Whose the connections of settings files are, so that events go to receivers of the same organisation only."""

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "organisations_of_file",
        sa.Column("connection", sa.String(64), primary_key=True),
        sa.Column("organisation", sa.String(64), nullable=False, comment="as the settings file has it; or empty"),
    )


def downgrade() -> None:
    op.drop_table("organisations_of_file")
