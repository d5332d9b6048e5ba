"""Flows, what was published of them, and the addresses and times that start them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, false
from sqlmodel import Field, SQLModel

from storage.column import instant, json_object, json_value, no_instant, no_reference, own_id, reference


class FlowRow(SQLModel, table=True):
    """A flow with its draft. `revision` is raised by every save and is the ETag; `live_version` 0: not published."""

    __tablename__ = "flow"
    __table_args__ = (Index("flow_key", "tenant", "key", unique=True), {"sqlite_autoincrement": True})

    id: int = own_id()
    tenant: int = reference()
    key: str
    """A stable word for files and references, such as `order-status`."""
    name: str
    draft: dict[str, Any] = json_object()
    revision: int = 1
    live_version: int = no_reference()
    archived: bool = False
    created_at: datetime = instant()
    updated_at: datetime = instant()
    interactive: bool = Field(default=False, sa_column_kwargs={"server_default": false()})
    """What was published last waits for replies or people."""


class FlowVersionRow(SQLModel, table=True):
    """A published, immutable state of a flow. `hash` leaves the layout out.

    `successor` is what the publish after it decided for the runs that stand on it: `{"policy": ..., "version": id}`.
    """

    __tablename__ = "flow_version"
    __table_args__ = (Index("flow_version_number", "flow", "number", unique=True), {"sqlite_autoincrement": True})

    id: int = own_id()
    tenant: int = reference(index=True)
    flow: int = reference()
    number: int
    document: dict[str, Any] = json_object()
    hash: str
    note: str = ""
    published_at: datetime = instant()
    published_by: int = no_reference()
    successor: dict[str, Any] | None = json_value()


class TriggerAddressRow(SQLModel, table=True):
    """The secret address by which other systems start a flow: /hooks/flow/{token}."""

    __tablename__ = "trigger_address"
    __table_args__ = (
        Index("trigger_address_token", "token_hash", unique=True),
        Index("trigger_address_node", "flow", "node", unique=True),
        {"sqlite_autoincrement": True},
    )

    id: int = own_id()
    tenant: int = reference()
    flow: int = reference()
    node: str
    token: str
    """Shown to authors, who must be able to copy it again."""
    token_hash: str
    created_at: datetime = instant()


class ScheduleRow(SQLModel, table=True):
    """When a schedule trigger of a live version starts next. NULL: never again."""

    __tablename__ = "schedule"
    __table_args__ = (
        Index("schedule_node", "flow", "node", unique=True),
        Index("schedule_next", "next_at"),
        {"sqlite_autoincrement": True},
    )

    id: int = own_id()
    tenant: int = reference()
    flow: int = reference()
    version: int = reference()
    node: str
    next_at: datetime | None = no_instant()
    last_at: datetime | None = no_instant()
