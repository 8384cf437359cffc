"""Keys are unique within a Seam workspace, and there may be several."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """As a new table: SQLite cannot take a constraint away from one that is there."""
    op.create_table(
        "key_prefixes_anew",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("prefix", sa.String(length=128), nullable=False),
        sa.Column("folded", sa.String(length=128), nullable=False, comment="without letter case"),
        sa.Column("seen_at", Instant(), nullable=False, comment="when it was last in use, roughly"),
        sa.Column("workspace", sa.String(length=64), nullable=False, server_default="", comment="Seam's, by our name"),
        sa.PrimaryKeyConstraint("connection"),
        sa.UniqueConstraint("workspace", "folded", name="key_prefixes_of_workspaces"),
    )
    op.execute(
        "INSERT INTO key_prefixes_anew (connection, prefix, folded, seen_at) "
        "SELECT connection, prefix, folded, seen_at FROM key_prefixes"
    )
    op.drop_table("key_prefixes")
    op.rename_table("key_prefixes_anew", "key_prefixes")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("ALTER INDEX key_prefixes_anew_pkey RENAME TO key_prefixes_pkey")


def downgrade() -> None:
    op.create_table(
        "key_prefixes_before",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("prefix", sa.String(length=128), nullable=False),
        sa.Column("folded", sa.String(length=128), nullable=False, comment="without letter case"),
        sa.Column("seen_at", Instant(), nullable=False, comment="when it was last in use, roughly"),
        sa.PrimaryKeyConstraint("connection"),
        sa.UniqueConstraint("folded"),
    )
    op.execute(
        "INSERT INTO key_prefixes_before (connection, prefix, folded, seen_at) "
        "SELECT connection, prefix, folded, seen_at FROM key_prefixes WHERE workspace = ''"
    )
    op.drop_table("key_prefixes")
    op.rename_table("key_prefixes_before", "key_prefixes")
