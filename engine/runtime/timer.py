"""Turns waits whose time has come into events."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from engine.runtime.metric import Metrics
from engine.runtime.protocol import Clock, Share

DUE = 4_096
"""Runs of one transaction at most. A store may take fewer, so that a morning's reminders don't hold up live events."""


class Timer:
    """One share's timer. `next_due` is when it must look again, as far as it knows; a commit may make that earlier."""

    def __init__(self, share: Share, clock: Clock, *, metrics: Metrics, fired: Callable[[], None]) -> None:
        self._share = share
        self._clock = clock
        self._metrics = metrics
        self._fired = fired
        self.next_due: datetime | None = None

    async def step(self) -> int:
        """Append the events of one batch of due runs; how many."""
        count, self.next_due = await self._share.due(self._clock.now(), DUE)
        if count:
            self._metrics.count("waits_due", count)
            self._fired()
        return count
