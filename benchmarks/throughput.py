"""Inbound messages a second through the object graph that `serve` builds, each answer sent to a null channel and settled."""

from __future__ import annotations

import asyncio
import gc
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlmodel import Session, func, select

from app.bootstrap import ensure_workspace
from app.graph import Graph, open_graph
from app.settings import Settings
from benchmarks.workload import FLOW, SAID, rounds
from channels.whatsapp.limits import CAPABILITIES
from crm.channels import create_channel
from crm.flows import create_flow
from crm.publish import Around, publish_flow
from engine.runtime.clock import SystemClock
from engine.runtime.protocol import Accepted, Outgoing
from schemas.capability import Capabilities
from schemas.event import NewEvent
from schemas.flow import FlowDocument
from storage.migrate import upgrade
from storage.table import FlowRow, MessageRow, RunRow

APPEND = 64
"""Events of one append: what webhooks that come together share."""
APPENDING = 8
"""Appends that wait for their commit at a time."""
POLL_SECONDS = 0.002


class NullChannel:
    """Takes everything at once."""

    capabilities: Capabilities = replace(CAPABILITIES, per_second=None, at_once=512)

    async def send(self, outgoing: Outgoing) -> Accepted:
        return Accepted(f"null-{outgoing.message}")

    async def call(self, kind: str, data: Any) -> None:
        pass


@dataclass(frozen=True)
class Throughput:
    """Events a second, and what stood in the tables afterwards."""

    events_per_second: float
    runs: int
    sent: int


@dataclass(frozen=True)
class Stage:
    """A graph with a workspace, the benchmark's flow and a null channel; nothing runs yet."""

    graph: Graph
    tenant: int
    channel: int


async def measure(folder: Path, contacts: int) -> Throughput:
    """Play the workload. Raises AssertionError where the rows that are left are not those of the workload."""
    async with open_stage(folder) as stage:
        return await play(stage, contacts)


@asynccontextmanager
async def open_stage(folder: Path) -> AsyncIterator[Stage]:
    """The stage in a new database in this folder."""
    settings = Settings(data_dir=folder)
    await asyncio.to_thread(upgrade, settings.database)
    async with open_graph(settings, SystemClock(), public_url="") as graph:
        tenant, channel = await _prepare(graph)
        graph.channels.replace(channel, NullChannel())
        yield Stage(graph, tenant, channel)


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
        await _settled(graph, number * contacts)
        seconds += time.perf_counter() - begun
    await graph.runtime.stop()
    runs, sent = await graph.tables.read(_count)
    assert (runs, sent) == (contacts, contacts * len(SAID)), (runs, sent)
    return Throughput(contacts * len(SAID) / seconds, runs, sent)


async def _prepare(graph: Graph) -> tuple[int, int]:
    started = await ensure_workspace(graph)
    now = graph.clock.now()

    def work(session: Session) -> int:
        for row in session.exec(select(FlowRow)):
            row.live_version = 0
            session.add(row)
        channel = create_channel(session, started.tenant, "whatsapp", "null", {}, {}, graph.services.secrets, now)
        flow = create_flow(session, started.tenant, FlowDocument.model_validate(FLOW), now)
        around = Around(graph.services.node_types, {}, graph.services.random)
        publish_flow(session, started.tenant, flow.id, around, now)
        return channel.id

    channel = await graph.tables.write(work)
    graph.services.worlds.changed(started.tenant)
    return started.tenant, channel


async def _append(graph: Graph, events: list[NewEvent]) -> None:
    """Append all, a few lists at a time, as webhooks that come over several connections."""
    lists = iter([events[start : start + APPEND] for start in range(0, len(events), APPEND)])

    async def door() -> None:
        for some in lists:
            await graph.runtime.append(some)

    await asyncio.gather(*(door() for _ in range(APPENDING)))


async def _settled(graph: Graph, wanted: int) -> None:
    """Polls: who listens to the feed costs what is measured here."""
    while True:
        if graph.counters.counts["sends_accepted"] >= wanted:
            return
        await asyncio.sleep(POLL_SECONDS)


def _count(session: Session) -> tuple[int, int]:
    runs = session.exec(select(func.count()).select_from(RunRow)).one()
    sent = session.exec(
        select(func.count()).select_from(MessageRow).where(MessageRow.direction == "out", MessageRow.status == "accepted")
    ).one()
    return runs, sent
