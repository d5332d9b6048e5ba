"""What the suite's tests share: events, persons and decisions made by hand, without the interpreter."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from engine.core.decision import Decision
from engine.core.value import Contact, Conversation, Frame, Person, Run, Wait, derived_id
from engine.runtime.protocol import Batch, Claim, Committed, Decided, Offer, Settlement
from schemas.contact import Identity
from schemas.content import Text
from schemas.effect import Message
from schemas.event import Event, EventNamed, MessageReceived, NewEvent, StatusReported
from tests.conformance.stores import Subject

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
LEASE = timedelta(seconds=60)
TENANT, CHANNEL = 1, 7
ANN, BOB = Identity("webchat", "ann"), Identity("webchat", "bob")

Change = Callable[[Event, Person], Decision]


def written(external: str, *identities: Identity, bulk: bool = False, tenant: int = TENANT) -> NewEvent:
    """A person wrote."""
    body = MessageReceived(CHANNEL, external, Text("hi"))
    return NewEvent(tenant, "webchat", external, NOW, body, identities=identities, bulk=bulk)


def named(external: str, contact: int, *, bulk: bool = False) -> NewEvent:
    """Something happened to a known contact."""
    return NewEvent(TENANT, "api", external, NOW, EventNamed("paid"), contact=contact, bulk=bulk)


def reported(external: str, provider_id: str, status: str, **more: Any) -> NewEvent:
    """The provider told a status."""
    return NewEvent(TENANT, "provider", external, NOW, StatusReported(CHANNEL, provider_id, status, **more))


def noted(event: Event, person: Person, **changes: Any) -> Decision:
    """A decision that changes nothing but what is named; a new contact is made, and the person has the runs that live."""
    contact = person.contact
    runs = {run.id: run for run in (*person.runs, *changes.get("runs", ()))}
    person = replace(person, runs=tuple(run for run in runs.values() if run.live))
    if contact.version == 0:
        contact = replace(contact, version=1, created_at=NOW)
    return Decision(replace(person, contact=contact), person.contact, **changes)


def renamed(event: Event, person: Person, name: str) -> Decision:
    """A decision that changes the contact's row."""
    contact = replace(person.contact, name=name, version=person.contact.version + 1, created_at=person.contact.created_at or NOW)
    return Decision(replace(person, contact=contact), person.contact)


def message(event: Event, index: int, conversation: int, **changes: Any) -> Message:
    """A message of the bot in epoch 0."""
    made = Message(
        id=derived_id(event.id, index),
        key=f"{event.id}:{index}",
        conversation=conversation,
        channel=CHANNEL,
        content=Text(f"words {index}"),
        voice="bot",
        epoch=0,
        at=NOW,
    )
    return replace(made, **changes)


def waiting(event: Event, conversation: int, *, due: datetime | None = None, timeout: int | None = None) -> Run:
    """A run that waits for a reply."""
    wait = Wait(1, "reply", "ask", event.id, NOW, due=due, timeout=timeout)
    return Run(
        id=derived_id(event.id, 900),
        flow=1,
        version=11,
        conversation=conversation,
        status="waiting",
        frames=(Frame(11, "ask"),),
        wait=wait,
        step=1,
        interactive=True,
        started_at=NOW,
        expires_at=NOW + timedelta(days=30),
    )


class Scene:
    """A store with a clock that the test moves by hand."""

    def __init__(self, subject: Subject) -> None:
        self.subject = subject
        self.store = subject.store
        self.now = NOW
        self._count = 0

    def later(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)

    async def append(self, *events: NewEvent) -> list[int]:
        return [each.id for each in await self.store.append(events)]

    async def take(self, limit: int = 100) -> Batch:
        batch = await self.store.take(limit, self.now)
        assert batch is not None
        return batch

    async def nothing_left(self) -> bool:
        return await self.store.take(100, self.now) is None

    async def commit(self, batch: Batch, change: Change = noted, offer: Offer | None = None) -> Committed:
        """Fold `change` over the lanes of a batch and commit it, statuses passed through."""
        decided = []
        for lane in batch.contacts:
            person = lane.person
            for event in lane.events:
                decision = change(event, person)
                decided.append(Decided(event, decision))
                person = decision.person
        for event in batch.statuses:
            assert isinstance(event.body, StatusReported)
            decided.append(Decided(event, event.body))
        return await self.store.commit(batch, decided, self.now, offer)

    async def work(self, change: Change = noted) -> Committed:
        """Take everything and commit it."""
        return await self.commit(await self.take(), change)

    async def meet(self, identity: Identity = ANN, **facts: Any) -> tuple[Contact, Conversation]:
        """A new contact with a conversation, stored."""
        self._count += 1
        met: list[tuple[Contact, Conversation]] = []

        def greet(event: Event, person: Person) -> Decision:
            conversation = Conversation(
                derived_id(event.id, 1), CHANNEL, owner="BOT", window_until=NOW + timedelta(hours=24), last_inbound_at=NOW
            )
            known = replace(person.contact, version=1, created_at=NOW, **facts)
            met.append((known, conversation))
            after = Person(known, (conversation,), ())
            return Decision(after, person.contact, conversations=(conversation,))

        await self.append(written(f"first-{self._count}-{identity.value}", identity))
        await self.work(greet)
        return met[-1]

    async def happen(self, contact: int, change: Change, *, bulk: bool = False) -> Committed:
        """Decide one event of a known contact by `change`."""
        self._count += 1
        await self.append(named(f"happened-{self._count}", contact, bulk=bulk))
        return await self.work(change)

    async def say(self, contact: int, conversation: int, count: int = 1, **facts: Any) -> list[int]:
        """Put messages into the outbox; their ids."""
        made: list[int] = []

        def speak(event: Event, person: Person) -> Decision:
            messages = tuple(message(event, 2 + index, conversation, **facts) for index in range(count))
            made.extend(each.id for each in messages)
            return noted(event, person, messages=messages)

        await self.happen(contact, speak)
        return made

    async def launch(self, contact: int, conversation: int, count: int = 1, room: Any = None, **facts: Any) -> list[Claim]:
        """Say so much to a sender that has room; what was claimed in the same commit."""
        self._count += 1

        def speak(event: Event, person: Person) -> Decision:
            return noted(event, person, messages=tuple(message(event, 2 + each, conversation, **facts) for each in range(count)))

        await self.append(named(f"launched-{self._count}", contact))
        return list((await self.commit(await self.take(), speak, Offer(10, self.now + LEASE, room or {}))).claims)

    async def update(self, contact: int, **facts: Any) -> None:
        """Change the contact's only conversation."""

        def change(event: Event, person: Person) -> Decision:
            conversation = replace(person.conversations[0], **facts)
            return noted(event, replace(person, conversations=(conversation,)), conversations=(conversation,))

        await self.happen(contact, change)

    async def claim(self, limit: int = 100, room: dict[int, int] | None = None) -> list[Claim]:
        return await self.store.claim(limit, self.now, self.now + LEASE, room)

    async def settle(self, message: int, outcome: Any, **more: Any) -> int:
        return await self.store.settle([Settlement(message, outcome, self.now, **more)], self.now)

    async def born(self) -> list[Any]:
        """The bodies of the events that are undecided, decided as nothing."""
        batch = await self.store.take(100, self.now)
        if batch is None:
            return []
        bodies = [event.body for lane in batch.contacts for event in lane.events]
        await self.commit(batch)
        return bodies
