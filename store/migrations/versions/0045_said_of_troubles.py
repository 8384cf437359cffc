"""What troubles and notes were put together from is kept beside them, as of other sentences."""

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None

SAID = {
    "runs": [("said", "what its sentences were put together from, by name")],
    "status": [("said", "what that was put together from"), ("sweep_said", "what that was put together from")],
    "inbox": [("said", "what the note was put together from")],
    "inbox_attempts": [("said", "what the note was put together from")],
    "jobs": [("said", "what that was put together from")],
    "check_ins": [("said", "what that was put together from")],
    "handed_over": [("said", "what that was put together from")],
    "connections": [("said", "what the reason was put together from")],
    "audit_log": [("said", "what the note was put together from")],
}


def upgrade() -> None:
    for table, columns in SAID.items():
        for name, comment in columns:
            op.add_column(table, sa.Column(name, sa.JSON(), comment=comment))


def downgrade() -> None:
    for table, columns in SAID.items():
        for name, _ in columns:
            op.drop_column(table, name)
