"""A call is made once, for whoever draws the step that makes it: by the handler that runs have, but without retries."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import replace

from engine.core.decision import Call
from engine.runtime.caller import Handle
from engine.runtime.clock import within
from engine.runtime.protocol import CallAnswer, CallClaim, CallFailed, Clock

AT_ONCE = 8
"""Tries in flight: they stand beside the calls of runs, and must not take their connections."""
TIMEOUT = 50.0
"""Seconds: the answer must come before the browser or a proxy gives up."""


class CallTrial:
    """Tries calls of the kinds that have a handler here."""

    def __init__(self, handlers: Mapping[str, Handle], clock: Clock) -> None:
        self._handlers = handlers
        self._clock = clock
        self._room = asyncio.Semaphore(AT_ONCE)

    async def __call__(self, tenant: int, call: Call) -> CallAnswer:
        """What came of it; never raises for what the other side does. An answer that would come later isn't waited for."""
        handler = self._handlers.get(call.kind)
        if handler is None:
            return CallAnswer(ok=False, code="unknown_call", detail="calls of this kind can't be tried")
        data = {key: value for key, value in call.data.items() if key != "callback"}
        claim = CallClaim(replace(call, data=data, key=f"try:{call.key}"), tenant, 1)
        try:
            async with self._room:
                answer = await within(self._clock, TIMEOUT, handler(claim))
        except CallFailed as failed:
            return CallAnswer(failed.data, ok=False, code=str(failed), detail=failed.reason)
        except TimeoutError:
            return CallAnswer(ok=False, code="timeout", detail=f"no answer within {TIMEOUT:.0f} seconds")
        return answer or CallAnswer()
