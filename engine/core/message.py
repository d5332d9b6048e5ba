"""What an inbound message says to texts, rules and triggers."""

from __future__ import annotations

from typing import Any

from engine.core.limit import MAX_TEXT_IN
from schemas.content import Choice, Content, Location, Media, Reaction, Text, Unsupported, text_of


def said(content: Content) -> str:
    """The text by which keywords and rules know a message, without NUL and cut at a bound."""
    text = content.text if type(content) is Text else text_of(content)
    if "\x00" in text:
        text = text.replace("\x00", "")
    return text if len(text) <= MAX_TEXT_IN else text[:MAX_TEXT_IN]


def message_facts(content: Content) -> dict[str, Any]:
    """The facts behind the paths `message.*`.

    >>> from schemas.content import Text
    >>> message_facts(Text("Hi"))
    {'text': 'Hi', 'kind': 'text'}
    """
    facts: dict[str, Any] = {"text": said(content), "kind": content.kind}
    if type(content) is Text:
        return facts
    match content:
        case Choice(button=button):
            facts["button"] = button
        case Media(media=media, url=url, mime=mime):
            facts |= {"media": media or url, "mime": mime}
        case Location(latitude=latitude, longitude=longitude):
            facts |= {"latitude": latitude, "longitude": longitude}
        case _:
            pass
    return facts


SILENT = frozenset({"edit", "revoke", "system", "request_welcome", "unsupported"})
"""Kinds of notices that a provider sends as messages: nobody said anything."""


def answers_nothing(content: Content) -> bool:
    """Reactions, edits and a provider's notices move no run."""
    return isinstance(content, Reaction) or (isinstance(content, Unsupported) and content.type in SILENT)
