"""What is due is rows of one queue: the inbox's, those of bookings to be looked at again, and messages of alerts."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

INBOX = """INSERT INTO queue (connection, kind, subject, property_id, not_before, attempts, why, enqueued_at)
SELECT coalesce(connection, ''), CASE WHEN connection IS NULL THEN 'seam_event' ELSE 'booking_news' END,
    CAST(id AS VARCHAR(20)), coalesce(property_id, ''), due_at, 0, NULL, received_at
FROM inbox WHERE handled_at IS NULL"""
WATCHES = """INSERT INTO queue (connection, kind, subject, property_id, not_before, attempts, why, enqueued_at)
SELECT connection, CASE WHEN failures > 0 THEN 'retry_booking' ELSE 'watch_stay' END, booking_id, property_id,
    look_again_at, failures, NULL, look_again_at
FROM watches"""
MESSAGES = """INSERT INTO queue (connection, kind, subject, property_id, not_before, attempts, why, enqueued_at)
SELECT alerts.connection, 'send_alert',
    CAST(alerts.id AS VARCHAR(20)) || '/' || alert_messages.phase || '/' || alert_messages.channel, '',
    alert_messages.due_at, alert_messages.attempts, alert_messages.trouble, alert_messages.due_at
FROM alert_messages JOIN alerts ON alerts.id = alert_messages.alert_id
WHERE alert_messages.sent_at IS NULL AND alert_messages.given_up_at IS NULL"""


def upgrade() -> None:
    op.create_table(
        "queue",
        sa.Column("connection", sa.String(64), nullable=False, comment="empty: nobody knows yet whose it is"),
        sa.Column("kind", sa.String(20), nullable=False, comment="what is to be done (store.queue.TaskKind)"),
        sa.Column("subject", sa.String(255), nullable=False, comment="about what: an id"),
        sa.Column("property_id", sa.String(128), nullable=False, comment="empty: the whole connection"),
        sa.Column("not_before", Instant(), nullable=False),
        sa.Column(
            "attempts",
            sa.Integer(),
            nullable=False,
            comment="in vain, in a row; an outage of the other side is none",
        ),
        sa.Column("why", sa.Text(), comment="why it was put off"),
        sa.Column("enqueued_at", Instant(), nullable=False),
        sa.Column("taken_by", sa.String(64), comment="none: free"),
        sa.Column("taken_at", Instant()),
        sa.PrimaryKeyConstraint("connection", "kind", "subject"),
    )
    op.create_index("queue_by_time", "queue", ["kind", "not_before"])
    op.create_index("queue_by_connection", "queue", ["connection", "kind", "not_before"])
    for statement in (INBOX, WATCHES, MESSAGES):
        op.execute(statement)
    op.drop_table("watches")
    op.drop_table("alert_messages")
    op.drop_index("inbox_waiting", "inbox")
    op.drop_column("inbox", "due_at")
    op.create_index("inbox_waiting", "inbox", ["handled_at", "connection"])
    op.drop_column("handed_over", "attempts")
