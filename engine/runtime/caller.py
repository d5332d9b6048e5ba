"""Makes the calls that are no messages: fetch a medium, mark a message as read. Durable, retried, in no queue."""

from __future__ import annotations

import traceback
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from engine.runtime.backoff import backoff
from engine.runtime.clock import within
from engine.runtime.flight import Flight
from engine.runtime.metric import Metrics
from engine.runtime.protocol import CallClaim, CallFailed, CallResult, Calls, Channels, Clock

AT_ONCE = 16
"""Calls in flight: a medium may be 100 MB, so that more would fill memory or the line."""
LEASE = timedelta(seconds=120)
"""How long a claim stands without a result: twice the time that a call may take."""
TIMEOUT = 60.0
"""Seconds for one call: 100 MB over a slow line."""
TRIES = 8
"""With delays that double from 1 s this is some two minutes."""
BEST_EFFORT = frozenset({"mark_read", "typing"})
"""Tried once: a minute later they mean nothing."""
ERROR_CHARACTERS = 500

Handle = Callable[[CallClaim], Awaitable[None]]
"""Does one kind of call; raises if it could not be done. It may be called again for the same id."""


class Caller:
    """The calls' loop. Kinds that no handler is given for go to the channel's own `call`."""

    def __init__(
        self,
        calls: Calls,
        channels: Channels,
        clock: Clock,
        *,
        handlers: Mapping[str, Handle],
        metrics: Metrics,
        woken: Callable[[], None],
    ) -> None:
        self._calls = calls
        self._channels = channels
        self._clock = clock
        self._handlers = handlers
        self._metrics = metrics
        self._woken = woken
        self._flight = Flight(clock)
        self._back: list[CallResult] = []
        self._stopping = False
        self.next_ready: datetime | None = None

    @property
    def flying(self) -> int:
        """Calls in flight."""
        return len(self._flight)

    async def step(self) -> int:
        """Commit what came back, claim what is ready, and start it; how many calls were moved. Raises StoreUnavailable."""
        finished = await self._finish()
        if self._stopping or self.flying >= AT_ONCE:
            return finished
        now = self._clock.now()
        claims = await self._calls.claim_calls(AT_ONCE - self.flying, now, now + LEASE)
        for claim in claims:
            self._flight.launch(partial(self._carry, claim))
        moved = finished + len(claims)
        if not moved:  # else this step runs again at once
            self.next_ready = await self._calls.next_call(now)
        return moved

    async def stop(self, grace: float) -> None:
        """Claim nothing more, wait up to `grace` seconds, commit what came back; the rest is taken again by its lease."""
        self._stopping = True
        await self._flight.land(grace)
        await self._finish()

    async def _finish(self) -> int:
        back = list(self._back)
        if back:
            await self._calls.finish_calls(back, self._clock.now())
            del self._back[: len(back)]
        return len(back)

    async def _carry(self, claim: CallClaim) -> None:
        error, again, after = "", True, None
        try:
            await within(self._clock, TIMEOUT, self._make(claim))
        except CallFailed as failed:
            error, again, after = f"{failed} {failed.reason}".strip() or "failed", failed.again, failed.after
        except Exception:  # whatever went wrong is persisted with the call
            error = traceback.format_exc()[-ERROR_CHARACTERS:]
        self._back.append(self._result(claim, error, again, after))
        self._woken()

    async def _make(self, claim: CallClaim) -> None:
        handler = self._handlers.get(claim.call.kind)
        if handler is not None:
            await handler(claim)
            return
        channel = await self._channels.get(claim.call.channel)
        if channel is not None:
            await channel.call(claim.call.kind, claim.call.data)

    def _result(self, claim: CallClaim, error: str, again: bool, after: float | None) -> CallResult:
        if not error:
            self._metrics.count("calls_done")
            return CallResult(claim.call.id)
        if not again or claim.attempt >= TRIES or claim.call.kind in BEST_EFFORT:
            self._metrics.count("calls_failed")
            return CallResult(claim.call.id, error)
        self._metrics.count("calls_retry")
        wait = timedelta(seconds=after or backoff(f"call:{claim.call.id}", claim.attempt))
        return CallResult(claim.call.id, error, self._clock.now() + wait)
