"""Runs whose time has come become events."""

from __future__ import annotations

import sqlite3
from datetime import datetime

from schemas.event import NewEvent, WaitDue
from storage.column import from_micros, to_micros
from storage.event_row import append_quietly

DUE = """
SELECT id, tenant, contact, coalesce(wait_id, 0), due FROM run INDEXED BY run_due
WHERE status = 'waiting' AND due <= ? ORDER BY due LIMIT ?
"""
RUNG = "UPDATE run SET due = NULL WHERE id = ?"
NEXT = "SELECT due FROM run INDEXED BY run_due WHERE status = 'waiting' AND due IS NOT NULL ORDER BY due LIMIT 1"


def ring(connection: sqlite3.Connection, now: datetime, limit: int) -> tuple[int, datetime | None]:
    """Append a `WaitDue` for up to `limit` runs, oldest first, and clear their `due`; when the next one is due.

    The event's external id holds the run, the wait and the instant, so that one timer can't ring twice.
    """
    rows = connection.execute(DUE, (to_micros(now), limit)).fetchall()
    events = [
        NewEvent(tenant, "timer", f"{run}:{wait}:{due}", now, WaitDue(run, wait), contact=contact)
        for run, tenant, contact, wait, due in rows
    ]
    appended = append_quietly(connection, events, to_micros(now))
    connection.executemany(RUNG, [(row[0],) for row in rows])
    return appended, next_due(connection)


def next_due(connection: sqlite3.Connection) -> datetime | None:
    """When the next run is due; None if none waits for time."""
    row = connection.execute(NEXT).fetchone()
    return None if row is None else from_micros(row[0])
