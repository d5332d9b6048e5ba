"""Tells webhooks of messages that were sent, delivered, read, failed or skipped: calls, written with the status itself."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime

import orjson

from schemas.notification import wanted
from storage.call import INSERT, webhook_row
from storage.status import UNSETTLED, Change, Sent

# A handful of rows: who listens is asked once a batch of statuses.
LISTENING = "SELECT id, tenant, events FROM webhook WHERE status = 'on'"
PLACES = {"sent": 0, "delivered": 1, "read": 2, "failed": 3}
"""Each status of a message is told once; its place and the webhook's make the call's id."""
FLAT = {"sent": 0, "failed": 1, "skipped": 2}
"""The same for those that are told as `delivery.*`."""
FLAT_IDS = 1 << 62
"""How far the ids of their calls lie below the others."""
MANY = 16
"""Ids for the webhooks of one status: above `crm.webhooks.MOST_WEBHOOKS`."""

Moved = tuple[Sent, Change]


def tell_moved(connection: sqlite3.Connection, moved: Sequence[Moved], now: datetime) -> int:
    """Write a call for each webhook that asked for a status which a message reached; how many. `moved` say more than before."""
    told = [(sent, status, change.at) for sent, change in moved if (status := told_status(sent.status, change.status))]
    listening = connection.execute(LISTENING).fetchall() if told else []
    if not listening:
        return 0
    asked = [(id, tenant, frozenset(orjson.loads(events))) for id, tenant, events in listening]
    rows = []
    for sent, status, at in told:
        for kind, places in (("message", PLACES), ("delivery", FLAT)):
            event = f"{kind}.{status}"
            listeners = [id for id, tenant, events in asked if tenant == sent.tenant and wanted(events, event)]
            for place, webhook in enumerate(listeners[:MANY] if status in places else ()):
                facts = {"webhook": webhook, "event": event, "at": at.isoformat(), "message": sent.id}
                id = call_id(sent.id, places[status], place) - (FLAT_IDS if places is FLAT else 0)
                rows.append(webhook_row(id, sent.tenant, facts, now))
    connection.executemany(INSERT, rows)
    return len(rows)


def told_status(before: str, after: str) -> str:
    """What a message's step from one status to another is called outside; "" where nothing new is to be told.

    >>> told_status("claimed", "accepted"), told_status("accepted", "sent"), told_status("sent", "read")
    ('sent', '', 'read')
    """
    if after in ("accepted", "sent"):
        return "sent" if before in UNSETTLED else ""
    return after if after in PLACES or after in FLAT else ""


def call_id(message: int, status: int, place: int) -> int:
    """The call's id, below 0: those above derive from events, and a status that comes with a send has none.

    >>> call_id(1024, 3, 0)
    -65584
    """
    return -((message * len(PLACES) + status) * MANY + place)
