"""The runs that stand in several flows, to count who stands at the nodes that run others."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

NESTED = "status IN ('waiting', 'suspended') AND at_version <> version"


def upgrade() -> None:
    op.create_index("run_nested", "run", ["tenant"], unique=False, sqlite_where=sa.text(NESTED))
