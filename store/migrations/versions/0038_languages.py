"""What sentences were put together from is kept beside them; and the language that somebody has chosen."""

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for table in ("stays", "outcomes", "lasting", "holds"):
        op.add_column(table, sa.Column("said", sa.JSON(), comment="what the reason was put together from"))
    causes = "what the sentences of the causes were put together from"
    op.add_column("lock_health", sa.Column("said", sa.JSON(), comment=causes))
    op.add_column("health", sa.Column("said", sa.JSON(), comment="what it was put together from"))
    chosen = "of the pages, as she has chosen; none: as her browser asks for"
    op.add_column("users", sa.Column("language", sa.String(8), comment=chosen))


def downgrade() -> None:
    op.drop_column("users", "language")
    op.drop_column("health", "said")
    op.drop_column("lock_health", "said")
    for table in ("holds", "lasting", "outcomes", "stays"):
        op.drop_column(table, "said")
