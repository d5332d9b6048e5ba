"""Notices of flows for teams, and up to which each user has looked."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "notice",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("team", BIG, nullable=False),
        sa.Column("contact", BIG, nullable=False),
        sa.Column("conversation", BIG, nullable=False),
        sa.Column("flow", BIG, nullable=False),
        sa.Column("call", BIG, nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("notice_team", "notice", ["tenant", "team", "id"], unique=False)
    op.create_index("notice_call", "notice", ["call"], unique=True)
    op.create_index("notice_contact", "notice", ["contact"], unique=False)
    op.add_column("user", sa.Column("notices_seen", BIG, nullable=False, server_default="0"))
