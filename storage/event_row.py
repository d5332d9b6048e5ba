"""Events as rows of the intake, both ways. All SQL that appends events is here."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any

import orjson

from engine.runtime.protocol import Appended
from schemas.contact import Identity
from schemas.event import Event, NewEvent, decode_body, encode_body
from storage.column import from_micros, to_micros
from storage.many import write_many
from storage.part import part_of, part_of_contact, part_of_team

Row = tuple[Any, ...]

# Appends one event; a second one with the same key does nothing. A contact's own part wins over the guess at the door.
INSERT = """
INSERT INTO event (tenant, part, source, external_id, kind, body, contact, team, identities, at, received_at, cause, depth,
                   bulk, state, attempts, error)
VALUES (?1, coalesce((SELECT part FROM contact WHERE id = ?7), ?2), ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14,
        0, 0, '')
ON CONFLICT (tenant, source, external_id) DO NOTHING
"""
FIND = "SELECT id FROM event WHERE tenant = ? AND source = ? AND external_id = ?"
# The highest number that was ever given, also where that event is deleted.
LAST = "SELECT coalesce((SELECT seq FROM sqlite_sequence WHERE name = 'event'), 0)"

COLUMNS = "id, tenant, source, external_id, at, kind, body, contact, team, identities, cause, depth, bulk, received_at, attempts"


def event_row(event: NewEvent, received: int) -> Row:
    """The parameters of INSERT. `received` is the instant of its arrival in microseconds."""
    return (
        event.tenant,
        _part(event),
        event.source,
        event.external_id,
        event.body.kind,
        encode_body(event.body),
        event.contact,
        event.team,
        orjson.dumps([(each.kind, each.value) for each in event.identities]).decode() if event.identities else None,
        to_micros(event.at),
        received,
        event.cause,
        event.depth,
        int(event.bulk),
    )


def insert_rows(connection: sqlite3.Connection, rows: Sequence[Row]) -> list[Appended]:
    """Append rows and say, for each, its id and whether it had been there."""
    if not rows:
        return []
    before = connection.execute(LAST).fetchone()[0]
    if write_many(connection, INSERT, rows) == len(rows):  # nobody else numbers rows in this transaction
        last = connection.execute("SELECT last_insert_rowid()").fetchone()[0]
        return [Appended(id, False) for id in range(last - len(rows) + 1, last + 1)]
    return _found(connection, rows, before)


def _found(connection: sqlite3.Connection, rows: Sequence[Row], before: int) -> list[Appended]:
    """Where some had been there: the first one with its key is new, if its id is above the last one `before`."""
    appended: list[Appended] = []
    seen: set[int] = set()
    for row in rows:
        id = connection.execute(FIND, (row[0], row[2], row[3])).fetchone()[0]
        appended.append(Appended(id, id <= before or id in seen))
        seen.add(id)
    return appended


def append_events(connection: sqlite3.Connection, events: Sequence[NewEvent], now: datetime) -> list[Appended]:
    """Append events within a transaction of the caller: for writes that must be known to the engine with their commit."""
    return insert_rows(connection, [event_row(event, to_micros(now)) for event in events])


def append_quietly(connection: sqlite3.Connection, events: Sequence[NewEvent], received: int) -> int:
    """Append many events in one statement; how many were new."""
    if not events:
        return 0
    return write_many(connection, INSERT, [event_row(event, received) for event in events])


def read_event(row: Row) -> Event:
    """The event of a row of COLUMNS. Raises KeyError for a kind that this release doesn't know."""
    id, tenant, source, external_id, at, kind, body, contact, team, identities, cause, depth, bulk, received_at, _ = row
    return Event(
        id=id,
        tenant=tenant,
        source=source,
        external_id=external_id,
        at=from_micros(at),
        body=decode_body(kind, body),
        contact=contact,
        team=team,
        identities=() if identities is None else tuple(Identity(*each) for each in orjson.loads(identities)),
        cause=cause,
        depth=depth,
        bulk=bool(bulk),
        received_at=from_micros(received_at),
    )


def _part(event: NewEvent) -> int:
    if event.identities:
        return part_of(event.tenant, event.identities[0])
    if event.team:
        return part_of_team(event.tenant, event.team)
    return part_of_contact(event.tenant, event.contact)
