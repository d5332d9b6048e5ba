"""What may happen next in an exploration: by the contact, by time, by a person or a provider."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

from simulator.explore.house import Refuse


@dataclass(frozen=True, slots=True)
class Says:
    """The contact writes."""

    text: str


@dataclass(frozen=True, slots=True)
class Presses:
    """The contact taps a button or a row."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Sends:
    """The contact sends a file."""

    media: Literal["image", "video", "audio", "document"]


@dataclass(frozen=True, slots=True)
class Shares:
    """The contact sends a place."""

    latitude: float = 52.5
    longitude: float = 13.4


@dataclass(frozen=True, slots=True)
class Starts:
    """The flow is started at a trigger without a message."""

    node: str
    variables: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Tagged:
    """The contact gets a tag."""

    tag: str


@dataclass(frozen=True, slots=True)
class Appears:
    """The contact is made."""


@dataclass(frozen=True, slots=True)
class Named:
    """A named event comes for the contact."""

    name: str
    data: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Answers:
    """A call is answered so: its data, and a `code` where it failed."""

    node: str
    answer: Mapping[str, Any]
    note: str = ""


@dataclass(frozen=True, slots=True)
class Silence:
    """Nobody does anything until time changes something."""


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent takes the conversation, closes it, or gives it back."""

    action: Literal["claims", "resolves", "returns"]


Presences = Literal["online", "busy", "offline", "closed"]


@dataclass(frozen=True, slots=True)
class Presence:
    """The agents come, are busy, or go; or their teams close."""

    presence: Presences


Input = Says | Presses | Sends | Shares | Starts | Tagged | Appears | Named | Answers | Silence | Agent | Presence
BY_CONTACT = (Says, Presses, Sends, Shares)


@dataclass(frozen=True, slots=True)
class Move:
    """One input with what surrounds it: facts that are taken for granted, the clock, the agents, the provider."""

    main: Input
    facts: Mapping[str, Any] = field(default_factory=dict)
    greeted: bool = False
    """The contact wrote something before, which no flow took: the 24-hour window is open."""
    at: datetime | None = None
    """The clock is moved here first."""
    presence: Presences | None = None
    refuse: Refuse | None = None


def input_words(what: Input) -> str:
    """What happens, for people.

    >>> input_words(Says("hi")), input_words(Silence())
    ('writes “hi”', 'no answer')
    """
    match what:
        case Says(text=text):
            return f"writes “{text}”"
        case Presses(title=title):
            return f"taps “{title}”"
        case Sends(media=media):
            return f"sends {'an' if media[0] in 'aeiou' else 'a'} {media}"
        case Shares():
            return "shares a location"
        case Starts(node=node):
            return f"the flow is started at {node}"
        case Tagged(tag=tag):
            return f"gets the tag “{tag}”"
        case Appears():
            return "is a new contact"
        case Named(name=name):
            return f"the event {name} comes"
        case Answers(node=node, note=note):
            return f"the call of {node} answers: {note}"
        case Silence():
            return "no answer"
        case Agent(action=action):
            return f"an agent {action} the conversation"
        case Presence(presence=presence):
            return "the teams are closed" if presence == "closed" else f"the agents are {presence}"
