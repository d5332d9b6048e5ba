"""What the pure half answers: a step of one run, and the decision of one event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from typing import Any

from engine.core.value import Contact, Conversation, Person, Run
from schemas.contact import ContactChange
from schemas.effect import Inbound, Message
from schemas.event import NewEvent
from schemas.problem import Problem
from schemas.value import value


@value(frozen=True, slots=True)
class Visited:
    """One visit of a node in a step: the port it left by ("" while it parked), and why."""

    node: str
    port: str
    reason: str = ""


@value(frozen=True, slots=True)
class Call:
    """Work to be done outside that is no message: fetch a medium, mark a message as read. Stands in no queue."""

    id: int
    kind: str
    channel: int
    data: Mapping[str, Any]


@value(frozen=True, slots=True)
class Step:
    """One call of the interpreter on one run: where it went, what it read, what it changed, its effects.

    `started` says that the run began with this step. `reads` are the facts outside the run that the step depended on, by path,
    so that it can be replayed. `messages` are the ids of the messages that it made; `effects` are they themselves.
    """

    run: Run
    number: int
    visited: tuple[Visited, ...]
    reads: Mapping[str, Any]
    messages: tuple[int, ...]
    started: bool = False
    reason: str = ""
    effects: tuple[Message | Call | NewEvent, ...] = ()
    changes: tuple[ContactChange, ...] = ()


@value(frozen=True, slots=True)
class Decision:
    """All that one event of a contact changes. `person` is the person after it; the rest says what is new in it.

    `trace` says in plain words why the event went where it went. `answer` is for whoever waits: a value, or a Problem.
    """

    person: Person
    contact_before: Contact
    changes: tuple[ContactChange, ...] = ()
    conversations: tuple[Conversation, ...] = ()
    runs: tuple[Run, ...] = ()
    inbound: Inbound | None = None
    messages: tuple[Message, ...] = ()
    calls: tuple[Call, ...] = ()
    born: tuple[NewEvent, ...] = ()
    steps: tuple[Step, ...] = ()
    trace: tuple[str, ...] = ()
    answer: Mapping[str, Any] | Problem | None = None
    error: str = ""
    """An error event: it was refused (too deep, unknown address) and started nothing. An operator sees it."""


@value(frozen=True, slots=True)
class TeamDecision:
    """All that one event of a team changes: the desk's new state, and answers on their way to contacts' lanes."""

    desk: Any
    born: tuple[NewEvent, ...] = ()
    trace: tuple[str, ...] = ()
    answer: Mapping[str, Any] | Problem | None = None
    error: str = field(default="")
