"""Answers under an Idempotency-Key that survive a restart."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import orjson

from storage.column import to_micros
from storage.writer import Writer

KEPT_FOR = timedelta(hours=24)
"""How long an answer is replayed."""
LEASE = timedelta(minutes=5)
"""A request that has not ended by then died with its process."""

# Of two at once one inserts; an entry whose time is over counts as none.
FORGET_OLD = "DELETE FROM idempotency WHERE tenant = ? AND api_key = ? AND method = ? AND path = ? AND key = ? AND until <= ?"
BEGIN = """
INSERT INTO idempotency (tenant, api_key, method, path, key, fingerprint, until) VALUES (?, ?, ?, ?, ?, ?, ?)
ON CONFLICT DO NOTHING
"""
FIND = """
SELECT fingerprint, status, headers, body FROM idempotency
WHERE tenant = ? AND api_key = ? AND method = ? AND path = ? AND key = ?
"""
FINISH = """
INSERT INTO idempotency (tenant, api_key, method, path, key, fingerprint, until, status, headers, body)
VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
ON CONFLICT (tenant, api_key, method, path, key) DO UPDATE SET fingerprint = excluded.fingerprint, until = excluded.until,
  status = excluded.status, headers = excluded.headers, body = excluded.body
"""
DROP = "DELETE FROM idempotency WHERE tenant = ? AND api_key = ? AND method = ? AND path = ? AND key = ?"

Scope = tuple[int, str, str, str, str]
"""Tenant, API key's id, method, path, Idempotency-Key."""


@dataclass(frozen=True, slots=True)
class Remembered:
    """What is kept of a request: its content's fingerprint, and its answer where it has one."""

    fingerprint: str
    status: int | None = None
    headers: Mapping[str, str] | None = None
    body: bytes = b""


def begin(connection: sqlite3.Connection, scope: Scope, fingerprint: str, at: datetime) -> Remembered | None:
    """Note that a request begins; None if it is the first of its key, else what is kept of the first."""
    connection.execute(FORGET_OLD, (*scope, to_micros(at)))
    if connection.execute(BEGIN, (*scope, fingerprint, to_micros(at + LEASE))).rowcount == 1:
        return None
    known, status, headers, body = connection.execute(FIND, scope).fetchone()
    return Remembered(known, status, None if headers is None else orjson.loads(headers), body or b"")


def finish(connection: sqlite3.Connection, scope: Scope, answer: Remembered | None, at: datetime) -> None:
    """Keep the answer; or, with None, forget that the request began. May run in the transaction of the effect."""
    if answer is None:
        connection.execute(DROP, scope)
        return
    headers = orjson.dumps(dict(answer.headers or {})).decode()
    row: tuple[Any, ...] = (
        *scope,
        answer.fingerprint,
        to_micros(at + KEPT_FOR),
        answer.status,
        headers,
        answer.body,
    )
    connection.execute(FINISH, row)


class SqliteIdempotency:
    """`begin` and `finish` as transactions of the one writer. `app` puts the API's classes around it."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    async def begin(self, scope: Scope, fingerprint: str, at: datetime) -> Remembered | None:
        """See `begin`. Atomic: of two at once, one gets None."""
        return await self._writer.run(lambda connection: begin(connection, scope, fingerprint, at))

    async def finish(self, scope: Scope, answer: Remembered | None, at: datetime) -> None:
        """See `finish`."""
        await self._writer.run(lambda connection: finish(connection, scope, answer, at))
