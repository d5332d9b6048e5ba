"""The workspace's AI provider, and what its calls have cost."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import BigInteger
from sqlmodel import Field, SQLModel

from storage.column import given_id, instant


class AiProviderRow(SQLModel, table=True):
    """Where a workspace's AI nodes ask. Budgets and prices that are NULL aren't set."""

    __tablename__ = "ai_provider"
    __table_args__ = ({"sqlite_with_rowid": False},)

    tenant: int = given_id()
    base_url: str
    model: str
    key: bytes | None = Field(default=None)
    """Sealed by `storage.secret`, with tenant and `ai` as associated data. NULL: the server wants none."""
    timeout: int
    """Seconds for one answer."""
    contact_tokens: int | None = Field(default=None)
    day_tokens: int | None = Field(default=None)
    contact_cost: float | None = Field(default=None)
    day_cost: float | None = Field(default=None)
    price_in: float | None = Field(default=None)
    """Of a million tokens that are read, in the currency in which the provider bills."""
    price_out: float | None = Field(default=None)
    updated_at: datetime = instant()


class AiSpendRow(SQLModel, table=True):
    """What the calls for one contact took on one day; contact 0: all calls of the workspace."""

    __tablename__ = "ai_spend"
    __table_args__ = ({"sqlite_with_rowid": False},)

    tenant: int = given_id()
    day: date = Field(primary_key=True)
    """In the workspace's time zone."""
    contact: int = given_id()
    calls: int = 0
    tokens_in: int = Field(default=0, sa_type=BigInteger)
    tokens_out: int = Field(default=0, sa_type=BigInteger)
    cost: int = Field(default=0, sa_type=BigInteger)
    """In millionths of the currency."""
