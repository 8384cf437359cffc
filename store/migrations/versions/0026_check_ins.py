"""Which check-ins the PMS was told of; which PIN opened a lock, where Seam's event says so."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant, Words

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "check_ins",
        sa.Column("connection", sa.String(64), primary_key=True),
        sa.Column("booking_id", sa.String(128), primary_key=True),
        sa.Column("told_at", Instant(), comment="when the PMS took it, or had it already"),
        sa.Column("trouble", Words()),
        sa.Column("retry_at", Instant(), comment="none: not to be tried again"),
        sa.Column("at", Instant(), nullable=False),
    )
    code_id = sa.Column("code_id", sa.String(64), comment="Seam's id of the PIN that it was, where the event names it")
    op.add_column("entries", code_id)
    said = "the event says whose"
    named: sa.Column[bool] = sa.Column("named", sa.Boolean(), nullable=False, server_default=sa.false(), comment=said)
    op.add_column("entries", named)


def downgrade() -> None:
    op.drop_column("entries", "named")
    op.drop_column("entries", "code_id")
    op.drop_table("check_ins")
