"""The first tables."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "cursors",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("property_id", sa.String(length=128), nullable=False),
        sa.Column(
            "read_until", Instant(), nullable=False, comment="changes in the PMS before this instant are dealt with"
        ),
        sa.PrimaryKeyConstraint("connection", "property_id"),
    )
    op.create_table(
        "leases",
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("owner", sa.String(length=200), nullable=False),
        sa.Column("expires_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "links",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False, comment="without the generation"),
        sa.Column("seam_id", sa.String(length=64), nullable=False),
        sa.Column("generation", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "wanted_hash",
            sa.String(length=32),
            nullable=True,
            comment="what the PMS asked for when this was last put right",
        ),
        sa.Column(
            "made_hash",
            sa.String(length=32),
            nullable=True,
            comment="what Seam was given, which is less where it refused a contact",
        ),
        sa.Column("property_id", sa.String(length=128), nullable=True),
        sa.Column("booking_id", sa.String(length=128), nullable=True),
        sa.Column("user_identity_key", sa.String(length=255), nullable=True),
        sa.Column(
            "ends_at",
            Instant(),
            nullable=True,
            comment="grants: the end of access; identities: the end of the last stay",
        ),
        sa.Column("label", sa.String(length=120), nullable=True),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "kind", "key"),
    )
    op.create_index("links_by_booking", "links", ["connection", "booking_id"], unique=False)
    op.create_index("links_by_user", "links", ["connection", "user_identity_key"], unique=False)
    op.create_table(
        "runs",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("mode", sa.String(length=20), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("finished_at", Instant(), nullable=True),
        sa.Column("exit", sa.Integer(), nullable=True),
        sa.Column("totals", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("run_id"),
    )
    op.create_index("runs_by_start", "runs", ["started_at"], unique=False)
    op.create_table(
        "steps",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("booking_id", sa.String(length=128), nullable=False),
        sa.Column("property_id", sa.String(length=128), nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("doing", sa.String(length=200), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "booking_id"),
    )
    op.create_table(
        "watches",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("booking_id", sa.String(length=128), nullable=False),
        sa.Column("property_id", sa.String(length=128), nullable=False),
        sa.Column("look_again_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "booking_id"),
    )
    op.create_table(
        "holds",
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False, comment="the grant's key, with its generation"),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("property_id", sa.String(length=128), nullable=False),
        sa.Column("booking_id", sa.String(length=128), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("held_at", Instant(), nullable=False),
        sa.Column("settled_at", Instant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["runs.run_id"],
        ),
        sa.PrimaryKeyConstraint("run_id", "key"),
    )
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("run_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False),
        sa.Column("action", sa.String(length=20), nullable=False),
        sa.Column("outcome", sa.String(length=20), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column("label", sa.String(length=120), nullable=True),
        sa.Column("booking_id", sa.String(length=128), nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["run_id"],
            ["runs.run_id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("outcomes_by_booking", "outcomes", ["booking_id"], unique=False)
    op.create_index("outcomes_by_key", "outcomes", ["key"], unique=False)
    op.create_index("outcomes_by_run", "outcomes", ["run_id"], unique=False)


def downgrade() -> None:
    op.drop_index("outcomes_by_run", table_name="outcomes")
    op.drop_index("outcomes_by_key", table_name="outcomes")
    op.drop_index("outcomes_by_booking", table_name="outcomes")
    op.drop_table("outcomes")
    op.drop_table("holds")
    op.drop_table("watches")
    op.drop_table("steps")
    op.drop_index("runs_by_start", table_name="runs")
    op.drop_table("runs")
    op.drop_index("links_by_user", table_name="links")
    op.drop_index("links_by_booking", table_name="links")
    op.drop_table("links")
    op.drop_table("leases")
    op.drop_table("cursors")
