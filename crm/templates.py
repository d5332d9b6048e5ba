"""WhatsApp templates: our record of each and of its approval.

A template that is `pending` without a `provider_id` waits to be submitted; the state after that is Meta's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from crm.own import own
from crm.template_check import parameters_of
from crm.used_by import refuse_if_used
from crm.world_number import raise_world
from engine.core.program import NodeTypes
from schemas.error import Conflict
from schemas.public_id import public_id
from storage.table import ChannelRow, TemplateRow

STATES = ("draft", "pending", "approved", "rejected", "paused", "disabled")
EDITABLE = frozenset({"draft", "rejected"})
NOT_CONNECTED = "Connect a WhatsApp channel, then submit it."


def list_templates(session: Session, tenant: int, status: str | None = None) -> list[TemplateRow]:
    """All templates with their approval status, by name and language."""
    wanted = select(TemplateRow).where(TemplateRow.tenant == tenant)
    if status is not None:
        wanted = wanted.where(TemplateRow.status == status)
    return list(session.exec(wanted.order_by(TemplateRow.name, TemplateRow.language)))


def get_template(session: Session, tenant: int, template: int) -> TemplateRow:
    """The template. Raises NotFound."""
    return own(session, TemplateRow, tenant, template, "template")


def create_template(
    session: Session,
    tenant: int,
    name: str,
    category: str,
    language: str,
    body: str,
    now: datetime,
    *,
    header: Mapping[str, Any] | None = None,
    footer: str = "",
    buttons: Sequence[Any] = (),
    channel: int = 0,
) -> TemplateRow:
    """A new template, submitted for review where a WhatsApp channel is connected; else a draft. Raises InvalidTemplate."""
    if channel:
        own(session, ChannelRow, tenant, channel, "channel")
    double = select(TemplateRow).where(
        TemplateRow.tenant == tenant,
        TemplateRow.channel == channel,
        TemplateRow.name == name,
        TemplateRow.language == language,
    )
    if session.exec(double).first() is not None:
        raise Conflict(f"There is a template “{name}” in {language} already. Choose another name or language.")
    row = TemplateRow(
        tenant=tenant,
        channel=channel,
        name=name,
        language=language,
        category=category,
        header=dict(header) if header is not None else None,
        body=body,
        footer=footer,
        buttons=list(buttons),
        parameters=list(parameters_of(body)),
        created_at=now,
        updated_at=now,
    )
    submit(session, row)
    session.add(row)
    raise_world(session, tenant)
    session.flush()
    return row


def update_template(
    session: Session, tenant: int, template: int, changes: Mapping[str, Any], now: datetime
) -> TemplateRow:
    """Other parts of a template that is a draft or was rejected: category, header, body, footer, buttons; or its `status`."""
    row = get_template(session, tenant, template)
    parts = {key: value for key, value in changes.items() if key in ("category", "header", "body", "footer", "buttons")}
    if parts and row.status not in EDITABLE:
        raise Conflict(f"This template is {row.status}: its text can't be changed. Make a new one under another name.")
    for key, value in parts.items():
        setattr(row, key, value)
    if "body" in parts:
        row.parameters = list(parameters_of(row.body))
    if changes.get("status") == "pending":
        submit(session, row)
    elif changes.get("status"):
        row.status = changes["status"]
        row.reason = changes.get("reason") or ""
    row.updated_at = now
    session.add(row)
    raise_world(session, tenant)
    return row


def submit(session: Session, row: TemplateRow) -> None:
    """Put a template up for review, if there is a WhatsApp channel to do it over."""
    wanted = select(ChannelRow.id).where(ChannelRow.tenant == row.tenant, ChannelRow.kind == "whatsapp")
    connected = session.exec(wanted.where(ChannelRow.status != "off").limit(1)).first() is not None
    row.status, row.reason = ("pending", "") if connected else ("draft", NOT_CONNECTED)


def report_status(
    session: Session, tenant: int, name: str, language: str, status: str, reason: str, now: datetime, *, provider_id: str = ""
) -> bool:
    """Take over what the provider says of a template; False if we have no such template."""
    wanted = select(TemplateRow).where(TemplateRow.tenant == tenant, TemplateRow.name == name)
    rows = list(session.exec(wanted.where(TemplateRow.language == language)))
    for row in rows:
        row.status, row.reason, row.updated_at = status, reason, now
        row.provider_id = provider_id or row.provider_id
        session.add(row)
    if rows:
        raise_world(session, tenant)
    return bool(rows)


def delete_template(session: Session, tenant: int, template: int, node_types: NodeTypes) -> None:
    """Remove our record. Raises InUse where a published flow sends it and no other language is left."""
    row = get_template(session, tenant, template)
    others = select(TemplateRow.id).where(
        TemplateRow.tenant == tenant, TemplateRow.name == row.name, col(TemplateRow.id) != row.id
    )
    if session.exec(others.limit(1)).first() is None:
        ids = (row.name, public_id("tpl", row.id))
        refuse_if_used(session, tenant, node_types, "template", ids, f"The template “{row.name}”")
    session.delete(row)
    raise_world(session, tenant)
