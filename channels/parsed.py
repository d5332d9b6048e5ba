"""What a webhook said: events for the intake, and what concerns the channel rather than a contact."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from schemas.contact import Identity
from schemas.content import Content
from schemas.event import NewEvent

AttentionLevel = Literal["info", "warning", "broken"]
"""`info` is kept for the record, `warning` is shown, `broken` sets the channel to needs_attention and notifies."""

TemplateState = Literal["", "pending", "approved", "rejected", "paused", "disabled"]


@dataclass(frozen=True, slots=True)
class Attention:
    """Something about the channel or the account that moves no contact. `code` is the provider's own word or number.

    `pause_campaigns` asks to pause what is being sent in bulk over this channel (spam limits, quality).
    """

    code: str
    level: AttentionLevel
    message: str
    at: datetime
    channel: int
    raw: Mapping[str, Any] = field(default_factory=dict)
    pause_campaigns: bool = False


@dataclass(frozen=True, slots=True)
class TemplateReport:
    """News of a template. `status` is ours, "" if it didn't change; `event` is the provider's own word for it."""

    name: str
    language: str
    at: datetime
    provider_id: str = ""
    status: TemplateState = ""
    event: str = ""
    reason: str = ""
    category: str = ""
    quality: str = ""


@dataclass(frozen=True, slots=True)
class Echo:
    """A person of the business wrote from the provider's own app (WhatsApp's coexistence): shown in the thread as theirs.

    It goes to a contact, so it is no `MessageReceived`: the one who takes it should file it as a human's message, which claims
    the conversation.
    """

    channel: int
    external_id: str
    to: tuple[Identity, ...]
    content: Content
    at: datetime
    reply_to: str = ""


@dataclass(frozen=True, slots=True)
class Parsed:
    """All that one webhook said. External ids are unique in it; `events` keep the provider's order."""

    events: tuple[NewEvent, ...] = ()
    attention: tuple[Attention, ...] = ()
    templates: tuple[TemplateReport, ...] = ()
    echoes: tuple[Echo, ...] = ()
