"""/settings: what holds for the whole workspace."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.http.model import Output
from api.http.request import Request
from api.http.route import Route
from api.services import Services
from crm.settings import WorkspaceSettings, read_settings, update_settings
from storage.table import TenantRow

TAGS = ("Settings",)


class SettingsAnswer(WorkspaceSettings, Output):
    """The workspace's settings; null: the default."""

    name: str
    status: str


class ChangeSettings(WorkspaceSettings):
    """The settings to change; null brings a default back."""

    name: Annotated[str, Field(min_length=1, max_length=100)] | None = None


class SettingsRoutes:
    """Reading and changing settings."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def read_settings(self, request: Request) -> SettingsAnswer:
        """Read the workspace's settings."""
        return _shown(*await self._services.store.read(lambda session: read_settings(session, request.tenant)))

    async def change_settings(self, request: Request[ChangeSettings]) -> SettingsAnswer:
        """Change the workspace's settings."""
        body = request.body
        changes = WorkspaceSettings.model_validate(body.model_dump(exclude_unset=True, exclude={"name"}))
        tenant = request.tenant
        answer = await self._services.store.write(lambda session: update_settings(session, tenant, changes, body.name))
        self._services.worlds.changed(tenant)
        return _shown(*answer)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        return (
            Route("GET", "/settings", self.read_settings, TAGS, scope="settings:read"),
            Route("PATCH", "/settings", self.change_settings, TAGS, scope="settings:write", roles=("owner", "editor")),
        )


def _shown(row: TenantRow, settings: WorkspaceSettings) -> SettingsAnswer:
    return SettingsAnswer.model_validate({**settings.model_dump(), "name": row.name, "status": row.status})
