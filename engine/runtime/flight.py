"""Work that runs beside a loop, many at once, and is let land when the loop stops."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

from engine.runtime.protocol import Clock

HIRED = 2
"""Carriers that one carrier calls before it begins: they double, so that a batch of sends is under way in a few turns."""

Work = Callable[[], Coroutine[Any, Any, None]]


class Flight:
    """The works in flight. They never raise: each persists its own trouble.

    Tasks carry them, each one after the other: works that don't wait for anything share a task, and only one that waits makes
    another task begin with the next. A task for each would cost as much as a work.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._carriers: set[asyncio.Task[None]] = set()
        self._called = 0
        """Carriers that have not begun."""
        self._waiting: deque[Work] = deque()
        self._busy = 0

    def __len__(self) -> int:
        return self._busy + len(self._waiting)

    def launch(self, work: Work) -> None:
        """Start it."""
        self._waiting.append(work)
        if not self._called:
            self._call()

    async def land(self, grace: float) -> None:
        """Wait up to `grace` seconds for all of them, then cancel the rest."""
        if not self._carriers:
            return
        timer = asyncio.ensure_future(self._clock.sleep(grace))
        landed = asyncio.ensure_future(self._landed())
        await asyncio.wait({timer, landed}, return_when=asyncio.FIRST_COMPLETED)
        left = {timer, landed, *self._carriers}
        for task in left:
            task.cancel()
        await asyncio.wait(left)
        self._waiting.clear()

    async def _landed(self) -> None:
        while self._carriers:
            await asyncio.wait(set(self._carriers))

    def _call(self) -> None:
        self._called += 1
        task = asyncio.ensure_future(self._carry())
        self._carriers.add(task)
        task.add_done_callback(self._carriers.discard)

    async def _carry(self) -> None:
        self._called -= 1
        while self._waiting:
            work = self._waiting.popleft()
            while self._called < min(HIRED, len(self._waiting)):
                self._call()
            self._busy += 1
            try:
                await work()
            finally:
                self._busy -= 1
