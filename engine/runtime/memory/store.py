"""The memory store: all protocols over one `State`, for the simulator and for tests; nothing outlives the process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.runtime.busy import Busy
from engine.runtime.memory import calls, commit, intake, load, outbox
from engine.runtime.memory.state import EventRow, State
from engine.runtime.protocol import Appended, Batch, CallClaim, CallResult, Claim, Clock, Committed, Decided, Offer, Settlement
from engine.runtime.room import Room
from schemas.event import NewEvent
from schemas.problem import Problem


class MemoryStore:
    """Each method is one transaction: it never awaits between its first change and its last.

    Read `state` to look inside; `MemoryStore(store.state.fork())` goes on from here without touching the original.
    """

    def __init__(self, state: State | None = None, clock: Clock | None = None) -> None:
        self.state = state if state is not None else State()
        self._clock = clock

    # --- intake ------------------------------------------------------------------------------------------------------
    async def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        """Append the events, each once, received now; without a clock they count as received when they happened."""
        return intake.append(self.state, events, self._clock.now() if self._clock is not None else None)

    async def answer(self, event: int) -> Mapping[str, Any] | Problem | None:
        """The committed answer of an event."""
        row = self.state.events.get(event)
        return row.answer if row is not None else None

    async def dead(self) -> list[EventRow]:
        """The events that failed for the last time, with their errors."""
        return [row for row in self.state.events.values() if row.state == "dead"]

    async def replay(self, event: int) -> bool:
        """Put a dead event back, as if it had never been tried; False if it isn't dead."""
        return intake.replay(self.state, event)

    # --- share ---------------------------------------------------------------------------------------------------------
    async def take(self, limit: int, now: datetime, beside: Sequence[Batch] = ()) -> Batch | None:
        """The next events with whom they meet."""
        return load.take(self.state, limit, Busy.of(beside))

    async def commit(self, batch: Batch, decided: Sequence[Decided], now: datetime, offer: Offer | None = None) -> Committed:
        """Write what was decided."""
        return commit.commit(self.state, batch, decided, now, offer)

    async def due(self, now: datetime, limit: int) -> tuple[int, datetime | None]:
        """Turn due waits into events."""
        return commit.due(self.state, now, limit)

    # --- outbox --------------------------------------------------------------------------------------------------------
    async def claim(self, limit: int, now: datetime, lease_until: datetime, room: Mapping[int, int] | None = None) -> list[Claim]:
        """Claim the heads that are ready."""
        return outbox.claim(self.state, limit, now, lease_until, room)

    async def settle(self, settlements: Sequence[Settlement], now: datetime) -> int:
        """Write outcomes."""
        return outbox.settle(self.state, settlements, now)

    async def next_ready(self, now: datetime) -> datetime | None:
        """When the next message that waits for time is ready."""
        return outbox.next_ready(self.state, now)

    # --- calls ---------------------------------------------------------------------------------------------------------
    async def claim_calls(self, room: Room, now: datetime, lease_until: datetime) -> list[CallClaim]:
        """Claim the calls that are ready and find room."""
        return calls.claim_calls(self.state, room, now, lease_until)

    async def take_back_calls(self) -> None:
        """Make the claimed ones ready again."""
        calls.take_back_calls(self.state)

    async def finish_calls(self, results: Sequence[CallResult], now: datetime) -> None:
        """Write what became of calls."""
        calls.finish_calls(self.state, results, now)

    async def next_call(self, now: datetime) -> datetime | None:
        """When the next call that waits for time is ready."""
        return calls.next_call(self.state, now)
