"""One message of a webhook as content. Pure, total: what isn't known or doesn't fit is kept raw."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from channels.whatsapp.read import first, keep_raw, mapping, number, objects, text
from schemas.content import Cards, Choice, Content, Location, Media, MediaKind, Reaction, Text, Unsupported

MAX_TEXT = 65_536  # far above WhatsApp's own 4,096; what follows is cut
NO_WORD = frozenset({"system", "edit", "revoke"})
"""Types by which somebody's earlier words change, or their number: they open no window for free text."""

Message = Mapping[str, Any]


def content_of(message: Message) -> Content:
    """What the message says.

    >>> content_of({"type": "text", "text": {"body": "Hi"}})
    Text(text='Hi', kind='text')
    >>> content_of({"type": "hologram"}).type
    'hologram'
    """
    kind = text(message.get("type"), 64) or "unknown"
    reader = READERS.get(kind)
    found = reader(message) if reader else None
    return found or Unsupported(kind, keep_raw(message))


def _text(message: Message) -> Content | None:
    body = mapping(message, "text").get("body")
    return Text(body[:MAX_TEXT]) if isinstance(body, str) else None


def _media(kind: MediaKind) -> Callable[[Message], Content | None]:
    """A file by Meta's id, good for 7 days. The `url` beside it is good for 5 minutes and needs our token: it isn't kept."""

    def read(message: Message) -> Content | None:
        payload = mapping(message, kind)
        provider_id = text(payload.get("id"), 256)
        if not provider_id:
            return None
        return Media(
            kind,
            caption=text(payload.get("caption"), MAX_TEXT),
            filename=text(payload.get("filename"), 512),
            mime=text(payload.get("mime_type"), 256),
            provider_id=provider_id,
            voice=payload.get("voice") is True,
        )

    return read


def _location(message: Message) -> Content | None:
    payload = mapping(message, "location")
    latitude, longitude = number(payload.get("latitude"), 90), number(payload.get("longitude"), 180)
    if latitude is None or longitude is None:
        return None
    return Location(latitude, longitude, text(payload.get("name")), text(payload.get("address")))


def _contacts(message: Message) -> Content | None:
    listed = message.get("contacts")
    listed = listed.get("contacts") if isinstance(listed, dict) else listed
    cards = tuple(keep_raw(card) for card in objects(listed))
    return Cards(cards) if cards else None


def _button(message: Message) -> Content | None:
    """A tap on a template's quick reply."""
    payload = mapping(message, "button")
    title = first(payload, "text", "payload")
    return Choice(first(payload, "payload", "text"), title, _carrier(message)) if title else None


def _interactive(message: Message) -> Content | None:
    """A tap on a reply button or a list row. The completion of a WhatsApp Flow (`nfm_reply`) and others are kept raw."""
    payload = mapping(message, "interactive")
    kind = text(payload.get("type"), 64)
    reply = mapping(payload, kind)
    if kind in ("button_reply", "list_reply") and first(reply, "id"):
        id, mark, carrier = first(reply, "id").rpartition("~")
        if mark and carrier.isdecimal():
            return Choice(id, first(reply, "title") or id, carrier)
        return Choice(first(reply, "id"), first(reply, "title", "id"), _carrier(message))
    return Unsupported(kind or "interactive", keep_raw(message))


def _reaction(message: Message) -> Content | None:
    payload = mapping(message, "reaction")
    target = text(payload.get("message_id"), 512)
    return Reaction(text(payload.get("emoji"), 64), target) if target else None


def _carrier(message: Message) -> str:
    return text(mapping(message, "context").get("id"), 512)


READERS: Mapping[str, Callable[[Message], Content | None]] = {
    "text": _text,
    "image": _media("image"),
    "video": _media("video"),
    "audio": _media("audio"),
    "document": _media("document"),
    "sticker": _media("sticker"),
    "location": _location,
    "contacts": _contacts,
    "button": _button,
    "interactive": _interactive,
    "reaction": _reaction,
}
