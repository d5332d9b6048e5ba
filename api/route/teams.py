"""/teams: groups of agents with hours and capacity."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field
from sqlmodel import Session

from api.http.model import IdOf, Input, Instant, Output
from api.http.request import Request
from api.http.route import Route
from api.route.listing import Items
from api.route.token import fresh_token
from api.services import Services
from crm.teams import create_team, delete_team, get_team, list_teams, members_of, update_team
from crm.used_by import InUse
from schemas.error import Conflict, Refused
from schemas.hours import Hours, HoursKey
from storage.table import TeamRow

TAGS = ("Teams",)
EDITORS = ("owner", "editor")
UserId = Annotated[int, IdOf("usr")]
Name = Annotated[str, Field(min_length=1, max_length=100, examples=["Sales"])]
Key = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$", description="A stable word for flows.", examples=["sales"])]
Capacity = Annotated[int, Field(ge=1, le=1_000, description="Conversations that an agent takes at once.")]
Strategy = Literal["round_robin", "least_open"]
Members = Annotated[tuple[UserId, ...], Field(max_length=1_000)]


class CreateTeam(Input):
    """A team to be made."""

    name: Name
    key: Key | None = None
    capacity: Capacity = 5
    strategy: Strategy = "round_robin"
    hours: Annotated[HoursKey | Hours | None, Field(description="By key, or its own. Null: always open.")] = None
    members: Members = ()


class ChangeTeam(Input):
    """What is to change; hours null: always open."""

    name: Name | None = None
    capacity: Capacity | None = None
    strategy: Strategy | None = None
    hours: HoursKey | Hours | None = None
    members: Members | None = None


class Team(Output):
    """A group of agents. Flows name it by its id or its key."""

    id: Annotated[int, IdOf("team")]
    key: str
    name: str
    capacity: int
    strategy: str
    hours: HoursKey | Hours | None
    everyone: Annotated[bool, Field(description="All users are in it; it takes what names no team.")]
    members: tuple[UserId, ...]
    created_at: Instant


class TeamRoutes:
    """Teams."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_teams(self, request: Request) -> Items[Team]:
        """List the teams."""
        return await self._services.store.read(
            lambda session: Items[Team](data=tuple(_shown(session, row) for row in list_teams(session, request.tenant)))
        )

    async def create_team(self, request: Request[CreateTeam]) -> Team:
        """Make a team."""
        body, tenant = request.body, request.tenant

        def work(session: Session) -> Team:
            row = create_team(
                session,
                tenant,
                body.name,
                request.now,
                key=body.key or "",
                capacity=body.capacity,
                strategy=body.strategy,
                hours=_plain(body.hours),
                members=body.members,
            )
            return _shown(session, row)

        made = await self._services.store.write(work)
        self._services.worlds.changed(tenant)
        return made

    async def get_team(self, request: Request) -> Team:
        """Read a team."""
        return await self._services.store.read(
            lambda session: _shown(session, get_team(session, request.tenant, request.id("team")))
        )

    async def change_team(self, request: Request[ChangeTeam]) -> Team:
        """Change a team's name, capacity, strategy, hours or members."""
        tenant, team, token = request.tenant, request.id("team"), fresh_token(self._services.random)
        given = request.body.model_fields_set
        changes: dict[str, Any] = {
            key: getattr(request.body, key) for key in given if key == "hours" or getattr(request.body, key) is not None
        }
        if "hours" in changes:
            changes["hours"] = _plain(request.body.hours)

        def work(session: Session) -> tuple[Team, list[Any]]:
            row, events = update_team(session, tenant, team, changes, token, request.now)
            return _shown(session, row), events

        changed, events = await self._services.store.write(work)
        self._services.worlds.changed(tenant)
        await self._services.engine.append(events)
        return changed

    async def delete_team(self, request: Request) -> None:
        """Delete a team. Refused while a published flow or an open conversation uses it."""
        tenant, team, types = request.tenant, request.id("team"), self._services.node_types
        await self._services.store.write(lambda session: delete_team(session, tenant, team, types))
        self._services.worlds.changed(tenant)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        read, write = "teams:read", "teams:write"
        return (
            Route("GET", "/teams", self.list_teams, TAGS, scope=read),
            Route("POST", "/teams", self.create_team, TAGS, 201, scope=write, roles=EDITORS, errors=(Conflict,)),
            Route("GET", "/teams/{team:team}", self.get_team, TAGS, scope=read),
            Route("PATCH", "/teams/{team:team}", self.change_team, TAGS, scope=write, roles=EDITORS, errors=(Refused,)),
            Route("DELETE", "/teams/{team:team}", self.delete_team, TAGS, scope=write, roles=EDITORS, errors=(InUse, Refused)),
        )


def _plain(hours: str | Hours | None) -> dict[str, Any] | str | None:
    return hours.model_dump(mode="json", by_alias=True) if isinstance(hours, Hours) else hours


def _shown(session: Session, row: TeamRow) -> Team:
    return Team(
        id=row.id,
        key=row.key,
        name=row.name,
        capacity=row.capacity,
        strategy=row.strategy,
        hours=Hours.model_validate(row.hours) if isinstance(row.hours, dict) else row.hours,
        everyone=row.everyone,
        members=tuple(members_of(session, row)),
        created_at=row.created_at,
    )
