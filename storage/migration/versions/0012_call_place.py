"""What a call goes to: calls to one place share their room."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("call", sa.Column("place", sa.String(), nullable=False, server_default=""))
