"""What came of each day, and which stays are still to be counted."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "0036"
down_revision = "0035"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "trends",
        sa.Column("day", sa.Date(), primary_key=True, comment="of the property's time zone"),
        sa.Column("connection", sa.String(64), primary_key=True),
        sa.Column("property_id", sa.String(128), primary_key=True),
        sa.Column("figure", sa.String(20), primary_key=True, comment="what is counted"),
        sa.Column("detail", sa.String(80), primary_key=True, comment="a cause, or a bound in seconds"),
        sa.Column("number", sa.BigInteger(), nullable=False),
    )
    op.create_index("trends_by_property", "trends", ["connection", "property_id", "day"])
    due = sa.Column("due_at", sa.DateTime(), comment="when its arrival is to be counted; none: it is, or never will be")
    op.add_column("stays", due)
    way = "since when a change is on its way to the lock; none: it is there, or is not measured"
    op.add_column("stays", sa.Column("on_its_way_since", sa.DateTime(), comment=way))
    op.create_index("stays_by_due", "stays", ["connection", "due_at"])
    # Of those who have come already nobody knows any more how it was.
    stays = sa.table("stays", sa.column("starts_at", sa.DateTime()), sa.column("due_at", sa.DateTime()))
    now = datetime.now(UTC).replace(tzinfo=None)
    op.execute(stays.update().where(stays.c.starts_at > now).values(due_at=stays.c.starts_at))


def downgrade() -> None:
    op.drop_index("stays_by_due", "stays")
    op.drop_column("stays", "on_its_way_since")
    op.drop_column("stays", "due_at")
    op.drop_table("trends")
