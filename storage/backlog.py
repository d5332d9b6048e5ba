"""Which undecided events are taken next: live ones before bulk, tenants in turn, a failed one alone."""

from __future__ import annotations

import sqlite3

import orjson

from engine.runtime.busy import Busy
from storage.event_row import COLUMNS, Row

BULK_SHARE = 10
"""Bulk gets at least one of this many places, so that a campaign goes on under live load."""
TENANTS = 64
"""Tenants that share one batch at most."""

NEXT_TENANT = """
SELECT tenant FROM event INDEXED BY event_pending WHERE state = 0 AND bulk = ? AND tenant > ? ORDER BY tenant LIMIT 1
"""
OLDEST = f"""
SELECT {COLUMNS} FROM event INDEXED BY event_pending
WHERE state = 0 AND bulk = ? AND tenant = ? AND id NOT IN (SELECT value FROM json_each(?)) ORDER BY id LIMIT ?
"""
ATTEMPTS = -1
"""The place of `attempts` in a row of COLUMNS."""


def next_events(connection: sqlite3.Connection, limit: int, after_tenant: int, busy: Busy) -> list[Row]:
    """Up to `limit` rows of undecided events that are not under way. `after_tenant` was served last.

    An event that failed before comes alone, when it is the oldest; until then nothing younger is taken.
    """
    taken = orjson.dumps(list(busy.events)).decode()
    bulk = _of_kind(connection, 1, limit, after_tenant, taken)
    live = _of_kind(connection, 0, live_room(len(bulk), limit), after_tenant, taken)
    for rows in (live, bulk):
        if rows and rows[0][ATTEMPTS]:
            return rows[:1]
    live = _before_failed(live)
    return live + _before_failed(bulk)[: limit - len(live)]


def live_room(bulk: int, limit: int) -> int:
    """How many of `limit` places live ones may take, with so many bulk ones waiting.

    >>> live_room(100, 10), live_room(0, 10), live_room(5, 1)
    (9, 10, 1)
    """
    return limit - min(bulk, max(limit // BULK_SHARE, 1) if limit > 1 else 0)


def _before_failed(rows: list[Row]) -> list[Row]:
    """Only what is older than the first event that failed before: its turn comes next."""
    for place, row in enumerate(rows):
        if row[ATTEMPTS]:
            return rows[:place]
    return rows


def _of_kind(connection: sqlite3.Connection, bulk: int, limit: int, after_tenant: int, taken: str) -> list[Row]:
    tenants = _waiting_tenants(connection, bulk, after_tenant)
    rows: list[Row] = []
    for place, tenant in enumerate(tenants):
        share = -(-(limit - len(rows)) // (len(tenants) - place))
        if share <= 0:
            break
        rows.extend(connection.execute(OLDEST, (bulk, tenant, taken, share)))
    rows.sort()
    return rows


def _waiting_tenants(connection: sqlite3.Connection, bulk: int, after: int) -> list[int]:
    """Tenants with undecided events, the one after `after` first."""
    tenants: list[int] = []
    for start, stop in ((after, None), (-1, after)):
        last = start
        while len(tenants) < TENANTS:
            row = connection.execute(NEXT_TENANT, (bulk, last)).fetchone()
            if row is None or (stop is not None and row[0] > stop):
                break
            last = row[0]
            tenants.append(last)
    return tenants
