"""Lanes with turns of their own: what is under way in each, whose each run is, and one order for all readings."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("runs", sa.Column("turn", sa.String(80), comment="in which it was made; none: in a connection's"))
    op.create_table(
        "under_way",
        sa.Column("connection", sa.String(64), primary_key=True),
        sa.Column("turn", sa.String(80), primary_key=True, comment="whose it is"),
        sa.Column("key", sa.String(255), primary_key=True, comment="a reservation; of an urgent run, its mark"),
        sa.Column("number", sa.Integer, nullable=False, comment="of the turn: of one that is over, it does not count"),
    )
    op.create_table(
        "engine_migrations",
        sa.Column("name", sa.String(200), primary_key=True, comment="a file of Procrastinate's"),
        sa.Column("applied_at", Instant(), nullable=False),
    )
    if op.get_bind().dialect.name == "postgresql":
        op.alter_column("readings", "turn", type_=sa.BigInteger)
        op.execute("CREATE SEQUENCE readings_order AS bigint")
        op.execute(
            "SELECT setval('readings_order', 1 + greatest((SELECT coalesce(max(number), 0) FROM turns),"
            " (SELECT coalesce(max(turn), 0) FROM readings)))"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SEQUENCE readings_order")
        # Numbers of the sequence may be larger than a turn's: whoever reads again notes anew.
        op.execute("DELETE FROM readings")
        op.alter_column("readings", "turn", type_=sa.Integer)
    op.drop_table("engine_migrations")
    op.drop_table("under_way")
    op.drop_column("runs", "turn")
