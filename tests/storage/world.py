"""A toy engine for store tests: it answers each message, and counts in the contact what it saw."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from engine.core.decision import Decision, How, Met, Step, Visited
from engine.core.value import Conversation, Frame, Person, Run, Wait, derived_id
from engine.runtime.protocol import Batch, Committed, Decided, Offer
from schemas.contact import Identity
from schemas.content import Text
from schemas.effect import Inbound, Message
from schemas.event import Event, MessageReceived, NewEvent
from storage.migrate import upgrade
from storage.store import Store

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
LEASE = timedelta(seconds=30)


@cache
def migrated() -> bytes:
    """A file with all tables and nothing in them: migrating takes longer than a test."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "postdog.db"
        upgrade(f"sqlite:///{path}")
        return path.read_bytes()


def new_file(folder: Path) -> str:
    """The URL of a fresh migrated file in a folder."""
    path = folder / "postdog.db"
    path.write_bytes(migrated())
    return f"sqlite:///{path}"


class Standing:
    """A clock that stands at NOW."""

    def now(self) -> datetime:
        return NOW

    async def sleep(self, seconds: float) -> None:
        raise AssertionError("nothing sleeps here")


def after(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def message(number: int, person: str = "ann", **changes: Any) -> NewEvent:
    """Message `number` of a visitor of channel 1."""
    body = MessageReceived(1, f"in-{number}", Text(f"text {number}"))
    event = NewEvent(1, "channel:1", f"in-{number}", NOW, body, identities=(Identity("webchat", person),))
    return replace(event, **changes)


def answering(person: Person, event: Event, *, timeout: int | None = None, **changes: Any) -> Decision:
    """Note the message, answer it from a run that waits for a reply, and count in the contact's field `seen`."""
    body = event.body
    assert isinstance(body, MessageReceived)
    contact = person.contact
    seen = (*contact.fields.get("seen", ()), int(body.external_id.partition("-")[2]))
    fresh = Conversation(derived_id(event.id, 1), body.channel, owner="BOT")
    conversation = replace(
        person.on_channel(body.channel) or fresh,
        last_inbound_at=NOW,
        last_activity_at=NOW,
        window_until=NOW + timedelta(hours=24),
    )
    old = person.runs[0] if person.runs else None
    id = old.id if old else derived_id(event.id, 2)
    number = old.step + 1 if old else 1
    out = Message(
        id=derived_id(event.id, 4),
        key=f"{id}:{number}:0",
        conversation=conversation.id,
        channel=body.channel,
        content=Text(f"answer to {body.external_id}"),
        voice="bot",
        epoch=conversation.epoch,
        at=NOW,
        run=id,
        step=number,
        node="ask",
        arms=timeout,
    )
    out = replace(out, **changes)
    wait = Wait(number, "reply", "ask", event.id, NOW, (out.id,), timeout=timeout)
    run = Run(
        id=id,
        flow=1,
        version=1,
        conversation=conversation.id,
        status="waiting",
        frames=(Frame(1, "ask", {"n": number}),),
        wait=wait,
        step=number,
        interactive=True,
        started_at=NOW,
        expires_at=NOW + timedelta(days=30),
    )
    changed = replace(contact, version=contact.version + 1, fields={"seen": list(seen)}, created_at=contact.created_at or NOW)
    how: How = "began" if old is None else "delivered"
    return Decision(
        person=Person(changed, (conversation,), (run,)),
        contact_before=contact,
        conversations=(conversation,),
        runs=(run,),
        inbound=Inbound(derived_id(event.id, 3), conversation.id, body.channel, body.content, body.external_id, "", NOW, id),
        messages=(out,),
        steps=(Step(run, number, (Visited("ask", "", "waits", 11),), {}, (out.id,), how, NOW, Met(conversation, 1)),),
        trace=("answered",),
        answer={"run": id},
    )


def decide_all(batch: Batch, **changes: Any) -> list[Decided]:
    """Decide a batch as a worker does."""
    decided = []
    for lane in batch.contacts:
        person = lane.person
        for event in lane.events:
            decision = answering(person, event, **changes)
            decided.append(Decided(event, decision))
            person = decision.person
    decided.extend(Decided(event, event.body) for event in batch.statuses)  # type: ignore[arg-type]
    return decided


def decide_one(batch: Batch) -> tuple[Event, Decision]:
    """The one event of a batch and its decision, to be bent by a test."""
    (lane,) = batch.contacts
    (event,) = lane.events
    return event, answering(lane.person, event)


def with_contact(decision: Decision, **changes: Any) -> Decision:
    """The decision with another contact after it."""
    return replace(decision, person=replace(decision.person, contact=replace(decision.person.contact, **changes)))


async def step(
    store: Store, limit: int = 256, now: datetime = NOW, offer: Offer | None = None, **changes: Any
) -> Committed | None:
    """Take, decide, commit one batch."""
    batch = await store.take(limit, now)
    return None if batch is None else await store.commit(batch, decide_all(batch, **changes), now, offer)


async def rows(store: Store, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
    """What a query gives."""
    return await store.write(lambda connection: connection.execute(sql, parameters).fetchall())
