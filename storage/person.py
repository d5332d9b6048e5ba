"""Persons as rows: a few queries load all that one batch needs."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from engine.core.codec import load_run
from engine.core.value import Contact, Conversation, Person, Run
from schemas.contact import Identity
from schemas.value import value
from storage.column import from_micros, maybe_instant

CHUNK = 64
"""Keys in one query of many: a constant, so that SQLite prepares the statement once."""

CONTACTS = """
SELECT id, tenant, part, version, name, language, timezone, opted_out, tags, fields, starts, created_at, merged_into
FROM contact WHERE id IN (SELECT value FROM json_each(?))
"""
IDENTITIES = """
SELECT contact, kind, value FROM identity WHERE contact IN (SELECT value FROM json_each(?)) ORDER BY contact, position, kind
"""
CONVERSATIONS = """
SELECT contact, id, channel, owner, status, epoch, agent, team, claim, last_inbound_at, window_until, last_activity_at,
       automatic, snoozed_until, unhandled
FROM conversation WHERE contact IN (SELECT value FROM json_each(?)) ORDER BY id
"""
# The live ones only: their partial index is named by its condition.
RUNS = """
SELECT contact, id, flow, version, conversation, status, interactive, state, started_at, expires_at, reason
FROM run WHERE contact IN (SELECT value FROM json_each(?)) AND status IN ('waiting', 'suspended') ORDER BY id
"""
# Who has these identities: one seek of the primary key each. (`IN (VALUES ...)` would read the whole table.)
OWNERS = f"""
WITH wanted (tenant, kind, value) AS (VALUES {", ".join(["(?, ?, ?)"] * CHUNK)})
SELECT i.tenant, i.kind, i.value, i.contact FROM wanted AS w
CROSS JOIN identity AS i ON i.tenant = w.tenant AND i.kind = w.kind AND i.value = w.value
"""

IdentityKey = tuple[int, str, str]
"""Tenant, kind, value."""


@value(frozen=True, slots=True)
class Known:
    """A person as it stands in the file, or, with version 0, as an event would make it."""

    person: Person
    tenant: int
    part: int
    merged_into: int = 0


def owners(connection: sqlite3.Connection, keys: Sequence[IdentityKey]) -> dict[IdentityKey, int]:
    """The contacts that have these identities."""
    found: dict[IdentityKey, int] = {}
    for start in range(0, len(keys), CHUNK):
        some = keys[start : start + CHUNK]
        padded = [*some, *[some[-1]] * (CHUNK - len(some))]
        for tenant, kind, address, contact in connection.execute(OWNERS, [part for key in padded for part in key]):
            found[tenant, kind, address] = contact
    return found


def load_known(connection: sqlite3.Connection, contacts: Iterable[int]) -> dict[int, Known]:
    """The persons with these ids, as far as they exist."""
    ids = orjson.dumps(list(contacts)).decode()
    identities: defaultdict[int, list[Identity]] = defaultdict(list)
    for contact, kind, address in connection.execute(IDENTITIES, (ids,)):
        identities[contact].append(Identity(kind, address))
    conversations: defaultdict[int, list[Conversation]] = defaultdict(list)
    for contact, *columns in connection.execute(CONVERSATIONS, (ids,)):
        conversations[contact].append(_conversation(*columns))
    runs: defaultdict[int, list[Run]] = defaultdict(list)
    for contact, *columns in connection.execute(RUNS, (ids,)):
        runs[contact].append(_run(*columns))
    known: dict[int, Known] = {}
    for row in connection.execute(CONTACTS, (ids,)):
        id, tenant, part, version, name, language, timezone, opted_out, tags, fields, starts, created_at, merged = row
        contact = Contact(
            id=id,
            version=version,
            name=name,
            language=language,
            timezone=timezone,
            fields=orjson.loads(fields),
            tags=tuple(orjson.loads(tags)),
            identities=tuple(identities[id]),
            opted_out=bool(opted_out),
            created_at=from_micros(created_at),
            starts=orjson.loads(starts),
        )
        known[id] = Known(Person(contact, tuple(conversations[id]), tuple(runs[id])), tenant, part, merged or 0)
    return known


def _conversation(
    id: int,
    channel: int,
    owner: Any,
    status: Any,
    epoch: int,
    agent: int,
    team: int,
    claim: str,
    last_inbound_at: int | None,
    window_until: int | None,
    last_activity_at: int | None,
    automatic: int,
    snoozed_until: int | None,
    unhandled: int,
) -> Conversation:
    return Conversation(
        id=id,
        channel=channel,
        owner=owner,
        status=status,
        epoch=epoch,
        agent=agent,
        team=team,
        claim=claim,
        last_inbound_at=maybe_instant(last_inbound_at),
        window_until=maybe_instant(window_until),
        last_activity_at=maybe_instant(last_activity_at),
        automatic=automatic,
        snoozed_until=maybe_instant(snoozed_until),
        unhandled=bool(unhandled),
    )


def _run(
    id: int,
    flow: int,
    version: int,
    conversation: int,
    status: str,
    interactive: int,
    state: bytes,
    started_at: int,
    expires_at: int,
    reason: str,
) -> Run:
    return load_run(
        state,
        id=id,
        flow=flow,
        version=version,
        conversation=conversation,
        status=status,
        interactive=bool(interactive),
        started_at=from_micros(started_at),
        expires_at=from_micros(expires_at),
        reason=reason,
    )
