"""When the access of a grant begins, as it was last written: so that Seam's echo of it is known."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "links",
        sa.Column("starts_at", Instant(), nullable=True, comment="grants: the start of access, as we last wrote it"),
    )


def downgrade() -> None:
    op.drop_column("links", "starts_at")
