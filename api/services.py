"""What the handlers work with: one value that `app` fills."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from sqlmodel import Session

from channels.protocol import ChannelType, Health
from crm.deliveries import Outcome, Parcel
from crm.worlds import StoredWorlds
from engine.core.decision import Call
from engine.core.program import NodeTypes
from engine.runtime.protocol import Appended, CallAnswer, Clock, Feed
from schemas.event import NewEvent
from schemas.flow import FlowDocument
from schemas.problem import Problem
from storage.secret import SecretBox

T = TypeVar("T")


class Store(Protocol):
    """The tables, for ordinary queries. Work is a plain function of a session; it never awaits."""

    async def read(self, work: Callable[[Session], T]) -> T:
        """What the work gives; it may not write."""
        ...

    async def write(self, work: Callable[[Session], T]) -> T:
        """One transaction: committed when the work returns, rolled back when it raises."""
        ...


@dataclass(frozen=True, slots=True)
class Submitted:
    """An event that was appended: its id, whether it had been there, and its answer. None: not decided within the time."""

    event: int
    duplicate: bool
    answer: Mapping[str, Any] | Problem | None


class Engine(Protocol):
    """The one entrance: events are appended, and some are waited for."""

    async def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        """Durable when it returns."""
        ...

    async def submit(self, event: NewEvent, wait: float = 5.0) -> Submitted:
        """Append, and wait up to so many seconds for the answer."""
        ...


@dataclass(frozen=True, slots=True)
class Tried:
    """What came of trying the AI provider: an answer, or what is wrong."""

    answer: str = ""
    problem: str = ""
    model: str = ""
    tokens: int = 0


async def no_ai(tenant: int, question: str) -> Tried:
    """A refusal: for services without AI."""
    return Tried(problem="This server asks no AI provider.")


async def uncalled(tenant: int, call: Call) -> CallAnswer:
    """A refusal: for services that call nobody."""
    return CallAnswer(ok=False, code="unknown_call", detail="this server makes no calls")


async def unasked(channel: int) -> Health | None:
    """Nothing: for services without connected channels."""
    return None


async def undelivered(parcel: Parcel) -> Outcome:
    """No answer: for services that reach nobody."""
    return Outcome(error="This server doesn't deliver.")


@dataclass(frozen=True, slots=True)
class ReadyMade:
    """A flow that we ship: its key, what it does, in a sentence, and its document."""

    key: str
    description: str
    document: FlowDocument


@dataclass(frozen=True, slots=True)
class Services:
    """Everything that a handler may use."""

    store: Store
    engine: Engine
    worlds: StoredWorlds
    """Call `worlds.changed(tenant)` after a write that raised the tenant's world number (`crm.world_number.raise_world`)."""
    node_types: NodeTypes
    channel_types: Mapping[str, ChannelType[Any]]
    secrets: SecretBox
    feed: Feed
    clock: Clock
    random: Callable[[int], bytes]
    """Random bytes, for keys and tokens (`secrets.token_bytes`)."""
    data_dir: Path
    public_url: str
    """Where the world reaches this server, without a slash at the end."""
    channels_changed: Callable[[int], Awaitable[None]]
    """A channel's settings changed: connect it anew."""
    ready_made: Sequence[ReadyMade] = ()
    """The flows to begin from."""
    health: Callable[[int], Awaitable[Health | None]] = unasked
    """What the provider says of a channel; None where it can't be asked."""
    deliver: Callable[[Parcel], Awaitable[Outcome]] = undelivered
    """Sends something to a webhook, once and now."""
    plain_http_webhooks: bool = False
    """Webhooks may begin with http://."""
    try_ai: Callable[[int, str], Awaitable[Tried]] = no_ai
    """Asks a tenant's AI provider a question, once."""
    try_call: Callable[[int, Call], Awaitable[CallAnswer]] = uncalled
    """Makes a call of a tenant's flow, once and now."""
