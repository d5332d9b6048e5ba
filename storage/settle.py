"""Settles claims: what became of each send, and who must be told."""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from engine.core.delivery import advances
from engine.runtime.protocol import Settlement
from schemas.content import dump_content
from schemas.event import NewEvent
from storage.column import to_micros
from storage.many import write_many
from storage.person import owners
from storage.status import (
    ADVANCE,
    BY_ID,
    COLUMNS,
    Appearance,
    Change,
    Sent,
    advance_row,
    learn,
    move_on,
    take_strays,
    tell,
)
from storage.told import Moved, tell_moved

CLAIMED = f"""
SELECT {COLUMNS} FROM message WHERE id IN (SELECT value FROM json_each(?)) AND direction = 'out' AND status = 'claimed'
"""
# Of these (channel, provider's id), those for which a report came before the send was settled.
EXPECTED = """
SELECT DISTINCT s.channel, s.provider_id FROM json_each(?) AS w
CROSS JOIN stray_report AS s INDEXED BY stray_report_provider ON s.channel = w.value ->> 0 AND s.provider_id = w.value ->> 1
"""

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
    """Apply outcomes, those of one message in their order; the events by which others learn of them."""
    simple = _simple(connection, settlements)
    moved: list[Moved] = []
    born = _accept(connection, simple, appearance, now, moved)
    done = {sent.id for sent, _ in simple}
    for each in settlements:
        row = None if each.message in done else connection.execute(BY_ID, (each.message,)).fetchone()
        if row is not None:
            born.extend(_settle(connection, Sent(*row), each, appearance, now, moved))
    tell_moved(connection, moved, now)
    return born


def _simple(connection: sqlite3.Connection, settlements: Sequence[Settlement]) -> list[tuple[Sent, Settlement]]:
    """Claims that were accepted as they stood, with nothing new to learn: nearly all, and written together."""
    times = Counter(each.message for each in settlements)
    wanted = {
        each.message: each
        for each in settlements
        if each.outcome == "accepted" and each.content is None and times[each.message] == 1
    }
    claimed = [Sent(*row) for row in connection.execute(CLAIMED, (_json(list(wanted)),))]
    simple = [(sent, wanted[sent.id]) for sent in claimed]
    expected = set(connection.execute(EXPECTED, (_json([(sent.channel, each.provider_id) for sent, each in simple]),)))
    known = owners(connection, [(sent.tenant, who.kind, who.value) for sent, each in simple for who in each.identities])
    return [
        (sent, each)
        for sent, each in simple
        if (sent.channel, each.provider_id) not in expected
        and all((sent.tenant, who.kind, who.value) in known for who in each.identities)
    ]


def _accept(
    connection: sqlite3.Connection,
    simple: Sequence[tuple[Sent, Settlement]],
    appearance: Appearance,
    now: datetime,
    moved: list[Moved],
) -> list[NewEvent]:
    """What `_settle` does, with one statement over all of them."""
    micros = to_micros(now)
    changes = [(sent, Change("accepted", each.at, each.code, each.detail, each.provider_id)) for sent, each in simple]
    moved.extend(changes)
    write_many(connection, ADVANCE, [advance_row(sent, change, appearance.next(micros)) for sent, change in changes])
    return [told for sent, change in changes if (told := tell(sent, change)) is not None]


def _json(value: list[Any]) -> str:
    return orjson.dumps(value).decode()


def _settle(
    connection: sqlite3.Connection,
    sent: Sent,
    settlement: Settlement,
    appearance: Appearance,
    now: datetime,
    moved: list[Moved],
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
        born = move_on(connection, sent, change, appeared, moved)
    if settlement.content is not None or (provider_id and not advanced):
        content = None if settlement.content is None else orjson.dumps(dump_content(settlement.content)).decode()
        connection.execute(ANSWERED, (provider_id, content, sent.id))
    if provider_id:
        for stray in take_strays(connection, sent.tenant, sent.channel, provider_id):
            row = connection.execute(BY_ID, (sent.id,)).fetchone()
            born.extend(move_on(connection, Sent(*row), stray, appeared, moved))
    return born
