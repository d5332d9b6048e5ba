"""Claiming and finishing calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from engine.runtime.memory.intake import append
from engine.runtime.memory.state import State
from engine.runtime.protocol import CallClaim, CallResult


def claim_calls(state: State, limit: int, now: datetime, lease_until: datetime) -> list[CallClaim]:
    """Commit an attempt on calls that are ready, lowest id first."""
    ready = sorted(id for id in state.waiting_calls if (at := state.calls[id].next_at) is None or at <= now)[:limit]
    claims = []
    for id in ready:
        row = replace(state.calls[id], attempts=state.calls[id].attempts + 1, next_at=lease_until)
        state.calls[id] = row
        claims.append(CallClaim(row.call, row.tenant, row.attempts))
    return claims


def finish_calls(state: State, results: Sequence[CallResult], now: datetime) -> None:
    """Close calls, or give them back until their next try."""
    for result in results:
        if result.call not in state.waiting_calls:
            continue
        row = replace(state.calls[result.call], next_at=result.retry_at, error=result.error)
        if result.retry_at is None:
            row = replace(row, state="dead" if result.error else "done")
            state.waiting_calls.pop(result.call)
            if result.answer is not None:
                append(state, [result.answer], now)
        state.calls[result.call] = row


def next_call(state: State) -> datetime | None:
    """When the first call that waits for time is ready."""
    waiting = (state.calls[id].next_at for id in state.waiting_calls)
    return min((at for at in waiting if at is not None), default=None)
