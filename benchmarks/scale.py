"""What an event costs with few and with many people in the database: it should not matter how many there are."""

from __future__ import annotations

import gc
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from app.event_loop import run_async
from benchmarks.crowd import APART, FIRST_ID, gather
from benchmarks.stage import Stage, all_sent, open_stage
from benchmarks.workload import inbound

ROUNDS = 5
"""The quickest counts: what else the machine does must not look like a cost of ours."""
# Runs that moved on and answers that went out, of the people of this size.
COUNTED = f"""
WITH asked AS (SELECT {FIRST_ID} + ? * {APART} AS first, {FIRST_ID} + ? * {APART} AS last)
SELECT (SELECT count(*) FROM run, asked WHERE node = 'reply' AND contact >= first AND contact < last),
       (SELECT count(*) FROM message, asked WHERE node = 'sure' AND status = 'accepted' AND contact >= first AND contact < last)
"""


@dataclass(frozen=True)
class Cost:
    """Microseconds of an event, from its append to its answer's settlement, at so many people."""

    people: int
    microseconds: float


def measure(folder: Path, sizes: Sequence[int], events: int) -> list[Cost]:
    """Let people drawn at random answer the question that their run waits with, in a database that grows from size to size.

    Raises AssertionError where the rows that are left are not those of the answers.
    """
    costs, before = [], 0
    for size in sizes:
        gather(folder, size, before)
        costs.append(Cost(size, run_async(_answered(folder, before, size, min(events, (size - before) // ROUNDS)))))
        before = size
    return costs


async def _answered(folder: Path, first: int, last: int, events: int) -> float:
    async with open_stage(folder) as stage:
        graph = stage.graph
        await graph.runtime.start()
        people = random.Random(last).sample(range(first, last), events * ROUNDS)
        gc.collect()
        gc.freeze()
        seconds = [await _round(stage, people[place::ROUNDS], (place + 1) * events) for place in range(ROUNDS)]
        await graph.runtime.stop()
        moved, sent = (await graph.store.write(lambda connection: connection.execute(COUNTED, (first, last)).fetchone()))
    told = f"{events * ROUNDS} people of {last} answered, {moved} runs moved, {sent} messages were sent"
    assert moved == sent == events * ROUNDS, told
    return min(seconds) * 1e6 / events


async def _round(stage: Stage, people: Sequence[int], sent: int) -> float:
    graph = stage.graph
    events = [inbound(stage.tenant, stage.channel, person, 1, graph.clock.now()) for person in people]
    begun = time.perf_counter()
    await graph.runtime.append(events)
    await all_sent(graph.counters, sent)
    return time.perf_counter() - begun
