"""Organisations, who works there, and with which keys."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import Field, SQLModel

from storage.column import Big, instant, json_list, json_object, json_value, no_instant, own_id, reference


class TenantRow(SQLModel, table=True):
    """One organisation's workspace. `settings` holds timezone, country, opt-out words, plan, branding."""

    __tablename__ = "tenant"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: int = own_id()
    name: str
    status: str = "active"
    """active, pending, suspended or expired; only an active one may use the API and send."""
    settings: dict[str, Any] = json_object()
    world: int = Field(default=1)
    """Raised by every change of what is published, so that processes drop an old world."""
    created_at: datetime = instant()


class GlobalRow(SQLModel, table=True):
    """A value of the workspace's own, which all of its flows read as `global.KEY`."""

    __tablename__ = "global_value"
    __table_args__ = (Index("global_value_key", "tenant", "key", unique=True), {"sqlite_autoincrement": True})

    id: int = own_id()
    tenant: int = reference()
    key: str
    label: str
    type: str = "text"
    """text, number, boolean, date or list."""
    value: Any = json_value()
    created_at: datetime = instant()


class HoursRow(SQLModel, table=True):
    """Hours by name. `hours` None: always open. Those with the key `business` count where none are named."""

    __tablename__ = "named_hours"
    __table_args__ = (Index("named_hours_key", "tenant", "key", unique=True), {"sqlite_autoincrement": True})

    id: int = own_id()
    tenant: int = reference()
    key: str
    label: str
    hours: dict[str, Any] | None = json_value()
    created_at: datetime = instant()


class ApiKeyRow(SQLModel, table=True):
    """An API key: its public id and the SHA-256 of its text, never the text."""

    __tablename__ = "api_key"
    __table_args__ = (Index("api_key_hash", "hash", unique=True), {"sqlite_autoincrement": True})

    id: int = own_id()
    tenant: int = reference(index=True)
    public_id: str
    """The 8 characters after `pd_live_`, by which people tell keys apart."""
    hash: str
    name: str = ""
    mode: str = "live"
    scopes: list[str] = json_list()
    policies: list[Any] = json_list()
    created_at: datetime = instant()
    last_used_at: datetime | None = no_instant()
    revoked_at: datetime | None = no_instant()


class UserRow(SQLModel, table=True):
    """Someone who signs in. `email` is lower case. `role` is owner, editor or agent."""

    __tablename__ = "user"
    __table_args__ = (Index("user_email", "tenant", "email", unique=True), {"sqlite_autoincrement": True})

    id: int = own_id()
    tenant: int = reference()
    email: str
    name: str
    role: str = "agent"
    password_hash: str | None = None
    presence: str = "offline"
    """online, busy or offline, as the user last set it; the team's desk decides by its own copy."""
    created_at: datetime = instant()
    removed_at: datetime | None = no_instant()
    notices_seen: int = Field(default=0, sa_type=Big, sa_column_kwargs={"server_default": "0"})
    """Up to which notice the user has looked."""
