"""Conversations as people see them: listed by activity, each with its contact and its last words."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from sqlmodel import Session, col, func, select

from crm.contacts import Record, records_of
from crm.own import own
from schemas.content import load_content, text_of
from storage.table import ChannelRow, ConversationRow, MessageRow

PREVIEW = 120
"""Characters of the last message in a list."""


@dataclass(frozen=True, slots=True)
class Thread:
    """A conversation with its contact, the kind of its channel ("" if the channel is gone) and its last message."""

    row: ConversationRow
    contact: Record | None
    channel_kind: str
    last: MessageRow | None

    @property
    def preview(self) -> str:
        """The last message in a few words; its kind where it says nothing."""
        if self.last is None:
            return ""
        content = load_content(dict(self.last.content))
        return (text_of(content) or content.kind)[:PREVIEW]


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which conversations to list. None: any."""

    owner: str | None = None
    status: str | None = None
    agent: int | None = None
    team: int | None = None
    channel: int | None = None
    contact: int | None = None
    unhandled: bool | None = None


def list_conversations(
    session: Session, tenant: int, wanted: Wanted, *, offset: int = 0, limit: int = 50
) -> tuple[list[Thread], int]:
    """One page of conversations, the last active first, and how many there are."""
    where = [ConversationRow.tenant == tenant]
    for name in ("owner", "status", "agent", "team", "channel", "contact", "unhandled"):
        value = getattr(wanted, name)
        if value is not None:
            where.append(getattr(ConversationRow, name) == value)
    total = session.exec(select(func.count()).select_from(ConversationRow).where(*where)).one()
    activity = col(ConversationRow.last_activity_at).desc().nulls_last()
    page = select(ConversationRow).where(*where).order_by(activity, col(ConversationRow.id).desc()).offset(offset).limit(limit)
    return _threads(session, tenant, list(session.exec(page))), total


def get_conversation(session: Session, tenant: int, id: int) -> Thread:
    """The tenant's conversation. Raises NotFound."""
    return _threads(session, tenant, [own(session, ConversationRow, tenant, id, "conversation")])[0]


def _threads(session: Session, tenant: int, rows: Collection[ConversationRow]) -> list[Thread]:
    contacts = records_of(session, tenant, {row.contact for row in rows})
    kinds = dict(session.exec(select(ChannelRow.id, ChannelRow.kind).where(ChannelRow.tenant == tenant)).all())
    return [Thread(row, contacts.get(row.contact), kinds.get(row.channel, ""), _last(session, row)) for row in rows]


def _last(session: Session, row: ConversationRow) -> MessageRow | None:
    """What appeared last; where nothing has appeared yet, anything that waits to be sent."""
    wanted = select(MessageRow).where(MessageRow.conversation == row.id).order_by(col(MessageRow.appeared_at).desc())
    return session.exec(wanted.limit(1)).first()
