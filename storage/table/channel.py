"""Connected channels, and what belongs to them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.column import given_id, instant, json_list, json_object, json_value, no_instant, own_id, reference


class ChannelRow(SQLModel, table=True):
    """A connected channel. `address` is what people know it by (a number, a mailbox); `label` a device label."""

    __tablename__ = "channel"
    __table_args__ = (
        Index("channel_tenant", "tenant", "kind"),
        {"sqlite_autoincrement": True},
    )

    id: int = own_id()
    tenant: int = reference()
    kind: str
    name: str
    address: str = ""
    label: str = ""
    config: dict[str, Any] = json_object()
    secrets: bytes | None = Field(default=None)
    """A JSON object sealed by `storage.secret`, with tenant and `channel:{id}` as associated data."""
    status: str = "active"
    """active, needs_attention or off."""
    attention: str = ""
    """What is wrong and what to do next, for people."""
    last_inbound_at: datetime | None = no_instant()
    last_inbound_summary: str = ""
    created_at: datetime = instant()
    updated_at: datetime | None = no_instant()


class TemplateRow(SQLModel, table=True):
    """A WhatsApp template and its state with Meta. `channel` 0: of every WhatsApp channel."""

    __tablename__ = "template"
    __table_args__ = (
        Index("template_name", "tenant", "channel", "name", "language", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: int = own_id()
    tenant: int = reference()
    channel: int = reference()
    name: str
    language: str
    category: str = "UTILITY"
    header: dict[str, Any] | None = json_value()
    body: str
    footer: str = ""
    buttons: list[Any] = json_list()
    parameters: list[str] = json_list()
    status: str = "draft"
    """draft, pending, approved, rejected, paused or disabled."""
    reason: str = ""
    provider_id: str = ""
    created_at: datetime = instant()
    updated_at: datetime | None = no_instant()


class WebchatVisitorRow(SQLModel, table=True):
    """A browser that chats on a web-chat channel: its visitor id and the SHA-256 of its token."""

    __tablename__ = "webchat_visitor"
    __table_args__ = (Index("webchat_visitor_token", "token_hash", unique=True), {"sqlite_with_rowid": False})

    channel: int = given_id()
    visitor: str = Field(primary_key=True)
    tenant: int = reference()
    token_hash: str
    created_at: datetime = instant()
    seen_at: datetime | None = no_instant()
