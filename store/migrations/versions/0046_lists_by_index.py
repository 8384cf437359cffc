"""Indexes for lists that are narrowed to a connection, a kind or a person, for a lock's name, and for sums."""

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None
INDEXES = {
    "alerts_by_kind": ("alerts", "kind"),
    "alerts_by_connection": ("alerts", "connection"),
    "inbox_by_kind": ("inbox", "kind"),
    "inbox_by_connection": ("inbox", "connection"),
    "audit_log_by_who": ("audit_log", "who"),
    "audit_log_by_connection": ("audit_log", "connection"),
}


def upgrade() -> None:
    for name, (table, column) in INDEXES.items():
        op.create_index(name, table, [column, "id"])
    op.create_index("doors_by_name", "doors", [sa.text("lower(name)")])
    op.drop_index("trends_by_property", "trends")
    summed = ["connection", "property_id", "figure", "detail", "day", "number"]
    op.create_index("trends_by_property", "trends", summed)


def downgrade() -> None:
    op.drop_index("trends_by_property", "trends")
    op.create_index("trends_by_property", "trends", ["connection", "property_id", "day"])
    op.drop_index("doors_by_name", "doors")
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table)
