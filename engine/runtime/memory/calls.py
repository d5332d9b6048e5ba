"""Claiming and finishing calls."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from engine.runtime.memory.intake import append
from engine.runtime.memory.state import State
from engine.runtime.protocol import CallClaim, CallResult
from engine.runtime.room import Room, sort_of


def claim_calls(state: State, room: Room, now: datetime, lease_until: datetime) -> list[CallClaim]:
    """Commit an attempt on calls that are ready and find room, lowest id first."""
    ready = [state.calls[id] for id in sorted(state.waiting_calls) if (at := state.calls[id].next_at) is None or at <= now]
    claims = []
    for sort in room.sorts():
        for id in room.pick(sort, ((row.call.id, row.call.place) for row in ready if sort_of(row.call) == sort)):
            row = replace(state.calls[id], attempts=state.calls[id].attempts + 1, next_at=lease_until, error="")
            state.calls[id] = row
            claims.append(CallClaim(row.call, row.tenant, row.attempts))
    return claims


def take_back_calls(state: State) -> None:
    """Make the claimed calls ready: those that wait for time and have no error."""
    for id in state.waiting_calls:
        if state.calls[id].next_at is not None and not state.calls[id].error:
            state.calls[id] = replace(state.calls[id], next_at=None)


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


def next_call(state: State, now: datetime) -> datetime | None:
    """When the first call after `now` is ready."""
    waiting = (state.calls[id].next_at for id in state.waiting_calls)
    return min((at for at in waiting if at is not None and at > now), default=None)
