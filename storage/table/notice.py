"""Notices by which flows tell teams that something happened."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import SQLModel

from storage.column import instant, no_reference, own_id, reference


class NoticeRow(SQLModel, table=True):
    """What a flow tells a team. `call` is the call that wrote it: a second time it writes nothing."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("notice_team", "tenant", "team", "id"),
        Index("notice_call", "call", unique=True),
        Index("notice_contact", "contact"),
        {"sqlite_autoincrement": True},
    )

    id: int = own_id()
    tenant: int = reference()
    team: int = reference()
    contact: int = no_reference()
    conversation: int = no_reference()
    flow: int = no_reference()
    call: int = reference()
    text: str
    at: datetime = instant()
