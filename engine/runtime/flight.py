"""Work that runs beside a loop: tasks that are let land when the loop stops."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

from engine.runtime.protocol import Clock


class Flight:
    """The tasks in flight. They never raise: each persists its own trouble."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._tasks: set[asyncio.Task[None]] = set()

    def __len__(self) -> int:
        return len(self._tasks)

    def launch(self, work: Coroutine[Any, Any, None]) -> None:
        """Start it."""
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def land(self, grace: float) -> None:
        """Wait up to `grace` seconds for all of them, then cancel the rest."""
        if not self._tasks:
            return
        timer = asyncio.ensure_future(self._clock.sleep(grace))
        landed = asyncio.ensure_future(asyncio.wait(set(self._tasks)))
        await asyncio.wait({timer, landed}, return_when=asyncio.FIRST_COMPLETED)
        left = {timer, landed, *self._tasks}
        for task in left:
            task.cancel()
        await asyncio.wait(left)
