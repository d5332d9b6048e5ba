"""May a message still be said when its turn comes: the rule that every store applies at a claim."""

from __future__ import annotations

from typing import Protocol


class Words(Protocol):
    """What the rule looks at in a message: also its row has it."""

    @property
    def voice(self) -> str: ...
    @property
    def epoch(self) -> int: ...
    @property
    def consent(self) -> bool: ...


class Floor(Protocol):
    """What it looks at in a conversation."""

    @property
    def owner(self) -> str: ...
    @property
    def epoch(self) -> int: ...


class Recipient(Protocol):
    """What it looks at in a contact."""

    @property
    def opted_out(self) -> bool: ...


def skip_reason(message: Words, conversation: Floor | None, contact: Recipient | None) -> str:
    """Why the message must not leave any more, as a code; "" if it may.

    | code | rule |
    |---|---|
    | `gone` | the contact or the conversation was deleted |
    | `opted_out` | the contact opted out, and these words need consent |
    | `taken_over` | the bot's words, but the floor was taken from it since (another epoch) |
    | `owned` | a notice, but the queue or an agent owns the conversation |
    """
    if conversation is None or contact is None:
        return "gone"
    if message.consent and contact.opted_out:
        return "opted_out"
    if message.voice == "bot" and message.epoch != conversation.epoch:
        return "taken_over"
    if message.voice == "notice" and conversation.owner in ("QUEUE", "AGENT"):
        return "owned"
    return ""
