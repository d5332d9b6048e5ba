"""The number of a tenant's world: raised in the transaction of every change of what is published."""

from __future__ import annotations

from sqlmodel import Session

from schemas.error import NotFound
from storage.table import TenantRow


def raise_world(session: Session, tenant: int) -> int:
    """The new number. After the commit, call `StoredWorlds.changed(tenant)`, so that the next decision loads it."""
    row = session.get(TenantRow, tenant)
    if row is None:
        raise NotFound("There is no such workspace.")
    row.world += 1
    session.add(row)
    return row.world
