"""Addresses of the tenant's own systems that are told what happens, and what each of them was told."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from storage.column import instant, json_list, json_value, no_instant, no_reference, own_id, reference


class WebhookRow(SQLModel, table=True):
    """An address and what it is told. `status` is on or off; `reason` says why it was switched off, where PostDog did it.

    `secret` is sealed; `old_secret` signs beside it until `old_until`, so that a rotation loses nothing.
    """

    __tablename__ = "webhook"
    __table_args__ = (Index("webhook_tenant", "tenant"), {"sqlite_autoincrement": True})

    id: int = own_id()
    tenant: int = reference()
    url: str
    label: str = ""
    events: list[str] = json_list()
    status: str = "on"
    reason: str = ""
    secret: bytes = Field(sa_type=LargeBinary)
    old_secret: bytes | None = Field(default=None, sa_type=LargeBinary)
    old_until: datetime | None = no_instant()
    failures: int = 0
    """Attempts in a row that came to nothing."""
    failing_since: datetime | None = no_instant()
    created_at: datetime = instant()
    updated_at: datetime = instant()
    timeout: int = Field(default=5, sa_column_kwargs={"server_default": "5"})
    """Seconds within which it must answer."""


class DeliveryRow(SQLModel, table=True):
    """One notification for one webhook, from its first attempt on: what was sent, how often, and what came back.

    `call` is the call that makes the attempts (0: a test, made by hand); `key` is what receivers tell duplicates by.
    """

    __tablename__ = "delivery"
    __table_args__ = (
        Index("delivery_webhook", "webhook", "id"),
        Index("delivery_call", "call", unique=True, sqlite_where=text("call <> 0")),
        Index("delivery_age", "created_at"),
        Index("delivery_contact", "contact", sqlite_where=text("contact <> 0")),
        {"sqlite_autoincrement": True},
    )

    id: int = own_id()
    tenant: int = reference()
    webhook: int = reference()
    contact: int = no_reference()
    """Whom it is about: it is forgotten with them."""
    call: int = no_reference()
    key: str
    event: str
    payload: str
    """The body as it was signed and sent, byte for byte."""
    facts: dict[str, Any] | None = json_value()
    """The call's data, so that it can be sent again when the call is pruned."""
    status: str = "waiting"
    """waiting, delivered or failed."""
    attempts: int = 0
    code: int = 0
    """The last answer's HTTP status; 0: none came."""
    answer: str = ""
    """The beginning of the last answer."""
    error: str = ""
    created_at: datetime = instant()
    last_at: datetime | None = no_instant()
    next_at: datetime | None = no_instant()
