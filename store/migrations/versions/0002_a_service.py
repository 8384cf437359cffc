"""What a service needs: an inbox, a board of arrivals, alerts, jobs, and people who sign in."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "accounts",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("account_id", sa.String(length=64), nullable=False),
        sa.Column("property_id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("trouble", sa.Text(), nullable=True, comment="why it does not work; empty when it does"),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "account_id"),
    )
    op.create_table(
        "alerts",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False, comment="booking, connection, held, account"),
        sa.Column("subject", sa.String(length=255), nullable=False, comment="what it is about: an id"),
        sa.Column("open_as", sa.String(length=350), nullable=True, comment="none once it has ended"),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("began_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("open_as"),
    )
    op.create_table(
        "audit_log",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("who", sa.String(length=80), nullable=False),
        sa.Column("action", sa.String(length=40), nullable=False),
        sa.Column("connection", sa.String(length=64), nullable=True),
        sa.Column("target", sa.String(length=255), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("audit_log", schema=None) as batch_op:
        batch_op.create_index("audit_log_by_time", ["at"], unique=False)

    op.create_table(
        "health",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=255), nullable=False, comment="the grant's, without its generation"),
        sa.Column("booking_id", sa.String(length=128), nullable=False),
        sa.Column("seam_id", sa.String(length=64), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False, comment="issued, issuing, failed"),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("doors", sa.JSON(), nullable=True, comment="name and whether it is online; none: not looked up yet"),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "key"),
    )
    with op.batch_alter_table("health", schema=None) as batch_op:
        batch_op.create_index("health_by_booking", ["connection", "booking_id"], unique=False)

    op.create_table(
        "inbox",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("source", sa.String(length=10), nullable=False, comment="pms, seam, staff"),
        sa.Column("connection", sa.String(length=64), nullable=True, comment="none: not yet known, of Seam's events"),
        sa.Column("event_id", sa.String(length=128), nullable=False, comment="the sender's, or a digest"),
        sa.Column(
            "waiting_as",
            sa.String(length=220),
            nullable=True,
            comment="none once it is acted upon: news of the same may come",
        ),
        sa.Column("kind", sa.String(length=80), nullable=False),
        sa.Column("property_id", sa.String(length=128), nullable=True),
        sa.Column("subjects", sa.JSON(), nullable=False, comment="ids by kind"),
        sa.Column("received_at", Instant(), nullable=False),
        sa.Column("times", sa.Integer(), server_default="1", nullable=False, comment="deliveries of the same"),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("begun_at", Instant(), nullable=True),
        sa.Column("handled_at", Instant(), nullable=True),
        sa.Column("outcome", sa.String(length=10), nullable=True, comment="done, ignored, failed"),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("run_id", sa.String(length=40), nullable=True),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("waiting_as"),
    )
    with op.batch_alter_table("inbox", schema=None) as batch_op:
        batch_op.create_index("inbox_by_time", ["received_at"], unique=False)
        batch_op.create_index("inbox_waiting", ["handled_at", "connection", "due_at"], unique=False)

    op.create_table(
        "jobs",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("property_id", sa.String(length=128), nullable=False, comment="empty: the whole connection"),
        sa.Column("name", sa.String(length=20), nullable=False),
        sa.Column("started_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("good_at", Instant(), nullable=True, comment="when it last ended well"),
        sa.Column("failures", sa.Integer(), server_default="0", nullable=False, comment="in a row"),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("connection", "property_id", "name"),
    )
    op.create_table(
        "properties",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("property_id", sa.String(length=128), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "property_id"),
    )
    op.create_table(
        "secrets",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column(
            "value",
            sa.String(length=200),
            nullable=False,
            comment="made by Night Porter itself: what signs its sessions",
        ),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "stays",
        sa.Column("connection", sa.String(length=64), nullable=False),
        sa.Column("booking_id", sa.String(length=128), nullable=False),
        sa.Column("property_id", sa.String(length=128), nullable=False),
        sa.Column("number", sa.String(length=64), nullable=False),
        sa.Column("label", sa.String(length=120), nullable=False, comment="initials and room"),
        sa.Column("room", sa.String(length=120), nullable=True),
        sa.Column("status", sa.String(length=20), nullable=False),
        sa.Column("starts_at", Instant(), nullable=True),
        sa.Column("ends_at", Instant(), nullable=True),
        sa.Column("access", sa.String(length=12), nullable=False, comment="granted, due, waiting, broken, none"),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("grants", sa.Integer(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("connection", "booking_id"),
    )
    with op.batch_alter_table("stays", schema=None) as batch_op:
        batch_op.create_index("stays_by_room", ["connection", "room"], unique=False)
        batch_op.create_index("stays_by_start", ["starts_at"], unique=False)

    op.create_table(
        "tokens",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False, comment="SHA-256; the token itself is shown once"),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("used_at", Instant(), nullable=True),
        sa.Column("revoked_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name"),
        sa.UniqueConstraint("digest"),
    )
    op.create_table(
        "users",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("password_hash", sa.String(length=200), nullable=False),
        sa.Column("role", sa.String(length=10), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("disabled", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("generation", sa.Integer(), server_default="1", nullable=False, comment="older sessions are void"),
        sa.PrimaryKeyConstraint("name"),
    )
    op.create_table(
        "alert_messages",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("alert_id", sa.Integer(), nullable=False),
        sa.Column("phase", sa.String(length=5), nullable=False, comment="begin or end"),
        sa.Column("channel", sa.String(length=10), nullable=False, comment="email or webhook"),
        sa.Column("due_at", Instant(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("sent_at", Instant(), nullable=True),
        sa.Column("given_up_at", Instant(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(
            ["alert_id"],
            ["alerts.id"],
        ),
        sa.PrimaryKeyConstraint("id"),
    )
    with op.batch_alter_table("alert_messages", schema=None) as batch_op:
        batch_op.create_index("alert_messages_waiting", ["sent_at", "given_up_at", "due_at"], unique=False)

    with op.batch_alter_table("links", schema=None) as batch_op:
        batch_op.create_index("links_by_seam_id", ["seam_id"], unique=False)

    with op.batch_alter_table("outcomes", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "cause",
                sa.String(length=10),
                nullable=True,
                comment="drift: Seam differed from what we last made; orphan: gone in the PMS",
            )
        )
        batch_op.create_index("outcomes_by_cause", ["cause", "at"], unique=False)

    with op.batch_alter_table("runs", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("property_id", sa.String(length=128), nullable=True, comment="of a run over one property only")
        )
        batch_op.add_column(
            sa.Column("broken_off", sa.Text(), nullable=True, comment="why the PMS or Seam could not be read, if so")
        )
        batch_op.add_column(
            sa.Column("phase", sa.String(length=200), nullable=True, comment="what a running run is doing")
        )
        batch_op.add_column(sa.Column("done", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("total", sa.Integer(), nullable=True))
        batch_op.create_index("runs_by_connection", ["connection", "started_at"], unique=False)

    with op.batch_alter_table("watches", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("failures", sa.Integer(), server_default="0", nullable=False, comment="in a row, for the backoff")
        )
