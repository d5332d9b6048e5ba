"""Messages of all threads, with what became of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from sqlmodel import Session, col, func, select

from crm.own import own
from schemas.content import load_content, text_of
from storage.table import ConversationRow, MessageRow

Status = Literal["queued", "sent", "delivered", "read", "failed", "skipped", "unknown", "received"]
STAGES: dict[str, Status] = {"claimed": "queued", "accepted": "sent"}
"""Stages between two statuses that only the sender tells apart."""


@dataclass(frozen=True, slots=True)
class WantedMessages:
    """Which messages to list. None: any."""

    conversation: int | None = None
    contact: int | None = None
    channel: int | None = None
    direction: str | None = None
    status: Status | None = None


def status_of(row: MessageRow) -> Status:
    """The status of a message as the world sees it."""
    status = STAGES.get(row.status, row.status)
    return status  # type: ignore[return-value]  # the column holds schemas.effect.MessageStatus


def list_messages(
    session: Session, tenant: int, wanted: WantedMessages, *, offset: int = 0, limit: int = 50
) -> tuple[list[MessageRow], int]:
    """One page of messages, the newest first, and how many there are."""
    where: list[Any] = [MessageRow.tenant == tenant]
    if wanted.contact is not None:  # by the thread, which has an index
        threads = select(ConversationRow.id).where(ConversationRow.tenant == tenant, ConversationRow.contact == wanted.contact)
        where.append(col(MessageRow.conversation).in_(threads))
    for name in ("conversation", "channel", "direction"):
        value = getattr(wanted, name)
        if value is not None:
            where.append(getattr(MessageRow, name) == value)
    if wanted.status is not None:
        stages = [wanted.status, *(stage for stage, status in STAGES.items() if status == wanted.status)]
        where.append(col(MessageRow.status).in_(stages))
    total = session.exec(select(func.count()).select_from(MessageRow).where(*where)).one()
    page = select(MessageRow).where(*where).offset(offset).limit(limit)
    if wanted.conversation is not None:
        page = page.order_by(func.coalesce(MessageRow.appeared_at, MessageRow.created_at).desc())
    # ids derive from events, which are numbered in their order
    return list(session.exec(page.order_by(col(MessageRow.id).desc()))), total


def thread_of(session: Session, tenant: int, conversation: int) -> WantedMessages:
    """The messages of one conversation. Raises NotFound."""
    own(session, ConversationRow, tenant, conversation, "conversation")
    return WantedMessages(conversation=conversation)


def get_message(session: Session, tenant: int, id: int) -> MessageRow:
    """The tenant's message. Raises NotFound."""
    return own(session, MessageRow, tenant, id, "message")


def said_lately(session: Session, tenant: int, conversation: int, limit: int) -> list[tuple[str, str]]:
    """(direction, text) of the last messages of a conversation that say something, the oldest first."""
    rows = (
        select(MessageRow.direction, MessageRow.content)
        .where(MessageRow.tenant == tenant, MessageRow.conversation == conversation)
        .where(col(MessageRow.status).not_in(("failed", "skipped")))
        .order_by(func.coalesce(MessageRow.appeared_at, MessageRow.created_at).desc(), col(MessageRow.id).desc())
        .limit(limit)
    )
    said = [(direction, text_of(load_content(content))) for direction, content in session.exec(rows)]
    return [each for each in reversed(said) if each[1]]
