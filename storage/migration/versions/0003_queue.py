"""Who waits for a team: rows of their own."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

MOVE = """
INSERT INTO queued (tenant, team, conversation, contact, claim, since, depth, agent, strategy, priority)
SELECT desk.tenant, desk.team, q.value ->> 0, q.value ->> 1, q.value ->> 2, q.value ->> 3, q.value ->> 4, q.value ->> 5,
       q.value ->> 6, q.value ->> 7
FROM desk, json_each(desk.state, '$.queue') AS q ORDER BY desk.team, q.key
"""


def upgrade() -> None:
    op.create_table(
        "queued",
        sa.Column("place", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("team", BIG, nullable=False),
        sa.Column("conversation", BIG, nullable=False),
        sa.Column("contact", BIG, nullable=False),
        sa.Column("claim", sa.String(), nullable=False),
        sa.Column("since", sa.String(), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.Column("agent", BIG, nullable=False),
        sa.Column("strategy", sa.String(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("place"),
        sqlite_autoincrement=True,
    )
    op.create_index("queued_team", "queued", ["team", "conversation"], unique=True)
    op.execute(MOVE)
    op.execute("UPDATE desk SET state = json_remove(state, '$.queue')")
