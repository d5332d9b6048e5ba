"""/hours: when the business, a shop or a hotline is open, by name."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field
from sqlmodel import Session

from api.http.model import IdOf, Input, Instant, Output
from api.http.request import Request
from api.http.route import Route
from api.route.listing import Items
from api.route.token import fresh_token
from api.services import Services
from crm.hours import change_hours, create_hours, delete_hours, list_hours
from crm.teams import team_changed, teams_with_hours
from crm.used_by import InUse
from schemas.error import Conflict
from schemas.event import NewEvent
from schemas.hours import Hours, HoursKey
from storage.table import HoursRow

TAGS = ("Settings",)
EDITORS = ("owner", "editor")
Label = Annotated[str, Field(min_length=1, max_length=100, examples=["Shop"])]
Schedule = Annotated[Hours | None, Field(description="Null: always open.")]


class CreateHours(Input):
    """Hours to be made. Flows ask `hours.KEY`, and wait for them by their key."""

    key: HoursKey
    label: Label | None = None
    hours: Schedule = None


class ChangeHours(Input):
    """Another label or schedule; hours null: always open."""

    label: Label | None = None
    hours: Schedule = None


class NamedHours(Output):
    """Hours with a name. Those with the key `business` count where none are named."""

    id: Annotated[int, IdOf("hrs")]
    key: str
    label: str
    hours: Schedule
    created_at: Instant


class HoursRoutes:
    """Hours by name."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_hours(self, request: Request) -> Items[NamedHours]:
        """List the hours: those of the business first."""
        rows = await self._services.store.read(lambda session: list_hours(session, request.tenant))
        return Items[NamedHours](data=tuple(map(_shown, rows)))

    async def create_hours(self, request: Request[CreateHours]) -> NamedHours:
        """Make hours."""
        body, tenant = request.body, request.tenant
        row = await self._services.store.write(
            lambda session: create_hours(session, tenant, body.key, body.label or "", body.hours, request.now)
        )
        self._services.worlds.changed(tenant)
        return _shown(row)

    async def change_hours(self, request: Request[ChangeHours]) -> NamedHours:
        """Change the label or the schedule. Waits that stand keep their time; the next one goes by the new hours."""
        tenant, id, body = request.tenant, request.id("hours"), request.body
        given = body.model_fields_set
        changes = {key: getattr(body, key) for key in given if key == "hours" or getattr(body, key) is not None}
        token = fresh_token(self._services.random)

        def work(session: Session) -> tuple[HoursRow, list[NewEvent]]:
            row = change_hours(session, tenant, id, changes)
            teams = teams_with_hours(session, tenant, row.key) if "hours" in changes else []
            return row, [team_changed(team, token, request.now) for team in teams]

        row, events = await self._services.store.write(work)
        self._services.worlds.changed(tenant)
        await self._services.engine.append(events)
        return _shown(row)

    async def delete_hours(self, request: Request) -> None:
        """Delete hours. Refused for those of the business, and while a published flow or a team uses them."""
        tenant, id, types = request.tenant, request.id("hours"), self._services.node_types
        await self._services.store.write(lambda session: delete_hours(session, tenant, id, types))
        self._services.worlds.changed(tenant)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        read, write, one = "settings:read", "settings:write", "/hours/{hours:hrs}"
        return (
            Route("GET", "/hours", self.list_hours, TAGS, scope=read),
            Route("POST", "/hours", self.create_hours, TAGS, 201, scope=write, roles=EDITORS, errors=(Conflict,)),
            Route("PATCH", one, self.change_hours, TAGS, scope=write, roles=EDITORS),
            Route("DELETE", one, self.delete_hours, TAGS, scope=write, roles=EDITORS, errors=(Conflict, InUse)),
        )


def _shown(row: HoursRow) -> NamedHours:
    hours = Hours.model_validate(row.hours) if row.hours is not None else None
    return NamedHours(id=row.id, key=row.key, label=row.label, hours=hours, created_at=row.created_at)
