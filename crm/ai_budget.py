"""What AI calls may use, and what they have used: by contact and day, and by workspace and day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from math import ceil
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete
from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session, col

from crm.ai import AiSettings
from storage.table import AiSpendRow, TenantRow

EVERYBODY = 0
"""Stands for a contact in the row of the whole workspace."""
MICRO = 1_000_000
KEPT = timedelta(days=92)
"""A quarter, so that a bill can be compared."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What was used on a day; `cost` in the provider's currency."""

    calls: int = 0
    tokens: int = 0
    cost: float = 0.0


def today(session: Session, tenant: int, now: datetime) -> date:
    """The day in the workspace's time zone."""
    row = session.get(TenantRow, tenant)
    zone = row.settings.get("timezone") if row is not None else None
    return now.astimezone(ZoneInfo(zone or "UTC")).date()


def spent(session: Session, tenant: int, contact: int, day: date) -> Spent:
    """What a contact (EVERYBODY: the workspace) has used on a day."""
    row = session.get(AiSpendRow, (tenant, day, contact))
    return Spent() if row is None else Spent(row.calls, row.tokens_in + row.tokens_out, row.cost / MICRO)


def over_budget(session: Session, tenant: int, contact: int, settings: AiSettings, now: datetime) -> str:
    """Which budget is used up, in a sentence; "" while a call may be made.

    Calls that run at the same time don't know of each other: a budget may be passed by those in flight.
    """
    day = today(session, tenant, now)
    limits = [(EVERYBODY, "the workspace", settings.day_tokens, settings.day_cost)]
    if contact != EVERYBODY:
        limits.append((contact, "this contact", settings.contact_tokens, settings.contact_cost))
    for who, name, tokens, cost in limits:
        used = spent(session, tenant, who, day)
        if tokens is not None and used.tokens >= tokens:
            return f"{name} has used {used.tokens:,} of {tokens:,} tokens today"
        if cost is not None and used.cost >= cost:
            return f"{name} has used {used.cost:.2f} of {cost:.2f} today"
    return ""


def record_spend(
    session: Session, tenant: int, contact: int, settings: AiSettings, tokens_in: int, tokens_out: int, now: datetime
) -> None:
    """Add one answer of the provider, whatever came of it: it is paid for. Both rows, in one transaction."""
    cost = ceil(tokens_in * (settings.price_in or 0) + tokens_out * (settings.price_out or 0))  # millionths, as prices are
    day = today(session, tenant, now)
    for who in {EVERYBODY, contact}:
        added: dict[str, Any] = {"calls": 1, "tokens_in": tokens_in, "tokens_out": tokens_out, "cost": cost}
        row = insert(AiSpendRow).values(tenant=tenant, day=day, contact=who, **added)
        more = {name: getattr(AiSpendRow, name) + value for name, value in added.items()}
        session.execute(row.on_conflict_do_update(index_elements=["tenant", "day", "contact"], set_=more))


def forget_old_spend(session: Session, now: datetime) -> None:
    """Delete what is older than KEPT."""
    session.execute(delete(AiSpendRow).where(col(AiSpendRow.day) < now.date() - KEPT))
