"""Files that were uploaded, or came in with a message."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.column import Big, instant, json_object, own_id, reference


class MediaRow(SQLModel, table=True):
    """A file under POSTDOG_DATA_DIR. `path` is relative to it; `uploads` is what each channel's provider calls it.

    `uploads` is `{"<channel id>": {"id": "...", "until": "<ISO instant>"}}`.
    """

    __tablename__ = "media"
    __table_args__ = (Index("media_content", "tenant", "sha256"), {"sqlite_autoincrement": True})

    id: int = own_id()
    tenant: int = reference()
    mime: str
    size: int = Field(sa_type=Big)
    """Bytes."""
    sha256: str
    filename: str = ""
    path: str
    uploads: dict[str, Any] = json_object()
    created_at: datetime = instant()
