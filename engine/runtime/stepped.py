"""Drives a runtime by hand on the virtual clock: no loops, no polling, the same order every time."""

from __future__ import annotations

import asyncio
from datetime import datetime

from engine.runtime.clock import SPINS, VirtualClock
from engine.runtime.runtime import Runtime

ROUNDS = 10_000
"""Rounds at one instant: more is a flow that waits for no time in a circle, or a store that gives the same again."""


class NeverRests(Exception):
    """At this instant there is always something more to do."""


class Stepped:
    """The runtime's parts, stepped. Use it on a runtime that was not started. Trouble of the store is raised."""

    def __init__(self, runtime: Runtime, clock: VirtualClock) -> None:
        self.runtime = runtime
        self.clock = clock

    async def drain(self) -> int:
        """Work until nothing is ready at this instant; how much was moved. A send that hangs stays in flight."""
        runtime, total = self.runtime, 0
        for _ in range(ROUNDS):
            await self._land()
            moved = await runtime.worker.step() + await runtime.timer.step()
            moved += await runtime.sender.step() + await runtime.caller.step()
            if not moved:
                return total
            total += moved
        raise NeverRests

    async def next_due(self) -> datetime | None:
        """The next instant, after now, at which something becomes ready; after a `drain`."""
        runtime, now = self.runtime, self.clock.now()
        instants = (
            runtime.timer.next_due,
            runtime.sender.next_ready,
            runtime.caller.next_ready,
            self.clock.next_due(),
        )
        return min((at for at in instants if at is not None and at > now), default=None)

    async def advance(self, to: datetime) -> None:
        """Move the clock from one due instant to the next, working at each, until `to`."""
        await self.drain()
        while (due := await self.next_due()) is not None and due <= to:
            self.clock.move(due)
            await self.drain()
        if self.clock.now() < to:
            self.clock.move(to)
            await self.drain()

    async def _land(self) -> None:
        """Let sends and calls that can end at this instant end."""
        runtime, quiet = self.runtime, 0
        flying = runtime.sender.flying + runtime.caller.flying
        while flying and quiet < SPINS:
            await asyncio.sleep(0)
            left = runtime.sender.flying + runtime.caller.flying
            quiet = quiet + 1 if left == flying else 0
            flying = left
