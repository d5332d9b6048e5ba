"""What the pure half answers: a step of one run, and the decision of one event."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, Literal

from engine.core.value import Contact, Conversation, Person, Run
from schemas.contact import ContactChange
from schemas.effect import Inbound, Message
from schemas.event import NewEvent
from schemas.problem import Problem
from schemas.value import value


@value(frozen=True, slots=True)
class Visited:
    """One visit of a node in a step: the port it left by ("" while it parked or ran a flow), and why.

    `version` is that of the frame: a step may pass through several flows.
    """

    node: str
    port: str
    reason: str = ""
    version: int = 0


@value(frozen=True, slots=True)
class Call:
    """Work to be done outside that is no message: fetch a medium, call a URL. Stands in no queue.

    One that a run made (`run` is not 0) is answered: by `CallAnswered`, to the lane of `contact`. `key` is `run:step:index`, the
    same each time the call is made again; `wait` is the id of the wait in which the run that asked parks.
    """

    id: int
    kind: str
    channel: int
    data: Mapping[str, Any]
    key: str = ""
    contact: int = 0
    run: int = 0
    wait: int = 0
    node: str = ""
    place: str = ""
    """What is called, as far as calls to it share their room: a host, a webhook, a workspace's AI."""


How = Literal["began", "delivered", "entered", "reopened", "answered", "kept", "ended"]
"""What made a step: the run began, its wait got an event, it entered its node again, its wait was opened again, an agent took
what it waited for, an answer was kept for when a person gives back, or it was ended from outside."""


@value(frozen=True, slots=True)
class Met:
    """What a step met outside its run, as far as the step may depend on it.

    `next_index` numbers the next thing that the event makes, `requests` are its requests for agents so far.
    """

    conversation: Conversation | None
    next_index: int
    requests: int = 0
    variables: Mapping[str, Any] | None = None
    """Those with which a run began."""
    versions: tuple[int, ...] = ()
    """Those of the run's frames, the first one first."""


@value(frozen=True, slots=True)
class Step:
    """One call of the interpreter on one run: where it went, what it read, what it changed, its effects.

    `reads` are the facts of the contact on which the step depended, by path, as they were before it. With them, and with what
    it `met`, it can be replayed (see `engine.core.replay`). `messages` are the ids of the messages that it made; `effects` are
    they themselves. `at` is the `now` of the decision.
    """

    run: Run
    number: int
    visited: tuple[Visited, ...]
    reads: Mapping[str, Any]
    messages: tuple[int, ...]
    how: How
    at: datetime
    met: Met = field(compare=False)
    reason: str = ""
    effects: tuple[Message, ...] = ()
    changes: tuple[ContactChange, ...] = ()
    calls: tuple[Call, ...] = ()

    @property
    def started(self) -> bool:
        """True if the run began with this step."""
        return self.how == "began"


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
