"""Whether a published flow waits for replies or people; flows that were published before count as not, until the next time."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("flow", sa.Column("interactive", sa.Boolean(), nullable=False, server_default=sa.false()))
