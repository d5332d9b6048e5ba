"""What becomes of a sent message: statuses only go forward, and who must be told."""

from __future__ import annotations

from datetime import datetime

from schemas.event import MessageSettled, NewEvent

RANK = {"queued": 0, "claimed": 1, "unknown": 2, "accepted": 3, "sent": 4, "delivered": 5, "read": 6, "failed": 7, "skipped": 7}
"""Providers repeat and reorder statuses (WhatsApp does daily): only a higher rank counts."""


def advances(current: str, reported: str) -> bool:
    """True if a reported status says more than the current one.

    `failed` and `skipped` are final, and a message that was delivered or read can't fail any more.

    >>> advances("sent", "delivered"), advances("read", "delivered"), advances("accepted", "failed")
    (True, False, True)
    """
    if reported == "failed" and current in ("delivered", "read"):
        return False
    return RANK[reported] > RANK[current]


def settled_event(
    *,
    tenant: int,
    contact: int,
    message: int,
    conversation: int,
    run: int,
    node: str,
    reports: bool,
    status: str,
    code: str,
    detail: str,
    at: datetime,
) -> NewEvent | None:
    """The event by which a run learns of a settled message; None if nobody must know.

    A failure is always told; success, skip and unknown only where a run parked for it. Told at most once each: the event's
    external id is the message and whether it failed.
    """
    failed = status == "failed"
    if not failed and not reports:
        return None
    body = MessageSettled(message, conversation, run, node, status, code, detail)
    return NewEvent(tenant, "outbox", f"{message}:{'failed' if failed else 'settled'}", at, body, contact=contact)
