"""What the arrival of a message changes, whoever it is for: the conversation, the contact, the thread."""

from __future__ import annotations

from datetime import timedelta

from engine.core.decision import Call
from engine.core.turn import Turn
from engine.core.value import Conversation
from schemas.contact import ContactChange
from schemas.content import Media
from schemas.effect import Inbound
from schemas.event import MessageReceived
from schemas.value import maker

_conversation, _inbound = maker(Conversation), maker(Inbound)


def note_arrival(turn: Turn, received: MessageReceived) -> Conversation:
    """The conversation with the message noted in it, the contact with what the channel told of it."""
    event, now = turn.event, turn.now
    before = turn.on_channel(received.channel) or Conversation(id=turn.new_id(), channel=received.channel)
    window = event.at + timedelta(hours=received.window_hours)
    conversation = turn.put(
        _conversation(
            id=before.id,
            channel=before.channel,
            owner=before.owner,
            status="active",
            epoch=before.epoch,
            agent=before.agent,
            team=before.team,
            claim=before.claim,
            last_inbound_at=now,
            window_until=max(window, before.window_until or window),
            last_activity_at=now,
            automatic=0,
            snoozed_until=None,
            unhandled=False,
        )
    )
    for identity in event.identities:
        if identity not in turn.contact.identities:
            turn.change(ContactChange("add_identity", identity.kind, identity.value))
    if received.name and turn.contact.name is None:
        turn.change(ContactChange("set_name", value=received.name[:200]))
    if received.language and turn.contact.language is None:
        turn.change(ContactChange("set_language", value=received.language))
    turn.inbound = _inbound(
        id=turn.new_id(),
        conversation=conversation.id,
        channel=received.channel,
        content=received.content,
        external_id=received.external_id,
        reply_to=received.reply_to,
        at=event.at,
    )
    if isinstance(received.content, Media) and received.content.provider_id:
        fetch = {"provider_id": received.content.provider_id, "message": turn.inbound.id}
        turn.calls.append(Call(turn.new_id(), "fetch_media", received.channel, fetch))
    return conversation
