"""Channels as webhooks find them, and what webhooks leave on them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlmodel import Session, select

from crm.channels import secrets_of
from crm.templates import report_status
from schemas.error import NotFound
from storage.secret import SecretBox
from storage.table import ChannelRow

LINE = 200
"""Characters of the line that tells what came in last."""


@dataclass(frozen=True, slots=True)
class Door:
    """A channel at its webhook address. `settings` are its config with its secrets; `siblings` are channels by address."""

    tenant: int
    channel: int
    address: str
    settings: Mapping[str, Any] = field(repr=False)
    siblings: Mapping[str, int]


def find_door(session: Session, kind: str, channel: int, box: SecretBox) -> Door:
    """The channel of this kind. Raises NotFound, also while it is switched off: the provider tries again later."""
    row = session.get(ChannelRow, channel)
    if row is None or row.kind != kind or row.status == "off":
        raise NotFound("There is no channel at this address. Copy it again from the channel's settings.")
    same = select(ChannelRow).where(ChannelRow.tenant == row.tenant, ChannelRow.kind == kind, ChannelRow.status != "off")
    siblings = {each.address: each.id for each in session.exec(same) if each.address}
    return Door(row.tenant, row.id, row.address, {**row.config, **secrets_of(row, box)}, siblings)


def note_call(session: Session, channel: int, line: str, now: datetime) -> None:
    """Keep on the channel when a webhook came last, and what it said."""
    row = session.get(ChannelRow, channel)
    if row is not None:
        row.last_inbound_at, row.last_inbound_summary = now, line[:LINE]
        session.add(row)


def note_attention(session: Session, channel: int, message: str) -> None:
    """Something is broken: the channel shows it until its settings are saved again."""
    row = session.get(ChannelRow, channel)
    if row is not None and row.status != "off":
        row.status, row.attention = "needs_attention", message[:500]
        session.add(row)


@dataclass(frozen=True, slots=True)
class TemplateNews:
    """What a provider says of a template. `status` is one of ours, never ""."""

    name: str
    language: str
    status: str
    reason: str = ""
    provider_id: str = ""


def note_templates(session: Session, tenant: int, news: list[TemplateNews], now: datetime) -> bool:
    """Take over the states of templates; whether any of them is ours, and so the tenant's world changed."""
    known = [
        report_status(session, tenant, each.name, each.language, each.status, each.reason, now, provider_id=each.provider_id)
        for each in news
    ]
    return any(known)
