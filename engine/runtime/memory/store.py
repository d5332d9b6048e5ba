"""The memory store: all protocols over one `State`, for the simulator and for tests; nothing outlives the process."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from engine.runtime.memory import calls, commit, intake, load, outbox
from engine.runtime.memory.state import EventRow, State
from engine.runtime.protocol import Appended, Batch, CallClaim, CallResult, Claim, Committed, Decided, Settlement
from schemas.event import NewEvent
from schemas.problem import Problem


class MemoryStore:
    """The parts over one state. Each method of a part is one transaction: it never awaits between its changes.

    Read `state` to look inside; `MemoryStore(store.state.fork())` goes on from here without touching the original.
    """

    def __init__(self, state: State | None = None) -> None:
        self.state = state if state is not None else State()
        self.intake = MemoryIntake(self.state)
        self.share = MemoryShare(self.state)
        self.outbox = MemoryOutbox(self.state)
        self.calls = MemoryCalls(self.state)
        self.answers = self.intake


class MemoryIntake:
    """`Intake` and `StoredAnswers`, and the events that died."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        """Append the events, each once."""
        return intake.append(self._state, events)

    async def answer(self, event: int) -> Mapping[str, Any] | Problem | None:
        """The committed answer of an event."""
        row = self._state.events.get(event)
        return row.answer if row is not None else None

    async def dead(self) -> list[EventRow]:
        """The events that failed for the last time, with their errors."""
        return [row for row in self._state.events.values() if row.state == "dead"]

    async def replay(self, event: int) -> bool:
        """Put a dead event back, as if it had never been tried; False if it isn't dead."""
        return intake.replay(self._state, event)


class MemoryShare:
    """`Share`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def take(self, limit: int, now: datetime) -> Batch | None:
        """The next events with whom they meet."""
        return load.take(self._state, limit)

    async def commit(self, batch: Batch, decided: Sequence[Decided], now: datetime) -> Committed:
        """Write what was decided."""
        return commit.commit(self._state, batch, decided, now)

    async def due(self, now: datetime, limit: int) -> tuple[int, datetime | None]:
        """Turn due waits into events."""
        return commit.due(self._state, now, limit)


class MemoryOutbox:
    """`Outbox`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def claim(self, limit: int, now: datetime, lease_until: datetime, room: Mapping[int, int] | None = None) -> list[Claim]:
        """Claim the heads that are ready."""
        return outbox.claim(self._state, limit, now, lease_until, room)

    async def settle(self, settlements: Sequence[Settlement], now: datetime) -> int:
        """Write outcomes."""
        return outbox.settle(self._state, settlements)

    async def next_ready(self, now: datetime) -> datetime | None:
        """When the next message that waits for time is ready."""
        return outbox.next_ready(self._state, now)


class MemoryCalls:
    """`Calls`."""

    def __init__(self, state: State) -> None:
        self._state = state

    async def claim(self, limit: int, now: datetime, lease_until: datetime) -> list[CallClaim]:
        """Claim the calls that are ready."""
        return calls.claim(self._state, limit, now, lease_until)

    async def finish(self, results: Sequence[CallResult], now: datetime) -> None:
        """Write what became of calls."""
        calls.finish(self._state, results)

    async def next_ready(self, now: datetime) -> datetime | None:
        """When the next call that waits for time is ready."""
        return calls.next_ready(self._state, now)
