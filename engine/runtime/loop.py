"""Runs one step function in the background: again at once while it moves something, else when woken or due."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime

from engine.runtime.backoff import backoff
from engine.runtime.clock import within
from engine.runtime.metric import Metrics
from engine.runtime.protocol import Clock, StoreUnavailable

POLL = 1.0
"""Seconds until an idle loop looks again without being woken: for work that another process made."""
TROUBLE = 0.1, 5.0
"""Seconds to wait after the first failure of a step, and at most: a locked database is free again in milliseconds."""

log = logging.getLogger(__name__)


class Loop:
    """One loop. `step` says how much it moved; `next_at` when it has something to do, if nothing wakes it before."""

    def __init__(
        self,
        name: str,
        step: Callable[[], Awaitable[int]],
        clock: Clock,
        metrics: Metrics,
        next_at: Callable[[], datetime | None] = lambda: None,
        poll: float = POLL,
    ) -> None:
        self.name = name
        self._step = step
        self._clock = clock
        self._metrics = metrics
        self._next_at = next_at
        self._poll = poll
        self._woken = asyncio.Event()
        self._stopped = asyncio.Event()
        self._failures = 0

    def wake(self) -> None:
        """There is something to do."""
        self._woken.set()

    def stop(self) -> None:
        """Return from `run` after the step that is under way."""
        self._stopped.set()
        self._woken.set()

    async def run(self) -> None:
        """Step until stopped. Trouble is counted, logged and tried again with back-off; it never ends the loop."""
        while not self._stopped.is_set():
            self._woken.clear()
            if self._stopped.is_set():
                return
            moved = await self._try()
            if moved is None:
                first, most = TROUBLE
                await self._wait(self._stopped, backoff(self.name, self._failures, first=first, most=most))
            elif moved:
                await asyncio.sleep(0)
            else:
                await self._wait(self._woken, self._idle())

    async def _try(self) -> int | None:
        try:
            moved = await self._step()
        except StoreUnavailable as error:
            self._metrics.count("store_unavailable")
            log.warning("%s: the store is not available: %s", self.name, error)
        except Exception:  # the loop must go on: what failed is still in the store and is taken again
            self._metrics.count("loop_errors")
            log.exception("%s failed", self.name)
        else:
            self._failures = 0
            return moved
        self._failures += 1
        return None

    def _idle(self) -> float:
        next_at = self._next_at()
        if next_at is None:
            return self._poll
        return min(max((next_at - self._clock.now()).total_seconds(), 0.001), self._poll)

    async def _wait(self, event: asyncio.Event, seconds: float) -> None:
        with suppress(TimeoutError):
            await within(self._clock, seconds, event.wait())
