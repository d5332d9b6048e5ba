"""Workspaces: how one begins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from engine.core.world import BUSINESS
from schemas.error import NotFound
from storage.table import ChannelRow, HoursRow, TeamRow, TenantRow

EVERYONE = "everyone"


@dataclass(frozen=True, slots=True)
class Bootstrapped:
    """A workspace that can be used: its id, its team of all agents, its first web chat."""

    tenant: int
    team: int
    channel: int


def first_tenant(session: Session) -> TenantRow | None:
    """The oldest workspace; None in a new database."""
    return session.exec(select(TenantRow).order_by(col(TenantRow.id)).limit(1)).first()


def get_tenant(session: Session, tenant: int) -> TenantRow:
    """The workspace. Raises NotFound."""
    row = session.get(TenantRow, tenant)
    if row is None:
        raise NotFound("There is no such workspace.")
    return row


def bootstrap(
    session: Session, name: str, now: datetime, *, chat_name: str = "Web chat", chat_config: Mapping[str, Any] | None = None
) -> Bootstrapped:
    """A new workspace with a team of everyone and a web-chat channel. `chat_config` is what the channel's model allows."""
    tenant = TenantRow(name=name, created_at=now)
    session.add(tenant)
    session.flush()
    team = TeamRow(tenant=tenant.id, key=EVERYONE, name="Everyone", everyone=True, created_at=now)
    channel = ChannelRow(
        tenant=tenant.id, kind="webchat", name=chat_name, config=dict(chat_config or {}), created_at=now, updated_at=now
    )
    session.add(team)
    session.add(HoursRow(tenant=tenant.id, key=BUSINESS, label="Business hours", created_at=now))
    session.add(channel)
    session.flush()
    return Bootstrapped(tenant.id, team.id, channel.id)
