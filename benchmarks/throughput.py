"""Inbound messages a second through the object graph that `serve` builds, each answer sent to a null channel and settled."""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import dataclass
from pathlib import Path

from sqlmodel import Session, func, select

from app.graph import Graph
from benchmarks.stage import Stage, all_sent, open_stage
from benchmarks.workload import SAID, rounds
from schemas.event import NewEvent
from storage.table import MessageRow, RunRow

APPEND = 64
"""Events of one append: what webhooks that come together share."""
APPENDING = 8
"""Appends that wait for their commit at a time."""


@dataclass(frozen=True)
class Throughput:
    """Events a second, and what stood in the tables afterwards."""

    events_per_second: float
    runs: int
    sent: int


async def measure(folder: Path, contacts: int) -> Throughput:
    """Play the workload. Raises AssertionError where the rows that are left are not those of the workload."""
    async with open_stage(folder) as stage:
        return await play(stage, contacts)


async def play(stage: Stage, contacts: int) -> Throughput:
    """The whole workload, turn by turn: each turn begins when all answers of the one before are settled."""
    graph = stage.graph
    await graph.runtime.start()
    gc.collect()
    gc.freeze()
    seconds = 0.0
    for number, events in enumerate(rounds(stage.tenant, stage.channel, contacts, graph.clock.now()), 1):
        begun = time.perf_counter()
        await _append(graph, events)
        await all_sent(graph.counters, number * contacts)
        seconds += time.perf_counter() - begun
    await graph.runtime.stop()
    runs, sent = await graph.tables.read(_count)
    assert (runs, sent) == (contacts, contacts * len(SAID)), (runs, sent)
    return Throughput(contacts * len(SAID) / seconds, runs, sent)


async def _append(graph: Graph, events: list[NewEvent]) -> None:
    """Append all, a few lists at a time, as webhooks that come over several connections."""
    lists = iter([events[start : start + APPEND] for start in range(0, len(events), APPEND)])

    async def door() -> None:
        for some in lists:
            await graph.runtime.append(some)

    await asyncio.gather(*(door() for _ in range(APPENDING)))


def _count(session: Session) -> tuple[int, int]:
    runs = session.exec(select(func.count()).select_from(RunRow)).one()
    sent = session.exec(
        select(func.count()).select_from(MessageRow).where(MessageRow.direction == "out", MessageRow.status == "accepted")
    ).one()
    return runs, sent
