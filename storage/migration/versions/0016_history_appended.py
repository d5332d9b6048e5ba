"""The history is appended: by its key alone, whose nodes held whole steps, each step was sorted in among those of other runs."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")


def upgrade() -> None:
    op.rename_table("step", "old_step")
    op.create_table(
        "step",
        sa.Column("run", BIG, autoincrement=False, nullable=False),
        sa.Column("number", BIG, autoincrement=False, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("event", BIG, nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.Column("data", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("run", "number"),
    )
    columns = "run, number, tenant, event, at, data"
    op.execute(f"INSERT INTO step ({columns}) SELECT {columns} FROM old_step")
    op.drop_table("old_step")
