"""Cards that were encoded at the desk."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant, Words

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "card_encodings",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("connection", sa.String(64), nullable=False),
        sa.Column("property_id", sa.String(128), nullable=False),
        sa.Column("booking_id", sa.String(255), nullable=False),
        sa.Column("key", sa.String(255), nullable=False, comment="the grant's, without its generation"),
        sa.Column("seam_id", sa.String(64), nullable=False, comment="the grant's"),
        sa.Column("method_id", sa.String(64), nullable=False, comment="the access method's; never the card's number"),
        sa.Column("room", Words(200), nullable=False),
        sa.Column("encoder_id", sa.String(64), nullable=False),
        sa.Column("encoder", Words(200), nullable=False, comment="its name"),
        sa.Column("who", sa.String(80), nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("attempt_id", sa.String(64), comment="Seam's id of the order"),
        sa.Column("ended_at", Instant()),
        sa.Column("outcome", sa.String(10), comment="written, failed or unknown"),
        sa.Column("error", sa.String(80), comment="Seam's word for why it failed"),
        sa.Column("why", Words(), comment="the same in Seam's words"),
        sa.Column("taken", sa.String(64), comment="the encoder, while it is under way: no other order has it then"),
    )
    op.create_index("cards_of_bookings", "card_encodings", ["connection", "booking_id"])
    op.create_index("one_card_at_a_time", "card_encodings", ["taken"], unique=True)


def downgrade() -> None:
    op.drop_table("card_encodings")
