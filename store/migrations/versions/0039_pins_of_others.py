"""PINs on locks that Seam does not manage, and since when a lock's guests are to be asked for."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0039"
down_revision = "0038"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("lock_health", sa.Column("other_pins", sa.Integer(), comment="PINs on it that Seam does not manage"))
    op.add_column("lock_health", sa.Column("pins_asked_at", Instant(), comment="when Seam was asked for them"))
    op.add_column("lock_health", sa.Column("changed_at", Instant(), comment="when it last changed for its guests"))


def downgrade() -> None:
    for name in ("changed_at", "pins_asked_at", "other_pins"):
        op.drop_column("lock_health", name)
