"""What a visitor sends as events for the engine."""

from __future__ import annotations

import re
from datetime import datetime

from api.chat.reference import read_reference
from channels.webchat.frame import MediaSent, Send
from channels.webchat.kind import visitor_identity
from channels.webchat.render import take, take_media
from crm.webchat import Chat, Unread
from schemas.content import Content
from schemas.event import MessageReceived, NewEvent, StatusReported
from storage.secret import SecretBox

LANGUAGE = re.compile(r"[A-Za-z]{2,3}", re.ASCII)


def content_of(sent: Send, chat: Chat, visitor: str, box: SecretBox) -> Content:
    """The content of a message. Raises BadFrame for a file that isn't the visitor's."""
    if not isinstance(sent.content, MediaSent):
        return take(sent.content)
    upload = read_reference(box, chat, visitor, sent.content.media)
    return take_media(sent.content, upload.media, upload.mime, upload.name)


def message_event(chat: Chat, visitor: str, client_id: str, content: Content, language: str, now: datetime) -> NewEvent:
    """A visitor's message. The same `client_id` makes the same event, which is taken once."""
    external_id = f"{visitor}:{client_id}"
    return NewEvent(
        tenant=chat.tenant,
        source=f"channel:{chat.channel}",
        external_id=external_id,
        at=now,
        body=MessageReceived(chat.channel, external_id, content, language=language),
        identities=(visitor_identity(chat.channel, visitor),),
    )


def read_event(chat: Chat, seen: Unread, now: datetime) -> NewEvent:
    """The visitor has seen one of our messages."""
    return NewEvent(
        tenant=chat.tenant,
        source=f"channel:{chat.channel}",
        external_id=f"{seen.id}:read",
        at=now,
        body=StatusReported(chat.channel, seen.provider_id, "read", message=seen.id),
        contact=seen.contact,
    )


def client_id_of(provider_id: str, visitor: str) -> str:
    """The `client_id` behind what the thread keeps of a visitor's message; "" for other messages.

    >>> client_id_of("vis_a1:0b7e", "vis_a1")
    '0b7e'
    """
    head, _, tail = provider_id.partition(":")
    return tail if head == visitor else ""


def language_of(accept_language: str) -> str:
    """The language that the browser asks for first, without its region; "" if it doesn't say.

    >>> language_of("de-AT,de;q=0.9,en;q=0.8"), language_of("*")
    ('de', '')
    """
    first = LANGUAGE.match(accept_language.strip())
    return first[0].lower() if first else ""
