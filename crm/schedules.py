"""Schedules that have come due: each contact they mean is started, in chunks, once for each time."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Protocol, TypeVar

from sqlmodel import Session, col, select

from crm.settings import read_settings
from engine.core.calendar import next_fire, zone
from engine.core.program import NodeTypes
from engine.core.trigger import OnSchedule
from schemas.event import NewEvent, StartFlow
from storage.column import to_micros
from storage.table import ContactRow, ContactTagRow, FlowRow, FlowVersionRow, ScheduleRow, TenantRow

CHUNK = 500
"""Contacts in one append: a transaction of some milliseconds, between which live events get their turn."""
T = TypeVar("T")


class Rows(Protocol):
    """The store, as far as schedules need it."""

    async def read(self, work: Callable[[Session], T]) -> T: ...

    async def write(self, work: Callable[[Session], T]) -> T: ...


class Appends(Protocol):
    """The engine, as far as schedules need it."""

    async def append(self, events: Sequence[NewEvent]) -> Any: ...


@dataclass(frozen=True, slots=True)
class Due:
    """A schedule whose time `at` has come."""

    id: int
    tenant: int
    flow: int
    node: str
    at: datetime
    tag: str
    next_at: datetime | None


async def fire_due(store: Rows, engine: Appends, node_types: NodeTypes, now: datetime) -> datetime | None:
    """Start what is due; gives when the next schedule is due, None if none is left.

    A time that passed while the server was down is made up for once, however many were missed. Each start carries the id
    `schedule:{flow}:{node}:{time}:{contact}`, so that a crash on the way repeats nothing: the next try appends duplicates.
    """
    for due in await store.read(lambda session: due_schedules(session, node_types, now)):
        await _fire(store, engine, due)
        await store.write(partial(_done, due=due))
    return await store.read(next_time)


def due_schedules(session: Session, node_types: NodeTypes, now: datetime) -> list[Due]:
    """The schedules of live versions whose time has come, the most overdue first; not of suspended workspaces."""
    wanted = (
        select(ScheduleRow, FlowRow, FlowVersionRow)
        .join(FlowRow, col(FlowRow.id) == col(ScheduleRow.flow))
        .join(FlowVersionRow, col(FlowVersionRow.id) == col(FlowRow.live_version))
        .join(TenantRow, col(TenantRow.id) == col(ScheduleRow.tenant))
        .where(col(ScheduleRow.next_at) <= now, col(FlowRow.archived).is_(False), TenantRow.status == "active")
        .order_by(col(ScheduleRow.next_at))
    )
    found: list[Due] = []
    for schedule, flow, version in session.exec(wanted):
        node = next((node for node in version.document["nodes"] if node["id"] == schedule.node), None)
        on = _schedule_of(node, node_types)
        if on is None or schedule.next_at is None:
            continue
        tz = zone(on.timezone, read_settings(session, schedule.tenant)[1].timezone or "UTC")
        found.append(
            Due(schedule.id, schedule.tenant, flow.id, schedule.node, schedule.next_at, on.tag, next_fire(on.cron, tz, now))
        )
    return found


def next_time(session: Session) -> datetime | None:
    """When the next schedule is due."""
    wanted = select(ScheduleRow.next_at).where(col(ScheduleRow.next_at).is_not(None)).order_by(col(ScheduleRow.next_at))
    return session.exec(wanted.limit(1)).first()


def contacts_for(session: Session, tenant: int, tag: str, after: int, limit: int) -> list[int]:
    """Contacts with a tag ("": all) behind a cursor, without those who opted out or were merged away."""
    wanted = select(ContactRow.id).where(
        ContactRow.tenant == tenant,
        ContactRow.id > after,
        col(ContactRow.opted_out).is_(False),
        col(ContactRow.merged_into).is_(None),
    )
    if tag:
        tagged = select(ContactTagRow.contact).where(ContactTagRow.tenant == tenant, ContactTagRow.tag == tag)
        wanted = wanted.where(col(ContactRow.id).in_(tagged))
    return list(session.exec(wanted.order_by(col(ContactRow.id)).limit(limit)))


async def _fire(store: Rows, engine: Appends, due: Due) -> None:
    cursor = 0
    while True:
        contacts = await store.read(partial(contacts_for, tenant=due.tenant, tag=due.tag, after=cursor, limit=CHUNK))
        if contacts:
            await engine.append([_start(due, contact) for contact in contacts])
        if len(contacts) < CHUNK:
            return
        cursor = contacts[-1]


def _start(due: Due, contact: int) -> NewEvent:
    return NewEvent(
        tenant=due.tenant,
        source="schedule",
        external_id=f"schedule:{due.flow}:{due.node}:{to_micros(due.at)}:{contact}",
        at=due.at,
        body=StartFlow(due.flow, node=due.node, reason="schedule"),
        contact=contact,
        bulk=True,
    )


def _done(session: Session, due: Due) -> None:
    row = session.get(ScheduleRow, due.id)
    if row is not None and row.next_at == due.at:  # publishing anew may have set another time meanwhile
        row.last_at, row.next_at = due.at, due.next_at
        session.add(row)


def _schedule_of(node: dict[str, Any] | None, node_types: NodeTypes) -> OnSchedule | None:
    node_type = node_types.get(node["type"]) if node else None
    if node is None or node_type is None:
        return None
    trigger = node_type.trigger(node_type.Config.model_validate(node.get("config", {})))
    return trigger.on if trigger is not None and isinstance(trigger.on, OnSchedule) else None
