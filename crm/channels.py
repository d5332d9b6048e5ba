"""Connected channels: their settings, secrets and state. Which settings a kind has, its model says; see `api.channel_config`."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import orjson
from sqlmodel import Session, col, select

from crm.own import own
from crm.used_by import refuse_if_used
from crm.world_number import raise_world
from engine.core.program import NodeTypes
from schemas.error import Conflict
from schemas.public_id import public_id
from storage.secret import SecretBox
from storage.table import ChannelRow, MessageRow

MOST_CHANNELS = 100


def list_channels(session: Session, tenant: int) -> list[ChannelRow]:
    """All channels, the oldest first."""
    return list(session.exec(select(ChannelRow).where(ChannelRow.tenant == tenant).order_by(col(ChannelRow.id))))


def get_channel(session: Session, tenant: int, channel: int) -> ChannelRow:
    """The channel. Raises NotFound."""
    return own(session, ChannelRow, tenant, channel, "channel")


def create_channel(
    session: Session,
    tenant: int,
    kind: str,
    name: str,
    config: Mapping[str, Any],
    secrets: Mapping[str, Any],
    box: SecretBox,
    now: datetime,
    *,
    address: str = "",
    label: str = "",
) -> ChannelRow:
    """A new channel; its secrets are sealed. `address` is what the provider calls it, unique among the tenant's channels."""
    known = list_channels(session, tenant)
    if len(known) >= MOST_CHANNELS:
        raise Conflict(f"There are {MOST_CHANNELS} channels already. Delete one that nobody uses.")
    _refuse_double(known, kind, address, 0)
    row = ChannelRow(tenant=tenant, kind=kind, name=name, address=address, label=label, created_at=now, updated_at=now)
    session.add(row)
    session.flush()
    _set(row, config, secrets, box)
    raise_world(session, tenant)
    return row


def update_channel(
    session: Session,
    tenant: int,
    channel: int,
    now: datetime,
    *,
    name: str | None = None,
    label: str | None = None,
    on: bool | None = None,
) -> ChannelRow:
    """Another name or label; switched on or off. What is switched off sends nothing and takes nothing in."""
    row = get_channel(session, tenant, channel)
    row.name = name or row.name
    row.label = label if label is not None else row.label
    if on is False:
        row.status = "off"
    elif on and row.status == "off":
        row.status, row.attention = "active", ""
    row.updated_at = now
    session.add(row)
    raise_world(session, tenant)
    return row


def set_config(
    session: Session,
    tenant: int,
    channel: int,
    config: Mapping[str, Any],
    secrets: Mapping[str, Any],
    box: SecretBox,
    now: datetime,
    *,
    address: str = "",
) -> ChannelRow:
    """Other settings, complete with all secrets. A channel that needed attention is tried again."""
    row = get_channel(session, tenant, channel)
    _refuse_double(list_channels(session, tenant), row.kind, address, row.id)
    row.address = address or row.address
    _set(row, config, secrets, box)
    if row.status == "needs_attention":
        row.status, row.attention = "active", ""
    row.updated_at = now
    session.add(row)
    raise_world(session, tenant)
    return row


def secrets_of(row: ChannelRow, box: SecretBox) -> dict[str, Any]:
    """The channel's secrets, opened. Raises UnreadableSecret."""
    if row.secrets is None:
        return {}
    opened: dict[str, Any] = orjson.loads(box.open(row.secrets, tenant=row.tenant, owner=_owner(row)))
    return opened


def delete_channel(session: Session, tenant: int, channel: int, node_types: NodeTypes) -> None:
    """Disconnect and forget a channel; its conversations stay. Raises InUse, and Conflict while messages wait to be sent."""
    row = get_channel(session, tenant, channel)
    ids = (public_id("ch", channel), str(channel))
    refuse_if_used(session, tenant, node_types, "channel", ids, f"The channel “{row.name}”")
    waiting = select(MessageRow.id).where(
        MessageRow.channel == channel, MessageRow.direction == "out", col(MessageRow.status).in_(("queued", "claimed"))
    )
    if session.exec(waiting.limit(1)).first() is not None:
        raise Conflict("Messages wait to be sent on this channel. Switch it off, or try again when they are sent.")
    session.delete(row)
    raise_world(session, tenant)


def _set(row: ChannelRow, config: Mapping[str, Any], secrets: Mapping[str, Any], box: SecretBox) -> None:
    row.config = dict(config)
    row.secrets = box.seal(orjson.dumps(dict(secrets)), tenant=row.tenant, owner=_owner(row)) if secrets else None


def _owner(row: ChannelRow) -> str:
    return f"channel:{row.id}"


def _refuse_double(known: list[ChannelRow], kind: str, address: str, but: int) -> None:
    double = next((row for row in known if address and row.kind == kind and row.address == address and row.id != but), None)
    if double is not None:
        raise Conflict(f"The channel “{double.name}” is connected to {address} already. Change that one instead.")
