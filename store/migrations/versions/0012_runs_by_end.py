"""Pages ask again and again which run ended last."""

from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index("runs_by_end", "runs", ["finished_at"])
