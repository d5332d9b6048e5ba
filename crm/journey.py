"""The events of a run in words: what happened to somebody on the way through a flow."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from schemas.content import text_of
from schemas.event import (
    Assigned,
    ChangeContact,
    ContactChanged,
    EventNamed,
    MessageReceived,
    MessageSettled,
    NoAgent,
    ResolveConversation,
    ReturnConversation,
    SendMessage,
    StartFlow,
    StopRun,
    WaitDue,
    load_body,
)

LONGEST = 120
"""Characters of somebody's words in a sentence."""
STARTED = {
    "api": "Started by hand or by the API",
    "schedule": "Started by its schedule",
    "webhook": "Started by another system",
    "subflow": "Started by another flow",
    "drip": "Added by another flow",
    "test": "Started as a test",
}


def happened(event: Mapping[str, Any]) -> str:
    """What an event of a run's history was, in a sentence without a full stop. `event` is as `StepRow` keeps it.

    >>> happened({"kind": "event_named", "body": {"name": "paid"}})
    'The event “paid” came'
    """
    kind = str(event.get("kind", ""))
    try:
        body = load_body(kind, dict(event.get("body") or {}))
    except (KeyError, TypeError, ValueError):
        return plain(kind)
    match body:
        case MessageReceived(content=content):
            text = " ".join(text_of(content).split())
            return f"Wrote “{text[:LONGEST]}{'…' if len(text) > LONGEST else ''}”" if text else f"Sent {article(content.kind)}"
        case WaitDue():
            return "The time of the wait was up"
        case MessageSettled(status=status):
            return "A message went out" if status == "accepted" else "A message could not be sent"
        case StartFlow(reason=reason):
            return STARTED.get(reason, f"Started ({reason})" if reason else "Started")
        case EventNamed(name=name):
            return f"The event “{name}” came"
        case Assigned():
            return "An agent took the conversation"
        case NoAgent():
            return "No agent was there"
        case ResolveConversation():
            return "The agent resolved the conversation"
        case ReturnConversation():
            return "The agent gave the conversation back"
        case SendMessage():
            return "Somebody wrote by hand"
        case ContactChanged() | ChangeContact():
            return "The contact was changed"
        case StopRun(reason=reason):
            return f"Stopped: {reason}" if reason else "Stopped"
        case _:
            return plain(kind)


def plain(kind: str) -> str:
    """An event's kind for people.

    >>> plain("conversation_woken")
    'Conversation woken'
    """
    return kind.replace("_", " ").capitalize()


def article(kind: str) -> str:
    """A kind of content with its article.

    >>> article("image"), article("document")
    ('an image', 'a document')
    """
    return f"{'an' if kind[:1] in 'aeiou' else 'a'} {kind}"
