"""The intake: events come in, durably, once each."""

from __future__ import annotations

from collections.abc import Sequence

from engine.runtime.protocol import Appended, Clock
from schemas.event import NewEvent
from storage.column import to_micros
from storage.event_row import Row, event_row, insert_rows
from storage.writer import Writer


class SqliteIntake:
    """`Intake` on the one writer.

    Calls that come together stand in the writer's queue together, and share its next commit.
    """

    def __init__(self, writer: Writer, clock: Clock) -> None:
        self._writer = writer
        self._clock = clock

    async def append(self, events: Sequence[NewEvent]) -> list[Appended]:
        """Commit the events, in this order, as one transaction. Raises StoreUnavailable; then none of them was taken."""
        if not events:
            return []
        received = to_micros(self._clock.now())
        rows: list[Row] = [event_row(event, received) for event in events]
        return await self._writer.run(lambda connection: insert_rows(connection, rows), rows=len(rows))
