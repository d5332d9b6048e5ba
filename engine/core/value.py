"""The values that one decision reads and changes: contact, conversation, run; together a person."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import field
from datetime import datetime
from typing import Any, Literal

from engine.core.limit import IDS_PER_EVENT
from schemas.contact import Identity
from schemas.value import value

Owner = Literal["BOT", "QUEUE", "AGENT", "NONE"]
ConversationStatus = Literal["active", "snoozed", "resolved"]
RunStatus = Literal["waiting", "suspended", "completed", "expired", "interrupted", "failed", "stopped"]
LIVE: frozenset[str] = frozenset({"waiting", "suspended"})
TAKEN = "taken"
"""In the data of a wait for an agent: somebody has the conversation."""
WaitKind = Literal["reply", "duration", "until", "event", "agent", "message", "call"]


def derived_id(event: int, index: int) -> int:
    """The id of the `index`-th thing that an event makes: the same event makes the same ids, whenever it is decided.

    >>> derived_id(3, 1)
    3073
    """
    if index >= IDS_PER_EVENT:
        raise OverflowError("one event may not make more things than it has ids")
    return event * IDS_PER_EVENT + index


@value(frozen=True, slots=True)
class Contact:
    """A person. `version` is 0 while no row stands behind it, and is raised by every change."""

    id: int
    version: int = 0
    name: str | None = None
    language: str | None = None
    timezone: str | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)
    tags: tuple[str, ...] = ()
    identities: tuple[Identity, ...] = ()
    opted_out: bool = False
    created_at: datetime | None = None
    starts: Mapping[str, str] = field(default_factory=dict)
    """When a flow's limited trigger (once, or not again for a while) last started: "flow:node" -> ISO instant."""

    def identity(self, *kinds: str) -> str | None:
        """The value of the first identity of these kinds, in their order."""
        for kind in kinds:
            for identity in self.identities:
                if identity.kind == kind:
                    return identity.value
        return None


@value(frozen=True, slots=True)
class Conversation:
    """The thread with a contact on a channel, and who owns it. `epoch` counts how often the floor was taken from the bot."""

    id: int
    channel: int
    owner: Owner = "NONE"
    status: ConversationStatus = "active"
    epoch: int = 0
    agent: int = 0
    team: int = 0
    claim: str = ""
    """The hand-over that the queue or the agent stands for; an answer with another claim is an old one."""
    last_inbound_at: datetime | None = None
    window_until: datetime | None = None
    """Until when free text may be sent; None where the contact never wrote."""
    last_activity_at: datetime | None = None
    automatic: int = 0
    """Automatic messages since the contact last wrote."""
    snoozed_until: datetime | None = None
    unhandled: bool = False
    """The last inbound found nobody: no wait, no trigger, no agent."""


@value(frozen=True, slots=True)
class Wait:
    """Why a run is parked. `id` is the step that parked it, so an old timer or answer can't wake a newer wait.

    `messages` are the messages that the wait stands on. `due` is when its time comes; a reply's `timeout` (seconds) becomes a
    `due` when the last of its messages settles. `after` is the event that opened it: earlier messages don't answer it.
    """

    id: int
    kind: WaitKind
    node: str
    after: int
    opened_at: datetime
    messages: tuple[int, ...] = ()
    due: datetime | None = None
    timeout: int | None = None
    data: Mapping[str, Any] = field(default_factory=dict)
    senders: tuple[tuple[str, ...], ...] = ()
    """Who sent each of `messages`, as the nodes from the first frame down; empty where the run stood in one flow only."""


@value(frozen=True, slots=True)
class Frame:
    """Where a run stands in one version: a subflow stands on its caller's frame, which stands at the node that runs it."""

    version: int
    node: str
    variables: Mapping[str, Any] = field(default_factory=dict)
    expires_at: datetime | None = None
    """When a subflow's own time is over; None for the first frame, whose time is the run's."""


@value(frozen=True, slots=True)
class Before:
    """The runs that went on in one another down to this one: how many steps they made, and since when."""

    steps: int
    since: datetime


@value(frozen=True, slots=True)
class Run:
    """One contact's way through a flow. The last frame is the one that moves."""

    id: int
    flow: int
    version: int
    conversation: int
    status: RunStatus
    frames: tuple[Frame, ...]
    wait: Wait | None
    step: int
    interactive: bool
    started_at: datetime
    expires_at: datetime
    ended_at: datetime | None = None
    reason: str = ""
    """Why it ended or was suspended: a code."""
    invalid: int = 0
    """Invalid replies in a row."""
    before: Before | None = None
    """Where it began by Go to flow."""

    @property
    def live(self) -> bool:
        """True while something can still move it."""
        return self.status in LIVE

    @property
    def due(self) -> datetime:
        """When the run must be looked at, if nothing happens before: its wait's time or its expiry."""
        wait = self.wait
        return self.ends_at if wait is None or wait.due is None else min(wait.due, self.ends_at)

    @property
    def ends_at(self) -> datetime:
        """When its time is over, or that of a subflow in which it stands; a subflow's stands still while a person has it."""
        if len(self.frames) < 2 or (self.wait is not None and TAKEN in self.wait.data):
            return self.expires_at
        return min([self.expires_at, *[frame.expires_at for frame in self.frames if frame.expires_at is not None]])


@value(frozen=True, slots=True)
class Person:
    """What one decision may change: the contact, its conversations and its live runs."""

    contact: Contact
    conversations: tuple[Conversation, ...] = ()
    runs: tuple[Run, ...] = ()

    def conversation(self, id: int) -> Conversation | None:
        """The conversation with this id."""
        return next((each for each in self.conversations if each.id == id), None)

    def on_channel(self, channel: int) -> Conversation | None:
        """The conversation on this channel."""
        return next((each for each in self.conversations if each.channel == channel), None)

    def run(self, id: int) -> Run | None:
        """The live run with this id."""
        return next((each for each in self.runs if each.id == id), None)
