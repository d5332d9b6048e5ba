"""Scripted conversations in process: every event of them decided, messages settled and timers armed, against `decide` alone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from unittest.mock import patch

from benchmarks.workload import FLOW, SAID
from channels.whatsapp.limits import CAPABILITIES
from engine.core.decide import decide
from engine.core.desk import decide_team
from nodes import node_types
from schemas.contact import Identity
from schemas.content import Text
from schemas.event import MessageReceived, PresenceChanged
from schemas.flow import FlowDocument
from simulator.explore import house
from simulator.simulation import Simulation
from simulator.world import AGENT, CHANNEL, EVERYONE, simulated_world

NOW = datetime(2026, 4, 1, 10, tzinfo=UTC)
PHONE = (Identity("whatsapp", "15550100001"), Identity("phone", "+15550100001"))
PRESENT = PresenceChanged(AGENT, "online")


@dataclass(frozen=True)
class Scripted:
    """Microseconds of processor time of one conversation, by what carries it."""

    events: int
    decided: float
    """Its events decided, and nothing else."""
    stand_in: float
    """In the explorer's pure stand-in for the runtime."""
    runtime: float
    """In the runtime itself, over the memory store."""


def measure(conversations: int) -> Scripted:
    """Play the workload's conversation so often each way, in turns."""
    document, types = FlowDocument.model_validate(FLOW), node_types()
    world = simulated_world(document, types, channel="whatsapp", capabilities=CAPABILITIES)
    stage = house.House(world, CAPABILITIES, PHONE)
    events = _events(stage)
    loop = asyncio.new_event_loop()

    async def whole() -> None:
        simulation = Simulation(
            document, types, channel="whatsapp", capabilities=CAPABILITIES, at=NOW, world=world
        )
        await simulation.prepare()
        for said in SAID:
            await simulation.say(said)

    def again() -> None:
        for work, arguments in events:
            work(*arguments, now=NOW)

    try:
        ways = [again, lambda: _talk(stage), lambda: loop.run_until_complete(whole())]
        spent = [min(_microseconds(way, conversations // 5) for _ in range(5)) for way in ways]
    finally:
        loop.close()
    return Scripted(len(events), *spent)


def _talk(stage: house.House) -> int:
    """The conversation; how many lines it has."""
    place = stage.happen(stage.start(NOW), PRESENT, teams=(EVERYONE,)).place
    lines = 0
    for number, said in enumerate(SAID):
        done = stage.happen(place, MessageReceived(CHANNEL, f"in-{number}", Text(said)))
        place, lines = done.place, lines + len(done.lines)
    assert lines == 2 * len(SAID), lines
    return lines


def _events(stage: house.House) -> list[tuple[Callable[..., Any], tuple[Any, ...]]]:
    """Every event of the conversation with whom it meets, as the stand-in has them decided."""
    found: list[tuple[Callable[..., Any], tuple[Any, ...]]] = []

    def noting(work: Callable[..., Any]) -> Callable[..., Any]:
        def note(*arguments: Any, now: datetime) -> Any:
            found.append((work, arguments))
            return work(*arguments, now=now)

        return note

    with patch.object(house, "decide", noting(decide)), patch.object(house, "decide_team", noting(decide_team)):
        _talk(stage)
    return found


def _microseconds(way: Callable[[], object], times: int) -> float:
    begun = time.process_time()
    for _ in range(max(times, 1)):
        way()
    return (time.process_time() - begun) * 1e6 / max(times, 1)
