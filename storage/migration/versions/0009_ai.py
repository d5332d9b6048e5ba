"""The workspace's AI provider, and what its calls have cost."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "ai_provider",
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("base_url", sa.String(), nullable=False),
        sa.Column("model", sa.String(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=True),
        sa.Column("timeout", sa.Integer(), nullable=False),
        sa.Column("contact_tokens", sa.Integer(), nullable=True),
        sa.Column("day_tokens", sa.Integer(), nullable=True),
        sa.Column("contact_cost", sa.Float(), nullable=True),
        sa.Column("day_cost", sa.Float(), nullable=True),
        sa.Column("price_in", sa.Float(), nullable=True),
        sa.Column("price_out", sa.Float(), nullable=True),
        sa.Column("updated_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("tenant"),
        sqlite_with_rowid=False,
    )
    op.create_table(
        "ai_spend",
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("contact", BIG, nullable=False),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("tokens_in", sa.BigInteger(), nullable=False),
        sa.Column("tokens_out", sa.BigInteger(), nullable=False),
        sa.Column("cost", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("tenant", "day", "contact"),
        sqlite_with_rowid=False,
    )
