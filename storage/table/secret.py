"""What flows may send but nobody may read again: keys and passwords of other systems."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index, LargeBinary
from sqlmodel import Field, SQLModel

from storage.column import instant, no_instant, own_id, reference


class SecretRow(SQLModel, table=True):
    """A secret by its name, sealed (see `storage.secret`)."""

    __tablename__ = "secret"
    __table_args__ = (Index("secret_name", "tenant", "name", unique=True), {"sqlite_autoincrement": True})

    id: int = own_id()
    tenant: int = reference()
    name: str
    sealed: bytes = Field(sa_type=LargeBinary)
    created_at: datetime = instant()
    changed_at: datetime = instant()
    used_at: datetime | None = no_instant()
    """When a request last took it along, to the minute."""
