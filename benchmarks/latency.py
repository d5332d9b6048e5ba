"""How long an inbound message takes to be decided and its answer to stand in the outbox, at half of the maximum load."""

from __future__ import annotations

import asyncio
import gc
import time
from dataclasses import dataclass
from pathlib import Path

from benchmarks.stage import Stage, all_sent, open_stage
from benchmarks.workload import inbound
from engine.core.limit import IDS_PER_EVENT
from engine.runtime.protocol import Notice


@dataclass(frozen=True)
class Latency:
    """Milliseconds from a message's arrival to the commit of its answer."""

    p50: float
    p99: float
    most: float


async def measure(folder: Path, per_second: float, seconds: float) -> Latency:
    """New people write, evenly, whether or not the server keeps up: the time counts from when each should have written.

    Raises AssertionError where not each has one answer.
    """
    async with open_stage(folder) as stage:
        graph = stage.graph
        seen: dict[int, float] = {}

        def note(notice: Notice) -> bool:
            if notice.topic == "message" and notice.data.get("status") == "queued":
                seen.setdefault(notice.id // IDS_PER_EVENT, time.perf_counter())
            return False

        listening = graph.hub.subscribe(note)
        await graph.runtime.start()
        gc.collect()
        gc.freeze()
        arrived = await _write(stage, per_second, int(per_second * seconds))
        await all_sent(graph.counters, len(arrived))  # the last ones are not timed
        listening.close()
        await graph.runtime.stop()
    assert arrived.keys() == seen.keys(), f"{len(arrived)} messages came in, {len(seen)} were answered"
    late = sorted((seen[event] - at) * 1000 for event, at in arrived.items())
    return Latency(late[len(late) // 2], late[len(late) * 99 // 100], late[-1])


async def _write(stage: Stage, per_second: float, count: int) -> dict[int, float]:
    """When each message arrived, by its event's id."""
    graph = stage.graph
    arrived: dict[int, float] = {}

    async def one(number: int, at: float) -> None:
        event = inbound(stage.tenant, stage.channel, number, 0, graph.clock.now())
        (appended,) = await graph.services.engine.append([event])
        arrived[appended.id] = at

    begun = time.perf_counter()
    async with asyncio.TaskGroup() as group:
        number = 0
        while number < count:
            due = min(int((time.perf_counter() - begun) * per_second) + 1, count)
            for each in range(number, due):
                group.create_task(one(each, begun + each / per_second))
            number = due
            await asyncio.sleep(0.001)
    return arrived
