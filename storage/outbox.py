"""The outbox: messages leave in order per conversation, each under a claim with a lease."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime

from engine.runtime.protocol import Claim, Settlement
from storage.claim import claim
from storage.column import from_micros, to_micros
from storage.event_row import append_quietly
from storage.settle import settle
from storage.status import Appearance
from storage.writer import Writer

NEXT = """
SELECT min(next_at) FROM (
  SELECT min(next_at) AS next_at FROM message WHERE next_at IS NOT NULL AND bulk = 0 AND next_at > ?1
  UNION ALL SELECT min(next_at) FROM message WHERE next_at IS NOT NULL AND bulk = 1 AND next_at > ?1)
"""


class SqliteOutbox:
    """`Outbox` on the one writer."""

    def __init__(self, writer: Writer, appearance: Appearance) -> None:
        self._writer = writer
        self._appearance = appearance

    async def claim(self, limit: int, now: datetime, lease_until: datetime, room: Mapping[int, int] | None = None) -> list[Claim]:
        """Commit an attempt on up to `limit` heads that are ready, and give them; what may not be said is settled."""

        def job(connection: sqlite3.Connection) -> list[Claim]:
            claims, born = claim(connection, limit, now, lease_until, room)
            append_quietly(connection, born, to_micros(now))
            return claims

        return await self._writer.run(job, rows=limit)

    async def settle(self, settlements: Sequence[Settlement], now: datetime) -> int:
        """Commit outcomes, append what must be known; how many events were born."""

        def job(connection: sqlite3.Connection) -> int:
            born = settle(connection, settlements, self._appearance, now)
            return append_quietly(connection, born, to_micros(now))

        return await self._writer.run(job, rows=len(settlements)) if settlements else 0

    async def next_ready(self, now: datetime) -> datetime | None:
        """When the next row after `now` is ready (a retry, a second try, a lease's end); None if none waits for time."""
        micros = await self._writer.run(
            lambda connection: connection.execute(NEXT, (to_micros(now),)).fetchone()[0], write=False, rows=1
        )
        return None if micros is None else from_micros(micros)
