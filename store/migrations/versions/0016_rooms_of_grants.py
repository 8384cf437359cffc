"""Which Spaces a grant is for, as we gave them: so that a change by somebody else in Seam is seen."""

import sqlalchemy as sa
from alembic import op

from store.tables import Ids

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "links",
        sa.Column(
            "space_ids",
            Ids(),
            nullable=True,
            comment="grants: the Spaces that it is for, as we last gave or found them right",
        ),
    )


def downgrade() -> None:
    op.drop_column("links", "space_ids")
