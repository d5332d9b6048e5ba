"""/globals: values of the workspace's own, which all flows read."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field as Limits
from pydantic import StrictBool, StrictInt, StrictStr

from api.http.model import IdOf, Input, Instant, Output
from api.http.request import Request
from api.http.route import Route
from api.route.listing import Items
from api.services import Services
from crm.globals import change_global, create_global, delete_global, list_globals
from crm.used_by import InUse
from schemas.error import Conflict
from storage.table import GlobalRow

TAGS = ("Settings",)
EDITORS = ("owner", "editor")
MOST_ITEMS = 200
Label = Annotated[str, Limits(min_length=1, max_length=100, examples=["Name of the shop"])]
Finite = Annotated[float, Limits(strict=True, allow_inf_nan=False)]
ListItem = Annotated[StrictStr, Limits(max_length=1_000)]
GlobalValue = Annotated[
    StrictBool | StrictInt | Finite | StrictStr | Annotated[list[ListItem], Limits(max_length=MOST_ITEMS)] | None,
    Limits(description="As its type says; null: empty.", examples=["Anna's flowers"]),
]


class CreateGlobal(Input):
    """A variable to be made. Flows read it as `global.KEY`."""

    key: Annotated[str, Limits(pattern=r"^[a-z_][a-z0-9_]{0,63}$", examples=["shop_name"])]
    label: Label | None = None
    type: Literal["text", "number", "boolean", "date", "list"] = "text"
    value: GlobalValue = None


class ChangeGlobal(Input):
    """Another label or value. Key and type stay."""

    label: Label | None = None
    value: GlobalValue = None


class Global(Output):
    """A value that all flows read."""

    id: Annotated[int, IdOf("glob")]
    key: str
    label: str
    type: str
    value: GlobalValue
    created_at: Instant


class GlobalRoutes:
    """Global variables."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_globals(self, request: Request) -> Items[Global]:
        """List the global variables."""
        rows = await self._services.store.read(lambda session: list_globals(session, request.tenant))
        return Items[Global](data=tuple(map(_shown, rows)))

    async def create_global(self, request: Request[CreateGlobal]) -> Global:
        """Make a global variable."""
        body, tenant = request.body, request.tenant
        row = await self._services.store.write(
            lambda session: create_global(session, tenant, body.key, body.label or "", body.type, body.value, request.now)
        )
        self._services.worlds.changed(tenant)
        return _shown(row)

    async def change_global(self, request: Request[ChangeGlobal]) -> Global:
        """Change a global variable's label or value. Flows that run read the new value at their next step."""
        tenant, id = request.tenant, request.id("global")
        changes = request.body.model_dump(exclude_unset=True)
        if changes.get("label", "") is None:
            del changes["label"]
        row = await self._services.store.write(lambda session: change_global(session, tenant, id, changes))
        self._services.worlds.changed(tenant)
        return _shown(row)

    async def delete_global(self, request: Request) -> None:
        """Delete a global variable. Refused while a published flow uses it."""
        tenant, id, types = request.tenant, request.id("global"), self._services.node_types
        await self._services.store.write(lambda session: delete_global(session, tenant, id, types))
        self._services.worlds.changed(tenant)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        read, write, one = "settings:read", "settings:write", "/globals/{global:glob}"
        return (
            Route("GET", "/globals", self.list_globals, TAGS, scope=read),
            Route("POST", "/globals", self.create_global, TAGS, 201, scope=write, roles=EDITORS, errors=(Conflict,)),
            Route("PATCH", one, self.change_global, TAGS, scope=write, roles=EDITORS),
            Route("DELETE", one, self.delete_global, TAGS, scope=write, roles=EDITORS, errors=(InUse,)),
        )


def _shown(row: GlobalRow) -> Global:
    return Global(
        id=row.id, key=row.key, label=row.label, type=row.type, value=row.value, created_at=row.created_at
    )
