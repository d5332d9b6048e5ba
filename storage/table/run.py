"""Runs, their history, and how often each node was passed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from storage.column import Big, Instant, given_id, instant, json_object, no_instant, reference

LIVE = "status IN ('waiting', 'suspended')"


class RunRow(SQLModel, table=True):
    """One contact's way through a flow. `state` is what `engine.core.codec` writes; the rest is searched.

    `due` is when its wait's time comes, or its expiry; NULL while a `WaitDue` is on its way, while it is suspended, and once
    it ended. Where a reply's timeout starts only when a message settles, `awaits` is that message and `due` the earliest that
    it can be: the message is asked when it comes, so that settling writes no run.
    `node` and `at_version` say where it stands: its last frame, which in a subflow is another version than `version`.
    """

    __tablename__ = "run"
    __table_args__ = (
        Index("run_due", "due", sqlite_where=text("status = 'waiting'")),
        Index("run_live", "contact", sqlite_where=text(LIVE)),
        Index("run_node", "at_version", "node", sqlite_where=text(LIVE)),
        Index("run_nested", "tenant", sqlite_where=text(f"{LIVE} AND at_version <> version")),
        Index("run_contact", "contact", "id"),
        Index("run_flow", "tenant", "flow", "id"),
    )

    id: int = given_id()
    tenant: int = reference()
    contact: int = reference()
    flow: int = reference()
    version: int = reference()
    conversation: int = reference()
    status: str
    interactive: bool = False
    node: str = ""
    at_version: int = reference()
    wait_id: int | None = Field(default=None, sa_type=Big)
    due: datetime | None = no_instant()
    state: bytes = Field(sa_type=LargeBinary)
    started_at: datetime = instant()
    expires_at: datetime = instant()
    ended_at: datetime | None = no_instant()
    reason: str = ""
    awaits: int | None = Field(default=None, sa_type=Big)
    subflow_ends_at: datetime | None = no_instant()
    """When the time of a subflow is over in which it stands, if that is before `expires_at`."""


class StepRow(SQLModel, table=True):
    """One step of a run: the event, what was read, the path with its reasons. Replaying it gives the same step.

    `data` is what `engine.core.history` writes. The table keeps its rowid: rows are appended, and only their small keys are
    sorted in. Without it whole steps would stand in the tree's inner nodes: 71 µs a row at 100,000 runs instead of 14.
    """

    __tablename__ = "step"

    run: int = given_id()
    number: int = given_id()
    tenant: int = reference()
    event: int = reference()
    at: datetime = instant()
    data: dict[str, Any] = json_object()


class NodeCountRow(SQLModel, table=True):
    """How often runs left a node of a version by a port ("": parked there), in an hour; a store may keep parts apart."""

    __tablename__ = "node_count"
    __table_args__ = ({"sqlite_with_rowid": False},)

    version: int = given_id()
    node: str = Field(primary_key=True)
    port: str = Field(primary_key=True)
    hour: datetime = Field(primary_key=True, sa_type=Instant)
    part: int = given_id()
    tenant: int = reference()
    count: int = Field(default=0, sa_type=Big)
