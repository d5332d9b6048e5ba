"""The intake, and the calls to be made that are no messages."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, LargeBinary, text
from sqlmodel import Field, SQLModel

from storage.column import Big, given_id, instant, json_object, json_value, no_instant, no_reference, own_id, reference

PENDING, DONE, DEAD = 0, 1, 2
"""States of an event, and of a call."""


class EventRow(SQLModel, table=True):
    """An event, from its arrival until it is pruned. `id` grows in the order of commit.

    Addressed to a `contact`, a `team`, or `identities` ([[kind, value], ...]).
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("event_key", "tenant", "source", "external_id", unique=True),
        Index("event_pending", "bulk", "tenant", "id", sqlite_where=text("state = 0")),
        Index("event_dead", "tenant", "id", sqlite_where=text("state = 2")),
        {"sqlite_autoincrement": True},
    )

    id: int = own_id()
    tenant: int = reference()
    part: int
    source: str
    external_id: str
    kind: str
    body: bytes = Field(sa_type=LargeBinary)
    """JSON, as `schemas.event.encode_body` writes it."""
    contact: int = no_reference()
    team: int = no_reference()
    identities: list[list[str]] | None = json_value()
    at: datetime = instant()
    received_at: datetime = instant()
    cause: int = no_reference()
    depth: int = 0
    bulk: bool = False
    state: int = PENDING
    attempts: int = 0
    error: str = ""
    answer: dict[str, Any] | None = json_value()
    """`{"value": ...}` or `{"problem": {...}}`, for whoever waits."""
    trace: list[str] | None = json_value()
    done_at: datetime | None = no_instant()


class CallRow(SQLModel, table=True):
    """Work to be done outside that is no message: fetch a medium, call a URL. Stands in no queue.

    Where `run` is not 0, its end is an event for `contact`.
    """

    __tablename__ = "call"
    __table_args__ = (Index("call_pending", "next_at", sqlite_where=text("state = 0")),)

    id: int = given_id()
    tenant: int = reference()
    channel: int = reference()
    kind: str
    data: dict[str, Any] = json_object()
    state: int = PENDING
    attempts: int = 0
    next_at: datetime = instant()
    """0: at once; else its next try, or the end of its lease."""
    error: str = ""
    created_at: datetime = instant()
    done_at: datetime | None = no_instant()
    key: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """`run:step:index`; the same each time the call is made again."""
    contact: int = Field(default=0, sa_type=Big, sa_column_kwargs={"server_default": "0"})
    run: int = Field(default=0, sa_type=Big, sa_column_kwargs={"server_default": "0"})
    wait: int = Field(default=0, sa_column_kwargs={"server_default": "0"})
    node: str = Field(default="", sa_column_kwargs={"server_default": ""})
    place: str = Field(default="", sa_column_kwargs={"server_default": ""})
    """What is called: calls to one place share their room."""
