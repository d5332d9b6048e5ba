"""A message as the events `message.*` tell it, in the live stream and to webhook addresses."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlmodel import Session

from crm.contacts import get_contact
from crm.messages import status_of
from schemas.content import load_content, text_of
from schemas.error import NotFound
from schemas.public_id import public_id
from storage.table import ChannelRow, MessageRow


def message_event(session: Session, tenant: int, message: int, status: str = "") -> dict[str, Any] | None:
    """`{"id", "type", "event", "timestamp", "created_at", "data"}` of a message as it stands now; None if it is gone.

    With a `status`, of the moment at which it reached that one, wherever it stands by now. `data` names things twice, `messageId`
    and `message_id`, for readers of either style.
    """
    row = session.get(MessageRow, message)
    if row is None or row.tenant != tenant:
        return None
    inbound = row.direction == "in"
    person, ours = _address(session, tenant, row), _channel_address(session, row)
    status = status or status_of(row)
    content = load_content(dict(row.content))
    at = _iso(_when(row, status))
    name = f"message.{status}"
    data: dict[str, Any] = {
        "messageId": public_id("msg", row.id),
        "message_id": public_id("msg", row.id),
        "from": person if inbound else ours,
        "to": ours if inbound else person,
        "body": text_of(content),
        "type": content.kind,
        "status": status,
        "channelId": public_id("ch", row.channel),
        "channel_id": public_id("ch", row.channel),
        "contactId": public_id("ct", row.contact),
        "contact_id": public_id("ct", row.contact),
        "conversationId": public_id("cv", row.conversation),
        "conversation_id": public_id("cv", row.conversation),
    }
    if row.code and status not in ("sent", "delivered", "read"):
        data["error"] = {"code": row.code, "message": row.detail}
    id = f"{data['message_id']}.{status}"
    return {"id": id, "type": name, "event": name, "timestamp": at, "created_at": at, "data": data}


def delivery_event(session: Session, tenant: int, message: int, status: str) -> dict[str, Any] | None:
    """A message that was sent, failed or skipped, as `message_event` and flat beside it; None if it is gone.

    The flat fields are those of systems that send campaigns: a number for the message, the phone in digits only.
    """
    told = message_event(session, tenant, message, status)
    row = session.get(MessageRow, message)
    if told is None or row is None:
        return None
    event, to, sent = f"delivery.{status}", str(told["data"]["to"] or ""), row.sent_at
    return {
        **told,
        "id": f"{told['data']['message_id']}.{event}",
        "type": event,
        "event": event,
        "job_id": row.id,
        "campaign_id": None,
        "phone": to.removeprefix("+"),
        "status": status,
        "error": (row.detail or row.code) if status != "sent" else None,
        "sent_at": sent.astimezone(UTC).isoformat(timespec="seconds") if sent is not None and status == "sent" else None,
    }


def _when(row: MessageRow, status: str) -> datetime:
    by_status = {"delivered": row.delivered_at, "read": row.read_at, "failed": row.failed_at, "sent": row.sent_at}
    return by_status.get(status) or row.sent_at or row.appeared_at or row.created_at


def _address(session: Session, tenant: int, row: MessageRow) -> str | None:
    try:
        record = get_contact(session, tenant, row.contact)
    except NotFound:
        return None
    identities = record.contact.identities
    return record.phone or (identities[0].value if identities else None)


def _channel_address(session: Session, row: MessageRow) -> str | None:
    channel = session.get(ChannelRow, row.channel)
    return (channel.address or channel.name) if channel is not None else None


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat().replace("+00:00", "Z")
