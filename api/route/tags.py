"""/tags: which there are, renaming and removing them everywhere."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from api.http.model import Input, Output
from api.http.page import Page, PageQuery, page_of
from api.http.request import Request
from api.http.route import Route
from api.route.actor import actor_of
from api.route.contact_model import TagName
from api.services import Services
from crm.tags import check_tag_change, list_tags, replace_tag
from crm.used_by import InUse
from schemas.error import NotFound

TAGS = ("Contacts",)
ROUNDS = 5_000
"""Transactions of one request at most: a million contacts."""


class TagShown(Output):
    """A tag, and how many contacts have it."""

    tag: str
    contacts: int


class RenameTag(Input):
    """The tag's new name. Where another tag has it, the two become one."""

    tag: TagName


class TagChanged(Output):
    """How many contacts changed."""

    contacts: Annotated[int, Field(ge=0)]


class TagRoutes:
    """Tags."""

    def __init__(self, services: Services) -> None:
        self._services = services

    async def list_tags(self, request: Request[None, PageQuery]) -> Page[TagShown]:
        """List the tags in use, by name."""
        query = request.query
        found, total = await self._services.store.read(
            lambda session: list_tags(session, request.tenant, offset=query.offset, limit=query.limit)
        )
        return page_of(TagShown, [TagShown(tag=tag, contacts=count) for tag, count in found], total, query)

    async def rename_tag(self, request: Request[RenameTag]) -> TagChanged:
        """Rename a tag. Refused while a published flow uses it."""
        return await self._replace(request.tenant, request, request.body.tag)

    async def delete_tag(self, request: Request) -> TagChanged:
        """Take a tag from all contacts. Refused while a published flow uses it."""
        return await self._replace(request.tenant, request, None)

    async def _replace(self, tenant: int, request: Request[RenameTag] | Request, new: str | None) -> TagChanged:
        tag, actor, types = request.name("tag"), actor_of(request), self._services.node_types
        store = self._services.store
        await store.read(lambda session: check_tag_change(session, tenant, tag, types))
        changed = 0
        for _ in range(ROUNDS):
            some = await store.write(lambda session: replace_tag(session, tenant, tag, new, now=request.now, actor=actor))
            if not some:
                break
            changed += some
        return TagChanged(contacts=changed)

    @property
    def routes(self) -> tuple[Route, ...]:
        """The routes of this file."""
        write = "contacts:write"
        return (
            Route("GET", "/tags", self.list_tags, TAGS, scope="contacts:read"),
            Route("PATCH", "/tags/{tag}", self.rename_tag, TAGS, errors=(InUse, NotFound), scope=write, timeout=300),
            Route("DELETE", "/tags/{tag}", self.delete_tag, TAGS, errors=(InUse, NotFound), scope=write, timeout=300),
        )
