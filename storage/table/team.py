"""Groups of agents, and the state of their lanes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import SQLModel

from storage.column import given_id, instant, json_object, json_value, no_reference, own_id, reference


class TeamRow(SQLModel, table=True):
    """A team. `key` is what documents refer to; the one with `everyone` set takes what names no team."""

    __tablename__ = "team"
    __table_args__ = (Index("team_key", "tenant", "key", unique=True), {"sqlite_autoincrement": True})

    id: int = own_id()
    tenant: int = reference()
    key: str
    name: str
    capacity: int = 5
    """Conversations per agent."""
    strategy: str = "round_robin"
    """round_robin or least_open."""
    hours: dict[str, Any] | str | None = json_value()
    """Hours of its own, or the key of named ones; None: always open."""
    everyone: bool = False
    created_at: datetime = instant()


class TeamMemberRow(SQLModel, table=True):
    """A user's place in a team."""

    __tablename__ = "team_member"
    __table_args__ = (Index("team_member_user", "user"), {"sqlite_with_rowid": False})

    team: int = given_id()
    user: int = given_id()
    tenant: int = reference()


class DeskRow(SQLModel, table=True):
    """The state of a team's lane: its seats. Only the lane writes it, and the queue."""

    __tablename__ = "desk"

    team: int = given_id()
    tenant: int = reference()
    version: int = 0
    state: dict[str, Any] = json_object()


class QueuedRow(SQLModel, table=True):
    """A conversation that waits for a team. `place` grows with each that comes."""

    __tablename__ = "queued"
    __table_args__ = (Index("queued_team", "team", "conversation", unique=True), {"sqlite_autoincrement": True})

    place: int = own_id()
    tenant: int = reference()
    team: int = reference()
    conversation: int = reference()
    contact: int = reference()
    claim: str
    since: str
    """When it came, as the engine writes it."""
    depth: int = 0
    agent: int = no_reference()
    strategy: str = ""
    priority: int = 0
