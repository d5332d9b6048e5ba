"""What time brings without anybody's doing: snoozed conversations wake, queues are looked at when a team opens.

Both give events. Append them after the read; a second append of the same does nothing.
"""

from __future__ import annotations

from datetime import datetime

from sqlmodel import Session, col, select

from schemas.event import ConversationWoken, NewEvent, TeamChanged
from storage.table import ConversationRow, QueuedRow

SWEEP_SECONDS = 30.0
"""How often to look: nobody misses half a minute of a snooze, or of a team's morning."""
AT_ONCE = 500
"""Events of one look, so that a Monday morning with many snoozes doesn't fill one batch."""


def woken(session: Session, now: datetime, limit: int = AT_ONCE) -> list[NewEvent]:
    """The events that wake conversations whose time has come, of all tenants, the earliest first."""
    due = (
        select(ConversationRow)
        .where(ConversationRow.status == "snoozed", col(ConversationRow.snoozed_until) <= now)
        .order_by(col(ConversationRow.snoozed_until))
        .limit(limit)
    )
    return [
        NewEvent(
            row.tenant,
            "sweep",
            f"woken:{row.id}:{row.snoozed_until.isoformat() if row.snoozed_until else ''}",
            now,
            ConversationWoken(row.id),
            contact=row.contact,
        )
        for row in session.exec(due)
    ]


def waiting_queues(session: Session, now: datetime) -> list[NewEvent]:
    """The events by which teams look at their queues again, of all tenants; once a minute for each at most."""
    minute = now.replace(second=0, microsecond=0).isoformat()
    return [
        NewEvent(tenant, "sweep", f"queue:{team}:{minute}", now, TeamChanged(), team=team)
        for tenant, team in session.exec(select(QueuedRow.tenant, QueuedRow.team).distinct().order_by(col(QueuedRow.team)))
    ]
