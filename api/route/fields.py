"""/fields: what may be known of contacts."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field as Limits

from api.http.model import IdOf, Input, Instant, Output
from api.http.request import Request
from api.http.route import Route
from api.route.listing import Items
from api.services import Services
from crm.fields import create_field, delete_field, list_fields, relabel_field
from crm.used_by import InUse
from schemas.error import Conflict
from storage.table import FieldRow

TAGS = ("Contact fields",)
EDITORS = ("owner", "editor")
Label = Annotated[str, Limits(min_length=1, max_length=100, examples=["Monthly budget"])]


class CreateField(Input):
    """A field to be made. Flows read it as `contact.fields.KEY`."""

    key: Annotated[str, Limits(pattern=r"^[a-z_][a-z0-9_]{0,63}$", examples=["budget"])]
    label: Label | None = None
    type: Literal["text", "number", "boolean", "date", "list"] = "text"


class ChangeField(Input):
    """Another label. Key and type stay."""

    label: Label


class Field(Output):
    """A field that contacts may have."""

    id: Annotated[int, IdOf("fld")]
    key: str
    label: str
    type: str
    created_at: Instant


class FieldRoutes:
    """Contact fields."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_fields(self, request: Request) -> Items[Field]:
        """List the contact fields."""
        rows = await self._services.store.read(lambda session: list_fields(session, request.tenant))
        return Items[Field](data=tuple(map(_shown, rows)))

    async def create_field(self, request: Request[CreateField]) -> Field:
        """Make a contact field."""
        body, tenant = request.body, request.tenant
        row = await self._services.store.write(
            lambda session: create_field(session, tenant, body.key, body.label or "", body.type, request.now)
        )
        self._services.worlds.changed(tenant)
        return _shown(row)

    async def change_field(self, request: Request[ChangeField]) -> Field:
        """Change a field's label."""
        tenant, field = request.tenant, request.id("field")
        row = await self._services.store.write(
            lambda session: relabel_field(session, tenant, field, request.body.label)
        )
        return _shown(row)

    async def delete_field(self, request: Request) -> None:
        """Delete a field. Refused while a published flow uses it; contacts keep their values."""
        tenant, field, types = request.tenant, request.id("field"), self._services.node_types
        await self._services.store.write(lambda session: delete_field(session, tenant, field, types))
        self._services.worlds.changed(tenant)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        read, write = "fields:read", "fields:write"
        return (
            Route("GET", "/fields", self.list_fields, TAGS, scope=read),
            Route("POST", "/fields", self.create_field, TAGS, 201, scope=write, roles=EDITORS, errors=(Conflict,)),
            Route("PATCH", "/fields/{field:fld}", self.change_field, TAGS, scope=write, roles=EDITORS),
            Route("DELETE", "/fields/{field:fld}", self.delete_field, TAGS, scope=write, roles=EDITORS, errors=(InUse,)),
        )


def _shown(row: FieldRow) -> Field:
    return Field(id=row.id, key=row.key, label=row.label, type=row.type, created_at=row.created_at)
