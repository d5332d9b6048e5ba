"""Hours by name: when the business, a shop or a hotline is open. Flows, triggers and teams refer to them by key."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from sqlmodel import Session, col, select

from crm.own import own
from crm.used_by import InUse, refuse_if_used
from crm.world_number import raise_world
from engine.core.program import NodeTypes
from engine.core.world import BUSINESS
from schemas.error import Conflict
from schemas.hours import Hours
from storage.table import HoursRow, TeamRow

MOST_HOURS = 50
"""Hours of a workspace: more can't be told apart in a list."""


def list_hours(session: Session, tenant: int) -> list[HoursRow]:
    """All hours, those of the business first, then by key."""
    rows = session.exec(select(HoursRow).where(HoursRow.tenant == tenant).order_by(col(HoursRow.key)))
    return sorted(rows, key=lambda row: row.key != BUSINESS)


def schedules(session: Session, tenant: int) -> dict[str, Hours]:
    """The hours by key, without those that are always open."""
    rows = session.exec(select(HoursRow).where(HoursRow.tenant == tenant))
    return {row.key: Hours.model_validate(row.hours) for row in rows if row.hours is not None}


def create_hours(session: Session, tenant: int, key: str, label: str, hours: Hours | None, now: datetime) -> HoursRow:
    """New hours; None: always open. Their key stays. Raises Conflict."""
    known = list_hours(session, tenant)
    if any(row.key == key for row in known):
        raise Conflict(f"There are hours called “{key}” already.")
    if len(known) >= MOST_HOURS:
        raise Conflict(f"There are {MOST_HOURS} hours already. Delete some that nobody uses.")
    row = HoursRow(tenant=tenant, key=key, label=label or key, hours=_plain(hours), created_at=now)
    session.add(row)
    raise_world(session, tenant)
    session.flush()
    return row


def change_hours(session: Session, tenant: int, id: int, changes: Mapping[str, Any]) -> HoursRow:
    """Take over `label` and `hours`. Flows that run see the new hours at their next step."""
    row = own(session, HoursRow, tenant, id, "set of hours")
    if "hours" in changes:
        row.hours = _plain(changes["hours"])
    row.label = changes.get("label", row.label)
    session.add(row)
    raise_world(session, tenant)
    return row


def delete_hours(session: Session, tenant: int, id: int, node_types: NodeTypes) -> None:
    """Remove hours. Raises InUse, and Conflict for those of the business."""
    row = own(session, HoursRow, tenant, id, "set of hours")
    if row.key == BUSINESS:
        raise Conflict("Every workspace has business hours. Change them instead, for example to always open.")
    refuse_if_used(session, tenant, node_types, "hours", (row.key,), f"“{row.label}”")
    for team in session.exec(select(TeamRow).where(TeamRow.tenant == tenant)):
        if team.hours == row.key:
            raise InUse(f"“{row.label}” are the hours of the team “{team.name}”. Give the team others, then try again.")
    session.delete(row)
    raise_world(session, tenant)


def _plain(hours: Hours | None) -> dict[str, Any] | None:
    return hours.model_dump(mode="json", by_alias=True) if hours is not None else None
