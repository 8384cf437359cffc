"""What lasts from run to run is kept once."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "lasting",
        sa.Column("connection", sa.String(64), primary_key=True),
        sa.Column("digest", sa.String(32), primary_key=True, comment="of what the line says"),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("key", sa.String(255), nullable=False),
        sa.Column("action", sa.String(20), nullable=False),
        sa.Column("outcome", sa.String(20), nullable=False),
        sa.Column("reason", sa.Text, nullable=False),
        sa.Column("error", sa.Text),
        sa.Column("label", sa.String(120)),
        sa.Column("booking_id", sa.String(128)),
        sa.Column("cause", sa.String(10)),
        sa.Column("since", Instant(), nullable=False),
        sa.Column("began_run", sa.String(40), nullable=False, comment="which wrote it among its outcomes"),
        sa.Column("seen_run", sa.String(40), nullable=False, comment="which found it last"),
        sa.Column("full_run", sa.String(40), comment="the last one over everything that found it"),
    )
    op.create_index("lasting_by_booking", "lasting", ["connection", "booking_id"])
    op.create_index("lasting_by_run", "lasting", ["seen_run"])
    op.create_index("lasting_by_full_run", "lasting", ["full_run"])
