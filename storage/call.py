"""Calls to be made that are no messages: claimed with a lease, given back with an error until they are given up."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from engine.core.decision import Call
from engine.runtime.protocol import CallClaim, CallResult
from schemas.event import NewEvent
from storage.column import from_micros, to_micros
from storage.event_row import append_events
from storage.writer import Writer

# A claim pushes `next_at` to the lease's end: a crash lets the call come back.
READY = """
SELECT id, tenant, channel, kind, data, attempts, key, contact, run, wait, node FROM call INDEXED BY call_pending
WHERE state = 0 AND next_at <= ? ORDER BY id LIMIT ?
"""
CLAIM = "UPDATE call SET attempts = attempts + 1, next_at = ? WHERE id = ?"
RETRY = "UPDATE call SET next_at = ?, error = ? WHERE id = ? AND state = 0"
FINISH = "UPDATE call SET state = ?, error = ?, done_at = ? WHERE id = ? AND state = 0"
INSERT = """
INSERT INTO call (id, tenant, channel, kind, data, key, contact, run, wait, node, state, attempts, next_at, error, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, '', ?)
"""
AGAIN = INSERT + "ON CONFLICT (id) DO UPDATE SET state = 0, attempts = 0, next_at = 0, error = '', done_at = NULL"
NEXT = "SELECT min(next_at) FROM call INDEXED BY call_pending WHERE state = 0 AND next_at > 0"


def webhook_row(call: int, tenant: int, data: Mapping[str, Any], now: datetime) -> tuple[Any, ...]:
    """The parameters of INSERT for a call that tells a webhook something, and that no run waits for."""
    return (call, tenant, 0, "webhook", orjson.dumps(data).decode(), "", 0, 0, 0, "", to_micros(now))


def again(connection: sqlite3.Connection, call: int, tenant: int, data: Mapping[str, Any], now: datetime) -> None:
    """Make a webhook's call once more, as if it had never been tried; also where it was pruned meanwhile."""
    connection.execute(AGAIN, webhook_row(call, tenant, data, now))


class SqliteCalls:
    """`Calls` on the one writer."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def claim_calls(self, limit: int, now: datetime, lease_until: datetime) -> list[CallClaim]:
        """Up to `limit` calls that are ready, lowest id first; they come again if they are not finished by `lease_until`."""

        def job(connection: sqlite3.Connection) -> list[CallClaim]:
            rows = connection.execute(READY, (to_micros(now), limit)).fetchall()
            connection.executemany(CLAIM, [(to_micros(lease_until), row[0]) for row in rows])
            return [
                CallClaim(Call(id, kind, channel, orjson.loads(data), *asked), tenant, attempts + 1)
                for id, tenant, channel, kind, data, attempts, *asked in rows
            ]

        return await self._writer.run(job, rows=limit)

    async def finish_calls(self, results: Sequence[CallResult], now: datetime) -> None:
        """Commit what became of calls, with the answers' events. A finished or unknown one is left as it is."""

        def job(connection: sqlite3.Connection) -> None:
            answers: list[NewEvent] = []
            for result in results:
                row: tuple[Any, ...]
                if result.retry_at is not None:
                    row = (to_micros(result.retry_at), result.error, result.call)
                    connection.execute(RETRY, row)
                else:
                    row = (2 if result.error else 1, result.error, to_micros(now), result.call)
                    closed = connection.execute(FINISH, row).rowcount
                    if closed and result.answer is not None:
                        answers.append(result.answer)
            append_events(connection, answers, now)

        if results:
            await self._writer.run(job, rows=len(results))

    async def next_call(self, now: datetime) -> datetime | None:
        """When the next call that waits for time is ready; None if none does."""
        micros = await self._writer.run(lambda connection: connection.execute(NEXT).fetchone()[0], write=False, rows=1)
        return None if micros is None else from_micros(micros)
