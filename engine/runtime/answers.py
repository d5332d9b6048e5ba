"""Answers for whoever waits on an event: from the commit that decided it, or from the store."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping
from typing import Any

from engine.runtime.clock import within
from engine.runtime.protocol import Clock, StoredAnswers
from schemas.problem import Problem

Answer = Mapping[str, Any] | Problem

RECENT = 1_000
"""Answers kept for a waiter that asks after the commit: between append and wait there is one turn of the loop."""


class Answers:
    """Futures by event id. An answer given in another process is found in the store when the time is over."""

    def __init__(self, clock: Clock, stored: StoredAnswers) -> None:
        self._clock = clock
        self._stored = stored
        self._waiting: dict[int, list[asyncio.Future[Answer]]] = {}
        self._recent: OrderedDict[int, Answer] = OrderedDict()

    async def wait(self, event: int, timeout: float) -> Answer | None:
        """The answer of the event, waiting up to `timeout` seconds; None if none was given by then."""
        if (recent := self._recent.get(event)) is not None:
            return recent
        future: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(event, []).append(future)
        try:
            return await within(self._clock, timeout, future)
        except TimeoutError:
            return await self._stored.answer(event)
        finally:
            self._drop(event, future)

    def resolve(self, event: int, answer: Answer) -> None:
        """Give the answer to who waits and, for a while, to who asks later. Call it after the commit."""
        self._recent[event] = answer
        while len(self._recent) > RECENT:
            self._recent.popitem(last=False)
        for future in self._waiting.pop(event, []):
            if not future.done():
                future.set_result(answer)

    def _drop(self, event: int, future: asyncio.Future[Answer]) -> None:
        waiting = [each for each in self._waiting.get(event, []) if each is not future]
        if waiting:
            self._waiting[event] = waiting
        else:
            self._waiting.pop(event, None)
