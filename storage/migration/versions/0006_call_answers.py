"""Calls that a run made: by which key, and to whom their answer goes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("call", sa.Column("key", sa.String(), nullable=False, server_default=""))
    op.add_column("call", sa.Column("contact", BIG, nullable=False, server_default="0"))
    op.add_column("call", sa.Column("run", BIG, nullable=False, server_default="0"))
    op.add_column("call", sa.Column("wait", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("call", sa.Column("node", sa.String(), nullable=False, server_default=""))
