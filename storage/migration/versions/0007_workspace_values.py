"""Global variables, and hours by name: the business hours move out of the settings."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

MOVE = """
INSERT INTO named_hours (tenant, key, label, hours, created_at)
SELECT id, 'business', 'Business hours', json_extract(settings, '$.hours'), created_at FROM tenant
"""


def upgrade() -> None:
    op.create_table(
        "global_value",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("created_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("global_value_key", "global_value", ["tenant", "key"], unique=True)
    op.create_table(
        "named_hours",
        sa.Column("id", BIG, nullable=False),
        sa.Column("tenant", BIG, nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("hours", sa.Text(), nullable=True),
        sa.Column("created_at", BIG, nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sqlite_autoincrement=True,
    )
    op.create_index("named_hours_key", "named_hours", ["tenant", "key"], unique=True)
    op.execute(MOVE)
    op.execute("UPDATE tenant SET settings = json_remove(settings, '$.hours')")
