"""The two clocks: the system's, and one that stands still until it is moved."""

from __future__ import annotations

import asyncio
import heapq
from collections.abc import Awaitable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

from engine.runtime.protocol import Clock

T = TypeVar("T")

START = datetime(2026, 1, 1, tzinfo=UTC)
"""Where a virtual clock begins, if nobody says otherwise."""
SPINS = 25
"""Turns of the event loop that let everything ready at one instant finish: a send through a fake takes about 5."""


class SystemClock:
    """The machine's time. It never goes back, even when the machine's clock is set back: then it stands still."""

    def __init__(self) -> None:
        self._last = datetime.now(UTC)

    def now(self) -> datetime:
        """The instant, in UTC."""
        self._last = max(self._last, datetime.now(UTC))
        return self._last

    async def sleep(self, seconds: float) -> None:
        """Wait this long."""
        await asyncio.sleep(seconds)


class VirtualClock:
    """A clock that moves only by `advance`. Sleepers wake in the order of their instants, equal ones in that of their call."""

    def __init__(self, start: datetime = START) -> None:
        self._now = start
        self._count = 0
        self._sleepers: list[tuple[datetime, int, asyncio.Future[None]]] = []

    def now(self) -> datetime:
        """The virtual instant."""
        return self._now

    async def sleep(self, seconds: float) -> None:
        """Wait until the clock has been moved this far; takes no real time."""
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        future = asyncio.get_running_loop().create_future()
        self._count += 1
        heapq.heappush(self._sleepers, (self._now + timedelta(seconds=seconds), self._count, future))
        await future

    def next_due(self) -> datetime | None:
        """When the next sleeper wakes; None if nobody sleeps."""
        while self._sleepers and self._sleepers[0][2].done():
            heapq.heappop(self._sleepers)
        return self._sleepers[0][0] if self._sleepers else None

    def move(self, to: datetime) -> None:
        """Set the instant and wake who is due by it; never back. What wakes runs when the caller next awaits."""
        self._now = max(self._now, to)
        while (due := self.next_due()) is not None and due <= self._now:
            heapq.heappop(self._sleepers)[2].set_result(None)

    async def advance(self, seconds: float = 0.0, *, to: datetime | None = None) -> None:
        """Move by seconds or to an instant, from sleeper to sleeper, and let each do its work before the next."""
        end = to if to is not None else self._now + timedelta(seconds=seconds)
        await self.settle()
        while (due := self.next_due()) is not None and due <= end:
            self.move(due)
            await self.settle()
        self.move(end)

    async def settle(self) -> None:
        """Let everything run that is ready at this instant."""
        for _ in range(SPINS):
            await asyncio.sleep(0)

    async def run_until_idle(self, limit: datetime) -> None:
        """Move from sleeper to sleeper until nobody sleeps, at most to `limit`."""
        await self.settle()
        while (due := self.next_due()) is not None and due <= limit:
            self.move(due)
            await self.settle()


class Patience:
    """The same limit of time for many works at once: one timer for all, since one for each would cost as much as a send."""

    def __init__(self, clock: Clock, seconds: float) -> None:
        self._clock = clock
        self._span = timedelta(seconds=seconds)
        self._limits: dict[asyncio.Timeout, datetime] = {}
        """The works under way by when their time is over, the oldest first."""
        self._timer: asyncio.Task[None] | None = None
        self._looking = False

    async def hold(self, work: Awaitable[T]) -> T:
        """The result of `work`, if it comes within the limit. Raises TimeoutError, and cancels it, else."""
        async with asyncio.timeout(None) as limit:
            self._limits[limit] = self._clock.now() + self._span
            self._look_soon()
            try:
                return await work
            finally:
                self._limits.pop(limit, None)
                self._look_soon()

    def _look_soon(self) -> None:
        """Once a turn of the loop: what began and ended within the turn needs no timer."""
        if not self._looking:
            self._looking = True
            asyncio.get_running_loop().call_soon(self._look)

    def _look(self) -> None:
        self._looking = False
        if self._limits and self._timer is None:
            self._timer = asyncio.ensure_future(self._ring())
        elif not self._limits and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _ring(self) -> None:
        while self._limits:
            limit, end = next(iter(self._limits.items()))
            left = (end - self._clock.now()).total_seconds()
            if left > 0:
                await self._clock.sleep(left)
            else:
                del self._limits[limit]
                limit.reschedule(asyncio.get_running_loop().time())
        self._timer = None


async def within(clock: Clock, seconds: float, work: Awaitable[T]) -> T:
    """The result of `work`, if it comes within this many seconds of the clock. Raises TimeoutError, and cancels it, else."""
    async with asyncio.timeout(None) as limit:
        timer = asyncio.ensure_future(_end(limit, clock, seconds))
        try:
            return await work
        finally:
            timer.cancel()


async def _end(limit: asyncio.Timeout, clock: Clock, seconds: float) -> None:
    await clock.sleep(seconds)
    limit.reschedule(asyncio.get_running_loop().time())
