"""How each connection stands is one row, written by the run that ends; door codes are found by the end of access."""

import sqlalchemy as sa
from alembic import op

from store.tables import Instant

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

SWEEPS = ("incremental", "full", "night_audit")
runs = sa.table(
    "runs",
    sa.column("run_id"),
    sa.column("connection"),
    sa.column("mode"),
    sa.column("started_at", Instant()),
    sa.column("finished_at", Instant()),
    sa.column("broken_off"),
)


def upgrade() -> None:
    status = op.create_table(
        "status",
        sa.Column("connection", sa.String(64), nullable=False),
        sa.Column("property_id", sa.String(128), nullable=False, comment="empty: of runs over the whole connection"),
        sa.Column("last_run", sa.String(40), nullable=False, comment="which began last, of those that have ended"),
        sa.Column("last_started_at", Instant(), nullable=False),
        sa.Column("trouble", sa.Text(), comment="why it broke off, if so"),
        sa.Column("ended_run", sa.String(40), nullable=False, comment="which ended last"),
        sa.Column("ended_at", Instant(), nullable=False),
        sa.Column("sweep_started_at", Instant(), comment="of the last over all that changed, or over everything"),
        sa.Column("sweep_trouble", sa.Text(), comment="why that broke off, if so"),
        sa.Column("failures", sa.Integer(), nullable=False, comment="of those, in a row"),
        sa.Column("good_started_at", Instant(), comment="of the last of those that could read both sides"),
        sa.Column("good_ended_at", Instant()),
        sa.Column("full_run", sa.String(40), comment="the last over everything that could"),
        sa.Column("full_started_at", Instant()),
        sa.PrimaryKeyConstraint("connection", "property_id"),
    )
    op.create_index("status_by_end", "status", ["ended_at"])
    op.create_index("handed_over_by_end", "handed_over", ["connection", "property_id", "ends_at"])
    db = op.get_bind()
    name: str | None = ""
    while name := db.execute(sa.select(sa.func.min(runs.c.connection)).where(runs.c.connection > name)).scalar():
        mine = sa.select(runs).where(runs.c.connection == name, runs.c.finished_at.is_not(None))
        newest = mine.order_by(runs.c.started_at.desc())
        last = db.execute(newest.limit(1)).one_or_none()
        if last is None:
            continue
        sweeps = db.execute(newest.where(runs.c.mode.in_(SWEEPS)).limit(3)).all()
        is_good = runs.c.broken_off.is_(None)
        good = db.execute(newest.where(runs.c.mode.in_(SWEEPS), is_good).limit(1)).one_or_none()
        full = db.execute(newest.where(runs.c.mode.in_(SWEEPS[1:]), is_good).limit(1)).one_or_none()
        ended = db.execute(mine.order_by(runs.c.finished_at.desc(), runs.c.run_id.desc()).limit(1)).one()
        in_a_row = next((place for place, run in enumerate(sweeps) if run.broken_off is None), len(sweeps))
        db.execute(
            status.insert().values(
                connection=name,
                property_id="",
                last_run=last.run_id,
                last_started_at=last.started_at,
                trouble=last.broken_off,
                ended_run=ended.run_id,
                ended_at=ended.finished_at,
                sweep_started_at=sweeps[0].started_at if sweeps else None,
                sweep_trouble=sweeps[0].broken_off if sweeps else None,
                failures=in_a_row,
                good_started_at=good.started_at if good else None,
                good_ended_at=good.finished_at if good else None,
                full_run=full.run_id if full else None,
                full_started_at=full.started_at if full else None,
            )
        )
