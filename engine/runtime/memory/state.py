"""All that the memory store knows, as one value of plain dicts; its rows are frozen, so a fork is a copy of the dicts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Literal

from engine.core.decision import Call, Step
from engine.core.desk import Desk
from engine.core.value import Contact, Conversation, Run
from schemas.content import Content
from schemas.effect import Inbound, Message
from schemas.event import Event
from schemas.problem import Problem


@dataclass(frozen=True, slots=True)
class EventRow:
    """An event and what became of it."""

    event: Event
    state: Literal["pending", "done", "dead"] = "pending"
    attempts: int = 0
    error: str = ""
    answer: Mapping[str, Any] | Problem | None = None
    trace: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run as it was committed. `due` may be armed later; None while its `WaitDue` is on the way and once it ended."""

    tenant: int
    contact: int
    run: Run
    due: datetime | None


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message that goes out. `next_at`: ready from (queued), lease ends (claimed), tried once more (unknown)."""

    tenant: int
    contact: int
    message: Message
    status: str = "queued"
    next_at: datetime | None = None
    attempts: int = 0
    resent: bool = False
    """It was unknown and has been claimed again."""
    first_attempt_at: datetime | None = None
    provider_id: str = ""
    code: str = ""
    detail: str = ""
    content: Content | None = None
    """What was really sent, where it is not what was decided."""
    armed: bool = False
    settled_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CallRow:
    """A call and what became of it."""

    tenant: int
    call: Call
    state: Literal["pending", "done", "dead"] = "pending"
    attempts: int = 0
    next_at: datetime | None = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of a run, with the event that made it."""

    event: int
    at: datetime
    step: Step


@dataclass(slots=True)
class State:
    """The tables. `pending`, `due`, `open` and `waiting_calls` are what partial indexes are elsewhere."""

    last_event: int = 0
    events: dict[int, EventRow] = field(default_factory=dict)
    keys: dict[tuple[int, str, str], int] = field(default_factory=dict)
    pending: dict[int, None] = field(default_factory=dict)
    contacts: dict[int, tuple[int, Contact]] = field(default_factory=dict)
    """Contact id -> (tenant, contact)."""
    identities: dict[tuple[int, str, str], int] = field(default_factory=dict)
    conversations: dict[int, tuple[int, Conversation]] = field(default_factory=dict)
    """Conversation id -> (contact id, conversation)."""
    conversations_of: dict[int, tuple[int, ...]] = field(default_factory=dict)
    runs: dict[int, RunRow] = field(default_factory=dict)
    live_runs_of: dict[int, tuple[int, ...]] = field(default_factory=dict)
    due: dict[int, datetime] = field(default_factory=dict)
    desks: dict[tuple[int, int], Desk] = field(default_factory=dict)
    messages: dict[int, MessageRow] = field(default_factory=dict)
    inbound: dict[int, Inbound] = field(default_factory=dict)
    by_provider: dict[tuple[int, str], int] = field(default_factory=dict)
    """(channel, provider id) -> message id."""
    open: dict[int, tuple[int, ...]] = field(default_factory=dict)
    """Conversation id -> its messages that the outbox must look at, lowest id first."""
    stray: dict[tuple[int, str], tuple[Event, ...]] = field(default_factory=dict)
    """Statuses for provider ids that no send has brought yet."""
    calls: dict[int, CallRow] = field(default_factory=dict)
    waiting_calls: dict[int, None] = field(default_factory=dict)
    steps: dict[int, tuple[StepRow, ...]] = field(default_factory=dict)
    node_counts: dict[tuple[int, str, str], int] = field(default_factory=dict)

    def fork(self) -> State:
        """An independent copy: what happens to one is not seen in the other."""
        return State(
            self.last_event,
            dict(self.events),
            dict(self.keys),
            dict(self.pending),
            dict(self.contacts),
            dict(self.identities),
            dict(self.conversations),
            dict(self.conversations_of),
            dict(self.runs),
            dict(self.live_runs_of),
            dict(self.due),
            dict(self.desks),
            dict(self.messages),
            dict(self.inbound),
            dict(self.by_provider),
            dict(self.open),
            dict(self.stray),
            dict(self.calls),
            dict(self.waiting_calls),
            dict(self.steps),
            dict(self.node_counts),
        )

    def put_contact(self, tenant: int, contact: Contact) -> None:
        """Write a contact and its identities."""
        self.contacts[contact.id] = (tenant, contact)
        for identity in contact.identities:
            self.identities.setdefault((tenant, identity.kind, identity.value), contact.id)

    def put_conversation(self, contact: int, conversation: Conversation) -> None:
        """Write a conversation."""
        if conversation.id not in self.conversations:
            self.conversations_of[contact] = (*self.conversations_of.get(contact, ()), conversation.id)
        self.conversations[conversation.id] = (contact, conversation)

    def put_run(self, row: RunRow) -> None:
        """Write a run, with the indexes of live and of due ones."""
        run = row.run
        live = tuple(id for id in self.live_runs_of.get(row.contact, ()) if id != run.id)
        self.live_runs_of[row.contact] = tuple(sorted((*live, run.id))) if run.live else live
        self.runs[run.id] = row
        self.due.pop(run.id, None)
        if row.due is not None and run.status == "waiting":
            self.due[run.id] = row.due

    def put_message(self, row: MessageRow) -> None:
        """Write a message: in its conversation's open ones while the outbox must look at it, out of them after that."""
        id, conversation = row.message.id, row.message.conversation
        others = tuple(each for each in self.open.get(conversation, ()) if each != id)
        is_open = row.status in ("queued", "claimed") or (row.status == "unknown" and row.next_at is not None)
        queue = tuple(sorted((*others, id))) if is_open else others
        if queue:
            self.open[conversation] = queue
        else:
            self.open.pop(conversation, None)
        self.messages[id] = row if is_open else replace(row, next_at=None)
        if row.provider_id:
            self.by_provider[(row.message.channel, row.provider_id)] = id
