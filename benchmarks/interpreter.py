"""The interpreter alone: decide on each event of the conversation, state decoded before and encoded after."""

from __future__ import annotations

import time
from datetime import UTC, datetime

from benchmarks.workload import FLOW, SAID, inbound
from channels.whatsapp.limits import CAPABILITIES
from engine.core.codec import dump_run, load_run
from engine.core.decide import decide
from engine.core.value import Contact, Person, Run, derived_id
from engine.core.world import World
from nodes import node_types
from schemas.event import Event, NewEvent, decode_body, encode_body
from schemas.flow import FlowDocument
from simulator.world import simulated_world

NOW = datetime(2026, 4, 1, 10, tzinfo=UTC)


def microseconds_per_event(conversations: int) -> float:
    """Microseconds of one event, body and run decoded and encoded, without storage."""
    world = simulated_world(FlowDocument.model_validate(FLOW), node_types(), channel="whatsapp", capabilities=CAPABILITIES)
    events = [
        [(encode_body(new.body), new) for turn in range(len(SAID)) for new in (inbound(1, 1, contact, turn, NOW),)]
        for contact in range(conversations)
    ]
    begun = time.perf_counter()
    for several in events:
        _converse(world, several)
    return (time.perf_counter() - begun) * 1e6 / (conversations * len(SAID))


def _converse(world: World, several: list[tuple[bytes, NewEvent]]) -> None:
    person = Person(Contact(derived_id(1, 0), version=0, identities=several[0][1].identities))
    for number, (raw, new) in enumerate(several, 1):
        body = decode_body(new.body.kind, raw)
        event = Event(number, 1, new.source, new.external_id, NOW, body, identities=new.identities, received_at=NOW)
        person = Person(person.contact, person.conversations, tuple(_again(run) for run in person.runs))
        person = decide(world, person, event, now=NOW).person


def _again(run: Run) -> Run:
    return load_run(
        dump_run(run),
        id=run.id,
        flow=run.flow,
        version=run.version,
        conversation=run.conversation,
        status=run.status,
        interactive=run.interactive,
        started_at=run.started_at,
        expires_at=run.expires_at,
    )
