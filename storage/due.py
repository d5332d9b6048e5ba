"""Runs whose time has come become events."""

from __future__ import annotations

import sqlite3
import time
from datetime import datetime

from engine.runtime.protocol import FEW
from storage.column import from_micros, to_micros

CHUNK = 256
"""Runs of one statement: what it costs to prepare and to find the place is spread over them."""
HELD = 0.012
"""Seconds of processor time after which no further chunk is begun: with the last one and the disk, live events wait some 20 ms
for the timer. Not by the clock: on a busy machine the chunks would shrink, and the timer fall behind for good."""

# One INSERT and one UPDATE see the same runs: the index orders them by (due, id), and nothing changes between the two.
CHOSEN = "FROM run INDEXED BY run_due WHERE status = 'waiting' AND due <= ?1 ORDER BY due LIMIT ?2"
# A run stands where its contact does. The key holds the run, the wait and the instant, so that one timer can't ring twice.
APPEND = f"""
INSERT INTO event (tenant, part, source, external_id, kind, body, contact, team, identities, at, received_at, cause, depth,
                   bulk, state, attempts, error)
SELECT tenant, coalesce((SELECT part FROM contact WHERE id = run.contact), 0), 'timer',
       id || ':' || coalesce(wait_id, 0) || ':' || due, 'wait_due',
       CAST('{{"run":' || id || ',"wait":' || coalesce(wait_id, 0) || '}}' AS BLOB),
       contact, 0, NULL, ?1, ?1, 0, 0, ?3 OR NOT interactive, 0, 0, ''
{CHOSEN}
ON CONFLICT (tenant, source, external_id) DO NOTHING
"""
# Of those that are due, the ones whose reply timeout isn't over: their message left later than it was made, or has not yet.
PUT_OFF = f"""
UPDATE run SET due = min(coalesce(run.subflow_ends_at, run.expires_at), coalesce(m.timeout_at, ?1 + m.arm_seconds * 1000000))
FROM message AS m
WHERE run.id IN (SELECT id {CHOSEN}) AND run.awaits IS NOT NULL AND m.id = run.awaits
  AND coalesce(m.timeout_at, ?1 + 1) > ?1 AND coalesce(run.subflow_ends_at, run.expires_at) > ?1
"""
CLEAR = f"UPDATE run SET due = NULL WHERE id IN (SELECT id {CHOSEN})"
# How many live events stand undecided, as far as it matters.
LIVE = "SELECT count(*) FROM (SELECT 1 FROM event INDEXED BY event_pending WHERE state = 0 AND bulk = 0 LIMIT ?)"
COMING = "SELECT count(*) FROM (SELECT 1 FROM run INDEXED BY run_due WHERE status = 'waiting' AND due <= ? LIMIT ?)"
NEXT = "SELECT due FROM run INDEXED BY run_due WHERE status = 'waiting' AND due IS NOT NULL ORDER BY due LIMIT 1"


def ring(connection: sqlite3.Connection, now: datetime, limit: int) -> tuple[int, datetime | None]:
    """Append a `WaitDue` for up to `limit` runs, oldest first, and clear their `due`; when the next one is due.

    Three statements for many runs, which work in SQLite alone: the interpreter goes on deciding meanwhile. It stops early after
    HELD seconds. Waits of flows that wait for nobody are bulk, and all of them where they and the live events that stand
    undecided are more than a FEW.
    """
    at = to_micros(now)
    waiting = connection.execute(LIVE, (FEW + 1,)).fetchone()[0] + connection.execute(COMING, (at, FEW + 1)).fetchone()[0]
    until = time.thread_time() + HELD
    appended, left = 0, limit
    while left > 0:
        some = min(CHUNK, left)
        connection.execute(PUT_OFF, (at, some))
        appended += connection.execute(APPEND, (at, some, waiting > FEW)).rowcount
        rung = connection.execute(CLEAR, (at, some)).rowcount
        left -= rung
        if rung < some or time.thread_time() >= until:
            break
    return appended, next_due(connection)


def next_due(connection: sqlite3.Connection) -> datetime | None:
    """When the next run is due; None if none waits for time."""
    row = connection.execute(NEXT).fetchone()
    return None if row is None else from_micros(row[0])
