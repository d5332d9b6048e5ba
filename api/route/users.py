"""/users: who works here, with which role, and who is there."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field
from sqlmodel import Session

from api.cookie import fresh_secret
from api.http.error import Forbidden
from api.http.model import IdOf, Input, Instant, Output
from api.http.request import Request
from api.http.route import Route
from api.route.listing import Items
from api.route.token import fresh_token
from api.services import Services
from crm.contact_event import append_born
from crm.sign_in import drop_access, make_link, open_links
from crm.users import create_user, get_user, list_users, remove_user, set_presence, update_user
from schemas.error import Conflict
from schemas.event import NewEvent
from storage.table import SignInLinkRow, UserRow

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
    signs_in: Annotated[bool, Field(description="Has a password. Else make a link with POST /users/{user}/link.")]
    link_until: Annotated[Instant | None, Field(description="Until when a link that was made still works.")]
    created_at: Instant


class SignInLink(Output):
    """A one-time link for a user; give it to nobody else. It is shown once, here, and replaces earlier ones."""

    url: str
    purpose: Literal["invite", "reset"]
    expires_at: Instant


class UserRoutes:
    """Users."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_users(self, request: Request) -> Items[User]:
        """List the users."""

        def work(session: Session) -> tuple[User, ...]:
            links = open_links(session, request.tenant, request.now)
            return tuple(_shown(row, links.get(row.id)) for row in list_users(session, request.tenant))

        return Items[User](data=await self._services.store.read(work))

    async def create_user(self, request: Request[CreateUser]) -> User:
        """Add a user."""
        body, tenant = request.body, request.tenant
        row = await self._services.store.write(
            lambda session: create_user(session, tenant, body.email, body.name, body.role, request.now)
        )
        self._services.worlds.changed(tenant)
        return _shown(row, None)

    async def make_link(self, request: Request) -> SignInLink:
        """Make a one-time link by which a user sets a password and signs in: an invitation, or for a forgotten password."""
        tenant, user, token = request.tenant, request.id("user"), fresh_secret(self._services.random)
        made_by = request.principal.user or 0
        row = await self._services.store.write(
            lambda session: make_link(session, tenant, user, token, request.now, made_by=made_by)
        )
        url = link_address(self._services.public_url, token)
        return SignInLink.model_validate({"url": url, "purpose": row.purpose, "expires_at": row.expires_at})

    async def get_user(self, request: Request) -> User:
        """Read a user."""
        return await self._services.store.read(
            lambda session: _with_link(session, get_user(session, request.tenant, request.id("user")), request.now)
        )

    async def change_user(self, request: Request[ChangeUser]) -> User:
        """Change a user's name or role."""
        body, tenant, user = request.body, request.tenant, request.id("user")
        changed = await self._services.store.write(
            lambda session: _with_link(
                session, update_user(session, tenant, user, name=body.name, role=body.role), request.now
            )
        )
        self._services.worlds.changed(tenant)
        return changed

    async def change_presence(self, request: Request[ChangePresence]) -> User:
        """Say whether a user can take conversations. Agents say it of themselves only."""
        who = request.principal
        if who.role == "agent" and who.user != request.id("user"):
            raise Forbidden("You can only say whether you yourself are there.", type="missing_role")
        tenant, user, token = request.tenant, request.id("user"), fresh_token(self._services.random)

        def work(session: Session) -> tuple[User, list[NewEvent]]:
            row, events = set_presence(session, tenant, user, request.body.presence, token, request.now)
            append_born(session, events, request.now)  # with the row, so that a crash can't part them
            return _with_link(session, row, request.now), events

        changed, events = await self._services.store.write(work)
        await self._services.engine.append(events)  # they are there already; this wakes the engine
        return changed

    async def remove_user(self, request: Request) -> None:
        """Remove a user, who is signed out at once. What the user wrote stays."""
        tenant, user, token = request.tenant, request.id("user"), fresh_token(self._services.random)
        types = self._services.node_types

        def work(session: Session) -> list[NewEvent]:
            events = remove_user(session, tenant, user, types, token, request.now)
            drop_access(session, user)
            return events

        events = await self._services.store.write(work)
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
            Route(
                "POST", "/users/{user:usr}/link", self.make_link, TAGS, 201, scope=write, roles=MANAGERS, idempotency="off",
            ),
            Route("GET", "/users/{user:usr}", self.get_user, TAGS, scope="users:read"),
            Route("PATCH", "/users/{user:usr}", self.change_user, TAGS, scope=write, roles=MANAGERS, errors=refusals),
            Route("PUT", "/users/{user:usr}/presence", self.change_presence, TAGS, scope="presence:write"),
            Route("DELETE", "/users/{user:usr}", self.remove_user, TAGS, scope=write, roles=MANAGERS, errors=refusals),
        )  # fmt: skip


def link_address(public_url: str, token: str) -> str:
    """Where a one-time link leads. Behind the # no server and no log ever sees it.

    >>> link_address("https://chat.example", "abc")
    'https://chat.example/welcome#abc'
    """
    return f"{public_url}/welcome#{token}"


def _with_link(session: Session, row: UserRow, now: datetime) -> User:
    return _shown(row, open_links(session, row.tenant, now).get(row.id))


def _shown(row: UserRow, link: SignInLinkRow | None) -> User:
    return User(
        id=row.id,
        email=row.email,
        name=row.name,
        role=row.role,
        presence=row.presence,
        signs_in=row.password_hash is not None,
        link_until=link.expires_at if link else None,
        created_at=row.created_at,
    )
