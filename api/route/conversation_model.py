"""Conversations as the API takes and shows them."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field

from api.http.model import IdOf, Input, Instant, Output, Phone
from api.http.page import PageQuery
from api.route.content_model import ContentInput
from api.route.message_model import ChannelId, ContactId, ConversationId, UserId
from crm.conversations import Thread

Owner = Literal["BOT", "QUEUE", "AGENT", "NONE"]
Status = Literal["active", "snoozed", "resolved"]
TeamId = Annotated[int, IdOf("team")]


class ListConversations(PageQuery):
    """Which conversations."""

    owner: Owner | None = None
    status: Status | None = None
    agent_id: UserId | None = None
    team_id: TeamId | None = None
    channel_id: ChannelId | None = None
    contact_id: ContactId | None = None
    unhandled: bool | None = None


class Say(Input):
    """A message in a conversation, in the name of a user."""

    content: ContentInput
    user_id: UserId | None = None


class Claim(Input):
    """Who takes the conversation. `force` takes it from another agent."""

    user_id: UserId | None = None
    force: bool = False


class Resolve(Input):
    """Who says that it is done."""

    user_id: UserId | None = None
    note: Annotated[str, Field(max_length=2_000)] = ""


class GiveBack(Input):
    """Who gives the conversation back to the bot."""

    user_id: UserId | None = None


class Transfer(Input):
    """Who gets it: a team's queue, or an agent."""

    team_id: TeamId | None = None
    agent_id: UserId | None = None
    user_id: UserId | None = None


class Snooze(Input):
    """Until when it is put aside; without a time, until the contact writes."""

    until: Instant | None = None
    user_id: UserId | None = None


class Who(Output):
    """The contact of a conversation in short."""

    id: ContactId
    name: str | None
    phone: Phone | None
    opted_out: bool


class ConversationShown(Output):
    """The thread with a contact on a channel, and who owns it.

    Free text may be sent while `window_open`; `window_seconds` is how long that lasts, null on channels without a window.
    """

    id: ConversationId
    contact: Who | None
    channel_id: ChannelId
    channel_kind: str
    owner: Owner
    status: Status
    agent_id: UserId | None
    team_id: TeamId | None
    unhandled: bool
    preview: str
    window_open: bool
    window_until: Instant | None
    window_seconds: int | None
    last_inbound_at: Instant | None
    last_activity_at: Instant | None
    snoozed_until: Instant | None
    created_at: Instant


def shown_conversation(thread: Thread, has_window: bool, now: datetime) -> ConversationShown:
    """The conversation as the API shows it."""
    row, record = thread.row, thread.contact
    left = max(0, int((row.window_until - now).total_seconds())) if row.window_until else 0
    return ConversationShown(
        id=row.id,
        contact=None
        if record is None
        else Who(
            id=record.contact.id, name=record.contact.name, phone=record.phone, opted_out=record.contact.opted_out
        ),
        channel_id=row.channel,
        channel_kind=thread.channel_kind,
        owner=row.owner,  # type: ignore[arg-type]  # the column holds engine.core.value.Owner
        status=row.status,  # type: ignore[arg-type]
        agent_id=row.agent or None,
        team_id=row.team or None,
        unhandled=row.unhandled,
        preview=thread.preview,
        window_open=not has_window or left > 0,
        window_until=row.window_until if has_window else None,
        window_seconds=left if has_window else None,
        last_inbound_at=row.last_inbound_at,
        last_activity_at=row.last_activity_at,
        snoozed_until=row.snoozed_until,
        created_at=row.created_at,
    )
