"""What pages of thousands of properties ask: days of runs, rooms by name, and indexes."""

from collections import defaultdict
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa
from alembic import op

from store.tables import Words

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None
SHOWN = timedelta(days=15)
INDEXES = {
    "stays_by_room": ("room", "connection"),
    "stays_by_number": ("number",),
    "stays_by_label": ("label",),
    "stays_by_booking": ("booking_id",),
    "links_by_user": ("user_identity_key", "connection"),
    "links_by_key": ("key",),
    "links_by_property": ("connection", "property_id", "kind"),
    "links_by_label": ("label", "kind"),
    "health_by_booking": ("booking_id", "connection"),
    "runs_by_exit": ("exit", "started_at"),
    "lock_health_by_property": ("connection", "property_id", "state", "looked_at"),
    "lock_health_by_state": ("state",),
    "costs_by_property": ("connection", "property_id", "day"),
    "properties_by_time": ("connection", "seen_at"),
}
CHANGES = ("created", "updated", "replaced", "revoked")


def upgrade() -> None:
    days = op.create_table(
        "run_days",
        sa.Column("day", sa.Date(), primary_key=True, comment="of UTC, on which they began"),
        sa.Column("connection", sa.String(64), primary_key=True),
        sa.Column("property_id", sa.String(128), primary_key=True, comment="empty: of runs over the whole connection"),
        sa.Column("runs", sa.Integer(), nullable=False),
        sa.Column("changes", sa.Integer(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("broken_off", sa.Integer(), nullable=False),
    )
    _count(days)
    rooms = op.create_table(
        "stay_rooms",
        sa.Column("connection", sa.String(64), primary_key=True),
        sa.Column("property_id", sa.String(128), primary_key=True),
        sa.Column("room", Words(120), primary_key=True, comment="that some stay was in, as it was named"),
        sa.Column("folded", Words(360), nullable=False, comment="the same as words are looked for in it"),
    )
    _name(rooms)
    # By what is looked for in all connections; those that begin with the connection are of no use there.
    op.drop_index("stays_by_room", "stays")
    op.drop_index("links_by_user", "links")
    op.drop_index("health_by_booking", "health")
    for name, columns in INDEXES.items():
        table = name.partition("_by_")[0]
        ops = {one: "varchar_pattern_ops" for one in columns if one in ("number", "label")}
        op.create_index(name, table, list(columns), postgresql_ops=ops)


def _name(rooms: sa.Table) -> None:
    """The rooms of the stays that there are."""
    stays = sa.table("stays", *(sa.column(name) for name in ("connection", "property_id", "room")))
    known = op.get_bind().execute(sa.select(stays).where(stays.c.room.is_not(None)).distinct())
    op.bulk_insert(rooms, [{**row._mapping, "folded": row.room.casefold()} for row in known])


def _count(days: sa.Table) -> None:
    """The days that the page *Runs* shows."""
    runs = sa.table(
        "runs",
        *(sa.column(name) for name in ("connection", "property_id", "broken_off")),
        *(sa.column(name, sa.DateTime()) for name in ("started_at", "finished_at")),
        sa.column("totals", sa.JSON()),
    )
    since = datetime.now(UTC).replace(tzinfo=None) - SHOWN
    found: dict[tuple[object, ...], list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    listed = sa.select(runs).where(runs.c.started_at >= since, runs.c.finished_at.is_not(None))
    for run in op.get_bind().execute(listed):
        numbers = found[run.started_at.date(), run.connection, run.property_id or ""]
        totals = list((run.totals or {}).values())
        numbers[0] += 1
        numbers[1] += sum(counts.get(word, 0) for counts in totals for word in CHANGES)
        numbers[2] += sum(counts.get("failed", 0) for counts in totals)
        numbers[3] += run.broken_off is not None
    names = [column.name for column in days.c]
    op.bulk_insert(days, [dict(zip(names, (*key, *numbers), strict=True)) for key, numbers in found.items()])


def downgrade() -> None:
    for name in INDEXES:
        op.drop_index(name, name.partition("_by_")[0])
    op.create_index("stays_by_room", "stays", ["connection", "room"])
    op.create_index("links_by_user", "links", ["connection", "user_identity_key"])
    op.create_index("health_by_booking", "health", ["connection", "booking_id"])
    op.drop_table("stay_rooms")
    op.drop_table("run_days")
