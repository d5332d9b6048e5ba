"""A runtime on the memory store and the virtual clock, with a channel that answers as it is told."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

from engine.core.decision import Decision
from engine.core.desk import decide_team
from engine.core.value import Conversation, Person, derived_id
from engine.core.world import World
from engine.runtime.clock import VirtualClock
from engine.runtime.memory.store import MemoryStore
from engine.runtime.protocol import Accepted, Claim, Lost, Offer, Outgoing, Refused
from engine.runtime.runtime import Runtime
from engine.runtime.stepped import Stepped
from schemas.capability import Capabilities
from schemas.contact import Identity
from schemas.content import Text
from schemas.effect import Message
from schemas.event import Event, EventNamed, MessageReceived, NewEvent

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
CHANNEL = 7
Answer = Accepted | Refused | Lost | Exception


class FakeChannel:
    """Gives its answers in turn, then accepts. While `hangs` it answers nothing."""

    def __init__(self, capabilities: Capabilities, *answers: Answer) -> None:
        self._capabilities = capabilities
        self.answers = list(answers)
        self.sent: list[tuple[datetime, Outgoing]] = []
        self.called: list[tuple[str, Mapping[str, Any]]] = []
        self.broken_calls = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.clock: VirtualClock | None = None

    @property
    def capabilities(self) -> Capabilities:
        return self._capabilities

    async def send(self, outgoing: Outgoing) -> Accepted | Refused | Lost:
        assert self.clock is not None
        self.sent.append((self.clock.now(), outgoing))
        await self.gate.wait()
        answer = self.answers.pop(0) if self.answers else Accepted(f"p{len(self.sent)}")
        if isinstance(answer, Exception):
            raise answer
        return answer

    async def call(self, kind: str, data: Mapping[str, Any]) -> None:
        self.called.append((kind, data))
        if self.broken_calls:
            self.broken_calls -= 1
            raise OSError("no line")

    @property
    def said(self) -> list[str]:
        """The texts, in the order of their requests."""
        return [str(getattr(outgoing.content, "text", "")) for _, outgoing in self.sent]

    @property
    def times(self) -> list[float]:
        """Seconds from the start to each request."""
        return [(at - NOW).total_seconds() for at, _ in self.sent]


class OneChannel:
    def __init__(self, channel: FakeChannel | None) -> None:
        self.channel = channel

    async def get(self, channel: int) -> FakeChannel | None:
        return self.channel


class OneWorld:
    def __init__(self) -> None:
        self.error: Exception | None = None

    async def get(self, tenant: int, versions: frozenset[int] = frozenset()) -> World:
        if self.error is not None:
            raise self.error
        return World(tenant, 1)


@dataclass
class Script:
    """A stand-in for the interpreter: says the words of an event named `say`, breaks on `break`, answers `ask`."""

    facts: dict[str, Any] = field(default_factory=dict)

    def decide(self, world: World, person: Person, event: Event, *, now: datetime) -> Decision:
        contact, body = person.contact, event.body
        conversation = person.on_channel(CHANNEL)
        if isinstance(body, EventNamed) and body.name == "break":
            raise ValueError("broken on purpose")
        fresh: tuple[Conversation, ...] = ()
        if conversation is None:
            window = now + timedelta(hours=24)
            conversation = Conversation(derived_id(event.id, 1), CHANNEL, owner="BOT", window_until=window)
            fresh = (conversation,)
        created = contact if contact.version else replace(contact, version=1, created_at=now)
        answer = {"seen": event.id} if isinstance(body, EventNamed) and body.name == "ask" else None
        return Decision(
            replace(person, contact=created, conversations=(conversation,)),
            contact,
            conversations=fresh,
            messages=tuple(self._words(event, conversation.id, now)),
            answer=answer,
        )

    def _words(self, event: Event, conversation: int, now: datetime) -> list[Message]:
        if not isinstance(event.body, EventNamed):
            return []
        return [
            Message(
                id=derived_id(event.id, 2 + index),
                key=f"{event.id}:{index}",
                conversation=conversation,
                channel=CHANNEL,
                content=Text(words),
                voice="bot",
                epoch=0,
                at=now,
                **self.facts,
            )
            for index, words in enumerate(event.body.data.get("words", ()))
        ]


class Bench:
    """Everything that a test of the runtime touches."""

    def __init__(self, *answers: Answer, capabilities: Capabilities | None = None, **facts: Any) -> None:
        self.clock = VirtualClock(NOW)
        self.store = MemoryStore(clock=self.clock)
        self.channel = FakeChannel(capabilities or Capabilities(), *answers)
        self.channel.clock = self.clock
        self.channels = OneChannel(self.channel)
        self.worlds = OneWorld()
        self.attention: list[tuple[int, str, str]] = []
        self.runtime = Runtime(
            clock=self.clock,
            store=self.store,
            worlds=self.worlds,
            channels=self.channels,
            decide=Script(facts).decide,
            decide_team=decide_team,
            attention=lambda *words: self.attention.append(words),
        )
        self.stepped = Stepped(self.runtime, self.clock)
        self._count = 0

    async def event(self, name: str, *words: str, who: str = "ann") -> int:
        """Append an event for somebody; its id."""
        self._count += 1
        body = EventNamed(name, {"words": words})
        new = NewEvent(1, "test", str(self._count), self.clock.now(), body, identities=(Identity("webchat", who),))
        return (await self.runtime.append([new]))[0].id

    async def say(self, *words: str, who: str = "ann") -> None:
        """Have words said to somebody."""
        await self.event("say", *words, who=who)

    async def write(self, who: str = "ann") -> None:
        """Somebody writes."""
        self._count += 1
        body = MessageReceived(CHANNEL, f"w{self._count}", Text("hi"))
        new = NewEvent(1, "webchat", body.external_id, self.clock.now(), body, identities=(Identity("webchat", who),))
        await self.runtime.append([new])

    async def after(self, seconds: float) -> None:
        """Move the clock to so many seconds after the start, working on the way."""
        await self.stepped.advance(NOW + timedelta(seconds=seconds))

    async def claimed_by_the_dead(self) -> int:
        """Decide what is there and let the commit claim what it says; the sender dies before any of it leaves. How many."""
        offer, launch, claimed = self.runtime.sender.offer, self.runtime.sender.launch, 0

        def die(room: Offer, claims: Sequence[Claim]) -> None:
            nonlocal claimed
            claimed += len(claims)
            launch(room, ())

        sender = SimpleNamespace(offer=offer, launch=die)
        with patch.object(self.runtime.worker, "_sends", sender):
            await self.runtime.worker.step()
        return claimed

    @property
    def statuses(self) -> list[str]:
        """Of all messages, by id."""
        return [row.status for _, row in sorted(self.store.state.messages.items())]

    @property
    def codes(self) -> list[str]:
        return [row.code for _, row in sorted(self.store.state.messages.items())]
