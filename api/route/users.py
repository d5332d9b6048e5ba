"""/users: who works here, with which role, and who is there."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field
from sqlmodel import Session

from api.http.model import IdOf, Input, Instant, Output
from api.http.request import Request
from api.http.route import Route
from api.route.listing import Items
from api.route.token import fresh_token
from api.services import Services
from crm.contact_event import append_born
from crm.users import create_user, get_user, list_users, remove_user, set_presence, update_user
from schemas.error import Conflict
from schemas.event import NewEvent
from storage.table import UserRow

TAGS = ("Users",)
MANAGERS = ("owner",)
Role = Literal["owner", "editor", "agent"]
Presence = Literal["online", "busy", "offline"]
Name = Annotated[str, Field(min_length=1, max_length=100, examples=["Ada Lovelace"])]


class CreateUser(Input):
    """A user to be added."""

    email: Annotated[str, Field(min_length=3, max_length=254, examples=["ada@example.com"])]
    name: Name
    role: Role = "agent"


class ChangeUser(Input):
    """What is to change."""

    name: Name | None = None
    role: Role | None = None


class ChangePresence(Input):
    """Whether the user can take conversations."""

    presence: Presence


class User(Output):
    """Someone who works here."""

    id: Annotated[int, IdOf("usr")]
    email: str
    name: str
    role: str
    presence: str
    created_at: Instant


class UserRoutes:
    """Users."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_users(self, request: Request) -> Items[User]:
        """List the users."""
        rows = await self._services.store.read(lambda session: list_users(session, request.tenant))
        return Items[User](data=tuple(map(_shown, rows)))

    async def create_user(self, request: Request[CreateUser]) -> User:
        """Add a user."""
        body, tenant = request.body, request.tenant
        row = await self._services.store.write(
            lambda session: create_user(session, tenant, body.email, body.name, body.role, request.now)
        )
        self._services.worlds.changed(tenant)
        return _shown(row)

    async def get_user(self, request: Request) -> User:
        """Read a user."""
        return _shown(await self._services.store.read(lambda session: get_user(session, request.tenant, request.id("user"))))

    async def change_user(self, request: Request[ChangeUser]) -> User:
        """Change a user's name or role."""
        body, tenant, user = request.body, request.tenant, request.id("user")
        row = await self._services.store.write(
            lambda session: update_user(session, tenant, user, name=body.name, role=body.role)
        )
        self._services.worlds.changed(tenant)
        return _shown(row)

    async def change_presence(self, request: Request[ChangePresence]) -> User:
        """Say whether a user can take conversations."""
        tenant, user, token = request.tenant, request.id("user"), fresh_token(self._services.random)

        def work(session: Session) -> tuple[UserRow, list[NewEvent]]:
            row, events = set_presence(session, tenant, user, request.body.presence, token, request.now)
            append_born(session, events, request.now)  # with the row, so that a crash can't part them
            return row, events

        row, events = await self._services.store.write(work)
        await self._services.engine.append(events)  # they are there already; this wakes the engine
        return _shown(row)

    async def remove_user(self, request: Request) -> None:
        """Remove a user. What the user wrote stays."""
        tenant, user, token = request.tenant, request.id("user"), fresh_token(self._services.random)
        types = self._services.node_types
        events = await self._services.store.write(
            lambda session: remove_user(session, tenant, user, types, token, request.now)
        )
        self._services.worlds.changed(tenant)
        await self._services.engine.append(events)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        write = "users:write"
        refusals = (Conflict,)
        return (
            Route("GET", "/users", self.list_users, TAGS, scope="users:read"),
            Route("POST", "/users", self.create_user, TAGS, 201, scope=write, roles=MANAGERS, errors=refusals),
            Route("GET", "/users/{user:usr}", self.get_user, TAGS, scope="users:read"),
            Route("PATCH", "/users/{user:usr}", self.change_user, TAGS, scope=write, roles=MANAGERS, errors=refusals),
            Route("PUT", "/users/{user:usr}/presence", self.change_presence, TAGS, scope="presence:write"),
            Route("DELETE", "/users/{user:usr}", self.remove_user, TAGS, scope=write, roles=MANAGERS, errors=refusals),
        )


def _shown(row: UserRow) -> User:
    return User(
        id=row.id, email=row.email, name=row.name, role=row.role, presence=row.presence, created_at=row.created_at
    )
