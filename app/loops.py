"""What runs beside the engine: schedules, sweeps, read marks, and the pruning of what is long done."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial

import structlog

from app.graph import Graph
from app.marks import Marks
from crm.ai_budget import forget_old_spend
from crm.deliveries import prune_deliveries
from crm.notices import prune_notices
from crm.schedules import fire_due
from crm.sign_in import forget_old
from crm.sweep import SWEEP_SECONDS, waiting_queues, woken
from crm.webchat import forget_silent_visitors
from storage.dead import prune_chunk, prune_rest

log: structlog.stdlib.BoundLogger = structlog.get_logger("postdog.loops")
SCHEDULE_SECONDS = 5.0
"""How often schedules are looked at: cron has minutes."""
PRUNE_SECONDS = 600.0
SILENT = timedelta(days=180)
"""A browser that was not seen for so long has lost its token, or its person has lost interest."""


class Loops:
    """Background work that only appends events or forgets rows. Trouble is logged and tried again at the next turn."""

    def __init__(self, graph: Graph) -> None:
        self._graph = graph
        self._tasks: list[asyncio.Task[None]] = []

    def start(self) -> None:
        """Begin."""
        graph = self._graph
        self._tasks = [
            asyncio.create_task(_every("schedules", SCHEDULE_SECONDS, self._schedules)),
            asyncio.create_task(_every("sweep", SWEEP_SECONDS, self._sweep)),
            asyncio.create_task(_every("prune", PRUNE_SECONDS, self._prune)),
            asyncio.create_task(Marks(graph.hub, graph.channels).run()),
        ]

    async def stop(self) -> None:
        """End at once: nothing here is lost by it."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _schedules(self) -> None:
        services = self._graph.services
        await fire_due(services.store, services.engine, services.node_types, services.clock.now())

    async def _sweep(self) -> None:
        services, now = self._graph.services, self._graph.clock.now()
        events = await services.store.read(lambda session: [*woken(session, now), *waiting_queues(session, now)])
        if events:
            await services.engine.append(events)

    async def _prune(self) -> None:
        now = self._graph.clock.now()
        for table in ("event", "call"):
            after: int | None = 0
            while after is not None:
                _, after = await self._graph.store.write(partial(prune_chunk, table=table, after=after, now=now))
        await self._graph.store.write(partial(prune_rest, now=now))
        await self._graph.services.store.write(lambda session: forget_silent_visitors(session, now - SILENT))
        await self._graph.services.store.write(lambda session: forget_old(session, now))
        await self._graph.services.store.write(lambda session: prune_deliveries(session, now))
        await self._graph.services.store.write(lambda session: prune_notices(session, now))
        await self._graph.services.store.write(lambda session: forget_old_spend(session, now))


async def _every(name: str, seconds: float, work: Callable[[], Awaitable[None]]) -> None:
    while True:
        try:
            await work()
        except Exception:  # the loop must go on; what was not done is still there at the next turn
            log.exception("loop_failed", loop=name)
        await asyncio.sleep(seconds)
