"""Connections, policies and Seam workspaces that are not in the settings file."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant, Words

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connections",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("organisation", sa.String(64), nullable=False, server_default="", comment="whose it is"),
        sa.Column("connector", sa.String(64), nullable=False),
        sa.Column("settings", sa.JSON, nullable=False, comment="as the settings file has them, without the secrets"),
        sa.Column("secrets", sa.Text, nullable=False, comment="encrypted, by the path of each in the settings"),
        sa.Column("state", sa.String(20), nullable=False, comment="active, watch, paused, refused or removed"),
        sa.Column("state_reason", Words(), nullable=False, server_default=""),
        sa.Column("state_by", sa.String(80), nullable=False, server_default=""),
        sa.Column("state_since", Instant(), nullable=False),
        sa.Column("state_until", Instant(), comment="paused: when that ends by itself"),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer, nullable=False, comment="rises with each change by somebody"),
        sa.Column(
            "change",
            sa.Integer,
            nullable=False,
            comment="of the whole configuration, by which this row was last changed",
        ),
    )
    op.create_index("connections_by_change", "connections", ["change"])
    op.create_table(
        "policies",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("organisation", sa.String(64), nullable=False, server_default="", comment="whose it is"),
        sa.Column("settings", sa.JSON, nullable=False, comment="as the settings file has them"),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("change", sa.Integer, nullable=False),
    )
    op.create_table(
        "workspaces",
        sa.Column("name", sa.String(64), primary_key=True),
        sa.Column("organisation", sa.String(64), nullable=False, server_default="", comment="whose it is"),
        sa.Column("endpoint", sa.String(255), nullable=False),
        sa.Column("secrets", sa.Text, nullable=False, comment="its API key and the secret of its webhooks, encrypted"),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("change", sa.Integer, nullable=False),
    )
    op.create_table(
        "configuration",
        sa.Column("id", sa.Integer, primary_key=True, autoincrement=False, comment="1: there is one row"),
        sa.Column(
            "change",
            sa.Integer,
            nullable=False,
            comment="rises with every change of a connection, policy or workspace",
        ),
    )


def downgrade() -> None:
    for table in ("configuration", "workspaces", "policies", "connections"):
        op.drop_table(table)
