"""The fields that contacts may have."""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from crm.own import own
from crm.used_by import refuse_if_used
from crm.world_number import raise_world
from engine.core.program import NodeTypes
from schemas.error import Conflict
from storage.table import FieldRow

MOST_FIELDS = 200
"""Fields of a workspace: more belong into the system that owns the data."""
RESERVED = frozenset(
    {"id", "name", "first_name", "language", "timezone", "phone", "email", "tags", "identities", "created_at", "fields"}
)
"""Facts that every contact has: `contact.name` must not mean a field."""


def list_fields(session: Session, tenant: int) -> list[FieldRow]:
    """All fields, by key."""
    return list(session.exec(select(FieldRow).where(FieldRow.tenant == tenant).order_by(col(FieldRow.key))))


def create_field(session: Session, tenant: int, key: str, label: str, type: str, now: datetime) -> FieldRow:
    """A new field. Its key and type stay; its label may change."""
    if key in RESERVED:
        raise Conflict(f"Every contact has “{key}” already. Choose another key.")
    known = list_fields(session, tenant)
    if any(field.key == key for field in known):
        raise Conflict(f"There is a field “{key}” already.")
    if len(known) >= MOST_FIELDS:
        raise Conflict(f"There are {MOST_FIELDS} fields already. Delete one that nobody uses.")
    row = FieldRow(tenant=tenant, key=key, label=label or key, type=type, created_at=now)
    session.add(row)
    raise_world(session, tenant)
    session.flush()
    return row


def relabel_field(session: Session, tenant: int, field: int, label: str) -> FieldRow:
    """The field under another label for people."""
    row = own(session, FieldRow, tenant, field, "field")
    row.label = label
    session.add(row)
    return row


def delete_field(session: Session, tenant: int, field: int, node_types: NodeTypes) -> None:
    """Remove a field; contacts keep their values. Raises InUse."""
    row = own(session, FieldRow, tenant, field, "field")
    refuse_if_used(session, tenant, node_types, "field", (row.key,), f"The field “{row.key}”")
    session.delete(row)
    raise_world(session, tenant)
