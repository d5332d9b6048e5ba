"""The one entrance for handlers: append events, and wait for the answers of some."""

from __future__ import annotations

from collections.abc import Sequence

from api.services import Submitted
from engine.runtime.protocol import Appended
from engine.runtime.runtime import Runtime
from schemas.event import NewEvent


class Entrance:
    """`api.services.Engine` over a runtime."""

    def __init__(self, runtime: Runtime) -> None:
        self._runtime = runtime

    async def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        """Durable when it returns."""
        return await self._runtime.append(events)

    async def submit(self, event: NewEvent, wait: float = 5.0) -> Submitted:
        """Append, and wait up to so many seconds for the answer."""
        (appended,) = await self._runtime.append([event])
        answer = await self._runtime.answers.wait(appended.id, wait)
        return Submitted(appended.id, appended.duplicate, answer)
