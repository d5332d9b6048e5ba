"""What webhook addresses are told: the kinds of notifications, and which of them a webhook asked for."""

from __future__ import annotations

from collections.abc import Collection

EVENTS = (
    "message.received", "message.replied", "message.sent", "message.delivered", "message.read", "message.failed",
    "delivery.sent", "delivery.failed", "delivery.skipped",
    "contact.created", "contact.updated",
    "conversation.assigned", "conversation.resolved",
    "run.completed", "run.failed", "run.expired", "run.interrupted", "run.stopped",
)  # fmt: skip
"""What PostDog tells of itself."""
AGAIN = "delivery."
"""So begin those that say what `message.*` says once more, in a flat body: `*` doesn't ask for them."""
FLOW_EVENT = "flow.event"
"""Stands for all that flows tell by Emit event, whatever its name."""
TEST = "webhook.test"
OWN_GROUPS = frozenset({*(each.partition(".")[0] for each in EVENTS), "flow", "webhook", "campaign", "post", "link"})
"""First words of names that are ours: a flow's own events begin otherwise, so that none can pass for one of these."""
EVENT_NAME = r"^[a-z][a-z0-9_]{0,31}(\.[a-z0-9_]{1,31}){0,3}$"
"""A name of a flow's own event, such as `lead.qualified`."""
PATTERN = r"^(\*|[a-z][a-z0-9_]{0,31}(\.[a-z0-9_]{1,31}){0,3}(\.\*)?)$"
"""What a webhook may ask for: a name, everything below one (`message.*`), or `*`, which is all but `delivery.*`."""


def wanted(asked: Collection[str], event: str) -> bool:
    """True if a webhook that asked for these is told of the event.

    >>> wanted({"message.*"}, "message.read"), wanted({"flow.event"}, "lead.qualified"), wanted({"contact.*"}, "message.read")
    (True, True, False)
    >>> wanted({"*"}, "message.sent"), wanted({"*"}, "delivery.sent"), wanted({"delivery.*"}, "delivery.sent")
    (True, False, True)
    """
    if event in asked or ("*" in asked and not event.startswith(AGAIN)):
        return True
    head, dot, _ = event.rpartition(".")
    while dot:
        if f"{head}.*" in asked:
            return True
        head, dot, _ = head.rpartition(".")
    return FLOW_EVENT in asked and event.partition(".")[0] not in OWN_GROUPS
