"""Calls to be made that are no messages: claimed with a lease, given back with an error until they are given up."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from engine.core.decision import Call
from engine.runtime.protocol import CallClaim, CallResult
from engine.runtime.room import Room, Sort
from schemas.event import NewEvent
from storage.column import from_micros, to_micros
from storage.event_row import append_events
from storage.writer import Writer

SORTS: Mapping[Sort, str] = {
    "run": "run <> 0",
    "webhook": "run = 0 AND kind = 'webhook'",
    "own": "run = 0 AND kind <> 'webhook'",
}
READY = """
SELECT id, place FROM call INDEXED BY call_pending
WHERE state = 0 AND next_at <= ? AND {sort} AND place NOT IN (SELECT value FROM json_each(?)) ORDER BY id
"""
# A claim pushes `next_at` to the lease's end: a crash lets the call come back. It has no error while it is claimed, and
# one while it waits for its next try.
CLAIM = """
UPDATE call SET attempts = attempts + 1, next_at = ?, error = '' WHERE id = ?
RETURNING id, tenant, channel, kind, data, attempts, key, contact, run, wait, node, place
"""
TAKE_BACK = "UPDATE call SET next_at = 0 WHERE state = 0 AND next_at > 0 AND error = ''"
RETRY = "UPDATE call SET next_at = ?, error = ? WHERE id = ? AND state = 0"
FINISH = "UPDATE call SET state = ?, error = ?, done_at = ? WHERE id = ? AND state = 0"
INSERT = """
INSERT INTO call
  (id, tenant, channel, kind, data, key, contact, run, wait, node, place, state, attempts, next_at, error, created_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, 0, '', ?)
"""
AGAIN = INSERT + "ON CONFLICT (id) DO UPDATE SET state = 0, attempts = 0, next_at = 0, error = '', done_at = NULL"
MANY = 16
"""Rows that a claim touches, about: its weight beside other jobs of a commit."""
NEXT = "SELECT min(next_at) FROM call INDEXED BY call_pending WHERE state = 0 AND next_at > ?"


def webhook_row(call: int, tenant: int, data: Mapping[str, Any], now: datetime) -> tuple[Any, ...]:
    """The parameters of INSERT for a call that tells a webhook something, and that no run waits for."""
    place = str(data["webhook"])
    return (call, tenant, 0, "webhook", orjson.dumps(data).decode(), "", 0, 0, 0, "", place, to_micros(now))


def again(connection: sqlite3.Connection, call: int, tenant: int, data: Mapping[str, Any], now: datetime) -> None:
    """Make a webhook's call once more, as if it had never been tried; also where it was pruned meanwhile."""
    connection.execute(AGAIN, webhook_row(call, tenant, data, now))


def _claim(row: tuple[Any, ...]) -> CallClaim:
    id, tenant, channel, kind, data, attempts, *asked = row
    return CallClaim(Call(id, kind, channel, orjson.loads(data), *asked), tenant, attempts)


class SqliteCalls:
    """`Calls` on the one writer."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def claim_calls(self, room: Room, now: datetime, lease_until: datetime) -> list[CallClaim]:
        """The calls that are ready and find room, lowest id first; they come again if not finished by `lease_until`."""

        def job(connection: sqlite3.Connection) -> list[CallClaim]:
            claims = []
            for sort in room.sorts():
                full = orjson.dumps(room.full(sort)).decode()
                ready = connection.execute(READY.format(sort=SORTS[sort]), (to_micros(now), full))
                for picked in room.pick(sort, ready):
                    claims.append(_claim(connection.execute(CLAIM, (to_micros(lease_until), picked)).fetchone()))
            return claims

        return await self._writer.run(job, rows=MANY)

    async def take_back_calls(self) -> None:
        """Make the calls ready that are claimed: whoever claimed them is dead."""
        await self._writer.run(lambda connection: connection.execute(TAKE_BACK), rows=MANY)

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
        """When the next call after `now` is ready; None if none waits for time."""
        micros = await self._writer.run(
            lambda connection: connection.execute(NEXT, (to_micros(now),)).fetchone()[0], write=False, rows=1
        )
        return None if micros is None else from_micros(micros)
