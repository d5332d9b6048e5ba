"""Groups of agents, and the state of their lanes."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index
from sqlmodel import SQLModel

from storage.column import given_id, instant, json_object, json_value, own_id, reference


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
    hours: dict[str, Any] | None = json_value()
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
    """The state of a team's lane: seats and queue. Only the lane writes it."""

    __tablename__ = "desk"

    team: int = given_id()
    tenant: int = reference()
    version: int = 0
    state: dict[str, Any] = json_object()
