"""Anything to be done outside: the only way out of the engine."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from schemas.content import Content
from schemas.value import value

Voice = Literal["bot", "notice", "system", "human"]
"""Who speaks: `bot` leaves while its epoch holds, `notice` while neither QUEUE nor AGENT owns, `system` and `human` always."""

MessageStatus = Literal["queued", "claimed", "accepted", "sent", "delivered", "read", "failed", "skipped", "unknown", "received"]
SETTLED: frozenset[str] = frozenset({"accepted", "sent", "delivered", "read", "failed", "skipped", "unknown", "received"})

OnUnknown = Literal["resend", "keep"]
"""What becomes of a send whose answer was lost, where the provider takes no key: sent again once after 60 s, or never."""


@value(frozen=True, slots=True)
class Message:
    """A message to be sent. Its row in the store is its place in the outbox.

    `id` is derived from the event that made it, so the same decision makes the same id; `key` is `run:step:index`, or
    `event:index` without a run, and goes to the provider. `reports` asks for a `MessageSettled` when it settles. `arms` is
    the reply timeout in seconds that starts when this message settles: of the wait that its step opened.
    """

    id: int
    key: str
    conversation: int
    channel: int
    content: Content
    voice: Voice
    epoch: int
    at: datetime
    run: int = 0
    step: int = 0
    node: str = ""
    user: int = 0
    reports: bool = False
    arms: int | None = None
    fallback: Content | None = None
    """The template that the sender switches to when the window closed between the step and the release."""
    on_unknown: OnUnknown = "resend"
    consent: bool = True
    """False only for words that must reach somebody who opted out: the confirmation itself."""
    bulk: bool = False


@value(frozen=True, slots=True)
class Inbound:
    """A message that came in, as the thread keeps it. `run` is the run that took it, 0 if none did."""

    id: int
    conversation: int
    channel: int
    content: Content
    external_id: str
    reply_to: str
    at: datetime
    run: int = 0
