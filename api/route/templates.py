"""/templates: WhatsApp's approved messages."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from api.http.model import IdOf, Input, Instant, Output, Query
from api.http.request import Request
from api.http.route import Route
from api.route.listing import Items
from api.services import Services
from crm.template_check import InvalidTemplate, preflight
from crm.templates import create_template, delete_template, get_template, list_templates, update_template
from crm.used_by import InUse
from schemas.error import Conflict, NotFound
from storage.table import TemplateRow

TAGS = ("Templates",)
EDITORS = ("owner", "editor")
Category = Literal["MARKETING", "UTILITY", "AUTHENTICATION"]
Status = Literal["draft", "pending", "approved", "rejected", "paused", "disabled"]
Body = Annotated[
    str,
    Field(
        min_length=1,
        max_length=1_024,
        description="The text, with {{1}}, {{2}} … or {{name}} for what is filled in.",
        examples=["Hi {{1}}, your order #{{2}} has been confirmed!"],
    ),
]
Footer = Annotated[str, Field(max_length=60)]


class Header(Input):
    """What stands above the text: words, or a file of a kind that is given with each message."""

    format: Literal["TEXT", "IMAGE", "VIDEO", "DOCUMENT"]
    text: Annotated[str, Field(max_length=60)] = ""


class TemplateButton(Input):
    """A button below the text: a quick reply, or a way to a page or a phone."""

    type: Literal["QUICK_REPLY", "URL", "PHONE_NUMBER"]
    text: Annotated[str, Field(min_length=1, max_length=25)]
    url: Annotated[str, Field(max_length=2_000, pattern=r"^(https?://\S+)?$")] = ""
    phone_number: Annotated[str, Field(max_length=20)] = ""


Buttons = Annotated[tuple[TemplateButton, ...], Field(max_length=10)]


class CreateTemplate(Input):
    """A template to be submitted."""

    name: Annotated[
        str, Field(pattern=r"^[a-z0-9_]{1,512}$", description="Small letters, digits, _.", examples=["order_confirmation"])
    ]
    category: Category
    language: Annotated[str, Field(pattern=r"^[a-z]{2,3}(_[A-Z]{2})?$", examples=["en", "pt_BR"])]
    body: Body
    header: Header | None = None
    footer: Footer = ""
    buttons: Buttons = ()
    channel_id: Annotated[int, IdOf("ch")] | None = None


class ChangeTemplate(Input):
    """Parts to change, while it is a draft or was rejected; or the status, as the provider's own page shows it."""

    category: Category | None = None
    body: Body | None = None
    header: Header | None = None
    footer: Footer | None = None
    buttons: Buttons | None = None
    status: Status | None = None
    reason: Annotated[str, Field(max_length=500)] | None = None


class ListTemplates(Query):
    """Which templates."""

    status: Status | None = None


class Template(Output):
    """A template with its approval status. `warnings` are common reasons for rejection that its text shows."""

    id: Annotated[int, IdOf("tpl")]
    name: str
    category: str
    language: str
    body: str
    header: dict[str, Any] | None
    footer: str
    buttons: tuple[dict[str, Any], ...]
    parameters: tuple[str, ...]
    status: str
    reason: str
    channel_id: Annotated[int, IdOf("ch")] | None
    warnings: tuple[str, ...]
    created_at: Instant
    updated_at: Instant | None


class TemplateRoutes:
    """Templates."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_templates(self, request: Request[None, ListTemplates]) -> Items[Template]:
        """List all templates with their approval status."""
        status = request.query.status
        rows = await self._services.store.read(lambda session: list_templates(session, request.tenant, status))
        return Items[Template](data=tuple(map(_shown, rows)))

    async def create_template(self, request: Request[CreateTemplate]) -> Template:
        """Submit a template for review.

        It is `pending` until Meta decides. Without a connected WhatsApp channel it stays a `draft`.
        """
        body, tenant = request.body, request.tenant
        row = await self._services.store.write(
            lambda session: create_template(
                session,
                tenant,
                body.name,
                body.category,
                body.language,
                body.body,
                request.now,
                header=body.header.model_dump() if body.header else None,
                footer=body.footer,
                buttons=[button.model_dump() for button in body.buttons],
                channel=body.channel_id or 0,
            )
        )
        self._services.worlds.changed(tenant)
        return _shown(row)

    async def get_template(self, request: Request) -> Template:
        """Read a template."""
        row = await self._services.store.read(lambda session: get_template(session, request.tenant, request.id("template")))
        return _shown(row)

    async def change_template(self, request: Request[ChangeTemplate]) -> Template:
        """Change a template, or note the status that the provider's page shows."""
        tenant, template = request.tenant, request.id("template")
        changes = request.body.model_dump(mode="json", exclude_unset=True)
        changes = {key: value for key, value in changes.items() if value is not None or key == "header"}
        row = await self._services.store.write(
            lambda session: update_template(session, tenant, template, changes, request.now)
        )
        self._services.worlds.changed(tenant)
        return _shown(row)

    async def delete_template(self, request: Request) -> None:
        """Delete our record of a template. Refused while a published flow sends it."""
        tenant, template, types = request.tenant, request.id("template"), self._services.node_types
        await self._services.store.write(lambda session: delete_template(session, tenant, template, types))
        self._services.worlds.changed(tenant)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        read, write, one = "templates:read", "templates:write", "/templates/{template:tpl}"
        refusals = (Conflict, InvalidTemplate)
        return (
            Route("GET", "/templates", self.list_templates, TAGS, scope=read),
            Route(
                "POST", "/templates", self.create_template, TAGS, 201, scope=write, roles=EDITORS,
                errors=(*refusals, NotFound),
            ),
            Route("GET", one, self.get_template, TAGS, scope=read),
            Route("PATCH", one, self.change_template, TAGS, scope=write, roles=EDITORS, errors=refusals),
            Route("DELETE", one, self.delete_template, TAGS, scope=write, roles=EDITORS, errors=(InUse,)),
        )  # fmt: skip


def _shown(row: TemplateRow) -> Template:
    return Template(
        id=row.id,
        name=row.name,
        category=row.category,
        language=row.language,
        body=row.body,
        header=row.header,
        footer=row.footer,
        buttons=tuple(row.buttons),
        parameters=tuple(row.parameters),
        status=row.status,
        reason=row.reason,
        channel_id=row.channel or None,
        warnings=preflight(row.body, row.footer, row.category, row.buttons),
        created_at=row.created_at,
        updated_at=row.updated_at,
    )
