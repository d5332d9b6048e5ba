"""/keys: API keys are made, listed, revoked and rotated."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from api.http.model import IdOf, Input, Instant, Output
from api.http.request import Request
from api.http.route import Route
from api.route.listing import Items
from api.services import Services
from crm.keys import create_key, list_keys, revoke_key, rotate_key
from schemas.api_key import RANDOM_BYTES
from schemas.error import Conflict, Refused
from storage.table import ApiKeyRow

TAGS = ("API keys",)
Scope = Annotated[str, Field(pattern=r"^(\*|[a-z_]{1,40}:(\*|[a-z_]{1,40}))$", examples=["contacts:write", "*"])]


class CreateKey(Input):
    """A key to be made."""

    name: Annotated[str, Field(max_length=100, description="What it is for.", examples=["Web shop"])] = ""
    mode: Literal["live", "test"] = "live"
    scopes: Annotated[tuple[Scope, ...], Field(min_length=1, max_length=100)] = ("*",)


class Key(Output):
    """A key as it can be recognised: its text begins with `prefix`."""

    id: Annotated[int, IdOf("key")]
    name: str
    prefix: str
    mode: str
    scopes: tuple[str, ...]
    created_at: Instant
    last_used_at: Instant | None


class NewKey(Key):
    """A key with its text, which is shown this once."""

    api_key: str


class RotatedKey(Output):
    """The new key. The old one doesn't work any more."""

    api_key: str


class KeyRoutes:
    """API keys."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_keys(self, request: Request) -> Items[Key]:
        """List the API keys.

        Their texts are not kept; `prefix` tells them apart.
        """
        rows = await self._services.store.read(lambda session: list_keys(session, request.tenant))
        return Items[Key](data=tuple(Key(**_facts(row)) for row in rows))

    async def create_key(self, request: Request[CreateKey]) -> NewKey:
        """Make an API key. Its text is shown once, here.

        A key can't give more than it may do itself.
        """
        body, who = request.body, request.principal
        if lacking := [scope for scope in body.scopes if not who.may(scope) or (scope == "*" and "*" not in who.scopes)]:
            raise Refused(f"Your own key lacks {', '.join(lacking)}. Use a key that has it.")
        random = self._services.random(RANDOM_BYTES)
        row, text = await self._services.store.write(
            lambda session: create_key(
                session, who.tenant, random, request.now, name=body.name, mode=body.mode, scopes=body.scopes
            )
        )
        return NewKey(api_key=text, **_facts(row))

    async def revoke_key(self, request: Request) -> None:
        """Revoke an API key. It stops working at once."""
        tenant, key = request.tenant, request.id("key")
        await self._services.store.write(lambda session: revoke_key(session, tenant, key, request.now))

    async def rotate_key(self, request: Request) -> RotatedKey:
        """Replace the key of this very request. The old one stops working at once."""
        who = request.principal
        random = self._services.random(RANDOM_BYTES)
        _, text = await self._services.store.write(
            lambda session: rotate_key(session, who.tenant, who.key_id, random, request.now)
        )
        return RotatedKey(api_key=text)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file. What they answer is never stored under an Idempotency-Key: it holds a secret."""
        owner = ("owner",)
        return (
            Route("GET", "/keys", self.list_keys, TAGS, scope="keys:read", roles=owner),
            Route(
                "POST", "/keys", self.create_key, TAGS, 201, scope="keys:write", roles=owner, idempotency="off",
                errors=(Conflict, Refused),
            ),
            Route("POST", "/keys/rotate", self.rotate_key, TAGS, idempotency="off"),
            Route("DELETE", "/keys/{key:key}", self.revoke_key, TAGS, scope="keys:write", roles=owner),
        )  # fmt: skip


def _facts(row: ApiKeyRow) -> dict[str, Any]:
    return {
        "id": row.id,
        "name": row.name,
        "prefix": f"pd_{row.mode}_{row.public_id}",
        "mode": row.mode,
        "scopes": tuple(row.scopes),
        "created_at": row.created_at,
        "last_used_at": row.last_used_at,
    }
