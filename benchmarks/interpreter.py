"""The interpreter alone: decide on each event of the conversation, state decoded before and encoded after."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from benchmarks.workload import FLOW, SAID, inbound
from channels.whatsapp.limits import CAPABILITIES
from engine.core.codec import dump_run, load_run
from engine.core.decide import decide
from engine.core.value import Contact, Person, Run, derived_id
from engine.core.world import World
from engine.runtime.runtime import COLLECT
from nodes import node_types
from schemas.event import Event, NewEvent, decode_body, encode_body
from schemas.flow import FlowDocument
from simulator.world import simulated_world

NOW = datetime(2026, 4, 1, 10, tzinfo=UTC)
BATCH = 256
"""Conversations that go on together, as the worker takes them."""


@dataclass
class Cost:
    """Seconds of this process's CPU, by what they were spent on."""

    decode: float = 0.0
    """Body and run from their rows."""
    decide: float = 0.0
    encode: float = 0.0
    """The run to its row."""
    events: int = 0

    @property
    def microseconds(self) -> float:
        """Of one event, everything."""
        return (self.decode + self.decide + self.encode) * 1e6 / self.events


def measure(conversations: int) -> Cost:
    """What the events of so many conversations cost, without storage. Raises AssertionError where one comes to another end."""
    world = simulated_world(FlowDocument.model_validate(FLOW), node_types(), channel="whatsapp", capabilities=CAPABILITIES)
    cost, thresholds = Cost(), gc.get_threshold()
    gc.collect()
    gc.freeze()  # as the server, which walks none of what stood before the first event
    gc.set_threshold(*COLLECT)
    try:
        for first in range(0, conversations, BATCH):
            _converse(world, range(first, min(first + BATCH, conversations)), cost)
    finally:
        gc.set_threshold(*thresholds)
        gc.unfreeze()
    return cost


def _converse(world: World, contacts: Sequence[int], cost: Cost) -> None:
    people = [Person(Contact(derived_id(contact + 1, 0), identities=_said(contact, 0).identities)) for contact in contacts]
    states: list[list[tuple[Run, bytes]]] = [[] for _ in contacts]
    for turn in range(len(SAID)):
        rows = [(new, encode_body(new.body)) for new in (_said(contact, turn) for contact in contacts)]
        begun = time.process_time()
        events = list(_events(rows, turn * len(rows) + 1))
        people = [
            Person(person.contact, person.conversations, tuple([_load(run, raw) for run, raw in kept]))
            for person, kept in zip(people, states, strict=True)
        ]
        decoded = time.process_time()
        people = [decide(world, person, event, now=NOW).person for person, event in zip(people, events, strict=True)]
        decided = time.process_time()
        states = [[(run, dump_run(run)) for run in person.runs] for person in people]
        encoded = time.process_time()
        cost.decode += decoded - begun
        cost.decide += decided - decoded
        cost.encode += encoded - decided
        cost.events += len(rows)
    assert all(person.conversations[0].owner == "QUEUE" for person in people), "each ends with an agent asked for"


def _said(contact: int, turn: int) -> NewEvent:
    return inbound(1, 1, contact, turn, NOW)


def _events(rows: Sequence[tuple[NewEvent, bytes]], first: int) -> Iterator[Event]:
    for id, (new, raw) in enumerate(rows, first):
        body = decode_body(new.body.kind, raw)
        yield Event(id, 1, new.source, new.external_id, NOW, body, identities=new.identities, received_at=NOW)


def _load(run: Run, raw: bytes) -> Run:
    """The run from its state; its columns come with the row."""
    return load_run(
        raw,
        id=run.id,
        flow=run.flow,
        version=run.version,
        conversation=run.conversation,
        status=run.status,
        interactive=run.interactive,
        started_at=run.started_at,
        expires_at=run.expires_at,
    )
