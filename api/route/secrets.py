"""/secrets: keys and passwords of other systems, which flows send and nobody reads again."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import Field

from api.http.error import ValidationFailed
from api.http.model import Input, Instant, Output
from api.http.request import Request
from api.http.route import Route
from api.route.listing import Items
from api.services import Services
from crm.secrets import delete_secret, list_secrets, put_secret
from crm.used_by import InUse
from schemas.error import Conflict, NotFound
from schemas.flow import NAME
from storage.table import SecretRow

TAGS = ("Settings",)
EDITORS = ("owner", "editor")
LONGEST = 8_000
"""Characters of a value: a private key in PEM has some 3,000."""
_NAME = re.compile(NAME)


class PutSecret(Input):
    """The value. It is sealed at once, and never shown again."""

    value: Annotated[str, Field(min_length=1, max_length=LONGEST, examples=["sk_live_4f…"])]


class Secret(Output):
    """A secret as it can be recognised: by its name. Flows send it as `{{secret.NAME}}`."""

    name: str
    created_at: Instant
    changed_at: Instant
    used_at: Annotated[Instant | None, Field(description="When a request last took it along, to the minute.")]


class SecretRoutes:
    """Secrets."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_secrets(self, request: Request) -> Items[Secret]:
        """List the secrets by name. Their values are never shown."""
        rows = await self._services.store.read(lambda session: list_secrets(session, request.tenant))
        return Items[Secret](data=tuple(map(_shown, rows)))

    async def put_secret(self, request: Request[PutSecret]) -> Secret:
        """Enter a secret, or another value for it. The next request of a flow takes the new one."""
        name, tenant, value = _name(request.name("secret")), request.tenant, request.body.value
        box = self._services.secrets
        row = await self._services.store.write(lambda session: put_secret(session, tenant, name, value, box, request.now))
        self._services.worlds.changed(tenant)
        return _shown(row)

    async def delete_secret(self, request: Request) -> None:
        """Forget a secret. Refused while a published flow sends it."""
        name, tenant, types = request.name("secret"), request.tenant, self._services.node_types
        await self._services.store.write(lambda session: delete_secret(session, tenant, name, types))
        self._services.worlds.changed(tenant)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file. What they take is never stored under an Idempotency-Key: it holds a secret."""
        read, write, one = "secrets:read", "secrets:write", "/secrets/{secret}"
        return (
            Route("GET", "/secrets", self.list_secrets, TAGS, scope=read, roles=EDITORS),
            Route("PUT", one, self.put_secret, TAGS, scope=write, roles=EDITORS, idempotency="off", errors=(Conflict,)),
            Route("DELETE", one, self.delete_secret, TAGS, scope=write, roles=EDITORS, errors=(InUse, NotFound)),
        )


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValidationFailed("A secret's name has letters, digits and _, begins with no digit, and has at most 64 characters.")
    return name


def _shown(row: SecretRow) -> Secret:
    return Secret(name=row.name, created_at=row.created_at, changed_at=row.changed_at, used_at=row.used_at)
