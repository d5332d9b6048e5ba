"""Threads with contacts, and the messages in them. A message that goes out is its own place in the outbox."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, text
from sqlmodel import Field, SQLModel

from storage.column import Big, given_id, instant, json_object, json_value, no_instant, no_reference, reference

UNSETTLED = "next_at IS NOT NULL"


class ConversationRow(SQLModel, table=True):
    """The thread with a contact on a channel, and who owns it."""

    __tablename__ = "conversation"
    __table_args__ = (
        Index("conversation_contact", "contact"),
        Index("conversation_activity", "tenant", "last_activity_at"),
        Index("conversation_agent", "agent", sqlite_where=text("agent <> 0")),
        Index("conversation_team", "team", "owner", sqlite_where=text("team <> 0")),
        Index("conversation_unhandled", "tenant", sqlite_where=text("unhandled = 1")),
        Index("conversation_snoozed", "snoozed_until", sqlite_where=text("snoozed_until IS NOT NULL")),
    )

    id: int = given_id()
    tenant: int = reference()
    contact: int = reference()
    channel: int = reference()
    owner: str = "NONE"
    status: str = "active"
    epoch: int = 0
    agent: int = no_reference()
    team: int = no_reference()
    claim: str = ""
    last_inbound_at: datetime | None = no_instant()
    window_until: datetime | None = no_instant()
    last_activity_at: datetime | None = no_instant()
    automatic: int = 0
    snoozed_until: datetime | None = no_instant()
    unhandled: bool = False
    created_at: datetime = instant()


class MessageRow(SQLModel, table=True):
    """A message of a thread, `direction` in or out.

    `next_at` is set while it is unsettled, and says when the outbox must look at it: at once (0), at its next try (queued),
    when its lease ends (claimed), when it is sent a second time (unknown).
    """

    __tablename__ = "message"
    __table_args__ = (
        Index("message_thread", "conversation", "appeared_at"),
        Index("message_unsettled", "conversation", "id", sqlite_where=text(UNSETTLED)),
        Index("message_outbox", "bulk", "next_at", "id", sqlite_where=text(UNSETTLED)),
        Index("message_provider", "channel", "provider_id", sqlite_where=text("provider_id IS NOT NULL")),
    )

    id: int = given_id()
    tenant: int = reference()
    contact: int = reference()
    conversation: int = reference()
    channel: int = reference()
    direction: str
    status: str
    content: dict[str, Any] = json_object()
    key: str = ""
    """`run:step:index` or `event:index`: what goes to the provider as our key. "" inbound."""
    voice: str = ""
    epoch: int = 0
    run: int = no_reference()
    step: int = 0
    node: str = ""
    user: int = no_reference()
    bulk: bool = False
    reports: bool = False
    consent: bool = True
    on_unknown: str = "resend"
    timeout_at: datetime | None = no_instant()
    """When the reply timeout ends that started as this message settled."""
    arm_seconds: int | None = Field(default=None)
    """The reply timeout that starts when this message settles, of the wait that its step opened."""
    fallback: dict[str, Any] | None = json_value()
    reply_to: str = ""
    """The provider's id of the message that this one answers."""
    attempts: int = 0
    was_unknown: bool = False
    """It was unknown once and has been claimed again: there is no third time."""
    first_attempt_at: datetime | None = no_instant()
    next_at: datetime | None = no_instant()
    provider_id: str | None = None
    code: str = ""
    detail: str = ""
    created_at: datetime = instant()
    appeared_at: datetime | None = no_instant()
    """When it became visible in the thread: arrival, or acceptance. Strictly increasing within one process."""
    sent_at: datetime | None = no_instant()
    delivered_at: datetime | None = no_instant()
    read_at: datetime | None = no_instant()
    failed_at: datetime | None = no_instant()


class StrayReportRow(SQLModel, table=True):
    """A provider's status for a message whose id we don't know yet: kept until the send is settled, or pruned."""

    __tablename__ = "stray_report"
    __table_args__ = (
        Index("stray_report_provider", "channel", "provider_id"),
        Index("stray_report_age", "received_at"),
        {"sqlite_autoincrement": True},
    )

    id: int | None = Field(default=None, primary_key=True, sa_type=Big)
    tenant: int = reference()
    channel: int = reference()
    provider_id: str
    status: str
    code: str = ""
    detail: str = ""
    at: datetime = instant()
    received_at: datetime = instant()
