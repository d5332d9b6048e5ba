"""Settles claims: what became of each send, who must be told, which timeout starts."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

import orjson

from engine.core.delivery import advances
from engine.runtime.protocol import Settlement
from schemas.content import dump_content
from schemas.event import NewEvent
from storage.column import to_micros
from storage.status import BY_ID, Appearance, Change, Sent, learn, move_on, take_strays

# Only what is in flight can be given back: a status that came meanwhile says more.
RETRY = "UPDATE message SET status = 'queued', next_at = ?, code = ?, detail = ? WHERE id = ? AND status = 'claimed'"
# One that is unknown and has a second try before it has not settled: it is in flight still.
WAIT = """
UPDATE message SET status = 'unknown', next_at = ?, code = ?, detail = ? WHERE id = ? AND status IN ('queued', 'claimed')
"""
# What only the answer to the send tells, where the status did not move with it, or something else was sent.
ANSWERED = """
UPDATE message SET provider_id = coalesce(nullif(?, ''), provider_id), content = coalesce(?, content) WHERE id = ?
"""


def settle(
    connection: sqlite3.Connection, settlements: Sequence[Settlement], appearance: Appearance, now: datetime
) -> list[NewEvent]:
    """Apply outcomes in their order; the events by which others learn of them."""
    born: list[NewEvent] = []
    for each in settlements:
        row = connection.execute(BY_ID, (each.message,)).fetchone()
        if row is not None:
            born.extend(_settle(connection, Sent(*row), each, appearance, now))
    return born


def _settle(
    connection: sqlite3.Connection, sent: Sent, settlement: Settlement, appearance: Appearance, now: datetime
) -> list[NewEvent]:
    appeared = appearance.next(to_micros(now))
    provider_id, code, detail = settlement.provider_id, settlement.code, settlement.detail
    change = Change(settlement.outcome, settlement.at, code, detail, provider_id, settlement.identities)
    waits = settlement.outcome == "retry" or (settlement.outcome == "unknown" and settlement.retry_at is not None)
    advanced = not waits and advances(sent.status, settlement.outcome)
    if waits:
        statement = RETRY if settlement.outcome == "retry" else WAIT
        connection.execute(statement, (to_micros(settlement.retry_at or now), code, detail, sent.id))
        born = learn(connection, sent, settlement.identities, settlement.at)
    else:
        born = move_on(connection, sent, change, appeared)
    if settlement.content is not None or (provider_id and not advanced):
        content = None if settlement.content is None else orjson.dumps(dump_content(settlement.content)).decode()
        connection.execute(ANSWERED, (provider_id, content, sent.id))
    if provider_id:
        for stray in take_strays(connection, sent.tenant, sent.channel, provider_id):
            row = connection.execute(BY_ID, (sent.id,)).fetchone()
            born.extend(move_on(connection, Sent(*row), stray, appeared))
    return born
