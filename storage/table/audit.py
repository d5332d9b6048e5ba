"""What people and keys did, and which requests were answered."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.column import given_id, instant, json_object, json_value, own_id, reference


class AuditRow(SQLModel, table=True):
    """Something that a person or a key did: who, what, to what, from where."""

    __tablename__ = "audit"
    __table_args__ = (Index("audit_tenant", "tenant", "at"), {"sqlite_autoincrement": True})

    id: int = own_id()
    tenant: int = reference()
    at: datetime = instant()
    actor: str
    """`user:7`, `key:3f8a1c2b` or `system`."""
    action: str
    """A verb and a thing, such as `publish flow`."""
    subject: str = ""
    data: dict[str, Any] = json_object()
    address: str = ""


class IdempotencyRow(SQLModel, table=True):
    """A request under an Idempotency-Key, and its answer once it has one."""

    __tablename__ = "idempotency"
    __table_args__ = (Index("idempotency_until", "until"), {"sqlite_with_rowid": False})

    tenant: int = given_id()
    api_key: str = Field(primary_key=True)
    method: str = Field(primary_key=True)
    path: str = Field(primary_key=True)
    key: str = Field(primary_key=True)
    fingerprint: str
    until: datetime = instant()
    status: int | None = None
    """NULL while the request is being worked on."""
    headers: dict[str, str] | None = json_value()
    body: bytes | None = None
