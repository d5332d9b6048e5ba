"""Makes the calls that are no messages: fetch a medium, call a URL. Durable, retried, in no queue.

A call is made at least once: a crash or a lost lease makes it again, with the same key, by which the other side can tell. What
came of a call that a run made is an event (`CallAnswered`), appended in the transaction that closes the call: exactly once.
"""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta
from functools import partial

from engine.core.decision import Call
from engine.runtime.backoff import backoff
from engine.runtime.clock import within
from engine.runtime.flight import Flight
from engine.runtime.metric import Metrics
from engine.runtime.protocol import CallAnswer, CallClaim, CallFailed, CallResult, Calls, Channels, Clock
from engine.runtime.room import Room, Sort, sort_of
from schemas.event import CallAnswered, NewEvent

LEASE = timedelta(seconds=120)
"""How long a claim stands without a result: twice the time that a call may take."""
TIMEOUT = 60.0
"""Seconds for one call: 100 MB over a slow line."""
TRIES = 8
"""With delays that double from 1 s this is some two minutes."""
BEST_EFFORT = frozenset({"mark_read", "typing"})
"""Tried once: a minute later they mean nothing."""
MAX_BACKOFF = 60.0
"""Seconds before a next try, unless the other side asked for another time."""
MAX_AFTER = 900.0
"""Seconds for which the other side may put off a next try: longer is as good as never for who waits in a conversation."""
PATIENT = frozenset({"webhook"})
"""Their handlers say themselves when to try again and when to give up; `MOST_TRIES` is for one that is broken."""
MOST_TRIES = 10_000
ERROR_CHARACTERS = 500
ANY = "*"
"""The handler's name for calls of runs that no other handler takes."""

Handle = Callable[[CallClaim], Awaitable[CallAnswer | None]]
"""Does one kind of call; raises if it could not be done. It may be called again for the same id.

What it answers goes to the run that made the call. None of a run's call says that the answer comes another way.
"""


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
        born: Callable[[], None],
    ) -> None:
        self._calls = calls
        self._channels = channels
        self._clock = clock
        self._handlers = handlers
        self._metrics = metrics
        self._woken = woken
        self._born = born
        self._flight = Flight(clock)
        self._sorts: Counter[Sort] = Counter()
        self._places: Counter[tuple[Sort, str]] = Counter()
        self._began = False
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
        if self._stopping:
            return finished
        if not self._began:  # one process serves a store: who claimed what is claimed now is dead
            await self._calls.take_back_calls()
            self._began = True
        now = self._clock.now()
        claims = await self._calls.claim_calls(Room(self._sorts, self._places), now, now + LEASE)
        for claim in claims:
            sort = sort_of(claim.call)
            self._sorts[sort] += 1
            self._places[sort, claim.call.place] += 1
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
            if any(result.answer is not None for result in back):
                self._born()
            del self._back[: len(back)]
        return len(back)

    async def _carry(self, claim: CallClaim) -> None:
        answer: CallAnswer | None = None
        failed, error = None, ""
        try:
            answer = await within(self._clock, TIMEOUT, self._make(claim))
        except CallFailed as refused:
            failed, error = refused, f"{refused} {refused.reason}".strip() or "failed"
        except TimeoutError:
            failed, error = CallFailed("timeout", reason=f"no answer within {TIMEOUT:.0f} seconds"), "timeout"
        except Exception:  # whatever went wrong is persisted with the call
            failed, error = CallFailed("internal"), traceback.format_exc()[-ERROR_CHARACTERS:]
        self._back.append(self._done(claim, answer) if failed is None else self._failed(claim, failed, error))
        self._leave(claim.call)
        self._woken()

    def _leave(self, call: Call) -> None:
        """Give back its room."""
        sort = sort_of(call)
        self._sorts[sort] -= 1
        self._places[sort, call.place] -= 1
        if not self._places[sort, call.place]:
            del self._places[sort, call.place]

    async def _make(self, claim: CallClaim) -> CallAnswer | None:
        call = claim.call
        handler = self._handlers.get(call.kind)
        if handler is None and call.run:
            handler = self._handlers.get(ANY)
        if handler is not None:
            return await handler(claim)
        if call.run:
            raise CallFailed("unknown_call", reason=f"nothing here makes calls of the kind {call.kind}", again=False)
        channel = await self._channels.get(call.channel)
        if channel is not None:
            await channel.call(call.kind, call.data)
        return None

    def _done(self, claim: CallClaim, answer: CallAnswer | None) -> CallResult:
        self._metrics.count("calls_done")
        return CallResult(claim.call.id, answer=None if answer is None else self._event(claim, answer))

    def _failed(self, claim: CallClaim, failed: CallFailed, error: str) -> CallResult:
        at = _next_try(claim, failed, self._clock.now())
        if at is not None:
            self._metrics.count("calls_retry")
            return CallResult(claim.call.id, error, at)
        self._metrics.count("calls_failed")
        answer = CallAnswer(failed.data, ok=False, code=str(failed) or "failed", detail=failed.reason)
        return CallResult(claim.call.id, error, answer=self._event(claim, answer))

    def _event(self, claim: CallClaim, answer: CallAnswer) -> NewEvent | None:
        call = claim.call
        if not call.run:
            return None
        return NewEvent(
            tenant=claim.tenant,
            source="call",
            external_id=str(call.id),
            at=self._clock.now(),
            body=CallAnswered(call.run, call.wait, call.id, answer.ok, answer.code, answer.detail, answer.data),
            contact=call.contact,
        )


def _next_try(claim: CallClaim, failed: CallFailed, now: datetime) -> datetime | None:
    """When a call is made again; None if it is given up.

    Its data may say how often it is made at all (`tries`), how many seconds lie before the second try (`backoff`), and until
    when its answer is of use (`until`, an ISO instant); all within the bounds above.
    """
    call = claim.call
    if call.kind in PATIENT and failed.again and claim.attempt < MOST_TRIES:
        return now + timedelta(seconds=failed.after or backoff(f"call:{call.id}", claim.attempt, most=MAX_BACKOFF))
    most = min(int(call.data.get("tries", TRIES)), TRIES) if call.run else TRIES
    if not failed.again or claim.attempt >= most or call.kind in BEST_EFFORT:
        return None
    first = min(float(call.data.get("backoff", 1.0)), MAX_BACKOFF) if call.run else 1.0
    seconds = min(failed.after, MAX_AFTER) if failed.after else 0.0
    at = now + timedelta(seconds=seconds or backoff(f"call:{call.id}", claim.attempt, first=first, most=MAX_BACKOFF))
    until = call.data.get("until") if call.run else None
    return None if until is not None and at >= datetime.fromisoformat(until) else at
