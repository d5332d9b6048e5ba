"""The one entrance for handlers: append events, and wait for the answers of some."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from api.services import Submitted
from engine.runtime.protocol import Appended, StoreUnavailable
from engine.runtime.runtime import Runtime
from schemas.event import NewEvent

GATHERED = 256
"""Events that are handed to the store together: what its commit shares, and what the worker takes at once."""


@dataclass(frozen=True, slots=True)
class _Call:
    """What one handler appends, and waits for."""

    events: Sequence[NewEvent]
    appended: asyncio.Future[list[Appended]]


class Entrance:
    """`api.services.Engine` over a runtime.

    What comes in while the store is busy is gathered and handed over together: with hundreds of webhooks at once, a transaction
    and a change of threads for each would cost more than all else that is done for it.
    """

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime
        self._calls: list[_Call] = []
        self._handing: asyncio.Task[None] | None = None

    async def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        """Durable when it returns. Raises StoreUnavailable; then none of these was taken."""
        if not events:
            return []
        call = _Call(events, asyncio.get_running_loop().create_future())
        self._calls.append(call)
        if self._handing is None:
            self._handing = asyncio.create_task(self._hand_over(), name="entrance")
        return await call.appended

    async def submit(self, event: NewEvent, wait: float = 5.0) -> Submitted:
        """Append, and wait up to so many seconds for the answer."""
        (appended,) = await self.append([event])
        answer = await self._runtime.answers.wait(appended.id, wait)
        return Submitted(appended.id, appended.duplicate, answer)

    async def _hand_over(self) -> None:
        """Until nobody waits."""
        try:
            while self._calls:
                group = _group(self._calls)
                del self._calls[: len(group)]
                await self._append(group)
        finally:
            self._handing = None

    async def _append(self, group: Sequence[_Call]) -> None:
        """Each call gets its own part of the result. Where one is at fault they are appended one by one."""
        try:
            appended = await self._runtime.append([event for call in group for event in call.events])
        except Exception as error:
            if len(group) == 1 or isinstance(error, StoreUnavailable):
                for call in group:
                    _fail(call, error)
                return
            for call in group:
                await self._append([call])
            return
        start = 0
        for call in group:
            end = start + len(call.events)
            if not call.appended.done():  # else the client left; its events stand
                call.appended.set_result(appended[start:end])
            start = end


def _group(calls: Sequence[_Call]) -> list[_Call]:
    """The first calls with together at most GATHERED events; at least one."""
    group, events = [calls[0]], len(calls[0].events)
    for call in calls[1:]:
        events += len(call.events)
        if events > GATHERED:
            break
        group.append(call)
    return group


def _fail(call: _Call, error: Exception) -> None:
    if not call.appended.done():
        call.appended.set_exception(error)
