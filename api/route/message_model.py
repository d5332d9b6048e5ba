"""Messages as the API takes and shows them."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from api.http.model import IdOf, Input, Instant, Output, Phone
from api.http.page import PageQuery
from api.route.content_model import ContentInput, shown_content
from api.route.recipient import To
from crm.messages import Status, status_of
from storage.table import MessageRow

ContactId = Annotated[int, IdOf("ct")]
ChannelId = Annotated[int, IdOf("ch")]
UserId = Annotated[int, IdOf("usr")]
ConversationId = Annotated[int, IdOf("cv")]
Direction = Literal["in", "out"]


class SendInput(Input):
    """A message to somebody, named by `to` or by `contact_id`.

    `voice` says who speaks: `notice` is skipped while a person has the conversation, `system` is not. With a `user_id` the
    message is that user's own, and takes over the conversation.
    """

    channel_id: ChannelId
    to: To | None = None
    contact_id: ContactId | None = None
    content: ContentInput
    user_id: UserId | None = None
    voice: Literal["system", "notice"] = "system"


class SendAnswer(Output):
    """The message that was queued. The ids are null while the event is not decided yet: ask for the event."""

    id: Annotated[int, IdOf("msg")] | None
    status: Literal["queued"]
    event_id: Annotated[int, IdOf("ev")]
    channel_id: ChannelId
    contact_id: ContactId | None
    conversation_id: ConversationId | None
    to: str | None


class JobInput(Input):
    """A text to a phone number, over the channel with this device label. `{name}` and spintax are filled in."""

    phone: Phone
    message: Annotated[str, Field(min_length=1, max_length=10_000, examples=["Hello {name}, your code is 1234"])]
    device_label: Annotated[str, Field(min_length=1, max_length=100)] = "primary"


class JobAnswer(Output):
    """The job that sends the message; null while it is not decided yet."""

    job_id: Annotated[int, IdOf("job")] | None
    status: Literal["queued"]


class ListMessages(PageQuery):
    """Which messages."""

    contact_id: ContactId | None = None
    channel_id: ChannelId | None = None
    conversation_id: ConversationId | None = None
    direction: Direction | None = None
    status: Status | None = None


class Trouble(Output):
    """Why a message failed or was skipped."""

    code: str
    message: str


class MessageShown(Output):
    """A message of a thread, and what became of it."""

    id: Annotated[int, IdOf("msg")]
    conversation_id: ConversationId
    contact_id: ContactId
    channel_id: ChannelId
    direction: Direction
    status: Status
    content: dict[str, Any]
    voice: str | None
    user_id: UserId | None
    run_id: Annotated[int, IdOf("run")] | None
    node: str | None
    provider_id: str | None
    error: Trouble | None
    created_at: Instant
    sent_at: Instant | None
    delivered_at: Instant | None
    read_at: Instant | None
    failed_at: Instant | None


def shown_message(row: MessageRow) -> MessageShown:
    """The message as the API shows it."""
    return MessageShown(
        id=row.id,
        conversation_id=row.conversation,
        contact_id=row.contact,
        channel_id=row.channel,
        direction="in" if row.direction == "in" else "out",
        status=status_of(row),
        content=shown_content(row.content),
        voice=row.voice or None,
        user_id=row.user or None,
        run_id=row.run or None,
        node=row.node or None,
        provider_id=row.provider_id,
        error=Trouble(code=row.code, message=row.detail) if row.code else None,
        created_at=row.created_at,
        sent_at=row.sent_at,
        delivered_at=row.delivered_at,
        read_at=row.read_at,
        failed_at=row.failed_at,
    )
