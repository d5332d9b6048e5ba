"""Where an exploration stands: a person between two inputs, as one immutable value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any

from engine.core.decision import Step, Visited
from engine.core.desk import Desk
from engine.core.value import Contact, Conversation, Person, Run
from schemas.content import Content
from schemas.value import value

Facts = Mapping[str, Any]
"""What a path has taken for granted of the world, by name: contact fields, tags, start variables, hours (see `fact`)."""


@value(frozen=True, slots=True)
class Place:
    """Everything that the next input may depend on; nothing is in flight. Two places with equal parts behave alike."""

    now: datetime
    person: Person
    desks: Mapping[int, Desk] = field(default_factory=dict)
    due: Mapping[int, datetime | None] = field(default_factory=dict)
    """Run id -> when its wait or its life is over; None once that has fired."""
    last_event: int = 0
    received: int = 0
    """Messages of the contact so far."""
    offers: Mapping[str, tuple[int, str]] = field(default_factory=dict)
    """Button or row id -> the last message that carried it, and the title that it showed."""
    facts: Facts = field(default_factory=dict)
    closed: bool = False
    """The teams are closed now."""

    @property
    def contact(self) -> Contact:
        """The contact as it stands."""
        return self.person.contact

    def run(self) -> Run | None:
        """The run that a customer would call the conversation: the interactive one, else the newest."""
        runs = self.person.runs
        return next((run for run in runs if run.interactive), runs[-1] if runs else None)

    def conversation(self) -> Conversation | None:
        """The conversation."""
        return self.person.conversations[0] if self.person.conversations else None

    def next_due(self) -> datetime | None:
        """When time alone changes something."""
        waiting = {run.id for run in self.person.runs if run.status == "waiting"}
        return min((at for id, at in self.due.items() if at is not None and id in waiting), default=None)


@value(frozen=True, slots=True)
class Line:
    """One message of a conversation. `voice` is `contact` for what came in; `code` says why it wasn't delivered."""

    id: int
    voice: str
    content: Content
    at: datetime
    status: str = "received"
    node: str = ""
    code: str = ""
    reports: bool = False
    fallback: bool = False
    """It would have been sent again as a template, had the provider called the window closed."""


@value(frozen=True, slots=True)
class Happened:
    """What came of one input: the place after it, what was said, and each step that the interpreter made."""

    place: Place
    lines: tuple[Line, ...]
    steps: tuple[Step, ...]
    asked_agent: bool
    """A team was asked for somebody."""
    refused: bool = False
    """The provider refused the message that it was told to refuse."""
    refusal: str = ""
    """Why the engine didn't do it: a Problem's code."""
    error: str = ""

    @property
    def visited(self) -> tuple[Visited, ...]:
        """Every node on the way, in order."""
        return tuple(each for step in self.steps for each in step.visited)

    def after(self, before: Happened) -> Happened:
        """Both, as one."""
        return Happened(
            self.place,
            before.lines + self.lines,
            before.steps + self.steps,
            before.asked_agent or self.asked_agent,
            before.refused or self.refused,
            before.refusal or self.refusal,
            before.error or self.error,
        )
