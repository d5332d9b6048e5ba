"""What becomes of messages: settlements and providers' reports, applied to rows that only go forward."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from engine.core.delivery import RANK, advances, settled_event
from schemas.contact import ContactChange, Identity
from schemas.event import ChangeContact, NewEvent
from schemas.value import value
from storage.column import from_micros, to_micros

COLUMNS = """id, tenant, contact, conversation, channel, run, node, status, reports, on_unknown, was_unknown, arm_seconds,
             provider_id"""
BY_ID = f"SELECT {COLUMNS} FROM message WHERE id = ? AND direction = 'out'"
BY_PROVIDER = f"SELECT {COLUMNS} FROM message WHERE channel = ? AND provider_id = ? AND direction = 'out' LIMIT 1"

# A later status fills in the times of those before it that never came. The reply timeout starts with the first.
ADVANCE = """
WITH new (id, status, code, detail, provider_id, rank, at, appeared_at) AS (VALUES (?, ?, ?, ?, ?, ?, ?, ?))
UPDATE message SET status = new.status, next_at = NULL, code = new.code, detail = new.detail,
  timeout_at = coalesce(timeout_at, new.at + arm_seconds * 1000000),
  provider_id = coalesce(message.provider_id, new.provider_id),
  sent_at = CASE WHEN new.rank BETWEEN 3 AND 6 THEN coalesce(sent_at, new.at) ELSE sent_at END,
  delivered_at = CASE WHEN new.rank BETWEEN 5 AND 6 THEN coalesce(delivered_at, new.at) ELSE delivered_at END,
  read_at = CASE WHEN new.rank = 6 THEN coalesce(read_at, new.at) ELSE read_at END,
  failed_at = CASE WHEN new.status = 'failed' THEN coalesce(failed_at, new.at) ELSE failed_at END,
  appeared_at = CASE WHEN new.rank BETWEEN 3 AND 6 THEN coalesce(message.appeared_at, new.appeared_at)
                ELSE message.appeared_at END
FROM new WHERE message.id = new.id
"""
KNOWN_IDENTITY = "SELECT 1 FROM identity WHERE tenant = ? AND kind = ? AND value = ?"
UNSETTLED = frozenset({"queued", "claimed", "unknown"})


class Sent(NamedTuple):
    """What must be known of a message's row to move it on."""

    id: int
    tenant: int
    contact: int
    conversation: int
    channel: int
    run: int
    node: str
    status: str
    reports: int
    on_unknown: str
    was_unknown: int
    arm_seconds: int | None
    provider_id: str | None


@value(frozen=True, slots=True)
class Change:
    """A status that a message reached at an instant."""

    status: str
    at: datetime
    code: str = ""
    detail: str = ""
    provider_id: str = ""
    identities: tuple[Identity, ...] = ()


class Appearance:
    """Instants in microseconds that only grow, so that a thread's order is total and can be resumed."""

    def __init__(self) -> None:
        self._last = 0

    def next(self, now: int) -> int:
        """The instant, or the first one after the last that was given."""
        self._last = max(now, self._last + 1)
        return self._last


def find_sent(connection: sqlite3.Connection, tenant: int, message: int, channel: int, provider_id: str) -> Sent | None:
    """The row of a message that went out, by our id, or else by the provider's. Never another tenant's."""
    row = connection.execute(BY_ID, (message,)).fetchone() if message else None
    if row is None and provider_id:
        row = connection.execute(BY_PROVIDER, (channel, provider_id)).fetchone()
    sent = None if row is None else Sent(*row)
    return sent if sent is not None and sent.tenant == tenant else None


def move_on(
    connection: sqlite3.Connection, sent: Sent, change: Change, appeared: int, moved: list[tuple[Sent, Change]]
) -> list[NewEvent]:
    """Apply a status if it says more than the row does, and add it to what `moved`; the events by which others learn of it.
    """
    born = learn(connection, sent, change.identities, change.at)
    if not advances(sent.status, change.status):
        return born
    connection.execute(ADVANCE, advance_row(sent, change, appeared))
    moved.append((sent, change))
    told = tell(sent, change)
    return born if told is None else [*born, told]


def advance_row(sent: Sent, change: Change, appeared: int) -> tuple[Any, ...]:
    """The parameters of ADVANCE."""
    rank = RANK[change.status] if change.status not in ("failed", "skipped") else 0
    at = to_micros(change.at)
    return (sent.id, change.status, change.code, change.detail, change.provider_id or None, rank, at, appeared)


def tell(sent: Sent, change: Change) -> NewEvent | None:
    """The event that a message settled, where somebody must know and it had not settled before."""
    if sent.status not in UNSETTLED and change.status != "failed":
        return None
    status = change.status if change.status in ("failed", "skipped", "unknown") else "accepted"
    return settled_event(
        tenant=sent.tenant,
        contact=sent.contact,
        message=sent.id,
        conversation=sent.conversation,
        run=sent.run,
        node=sent.node,
        reports=bool(sent.reports),
        status=status,
        code=change.code,
        detail=change.detail,
        at=change.at,
    )


def learn(connection: sqlite3.Connection, sent: Sent, identities: Sequence[Identity], at: datetime) -> list[NewEvent]:
    """The event that teaches the contact addresses which the provider told and nobody has yet."""
    new = [
        each for each in identities if connection.execute(KNOWN_IDENTITY, (sent.tenant, each.kind, each.value)).fetchone() is None
    ]
    if not new:
        return []
    changes = tuple(ContactChange("add_identity", each.kind, each.value) for each in new)
    return [NewEvent(sent.tenant, "outbox", f"{sent.id}:identity", at, ChangeContact(changes, "provider"), contact=sent.contact)]


# --- reports for messages that are not known yet -----------------------------------------------------------------------------
KEEP_STRAY = """
INSERT INTO stray_report (tenant, channel, provider_id, status, code, detail, at, received_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
STRAYS = """
SELECT id, status, code, detail, at FROM stray_report WHERE channel = ? AND provider_id = ? AND tenant = ? ORDER BY id
"""
DROP_STRAY = "DELETE FROM stray_report WHERE id = ?"


def keep_stray(connection: sqlite3.Connection, tenant: int, channel: int, provider_id: str, change: Change, now: int) -> None:
    """Keep a report until the send that it speaks of is settled."""
    row = (tenant, channel, provider_id, change.status, change.code, change.detail, to_micros(change.at), now)
    connection.execute(KEEP_STRAY, row)


def take_strays(connection: sqlite3.Connection, tenant: int, channel: int, provider_id: str) -> list[Change]:
    """The reports that came before the message was known, taken out."""
    rows = connection.execute(STRAYS, (channel, provider_id, tenant)).fetchall()
    for row in rows:
        connection.execute(DROP_STRAY, (row[0],))
    return [Change(status, from_micros(at), code, detail, provider_id) for _, status, code, detail, at in rows]
