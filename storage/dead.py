"""Events that we failed to decide, for operators; and the pruning of what is no longer needed."""

from __future__ import annotations

import sqlite3
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.column import from_micros, to_micros

KEPT = timedelta(days=8)
"""A done event keeps its key this long: Meta repeats a webhook for 7 days."""
CHUNK = 1_000
"""Rows that one transaction looks at while pruning, so that writers hardly wait."""

DEAD = """
SELECT id, tenant, source, external_id, kind, contact, team, at, attempts, error, done_at
FROM event INDEXED BY event_dead WHERE state = 2 AND tenant = ? ORDER BY id DESC LIMIT ?
"""
REPLAY = "UPDATE event SET state = 0, attempts = 0, error = '', done_at = NULL WHERE id = ? AND tenant = ? AND state = 2"
KILL = "UPDATE event SET state = 2, error = ?, done_at = ? WHERE id = ? AND state = 0"
# Ids grow with time: the first row that is too young ends the walk.
OLD_EVENTS = "SELECT id, state, done_at, received_at FROM event WHERE id > ? ORDER BY id LIMIT ?"
OLD_CALLS = "SELECT id, state, done_at, created_at FROM call WHERE id > ? ORDER BY id LIMIT ?"
STRAYS = "DELETE FROM stray_report WHERE id IN (SELECT id FROM stray_report WHERE received_at < ? LIMIT ?)"
ANSWERS = "DELETE FROM idempotency WHERE until < ?"


@dataclass(frozen=True, slots=True)
class DeadEvent:
    """An event that was declared dead, as an operator sees it."""

    id: int
    tenant: int
    source: str
    external_id: str
    kind: str
    contact: int
    team: int
    at: datetime
    attempts: int
    error: str
    died_at: datetime


def dead_events(connection: sqlite3.Connection, tenant: int, limit: int) -> list[DeadEvent]:
    """The newest dead events of a tenant."""
    return [_dead(*row) for row in connection.execute(DEAD, (tenant, limit))]


def _dead(
    id: int,
    tenant: int,
    source: str,
    external_id: str,
    kind: str,
    contact: int,
    team: int,
    at: int,
    attempts: int,
    error: str,
    died_at: int | None,
) -> DeadEvent:
    died = from_micros(at if died_at is None else died_at)
    return DeadEvent(id, tenant, source, external_id, kind, contact, team, from_micros(at), attempts, error, died)


def replay(connection: sqlite3.Connection, tenant: int, event: int) -> bool:
    """Let a dead event be decided once more; False if it is not dead or another tenant's."""
    return connection.execute(REPLAY, (event, tenant)).rowcount == 1


def kill(connection: sqlite3.Connection, events: tuple[tuple[int, str], ...], now: datetime) -> None:
    """Declare events dead at once: this release can't even read them."""
    connection.executemany(KILL, [(error, to_micros(now), id) for id, error in events])


def prune_chunk(connection: sqlite3.Connection, table: str, after: int, now: datetime) -> tuple[int, int | None]:
    """Delete done rows of `event` or `call` older than KEPT among the next CHUNK ids; how many, and where to go on."""
    cutoff = to_micros(now - KEPT)
    rows = connection.execute(OLD_EVENTS if table == "event" else OLD_CALLS, (after, CHUNK)).fetchall()
    young = next((place for place, row in enumerate(rows) if row[3] >= cutoff), len(rows))
    old = [(row[0],) for row in rows[:young] if row[1] == 1 and row[2] is not None and row[2] < cutoff]
    connection.executemany(f"DELETE FROM {'event' if table == 'event' else 'call'} WHERE id = ?", old)
    return len(old), rows[-1][0] if young == CHUNK else None


def prune_rest(connection: sqlite3.Connection, now: datetime) -> int:
    """Delete reports that no message ever claimed, and answers whose time is over."""
    strays = connection.execute(STRAYS, (to_micros(now - KEPT), CHUNK)).rowcount
    return strays + connection.execute(ANSWERS, (to_micros(now),)).rowcount
