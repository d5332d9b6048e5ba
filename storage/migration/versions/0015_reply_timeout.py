"""A message says when the timeout ends that it started; the run says which message that is, and is looked up only then."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer, "sqlite")
# Timeouts of messages that were still on their way: until now their runs were due when they expired.
AWAITS = """
UPDATE run SET awaits = m.id, due = min(run.due, m.created_at + m.arm_seconds * 1000000)
FROM message AS m INDEXED BY message_unsettled
WHERE m.next_at IS NOT NULL AND m.arm_wait = run.wait_id AND m.run = run.id AND run.status = 'waiting' AND run.due IS NOT NULL
"""


def upgrade() -> None:
    op.add_column("run", sa.Column("awaits", BIG, nullable=True))
    op.add_column("run", sa.Column("subflow_ends_at", BIG, nullable=True))
    op.execute(AWAITS)
    op.execute("UPDATE message SET arm_wait = NULL WHERE arm_wait IS NOT NULL")
    op.alter_column("message", "arm_wait", new_column_name="timeout_at")
