"""The few words that the engine itself says, outside every flow."""

from __future__ import annotations

from engine.core.turn import Turn
from engine.core.value import Conversation
from schemas.content import Text
from schemas.effect import Message


def say(turn: Turn, conversation: Conversation, text: str, *, consent: bool = True) -> None:
    """Send a text with the voice `system`; an empty one is not sent. `consent` False reaches also who opted out."""
    if not text:
        return
    turn.messages.append(
        Message(
            id=turn.new_id(),
            key=f"{turn.event.id}:{len(turn.messages)}",
            conversation=conversation.id,
            channel=conversation.channel,
            content=Text(text),
            voice="system",
            epoch=conversation.epoch,
            at=turn.now,
            consent=consent,
        )
    )
